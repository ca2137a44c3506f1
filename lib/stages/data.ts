import "server-only";
import { holdersOf } from "@/lib/auth/permissions";
import type { db } from "@/lib/db/client";
import type { Transaction } from "@/lib/db/transaction";
import type { Audience } from "./groups";
import { groupsSchema } from "./schema";
import type { AskedSeat, Group, RemovalReason, Seat } from "./types";

type Reader = Transaction | typeof db;

/** Persons of one group that a stage asks at most; a larger group is nobody's in particular. */
const mostSeats = 500;

/** A seat with the name of who could take it. */
export type NamedSeat = AskedSeat & { readonly name: string };

/** A stage's groups as stored; what does not parse asks nobody. */
export function parseGroups(json: unknown): Group[] {
  return groupsSchema.safeParse(json).data ?? [];
}

type SeatRow = { person_id: string; seat_of_id: string; name: string; acts: "stands-in" | "delegate" | null };

/**
 * The seats of groups at one moment: a seat for everybody who is present, may decide and is not on the asking side, and who
 * else may take it: their delegate, and who stands in while they are away. Groups are compared by id.
 */
export async function readSeats(tx: Reader, audience: Audience, { side, now }: { readonly side: readonly string[]; readonly now: Date }): Promise<NamedSeat[]> {
  const { people, teams, onCall, roles } = audience;
  const decide = [...holdersOf("request:decide")];
  const rows = await tx.$queryRaw<SeatRow[]>`
    with grouped as (
      select unnest(${[...people]}::uuid[]) as id
      union select m.person_id from team_members m where m.team_id = any(${[...teams]}::uuid[])
      union select r.person_id from person_roles r where r.role = any(${[...roles]}::text[])
      union select o.person_id from on_call o join team_members m on m.team_id = o.team_id and m.person_id = o.person_id
        where o.team_id = any(${[...onCall]}::uuid[]) and o.from_at <= ${now}::timestamptz and o.until_at > ${now}::timestamptz
    ), holders as (
      select p.id, p.name from people p join grouped g on g.id = p.id
      where p.left_at is null and p.id <> all(${[...side]}::uuid[])
        and exists (select from person_roles r where r.person_id = p.id and r.role = any(${decide}::text[]))
      order by p.name, p.id limit ${mostSeats}::int
    ), acting as (
      select a.stand_in_id as person_id, a.person_id as seat_of_id, 'stands-in' as acts from absences a join holders h on h.id = a.person_id
      where a.stand_in_id is not null and a.from_at <= ${now}::timestamptz and a.until_at > ${now}::timestamptz
      union select d.delegate_id, d.person_id, 'delegate' from delegations d join holders h on h.id = d.person_id
      where d.from_at <= ${now}::timestamptz and d.until_at > ${now}::timestamptz
    )
    select h.id as person_id, h.id as seat_of_id, h.name, null as acts from holders h
    union all
    select p.id, x.seat_of_id, p.name, max(x.acts) from acting x join people p on p.id = x.person_id
    where p.left_at is null and p.id <> all(${[...side]}::uuid[])
      and exists (select from person_roles r where r.person_id = p.id and r.role = any(${decide}::text[]))
    group by p.id, x.seat_of_id, p.name
    order by name, person_id, seat_of_id`;
  return rows.map(({ person_id: personId, seat_of_id: seatOfId, name, acts }) => ({ personId, seatOfId, name, why: acts ?? "asked" }));
}

/** Whoever acted for one of these persons at any time between two moments: delegates, and who stood in. */
export async function readActedFor(tx: Reader, personIds: readonly string[], { from, until }: { readonly from: Date; readonly until: Date }): Promise<string[]> {
  if (personIds.length === 0) return [];
  const rows = await tx.$queryRaw<{ id: string }[]>`
    select a.stand_in_id as id from absences a where a.person_id = any(${[...personIds]}::uuid[]) and a.stand_in_id is not null
      and a.from_at <= ${until}::timestamptz and a.until_at >= ${from}::timestamptz
    union select d.delegate_id from delegations d where d.person_id = any(${[...personIds]}::uuid[])
      and d.from_at <= ${until}::timestamptz and d.until_at >= ${from}::timestamptz
    order by id`;
  return rows.map(({ id }) => id);
}

/** When the next shift, absence or delegation of these begins or ends; null where none is known. */
export async function readNextChange(tx: Reader, about: { readonly personIds: readonly string[]; readonly onCall: readonly string[]; readonly now: Date }): Promise<Date | null> {
  const { personIds, onCall, now } = about;
  const rows = await tx.$queryRaw<{ at: Date | null }[]>`
    select min(case when span.from_at > ${now}::timestamptz then span.from_at else span.until_at end) as at from (
      select o.from_at, o.until_at from on_call o where o.team_id = any(${[...onCall]}::uuid[]) and o.until_at > ${now}::timestamptz
      union all select a.from_at, a.until_at from absences a where a.person_id = any(${[...personIds]}::uuid[]) and a.until_at > ${now}::timestamptz
      union all select d.from_at, d.until_at from delegations d where d.person_id = any(${[...personIds]}::uuid[]) and d.until_at > ${now}::timestamptz
    ) span`;
  return rows[0]?.at ?? null;
}

/** Why each holds a seat no longer, as far as it can be seen now. */
export async function readRemovalReasons<Row extends Seat>(tx: Reader, seats: readonly Row[], side: readonly string[]): Promise<(Row & { readonly removedWhy: RemovalReason })[]> {
  if (seats.length === 0) return [];
  const people = await tx.person.findMany({ where: { id: { in: seats.map(({ personId }) => personId) } }, select: { id: true, leftAt: true, roles: { select: { role: true } } } });
  const decide: readonly string[] = holdersOf("request:decide");
  const why = ({ personId, seatOfId }: Seat): RemovalReason => {
    if (side.includes(personId)) return "asking-side";
    const person = people.find(({ id }) => id === personId);
    if (!person || person.leftAt !== null) return "has-left";
    if (!person.roles.some(({ role }) => decide.includes(role))) return "no-role";
    return personId === seatOfId ? "left-group" : "no-longer-acts";
  };
  return seats.map((seat) => ({ ...seat, removedWhy: why(seat) }));
}
