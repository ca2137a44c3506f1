-- The reason says why, so that it is kept once.
ALTER TABLE "votes" DROP COLUMN "haste",
ADD COLUMN     "is_hasty" BOOLEAN NOT NULL DEFAULT false;
