import "server-only";
import { db } from "@/lib/db/client";
import { Prisma } from "@/lib/db/generated/client";
import type { Transaction } from "@/lib/db/transaction";
import type { Bound, PersonActor } from "./actor";
import { boundedAuditor, roles, type Role } from "./permissions";
import { hashSignInToken } from "./token";

/** A sign-in ends this long after it began, whatever happens. */
export const signInLastsSeconds = 8 * 60 * 60;
/** … and this long after the person was last active. */
export const signInIdleSeconds = 2 * 60 * 60;
/** Activity is written down this coarsely, so that reading a page seldom writes. */
const touchEverySeconds = 5 * 60;

/** A browser that is signed in, and who sits before it. */
export type SignedIn = { readonly signInId: string; readonly expiresAt: Date; readonly actor: PersonActor };

type Row = {
  id: string;
  expires_at: Date;
  due: boolean;
  person_id: string;
  name: string;
  roles: string[];
  bound: BoundRow | null;
};

type BoundRow = Omit<Bound, "since" | "until"> & { readonly since: number; readonly until: number };

/** The engagement that bounds a person, by the database's clock; null for everybody else. */
const boundOf = Prisma.sql`(select json_build_object('engagementId', e.id, 'since', extract(epoch from e.since), 'until', extract(epoch from coalesce(e.ended_at, e.until)),
    'isOver', e.ended_at is not null or e.until <= clock_timestamp(), 'fromDay', e.from_day, 'toDay', e.to_day, 'systemIds', e.system_ids, 'names', e.names)
  from engagements e where e.person_id = p.id and e.lifted_at is null)`;

/** Who somebody is. An engagement leaves its own view of all roles, and nothing once it is over. */
function actorOf({ person_id: personId, name, roles: held, bound: row }: Pick<Row, "person_id" | "name" | "roles" | "bound">): PersonActor {
  if (!row) return { kind: "person", personId, name, roles: held.filter(isRole) };
  const bound: Bound = { ...row, since: new Date(row.since * 1_000).toISOString(), until: new Date(row.until * 1_000).toISOString() };
  return { kind: "person", personId, name, roles: bound.isOver ? [] : [boundedAuditor], bound };
}

function isRole(text: string): text is Role {
  return (roles as readonly string[]).includes(text);
}

/**
 * The sign-in that a cookie's token belongs to, by the database's clock; null when unknown, expired or the person has
 * left. Lasts longer when the person did something.
 */
export async function findSignIn(token: string, { isActivity }: { isActivity: boolean }): Promise<SignedIn | null> {
  const rows = await db.$queryRaw<Row[]>`
    select s.id, s.expires_at, p.id as person_id, p.name,
      s.expires_at < least(s.created_at + make_interval(secs => ${signInLastsSeconds}),
        clock_timestamp() + make_interval(secs => ${signInIdleSeconds - touchEverySeconds})) as due,
      array(select r.role from person_roles r where r.person_id = p.id order by r.role) as roles, ${boundOf} as bound
    from sign_ins s join people p on p.id = s.person_id
    where s.token_hash = ${hashSignInToken(token)} and s.expires_at > clock_timestamp()
      and s.created_at + make_interval(secs => ${signInLastsSeconds}) > clock_timestamp() and p.left_at is null`;
  const row = rows[0];
  if (!row) return null;
  const expiresAt = row.due && isActivity ? await touch(row.id, row.expires_at) : row.expires_at;
  return {
    signInId: row.id,
    expiresAt,
    actor: actorOf(row),
  };
}

async function touch(signInId: string, before: Date): Promise<Date> {
  const rows = await db.$queryRaw<{ expires_at: Date }[]>`
    update sign_ins set expires_at = least(created_at + make_interval(secs => ${signInLastsSeconds}),
      clock_timestamp() + make_interval(secs => ${signInIdleSeconds}))
    where id = ${signInId}::uuid returning expires_at`;
  return rows[0]?.expires_at ?? before;
}

/** Asks again about a sign-in that is in use, for example by a stream. Does not count as activity. Null when it is over. */
export async function recheckSignIn(signInId: string): Promise<PersonActor | null> {
  const rows = await db.$queryRaw<Pick<Row, "person_id" | "name" | "roles" | "bound">[]>`
    select p.id as person_id, p.name,
      array(select r.role from person_roles r where r.person_id = p.id order by r.role) as roles, ${boundOf} as bound
    from sign_ins s join people p on p.id = s.person_id
    where s.id = ${signInId}::uuid and s.expires_at > clock_timestamp() and p.left_at is null`;
  const row = rows[0];
  return row ? actorOf(row) : null;
}

/** Who somebody is now, outside of any sign-in: for what is done for them later. Null once they have left. */
export async function readPersonActor(tx: Transaction, personId: string): Promise<PersonActor | null> {
  const rows = await tx.$queryRaw<Pick<Row, "person_id" | "name" | "roles" | "bound">[]>`
    select p.id as person_id, p.name,
      array(select r.role from person_roles r where r.person_id = p.id order by r.role) as roles, ${boundOf} as bound
    from people p where p.id = ${personId}::uuid and p.left_at is null`;
  const row = rows[0];
  return row ? actorOf(row) : null;
}

/** Names of some people who hold one of the roles, for "who could do this". */
export async function namesOfHolders(held: readonly Role[], most = 5): Promise<string[]> {
  const people = await db.person.findMany({
    where: { leftAt: null, roles: { some: { role: { in: [...held] } } } },
    select: { name: true },
    orderBy: [{ name: "asc" }, { id: "asc" }],
    take: most,
  });
  return people.map(({ name }) => name);
}
