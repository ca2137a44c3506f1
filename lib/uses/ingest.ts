import "server-only";
import * as z from "zod";
import { db } from "@/lib/db/client";
import { inTransaction, type Transaction } from "@/lib/db/transaction";
import { newId } from "@/lib/platform/ids";
import { noteEffects, noteRematched } from "./effects";
import { auditKey } from "./formats/audit-pairs";
import { readSessionsNamed, rememberMarkers, spanOf, withoutTwice } from "./matching";
import { secretNames, withheld } from "./names";
import { advanced, isLate, learnedFrom, matchUse, type Match, type Reported } from "./rules";
import type { LineProblem, LoggedUse, LogLine, SourceFormat } from "./types";

const linesPerBatch = 500;
/** Rejected lines that are kept one by one; all are counted. */
const rejectionsKept = 200;

/** What became of the lines of one reading. */
export type Tally = { linesRead: number; linesRejected: number; linesRepeated: number; usesKept: number; usesLate: number; oldest: Date | null; newest: Date | null };

/** A source as taking lines sees it, and how far it had reported before. */
export type OpenSource = Reported & {
  readonly id: string;
  readonly systemId: string;
  readonly format: SourceFormat;
  readonly lagSeconds: number;
  readonly clockOffsetMs: number;
};

/** A reading's beginning. */
export const emptyTally = (): Tally => ({ linesRead: 0, linesRejected: 0, linesRepeated: 0, usesKept: 0, usesLate: 0, oldest: null, newest: null });

type Taking = {
  readonly source: OpenSource;
  readonly lines: AsyncIterable<LogLine>;
  /** Where the lines stand, for whoever looks at a rejected one. */
  readonly place: string;
  readonly tally: Tally;
  /** Told in the transaction of each batch. */
  readonly within?: ((tx: Transaction, lastLine: number) => Promise<void>) | undefined;
};

/**
 * Takes the lines of a log, batch by batch: each batch is whole in one transaction, so that a crash loses none and repeats some,
 * and what is repeated changes nothing. Memory does not grow with the log. How far the source has reported is said by `settle`.
 */
export async function takeLines({ source, lines, place, tally, within }: Taking): Promise<void> {
  let batch: LogLine[] = [];
  const flush = async () => {
    const taken = batch;
    batch = [];
    if (taken.length > 0) await takeBatch(source, taken, { place, tally, within });
  };
  for await (const line of lines) {
    batch.push(line);
    if (batch.length >= linesPerBatch) await flush();
  }
  await flush();
}

type Told = {
  /** Up to then the sender says that it has reported everything, where it says so. */
  readonly completeUntil?: Date | null;
  /** What was before is not known. */
  readonly gapBefore?: Date | null;
};

/** After a reading that is whole: how far the source has reported now. */
export function settle(sourceId: string, tally: Pick<Tally, "oldest" | "newest">, told: Told = {}): Promise<Reported> {
  return inTransaction(async (tx, now) => {
    const rows = await tx.$queryRaw<Reported[]>`select covers_from as "coversFrom", watermark from sources where id = ${sourceId}::uuid for update`;
    const next = advanced(rows[0] ?? { coversFrom: null, watermark: null }, { ...tally, ...told }, now);
    await tx.source.update({ where: { id: sourceId }, data: { ...next, receivedAt: now, lastError: null, lastErrorAt: null } });
    return next;
  });
}

/** Says at a source why it could not be read. What was read before stays. */
export async function noteSourceError(sourceId: string, error: string): Promise<void> {
  const text = error.slice(0, 300);
  await db.$executeRaw`update sources set last_error = ${text}, last_error_at = clock_timestamp() where id = ${sourceId}::uuid and last_error is distinct from ${text}`;
}

type Batch = Pick<Taking, "place" | "tally" | "within">;

