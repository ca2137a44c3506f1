import * as z from "zod";
import type { Leftover } from "../../contract";
import type { Db } from "../client";

const ownedRow = z.object({ type: z.string(), identity: z.string(), function: z.string().nullable() });
const nameRow = z.object({ name: z.string(), note: z.string() });

/** Everything in this database that the role owns, but for what hangs on something else that it owns. */
const owned = `
  select i.type, i.identity, case when d.classid = 'pg_proc'::regclass then d.objid::text end as function
  from pg_shdepend d, pg_identify_object(d.classid, d.objid, d.objsubid) i
  where d.refclassid = 'pg_authid'::regclass and d.refobjid = $1::oid and d.deptype = 'o'
    and d.dbid in (0, (select oid from pg_database where datname = current_database()))
    and d.classid <> 'pg_default_acl'::regclass
    and not exists(select from pg_depend p where p.classid = d.classid and p.objid = d.objid
      and p.refclassid = 'pg_class'::regclass and p.deptype in ('a', 'i'))
  order by 1, 2`;

/** What calls the left functions: triggers above all, which run as whoever touches the table. */
const callers = `
  select distinct i.type || ' ' || i.identity as name, p.oid::regprocedure::text as note
  from pg_depend d join pg_proc p on p.oid = d.refobjid, pg_identify_object(d.classid, d.objid, d.objsubid) i
  where d.refclassid = 'pg_proc'::regclass and d.refobjid = any($1::oid[]) and d.classid <> 'pg_proc'::regclass
  order by 1`;

/** Rights that the role gave others on what it owns, what it had set for later, and to whom it gave itself. */
const handedOn = `
  with acls(what, acl) as (
    select 'table ' || oid::regclass::text, relacl from pg_class where relowner = $1::oid and relacl is not null
    union all
    select 'schema ' || quote_ident(nspname), nspacl from pg_namespace where nspowner = $1::oid and nspacl is not null
  )
  select string_agg(lower(a.privilege_type), ', ' order by a.privilege_type) || ' on ' || what || ' to '
      || case a.grantee when 0 then 'public' else coalesce(pg_get_userbyid(a.grantee)::text, '') end as name,
    'given by the session to others; still in force' as note
  from acls, aclexplode(acl) a where a.grantee <> $1::oid group by what, a.grantee
  union all
  select 'default privileges', 'set by the session for what it would create; removed, but what was created may carry them'
  from pg_default_acl where defaclrole = $1::oid having count(*) > 0
  union all
  select 'membership of ' || member::regrole::text, 'the session had made it a member of its own role; removed with the role'
  from pg_auth_members where roleid = $1::oid and member <> (select oid from pg_roles where rolname = session_user)
  order by 1`;

/** Taken from everybody, the new owner included: whoever may act as the attic must not run what lies there. */
const closing = `
  select format('revoke all on routine %s from %s cascade', p.oid::regprocedure, string_agg(distinct
    case a.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(a.grantee)) end, ', ')) as statement
  from pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
  where p.oid = any($1::oid[]) group by p.oid`;

export type Left = {
  readonly leftovers: Leftover[];
  /** After the functions have their new owner: the statements that let nobody call them. */
  readonly closeFunctions: () => Promise<string[]>;
};

/** Reads what a session leaves in the current database, before it changes hands. */
export async function collectLeftovers(db: Db, oid: string, database: string): Promise<Left> {
  const objects = await db.rows(ownedRow, owned, [oid]);
  const functions = objects.flatMap((object) => (object.function === null ? [] : [object.function]));
  const calls = functions.length === 0 ? [] : await db.rows(nameRow, callers, [functions]);
  const rights = await db.rows(nameRow, handedOn, [oid]);
  const leftovers: Leftover[] = [
    ...objects.map((object) => ownedLeftover(object, database)),
    ...calls.map(({ name, note }) => callerLeftover(name, note, database)),
    ...rights.map(({ name, note }) => ({ kind: "privilege" as const, name, where: database, note })),
  ];
  const closeFunctions = async (): Promise<string[]> => {
    if (functions.length === 0) return [];
    const rows = await db.rows(z.object({ statement: z.string() }), closing, [functions]);
    return rows.map(({ statement }) => statement);
  };
  return { leftovers, closeFunctions };
}

const tables = new Set(["table", "view", "materialized view", "foreign table"]);

function ownedLeftover({ type, identity, function: isFunction }: z.infer<typeof ownedRow>, database: string): Leftover {
  if (isFunction !== null) {
    const note = "made by the session; now in the attic, and nobody may call it";
    return { kind: "function", name: identity, where: database, note };
  }
  const kind = tables.has(type) ? "table" : "other";
  const name = kind === "table" && type === "table" ? identity : `${type} ${identity}`;
  return { kind, name, where: database, note: "made by the session; now in the attic" };
}

function callerLeftover(name: string, calls: string, database: string): Leftover {
  const kind = name.startsWith("trigger ") ? "trigger" : "other";
  return { kind, name: name.replace(/^trigger /, ""), where: database, note: `still calls ${calls}, which the session made` };
}
