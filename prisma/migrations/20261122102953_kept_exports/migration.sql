-- DropIndex
DROP INDEX "exports_started_at_id_idx";

-- AlterTable
ALTER TABLE "exports" ADD COLUMN     "attempt" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "bytes" BIGINT,
ADD COLUMN     "card" TEXT,
ADD COLUMN     "definition_version" INTEGER NOT NULL DEFAULT 1,
ADD COLUMN     "expires_at" TIMESTAMPTZ(3),
ADD COLUMN     "failure" TEXT,
ADD COLUMN     "file_name" TEXT,
ADD COLUMN     "progress_at" TIMESTAMPTZ(3),
ADD COLUMN     "requested_at" TIMESTAMPTZ(3),
ADD COLUMN     "rows_done" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "rows_total" INTEGER,
ALTER COLUMN "as_of" DROP NOT NULL,
ALTER COLUMN "started_at" DROP NOT NULL;

-- Files of earlier exports were streamed and not kept: their rows say so.
UPDATE "exports" SET "requested_at" = "started_at", "progress_at" = coalesce("finished_at", "started_at"), "expires_at" = "finished_at",
  "rows_done" = coalesce("rows", 0), "state" = CASE "state" WHEN 'complete' THEN 'expired' ELSE 'failed' END;
ALTER TABLE "exports" ALTER COLUMN "progress_at" SET NOT NULL, ALTER COLUMN "requested_at" SET NOT NULL;

-- CreateTable
CREATE TABLE "export_parts" (
    "export_id" UUID NOT NULL,
    "attempt" INTEGER NOT NULL,
    "number" INTEGER NOT NULL,
    "bytes" BYTEA NOT NULL,

    CONSTRAINT "export_parts_pkey" PRIMARY KEY ("export_id","attempt","number")
);

-- CreateIndex
CREATE INDEX "exports_requested_at_id_idx" ON "exports"("requested_at", "id");

-- CreateIndex
CREATE INDEX "exports_state_requested_at_idx" ON "exports"("state", "requested_at");

-- AddForeignKey
ALTER TABLE "export_parts" ADD CONSTRAINT "export_parts_export_id_fkey" FOREIGN KEY ("export_id") REFERENCES "exports"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- The files are compressed already.
ALTER TABLE "export_parts" ALTER COLUMN "bytes" SET STORAGE EXTERNAL;
