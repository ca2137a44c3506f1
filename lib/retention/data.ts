import "server-only";
import * as z from "zod";
import { db } from "@/lib/db/client";
import { Prisma } from "@/lib/db/generated/client";
import type { Transaction } from "@/lib/db/transaction";
import type { Erasable, Forgettable, ForgettingView, HoldView } from "./types";

/** Counts beyond this are "more than". */
const mostCounted = 10_000;

/** Whether a hold keeps what stands beside an event `c.event_id`. */
export const isHeld = Prisma.sql`exists (
  select from legal_holds h where h.lifted_at is null and (h.subject_kind is null
    or exists (select from ledger.subject s where s.event_id = c.event_id and s.kind = h.subject_kind and s.id = h.subject_id)))`;

/**
 * Bytes that the body of an event by this person begins with: canonical JSON puts the actor first (RFC 8785).
 * Finding what somebody wrote needs no index for a question that is asked once in a person's life.
 */
export function actorPrefix(personId: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(`{"actor":{"id":"${personId}","kind":"person"}`, "utf8"));
}

/** Names and texts that are about a person, or that the person wrote. */
export function ofPerson(personId: string): Prisma.Sql {
  const prefix = actorPrefix(personId);
  return Prisma.sql`(exists (select from ledger.subject s where s.event_id = c.event_id and s.kind = 'person' and s.id = ${personId}::uuid)
    or exists (select from ledger.event e where e.id = c.event_id and substring(e.body from 1 for ${prefix.length}::int) = ${prefix}::bytea))`;
}

/** How long names are kept; null: for ever. */
export async function readRetentionDays(tx: Transaction = db): Promise<number | null> {
  return (await tx.retentionRule.findFirst({ select: { days: true } }))?.days ?? null;
}

/** What would be erased if names were kept so long. */
export async function countErasable(days: number, now: Date): Promise<Erasable> {
  const before = new Date(now.getTime() - days * 86_400_000);
  const rows = await db.$queryRaw<{ values: number; held: number }[]>`
    select count(*) filter (where not held)::int as values, count(*) filter (where held)::int as held from (
      select ${isHeld} as held from ledger.clear_value c join ledger.event e on e.id = c.event_id where e.occurred_at < ${before} limit ${mostCounted + 1}::int) found`;
  const { values = 0, held = 0 } = rows[0] ?? {};
  return { values, isMore: values + held > mostCounted, held, before: before.toISOString() };
}

/** Holds that stand, the newest first. */
export async function readHolds(): Promise<HoldView[]> {
  return db.$queryRaw<HoldView[]>`
    select h.id, h.reason, coalesce(m.name, 'somebody') as "madeBy", to_json(h.made_at) #>> '{}' as "madeAt",
      case h.subject_kind when 'person' then coalesce(p.name, 'a person') when 'system' then coalesce(s.name, 'a system') else 'everything' end as about
    from legal_holds h left join people m on m.id = h.made_by_id left join people p on p.id = h.subject_id left join systems s on s.id = h.subject_id
    where h.lifted_at is null order by h.made_at desc, h.id`;
}

/** What a hold can be about, by name. */
export async function readHoldChoices(): Promise<{ value: string; label: string }[]> {
  const systems = await db.system.findMany({ select: { id: true, name: true }, orderBy: { name: "asc" }, take: 200 });
  return [{ value: "everything", label: "Everything" }, ...systems.map(({ id, name }) => ({ value: `system:${id}`, label: `What is about ${name}` }))];
}

/** Whoever left, and is neither forgotten nor being forgotten. */
const leaver = { leftAt: { not: null }, forgottenAt: null, OR: [{ forgetting: null }, { forgetting: { state: { not: "running" } } }] } satisfies Prisma.PersonWhereInput;

/** People who left, the earliest first, who have not been forgotten. */
export async function readLeavers(): Promise<{ id: string; name: string }[]> {
  return db.person.findMany({ where: leaver, select: { id: true, name: true }, orderBy: [{ leftAt: "asc" }, { id: "asc" }], take: 200 });
}

/** What forgetting somebody would erase; null for whoever is here, unknown, forgotten, or on the way. */
export async function readForgettable(personId: string): Promise<Forgettable | null> {
  const person = await db.person.findFirst({ where: { id: personId, ...leaver }, select: { id: true, name: true, leftAt: true } });
  if (!person?.leftAt) return null;
  const rows = await db.$queryRaw<{ values: number }[]>`
    select count(*)::int as values from (
      select from ledger.subject s join ledger.clear_value c on c.event_id = s.event_id where s.kind = 'person' and s.id = ${personId}::uuid limit ${mostCounted + 1}::int) found`;
  const values = rows[0]?.values ?? 0;
  return { id: person.id, name: person.name, leftAt: person.leftAt.toISOString(), values: Math.min(values, mostCounted), isMore: values > mostCounted, isHeld: await isPersonHeld(db, personId) };
}

/** How far somebody's forgetting is, as its row keeps it. */
export type ForgettingRow = { readonly personId: string; readonly state: string; readonly step: string; readonly after: string | null; readonly values: number; readonly elsewhere: Readonly<Record<string, number>> };

const countsSchema = z.record(z.string(), z.number());

/** The row of one forgetting, locked; null where nobody asked for it. */
export async function readForgetting(tx: Transaction, personId: string): Promise<ForgettingRow | null> {
  await tx.$queryRaw`select 1 as locked from forgettings where person_id = ${personId}::uuid for update`;
  const row = await tx.forgetting.findUnique({ where: { personId }, select: { personId: true, state: true, step: true, after: true, values: true, elsewhere: true } });
  return row && { ...row, elsewhere: countsSchema.parse(row.elsewhere) };
}

/** Who is being forgotten, or was not because of a hold. */
export async function readForgettings(): Promise<ForgettingView[]> {
  const rows = await db.forgetting.findMany({
    where: { state: { in: ["running", "stopped"] } }, orderBy: { askedAt: "asc" }, take: 50,
    select: { state: true, askedAt: true, person: { select: { id: true, name: true } } },
  });
  return rows.map(({ state, askedAt, person }) => ({ ...person, isStopped: state === "stopped", askedAt: askedAt.toISOString() }));
}

/** Whether a hold names the person, or everything. */
export async function isPersonHeld(tx: Transaction, personId: string): Promise<boolean> {
  return (await tx.legalHold.count({ where: { liftedAt: null, OR: [{ subjectKind: null }, { subjectKind: "person", subjectId: personId }] } })) > 0;
}
