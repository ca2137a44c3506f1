import { beforeAll, describe, expect, it } from "vitest";
import { db } from "@/lib/db/client";
import { superuserUrl, withClient } from "@/lib/db/test-database";
import { answerForIdentity, setIdentityState } from "@/lib/identities/mutations";
import { setPersonLeft } from "@/lib/people/mutations";
import { giveRole } from "@/lib/people/registration";
import { newId } from "@/lib/platform/ids";
import { samplePolicies } from "@/lib/policies/sample";
import { decideRequest } from "./decision";
import { setScene } from "./test-target-of-file";
import { makePerson, putInForce, type World } from "./test-world";
import { readRequestView } from "./views/detail";

const seed = { kind: "system", process: "seed" } as const;

let world: World;
beforeAll(async () => {
  ({ world } = await setScene());
});

const request = (id: string) =>
  db.request.findUniqueOrThrow({
    where: { id },
    include: { stages: { orderBy: { position: "asc" } }, votes: { orderBy: { votedAt: "asc" } }, sides: true, grants: true, decisions: true },
  });

/** Makes somebody else answer for an identity. */
async function answerFor(identityId: string, over: { ownerId?: string; backupId?: string | null }): Promise<void> {
  const { olga, sam, bo } = world.people;
  const answering = { identityId, kind: "ci-job", environment: "production", description: null, ownerId: olga.personId, sponsorId: sam.personId, backupId: bo.personId, creatorId: null, teamId: null } as const;
  await answerForIdentity({ ...answering, ...over }, { actor: seed });
}

/** Refused with this code, on the record, and nothing else moved. */
async function refused(requestId: string, answer: Awaited<ReturnType<typeof decideRequest>>, code: string): Promise<void> {
  expect(answer).toMatchObject({ ok: false, code });
  expect(await request(requestId)).toMatchObject({ state: "pending", votes: [], grants: [] });
  const [event] = (await world.events("request", requestId, "request.vote-refused")).slice(-1);
  expect(event?.data).toMatchObject({ code });
}

describe("an approval of the only stage", () => {
  it("approves the request, makes its grant ready and tells each step", async () => {
    const requestId = await world.asked();
    expect(await world.vote(requestId, world.people.bea)).toEqual({ ok: true, value: { state: "approved", stagesLeft: 0 } });
    const row = await request(requestId);
    expect(row).toMatchObject({ state: "approved", stages: [{ state: "approved" }], votes: [{ answer: "approve", personId: world.people.bea.personId, durationSeconds: 3600 }] });
    expect(row.grants).toMatchObject([{ state: "ready", durationSeconds: 3600 }]);
    expect(row.activateBefore?.getTime()).toBe(row.grants[0]?.activateBefore.getTime());
    expect(row.decisions.map(({ moment, outcome }) => `${moment} ${outcome}`).sort()).toEqual(["request permit", "vote permit"]);
    expect(await world.told("request", requestId)).toEqual([
      "request.submitted", "policy.decided", "policy.decided", "request.voted", "request.approved", "grant.ready",
    ]);
  });

  it("keeps its reason beside the event only", async () => {
    const requestId = await world.asked();
    await world.vote(requestId, world.people.bea, { reason: "Known to me since the incident of Tuesday" });
    const [event] = await world.events("request", requestId, "request.voted");
    expect(event?.clear).toMatchObject({ reason: "Known to me since the incident of Tuesday", voter: "Bea" });
    expect(Buffer.from(event?.bytes ?? []).toString()).not.toMatch(/incident|Bea/);
    expect(event?.actor).toEqual({ kind: "person", id: world.people.bea.personId });
  });
});

