-- AlterTable
ALTER TABLE "request_entitlements" ADD COLUMN     "left_out_at" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "requests" ADD COLUMN     "risk" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "risk_parts" JSONB NOT NULL DEFAULT '[]',
ADD COLUMN     "shape" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "step_up" BOOLEAN NOT NULL DEFAULT false;

-- AlterTable
ALTER TABLE "votes" ADD COLUMN     "batch_size" INTEGER NOT NULL DEFAULT 1,
ADD COLUMN     "haste" TEXT,
ADD COLUMN     "idle_seconds" INTEGER,
ADD COLUMN     "max_uses" INTEGER,
ADD COLUMN     "proof_id" UUID,
ADD COLUMN     "was_opened" BOOLEAN NOT NULL DEFAULT false;

-- CreateTable
CREATE TABLE "request_looks" (
    "request_id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "version" INTEGER NOT NULL,
    "first_at" TIMESTAMPTZ(3) NOT NULL,
    "last_at" TIMESTAMPTZ(3) NOT NULL,
    "took_ms" INTEGER,

    CONSTRAINT "request_looks_pkey" PRIMARY KEY ("request_id","person_id")
);

-- CreateIndex
CREATE INDEX "request_looks_person_id_last_at_idx" ON "request_looks"("person_id", "last_at");

-- CreateIndex
CREATE UNIQUE INDEX "votes_proof_id_key" ON "votes"("proof_id");

-- AddForeignKey
ALTER TABLE "votes" ADD CONSTRAINT "votes_proof_id_fkey" FOREIGN KEY ("proof_id") REFERENCES "step_up_proofs"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "request_looks" ADD CONSTRAINT "request_looks_request_id_fkey" FOREIGN KEY ("request_id") REFERENCES "requests"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "request_looks" ADD CONSTRAINT "request_looks_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "people"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- The queue of 100,000 waiting requests is read along this index, and its groups along the other one.
CREATE INDEX "requests_waiting_by_risk" ON "requests" ((-"risk"), "submitted_at", "id") WHERE "state" = 'pending';
CREATE INDEX "requests_waiting_by_shape" ON "requests" ("shape") WHERE "state" = 'pending';
CREATE INDEX "stage_members_asked" ON "stage_members" ("person_id", "stage_id") WHERE "removed_at" IS NULL;

ALTER TABLE "requests" ADD CONSTRAINT "requests_risk_check" CHECK ("risk" >= 0);
ALTER TABLE "votes" ADD CONSTRAINT "votes_batch_size_check" CHECK ("batch_size" >= 1);

-- What waits already is ordered by what it is about; the rest of its risk is added when it changes.
WITH "levels" AS (
    SELECT x."request_id", MAX(CASE e."sensitivity" WHEN 'critical' THEN 60 WHEN 'high' THEN 40 WHEN 'medium' THEN 20 ELSE 0 END) AS "points"
    FROM "request_entitlements" x JOIN "entitlements" e ON e."id" = x."entitlement_id"
    GROUP BY x."request_id"
)
UPDATE "requests" r SET "risk" = l."points", "risk_parts" = jsonb_build_array(jsonb_build_object('code', 'sensitivity', 'points', l."points"))
FROM "levels" l WHERE l."request_id" = r."id" AND r."state" = 'pending' AND l."points" > 0;
