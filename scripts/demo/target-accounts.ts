import { readFile } from "node:fs/promises";
import * as z from "zod";

const accountSchema = z.object({ user: z.string(), password: z.string() });

const targetSchema = z.object({
  host: z.string(),
  port: z.int(),
  /** The database that Curfew connects to by default. */
  database: z.string(),
  connector: accountSchema,
  probe: accountSchema,
  /** Superuser of the target: for arranging the demo and for tests, never for Curfew. */
  admin: accountSchema,
  /** Service accounts that the demo plays. */
  services: z.record(z.string(), z.string()),
});

/** Where the demo's target is and how to sign in to it; kept in one 0600 file. */
export type DemoTarget = z.infer<typeof targetSchema>;

/** Service accounts of the demo that truly sign in now and then. */
export const playedServices = [
  "billing_sync",
  "report_nightly",
  "svc_checkout",
  "svc_shipping",
  "svc_payments",
  "metabase",
  "airflow_loader",
  "dbt_runner",
  "legacy_etl",
  "inventory_sync",
  "fraud_scorer",
] as const;

/** Service accounts that nothing uses any more; they could still sign in. */
export const silentServices = ["coupon_import", "partner_feed", "old_forecast", "stock_export", "newsletter_2021"] as const;

/** Reads the file that `CURFEW_DEMO_TARGET_FILE` names. */
export async function readDemoTarget(file: string): Promise<DemoTarget> {
  return targetSchema.parse(JSON.parse(await readFile(file, "utf8")));
}
