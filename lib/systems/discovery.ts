import "server-only";
import type { Actor } from "@/lib/auth/actor";
import type { DiscoveredRole, Discovery } from "@/lib/connectors/contract";
import type { Prisma } from "@/lib/db/generated/client";
import { databaseClock, inTransaction, type Transaction } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import { newId } from "@/lib/platform/ids";

const worker: Actor = { kind: "system", process: "worker" };
/** Handles that Curfew itself made are grants, not identities of their own. */
const ownHandle = /^curfew_[0-9a-f]{8}_[0-9a-f]{32}$/;

type Counts = { appeared: number; changed: number; vanished: number };

/**
 * Writes what discovery saw: a credential per login role, an identity for each new one (without owner: somebody has to say who
 * answers for it), standing assignments where a login role reaches an entitlement's group role, privileges of entitlements.
 * Idempotent: seeing the same again changes only `lastSeenAt`. What is gone is kept and marked.
 */
export function recordDiscovery(systemId: string, discovery: Discovery): Promise<void> {
  return inTransaction(async (tx) => {
    // One after the other. A lock on the system's row would make its checks and observations wait.
    await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`curfew:discovery:${systemId}`}::text, 0))`;
    const now = await databaseClock.now(tx);
    const system = await tx.system.findUniqueOrThrow({ where: { id: systemId }, select: { environment: true, demo: true } });
    const logins = discovery.roles.filter(({ kind, name }) => kind === "login" && !ownHandle.test(name));
    const counts: Counts = { appeared: 0, changed: 0, vanished: 0 };
    const identityOf = new Map<string, string>();
    for (const role of logins) identityOf.set(role.name, await recordLogin(tx, { systemId, ...system, discovery, role, now, counts }));
    counts.vanished = await markVanished(tx, systemId, logins, now);
    await recordEntitlements(tx, { systemId, demo: system.demo, roles: discovery.roles, now });
    await recordStanding(tx, { systemId, roles: discovery.roles, identityOf, now });
    await tx.system.update({ where: { id: systemId }, data: { discoveredAt: now } });
    if (counts.appeared + counts.changed + counts.vanished > 0) {
      await appendEvent(tx, { type: "system.discovered", at: now, actor: worker, subjects: { system: systemId }, data: { ...counts, roles: discovery.roles.length } });
    }
  });
}

type Login = {
  readonly systemId: string;
  readonly environment: string;
  readonly demo: boolean;
  readonly discovery: Discovery;
  readonly role: DiscoveredRole;
  readonly now: Date;
  readonly counts: Counts;
};

async function recordLogin(tx: Transaction, login: Login): Promise<string> {
  const { systemId, role, discovery, now, counts } = login;
  const facts: Prisma.InputJsonObject = JSON.parse(JSON.stringify({ memberOf: role.memberOf, superuser: role.superuser, canCreateRoles: role.canCreateRoles, privileges: role.privileges }));
  const known = await tx.credential.findUnique({ where: { systemId_targetId: { systemId, targetId: role.targetId } }, select: { identityId: true, facts: true, expiresAt: true, lastUsedAt: true } });
  const lastUsedAt = later(role.lastActiveAt, known?.lastUsedAt ?? null);
  const seen = { handle: role.name, expiresAt: role.passwordExpiresAt, lastUsedAt, visibleSince: discovery.activityVisibleSince, lastSeenAt: now, vanishedAt: null, facts };
  if (known) {
    if (JSON.stringify(sorted(known.facts)) !== JSON.stringify(sorted(facts)) || known.expiresAt?.getTime() !== role.passwordExpiresAt?.getTime()) counts.changed += 1;
    await tx.credential.update({ where: { systemId_targetId: { systemId, targetId: role.targetId } }, data: seen });
    await touchIdentity(tx, known.identityId, { lastUsedAt, visibleSince: discovery.activityVisibleSince, now });
    return known.identityId;
  }
  counts.appeared += 1;
  const identityId = (await identityNamed(tx, systemId, role.name)) ?? (await registerIdentity(tx, login));
  await tx.credential.create({ data: { id: newId(), identityId, systemId, targetId: role.targetId, kind: "password", firstSeenAt: now, ...seen } });
  await touchIdentity(tx, identityId, { lastUsedAt, visibleSince: discovery.activityVisibleSince, now });
  return identityId;
}

/** An identity of that name that has no credential on the system yet: somebody registered it before discovery found its role. */
async function identityNamed(tx: Transaction, systemId: string, name: string): Promise<string | null> {
  const row = await tx.identity.findFirst({
    where: { name: { in: [name, name.replaceAll("_", "-")] }, OR: [{ systemId }, { systemId: null }], credentials: { none: { systemId } } },
    select: { id: true },
  });
  return row?.id ?? null;
}

async function registerIdentity(tx: Transaction, { systemId, environment, demo, role, now }: Login): Promise<string> {
  const id = newId();
  await tx.identity.create({
    data: { id, name: role.name, kind: "database-role", description: role.comment, environment, state: "unowned", source: "discovery", systemId, firstSeenAt: now, lastSeenAt: now, demo },
  });
  await appendEvent(tx, {
    type: "identity.registered",
    at: now,
    actor: worker,
    subjects: { identity: id, system: systemId },
    data: { kind: "database-role", source: "discovery" },
    clear: { name: role.name },
    demo,
  });
  return id;
}

/** An identity that was dormant and is seen at work is active again. */
async function touchIdentity(tx: Transaction, id: string, seen: { lastUsedAt: Date | null; visibleSince: Date | null; now: Date }): Promise<void> {
  const identity = await tx.identity.findUniqueOrThrow({ where: { id }, select: { lastActiveAt: true, state: true } });
  const lastActiveAt = later(seen.lastUsedAt, identity.lastActiveAt);
  const state = identity.state === "dormant" && lastActiveAt !== null ? "active" : identity.state;
  await tx.identity.update({ where: { id }, data: { state, lastSeenAt: seen.now, vanishedAt: null, lastActiveAt, visibleSince: seen.visibleSince } });
  if (state !== identity.state) {
    await appendEvent(tx, { type: "identity.state-changed", at: seen.now, actor: worker, subjects: { identity: id }, data: { from: identity.state, to: state } });
  }
}

async function markVanished(tx: Transaction, systemId: string, logins: readonly DiscoveredRole[], now: Date): Promise<number> {
  const gone = await tx.credential.findMany({
    where: { systemId, vanishedAt: null, targetId: { notIn: logins.map(({ targetId }) => targetId) } },
    select: { id: true, identityId: true },
  });
  for (const { id, identityId } of gone) {
    await tx.credential.update({ where: { id }, data: { vanishedAt: now } });
    const left = await tx.credential.count({ where: { identityId, vanishedAt: null } });
    if (left === 0) await tx.identity.updateMany({ where: { id: identityId, source: "discovery" }, data: { vanishedAt: now } });
  }
  return gone.length;
}

/** Every group role that allows something is an entitlement; one just found cannot be asked for until somebody says who owns it and what for. */
async function recordEntitlements(tx: Transaction, about: { systemId: string; demo: boolean; roles: readonly DiscoveredRole[]; now: Date }): Promise<void> {
  for (const role of about.roles.filter(({ kind }) => kind === "group")) {
    const privileges: Prisma.InputJsonArray = JSON.parse(JSON.stringify(role.privileges));
    const read = { privileges, privilegesReadAt: about.now };
    const known = await tx.entitlement.findFirst({ where: { systemId: about.systemId, target: { path: ["groupRole"], equals: role.name } }, select: { id: true } });
    if (known) {
      await tx.entitlement.update({ where: { id: known.id }, data: read });
      continue;
    }
    if (role.privileges.length === 0 && role.memberOf.length === 0) continue;
    const actions = [...new Set(role.privileges.flatMap((privilege) => privilege.actions))].sort();
    const id = newId();
    await tx.entitlement.create({
      data: {
        id,
        systemId: about.systemId,
        name: role.name,
        description: role.comment ?? "Found by discovery; nobody has described it yet.",
        target: targetOf(role),
        actions,
        sensitivity: "critical", // The strictest until a person says otherwise.
        purposes: [],
        createdAt: about.now,
        demo: about.demo,
        ...read,
      },
    });
    await appendEvent(tx, {
      type: "entitlement.defined",
      at: about.now,
      actor: worker,
      subjects: { entitlement: id, system: about.systemId },
      data: { sensitivity: "critical", resourceOwnerId: null, requestable: false },
      clear: { name: role.name },
      demo: about.demo,
    });
  }
}

/** A group role whose privileges stand in one database only is used there; else the system's own database is where holders connect. */
function targetOf(role: DiscoveredRole): Prisma.InputJsonObject {
  const databases = new Set(role.privileges.filter(({ objectKind }) => objectKind !== "database").map(({ database }) => database));
  const [only] = databases;
  return databases.size === 1 && only !== undefined ? { groupRole: role.name, database: only } : { groupRole: role.name };
}

async function recordStanding(
  tx: Transaction,
  about: { systemId: string; roles: readonly DiscoveredRole[]; identityOf: ReadonlyMap<string, string>; now: Date },
): Promise<void> {
  const entitlements = await tx.entitlement.findMany({ where: { systemId: about.systemId }, select: { id: true, target: true } });
  const byRole = new Map(about.roles.map((role) => [role.name, role]));
  const seen: string[] = [];
  for (const [name, identityId] of about.identityOf) {
    for (const [group, path] of reachable(name, byRole)) {
      const entitlement = entitlements.find(({ target }) => typeof target === "object" && target !== null && "groupRole" in target && target.groupRole === group);
      if (entitlement) seen.push(await keepStanding(tx, { identityId, entitlementId: entitlement.id, path, now: about.now }));
    }
  }
  const gone = { kind: "standing", endedAt: null, id: { notIn: seen }, entitlement: { systemId: about.systemId } };
  await tx.assignment.updateMany({ where: gone, data: { endedAt: about.now } });
}

async function keepStanding(tx: Transaction, standing: { identityId: string; entitlementId: string; path: string[]; now: Date }): Promise<string> {
  const { identityId, entitlementId, path, now } = standing;
  const known = await tx.assignment.findFirst({ where: { identityId, entitlementId, kind: "standing", endedAt: null }, select: { id: true } });
  if (known) {
    await tx.assignment.update({ where: { id: known.id }, data: { lastSeenAt: now, path } });
    return known.id;
  }
  const id = newId();
  await tx.assignment.create({ data: { id, identityId, entitlementId, kind: "standing", path, firstSeenAt: now, lastSeenAt: now } });
  return id;
}

/** Group roles that a login role reaches, each with the shortest path of role names. */
export function reachable(name: string, roles: ReadonlyMap<string, Pick<DiscoveredRole, "memberOf">>): Map<string, string[]> {
  const paths = new Map<string, string[]>();
  const queue: string[][] = [[name]];
  for (let path = queue.shift(); path; path = queue.shift()) {
    for (const { name: group } of roles.get(path.at(-1) ?? "")?.memberOf ?? []) {
      if (paths.has(group) || group === name) continue;
      paths.set(group, [...path, group]);
      queue.push([...path, group]);
    }
  }
  return paths;
}

function later(a: Date | null, b: Date | null): Date | null {
  if (a === null || b === null) return a ?? b;
  return a > b ? a : b;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => a.localeCompare(b)).map(([key, inner]) => [key, sorted(inner)]));
}
