import { escapeIdentifier, escapeLiteral } from "pg";
import * as z from "zod";
import type { ConnectorDeps, GrantOrder, GrantReceipt } from "../contract";
import { ConnectorError } from "../errors";
import { inTransaction, type Db, type Gate } from "./client";
import { sqlStateOf } from "./faults";
import { handleMarker, handleName } from "./handle";
import type { PostgresConfig, PostgresTarget } from "./schema";
import { isScramVerifier } from "./scram";
import { requireGrantable, type Ours } from "./target-rules";

export type Granting = {
  readonly gate: Gate;
  readonly config: PostgresConfig;
  readonly ours: Ours;
  readonly deps: ConnectorDeps;
};

type Order = GrantOrder<PostgresTarget>;
type Made = { readonly targetId: string; readonly issuedAt: Date; readonly repeated: boolean };

/**
 * A stalled issue must not commit after recovery has looked: the target itself gives up on a statement and on an idle
 * transaction after 5 s, and the deadline is asked again just before the commit.
 */
const boundedTransaction =
  "set local statement_timeout = '5s'; set local idle_in_transaction_session_timeout = '5s'; set local lock_timeout = '4s'";

/**
 * What the target writes about our statements would hold the verifier where it logs parameters or counts nested
 * statements. Possible only where the account was given these settings (PostgreSQL 15 and later); null changes nothing.
 */
const hush = `select set_config(name, value, true) from (values ('log_parameter_max_length', '0'),
  ('pg_stat_statements.track', 'top')) as quiet(name, value)
  where current_setting(name, true) is not null and has_parameter_privilege(name, 'set')`;

/**
 * The verifier arrives bound as a parameter and becomes part of a statement only inside the target, so that it stands in
 * no statement that the target logs. The handler drops the context of an error, which would quote that inner statement.
 */
export const setVerifier = `do $curfew$ begin
  execute format('alter role %I password %L', current_setting('curfew.role'), current_setting('curfew.verifier'));
exception when query_canceled or others then
  raise exception using errcode = sqlstate, message = 'the verifier was not taken';
end $curfew$`;

/** Issues a credential, or finds and completes what an earlier identical call made. */
export async function grantRole(granting: Granting, order: Order, signal: AbortSignal): Promise<GrantReceipt> {
  const name = handleName(granting.deps.installationId, order.grantId);
  if (!isScramVerifier(order.verifier)) {
    throw new ConnectorError("wrong-target", "the verifier is not SCRAM-SHA-256 with 4096 iterations", { transient: false });
  }
  if (!Number.isInteger(order.maxConnections) || order.maxConnections < 1 || order.maxConnections > 10_000) {
    throw new ConnectorError("wrong-target", "the number of connections is not 1 to 10000", { transient: false });
  }
  remainingMs(granting.deps, order);
  const made = await granting.gate.use(signal, (db) => issueOnceMore(db, granting, order, name));
  return {
    handle: { name, targetId: made.targetId },
    connection: connectionOf(granting.config, order.target, name),
    issuedAt: made.issuedAt,
    repeated: made.repeated,
    markers: [`login:${name}`],
  };
}

/** Two identical calls at once: the one that comes second finds the role of the first when it looks again. */
async function issueOnceMore(db: Db, granting: Granting, order: Order, name: string): Promise<Made> {
  try {
    return await issue(db, granting, order, name);
  } catch (error) {
    const state = sqlStateOf(error);
    if (state !== "42710" && state !== "23505") throw error;
    return await issue(db, granting, order, name);
  }
}

async function issue(db: Db, granting: Granting, order: Order, name: string): Promise<Made> {
  return inTransaction(db, boundedTransaction, async () => {
    const deadline = await deadlineOnTarget(db, granting.deps, order);
    await requireGrantable(db, order.target.groupRole, granting.ours);
    await requireDatabase(db, granting.config, order.target);
    const found = await findRole(db, name);
    if (found !== null) requireOurs(found, granting.ours.installationId, order);
    if (db.version >= 150_000) await db.rows(z.unknown(), hush);
    await db.rows(z.unknown(), "select set_config('curfew.role', $1, true), set_config('curfew.verifier', $2, true)", [
      name,
      order.verifier,
    ]);
    const { installationId } = granting.ours;
    const statements = statementsFor(db.version, { order, name, installationId, exists: found !== null });
    await db.run(statements).catch(explain(db, granting, order));
    const targetId = await lastLook(db, name, deadline);
    remainingMs(granting.deps, order);
    granting.deps.reached?.("issue-uncommitted");
    return { targetId, issuedAt: granting.deps.now(), repeated: found !== null };
  });
}

/** Our deadline by the target's clock, erring to the early side; the two clocks may differ by any amount. */
async function deadlineOnTarget(db: Db, deps: ConnectorDeps, order: Order): Promise<Date> {
  const { clock } = await db.one(z.object({ clock: z.date() }), "select clock_timestamp() as clock");
  return new Date(clock.getTime() + remainingMs(deps, order));
}

