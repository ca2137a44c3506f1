import { describe, expect, it } from "vitest";
import type { PersonActor } from "@/lib/auth/actor";
import type { Role } from "@/lib/auth/permissions";
import { db } from "@/lib/db/client";
import { inTransaction } from "@/lib/db/transaction";
import { readEventsAbout } from "@/lib/ledger/read";
import { markReturned } from "@/lib/people/leaving";
import { admitPerson, openSignIn, setPersonLeft } from "@/lib/people/mutations";
import { giveRole } from "@/lib/people/registration";
import { env } from "@/lib/platform/env";
import { newId } from "@/lib/platform/ids";
import { whatIsWrong } from "../../scripts/verify/step-up.mjs";
import { readProof } from "./data";
import { removeLostPasskey, removePasskey, beginRemove, renamePasskey } from "./keeping";
import { beginEnrol, confirmEnrol, enrol } from "./mutations";
import { digestOfApproval, digestOfProof } from "./statement";
import { beginStepUp, finishStepUp } from "./step-up";
import { testAuthenticator, type TestAuthenticator, type Wrong } from "./test-authenticator";

const origin = new URL(env.url).origin;
const payload = { action: "test.approve", requestId: "0192f0c1-0000-7000-8000-000000000001", minutes: 15 };

type Browser = { readonly actor: PersonActor; readonly signInId: string };

async function browserOf(name: string, ...roles: Role[]): Promise<Browser> {
  const admitted = await admitPerson({ issuer: "https://login.example.com", subject: newId(), name, email: null });
  if (!admitted.ok) throw new TypeError("not admitted");
  const { personId } = admitted.value;
  for (const role of roles) await giveRole(personId, role, { actor: { kind: "system", process: "seed" } });
  return anotherBrowser({ kind: "person", personId, name, roles });
}

async function anotherBrowser(actor: PersonActor): Promise<Browser> {
  const opened = await openSignIn(actor.personId);
  if (!opened.ok) throw new TypeError("not signed in");
  return { actor, signInId: opened.value.signInId };
}

function valueOf<Value>(result: { ok: true; value: Value } | { ok: false; code: string }): Value {
  if (!result.ok) throw new TypeError(`refused: ${result.code}`);
  return result.value;
}

/** Adds a first passkey. */
async function withPasskey(browser: Browser, options: Partial<Parameters<typeof testAuthenticator>[0]> = {}): Promise<TestAuthenticator> {
  const authenticator = testAuthenticator({ origin, ...options });
  const begun = valueOf(await beginEnrol(browser));
  if (begun.step !== "make") throw new TypeError("asked to confirm first");
  valueOf(await enrol({ ...browser, name: "Key", response: authenticator.make(begun.options) }));
  return authenticator;
}

/** Adds another one, confirmed with one that is there. */
async function addAnother(browser: Browser, first: TestAuthenticator): Promise<TestAuthenticator> {
  const begun = valueOf(await beginEnrol(browser));
  if (begun.step !== "confirm") throw new TypeError("not asked to confirm");
  const confirmed = valueOf(await confirmEnrol({ ...browser, response: first.confirm(begun.options) }));
  if (confirmed.step !== "make") throw new TypeError("asked to confirm twice");
  const authenticator = testAuthenticator({ origin });
  valueOf(await enrol({ ...browser, name: "Second", response: authenticator.make(confirmed.options) }));
  return authenticator;
}

const whoOf = ({ actor, signInId }: Browser) => ({ personId: actor.personId, signInId });
const begin = async (browser: Browser) => valueOf(await inTransaction((tx, now) => beginStepUp(tx, now, { ...whoOf(browser), payload }))).options;
const finish = (browser: Browser, response: ReturnType<TestAuthenticator["confirm"]>, approved: object = payload) =>
  inTransaction((tx, now) => finishStepUp(tx, now, { ...whoOf(browser), payload: { ...approved }, response }));
const eventsOf = async ({ actor }: Browser) => (await readEventsAbout("person", actor.personId)).map(({ type, bytes }) => ({ type, ...(JSON.parse(Buffer.from(bytes).toString()) as { data: Record<string, unknown> }).data }));
const passkeyOf = (id: string) => db.passkey.findUniqueOrThrow({ where: { credentialId: id } });
const age = (signInId: string) => db.signIn.update({ where: { id: signInId }, data: { createdAt: new Date(Date.now() - 11 * 60_000) } });

