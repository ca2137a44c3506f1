-- DropForeignKey
ALTER TABLE "uses" DROP CONSTRAINT "uses_grant_id_fkey";

-- DropIndex
DROP INDEX "uses_grant_id_key_key";

-- CreateTable
CREATE TABLE "sources" (
    "id" UUID NOT NULL,
    "system_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "format" TEXT,
    "is_live" BOOLEAN NOT NULL DEFAULT false,
    "lag_seconds" INTEGER NOT NULL,
    "clock_offset_ms" INTEGER NOT NULL DEFAULT 0,
    "folder" TEXT,
    "position" JSONB,
    "covers_from" TIMESTAMPTZ(3),
    "watermark" TIMESTAMPTZ(3),
    "received_at" TIMESTAMPTZ(3),
    "lines_read" BIGINT NOT NULL DEFAULT 0,
    "lines_rejected" BIGINT NOT NULL DEFAULT 0,
    "lines_repeated" BIGINT NOT NULL DEFAULT 0,
    "uses_kept" BIGINT NOT NULL DEFAULT 0,
    "last_error" TEXT,
    "last_error_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "created_by_id" UUID,
    "closed_at" TIMESTAMPTZ(3),

    CONSTRAINT "sources_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "source_rejections" (
    "source_id" UUID NOT NULL,
    "seq" BIGINT NOT NULL,
    "place" TEXT NOT NULL,
    "line" INTEGER NOT NULL,
    "code" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "source_rejections_pkey" PRIMARY KEY ("source_id","seq")
);

-- CreateTable
CREATE TABLE "source_files" (
    "id" UUID NOT NULL,
    "source_id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "failure" TEXT,
    "sha256" TEXT,
    "bytes" BIGINT NOT NULL DEFAULT 0,
    "lines_read" INTEGER NOT NULL DEFAULT 0,
    "lines_rejected" INTEGER NOT NULL DEFAULT 0,
    "lines_repeated" INTEGER NOT NULL DEFAULT 0,
    "uses_kept" INTEGER NOT NULL DEFAULT 0,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "source_files_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "source_tokens" (
    "id" UUID NOT NULL,
    "source_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "token_hash" BYTEA NOT NULL,
    "created_by_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "last_used_at" TIMESTAMPTZ(3),
    "withdrawn_at" TIMESTAMPTZ(3),

    CONSTRAINT "source_tokens_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "session_markers" (
    "grant_id" UUID NOT NULL,
    "system_id" UUID NOT NULL,
    "marker" TEXT NOT NULL,
    "learned_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "session_markers_pkey" PRIMARY KEY ("grant_id","marker")
);

-- AlterTable
ALTER TABLE "uses" ADD COLUMN     "action" TEXT,
ADD COLUMN     "is_late" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "markers" TEXT[] DEFAULT ARRAY[]::TEXT[],
ADD COLUMN     "objects" TEXT[] DEFAULT ARRAY[]::TEXT[],
ADD COLUMN     "objects_by" TEXT,
ADD COLUMN     "outcome" TEXT NOT NULL DEFAULT 'allowed',
ADD COLUMN     "principal" TEXT,
ADD COLUMN     "received_at" TIMESTAMPTZ(3),
ADD COLUMN     "rule" TEXT,
ADD COLUMN     "source_id" UUID,
ADD COLUMN     "statement_hash" TEXT,
ADD COLUMN     "system_id" UUID,
ALTER COLUMN "grant_id" DROP NOT NULL,
ALTER COLUMN "match" DROP NOT NULL;

-- Each system whose open connections are looked at has a source that says so; the uses of before came from there.
INSERT INTO "sources" ("id", "system_id", "name", "kind", "lag_seconds", "watermark", "created_at")
SELECT gen_random_uuid(), s."id", 'Open connections', 'polled', 0, s."observed_at", s."created_at" FROM "systems" s
WHERE EXISTS (SELECT FROM "uses" u JOIN "grants" g ON g."id" = u."grant_id" WHERE g."system_id" = s."id");

