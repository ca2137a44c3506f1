import "server-only";
import * as z from "zod";
import { db } from "@/lib/db/client";
import { behind, readKeysetPage } from "@/lib/db/keyset";
import type { Prisma } from "@/lib/db/generated/client";
import type { Page, Sort } from "@/lib/platform/page";
import { exportFormats, type ExportRow } from "../types";

const pageSize = 50;
/** No export runs longer; one that says so lost its process. */
const longestMs = 65 * 60 * 1_000;

const tally = z.record(z.string(), z.number());
const parametersSchema = z.object({
  filter: z.record(z.string(), z.string()),
  counts: z
    .object({ rows: z.number(), requests: z.number(), grants: z.number(), refusedAsks: z.number(), byState: tally, byGrantState: tally, byEndReason: tally })
    .nullish(),
});

const included = { person: { select: { name: true } } } as const satisfies Prisma.ExportInclude;
type Row = Prisma.ExportGetPayload<{ include: typeof included }>;

function stateOf({ state, startedAt }: Row, now: Date): ExportRow["state"] {
  if (state === "complete" || state === "failed") return state;
  return now.getTime() - startedAt.getTime() > longestMs ? "unknown" : "running";
}

function rowOf(row: Row, now: Date): ExportRow {
  const parameters = parametersSchema.safeParse(row.parameters).data;
  return {
    id: row.id,
    by: row.person.name,
    format: exportFormats.find((format) => format === row.format) ?? "csv",
    filter: parameters?.filter ?? {},
    asOf: row.asOf.toString(),
    rows: row.state === "complete" ? row.rows : null,
    sha256: row.sha256,
    startedAt: row.startedAt.toISOString(),
    finishedAt: row.finishedAt?.toISOString() ?? null,
    state: stateOf(row, now),
    counts: parameters?.counts ?? null,
  };
}

/** One page of past exports, the newest first. */
export async function listExports(query: { readonly sort: Sort; readonly after: string | null; readonly before: string | null }, now = new Date()): Promise<Page<ExportRow>> {
  const page = await readKeysetPage<Row>({
    sort: query.sort,
    after: query.after,
    before: query.before,
    size: pageSize,
    placeOf: (row) => ({ value: row.startedAt.toISOString(), id: row.id }),
    read: ({ from, order, take }) => {
      const at = from ? new Date(String(from.value)) : null;
      // Attacker-controlled: a cursor may hold a text that is no date.
      const bounds = from && at && !Number.isNaN(at.getTime()) ? behind(order, at, from.id) : null;
      const where: Prisma.ExportWhereInput = bounds ? { AND: [{ startedAt: bounds.edge }, { OR: [{ startedAt: bounds.beyond }, { id: bounds.id }] }] } : {};
      return db.export.findMany({ where, include: included, orderBy: [{ startedAt: order }, { id: order }], take });
    },
  });
  return { rows: page.rows.map((row) => rowOf(row, now)), next: page.next, previous: page.previous, total: null };
}
