import "server-only";
import * as z from "zod";
import { db } from "@/lib/db/client";
import type { Prisma } from "@/lib/db/generated/client";
import { behind, readKeysetPage } from "@/lib/db/keyset";
import { AppError } from "@/lib/platform/errors";
import type { Page } from "@/lib/platform/page";
import type { Mapping } from "./rules";
import { mappingSchema, type ImportListQuery, type ImportPageQuery } from "./schema";
import {
  type ChangeCounts, type ChangeKind, changeKinds, changes, type ChangeView, type ContradictionView, type Fact, type FieldChange, fileFailures,
  type ImportFormat, importFormats, type ImportProgress, type ImportRow, importStates, type ImportTokenView, type ImportView, rejectionCodes, type RejectionView,
} from "./types";

const pageSize = 50;
const changesPerPage = 50;
const rejectionsShown = 200;
const mostTokens = 50;

/** Parses the format of an import; an unknown one is a fault. */
export function parseFormat(text: string): ImportFormat {
  const known = importFormats.find((format) => format === text);
  if (!known) throw new AppError("integrity", `unknown format of import ${text}`);
  return known;
}

/** Parses the mapping of an import; null where it has none. */
export function parseMapping(json: Prisma.JsonValue): Mapping | null {
  return json === null ? null : mappingSchema.parse(json);
}

const countsSchema = z.object({
  changes: z.partialRecord(z.enum(changeKinds), z.partialRecord(z.enum(changes), z.number())),
  contradictions: z.number(),
  useDays: z.number(),
  useSources: z.number(),
  known: z.number(),
});
const noCounts: ChangeCounts = { changes: {}, contradictions: 0, useDays: 0, useSources: 0, known: 0 };

/** Parses the counts of an import's differences. */
export function parseCounts(json: Prisma.JsonValue): ChangeCounts {
  return json === null ? noCounts : (countsSchema.parse(json) as ChangeCounts);
}

const stateOf = (text: string) => z.enum(importStates).parse(text);

const progressSelect = {
  id: true, state: true, linesRead: true, linesRejected: true, linesPassed: true, bytesReceived: true, createdAt: true, progressAt: true,
} as const satisfies Prisma.ImportSelect;

const rowSelect = {
  ...progressSelect,
  fileName: true, format: true, counts: true,
  system: { select: { id: true, name: true } },
  person: { select: { name: true } },
  token: { select: { name: true } },
} as const satisfies Prisma.ImportSelect;

type Progressing = Prisma.ImportGetPayload<{ select: typeof progressSelect }>;
type Selected = Prisma.ImportGetPayload<{ select: typeof rowSelect }>;

function progressOf(row: Progressing): ImportProgress {
  return {
    id: row.id,
    state: stateOf(row.state),
    linesRead: row.linesRead,
    linesRejected: row.linesRejected,
    linesPassed: row.linesPassed,
    bytesReceived: Number(row.bytesReceived),
    createdAt: row.createdAt.toISOString(),
    progressAt: row.progressAt.toISOString(),
  };
}

function totalOf(counts: ChangeCounts): number {
  return Object.values(counts.changes).reduce((sum, byChange) => sum + Object.values(byChange).reduce((part, count) => part + count, 0), 0);
}

function rowOf(row: Selected): ImportRow {
  return {
    ...progressOf(row),
    fileName: row.fileName,
    format: parseFormat(row.format),
    system: row.system,
    by: row.person?.name ?? row.token?.name ?? "a machine",
    changes: row.counts === null ? null : totalOf(parseCounts(row.counts)),
  };
}

/** One page of imports, the newest first. */
export async function listImports(query: ImportListQuery): Promise<Page<ImportRow>> {
  const page = await readKeysetPage<Selected>({
    sort: query.sort,
    after: query.after,
    before: query.before,
    size: pageSize,
    placeOf: (row) => ({ value: row.createdAt.toISOString(), id: row.id }),
    read: ({ from, order, take }) => {
      const at = from ? new Date(String(from.value)) : null;
      // Attacker-controlled: a cursor may hold a text that is no date.
      const bounds = from && at && !Number.isNaN(at.getTime()) ? behind(order, at, from.id) : null;
      const where: Prisma.ImportWhereInput = bounds ? { AND: [{ createdAt: bounds.edge }, { OR: [{ createdAt: bounds.beyond }, { id: bounds.id }] }] } : {};
      return db.import.findMany({ where, select: rowSelect, orderBy: [{ createdAt: order }, { id: order }], take });
    },
  });
  return { rows: page.rows.map(rowOf), next: page.next, previous: page.previous, total: null };
}

