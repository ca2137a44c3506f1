import "server-only";
import { connectorOf, isFromFiles } from "@/lib/connectors/registry";
import { db } from "@/lib/db/client";
import type { Prisma } from "@/lib/db/generated/client";
import { behind, readKeysetPage } from "@/lib/db/keyset";
import { literally } from "@/lib/db/like";
import { parseGrantState } from "@/lib/grants/data";
import { credentialFactsSchema } from "@/lib/identities/schema";
import type { Page } from "@/lib/platform/page";
import { systemAddressSchema, systemCheckSchema, type SystemListQuery } from "./schema";
import type { CheckView, OwnAccountView, SystemAddress, SystemRow, UnprovenView } from "./types";

const pageSize = 50;
const countLimit = 1_000;
const mostUnproven = 50;
const mostOwn = 10;
const unprovenStates = ["ending", "accepted", "stuck"];

const rowSelect = {
  id: true, name: true, connector: true, environment: true, check: true, checkedAt: true, unreachableSince: true, unreachableReason: true,
  _count: { select: { entitlements: true, grants: { where: { state: { in: unprovenStates } } } } },
} as const satisfies Prisma.SystemSelect;

type SelectedRow = Prisma.SystemGetPayload<{ select: typeof rowSelect }>;

function checkOf(json: Prisma.JsonValue): CheckView | null {
  return json === null ? null : systemCheckSchema.parse(json);
}

function rowOf(row: SelectedRow): SystemRow {
  return {
    id: row.id,
    name: row.name,
    connector: connectorOf(row.connector).title,
    environment: row.environment,
    isFromFiles: isFromFiles(row.connector),
    checkedAt: row.checkedAt?.toISOString() ?? null,
    unreachableSince: row.unreachableSince?.toISOString() ?? null,
    unreachableReason: row.unreachableReason,
    gaps: checkOf(row.check)?.gaps.length ?? 0,
    entitlements: row._count.entitlements,
    unproven: row._count.grants,
  };
}

/** One page of connected systems, by name. */
export async function listSystems(query: SystemListQuery): Promise<Page<SystemRow>> {
  const where: Prisma.SystemWhereInput = query.q ? { name: { contains: literally(query.q), mode: "insensitive" } } : {};
  const page = await readKeysetPage<SelectedRow>({
    sort: query.sort,
    after: query.after,
    before: query.before,
    size: pageSize,
    placeOf: (row) => ({ id: row.id, value: row.name }),
    read: ({ from, order, take }) => {
      // Names are unique: no second column is needed.
      const beyond = from ? { name: behind(order, String(from.value), from.id).beyond } : {};
      return db.system.findMany({ where: { AND: [where, beyond] }, select: rowSelect, orderBy: { name: order }, take });
    },
  });
  const found = await db.system.count({ where, take: countLimit + 1 });
  const total = { count: Math.min(found, countLimit), capped: found > countLimit };
  return { rows: page.rows.map(rowOf), next: page.next, previous: page.previous, total };
}

/** One system with its connection and health; null when there is none. */
export async function readSystem(id: string) {
  const row = await db.system.findUnique({
    where: { id },
    select: {
      id: true, name: true, connector: true, environment: true, config: true, createdAt: true, check: true, checkedAt: true,
      reachableAt: true, unreachableSince: true, unreachableReason: true, discoveredAt: true, observedAt: true,
    },
  });
  if (!row) return null;
  const connector = connectorOf(row.connector);
  return {
    id: row.id,
    name: row.name,
    connector: connector.title,
    environment: row.environment,
    isFromFiles: isFromFiles(row.connector),
    capabilities: connector.capabilities,
    credential: connector.credential,
    ...addressOf(row.config),
    unreachableReason: row.unreachableReason,
    createdAt: row.createdAt.toISOString(),
    checkedAt: row.checkedAt?.toISOString() ?? null,
    reachableAt: row.reachableAt?.toISOString() ?? null,
    unreachableSince: row.unreachableSince?.toISOString() ?? null,
    discoveredAt: row.discoveredAt?.toISOString() ?? null,
    observedAt: row.observedAt?.toISOString() ?? null,
    check: checkOf(row.check),
  };
}

/** Curfew's own accounts on a system with what they hold there, as discovery saw it. */
export async function readOwnAccounts(systemId: string): Promise<OwnAccountView[]> {
  const rows = await db.credential.findMany({
    where: { systemId, ours: { not: null }, vanishedAt: null },
    select: { id: true, handle: true, ours: true, facts: true, lastSeenAt: true, identity: { select: { id: true, name: true } } },
    orderBy: [{ ours: "asc" }, { handle: "asc" }],
    take: mostOwn,
  });
  return rows.map(({ ours, facts, lastSeenAt, ...row }) => {
    const { superuser, canCreateRoles, memberOf } = credentialFactsSchema.parse(facts);
    const holds = memberOf.filter(({ inherited }) => inherited).map(({ name }) => name);
    return {
      ...row, holds, canCreateRoles,
      use: ours === "probe" ? ("probe" as const) : ("connector" as const),
      isSuperuser: superuser,
      handsOut: memberOf.filter(({ inherited, withAdmin }) => withAdmin && !inherited).map(({ name }) => name),
      seenAt: lastSeenAt.toISOString(),
    };
  });
}

/** Where a connected system is, part by part; null when there is none, or nothing to connect to. */
export async function readAddress(id: string): Promise<{ id: string; name: string; address: SystemAddress } | null> {
  const row = await db.system.findFirst({ where: { id, sealedSecrets: { not: null } }, select: { id: true, name: true, config: true } });
  if (!row) return null;
  return { id: row.id, name: row.name, address: systemAddressSchema.safeParse(row.config).data ?? {} };
}

function addressOf(config: Prisma.JsonValue): { address: string | null; sslmode: string | null } {
  const parsed = systemAddressSchema.safeParse(config);
  if (!parsed.success || !parsed.data.host) return { address: null, sslmode: null };
  const { host, port, database, sslmode } = parsed.data;
  return { address: `${host}${port ? `:${port}` : ""}${database ? `/${database}` : ""}`, sslmode: sslmode ?? null };
}

/** Ends on this system that are not proven, the oldest first. */
export async function readUnprovenOn(systemId: string): Promise<UnprovenView[]> {
  const rows = await db.grant.findMany({
    where: { systemId, state: { in: unprovenStates } },
    select: {
      id: true, requestId: true, state: true, endingAt: true, acceptedAt: true, nextAttemptAt: true, attempts: true,
      request: { select: { number: true } },
      identity: { select: { id: true, name: true } },
      entitlement: { select: { name: true } },
    },
    orderBy: [{ endingAt: "asc" }, { id: "asc" }],
    take: mostUnproven,
  });
  return rows.map(({ request, entitlement, ...row }) => ({
    ...row,
    requestNumber: request.number,
    entitlement: entitlement.name,
    state: parseGrantState(row.state),
    endingAt: row.endingAt?.toISOString() ?? null,
    acceptedAt: row.acceptedAt?.toISOString() ?? null,
    nextAttemptAt: row.nextAttemptAt?.toISOString() ?? null,
  }));
}
