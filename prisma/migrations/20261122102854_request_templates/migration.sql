-- DropIndex
DROP INDEX "request_comments_person_id_idx";

-- AlterTable
ALTER TABLE "decisions" ADD COLUMN     "entitlement_id" UUID;

-- AlterTable
ALTER TABLE "grants" ADD COLUMN     "ready_told_at" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "request_comments" ADD COLUMN     "idempotency_key" UUID;

-- AlterTable
ALTER TABLE "requests" ADD COLUMN     "standing_reason" TEXT;

-- CreateTable
CREATE TABLE "request_templates" (
    "id" UUID NOT NULL,
    "keeper_id" UUID NOT NULL,
    "team_id" UUID,
    "name" TEXT NOT NULL,
    "identity_id" UUID,
    "purpose" TEXT NOT NULL,
    "intent" TEXT NOT NULL,
    "duration_seconds" INTEGER NOT NULL,
    "max_uses" INTEGER,
    "idle_seconds" INTEGER,
    "kept_at" TIMESTAMPTZ(3) NOT NULL,
    "idempotency_key" UUID NOT NULL,
    "demo" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "request_templates_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "request_template_entitlements" (
    "template_id" UUID NOT NULL,
    "entitlement_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,

    CONSTRAINT "request_template_entitlements_pkey" PRIMARY KEY ("template_id","entitlement_id")
);

-- CreateIndex
CREATE INDEX "request_templates_team_id_idx" ON "request_templates"("team_id");

-- CreateIndex
CREATE INDEX "request_templates_kept_at_id_idx" ON "request_templates"("kept_at", "id");

-- CreateIndex
CREATE UNIQUE INDEX "request_templates_keeper_id_idempotency_key_key" ON "request_templates"("keeper_id", "idempotency_key");

-- CreateIndex
CREATE INDEX "request_template_entitlements_entitlement_id_idx" ON "request_template_entitlements"("entitlement_id");

-- CreateIndex
CREATE UNIQUE INDEX "request_comments_person_id_idempotency_key_key" ON "request_comments"("person_id", "idempotency_key");

-- AddForeignKey
ALTER TABLE "decisions" ADD CONSTRAINT "decisions_entitlement_id_fkey" FOREIGN KEY ("entitlement_id") REFERENCES "entitlements"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "request_templates" ADD CONSTRAINT "request_templates_keeper_id_fkey" FOREIGN KEY ("keeper_id") REFERENCES "people"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "request_templates" ADD CONSTRAINT "request_templates_team_id_fkey" FOREIGN KEY ("team_id") REFERENCES "teams"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "request_templates" ADD CONSTRAINT "request_templates_identity_id_fkey" FOREIGN KEY ("identity_id") REFERENCES "identities"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "request_template_entitlements" ADD CONSTRAINT "request_template_entitlements_template_id_fkey" FOREIGN KEY ("template_id") REFERENCES "request_templates"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "request_template_entitlements" ADD CONSTRAINT "request_template_entitlements_entitlement_id_fkey" FOREIGN KEY ("entitlement_id") REFERENCES "entitlements"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- What was asked before the column was there is read from the question itself.
UPDATE "decisions" d SET "entitlement_id" = e."id" FROM "entitlements" e WHERE d."input" #>> '{resource,id}' = e."id"::text;

-- Of what starts later, whoever asked has been told at the approval.
UPDATE "grants" SET "ready_told_at" = "created_at" WHERE "not_before" IS NOT NULL;

-- One keeper, one template of a name, however it is written.
CREATE UNIQUE INDEX "request_templates_keeper_id_name_key" ON "request_templates"("keeper_id", lower("name"));

-- Grants that start later and whose asker is not told yet.
CREATE INDEX "grants_to_tell_ready_idx" ON "grants"("not_before") WHERE "state" = 'ready' AND "ready_told_at" IS NULL;