/** How far an import is; null when there is none. */
export async function readProgress(id: string): Promise<ImportProgress | null> {
  const row = await db.import.findUnique({ where: { id }, select: progressSelect });
  return row ? progressOf(row) : null;
}

/** One import with its rejected lines; null when there is none. */
export async function readImport(id: string): Promise<ImportView | null> {
  const row = await db.import.findUnique({
    where: { id },
    select: {
      ...rowSelect,
      isComplete: true, asOf: true, failure: true, failureDetail: true, sha256: true, bytesRead: true, textsWithheld: true, digest: true,
      receivedAt: true, comparedAt: true, closedAt: true,
      confirmedBy: { select: { name: true } },
      rejections: { orderBy: [{ line: "asc" }, { seq: "asc" }], take: rejectionsShown, select: { line: true, code: true, field: true, about: true } },
    },
  });
  if (!row) return null;
  return {
    ...rowOf(row),
    isComplete: row.isComplete,
    asOf: row.asOf.toISOString(),
    failure: row.failure === null ? null : z.enum(fileFailures).catch("went-wrong").parse(row.failure),
    failureDetail: z.record(z.string(), z.union([z.string(), z.number()])).catch({}).parse(row.failureDetail),
    sha256: row.sha256,
    bytesRead: Number(row.bytesRead),
    textsWithheld: row.textsWithheld,
    counts: row.counts === null ? null : parseCounts(row.counts),
    digest: row.digest,
    confirmedBy: row.confirmedBy?.name ?? null,
    receivedAt: row.receivedAt?.toISOString() ?? null,
    comparedAt: row.comparedAt?.toISOString() ?? null,
    closedAt: row.closedAt?.toISOString() ?? null,
    rejections: row.rejections.map(rejectionOf),
  };
}

function rejectionOf(row: { line: number; code: string; field: string | null; about: string | null }): RejectionView {
  return { ...row, code: z.enum(rejectionCodes).catch("not-readable").parse(row.code) };
}

/** Rejected lines that were kept, in pieces, for a report that leaves. */
export async function* eachRejection(id: string): AsyncGenerator<RejectionView[]> {
  for (let after = 0; ; ) {
    const rows = await db.importRejection.findMany({ where: { importId: id, seq: { gt: after } }, orderBy: { seq: "asc" }, take: 500 });
    if (rows.length === 0) return;
    yield rows.map(rejectionOf);
    after = rows.at(-1)?.seq ?? after;
  }
}

/** A page of something numbered, with the numbers to go on from. */
export type Numbered<Row> = { readonly rows: readonly Row[]; readonly next: number | null; readonly previous: number | null };

async function numberedPage<Row extends { readonly seq: number }>(
  { after, before }: { readonly after: number | null; readonly before: number | null },
  read: (where: { gt: number } | { lt: number }, order: "asc" | "desc", take: number) => Promise<Row[]>,
): Promise<Numbered<Row>> {
  const isBack = before !== null;
  const found = isBack ? await read({ lt: before }, "desc", changesPerPage + 1) : await read({ gt: after ?? 0 }, "asc", changesPerPage + 1);
  const isMore = found.length > changesPerPage;
  const rows = found.slice(0, changesPerPage);
  if (isBack) rows.reverse();
  const first = rows[0]?.seq ?? null;
  const last = rows.at(-1)?.seq ?? null;
  return { rows, next: isBack || isMore ? last : null, previous: (isBack ? isMore : (after ?? 0) > 0) ? first : null };
}

const factsSchema = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())])).catch({});

function fieldsOf(before: Readonly<Record<string, Fact>>, after: Readonly<Record<string, Fact>>): FieldChange[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names.filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field])).map((field) => ({ field, before: before[field], after: after[field] }));
}

type ChangeRow = Prisma.ImportChangeGetPayload<object>;

