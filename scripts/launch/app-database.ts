import pg from "pg";
import { makeScramVerifier } from "../../lib/connectors/postgres/scram";
import type { Cluster } from "../cluster/cluster";
import type { DemoSecrets } from "./installation";

export type DatabaseUrls = { readonly ownerUrl: string; readonly appUrl: string };

const database = "curfew";

/** Makes the app's two roles and its database in the embedded cluster; running it again sets the passwords anew. */
export async function prepareAppDatabase(cluster: Cluster, secrets: DemoSecrets): Promise<DatabaseUrls> {
  const owner = { user: "curfew_owner", password: secrets.ownerPassword };
  const app = { user: "curfew_app", password: secrets.appPassword };
  const superuser = new pg.Client({ connectionString: cluster.url("postgres") });
  await superuser.connect();
  try {
    for (const { user, password } of [owner, app]) {
      const { rowCount } = await superuser.query("SELECT FROM pg_roles WHERE rolname = $1", [user]);
      const verb = rowCount ? "ALTER" : "CREATE";
      const verifier = superuser.escapeLiteral(await makeScramVerifier(password));
      await superuser.query(`${verb} ROLE ${user} LOGIN NOSUPERUSER PASSWORD ${verifier}`);
    }
    const { rowCount } = await superuser.query("SELECT FROM pg_database WHERE datname = $1", [database]);
    if (!rowCount) await superuser.query(`CREATE DATABASE ${database} OWNER ${owner.user}`);
    await superuser.query(`REVOKE ALL ON DATABASE ${database} FROM PUBLIC`);
    await superuser.query(`GRANT CONNECT ON DATABASE ${database} TO ${app.user}`);
  } finally {
    await superuser.end();
  }
  return { ownerUrl: cluster.url(database, owner), appUrl: cluster.url(database, app) };
}

/** Settings of the app's own cluster. */
export const appSettings = { max_connections: "150", log_connections: "off" } as const;