async function takeBatch(source: OpenSource, lines: readonly LogLine[], { place, tally, within }: Batch): Promise<void> {
  const given = lines.flatMap((line) => ("uses" in line ? line.uses : []));
  const { uses, about } = foldRepeats(given);
  const clean = await withoutSecrets(uses);
  const rejected = lines.flatMap((line) => ("rejected" in line ? [{ line: line.line, code: line.rejected }] : []));
  const done = await inTransaction(async (tx, now) => {
    const written = clean.length === 0 ? nothingWritten : await writeUses(tx, source, clean, now);
    await keepRejections(tx, source.id, { rejected, place, now });
    const repeated = given.length - about.filter((key) => written.touched.has(key)).length;
    await tx.source.update({
      where: { id: source.id },
      data: {
        linesRead: { increment: lines.length }, linesRejected: { increment: rejected.length }, linesRepeated: { increment: repeated }, usesKept: { increment: written.kept }, receivedAt: now,
      },
    });
    await within?.(tx, lines.at(-1)?.line ?? 0);
    return { ...written, repeated };
  });
  tally.linesRead += lines.length;
  tally.linesRejected += rejected.length;
  tally.linesRepeated += done.repeated;
  tally.usesKept += done.kept;
  tally.usesLate += done.late;
  const span = spanOf(lines.flatMap(({ at }) => (at === null ? [] : [{ at }])));
  if (span === null) return;
  const [oldest, newest] = [inOurClock(span.oldest, source), inOurClock(span.newest, source)];
  tally.oldest = tally.oldest === null || oldest < tally.oldest ? oldest : tally.oldest;
  tally.newest = tally.newest === null || newest > tally.newest ? newest : tally.newest;
}

/** How far a source has reported is said by our clock, as the times of sessions are. */
const inOurClock = (at: Date, { clockOffsetMs }: Pick<OpenSource, "clockOffsetMs">) => new Date(at.getTime() - clockOffsetMs);

/** Lines about the same use in one batch: its end, its answer, how its statement failed, or simply the same again. `about`: the use of each line that adds something. */
function foldRepeats(given: readonly LoggedUse[]): { uses: LoggedUse[]; about: string[] } {
  const byKey = new Map<string, LoggedUse>();
  const about: string[] = [];
  for (const use of given) {
    const ended = use.endsKey === null ? undefined : (byKey.get(use.endsKey) ?? byKey.get(auditKey(use.endsKey)));
    const isEnd = ended !== undefined && ended.statementHash === use.statementHash;
    const known = isEnd ? ended : byKey.get(use.key);
    if (known === undefined) {
      byKey.set(use.key, use);
      about.push(use.key);
      continue;
    }
    const next = { ...known, endedAt: known.endedAt ?? use.endedAt, outcome: known.outcome === "allowed" ? use.outcome : known.outcome };
    if (next.endedAt?.getTime() !== known.endedAt?.getTime() || next.outcome !== known.outcome) about.push(known.key);
    byKey.set(known.key, next);
  }
  return { uses: [...byKey.values()], about };
}

/** Names that look like a secret are withheld before anything is written. What names a credential is compared, and kept only as what it is. */
async function withoutSecrets(uses: readonly LoggedUse[]): Promise<LoggedUse[]> {
  const secret = await secretNames(uses.flatMap(({ principal, action, objects, markers }) => [principal, action, ...objects, ...markers.filter(isFreeText)].filter((name) => name !== null)));
  if (secret.size === 0) return [...uses];
  const kept = (name: string) => (secret.has(name) ? withheld : name);
  return uses.map((use) => ({
    ...use,
    principal: use.principal === null ? null : kept(use.principal),
    action: use.action === null ? null : kept(use.action),
    objects: [...new Set(use.objects.map(kept))],
    // A withheld one is still compared with what Curfew issued, and not kept.
    markers: use.markers,
  }));
}

/** What a client may set to whatever it likes. */
const isFreeText = (marker: string) => /^(?:login|account|application|ssh-certificate|aws-session-name|aws-source-identity|openbao-(?:session|request)):/.test(marker);

type Written = { readonly kept: number; readonly late: number; /** Keys of uses that are new or say more than before. */ readonly touched: ReadonlySet<string> };
const nothingWritten: Written = { kept: 0, late: 0, touched: new Set() };
const doneRow = z.object({ key: z.string(), isNew: z.boolean() });

