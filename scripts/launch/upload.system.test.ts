import { execFile } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import http, { type ClientRequest, type Server } from "node:http";
import path from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { startCluster, type Cluster } from "../cluster/cluster";
import { startIdentityProvider } from "../demo/identity-server";
import { issuerOf, newProviderSettings } from "../demo/provider-settings";
import { freePort } from "../system/ports";
import { npmStart, type StartedProgram } from "../test/npm-start";
import { fastSettings, temporaryFolder } from "../test/temporary";
import { prepareAppDatabase } from "./app-database";

const mib = 1024 ** 2;
/**
 * What the web process may hold at its peak beyond its peak with a small file. Its heap is collected when it likes, which gave up
 * to 30 MiB with any size from 64 MiB on; a body that is held comes on top of that with all of its bytes.
 */
const mostGrowth = 64 * mib;

let folder: string;
let remove: () => Promise<void>;
let cluster: Cluster;
let issuer: Server;
let port: number;
let curfew: StartedProgram;
const token = `curfew_import_${randomBytes(32).toString("base64url")}`;

beforeAll(async () => {
  ({ folder, remove } = await temporaryFolder("upload"));
  cluster = await startCluster({ dataDir: path.join(folder, "server"), root: folder, settings: fastSettings });
  const { ownerUrl, appUrl } = await prepareAppDatabase(cluster, { ownerPassword: "owner", appPassword: "app", secretKey: "" });
  port = await freePort();
  const settings = newProviderSettings(await freePort(), `http://localhost:${port}`);
  issuer = await startIdentityProvider(settings);
  curfew = npmStart([], {
    PORT: String(port),
    CURFEW_DATA_DIR: path.join(folder, "data"),
    DATABASE_URL: appUrl,
    CURFEW_MIGRATE_URL: ownerUrl,
    OIDC_ISSUER: issuerOf(settings),
    OIDC_CLIENT_ID: settings.clientId,
    OIDC_CLIENT_SECRET: settings.clientSecret,
    CURFEW_SECRET_KEY: randomBytes(32).toString("base64"),
  });
  await vi.waitUntil(() => curfew.output().includes("Curfew is ready") || curfew.child.exitCode !== null, { timeout: 600_000, interval: 200 });
  expect(curfew.output()).toContain("Curfew is ready");
  await makeToken();
}, 620_000);

afterAll(async () => {
  curfew.child.kill("SIGTERM");
  await curfew.ended;
  issuer.closeAllConnections();
  issuer.close();
  await cluster.stop();
  await remove();
});

async function makeToken(): Promise<void> {
  const client = new pg.Client({ connectionString: cluster.url("curfew") });
  await client.connect();
  await client.query("insert into people (id, issuer, subject, name, created_at) values (gen_random_uuid(), 'test', 'ada', 'Ada', now())");
  await client.query("insert into systems (id, name, connector, environment, config, created_at) values (gen_random_uuid(), 'from files', 'files@1', 'production', '{}', now())");
  await client.query(
    `insert into import_tokens (id, system_id, name, token_hash, created_by_id, created_at, expires_at)
     select gen_random_uuid(), s.id, 'nightly', $1, p.id, now(), now() + interval '1 day' from systems s, people p where s.name = 'from files' and p.subject = 'ada'`,
    [createHash("sha256").update(token, "utf8").digest()],
  );
  await client.end();
}

const answerSchema = z.object({ importId: z.string(), state: z.string(), failure: z.string().nullable(), linesRead: z.number(), linesRejected: z.number() });
type Answer = z.infer<typeof answerSchema> & { readonly status: number };

function ask(method: string, place: string, headers: Readonly<Record<string, string>> = {}): ClientRequest {
  return http.request({ host: "127.0.0.1", port, method, path: place, agent: false, headers: { host: `localhost:${port}`, authorization: `Bearer ${token}`, ...headers } });
}

async function answerOf(request: ClientRequest): Promise<Answer> {
  const [response] = z.tuple([z.instanceof(http.IncomingMessage)]).parse(await once(request, "response"));
  const text = Buffer.concat(z.array(z.instanceof(Buffer)).parse(await response.toArray())).toString("utf8");
  return { ...answerSchema.parse(JSON.parse(text)), status: response.statusCode ?? 0 };
}

const imports = "/api/v1/imports?coverage=all";
const csv = `${imports}&format=curfew-csv&name=large.csv`;

/** A file in which each good line is followed by a long one that names nothing. */
function* file(bytes: number): Generator<Buffer> {
  yield Buffer.from("id,name,kind,description\n");
  const bad = `,,service-account,${"x".repeat(100_000)}\n`;
  for (let sent = 0, n = 0; sent < bytes; n += 1) {
    const piece = Buffer.from(`svc-${n},worker ${n},service-account,\n${bad}`);
    sent += piece.length;
    yield piece;
  }
}

