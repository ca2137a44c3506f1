-- A person may say that a promised rotation was done where the target never shows it: neither overdue nor done.
ALTER TABLE "review_outcomes" DROP CONSTRAINT "review_outcomes_vocabulary";
ALTER TABLE "review_outcomes" ADD CONSTRAINT "review_outcomes_vocabulary" CHECK (
  "decision" IN ('keep', 'rotate', 'narrow', 'rehearse', 'offboard')
  AND ("follow" IS NULL OR "follow" IN ('open', 'overdue', 'said', 'done'))
  -- What is said says by whom, and only a rotation can be.
  AND ("follow" IS DISTINCT FROM 'said' OR ("decision" = 'rotate' AND "said_at" IS NOT NULL AND "said_by_id" IS NOT NULL))
);

DROP INDEX "review_outcomes_followed_idx";
CREATE INDEX "review_outcomes_followed_idx" ON "review_outcomes"("until", "item_id") WHERE "follow" IN ('open', 'overdue', 'said');

-- Curfew's own accounts on a target: one that acts, one that only looks.
ALTER TABLE "credentials" ADD CONSTRAINT "credentials_ours_vocabulary" CHECK ("ours" IS NULL OR "ours" IN ('connector', 'probe'));
CREATE INDEX "credentials_ours_idx" ON "credentials"("identity_id") WHERE "ours" IS NOT NULL;