describe("adding a passkey", () => {
  it("keeps what checks its signatures, and says on the ledger that it is the first; its name is not in the event", async () => {
    const rita = await browserOf("Rita", "approver");
    const key = await withPasskey(rita);
    expect(await passkeyOf(key.id)).toMatchObject({ personId: rita.actor.personId, name: "Key", deviceType: "single-device", backedUp: false, transports: ["usb"], counter: 1n });
    const told = (await readEventsAbout("person", rita.actor.personId)).find(({ type }) => type === "passkey.enrolled");
    expect(JSON.parse(Buffer.from(told?.bytes ?? []).toString())).toMatchObject({ data: { isFirst: true, proofId: null } });
    expect(told?.clear).toEqual({ name: "Key" });
  });

  it("needs a fresh sign-in for the first, asked again when it is made", async () => {
    const rita = await browserOf("Rita", "approver");
    const begun = valueOf(await beginEnrol(rita));
    await age(rita.signInId);
    expect(await beginEnrol(rita)).toMatchObject({ ok: false, code: "sign-in-too-old" });
    expect(await enrol({ ...rita, name: "Late", response: testAuthenticator({ origin }).make(begun.options) })).toMatchObject({ ok: false, code: "sign-in-too-old" });
    expect(await eventsOf(rita)).toContainEqual({ type: "passkey.enrol-refused", personId: rita.actor.personId, code: "sign-in-too-old" });
  });

  it("needs a passkey that is there for the second, however fresh the sign-in; the proof is named", async () => {
    const rita = await browserOf("Rita", "approver");
    const first = await withPasskey(rita);
    await age(rita.signInId);
    const second = await addAnother(rita, first);
    const { id } = await passkeyOf(second.id);
    const enrolled = (await eventsOf(rita)).find(({ type, ...data }) => type === "passkey.enrolled" && "passkeyId" in data && data["passkeyId"] === id);
    expect(enrolled).toMatchObject({ isFirst: false });
    expect(await db.stepUpProof.count({ where: { personId: rita.actor.personId } })).toBe(1);
  });

  it("takes no second one that was begun as the first: a stolen session that began in time gains nothing", async () => {
    const rita = await browserOf("Rita", "approver");
    const thief = await anotherBrowser(rita.actor);
    const begun = valueOf(await beginEnrol(thief));
    await withPasskey(rita);
    expect(await enrol({ ...thief, name: "Mine now", response: testAuthenticator({ origin }).make(begun.options) })).toMatchObject({ ok: false, code: "confirm-first" });
    expect(await db.passkey.count({ where: { personId: rita.actor.personId } })).toBe(1);
  });

  it("is refused with a wrong origin, for another site, without a check of the person, in a frame, and with a signature in place of a new key", async () => {
    const rita = await browserOf("Rita", "approver");
    const wrongs: Wrong[] = [{ origin: "https://evil.example" }, { rpId: "evil.example" }, { flags: 0x41 }, { crossOrigin: true }, { type: "webauthn.get" }];
    for (const wrong of wrongs) {
      const begun = valueOf(await beginEnrol(rita));
      const response = testAuthenticator({ origin }).make(begun.options, wrong);
      expect(await enrol({ ...rita, name: "Wrong", response }), JSON.stringify(wrong)).toMatchObject({ ok: false, code: "not-verified" });
    }
    expect(await db.passkey.count({ where: { personId: rita.actor.personId } })).toBe(0);
  });

  it("is refused to somebody else and in another browser, and takes a passkey once only", async () => {
    const rita = await browserOf("Rita", "approver");
    const key = testAuthenticator({ origin });
    const begun = valueOf(await beginEnrol(rita));
    for (const other of [await browserOf("Ben", "approver"), await anotherBrowser(rita.actor)]) {
      expect(await enrol({ ...other, name: "Other", response: key.make(begun.options) })).toMatchObject({ ok: false, code: "asked-elsewhere" });
    }
    valueOf(await enrol({ ...rita, name: "Mine", response: key.make(begun.options) }));
    expect(await enrol({ ...rita, name: "Again", response: key.make(begun.options) })).toMatchObject({ ok: false, code: "challenge-used" });
    const ben = await browserOf("Ben", "approver");
    const theirs = valueOf(await beginEnrol(ben));
    expect(await enrol({ ...ben, name: "Same", response: key.make(theirs.options) })).toMatchObject({ ok: false, code: "already-enrolled" });
  });
});

