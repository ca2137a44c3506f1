import "server-only";
import { randomBytes } from "node:crypto";
import { generateAuthenticationOptions, verifyAuthenticationResponse } from "@simplewebauthn/server";
import type { Transaction } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import { env } from "@/lib/platform/env";
import { newId } from "@/lib/platform/ids";
import { logger } from "@/lib/platform/logger";
import { ok, refuse, type Result } from "@/lib/platform/result";
import { proofOf } from "./data";
import { type Asked, challengeLastsSeconds, counterWentBack, relyingPartyOf, type RelyingParty, whyNotAnswer } from "./rules";
import type { Assertion } from "./schema";
import { type ApprovalPayload, challengeOf, digestOfApproval, digestOfKey, digestOfProof, readStatement, type Statement } from "./statement";
import type { StepUpProof, StepUpRefusal } from "./types";

/** What the browser hands to an authenticator to sign. */
export type StepUpOptions = Awaited<ReturnType<typeof generateAuthenticationOptions>>;

type Who = { readonly personId: string; readonly signInId: string };
type Begin = Who & { readonly payload: ApprovalPayload };
type Finish = Begin & { readonly response: Assertion };

const keptAfterSeconds = 24 * 60 * 60;

type NewChallenge = Who & {
  readonly purpose: Statement["purpose"];
  readonly payload: ApprovalPayload;
  readonly passkeys?: Statement["passkeys"];
  readonly provedById?: string;
};

/** Stores what an authenticator is about to be asked, and answers the bytes that it signs. */
export async function storeChallenge(tx: Transaction, now: Date, asked: NewChallenge): Promise<Uint8Array<ArrayBuffer>> {
  const { personId, signInId, purpose, payload, passkeys = [], provedById = null } = asked;
  await tx.passkeyChallenge.deleteMany({ where: { personId, expiresAt: { lt: new Date(now.getTime() - keptAfterSeconds * 1_000) } } });
  const expiresAt = new Date(now.getTime() + challengeLastsSeconds * 1_000);
  const nonce = randomBytes(32).toString("base64url");
  const window = { askedAt: now.toISOString(), answerBefore: expiresAt.toISOString() };
  const { text, challenge } = challengeOf({ version: 1, purpose, nonce, person: personId, ...window, passkeys: [...passkeys], approves: { ...payload } });
  const digest = digestOfApproval(payload);
  const row = { id: newId(), personId, signInId, purpose, statement: text, digest, createdAt: now, expiresAt, provedById };
  await tx.passkeyChallenge.create({ data: { ...row, challenge: Buffer.from(challenge).toString("base64url") } });
  return challenge;
}

/** Asks a person to confirm exactly `payload` with one of their passkeys, in this browser, within five minutes. */
export async function beginStepUp(tx: Transaction, now: Date, { personId, signInId, payload }: Begin): Promise<Result<{ options: StepUpOptions }, StepUpRefusal>> {
  const party = relyingPartyOf(env.url);
  if (!party.ok) return party;
  const passkeys = await tx.passkey.findMany({
    where: { personId, revokedAt: null, person: { leftAt: null } },
    select: { credentialId: true, publicKey: true, transports: true },
    orderBy: { id: "asc" },
  });
  if (passkeys.length === 0) return refuse(await whyNone(tx, personId));
  const answerable = passkeys.map(({ credentialId, publicKey }) => ({ credential: credentialId, key: digestOfKey(publicKey) }));
  const challenge = await storeChallenge(tx, now, { personId, signInId, purpose: "step-up", payload, passkeys: answerable });
  const options = await generateAuthenticationOptions({
    rpID: party.value.rpId,
    challenge,
    allowCredentials: passkeys.map(({ credentialId, transports }) => ({ id: credentialId, transports })),
    userVerification: "required",
    timeout: challengeLastsSeconds * 1_000,
  });
  return ok({ options });
}

