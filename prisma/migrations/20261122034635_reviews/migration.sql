-- AlterTable
ALTER TABLE "identities" ADD COLUMN     "frozen_by_review_id" UUID;

-- CreateTable
CREATE TABLE "reviews" (
    "id" UUID NOT NULL,
    "number" SERIAL NOT NULL,
    "kind" TEXT NOT NULL,
    "trigger" TEXT,
    "trigger_at" TIMESTAMPTZ(3),
    "identity_id" UUID,
    "name" TEXT NOT NULL,
    "scope" TEXT NOT NULL DEFAULT '',
    "reviewers" TEXT[],
    "on_missed" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "started_by_id" UUID,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "due_at" TIMESTAMPTZ(3) NOT NULL,
    "prepared_at" TIMESTAMPTZ(3),
    "reminded_at" TIMESTAMPTZ(3),
    "decided_at" TIMESTAMPTZ(3),
    "closed_at" TIMESTAMPTZ(3),
    "closed_by_id" UUID,
    "close_reason" TEXT,
    "item_count" INTEGER NOT NULL DEFAULT 0,
    "open_count" INTEGER NOT NULL DEFAULT 0,
    "idempotency_key" TEXT,
    "demo" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "reviews_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "review_items" (
    "id" UUID NOT NULL,
    "review_id" UUID NOT NULL,
    "identity_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "state" TEXT NOT NULL,
    "facts" JSONB,
    "facts_at" TIMESTAMPTZ(3),
    "changes" JSONB,
    "recommendation" JSONB,
    "risk" SMALLINT NOT NULL DEFAULT 0,
    "not_in_batch" TEXT,
    "missed_at" TIMESTAMPTZ(3),
    "consequence" TEXT,
    "closed_at" TIMESTAMPTZ(3),

    CONSTRAINT "review_items_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "review_reviewers" (
    "item_id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "why" TEXT NOT NULL,
    "is_asked" BOOLEAN NOT NULL,
    "since" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "review_reviewers_pkey" PRIMARY KEY ("item_id","person_id")
);

-- CreateTable
CREATE TABLE "review_looks" (
    "item_id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "first_at" TIMESTAMPTZ(3) NOT NULL,
    "last_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "review_looks_pkey" PRIMARY KEY ("item_id","person_id")
);

-- CreateTable
CREATE TABLE "review_drafts" (
    "item_id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "decision" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "until" TIMESTAMPTZ(3),
    "details" JSONB NOT NULL,
    "took_ms" INTEGER,
    "was_opened" BOOLEAN NOT NULL,
    "batch_id" UUID,
    "batch_size" INTEGER NOT NULL DEFAULT 1,
    "staged_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "review_drafts_pkey" PRIMARY KEY ("item_id","person_id")
);

-- CreateTable
CREATE TABLE "review_outcomes" (
    "item_id" UUID NOT NULL,
    "identity_id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "decision" TEXT NOT NULL,
    "reason" TEXT,
    "until" TIMESTAMPTZ(3),
    "details" JSONB NOT NULL,
    "decided_at" TIMESTAMPTZ(3) NOT NULL,
    "took_ms" INTEGER,
    "was_opened" BOOLEAN NOT NULL,
    "batch_id" UUID,
    "batch_size" INTEGER NOT NULL DEFAULT 1,
    "suspension_id" UUID,
    "follow" TEXT,
    "follow_done_at" TIMESTAMPTZ(3),

    CONSTRAINT "review_outcomes_pkey" PRIMARY KEY ("item_id")
);

-- CreateIndex
CREATE UNIQUE INDEX "reviews_number_key" ON "reviews"("number");

-- CreateIndex
CREATE UNIQUE INDEX "reviews_idempotency_key_key" ON "reviews"("idempotency_key");

-- CreateIndex
CREATE INDEX "reviews_state_due_at_idx" ON "reviews"("state", "due_at");

-- CreateIndex
CREATE INDEX "reviews_started_at_id_idx" ON "reviews"("started_at", "id");

-- CreateIndex
CREATE INDEX "reviews_identity_id_idx" ON "reviews"("identity_id");

-- CreateIndex
CREATE INDEX "review_items_review_id_state_position_idx" ON "review_items"("review_id", "state", "position");

-- CreateIndex
CREATE INDEX "review_items_identity_id_idx" ON "review_items"("identity_id");

-- CreateIndex
CREATE UNIQUE INDEX "review_items_review_id_identity_id_key" ON "review_items"("review_id", "identity_id");

-- CreateIndex
CREATE INDEX "review_reviewers_person_id_is_asked_idx" ON "review_reviewers"("person_id", "is_asked");

-- CreateIndex
CREATE INDEX "review_drafts_person_id_idx" ON "review_drafts"("person_id");

-- CreateIndex
CREATE INDEX "review_outcomes_identity_id_decided_at_idx" ON "review_outcomes"("identity_id", "decided_at");

-- CreateIndex
CREATE INDEX "review_outcomes_person_id_decided_at_idx" ON "review_outcomes"("person_id", "decided_at");

