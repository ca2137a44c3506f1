-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateTable
CREATE TABLE "installation" (
    "singleton" BOOLEAN NOT NULL DEFAULT true,
    "tag" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "installation_pkey" PRIMARY KEY ("singleton")
);

-- CreateTable
CREATE TABLE "heartbeats" (
    "id" TEXT NOT NULL,
    "process" TEXT NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "beat_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "heartbeats_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "grants" (
    "id" UUID NOT NULL,
    "request_id" UUID NOT NULL,
    "entitlement_id" UUID NOT NULL,
    "identity_id" UUID NOT NULL,
    "system_id" UUID NOT NULL,
    "state" TEXT NOT NULL,
    "duration_seconds" INTEGER NOT NULL,
    "max_uses" INTEGER,
    "idle_seconds" INTEGER,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "activate_before" TIMESTAMPTZ(3) NOT NULL,
    "replaces_id" UUID,
    "activation_key" TEXT,
    "issue_started_at" TIMESTAMPTZ(3),
    "issue_deadline" TIMESTAMPTZ(3),
    "handle_name" TEXT,
    "handle_target_id" TEXT,
    "connection" JSONB,
    "activated_at" TIMESTAMPTZ(3),
    "not_after" TIMESTAMPTZ(3),
    "end_reason" TEXT,
    "ending_at" TIMESTAMPTZ(3),
    "ended_by_id" UUID,
    "accepted_at" TIMESTAMPTZ(3),
    "sessions_cut" INTEGER,
    "proven_at" TIMESTAMPTZ(3),
    "proof" JSONB,
    "still_given" JSONB,
    "closed_at" TIMESTAMPTZ(3),
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "next_attempt_at" TIMESTAMPTZ(3),
    "last_failure" TEXT,
    "stuck_since" TIMESTAMPTZ(3),
    "first_use_at" TIMESTAMPTZ(3),
    "last_use_at" TIMESTAMPTZ(3),
    "use_count" INTEGER NOT NULL DEFAULT 0,
    "statement_count" BIGINT,
    "live_connections" INTEGER NOT NULL DEFAULT 0,
    "observed_at" TIMESTAMPTZ(3),
    "not_rechecked_since" TIMESTAMPTZ(3),
    "rechecked_at" TIMESTAMPTZ(3),
    "demo" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "grants_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "uses" (
    "id" UUID NOT NULL,
    "grant_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "last_seen_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3),
    "source" TEXT NOT NULL,
    "match" TEXT NOT NULL,
    "client_address" TEXT,

    CONSTRAINT "uses_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "exports" (
    "id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "format" TEXT NOT NULL,
    "parameters" JSONB NOT NULL,
    "as_of" BIGINT NOT NULL,
    "rows" INTEGER,
    "sha256" TEXT,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "finished_at" TIMESTAMPTZ(3),
    "state" TEXT NOT NULL,

    CONSTRAINT "exports_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "identities" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "description" TEXT,
    "environment" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "owner_id" UUID,
    "sponsor_id" UUID,
    "backup_id" UUID,
    "creator_id" UUID,
    "team_id" UUID,
    "source" TEXT NOT NULL,
    "system_id" UUID,
    "first_seen_at" TIMESTAMPTZ(3) NOT NULL,
    "last_seen_at" TIMESTAMPTZ(3) NOT NULL,
    "vanished_at" TIMESTAMPTZ(3),
    "last_active_at" TIMESTAMPTZ(3),
    "visible_since" TIMESTAMPTZ(3),
    "workload_issuer" TEXT,
    "workload_subject" TEXT,
    "demo" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "identities_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "credentials" (
    "id" UUID NOT NULL,
    "identity_id" UUID NOT NULL,
    "system_id" UUID NOT NULL,
    "handle" TEXT NOT NULL,
    "target_id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3),
    "last_used_at" TIMESTAMPTZ(3),
    "visible_since" TIMESTAMPTZ(3),
    "first_seen_at" TIMESTAMPTZ(3) NOT NULL,
    "last_seen_at" TIMESTAMPTZ(3) NOT NULL,
    "vanished_at" TIMESTAMPTZ(3),
    "facts" JSONB NOT NULL,

    CONSTRAINT "credentials_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "assignments" (
    "id" UUID NOT NULL,
    "identity_id" UUID NOT NULL,
    "entitlement_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "grant_id" UUID,
    "path" TEXT[],
    "first_seen_at" TIMESTAMPTZ(3) NOT NULL,
    "last_seen_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "assignments_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "entitlements" (
    "id" UUID NOT NULL,
    "system_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT NOT NULL,
    "target" JSONB NOT NULL,
    "actions" TEXT[],
    "sensitivity" TEXT NOT NULL,
    "resource_owner_id" UUID,
    "resource_team_id" UUID,
    "purposes" TEXT[],
    "max_duration_seconds" INTEGER,
    "privileges" JSONB,
    "privileges_read_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "requestable" BOOLEAN NOT NULL DEFAULT false,
    "demo" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "entitlements_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "people" (
    "id" UUID NOT NULL,
    "issuer" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "email" TEXT,
    "name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "left_at" TIMESTAMPTZ(3),
    "demo" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "people_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "person_roles" (
    "person_id" UUID NOT NULL,
    "role" TEXT NOT NULL,
    "since" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "person_roles_pkey" PRIMARY KEY ("person_id","role")
);

-- CreateTable
CREATE TABLE "teams" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "demo" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "teams_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "team_members" (
    "team_id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "lead" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "team_members_pkey" PRIMARY KEY ("team_id","person_id")
);

