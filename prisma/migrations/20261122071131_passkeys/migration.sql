-- CreateTable
CREATE TABLE "passkeys" (
    "id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "credential_id" TEXT NOT NULL,
    "public_key" BYTEA NOT NULL,
    "counter" BIGINT NOT NULL,
    "transports" TEXT[],
    "aaguid" TEXT NOT NULL,
    "device_type" TEXT NOT NULL,
    "backed_up" BOOLEAN NOT NULL,
    "name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "last_used_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "passkeys_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "passkey_challenges" (
    "id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "sign_in_id" UUID NOT NULL,
    "purpose" TEXT NOT NULL,
    "challenge" TEXT NOT NULL,
    "statement" TEXT NOT NULL,
    "digest" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "consumed_at" TIMESTAMPTZ(3),
    "proved_by_id" UUID,

    CONSTRAINT "passkey_challenges_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "step_up_proofs" (
    "id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "passkey_id" UUID NOT NULL,
    "rp_id" TEXT NOT NULL,
    "origin" TEXT NOT NULL,
    "statement" TEXT NOT NULL,
    "digest" TEXT NOT NULL,
    "challenge" TEXT NOT NULL,
    "credential_id" TEXT NOT NULL,
    "public_key" BYTEA NOT NULL,
    "authenticator_data" BYTEA NOT NULL,
    "client_data_json" BYTEA NOT NULL,
    "signature" BYTEA NOT NULL,
    "user_verified" BOOLEAN NOT NULL,
    "counter" BIGINT NOT NULL,
    "verified_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "step_up_proofs_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "passkeys_credential_id_key" ON "passkeys"("credential_id");

-- CreateIndex
CREATE INDEX "passkeys_person_id_idx" ON "passkeys"("person_id");

-- CreateIndex
CREATE UNIQUE INDEX "passkey_challenges_challenge_key" ON "passkey_challenges"("challenge");

-- CreateIndex
CREATE UNIQUE INDEX "passkey_challenges_proved_by_id_key" ON "passkey_challenges"("proved_by_id");

-- CreateIndex
CREATE INDEX "passkey_challenges_person_id_idx" ON "passkey_challenges"("person_id");

-- CreateIndex
CREATE INDEX "passkey_challenges_expires_at_idx" ON "passkey_challenges"("expires_at");

-- CreateIndex
CREATE UNIQUE INDEX "step_up_proofs_challenge_key" ON "step_up_proofs"("challenge");

-- CreateIndex
CREATE INDEX "step_up_proofs_person_id_verified_at_idx" ON "step_up_proofs"("person_id", "verified_at");

-- CreateIndex
CREATE INDEX "step_up_proofs_passkey_id_idx" ON "step_up_proofs"("passkey_id");

-- AddForeignKey
ALTER TABLE "passkeys" ADD CONSTRAINT "passkeys_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "people"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "passkey_challenges" ADD CONSTRAINT "passkey_challenges_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "people"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "passkey_challenges" ADD CONSTRAINT "passkey_challenges_proved_by_id_fkey" FOREIGN KEY ("proved_by_id") REFERENCES "step_up_proofs"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "step_up_proofs" ADD CONSTRAINT "step_up_proofs_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "people"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "step_up_proofs" ADD CONSTRAINT "step_up_proofs_passkey_id_fkey" FOREIGN KEY ("passkey_id") REFERENCES "passkeys"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- By hand from here: closed vocabularies, and proofs that nobody changes.
ALTER TABLE "passkeys" ADD CONSTRAINT "passkeys_device_type" CHECK ("device_type" IN ('single-device', 'multi-device'));
ALTER TABLE "passkeys" ADD CONSTRAINT "passkeys_counter" CHECK ("counter" >= 0);
CREATE INDEX "passkeys_usable" ON "passkeys" ("person_id") WHERE "revoked_at" IS NULL;
ALTER TABLE "passkey_challenges" ADD CONSTRAINT "passkey_challenges_purpose" CHECK ("purpose" IN ('enrol', 'step-up'));
ALTER TABLE "passkey_challenges" ADD CONSTRAINT "passkey_challenges_proved" CHECK ("proved_by_id" IS NULL OR "purpose" = 'enrol');
ALTER TABLE "step_up_proofs" ADD CONSTRAINT "step_up_proofs_user_verified" CHECK ("user_verified");
CREATE FUNCTION "step_up_proofs_refuse_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'a proof of a step-up is never changed'; END $$;
CREATE TRIGGER "step_up_proofs_never_change" BEFORE UPDATE OR DELETE OR TRUNCATE ON "step_up_proofs" FOR EACH STATEMENT EXECUTE FUNCTION "step_up_proofs_refuse_change"();
