import "server-only";
import type pg from "pg";
import { AppError } from "@/lib/platform/errors";

/** What the app's role may do with each table of the ledger. A table not named here may only be read. */
const ledgerPrivileges: Readonly<Record<string, string>> = {
  event: "SELECT, INSERT",
  subject: "SELECT, INSERT",
  entry: "SELECT, INSERT",
  pending: "SELECT, INSERT, DELETE",
  head: "SELECT, UPDATE",
  // Names and free text beside the event; erasable without touching it.
  clear_value: "SELECT, INSERT, DELETE",
  tile: "SELECT, INSERT",
  log_key: "SELECT, INSERT",
  checkpoint: "SELECT, INSERT",
  cosignature: "SELECT, INSERT",
  timestamp_token: "SELECT, INSERT",
  self_check: "SELECT, INSERT",
  // Helps to find a changed position; what proves it are the checkpoints.
  edge: "SELECT, UPDATE",
};

const appendOnly = ["event", "subject", "entry", "tile", "log_key", "checkpoint", "cosignature", "timestamp_token", "self_check"] as const;

/** The role that a connection string signs in as. */
export function roleOf(url: string): string {
  return decodeURIComponent(new URL(url).username);
}

/**
 * Gives the app's role what it needs and takes what it must not have, then checks that it truly cannot change the
 * ledger. Idempotent; runs after every migration, in one transaction, as the owner of the schemas.
 */
export async function grantAppRole(owner: pg.Client, role: string): Promise<void> {
  await requireRole(owner, role);
  await owner.query("BEGIN");
  try {
    await grantPublic(owner, owner.escapeIdentifier(role));
    await grantQueue(owner, owner.escapeIdentifier(role));
    await grantLedger(owner, owner.escapeIdentifier(role));
    await proveLedgerIsSafe(owner, role);
    await owner.query("COMMIT");
  } catch (error) {
    await owner.query("ROLLBACK");
    if (error instanceof AppError) throw error;
    throw new AppError("database", `Role "${role}" could not be given its privileges: ${String(error)}`, { cause: error });
  }
}

async function requireRole(owner: pg.Client, role: string): Promise<void> {
  const { rowCount } = await owner.query("SELECT FROM pg_roles WHERE rolname = $1", [role]);
  if (rowCount) return;
  throw new AppError(
    "configuration",
    `DATABASE_URL names the role "${role}", which does not exist. Make it first: CREATE ROLE "${role}" LOGIN PASSWORD '…'`,
  );
}

async function grantPublic(owner: pg.Client, role: string): Promise<void> {
  await owner.query("REVOKE CREATE ON SCHEMA public FROM PUBLIC");
  await owner.query(`REVOKE CREATE ON SCHEMA public FROM ${role}`);
  await owner.query(`GRANT USAGE ON SCHEMA public TO ${role}`);
  await owner.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${role}`);
  await owner.query(`REVOKE ALL ON TABLE public._prisma_migrations FROM ${role}`);
  await owner.query(`GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO ${role}`);
  await owner.query(`GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO ${role}`);
}

/**
 * The queue's tables have row-level security and no policy: without one, a worker that does not own them silently
 * sees no jobs.
 */
async function grantQueue(owner: pg.Client, role: string): Promise<void> {
  await owner.query(`GRANT USAGE ON SCHEMA graphile_worker TO ${role}`);
  await owner.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA graphile_worker TO ${role}`);
  await owner.query(`REVOKE INSERT, UPDATE, DELETE ON TABLE graphile_worker.migrations FROM ${role}`);
  await owner.query(`GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA graphile_worker TO ${role}`);
  await owner.query(`GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA graphile_worker TO ${role}`);
  const { rows } = await owner.query<{ name: string }>(
    "SELECT relname AS name FROM pg_class WHERE relnamespace = 'graphile_worker'::regnamespace AND relrowsecurity",
  );
  for (const { name } of rows) {
    const table = `graphile_worker.${owner.escapeIdentifier(name)}`;
    await owner.query(`DROP POLICY IF EXISTS curfew_app ON ${table}`);
    await owner.query(`CREATE POLICY curfew_app ON ${table} TO ${role} USING (true) WITH CHECK (true)`);
  }
}

async function grantLedger(owner: pg.Client, role: string): Promise<void> {
  await owner.query(`GRANT USAGE ON SCHEMA ledger TO ${role}`);
  await owner.query(`REVOKE ALL ON ALL TABLES IN SCHEMA ledger FROM ${role}`);
  await owner.query(`GRANT SELECT ON ALL TABLES IN SCHEMA ledger TO ${role}`);
  for (const [table, privileges] of Object.entries(ledgerPrivileges)) {
    await owner.query(`GRANT ${privileges} ON TABLE ledger.${table} TO ${role}`);
  }
  await owner.query(`GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA ledger TO ${role}`);
  await owner.query(`GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA ledger TO ${role}`);
}

/**
 * Grants made elsewhere (to PUBLIC, to a group, a superuser flag) would defeat the ones above. Asking the server what
 * the role can do covers all of them.
 */
async function proveLedgerIsSafe(owner: pg.Client, role: string): Promise<void> {
  const { rows } = await owner.query<{ what: string }>(
    `SELECT format('as member of %s, which owns %s', owner.rolname, relation.oid::regclass) AS what, 1 AS rank
       FROM pg_class relation JOIN pg_roles owner ON owner.oid = relation.relowner
      WHERE relation.relnamespace = 'ledger'::regnamespace AND relation.relname = ANY ($2)
        AND pg_has_role($1, owner.oid, 'MEMBER')
     UNION ALL
     SELECT format('%s on %s', privilege, relation.oid::regclass), 2
       FROM pg_class relation, unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER']) privilege
      WHERE relation.relnamespace = 'ledger'::regnamespace AND relation.relkind IN ('r', 'p')
        AND (relation.relname = ANY ($2) OR relation.relname LIKE 'entry\\_%')
        AND has_table_privilege($1, relation.oid, privilege)
      ORDER BY rank, what`,
    [role, appendOnly],
  );
  if (rows.length === 0) return;
  throw new AppError(
    "configuration",
    `Role "${role}" of DATABASE_URL could change the ledger (${rows.slice(0, 3).map((row) => row.what).join(", ")}…). ` +
      "It must not be a superuser, nor own the ledger, nor be a member of a role that does.",
  );
}
