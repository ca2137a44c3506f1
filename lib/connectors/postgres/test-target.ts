import { randomBytes, randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client, type QueryResultRow } from "pg";
import type { TargetCluster } from "@/scripts/test/provided";
import type { ConnectorDeps, ConnectorSession, GrantOrder, GrantReceipt } from "../contract";
import { postgres } from "./index";
import { postgresConfigSchema, type PostgresConfig, type PostgresSecrets, type PostgresTarget } from "./schema";
import { generatePassword, makeScramVerifier } from "./scram";

/** Names of one test file's own roles and databases, so that files can share a cluster. */
export type Names = {
  readonly connector: string;
  readonly probe: string;
  readonly attic: string;
  readonly group: string;
  readonly database: string;
};

export type Issued = {
  readonly order: GrantOrder<PostgresTarget>;
  readonly receipt: GrantReceipt;
  readonly password: string;
  readonly ending: { readonly grantId: string; readonly targetId: string };
};

type Ordered = { readonly order: GrantOrder<PostgresTarget>; readonly password: string };

type Opening = {
  readonly installationId?: string;
  readonly config?: Partial<PostgresConfig>;
  readonly secrets?: Partial<PostgresSecrets>;
  readonly deps?: Partial<ConnectorDeps>;
};

/** A real server with a group role, a database, and Curfew's two accounts as the documentation sets them up. */
export class TestTarget implements AsyncDisposable {
  readonly cluster: TargetCluster;
  readonly names: Names;
  readonly passwords = { connector: generatePassword(), probe: generatePassword() };
  readonly installationId = randomBytes(4).toString("hex");
  readonly #sessions: ConnectorSession<PostgresTarget>[] = [];
  readonly #clients: Client[] = [];

  private constructor(cluster: TargetCluster) {
    const tag = randomBytes(4).toString("hex");
    this.cluster = cluster;
    this.names = {
      connector: `connector_${tag}`,
      probe: `probe_${tag}`,
      attic: `attic_${tag}`,
      group: `rw_${tag}`,
      database: `app_${tag}`,
    };
  }

  static async on(cluster: TargetCluster): Promise<TestTarget> {
    const target = new TestTarget(cluster);
    const { group, database } = target.names;
    await target.admin(`create role ${group} nologin`);
    await target.admin(`create database ${database}`);
    await target.admin("create extension if not exists pg_stat_statements").catch(() => undefined);
    await target.inApp(`create table orders(id int primary key, note text);
      grant usage, create on schema public to ${group};
      grant select, insert, update, delete, trigger on orders to ${group}`);
    await target.admin(await documentedSetup(cluster.version, target.names));
    await target.#setPasswords();
    return target;
  }

  get version(): number {
    return this.cluster.version;
  }

  /** As superuser. */
  async admin<Row extends QueryResultRow>(text: string, database = "postgres"): Promise<Row[]> {
    const client = new Client({ ...this.#where(), user: this.cluster.superuser, password: this.cluster.password, database });
    await client.connect();
    try {
      return (await client.query<Row>(text)).rows;
    } finally {
      await client.end();
    }
  }

  inApp<Row extends QueryResultRow>(text: string): Promise<Row[]> {
    return this.admin<Row>(text, this.names.database);
  }

  config(overrides: Partial<PostgresConfig> = {}): PostgresConfig {
    const { attic } = this.names;
    return postgresConfigSchema.parse({ ...this.#where(), sslmode: "disable", atticRole: attic, ...overrides });
  }

  secrets(): PostgresSecrets {
    return {
      connector: { user: this.names.connector, password: this.passwords.connector },
      probe: { user: this.names.probe, password: this.passwords.probe },
    };
  }

  open({ installationId = this.installationId, config, secrets, deps }: Opening = {}): ConnectorSession<PostgresTarget> {
    const session = postgres.open(
      this.config(config),
      { ...this.secrets(), ...secrets },
      { installationId, now: () => new Date(), sleep: (ms, signal) => sleep(ms, undefined, { signal }), ...deps },
    );
    this.#sessions.push(session);
    return session;
  }

  /** Where nothing listens. */
  openUnreachable(): ConnectorSession<PostgresTarget> {
    return this.open({ config: { port: 1 } });
  }

  async order(overrides: Partial<GrantOrder<PostgresTarget>> = {}): Promise<Ordered> {
    const password = generatePassword();
    const order = {
      grantId: randomUUID(),
      target: { groupRole: this.names.group, database: this.names.database },
      notAfter: new Date(Date.now() + 3_600_000),
      verifier: await makeScramVerifier(password),
      maxConnections: 5,
      deadline: new Date(Date.now() + 20_000),
      ...overrides,
    };
    return { order, password };
  }

  async issue(session: ConnectorSession<PostgresTarget>, overrides: Partial<GrantOrder<PostgresTarget>> = {}): Promise<Issued> {
    const { order, password } = await this.order(overrides);
    const receipt = await session.grant(order, never());
    const { targetId = "" } = receipt.handle;
    return { order, receipt, password, ending: { grantId: order.grantId, targetId } };
  }

  /** Signs in as the holder of a credential would. */
  async signIn(user: string, password: string, database = this.names.database): Promise<Client> {
    const client = new Client({ ...this.#where(), user, password, database, connectionTimeoutMillis: 5_000 });
    client.on("error", () => undefined); // it is about to be cut
    await client.connect();
    this.#clients.push(client);
    return client;
  }

  hold({ receipt, password }: Issued, database = this.names.database): Promise<Client> {
    return this.signIn(receipt.handle.name, password, database);
  }

  /** What the server wrote about everything so far. */
  async serverLog(): Promise<string> {
    const [row] = await this.admin<{ data_directory: string }>("show data_directory");
    return readFile(path.join(path.dirname(row?.data_directory ?? ""), "server.log"), "utf8");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.end().catch(() => undefined)));
    await Promise.all(this.#sessions.map((session) => session[Symbol.asyncDispose]()));
  }

  /** As verifiers, for the test reads the server's log for passwords. */
  async #setPasswords(): Promise<void> {
    const { connector, probe } = this.passwords;
    await this.admin(`alter role ${this.names.connector} password '${await makeScramVerifier(connector)}'`);
    await this.admin(`alter role ${this.names.probe} password '${await makeScramVerifier(probe)}'`);
  }

  #where(): { host: string; port: number } {
    return { host: this.cluster.host, port: this.cluster.port };
  }
}

/** A signal that never aborts. */
export function never(): AbortSignal {
  return new AbortController().signal;
}

/** The very statements of docs/connectors.md with this file's names: what is documented is what is tested. */
async function documentedSetup(version: number, names: Names): Promise<string> {
  const text = await readFile(path.resolve("docs/connectors.md"), "utf8");
  const block = new RegExp(`-- setup: ${version >= 16 ? 16 : 13}\\n([^\`]*)`).exec(text)?.[1] ?? "";
  const renamed: Record<string, string> = {
    curfew: names.connector,
    curfew_attic: names.attic,
    curfew_probe: names.probe,
    app_rw: names.group,
    app: names.database,
  };
  return block.replaceAll(/--.*|\b(?:curfew|curfew_attic|curfew_probe|app_rw|app)\b/g, (word) => renamed[word] ?? "");
}
