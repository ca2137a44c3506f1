import { afterEach, beforeAll, describe, expect, it } from "vitest";
import type { TestTarget } from "@/lib/connectors/postgres/test-target";
import { connectSystem } from "@/lib/connectors/connect";
import { db } from "@/lib/db/client";
import { fixedClock, inTransaction } from "@/lib/db/transaction";
import { lockGrant } from "@/lib/grants/data";
import { closeUnproven, endExpiredGrants, endGrant, endIfDue, markEnding, recordEndFailure } from "@/lib/grants/ending";
import { registerIdentity } from "@/lib/identities/mutations";
import { newId } from "@/lib/platform/ids";
import { isEnder } from "@/lib/requests/data";
import { setScene } from "@/lib/requests/test-target-of-file";
import type { Live, World } from "@/lib/requests/test-world";
import { recordDiscovery } from "@/lib/systems/discovery";
import { connectNewSystem } from "@/lib/systems/mutations";
import { endGrants } from "./tasks/end-grants";

const seed = { kind: "system", process: "seed" } as const;
const worker = { kind: "system", process: "worker" } as const;

let world: World;
let target: TestTarget;
beforeAll(async () => {
  ({ world, target } = await setScene());
});

const configHere = () => ({ ...target.config(), database: target.names.database });

/** Changes how Curfew reaches the target; the next call goes there. */
async function reconnect(change: { port?: number; withoutProbe?: boolean } = {}): Promise<void> {
  const { port, withoutProbe = false } = change;
  const secrets = withoutProbe ? { ...target.secrets(), probe: null } : target.secrets();
  const config = { ...configHere(), ...(port ? { port } : {}) };
  await connectNewSystem({ id: world.systemId, name: "target", connector: "postgres@1", environment: "production", config, secrets, actor: seed, demo: false });
}

afterEach(() => reconnect());

const runEnding = () => endGrants({ systemId: world.systemId });
const end = (live: Live, actor = world.people.rita) =>
  endGrant({ actor, grantId: live.grantId, reason: "ended-by-person", permitted: () => Promise.resolve(true) });
const rolesOf = async (live: Live) => (await target.admin(`select 1 from pg_roles where rolname = '${live.user}'`)).length;
const dueNow = (grantId: string) => db.grant.update({ where: { id: grantId }, data: { nextAttemptAt: null } });
const jobsToEnd = () => db.$queryRaw<{ run_at: Date }[]>`select run_at from graphile_worker.jobs where task_identifier = 'end-grants' order by run_at`;

