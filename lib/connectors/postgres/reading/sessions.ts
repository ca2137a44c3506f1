import * as z from "zod";
import type { Handle, LiveSession, Observation } from "../../contract";
import { ConnectorError } from "../../errors";
import type { Db } from "../client";
import { grantIdOf, handlePrefix } from "../handle";

const sessionRow = z.object({
  role: z.string(),
  key: z.string(),
  startedAt: z.date().nullable(),
  lastActiveAt: z.date().nullable(),
  clientAddress: z.string().nullable(),
  applicationName: z.string().nullable(),
  state: z.string().nullable(),
});

/**
 * Hidden activity still shows that there is a backend, and for which role, but not even of which type. A backend's
 * process id comes again some day; together with its start it does not.
 */
const liveSessions = `
  select r.rolname::text as role, a.pid || '/' || (extract(epoch from a.backend_start) * 1000000)::bigint as key,
    a.backend_start as "startedAt",
    case when a.state = 'active' then clock_timestamp() else a.state_change end as "lastActiveAt",
    host(a.client_addr) as "clientAddress", nullif(a.application_name, '') as "applicationName", a.state
  from pg_stat_activity a join pg_roles r on r.oid = a.usesysid
  where coalesce(a.backend_type, 'client backend') = 'client backend' and starts_with(r.rolname::text, $1)
  order by a.backend_start`;

/** The live connections of this installation's credentials. */
export async function readSessions(db: Db, installationId: string): Promise<LiveSession[]> {
  const rows = await db.rows(sessionRow.extend({ key: z.string().nullable() }), liveSessions, [handlePrefix(installationId)]);
  return rows.flatMap(({ role, key, startedAt, ...seen }) => {
    const grantId = grantIdOf(installationId, role);
    if (grantId === null) return [];
    if (startedAt === null || key === null) {
      // The server hides other roles' activity; half a view would be shown as a whole one.
      throw new ConnectorError("denied", "the target hides activity; the account needs: GRANT pg_read_all_stats", {
        transient: false,
      });
    }
    return [{ grantId, key, startedAt, ...seen }];
  });
}

/** Sessions, and statements where the target counts them: polling alone misses short sessions. */
export async function observeRoles(db: Db, installationId: string, now: Date): Promise<Observation> {
  const sessions = await readSessions(db, installationId);
  const counted = (await readStatementCounts(db)) ?? new Map<string, number>();
  const handles = await listRoles(db, installationId);
  const statements = handles.flatMap(({ grantId, handle }) => {
    const calls = counted.get(handle.targetId ?? "");
    return calls === undefined ? [] : [{ grantId, calls }];
  });
  return { observedAt: now, sessions, statements };
}

const countRow = z.object({ oid: z.string(), calls: z.number() });

/** Statements by role since the counters began; null where the server does not count or does not show it to us. */
export async function readStatementCounts(db: Db): Promise<Map<string, number> | null> {
  const view = await statementsView(db, "pg_stat_statements");
  if (view === null) return null;
  const topLevel = db.version >= 140_000 ? "where toplevel" : "";
  // The function behind the view, told not to read the file with the statements' texts.
  const rows = await db.rows(
    countRow,
    `select userid::text as oid, sum(calls)::float8 as calls from ${view}(false) ${topLevel} group by userid`,
  );
  return new Map(rows.map(({ oid, calls }) => [oid, calls]));
}

/** The quoted name of a view of that extension, wherever it was installed; null where it is not there, not running or not for us. */
export async function statementsView(db: Db, view: "pg_stat_statements" | "pg_stat_statements_info"): Promise<string | null> {
  const [found] = await db.rows(
    z.object({ name: z.string() }),
    `select format('%I.%I', n.nspname, c.relname) as name
     from pg_extension e join pg_namespace n on n.oid = e.extnamespace join pg_class c on c.relnamespace = n.oid
     where e.extname = 'pg_stat_statements' and c.relname = $1 and has_table_privilege(c.oid, 'SELECT')
       and has_schema_privilege(n.oid, 'USAGE') and current_setting('pg_stat_statements.max', true) is not null`,
    [view],
  );
  return found?.name ?? null;
}

/** Every role of this installation that the target knows. */
export async function listRoles(db: Db, installationId: string): Promise<{ grantId: string; handle: Handle }[]> {
  const rows = await db.rows(
    z.object({ name: z.string(), oid: z.string() }),
    "select rolname::text as name, oid::text as oid from pg_roles where starts_with(rolname::text, $1) order by 1",
    [handlePrefix(installationId)],
  );
  return rows.flatMap(({ name, oid }) => {
    const grantId = grantIdOf(installationId, name);
    return grantId === null ? [] : [{ grantId, handle: { name, targetId: oid } }];
  });
}

/** Other installations whose roles the target knows, by the form of their names. */
export async function listOthers(db: Db, installationId: string): Promise<string[]> {
  const rows = await db.rows(
    z.object({ installation: z.string() }),
    "select distinct substr(rolname::text, 8, 8) as installation from pg_roles where rolname::text ~ '^curfew_[0-9a-f]{8}_[0-9a-f]{32}$' and not starts_with(rolname::text, $1) order by 1",
    [handlePrefix(installationId)],
  );
  return rows.map(({ installation }) => installation);
}
