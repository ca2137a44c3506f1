import { beforeAll, describe, expect, it } from "vitest";
import type { PersonActor } from "@/lib/auth/actor";
import { db } from "@/lib/db/client";
import { enrol, beginEnrol } from "@/lib/passkeys/mutations";
import { readProof } from "@/lib/passkeys/data";
import { digestOfApproval, digestOfProof } from "@/lib/passkeys/statement";
import { testAuthenticator, type TestAuthenticator } from "@/lib/passkeys/test-authenticator";
import { sensitivities } from "@/lib/entitlements/types";
import { openSignIn } from "@/lib/people/mutations";
import { env } from "@/lib/platform/env";
import { samplePolicies } from "@/lib/policies/sample";
import { whatIsWrong } from "../../scripts/verify/step-up.mjs";
import { decideTogether, previewTogether } from "./batch";
import { approvalPayload, beginApproval, type Confirmation } from "./confirming";
import { decideRequest } from "./decision";
import { lookAt } from "./looking";
import { setScene } from "./test-target-of-file";
import { putInForce, type World } from "./test-world";
import { listApprovals, readMeanwhile, readOwnPace } from "./views/queue";

const origin = new URL(env.url).origin;
/** Owners decide about low, too; high needs passkeys. */
const policies = {
  ...samplePolicies,
  "low-read-auto": (samplePolicies["low-read-auto"] ?? "").replace('@stages("none")', '@stages("resource-owner:1")'),
  "high-two-stages": (samplePolicies["high-two-stages"] ?? "").replace('@idle("30m")', '@idle("30m")\n@step_up'),
};
const firstPage = { sensitivity: [], open: undefined, after: null, before: null };

let world: World;
type Browser = { readonly actor: PersonActor; readonly signInId: string; readonly key: TestAuthenticator };
let bea: Browser;
let sven: Browser;

async function browserOf(actor: PersonActor): Promise<Browser> {
  const opened = await openSignIn(actor.personId);
  if (!opened.ok) throw new TypeError("not signed in");
  const { signInId } = opened.value;
  const begun = await beginEnrol({ actor, signInId });
  if (!begun.ok || begun.value.step !== "make") throw new TypeError("no first passkey");
  const key = testAuthenticator({ origin });
  const made = await enrol({ actor, signInId, name: "Key", response: key.make(begun.value.options) });
  if (!made.ok) throw new TypeError(made.code);
  return { actor, signInId, key };
}

beforeAll(async () => {
  ({ world } = await setScene());
  await putInForce(policies);
  bea = await browserOf(world.people.bea);
  sven = await browserOf(world.people.sven);
});

const requestOf = (id: string) => db.request.findUniqueOrThrow({ where: { id }, include: { votes: { orderBy: { votedAt: "asc" } }, stages: { orderBy: { position: "asc" } }, grants: true, entitlements: true } });

async function confirmed(requestId: string, { actor, signInId, key }: Browser, over: { durationSeconds?: number; maxUses?: number } = {}): Promise<Confirmation> {
  const { version, grantedDurationSeconds } = await requestOf(requestId);
  const begun = await beginApproval({ actor, signInId, requestId, version, durationSeconds: grantedDurationSeconds, reason: "Agreed with the team", ...over });
  if (!begun.ok) throw new TypeError(begun.code);
  return { signInId, response: key.confirm(begun.value.options) };
}

