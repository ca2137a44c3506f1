import * as z from "zod";
import type { Leftover } from "../../contract";
import type { Db } from "../client";

const ownedRow = z.object({
  type: z.string(),
  identity: z.string(),
  function: z.string().nullable(),
  label: z.string().nullable(),
});
type Owned = z.infer<typeof ownedRow>;

/** Everything in this database that a role owns, but for what hangs on something else that it owns; or only what is so labelled. */
const owned = `
  select i.type, i.identity, case when d.classid = 'pg_proc'::regclass then d.objid::text end as function,
    obj_description(d.objid, c.relname) as label
  from pg_shdepend d join pg_class c on c.oid = d.classid, pg_identify_object(d.classid, d.objid, d.objsubid) i
  where d.refclassid = 'pg_authid'::regclass and d.refobjid = $1::oid and d.deptype = 'o'
    and d.dbid in (0, (select oid from pg_database where datname = current_database()))
    and d.classid <> 'pg_default_acl'::regclass
    and ($2::text[] is null or obj_description(d.objid, c.relname) = any($2))
    and not exists(select from pg_depend p where p.classid = d.classid and p.objid = d.objid
      and p.refclassid = 'pg_class'::regclass and p.deptype in ('a', 'i'))
  order by 1, 2`;

const callerRow = z.object({ name: z.string(), oid: z.string(), calls: z.string() });

/** What calls the left functions: triggers above all, which run as whoever touches the table. */
const callers = `
  select distinct i.type || ' ' || i.identity as name, p.oid::text as oid, p.oid::regprocedure::text as calls
  from pg_depend d join pg_proc p on p.oid = d.refobjid, pg_identify_object(d.classid, d.objid, d.objsubid) i
  where d.refclassid = 'pg_proc'::regclass and d.refobjid = any($1::oid[]) and d.classid <> 'pg_proc'::regclass
  order by 1`;

const rightRow = z.object({ name: z.string(), note: z.string() });

/** Rights that the role gave others on what it owns, and what it had set for later. */
const handedOn = `
  with acls(what, acl) as (
    select 'table ' || oid::regclass::text, relacl from pg_class where relowner = $1::oid and relacl is not null
    union all
    select 'schema ' || quote_ident(nspname), nspacl from pg_namespace where nspowner = $1::oid and nspacl is not null
  )
  select string_agg(lower(a.privilege_type), ', ' order by a.privilege_type) || ' on ' || what || ' to '
      || case a.grantee when 0 then 'public' else pg_get_userbyid(a.grantee)::text end as name,
    'given by the session to others; still in force' as note
  from acls, aclexplode(acl) a where a.grantee <> $1::oid group by what, a.grantee
  union all
  select 'default privileges', 'set by the session for what it would create; removed, but what it created may carry them'
  from pg_default_acl where defaclrole = $1::oid having count(*) > 0
  order by 1`;

const statementRow = z.object({ statement: z.string() });

/** Taken from everybody, the new owner included: whoever may act as the attic must not run what lies there. */
const closing = `
  select format('revoke all on routine %s from %s cascade', p.oid::regprocedure, string_agg(distinct
    case a.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(a.grantee)) end, ', ')) as statement
  from pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
  where p.oid = any($1::oid[]) group by p.oid`;

/** Tells the target's people whose it was, and us after a crash between the clean-up and its record. */
const labelling = `
  select format('comment on %s %s is %L', i.type, i.identity, $2::text) as statement
  from pg_shdepend d, pg_identify_object(d.classid, d.objid, d.objsubid) i
  where d.refclassid = 'pg_authid'::regclass and d.refobjid = $1::oid and d.deptype = 'o'
    and d.dbid = (select oid from pg_database where datname = current_database())
    and i.type in ('aggregate', 'domain', 'foreign table', 'function', 'materialized view', 'procedure', 'schema', 'sequence',
      'table', 'type', 'view')`;

export type Left = {
  readonly leftovers: Leftover[];
  /** To run while the objects still have their owner. */
  readonly label: readonly string[];
  /** After the functions have their new owner: the statements that let nobody call them. */
  readonly closeFunctions: () => Promise<string[]>;
};

/** Reads what a role leaves in the current database, before it changes hands. */
export async function collectLeftovers(db: Db, oid: string, label: string, database: string): Promise<Left> {
  const objects = await db.rows(ownedRow, owned, [oid, null]);
  const functions = functionsOf(objects);
  const rights = await db.rows(rightRow, handedOn, [oid]);
  const labels = await db.rows(statementRow, labelling, [oid, label]);
  return {
    leftovers: [
      ...objects.map((object) => ownedLeftover(object, database)),
      ...(await readCallers(db, functions)).map((caller) => callerLeftover(caller, database)),
      ...rights.map((right) => ({ kind: "privilege" as const, where: database, ...right })),
    ],
    label: labels.map(({ statement }) => statement),
    closeFunctions: async () => {
      if (functions.length === 0) return [];
      return (await db.rows(statementRow, closing, [functions])).map(({ statement }) => statement);
    },
  };
}

/** What already lies in the attic under these labels, by label. */
export async function recallLeftovers(
  db: Db,
  atticRole: string,
  labels: readonly string[],
  database: string,
): Promise<{ label: string; leftover: Leftover }[]> {
  const { oid } = await db.one(z.object({ oid: z.string() }), "select oid::text as oid from pg_roles where rolname = $1", [atticRole]);
  const objects = await db.rows(ownedRow, owned, [oid, labels]);
  const calls = await readCallers(db, functionsOf(objects));
  return objects.flatMap((object) => {
    const label = object.label ?? "";
    const own = calls.filter((caller) => caller.oid === object.function).map((caller) => callerLeftover(caller, database));
    return [ownedLeftover(object, database), ...own].map((leftover) => ({ label, leftover }));
  });
}

function functionsOf(objects: readonly Owned[]): string[] {
  return objects.flatMap((object) => (object.function === null ? [] : [object.function]));
}

async function readCallers(db: Db, functions: readonly string[]): Promise<z.infer<typeof callerRow>[]> {
  return functions.length === 0 ? [] : db.rows(callerRow, callers, [functions]);
}

const tables = new Set(["table", "view", "materialized view", "foreign table"]);

function ownedLeftover({ type, identity, function: asFunction }: Owned, database: string): Leftover {
  if (asFunction !== null) {
    const note = "made by the session; now in the attic, and nobody may call it";
    return { kind: "function", name: identity, where: database, note };
  }
  const kind = tables.has(type) ? "table" : "other";
  const name = type === "table" ? identity : `${type} ${identity}`;
  return { kind, name, where: database, note: "made by the session; now in the attic" };
}

function callerLeftover({ name, calls }: z.infer<typeof callerRow>, database: string): Leftover {
  const kind = name.startsWith("trigger ") ? "trigger" : "other";
  return { kind, name: name.replace(/^trigger /, ""), where: database, note: `still calls ${calls}, which the session made` };
}
