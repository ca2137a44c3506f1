import { fork, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { z } from "zod";
import { migrate } from "../../lib/db/migrate";
import { startCluster, type Cluster } from "../cluster/cluster";
import { appSettings, prepareAppDatabase } from "../launch/app-database";
import { typescriptFlags } from "../launch/programs";
import { temporaryFolder } from "../test/temporary";
import { largeMemory, load, percentile, timed, type Row } from "./report";

const warmUp = 10;
/** What the whole answer may take beyond its own statements, and how much longer than at the smallest size. */
export const allowanceMs = 40;
export const mostGrowth = 2;
/** Below this many milliseconds a growth is the clock's and the scheduler's, not the data's. */
export const floorMs = 10;

/** Filling need not survive a power cut; reading is the same with or without. */
export const unsafeSettings = { ...appSettings, ...largeMemory, fsync: "off", synchronous_commit: "off", full_page_writes: "off", autovacuum: "off" } as const;

/** What a process that holds one size is asked, and what it tells: milliseconds of the whole answer and of its statements alone. */
export type Ask = { readonly what: number; readonly round: number; readonly plans?: boolean };
export type Told = { readonly whole: number; readonly own: number; readonly committedAt?: number | undefined; readonly about?: string | undefined };

const textsSchema = z.array(z.string());
const toldSchema = z.object({ whole: z.number(), own: z.number(), committedAt: z.number().optional(), about: z.string().optional() });

/** One size: a cluster of its own and a process of the product over it. */
export type Size = {
  readonly data: string;
  readonly cluster: Cluster;
  readonly asked: ChildProcess;
  readonly questions: readonly string[];
  /** 95th percentiles of the whole answers so far, by question, in milliseconds. */
  readonly measured: Map<string, number>;
  readonly stop: () => Promise<void>;
  /** Starts another file of the product over the same data. */
  readonly start: (file: string, how?: { readonly flags?: readonly string[]; readonly parameters?: readonly string[] }) => ChildProcess;
};

type Preparing = {
  readonly settings: Readonly<Record<string, string>>;
  /** Puts the data there and says how much it is. */
  readonly fill: (cluster: Cluster, start: Size["start"]) => Promise<string>;
  /** The file that answers questions. */
  readonly asked: string;
};

/** A cluster of its own, filled, and a process that answers questions about it. */
export async function prepareSize({ settings, fill, asked: file }: Preparing): Promise<Size> {
  const { folder, remove } = await temporaryFolder("bench");
  const cluster = await startCluster({ dataDir: folder, settings });
  const urls = await prepareAppDatabase(cluster, { ownerPassword: "bench-owner", appPassword: "bench-app", secretKey: "" });
  await migrate(urls);
  // Nobody signs in through a provider here; the product checks its environment as a whole.
  const nobody = { OIDC_ISSUER: "http://localhost:1", OIDC_CLIENT_ID: "bench", OIDC_CLIENT_SECRET: "bench", CURFEW_SECRET_KEY: randomBytes(32).toString("base64") };
  const start: Size["start"] = (name, { flags = [], parameters = [] } = {}) => fork(name, parameters, { execArgv: [...typescriptFlags, ...flags], env: { ...process.env, ...nobody, DATABASE_URL: urls.appUrl, CURFEW_LOG_LEVEL: "error" } });
  const { ms, value: data } = await timed(() => fill(cluster, start));
  process.stdout.write(`${data} are there after ${(ms / 1000).toFixed(0)} s\n`);
  const asked = start(file);
  const [names] = await once(asked, "message");
  const stop = async () => {
    asked.kill("SIGTERM");
    await cluster.stop();
    await remove();
  };
  return { data, cluster, asked, start, questions: textsSchema.parse(names), measured: new Map(), stop };
}

/** Asks one question once. */
export async function ask({ asked }: Size, question: Ask): Promise<Told> {
  const told = once(asked, "message");
  asked.send(question);
  return toldSchema.parse((await told)[0]);
}

/** Where a figure does not hold, how the database went about it says why. */
async function printPlans({ asked, data, questions }: Size, what: number): Promise<void> {
  const told = once(asked, "message");
  asked.send({ what, round: 0, plans: true } satisfies Ask);
  process.stdout.write(`${questions[what] ?? "?"}, ${data}:\n\n${textsSchema.parse((await told)[0]).join("\n\n")}\n\n`);
}

/**
 * One question at all sizes, turn by turn: whatever else the machine does, it does to all of them. What is answered out of more
 * rows where there are more, up to a number, is held against another question of the same size that is answered out of that
 * number (`like`).
 */
export async function compare(all: readonly Size[], what: number, rounds: number, like?: string): Promise<Row[]> {
  const told = all.map((): Told[] => []);
  for (let round = 0; round < warmUp + rounds; round += 1) {
    for (const [at, size] of all.entries()) {
      const answer = await ask(size, { what, round });
      if (round >= warmUp) told[at]?.push(answer);
    }
  }
  const busy = load();
  const smallest = percentile((told[0] ?? []).map(({ whole }) => whole), 0.95);
  const rows = all.map(({ data, questions, measured }, at) => {
    const whole = (told[at] ?? []).map((each) => each.whole);
    const own = percentile((told[at] ?? []).map((each) => each.own), 0.95);
    const p95 = percentile(whole, 0.95);
    const base = Math.max((like === undefined ? smallest : measured.get(like)) ?? smallest, floorMs);
    const isCompared = like !== undefined || at > 0;
    measured.set(questions[what] ?? "?", p95);
    return {
      what: questions[what] ?? "?",
      size: data,
      figure: `p50 ${percentile(whole, 0.5).toFixed(1)} ms · p95 ${p95.toFixed(1)} ms · p99 ${percentile(whole, 0.99).toFixed(1)} ms, ${busy}`,
      limit: `own SQL p95 ${own.toFixed(1)} ms + ${allowanceMs} ms${isCompared ? `; ${mostGrowth} × ${base.toFixed(1)} ms${like === undefined ? "" : ` of ${like}`}` : ""}`,
      holds: p95 <= own + allowanceMs && (!isCompared || p95 <= base * mostGrowth),
    };
  });
  const changes = told[0]?.[0]?.about !== undefined;
  for (const [at, size] of all.entries()) {
    if (!rows[at]?.holds && !changes) await printPlans(size, what);
  }
  return rows;
}
