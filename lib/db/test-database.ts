import pg from "pg";
import { inject } from "vitest";
import { env } from "@/lib/platform/env";
import type {} from "@/scripts/test/provided";

/** Connection string of this test file's own database, as the app's role. */
export function databaseUrl(): string {
  return env.databaseUrl;
}

/** The same database as the role that owns the schemas, which the app never is. */
export function ownerUrl(): string {
  return sameDatabase(inject("appCluster").ownerUrl);
}

/** The same database as superuser, for what a test must arrange from outside. */
export function superuserUrl(): string {
  return sameDatabase(inject("appCluster").superuserUrl);
}

function sameDatabase(url: string): string {
  const changed = new URL(url);
  changed.pathname = new URL(env.databaseUrl).pathname;
  return changed.href;
}

/** Runs `use` over one connection of its own and closes it, for races between two connections and for looking inside. */
export async function withClient<Answer>(url: string, use: (client: pg.Client) => Promise<Answer>): Promise<Answer> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}