describe("an approval of the first of two stages", () => {
  it("opens the second, and only the last one makes a grant", async () => {
    const requestId = await world.asked({ sensitivity: "high" });
    await refusedTurn(requestId);
    expect(await world.vote(requestId, world.people.bea)).toEqual({ ok: true, value: { state: "pending", stagesLeft: 1 } });
    expect(await request(requestId)).toMatchObject({ state: "pending", grants: [], stages: [{ state: "approved" }, { state: "open" }] });
    expect(await world.vote(requestId, world.people.anton)).toMatchObject({ ok: false, code: "not-asked" });
    expect(await world.vote(requestId, world.people.sven)).toEqual({ ok: true, value: { state: "approved", stagesLeft: 0 } });
    expect((await request(requestId)).grants).toHaveLength(1);
  });

  async function refusedTurn(requestId: string): Promise<void> {
    await refused(requestId, await world.vote(requestId, world.people.sven), "not-your-turn");
  }

  it("by somebody who fits both stages counts once", async () => {
    const both = await makePerson("Both", ["approver"], ["Data", "Security"]);
    const requestId = await world.asked({ sensitivity: "high" });
    await world.vote(requestId, both);
    expect(await world.vote(requestId, both)).toMatchObject({ ok: false, code: "already-voted" });
    expect(await world.vote(requestId, world.people.sven)).toMatchObject({ ok: true });
    await db.teamMember.deleteMany({ where: { personId: both.personId } });
  });
});

describe("narrowing", () => {
  it("in a later stage keeps the earlier vote, which covers the shorter time, and the grant is the shorter one", async () => {
    const requestId = await world.asked({ sensitivity: "high", durationSeconds: 7200 });
    await world.vote(requestId, world.people.bea);
    expect(await world.vote(requestId, world.people.sven, { durationSeconds: 1800 })).toMatchObject({ ok: true, value: { state: "approved" } });
    const row = await request(requestId);
    expect(row).toMatchObject({ durationSeconds: 7200, grantedDurationSeconds: 1800 });
    expect(row.votes.map(({ durationSeconds, voidedAt }) => [durationSeconds, voidedAt])).toEqual([[7200, null], [1800, null]]);
    expect(row.grants).toMatchObject([{ durationSeconds: 1800 }]);
    expect((await world.events("request", requestId, "request.narrowed"))[0]?.data).toEqual({ fromSeconds: 7200, toSeconds: 1800 });
  });

  it("in the first stage makes other open pages look again, and nobody can widen it back", async () => {
    const requestId = await world.asked({ sensitivity: "high", durationSeconds: 7200 });
    const { version } = await request(requestId);
    await world.vote(requestId, world.people.bea, { durationSeconds: 1800 });
    expect(await world.vote(requestId, world.people.sven, { version, durationSeconds: 7200 })).toMatchObject({ ok: false, code: "changed-since-seen" });
    expect(await world.vote(requestId, world.people.sven, { durationSeconds: 7200 })).toMatchObject({ ok: false, code: "not-narrower" });
    expect(await world.vote(requestId, world.people.sven)).toMatchObject({ ok: true });
    expect((await request(requestId)).grants).toMatchObject([{ durationSeconds: 1800 }]);
  });

  it("of uses and time without use shows the next voter what was asked, however often it is narrowed", async () => {
    const requestId = await world.asked({ sensitivity: "high", maxUses: 40 });
    const { idleSeconds: asked } = await request(requestId);
    expect(await readRequestView(requestId, world.people.sven)).toMatchObject({ maxUses: 40, asked: { maxUses: 40, idleSeconds: asked } });
    await world.vote(requestId, world.people.bea, { maxUses: 10, idleSeconds: 300 });
    const seen = await readRequestView(requestId, world.people.sven);
    expect(seen).toMatchObject({ maxUses: 10, idleSeconds: 300, asked: { maxUses: 40, idleSeconds: asked } });
    expect(seen?.activity.map(({ what }) => what)).toContainEqual(expect.stringMatching(/^lowered its uses from 40 to 10 and lowered its time without use from .+ to 5 min$/));
    await world.vote(requestId, world.people.sven, { maxUses: 3 });
    expect(await readRequestView(requestId, world.people.sven)).toMatchObject({ state: "approved", maxUses: 3, asked: { maxUses: 40, idleSeconds: asked } });
  });

  it("is not what a colleague's plain approval does: open pages stay good", async () => {
    const requestId = await world.asked({ sensitivity: "high" });
    const { version } = await request(requestId);
    await world.vote(requestId, world.people.bea);
    expect(await world.vote(requestId, world.people.sven, { version })).toMatchObject({ ok: true });
  });
});