describe("confirming one thing with a passkey", () => {
  it("keeps a proof that somebody else can check, and its hash on the ledger", async () => {
    for (const algorithm of ["ES256", "EdDSA", "RS256"] as const) {
      const rita = await browserOf("Rita", "approver");
      const key = await withPasskey(rita, { algorithm });
      const proof = valueOf(await finish(rita, key.confirm(await begin(rita))));
      const stored = await readProof(proof.id);
      expect(stored).toEqual(proof);
      expect(whatIsWrong(stored, { digest: digestOfApproval(payload), proofDigest: digestOfProof(proof), origin }), algorithm).toBeNull();
      expect(await eventsOf(rita)).toContainEqual(expect.objectContaining({ type: "step-up.confirmed", proofId: proof.id, proofDigest: digestOfProof(proof), digest: digestOfApproval(payload) }));
      const passkey = await passkeyOf(key.id);
      expect(passkey.counter).toBe(2n);
      expect(passkey.lastUsedAt).not.toBeNull();
    }
  });

  it("never changes a proof, for nobody", async () => {
    const rita = await browserOf("Rita", "approver");
    const key = await withPasskey(rita);
    const { id } = valueOf(await finish(rita, key.confirm(await begin(rita))));
    await expect(db.stepUpProof.update({ where: { id }, data: { digest: "00" } })).rejects.toThrow(/never changed/);
    await expect(db.stepUpProof.delete({ where: { id } })).rejects.toThrow(/never changed/);
  });

  it("works for passkeys that do not count", async () => {
    const rita = await browserOf("Rita", "approver");
    const key = await withPasskey(rita, { counts: false });
    for (let time = 0; time < 2; time++) expect(await finish(rita, key.confirm(await begin(rita)))).toMatchObject({ ok: true, value: { counter: 0 } });
  });

  it("counts once", async () => {
    const rita = await browserOf("Rita", "approver");
    const key = await withPasskey(rita);
    const options = await begin(rita);
    const response = key.confirm(options);
    valueOf(await finish(rita, response));
    expect(await finish(rita, response)).toMatchObject({ ok: false, code: "challenge-used" });
    expect(await finish(rita, key.confirm(options))).toMatchObject({ ok: false, code: "challenge-used" });
  });

  it("makes one proof of two answers at the same moment", async () => {
    const rita = await browserOf("Rita", "approver");
    const key = await withPasskey(rita);
    const response = key.confirm(await begin(rita));
    const answers = await Promise.all(Array.from({ length: 5 }, () => finish(rita, response)));
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
  });

  it("is refused after five minutes", async () => {
    const rita = await browserOf("Rita", "approver");
    const key = await withPasskey(rita);
    const options = await begin(rita);
    await db.passkeyChallenge.updateMany({ where: { challenge: options.challenge }, data: { expiresAt: new Date(Date.now() - 1_000) } });
    expect(await finish(rita, key.confirm(options))).toMatchObject({ ok: false, code: "challenge-expired" });
  });

  it("is refused in another browser of the same person", async () => {
    const rita = await browserOf("Rita", "approver");
    const key = await withPasskey(rita);
    const options = await begin(rita);
    const other = await anotherBrowser(rita.actor);
    expect(await finish(other, key.confirm(options))).toMatchObject({ ok: false, code: "asked-elsewhere" });
    expect(await finish(rita, key.confirm(options)), "and is not used up by that").toMatchObject({ ok: true });
  });

  it("is refused to another person, with whose passkey ever", async () => {
    const [rita, ben] = [await browserOf("Rita", "approver"), await browserOf("Ben", "approver")];
    const [hers, his] = [await withPasskey(rita), await withPasskey(ben)];
    const options = await begin(rita);
    expect(await finish(ben, hers.confirm(options))).toMatchObject({ ok: false, code: "asked-elsewhere" });
    expect(await finish(ben, his.confirm(options))).toMatchObject({ ok: false, code: "asked-elsewhere" });
    expect(await finish({ ...ben, signInId: rita.signInId }, his.confirm(options)), "in her browser").toMatchObject({ ok: false, code: "asked-elsewhere" });
    expect(await finish(rita, his.confirm(options))).toMatchObject({ ok: false, code: "passkey-unknown" });
    expect(await db.stepUpProof.count({ where: { personId: { in: [rita.actor.personId, ben.actor.personId] } } })).toBe(0);
  });

  it("is refused for anything else than what was asked, and used up by that", async () => {
    const rita = await browserOf("Rita", "approver");
    const key = await withPasskey(rita);
    const options = await begin(rita);
    expect(await finish(rita, key.confirm(options), { ...payload, minutes: 240 })).toMatchObject({ ok: false, code: "other-approval" });
    expect(await finish(rita, key.confirm(options))).toMatchObject({ ok: false, code: "challenge-used" });
    expect(await eventsOf(rita)).toContainEqual(expect.objectContaining({ type: "step-up.refused", code: "other-approval" }));
  });

  it("is refused when the counter did not go up, and the event names the passkey", async () => {
    const rita = await browserOf("Rita", "approver");
    const key = await withPasskey(rita);
    valueOf(await finish(rita, key.confirm(await begin(rita), { counter: 9 })));
    for (const counter of [9, 3, 0]) {
      expect(await finish(rita, key.confirm(await begin(rita), { counter })), `${counter} after 9`).toMatchObject({ ok: false, code: "counter-went-back" });
    }
    const { id, counter } = await passkeyOf(key.id);
    expect(counter).toBe(9n);
    expect(await eventsOf(rita)).toContainEqual(expect.objectContaining({ type: "step-up.refused", code: "counter-went-back", passkeyId: id }));
    expect(await finish(rita, key.confirm(await begin(rita), { counter: 10 }))).toMatchObject({ ok: true });
  });

  it("is refused with a passkey that was removed meanwhile, and asks nothing of somebody who has none", async () => {
    const rita = await browserOf("Rita", "approver");
    const key = await withPasskey(rita);
    const options = await begin(rita);
    await db.passkey.updateMany({ where: { credentialId: key.id }, data: { revokedAt: new Date(), revokedWhy: "removed" } });
    expect(await finish(rita, key.confirm(options))).toMatchObject({ ok: false, code: "passkey-removed" });
    expect(await inTransaction((tx, now) => beginStepUp(tx, now, { ...whoOf(rita), payload }))).toMatchObject({ ok: false, code: "no-passkey" });
  });

  it("is refused with a passkey that came after the question", async () => {
    const rita = await browserOf("Rita", "approver");
    const first = await withPasskey(rita);
    const options = await begin(rita);
    const second = await addAnother(rita, first);
    expect(await finish(rita, second.confirm(options))).toMatchObject({ ok: false, code: "passkey-unknown" });
  });

  it("is refused with a wrong origin, for another site, without a check of the person, in a frame and with a broken signature", async () => {
    const rita = await browserOf("Rita", "approver");
    const key = await withPasskey(rita);
    const wrongs: Wrong[] = [{ origin: "https://evil.example" }, { rpId: "evil.example" }, { flags: 0x01 }, { flags: 0x04 }, { crossOrigin: true }, { type: "webauthn.create" }];
    for (const wrong of wrongs) {
      expect(await finish(rita, key.confirm(await begin(rita), wrong)), JSON.stringify(wrong)).toMatchObject({ ok: false, code: "not-verified" });
    }
    const right = key.confirm(await begin(rita));
    const stranger = testAuthenticator({ origin }).confirm({ challenge: "x".repeat(43) });
    const broken = { ...right, response: { ...right.response, signature: stranger.response.signature } };
    expect(await finish(rita, broken)).toMatchObject({ ok: false, code: "not-verified" });
    expect(await finish(rita, stranger)).toMatchObject({ ok: false, code: "challenge-unknown" });
  });

  it("is refused to whoever has left and to who came back, with passkeys that were taken back; a new one works", async () => {
    const [rita, admin] = [await browserOf("Rita", "approver"), await browserOf("Ada", "administrator")];
    const key = await withPasskey(rita);
    const options = await begin(rita);
    valueOf(await setPersonLeft({ actor: admin.actor, personId: rita.actor.personId }));
    expect(await finish(rita, key.confirm(options))).toMatchObject({ ok: false, code: "already-left" });
    expect(await inTransaction((tx, now) => beginStepUp(tx, now, { ...whoOf(rita), payload }))).toMatchObject({ ok: false, code: "already-left" });
    const { id, revokedAt, revokedWhy } = await passkeyOf(key.id);
    expect({ revokedWhy, isRevoked: revokedAt !== null }).toEqual({ revokedWhy: "left", isRevoked: true });
    expect((await eventsOf(rita)).filter(({ type }) => type === "passkey.revoked")).toEqual([{ type: "passkey.revoked", personId: rita.actor.personId, passkeyIds: [id] }]);
    await inTransaction((tx, now) => markReturned(tx, now, { personId: rita.actor.personId, actor: admin.actor }));
    const back = await anotherBrowser(rita.actor);
    expect(await inTransaction((tx, now) => beginStepUp(tx, now, { ...whoOf(back), payload }))).toMatchObject({ ok: false, code: "passkey-revoked" });
    const anew = await withPasskey(back);
    expect(await finish(back, key.confirm(await begin(back)))).toMatchObject({ ok: false, code: "passkey-revoked" });
    expect(await eventsOf(rita)).toContainEqual(expect.objectContaining({ type: "step-up.refused", code: "passkey-revoked", passkeyId: id }));
    valueOf(await finish(back, anew.confirm(await begin(back))));
  });

  it("is refused to who left before passkeys were taken back: they are when they come back", async () => {
    const [rita, admin] = [await browserOf("Rita", "approver"), await browserOf("Ada", "administrator")];
    const key = await withPasskey(rita);
    valueOf(await setPersonLeft({ actor: admin.actor, personId: rita.actor.personId }));
    await db.passkey.updateMany({ where: { credentialId: key.id }, data: { revokedAt: null, revokedWhy: null } });
    await inTransaction((tx, now) => markReturned(tx, now, { personId: rita.actor.personId, actor: admin.actor }));
    expect(await passkeyOf(key.id)).toMatchObject({ revokedWhy: "left" });
  });
});

