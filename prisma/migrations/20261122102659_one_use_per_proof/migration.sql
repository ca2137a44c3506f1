-- AlterTable
ALTER TABLE "passkeys" ADD COLUMN     "revoked_why" TEXT;

-- CreateTable
CREATE TABLE "step_up_uses" (
    "proof_id" UUID NOT NULL,
    "used_for" TEXT NOT NULL,
    "used_by" UUID NOT NULL,

    CONSTRAINT "step_up_uses_pkey" PRIMARY KEY ("proof_id")
);

-- AddForeignKey
ALTER TABLE "step_up_uses" ADD CONSTRAINT "step_up_uses_proof_id_fkey" FOREIGN KEY ("proof_id") REFERENCES "step_up_proofs"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- By hand from here: closed vocabularies, and one use of each proof, whichever table it is used in.
UPDATE "passkeys" SET "revoked_why" = 'removed' WHERE "revoked_at" IS NOT NULL;
ALTER TABLE "passkeys" ADD CONSTRAINT "passkeys_revoked_why" CHECK (("revoked_at" IS NULL AND "revoked_why" IS NULL) OR ("revoked_at" IS NOT NULL AND "revoked_why" IS NOT NULL AND "revoked_why" IN ('removed', 'left')));
ALTER TABLE "step_up_uses" ADD CONSTRAINT "step_up_uses_used_for" CHECK ("used_for" IN ('vote', 'break-glass', 'enrolment', 'removal'));

INSERT INTO "step_up_uses" ("proof_id", "used_for", "used_by") SELECT "proof_id", 'vote', "id" FROM "votes" WHERE "proof_id" IS NOT NULL ON CONFLICT DO NOTHING;
INSERT INTO "step_up_uses" ("proof_id", "used_for", "used_by") SELECT "proof_id", 'break-glass', "id" FROM "break_glass" WHERE "proof_id" IS NOT NULL ON CONFLICT DO NOTHING;
INSERT INTO "step_up_uses" ("proof_id", "used_for", "used_by") SELECT "proved_by_id", 'enrolment', "id" FROM "passkey_challenges" WHERE "proved_by_id" IS NOT NULL ON CONFLICT DO NOTHING;

CREATE FUNCTION "step_up_uses_refuse_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'what a proof of a step-up was used for is never changed'; END $$;
CREATE TRIGGER "step_up_uses_never_change" BEFORE UPDATE OR DELETE OR TRUNCATE ON "step_up_uses" FOR EACH STATEMENT EXECUTE FUNCTION "step_up_uses_refuse_change"();

CREATE FUNCTION "step_up_proof_is_used"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN INSERT INTO "step_up_uses" ("proof_id", "used_for", "used_by") VALUES (NEW."proof_id", TG_ARGV[0], NEW."id"); RETURN NULL; END $$;
CREATE FUNCTION "step_up_proof_is_used_to_enrol"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN INSERT INTO "step_up_uses" ("proof_id", "used_for", "used_by") VALUES (NEW."proved_by_id", 'enrolment', NEW."id"); RETURN NULL; END $$;
CREATE TRIGGER "votes_use_proof" AFTER INSERT ON "votes" FOR EACH ROW WHEN (NEW."proof_id" IS NOT NULL) EXECUTE FUNCTION "step_up_proof_is_used"('vote');
CREATE TRIGGER "votes_use_other_proof" AFTER UPDATE OF "proof_id" ON "votes" FOR EACH ROW WHEN (NEW."proof_id" IS NOT NULL AND NEW."proof_id" IS DISTINCT FROM OLD."proof_id") EXECUTE FUNCTION "step_up_proof_is_used"('vote');
CREATE TRIGGER "break_glass_uses_proof" AFTER INSERT ON "break_glass" FOR EACH ROW WHEN (NEW."proof_id" IS NOT NULL) EXECUTE FUNCTION "step_up_proof_is_used"('break-glass');
CREATE TRIGGER "break_glass_uses_other_proof" AFTER UPDATE OF "proof_id" ON "break_glass" FOR EACH ROW WHEN (NEW."proof_id" IS NOT NULL AND NEW."proof_id" IS DISTINCT FROM OLD."proof_id") EXECUTE FUNCTION "step_up_proof_is_used"('break-glass');
CREATE TRIGGER "enrolment_uses_proof" AFTER INSERT ON "passkey_challenges" FOR EACH ROW WHEN (NEW."proved_by_id" IS NOT NULL) EXECUTE FUNCTION "step_up_proof_is_used_to_enrol"();
CREATE TRIGGER "enrolment_uses_other_proof" AFTER UPDATE OF "proved_by_id" ON "passkey_challenges" FOR EACH ROW WHEN (NEW."proved_by_id" IS NOT NULL AND NEW."proved_by_id" IS DISTINCT FROM OLD."proved_by_id") EXECUTE FUNCTION "step_up_proof_is_used_to_enrol"();
