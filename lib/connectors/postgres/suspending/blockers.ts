import * as z from "zod";
import type { Db } from "../client";

const whatRow = z.object({ what: z.string() });

/**
 * What others would lose with a role, seen from the current database: members that act as it, memberships and rights that
 * it handed on, and what it owns that others use or may call. Tables and sequences of its own that nobody else has a right
 * on are not here: they can change hands without anybody noticing.
 */
const blockers = `
  with mine as (
    select d.classid, d.objid from pg_shdepend d
    where d.refclassid = 'pg_authid'::regclass and d.refobjid = $1::oid and d.deptype = 'o'
      and d.dbid in (0, (select oid from pg_database where datname = current_database()))
  ),
  plain as (
    select c.oid, c.relacl from mine m join pg_class c on m.classid = 'pg_class'::regclass and c.oid = m.objid where c.relkind in ('r', 'p', 'S')
  )
  select 'role ' || r.rolname || ' acts as it' as what from pg_auth_members m join pg_roles r on r.oid = m.member
  where m.roleid = $1::oid and r.rolname <> session_user and %USABLE%
  union all
  select 'role ' || r.rolname || ' was made a member of ' || g.rolname || ' by it' from pg_auth_members m
    join pg_roles r on r.oid = m.member join pg_roles g on g.oid = m.roleid where m.grantor = $1::oid and m.roleid <> $1::oid
  union all
  select i.type || ' ' || i.identity || ' belongs to it' from mine m, pg_identify_object(m.classid, m.objid, 0) i
  where not exists(select from plain p where m.classid = 'pg_class'::regclass and p.oid = m.objid)
    and m.classid <> 'pg_default_acl'::regclass
  union all
  select 'table ' || p.oid::regclass || ' belongs to it and others have rights on it' from plain p
  where exists(select from aclexplode(p.relacl) a where a.grantee <> $1::oid)
    or exists(select from pg_attribute t, aclexplode(t.attacl) a where t.attrelid = p.oid and a.grantee <> $1::oid)
  union all
  select distinct 'table ' || p.oid::regclass || ' belongs to it and ' || i.type || ' ' || i.identity || ' depends on it'
  from plain p join pg_depend d on d.refclassid = 'pg_class'::regclass and d.refobjid = p.oid and d.deptype = 'n',
    pg_identify_object(d.classid, d.objid, 0) i
  where d.classid in ('pg_rewrite'::regclass, 'pg_constraint'::regclass, 'pg_policy'::regclass, 'pg_publication_rel'::regclass)
    and not (d.classid = 'pg_constraint'::regclass and exists(select from pg_constraint k join plain own on own.oid = k.conrelid where k.oid = d.objid))
  union all
  select distinct 'rights on ' || h.what || ' were handed on by it' from (
    select 'table ' || oid::regclass as what, relacl as acl, relowner as owner from pg_class where relacl is not null
    union all select 'schema ' || nspname, nspacl, nspowner from pg_namespace where nspacl is not null
    union all select 'routine ' || oid::regprocedure, proacl, proowner from pg_proc where proacl is not null
    union all select 'database ' || datname, datacl, datdba from pg_database where datacl is not null
  ) h, aclexplode(h.acl) a where a.grantor = $1::oid and a.grantee <> $1::oid and h.owner <> $1::oid
  order by 1 limit 200`;

/** What has to be decided by a person before a role can go. */
export async function readBlockers(db: Db, oid: string): Promise<string[]> {
  // Whoever merely administers it (from 16 on) does not act as it.
  const usable = db.version >= 160_000 ? "(m.inherit_option or m.set_option)" : "true";
  return (await db.rows(whatRow, blockers.replace("%USABLE%", usable), [oid])).map(({ what }) => what);
}

/** Tables and sequences of the role in the current database, but for those that hang on another of its tables. */
export async function readMovable(db: Db, oid: string): Promise<string[]> {
  const rows = await db.rows(
    whatRow,
    `select c.oid::regclass::text as what from pg_shdepend d join pg_class c on c.oid = d.objid
     where d.refclassid = 'pg_authid'::regclass and d.refobjid = $1::oid and d.deptype = 'o' and d.classid = 'pg_class'::regclass
       and d.dbid = (select oid from pg_database where datname = current_database())
       and not exists(select from pg_depend p where p.classid = d.classid and p.objid = d.objid and p.refclassid = 'pg_class'::regclass and p.deptype in ('a', 'i'))
     order by 1`,
    [oid],
  );
  return rows.map(({ what }) => what);
}
