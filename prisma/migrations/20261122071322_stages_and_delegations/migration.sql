-- DropIndex
DROP INDEX "stages_request_id_position_key";

-- AlterTable
ALTER TABLE "requests" ADD COLUMN     "reroute_at" TIMESTAMPTZ(3),
ADD COLUMN     "unroutable_since" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "stage_members" DROP CONSTRAINT "stage_members_pkey",
ADD COLUMN     "removed_at" TIMESTAMPTZ(3),
ADD COLUMN     "removed_why" TEXT,
ADD COLUMN     "seat_of_id" UUID,
ADD COLUMN     "since" TIMESTAMPTZ(3),
ADD COLUMN     "why" TEXT;

-- Until now everybody was asked at submit, on their own seat.
UPDATE "stage_members" m SET "seat_of_id" = m."person_id", "why" = 'asked', "since" = r."submitted_at"
  FROM "stages" s JOIN "requests" r ON r."id" = s."request_id" WHERE s."id" = m."stage_id";

ALTER TABLE "stage_members" ALTER COLUMN "seat_of_id" SET NOT NULL,
ALTER COLUMN "since" SET NOT NULL,
ALTER COLUMN "why" SET NOT NULL,
ADD CONSTRAINT "stage_members_pkey" PRIMARY KEY ("stage_id", "person_id", "seat_of_id", "since");

-- AlterTable
ALTER TABLE "stages" ADD COLUMN     "asks" TEXT[] DEFAULT ARRAY[]::TEXT[],
ADD COLUMN     "due_at" TIMESTAMPTZ(3),
ADD COLUMN     "escalate_to" TEXT,
ADD COLUMN     "escalated_at" TIMESTAMPTZ(3),
ADD COLUMN     "escalation" JSONB,
ADD COLUMN     "groups" JSONB NOT NULL DEFAULT '[]',
ADD COLUMN     "opened_at" TIMESTAMPTZ(3),
ADD COLUMN     "remind_after_seconds" INTEGER,
ADD COLUMN     "remind_at" TIMESTAMPTZ(3),
ADD COLUMN     "reminded_at" TIMESTAMPTZ(3),
ADD COLUMN     "within_seconds" INTEGER;

-- What waits keeps its groups, from here on by id.
UPDATE "stages" s SET "groups" = CASE
  WHEN s."source" = 'resource-owner' THEN jsonb_build_array(jsonb_build_object('kind', 'resource-owner', 'entitlementIds',
    (SELECT coalesce(jsonb_agg(x."entitlement_id"), '[]') FROM "request_entitlements" x WHERE x."request_id" = s."request_id")))
  WHEN s."source" LIKE 'team:%' THEN jsonb_build_array(coalesce(
    (SELECT jsonb_build_object('kind', 'team', 'id', t."id") FROM "teams" t WHERE t."name" = substr(s."source", 6)),
    jsonb_build_object('kind', 'unknown', 'name', s."source")))
  WHEN s."source" LIKE 'role:%' THEN jsonb_build_array(jsonb_build_object('kind', 'role', 'role', substr(s."source", 6)))
  ELSE '[]' END;
UPDATE "stages" s SET "opened_at" = r."submitted_at" FROM "requests" r WHERE r."id" = s."request_id" AND s."position" = 0;
-- Looked at once, which fills in what the groups come to.
UPDATE "requests" SET "reroute_at" = "submitted_at" WHERE "state" = 'pending';

-- AlterTable
ALTER TABLE "votes" ADD COLUMN     "seat_of_id" UUID;
UPDATE "votes" SET "seat_of_id" = "person_id";

-- CreateTable
CREATE TABLE "delegations" (
    "id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "delegate_id" UUID NOT NULL,
    "from_at" TIMESTAMPTZ(3) NOT NULL,
    "until_at" TIMESTAMPTZ(3) NOT NULL,
    "set_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "delegations_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "policy_names" (
    "policy_hash" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "target_id" UUID NOT NULL,
    "bound_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "policy_names_pkey" PRIMARY KEY ("policy_hash","kind","name")
);

-- CreateIndex
CREATE INDEX "delegations_person_id_until_at_idx" ON "delegations"("person_id", "until_at");

-- CreateIndex
CREATE INDEX "delegations_delegate_id_until_at_idx" ON "delegations"("delegate_id", "until_at");

-- CreateIndex
CREATE INDEX "stage_members_seat_of_id_idx" ON "stage_members"("seat_of_id");

-- CreateIndex
CREATE INDEX "stages_request_id_position_idx" ON "stages"("request_id", "position");

-- AddForeignKey
ALTER TABLE "delegations" ADD CONSTRAINT "delegations_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "people"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "delegations" ADD CONSTRAINT "delegations_delegate_id_fkey" FOREIGN KEY ("delegate_id") REFERENCES "people"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "stage_members" ADD CONSTRAINT "stage_members_seat_of_id_fkey" FOREIGN KEY ("seat_of_id") REFERENCES "people"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "votes" ADD CONSTRAINT "votes_seat_of_id_fkey" FOREIGN KEY ("seat_of_id") REFERENCES "people"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- Words that a column may hold, and what must never stand twice.
ALTER TABLE "delegations" ADD CONSTRAINT "delegations_span" CHECK ("from_at" <= "until_at");
ALTER TABLE "delegations" ADD CONSTRAINT "delegations_another" CHECK ("person_id" <> "delegate_id");
ALTER TABLE "policy_names" ADD CONSTRAINT "policy_names_kind" CHECK ("kind" IN ('team', 'person'));
ALTER TABLE "stage_members" ADD CONSTRAINT "stage_members_why" CHECK ("why" IN ('asked', 'joined', 'stands-in', 'delegate', 'escalated'));
ALTER TABLE "stage_members" ADD CONSTRAINT "stage_members_removed" CHECK (("removed_at" IS NULL) = ("removed_why" IS NULL));
ALTER TABLE "stage_members" ADD CONSTRAINT "stage_members_removed_why" CHECK ("removed_why" IN ('left-group', 'asking-side', 'no-role', 'has-left', 'no-longer-acts'));
CREATE UNIQUE INDEX "stage_members_once" ON "stage_members" ("stage_id", "person_id", "seat_of_id") WHERE "removed_at" IS NULL;
-- Whatever the code does: nobody's seat is counted twice.
CREATE UNIQUE INDEX "votes_one_per_seat" ON "votes" ("stage_id", "seat_of_id") WHERE "voided_at" IS NULL;
CREATE INDEX "stages_remind" ON "stages" ("remind_at") WHERE "state" = 'open' AND "reminded_at" IS NULL;
CREATE INDEX "stages_due" ON "stages" ("due_at") WHERE "state" = 'open';
CREATE INDEX "stages_asks" ON "stages" USING gin ("asks") WHERE "state" IN ('open', 'waiting');
CREATE INDEX "requests_reroute" ON "requests" ("reroute_at") WHERE "state" = 'pending';
