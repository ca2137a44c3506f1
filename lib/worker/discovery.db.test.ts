import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { connectSystem } from "@/lib/connectors/connect";
import type { DiscoveredRole, Discovery, LoggedSignIn } from "@/lib/connectors/contract";
import type { TestTarget } from "@/lib/connectors/postgres/test-target";
import { db } from "@/lib/db/client";
import { newId } from "@/lib/platform/ids";
import { setScene } from "@/lib/requests/test-target-of-file";
import type { World } from "@/lib/requests/test-world";
import { recordDiscovery } from "@/lib/systems/discovery";
import { orderDiscovery } from "@/lib/systems/discovery-runs";
import { connectNewSystem } from "@/lib/systems/mutations";
import { readLogPosition, recordServerLog } from "@/lib/systems/server-log";
import { readRuns } from "@/lib/systems/views/runs";
import { readOneLog } from "./tasks/read-logs";
import { discoverSystem } from "./tasks/look-at-systems";

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

const run = () => discoverSystem({ systemId: world.systemId });
const newest = async () => (await readRuns(world.systemId))?.runs[0];
const order = () => orderDiscovery({ actor: world.people.ada, systemId: world.systemId });

/** A system of this file's own whose target is only described. */
async function imagined(): Promise<string> {
  const id = newId();
  await connectNewSystem({ id, name: `imagined ${id}`, connector: "postgres@1", environment: "test", config: { ...target.config() }, secrets: target.secrets(), actor: seed, demo: false });
  return id;
}

const hourAgo = () => new Date(Date.now() - 3_600_000);
const role = (name: string, over: Partial<DiscoveredRole> = {}): DiscoveredRole => ({
  targetId: name.replace(/\D/g, "") || "1", name, kind: "login", superuser: false, canCreateRoles: false, canBypassRowSecurity: false, passwordExpiresAt: null,
  connectionLimit: null, memberOf: [], comment: null, lastActiveAt: null, statements: 0, privileges: [], ...over,
});
const seen = (roles: readonly DiscoveredRole[]): Discovery => ({ observedAt: new Date(), serverVersion: "18.4", activityVisibleSince: hourAgo(), roles, notSeen: [] });

describe("a discovery", () => {
  it("is a run that tells what it found, by name", async () => {
    await run();
    const name = `fresh_${target.installationId}`;
    await target.admin(`create role ${name} login`);
    await run();
    expect(await newest()).toMatchObject({ state: "complete", phase: null, counts: { appeared: 1, vanished: 0 }, diff: expect.arrayContaining([{ change: "appeared", name, what: [] }]), orderedBy: null });
    await target.admin(`alter role ${name} connection limit 3 valid until '2031-01-01'`);
    await run();
    expect((await newest())?.diff).toContainEqual({ change: "changed", name, what: ["connection limit", "password expiry"] });
    await target.admin(`drop role ${name}`);
    await run();
    expect((await newest())?.diff).toContainEqual({ change: "vanished", name, what: [] });
    await run();
    expect(await newest()).toMatchObject({ counts: { appeared: 0, changed: 0, vanished: 0 }, diff: [] });
  });

  it("that a person asks for is there at once, is one however often it is asked for, and says who asked", async () => {
    const answers = await Promise.all([order(), order()]);
    const ids = answers.map((answer) => (answer.ok ? answer.value.runId : answer.code));
    expect(new Set(ids).size).toBe(1);
    expect(await newest()).toMatchObject({ id: ids[0], state: "running", phase: "waiting", orderedBy: "Ada" });
    await run();
    expect(await newest()).toMatchObject({ id: ids[0], state: "complete", orderedBy: "Ada" });
    expect(await world.told("system", world.systemId)).toContain("system.discovery-ordered");
  });

  it("that fails changes nothing, says why, and by itself rests before the next", async () => {
    const before = await db.credential.findMany({ where: { systemId: world.systemId }, orderBy: { id: "asc" } });
    await reconnect(1);
    await run();
    expect(await newest()).toMatchObject({ state: "failed", failure: "unreachable", failureText: expect.stringContaining("cannot be reached"), counts: null });
    expect(await db.credential.findMany({ where: { systemId: world.systemId }, orderBy: { id: "asc" } })).toEqual(before);
    const { id } = (await newest()) ?? { id: "" };
    await reconnect();
    await run();
    expect((await newest())?.id).toBe(id);
    await order();
    await run();
    expect(await newest()).toMatchObject({ state: "complete" });
  });

  it("whose worker died is closed as broken off by the next", async () => {
    await db.discoveryRun.create({ data: { id: newId(), systemId: world.systemId, state: "running", phase: "privileges", startedAt: new Date(), beatAt: new Date() } });
    await run();
    const runs = (await readRuns(world.systemId))?.runs ?? [];
    expect(runs.slice(0, 2).map(({ state, failure }) => [state, failure])).toEqual([["complete", null], ["failed", "broken-off"]]);
  });

  it("takes ten thousand roles in one transaction, and changes nothing when it sees them again", async () => {
    const systemId = await imagined();
    const groups = [role("group_900001", { kind: "group", privileges: [{ database: "app", schema: "public", object: "t", objectKind: "table", actions: ["SELECT"] }] })];
    const logins = Array.from({ length: 10_000 }, (_, index) => role(`svc_${index + 1}`, { memberOf: [{ name: "group_900001", inherited: true, withAdmin: false }] }));
    const counted = async (roles: readonly DiscoveredRole[]) => {
      const { id } = await db.discoveryRun.create({ data: { id: newId(), systemId, state: "running", startedAt: new Date(), beatAt: new Date() } });
      await recordDiscovery(systemId, seen(roles), id);
      const { appeared, changed, vanished } = await db.discoveryRun.findUniqueOrThrow({ where: { id } });
      return { appeared, changed, vanished };
    };
    expect(await counted([...groups, ...logins])).toEqual({ appeared: 10_000, changed: 0, vanished: 0 });
    expect(await db.credential.count({ where: { systemId, vanishedAt: null } })).toBe(10_000);
    expect(await db.assignment.count({ where: { entitlement: { systemId }, endedAt: null } })).toBe(10_000);
    expect(await counted([...groups, ...logins])).toEqual({ appeared: 0, changed: 0, vanished: 0 });
    expect(await counted([...groups, ...logins.slice(5_000)])).toEqual({ appeared: 0, changed: 0, vanished: 5_000 });
    expect(await db.credential.count({ where: { systemId, vanishedAt: null } })).toBe(5_000);
    expect(await db.assignment.count({ where: { entitlement: { systemId }, endedAt: null } })).toBe(5_000);
  }, 120_000);

  it("infers the use of an entitlement only where nothing else explains the statements", async () => {
    const systemId = await imagined();
    const table = { database: "app", schema: "public", object: "t", objectKind: "table", actions: ["SELECT"] } as const;
    const memberOf = [{ name: "group_900001", inherited: true, withAdmin: false }];
    const look = (statements: number) => [
      role("group_900001", { kind: "group", privileges: [table] }),
      role("only_1", { memberOf, statements }),
      role("also_2", { memberOf, statements, privileges: [table] }),
    ];
    const uses = async () => {
      const rows = await db.assignment.findMany({ where: { entitlement: { systemId } }, include: { identity: { select: { name: true } } }, orderBy: { identity: { name: "asc" } } });
      return rows.map(({ identity, useMatch, lastUsedAt, visibleSince }) => [identity.name, useMatch, lastUsedAt !== null, visibleSince !== null]);
    };
    await recordDiscovery(systemId, seen(look(7)));
    expect(await uses()).toEqual([["also_2", null, false, false], ["only_1", null, false, true]]);
    await recordDiscovery(systemId, seen(look(9)));
    expect(await uses()).toEqual([["also_2", null, false, false], ["only_1", "inferred", true, true]]);
  });
});

