-- AlterTable
ALTER TABLE "credentials" ADD COLUMN     "ours" TEXT;

-- AlterTable
ALTER TABLE "review_outcomes" ADD COLUMN     "said_at" TIMESTAMPTZ(3),
ADD COLUMN     "said_by_id" UUID,
ADD COLUMN     "said_reason" TEXT,
ADD COLUMN     "said_where" TEXT;

-- AlterTable
ALTER TABLE "review_reviewers" ADD COLUMN     "away_until" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "suspended_credentials" ADD COLUMN     "back_at" TIMESTAMPTZ(3);

-- AddForeignKey
ALTER TABLE "review_outcomes" ADD CONSTRAINT "review_outcomes_said_by_id_fkey" FOREIGN KEY ("said_by_id") REFERENCES "people"("id") ON DELETE SET NULL ON UPDATE CASCADE;
