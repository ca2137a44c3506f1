import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Actor } from "@/lib/auth/actor";
import { makeScramVerifier } from "@/lib/connectors/postgres/scram";
import type { TestTarget } from "@/lib/connectors/postgres/test-target";
import { connectSystem } from "@/lib/connectors/connect";
import { db } from "@/lib/db/client";
import { inTransaction } from "@/lib/db/transaction";
import { answerForIdentity } from "@/lib/identities/mutations";
import { setScene } from "@/lib/requests/test-target-of-file";
import type { World } from "@/lib/requests/test-world";
import { recordDiscovery } from "@/lib/systems/discovery";
import { connectNewSystem } from "@/lib/systems/mutations";
import { recordServerLog } from "@/lib/systems/server-log";
import { carryOutSuspension, lookAfterSuspensions, undoDueSuspensions } from "./tasks/suspensions";
import { readSuspension, readSuspensionsOf } from "@/lib/suspensions/data";
import { orderSuspension, orderUndo } from "@/lib/suspensions/mutations";

const seed = { kind: "system", process: "seed" } as const;
const worker: Actor = { kind: "system", process: "worker" };
const password = "the-old-password";
type Order = Parameters<typeof orderSuspension>[2];

let world: World;
let target: TestTarget;
let name: string;
let identityId: string;
let count = 0;
beforeAll(async () => {
  ({ world, target } = await setScene());
});

async function discover(): Promise<void> {
  const session = await connectSystem(world.systemId);
  if (session.discover) await recordDiscovery(world.systemId, await session.discover(AbortSignal.timeout(60_000)));
}

/** A service account on the target that Olga owns. */
beforeEach(async () => {
  count += 1;
  name = `svc_${target.installationId}_${count}`;
  await target.admin(`create role ${name} login in role ${target.names.group}_low password '${await makeScramVerifier(password)}'`);
  await target.admin(`grant ${name} to ${target.names.connector} with admin option, inherit false, set false`);
  await discover();
  ({ identityId } = await db.credential.findFirstOrThrow({ where: { systemId: world.systemId, handle: name } }));
  const { olga, sam } = world.people;
  await answerForIdentity({ identityId, kind: "database-role", environment: "production", description: null, ownerId: olga.personId, sponsorId: sam.personId, backupId: null, creatorId: null, teamId: null }, { actor: seed });
});

async function reconnect(port?: number): Promise<void> {
  const config = { ...target.config(), database: target.names.database, ...(port ? { port } : {}) };
  await connectNewSystem({ id: world.systemId, name: "target", connector: "postgres@1", environment: "production", config, secrets: target.secrets(), actor: seed, demo: false });
}
afterEach(() => reconnect());

const inAnHour = () => new Date(Date.now() + 3_600_000);
const order = (over: Partial<Order> = {}) =>
  inTransaction((tx, now) =>
    orderSuspension(tx, now, {
      identityId, kind: "rehearsal", undoAt: inAnHour(), undoAtFirstRefusal: false, openConnections: "cut", reason: "Nobody knows what it is for",
      reviewItemId: null, actor: world.people.olga, ...over,
    }),
  );
const undo = (suspensionId: string) => inTransaction((tx, now) => orderUndo(tx, now, { suspensionId, actor: world.people.olga, why: "person" }));
const carryOut = (suspensionId: string) => carryOutSuspension({ suspensionId });
const open = () => target.signIn(name, password);
const stateOf = async () => (await db.identity.findUniqueOrThrow({ where: { id: identityId } })).state;
const told = async () => (await world.told("identity", identityId)).filter((type) => type.startsWith("suspension."));
const dueNow = (id: string) => db.suspension.update({ where: { id }, data: { nextAttemptAt: null } });

async function ordered(over: Partial<Order> = {}): Promise<string> {
  const answer = await order(over);
  if (!answer.ok) throw new TypeError(answer.code);
  return answer.value.suspensionId;
}