describe("an approval that needs a passkey", () => {
  it("is counted with a proof over exactly its terms, which code that shares nothing with Curfew verifies", async () => {
    const requestId = await world.asked({ sensitivity: "high" });
    const seen = await requestOf(requestId);
    expect(seen.stepUp).toBe(true);
    expect(await world.vote(requestId, bea.actor)).toMatchObject({ ok: false, code: "step-up-needed" });
    const confirmation = await confirmed(requestId, bea, { durationSeconds: 900, maxUses: 3 });
    expect(await world.vote(requestId, bea.actor, { durationSeconds: 900, maxUses: 3, confirmation })).toEqual({ ok: true, value: { state: "pending", stagesLeft: 1 } });
    const row = await requestOf(requestId);
    expect(row).toMatchObject({ grantedDurationSeconds: 900, maxUses: 3, version: seen.version + 1, votes: [{ answer: "approve", maxUses: 3, proofId: expect.any(String) as string }] });
    const proof = await readProof(row.votes[0]?.proofId ?? "");
    const [decision] = await db.decision.findMany({ where: { requestId, moment: "vote", outcome: "permit" }, orderBy: { decidedAt: "desc" }, take: 1 });
    const terms = { durationSeconds: 900, maxUses: 3, idleSeconds: seen.idleSeconds, entitlementIds: seen.entitlements.map(({ entitlementId }) => entitlementId) };
    const payload = approvalPayload(seen as never, { terms, voterId: bea.actor.personId, policyHash: decision?.policyHash ?? "" });
    expect(whatIsWrong(proof, { origin, digest: digestOfApproval(payload) })).toBeNull();
    expect(whatIsWrong(proof, { origin, digest: digestOfApproval({ ...payload, durationSeconds: 901 }) })).toBe("something else was approved");
    const [voted] = await world.events("request", requestId, "request.voted");
    expect(voted?.data).toMatchObject({ proofId: proof?.id, proofDigest: proof && digestOfProof(proof), durationSeconds: 900, maxUses: 3 });
  });

  it.each([
    ["longer", { durationSeconds: 1_800 }],
    ["with more uses", { durationSeconds: 900, maxUses: 4 }],
  ])("does not count %s than what was confirmed, and leaves nothing behind", async (_what, over) => {
    const requestId = await world.asked({ sensitivity: "high" });
    const confirmation = await confirmed(requestId, bea, { durationSeconds: 900, maxUses: 3 });
    expect(await world.vote(requestId, bea.actor, { ...over, confirmation })).toMatchObject({ ok: false, code: "other-approval" });
    expect(await requestOf(requestId)).toMatchObject({ state: "pending", votes: [], grants: [] });
    expect(await world.vote(requestId, bea.actor, { durationSeconds: 900, maxUses: 3, confirmation })).toMatchObject({ ok: false, code: "challenge-used" });
  });

  it("is void for another request, and when the terms changed before it was sent", async () => {
    const [one, other] = [await world.asked({ sensitivity: "high" }), await world.asked({ sensitivity: "high" })];
    const confirmation = await confirmed(one, bea);
    expect(await world.vote(other, bea.actor, { confirmation })).toMatchObject({ ok: false, code: "other-approval" });
    const again = await confirmed(other, bea);
    await db.request.update({ where: { id: other }, data: { version: { increment: 1 } } });
    expect(await world.vote(other, bea.actor, { confirmation: again })).toMatchObject({ ok: false, code: "other-approval" });
  });

  it("still covers what the next voter narrows, and denying needs none", async () => {
    const [kept, denied] = [await world.asked({ sensitivity: "high" }), await world.asked({ sensitivity: "high" })];
    expect(await world.vote(kept, bea.actor, { confirmation: await confirmed(kept, bea) })).toMatchObject({ ok: true });
    expect(await world.vote(kept, sven.actor, { durationSeconds: 60, confirmation: await confirmed(kept, sven, { durationSeconds: 60 }) })).toMatchObject({ ok: true, value: { state: "approved" } });
    expect(await requestOf(kept)).toMatchObject({ votes: [{ voidedAt: null, durationSeconds: 3_600 }, { voidedAt: null, durationSeconds: 60 }], grants: [{ durationSeconds: 60 }] });
    expect(await world.vote(denied, bea.actor, { answer: "deny" })).toMatchObject({ ok: true, value: { state: "denied" } });
  });

  it("is asked again of those who approved before policy wanted it", async () => {
    await putInForce({ ...policies, "high-two-stages": samplePolicies["high-two-stages"] ?? "" });
    const requestId = await world.asked({ sensitivity: "high" });
    expect(await world.vote(requestId, bea.actor)).toMatchObject({ ok: true });
    await putInForce(policies);
    expect(await world.vote(requestId, sven.actor)).toMatchObject({ ok: false, code: "changed-since-seen" });
    expect(await requestOf(requestId)).toMatchObject({ stepUp: true, state: "pending", votes: [{ voidedAt: expect.any(Date) as Date }], stages: [{ state: "open" }, { state: "waiting" }] });
    expect(await world.told("request", requestId)).toContain("request.votes-voided");
    expect(await world.vote(requestId, bea.actor, { confirmation: await confirmed(requestId, bea) })).toMatchObject({ ok: true });
    expect(await world.vote(requestId, sven.actor, { confirmation: await confirmed(requestId, sven) })).toMatchObject({ ok: true, value: { state: "approved" } });
  });
});