-- CreateIndex
CREATE INDEX "review_outcomes_follow_idx" ON "review_outcomes"("follow");

-- AddForeignKey
ALTER TABLE "reviews" ADD CONSTRAINT "reviews_identity_id_fkey" FOREIGN KEY ("identity_id") REFERENCES "identities"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "reviews" ADD CONSTRAINT "reviews_started_by_id_fkey" FOREIGN KEY ("started_by_id") REFERENCES "people"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "reviews" ADD CONSTRAINT "reviews_closed_by_id_fkey" FOREIGN KEY ("closed_by_id") REFERENCES "people"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "review_items" ADD CONSTRAINT "review_items_review_id_fkey" FOREIGN KEY ("review_id") REFERENCES "reviews"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "review_items" ADD CONSTRAINT "review_items_identity_id_fkey" FOREIGN KEY ("identity_id") REFERENCES "identities"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "review_reviewers" ADD CONSTRAINT "review_reviewers_item_id_fkey" FOREIGN KEY ("item_id") REFERENCES "review_items"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "review_reviewers" ADD CONSTRAINT "review_reviewers_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "people"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "review_looks" ADD CONSTRAINT "review_looks_item_id_fkey" FOREIGN KEY ("item_id") REFERENCES "review_items"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "review_looks" ADD CONSTRAINT "review_looks_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "people"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "review_drafts" ADD CONSTRAINT "review_drafts_item_id_fkey" FOREIGN KEY ("item_id") REFERENCES "review_items"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "review_drafts" ADD CONSTRAINT "review_drafts_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "people"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "review_outcomes" ADD CONSTRAINT "review_outcomes_item_id_fkey" FOREIGN KEY ("item_id") REFERENCES "review_items"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "review_outcomes" ADD CONSTRAINT "review_outcomes_identity_id_fkey" FOREIGN KEY ("identity_id") REFERENCES "identities"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "review_outcomes" ADD CONSTRAINT "review_outcomes_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "people"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE "reviews" ADD CONSTRAINT "reviews_vocabulary" CHECK (
  "kind" IN ('campaign', 'micro')
  AND ("kind" = 'micro') = ("trigger" IS NOT NULL)
  AND ("trigger" IS NULL OR "trigger" IN ('owner-left', 'scope-grew', 'woke', 'credential-old'))
  AND "on_missed" IN ('escalate', 'freeze', 'rehearse')
  AND "state" IN ('preparing', 'running', 'decided', 'complete', 'cancelled')
);
ALTER TABLE "review_items" ADD CONSTRAINT "review_items_vocabulary" CHECK ("state" IN ('open', 'decided', 'missed', 'void'));
ALTER TABLE "review_drafts" ADD CONSTRAINT "review_drafts_vocabulary" CHECK ("decision" IN ('keep', 'rotate', 'narrow', 'rehearse', 'offboard'));
ALTER TABLE "review_outcomes" ADD CONSTRAINT "review_outcomes_vocabulary" CHECK (
  "decision" IN ('keep', 'rotate', 'narrow', 'rehearse', 'offboard')
  AND ("follow" IS NULL OR "follow" IN ('open', 'overdue', 'done'))
);

-- One open micro-review for one identity and trigger, whoever looks for triggers at the same time.
CREATE UNIQUE INDEX "reviews_open_micro_key" ON "reviews"("identity_id", "trigger") WHERE "kind" = 'micro' AND "state" IN ('preparing', 'running');
CREATE INDEX "review_items_unfrozen_idx" ON "review_items"("review_id", "position") WHERE "facts" IS NULL;
CREATE INDEX "review_outcomes_followed_idx" ON "review_outcomes"("until", "item_id") WHERE "follow" IN ('open', 'overdue');

-- What was reviewed stays what was shown: facts are frozen once, and no item moves to another identity or review.
CREATE FUNCTION keep_review_item() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.identity_id <> OLD.identity_id OR NEW.review_id <> OLD.review_id
    OR (OLD.facts IS NOT NULL AND NEW.facts IS DISTINCT FROM OLD.facts) THEN
    RAISE EXCEPTION 'the population and the facts of a review are frozen';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER keep_review_item BEFORE UPDATE ON "review_items" FOR EACH ROW EXECUTE FUNCTION keep_review_item();

-- A decision is made once; later only its follow-up moves, and its words can be erased.
CREATE FUNCTION keep_review_outcome() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF ROW(NEW.item_id, NEW.identity_id, NEW.person_id, NEW.decision, NEW.until, NEW.details, NEW.decided_at, NEW.took_ms, NEW.batch_id)
    IS DISTINCT FROM ROW(OLD.item_id, OLD.identity_id, OLD.person_id, OLD.decision, OLD.until, OLD.details, OLD.decided_at, OLD.took_ms, OLD.batch_id)
    OR (NEW.reason IS DISTINCT FROM OLD.reason AND NEW.reason IS NOT NULL) THEN
    RAISE EXCEPTION 'a decision of a review is never changed';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER keep_review_outcome BEFORE UPDATE ON "review_outcomes" FOR EACH ROW EXECUTE FUNCTION keep_review_outcome();