describe("a suspension", () => {
  it("goes from ordered over accepted to proven, and its undo the same way; each step an event", async () => {
    const before = await stateOf();
    await open();
    const id = await ordered();
    expect(await stateOf()).toBe("suspended");
    expect(await readSuspension(id)).toMatchObject({ state: "ordered", orderedBy: "Olga", acceptedAt: null });
    await carryOut(id);
    const seen = await readSuspension(id);
    expect(seen).toMatchObject({ state: "proven", credentials: [{ handle: name, changed: true, connectionsCut: 1, connectionsLeft: 0, gone: false }] });
    expect(seen?.credentials[0]?.proofFacts).toEqual(["sign-in not allowed", "0 sessions", `seen by a second account, ${target.names.probe}`]);
    await expect(open()).rejects.toThrow("is not permitted to log in");
    await discover();
    expect(await db.credential.findFirst({ where: { handle: name } })).toMatchObject({ vanishedAt: null, isEnabled: false });
    expect(await db.entitlement.count({ where: { name } })).toBe(0);

    expect(await undo(id)).toEqual({ ok: true, value: { state: "undoing" } });
    expect(await undo(id)).toEqual({ ok: true, value: { state: "undoing" } });
    await carryOut(id);
    expect(await readSuspension(id)).toMatchObject({ state: "undone", undoWhy: "person", undoOrderedBy: "Olga", credentials: [{ leftAsIs: null }] });
    expect(await stateOf()).toBe(before);
    await open();
    expect(await told()).toEqual(["suspension.ordered", "suspension.accepted", "suspension.proven", "suspension.undo-ordered", "suspension.undo-accepted", "suspension.undone"]);
    expect(await undo(id)).toEqual({ ok: true, value: { state: "undone" } });
  });

  it("given back on the target by somebody else is a finding at the next discovery, until it is taken again or undone", async () => {
    const id = await ordered({ kind: "suspension", undoAt: null });
    await carryOut(id);
    await discover();
    const finding = () => db.finding.findMany({ where: { identityId, kind: "suspension-undone-outside" }, select: { title: true, closedAt: true }, orderBy: { openedAt: "asc" } });
    expect(await finding(), "it is as Curfew left it").toEqual([]);
    await target.admin(`alter role ${name} login`);
    await discover();
    expect(await finding()).toEqual([{ title: `${name} is suspended, and ${name} can sign in again: not by Curfew`, closedAt: null }]);
    await discover();
    expect(await finding(), "once for one thing").toHaveLength(1);
    const seen = await readSuspension(id);
    expect(seen).toMatchObject({ state: "proven", credentials: [{ backAt: expect.any(String) }] });
    expect(await stateOf()).toBe("suspended");
    await target.admin(`alter role ${name} nologin`);
    await discover();
    expect(await finding()).toMatchObject([{ closedAt: expect.any(Date) }]);
    expect(await readSuspension(id)).toMatchObject({ credentials: [{ backAt: null }] });
    await target.admin(`alter role ${name} login`);
    await discover();
    expect(await finding(), "the same again is told again").toMatchObject([{ closedAt: expect.any(Date) }, { closedAt: null }]);
    await undo(id);
    expect(await finding()).toMatchObject([{ closedAt: expect.any(Date) }, { closedAt: expect.any(Date) }]);
    await discover();
    expect(await finding(), "an undo gives it back rightly").toHaveLength(2);
  });

  it("ends the live sessions of the identity, and refuses new ones", async () => {
    const live = await world.live({ identityId });
    await ordered();
    expect(await world.grant(live.grantId)).toMatchObject({ state: "ending", endReason: "identity-suspended" });
    expect(await world.ask({ identityId })).toMatchObject({ ok: false });
  });

  it("is ordered once, however many order it at once", async () => {
    const answers = await Promise.all([order(), order(), order({ kind: "suspension", undoAt: null })]);
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    expect(answers.flatMap((answer) => (answer.ok ? [] : [answer.code]))).toEqual(["already-open", "already-open"]);
    expect(await readSuspensionsOf(identityId)).toHaveLength(1);
  });

  it("is refused with its reason, and then changes nothing", async () => {
    expect(await order({ actor: worker })).toMatchObject({ ok: false, code: "production-by-itself" });
    expect(await order({ undoAt: null })).toMatchObject({ ok: false, code: "undo-time-needed" });
    expect(await order({ undoAt: new Date(0) })).toMatchObject({ ok: false, code: "undo-time-not-ahead" });
    expect(await order({ identityId: await world.identity() })).toMatchObject({ ok: false, code: "no-credential" });
    await target.admin(`revoke ${name} from ${target.names.connector}`);
    await discover();
    expect(await order()).toMatchObject({ ok: false, code: "target-denies", detail: { handle: name, needs: expect.stringContaining(`GRANT "${name}" TO`) } });
    expect(await told()).toEqual([]);
    expect(await stateOf()).not.toBe("suspended");
  });

  it("that the target refuses for good has failed, and the identity is what it was", async () => {
    const before = await stateOf();
    const id = await ordered();
    await target.admin(`revoke ${name} from ${target.names.connector}`);
    await carryOut(id);
    expect(await readSuspension(id)).toMatchObject({ state: "failed", lastFailure: "denied", lastFailureText: expect.stringContaining("GRANT") });
    expect(await stateOf()).toBe(before);
    await open();
  });

  it("of a role that vanished meanwhile says that it was gone", async () => {
    const id = await ordered();
    await target.admin(`drop role ${name}`);
    await carryOut(id);
    expect(await readSuspension(id)).toMatchObject({ state: "proven", credentials: [{ gone: true, changed: false }] });
    await undo(id);
    await carryOut(id);
    expect(await readSuspension(id)).toMatchObject({ state: "undone", credentials: [{ leftAsIs: "it is gone from the target" }] });
  });
});

