import "server-only";
import { db } from "@/lib/db/client";
import { Prisma } from "@/lib/db/generated/client";
import { databaseClock, inLongTransaction, type Transaction } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import { logger } from "@/lib/platform/logger";
import { isHeld, isPersonHeld, ofPerson, readForgetting, type ForgettingRow } from "./data";
import { erasings, forgottenName, frozenNames, namings, removals } from "./texts";
import { takeTurn } from "./turn";

const worker = { kind: "system", process: "worker" } as const;
/** Rows that one transaction changes, and events that it looks at. */
const batch = 500;
const stretch = 20_000;

type Who = { readonly id: string; readonly name: string; readonly email: string | null };
/** What one batch did, and whether there is more of the same. `after`: how far the ledger was read. */
type Did = { readonly rows: number; readonly isMore: boolean; readonly after?: string };
type Step = { readonly name: string; readonly table: string | null; readonly run: (tx: Transaction, who: Who, after: bigint) => Promise<Did> };

const raw = Prisma.raw;
const column = (name: string) => raw(`"${name}"`);
const either = (conditions: readonly Prisma.Sql[]) => Prisma.join([...conditions], " or ");

/** The first rows of a table that still say it. By their place: some of these tables have no key of one column. */
const firstOf = (table: string, condition: Prisma.Sql) => Prisma.sql`ctid = any(array(select ctid from ${column(table)} where ${condition} limit ${batch}::int))`;
const didOf = (rows: number): Did => ({ rows, isMore: rows >= batch });

const erasing: readonly Step[] = erasings.map(({ table, of, set, only }) => ({
  name: `${table}:${Object.keys(set).join(",")}`,
  table,
  async run(tx, { id }) {
    const theirs = either(of.map((name) => Prisma.sql`${column(name)} = ${id}::uuid`));
    const says = either(Object.entries(set).map(([name, to]) => Prisma.sql`${column(name)} is distinct from ${raw(to)}`));
    const changes = Prisma.join(Object.entries(set).map(([name, to]) => Prisma.sql`${column(name)} = ${raw(to)}`));
    return didOf(await tx.$executeRaw(Prisma.sql`update ${column(table)} set ${changes} where ${firstOf(table, Prisma.sql`(${theirs}) and (${says}) and ${raw(only ?? "true")}`)}`));
  },
}));

const removing: readonly Step[] = removals.map(({ table, of }) => ({
  name: `${table}:row`,
  table,
  run: async (tx, { id }) => didOf(await tx.$executeRaw(Prisma.sql`delete from ${column(table)} where ${firstOf(table, Prisma.sql`${column(of)} = ${id}::uuid`)}`)),
}));

/** A name or address as a whole word, for a regular expression of PostgreSQL, in plain text or within JSON. */
function patternOf({ name, email }: Who): string {
  const spelled = [name, email ?? ""].filter((text) => text.trim() !== "").flatMap((text) => [text, JSON.stringify(text).slice(1, -1)]);
  const escaped = [...new Set(spelled)].map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return `(?<![[:alnum:]])(?:${escaped.join("|")})(?![[:alnum:]])`;
}

const naming: readonly Step[] = namings.flatMap(({ table, columns, only }) =>
  columns.map((name) => ({
    name: `${table}:${name}:named`,
    table,
    async run(tx: Transaction, who: Who) {
      const pattern = patternOf(who);
      const types = await tx.$queryRaw<{ type: string }[]>`
        select udt_name as type from information_schema.columns where table_schema = current_schema() and table_name = ${table} and column_name = ${name}`;
      const type = raw(types[0]?.type === "jsonb" ? "jsonb" : "text");
      const says = Prisma.sql`${column(name)}::text ~ ${pattern} and ${raw(only ?? "true")}`;
      return didOf(await tx.$executeRaw(Prisma.sql`
        update ${column(table)} set ${column(name)} = regexp_replace(${column(name)}::text, ${pattern}, ${forgottenName}, 'g')::${type} where ${firstOf(table, says)}`));
    },
  })),
);

const thawing: readonly Step[] = frozenNames.keys.map((key) => ({
  name: `${frozenNames.table}:${frozenNames.column}:${key}`,
  table: frozenNames.table,
  async run(tx, { id }) {
    const [facts, path] = [column(frozenNames.column), Prisma.sql`array[${key}, 'name']::text[]`];
    const says = Prisma.sql`${facts} #>> array[${key}, 'id']::text[] = ${id} and ${facts} #>> ${path} <> ${forgottenName}`;
    return didOf(await tx.$executeRaw(Prisma.sql`
      update ${column(frozenNames.table)} set ${facts} = jsonb_set(${facts}, ${path}, to_jsonb(${forgottenName}::text)) where ${firstOf(frozenNames.table, says)}`));
  },
}));

