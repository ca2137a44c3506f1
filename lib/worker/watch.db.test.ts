import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { connectSystem } from "@/lib/connectors/connect";
import type { TestTarget } from "@/lib/connectors/postgres/test-target";
import { db } from "@/lib/db/client";
import { superuserUrl, withClient } from "@/lib/db/test-database";
import { fixedClock, inTransaction } from "@/lib/db/transaction";
import { endGrant } from "@/lib/grants/ending";
import { beginIssue } from "@/lib/grants/mutations";
import { setIdentityState } from "@/lib/identities/mutations";
import { setPersonLeft } from "@/lib/people/mutations";
import { newId } from "@/lib/platform/ids";
import { samplePolicies } from "@/lib/policies/sample";
import { lapseUndecided } from "@/lib/requests/mutations";
import { recheckGrant } from "@/lib/requests/recheck";
import { setScene } from "@/lib/requests/test-target-of-file";
import { makePerson, putInForce, type Live, type World } from "@/lib/requests/test-world";
import { connectNewSystem, recordReachable, recordUnreachable } from "@/lib/systems/mutations";
import { endGrants } from "./tasks/end-grants";
import { recoverIssue } from "./tasks/recover-issue";
import { explainCredentials, reconcileSystems } from "./reconcile";
import { lapseOverdue, lookAfterSystems, observeSystems, recheckLive } from "./watch";

const seed = { kind: "system", process: "seed" } as const;

let world: World;
let target: TestTarget;
beforeAll(async () => {
  ({ world, target } = await setScene());
});

async function reconnect(port?: number): Promise<void> {
  const config = { ...target.config(), database: target.names.database, ...(port ? { port } : {}) };
  await connectNewSystem({ id: world.systemId, name: "target", connector: "postgres@1", environment: "production", config, secrets: target.secrets(), actor: seed, demo: false });
}

afterEach(() => reconnect());

const end = (live: Live) => endGrant({ actor: world.people.rita, grantId: live.grantId, reason: "ended-by-person", permitted: () => Promise.resolve(true) });
const stateOf = async (grantId: string) => (await world.grant(grantId)).state;
const withoutPolicy = () => withClient(superuserUrl(), (client) => client.query("update policy_sets set activated_at = null"));
const findings = (where: { grantId?: string; kind?: string }) => db.finding.findMany({ where, orderBy: { openedAt: "asc" } });

