import "server-only";
import { PrismaPg } from "@prisma/adapter-pg";
import { env } from "@/lib/platform/env";
import { PrismaClient } from "./generated/client";

/** Connections of one process to the app's database. */
const poolSize = 16;

function connect(): PrismaClient {
  return new PrismaClient({
    adapter: new PrismaPg({ connectionString: env.databaseUrl, max: poolSize, application_name: "curfew" }),
    errorFormat: "minimal",
    // Prisma's defaults (2 s, 5 s) fail a burst of votes on one request with P2028.
    transactionOptions: { maxWait: 20_000, timeout: 20_000 },
  });
}

const kept = globalThis as { curfewDatabase?: PrismaClient };

/** The app's database. One client per process, kept over hot reloads. */
export const db: PrismaClient = new Proxy({} as PrismaClient, {
  get(_target, property) {
    kept.curfewDatabase ??= connect();
    const value: unknown = Reflect.get(kept.curfewDatabase, property);
    return typeof value === "function" ? value.bind(kept.curfewDatabase) : value;
  },
});