describe("the server's own log", () => {
  const signIn = (name: string, over: Partial<LoggedSignIn> = {}): LoggedSignIn => ({ name, at: new Date(), clientAddress: "10.1.2.3", applicationName: "nightly", outcome: "accepted", ...over });
  const read = (systemId: string, signIns: readonly LoggedSignIn[]) => recordServerLog(systemId, { readable: true, signIns, position: { file: "a", offset: 9 }, visibleSince: hourAgo(), more: false });

  it("gives last use, days and sources; an awakening after long silence; and several networks as shared", async () => {
    const systemId = await imagined();
    await recordDiscovery(systemId, seen([role("svc_1"), role("svc_2")]));
    const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000);
    await db.identity.updateMany({ where: { systemId, name: "svc_1" }, data: { lastActiveAt: daysAgo(90), visibleSince: daysAgo(200), state: "dormant", ownerId: world.people.olga.personId, sponsorId: world.people.sam.personId } });
    await read(systemId, [signIn("svc_1"), signIn("svc_1", { at: daysAgo(1) }), signIn("svc_1", { clientAddress: "10.9.9.9" }), signIn("nobody"), signIn("svc_2", { outcome: "refused" })]);
    const found = await db.identity.findFirstOrThrow({ where: { systemId, name: "svc_1" }, include: { useDays: true, sources: { orderBy: [{ kind: "asc" }, { value: "asc" }] } } });
    expect(found).toMatchObject({ state: "active", silenceDays: 89, isShared: true, scoredAt: null });
    expect(found.useDays).toHaveLength(2);
    expect(found.sources.map(({ kind, value }) => [kind, value])).toEqual([["network", "10.1.2.0/24"], ["network", "10.9.9.0/24"], ["workload", "nightly"]]);
    expect((await db.credential.findFirstOrThrow({ where: { systemId, handle: "svc_1" } })).lastUsedAt).not.toBeNull();
    expect(await db.identity.findFirst({ where: { systemId, name: "svc_2" } })).toMatchObject({ lastActiveAt: null, wokeAt: null, isShared: false });
    expect(await readLogPosition(systemId)).toEqual({ file: "a", offset: 9 });
    await recordDiscovery(systemId, { ...seen([role("svc_1"), role("svc_2")]), activityVisibleSince: null });
    expect((await db.identity.findFirstOrThrow({ where: { systemId, name: "svc_2" } })).visibleSince).not.toBeNull();
  });

  it("that cannot be read says why and what would change it, and proves nothing", async () => {
    await readOneLog(world.systemId);
    const log = (await readRuns(world.systemId))?.log;
    expect(log).toMatchObject({ unreadable: expect.stringContaining("log"), remedy: expect.any(String), visibleSince: null });
    expect((await connectSystem(world.systemId)).readLog).toBeDefined();
  });
});