describe("asking policy again about a live session", () => {
  it("keeps it without an event while the answer is yes", async () => {
    const live = await world.live();
    const before = await world.told("grant", live.grantId);
    expect(await recheckGrant(live.grantId)).toBe("kept");
    expect((await world.grant(live.grantId)).recheckedAt).not.toBeNull();
    expect(await world.told("grant", live.grantId)).toEqual(before);
  });

  it.each<[string, string, (live: Live) => Promise<unknown>]>([
    ["its identity is suspended", "identity-suspended", (live) => setIdentityState(live.identityId, "suspended", { actor: seed })],
    ["its identity vanished from its system", "context-changed", (live) => db.identity.update({ where: { id: live.identityId }, data: { vanishedAt: new Date() } })],
  ])("ends it when %s, says why (%s), and the end is proven", async (_name, reason, change) => {
    const owner = await makePerson("Owner of one", ["owner"]);
    const live = await world.live({ identityId: await world.identity({ ownerId: owner.personId }) });
    await change(live);
    expect(await recheckGrant(live.grantId)).toBe("ended");
    expect(await world.grant(live.grantId)).toMatchObject({ state: "ending", endReason: reason, endedById: null });
    expect((await world.told("grant", live.grantId)).slice(-2)).toEqual(["policy.decided", "grant.ending"]);
    expect((await world.events("grant", live.grantId, "policy.decided")).at(-1)?.data).toMatchObject({ moment: "recheck", outcome: "refuse" });
    await endGrants({ systemId: world.systemId });
    expect(await stateOf(live.grantId)).toBe("proven");
    expect(await recheckGrant(live.grantId)).toBe("not-live");
  });

  it("lets the session of an identity run on whose owner has left, even when nobody takes over", async () => {
    const owner = await makePerson("Owner of one", ["owner"]);
    const live = await world.live({ identityId: await world.identity({ ownerId: owner.personId }) });
    await setPersonLeft({ actor: world.people.ada, personId: owner.personId });
    expect(await recheckGrant(live.grantId)).toBe("kept");
    await setIdentityState(live.identityId, "orphaned", { actor: seed });
    expect(await recheckGrant(live.grantId)).toBe("kept");
    expect(await stateOf(live.grantId)).toBe("active");
  });

  it("ends it when whoever holds its credential has left", async () => {
    const rita = await makePerson("Rita for a day", ["requester"]);
    const { id } = await world.grantOf(await world.approved({ actor: rita, sensitivity: "low" }));
    expect(await world.activate(id, { actor: rita })).toMatchObject({ ok: true });
    await db.person.update({ where: { id: rita.personId }, data: { leftAt: new Date() } });
    expect(await recheckGrant(id)).toBe("ended");
    expect(await world.grant(id)).toMatchObject({ state: "ending", endReason: "owner-left" });
  });

  it("ends nothing when policy cannot be asked, says since when once, and takes that back when it can", async () => {
    const live = await world.live();
    await recheckGrant(live.grantId);
    const { recheckedAt } = await world.grant(live.grantId);
    await withoutPolicy();
    try {
      expect(await recheckGrant(live.grantId)).toBe("not-rechecked");
      expect(await recheckGrant(live.grantId)).toBe("not-rechecked");
      expect(await world.grant(live.grantId)).toMatchObject({ state: "active", notRecheckedSince: recheckedAt });
      const told = (await world.events("grant", live.grantId, "grant.not-rechecked")).map(({ data }) => data["since"]);
      expect(told).toEqual([recheckedAt?.toISOString()]);
    } finally {
      await putInForce(samplePolicies);
    }
    expect(await recheckGrant(live.grantId)).toBe("kept");
    expect((await world.grant(live.grantId)).notRecheckedSince).toBeNull();
  });

  it("of a session that was never asked about yet counts the silence from its activation", async () => {
    const live = await world.live();
    await withoutPolicy();
    try {
      await recheckGrant(live.grantId);
    } finally {
      await putInForce(samplePolicies);
    }
    const row = await world.grant(live.grantId);
    expect(row.notRecheckedSince).toEqual(row.activatedAt);
  });

  it("reaches every live session, also when one of them has to end", async () => {
    const [first, second] = [await world.live(), await world.live()];
    await setIdentityState(first.identityId, "suspended", { actor: seed });
    await recheckLive();
    expect([await stateOf(first.grantId), await stateOf(second.grantId)]).toEqual(["ending", "active"]);
  });
});

describe("what nobody did in time", () => {
  it("lapses: a request that nobody decided", async () => {
    const requestId = await world.asked({ sensitivity: "high" });
    const { decideBefore } = await db.request.findUniqueOrThrow({ where: { id: requestId } });
    await lapseOverdue();
    expect((await db.request.findUniqueOrThrow({ where: { id: requestId } })).state).toBe("pending");
    expect(await lapseUndecided(200, fixedClock(decideBefore))).toBeGreaterThanOrEqual(1);
    expect(await db.request.findUniqueOrThrow({ where: { id: requestId }, include: { stages: true } })).toMatchObject({ state: "lapsed", stages: [{ state: "void" }, { state: "void" }] });
    expect((await world.events("request", requestId, "request.lapsed"))[0]?.data).toEqual({ why: "not-decided-in-time" });
    expect(await world.vote(requestId, world.people.bea)).toMatchObject({ ok: false, code: "not-pending" });
  });

  it("lapses once, however many workers look", async () => {
    const requestId = await world.asked();
    const { decideBefore } = await db.request.findUniqueOrThrow({ where: { id: requestId } });
    await Promise.all(Array.from({ length: 4 }, () => lapseUndecided(200, fixedClock(decideBefore))));
    expect((await world.told("request", requestId)).filter((type) => type === "request.lapsed")).toHaveLength(1);
  });

  it("lapses: a grant that nobody activated", async () => {
    const requestId = await world.approved({ sensitivity: "low" });
    const { id } = await world.grantOf(requestId);
    await db.grant.update({ where: { id }, data: { activateBefore: new Date(Date.now() - 1) } });
    await lapseOverdue();
    expect(await stateOf(id)).toBe("lapsed");
  });
});