function changeOf(row: ChangeRow, names: ReadonlyMap<string, string>): ChangeView {
  const before = factsSchema.parse(row.before ?? {});
  const after = factsSchema.parse(row.after ?? {});
  const said = row.after === null ? before : after;
  const kind = z.enum(changeKinds).parse(row.kind);
  const isOf = kind === "credential" || kind === "assignment";
  return {
    seq: row.seq,
    kind,
    change: z.enum(changes).parse(row.change),
    name: kind === "assignment" || kind === "entitlement" ? row.ref2 : String(said["name"] ?? said["handle"] ?? row.key),
    of: isOf ? (names.get(row.ref) ?? row.ref) : null,
    line: row.line,
    fields: row.change === "vanished" ? [] : fieldsOf(before, after),
  };
}

/** What identities are called, by the file itself or by what is known. */
async function namesOfIdentities(importId: string, systemId: string, keys: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (keys.length === 0) return new Map();
  const rows = await db.$queryRaw<{ key: string; name: string }[]>`
    select external_key as key, name from identities where system_id = ${systemId}::uuid and external_key = any(${[...keys]}::text[])
    union all select key, facts->>'name' from import_rows
      where import_id = ${importId}::uuid and kind = 'identity' and key = any(${[...keys]}::text[]) and facts->>'name' is not null
        and (select count(*) from imports where id = ${importId}::uuid and rows_staged < 20000) > 0`;
  return new Map(rows.map(({ key, name }) => [key, name]));
}

/** A page of the differences of an import. */
export async function listChanges(about: { readonly id: string; readonly system: { readonly id: string } }, query: ImportPageQuery & { readonly kind: ChangeKind | null }): Promise<Numbered<ChangeView>> {
  const change = changes.find((known) => known === query.change) ?? null;
  const page = await numberedPage(query, (seq, order, take) =>
    db.importChange.findMany({ where: { importId: about.id, seq, ...(change ? { change } : {}), ...(query.kind ? { kind: query.kind } : {}) }, orderBy: { seq: order }, take }),
  );
  const keys = [...new Set(page.rows.filter(({ kind }) => kind === "credential" || kind === "assignment").map(({ ref }) => ref))];
  const names = await namesOfIdentities(about.id, about.system.id, keys);
  return { ...page, rows: page.rows.map((row) => changeOf(row, names)) };
}

/** A page of what other files say differently. */
export async function listContradictions(importId: string, query: ImportPageQuery): Promise<Numbered<ContradictionView>> {
  const page = await numberedPage(query, (seq, order, take) => db.importContradiction.findMany({ where: { importId, seq }, orderBy: { seq: order }, take }));
  const factOf = (json: Prisma.JsonValue) => z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())]).catch(null).parse(json);
  const rows = page.rows.map((row): ContradictionView => ({
    seq: row.seq,
    kind: z.enum(changeKinds).parse(row.kind),
    name: row.key.replaceAll("\u001f", " → "),
    field: row.field,
    here: factOf(row.here),
    there: factOf(row.there),
    family: importFormats.find((format) => format === row.family) ?? "curfew",
    asOf: row.asOf.toISOString(),
    wins: row.wins,
  }));
  return { ...page, rows };
}

/** Systems that are known from files, for the upload's choice. */
export async function listFileSystems(): Promise<{ id: string; name: string; environment: string }[]> {
  return db.system.findMany({ where: { connector: "files@1" }, select: { id: true, name: true, environment: true }, orderBy: { name: "asc" }, take: 200 });
}

/** Tokens of a system by which machines send files, those in force. */
export async function listTokens(systemId: string): Promise<ImportTokenView[]> {
  const rows = await db.importToken.findMany({
    where: { systemId, withdrawnAt: null, expiresAt: { gt: new Date() } },
    select: { id: true, name: true, createdAt: true, expiresAt: true, lastUsedAt: true, createdBy: { select: { name: true } } },
    orderBy: { createdAt: "desc" },
    take: mostTokens,
  });
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    createdBy: row.createdBy.name,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
  }));
}

/** What a machine is told of an import of its own system; null where it is another one's. */
export async function readForSender(id: string, systemId: string) {
  const found = await readImport(id);
  if (found?.system.id !== systemId) return null;
  const { state, linesRead, linesRejected, linesPassed, failure, failureDetail, counts, sha256, digest, rejections } = found;
  return { importId: id, state, linesRead, linesRejected, linesPassed, failure, failureDetail, counts, sha256, digest, rejections };
}
