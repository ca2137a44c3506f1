import path from "node:path";
import pg from "pg";
import { migrate } from "../../lib/db/migrate";
import { startCluster, type Cluster } from "../cluster/cluster";
import { keepCluster } from "../cluster/keep";
import { issuerOf, type ProviderSettings } from "../demo/provider-settings";
import { prepareTarget, targetSettings } from "../demo/target";
import { appSettings, prepareAppDatabase, type DatabaseUrls } from "./app-database";
import type { StartPlan } from "./environment";
import { logFile, type Folders } from "./folders";
import { demoSecrets, providerSettings } from "./installation";
import { writePrivate } from "../system/private-file";
import { SetupProblem } from "../system/problem";
import { say, step } from "./terminal";

/** What the web server, the worker and the seed are told. */
export type PartEnvironment = Readonly<Record<string, string>>;

export type DemoParts = {
  readonly env: PartEnvironment;
  readonly settings: ProviderSettings;
  readonly providerFile: string;
  readonly targetFile: string;
};

export type PartsOptions = {
  readonly plan: StartPlan;
  readonly folders: Folders;
  readonly signal: AbortSignal;
  /** Called with each cluster as soon as it runs, so that a start that fails later can stop it. */
  readonly onCluster: (name: "app" | "target", cluster: Cluster) => void;
};

/** The demo's databases, secrets and target: all that its processes need. */
export async function prepareDemo({ plan, folders, signal, onCluster }: PartsOptions): Promise<DemoParts> {
  const secrets = await demoSecrets(folders.secrets);
  const start = async (name: "app" | "target", settings: Readonly<Record<string, string>>) => {
    const dataDir = path.join(folders.clusters, name);
    const log = await logFile(folders, `postgres-${name}`);
    const begin = (port?: number) =>
      startCluster({ dataDir, root: folders.root, settings, logFile: log, ...(port === undefined ? {} : { port }) });
    const cluster = await keepCluster(name, begin, say);
    onCluster(name, cluster);
    signal.throwIfAborted();
    return cluster;
  };
  const [app, target] = await step("PostgreSQL for Curfew and for the demo target", () =>
    settleAll([start("app", appSettings), start("target", targetSettings)]),
  );
  const urls = await step("Database up to date", async () => {
    const answer = await prepareAppDatabase(app, secrets);
    await migrate(answer);
    return answer;
  });
  signal.throwIfAborted();
  const targetFile = path.join(folders.secrets, "target.json");
  await step("Demo target with roles and tables", () => prepareTarget(target, targetFile));
  const providerFile = path.join(folders.secrets, "identity-provider.json");
  const settings = await providerSettings(providerFile, plan.url);
  await writePrivate(path.join(folders.root, "workload-secret"), `${settings.workloadSecret}\n`);
  const env = demoEnvironment(plan, urls, settings, secrets.secretKey, targetFile);
  // For tools that work on the running demo (`npm run seed`, `npm run demo:job`, the benchmarks).
  await writePrivate(
    path.join(folders.secrets, "demo.json"),
    `${JSON.stringify({ ...env, CURFEW_MIGRATE_URL: urls.ownerUrl }, null, 2)}\n`,
  );
  return { env, settings, providerFile, targetFile };
}

/** Waits for all, also when one fails: whatever came up must be known before it is stopped. */
export async function settleAll<const Work extends readonly Promise<unknown>[]>(
  work: Work,
): Promise<{ -readonly [Index in keyof Work]: Awaited<Work[Index]> }> {
  await Promise.allSettled(work);
  return Promise.all(work);
}

function demoEnvironment(
  plan: StartPlan,
  urls: DatabaseUrls,
  settings: ProviderSettings,
  secretKey: string,
  targetFile: string,
): PartEnvironment {
  const issuer = issuerOf(settings);
  return {
    PORT: String(plan.port),
    CURFEW_URL: plan.url,
    NEXTAUTH_URL: plan.url,
    CURFEW_DATA_DIR: plan.dataDir,
    DATABASE_URL: urls.appUrl,
    OIDC_ISSUER: issuer,
    OIDC_CLIENT_ID: settings.clientId,
    OIDC_CLIENT_SECRET: settings.clientSecret,
    CURFEW_SECRET_KEY: secretKey,
    CURFEW_DEMO: "1",
    CURFEW_DEMO_TARGET_FILE: targetFile,
    CURFEW_WORKLOAD_ISSUERS: JSON.stringify([{ issuer, jwksUri: `${issuer}/jwks`, audience: plan.url }]),
  };
}

/** An installation's own parts: says early and by name what does not answer. */
export async function prepareReal(plan: StartPlan, source: NodeJS.ProcessEnv): Promise<PartEnvironment> {
  const ownerUrl = source["CURFEW_MIGRATE_URL"] ?? "";
  const appUrl = source["DATABASE_URL"] ?? "";
  await step("Database up to date", async () => {
    await requireConnection("CURFEW_MIGRATE_URL", ownerUrl);
    await migrate({ ownerUrl, appUrl });
    await requireConnection("DATABASE_URL", appUrl);
  });
  await warnAboutIssuer(source["OIDC_ISSUER"] ?? "");
  return { PORT: String(plan.port), CURFEW_URL: plan.url, NEXTAUTH_URL: plan.url, CURFEW_DATA_DIR: plan.dataDir };
}

/** Only a warning: live grants must go on ending while the identity provider is away. */
async function warnAboutIssuer(issuer: string): Promise<void> {
  const address = `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
  try {
    const response = await fetch(address, { redirect: "error", signal: AbortSignal.timeout(5_000) });
    const metadata = (await response.json()) as { readonly issuer?: unknown };
    if (metadata.issuer === issuer) return;
    say(`  ! OIDC_ISSUER: the provider at ${address} calls itself ${JSON.stringify(metadata.issuer)}; nobody can sign in.`);
  } catch (error) {
    const cause = error instanceof Error ? (error.cause ?? error) : error;
    say(`  ! OIDC_ISSUER: ${address} does not answer (${String(cause)}); nobody can sign in until it does.`);
  }
}

async function requireConnection(name: string, connectionString: string): Promise<void> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 10_000 });
  try {
    await client.connect();
  } catch (error) {
    const { hostname, port, pathname } = new URL(connectionString);
    const reason = error instanceof AggregateError ? String(error.errors[0]) : error instanceof Error ? error.message : String(error);
    throw new SetupProblem(`${name}: no connection to ${hostname}:${port || 5432}${pathname} as this role: ${reason}`);
  } finally {
    await client.end().catch(() => undefined);
  }
}
