-- CreateIndex
CREATE INDEX "grants_system_id_handle_name_idx" ON "grants"("system_id", "handle_name");

-- Uses that no session explains are counted by source.
CREATE INDEX "uses_source_id_unmatched_idx" ON "uses"("source_id") WHERE "grant_id" IS NULL;