-- CreateTable
CREATE TABLE "sign_ins" (
    "id" UUID NOT NULL,
    "token_hash" BYTEA NOT NULL,
    "person_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "sign_ins_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "policy_sets" (
    "hash" TEXT NOT NULL,
    "version" SERIAL NOT NULL,
    "policies" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "activated_at" TIMESTAMPTZ(3),

    CONSTRAINT "policy_sets_pkey" PRIMARY KEY ("hash")
);

-- CreateTable
CREATE TABLE "decisions" (
    "id" UUID NOT NULL,
    "request_id" UUID NOT NULL,
    "moment" TEXT NOT NULL,
    "policy_hash" TEXT NOT NULL,
    "input_hash" TEXT NOT NULL,
    "input" JSONB NOT NULL,
    "outcome" TEXT NOT NULL,
    "determining" TEXT[],
    "reasons" JSONB NOT NULL,
    "obligations" JSONB NOT NULL,
    "decided_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "decisions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "requests" (
    "id" UUID NOT NULL,
    "number" SERIAL NOT NULL,
    "requester_id" UUID,
    "requester_identity_id" UUID,
    "triggered_by_id" UUID,
    "made_for_id" UUID,
    "identity_id" UUID NOT NULL,
    "purpose" TEXT NOT NULL,
    "intent" TEXT,
    "ticket_key" TEXT,
    "duration_seconds" INTEGER NOT NULL,
    "granted_duration_seconds" INTEGER NOT NULL,
    "max_uses" INTEGER,
    "idle_seconds" INTEGER,
    "state" TEXT NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "submitted_at" TIMESTAMPTZ(3) NOT NULL,
    "decide_before" TIMESTAMPTZ(3) NOT NULL,
    "decided_at" TIMESTAMPTZ(3),
    "activate_before" TIMESTAMPTZ(3),
    "idempotency_key" TEXT,
    "source_address" TEXT,
    "demo" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "requests_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "request_entitlements" (
    "request_id" UUID NOT NULL,
    "entitlement_id" UUID NOT NULL,

    CONSTRAINT "request_entitlements_pkey" PRIMARY KEY ("request_id","entitlement_id")
);

-- CreateTable
CREATE TABLE "stages" (
    "id" UUID NOT NULL,
    "request_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "label" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "needed" INTEGER NOT NULL,
    "state" TEXT NOT NULL,

    CONSTRAINT "stages_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "stage_members" (
    "stage_id" UUID NOT NULL,
    "person_id" UUID NOT NULL,

    CONSTRAINT "stage_members_pkey" PRIMARY KEY ("stage_id","person_id")
);

-- CreateTable
CREATE TABLE "votes" (
    "id" UUID NOT NULL,
    "request_id" UUID NOT NULL,
    "stage_id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "answer" TEXT NOT NULL,
    "reason" TEXT,
    "request_version" INTEGER NOT NULL,
    "duration_seconds" INTEGER NOT NULL,
    "voted_at" TIMESTAMPTZ(3) NOT NULL,
    "voided_at" TIMESTAMPTZ(3),

    CONSTRAINT "votes_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "side_members" (
    "request_id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "why" TEXT NOT NULL,
    "since" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "side_members_pkey" PRIMARY KEY ("request_id","person_id","why")
);

-- CreateTable
CREATE TABLE "systems" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "connector" TEXT NOT NULL,
    "environment" TEXT NOT NULL,
    "config" JSONB NOT NULL,
    "sealed_secrets" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "check" JSONB,
    "checked_at" TIMESTAMPTZ(3),
    "reachable_at" TIMESTAMPTZ(3),
    "unreachable_since" TIMESTAMPTZ(3),
    "unreachable_reason" TEXT,
    "discovered_at" TIMESTAMPTZ(3),
    "observed_at" TIMESTAMPTZ(3),
    "demo" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "systems_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "findings" (
    "id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "dedupe_key" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "detail" JSONB NOT NULL,
    "controls" TEXT[],
    "system_id" UUID,
    "grant_id" UUID,
    "identity_id" UUID,
    "opened_at" TIMESTAMPTZ(3) NOT NULL,
    "closed_at" TIMESTAMPTZ(3),
    "demo" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "findings_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "grants_replaces_id_key" ON "grants"("replaces_id");

-- CreateIndex
CREATE INDEX "grants_state_not_after_idx" ON "grants"("state", "not_after");

-- CreateIndex
CREATE INDEX "grants_system_id_state_idx" ON "grants"("system_id", "state");

-- CreateIndex
CREATE INDEX "grants_request_id_idx" ON "grants"("request_id");

-- CreateIndex
CREATE INDEX "grants_identity_id_entitlement_id_idx" ON "grants"("identity_id", "entitlement_id");

-- CreateIndex
CREATE INDEX "grants_created_at_id_idx" ON "grants"("created_at", "id");

-- CreateIndex
CREATE UNIQUE INDEX "uses_grant_id_key_key" ON "uses"("grant_id", "key");

-- CreateIndex
CREATE INDEX "exports_started_at_id_idx" ON "exports"("started_at", "id");

-- CreateIndex
CREATE INDEX "identities_name_id_idx" ON "identities"("name", "id");

-- CreateIndex
CREATE INDEX "identities_last_active_at_id_idx" ON "identities"("last_active_at", "id");

-- CreateIndex
CREATE INDEX "identities_owner_id_idx" ON "identities"("owner_id");

-- CreateIndex
CREATE UNIQUE INDEX "identities_workload_issuer_workload_subject_key" ON "identities"("workload_issuer", "workload_subject");

-- CreateIndex
CREATE INDEX "credentials_identity_id_idx" ON "credentials"("identity_id");

-- CreateIndex
CREATE UNIQUE INDEX "credentials_system_id_target_id_key" ON "credentials"("system_id", "target_id");

-- CreateIndex
CREATE UNIQUE INDEX "assignments_grant_id_key" ON "assignments"("grant_id");

-- CreateIndex
CREATE INDEX "assignments_identity_id_entitlement_id_idx" ON "assignments"("identity_id", "entitlement_id");

-- CreateIndex
CREATE INDEX "assignments_entitlement_id_idx" ON "assignments"("entitlement_id");

-- CreateIndex
CREATE UNIQUE INDEX "entitlements_system_id_name_key" ON "entitlements"("system_id", "name");

-- CreateIndex
CREATE UNIQUE INDEX "people_issuer_subject_key" ON "people"("issuer", "subject");

-- CreateIndex
CREATE UNIQUE INDEX "teams_name_key" ON "teams"("name");

-- CreateIndex
CREATE INDEX "team_members_person_id_idx" ON "team_members"("person_id");

-- CreateIndex
CREATE UNIQUE INDEX "sign_ins_token_hash_key" ON "sign_ins"("token_hash");

-- CreateIndex
CREATE INDEX "sign_ins_person_id_idx" ON "sign_ins"("person_id");

-- CreateIndex
CREATE UNIQUE INDEX "policy_sets_version_key" ON "policy_sets"("version");

-- CreateIndex
CREATE INDEX "decisions_request_id_idx" ON "decisions"("request_id");

-- CreateIndex
CREATE UNIQUE INDEX "requests_number_key" ON "requests"("number");

-- CreateIndex
CREATE INDEX "requests_state_decide_before_idx" ON "requests"("state", "decide_before");

-- CreateIndex
CREATE INDEX "requests_submitted_at_id_idx" ON "requests"("submitted_at", "id");

-- CreateIndex
CREATE INDEX "requests_requester_id_submitted_at_idx" ON "requests"("requester_id", "submitted_at");

-- CreateIndex
CREATE INDEX "requests_identity_id_idx" ON "requests"("identity_id");

-- CreateIndex
CREATE UNIQUE INDEX "requests_requester_id_idempotency_key_key" ON "requests"("requester_id", "idempotency_key");

-- CreateIndex
CREATE UNIQUE INDEX "requests_requester_identity_id_idempotency_key_key" ON "requests"("requester_identity_id", "idempotency_key");

-- CreateIndex
CREATE INDEX "request_entitlements_entitlement_id_idx" ON "request_entitlements"("entitlement_id");

-- CreateIndex
CREATE UNIQUE INDEX "stages_request_id_position_key" ON "stages"("request_id", "position");

-- CreateIndex
CREATE INDEX "stage_members_person_id_idx" ON "stage_members"("person_id");

-- CreateIndex
CREATE INDEX "votes_request_id_idx" ON "votes"("request_id");

-- CreateIndex
CREATE INDEX "votes_person_id_idx" ON "votes"("person_id");

-- CreateIndex
CREATE UNIQUE INDEX "systems_name_key" ON "systems"("name");

-- CreateIndex
CREATE UNIQUE INDEX "findings_dedupe_key_key" ON "findings"("dedupe_key");

-- CreateIndex
CREATE INDEX "findings_grant_id_idx" ON "findings"("grant_id");

-- CreateIndex
CREATE INDEX "findings_opened_at_id_idx" ON "findings"("opened_at", "id");

-- AddForeignKey
ALTER TABLE "grants" ADD CONSTRAINT "grants_request_id_fkey" FOREIGN KEY ("request_id") REFERENCES "requests"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "grants" ADD CONSTRAINT "grants_entitlement_id_fkey" FOREIGN KEY ("entitlement_id") REFERENCES "entitlements"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "grants" ADD CONSTRAINT "grants_identity_id_fkey" FOREIGN KEY ("identity_id") REFERENCES "identities"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "grants" ADD CONSTRAINT "grants_system_id_fkey" FOREIGN KEY ("system_id") REFERENCES "systems"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "grants" ADD CONSTRAINT "grants_ended_by_id_fkey" FOREIGN KEY ("ended_by_id") REFERENCES "people"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "uses" ADD CONSTRAINT "uses_grant_id_fkey" FOREIGN KEY ("grant_id") REFERENCES "grants"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "exports" ADD CONSTRAINT "exports_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "people"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "identities" ADD CONSTRAINT "identities_owner_id_fkey" FOREIGN KEY ("owner_id") REFERENCES "people"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "identities" ADD CONSTRAINT "identities_sponsor_id_fkey" FOREIGN KEY ("sponsor_id") REFERENCES "people"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "identities" ADD CONSTRAINT "identities_backup_id_fkey" FOREIGN KEY ("backup_id") REFERENCES "people"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "identities" ADD CONSTRAINT "identities_creator_id_fkey" FOREIGN KEY ("creator_id") REFERENCES "people"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "identities" ADD CONSTRAINT "identities_team_id_fkey" FOREIGN KEY ("team_id") REFERENCES "teams"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "identities" ADD CONSTRAINT "identities_system_id_fkey" FOREIGN KEY ("system_id") REFERENCES "systems"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "credentials" ADD CONSTRAINT "credentials_identity_id_fkey" FOREIGN KEY ("identity_id") REFERENCES "identities"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "credentials" ADD CONSTRAINT "credentials_system_id_fkey" FOREIGN KEY ("system_id") REFERENCES "systems"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "assignments" ADD CONSTRAINT "assignments_identity_id_fkey" FOREIGN KEY ("identity_id") REFERENCES "identities"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "assignments" ADD CONSTRAINT "assignments_entitlement_id_fkey" FOREIGN KEY ("entitlement_id") REFERENCES "entitlements"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "assignments" ADD CONSTRAINT "assignments_grant_id_fkey" FOREIGN KEY ("grant_id") REFERENCES "grants"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "entitlements" ADD CONSTRAINT "entitlements_system_id_fkey" FOREIGN KEY ("system_id") REFERENCES "systems"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "entitlements" ADD CONSTRAINT "entitlements_resource_owner_id_fkey" FOREIGN KEY ("resource_owner_id") REFERENCES "people"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "entitlements" ADD CONSTRAINT "entitlements_resource_team_id_fkey" FOREIGN KEY ("resource_team_id") REFERENCES "teams"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "person_roles" ADD CONSTRAINT "person_roles_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "people"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "team_members" ADD CONSTRAINT "team_members_team_id_fkey" FOREIGN KEY ("team_id") REFERENCES "teams"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "team_members" ADD CONSTRAINT "team_members_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "people"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "sign_ins" ADD CONSTRAINT "sign_ins_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "people"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "decisions" ADD CONSTRAINT "decisions_request_id_fkey" FOREIGN KEY ("request_id") REFERENCES "requests"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "requests" ADD CONSTRAINT "requests_requester_id_fkey" FOREIGN KEY ("requester_id") REFERENCES "people"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "requests" ADD CONSTRAINT "requests_requester_identity_id_fkey" FOREIGN KEY ("requester_identity_id") REFERENCES "identities"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "requests" ADD CONSTRAINT "requests_triggered_by_id_fkey" FOREIGN KEY ("triggered_by_id") REFERENCES "people"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "requests" ADD CONSTRAINT "requests_made_for_id_fkey" FOREIGN KEY ("made_for_id") REFERENCES "people"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "requests" ADD CONSTRAINT "requests_identity_id_fkey" FOREIGN KEY ("identity_id") REFERENCES "identities"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "request_entitlements" ADD CONSTRAINT "request_entitlements_request_id_fkey" FOREIGN KEY ("request_id") REFERENCES "requests"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "request_entitlements" ADD CONSTRAINT "request_entitlements_entitlement_id_fkey" FOREIGN KEY ("entitlement_id") REFERENCES "entitlements"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "stages" ADD CONSTRAINT "stages_request_id_fkey" FOREIGN KEY ("request_id") REFERENCES "requests"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "stage_members" ADD CONSTRAINT "stage_members_stage_id_fkey" FOREIGN KEY ("stage_id") REFERENCES "stages"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "stage_members" ADD CONSTRAINT "stage_members_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "people"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "votes" ADD CONSTRAINT "votes_request_id_fkey" FOREIGN KEY ("request_id") REFERENCES "requests"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "votes" ADD CONSTRAINT "votes_stage_id_fkey" FOREIGN KEY ("stage_id") REFERENCES "stages"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "votes" ADD CONSTRAINT "votes_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "people"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "side_members" ADD CONSTRAINT "side_members_request_id_fkey" FOREIGN KEY ("request_id") REFERENCES "requests"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "side_members" ADD CONSTRAINT "side_members_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "people"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "findings" ADD CONSTRAINT "findings_system_id_fkey" FOREIGN KEY ("system_id") REFERENCES "systems"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "findings" ADD CONSTRAINT "findings_grant_id_fkey" FOREIGN KEY ("grant_id") REFERENCES "grants"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "findings" ADD CONSTRAINT "findings_identity_id_fkey" FOREIGN KEY ("identity_id") REFERENCES "identities"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- Words that a column may hold (docs/architecture.md, glossary).
ALTER TABLE "person_roles" ADD CONSTRAINT "person_roles_role" CHECK ("role" IN ('requester', 'approver', 'owner', 'auditor', 'administrator'));
ALTER TABLE "identities" ADD CONSTRAINT "identities_kind" CHECK ("kind" IN ('service-account', 'database-role', 'api-key', 'oauth-client', 'workload', 'ci-job', 'ai-agent', 'bot', 'certificate', 'ssh-key', 'third-party'));
ALTER TABLE "identities" ADD CONSTRAINT "identities_state" CHECK ("state" IN ('unowned', 'active', 'dormant', 'stale', 'orphaned', 'suspended', 'offboarded'));
ALTER TABLE "identities" ADD CONSTRAINT "identities_owned" CHECK ("state" = 'unowned' OR "state" = 'orphaned' OR "state" = 'offboarded' OR "state" = 'suspended' OR ("owner_id" IS NOT NULL AND "sponsor_id" IS NOT NULL));
ALTER TABLE "entitlements" ADD CONSTRAINT "entitlements_sensitivity" CHECK ("sensitivity" IN ('low', 'medium', 'high', 'critical'));
ALTER TABLE "assignments" ADD CONSTRAINT "assignments_kind" CHECK (("kind" = 'standing' AND "grant_id" IS NULL) OR ("kind" = 'granted' AND "grant_id" IS NOT NULL));
ALTER TABLE "decisions" ADD CONSTRAINT "decisions_outcome" CHECK ("outcome" IN ('permit', 'refuse', 'fault'));
ALTER TABLE "requests" ADD CONSTRAINT "requests_state" CHECK ("state" IN ('pending', 'approved', 'denied', 'withdrawn', 'lapsed'));
ALTER TABLE "requests" ADD CONSTRAINT "requests_asker" CHECK (("requester_id" IS NULL) <> ("requester_identity_id" IS NULL));
ALTER TABLE "requests" ADD CONSTRAINT "requests_narrowed" CHECK ("granted_duration_seconds" BETWEEN 1 AND "duration_seconds");
ALTER TABLE "stages" ADD CONSTRAINT "stages_state" CHECK ("state" IN ('waiting', 'open', 'approved', 'denied', 'void'));
ALTER TABLE "stages" ADD CONSTRAINT "stages_needed" CHECK ("needed" >= 1);
ALTER TABLE "votes" ADD CONSTRAINT "votes_answer" CHECK ("answer" IN ('approve', 'deny'));
ALTER TABLE "grants" ADD CONSTRAINT "grants_state" CHECK ("state" IN ('ready', 'issuing', 'active', 'ending', 'accepted', 'proven', 'failed', 'lapsed', 'stuck', 'not-provable', 'forced', 'expired-unproven'));
ALTER TABLE "grants" ADD CONSTRAINT "grants_end_reason" CHECK ("end_reason" IN ('completed', 'task-failed', 'expired', 'idle', 'use-limit', 'context-changed', 'abnormal', 'ticket-closed', 'ended-by-person', 'identity-suspended', 'owner-left', 'superseded'));
-- A live grant always has an end.
ALTER TABLE "grants" ADD CONSTRAINT "grants_bounded" CHECK ("state" <> 'active' OR "not_after" IS NOT NULL);
-- One person, one standing vote on a request: stages need distinct people.
CREATE UNIQUE INDEX "votes_one_each" ON "votes" ("request_id", "person_id") WHERE "voided_at" IS NULL;
-- At most one grant of a request and entitlement is on its way or alive.
CREATE UNIQUE INDEX "grants_one_alive" ON "grants" ("request_id", "entitlement_id") WHERE "state" IN ('ready', 'issuing', 'active');
CREATE UNIQUE INDEX "assignments_one_standing" ON "assignments" ("identity_id", "entitlement_id") WHERE "kind" = 'standing' AND "ended_at" IS NULL;
CREATE INDEX "grants_due" ON "grants" ("not_after") WHERE "state" = 'active';
CREATE INDEX "grants_unfinished" ON "grants" ("next_attempt_at") WHERE "state" IN ('issuing', 'ending', 'accepted', 'stuck');

-- What makes this installation's handles its own on every target.
INSERT INTO "installation" ("tag", "created_at") VALUES (left(replace(gen_random_uuid()::text, '-', ''), 8), now());

-- The ledger: append-only evidence. Events are the exact bytes of canonical JSON (RFC 8785); `jsonb` would rewrite numbers.
CREATE SCHEMA "ledger";
CREATE TABLE ledger.event (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  type text NOT NULL CHECK (length(type) <= 100),
  -- C2SP tlog entries are limited to 65,535 bytes.
  body bytea NOT NULL CHECK (octet_length(body) <= 65535),
  occurred_at timestamptz(3) NOT NULL
);
-- What an event is about, for finding a chain.
CREATE TABLE ledger.subject (
  event_id bigint NOT NULL REFERENCES ledger.event,
  kind text NOT NULL,
  id uuid NOT NULL,
  PRIMARY KEY (kind, id, event_id)
);
-- Committed but not yet in sequence. What listeners are told then stands here, bounded (a notification has at most 8,000
-- bytes) and in its final form: reading it out of a body could fail, and one such event would stop the ledger for ever.
CREATE TABLE ledger.pending (
  event_id bigint PRIMARY KEY REFERENCES ledger.event,
  subjects jsonb NOT NULL CHECK (octet_length(subjects::text) <= 4000)
);
-- Gapless positions with RFC 6962 leaf hashes; partitioned by position.
CREATE TABLE ledger.entry (
  position bigint PRIMARY KEY,
  event_id bigint NOT NULL,
  leaf_hash bytea NOT NULL CHECK (octet_length(leaf_hash) = 32),
  sequenced_at timestamptz(3) NOT NULL DEFAULT clock_timestamp()
) PARTITION BY RANGE (position);
CREATE TABLE ledger.entry_0 PARTITION OF ledger.entry FOR VALUES FROM (0) TO (10000000);
CREATE TABLE ledger.entry_1 PARTITION OF ledger.entry FOR VALUES FROM (10000000) TO (20000000);
CREATE TABLE ledger.entry_2 PARTITION OF ledger.entry FOR VALUES FROM (20000000) TO (30000000);
CREATE TABLE ledger.entry_3 PARTITION OF ledger.entry FOR VALUES FROM (30000000) TO (40000000);
CREATE TABLE ledger.entry_rest PARTITION OF ledger.entry DEFAULT;
CREATE INDEX entry_event ON ledger.entry (event_id);
-- Names and free text beside their salted hashes, erasable without touching an event.
CREATE TABLE ledger.clear_value (
  event_id bigint NOT NULL REFERENCES ledger.event,
  field text NOT NULL,
  salt bytea NOT NULL,
  value text NOT NULL,
  PRIMARY KEY (event_id, field)
);
CREATE TABLE ledger.head (singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton), size bigint NOT NULL);
INSERT INTO ledger.head (size) VALUES (0);

CREATE FUNCTION ledger.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'the ledger is append-only' USING ERRCODE = 'restrict_violation'; END $$;
CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.event FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER subject_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.subject FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.entry FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

-- Appends one event in the caller's transaction. No lock, no hash chain and no NOTIFY (which would make commits wait for each
-- other) in the hot path: listeners are told when the event gets its position.
-- `subjects`: {"request": "<uuid>", …}; `clear`: {"field": {"salt": "<hex>", "value": "<text>"}, …}.
CREATE FUNCTION ledger.append(event_type text, event_body bytea, at timestamptz, subjects jsonb, clear jsonb) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE new_id bigint;
BEGIN
  INSERT INTO ledger.event (type, body, occurred_at) VALUES (event_type, event_body, at) RETURNING id INTO new_id;
  INSERT INTO ledger.pending VALUES (new_id, subjects);
  INSERT INTO ledger.subject (event_id, kind, id) SELECT new_id, key, value::uuid FROM jsonb_each_text(subjects);
  INSERT INTO ledger.clear_value (event_id, field, salt, value)
    SELECT new_id, key, decode(value->>'salt', 'hex'), value->>'value' FROM jsonb_each(clear);
  RETURN new_id;
