import "server-only";
import { db } from "@/lib/db/client";
import type { Prisma } from "@/lib/db/generated/client";
import { behind, type KeysetRange, readKeysetPage } from "@/lib/db/keyset";
import { AppError } from "@/lib/platform/errors";
import type { CappedCount } from "@/lib/platform/format";
import type { Page } from "@/lib/platform/page";
import { type FindingKind, findingKinds } from "./rules";
import type { FindingListQuery } from "./schema";
import type { FindingRow, FindingScope } from "./types";

const pageSize = 50;
const countLimit = 10_000;

const rowSelect = {
  id: true, kind: true, title: true, controls: true, openedAt: true, closedAt: true,
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

function whereOf(scope: FindingScope, query: Pick<FindingListQuery, "state" | "kind">): Prisma.FindingWhereInput {
  const side = scope.of === "all" ? {} : { identity: { OR: [{ ownerId: scope.personId }, { sponsorId: scope.personId }, { backupId: scope.personId }] } };
  const states = query.state.length === 1 ? { closedAt: query.state[0] === "open" ? null : { not: null } } : {};
  return { AND: [side, states, query.kind.length > 0 ? { kind: { in: query.kind } } : {}] };
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

function rowOf({ grant, kind, openedAt, closedAt, ...row }: SelectedRow): FindingRow {
  return { ...row, kind: parseKind(kind), requestId: grant?.requestId ?? null, openedAt: openedAt.toISOString(), closedAt: closedAt?.toISOString() ?? null };
}