async function writeUses(tx: Transaction, source: OpenSource, given: readonly LoggedUse[], now: Date): Promise<Written> {
  const { uses, replaced } = await withoutTwice(tx, source.id, given);
  const span = spanOf(uses);
  if (span === null) return nothingWritten;
  const sessions = await readSessionsNamed(tx, { systemId: source.systemId, markers: uses.flatMap(({ markers, issues }) => [...markers, ...issues]), ...span });
  const learning = new Map<string, Set<string>>();
  for (const use of uses) {
    const learned = learnedFrom(use, sessions);
    if (learned) learning.set(learned.grantId, new Set([...(learning.get(learned.grantId) ?? []), ...learned.markers]));
  }
  const informed = sessions.map((session) => ({ ...session, markers: [...session.markers, ...(learning.get(session.grantId) ?? [])] }));
  const judged = uses.map((use) => ({ use, match: matchUse(use, informed, source.clockOffsetMs), isLate: isLate(inOurClock(use.at, source), source, source.lagSeconds) }));
  const rows = await withoutUnknownNames(tx, source.systemId, judged);
  const ended = await endEarlier(tx, source.id, uses);
  const fresh = await insertUses(tx, source, rows.filter(({ use }) => !ended.has(use.key)), { issued: new Set(sessions.flatMap(({ handles }) => handles)), now });
  for (const [grantId, markers] of learning) await noteRematched(tx, await rememberMarkers(tx, { grantId, systemId: source.systemId, markers: [...markers], now }), now);
  const isNew = new Set(fresh.filter((row) => row.isNew).map(({ key }) => key));
  const added = rows.filter(({ use }) => isNew.has(use.key));
  await noteEffects(tx, { source, uses: added, sessions: informed, now });
  const changed = [...ended].flatMap(([key, isChange]) => (isChange ? [key] : []));
  return { kept: isNew.size, touched: new Set([...replaced, ...fresh.map(({ key }) => key), ...changed]), late: added.filter((row) => row.isLate).length };
}

const endRow = z.object({ key: z.string(), isChange: z.boolean() });

/** How statements of earlier batches ended: lines that belong to one of those, and whether that was news. */
async function endEarlier(tx: Transaction, sourceId: string, uses: readonly LoggedUse[]): Promise<ReadonlyMap<string, boolean>> {
  const ends = uses.flatMap(({ key, endsKey, statementHash, outcome }) => (endsKey === null ? [] : [{ key, earlier: endsKey, hash: statementHash, outcome }]));
  if (ends.length === 0) return new Map();
  const rows = await tx.$queryRaw<unknown[]>`
    with hit as (
      select u.id, v.key, v.outcome, u.outcome is distinct from v.outcome as "isChange"
      from jsonb_to_recordset(${JSON.stringify(ends)}::jsonb) as v(key text, earlier text, hash text, outcome text) cross join lateral (
        select u.id, u.outcome from uses u where u.source_id = ${sourceId}::uuid and u.key = any(array[v.earlier, v.earlier || ':audit']) and u.statement_hash = v.hash limit 1 for update) u),
    told as (update uses u set outcome = hit.outcome from hit where u.id = hit.id and hit."isChange")
    select key, "isChange" from hit`;
  return new Map(rows.map((row) => endRow.parse(row)).map(({ key, isChange }) => [key, isChange]));
}

/** Names that nobody has may be anything that was typed there, a password too: of a refused sign-in they are not kept. */
async function withoutUnknownNames(tx: Transaction, systemId: string, rows: readonly Row[]): Promise<Row[]> {
  const isDoubtful = ({ use, match }: Row) => use.kind === "connection" && use.outcome === "refused" && match === null;
  const names = rows.filter(isDoubtful).flatMap(({ use }) => use.principal ?? []);
  if (names.length === 0) return [...rows];
  const credentials = await tx.credential.findMany({ where: { systemId, handle: { in: [...new Set(names)] } }, select: { handle: true } });
  const known = new Set(credentials.map(({ handle }) => handle));
  return rows.map((row) => (isDoubtful(row) && !known.has(row.use.principal ?? "") ? { ...row, use: { ...row.use, principal: null, markers: row.use.markers.filter((marker) => !isFreeText(marker)) } } : row));
}

