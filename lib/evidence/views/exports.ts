import "server-only";
import * as z from "zod";
import type { PersonActor } from "@/lib/auth/actor";
import { db } from "@/lib/db/client";
import { behind, readKeysetPage } from "@/lib/db/keyset";
import type { Prisma } from "@/lib/db/generated/client";
import { AppError } from "@/lib/platform/errors";
import type { Page, Sort } from "@/lib/platform/page";
import { mayExport } from "../rules";
import { parametersSchema } from "../mutations";
import { exportFormats, exportStates, formatsWithLists, type ExportProgress, type ExportRow, type ExportState, type Reconciled, type UnmatchedRow } from "../types";

const pageSize = 50;
const included = { person: { select: { name: true } } } as const satisfies Prisma.ExportInclude;
const withoutCard = { card: true } as const;
type Row = Omit<Prisma.ExportGetPayload<{ include: typeof included }>, "card">;

function stateOf(text: string): ExportState {
  const known = exportStates.find((state) => state === text);
  if (!known) throw new AppError("integrity", `unknown state of an export ${text}`);
  return known;
}

type Progressing = Pick<Row, "id" | "state" | "rowsDone" | "rowsTotal" | "bytes">;

function progressOf({ id, state, rowsDone, rowsTotal, bytes }: Progressing): ExportProgress {
  return { id, state: stateOf(state), rowsDone, rowsTotal, bytes: bytes === null ? null : Number(bytes) };
}

function rowOf(row: Row, personId: string): ExportRow {
  const parameters = parametersSchema.safeParse(row.parameters).data;
  return {
    ...progressOf(row),
    by: row.person.name,
    format: exportFormats.find((format) => format === row.format) ?? "csv",
    filter: parameters?.filter ?? {},
    definitionVersion: row.definitionVersion,
    asOf: row.asOf?.toString() ?? null,
    rows: row.rows,
    sha256: row.sha256,
    fileName: row.fileName,
    requestedAt: row.requestedAt.toISOString(),
    finishedAt: row.finishedAt?.toISOString() ?? null,
    expiresAt: row.expiresAt?.toISOString() ?? null,
    failure: row.failure,
    counts: parameters?.counts ?? null,
    isOwn: row.personId === personId,
  };
}

type Listing = { readonly sort: Sort; readonly after: string | null; readonly before: string | null };

/** One page of exports, the newest first; `personId` says whose own can be downloaded. */
export async function listExports(query: Listing, { personId, bound }: Pick<PersonActor, "personId" | "bound">): Promise<Page<ExportRow>> {
  const page = await readKeysetPage<Row>({
    sort: query.sort,
    after: query.after,
    before: query.before,
    size: pageSize,
    placeOf: (row) => ({ value: row.requestedAt.toISOString(), id: row.id }),
    read: ({ from, order, take }) => {
      const at = from ? new Date(String(from.value)) : null;
      // Attacker-controlled: a cursor may hold a text that is no date.
      const bounds = from && at && !Number.isNaN(at.getTime()) ? behind(order, at, from.id) : null;
      // With an engagement: what was asked for within it.
      const own: Prisma.ExportWhereInput = bound ? { personId, requestedAt: { gte: new Date(bound.since) } } : {};
      const where: Prisma.ExportWhereInput = bounds ? { AND: [{ requestedAt: bounds.edge }, { OR: [{ requestedAt: bounds.beyond }, { id: bounds.id }] }] } : {};
      return db.export.findMany({ where: { AND: [own, where] }, include: included, omit: withoutCard, orderBy: [{ requestedAt: order }, { id: order }], take });
    },
  });
  return { rows: page.rows.map((row) => rowOf(row, personId)), next: page.next, previous: page.previous, total: null };
}

/** How far somebody's exports are that wait or run, or that ended a moment ago; with an engagement, those of it. */
export async function readOwnProgress({ personId, bound }: Pick<PersonActor, "personId" | "bound">): Promise<ExportProgress[]> {
  const rows = await db.export.findMany({
    where: { personId, ...(bound ? { requestedAt: { gte: new Date(bound.since) } } : {}) },
    select: { id: true, state: true, rowsDone: true, rowsTotal: true, bytes: true },
    orderBy: [{ requestedAt: "desc" }, { id: "desc" }],
    take: 20,
  });
  return rows.map(progressOf);
}

/** A file that is whole and somebody's own. */
export type ExportFile = { readonly id: string; readonly fileName: string; readonly bytes: bigint; readonly sha256: string; readonly attempt: number; readonly card: string };

/** The file of one's own export; null where there is none, or no more. */
export async function readExportFile(exportId: string, actor: PersonActor): Promise<ExportFile | null> {
  const row = await db.export.findFirst({ where: { id: exportId, personId: actor.personId, state: "complete", expiresAt: { gt: new Date() } } });
  if (!row || !mayExport(actor, row.format, row.requestedAt) || row.fileName === null || row.bytes === null || row.sha256 === null) return null;
  return { id: row.id, fileName: row.fileName, bytes: row.bytes, sha256: row.sha256, attempt: row.attempt, card: row.card ?? "" };
}

/** The bytes of a file, one piece in memory at a time. */
export function exportBytes({ id, attempt }: Pick<ExportFile, "id" | "attempt">): ReadableStream<Uint8Array> {
  let number = 0;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const part = await db.exportPart.findUnique({ where: { exportId_attempt_number: { exportId: id, attempt, number } }, select: { bytes: true } });
      number += 1;
      if (part) controller.enqueue(part.bytes);
      else controller.close();
    },
  }, { highWaterMark: 0 });
}

const side = z.object({ what: z.string(), count: z.number() });
const unmatched = z
  .object({
    side: z.enum(["left", "right"]), grant_id: z.string().nullable(), request_number: z.number().nullable(), identity_name: z.string().nullable(), system_name: z.string().nullable(),
    credential: z.string().nullable(), at: z.string().nullable(), explanation: z.string(),
  })
  .transform(({ grant_id: grantId, request_number: requestNumber, identity_name: identity, system_name: system, ...row }): UnmatchedRow => ({ ...row, grantId, requestNumber, identity, system }));
const cardSchema = z.object({
  reconciliations: z.array(
    z.object({
      id: z.string(), name: z.string(), left: side, right: side, matched: z.number(), only_left: z.number(), only_right: z.number(), unexplained: z.number(),
      // Cards of earlier definitions only count them.
      unmatched: z.array(unmatched).default([]),
    }),
  ),
});

/** What the newest of somebody's own exports found when it compared lists both ways. */
export async function readReconciled(personId: string): Promise<Reconciled | null> {
  const row = await db.export.findFirst({
    where: { personId, card: { not: null } }, select: { id: true, card: true, finishedAt: true, format: true, state: true, expiresAt: true }, orderBy: [{ requestedAt: "desc" }, { id: "desc" }],
  });
  const card = row?.card && row.finishedAt ? cardSchema.safeParse(JSON.parse(row.card)).data : null;
  if (!card || !row?.finishedAt) return null;
  const isThere = row.state === "complete" && row.expiresAt !== null && row.expiresAt > new Date() && formatsWithLists.some((format) => format === row.format);
  return {
    at: row.finishedAt.toISOString(),
    exportId: isThere ? row.id : null,
    lists: card.reconciliations.map(({ only_left: onlyLeft, only_right: onlyRight, unmatched: first, ...rest }) => ({ ...rest, onlyLeft, onlyRight, first })),
  };
}