async function requireDatabase(db: Db, config: PostgresConfig, target: PostgresTarget): Promise<void> {
  const database = target.database ?? config.database;
  const [found] = await db.rows(
    z.object({ open: z.boolean() }),
    `select datallowconn and has_database_privilege($2, oid, 'CONNECT') as open from pg_database where datname = $1`,
    [database, target.groupRole],
  );
  if (found?.open === true) return;
  const why = found === undefined ? "there is no such database" : `${target.groupRole} may not connect to it`;
  throw new ConnectorError("wrong-target", `database ${database}: ${why}`, { transient: false });
}

const roleRow = z.object({
  marker: z.string().nullable(),
  login: z.boolean(),
  powerful: z.boolean(),
  groups: z.array(z.string()),
});

async function findRole(db: Db, name: string): Promise<z.infer<typeof roleRow> | null> {
  const [role] = await db.rows(
    roleRow,
    `select shobj_description(r.oid, 'pg_authid') as marker, r.rolcanlogin as login,
       r.rolsuper or r.rolcreaterole or r.rolcreatedb or r.rolreplication or r.rolbypassrls as powerful,
       array(select g.rolname::text from pg_auth_members m join pg_roles g on g.oid = m.roleid where m.member = r.oid) as groups
     from pg_roles r where r.rolname = $1`,
    [name],
  );
  return role ?? null;
}

/** A role with our name that is not just what we would make is not completed: another's work, or already ending. */
function requireOurs(role: z.infer<typeof roleRow>, installationId: string, order: Order): void {
  const why =
    role.marker !== handleMarker(installationId, order.grantId)
      ? "was not made by this installation"
      : !role.login
        ? "is being ended"
        : role.powerful || role.groups.some((group) => group !== order.target.groupRole)
          ? "has other rights than this grant gives"
          : null;
  if (why !== null) {
    throw new ConnectorError("conflict", `the role of grant ${order.grantId} exists and ${why}`, { transient: false });
  }
}

type Statements = {
  readonly order: Order;
  readonly name: string;
  readonly installationId: string;
  readonly exists: boolean;
};

function statementsFor(version: number, { order, name, installationId, exists }: Statements): string {
  const role = escapeIdentifier(name);
  const bounds = `connection limit ${order.maxConnections} valid until ${escapeLiteral(order.notAfter.toISOString())}`;
  const attributes = "login nosuperuser nocreatedb nocreaterole inherit noreplication nobypassrls";
  // With SET, a session could leave objects owned by the group, which nobody could tell from its own.
  const options = version >= 160_000 ? " with inherit true, set false" : "";
  return [
    exists ? `alter role ${role} ${bounds}` : `create role ${role} ${attributes} ${bounds}`,
    `comment on role ${role} is ${escapeLiteral(handleMarker(installationId, order.grantId))}`,
    `grant ${escapeIdentifier(order.target.groupRole)} to ${role}${options}`,
    setVerifier,
  ].join(";\n");
}

/** Says which statement an administrator of the target would run, where the server only says "permission denied". */
function explain(db: Db, { gate }: Granting, order: Order): (error: unknown) => never {
  return (error) => {
    if (sqlStateOf(error) !== "42501") throw error;
    const account = escapeIdentifier(gate.user);
    const group = escapeIdentifier(order.target.groupRole);
    const remedy =
      db.version >= 160_000
        ? `ALTER ROLE ${account} CREATEROLE; GRANT ${group} TO ${account} WITH ADMIN OPTION, INHERIT FALSE, SET FALSE`
        : `ALTER ROLE ${account} CREATEROLE`;
    throw new ConnectorError("denied", `the target does not let ${gate.user} hand out ${order.target.groupRole}; it needs: ${remedy}`, {
      transient: false,
    });
  };
}

/** The role's OID, if there is still time by the target's own clock. */
async function lastLook(db: Db, name: string, deadline: Date): Promise<string> {
  const [made] = await db.rows(
    z.object({ targetId: z.string(), inTime: z.boolean() }),
    `select oid::text as "targetId", clock_timestamp() < $2 as "inTime" from pg_roles where rolname = $1`,
    [name, deadline],
  );
  if (made?.inTime === true) return made.targetId;
  throw new ConnectorError("deadline-passed", "the deadline passed on the target; nothing was issued", { transient: false });
}

function remainingMs(deps: ConnectorDeps, order: Order): number {
  const remaining = order.deadline.getTime() - deps.now().getTime();
  if (remaining > 0) return remaining;
  throw new ConnectorError("deadline-passed", "the deadline passed; nothing was issued", { transient: false });
}

/** What a holder needs besides the password. */
function connectionOf(config: PostgresConfig, target: PostgresTarget, user: string): Record<string, string> {
  return {
    host: config.connectionHost ?? config.host,
    port: String(config.connectionPort ?? config.port),
    database: target.database ?? config.database,
    user,
    sslmode: config.sslmode,
  };
}
