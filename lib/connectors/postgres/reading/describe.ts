import { escapeIdentifier } from "pg";
import * as z from "zod";
import type { DiscoveredPrivilege } from "../../contract";
import { ConnectorError } from "../../errors";
import type { Db, Gate } from "../client";
import { privilegeLimit, readDatabases, readPrivileges, type HeldPrivilege } from "./privileges";

/** Before PostgreSQL 16 a member can SET ROLE along every membership; since then, without SET, only inheriting ones count. */
const edges = (version: number): string => (version >= 160_000 ? "and m.inherit_option" : "");

/** The group role and every role whose privileges come with it. */
async function closureOf(db: Db, groupRole: string): Promise<string[]> {
  const rows = await db.rows(
    z.object({ oid: z.string() }),
    `with recursive reach(oid) as (
       select oid from pg_roles where rolname = $1
       union
       select m.roleid from reach join pg_auth_members m on m.member = reach.oid ${edges(db.version)}
     ) select oid::text as oid from reach`,
    [groupRole],
  );
  if (rows.length > 0) return rows.map(({ oid }) => oid);
  throw new ConnectorError("wrong-target", `there is no role ${groupRole}`, { transient: false });
}

/** What membership in the group role really allows, in every database that its members can connect to. */
export async function describeGroup(gate: Gate, groupRole: string, signal: AbortSignal): Promise<DiscoveredPrivilege[]> {
  const { closure, databases } = await gate.use(signal, async (db) => {
    const oids = await closureOf(db, groupRole);
    return { closure: oids, databases: await readDatabases(db, oids) };
  });
  const described: DiscoveredPrivilege[] = [];
  for (const { name, visible, reachable } of databases) {
    if (!reachable) continue;
    if (!visible) {
      described.push(unseen(name, `Curfew may not look inside; it needs: GRANT CONNECT ON DATABASE ${escapeIdentifier(name)} TO ${escapeIdentifier(gate.user)}`));
      continue;
    }
    const held = await gate.use(signal, (db) => readPrivileges(db, closure), name).catch(droppedMeanwhile);
    described.push(
      ...held.map(({ role, privilege }) => (role === groupRole ? privilege : { ...privilege, via: role ?? "PUBLIC" })),
    );
    if (held.length > privilegeLimit) described.push(unseen(name, `more than ${privilegeLimit} privileges; not all are listed`));
  }
  return described;
}

/** A database that is gone by now allows nothing. */
function droppedMeanwhile(error: unknown): HeldPrivilege[] {
  if (error instanceof ConnectorError && error.code === "wrong-target") return [];
  throw error;
}

function unseen(database: string, note: string): DiscoveredPrivilege {
  return { database, schema: null, object: database, objectKind: "database", actions: ["CONNECT"], note };
}

const holderRow = z.object({ name: z.string(), path: z.array(z.string()) });

/** Login roles that have the group role's rights now, each on its shortest path; superusers have all rights. */
export async function readHolders(db: Db, groupRole: string): Promise<{ name: string; path: string[] }[]> {
  await closureOf(db, groupRole);
  const usable = db.version >= 160_000 ? "and (m.inherit_option or m.set_option)" : "";
  return db.rows(
    holderRow,
    `with recursive reach(oid, path) as (
       select oid, array[rolname::text] from pg_roles where rolname = $1
       union all
       select m.member, r.rolname::text || reach.path from reach
       join pg_auth_members m on m.roleid = reach.oid ${usable} join pg_roles r on r.oid = m.member
       where cardinality(reach.path) < 32
     ),
     found(oid, path) as (
       select oid, path from reach
       union all
       select oid, array[rolname::text, 'superuser'] from pg_roles where rolsuper
     )
     select distinct on (r.rolname) r.rolname::text as name, found.path
     from found join pg_roles r on r.oid = found.oid
     where r.rolcanlogin order by r.rolname, cardinality(found.path), found.path`,
    [groupRole],
  );
}
