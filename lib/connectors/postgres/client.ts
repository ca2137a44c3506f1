import { Client, Pool, type ClientBase, type ClientConfig } from "pg";
import * as z from "zod";
import { ConnectorError } from "../errors";
import { asConnectorError, sqlStateOf } from "./faults";
import type { PostgresAccount, PostgresConfig } from "./schema";

/** One open connection, as the parts of this connector see it. */
export type Db = {
  /** For example 150018. */
  readonly version: number;
  /** Reads rows and checks their shape. Values are bound, never part of the text. */
  rows<Row>(shape: z.ZodType<Row>, text: string, values?: readonly unknown[]): Promise<Row[]>;
  /** The one row that the query has by its nature. */
  one<Row>(shape: z.ZodType<Row>, text: string, values?: readonly unknown[]): Promise<Row>;
  /** Runs statements that answer nothing. Every name in the text went through escapeIdentifier or escapeLiteral. */
  run(text: string): Promise<void>;
};

/** The way to one target with one account. */
export interface Gate extends AsyncDisposable {
  readonly user: string;
  /** Lends a connection for the work; aborting the signal closes it, which ends what runs on it. */
  use<Value>(signal: AbortSignal, work: (db: Db) => Promise<Value>, database?: string): Promise<Value>;
  /** A connection beside those of the pool, for work that must not wait for one. */
  useApart<Value>(signal: AbortSignal, work: (db: Db) => Promise<Value>, database?: string): Promise<Value>;
}

type Lent = { readonly client: ClientBase; readonly giveBack: (broken: boolean) => void };

const connectMs = 5_000;
/** Ends statements on the target; ours waits somewhat longer for the answer. */
const statementMs = 15_000;

/**
 * On a target, users may plant functions and operators: with pg_catalog alone in the path, none of ours can be
 * overloaded (CVE-2018-1058). `lock_timeout` keeps us from holding up the target's own work in its lock queues.
 */
const prepareConnection = `
  set search_path = pg_catalog, pg_temp;
  set statement_timeout = '${statementMs}ms';
  set lock_timeout = '2s';
  set idle_in_transaction_session_timeout = '15s'`;

const versionRow = z.object({ version: z.number() });

/** Opens nothing yet; the first use does. */
export function openGate(config: PostgresConfig, account: PostgresAccount, poolSize: number): Gate {
  const settings = clientSettings(config, account);
  const versions = new WeakMap<ClientBase, number>();
  const pool = new Pool({
    ...settings,
    database: config.database,
    max: poolSize,
    idleTimeoutMillis: 10_000,
    allowExitOnIdle: true,
    onConnect: async (client) => void versions.set(client, await prepare(client)),
  });
  pool.on("error", () => undefined); // an idle connection broke: the pool has dropped it already

  const lendPooled = async (): Promise<Lent> => {
    const client = await pool.connect();
    return { client, giveBack: (broken) => client.release(broken) };
  };
  const lendApart = async (database: string): Promise<Lent> => {
    const client = new Client({ ...settings, database });
    await client.connect();
    versions.set(client, await prepare(client));
    return { client, giveBack: () => void client.end().catch(() => undefined) };
  };
  const lendTo = async <Value>(signal: AbortSignal, lending: () => Promise<Lent>, work: (db: Db) => Promise<Value>) =>
    await withLent(signal, lending, (client) => work(asDb(client, versions.get(client) ?? 0)));

  return {
    user: account.user,
    use: (signal, work, database = config.database) =>
      lendTo(signal, database === config.database ? lendPooled : () => lendApart(database), work),
    useApart: (signal, work, database = config.database) => lendTo(signal, () => lendApart(database), work),
    [Symbol.asyncDispose]: () => pool.end(),
  };
}

/** Runs the work in one transaction of the target; whatever throws rolls it back. */
export async function inTransaction<Value>(db: Db, mode: string, work: () => Promise<Value>): Promise<Value> {
  await db.run(`begin; ${mode}`);
  try {
    const value = await work();
    await db.run("commit");
    return value;
  } catch (error) {
    // Otherwise the connection is closed, and the server rolls back by itself.
    if (isSound(error)) await db.run("rollback");
    throw error;
  }
}

/** After an answer of the server, or a verdict of ours on one, the connection is sound; after anything else nobody knows. */
function isSound(error: unknown): boolean {
  return sqlStateOf(error) !== null || error instanceof ConnectorError;
}

async function withLent<Value>(
  signal: AbortSignal,
  lending: () => Promise<Lent>,
  work: (client: ClientBase) => Promise<Value>,
): Promise<Value> {
  let lent: Lent | null = null;
  const giveBack = (broken: boolean): void => {
    lent?.giveBack(broken);
    lent = null;
  };
  const onAbort = (): void => giveBack(true);
  try {
    signal.throwIfAborted();
    lent = await unlessAborted(lending(), signal);
    signal.addEventListener("abort", onAbort, { once: true });
    const value = await work(lent.client);
    signal.throwIfAborted();
    giveBack(false);
    return value;
  } catch (error) {
    giveBack(!isSound(error));
    throw asConnectorError(error, signal);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

/** Waits for a connection or for the abort, whichever is first; a connection that comes too late is closed. */
async function unlessAborted(lending: Promise<Lent>, signal: AbortSignal): Promise<Lent> {
  let giveUp = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    giveUp = () => reject(signal.reason);
    signal.addEventListener("abort", giveUp, { once: true });
  });
  try {
    return await Promise.race([lending, aborted]);
  } catch (error) {
    lending.then(
      (late) => late.giveBack(true),
      () => undefined,
    );
    throw error;
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
}

async function prepare(client: ClientBase): Promise<number> {
  // Without a listener, a connection that breaks between two statements would end the process.
  client.on("error", () => undefined);
  await client.query(prepareConnection);
  const { rows } = await client.query("select current_setting('server_version_num')::int as version");
  const { version } = versionRow.parse(rows[0]);
  if (version < 130_000) {
    throw new ConnectorError("wrong-target", "PostgreSQL 13 or later is needed", { transient: false });
  }
  return version;
}

function asDb(client: ClientBase, version: number): Db {
  return {
    version,
    rows: async (shape, text, values = []) => {
      const { rows } = await client.query(text, [...values]);
      return z.array(shape).parse(rows);
    },
    one: async (shape, text, values = []) => {
      const { rows } = await client.query(text, [...values]);
      return shape.parse(rows[0]);
    },
    run: async (text) => {
      await client.query(text);
    },
  };
}

function clientSettings(config: PostgresConfig, account: PostgresAccount): ClientConfig {
  return {
    host: config.host,
    port: config.port,
    user: account.user,
    password: account.password,
    application_name: "curfew",
    connectionTimeoutMillis: connectMs,
    query_timeout: statementMs + 5_000,
    keepAlive: true,
    ssl: sslSettings(config),
  };
}

function sslSettings({ sslmode, ca }: PostgresConfig): ClientConfig["ssl"] {
  switch (sslmode) {
    case "disable":
      return false;
    case "require":
      return { rejectUnauthorized: false };
    case "verify-full":
      return ca === undefined ? { rejectUnauthorized: true } : { rejectUnauthorized: true, ca };
  }
}