describe("a deny", () => {
  it("by one person ends the request and its stages, without a grant", async () => {
    const requestId = await world.asked({ sensitivity: "high" });
    expect(await world.vote(requestId, world.people.bea, { answer: "deny", reason: "Not during the freeze" })).toEqual({ ok: true, value: { state: "denied", stagesLeft: 0 } });
    expect(await request(requestId)).toMatchObject({ state: "denied", grants: [], stages: [{ state: "denied" }, { state: "void" }] });
    expect((await world.told("request", requestId)).slice(-2)).toEqual(["request.voted", "request.denied"]);
  });

  it("counts even where policy cannot be asked", async () => {
    const requestId = await world.asked();
    await withoutPolicy(async () => {
      expect(await world.vote(requestId, world.people.bea, { answer: "deny" })).toMatchObject({ ok: true, value: { state: "denied" } });
    });
  });
});

async function withoutPolicy(work: () => Promise<void>): Promise<void> {
  await withClient(superuserUrl(), (client) => client.query("update policy_sets set activated_at = null"));
  try {
    await work();
  } finally {
    await putInForce(samplePolicies);
  }
}

describe("the own side", () => {
  it.each(["rita", "olga", "sam", "bo"] as const)("%s is refused, with the reason", async (name) => {
    const requestId = await world.asked();
    await giveRole(world.people[name].personId, "approver", { actor: seed });
    const answer = await world.vote(requestId, world.people[name]);
    await refused(requestId, answer, "own-side");
    expect(answer).toMatchObject({ detail: { why: { rita: "requester", olga: "owner", sam: "sponsor", bo: "backup" }[name] } });
  });

  it("includes whoever became the owner after the request was submitted, though asked before", async () => {
    const { bea, anton } = world.people;
    const identityId = await world.identity();
    const requestId = await world.asked({ identityId });
    await answerFor(identityId, { ownerId: bea.personId });
    await refused(requestId, await world.vote(requestId, bea), "own-side");
    expect((await world.told("request", requestId)).filter((type) => type === "request.rerouted")).toHaveLength(1);
    expect((await world.events("request", requestId, "request.rerouted"))[0]?.data).toEqual({ excluded: [bea.personId], why: "joined-the-asking-side" });
    expect(await world.vote(requestId, anton)).toMatchObject({ ok: true });
  });

  it("keeps whoever has left it since", async () => {
    const { bea, bo } = world.people;
    const identityId = await world.identity({ ownerId: bea.personId });
    const requestId = await world.asked({ identityId });
    await answerFor(identityId, { backupId: null });
    await refused(requestId, await world.vote(requestId, bea), "own-side");
    await refused(requestId, await world.vote(requestId, bo), "own-side");
  });

  it("keeps whoever was on it for a while between submit and vote, though nobody voted meanwhile", async () => {
    const { bea, olga } = world.people;
    const identityId = await world.identity();
    const requestId = await world.asked({ identityId });
    await answerFor(identityId, { ownerId: bea.personId });
    await answerFor(identityId, { ownerId: olga.personId });
    await refused(requestId, await world.vote(requestId, bea), "own-side");
  });
});

