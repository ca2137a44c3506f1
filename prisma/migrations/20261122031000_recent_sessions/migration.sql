-- The sessions page shows what was closed within the last day.
CREATE INDEX "grants_closed" ON "grants" ("closed_at", "id") WHERE "closed_at" IS NOT NULL;
