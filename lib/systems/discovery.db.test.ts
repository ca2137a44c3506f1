import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { connectSystem } from "@/lib/connectors/connect";
import type { Discovery } from "@/lib/connectors/contract";
import type { TestTarget } from "@/lib/connectors/postgres/test-target";
import { db } from "@/lib/db/client";
import { inTransaction } from "@/lib/db/transaction";
import { reconcileSideDoors } from "@/lib/exceptions/mutations";
import { registerIdentity } from "@/lib/identities/mutations";
import { newId } from "@/lib/platform/ids";
import { setScene } from "@/lib/requests/test-target-of-file";
import type { World } from "@/lib/requests/test-world";
import { readOwnAccounts } from "./data";
import { recordDiscovery } from "./discovery";
import { connectNewSystem } from "./mutations";

const seed = { kind: "system", process: "seed" } as const;

let world: World;
let target: TestTarget;
let name: string;
let count = 0;
beforeAll(async () => {
  ({ world, target } = await setScene());
});

beforeEach(async () => {
  count += 1;
  name = `svc_${target.installationId}_${count}`;
  await target.admin(`create role ${name} login`);
});

async function look(): Promise<Discovery> {
  const session = await connectSystem(world.systemId);
  if (!session.discover) throw new TypeError("no discovery");
  return session.discover(AbortSignal.timeout(60_000));
}

const discover = async () => recordDiscovery(world.systemId, await look());
const credentialOf = (handle: string) => db.credential.findFirst({ where: { systemId: world.systemId, handle }, include: { identity: true } });
const discoveries = async () => (await world.events("system", world.systemId, "system.discovered")).map(({ data }) => data);

describe("discovery", () => {
  it("makes an identity that nobody answers for out of each login role, and tells it", async () => {
    await discover();
    const found = await credentialOf(name);
    expect(found).toMatchObject({ kind: "password", vanishedAt: null, identity: { name, state: "unowned", source: "discovery", kind: "database-role", ownerId: null } });
    expect(await world.told("identity", found?.identityId ?? "")).toEqual(["identity.registered"]);
    expect((await world.events("identity", found?.identityId ?? "", "identity.registered"))[0]?.clear).toEqual({ name });
    expect((await discoveries()).at(-1)).toMatchObject({ appeared: 1 });
  });

  it("changes nothing but the time when it sees the same again, and is no event then", async () => {
    await discover();
    const before = await credentialOf(name);
    const told = await discoveries();
    await discover();
    const after = await credentialOf(name);
    expect(after?.lastSeenAt.getTime()).toBeGreaterThan(before?.lastSeenAt.getTime() ?? 0);
    expect({ ...after, lastSeenAt: null, lastUsedAt: null, visibleSince: null, identity: null }).toEqual({ ...before, lastSeenAt: null, lastUsedAt: null, visibleSince: null, identity: null });
    expect(await discoveries()).toEqual(told);
  });

  it("takes turns: the same target looked at by several workers at once gives each credential once", async () => {
    const seen = await look();
    await Promise.all([recordDiscovery(world.systemId, seen), recordDiscovery(world.systemId, seen), recordDiscovery(world.systemId, seen)]);
    expect(await db.credential.count({ where: { handle: name } })).toBe(1);
    expect(await db.identity.count({ where: { name } })).toBe(1);
    expect((await discoveries()).filter(({ appeared }) => appeared !== 0).length).toBeGreaterThan(0);
  });

  it("never takes Curfew's own credentials for identities", async () => {
    const live = await world.live();
    await discover();
    expect(await credentialOf(live.user)).toBeNull();
    expect(await db.identity.count({ where: { name: live.user } })).toBe(0);
  });

  it("keeps and marks what is gone, and takes the mark back when it is there again", async () => {
    await discover();
    await target.admin(`drop role ${name}`);
    await discover();
    const gone = await credentialOf(name);
    expect(gone?.vanishedAt).not.toBeNull();
    expect(gone?.identity.vanishedAt).not.toBeNull();
    expect((await discoveries()).at(-1)).toMatchObject({ vanished: 1 });
    await target.admin(`create role ${name} login`);
    await discover();
    const back = await db.credential.findMany({ where: { handle: name }, include: { identity: true }, orderBy: { firstSeenAt: "asc" } });
    expect(back.at(-1)).toMatchObject({ vanishedAt: null, identity: { name, vanishedAt: null } });
  });

  it("gives a role that somebody registered before to the identity of that name", async () => {
    const identityId = await registerIdentity({ name: name.replaceAll("_", "-"), kind: "service-account", environment: "production", description: null }, { actor: seed });
    await discover();
    expect((await credentialOf(name))?.identityId).toBe(identityId);
  });

  it("keeps standing access with the path that leads to it, and ends it when it is taken away", async () => {
    const { group } = target.names;
    await target.admin(`create role ${name}_team nologin; grant ${group}_low to ${name}_team; grant ${name}_team to ${name}`);
    await discover();
    const identityId = (await credentialOf(name))?.identityId ?? "";
    const entitlementId = world.entitlement("low");
    expect(await db.assignment.findMany({ where: { identityId, entitlementId } })).toMatchObject([{ kind: "standing", path: [name, `${name}_team`, `${group}_low`], endedAt: null }]);
    await discover();
    expect(await db.assignment.count({ where: { identityId, entitlementId } })).toBe(1);
    await target.admin(`revoke ${name}_team from ${name}`);
    await discover();
    expect((await db.assignment.findMany({ where: { identityId, entitlementId } })).map(({ endedAt }) => endedAt !== null)).toEqual([true]);
    await target.admin(`drop role ${name}_team`);
  });

  it("makes an entitlement of each group role, the strictest there is until somebody says otherwise", async () => {
    const group = `${name}_rw`;
    await target.admin(`create role ${group} nologin`);
    await target.inApp(`grant select on orders to ${group}`);
    await discover();
    const found = await db.entitlement.findFirstOrThrow({ where: { name: group } });
    expect(found).toMatchObject({ sensitivity: "critical", requestable: false, resourceOwnerId: null, purposes: [], target: { groupRole: group, database: target.names.database } });
    expect(await world.ask({ entitlementIds: [found.id] })).toMatchObject({ ok: false, code: "not-requestable" });
    const { id } = await db.entitlement.findUniqueOrThrow({ where: { id: world.entitlement("low") } });
    expect((await db.entitlement.findUniqueOrThrow({ where: { id } })).sensitivity).toBe("low");
    await target.admin(`drop owned by ${group}`, target.names.database);
    await target.admin(`drop role ${group}`);
  });
});

