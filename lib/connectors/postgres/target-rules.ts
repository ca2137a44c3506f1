import * as z from "zod";
import { ConnectorError } from "../errors";
import type { Db } from "./client";
import { handlePrefix } from "./handle";

/** What the connector must know about a group role before it hands it out. */
const groupRow = z.object({
  name: z.string(),
  login: z.boolean(),
  powerful: z.array(z.string()),
  administers: z.array(z.string()),
  reserved: z.boolean(),
});

export type GroupFacts = z.infer<typeof groupRow>;

/** Predefined roles whose members can run programs or reach files as the server's own user, and so become anybody. */
const serverRoles = ["pg_execute_server_program", "pg_read_server_files", "pg_write_server_files"];

/**
 * Facts about group roles by name; `names` null means all. Membership is followed over every edge, inherited or not: before
 * PostgreSQL 16 a member can always SET ROLE along it, and since then a member that inherits a superuser's role may
 * change what that superuser owns.
 */
const groupFacts = `
  with recursive reach(start, role) as (
    select oid, oid from pg_roles where $1::text[] is null or rolname = any($1)
    union
    select reach.start, m.roleid from reach join pg_auth_members m on m.member = reach.role
  )
  select g.rolname::text as name, g.rolcanlogin as login,
    array(select r.rolname::text from reach join pg_roles r on r.oid = reach.role where reach.start = g.oid
      and (r.rolsuper or r.rolcreaterole or r.rolreplication or r.rolbypassrls or r.rolname = any($2)) order by 1) as powerful,
    array(select distinct r.rolname::text from reach join pg_auth_members m on m.member = reach.role and m.admin_option
      join pg_roles r on r.oid = m.roleid where reach.start = g.oid order by 1) as administers,
    exists(select from reach join pg_roles r on r.oid = reach.role where reach.start = g.oid
      and (r.rolname = any($3) or starts_with(r.rolname::text, $4))) as reserved
  from pg_roles g where $1::text[] is null or g.rolname = any($1) order by 1`;

export type Ours = { readonly installationId: string; readonly accounts: readonly string[] };

/** Reads the facts about some group roles, or about all. */
export function readGroups(db: Db, names: readonly string[] | null, ours: Ours): Promise<GroupFacts[]> {
  return db.rows(groupRow, groupFacts, [names, serverRoles, ours.accounts, handlePrefix(ours.installationId)]);
}

/** Why a role must not be handed out; null when it may. */
export function whyNotGrantable(group: GroupFacts): string | null {
  if (group.reserved) return `${group.name} is, or leads to, one of Curfew's own accounts`;
  if (group.login) return `${group.name} can log in: an entitlement is a group role`;
  if (group.powerful.length > 0) {
    return `${group.name} leads to ${group.powerful.join(", ")}, with which a session could outlive its end`;
  }
  if (group.administers.length > 0) {
    return `${group.name} may hand on ${group.administers.join(", ")}, which would outlive the session`;
  }
  return null;
}

/** Refuses a target that is not there or must not be handed out. */
export async function requireGrantable(db: Db, groupRole: string, ours: Ours): Promise<void> {
  const [group] = await readGroups(db, [groupRole], ours);
  const why = group === undefined ? `there is no role ${groupRole}` : whyNotGrantable(group);
  if (why !== null) throw new ConnectorError("wrong-target", why, { transient: false });
}
