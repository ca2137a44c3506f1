import { escapeIdentifier } from "pg";
import * as z from "zod";
import type { Limit, SystemCheck } from "../../contract";
import { ConnectorError } from "../../errors";
import type { Db, Gate } from "../client";
import type { PostgresConfig } from "../schema";
import { statementToAllow } from "../suspending/role";
import { readGroups, whyNotGrantable, type Ours } from "../target-rules";
import { limitsOf, readServerFacts } from "./limits";
import { readDatabases } from "./privileges";

export type Checking = {
  readonly gate: Gate;
  readonly probeGate: Gate | null;
  readonly config: PostgresConfig;
  readonly ours: Ours;
  readonly now: () => Date;
};

type Gap = SystemCheck["gaps"][number];

const accountRow = z.object({
  superuser: z.boolean(),
  createRole: z.boolean(),
  signals: z.boolean(),
  readsStats: z.boolean(),
  attic: z.enum(["missing", "unsound", "not-usable", "usable"]),
  counts: z.boolean(),
});

const account = `
  select r.rolsuper as superuser, r.rolcreaterole as "createRole",
    pg_has_role(r.oid, 'pg_signal_backend', 'usage') as signals, pg_has_role(r.oid, 'pg_read_all_stats', 'usage') as "readsStats",
    coalesce((select case
      when a.rolcanlogin or a.rolsuper or a.rolcreaterole or a.rolcreatedb or a.rolreplication or a.rolbypassrls
        or exists(select from pg_auth_members where member = a.oid) then 'unsound'
      when pg_has_role(r.oid, a.oid, 'usage') then 'usable' else 'not-usable' end
      from pg_roles a where a.rolname = $1), 'missing') as attic,
    exists(select from pg_extension where extname = 'pg_stat_statements')
      and current_setting('pg_stat_statements.max', true) is not null as counts
  from pg_roles r where r.rolname = session_user`;

/** Who we are on the target, what is missing, and what it cannot do. */
export async function checkSystem(checking: Checking, signal: AbortSignal): Promise<SystemCheck> {
  const { gate, probeGate, now } = checking;
  const seen = await gate.use(signal, async (db) => {
    const before = now().getTime();
    const { clock } = await db.one(z.object({ clock: z.date() }), "select clock_timestamp() as clock");
    const clockOffsetMs = Math.round(clock.getTime() - (before + now().getTime()) / 2);
    const facts = await readServerFacts(db);
    const grantable = await readGrantable(db, checking.ours);
    const gaps = [...(await accountGaps(db, checking)), ...clockGap(clockOffsetMs), ...grantableGap(db, gate.user, grantable)];
    const notSuspendable = await readSuspensionLimits(db, checking);
    return { clockOffsetMs, facts, grantable, gaps, notSuspendable };
  });
  const probe = probeGate === null ? noProbe() : await lookAsProbe(probeGate, gate.user, signal);
  return {
    reachable: true,
    serverVersion: seen.facts.serverVersion,
    clockOffsetMs: seen.clockOffsetMs,
    probeAccount: probe.account,
    grantable: seen.grantable,
    gaps: [...seen.gaps, ...probe.gaps],
    limits: [...limitsOf(seen.facts), ...seen.notSuspendable],
  };
}

async function accountGaps(db: Db, { gate, config }: Checking): Promise<Gap[]> {
  const me = escapeIdentifier(gate.user);
  const attic = escapeIdentifier(config.atticRole);
  const facts = await db.one(accountRow, account, [config.atticRole]);
  const databases = await readDatabases(db, []);
  const gaps: (Gap | false)[] = [
    facts.superuser && gap("The account is a superuser; Curfew needs none", `ALTER ROLE ${me} NOSUPERUSER`),
    !facts.createRole && gap("It may not make roles", `ALTER ROLE ${me} CREATEROLE`),
    !facts.signals && gap("It may not cut sessions", `GRANT pg_signal_backend TO ${me}`),
    !facts.readsStats && gap("It does not see other roles' activity", `GRANT pg_read_all_stats TO ${me}`),
    facts.attic === "missing" &&
      gap("There is no attic for what sessions leave behind", `CREATE ROLE ${attic} NOLOGIN; GRANT ${attic} TO ${me}`),
    facts.attic === "unsound" &&
      gap("The attic role can log in, has an attribute or is a member of another role", `DROP ROLE ${attic}; CREATE ROLE ${attic} NOLOGIN; GRANT ${attic} TO ${me}`),
    facts.attic === "not-usable" && gap("It may not hand anything to the attic", `GRANT ${attic} TO ${me}`),
    !facts.counts &&
      gap("Statements are not counted, so short sessions can go unseen", "CREATE EXTENSION pg_stat_statements -- with shared_preload_libraries = 'pg_stat_statements'"),
    ...databases.map(
      ({ name, visible }) =>
        !visible &&
        gap(`It cannot clean up or look in database ${name}`, `GRANT CONNECT ON DATABASE ${escapeIdentifier(name)} TO ${me}`),
    ),
  ];
  return gaps.filter((each) => each !== false);
}

function gap(what: string, statement: string): Gap {
  return { what, statement };
}

const clockToleranceMs = 2_000;