UPDATE "uses" u SET "system_id" = g."system_id", "source_id" = s."id"
FROM "grants" g JOIN "sources" s ON s."system_id" = g."system_id" AND s."kind" = 'polled' WHERE g."id" = u."grant_id";

ALTER TABLE "uses" ALTER COLUMN "system_id" SET NOT NULL, ALTER COLUMN "source_id" SET NOT NULL;

-- A use is matched with everything that says how, or not at all.
ALTER TABLE "uses" ADD CONSTRAINT "uses_match" CHECK (
  ("grant_id" IS NULL AND "match" IS NULL) OR ("grant_id" IS NOT NULL AND "match" IN ('exact', 'strong', 'inferred')));
ALTER TABLE "sources" ADD CONSTRAINT "sources_kind" CHECK ("kind" IN ('polled', 'log'));

-- A session that becomes known later finds the uses that waited for it.
CREATE INDEX "uses_markers_unmatched_idx" ON "uses" USING GIN ("markers") WHERE "grant_id" IS NULL;

-- CreateIndex
CREATE UNIQUE INDEX "sources_system_id_name_key" ON "sources"("system_id", "name");

-- CreateIndex
CREATE INDEX "source_files_source_id_started_at_idx" ON "source_files"("source_id", "started_at");

-- CreateIndex
CREATE UNIQUE INDEX "source_tokens_token_hash_key" ON "source_tokens"("token_hash");

-- CreateIndex
CREATE INDEX "source_tokens_source_id_idx" ON "source_tokens"("source_id");

-- CreateIndex
CREATE INDEX "session_markers_system_id_marker_idx" ON "session_markers"("system_id", "marker");

-- CreateIndex
CREATE INDEX "uses_grant_id_started_at_id_idx" ON "uses"("grant_id", "started_at", "id");

-- CreateIndex
CREATE INDEX "uses_system_id_started_at_id_idx" ON "uses"("system_id", "started_at", "id");

-- CreateIndex
CREATE UNIQUE INDEX "uses_source_id_key_key" ON "uses"("source_id", "key");

-- AddForeignKey
ALTER TABLE "sources" ADD CONSTRAINT "sources_system_id_fkey" FOREIGN KEY ("system_id") REFERENCES "systems"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "sources" ADD CONSTRAINT "sources_created_by_id_fkey" FOREIGN KEY ("created_by_id") REFERENCES "people"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "source_rejections" ADD CONSTRAINT "source_rejections_source_id_fkey" FOREIGN KEY ("source_id") REFERENCES "sources"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "source_files" ADD CONSTRAINT "source_files_source_id_fkey" FOREIGN KEY ("source_id") REFERENCES "sources"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "source_files" ADD CONSTRAINT "source_files_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "people"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "source_tokens" ADD CONSTRAINT "source_tokens_source_id_fkey" FOREIGN KEY ("source_id") REFERENCES "sources"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "source_tokens" ADD CONSTRAINT "source_tokens_created_by_id_fkey" FOREIGN KEY ("created_by_id") REFERENCES "people"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "session_markers" ADD CONSTRAINT "session_markers_grant_id_fkey" FOREIGN KEY ("grant_id") REFERENCES "grants"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "session_markers" ADD CONSTRAINT "session_markers_system_id_fkey" FOREIGN KEY ("system_id") REFERENCES "systems"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "uses" ADD CONSTRAINT "uses_grant_id_fkey" FOREIGN KEY ("grant_id") REFERENCES "grants"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "uses" ADD CONSTRAINT "uses_system_id_fkey" FOREIGN KEY ("system_id") REFERENCES "systems"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "uses" ADD CONSTRAINT "uses_source_id_fkey" FOREIGN KEY ("source_id") REFERENCES "sources"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
