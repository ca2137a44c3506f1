import "server-only";
import type { Actor } from "@/lib/auth/actor";
import type { DiscoveredRole, Discovery } from "@/lib/connectors/contract";
import { databaseClock, inLongTransaction, type Transaction } from "@/lib/db/transaction";
import { appendEvent, appendEvents } from "@/lib/ledger/append";
import { newId } from "@/lib/platform/ids";
import { noteUndoneOutside } from "@/lib/suspensions/outside";
import {
  changesOf, factsOf, loginsOf, mostDiffRows, reachable, statementsSince, targetOf, usesOnlyEntitlement,
  type DiffRow, type KnownCredential,
} from "./discovery-plan";
import { completeRun } from "./discovery-runs";
import * as write from "./discovery-writes";
import { recordOwnAccounts } from "./own-accounts";
import { recordUses, type SeenUse } from "./use";

const worker: Actor = { kind: "system", process: "worker" };

/** What one discovery works with; read once, so that ten thousand roles cost no round trip each. */
type Work = {
  readonly tx: Transaction;
  readonly systemId: string;
  readonly system: { readonly environment: string; readonly demo: boolean };
  readonly discovery: Discovery;
  /** Since when statements are counted. */
  readonly countedSince: Date | null;
  readonly logins: readonly DiscoveredRole[];
  readonly known: ReadonlyMap<string, KnownCredential>;
  readonly now: Date;
  readonly diff: DiffRow[];
  /** Identities whose scores depend on something that changed. */
  readonly touched: Set<string>;
};

/**
 * Writes what discovery saw: a credential per login role, an identity for each new one (without owner: somebody has to say who
 * answers for it), standing assignments where a login role reaches an entitlement's group role, privileges of entitlements.
 * Idempotent: seeing the same again changes only `lastSeenAt`. What is gone is kept and marked. All of it in one transaction:
 * a reader sees the inventory before or after, and what fails half-way changes nothing.
 */