/** What stands beside events that they did or that are about them, and titles of findings that name them. Event by event, so that each is read once. */
const beside: Step = {
  name: "ledger",
  table: null,
  async run(tx, who, after) {
    const until = await tx.$queryRaw<{ until: bigint | null }[]>`select max(id) as until from (select id from ledger.event where id > ${after}::bigint order by id limit ${stretch}::int) e`;
    const upTo = until[0]?.until ?? null;
    if (upTo === null) return { rows: 0, isMore: false };
    const within = Prisma.sql`c.event_id > ${after}::bigint and c.event_id <= ${upTo}::bigint and (${ofPerson(who.id)}
      or (c.field = 'title' and c.value ~ ${patternOf(who)} and exists (select from ledger.event f where f.id = c.event_id and f.type = 'finding.opened')))`;
    const held = await tx.$queryRaw<{ held: boolean }[]>(Prisma.sql`select exists (select from ledger.clear_value c where ${within} and ${isHeld}) as held`);
    if (held[0]?.held !== false) throw new Held();
    return { rows: await tx.$executeRaw(Prisma.sql`delete from ledger.clear_value c where ${within}`), isMore: true, after: String(upTo) };
  },
};

/** A hold keeps something of it: thrown, so that the batch is rolled back. */
class Held extends Error {}

const steps: readonly Step[] = [...erasing, ...removing, ...naming, ...thawing, beside];

/** Where a forgetting begins. */
export const firstStep = steps[0]?.name ?? beside.name;

/** Who they are is erased where people are kept; what they did stays, by their id. */
async function eraseWho(tx: Transaction, personId: string, now: Date): Promise<void> {
  await tx.person.update({ where: { id: personId }, data: { name: forgottenName, email: null, subject: `forgotten:${personId}`, forgottenAt: now } });
  await tx.scimUser.updateMany({ where: { personId }, data: { userName: `forgotten-${personId}`, externalId: null, attributes: {} } });
}

const textsElsewhere = (elsewhere: ForgettingRow["elsewhere"]) => Object.values(elsewhere).reduce((sum, count) => sum + count, 0);

async function stop(tx: Transaction, row: ForgettingRow, now: Date): Promise<false> {
  await tx.forgetting.update({ where: { personId: row.personId }, data: { state: "stopped", changedAt: now } });
  await appendEvent(tx, { type: "retention.forgetting-stopped", at: now, actor: worker, subjects: { person: row.personId }, data: { personId: row.personId, values: row.values, elsewhere: textsElsewhere(row.elsewhere), why: "on-hold" } });
  return false;
}

/** What a hold about something else keeps of what they wrote or of what is about them: asked once, before anything is erased. */
async function isAnythingHeld(tx: Transaction, personId: string): Promise<boolean> {
  const rows = await tx.$queryRaw<{ held: boolean }[]>(Prisma.sql`
    select exists (select from legal_holds h join ledger.subject k on k.kind = h.subject_kind and k.id = h.subject_id join ledger.clear_value c on c.event_id = k.event_id
      where h.lifted_at is null and ${ofPerson(personId)}) as held`);
  return rows[0]?.held !== false;
}

/** One batch of one forgetting; answers whether there is more to do. Repeating one changes nothing. */
async function goOn(tx: Transaction, personId: string): Promise<boolean> {
  await takeTurn(tx);
  const now = await databaseClock.now(tx);
  const row = await readForgetting(tx, personId);
  if (row?.state !== "running") return false;
  const isFirst = row.step === firstStep && row.after === null;
  if ((await isPersonHeld(tx, personId)) || (isFirst && (await isAnythingHeld(tx, personId)))) return stop(tx, row, now);
  const who = await tx.person.findUniqueOrThrow({ where: { id: personId }, select: { id: true, name: true, email: true } });
  const at = Math.max(0, steps.findIndex(({ name }) => name === row.step));
  const step = steps[at] ?? beside;
  const did = await step.run(tx, who, BigInt(row.after ?? "0"));
  const values = row.values + (step.table === null ? did.rows : 0);
  const elsewhere = step.table === null || did.rows === 0 ? row.elsewhere : { ...row.elsewhere, [step.table]: (row.elsewhere[step.table] ?? 0) + did.rows };
  const next = did.isMore ? step : steps[at + 1];
  await tx.forgetting.update({
    where: { personId },
    data: { state: next ? "running" : "done", step: next?.name ?? step.name, after: did.after ?? (next === step ? (row.after ?? "0") : "0"), values, elsewhere, changedAt: now },
  });
  if (next) return true;
  await eraseWho(tx, personId, now);
  await appendEvent(tx, { type: "retention.person-forgotten", at: now, actor: worker, subjects: { person: personId }, data: { personId, values, elsewhere } });
  return false;
}

async function forget(personId: string): Promise<void> {
  for (let isMore = true; isMore; ) {
    try {
      isMore = await inLongTransaction((tx) => goOn(tx, personId));
    } catch (error) {
      if (!(error instanceof Held)) throw error;
      isMore = await inLongTransaction(async (tx) => {
        const row = await readForgetting(tx, personId);
        return row?.state === "running" ? stop(tx, row, await databaseClock.now(tx)) : false;
      });
    }
  }
}

/** The worker's turn: goes on with everybody who is being forgotten, in batches, from where it stopped; answers how many there were. */
export async function forgetDue(): Promise<number> {
  const due = await db.forgetting.findMany({ where: { state: "running" }, orderBy: { askedAt: "asc" }, select: { personId: true }, take: 20 });
  for (const { personId } of due) {
    // One that fails is tried again at the next turn, and keeps nobody else from being forgotten.
    await forget(personId).catch((error: unknown) => logger.error({ personId, err: error }, "forgetting failed"));
  }
  return due.length;
}
