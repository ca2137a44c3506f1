-- CreateTable
CREATE TABLE "chain_checks" (
    "request_id" UUID NOT NULL,
    "state" TEXT NOT NULL,
    "open_until" TIMESTAMPTZ(3),
    "waits_for" TEXT[],
    "sealed_at" TIMESTAMPTZ(3),
    "broken_at" TIMESTAMPTZ(3),
    "looked_at" TIMESTAMPTZ(3) NOT NULL,
    "look_again_at" TIMESTAMPTZ(3),

    CONSTRAINT "chain_checks_pkey" PRIMARY KEY ("request_id")
);

-- CreateTable
CREATE TABLE "chain_cursor" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "position" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "chain_cursor_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "chain_checks_look_again_at_idx" ON "chain_checks"("look_again_at");

-- AddForeignKey
ALTER TABLE "chain_checks" ADD CONSTRAINT "chain_checks_request_id_fkey" FOREIGN KEY ("request_id") REFERENCES "requests"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

INSERT INTO "chain_cursor" ("id", "position") VALUES (1, 0);
-- Who put a policy set in force is asked at every look at a chain.
CREATE INDEX event_policy_activated ON ledger.event (occurred_at, id) WHERE type = 'policy.activated';