describe("a rehearsal", () => {
  it("is undone by the database's clock, whatever became of the jobs", async () => {
    const id = await ordered({ undoAt: new Date(Date.now() + 60_000) });
    await carryOut(id);
    await undoDueSuspensions();
    expect(await readSuspension(id)).toMatchObject({ state: "proven" });
    await db.suspension.update({ where: { id }, data: { undoAt: new Date(Date.now() - 1_000) } });
    await undoDueSuspensions();
    await undoDueSuspensions();
    expect(await readSuspension(id)).toMatchObject({ state: "undoing", undoWhy: "time", undoOrderedBy: null });
    await carryOut(id);
    expect(await readSuspension(id)).toMatchObject({ state: "undone" });
    await open();
    expect((await told()).filter((type) => type === "suspension.undo-ordered")).toHaveLength(1);
  });

  it("whose time was over before the worker came never locks anybody out", async () => {
    const id = await ordered();
    await db.suspension.update({ where: { id }, data: { undoAt: new Date(Date.now() - 1_000) } });
    await undoDueSuspensions();
    await carryOut(id);
    expect(await readSuspension(id)).toMatchObject({ state: "undone", acceptedAt: null });
    await open();
  });

  it("is undone at the first refused sign-in, and only by one of its own", async () => {
    const id = await ordered({ undoAtFirstRefusal: true, openConnections: "leave" });
    await carryOut(id);
    const signIn = (over: object) => ({ name, at: new Date(), clientAddress: "10.1.2.3", applicationName: null, outcome: "suspended" as const, ...over });
    const reading = (...signIns: ReturnType<typeof signIn>[]) => ({ readable: true as const, signIns, position: { file: "a", offset: 1 }, visibleSince: new Date(), more: false });
    await recordServerLog(world.systemId, reading(signIn({ name: "somebody_else" }), signIn({ at: new Date(0) }), signIn({ outcome: "refused" })));
    expect(await readSuspension(id)).toMatchObject({ state: "proven", refusedLoginAt: null, blindOn: [] });
    await recordServerLog(world.systemId, reading(signIn({})));
    expect(await readSuspension(id)).toMatchObject({ state: "undoing", undoWhy: "refused-login", refusedLoginAt: expect.any(String) });
    await carryOut(id);
    expect(await told()).toContain("suspension.refused-login");
    await open();
  });

  it("says where refused sign-ins cannot be seen", async () => {
    await recordServerLog(world.systemId, { readable: false, why: "the server keeps no log that can be read from inside", remedy: null });
    const id = await ordered({ undoAtFirstRefusal: true });
    expect((await readSuspension(id))?.blindOn).toEqual([{ system: expect.any(String), why: "the server keeps no log that can be read from inside" }]);
  });
});

describe("a target that is down", () => {
  it("makes it stuck after some attempts, with a finding; it is carried out once the target is back", async () => {
    const id = await ordered();
    await reconnect(1);
    for (let attempt = 0; attempt < 5; attempt += 1) {
      await carryOut(id);
      await dueNow(id);
    }
    expect(await readSuspension(id)).toMatchObject({ state: "stuck", attempts: 5, lastFailure: "unreachable", acceptedAt: null });
    expect(await db.finding.count({ where: { kind: "suspension-stuck", identityId } })).toBe(1);
    await reconnect();
    await lookAfterSuspensions();
    await carryOut(id);
    expect(await readSuspension(id)).toMatchObject({ state: "proven", stuckSince: null, attempts: 0 });
    await reconnect(1);
    await undo(id);
    await carryOut(id);
    expect(await readSuspension(id)).toMatchObject({ state: "undoing", attempts: 1 });
    await reconnect();
    await dueNow(id);
    await carryOut(id);
    expect(await readSuspension(id)).toMatchObject({ state: "undone" });
  });
});

describe("offboarding", () => {
  it("removes the role for good; the identity ends offboarded and cannot be undone", async () => {
    const id = await ordered({ kind: "offboarding", undoAt: null });
    await carryOut(id);
    expect(await readSuspension(id)).toMatchObject({ state: "proven", closedAt: expect.any(String) });
    expect(await stateOf()).toBe("offboarded");
    expect(await target.admin(`select 1 from pg_roles where rolname = '${name}'`)).toEqual([]);
    expect(await db.assignment.count({ where: { identityId, kind: "standing", endedAt: null } })).toBe(0);
    expect(await undo(id)).toMatchObject({ ok: false, code: "already-removed" });
    expect(await order()).toMatchObject({ ok: false, code: "already-offboarded" });
  });

  it("that others stand in the way of is stuck with what they are, and can be undone", async () => {
    await target.inApp(`set role ${name}; create table public.t_${name} (id int); grant select on t_${name} to ${target.names.group}`).catch(async () => {
      await target.inApp(`create table public.t_${name} (id int); alter table t_${name} owner to ${name}; grant select on t_${name} to ${target.names.group}`);
    });
    const id = await ordered({ kind: "offboarding", undoAt: null });
    await carryOut(id);
    expect(await readSuspension(id)).toMatchObject({ state: "stuck", lastFailureText: expect.stringContaining("others have rights on it") });
    await expect(open()).rejects.toThrow("is not permitted to log in");
    await undo(id);
    await carryOut(id);
    expect(await readSuspension(id)).toMatchObject({ state: "undone" });
    await open();
  });
});