const alone = { together: false, batchSize: 1 } as const;

describe("a decision on screen", () => {
  it("says why where it was faster than the card can be read, and whether it was opened", async () => {
    const [unopened, opened] = [await world.asked(), await world.asked()];
    expect(await world.vote(unopened, bea.actor, { reason: "ok", reading: alone })).toMatchObject({ ok: false, code: "too-fast", detail: { opened: "no" } });
    expect(await world.vote(unopened, bea.actor, { reason: "We talked about it at noon", reading: alone })).toMatchObject({ ok: true });
    expect(await requestOf(unopened)).toMatchObject({ votes: [{ wasOpened: false, isHasty: true, batchSize: 1 }] });
    const past = (ms: number) => ({ now: () => Promise.resolve(new Date(Date.now() - ms)) });
    expect(await lookAt({ actor: bea.actor, requestId: opened, version: 1, clock: past(30_000) })).toBe(true);
    expect(await lookAt({ actor: world.people.rita, requestId: opened, version: 1 })).toBe(false);
    expect(await world.vote(opened, bea.actor, { reason: "", reading: alone })).toMatchObject({ ok: true });
    expect(await requestOf(opened)).toMatchObject({ votes: [{ wasOpened: true, isHasty: false }] });
    const [voted] = await world.events("request", opened, "request.voted");
    expect(voted?.data).toMatchObject({ wasOpened: true, batchSize: 1 });
    expect(JSON.stringify(voted?.data)).not.toMatch(/ms|took/i);
    expect(await readOwnPace(bea.actor.personId)).toMatchObject({ unopened: expect.any(Number) as number, hasty: 1 });
  });
});

describe("several decided together", () => {
  it("decides what is low and known, each by itself, and leaves and names the rest", async () => {
    const low = [await world.asked({ sensitivity: "low" }), await world.asked({ sensitivity: "low" })];
    const [first, medium] = [await world.asked({ sensitivity: "low" }), await world.asked()];
    await db.request.updateMany({ where: { id: { in: low } }, data: { riskParts: [] } });
    const selected = [...low, first, medium].map((requestId) => ({ requestId, version: 1 }));
    expect((await previewTogether({ actor: bea.actor, selected })).rows.map((row) => row.alone)).toEqual([null, null, "first-time", "sensitivity"]);
    expect((await previewTogether({ actor: world.people.rita, selected })).rows.map((row) => row.alone)).toEqual(Array(4).fill("unknown-request"));
    const begun = await decideTogether({ actor: bea.actor, selected, answer: "approve", reason: "All as last week" });
    if (!begun.ok) throw new TypeError(begun.code);
    const states = async () => (await db.request.findMany({ where: { id: { in: low } }, select: { state: true } })).map(({ state }) => state).sort();
    expect(await begun.value.next()).toMatchObject({ value: { of: 2, left: [{ code: "first-time" }, { code: "sensitivity" }] } });
    expect(await states()).toEqual(["pending", "pending"]);
    // What is said to be decided is committed, and nothing else is.
    expect(await begun.value.next()).toMatchObject({ value: { result: { requestId: low[0], state: "approved" } } });
    expect(await states()).toEqual(["approved", "pending"]);
    expect(await begun.value.next()).toMatchObject({ value: { result: { requestId: low[1], state: "approved" } } });
    expect(await begun.value.next()).toMatchObject({ done: true });
    expect(await decideTogether({ actor: bea.actor, selected, answer: "approve", reason: "All as last week" })).toMatchObject({ ok: false, code: "nothing-together" });
    expect(await requestOf(low[0] ?? "")).toMatchObject({ state: "approved", votes: [{ batchSize: 2, wasOpened: false, isHasty: false }] });
    expect(await requestOf(medium)).toMatchObject({ state: "pending", votes: [] });
    const forced = { actor: bea.actor, requestId: medium, answer: "approve", reason: "All", version: 1, durationSeconds: 3_600, reading: { together: true, batchSize: 9 } } as const;
    expect(await decideRequest(forced)).toMatchObject({ ok: false, code: "not-together" });
  });
});

