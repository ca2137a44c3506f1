-- AlterTable
ALTER TABLE "requests" ADD COLUMN     "break_glass_id" UUID;

-- CreateTable
CREATE TABLE "break_glass" (
    "id" UUID NOT NULL,
    "number" SERIAL NOT NULL,
    "person_id" UUID NOT NULL,
    "identity_id" UUID NOT NULL,
    "entitlement_id" UUID NOT NULL,
    "request_id" UUID NOT NULL,
    "escalated" BOOLEAN NOT NULL DEFAULT false,
    "incident" TEXT NOT NULL,
    "incident_check" TEXT NOT NULL,
    "reason" TEXT,
    "duration_seconds" INTEGER NOT NULL,
    "state" TEXT NOT NULL,
    "basis" TEXT NOT NULL,
    "entry_id" UUID,
    "flags" TEXT[],
    "policy" JSONB NOT NULL,
    "debt_seconds" INTEGER NOT NULL,
    "debt_size" INTEGER NOT NULL,
    "proof_id" UUID,
    "asked_at" TIMESTAMPTZ(3) NOT NULL,
    "second_due_at" TIMESTAMPTZ(3),
    "second_by_id" UUID,
    "second_answer" TEXT,
    "second_reason" TEXT,
    "second_at" TIMESTAMPTZ(3),
    "opened_at" TIMESTAMPTZ(3),
    "closed_at" TIMESTAMPTZ(3),
    "idempotency_key" TEXT NOT NULL,
    "source_address" TEXT,
    "demo" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "break_glass_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "break_glass_people" (
    "break_glass_id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "part" TEXT NOT NULL,
    "why" TEXT NOT NULL,

    CONSTRAINT "break_glass_people_pkey" PRIMARY KEY ("break_glass_id","person_id","part","why")
);

-- CreateTable
CREATE TABLE "break_glass_debts" (
    "id" UUID NOT NULL,
    "break_glass_id" UUID NOT NULL,
    "size" INTEGER NOT NULL,
    "opened_at" TIMESTAMPTZ(3) NOT NULL,
    "due_at" TIMESTAMPTZ(3) NOT NULL,
    "asked_at" TIMESTAMPTZ(3),
    "overdue_at" TIMESTAMPTZ(3),
    "closed_at" TIMESTAMPTZ(3),
    "closed_by_id" UUID,
    "verdict" TEXT,
    "findings" TEXT,
    "observed" JSONB,

    CONSTRAINT "break_glass_debts_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "break_glass_list" (
    "id" UUID NOT NULL,
    "person_id" UUID,
    "team_id" UUID,
    "entitlement_id" UUID NOT NULL,
    "reason" TEXT,
    "since" TIMESTAMPTZ(3) NOT NULL,
    "until" TIMESTAMPTZ(3) NOT NULL,
    "confirmed_by_id" UUID NOT NULL,
    "ended_at" TIMESTAMPTZ(3),
    "ended_by_id" UUID,

    CONSTRAINT "break_glass_list_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "break_glass_drills" (
    "id" UUID NOT NULL,
    "ran_at" TIMESTAMPTZ(3) NOT NULL,
    "checked" INTEGER NOT NULL,
    "failing" INTEGER NOT NULL,

    CONSTRAINT "break_glass_drills_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "break_glass_drill_results" (
    "drill_id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "why" TEXT NOT NULL,
    "missing" TEXT[],

    CONSTRAINT "break_glass_drill_results_pkey" PRIMARY KEY ("drill_id","person_id")
);