/** Why somebody has no passkey to answer with. */
async function whyNone(tx: Transaction, personId: string): Promise<"already-left" | "passkey-revoked" | "no-passkey"> {
  const person = await tx.person.findUnique({ where: { id: personId }, select: { leftAt: true, passkeys: { where: { revokedWhy: "left" }, select: { id: true }, take: 1 } } });
  if (person?.leftAt) return "already-left";
  return person && person.passkeys.length > 0 ? "passkey-revoked" : "no-passkey";
}

type StoredChallenge = Asked & { readonly id: string; readonly challenge: string; readonly statement: string; readonly provedById: string | null };

/** The challenge that an answer says it answers, locked; null when it names none. Attacker-controlled. */
export async function lockChallenge(tx: Transaction, clientDataJson: string, purpose: Statement["purpose"]): Promise<StoredChallenge | null> {
  const challenge = challengeIn(clientDataJson);
  if (challenge === null) return null;
  const rows = await tx.$queryRaw<StoredChallenge[]>`
    select id, challenge, statement, digest, person_id as "personId", sign_in_id as "signInId", expires_at as "expiresAt",
      consumed_at as "consumedAt", proved_by_id as "provedById"
    from passkey_challenges where challenge = ${challenge} and purpose = ${purpose} for update`;
  return rows[0] ?? null;
}

function challengeIn(clientDataJson: string): string | null {
  try {
    const read: unknown = JSON.parse(Buffer.from(clientDataJson, "base64url").toString("utf8"));
    const challenge = typeof read === "object" && read !== null && "challenge" in read ? read.challenge : null;
    return typeof challenge === "string" && /^[A-Za-z0-9_-]{43}$/.test(challenge) ? challenge : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/**
 * Takes a passkey's answer. Only for what was asked: this payload, of this person, in this browser, once, in time. What does
 * not count is refused on the record, and uses the question up. The proof's id is what a decision refers to.
 */
export async function finishStepUp(tx: Transaction, now: Date, answer: Finish): Promise<Result<StepUpProof, StepUpRefusal>> {
  const checked = await checkAnswer(tx, now, answer);
  if (checked.ok) return checked;
  const { personId, payload } = answer;
  const passkey = await tx.passkey.findFirst({ where: { credentialId: answer.response.id, personId }, select: { id: true } });
  const data = { personId, passkeyId: passkey?.id ?? null, digest: digestOfApproval(payload), code: checked.code };
  await appendEvent(tx, { type: "step-up.refused", at: now, actor: actorOf(personId), subjects: { person: personId }, data });
  return checked;
}

const actorOf = (personId: string) => ({ kind: "person", personId, name: "", roles: [] }) as const;

async function checkAnswer(tx: Transaction, now: Date, answer: Finish): Promise<Result<StepUpProof, StepUpRefusal>> {
  const { personId, signInId, payload, response } = answer;
  const party = relyingPartyOf(env.url);
  if (!party.ok) return party;
  const asked = await lockChallenge(tx, response.response.clientDataJSON, "step-up");
  const code = whyNotAnswer(asked, { personId, signInId, digest: digestOfApproval(payload), now });
  if (code === "other-approval" && asked) await consume(tx, asked.id, now);
  if (code || !asked) return refuse(code ?? "challenge-unknown");
  await consume(tx, asked.id, now);
  const passkey = await lockPasskey(tx, response.id);
  if (!passkey || passkey.personId !== personId) return refuse("passkey-unknown");
  if (passkey.hasLeft) return refuse("already-left");
  if (passkey.revokedWhy !== null) return refuse(passkey.revokedWhy === "left" ? "passkey-revoked" : "passkey-removed");
  const key = digestOfKey(passkey.publicKey);
  const isAsked = readStatement(asked.statement).passkeys.some((one) => one.credential === response.id && one.key === key);
  if (!isAsked) return refuse("passkey-unknown");
  const seen = await verify(response, { party: party.value, challenge: asked.challenge, passkey });
  if (!seen) return refuse("not-verified");
  if (counterWentBack(Number(passkey.counter), seen.counter)) return refuse("counter-went-back");
  return ok(await keep(tx, now, { party: party.value, asked, passkey, response, seen }));
}

/** Uses a question up: nothing answers it any more. */
export async function consume(tx: Transaction, challengeId: string, now: Date): Promise<void> {
  await tx.passkeyChallenge.update({ where: { id: challengeId }, data: { consumedAt: now } });
}

type LockedPasskey = { id: string; personId: string; publicKey: Uint8Array<ArrayBuffer>; counter: bigint; revokedWhy: string | null; hasLeft: boolean };

async function lockPasskey(tx: Transaction, credentialId: string): Promise<LockedPasskey | null> {
  const rows = await tx.$queryRaw<LockedPasskey[]>`
    select k.id, k.person_id as "personId", k.public_key as "publicKey", k.counter, k.revoked_why as "revokedWhy", p.left_at is not null as "hasLeft"
    from passkeys k join people p on p.id = k.person_id where k.credential_id = ${credentialId} for update of k`;
  return rows[0] ?? null;
}

type Seen = { readonly counter: number; readonly backedUp: boolean };

/** The signature and all that it covers; null when anything is not as asked. Says in the log what. */
async function verify(response: Assertion, { party, challenge, passkey }: { party: RelyingParty; challenge: string; passkey: LockedPasskey }): Promise<Seen | null> {
  try {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response,
      expectedChallenge: challenge,
      expectedOrigin: party.origin,
      expectedRPID: party.rpId,
      requireUserVerification: true,
      // The counter is compared by our own rule, which has a code of its own.
      credential: { id: response.id, publicKey: new Uint8Array(passkey.publicKey), counter: 0 },
    });
    if (!verified || isCrossOrigin(response)) return null;
    return { counter: authenticationInfo.newCounter, backedUp: authenticationInfo.credentialBackedUp };
  } catch (error) {
    // The library throws for whatever it does not like about an answer, which is the browser's to make up.
    if (!(error instanceof Error)) throw error;
    logger.info({ event: "step-up.not-verified", passkeyId: passkey.id, why: error.message });
    return null;
  }
}

