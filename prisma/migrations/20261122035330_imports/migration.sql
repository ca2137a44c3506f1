-- CreateTable
CREATE TABLE "imports" (
    "id" UUID NOT NULL,
    "system_id" UUID NOT NULL,
    "person_id" UUID,
    "token_id" UUID,
    "file_name" TEXT NOT NULL,
    "format" TEXT NOT NULL,
    "is_complete" BOOLEAN NOT NULL,
    "mapping" JSONB,
    "as_of" TIMESTAMPTZ(3) NOT NULL,
    "state" TEXT NOT NULL,
    "failure" TEXT,
    "failure_detail" JSONB,
    "sha256" TEXT,
    "bytes_received" BIGINT NOT NULL DEFAULT 0,
    "bytes_read" BIGINT NOT NULL DEFAULT 0,
    "lines_read" INTEGER NOT NULL DEFAULT 0,
    "lines_rejected" INTEGER NOT NULL DEFAULT 0,
    "lines_passed" INTEGER NOT NULL DEFAULT 0,
    "texts_withheld" INTEGER NOT NULL DEFAULT 0,
    "rows_staged" INTEGER NOT NULL DEFAULT 0,
    "compared_with" INTEGER,
    "counts" JSONB,
    "digest" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "progress_at" TIMESTAMPTZ(3) NOT NULL,
    "received_at" TIMESTAMPTZ(3),
    "compared_at" TIMESTAMPTZ(3),
    "confirmed_by_id" UUID,
    "confirmed_at" TIMESTAMPTZ(3),
    "closed_at" TIMESTAMPTZ(3),
    "demo" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "imports_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "import_rows" (
    "import_id" UUID NOT NULL,
    "seq" INTEGER NOT NULL,
    "line" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "ref" TEXT NOT NULL,
    "ref2" TEXT NOT NULL,
    "rank" SMALLINT NOT NULL,
    "facts" JSONB NOT NULL,

    CONSTRAINT "import_rows_pkey" PRIMARY KEY ("import_id","seq")
);

-- CreateTable
CREATE TABLE "import_rejections" (
    "import_id" UUID NOT NULL,
    "seq" INTEGER NOT NULL,
    "line" INTEGER NOT NULL,
    "code" TEXT NOT NULL,
    "field" TEXT,
    "about" TEXT,

    CONSTRAINT "import_rejections_pkey" PRIMARY KEY ("import_id","seq")
);

-- CreateTable
CREATE TABLE "import_changes" (
    "import_id" UUID NOT NULL,
    "seq" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "change" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "ref" TEXT NOT NULL,
    "ref2" TEXT NOT NULL,
    "before" JSONB,
    "after" JSONB,
    "line" INTEGER,

    CONSTRAINT "import_changes_pkey" PRIMARY KEY ("import_id","seq")
);

-- CreateTable
CREATE TABLE "import_contradictions" (
    "import_id" UUID NOT NULL,
    "seq" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "field" TEXT NOT NULL,
    "here" JSONB,
    "there" JSONB,
    "family" TEXT NOT NULL,
    "as_of" TIMESTAMPTZ(3) NOT NULL,
    "wins" BOOLEAN NOT NULL,

    CONSTRAINT "import_contradictions_pkey" PRIMARY KEY ("import_id","seq")
);

-- CreateTable
CREATE TABLE "imported_facts" (
    "system_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "family" TEXT NOT NULL,
    "ref" TEXT NOT NULL,
    "ref2" TEXT NOT NULL,
    "facts" JSONB NOT NULL,
    "as_of" TIMESTAMPTZ(3) NOT NULL,
    "import_id" UUID NOT NULL,
    "gone_at" TIMESTAMPTZ(3),

    CONSTRAINT "imported_facts_pkey" PRIMARY KEY ("system_id","kind","key","family")
);

-- CreateTable
CREATE TABLE "import_tokens" (
    "id" UUID NOT NULL,
    "system_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "token_hash" BYTEA NOT NULL,
    "created_by_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "last_used_at" TIMESTAMPTZ(3),
    "withdrawn_at" TIMESTAMPTZ(3),

    CONSTRAINT "import_tokens_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "imports_created_at_id_idx" ON "imports"("created_at", "id");

-- CreateIndex
CREATE INDEX "imports_system_id_state_idx" ON "imports"("system_id", "state");

-- CreateIndex
CREATE INDEX "import_changes_import_id_change_seq_idx" ON "import_changes"("import_id", "change", "seq");

-- CreateIndex
CREATE UNIQUE INDEX "import_tokens_token_hash_key" ON "import_tokens"("token_hash");

-- CreateIndex
CREATE INDEX "import_tokens_system_id_idx" ON "import_tokens"("system_id");

-- AddForeignKey
ALTER TABLE "imports" ADD CONSTRAINT "imports_system_id_fkey" FOREIGN KEY ("system_id") REFERENCES "systems"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "imports" ADD CONSTRAINT "imports_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "people"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "imports" ADD CONSTRAINT "imports_confirmed_by_id_fkey" FOREIGN KEY ("confirmed_by_id") REFERENCES "people"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "imports" ADD CONSTRAINT "imports_token_id_fkey" FOREIGN KEY ("token_id") REFERENCES "import_tokens"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "import_rejections" ADD CONSTRAINT "import_rejections_import_id_fkey" FOREIGN KEY ("import_id") REFERENCES "imports"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "imported_facts" ADD CONSTRAINT "imported_facts_system_id_fkey" FOREIGN KEY ("system_id") REFERENCES "systems"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "import_tokens" ADD CONSTRAINT "import_tokens_system_id_fkey" FOREIGN KEY ("system_id") REFERENCES "systems"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "import_tokens" ADD CONSTRAINT "import_tokens_created_by_id_fkey" FOREIGN KEY ("created_by_id") REFERENCES "people"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- What Prisma cannot say: closed vocabularies.
ALTER TABLE "imports" ADD CONSTRAINT "imports_state" CHECK ("state" IN ('announced', 'receiving', 'interrupted', 'comparing', 'ready', 'unchanged', 'applying', 'applied', 'discarded', 'failed'));
ALTER TABLE "imports" ADD CONSTRAINT "imports_format" CHECK ("format" IN ('aws-credential-report', 'aws-authorization-details', 'kubernetes', 'github-export', 'github-audit-log', 'curfew-csv', 'curfew-json'));
ALTER TABLE "import_changes" ADD CONSTRAINT "import_changes_change" CHECK ("change" IN ('appeared', 'returned', 'changed', 'vanished', 'outvoted'));
