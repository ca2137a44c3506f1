-- CreateIndex
CREATE INDEX "chain_checks_state_idx" ON "chain_checks"("state");

-- CreateIndex
CREATE INDEX "requests_state_submitted_at_id_idx" ON "requests"("state", "submitted_at", "id");

-- Broken seals are few.
CREATE INDEX "chain_checks_broken" ON "chain_checks" ("request_id") WHERE "broken_at" IS NOT NULL;

-- A page needs fifty rows of these, in order. Read by several processes at once, each reads far ahead of what is needed.
ALTER TABLE "requests" SET (parallel_workers = 0);
ALTER TABLE "request_entitlements" SET (parallel_workers = 0);
ALTER TABLE "grants" SET (parallel_workers = 0);
ALTER TABLE "chain_checks" SET (parallel_workers = 0);