-- CreateTable
CREATE TABLE "sealed_credentials" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "credential_id" UUID NOT NULL,
    "kept_where" TEXT NOT NULL,
    "holder_id" UUID NOT NULL,
    "sealed_at" TIMESTAMPTZ(3) NOT NULL,
    "check_every_days" INTEGER NOT NULL,
    "check_due_at" TIMESTAMPTZ(3) NOT NULL,
    "overdue_at" TIMESTAMPTZ(3),
    "registered_by_id" UUID NOT NULL,
    "registered_at" TIMESTAMPTZ(3) NOT NULL,
    "used_at" TIMESTAMPTZ(3),
    "retired_at" TIMESTAMPTZ(3),

    CONSTRAINT "sealed_credentials_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "sealed_checks" (
    "id" UUID NOT NULL,
    "sealed_id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "checked_at" TIMESTAMPTZ(3) NOT NULL,
    "outcome" TEXT NOT NULL,
    "note" TEXT,

    CONSTRAINT "sealed_checks_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "break_glass_number_key" ON "break_glass"("number");

-- CreateIndex
CREATE INDEX "break_glass_state_second_due_at_idx" ON "break_glass"("state", "second_due_at");

-- CreateIndex
CREATE INDEX "break_glass_identity_id_idx" ON "break_glass"("identity_id");

-- CreateIndex
CREATE INDEX "break_glass_request_id_idx" ON "break_glass"("request_id");

-- CreateIndex
CREATE INDEX "break_glass_asked_at_id_idx" ON "break_glass"("asked_at", "id");

-- CreateIndex
CREATE UNIQUE INDEX "break_glass_person_id_idempotency_key_key" ON "break_glass"("person_id", "idempotency_key");

-- CreateIndex
CREATE INDEX "break_glass_people_person_id_idx" ON "break_glass_people"("person_id");

-- CreateIndex
CREATE UNIQUE INDEX "break_glass_debts_break_glass_id_key" ON "break_glass_debts"("break_glass_id");

-- CreateIndex
CREATE INDEX "break_glass_debts_closed_at_due_at_idx" ON "break_glass_debts"("closed_at", "due_at");

-- CreateIndex
CREATE INDEX "break_glass_list_entitlement_id_idx" ON "break_glass_list"("entitlement_id");

-- CreateIndex
CREATE INDEX "break_glass_drills_ran_at_idx" ON "break_glass_drills"("ran_at");

-- CreateIndex
CREATE INDEX "sealed_credentials_retired_at_check_due_at_idx" ON "sealed_credentials"("retired_at", "check_due_at");

-- CreateIndex
CREATE INDEX "sealed_checks_sealed_id_checked_at_idx" ON "sealed_checks"("sealed_id", "checked_at");

-- CreateIndex
CREATE UNIQUE INDEX "requests_break_glass_id_key" ON "requests"("break_glass_id");

