-- AlterTable
ALTER TABLE "assignments" ADD COLUMN     "last_used_at" TIMESTAMPTZ(3),
ADD COLUMN     "use_match" TEXT,
ADD COLUMN     "visible_since" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "credentials" ADD COLUMN     "created_at" TIMESTAMPTZ(3),
ADD COLUMN     "is_enabled" BOOLEAN NOT NULL DEFAULT true,
ADD COLUMN     "rotated_at" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "identities" ADD COLUMN     "credential_count" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "entitlement_count" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "exposure" SMALLINT,
ADD COLUMN     "external_key" TEXT,
ADD COLUMN     "is_shared" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "scored_at" TIMESTAMPTZ(3),
ADD COLUMN     "silence_days" INTEGER,
ADD COLUMN     "staleness" SMALLINT,
ADD COLUMN     "standing_count" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "tags" TEXT[] DEFAULT ARRAY[]::TEXT[],
ADD COLUMN     "vendor" TEXT,
ADD COLUMN     "woke_at" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "systems" ALTER COLUMN "sealed_secrets" DROP NOT NULL;

-- CreateTable
CREATE TABLE "use_days" (
    "identity_id" UUID NOT NULL,
    "day" DATE NOT NULL,

    CONSTRAINT "use_days_pkey" PRIMARY KEY ("identity_id","day")
);

-- CreateTable
CREATE TABLE "use_sources" (
    "identity_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "value" TEXT NOT NULL,
    "first_seen_at" TIMESTAMPTZ(3) NOT NULL,
    "last_seen_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "use_sources_pkey" PRIMARY KEY ("identity_id","kind","value")
);

-- CreateIndex
CREATE INDEX "identities_scored_at_idx" ON "identities"("scored_at");

-- CreateIndex
CREATE UNIQUE INDEX "identities_system_id_external_key_key" ON "identities"("system_id", "external_key");

-- AddForeignKey
ALTER TABLE "use_days" ADD CONSTRAINT "use_days_identity_id_fkey" FOREIGN KEY ("identity_id") REFERENCES "identities"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "use_sources" ADD CONSTRAINT "use_sources_identity_id_fkey" FOREIGN KEY ("identity_id") REFERENCES "identities"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