describe("one proof", () => {
  /** A proof that an enrolment used: its question names it. */
  async function usedProof(): Promise<{ proofId: string; personId: string; signInId: string }> {
    const rita = await browserOf("Rita", "approver");
    await addAnother(rita, await withPasskey(rita));
    const { proofId } = await db.stepUpUse.findFirstOrThrow({ where: { proof: { personId: rita.actor.personId } } });
    return { proofId, ...whoOf(rita) };
  }

  /** A request with one stage, for the database alone. */
  async function something(requesterId: string): Promise<{ identityId: string; entitlementId: string; requestId: string; stageId: string }> {
    const [systemId, identityId, entitlementId, requestId, stageId, at] = [newId(), newId(), newId(), newId(), newId(), new Date()];
    await db.system.create({ data: { id: systemId, name: systemId, connector: "files@1", environment: "test", config: {}, createdAt: at } });
    await db.identity.create({ data: { id: identityId, name: identityId, kind: "bot", environment: "test", state: "active", source: "seed", ownerId: requesterId, sponsorId: requesterId, firstSeenAt: at, lastSeenAt: at } });
    await db.entitlement.create({ data: { id: entitlementId, systemId, name: "x", description: "x", target: {}, actions: [], sensitivity: "high", purposes: ["fix"], createdAt: at } });
    await db.request.create({ data: { id: requestId, requesterId, identityId, purpose: "fix", durationSeconds: 60, grantedDurationSeconds: 60, state: "withdrawn", submittedAt: at, decidedAt: at, decideBefore: at } });
    await db.stage.create({ data: { id: stageId, requestId, position: 0, label: "x", source: "team:x", groups: [], needed: 1, state: "void", openedAt: at } });
    return { identityId, entitlementId, requestId, stageId };
  }

  it("is used for one thing: the database refuses it for a second, in the same table and in another", async () => {
    const { proofId, personId, signInId } = await usedProof();
    expect(await db.stepUpUse.findUniqueOrThrow({ where: { proofId } })).toMatchObject({ usedFor: "enrolment" });
    const { identityId, entitlementId, requestId, stageId } = await something(personId);
    const about = { id: newId(), personId, incident: "INC-1", incidentCheck: "unknown", durationSeconds: 60, state: "withdrawn", basis: "policy", policy: {}, debtSeconds: 60, debtSize: 1, askedAt: new Date(), idempotencyKey: newId() };
    const glass = { ...about, identityId, entitlementId, requestId };
    await expect(db.breakGlass.create({ data: { ...glass, proofId } })).rejects.toThrow(/step_up_uses_pkey|`proof_id`|`proved_by_id`/);
    const vote = { id: newId(), requestId, stageId, personId, answer: "approve", requestVersion: 1, durationSeconds: 60, votedAt: new Date() };
    await expect(db.vote.create({ data: { ...vote, proofId } })).rejects.toThrow(/step_up_uses_pkey|`proof_id`|`proved_by_id`/);
    // Neither is one put in later.
    await db.breakGlass.create({ data: glass });
    await expect(db.breakGlass.update({ where: { id: glass.id }, data: { proofId } })).rejects.toThrow(/step_up_uses_pkey|`proof_id`|`proved_by_id`/);
    await db.vote.create({ data: vote });
    await expect(db.vote.update({ where: { id: vote.id }, data: { proofId } })).rejects.toThrow(/step_up_uses_pkey|`proof_id`|`proved_by_id`/);
    // Also once the first use is gone: questions are thrown away after a day.
    await db.passkeyChallenge.deleteMany({ where: { provedById: proofId } });
    const row = { id: newId(), personId, signInId, purpose: "enrol", challenge: newId(), statement: "{}", digest: "00", createdAt: new Date(), expiresAt: new Date() };
    await expect(db.passkeyChallenge.create({ data: { ...row, provedById: proofId } })).rejects.toThrow(/step_up_uses_pkey|`proof_id`|`proved_by_id`/);
    await db.passkeyChallenge.create({ data: row });
    await expect(db.passkeyChallenge.update({ where: { id: row.id }, data: { provedById: proofId } })).rejects.toThrow(/step_up_uses_pkey|`proof_id`|`proved_by_id`/);
  });

  it("was used for what it was used for, for ever", async () => {
    const { proofId } = await usedProof();
    await expect(db.stepUpUse.update({ where: { proofId }, data: { usedFor: "vote" } })).rejects.toThrow(/never changed/);
    await expect(db.stepUpUse.delete({ where: { proofId } })).rejects.toThrow(/never changed/);
  });
});

