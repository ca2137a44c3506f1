-- CreateTable
CREATE TABLE "auditor_view_digests" (
    "day" TEXT NOT NULL,
    "count" INTEGER NOT NULL,
    "sha256" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "auditor_view_digests_pkey" PRIMARY KEY ("day")
);