describe("looking at live sessions", () => {
  it("records connections as uses, the first as an event, and says when nothing is connected any more", async () => {
    const live = await world.live();
    const session = await target.signIn(live.user, live.password);
    await session.query("select count(*) from orders");
    await observeSystems();
    const during = await world.grant(live.grantId);
    expect(during).toMatchObject({ useCount: 1, liveConnections: 1 });
    expect(during.firstUseAt).not.toBeNull();
    await session.end();
    await observeSystems();
    const after = await world.grant(live.grantId);
    expect(after).toMatchObject({ useCount: 1, liveConnections: 0, firstUseAt: during.firstUseAt });
    expect(await db.use.findMany({ where: { grantId: live.grantId } })).toMatchObject([{ kind: "connection", match: "exact", source: "polling", endedAt: expect.any(Date) }]);
    expect((await world.told("grant", live.grantId)).filter((type) => type === "grant.first-used")).toHaveLength(1);
    await end(live);
    await endGrants({ systemId: world.systemId });
    expect((await world.events("grant", live.grantId, "grant.used"))[0]?.data).toMatchObject({ uses: 1, source: "polling" });
  });

  it("ends a session whose uses are up once the last of them is over", async () => {
    const live = await world.live({ maxUses: 1 });
    const session = await target.signIn(live.user, live.password);
    await observeSystems();
    expect(await stateOf(live.grantId)).toBe("active");
    await session.end();
    await observeSystems();
    expect(await world.grant(live.grantId)).toMatchObject({ state: "ending", endReason: "use-limit" });
  });

  it("ends a session that is idle by what was seen, and not one that could not be looked at", async () => {
    const live = await world.live({ sensitivity: "high" });
    const long = new Date(Date.now() - 3_600_000);
    await db.grant.update({ where: { id: live.grantId }, data: { activatedAt: long } });
    await reconnect(1);
    await observeSystems();
    expect(await stateOf(live.grantId)).toBe("active");
    await reconnect();
    await observeSystems();
    expect(await world.grant(live.grantId)).toMatchObject({ state: "ending", endReason: "idle" });
  });

  it("notes that it looked, also where nothing moved", async () => {
    const live = await world.live();
    await observeSystems();
    const { observedAt } = await world.grant(live.grantId);
    await observeSystems();
    expect((await world.grant(live.grantId)).observedAt?.getTime()).toBeGreaterThan(observedAt?.getTime() ?? 0);
  });
});

