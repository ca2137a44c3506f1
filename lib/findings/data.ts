import "server-only";
import * as z from "zod";
import { db } from "@/lib/db/client";
import type { Prisma } from "@/lib/db/generated/client";
import { behind, type KeysetRange, readKeysetPage } from "@/lib/db/keyset";
import type { Transaction } from "@/lib/db/transaction";
import { AppError } from "@/lib/platform/errors";
import type { CappedCount } from "@/lib/platform/format";
import type { Page } from "@/lib/platform/page";
import { type FindingKind, findingKinds, type SeenFacts } from "./rules";
import type { FindingListQuery } from "./schema";
import { type FindingRow, type FindingScope, type FindingState, findingStates, type LastUse } from "./types";

const pageSize = 50;
const countLimit = 10_000;

const rowSelect = {
  id: true, kind: true, title: true, controls: true, openedAt: true, closedAt: true, seenAt: true, seenReason: true, detail: true,
  seenBy: { select: { name: true } },
  identity: { select: { id: true, name: true } },
  system: { select: { id: true, name: true } },
  grant: { select: { requestId: true } },
} as const satisfies Prisma.FindingSelect;

type SelectedRow = Prisma.FindingGetPayload<{ select: typeof rowSelect }>;

function parseKind(text: string): FindingKind {
  const known = findingKinds.find((kind) => kind === text);
  if (!known) throw new AppError("integrity", `unknown kind of finding ${text}`);
  return known;
}

const stateWhere: Readonly<Record<FindingState, Prisma.FindingWhereInput>> = {
  open: { closedAt: null, seenAt: null },
  seen: { closedAt: null, seenAt: { not: null } },
  closed: { closedAt: { not: null } },
};

function whereOf(scope: FindingScope, query: Pick<FindingListQuery, "state" | "kind">): Prisma.FindingWhereInput {
  const side = scope.of === "all" ? {} : { identity: { OR: [{ ownerId: scope.personId }, { sponsorId: scope.personId }, { backupId: scope.personId }] } };
  const isAll = query.state.length === 0 || query.state.length === findingStates.length;
  return { AND: [side, isAll ? {} : { OR: query.state.map((state) => stateWhere[state]) }, query.kind.length > 0 ? { kind: { in: query.kind } } : {}] };
}

/** The newest open findings, and how many there are. */
export async function readOpenFindings(scope: FindingScope, most: number): Promise<{ rows: FindingRow[]; total: CappedCount }> {
  const where = whereOf(scope, { state: ["open"], kind: [] });
  const rows = await db.finding.findMany({ where, select: rowSelect, orderBy: [{ openedAt: "desc" }, { id: "desc" }], take: most });
  const found = await db.finding.count({ where, take: countLimit + 1 });
  return { rows: rows.map(rowOf), total: { count: Math.min(found, countLimit), capped: found > countLimit } };
}

/** One page of findings, the newest first unless the URL says otherwise. */
export async function listFindings(scope: FindingScope, query: FindingListQuery): Promise<Page<FindingRow>> {
  const where = whereOf(scope, query);
  const page = await readKeysetPage<SelectedRow>({
    sort: query.sort,
    after: query.after,
    before: query.before,
    size: pageSize,
    placeOf: (row) => ({ id: row.id, value: row.openedAt.toISOString() }),
    read: (range) => db.finding.findMany({ where: { AND: [where, beyond(range)] }, select: rowSelect, orderBy: [{ openedAt: range.order }, { id: range.order }], take: range.take }),
  });
  const found = await db.finding.count({ where, take: countLimit + 1 });
  return { ...page, rows: page.rows.map(rowOf), total: { count: Math.min(found, countLimit), capped: found > countLimit } };
}

function beyond({ from, order }: KeysetRange): Prisma.FindingWhereInput {
  const at = from ? new Date(String(from.value)) : null;
  // Attacker-controlled: a cursor may hold a text that is no date.
  if (!from || !at || Number.isNaN(at.getTime())) return {};
  const bounds = behind(order, at, from.id);
  return { AND: [{ openedAt: bounds.edge }, { OR: [{ openedAt: bounds.beyond }, { id: bounds.id }] }] };
}

const lastUseSchema = z.object({ at: z.string(), action: z.string(), objects: z.array(z.string()), from: z.string().nullable(), source: z.object({ id: z.string(), name: z.string() }) });

/** The use that a detector named in its finding; null where it is about none. */
function lastUseOf(detail: unknown): LastUse | null {
  return z.object({ lastUse: lastUseSchema }).safeParse(detail).data?.lastUse ?? null;
}

function rowOf({ grant, kind, openedAt, closedAt, seenAt, seenBy, seenReason, detail, ...row }: SelectedRow): FindingRow {
  const seen = seenAt && { at: seenAt.toISOString(), by: seenBy?.name ?? "[erased person]", reason: seenReason ?? "" };
  return { ...row, kind: parseKind(kind), requestId: grant?.requestId ?? null, openedAt: openedAt.toISOString(), closedAt: closedAt?.toISOString() ?? null, seen, lastUse: lastUseOf(detail) };
}

const doersRow = z.object({ doers: z.array(z.string()) });

type LockedFinding = SeenFacts & {
  readonly id: string;
  readonly systemId: string | null;
  readonly grantId: string | null;
  readonly identityId: string | null;
  readonly seenById: string | null;
  readonly seenReason: string | null;
  readonly demo: boolean;
};

/** Locks a finding for the rest of the transaction, with everybody whose act it is about; null where there is none. */
export async function lockFinding(tx: Transaction, id: string): Promise<LockedFinding | null> {
  const locked = await tx.$queryRaw<unknown[]>`select 1 from findings where id = ${id}::uuid for update`;
  if (locked.length === 0) return null;
  const { identity, kind, detail, ...row } = await tx.finding.findUniqueOrThrow({
    where: { id },
    select: { id: true, kind: true, closedAt: true, seenAt: true, seenById: true, seenReason: true, systemId: true, grantId: true, identityId: true, demo: true, detail: true, identity: { select: { ownerId: true, sponsorId: true, backupId: true } } },
  });
  const about = z.object({ personId: z.guid().optional(), requestId: z.guid().optional() }).safeParse(detail).data ?? {};
  return {
    ...row,
    kind: parseKind(kind),
    answerers: [identity?.ownerId, identity?.sponsorId, identity?.backupId].filter((each) => typeof each === "string"),
    doers: [...(about.personId ? [about.personId] : []), ...(await readDoers(tx, { grantId: row.grantId, requestId: about.requestId ?? null }))],
  };
}

/** Everybody who asked for what a chain is about, stands on the asking side, voted, had somebody vote, broke the glass or ended it. */
async function readDoers(tx: Transaction, { grantId, requestId }: { readonly grantId: string | null; readonly requestId: string | null }): Promise<readonly string[]> {
  const rows = await tx.$queryRaw<unknown[]>`
    with chain as (select request_id as id from grants where id = ${grantId}::uuid union select ${requestId}::uuid)
    select coalesce(array_agg(distinct p.id::text) filter (where p.id is not null), '{}') as doers from chain c cross join lateral (
      select r.requester_id as id from requests r where r.id = c.id
      union all select r.triggered_by_id from requests r where r.id = c.id
      union all select s.person_id from side_members s where s.request_id = c.id
      union all select v.person_id from votes v where v.request_id = c.id
      union all select v.seat_of_id from votes v where v.request_id = c.id
      union all select g.ended_by_id from grants g where g.request_id = c.id
      union all select b.person_id from break_glass b where b.request_id = c.id) p`;
  return doersRow.parse(rows[0]).doers;
}