END $$;

-- Gives committed events gapless positions and tells listeners. READ COMMITTED only: the lock is a statement of its own, so that what follows has a new snapshot.
CREATE FUNCTION ledger.sequence(most integer) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE start_size bigint; added bigint := 0; told record;
BEGIN
  SELECT size INTO start_size FROM ledger.head FOR UPDATE;
  FOR told IN
    WITH taken AS (
      DELETE FROM ledger.pending WHERE event_id IN (SELECT event_id FROM ledger.pending ORDER BY event_id LIMIT most) RETURNING event_id, subjects
    ), entered AS (
      INSERT INTO ledger.entry (position, event_id, leaf_hash)
        SELECT start_size + row_number() OVER (ORDER BY e.id) - 1, e.id, sha256('\x00'::bytea || e.body)
        FROM taken JOIN ledger.event e ON e.id = taken.event_id
    )
    SELECT e.type, taken.subjects FROM taken JOIN ledger.event e ON e.id = taken.event_id ORDER BY e.id
  LOOP
    PERFORM pg_notify('curfew', jsonb_build_object('type', told.type, 'subjects', told.subjects)::text);
    added := added + 1;
  END LOOP;
  UPDATE ledger.head SET size = start_size + added;
  RETURN added;
END $$;
-- Statement triggers of a partitioned table do not guard its partitions when they are named directly.
DO $$ DECLARE part regclass; BEGIN
  FOR part IN SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = 'ledger.entry'::regclass LOOP
    EXECUTE format('CREATE TRIGGER entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change()', part);
  END LOOP;
END $$;
