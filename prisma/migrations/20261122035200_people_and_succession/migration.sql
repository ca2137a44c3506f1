-- CreateTable
CREATE TABLE "on_call" (
    "id" UUID NOT NULL,
    "team_id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "from_at" TIMESTAMPTZ(3) NOT NULL,
    "until_at" TIMESTAMPTZ(3) NOT NULL,
    "set_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "on_call_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "absences" (
    "id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "stand_in_id" UUID,
    "from_at" TIMESTAMPTZ(3) NOT NULL,
    "until_at" TIMESTAMPTZ(3) NOT NULL,
    "set_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "absences_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "first_administrator_links" (
    "id" UUID NOT NULL,
    "token_hash" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "used_at" TIMESTAMPTZ(3),
    "used_by_id" UUID,

    CONSTRAINT "first_administrator_links_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "proposals" (
    "id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "payload" JSONB NOT NULL,
    "subjects" JSONB NOT NULL,
    "key" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "proposed_by_id" UUID NOT NULL,
    "proposed_at" TIMESTAMPTZ(3) NOT NULL,
    "decide_before" TIMESTAMPTZ(3) NOT NULL,
    "decided_by_id" UUID,
    "decided_at" TIMESTAMPTZ(3),

    CONSTRAINT "proposals_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "scim_tokens" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "token_hash" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "created_by_id" UUID NOT NULL,
    "last_used_at" TIMESTAMPTZ(3),
    "withdrawn_at" TIMESTAMPTZ(3),

    CONSTRAINT "scim_tokens_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "scim_users" (
    "person_id" UUID NOT NULL,
    "user_name" TEXT NOT NULL,
    "external_id" TEXT,
    "active" BOOLEAN NOT NULL,
    "attributes" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "changed_at" TIMESTAMPTZ(3) NOT NULL,
    "deleted_at" TIMESTAMPTZ(3),

    CONSTRAINT "scim_users_pkey" PRIMARY KEY ("person_id")
);

-- CreateTable
CREATE TABLE "scim_groups" (
    "team_id" UUID NOT NULL,
    "display_name" TEXT NOT NULL,
    "external_id" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "changed_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "scim_groups_pkey" PRIMARY KEY ("team_id")
);

-- CreateTable
CREATE TABLE "scim_leavings" (
    "id" UUID NOT NULL,
    "token_id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "scim_leavings_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "leaving_stops" (
    "id" UUID NOT NULL,
    "token_id" UUID NOT NULL,
    "why" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "stopped_at" TIMESTAMPTZ(3) NOT NULL,
    "present_count" INTEGER NOT NULL,
    "left_before" INTEGER NOT NULL,
    "decided_by_id" UUID,
    "decided_at" TIMESTAMPTZ(3),

    CONSTRAINT "leaving_stops_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "parked_leavings" (
    "stop_id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "parked_at" TIMESTAMPTZ(3) NOT NULL,
    "state" TEXT NOT NULL,

    CONSTRAINT "parked_leavings_pkey" PRIMARY KEY ("stop_id","person_id")
);

-- CreateTable
CREATE TABLE "hand_overs" (
    "id" UUID NOT NULL,
    "identity_id" UUID NOT NULL,
    "place" TEXT NOT NULL,
    "leaver_id" UUID NOT NULL,
    "state" TEXT NOT NULL,
    "step" TEXT,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "deadline" TIMESTAMPTZ(3),
    "step_seconds" INTEGER NOT NULL,
    "ended_at" TIMESTAMPTZ(3),
    "taken_by_id" UUID,
    "ended_why" TEXT,

    CONSTRAINT "hand_overs_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "hand_over_offers" (
    "hand_over_id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "step" TEXT NOT NULL,
    "offered_at" TIMESTAMPTZ(3) NOT NULL,
    "answer" TEXT,
    "answered_at" TIMESTAMPTZ(3),

    CONSTRAINT "hand_over_offers_pkey" PRIMARY KEY ("hand_over_id","person_id")
);

-- CreateIndex
CREATE INDEX "on_call_team_id_until_at_idx" ON "on_call"("team_id", "until_at");

-- CreateIndex
CREATE INDEX "on_call_person_id_until_at_idx" ON "on_call"("person_id", "until_at");

-- CreateIndex
CREATE INDEX "absences_person_id_until_at_idx" ON "absences"("person_id", "until_at");

-- CreateIndex
CREATE UNIQUE INDEX "first_administrator_links_token_hash_key" ON "first_administrator_links"("token_hash");

-- CreateIndex
CREATE INDEX "proposals_state_decide_before_idx" ON "proposals"("state", "decide_before");

-- CreateIndex
CREATE UNIQUE INDEX "scim_tokens_token_hash_key" ON "scim_tokens"("token_hash");

-- CreateIndex
CREATE INDEX "scim_users_external_id_idx" ON "scim_users"("external_id");

-- CreateIndex
CREATE INDEX "scim_groups_display_name_idx" ON "scim_groups"("display_name");

-- CreateIndex
CREATE INDEX "scim_leavings_token_id_at_idx" ON "scim_leavings"("token_id", "at");

-- CreateIndex
CREATE INDEX "leaving_stops_state_idx" ON "leaving_stops"("state");

-- CreateIndex
CREATE INDEX "parked_leavings_person_id_state_idx" ON "parked_leavings"("person_id", "state");

-- CreateIndex
CREATE INDEX "hand_overs_identity_id_state_idx" ON "hand_overs"("identity_id", "state");

-- CreateIndex
CREATE INDEX "hand_overs_state_deadline_idx" ON "hand_overs"("state", "deadline");

-- CreateIndex
CREATE INDEX "hand_overs_leaver_id_idx" ON "hand_overs"("leaver_id");

-- CreateIndex
CREATE INDEX "hand_over_offers_person_id_answer_idx" ON "hand_over_offers"("person_id", "answer");

-- CreateIndex
CREATE INDEX "people_name_id_idx" ON "people"("name", "id");

-- AddForeignKey
ALTER TABLE "on_call" ADD CONSTRAINT "on_call_team_id_fkey" FOREIGN KEY ("team_id") REFERENCES "teams"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "on_call" ADD CONSTRAINT "on_call_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "people"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "absences" ADD CONSTRAINT "absences_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "people"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "absences" ADD CONSTRAINT "absences_stand_in_id_fkey" FOREIGN KEY ("stand_in_id") REFERENCES "people"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "proposals" ADD CONSTRAINT "proposals_proposed_by_id_fkey" FOREIGN KEY ("proposed_by_id") REFERENCES "people"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "proposals" ADD CONSTRAINT "proposals_decided_by_id_fkey" FOREIGN KEY ("decided_by_id") REFERENCES "people"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "scim_users" ADD CONSTRAINT "scim_users_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "people"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "scim_groups" ADD CONSTRAINT "scim_groups_team_id_fkey" FOREIGN KEY ("team_id") REFERENCES "teams"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "scim_leavings" ADD CONSTRAINT "scim_leavings_token_id_fkey" FOREIGN KEY ("token_id") REFERENCES "scim_tokens"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "leaving_stops" ADD CONSTRAINT "leaving_stops_token_id_fkey" FOREIGN KEY ("token_id") REFERENCES "scim_tokens"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "parked_leavings" ADD CONSTRAINT "parked_leavings_stop_id_fkey" FOREIGN KEY ("stop_id") REFERENCES "leaving_stops"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "parked_leavings" ADD CONSTRAINT "parked_leavings_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "people"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "hand_overs" ADD CONSTRAINT "hand_overs_identity_id_fkey" FOREIGN KEY ("identity_id") REFERENCES "identities"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "hand_overs" ADD CONSTRAINT "hand_overs_leaver_id_fkey" FOREIGN KEY ("leaver_id") REFERENCES "people"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "hand_over_offers" ADD CONSTRAINT "hand_over_offers_hand_over_id_fkey" FOREIGN KEY ("hand_over_id") REFERENCES "hand_overs"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "hand_over_offers" ADD CONSTRAINT "hand_over_offers_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "people"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- Words that a column may hold, and what must never stand twice.
ALTER TABLE "on_call" ADD CONSTRAINT "on_call_span" CHECK ("from_at" < "until_at");
ALTER TABLE "absences" ADD CONSTRAINT "absences_span" CHECK ("from_at" < "until_at");
ALTER TABLE "absences" ADD CONSTRAINT "absences_stand_in" CHECK ("stand_in_id" IS DISTINCT FROM "person_id");
ALTER TABLE "proposals" ADD CONSTRAINT "proposals_state" CHECK ("state" IN ('waiting', 'confirmed', 'rejected', 'withdrawn', 'lapsed'));
-- Whatever the code does: a proposal is never confirmed by whoever made it.
ALTER TABLE "proposals" ADD CONSTRAINT "proposals_second_person" CHECK ("state" <> 'confirmed' OR "decided_by_id" <> "proposed_by_id");
CREATE UNIQUE INDEX "proposals_one_waiting" ON "proposals" ("key") WHERE "state" = 'waiting';
ALTER TABLE "hand_overs" ADD CONSTRAINT "hand_overs_place" CHECK ("place" IN ('owner', 'sponsor', 'backup'));
ALTER TABLE "hand_overs" ADD CONSTRAINT "hand_overs_state" CHECK ("state" IN ('offered', 'accepted', 'failed', 'ended'));
ALTER TABLE "hand_overs" ADD CONSTRAINT "hand_overs_step" CHECK ("step" IN ('backup', 'sponsor', 'team-lead'));
ALTER TABLE "hand_overs" ADD CONSTRAINT "hand_overs_waiting" CHECK ("state" <> 'offered' OR ("deadline" IS NOT NULL AND "step" IS NOT NULL));
CREATE UNIQUE INDEX "hand_overs_one_open" ON "hand_overs" ("identity_id", "place") WHERE "state" = 'offered';
ALTER TABLE "hand_over_offers" ADD CONSTRAINT "hand_over_offers_step" CHECK ("step" IN ('backup', 'sponsor', 'team-lead'));
ALTER TABLE "hand_over_offers" ADD CONSTRAINT "hand_over_offers_answer" CHECK ("answer" IN ('accepted', 'declined', 'missed', 'void'));
-- One name in the directory is one person, whatever its case; a removed one may come again.
CREATE UNIQUE INDEX "scim_users_one_name" ON "scim_users" (lower("user_name")) WHERE "deleted_at" IS NULL;
CREATE UNIQUE INDEX "scim_users_one_external" ON "scim_users" ("external_id") WHERE "deleted_at" IS NULL;
CREATE UNIQUE INDEX "scim_groups_one_external" ON "scim_groups" ("external_id");
ALTER TABLE "leaving_stops" ADD CONSTRAINT "leaving_stops_why" CHECK ("why" IN ('mass', 'last-administrator'));
ALTER TABLE "leaving_stops" ADD CONSTRAINT "leaving_stops_state" CHECK ("state" IN ('waiting', 'applied', 'refused', 'ended'));
CREATE UNIQUE INDEX "leaving_stops_one_waiting" ON "leaving_stops" ("token_id", "why") WHERE "state" = 'waiting';
ALTER TABLE "parked_leavings" ADD CONSTRAINT "parked_leavings_state" CHECK ("state" IN ('parked', 'applied', 'kept', 'recalled'));