describe("a grant left issuing", () => {
  async function lost(work: "nothing issued" | "issued"): Promise<{ grantId: string; requestId: string }> {
    const requestId = await world.approved({ sensitivity: "low" });
    const { id: grantId } = await world.grantOf(requestId);
    const handleName = `curfew_${target.installationId}_${grantId.replaceAll("-", "")}`;
    const begun = await beginIssue({ actor: world.people.rita, grantId, key: "lost", handleName, objection: () => Promise.resolve(null) });
    if (work === "issued" && begun.ok && begun.value.step === "issue") {
      const session = await connectSystem(world.systemId);
      const { order } = await target.order({ grantId, target: { groupRole: `${target.names.group}_low`, database: target.names.database } });
      await session.grant(order, new AbortController().signal);
    }
    return { grantId, requestId };
  }

  const longAgo = (grantId: string) => db.grant.update({ where: { id: grantId }, data: { issueDeadline: new Date(Date.now() - 15_001) } });
  const recoveryOf = (grantId: string) => db.$queryRaw<{ run_at: Date }[]>`select run_at from graphile_worker.jobs where key = ${`recover-issue:${grantId}`}`;

  it("is not looked at before its deadline is 15 s old: a stalled commit may still come", async () => {
    const { grantId } = await lost("nothing issued");
    await recoverIssue({ grantId });
    expect(await stateOf(grantId)).toBe("issuing");
    const { issueDeadline } = await world.grant(grantId);
    expect((await recoveryOf(grantId))[0]?.run_at.getTime()).toBe((issueDeadline?.getTime() ?? 0) + 15_000);
  });

  it("without a credential has failed, and can be activated anew", async () => {
    const { grantId, requestId } = await lost("nothing issued");
    await longAgo(grantId);
    await recoverIssue({ grantId });
    expect(await world.grant(grantId)).toMatchObject({ state: "failed", lastFailure: "answer-lost" });
    expect(await world.grantOf(requestId)).toMatchObject({ state: "ready", replacesId: grantId });
    await recoverIssue({ grantId });
    expect(await db.grant.count({ where: { requestId } })).toBe(2);
  });

  it("with a credential that nobody may have is ended, proven, and can be activated anew only then", async () => {
    const { grantId, requestId } = await lost("issued");
    await longAgo(grantId);
    await recoverIssue({ grantId });
    expect(await world.grant(grantId)).toMatchObject({ state: "ending", endReason: "superseded", activatedAt: null });
    expect((await world.grantOf(requestId)).id).toBe(grantId);
    await endGrants({ systemId: world.systemId });
    expect(await stateOf(grantId)).toBe("proven");
    expect(await world.grantOf(requestId)).toMatchObject({ state: "ready", replacesId: grantId });
    expect((await target.admin(`select 1 from pg_roles where rolname like '%${grantId.replaceAll("-", "")}'`)).length).toBe(0);
  });

  it("stays what it is while the target cannot be asked", async () => {
    const { grantId } = await lost("issued");
    await longAgo(grantId);
    await reconnect(1);
    await expect(recoverIssue({ grantId })).rejects.toMatchObject({ code: "unreachable" });
    expect(await stateOf(grantId)).toBe("issuing");
    await reconnect();
    await recoverIssue({ grantId });
    expect(await stateOf(grantId)).toBe("ending");
    await endGrants({ systemId: world.systemId });
  });

  it("is put into the queue again when its job was lost with a worker", async () => {
    const { grantId } = await lost("nothing issued");
    await db.$executeRaw`delete from graphile_worker._private_jobs where key = ${`recover-issue:${grantId}`}`;
    await lookAfterSystems();
    expect(await recoveryOf(grantId)).toEqual([]);
    await db.grant.update({ where: { id: grantId }, data: { issueDeadline: new Date(Date.now() - 60_000) } });
    await lookAfterSystems();
    expect(await recoveryOf(grantId)).toHaveLength(1);
    await recoverIssue({ grantId });
  });
});