async function send(bytes: number): Promise<Answer> {
  const request = ask("POST", csv);
  const answer = answerOf(request);
  await pipeline(Readable.from(file(bytes)), request);
  return answer;
}

/** One good line and one that does not end until somebody says so. */
class Endless {
  /** MiB that went out. */
  sent = 0;
  private isOver = false;

  end(): void {
    this.isOver = true;
  }

  *[Symbol.iterator](): Generator<Buffer> {
    yield Buffer.from('{"id":"a","name":"a"}\n');
    for (const piece = Buffer.alloc(mib, "x"); !this.isOver; this.sent += 1) yield piece;
  }
}

/** Memory of the web server and of whatever it started. */
async function webMemory(): Promise<number> {
  const { pid } = z.object({ pid: z.number() }).parse(JSON.parse(await readFile(path.join(folder, "data/run/web.json"), "utf8")));
  const { stdout } = await promisify(execFile)("ps", ["-A", "-o", "pid=,ppid=,rss="]);
  const all = stdout.trim().split("\n").map((line) => line.trim().split(/\s+/).map(Number));
  const ours = new Set([pid]);
  for (let size = 0; size < ours.size;) {
    size = ours.size;
    for (const [id = 0, parent = 0] of all) if (ours.has(parent)) ours.add(id);
  }
  return all.reduce((sum, [id = 0, , kib = 0]) => sum + (ours.has(id) ? kib * 1024 : 0), 0);
}

/** The most that the web process held while something ran. */
async function peakOf<Value>(work: Promise<Value>): Promise<{ value: Value; peak: number }> {
  let peak = 0;
  let isOver = false;
  const done = work.finally(() => (isOver = true));
  while (!isOver) {
    peak = Math.max(peak, await webMemory());
    await Promise.race([done, new Promise((resolve) => setTimeout(resolve, 100))]);
  }
  return { value: await done, peak };
}

async function stateOf(importId: string): Promise<string> {
  const request = ask("GET", `/api/v1/imports/${importId}`);
  request.end();
  const [response] = z.tuple([z.instanceof(http.IncomingMessage)]).parse(await once(request, "response"));
  const text = Buffer.concat(z.array(z.instanceof(Buffer)).parse(await response.toArray())).toString("utf8");
  return z.object({ state: z.string() }).parse(JSON.parse(text)).state;
}

describe("a large file sent to the web process", () => {
  /** The first files of a process pay for what it loads and compiles; the second says what a small one takes. */
  let small: number;

  beforeAll(async () => {
    await send(8 * mib);
    small = (await peakOf(send(8 * mib))).peak;
  });

  const isFlat = (peak: number, size: string) => {
    const told = (bytes: number) => `${(bytes / mib).toFixed(0)} MiB`;
    console.info(`web process: ${told(small)} at its peak with 8 MiB sent, ${told(peak)} with ${size}`);
    expect(peak - small).toBeLessThan(mostGrowth);
  };

  it("passes through with 200 MiB and is compared; the process holds no more than with 8 MiB", async () => {
    const { value, peak } = await peakOf(send(200 * mib));
    expect(value).toMatchObject({ status: 202, state: "comparing", failure: null });
    expect(value.linesRejected).toBe(value.linesRead / 2);
    isFlat(peak, "200 MiB");
    await vi.waitUntil(async () => (await stateOf(value.importId)) === "ready", { timeout: 120_000, interval: 200 });
  });

  it("is refused by its first bytes where it says that it is too large, and the answer says why", async () => {
    const request = ask("POST", csv, { "content-length": String(2 * 1024 * mib) });
    const answer = answerOf(request);
    request.write("id,name\n");
    expect(await answer).toMatchObject({ status: 413, state: "failed", failure: "too-large", linesRead: 0 });
    request.destroy();
  });

  it("is refused at the limit where it never says how large it is; nothing of it is held or kept", async () => {
    const request = ask("POST", `${imports}&format=curfew-json&name=endless.jsonl`);
    const endless = new Endless();
    // The sender writes until it is answered. What it cannot write any more is no answer.
    const sent = pipeline(Readable.from(endless), request).catch(() => undefined);
    const { value, peak } = await peakOf(answerOf(request).finally(() => endless.end()));
    expect(value).toMatchObject({ status: 413, state: "failed", failure: "too-large" });
    isFlat(peak, `${endless.sent} MiB`);
    expect(endless.sent).toBeGreaterThan(1_000);
    expect(await stateOf(value.importId)).toBe("failed");
    request.destroy();
    await sent;
  });
});
