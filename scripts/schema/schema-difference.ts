import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { noFilter, readMigrations, withSchemaEngine } from "../../lib/db/schema-engine";
import { startCluster } from "../cluster/cluster";

export type SchemaFile = { readonly path: string; readonly content: string };

/** The Prisma schema's files. */
export async function schemaFiles(folder: string): Promise<SchemaFile[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".prisma")).toSorted();
  return Promise.all(names.map(async (name) => ({ path: name, content: await readFile(path.join(folder, name), "utf8") })));
}

/**
 * What the schema wants beyond the migrations so far, as SQL; null when they agree. Found out in a database that
 * lives for a moment. Looks at the public schema only: the ledger's and the queue's are not Prisma's.
 */
export async function missingSql(migrations: string, files: readonly SchemaFile[]): Promise<string | null> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "curfew-migration-"));
  const cluster = await startCluster({ dataDir: folder });
  try {
    const soFar = await readMigrations(migrations);
    return await withSchemaEngine(cluster.url("postgres"), async (engine) => {
      const { stdout } = await engine.diff({
        from: { tag: "migrations", ...soFar },
        to: { tag: "schemaDatamodel", files: [...files] },
        script: true,
        exitCode: null,
        filters: noFilter,
      });
      const sql = stdout ?? "";
      return sql.trim() === "" || /^-- This is an empty migration/m.test(sql) ? null : sql;
    });
  } finally {
    await cluster.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