describe("comparing credentials with grants", () => {
  it("finds nothing where each credential is explained, but for Curfew's own accounts", async () => {
    await world.live();
    await reconcileSystems();
    // Tests side by side are other installations on one target: findings of their own below.
    const found = (await findings({})).filter(({ kind }) => kind !== "foreign-handle");
    expect(found.map(({ kind, detail }) => ({ kind, detail }))).toEqual([
      { kind: "own-account", detail: expect.objectContaining({ use: "connector" }) as unknown },
      { kind: "own-account", detail: expect.objectContaining({ use: "probe" }) as unknown },
    ]);
  });

  it("ends a credential that is there again after its end was proven, with a finding", async () => {
    const live = await world.live();
    await end(live);
    await endGrants({ systemId: world.systemId });
    await target.admin(`create role ${live.user} login; grant ${live.user} to ${target.names.connector} with admin option`);
    await target.admin(`comment on role ${live.user} is 'Curfew grant ${live.grantId} of installation ${target.installationId}. Ends by itself; do not change.'`);
    await reconcileSystems();
    expect(await world.grant(live.grantId)).toMatchObject({ state: "ending", endReason: "abnormal" });
    expect(await findings({ grantId: live.grantId })).toMatchObject([{ kind: "credential-after-proof", closedAt: null }]);
    await reconcileSystems();
    await endGrants({ systemId: world.systemId });
    expect(await stateOf(live.grantId)).toBe("proven");
    expect(await findings({ grantId: live.grantId })).toHaveLength(1);
  });

  it("does not take a credential for one that came back when it was ended while the list was read", async () => {
    const live = await world.live();
    const listedAt = new Date();
    const session = await connectSystem(world.systemId);
    const listed = await session.list?.(AbortSignal.timeout(10_000));
    await end(live);
    await endGrants({ systemId: world.systemId });
    expect(listed?.map(({ grantId }) => grantId)).toContain(live.grantId);
    await explainCredentials(world.systemId, listed ?? [], listedAt);
    expect(await stateOf(live.grantId)).toBe("proven");
    expect(await findings({ grantId: live.grantId })).toEqual([]);
  });

  it("only reports a credential whose grant nobody knows: it may be somebody's work after a restored backup", async () => {
    const grantId = newId();
    const name = `curfew_${target.installationId}_${grantId.replaceAll("-", "")}`;
    await target.admin(`create role ${name} login`);
    await target.admin(`comment on role ${name} is 'Curfew grant ${grantId} of installation ${target.installationId}. Ends by itself; do not change.'`);
    await reconcileSystems();
    await reconcileSystems();
    expect(await findings({ kind: "unexplained-credential" })).toMatchObject([{ title: expect.stringContaining(name), grantId: null }]);
    expect(await target.admin(`select rolcanlogin as login from pg_roles where rolname = '${name}'`)).toEqual([{ login: true }]);
    await target.admin(`drop role ${name}`);
    await reconcileSystems();
    const [finding] = await findings({ kind: "unexplained-credential" });
    expect(finding?.closedAt).not.toBeNull();
    expect(await world.told("finding", finding?.id ?? "")).toEqual(["finding.opened", "finding.closed"]);
  });

  it("keeps reporting what a list cannot tell of: one that was begun before the finding closes nothing", async () => {
    const name = `curfew_${target.installationId}_${newId().replaceAll("-", "")}`;
    const listedAt = new Date();
    await target.admin(`create role ${name} login`);
    await reconcileSystems();
    await explainCredentials(world.systemId, [], listedAt);
    const open = () => db.finding.count({ where: { kind: "unexplained-credential", closedAt: null } });
    expect(await open()).toBe(1);
    await target.admin(`drop role ${name}`);
    await reconcileSystems();
    expect(await open()).toBe(0);
  });

  it("reports another installation's credentials once, touches none, and closes that when the last is gone", async () => {
    const names = [newId(), newId()].map((id) => `curfew_0badcafe_${id.replaceAll("-", "")}`);
    for (const name of names) await target.admin(`create role ${name} login`);
    await reconcileSystems();
    await reconcileSystems();
    const reported = () => db.finding.findMany({ where: { kind: "foreign-handle", title: { contains: "0badcafe" } } });
    expect(await reported()).toMatchObject([{ systemId: world.systemId, grantId: null, closedAt: null }]);
    await target.admin(`drop role ${names[0] ?? ""}`);
    await reconcileSystems();
    expect(await reported()).toMatchObject([{ closedAt: null }]);
    await target.admin(`drop role ${names[1] ?? ""}`);
    await reconcileSystems();
    expect((await reported()).map(({ closedAt }) => closedAt === null)).toEqual([false]);
  });

  it("leaves alone what cannot be asked", async () => {
    await reconnect(1);
    await expect(reconcileSystems()).resolves.toBeUndefined();
  });
});

describe("a system's reachability", () => {
  it("is an event when it goes and when it comes back, and not in between", async () => {
    const before = (await world.told("system", world.systemId)).filter((type) => /reachable/.test(type)).length;
    const session = await connectSystem(world.systemId);
    const check = await session.check(AbortSignal.timeout(10_000));
    await recordUnreachable(world.systemId, "unreachable");
    await recordUnreachable(world.systemId, "timeout");
    await recordReachable(world.systemId, check);
    await recordReachable(world.systemId, check);
    const told = (await world.told("system", world.systemId)).filter((type) => /reachable/.test(type));
    expect(told.slice(before)).toEqual(["system.unreachable", "system.reachable"]);
    expect(await db.system.findUniqueOrThrow({ where: { id: world.systemId } })).toMatchObject({ unreachableSince: null, unreachableReason: null });
  });

  it("is asked for regularly, together with every end that is not proven", async () => {
    const live = await world.live();
    await inTransaction((tx) => tx.$executeRaw`delete from graphile_worker._private_jobs`);
    await end(live);
    await inTransaction((tx) => tx.$executeRaw`delete from graphile_worker._private_jobs`);
    await lookAfterSystems();
    const jobs = await db.$queryRaw<{ key: string }[]>`select key from graphile_worker.jobs`;
    expect(jobs.map(({ key }) => key)).toEqual(expect.arrayContaining([`check-system:${world.systemId}`, `end-grants:${world.systemId}`]));
    await endGrants({ systemId: world.systemId });
  });
});
