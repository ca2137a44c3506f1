import "server-only";
import path from "node:path";
import { runMigrations } from "graphile-worker";
import pg from "pg";
import { AppError } from "@/lib/platform/errors";
import { grantAppRole, roleOf } from "@/lib/db/privileges";
import { noFilter, readMigrations, withSchemaEngine } from "@/lib/db/schema-engine";

export type MigrateOptions = {
  /** Role that owns the schemas (`CURFEW_MIGRATE_URL`). */
  readonly ownerUrl: string;
  /** Role that the app runs as (`DATABASE_URL`); gets its privileges here. */
  readonly appUrl: string;
  readonly folder?: string;
};

/** Any fixed number; two installations starting at once on one database take turns. */
const migrationLock = 4_137_220_871;

/**
 * Brings the database up to date: Prisma's migrations, the job queue's, then the privileges of the app's role.
 * Running it again changes nothing. Answers the names of the migrations that were applied.
 */
export async function migrate({ ownerUrl, appUrl, folder }: MigrateOptions): Promise<readonly string[]> {
  refuseOneRole(ownerUrl, appUrl);
  const owner = new pg.Client({ connectionString: ownerUrl, application_name: "curfew-migrate" });
  await owner.connect();
  try {
    await owner.query("SELECT pg_advisory_lock($1)", [migrationLock]);
    const applied = await applyMigrations(ownerUrl, folder ?? path.resolve("prisma/migrations"));
    await runMigrations({ connectionString: ownerUrl, noHandleSignals: true });
    await grantAppRole(owner, roleOf(appUrl));
    return applied;
  } finally {
    await owner.end();
  }
}

/** An owner could switch off the triggers that keep the ledger append-only. */
function refuseOneRole(ownerUrl: string, appUrl: string): void {
  if (roleOf(ownerUrl) !== roleOf(appUrl)) return;
  throw new AppError(
    "configuration",
    `DATABASE_URL and CURFEW_MIGRATE_URL name the same role "${roleOf(appUrl)}". The app must run as a role that owns ` +
      "nothing, so that it can never change the ledger: give DATABASE_URL a role of its own.",
  );
}

/** Applies what is missing of `prisma/migrations`, as `prisma migrate deploy` would. */
export async function applyMigrations(ownerUrl: string, folder: string): Promise<readonly string[]> {
  const migrationsList = await readMigrations(folder);
  try {
    return await withSchemaEngine(ownerUrl, async (engine) => {
      const { appliedMigrationNames } = await engine.applyMigrations({ migrationsList, filters: noFilter });
      return appliedMigrationNames;
    });
  } catch (error) {
    throw new AppError("database", `The database could not be brought up to date: ${messageOf(error)}`, { cause: error });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