export function recordDiscovery(systemId: string, discovery: Discovery, runId: string | null = null): Promise<void> {
  return inLongTransaction(async (tx) => {
    // One after the other. A lock on the system's row would make its checks and observations wait.
    await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`curfew:discovery:${systemId}`}::text, 0))`;
    const now = await databaseClock.now(tx);
    const system = await tx.system.findUniqueOrThrow({ where: { id: systemId }, select: { environment: true, demo: true } });
    const known = await write.readKnown(tx, systemId);
    const visibleSince = await visibleSinceOf(tx, systemId, discovery);
    const logins = loginsOf(discovery, known);
    const work: Work = { tx, systemId, system, discovery: { ...discovery, activityVisibleSince: visibleSince }, countedSince: discovery.activityVisibleSince, logins, known, now, diff: [], touched: new Set() };
    const identityOf = await recordLogins(work);
    await recordVanished(work);
    for (const identityId of await recordOwnAccounts(tx, { systemId, logins, now })) work.touched.add(identityId);
    await noteUndoneOutside(tx, { systemId, observedAt: discovery.observedAt, now });
    await recordEntitlements(work);
    await recordStanding(work, identityOf);
    await recordUses(tx, usesOf(work, identityOf), now);
    await write.askForScores(tx, [...work.touched]);
    await tx.system.update({ where: { id: systemId }, data: { discoveredAt: now } });
    await tell(work, runId);
  });
}

/** Use could be seen since the counters began or since the log is read without a gap, whichever was first. */
async function visibleSinceOf(tx: Transaction, systemId: string, { activityVisibleSince }: Discovery): Promise<Date | null> {
  const log = await tx.serverLog.findUnique({ where: { systemId }, select: { visibleSince: true } });
  const times = [activityVisibleSince, log?.visibleSince ?? null].filter((at) => at !== null);
  return times.length === 0 ? null : new Date(Math.min(...times.map((at) => at.getTime())));
}

async function tell({ tx, systemId, discovery, diff, now }: Work, runId: string | null): Promise<void> {
  const count = (change: DiffRow["change"]) => diff.filter((row) => row.change === change).length;
  const counts = { appeared: count("appeared"), changed: count("changed"), vanished: count("vanished"), roles: discovery.roles.length };
  if (diff.length > 0) await appendEvent(tx, { type: "system.discovered", at: now, actor: worker, subjects: { system: systemId }, data: counts });
  if (runId) await completeRun(tx, runId, { ...counts, diff: diff.slice(0, mostDiffRows), notSeen: discovery.notSeen, now });
}

/** Every login's credential and its identity; answers the identity of each by the role's name. */
async function recordLogins(work: Work): Promise<Map<string, string>> {
  const { tx, systemId, logins, known, discovery, now, diff, touched } = work;
  const identityOf = new Map<string, string>();
  const fresh: DiscoveredRole[] = [];
  const seen: write.SeenCredential[] = [];
  for (const role of logins) {
    const before = known.get(role.targetId);
    if (!before) {
      fresh.push(role);
      continue;
    }
    identityOf.set(role.name, before.identityId);
    const changes = changesOf(before, role);
    if (changes.length > 0) {
      diff.push({ change: "changed", name: role.name, what: changes });
      touched.add(before.identityId);
    }
    seen.push({ id: before.id, ...seenOf(role) });
  }
  await write.keepCredentials(tx, seen, { visibleSince: discovery.activityVisibleSince, now });
  await recordFresh(work, fresh, identityOf);
  await write.keepIdentities(tx, [...new Set(identityOf.values())], { systemId, visibleSince: discovery.activityVisibleSince, now });
  return identityOf;
}

function seenOf(role: DiscoveredRole) {
  return { handle: role.name, expiresAt: role.passwordExpiresAt, isEnabled: role.kind === "login", lastUsedAt: role.lastActiveAt, facts: factsOf(role) };
}

async function recordFresh({ tx, systemId, system, discovery, now, diff, touched }: Work, fresh: readonly DiscoveredRole[], identityOf: Map<string, string>): Promise<void> {
  // Somebody may have registered it by name before discovery found its role.
  const registered = await write.readIdentitiesNamed(tx, systemId, fresh.map(({ name }) => name));
  const unknown = fresh.filter(({ name }) => !registered.has(name)).map((role) => ({ id: newId(), role }));
  for (const { id, role } of unknown) registered.set(role.name, id);
  const about = { systemId, visibleSince: discovery.activityVisibleSince, now };
  await write.addIdentities(tx, unknown.map(({ id, role }) => ({ id, name: role.name, description: role.comment })), { ...about, ...system });
  await appendEvents(tx, unknown.map(({ id, role }) => ({
    type: "identity.registered" as const, at: now, actor: worker, subjects: { identity: id, system: systemId },
    data: { kind: "database-role", source: "discovery" }, clear: { name: role.name }, demo: system.demo,
  })));
  await write.addCredentials(tx, fresh.map((role) => ({ id: newId(), identityId: registered.get(role.name) ?? "", targetId: role.targetId, ...seenOf(role) })), about);
  for (const { name } of fresh) {
    const identityId = registered.get(name) ?? "";
    identityOf.set(name, identityId);
    touched.add(identityId);
    diff.push({ change: "appeared", name, what: [] });
  }
}

async function recordVanished({ tx, systemId, logins, now, diff, touched }: Work): Promise<void> {
  const gone = await write.markVanished(tx, systemId, logins.map(({ targetId }) => targetId), now);
  for (const { handle, identityId } of gone) {
    diff.push({ change: "vanished", name: handle, what: [] });
    touched.add(identityId);
  }
}

/** Every group role that allows something is an entitlement; one just found cannot be asked for until somebody says who owns it and what for. */
async function recordEntitlements({ tx, systemId, system, discovery, known, now }: Work): Promise<void> {
  const groups = discovery.roles.filter(({ kind, targetId }) => kind === "group" && !known.has(targetId));
  const entitlements = await write.readEntitlements(tx, systemId);
  const fresh = groups.filter((role) => !entitlements.has(role.name) && (role.privileges.length > 0 || role.memberOf.length > 0)).map((role) => ({ id: newId(), role }));
  await write.keepPrivileges(tx, groups.flatMap((role) => {
    const id = entitlements.get(role.name);
    return id === undefined ? [] : [{ id, privileges: role.privileges }];
  }), now);
  await write.addEntitlements(tx, fresh.map(({ id, role }) => ({
    id, systemId, name: role.name, description: role.comment ?? "Found by discovery; nobody has described it yet.", target: targetOf(role),
    actions: [...new Set(role.privileges.flatMap((privilege) => privilege.actions))].sort(), sensitivity: "critical", purposes: [],
    privileges: JSON.parse(JSON.stringify(role.privileges)), privilegesReadAt: now, createdAt: now, requestable: false, demo: system.demo,
  })));
  await appendEvents(tx, fresh.map(({ id, role }) => ({
    type: "entitlement.defined" as const, at: now, actor: worker, subjects: { entitlement: id, system: systemId },
    data: { sensitivity: "critical", resourceOwnerId: null, requestable: false }, clear: { name: role.name }, demo: system.demo,
  })));
}

async function recordStanding(work: Work, identityOf: ReadonlyMap<string, string>): Promise<void> {
  const { tx, systemId, discovery, countedSince, logins, known, now, touched } = work;
  const entitlements = await write.readEntitlements(tx, systemId);
  const byRole = new Map(discovery.roles.map((role) => [role.name, role]));
  const standing = new Map<string, write.Standing>();
  for (const role of logins) {
    const identityId = identityOf.get(role.name) ?? "";
    const held = [...reachable(role.name, byRole)].flatMap(([group, path]) => {
      const entitlementId = entitlements.get(group);
      return entitlementId === undefined ? [] : [{ entitlementId, path }];
    });
    const infers = usesOnlyEntitlement(role, held.length) && role.statements !== null;
    const used = infers && statementsSince(known.get(role.targetId), role) > 0;
    for (const { entitlementId, path } of held) {
      const key = `${identityId} ${entitlementId}`;
      if (standing.has(key)) continue;
      standing.set(key, { id: newId(), identityId, entitlementId, path, visibleSince: infers ? countedSince : null, lastUsedAt: used ? discovery.observedAt : null });
    }
  }
  for (const identityId of await write.keepStanding(tx, systemId, [...standing.values()], now)) touched.add(identityId);
}

/** Open connections, and statements counted since the last look: between two looks most sessions come and go unseen. */
function usesOf({ logins, known, discovery }: Work, identityOf: ReadonlyMap<string, string>): SeenUse[] {
  return logins.flatMap((role) => {
    const identityId = identityOf.get(role.name);
    if (identityId === undefined) return [];
    const counted = statementsSince(known.get(role.targetId), role) > 0 ? [{ identityId, at: discovery.observedAt, clientAddress: null, applicationName: null }] : [];
    const { lastActiveAt: at } = role;
    if (at === null) return counted;
    const sources = role.sources?.length ? role.sources : [{ clientAddress: null, applicationName: null }];
    return [...counted, ...sources.map((source) => ({ identityId, at, ...source }))];
  });
}
