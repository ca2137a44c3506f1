-- CreateTable
CREATE TABLE "discovery_runs" (
    "id" UUID NOT NULL,
    "system_id" UUID NOT NULL,
    "state" TEXT NOT NULL,
    "phase" TEXT,
    "done" INTEGER NOT NULL DEFAULT 0,
    "total" INTEGER,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "beat_at" TIMESTAMPTZ(3) NOT NULL,
    "finished_at" TIMESTAMPTZ(3),
    "ordered_by_id" UUID,
    "roles" INTEGER,
    "appeared" INTEGER,
    "changed" INTEGER,
    "vanished" INTEGER,
    "diff" JSONB,
    "not_seen" JSONB,
    "failure" TEXT,
    "failure_text" TEXT,

    CONSTRAINT "discovery_runs_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "server_logs" (
    "system_id" UUID NOT NULL,
    "position" JSONB,
    "visible_since" TIMESTAMPTZ(3),
    "read_at" TIMESTAMPTZ(3),
    "unreadable" TEXT,
    "remedy" TEXT,

    CONSTRAINT "server_logs_pkey" PRIMARY KEY ("system_id")
);

-- CreateTable
CREATE TABLE "suspensions" (
    "id" UUID NOT NULL,
    "identity_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "state_before" TEXT NOT NULL,
    "reason" TEXT,
    "review_item_id" UUID,
    "open_connections" TEXT NOT NULL,
    "undo_at" TIMESTAMPTZ(3),
    "undo_at_first_refusal" BOOLEAN NOT NULL DEFAULT false,
    "ordered_at" TIMESTAMPTZ(3) NOT NULL,
    "ordered_by_id" UUID,
    "accepted_at" TIMESTAMPTZ(3),
    "proven_at" TIMESTAMPTZ(3),
    "undo_why" TEXT,
    "undo_ordered_at" TIMESTAMPTZ(3),
    "undo_ordered_by_id" UUID,
    "undo_accepted_at" TIMESTAMPTZ(3),
    "undone_at" TIMESTAMPTZ(3),
    "closed_at" TIMESTAMPTZ(3),
    "refused_login_at" TIMESTAMPTZ(3),
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "next_attempt_at" TIMESTAMPTZ(3),
    "last_failure" TEXT,
    "last_failure_text" TEXT,
    "stuck_since" TIMESTAMPTZ(3),
    "demo" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "suspensions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "suspended_credentials" (
    "id" UUID NOT NULL,
    "suspension_id" UUID NOT NULL,
    "credential_id" UUID NOT NULL,
    "system_id" UUID NOT NULL,
    "handle" TEXT NOT NULL,
    "target_id" TEXT NOT NULL,
    "accepted_at" TIMESTAMPTZ(3),
    "changed" BOOLEAN,
    "gone" BOOLEAN NOT NULL DEFAULT false,
    "connections_cut" INTEGER,
    "connections_left" INTEGER,
    "proven_at" TIMESTAMPTZ(3),
    "proof" JSONB,
    "undo_accepted_at" TIMESTAMPTZ(3),
    "left_as_is" TEXT,
    "undone_at" TIMESTAMPTZ(3),
    "undo_proof" JSONB,

    CONSTRAINT "suspended_credentials_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "discovery_runs_system_id_started_at_idx" ON "discovery_runs"("system_id", "started_at");

-- CreateIndex
CREATE INDEX "suspensions_identity_id_ordered_at_idx" ON "suspensions"("identity_id", "ordered_at");

-- CreateIndex
CREATE INDEX "suspensions_state_undo_at_idx" ON "suspensions"("state", "undo_at");

-- CreateIndex
CREATE INDEX "suspended_credentials_system_id_idx" ON "suspended_credentials"("system_id");

-- CreateIndex
CREATE UNIQUE INDEX "suspended_credentials_suspension_id_credential_id_key" ON "suspended_credentials"("suspension_id", "credential_id");

-- AddForeignKey
ALTER TABLE "discovery_runs" ADD CONSTRAINT "discovery_runs_system_id_fkey" FOREIGN KEY ("system_id") REFERENCES "systems"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "discovery_runs" ADD CONSTRAINT "discovery_runs_ordered_by_id_fkey" FOREIGN KEY ("ordered_by_id") REFERENCES "people"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "server_logs" ADD CONSTRAINT "server_logs_system_id_fkey" FOREIGN KEY ("system_id") REFERENCES "systems"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "suspensions" ADD CONSTRAINT "suspensions_identity_id_fkey" FOREIGN KEY ("identity_id") REFERENCES "identities"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "suspensions" ADD CONSTRAINT "suspensions_ordered_by_id_fkey" FOREIGN KEY ("ordered_by_id") REFERENCES "people"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "suspensions" ADD CONSTRAINT "suspensions_undo_ordered_by_id_fkey" FOREIGN KEY ("undo_ordered_by_id") REFERENCES "people"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "suspended_credentials" ADD CONSTRAINT "suspended_credentials_suspension_id_fkey" FOREIGN KEY ("suspension_id") REFERENCES "suspensions"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "suspended_credentials" ADD CONSTRAINT "suspended_credentials_credential_id_fkey" FOREIGN KEY ("credential_id") REFERENCES "credentials"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "suspended_credentials" ADD CONSTRAINT "suspended_credentials_system_id_fkey" FOREIGN KEY ("system_id") REFERENCES "systems"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- What Prisma cannot say: one open suspension per identity, and one run at a time per system.
CREATE UNIQUE INDEX "suspensions_one_open" ON "suspensions"("identity_id") WHERE "closed_at" IS NULL;
CREATE UNIQUE INDEX "discovery_runs_one_running" ON "discovery_runs"("system_id") WHERE "state" = 'running';
-- What waits to be done or undone: asked every second.
CREATE INDEX "suspensions_open_undo_at" ON "suspensions"("undo_at") WHERE "closed_at" IS NULL AND "undo_ordered_at" IS NULL;