function clockGap(offsetMs: number): Gap[] {
  if (Math.abs(offsetMs) <= clockToleranceMs) return [];
  const what = `The target's clock is ${Math.abs(offsetMs)} ms ${offsetMs > 0 ? "ahead of" : "behind"} Curfew's; VALID UNTIL goes by the target's`;
  return [gap(what, "-- set both clocks by NTP")];
}

/** Group roles that may be handed out, by our rights on the target and by what they lead to. */
async function readGrantable(db: Db, ours: Ours): Promise<string[]> {
  const administered = await db.rows(
    z.object({ name: z.string() }),
    db.version >= 160_000
      ? `select rolname::text as name from pg_roles g where pg_has_role(session_user, g.oid, 'MEMBER WITH ADMIN OPTION')`
      : `select g.rolname::text as name from pg_roles g, pg_roles me where me.rolname = session_user and me.rolcreaterole`,
  );
  const allowed = new Set(administered.map(({ name }) => name));
  const groups = await readGroups(db, null, ours);
  return groups
    .filter((group) => allowed.has(group.name) && !group.name.startsWith("pg_") && whyNotGrantable(group) === null)
    .map(({ name }) => name);
}

/** Before 16 CREATEROLE is enough for all of them. */
function grantableGap(db: Db, user: string, grantable: readonly string[]): Gap[] {
  if (grantable.length > 0 || db.version < 160_000) return [];
  const statement = `GRANT the_group_role TO ${escapeIdentifier(user)} WITH ADMIN OPTION, INHERIT FALSE, SET FALSE`;
  return [gap("It may hand out no group role", statement)];
}

const mostNamedLogins = 40;

/** Logins that a rehearsal or suspension cannot touch, with the one statement that would change it. No gap: it is for their owners to decide. */
async function readSuspensionLimits(db: Db, { gate, ours }: Checking): Promise<Limit[]> {
  const { names, total } = await db.one(
    z.object({ names: z.array(z.string()), total: z.number() }),
    `with no as (
       select r.rolname::text as name from pg_roles r, pg_roles me where me.rolname = session_user and r.rolcanlogin and not r.rolsuper
         and r.rolname !~ '^curfew_[0-9a-f]{8}_[0-9a-f]{32}$' and r.rolname <> all($1)
         and not (me.rolcreaterole and ${db.version >= 160_000 ? "pg_has_role(me.oid, r.oid, 'MEMBER WITH ADMIN OPTION')" : "not r.rolreplication"})
       order by 1)
     select array(select name from no limit ${mostNamedLogins}) as names, (select count(*)::int from no) as total`,
    [ours.accounts],
  );
  if (total === 0) return [];
  const more = total > names.length ? `, the first ${names.length} of them` : "";
  const text = `${total} ${total === 1 ? "login" : "logins"} cannot be suspended by Curfew (no rehearsal, no offboarding). A superuser can allow it for those that it may act on${more}: ${statementToAllow(db.version, names, gate.user)}.`;
  return [{ code: "cannot-suspend", text }];
}

type ProbeCheck = { readonly account: string | null; readonly gaps: Gap[] };

function noProbe(): ProbeCheck {
  const what = "There is no second account to look with, so no end can be proven";
  return { account: null, gaps: [gap(what, "CREATE ROLE curfew_probe LOGIN PASSWORD '…'; GRANT pg_read_all_stats TO curfew_probe")] };
}

/** A probe that cannot sign in is a gap, not a failure: the rest of the system still works. */
async function lookAsProbe(probeGate: Gate, connectorUser: string, signal: AbortSignal): Promise<ProbeCheck> {
  const name = escapeIdentifier(probeGate.user);
  try {
    return await probeGate.use(signal, async (db) => {
      const facts = await db.one(
        z.object({ user: z.string(), powerful: z.boolean(), member: z.boolean(), readsStats: z.boolean() }),
        `select session_user::text as user, r.rolsuper or r.rolcreaterole or r.rolcreatedb or r.rolbypassrls or r.rolreplication as powerful,
           pg_has_role(r.oid, $1, 'member') as member, pg_has_role(r.oid, 'pg_read_all_stats', 'usage') as "readsStats"
         from pg_roles r where r.rolname = session_user`,
        [connectorUser],
      );
      if (facts.user === connectorUser) return { account: null, gaps: noProbe().gaps };
      const gaps: (Gap | false)[] = [
        facts.powerful &&
          gap("The probe account can change things; it should only look", `ALTER ROLE ${name} NOSUPERUSER NOCREATEROLE NOCREATEDB NOREPLICATION NOBYPASSRLS`),
        facts.member &&
          gap("The probe account may act as the connector's", `REVOKE ${escapeIdentifier(connectorUser)} FROM ${name}`),
        !facts.readsStats && gap("The probe account does not see activity", `GRANT pg_read_all_stats TO ${name}`),
      ];
      return { account: facts.user, gaps: gaps.filter((each) => each !== false) };
    });
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.code === "aborted") throw error;
    return { account: null, gaps: [gap(`The probe account cannot sign in: ${error.message}`, `ALTER ROLE ${name} LOGIN PASSWORD '…'`)] };
  }
}
