-- CreateTable
CREATE TABLE "notices" (
    "id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "cause" TEXT NOT NULL,
    "about" TEXT NOT NULL,
    "words" JSONB NOT NULL,
    "link" TEXT NOT NULL,
    "is_urgent" BOOLEAN NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "announced_at" TIMESTAMPTZ(3),
    "demo" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "notices_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "inbox_items" (
    "id" UUID NOT NULL,
    "notice_id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "read_at" TIMESTAMPTZ(3),
    "settled_at" TIMESTAMPTZ(3),

    CONSTRAINT "inbox_items_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "deliveries" (
    "id" UUID NOT NULL,
    "notice_id" UUID NOT NULL,
    "person_id" UUID,
    "webhook_id" UUID,
    "in_digest" BOOLEAN NOT NULL DEFAULT false,
    "state" TEXT NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "due_at" TIMESTAMPTZ(3) NOT NULL,
    "failure" TEXT,
    "status" INTEGER,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "closed_at" TIMESTAMPTZ(3),

    CONSTRAINT "deliveries_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "webhooks" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "format" TEXT NOT NULL,
    "host" TEXT NOT NULL,
    "sealed" BYTEA NOT NULL,
    "groups" TEXT[],
    "team_id" UUID,
    "may_be_inside" BOOLEAN NOT NULL DEFAULT false,
    "made_by_id" UUID NOT NULL,
    "made_at" TIMESTAMPTZ(3) NOT NULL,
    "removed_at" TIMESTAMPTZ(3),
    "stopped_at" TIMESTAMPTZ(3),
    "failures" INTEGER NOT NULL DEFAULT 0,
    "paused_until" TIMESTAMPTZ(3),
    "last_sent_at" TIMESTAMPTZ(3),
    "last_failure" TEXT,

    CONSTRAINT "webhooks_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "notification_preferences" (
    "person_id" UUID NOT NULL,
    "mail" JSONB NOT NULL,
    "daily_hour" SMALLINT NOT NULL,
    "quiet_from" SMALLINT,
    "quiet_until" SMALLINT,
    "time_zone" TEXT NOT NULL,
    "changed_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "notification_preferences_pkey" PRIMARY KEY ("person_id")
);

-- CreateIndex
CREATE UNIQUE INDEX "notices_cause_key" ON "notices"("cause");

-- CreateIndex
CREATE INDEX "notices_about_idx" ON "notices"("about");

-- CreateIndex
CREATE INDEX "notices_created_at_id_idx" ON "notices"("created_at", "id");

-- CreateIndex
CREATE INDEX "inbox_items_person_id_created_at_id_idx" ON "inbox_items"("person_id", "created_at", "id");

-- CreateIndex
CREATE UNIQUE INDEX "inbox_items_notice_id_person_id_key" ON "inbox_items"("notice_id", "person_id");

-- CreateIndex
CREATE INDEX "deliveries_notice_id_idx" ON "deliveries"("notice_id");

-- CreateIndex
CREATE INDEX "deliveries_webhook_id_state_due_at_idx" ON "deliveries"("webhook_id", "state", "due_at");

-- CreateIndex
CREATE INDEX "deliveries_created_at_id_idx" ON "deliveries"("created_at", "id");

-- AddForeignKey
ALTER TABLE "inbox_items" ADD CONSTRAINT "inbox_items_notice_id_fkey" FOREIGN KEY ("notice_id") REFERENCES "notices"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "inbox_items" ADD CONSTRAINT "inbox_items_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "people"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "deliveries" ADD CONSTRAINT "deliveries_notice_id_fkey" FOREIGN KEY ("notice_id") REFERENCES "notices"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "deliveries" ADD CONSTRAINT "deliveries_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "people"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "deliveries" ADD CONSTRAINT "deliveries_webhook_id_fkey" FOREIGN KEY ("webhook_id") REFERENCES "webhooks"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "webhooks" ADD CONSTRAINT "webhooks_made_by_id_fkey" FOREIGN KEY ("made_by_id") REFERENCES "people"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "webhooks" ADD CONSTRAINT "webhooks_team_id_fkey" FOREIGN KEY ("team_id") REFERENCES "teams"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "notification_preferences" ADD CONSTRAINT "notification_preferences_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "people"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- What Prisma cannot say: closed vocabularies, and indexes over the few rows that are still open.
ALTER TABLE "deliveries" ADD CONSTRAINT "deliveries_state" CHECK ("state" IN ('waiting', 'sending', 'sent', 'dead', 'void'));
ALTER TABLE "deliveries" ADD CONSTRAINT "deliveries_to" CHECK (num_nonnulls("person_id", "webhook_id") = 1);
ALTER TABLE "deliveries" ADD CONSTRAINT "deliveries_digest" CHECK (NOT "in_digest" OR "person_id" IS NOT NULL);
ALTER TABLE "webhooks" ADD CONSTRAINT "webhooks_format" CHECK ("format" IN ('slack', 'standard'));
ALTER TABLE "notices" ADD CONSTRAINT "notices_link" CHECK ("link" ~ '^/[^/\\]');
ALTER TABLE "notification_preferences" ADD CONSTRAINT "notification_preferences_times" CHECK (
  "daily_hour" BETWEEN 0 AND 23 AND ("quiet_from" IS NULL) = ("quiet_until" IS NULL)
  AND ("quiet_from" IS NULL OR ("quiet_from" BETWEEN 0 AND 1439 AND "quiet_until" BETWEEN 0 AND 1439)));
CREATE INDEX "inbox_items_unread" ON "inbox_items" ("person_id") WHERE "read_at" IS NULL;
CREATE INDEX "notices_unannounced" ON "notices" ("created_at") WHERE "announced_at" IS NULL;
CREATE INDEX "deliveries_open" ON "deliveries" ("due_at") WHERE "state" IN ('waiting', 'sending');
CREATE INDEX "deliveries_dead" ON "deliveries" ("created_at", "id") WHERE "state" = 'dead';
