-- AlterTable
ALTER TABLE "systems" ADD COLUMN     "listed_at" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "listed_credentials" (
    "system_id" UUID NOT NULL,
    "handle" TEXT NOT NULL,
    "grant_id" UUID NOT NULL,
    "target_id" TEXT,
    "first_seen_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "listed_credentials_pkey" PRIMARY KEY ("system_id","handle")
);

-- CreateIndex
CREATE INDEX "listed_credentials_grant_id_idx" ON "listed_credentials"("grant_id");

-- AddForeignKey
ALTER TABLE "listed_credentials" ADD CONSTRAINT "listed_credentials_system_id_fkey" FOREIGN KEY ("system_id") REFERENCES "systems"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