type Row = { readonly use: LoggedUse; readonly match: Match | null; readonly isLate: boolean };

/** The name that Curfew issued a session under is none of the client's: it is kept, however random it looks. */
const issuedLogin = (use: LoggedUse, issued: ReadonlySet<string>) => use.markers.flatMap((marker) => (marker.startsWith("login:") && issued.has(marker.slice(6)) ? [marker.slice(6)] : []))[0];

async function insertUses(tx: Transaction, source: OpenSource, rows: readonly Row[], { issued, now }: { issued: ReadonlySet<string>; now: Date }): Promise<z.infer<typeof doneRow>[]> {
  if (rows.length === 0) return [];
  const secret = await secretNames(rows.flatMap(({ use }) => use.markers.filter(isFreeText)));
  const given = rows.map(({ use, match, isLate: late }) => ({
    id: newId(), grant: match?.grantId ?? null, kind: use.kind, key: use.key, at: use.at, ended: use.endedAt, match: match?.match ?? null, rule: match?.rule ?? null,
    address: use.clientAddress, principal: issuedLogin(use, issued) ?? use.principal, action: use.action, objects: use.objects, by: use.objectsBy, outcome: use.outcome, hash: use.statementHash,
    markers: use.markers.filter((marker) => !secret.has(marker) || issued.has(marker.slice(marker.indexOf(":") + 1))), late,
  }));
  const done = await tx.$queryRaw<unknown[]>`
    insert into uses (id, system_id, source_id, grant_id, kind, key, started_at, last_seen_at, ended_at, source, match, rule, client_address, principal, action, objects, objects_by,
      outcome, statement_hash, markers, received_at, is_late)
    select v.id, ${source.systemId}::uuid, ${source.id}::uuid, v."grant", v.kind, v.key, v.at, coalesce(v.ended, v.at), v.ended, ${source.format}, v.match, v.rule, v.address, v.principal,
      v.action, array(select jsonb_array_elements_text(v.objects)), v."by", v.outcome, v.hash, array(select jsonb_array_elements_text(v.markers)), ${now}::timestamptz, v.late
    from jsonb_to_recordset(${JSON.stringify(given)}::jsonb) as v(id uuid, "grant" uuid, kind text, key text, at timestamptz, ended timestamptz, match text, rule text, address text,
      principal text, action text, objects jsonb, "by" text, outcome text, hash text, markers jsonb, late boolean)
    on conflict (source_id, key) do update set ended_at = coalesce(uses.ended_at, excluded.ended_at), last_seen_at = greatest(uses.last_seen_at, excluded.last_seen_at),
      outcome = case when uses.outcome = 'allowed' then excluded.outcome else uses.outcome end
    where (uses.ended_at is null and excluded.ended_at is not null) or (uses.outcome = 'allowed' and excluded.outcome <> 'allowed')
    returning key, (xmax = 0) as "isNew"`;
  return done.map((row) => doneRow.parse(row));
}

type Rejecting = { readonly rejected: readonly { readonly line: number; readonly code: LineProblem }[]; readonly place: string; readonly now: Date };

async function keepRejections(tx: Transaction, sourceId: string, { rejected, place, now }: Rejecting): Promise<void> {
  if (rejected.length === 0) return;
  const { linesRejected } = await tx.source.findUniqueOrThrow({ where: { id: sourceId }, select: { linesRejected: true } });
  const newest = rejected.slice(-rejectionsKept);
  const first = linesRejected + BigInt(rejected.length - newest.length);
  await tx.sourceRejection.createMany({ data: newest.map(({ line, code }, index) => ({ sourceId, seq: first + BigInt(index + 1), place, line, code, at: now })), skipDuplicates: true });
  await tx.sourceRejection.deleteMany({ where: { sourceId, seq: { lte: linesRejected + BigInt(rejected.length - rejectionsKept) } } });
}
