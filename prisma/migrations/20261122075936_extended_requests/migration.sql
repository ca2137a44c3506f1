-- AlterTable
ALTER TABLE "grants" ADD COLUMN     "continues_id" UUID,
ADD COLUMN     "not_before" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "requests" ADD COLUMN     "after_id" UUID,
ADD COLUMN     "earlier_seconds" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "extends_id" UUID,
ADD COLUMN     "not_before" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "request_comments" (
    "id" UUID NOT NULL,
    "request_id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "answers_id" UUID,
    "text" TEXT,
    "written_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "request_comments_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "request_comments_request_id_written_at_idx" ON "request_comments"("request_id", "written_at");

-- CreateIndex
CREATE INDEX "request_comments_person_id_idx" ON "request_comments"("person_id");

-- CreateIndex
CREATE INDEX "request_comments_answers_id_idx" ON "request_comments"("answers_id");

-- CreateIndex
CREATE INDEX "grants_continues_id_idx" ON "grants"("continues_id");

-- CreateIndex
CREATE INDEX "requests_extends_id_idx" ON "requests"("extends_id");

-- CreateIndex
CREATE INDEX "requests_after_id_idx" ON "requests"("after_id");

-- AddForeignKey
ALTER TABLE "grants" ADD CONSTRAINT "grants_continues_id_fkey" FOREIGN KEY ("continues_id") REFERENCES "grants"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "requests" ADD CONSTRAINT "requests_extends_id_fkey" FOREIGN KEY ("extends_id") REFERENCES "requests"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "requests" ADD CONSTRAINT "requests_after_id_fkey" FOREIGN KEY ("after_id") REFERENCES "requests"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "request_comments" ADD CONSTRAINT "request_comments_request_id_fkey" FOREIGN KEY ("request_id") REFERENCES "requests"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "request_comments" ADD CONSTRAINT "request_comments_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "people"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "request_comments" ADD CONSTRAINT "request_comments_answers_id_fkey" FOREIGN KEY ("answers_id") REFERENCES "request_comments"("id") ON DELETE SET NULL ON UPDATE CASCADE;