describe("ending a session", () => {
  it("goes from ending over accepted to proven, cuts what is connected, and refuses the very credential", async () => {
    const live = await world.live();
    const session = await target.signIn(live.user, live.password);
    expect(await end(live)).toEqual({ ok: true, value: { state: "ending" } });
    expect(await world.grant(live.grantId)).toMatchObject({ state: "ending", endReason: "ended-by-person", endedById: world.people.rita.personId, acceptedAt: null });
    expect((await db.assignment.findFirst({ where: { grantId: live.grantId } }))?.endedAt).not.toBeNull();
    await runEnding();
    const row = await world.grant(live.grantId);
    expect(row).toMatchObject({ state: "proven", sessionsCut: 1, attempts: 0, stuckSince: null, stillGiven: [], liveConnections: 0 });
    expect(row.proof).toMatchObject({ dead: true, strength: "absent-from-inventory", seenBy: target.names.probe });
    expect(row.acceptedAt && row.endingAt && row.acceptedAt >= row.endingAt).toBe(true);
    const { lookedAt } = row.proof as { lookedAt: string[] };
    expect(Date.parse(lookedAt[1] ?? "") - Date.parse(lookedAt[0] ?? "")).toBeGreaterThanOrEqual(1000);
    await expect(session.query("select 1")).rejects.toThrow();
    await expect(target.signIn(live.user, live.password)).rejects.toThrow("password authentication failed");
    expect(await rolesOf(live)).toBe(0);
    const told = await world.told("grant", live.grantId);
    expect(told.filter((type) => type !== "grant.first-used" && type !== "grant.used")).toEqual([
      "grant.ready", "policy.decided", "grant.issuing", "grant.active", "grant.ending", "grant.accepted", "grant.proven",
    ]);
    const [proven] = await world.events("grant", live.grantId, "grant.proven");
    expect(proven?.data).toMatchObject({ stillGiven: [], stillGivenKnown: true });
  });

  it("asked for again answers the state that it is in, and changes nothing", async () => {
    const live = await world.live();
    await end(live);
    expect(await end(live, world.people.ada)).toEqual({ ok: true, value: { state: "ending" } });
    await runEnding();
    expect(await end(live)).toEqual({ ok: true, value: { state: "proven" } });
    expect((await world.told("grant", live.grantId)).filter((type) => type === "grant.ending")).toHaveLength(1);
  });

  it("is for the people concerned and administrators, and for nobody else", async () => {
    const live = await world.live({ sensitivity: "medium" });
    const { rita, olga, sam, bo, bea, anton, sven, ada } = world.people;
    const grant = await inTransaction((tx) => lockGrant(tx, live.grantId));
    if (!grant) throw new TypeError("no grant");
    const may = (personId: string, mayEndAny = false) => inTransaction((tx) => isEnder(tx, grant, { personId, mayEndAny }));
    const answers = await Promise.all([rita, olga, sam, bo, bea, anton].map(({ personId }) => may(personId)));
    expect(answers).toEqual([true, true, true, true, true, true]);
    expect(await may(sven.personId)).toBe(false);
    expect(await may(ada.personId, true)).toBe(true);
    expect(await endGrant({ actor: sven, grantId: live.grantId, reason: "ended-by-person", permitted: () => may(sven.personId) })).toEqual({ ok: false, code: "not-permitted" });
    expect((await world.grant(live.grantId)).state).toBe("active");
    expect(await endGrant({ actor: rita, grantId: newId(), reason: "ended-by-person", permitted: () => Promise.resolve(true) })).toEqual({ ok: false, code: "unknown-grant" });
  });

  it("is refused for what was never live, naming its state", async () => {
    const { id: grantId } = await world.grantOf(await world.approved({ sensitivity: "low" }));
    const answer = await endGrant({ actor: world.people.rita, grantId, reason: "ended-by-person", permitted: () => Promise.resolve(true) });
    expect(answer).toEqual({ ok: false, code: "not-live", detail: { state: "ready" } });
  });

  it("ends many at once, each with its own proof", async () => {
    const lives: Live[] = [];
    for (let index = 0; index < 6; index++) lives.push(await world.live());
    for (const live of lives) await end(live);
    await Promise.all([runEnding(), runEnding()]);
    for (const live of lives) {
      expect((await world.grant(live.grantId)).state).toBe("proven");
      expect(await rolesOf(live)).toBe(0);
      const told = await world.told("grant", live.grantId);
      expect(told.filter((type) => type === "grant.accepted" || type === "grant.proven")).toEqual(["grant.accepted", "grant.proven"]);
    }
  });
});

describe("the worker puts an end into the queue", () => {
  it("for at once, and a later retry of another grant does not put it off", async () => {
    const [first, second] = [await world.live(), await world.live()];
    await end(first);
    await recordEndFailure(first.grantId, { step: "revoke", code: "unreachable", final: false });
    await end(second);
    await recordEndFailure(first.grantId, { step: "revoke", code: "unreachable", final: false });
    const [soonest] = await jobsToEnd();
    expect(soonest?.run_at.getTime()).toBeLessThanOrEqual(Date.now());
    await dueNow(first.grantId);
    await runEnding();
    expect((await world.grant(second.grantId)).state).toBe("proven");
  });
});

describe("what else still gives the same", () => {
  it("is said with the proof when another grant is live, and that one goes on working", async () => {
    const identityId = await world.identity();
    const first = await world.live({ identityId });
    await end(first);
    const second = await world.live({ identityId });
    await runEnding();
    expect((await world.grant(first.grantId)).state).toBe("proven");
    const { number } = await db.request.findUniqueOrThrow({ where: { id: second.requestId } });
    expect((await world.grant(first.grantId)).stillGiven).toEqual([{ kind: "granted", name: `request ${number}`, credentialId: null, grantId: second.grantId, path: [] }]);
    expect((await world.events("grant", first.grantId, "grant.proven"))[0]?.data["stillGiven"]).toEqual([{ kind: "granted", credentialId: null, grantId: second.grantId }]);
    const session = await target.signIn(second.user, second.password);
    await expect(session.query("select count(*) from orders")).resolves.toBeDefined();
    expect((await world.grant(second.grantId)).state).toBe("active");
  });

  it("is said when the identity's own role holds it standing, with the path, and that role keeps it", async () => {
    const name = `etl_${newId().replaceAll("-", "")}`.slice(0, 40);
    const { group } = target.names;
    await target.admin(`create role ${name} login; create role ${name}_team nologin; grant ${group}_low to ${name}_team; grant ${name}_team to ${name}`);
    const session = await connectSystem(world.systemId);
    if (!session.discover) throw new TypeError("no discovery");
    await recordDiscovery(world.systemId, await session.discover(AbortSignal.timeout(60_000)));
    const credential = await db.credential.findFirstOrThrow({ where: { handle: name } });
    const identityId = credential.identityId;
    const { olga, sam } = world.people;
    await db.identity.update({ where: { id: identityId }, data: { ownerId: olga.personId, sponsorId: sam.personId, state: "active" } });
    const live = await world.live({ identityId });
    await end(live);
    await runEnding();
    expect((await world.grant(live.grantId)).stillGiven).toEqual([
      { kind: "standing", name, credentialId: credential.id, grantId: null, path: [name, `${name}_team`, `${group}_low`] },
    ]);
    expect(await target.admin(`select pg_has_role('${name}', '${group}_low', 'usage') as held`)).toEqual([{ held: true }]);
    await target.admin(`drop role ${name}; drop role ${name}_team`);
  });
});

