-- AlterTable
ALTER TABLE "checkpoint_places" ADD COLUMN     "certificates" TEXT,
ADD COLUMN     "is_anchored" BOOLEAN;

-- CreateTable
CREATE TABLE "forgettings" (
    "person_id" UUID NOT NULL,
    "asked_by_id" UUID NOT NULL,
    "asked_at" TIMESTAMPTZ(3) NOT NULL,
    "state" TEXT NOT NULL,
    "step" TEXT NOT NULL,
    "after" TEXT,
    "values" INTEGER NOT NULL DEFAULT 0,
    "elsewhere" JSONB NOT NULL DEFAULT '{}',
    "changed_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "forgettings_pkey" PRIMARY KEY ("person_id")
);

-- CreateIndex
CREATE INDEX "forgettings_state_idx" ON "forgettings"("state");

-- AddForeignKey
ALTER TABLE "forgettings" ADD CONSTRAINT "forgettings_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "people"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- A closed vocabulary.
ALTER TABLE "forgettings" ADD CONSTRAINT "forgettings_state" CHECK (state IN ('running', 'stopped', 'done'));