describe("a change of owner and a vote at the same moment", () => {
  it("never wait for each other, and the vote counts or is refused as own side", async () => {
    const { bea, anton } = world.people;
    for (let round = 0; round < 5; round++) {
      const identityId = await world.identity();
      const requestId = await world.asked({ identityId });
      const [, byBea, byAnton] = await Promise.all([answerFor(identityId, { ownerId: bea.personId }), world.vote(requestId, bea), world.vote(requestId, anton)]);
      expect([byBea.ok, byAnton.ok].filter(Boolean)).toHaveLength(1);
      expect((await request(requestId)).state).toBe("approved");
    }
  });
});

describe("a vote is refused", () => {
  it("when the person has no role that decides any more", async () => {
    const former = await makePerson("Former", ["approver"], ["Data"]);
    const requestId = await world.asked();
    await db.personRole.deleteMany({ where: { personId: former.personId } });
    await refused(requestId, await world.vote(requestId, former), "no-role");
  });

  it("when the person has left", async () => {
    const former = await makePerson("Leaver", ["approver"], ["Data"]);
    const requestId = await world.asked();
    await setPersonLeft({ actor: world.people.ada, personId: former.personId });
    await refused(requestId, await world.vote(requestId, former), "no-role");
  });

  it("when the person was asked as one of a team and is in it no longer", async () => {
    const former = await makePerson("Mover", ["approver"], ["Data"]);
    const requestId = await world.asked();
    await db.teamMember.deleteMany({ where: { personId: former.personId } });
    await refused(requestId, await world.vote(requestId, former), "no-longer-asked");
    expect(await world.vote(requestId, world.people.bea)).toMatchObject({ ok: true });
  });

  it("when nobody asked that person", async () => {
    const stranger = await makePerson("Stranger", ["approver"]);
    const requestId = await world.asked();
    await refused(requestId, await world.vote(requestId, stranger), "not-asked");
  });

  it("when its time is over, even before the request has lapsed", async () => {
    const requestId = await world.asked();
    await db.request.update({ where: { id: requestId }, data: { decideBefore: new Date(Date.now() - 1000) } });
    await refused(requestId, await world.vote(requestId, world.people.bea), "decision-time-over");
  });

  it("when policy says no by now", async () => {
    const identityId = await world.identity();
    const requestId = await world.asked({ identityId });
    await setIdentityState(identityId, "suspended", { actor: seed });
    await refused(requestId, await world.vote(requestId, world.people.bea), "policy-refuses");
    expect((await request(requestId)).decisions.map(({ moment, outcome }) => `${moment} ${outcome}`).sort()).toEqual(["request permit", "vote refuse"]);
  });

  it("when policy cannot be asked, and can be given again afterwards", async () => {
    const requestId = await world.asked();
    await withoutPolicy(async () => refused(requestId, await world.vote(requestId, world.people.bea), "policy-fault"));
    expect(await world.vote(requestId, world.people.bea)).toMatchObject({ ok: true });
  });

  it("when the reason holds a secret, and nothing is stored at all", async () => {
    const requestId = await world.asked();
    const before = await world.told("request", requestId);
    const answer = await world.vote(requestId, world.people.bea, { reason: "use password=Tr0ub4dor&3 as last time" });
    expect(answer).toMatchObject({ ok: false, code: "secret-in-text" });
    expect(await world.told("request", requestId)).toEqual(before);
    expect((await request(requestId)).votes).toEqual([]);
  });

  it("of an unknown request, without a trace", async () => {
    const answer = await decideRequest({ actor: world.people.bea, requestId: newId(), answer: "approve", reason: "Fine with me", version: 1, durationSeconds: 60 });
    expect(answer).toEqual({ ok: false, code: "unknown-request" });
  });

  it("when it comes a second time", async () => {
    const requestId = await world.asked({ sensitivity: "high" });
    await world.vote(requestId, world.people.bea);
    expect(await world.vote(requestId, world.people.bea)).toMatchObject({ ok: false, code: "already-voted" });
    expect((await request(requestId)).votes).toHaveLength(1);
  });
});
