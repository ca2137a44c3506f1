import "server-only";
import { db } from "@/lib/db/client";
import type { StepUpProof as ProofRow } from "@/lib/db/generated/client";
import { mostPasskeys } from "./rules";
import type { PasskeyView, StepUpProof } from "./types";

/** The passkeys that a person can use now, oldest first. */
export async function listPasskeys(personId: string): Promise<PasskeyView[]> {
  const rows = await db.passkey.findMany({
    where: { personId, revokedAt: null },
    select: { id: true, name: true, createdAt: true, lastUsedAt: true, backedUp: true },
    orderBy: [{ createdAt: "asc" }, { id: "asc" }],
    take: mostPasskeys,
  });
  return rows.map(({ createdAt, lastUsedAt, backedUp, ...row }) => ({
    ...row,
    createdAt: createdAt.toISOString(),
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
    isSynced: backedUp,
  }));
}

/** Whether somebody had passkeys that were taken back when they left. */
export async function hadPasskeys(personId: string): Promise<boolean> {
  return (await db.passkey.findFirst({ where: { personId, revokedWhy: "left" }, select: { id: true } })) !== null;
}

/** When a browser was signed in; null when it is not any more. */
export async function readSignedInAt(signInId: string): Promise<Date | null> {
  return (await db.signIn.findUnique({ where: { id: signInId }, select: { createdAt: true } }))?.createdAt ?? null;
}

/** Whether nobody else is an administrator who is here. */
export async function isOnlyAdministrator(personId: string): Promise<boolean> {
  const others = await db.personRole.count({ where: { role: "administrator", personId: { not: personId }, person: { leftAt: null } } });
  return others === 0;
}

const base64url = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64url");

/** A stored proof in the form in which it is handed out and checked. */
export function proofOf(row: ProofRow): StepUpProof {
  return {
    version: 1,
    id: row.id,
    personId: row.personId,
    rpId: row.rpId,
    origin: row.origin,
    statement: row.statement,
    digest: row.digest,
    challenge: row.challenge,
    credentialId: row.credentialId,
    publicKey: base64url(row.publicKey),
    authenticatorData: base64url(row.authenticatorData),
    clientDataJson: base64url(row.clientDataJson),
    signature: base64url(row.signature),
    userVerified: row.userVerified,
    counter: Number(row.counter),
    verifiedAt: row.verifiedAt.toISOString(),
  };
}

/** One proof by its id; null when there is none. */
export async function readProof(id: string): Promise<StepUpProof | null> {
  const row = await db.stepUpProof.findUnique({ where: { id } });
  return row && proofOf(row);
}
