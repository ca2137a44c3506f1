import "server-only";
import { generateRegistrationOptions, verifyRegistrationResponse } from "@simplewebauthn/server";
import { COSEALG } from "@simplewebauthn/server/helpers";
import type { PersonActor } from "@/lib/auth/actor";
import { inTransaction, type Transaction } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import { env } from "@/lib/platform/env";
import { newId } from "@/lib/platform/ids";
import { logger } from "@/lib/platform/logger";
import { ok, refuse, type Result } from "@/lib/platform/result";
import { findSecrets } from "@/lib/platform/secret-scan";
import { challengeLastsSeconds, relyingPartyOf, whyNotAnswer, whyNotEnrol } from "./rules";
import type { Assertion, Attestation } from "./schema";
import { digestOfApproval } from "./statement";
import { beginStepUp, consume, finishStepUp, isCrossOrigin, lockChallenge, storeChallenge, type StepUpOptions } from "./step-up";
import type { EnrolRefusal } from "./types";

const algorithms = [COSEALG.EdDSA, COSEALG.ES256, COSEALG.RS256];
const deviceTypes = { singleDevice: "single-device", multiDevice: "multi-device" } as const;

/** What the browser hands to an authenticator to make a passkey. */
export type EnrolOptions = Awaited<ReturnType<typeof generateRegistrationOptions>>;

/** The next step of adding a passkey: make it, or first confirm with one that is there already. */
export type EnrolStep = { readonly step: "make"; readonly options: EnrolOptions } | { readonly step: "confirm"; readonly options: StepUpOptions };

type Actor = { readonly actor: PersonActor; readonly signInId: string };

const enrolling = (personId: string) => ({ action: "passkey.enrol", personId });

/** The person with the passkeys that count, and when this browser signed in; nobody else adds or removes one meanwhile. */
async function lockOwner(tx: Transaction, personId: string, signInId: string) {
  const [person] = await tx.$queryRaw<{ name: string; email: string | null; left: boolean }[]>`
    select name, email, left_at is not null as left from people where id = ${personId}::uuid for update`;
  const signIn = await tx.signIn.findUnique({ where: { id: signInId }, select: { createdAt: true, personId: true } });
  if (!person || person.left || signIn?.personId !== personId) return null;
  const passkeys = await tx.passkey.findMany({ where: { personId, revokedAt: null }, select: { credentialId: true, transports: true } });
  return { ...person, passkeys, signedInAt: signIn.createdAt };
}

/** Begins to add a passkey to one's own. Who has one already is asked to use it first. */
export function beginEnrol({ actor, signInId }: Actor): Promise<Result<EnrolStep, EnrolRefusal>> {
  const { personId } = actor;
  return inTransaction(async (tx, now): Promise<Result<EnrolStep, EnrolRefusal>> => {
    const owner = await lockOwner(tx, personId, signInId);
    if (!owner) return refuse("already-left");
    const code = whyNotEnrol({ passkeys: owner.passkeys.length, confirmed: false, signedInAt: owner.signedInAt, now });
    if (code === "confirm-first") {
      const begun = await beginStepUp(tx, now, { personId, signInId, payload: enrolling(personId) });
      return begun.ok ? ok({ step: "confirm", options: begun.value.options }) : begun;
    }
    return code ? refuse(code) : askToMake(tx, now, { personId, signInId });
  });
}

/** Takes the confirmation with a passkey that is there already, and begins to make the new one. */
export function confirmEnrol({ actor, signInId, response }: Actor & { readonly response: Assertion }): Promise<Result<EnrolStep, EnrolRefusal>> {
  const { personId } = actor;
  return inTransaction(async (tx, now): Promise<Result<EnrolStep, EnrolRefusal>> => {
    const owner = await lockOwner(tx, personId, signInId);
    if (!owner) return refuse("already-left");
    const proof = await finishStepUp(tx, now, { personId, signInId, payload: enrolling(personId), response });
    return proof.ok ? askToMake(tx, now, { personId, signInId, provedById: proof.value.id }) : proof;
  });
}

