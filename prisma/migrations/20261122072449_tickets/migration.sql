-- CreateTable
CREATE TABLE "ticket_providers" (
    "id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "base_url" TEXT,
    "may_be_inside" BOOLEAN NOT NULL DEFAULT false,
    "sealed_secrets" BYTEA,
    "rules" JSONB NOT NULL,
    "is_enabled" BOOLEAN NOT NULL DEFAULT true,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "checked_at" TIMESTAMPTZ(3),
    "down_since" TIMESTAMPTZ(3),
    "down_reason" TEXT,

    CONSTRAINT "ticket_providers_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "tickets" (
    "id" UUID NOT NULL,
    "provider_id" UUID NOT NULL,
    "key" TEXT NOT NULL,
    "facts" JSONB,
    "hash" TEXT,
    "fetched_at" TIMESTAMPTZ(3),
    "next_check_at" TIMESTAMPTZ(3),
    "failures" INTEGER NOT NULL DEFAULT 0,
    "last_failure" TEXT,

    CONSTRAINT "tickets_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ticket_snapshots" (
    "ticket_id" UUID NOT NULL,
    "hash" TEXT NOT NULL,
    "bytes" BYTEA NOT NULL,
    "fetched_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "ticket_snapshots_pkey" PRIMARY KEY ("ticket_id","hash")
);

-- CreateTable
CREATE TABLE "ticket_links" (
    "request_id" UUID NOT NULL,
    "ticket_id" UUID NOT NULL,
    "linked_at" TIMESTAMPTZ(3) NOT NULL,
    "closed_at" TIMESTAMPTZ(3),

    CONSTRAINT "ticket_links_pkey" PRIMARY KEY ("request_id")
);

-- CreateTable
CREATE TABLE "ticket_comments" (
    "id" UUID NOT NULL,
    "ticket_id" UUID NOT NULL,
    "request_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "cause" TEXT NOT NULL,
    "text" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "last_failure" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "sent_at" TIMESTAMPTZ(3),

    CONSTRAINT "ticket_comments_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ticket_deliveries" (
    "provider_id" UUID NOT NULL,
    "delivery_id" TEXT NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "ticket_deliveries_pkey" PRIMARY KEY ("provider_id","delivery_id")
);

-- CreateTable
CREATE TABLE "ticket_settings" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "takes_unknown" BOOLEAN NOT NULL,

    CONSTRAINT "ticket_settings_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "local_changes" (
    "id" UUID NOT NULL,
    "number" SERIAL NOT NULL,
    "title" TEXT NOT NULL,
    "description" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "author_id" UUID NOT NULL,
    "window_from" TIMESTAMPTZ(3),
    "window_until" TIMESTAMPTZ(3),
    "system_ids" UUID[],
    "identity_ids" UUID[],
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "approved_by_id" UUID,
    "approved_at" TIMESTAMPTZ(3),
    "closed_by_id" UUID,
    "closed_at" TIMESTAMPTZ(3),

    CONSTRAINT "local_changes_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "local_change_notes" (
    "change_id" UUID NOT NULL,
    "marker" TEXT NOT NULL,
    "text" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "local_change_notes_pkey" PRIMARY KEY ("change_id","marker")
);

-- CreateIndex
CREATE UNIQUE INDEX "ticket_providers_name_key" ON "ticket_providers"("name");

-- CreateIndex
CREATE UNIQUE INDEX "tickets_provider_id_key_key" ON "tickets"("provider_id", "key");

-- CreateIndex
CREATE INDEX "ticket_links_ticket_id_idx" ON "ticket_links"("ticket_id");

-- CreateIndex
CREATE UNIQUE INDEX "ticket_comments_cause_key" ON "ticket_comments"("cause");

-- CreateIndex
CREATE INDEX "ticket_comments_request_id_idx" ON "ticket_comments"("request_id");

-- CreateIndex
CREATE INDEX "ticket_deliveries_received_at_idx" ON "ticket_deliveries"("received_at");

-- CreateIndex
CREATE UNIQUE INDEX "local_changes_number_key" ON "local_changes"("number");

-- CreateIndex
CREATE INDEX "local_changes_created_at_id_idx" ON "local_changes"("created_at", "id");

-- CreateIndex
CREATE INDEX "local_changes_state_created_at_id_idx" ON "local_changes"("state", "created_at", "id");

-- AddForeignKey
ALTER TABLE "tickets" ADD CONSTRAINT "tickets_provider_id_fkey" FOREIGN KEY ("provider_id") REFERENCES "ticket_providers"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ticket_snapshots" ADD CONSTRAINT "ticket_snapshots_ticket_id_fkey" FOREIGN KEY ("ticket_id") REFERENCES "tickets"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ticket_links" ADD CONSTRAINT "ticket_links_request_id_fkey" FOREIGN KEY ("request_id") REFERENCES "requests"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ticket_links" ADD CONSTRAINT "ticket_links_ticket_id_fkey" FOREIGN KEY ("ticket_id") REFERENCES "tickets"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ticket_comments" ADD CONSTRAINT "ticket_comments_ticket_id_fkey" FOREIGN KEY ("ticket_id") REFERENCES "tickets"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ticket_deliveries" ADD CONSTRAINT "ticket_deliveries_provider_id_fkey" FOREIGN KEY ("provider_id") REFERENCES "ticket_providers"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "local_changes" ADD CONSTRAINT "local_changes_author_id_fkey" FOREIGN KEY ("author_id") REFERENCES "people"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "local_changes" ADD CONSTRAINT "local_changes_approved_by_id_fkey" FOREIGN KEY ("approved_by_id") REFERENCES "people"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "local_changes" ADD CONSTRAINT "local_changes_closed_by_id_fkey" FOREIGN KEY ("closed_by_id") REFERENCES "people"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "local_change_notes" ADD CONSTRAINT "local_change_notes_change_id_fkey" FOREIGN KEY ("change_id") REFERENCES "local_changes"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- Closed vocabularies.
ALTER TABLE "ticket_providers" ADD CONSTRAINT "ticket_providers_kind"
  CHECK (kind IN ('local', 'jira-cloud', 'jira-data-center', 'servicenow', 'github', 'redmine', 'request-tracker'));
ALTER TABLE "ticket_comments" ADD CONSTRAINT "ticket_comments_kind" CHECK (kind IN ('decision', 'activation', 'proven-end'));
ALTER TABLE "ticket_comments" ADD CONSTRAINT "ticket_comments_state" CHECK (state IN ('pending', 'sent', 'dead'));
ALTER TABLE "local_changes" ADD CONSTRAINT "local_changes_state" CHECK (state IN ('draft', 'waiting', 'approved', 'closed'));
-- A second person, whatever the code does.
ALTER TABLE "local_changes" ADD CONSTRAINT "local_changes_second_person" CHECK (approved_by_id IS DISTINCT FROM author_id);
ALTER TABLE "ticket_settings" ADD CONSTRAINT "ticket_settings_one" CHECK (id = 1);
-- One register inside.
CREATE UNIQUE INDEX "ticket_providers_one_local" ON "ticket_providers"("kind") WHERE kind = 'local';
-- What the worker looks after: requests that still live, tickets that are due, comments that wait.
CREATE INDEX "ticket_links_open" ON "ticket_links"("linked_at") WHERE closed_at IS NULL;
CREATE INDEX "tickets_due" ON "tickets"("next_check_at") WHERE next_check_at IS NOT NULL;
CREATE INDEX "ticket_comments_pending" ON "ticket_comments"("created_at") WHERE state = 'pending';
