import * as z from "zod";
import type { DiscoveredPrivilege } from "../../contract";
import type { Db } from "../client";

const privilegeRow = z.object({
  role: z.string().nullable(),
  kind: z.enum(["database", "schema", "table", "view", "sequence", "function"]),
  schema: z.string().nullable(),
  object: z.string(),
  actions: z.array(z.string()),
  columns: z.array(z.string()).nullable(),
});

export type HeldPrivilege = {
  /** Who holds it; null for PUBLIC. */
  readonly role: string | null;
  readonly privilege: DiscoveredPrivilege;
};

/** Enough for every sensible database, and an end for the others; reaching it is reported. */
export const privilegeLimit = 20_000;

const notSystem = "n.nspname not in ('information_schema', 'pg_catalog', 'pg_toast') and not starts_with(n.nspname::text, 'pg_t')";

/**
 * Every privilege that stands in an access control list of the current database, owners' included. Lists that were never
 * changed are null and mean the built-in default. PUBLIC counts for tables that no extension brought and for SECURITY DEFINER
 * functions; its other rights are defaults and would bury the rest.
 */
const privileges = `
  with lists(kind, nsp, schema, object, acl, by_default, public_counts) as (
    select case when c.relkind = 'S' then 'sequence' when c.relkind in ('v', 'm') then 'view' else 'table' end,
      n.oid, n.nspname, c.relname::text, c.relacl, acldefault(case c.relkind when 'S' then 's' else 'r' end::"char", c.relowner),
      not exists(select from pg_depend x where x.classid = 'pg_class'::regclass and x.objid = c.oid and x.deptype = 'e')
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S') and ${notSystem}
    union all
    select 'function', n.oid, n.nspname, format('%s(%s)', p.proname, pg_get_function_identity_arguments(p.oid)), p.proacl,
      acldefault('f', p.proowner), p.prosecdef
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace where ${notSystem}
    union all
    select 'schema', n.oid, n.nspname, n.nspname::text, n.nspacl, acldefault('n', n.nspowner), false from pg_namespace n where ${notSystem}
    union all
    select 'database', null, null, d.datname::text, d.datacl, acldefault('d', d.datdba), false
    from pg_database d where d.datname = current_database()
  ),
  whole as (
    select kind, nsp, schema, object, grantee, array_agg(privilege_type order by privilege_type) as actions, null::text[] as columns
    from lists, aclexplode(coalesce(acl, by_default)) where grantee <> 0 or public_counts
    group by kind, nsp, schema, object, grantee
  ),
  single as (
    select case when c.relkind in ('v', 'm') then 'view' else 'table' end as kind, n.oid as nsp, n.nspname as schema,
      c.relname::text as object, x.grantee, x.privilege_type, array_agg(a.attname::text order by a.attnum) as columns
    from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace, aclexplode(a.attacl) x
    where not a.attisdropped and ${notSystem} group by c.oid, c.relkind, c.relname, n.oid, n.nspname, x.grantee, x.privilege_type
  ),
  every as (
    select * from whole union all
    select kind, nsp, schema, object, grantee, array_agg(privilege_type order by privilege_type), columns
    from single group by kind, nsp, schema, object, grantee, columns
  )
  select r.rolname::text as role, e.kind, case when e.kind in ('schema', 'database') then null else e.schema::text end as schema,
    e.object, e.actions, e.columns
  from every e left join pg_roles r on r.oid = e.grantee
  where (e.grantee = 0 or not r.rolsuper)
    and ($1::oid[] is null or ((e.grantee = 0 or e.grantee = any($1)) and (e.nsp is null or e.kind = 'schema' or exists(
      select from unnest($1) u where has_schema_privilege(u, e.nsp, 'USAGE')))))
  order by e.kind, e.schema, e.object, role, e.columns limit ${privilegeLimit + 1}`;

/** Privileges in the current database: of all roles, or of these roles and PUBLIC as far as they can get to the object. */
export async function readPrivileges(db: Db, roleOids: readonly string[] | null): Promise<HeldPrivilege[]> {
  const rows = await db.rows(privilegeRow, privileges, [roleOids]);
  const { database } = await db.one(z.object({ database: z.string() }), "select current_database()::text as database");
  return rows.map(({ role, kind, schema, object, actions, columns }) => ({
    role,
    privilege: { database, schema, object, objectKind: kind, actions, ...(columns === null ? {} : { columns }) },
  }));
}

const databaseRow = z.object({ name: z.string(), visible: z.boolean(), reachable: z.boolean() });

/** The databases that users can connect to: whether we can, and whether one of these roles can. */
export function readDatabases(
  db: Db,
  roleOids: readonly string[],
): Promise<{ name: string; visible: boolean; reachable: boolean }[]> {
  return db.rows(
    databaseRow,
    `select datname::text as name, has_database_privilege(oid, 'CONNECT') as visible,
       exists(select from unnest($1::oid[]) u where has_database_privilege(u, oid, 'CONNECT')) as reachable
     from pg_database where datallowconn and not datistemplate order by 1`,
    [roleOids],
  );
}
