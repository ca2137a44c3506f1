-- CreateTable
CREATE TABLE "engagements" (
    "id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "since" TIMESTAMPTZ(3) NOT NULL,
    "until" TIMESTAMPTZ(3) NOT NULL,
    "from_day" TEXT NOT NULL,
    "to_day" TEXT NOT NULL,
    "system_ids" UUID[],
    "names" BOOLEAN NOT NULL,
    "reason" TEXT NOT NULL,
    "given_by_id" UUID NOT NULL,
    "ended_at" TIMESTAMPTZ(3),
    "lifted_at" TIMESTAMPTZ(3),

    CONSTRAINT "engagements_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "auditor_views" (
    "id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "engagement_id" UUID,
    "kind" TEXT NOT NULL,
    "subject_id" UUID,
    "filter" JSONB NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "minute" TIMESTAMPTZ(0) NOT NULL,
    "key" TEXT NOT NULL,

    CONSTRAINT "auditor_views_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "engagements_person_id_idx" ON "engagements"("person_id");

-- CreateIndex
CREATE INDEX "auditor_views_at_id_idx" ON "auditor_views"("at" DESC, "id" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "auditor_views_person_id_kind_key_minute_key" ON "auditor_views"("person_id", "kind", "key", "minute");

-- AddForeignKey
ALTER TABLE "engagements" ADD CONSTRAINT "engagements_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "people"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "engagements" ADD CONSTRAINT "engagements_given_by_id_fkey" FOREIGN KEY ("given_by_id") REFERENCES "people"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "auditor_views" ADD CONSTRAINT "auditor_views_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "people"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "auditor_views" ADD CONSTRAINT "auditor_views_engagement_id_fkey" FOREIGN KEY ("engagement_id") REFERENCES "engagements"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- One bound per person counts: the newest, until it is removed.
CREATE UNIQUE INDEX "engagements_in_force" ON "engagements" ("person_id") WHERE "lifted_at" IS NULL;
ALTER TABLE "engagements" ADD CONSTRAINT "engagements_bounded" CHECK ("until" > "since" AND "until" <= "since" + interval '366 days' AND "from_day" <= "to_day");

-- What auditors looked at is only added to.
CREATE FUNCTION refuse_view_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'views of auditors are append-only' USING ERRCODE = 'restrict_violation'; END $$;
CREATE TRIGGER auditor_views_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "auditor_views" FOR EACH STATEMENT EXECUTE FUNCTION refuse_view_change();
