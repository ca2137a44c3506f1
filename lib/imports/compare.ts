import "server-only";
import { db } from "@/lib/db/client";
import { Prisma } from "@/lib/db/generated/client";
import { databaseClock, type Transaction } from "@/lib/db/transaction";
import { AppError } from "@/lib/platform/errors";
import { familyOf, limits } from "./rules";
import { parseFormat } from "./data";
import { failImport } from "./intake";
import type { Change, ChangeCounts, ChangeKind } from "./types";

const worker = { kind: "system", process: "worker" } as const;
/** A million lines take a minute; a transaction that runs this long hangs. */
export const longestRunMs = 60 * 60_000;
const blockSize = 10_000;
/** Below this, looking each row up by its index is faster than reading whole tables. */
const fewRows = 2_000;
const mostContradictions = 10_000;

/** What a comparison knows of its import. */
type Import = { readonly id: string; readonly systemId: string; readonly family: string; readonly isComplete: boolean; readonly asOf: Date; readonly rowsStaged: number };

/**
 * Finds what a file would change: what appeared, came back, changed and vanished, and where another file of the same system says
 * otherwise. In one transaction, by sets; run again after a crash it comes to the same.
 */
export async function compareImport(importId: string): Promise<void> {
  await db.$transaction(
    async (tx) => {
      const row = await tx.import.findUnique({ where: { id: importId } });
      if (row?.state !== "comparing") return;
      const about: Import = { id: row.id, systemId: row.systemId, family: familyOf(parseFormat(row.format)), isComplete: row.isComplete, asOf: row.asOf, rowsStaged: row.rowsStaged };
      await takeSystem(tx, about.systemId, Infinity);
      const staged = await tx.importRow.count({ where: { importId } });
      if (staged < about.rowsStaged) {
        const now = await databaseClock.now(tx);
        await failImport(tx, { id: importId, systemId: about.systemId, from: "comparing", failure: "not-complete", detail: {}, actor: worker, now });
        return;
      }
      await prepare(tx, about);
      await findChanges(tx, about);
      await finish(tx, about);
    },
    { timeout: longestRunMs, maxWait: 60_000 },
  );
}

