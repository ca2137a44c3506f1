-- CreateTable
CREATE TABLE "questions" (
    "id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "filter" JSONB NOT NULL,
    "is_shared" BOOLEAN NOT NULL DEFAULT false,
    "schedule" TEXT NOT NULL DEFAULT 'never',
    "format" TEXT NOT NULL DEFAULT 'csv',
    "next_run_at" TIMESTAMPTZ(3),
    "last_from" TEXT,
    "last_to" TEXT,
    "last_export_id" UUID,
    "last_refusal" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "changed_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "questions_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "questions_next_run_at_idx" ON "questions"("next_run_at");

-- CreateIndex
CREATE UNIQUE INDEX "questions_person_id_name_key" ON "questions"("person_id", "name");

-- AddForeignKey
ALTER TABLE "questions" ADD CONSTRAINT "questions_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "people"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
