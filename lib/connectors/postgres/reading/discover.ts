import * as z from "zod";
import type { DiscoveredPrivilege, DiscoveredRole, Discovery, DiscoveryProgress } from "../../contract";
import type { Db, Gate } from "../client";
import { asConnectorError } from "../faults";
import { grantIdOf } from "../handle";
import { readSuspendable } from "../suspending/allowed";
import { withoutMark } from "../suspending/mark";
import type { Ours } from "../target-rules";
import { privilegeLimit, readDatabases, readPrivileges } from "./privileges";
import { readStatementCounts, statementsView } from "./sessions";

const roleRow = z.object({
  targetId: z.string(),
  name: z.string(),
  kind: z.enum(["login", "group"]),
  superuser: z.boolean(),
  canCreateRoles: z.boolean(),
  canBypassRowSecurity: z.boolean(),
  passwordExpiresAt: z.date().nullable(),
  connectionLimit: z.number().nullable(),
  comment: z.string().nullable(),
  lastActiveAt: z.date().nullable(),
});

/** The server's own predefined roles are no identities; they still appear as what a role is a member of. */
const roles = `
  select r.oid::text as "targetId", r.rolname::text as name, case when r.rolcanlogin then 'login' else 'group' end as kind,
    r.rolsuper as superuser, r.rolcreaterole as "canCreateRoles", r.rolbypassrls as "canBypassRowSecurity",
    case when isfinite(r.rolvaliduntil) then r.rolvaliduntil end as "passwordExpiresAt",
    nullif(r.rolconnlimit, -1) as "connectionLimit", shobj_description(r.oid, 'pg_authid') as comment,
    (select max(case when a.state = 'active' then clock_timestamp() else greatest(a.backend_start, a.state_change) end)
     from pg_stat_activity a where a.usesysid = r.oid and a.backend_type = 'client backend') as "lastActiveAt"
  from pg_roles r where not starts_with(r.rolname::text, 'pg_') order by r.rolname`;

const membershipRow = z.object({ member: z.string(), name: z.string(), inherited: z.boolean(), withAdmin: z.boolean() });

const memberships = (version: number): string => `
  select m.member::text as member, g.rolname::text as name, bool_or(m.admin_option) as "withAdmin",
    bool_or(${version >= 160_000 ? "m.inherit_option" : "r.rolinherit"}) as inherited
  from pg_auth_members m join pg_roles g on g.oid = m.roleid join pg_roles r on r.oid = m.member
  group by m.member, g.rolname order by g.rolname`;

type Membership = DiscoveredRole["memberOf"][number];

type Source = NonNullable<DiscoveredRole["sources"]>[number];

const sourceRow = z.object({ oid: z.string(), clientAddress: z.string().nullable(), applicationName: z.string().nullable() });

/** Where connections of each role come from right now; bounded for each role, for a pool may hold thousands. */
const sourcesNow = `
  select oid::text as oid, "clientAddress", "applicationName" from (
    select usesysid as oid, host(client_addr) as "clientAddress", nullif(application_name, '') as "applicationName",
      row_number() over (partition by usesysid order by host(client_addr), application_name) as n
    from pg_stat_activity where backend_type = 'client backend' and usesysid is not null
    group by usesysid, client_addr, application_name) seen where n <= 20`;

type Basics = Pick<Discovery, "serverVersion" | "activityVisibleSince"> & {
  readonly roles: readonly z.infer<typeof roleRow>[];
  readonly memberships: ReadonlyMap<string, readonly Membership[]>;
  readonly statements: ReadonlyMap<string, number> | null;
  readonly sources: ReadonlyMap<string, readonly Source[]>;
  readonly suspendable: ReadonlyMap<string, NonNullable<DiscoveredRole["suspendable"]>>;
  readonly databases: readonly { readonly name: string; readonly visible: boolean }[];
};

type Discovering = {
  readonly gate: Gate;
  readonly ours: Ours;
  /** The name of the account that only looks; null where there is none. */
  readonly probe: string | null;
  readonly now: () => Date;
  readonly progress?: DiscoveryProgress | undefined;
};

