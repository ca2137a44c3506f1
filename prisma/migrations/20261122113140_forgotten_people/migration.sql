-- AlterTable
ALTER TABLE "people" ADD COLUMN     "forgotten_at" TIMESTAMPTZ(3);