describe("connecting a system", () => {
  const system = (id: string) => ({ id, name: `second ${id}`, connector: "postgres@1", environment: "test", config: { ...target.config() }, secrets: target.secrets(), actor: seed, demo: false });

  it("keeps its accounts sealed, tells it once, and queues its first check and discovery with it", async () => {
    const id = newId();
    await connectNewSystem(system(id));
    await connectNewSystem(system(id));
    const row = await db.system.findUniqueOrThrow({ where: { id } });
    const { connector } = target.secrets();
    expect(Buffer.from(row.sealedSecrets ?? []).toString("latin1")).not.toContain(connector.password);
    expect(JSON.stringify(row.config)).not.toContain(connector.password);
    expect(await world.told("system", id)).toEqual(["system.connected"]);
    const jobs = await db.$queryRaw<{ key: string }[]>`select key from graphile_worker.jobs where key like ${`%${id}`} order by key`;
    expect(jobs).toEqual([{ key: `check-system:${id}` }, { key: `discover-system:${id}` }]);
  });
});

describe("Curfew's own accounts", () => {
  const findingsOf = (identityId: string, kind: string) => db.finding.findMany({ where: { identityId, kind, closedAt: null }, select: { title: true } });
  /** As the worker does with whatever was touched. */
  const score = (identityId: string) => inTransaction((tx, now) => reconcileSideDoors(tx, [identityId], now));

  it("are one known finding each and no side doors, by the connection and not by name; the system's page says what they hold", async () => {
    const { group, connector, probe } = target.names;
    const lookalike = `${connector}_2`;
    await target.admin(`create role ${lookalike} login; grant ${group}_low to ${lookalike}, ${connector} with admin option`);
    try {
      await discover();
      const { name: system } = await db.system.findUniqueOrThrow({ where: { id: world.systemId }, select: { name: true } });
      const [acts, looks, other] = await Promise.all([credentialOf(connector), credentialOf(probe), credentialOf(lookalike)]);
      expect([acts?.ours, looks?.ours, other?.ours]).toEqual(["connector", "probe", null]);
      await db.entitlement.updateMany({ where: { systemId: world.systemId }, data: { requestable: true } });
      for (const credential of [acts, looks, other]) await score(credential?.identityId ?? "");
      expect(await findingsOf(acts?.identityId ?? "", "side-door")).toEqual([]);
      expect((await findingsOf(other?.identityId ?? "", "side-door")).length, "only to administer it counts as holding it").toBeGreaterThan(0);
      expect(await findingsOf(acts?.identityId ?? "", "own-account")).toEqual([{ title: `${connector} on ${system} is Curfew's own account, needed to give access and take it away again` }]);
      await discover();
      expect(await db.finding.count({ where: { kind: "own-account", systemId: world.systemId } })).toBe(2);
      const accounts = await readOwnAccounts(world.systemId);
      expect(accounts.map(({ handle, use }) => [handle, use])).toEqual([[connector, "connector"], [probe, "probe"]]);
      expect([...(accounts[0]?.holds ?? []), ...(accounts[0]?.handsOut ?? [])]).toContain(`${group}_low`);
    } finally {
      await target.admin(`drop role ${lookalike}`);
    }
  });

  it("hide nothing else that the same identity has on the system", async () => {
    await discover();
    const acts = await credentialOf(target.names.connector);
    const identityId = acts?.identityId ?? "";
    await target.admin(`grant ${target.names.group}_low to ${name}`);
    await discover();
    await db.entitlement.updateMany({ where: { systemId: world.systemId }, data: { requestable: true } });
    const mine = await credentialOf(name);
    await db.credential.update({ where: { id: mine?.id ?? "" }, data: { identityId } });
    await discover();
    await score(identityId);
    expect((await findingsOf(identityId, "side-door")).length).toBeGreaterThan(0);
  });
});
