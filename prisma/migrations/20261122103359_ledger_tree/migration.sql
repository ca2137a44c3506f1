-- CreateTable
CREATE TABLE "checkpoint_places" (
    "id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "address" TEXT NOT NULL,
    "may_be_inside" BOOLEAN NOT NULL DEFAULT false,
    "verifier_key" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "created_by_id" UUID NOT NULL,
    "removed_at" TIMESTAMPTZ(3),
    "due_at" TIMESTAMPTZ(3) NOT NULL,
    "is_asked" BOOLEAN NOT NULL DEFAULT false,
    "sent_size" BIGINT,
    "sent_at" TIMESTAMPTZ(3),
    "failing_since" TIMESTAMPTZ(3),
    "failures" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "checkpoint_places_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "checkpoint_sendings" (
    "id" UUID NOT NULL,
    "place_id" UUID NOT NULL,
    "size" BIGINT NOT NULL,
    "occasion" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "outcome" TEXT NOT NULL,
    "code" TEXT,

    CONSTRAINT "checkpoint_sendings_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "log_tokens" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "token_hash" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "created_by_id" UUID NOT NULL,
    "last_used_at" TIMESTAMPTZ(3),
    "withdrawn_at" TIMESTAMPTZ(3),

    CONSTRAINT "log_tokens_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "retention_rule" (
    "singleton" BOOLEAN NOT NULL DEFAULT true,
    "days" INTEGER,
    "changed_at" TIMESTAMPTZ(3) NOT NULL,
    "changed_by_id" UUID,

    CONSTRAINT "retention_rule_pkey" PRIMARY KEY ("singleton")
);

-- CreateTable
CREATE TABLE "legal_holds" (
    "id" UUID NOT NULL,
    "subject_kind" TEXT,
    "subject_id" UUID,
    "reason" TEXT NOT NULL,
    "made_at" TIMESTAMPTZ(3) NOT NULL,
    "made_by_id" UUID NOT NULL,
    "lifted_at" TIMESTAMPTZ(3),
    "lifted_by_id" UUID,

    CONSTRAINT "legal_holds_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "checkpoint_places_due_at_idx" ON "checkpoint_places"("due_at");

-- CreateIndex
CREATE INDEX "checkpoint_sendings_place_id_at_idx" ON "checkpoint_sendings"("place_id", "at");

-- CreateIndex
CREATE INDEX "checkpoint_sendings_outcome_at_idx" ON "checkpoint_sendings"("outcome", "at");

-- CreateIndex
CREATE UNIQUE INDEX "log_tokens_token_hash_key" ON "log_tokens"("token_hash");

-- CreateIndex
CREATE INDEX "legal_holds_subject_kind_subject_id_idx" ON "legal_holds"("subject_kind", "subject_id");

-- AddForeignKey
ALTER TABLE "checkpoint_sendings" ADD CONSTRAINT "checkpoint_sendings_place_id_fkey" FOREIGN KEY ("place_id") REFERENCES "checkpoint_places"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- The Merkle tree over the ledger, and what was signed about it. The tree is kept in full tiles of 256 hashes (C2SP
-- tlog-tiles); what is not full is read from the entries. `root`: of the tile's 256 hashes, a hash of the level above.
CREATE TABLE ledger.tile (
  level smallint NOT NULL CHECK (level BETWEEN 0 AND 7),
  index bigint NOT NULL CHECK (index >= 0),
  hashes bytea NOT NULL CHECK (octet_length(hashes) = 8192),
  root bytea NOT NULL CHECK (octet_length(root) = 32),
  PRIMARY KEY (level, index)
);
-- Hashes do not compress.
ALTER TABLE ledger.tile ALTER COLUMN hashes SET STORAGE EXTERNAL;
-- Leaf hashes behind the last full tile when the last checkpoint was signed: they say which position was changed since. No evidence.
CREATE TABLE ledger.edge (
  singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
  size bigint NOT NULL,
  hashes bytea NOT NULL CHECK (octet_length(hashes) < 8192)
);
INSERT INTO ledger.edge (size, hashes) VALUES (0, '');
CREATE TABLE ledger.log_key (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  purpose text NOT NULL CHECK (purpose IN ('log', 'export')),
  name text NOT NULL,
  public_key bytea NOT NULL CHECK (octet_length(public_key) = 32),
  -- Sealed with CURFEW_SECRET_KEY.
  sealed bytea NOT NULL,
  made_at timestamptz(3) NOT NULL,
  -- The event that says its verifier key. A newer log key signs once a checkpoint of the one before covers it.
  event_id bigint NOT NULL
);
CREATE TABLE ledger.checkpoint (
  size bigint PRIMARY KEY,
  root bytea NOT NULL CHECK (octet_length(root) = 32),
  -- C2SP signed note.
  note text NOT NULL,
  key_id integer NOT NULL REFERENCES ledger.log_key,
  signed_at timestamptz(3) NOT NULL
);
CREATE INDEX checkpoint_key ON ledger.checkpoint (key_id, size);
-- What others signed about a checkpoint: witnesses' lines, timestamp authorities' tokens (RFC 3161).
CREATE TABLE ledger.cosignature (
  size bigint NOT NULL REFERENCES ledger.checkpoint,
  key_name text NOT NULL,
  line text NOT NULL,
  added_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (size, key_name)
);
CREATE TABLE ledger.timestamp_token (
  size bigint NOT NULL REFERENCES ledger.checkpoint,
  authority text NOT NULL,
  token bytea NOT NULL,
  stamped_at timestamptz(3) NOT NULL,
  added_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (size, authority)
);
-- Each reading of the whole ledger against the tree and the checkpoints. A fault is the first one, by position.
CREATE TABLE ledger.self_check (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  started_at timestamptz(3) NOT NULL,
  finished_at timestamptz(3) NOT NULL,
  size bigint NOT NULL,
  fault text,
  position bigint,
  CHECK ((fault IS NULL) = (position IS NULL))
);
DO $$ DECLARE part text; BEGIN
  FOREACH part IN ARRAY ARRAY['tile', 'log_key', 'checkpoint', 'cosignature', 'timestamp_token', 'self_check'] LOOP
    EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.%I FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change()', part || '_append_only', part);
  END LOOP;
END $$;