async function askToMake(
  tx: Transaction,
  now: Date,
  who: { readonly personId: string; readonly signInId: string; readonly provedById?: string },
): Promise<Result<EnrolStep, EnrolRefusal>> {
  const party = relyingPartyOf(env.url);
  if (!party.ok) return party;
  const person = await tx.person.findUniqueOrThrow({
    where: { id: who.personId },
    select: { name: true, email: true, passkeys: { where: { revokedAt: null }, select: { credentialId: true, transports: true } } },
  });
  const challenge = await storeChallenge(tx, now, { ...who, purpose: "enrol", payload: enrolling(who.personId) });
  const options = await generateRegistrationOptions({
    rpName: "Curfew",
    rpID: party.value.rpId,
    challenge,
    userID: new Uint8Array(Buffer.from(who.personId.replaceAll("-", ""), "hex")),
    userName: person.email ?? person.name,
    userDisplayName: person.name,
    attestationType: "none",
    excludeCredentials: person.passkeys.map(({ credentialId, transports }) => ({ id: credentialId, transports })),
    authenticatorSelection: { residentKey: "preferred", userVerification: "required" },
    supportedAlgorithmIDs: algorithms,
    timeout: challengeLastsSeconds * 1_000,
  });
  return ok({ step: "make", options });
}

type Enrol = Actor & { readonly name: string; readonly response: Attestation };

/** Keeps a new passkey under a name. */
export async function enrol(command: Enrol): Promise<Result<{ passkeyId: string }, EnrolRefusal>> {
  const { actor, name } = command;
  const { personId } = actor;
  if ((await findSecrets(name)).found) return refuse("secret-in-text");
  return inTransaction(async (tx, now) => {
    const made = await checkNew(tx, now, command);
    if (!made.ok) {
      await appendEvent(tx, { type: "passkey.enrol-refused", at: now, actor, subjects: { person: personId }, data: { personId, code: made.code } });
      return made;
    }
    const { credential, isFirst, proofId, ...kept } = made.value;
    const passkeyId = newId();
    await tx.passkey.create({
      data: {
        ...kept,
        id: passkeyId,
        personId,
        credentialId: credential.id,
        publicKey: new Uint8Array(credential.publicKey),
        counter: credential.counter,
        transports: [...command.response.response.transports],
        name,
        createdAt: now,
      },
    });
    const data = { personId, passkeyId, isFirst, proofId, deviceType: kept.deviceType };
    await appendEvent(tx, { type: "passkey.enrolled", at: now, actor, subjects: { person: personId }, data, clear: { name } });
    return ok({ passkeyId });
  });
}

async function checkNew(tx: Transaction, now: Date, { actor, signInId, response }: Enrol) {
  const { personId } = actor;
  const party = relyingPartyOf(env.url);
  if (!party.ok) return party;
  const owner = await lockOwner(tx, personId, signInId);
  if (!owner) return refuse("already-left");
  const asked = await lockChallenge(tx, response.response.clientDataJSON, "enrol");
  const code = whyNotAnswer(asked, { personId, signInId, digest: digestOfApproval(enrolling(personId)), now });
  if (code || !asked) return refuse(code ?? "challenge-unknown");
  await consume(tx, asked.id, now);
  // Asked again: another passkey may have come since this one was begun as the first.
  const objection = whyNotEnrol({ passkeys: owner.passkeys.length, confirmed: asked.provedById !== null, signedInAt: owner.signedInAt, now });
  if (objection) return refuse(objection);
  const made = await verifyNew(response, { challenge: asked.challenge, ...party.value });
  if (!made) return refuse("not-verified");
  const known = await tx.passkey.findUnique({ where: { credentialId: made.credential.id }, select: { id: true } });
  if (known) return refuse("already-enrolled");
  const { credential, aaguid, credentialDeviceType, credentialBackedUp } = made;
  const kept = { aaguid, deviceType: deviceTypes[credentialDeviceType], backedUp: credentialBackedUp };
  return ok({ credential, ...kept, isFirst: owner.passkeys.length === 0, proofId: asked.provedById });
}

async function verifyNew(response: Attestation, expected: { readonly challenge: string; readonly origin: string; readonly rpId: string }) {
  try {
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response,
      expectedChallenge: expected.challenge,
      expectedOrigin: expected.origin,
      expectedRPID: expected.rpId,
      requireUserVerification: true,
      supportedAlgorithmIDs: algorithms,
    });
    return verified && !isCrossOrigin(response) ? registrationInfo : null;
  } catch (error) {
    // The library throws for whatever it does not like about an answer, which is the browser's to make up.
    if (!(error instanceof Error)) throw error;
    logger.info({ event: "passkey.not-verified", why: error.message });
    return null;
  }
}
