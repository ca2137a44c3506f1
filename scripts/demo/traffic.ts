import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { readDemoTarget, type DemoTarget } from "./target-accounts";

type Work = { readonly user: string; readonly database: "orders" | "warehouse"; readonly statements: readonly string[] };

const works: readonly Work[] = [
  {
    user: "billing_sync",
    database: "orders",
    statements: [
      "SELECT id, amount_cents FROM billing.payments WHERE paid_at > now() - interval '1 day'",
      "SELECT count(*) FROM sales.orders WHERE status = 'paid'",
    ],
  },
  {
    user: "svc_checkout",
    database: "orders",
    statements: [
      "SELECT id, status FROM sales.orders ORDER BY placed_at DESC LIMIT 20",
      "UPDATE sales.orders SET status = status WHERE id = (SELECT max(id) FROM sales.orders)",
    ],
  },
  { user: "svc_shipping", database: "orders", statements: ["SELECT count(*) FROM logistics.shipments WHERE delivered_at IS NULL"] },
  { user: "svc_payments", database: "orders", statements: ["SELECT method, count(*) FROM billing.payments GROUP BY method"] },
  { user: "legacy_etl", database: "orders", statements: ["SELECT order_id, sku FROM sales.order_items LIMIT 50"] },
  { user: "fraud_scorer", database: "orders", statements: ["SELECT max(amount_cents) FROM billing.payments"] },
  { user: "report_nightly", database: "warehouse", statements: ["SELECT sum(revenue_cents) FROM mart.daily_revenue"] },
  { user: "metabase", database: "warehouse", statements: ["SELECT site, sum(pieces) FROM mart.product_stock GROUP BY site"] },
  { user: "airflow_loader", database: "warehouse", statements: ["SELECT count(*) FROM staging.order_lines"] },
  { user: "dbt_runner", database: "warehouse", statements: ["SELECT max(day) FROM mart.daily_revenue"] },
  { user: "inventory_sync", database: "warehouse", statements: ["SELECT sku, pieces FROM mart.product_stock LIMIT 90"] },
];

/** Signs in as one service account, does its work and leaves, as a real service would. */
async function play(target: DemoTarget, { user, database, statements }: Work, signal: AbortSignal): Promise<void> {
  const client = new pg.Client({
    host: target.host,
    port: target.port,
    user,
    database,
    password: target.services[user],
    application_name: user.replaceAll("_", "-"),
    connectionTimeoutMillis: 5_000,
    statement_timeout: 5_000,
  });
  // A cut connection is an everyday event here: Curfew's users end sessions.
  client.on("error", () => undefined);
  try {
    await client.connect();
    for (const statement of statements) await client.query(statement);
    await sleep(2_000, undefined, { signal });
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function main(): Promise<void> {
  const file = process.env.CURFEW_DEMO_TARGET_FILE;
  if (!file) throw new Error("CURFEW_DEMO_TARGET_FILE is not set");
  const target = await readDemoTarget(file);
  const stop = new AbortController();
  process.once("SIGTERM", () => stop.abort());
  process.once("SIGINT", () => stop.abort());
  for (let turn = 0; !stop.signal.aborted; turn += 1) {
    const work = works[turn % works.length];
    if (work) await play(target, work, stop.signal).catch((error: unknown) => report(work, error, stop.signal));
    // The first round is quick, so that a fresh demo soon shows real activity.
    const pause = turn < works.length ? 500 : 15_000 + Math.random() * 15_000;
    await sleep(pause, undefined, { signal: stop.signal }).catch(() => undefined);
  }
}

function report(work: Work, error: unknown, signal: AbortSignal): void {
  if (signal.aborted) return;
  console.log(`${new Date().toISOString()} ${work.user}: ${error instanceof Error ? error.message : String(error)}`);
}

await main();