describe("removing and renaming", () => {
  it("removes with any passkey of the same person, for this one passkey only", async () => {
    const rita = await browserOf("Rita", "approver");
    const first = await withPasskey(rita);
    const second = await addAnother(rita, first);
    const [one, two] = [await passkeyOf(first.id), await passkeyOf(second.id)];
    const begun = valueOf(await beginRemove({ ...rita, passkeyId: one.id }));
    expect(await removePasskey({ ...rita, passkeyId: two.id, response: second.confirm(begun.options) })).toMatchObject({ ok: false, code: "other-approval" });
    const again = valueOf(await beginRemove({ ...rita, passkeyId: one.id }));
    valueOf(await removePasskey({ ...rita, passkeyId: one.id, response: second.confirm(again.options) }));
    expect((await passkeyOf(first.id)).revokedAt).not.toBeNull();
    expect(await db.stepUpUse.findFirst({ where: { usedBy: one.id } })).toMatchObject({ usedFor: "removal" });
    expect(await beginRemove({ ...rita, passkeyId: one.id })).toMatchObject({ ok: false, code: "passkey-gone" });
    expect(await eventsOf(rita)).toContainEqual(expect.objectContaining({ type: "passkey.removed", passkeyId: one.id, proofId: expect.any(String) as string }));
  });

  it("lets an administrator remove somebody's without one, with a reason, and nobody else", async () => {
    const [rita, ben, ada, alan] = [await browserOf("Rita", "approver"), await browserOf("Ben", "approver"), await browserOf("Ada", "administrator"), await browserOf("Alan", "administrator")];
    const { id } = await passkeyOf((await withPasskey(rita)).id);
    for (const who of [rita, ben]) expect(await removeLostPasskey({ ...who, passkeyId: id, reason: "mine" })).toMatchObject({ ok: false, code: "no-longer-administrator" });
    valueOf(await removeLostPasskey({ ...ada, passkeyId: id, reason: "laptop stolen" }));
    const told = (await readEventsAbout("person", rita.actor.personId)).find(({ type }) => type === "passkey.removed");
    expect(told?.clear).toEqual({ name: "Key", reason: "laptop stolen" });
    const own = await passkeyOf((await withPasskey(alan)).id);
    expect(await removeLostPasskey({ ...alan, passkeyId: own.id, reason: "lost" })).toMatchObject({ ok: false, code: "another-administrator" });
  });

  it("renames one's own only, and keeps no secret as a name", async () => {
    const [rita, ben] = [await browserOf("Rita", "approver"), await browserOf("Ben", "approver")];
    const key = await withPasskey(rita);
    const { id } = await passkeyOf(key.id);
    expect(await renamePasskey({ actor: ben.actor, passkeyId: id, name: "Ben's" })).toMatchObject({ ok: false, code: "passkey-gone" });
    expect(await renamePasskey({ actor: rita.actor, passkeyId: id, name: "password=hunter2hunter2" })).toMatchObject({ ok: false, code: "secret-in-text" });
    valueOf(await renamePasskey({ actor: rita.actor, passkeyId: id, name: "Blue key" }));
    expect((await passkeyOf(key.id)).name).toBe("Blue key");
  });
});
