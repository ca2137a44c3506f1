import { readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { generatePassword, makeScramVerifier } from "../../lib/connectors/postgres/scram";
import type { Cluster } from "../cluster/cluster";
import { writePrivate } from "../system/private-file";
import { playedServices, readDemoTarget, silentServices, type DemoTarget } from "./target-accounts";

/** Settings of the target's cluster: statements are counted, and they and sign-ins are logged, as on a server worth governing. */
export const targetSettings = {
  shared_preload_libraries: "pg_stat_statements",
  "pg_stat_statements.track": "all",
  track_activity_query_size: "2048",
  log_connections: "on",
  log_disconnections: "on",
  log_statement: "all",
  log_timezone: "UTC",
  log_destination: "jsonlog",
  logging_collector: "on",
  log_directory: "log",
  log_filename: "target-%a.log",
  log_truncate_on_rotation: "on",
  log_rotation_age: "1d",
  log_file_mode: "0600",
} as const;

/** Raised when the content changes, so that the next start makes it anew. */
const contentVersion = "3";
const folder = path.join(path.dirname(fileURLToPath(import.meta.url)), "target");

/** Fills the target with a believable company on first use, and writes down how to sign in to it. */
export async function prepareTarget(cluster: Cluster, file: string): Promise<DemoTarget> {
  const target = await describeTarget(cluster, file);
  await writePrivate(file, `${JSON.stringify(target, null, 2)}\n`);
  const superuser = new pg.Client({ connectionString: cluster.url("postgres") });
  await superuser.connect();
  try {
    if ((await contentOf(superuser)) === contentVersion) return target;
    await fill(cluster, superuser);
    await setPasswords(superuser, target);
    await superuser.query(`COMMENT ON DATABASE orders IS 'curfew demo ${contentVersion}'`);
    return target;
  } finally {
    await superuser.end();
  }
}

async function describeTarget(cluster: Cluster, file: string): Promise<DemoTarget> {
  const earlier = await readDemoTarget(file).catch(() => null);
  const services = Object.fromEntries([...playedServices, ...silentServices].map((name) => [name, earlier?.services[name] ?? generatePassword()]));
  return {
    host: cluster.host,
    port: cluster.port,
    database: "orders",
    connector: earlier?.connector ?? { user: "curfew_connector", password: generatePassword() },
    probe: earlier?.probe ?? { user: "curfew_probe", password: generatePassword() },
    admin: { user: cluster.superuser, password: cluster.password },
    services,
  };
}

async function contentOf(superuser: pg.Client): Promise<string | undefined> {
  const { rows } = await superuser.query<{ comment: string | null }>(
    "SELECT shobj_description(oid, 'pg_database') AS comment FROM pg_database WHERE datname = 'orders'",
  );
  return rows[0]?.comment?.replace("curfew demo ", "");
}

async function fill(cluster: Cluster, superuser: pg.Client): Promise<void> {
  // The comment comes last: without it, what is there is the half work of a start that was cut off.
  for (const database of ["orders", "warehouse"]) await superuser.query(`DROP DATABASE IF EXISTS ${database} WITH (FORCE)`);
  await superuser.query(await sql("roles"));
  for (const database of ["orders", "warehouse"]) {
    await superuser.query(`CREATE DATABASE ${database} OWNER ${database}_owner`);
    const client = new pg.Client({ connectionString: cluster.url(database) });
    await client.connect();
    try {
      await client.query(await sql(database));
    } finally {
      await client.end();
    }
  }
}

function sql(name: string): Promise<string> {
  return readFile(path.join(folder, `${name}.sql`), "utf8");
}

/** As verifiers: not even the demo's passwords stand in SQL text. */
async function setPasswords(superuser: pg.Client, target: DemoTarget): Promise<void> {
  const services = Object.entries(target.services).map(([user, password]) => ({ user, password }));
  for (const { user, password } of [target.connector, target.probe, ...services]) {
    const verifier = superuser.escapeLiteral(await makeScramVerifier(password));
    await superuser.query(`ALTER ROLE ${superuser.escapeIdentifier(user)} PASSWORD ${verifier}`);
  }
}
