-- AlterTable
ALTER TABLE "credentials" ADD COLUMN     "uses_to_judge" BOOLEAN NOT NULL DEFAULT true;

-- AlterTable
ALTER TABLE "findings" ADD COLUMN     "seen_at" TIMESTAMPTZ(3),
ADD COLUMN     "seen_by_id" UUID,
ADD COLUMN     "seen_reason" TEXT;

-- AddForeignKey
ALTER TABLE "findings" ADD CONSTRAINT "findings_seen_by_id_fkey" FOREIGN KEY ("seen_by_id") REFERENCES "people"("id") ON DELETE SET NULL ON UPDATE CASCADE;

ALTER TABLE "findings" ADD CONSTRAINT "findings_seen" CHECK (("seen_at" IS NULL) = ("seen_reason" IS NULL));

-- What the detector of uses outside of sessions has still to look at.
CREATE INDEX "credentials_uses_to_judge_idx" ON "credentials"("id") WHERE "uses_to_judge";