-- AddForeignKey
ALTER TABLE "break_glass" ADD CONSTRAINT "break_glass_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "people"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "break_glass" ADD CONSTRAINT "break_glass_second_by_id_fkey" FOREIGN KEY ("second_by_id") REFERENCES "people"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "break_glass" ADD CONSTRAINT "break_glass_identity_id_fkey" FOREIGN KEY ("identity_id") REFERENCES "identities"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "break_glass" ADD CONSTRAINT "break_glass_entitlement_id_fkey" FOREIGN KEY ("entitlement_id") REFERENCES "entitlements"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "break_glass" ADD CONSTRAINT "break_glass_entry_id_fkey" FOREIGN KEY ("entry_id") REFERENCES "break_glass_list"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "break_glass" ADD CONSTRAINT "break_glass_proof_id_fkey" FOREIGN KEY ("proof_id") REFERENCES "step_up_proofs"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "break_glass_people" ADD CONSTRAINT "break_glass_people_break_glass_id_fkey" FOREIGN KEY ("break_glass_id") REFERENCES "break_glass"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "break_glass_people" ADD CONSTRAINT "break_glass_people_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "people"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "break_glass_debts" ADD CONSTRAINT "break_glass_debts_break_glass_id_fkey" FOREIGN KEY ("break_glass_id") REFERENCES "break_glass"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "break_glass_debts" ADD CONSTRAINT "break_glass_debts_closed_by_id_fkey" FOREIGN KEY ("closed_by_id") REFERENCES "people"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "break_glass_list" ADD CONSTRAINT "break_glass_list_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "people"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "break_glass_list" ADD CONSTRAINT "break_glass_list_team_id_fkey" FOREIGN KEY ("team_id") REFERENCES "teams"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "break_glass_list" ADD CONSTRAINT "break_glass_list_entitlement_id_fkey" FOREIGN KEY ("entitlement_id") REFERENCES "entitlements"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "break_glass_list" ADD CONSTRAINT "break_glass_list_confirmed_by_id_fkey" FOREIGN KEY ("confirmed_by_id") REFERENCES "people"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "break_glass_list" ADD CONSTRAINT "break_glass_list_ended_by_id_fkey" FOREIGN KEY ("ended_by_id") REFERENCES "people"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "break_glass_drill_results" ADD CONSTRAINT "break_glass_drill_results_drill_id_fkey" FOREIGN KEY ("drill_id") REFERENCES "break_glass_drills"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "break_glass_drill_results" ADD CONSTRAINT "break_glass_drill_results_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "people"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "sealed_credentials" ADD CONSTRAINT "sealed_credentials_credential_id_fkey" FOREIGN KEY ("credential_id") REFERENCES "credentials"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "sealed_credentials" ADD CONSTRAINT "sealed_credentials_holder_id_fkey" FOREIGN KEY ("holder_id") REFERENCES "people"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "sealed_credentials" ADD CONSTRAINT "sealed_credentials_registered_by_id_fkey" FOREIGN KEY ("registered_by_id") REFERENCES "people"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "sealed_checks" ADD CONSTRAINT "sealed_checks_sealed_id_fkey" FOREIGN KEY ("sealed_id") REFERENCES "sealed_credentials"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "sealed_checks" ADD CONSTRAINT "sealed_checks_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "people"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "requests" ADD CONSTRAINT "requests_break_glass_id_fkey" FOREIGN KEY ("break_glass_id") REFERENCES "break_glass"("id") ON DELETE SET NULL ON UPDATE CASCADE;

ALTER TABLE "break_glass"
  ADD CONSTRAINT break_glass_state_known CHECK (state IN ('waiting', 'open', 'declined', 'withdrawn', 'superseded')),
  ADD CONSTRAINT break_glass_basis_known CHECK (basis IN ('policy', 'list') AND (basis = 'list') = (entry_id IS NOT NULL)),
  ADD CONSTRAINT break_glass_bounds CHECK (duration_seconds > 0 AND debt_seconds > 0 AND debt_size > 0),
  ADD CONSTRAINT break_glass_second_answer_known CHECK (second_answer IN ('confirm', 'decline', 'unanswered'));
-- One emergency for one thing waits at a time.
CREATE UNIQUE INDEX break_glass_waiting ON "break_glass" (identity_id, entitlement_id) WHERE state = 'waiting';

ALTER TABLE "break_glass_people" ADD CONSTRAINT break_glass_part_known CHECK (part IN ('side', 'second', 'skipped'));

ALTER TABLE "break_glass_debts"
  ADD CONSTRAINT break_glass_verdict_known CHECK (verdict IN ('justified', 'justified-with-findings', 'not-justified')),
  ADD CONSTRAINT break_glass_closed_whole CHECK ((closed_at IS NULL) = (closed_by_id IS NULL) AND (closed_at IS NULL) = (verdict IS NULL));
CREATE INDEX break_glass_debts_open ON "break_glass_debts" (due_at) WHERE closed_at IS NULL;

ALTER TABLE "break_glass_list" ADD CONSTRAINT break_glass_list_one_holder CHECK (num_nonnulls(person_id, team_id) = 1);

ALTER TABLE "sealed_checks" ADD CONSTRAINT sealed_check_outcome_known CHECK (outcome IN ('intact', 'broken', 'resealed'));
