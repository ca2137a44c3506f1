-- CreateTable
CREATE TABLE "standing_exceptions" (
    "id" UUID NOT NULL,
    "assignment_id" UUID NOT NULL,
    "owner_id" UUID NOT NULL,
    "reason" TEXT NOT NULL,
    "controls" TEXT NOT NULL,
    "made_by_id" UUID,
    "made_at" TIMESTAMPTZ(3) NOT NULL,
    "ends_at" TIMESTAMPTZ(3) NOT NULL,
    "reminded_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),
    "ended_by_id" UUID,
    "ended_why" TEXT,
    "demo" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "standing_exceptions_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "standing_exceptions_assignment_id_idx" ON "standing_exceptions"("assignment_id");

-- CreateIndex
CREATE INDEX "standing_exceptions_owner_id_idx" ON "standing_exceptions"("owner_id");

-- CreateIndex
CREATE INDEX "findings_identity_id_idx" ON "findings"("identity_id");

-- AddForeignKey
ALTER TABLE "standing_exceptions" ADD CONSTRAINT "standing_exceptions_assignment_id_fkey" FOREIGN KEY ("assignment_id") REFERENCES "assignments"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "standing_exceptions" ADD CONSTRAINT "standing_exceptions_owner_id_fkey" FOREIGN KEY ("owner_id") REFERENCES "people"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "standing_exceptions" ADD CONSTRAINT "standing_exceptions_made_by_id_fkey" FOREIGN KEY ("made_by_id") REFERENCES "people"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "standing_exceptions" ADD CONSTRAINT "standing_exceptions_ended_by_id_fkey" FOREIGN KEY ("ended_by_id") REFERENCES "people"("id") ON DELETE SET NULL ON UPDATE CASCADE;

ALTER TABLE "standing_exceptions" ADD CONSTRAINT "standing_exceptions_ended" CHECK (("ended_at" IS NULL) = ("ended_why" IS NULL) AND ("ended_why" IS NULL OR "ended_why" IN ('lapsed', 'renewed', 'ended-by-person', 'assignment-gone')));
ALTER TABLE "standing_exceptions" ADD CONSTRAINT "standing_exceptions_ends" CHECK ("ends_at" > "made_at");
-- Of any number of people who answer for one assignment at once, one does; and the worker reads what is open only.
CREATE UNIQUE INDEX "standing_exceptions_one_open" ON "standing_exceptions" ("assignment_id") WHERE "ended_at" IS NULL;
CREATE INDEX "standing_exceptions_open_by_end" ON "standing_exceptions" ("ends_at") WHERE "ended_at" IS NULL;
-- What still stands, by who holds it and by what is held.
CREATE INDEX "assignments_open_by_identity" ON "assignments" ("identity_id", "id") WHERE "ended_at" IS NULL;
CREATE INDEX "assignments_open_by_entitlement" ON "assignments" ("entitlement_id", "id") WHERE "ended_at" IS NULL;
