import { stat } from "node:fs/promises";
import path from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startCluster, type Cluster } from "../cluster/cluster";
import { temporaryFolder } from "../test/temporary";
import { prepareTarget, targetSettings } from "./target";
import type { DemoTarget } from "./target-accounts";

let cluster: Cluster;
let target: DemoTarget;
let file: string;
let remove: () => Promise<void>;

beforeAll(async () => {
  const temporary = await temporaryFolder("target");
  remove = temporary.remove;
  file = path.join(temporary.folder, "target.json");
  cluster = await startCluster({ dataDir: temporary.folder, settings: targetSettings });
  target = await prepareTarget(cluster, file);
});

afterAll(async () => {
  await cluster.stop();
  await remove();
});

async function ask<Row extends pg.QueryResultRow>(account: { user: string; password: string }, sql: string, database = "orders") {
  const client = new pg.Client({ host: target.host, port: target.port, database, ...account });
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

describe("the demo's target", () => {
  it("keeps its sign-ins in a file that only its user can read", async () => {
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it("is left as it is by the next start, with the same passwords", async () => {
    await ask(target.admin, "UPDATE sales.orders SET currency = 'SEK' WHERE id = 1");
    expect(await prepareTarget(cluster, file)).toEqual(target);
    expect(await ask(target.admin, "SELECT currency FROM sales.orders WHERE id = 1")).toEqual([{ currency: "SEK" }]);
  });

  it("has a company's roles, tables and rows", async () => {
    const [roles] = await ask<{ logins: number }>(
      target.admin,
      "SELECT count(*)::int AS logins FROM pg_roles WHERE rolcanlogin AND rolname !~ '^(pg_|postgres|curfew)'",
    );
    expect(roles?.logins).toBeGreaterThanOrEqual(25);
    const [rows] = await ask<{ orders: number }>(target.admin, "SELECT count(*)::int AS orders FROM sales.orders");
    expect(rows?.orders).toBe(700);
  });

  it("lets Curfew's account make a login with a group role, but not use that role itself", async () => {
    const { connector } = target;
    await ask(connector, "CREATE ROLE curfew_test_grant LOGIN IN ROLE orders_write");
    await expect(ask(connector, "SELECT count(*) FROM sales.orders")).rejects.toThrow("permission denied");
    await expect(ask(connector, "SET ROLE orders_write")).rejects.toThrow("permission denied");
    await expect(ask(connector, "ALTER ROLE ops_console NOLOGIN")).rejects.toThrow("permission denied");
    await expect(ask(connector, "GRANT pg_execute_server_program TO curfew_test_grant")).rejects.toThrow("permission denied");
    await ask(connector, "DROP ROLE curfew_test_grant");
  });

  it("lets the probe see all activity and change nothing", async () => {
    const rows = await ask<{ query: string }>(target.probe, "SELECT query FROM pg_stat_activity WHERE usename IS NOT NULL");
    expect(rows.map((row) => row.query)).not.toContain("<insufficient privilege>");
    await expect(ask(target.probe, "CREATE ROLE x")).rejects.toThrow("permission denied");
    await expect(ask(target.probe, "SELECT count(*) FROM sales.customers")).rejects.toThrow("permission denied");
    await expect(ask(target.probe, "SELECT pg_terminate_backend(pg_backend_pid() + 1)")).resolves.toBeDefined();
  });

  it("counts statements per role", async () => {
    const user = "svc_checkout";
    await ask({ user, password: target.services[user] ?? "" }, "SELECT count(*) FROM sales.orders");
    const [row] = await ask<{ calls: number }>(
      target.probe,
      `SELECT sum(calls)::int AS calls FROM pg_stat_statements WHERE userid = '${user}'::regrole`,
    );
    expect(row?.calls).toBeGreaterThan(0);
  });

  it("is made anew when the first start was cut off half-way", async () => {
    await ask(target.admin, "COMMENT ON DATABASE orders IS NULL", "postgres");
    await prepareTarget(cluster, file);
    expect(await ask(target.admin, "SELECT currency FROM sales.orders WHERE id = 1")).not.toEqual([{ currency: "SEK" }]);
  });
});