describe("what a session leaves behind", () => {
  it("is a finding on the grant, once, however often the end is tried", async () => {
    const live = await world.live();
    const session = await target.signIn(live.user, live.password);
    await session.query("create table left_table (id int); create function left_function() returns int language sql security definer as 'select 1'");
    await end(live);
    await runEnding();
    expect((await world.grant(live.grantId)).state).toBe("proven");
    const findings = await db.finding.findMany({ where: { grantId: live.grantId } });
    expect(findings.map(({ kind }) => kind)).toContain("left-behind");
    expect(findings.map(({ title }) => title).join("\n")).toMatch(/left_function/);
    const told = await world.told("grant", live.grantId);
    expect(told.filter((type) => type === "finding.opened")).toHaveLength(findings.length);
    const owners = await target.inApp<{ owner: string }>("select pg_get_userbyid(proowner)::text as owner from pg_proc where proname = 'left_function'");
    expect(owners).toEqual([{ owner: target.names.attic }]);
  });
});

describe("a target that cannot be reached", () => {
  it("is tried again with growing pauses, makes the grant stuck after five attempts, and is proven once it is back", async () => {
    const live = await world.live();
    await end(live);
    await reconnect({ port: 1 });
    const pauses: number[] = [];
    for (let attempt = 1; attempt <= 6; attempt++) {
      await dueNow(live.grantId);
      const before = Date.now();
      await runEnding();
      const row = await world.grant(live.grantId);
      pauses.push(Math.round(((row.nextAttemptAt?.getTime() ?? 0) - before) / 1000));
      expect(row).toMatchObject({ attempts: attempt, lastFailure: "unreachable", state: attempt < 5 ? "ending" : "stuck", acceptedAt: null });
    }
    for (const [index, least] of [1, 2, 4, 8, 16, 30].entries()) expect(pauses[index]).toBeGreaterThanOrEqual(least);
    const row = await world.grant(live.grantId);
    expect(row.stuckSince).not.toBeNull();
    expect(await rolesOf(live)).toBe(1);
    const told = await world.told("grant", live.grantId);
    expect(told.filter((type) => type === "grant.end-failed")).toHaveLength(5);
    expect(told.filter((type) => type === "grant.stuck")).toHaveLength(1);
    const { stuckSince } = row;
    await dueNow(live.grantId);
    await runEnding();
    expect((await world.grant(live.grantId)).stuckSince).toEqual(stuckSince);
    await reconnect();
    await dueNow(live.grantId);
    await runEnding();
    expect(await world.grant(live.grantId)).toMatchObject({ state: "proven", stuckSince: null, lastFailure: null });
    expect(await rolesOf(live)).toBe(0);
    expect((await world.told("grant", live.grantId)).slice(-2)).toEqual(["grant.accepted", "grant.proven"]);
  });

  it("does not keep the ends on another system waiting", async () => {
    const live = await world.live();
    await end(live);
    const job = await jobsToEnd();
    expect(job.length).toBeGreaterThan(0);
    const queues = await db.$queryRaw<{ queue_name: string | null }[]>`select queue_name from graphile_worker.jobs where task_identifier = 'end-grants'`;
    for (const { queue_name } of queues) expect(queue_name ?? world.systemId).toContain(world.systemId);
    await runEnding();
  });

  it("for a reason that does not pass by itself is stuck at once", async () => {
    const live = await world.live();
    await end(live);
    expect(await recordEndFailure(live.grantId, { step: "revoke", code: "denied", final: true })).toBe("stuck");
    expect((await world.told("grant", live.grantId)).slice(-2)).toEqual(["grant.end-failed", "grant.stuck"]);
    await dueNow(live.grantId);
    await runEnding();
    expect((await world.grant(live.grantId)).state).toBe("proven");
  });
});