/** Whether the page that asked stood in a frame of another site. */
export function isCrossOrigin({ response }: { readonly response: { readonly clientDataJSON: string } }): boolean {
  const read = JSON.parse(Buffer.from(response.clientDataJSON, "base64url").toString("utf8")) as { crossOrigin?: unknown; topOrigin?: unknown };
  return (read.crossOrigin ?? false) !== false || read.topOrigin !== undefined;
}

type Keep = { readonly party: RelyingParty; readonly asked: StoredChallenge; readonly passkey: LockedPasskey; readonly response: Assertion; readonly seen: Seen };

async function keep(tx: Transaction, now: Date, { party, asked, passkey, response, seen }: Keep): Promise<StepUpProof> {
  const bytesOf = (text: string) => new Uint8Array(Buffer.from(text, "base64url"));
  const { clientDataJSON, authenticatorData, signature } = response.response;
  const row = await tx.stepUpProof.create({
    data: {
      id: newId(),
      personId: asked.personId,
      passkeyId: passkey.id,
      rpId: party.rpId,
      origin: party.origin,
      statement: asked.statement,
      digest: asked.digest,
      challenge: asked.challenge,
      credentialId: response.id,
      publicKey: new Uint8Array(passkey.publicKey),
      authenticatorData: bytesOf(authenticatorData),
      clientDataJson: bytesOf(clientDataJSON),
      signature: bytesOf(signature),
      userVerified: true,
      counter: seen.counter,
      verifiedAt: now,
    },
  });
  await tx.passkey.update({ where: { id: passkey.id }, data: { counter: seen.counter, backedUp: seen.backedUp, lastUsedAt: now } });
  const proof = proofOf(row);
  const data = { proofId: proof.id, personId: asked.personId, passkeyId: passkey.id, digest: asked.digest, challenge: asked.challenge, proofDigest: digestOfProof(proof) };
  await appendEvent(tx, { type: "step-up.confirmed", at: now, actor: actorOf(asked.personId), subjects: { person: asked.personId }, data });
  return proof;
}
