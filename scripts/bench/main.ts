import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { cpus, totalmem } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { Cluster } from "../cluster/cluster";
import { readDemoTarget } from "../demo/target-accounts";
import { planStart } from "../launch/environment";
import { makeFolders } from "../launch/folders";
import { prepareDemo } from "../launch/parts";
import { freePort } from "../system/ports";
import { typescriptFlags } from "../launch/programs";
import { temporaryFolder } from "../test/temporary";
import { print, type Row } from "./report";

const grants = 200;
const ledgerTransactions = 4_000;

function start(file: string, env: Readonly<Record<string, string>>): ChildProcess {
  return spawn(process.execPath, [...typescriptFlags, file], { env: { ...process.env, ...env }, stdio: "ignore" });
}

async function run(env: Readonly<Record<string, string>>, targetFile: string): Promise<Row[]> {
  Object.assign(process.env, env);
  const [code] = await once(start("prisma/seed.ts", env), "exit");
  if (code !== 0) throw new Error("the demo organisation could not be seeded");
  const worker = start("lib/worker/main.ts", env);
  try {
    await sleep(2_000);
    // Read the environment only now that it is set.
    const { benchGrants } = await import("./grants");
    const { benchLedger } = await import("./ledger");
    const { benchPolicy } = await import("./policy");
    return [...benchPolicy(), ...(await benchGrants(await readDemoTarget(targetFile), grants)), ...(await benchLedger(ledgerTransactions))];
  } finally {
    worker.kill("SIGTERM");
    await once(worker, "exit");
    const { disconnectSystems } = await import("@/lib/connectors/connect");
    const { db } = await import("@/lib/db/client");
    await disconnectSystems();
    await db.$disconnect();
  }
}

async function main(): Promise<void> {
  const { folder, remove } = await temporaryFolder("bench");
  const clusters: Cluster[] = [];
  try {
    const plan = planStart({ CURFEW_DATA_DIR: folder, PORT: String(await freePort()) });
    if (!plan.ok) throw new Error("the environment of the benchmark is not valid");
    const parts = await prepareDemo({ plan: plan.plan, folders: await makeFolders(folder), signal: new AbortController().signal, onCluster: (_name, cluster) => clusters.push(cluster) });
    const rows = await run({ ...parts.env, CURFEW_LOG_LEVEL: "error" }, parts.targetFile);
    process.stdout.write(`${cpus().length} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Node ${process.version}; durable settings (fsync on)\n\n`);
    print(rows);
    if (rows.some(({ holds }) => holds === false)) process.exitCode = 1;
  } finally {
    await Promise.all(clusters.map((cluster) => cluster.stop()));
    await remove();
  }
}

/** `npm run bench identities [largest]`, `npm run bench imports [largest]`, `npm run bench uses [largest]`, `npm run bench approvals [largest]`, `npm run bench evidence [largest]`; without a name: grants, ledger and policy. */
async function choose(name: string | undefined, largest: string | undefined): Promise<void> {
  if (name === undefined) return main();
  const most = largest === undefined ? Infinity : Number(largest);
  const parts: Readonly<Record<string, () => Promise<boolean>>> = {
    identities: async () => (await import("./identities")).benchIdentities(most),
    imports: async () => (await import("./imports")).benchImports(most),
    uses: async () => (await import("./uses")).benchUses(most),
    approvals: async () => (await import("./approvals/bench")).benchApprovals(most),
    evidence: async () => (await import("./evidence/bench")).benchEvidence(most),
  };
  const part = parts[name];
  if (!part) throw new Error(`there is no benchmark ${name}; there are: ${Object.keys(parts).join(", ")}`);
  if (!(await part())) process.exitCode = 1;
}

await choose(process.argv[2], process.argv[3]);
