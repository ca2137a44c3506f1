import path from "node:path";
import pg from "pg";
import { inject } from "vitest";
import "./provided";

/** Gives each test file a fresh clone of the migrated database, before any module opens a connection. */
const { superuserUrl, ownerUrl, appUrl, template } = inject("appCluster");
const database = `test_${process.env.VITEST_POOL_ID ?? "0"}`;

const superuser = new pg.Client({ connectionString: superuserUrl });
await superuser.connect();
await superuser.query(`DROP DATABASE IF EXISTS ${database} WITH (FORCE)`);
await superuser.query(`CREATE DATABASE ${database} TEMPLATE ${template} OWNER curfew_owner`);
await superuser.end();

function inDatabase(url: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
}

Object.assign(process.env, {
  DATABASE_URL: inDatabase(appUrl),
  CURFEW_MIGRATE_URL: inDatabase(ownerUrl),
  CURFEW_URL: "http://localhost:3000",
  CURFEW_DATA_DIR: path.resolve(".data-test"),
  CURFEW_SECRET_KEY: Buffer.alloc(32, 1).toString("base64"),
  CURFEW_TEST: "1",
  CURFEW_LOG_LEVEL: "silent",
  OIDC_ISSUER: "http://localhost:3999",
  OIDC_CLIENT_ID: "curfew-test",
  OIDC_CLIENT_SECRET: "curfew-test",
});