describe("the queue", () => {
  it("stands by risk with its arithmetic, counts what is alike, and says who decided what is gone", async () => {
    const [medium, other, high] = [await world.asked(), await world.asked(), await world.asked({ sensitivity: "high" })];
    const page = await listApprovals(bea.actor.personId, firstPage);
    const points = page.rows.map(({ risk }) => risk.points);
    expect(points).toEqual(points.toSorted((a, b) => b - a));
    const at = (id: string) => page.rows.findIndex((row) => row.id === id);
    expect(at(high)).toBeLessThan(at(medium));
    const row = page.rows[at(high)];
    expect(row).toMatchObject({ stepUp: true, sensitivity: "high" });
    expect(row?.risk.parts.reduce((sum, part) => sum + part.points, 0)).toBe(row?.risk.points);
    expect(row?.risk.parts.map(({ code }) => code)).toEqual(expect.arrayContaining(["sensitivity", "first-time", "production"]));
    const before = page.rows[at(medium)]?.alike ?? 0;
    expect(before).toBeGreaterThanOrEqual(2);
    expect(page.rows[at(other)]?.shape).toBe(page.rows[at(medium)]?.shape);
    await world.vote(other, world.people.anton, { answer: "deny", reason: "Not this week" });
    expect((await listApprovals(bea.actor.personId, firstPage)).rows.find(({ id }) => id === medium)?.alike).toBe(before - 1);
    expect(await readMeanwhile(bea.actor.personId, [other])).toMatchObject([{ requestId: other, state: "denied", by: "Anton", answer: "deny" }]);
    expect(await readMeanwhile(world.people.rita.personId, [other])).toEqual([]);
  });

  it("shows of chosen sensitivities what is as sensitive as it shows, whatever was left out", async () => {
    const both = [world.entitlement("low"), world.entitlement("high")];
    for (const sensitivity of sensitivities) await world.asked({ sensitivity });
    const [mixed, less] = [await world.asked({ entitlementIds: both }), await world.asked({ entitlementIds: both })];
    await db.requestEntitlement.updateMany({ where: { requestId: less, entitlementId: world.entitlement("high") }, data: { leftOutAt: new Date() } });
    const { rows } = await listApprovals(bea.actor.personId, firstPage);
    const shown = (id: string) => rows.find((row) => row.id === id)?.sensitivity;
    expect([shown(mixed), shown(less), new Set(rows.map(({ sensitivity }) => sensitivity)).size]).toEqual(["high", "low", sensitivities.length]);
    for (let chosen = 1; chosen < 2 ** sensitivities.length; chosen += 1) {
      const sensitivity = sensitivities.filter((_level, at) => Math.floor(chosen / 2 ** at) % 2 === 1);
      const page = await listApprovals(bea.actor.personId, { ...firstPage, sensitivity });
      expect(page.rows.map(({ id }) => id)).toEqual(rows.filter((row) => sensitivity.includes(row.sensitivity)).map(({ id }) => id));
    }
    const found = async (level: (typeof sensitivities)[number]) => (await listApprovals(bea.actor.personId, { ...firstPage, sensitivity: [level] })).rows.map(({ id }) => id);
    await db.entitlement.update({ where: { id: world.entitlement("low") }, data: { sensitivity: "critical" } });
    expect(await found("critical")).toEqual(expect.arrayContaining([mixed, less]));
    expect(await found("low")).toEqual([]);
    await db.entitlement.update({ where: { id: world.entitlement("low") }, data: { sensitivity: "low" } });
    expect(await found("high")).toContain(mixed);
    expect(await found("low")).toContain(less);
  });
});