describe("a target without a second account to look with", () => {
  it("leaves the end accepted but not provable, says until when, and closes it as unproven at that time", async () => {
    const live = await world.live();
    await reconnect({ withoutProbe: true });
    await end(live);
    await runEnding();
    const row = await world.grant(live.grantId);
    expect(row).toMatchObject({ state: "not-provable", provenAt: null, proof: null });
    expect(row.acceptedAt).not.toBeNull();
    const [event] = await world.events("grant", live.grantId, "grant.not-provable");
    expect(event?.data).toMatchObject({ worksUntil: row.notAfter?.toISOString() });
    expect(await closeUnproven()).toBe(0);
    expect(await closeUnproven(200, fixedClock(row.notAfter ?? new Date()))).toBe(1);
    expect(await world.grant(live.grantId)).toMatchObject({ state: "expired-unproven", provenAt: null });
    expect((await world.told("grant", live.grantId)).slice(-2)).toEqual(["grant.not-provable", "grant.expired-unproven"]);
    expect(await closeUnproven(200, fixedClock(row.notAfter ?? new Date()))).toBe(0);
  });
});

describe("a session whose time is over", () => {
  it("is ended by the worker, also when nobody was there at that moment", async () => {
    const [over, alive] = [await world.live(), await world.live()];
    // The worker was down for an hour meanwhile.
    await db.grant.update({ where: { id: over.grantId }, data: { notAfter: new Date(Date.now() - 3_600_000) } });
    expect(await endExpiredGrants()).toBe(1);
    expect(await endExpiredGrants()).toBe(0);
    expect(await world.grant(over.grantId)).toMatchObject({ state: "ending", endReason: "expired", endedById: null });
    expect((await world.grant(alive.grantId)).state).toBe("active");
    await runEnding();
    expect((await world.grant(over.grantId)).state).toBe("proven");
    expect(await rolesOf(over)).toBe(0);
    expect(await rolesOf(alive)).toBe(1);
  });

  it("is ended once by two workers at the same moment", async () => {
    const lives = [await world.live(), await world.live(), await world.live()];
    await db.grant.updateMany({ where: { id: { in: lives.map(({ grantId }) => grantId) } }, data: { notAfter: new Date(Date.now() - 1) } });
    const counts = await Promise.all([endExpiredGrants(), endExpiredGrants(), endExpiredGrants()]);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(3);
    for (const { grantId } of lives) expect((await world.told("grant", grantId)).filter((type) => type === "grant.ending")).toHaveLength(1);
    await runEnding();
  });

  it("is not activated again by repeating the call of its activation", async () => {
    const live = await world.live();
    await db.grant.update({ where: { id: live.grantId }, data: { notAfter: new Date(Date.now() - 1) } });
    expect(await world.activate(live.grantId)).toMatchObject({ ok: false });
    await endExpiredGrants();
    await runEnding();
  });
});

describe("a session that used up what it was given", () => {
  it("is ended under its lock, and only when that is really so", async () => {
    const live = await world.live({ maxUses: 1 });
    const due = (at = new Date()) => inTransaction((tx) => endIfDue(tx, live.grantId, at));
    expect(await due()).toBeNull();
    await db.grant.update({ where: { id: live.grantId }, data: { useCount: 1, liveConnections: 1, observedAt: new Date() } });
    expect(await due()).toBeNull();
    await db.grant.update({ where: { id: live.grantId }, data: { liveConnections: 0 } });
    expect(await due()).toBe("use-limit");
    expect(await due()).toBeNull();
    expect(await world.grant(live.grantId)).toMatchObject({ state: "ending", endReason: "use-limit" });
    await runEnding();
  });
});

describe("a credential that shows up again after it was proven dead", () => {
  it("is ended and proven once more, in the same grant", async () => {
    const live = await world.live();
    await end(live);
    await runEnding();
    await target.admin(`create role ${live.user} login`);
    await target.admin(`comment on role ${live.user} is 'Curfew grant ${live.grantId} of installation ${target.installationId}. Ends by itself; do not change.'`);
    await target.admin(`grant ${live.user} to ${target.names.connector} with admin option`);
    await inTransaction(async (tx, now) => {
      const grant = await lockGrant(tx, live.grantId);
      if (grant) await markEnding(tx, grant, { via: "reappear", reason: "abnormal", actor: worker, now });
    });
    expect(await world.grant(live.grantId)).toMatchObject({ state: "ending", provenAt: null, closedAt: null });
    await runEnding();
    expect((await world.grant(live.grantId)).state).toBe("proven");
    expect(await rolesOf(live)).toBe(0);
  });
});

describe("an identity without any access", () => {
  it("cannot be ended for: there is nothing", async () => {
    await registerIdentity({ name: "nobody", kind: "bot", environment: "test", description: null }, { actor: seed });
    await expect(runEnding()).resolves.toBeUndefined();
  });
});