/** Comparisons and applications of one system come one after the other. Held until the transaction ends. */
export async function takeSystem(tx: Transaction, systemId: string, rows: number): Promise<void> {
  await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`curfew:import:${systemId}`}::text, 0))`;
  // Set for this transaction only: sorts and joins of millions of rows.
  await tx.$executeRaw`set local work_mem = '96MB'`;
  await tx.$executeRaw`set local jit = off`;
  // Nobody has counted rows that were written a moment ago: the planner takes them for few and would join them one by one.
  if (rows > fewRows) await tx.$executeRaw`set local enable_nestloop = off`;
}

/** Resolves groups, then keeps one row for each thing: the first that describes it. What says otherwise later is rejected. */
async function prepare(tx: Transaction, { id }: Import): Promise<void> {
  await tx.$executeRaw`delete from import_changes where import_id = ${id}::uuid`;
  await tx.$executeRaw`delete from import_contradictions where import_id = ${id}::uuid`;
  await tx.$executeRaw`
    insert into import_rows (import_id, seq, line, kind, key, ref, ref2, rank, facts)
    select ${id}::uuid, top.seq + row_number() over (), m.line, 'assignment', m.ref || chr(31) || g.ref2, m.ref, g.ref2, 1,
      jsonb_build_object('path', jsonb_build_array(g.facts->>'name'))
    from import_rows m join import_rows g on g.import_id = m.import_id and g.kind = 'group-holds' and g.ref = m.ref2,
      (select coalesce(max(seq), 0) as seq from import_rows where import_id = ${id}::uuid) top
    where m.import_id = ${id}::uuid and m.kind = 'member'
    limit ${limits.lines}::int`;
  await tx.$executeRaw`delete from import_rows where import_id = ${id}::uuid and kind in ('member', 'group-holds')`;
  await tx.$executeRaw`
    with ranked as (
      select seq, line, kind, rank, facts, ref, ref2, row_number() over w as n, first_value(seq) over w as first
      from import_rows where import_id = ${id}::uuid and kind in ('identity', 'credential', 'entitlement', 'assignment')
      window w as (partition by kind, key order by rank, seq)
    ), repeated as (
      delete from import_rows r using ranked x where r.import_id = ${id}::uuid and r.seq = x.seq and x.n > 1 returning x.*
    ), doubled as (
      select distinct on (r.line) r.line, r.kind, left(coalesce(c.facts->>'name', c.facts->>'handle', c.ref2), 80) as about
      from repeated r join ranked c on c.seq = r.first
      where c.rank = 0 and r.rank = 0 and (r.facts <> c.facts or r.ref <> c.ref) order by r.line
    ), kept as (
      insert into import_rejections (import_id, seq, line, code, field, about)
      select ${id}::uuid, top.seq + row_number() over (order by d.line), d.line, 'duplicate', d.kind, d.about
      from doubled d, (select coalesce(max(seq), 0) as seq from import_rejections where import_id = ${id}::uuid) top
      order by d.line limit ${limits.rejectionsKept}::int
    )
    update imports set lines_rejected = lines_rejected + (select count(*) from doubled) where id = ${id}::uuid`;
}

/** The latest of several times as a fact; nothing where none says one. Times of use only ever grow, whichever file tells them. */
const latestUse = (...facts: readonly string[]) =>
  Prisma.raw(`jsonb_strip_nulls(jsonb_build_object('lastUsedAt', greatest(${facts.map((from) => `${from}->>'lastUsedAt'`).join(", ")})))`);

/**
 * Everything about which this file says something new, with what it and other files said before. `own`: the same kind of file.
 * `theirs`: the others, merged, the latest last. A complete file vouches for what it left unchanged, too.
 */
function comparison({ id, systemId, family, isComplete, asOf }: Import): Prisma.Sql {
  return Prisma.sql`
    chosen as (
      select kind, key, ref, ref2, facts, line from import_rows
      where import_id = ${id}::uuid and kind in ('identity', 'credential', 'entitlement', 'assignment')
    ), own as (
      select * from imported_facts where system_id = ${systemId}::uuid and family = ${family}::text
    ), vouched as (
      select case when format in ('curfew-csv', 'curfew-json') then 'curfew' else format end as family, max(as_of) as as_of
      from imports where system_id = ${systemId}::uuid and is_complete and state in ('applied', 'unchanged') group by 1
    ), theirs as materialized (
      select f.kind, f.key, max(greatest(f.as_of, v.as_of)) as as_of,
        (array_agg(f.gone_at is null order by f.as_of desc))[1] as present, (array_agg(f.family order by f.as_of desc))[1] as family,
        coalesce(jsonb_object_agg(e.key, e.value order by f.as_of) filter (where e.key is not null), '{}') as facts
      from imported_facts f left join vouched v on v.family = f.family and f.gone_at is null left join lateral jsonb_each(f.facts) e on true
      where f.system_id = ${systemId}::uuid and f.family <> ${family}::text
      group by f.kind, f.key
    ), compared as materialized (
      select coalesce(c.kind, o.kind) as kind, coalesce(c.key, o.key) as key, coalesce(c.ref, o.ref) as ref, coalesce(c.ref2, o.ref2) as ref2, c.line,
        c.key is not null as listed, o.key is not null as had_own, t.key is not null as has_theirs, t.as_of > ${asOf}::timestamptz as theirs_later, t.present as theirs_present,
        case when t.as_of > coalesce(o.as_of, '-infinity') then t.present else o.gone_at is null end and (o.key is not null or t.key is not null) as was_there,
        case when t.as_of > ${asOf}::timestamptz then t.present else c.key is not null end as is_there,
        (case when t.as_of > coalesce(o.as_of, '-infinity') then coalesce(o.facts, '{}') || t.facts else coalesce(t.facts, '{}') || coalesce(o.facts, '{}') end)
          || ${latestUse("o.facts", "t.facts")} as before,
        (case when t.as_of > ${asOf}::timestamptz then m.mine || t.facts else coalesce(t.facts, '{}') || m.mine end) || ${latestUse("o.facts", "c.facts", "t.facts")} as after,
        c.facts as said, t.facts as otherwise, t.family as their_family, t.as_of as their_as_of
      from chosen c full join own o on o.kind = c.kind and o.key = c.key
        left join theirs t on t.kind = coalesce(c.kind, o.kind) and t.key = coalesce(c.key, o.key),
        lateral (select case when o.as_of > ${asOf}::timestamptz then coalesce(c.facts, '{}') || o.facts else coalesce(o.facts, '{}') || coalesce(c.facts, '{}') end as mine) m
      where (c.key is not null and (o.key is null or (o.gone_at is not null and o.as_of <= ${asOf}::timestamptz)
          or (o.facts || c.facts) - 'visibleSince' <> o.facts - 'visibleSince' or o.ref <> c.ref
          or (t.as_of > o.as_of and t.as_of <= ${asOf}::timestamptz and (not t.present or (t.facts || c.facts) - 'visibleSince' <> t.facts - 'visibleSince'))))
        or (c.key is null and ${isComplete}::boolean and o.gone_at is null and o.as_of <= ${asOf}::timestamptz)
    )`;
}

/** Writes the differences, numbered, and where two files say different things. Times of use are no contradiction: the later one counts. */
async function findChanges(tx: Transaction, about: Import): Promise<void> {
  const id = about.id;
  await tx.$executeRaw`
    with ${comparison(about)}, contradictions as (
      select kind, key, field.name as field, said->field.name as here, otherwise->field.name as there, their_family, their_as_of, not theirs_later as wins
      from compared x, lateral jsonb_object_keys(said) field(name)
      where has_theirs and listed and otherwise ? field.name and otherwise->field.name <> said->field.name and field.name not in ('lastUsedAt', 'visibleSince')
      union all
      select kind, key, 'presence', to_jsonb(listed), to_jsonb(not listed), their_family, their_as_of, not theirs_later
      from compared where has_theirs and theirs_present <> listed
    ), told as (
      insert into import_contradictions (import_id, seq, kind, key, field, here, there, family, as_of, wins)
      select ${id}::uuid, row_number() over (order by kind, key, field), kind, key, field, here, there, their_family, their_as_of, wins
      from contradictions order by kind, key, field limit ${mostContradictions}::int
    )
    insert into import_changes (import_id, seq, kind, change, key, ref, ref2, before, after, line)
    select ${id}::uuid, row_number() over (order by array_position(array['identity', 'credential', 'entitlement', 'assignment'], kind), change, line, key),
      kind, change, key, ref, ref2, case when change = 'appeared' then null else before end, case when change = 'vanished' then null else after end, line
    from (select *, case
        when is_there and not was_there then case when had_own or has_theirs then 'returned' else 'appeared' end
        when was_there and not is_there then 'vanished'
        when was_there and is_there and before - 'visibleSince' <> after - 'visibleSince' then 'changed'
        else 'outvoted' end as change from compared) x`;
}

/** Counts what was found, seals it with a digest, and says what comes next. */
async function finish(tx: Transaction, { id, systemId, family }: Import): Promise<void> {
  const counted = await tx.$queryRaw<{ kind: ChangeKind; change: Change; count: number }[]>`
    select kind, change, count(*)::int as count from import_changes where import_id = ${id}::uuid group by kind, change`;
  const [rest] = await tx.$queryRaw<{ contradictions: number; days: number; sources: number; known: number; compared_with: number; digest: string | null }[]>`
    select (select count(*)::int from import_contradictions where import_id = ${id}::uuid) as contradictions,
      (select count(*)::int from import_rows r where r.import_id = ${id}::uuid and r.kind = 'use-day' and not exists (
        select from use_days u join identities i on i.id = u.identity_id where i.system_id = ${systemId}::uuid and i.external_key = r.ref and u.day = r.ref2::date)) as days,
      (select count(*)::int from import_rows r where r.import_id = ${id}::uuid and r.kind = 'use-source' and not exists (
        select from use_sources u join identities i on i.id = u.identity_id
        where i.system_id = ${systemId}::uuid and i.external_key = r.ref and u.kind || ':' || u.value = r.ref2 and u.last_seen_at >= (r.facts->>'last')::timestamptz)) as sources,
      (select count(*)::int from imported_facts where system_id = ${systemId}::uuid and family = ${family}::text and kind = 'identity' and gone_at is null) as known,
      (select count(*)::int from imports where system_id = ${systemId}::uuid and state = 'applied') as compared_with,
      ${digestOf(id)} as digest`;
  if (!rest) throw new AppError("integrity", "counting the differences of an import gave no row");
  const changes: Partial<Record<ChangeKind, Partial<Record<Change, number>>>> = {};
  for (const { kind, change, count } of counted) changes[kind] = { ...changes[kind], [change]: count };
  const counts: ChangeCounts = { changes, contradictions: rest.contradictions, useDays: rest.days, useSources: rest.sources, known: rest.known };
  const isSame = counted.length === 0 && rest.days === 0 && rest.sources === 0;
  const now = await databaseClock.now(tx);
  const rowsStaged = await tx.importRow.count({ where: { importId: id } });
  const done = { rowsStaged, counts: JSON.parse(JSON.stringify(counts)) as Prisma.InputJsonObject, digest: rest.digest, comparedWith: rest.compared_with, comparedAt: now, progressAt: now };
  await tx.import.updateMany({ where: { id, state: "comparing" }, data: { ...done, state: isSame ? "unchanged" : "ready", ...(isSame ? { closedAt: now } : {}) } });
  if (!isSame) return;
  await tx.$executeRaw`delete from import_rows where import_id = ${id}::uuid`;
  await tx.system.update({ where: { id: systemId }, data: { discoveredAt: now } });
}

/** SHA-256 over the hashes of blocks of differences, in their order. */
function digestOf(id: string): Prisma.Sql {
  return Prisma.sql`(select encode(sha256(coalesce(string_agg(b.hash, ''::bytea order by b.block), ''::bytea)), 'hex') from (
    select seq / ${blockSize}::int as block, sha256(string_agg(convert_to(
        concat_ws(chr(30), kind, change, key, ref, ref2, coalesce(before::text, ''), coalesce(after::text, '')), 'UTF8'), '\\x1d'::bytea order by seq)) as hash
    from import_changes where import_id = ${id}::uuid group by 1) b)`;
}