/** Every role of the target but those that this installation made, with memberships and privileges. */
export async function discoverRoles({ gate, ours, probe, now, progress }: Discovering, signal: AbortSignal): Promise<Discovery> {
  const { installationId } = ours;
  progress?.({ phase: "roles", done: 0, total: null });
  const basics = await gate.use(signal, (db) => readBasics(db, gate.user, ours));
  progress?.({ phase: "roles", done: basics.roles.length, total: basics.roles.length });
  const privileges = new Map<string, DiscoveredPrivilege[]>();
  const notSeen: { database: string; why: string }[] = [];
  for (const [done, { name, visible }] of basics.databases.entries()) {
    progress?.({ phase: "privileges", done, total: basics.databases.length });
    const why = visible ? await addPrivileges(gate, name, privileges, signal) : "Curfew's account may not connect to it";
    if (why !== null) notSeen.push({ database: name, why });
  }
  return {
    observedAt: now(),
    serverVersion: basics.serverVersion,
    activityVisibleSince: basics.activityVisibleSince,
    roles: basics.roles
      .filter(({ name }) => grantIdOf(installationId, name) === null)
      .map((role) => ({ ...asDiscovered(role, basics, privileges.get(role.name) ?? []), ...oursOf(role.name, gate.user, probe) })),
    notSeen,
  };
}

async function readBasics(db: Db, account: string, { accounts }: Ours): Promise<Basics> {
  const counted = await readStatementCounts(db);
  const { version } = await db.one(z.object({ version: z.string() }), "select current_setting('server_version') as version");
  return {
    serverVersion: version,
    activityVisibleSince: counted === null ? null : await countersSince(db),
    roles: await db.rows(roleRow, roles),
    memberships: await readMemberships(db),
    sources: await readSources(db),
    suspendable: await readSuspendable(db, account, accounts),
    statements: counted,
    databases: await readDatabases(db, []),
  };
}

async function readMemberships(db: Db): Promise<Map<string, Membership[]>> {
  const byMember = new Map<string, Membership[]>();
  for (const { member, ...membership } of await db.rows(membershipRow, memberships(db.version))) {
    byMember.set(member, [...(byMember.get(member) ?? []), membership]);
  }
  return byMember;
}

async function readSources(db: Db): Promise<Map<string, Source[]>> {
  const byRole = new Map<string, Source[]>();
  for (const { oid, ...source } of await db.rows(sourceRow, sourcesNow)) byRole.set(oid, [...(byRole.get(oid) ?? []), source]);
  return byRole;
}

/** Before 14 the server does not say when the counters were reset; so nothing is claimed. */
async function countersSince(db: Db): Promise<Date | null> {
  const view = await statementsView(db, "pg_stat_statements_info");
  if (view === null) return null;
  return (await db.one(z.object({ since: z.date() }), `select stats_reset as since from ${view}`)).since;
}

/** Adds what one database says; answers why it is missing or not whole, else null. */
async function addPrivileges(
  gate: Gate,
  database: string,
  into: Map<string, DiscoveredPrivilege[]>,
  signal: AbortSignal,
): Promise<string | null> {
  try {
    const held = await gate.use(signal, (db) => readPrivileges(db, null), database);
    for (const { role, privilege } of held) {
      if (role === null) continue;
      const list = into.get(role) ?? [];
      list.push(privilege);
      into.set(role, list);
    }
    return held.length > privilegeLimit ? `more than ${privilegeLimit} privileges; not all were read` : null;
  } catch (error) {
    const fault = asConnectorError(error, signal);
    if (fault.code === "aborted" || fault.code === "unreachable") throw fault;
    return fault.message;
  }
}

function oursOf(name: string, connector: string, probe: string | null): Pick<DiscoveredRole, "ours"> {
  if (name === connector) return { ours: "connector" };
  return name === probe ? { ours: "probe" } : {};
}

function asDiscovered(
  role: z.infer<typeof roleRow>,
  { memberships: byMember, statements, sources, suspendable }: Basics,
  privileges: readonly DiscoveredPrivilege[],
): DiscoveredRole {
  return {
    ...role,
    comment: withoutMark(role.comment),
    suspendable: suspendable.get(role.name) ?? { possible: false, needs: null },
    sources: sources.get(role.targetId) ?? [],
    memberOf: byMember.get(role.targetId) ?? [],
    statements: statements === null ? null : (statements.get(role.targetId) ?? 0),
    privileges,
  };
}
