import { execFile } from "node:child_process";
import { createHmac, randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import http, { type Server } from "node:http";
import net, { type Socket } from "node:net";
import path from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { seal } from "@/lib/platform/seal";
import { startCluster, type Cluster } from "../cluster/cluster";
import { startIdentityProvider } from "../demo/identity-server";
import { issuerOf, newProviderSettings } from "../demo/provider-settings";
import { prepareAppDatabase } from "../launch/app-database";
import { freePort } from "../system/ports";
import { npmStart, type StartedProgram } from "../test/npm-start";
import { fastSettings, temporaryFolder } from "../test/temporary";

/*
 * The path to which ticket systems deliver, on the server as it runs, against senders that want it to break: what they send is
 * refused and logged once, nothing is stuck, and the server's memory stays where it was.
 */

const mib = 1024 ** 2;
const hundred = 100 * mib;
/** As for imports: the heap is collected when it likes, and a body that is held comes on top with all of its bytes. */
const mostGrowth = 64 * mib;
const secret = "a secret of the webhook";
const providerId = randomUUID();
const place = `/api/tickets/deliveries/${providerId}`;

let folder: string;
let remove: () => Promise<void>;
let cluster: Cluster;
let issuer: Server;
let jira: Server;
let port: number;
let curfew: StartedProgram;
let client: pg.Client | undefined;
/** How often Curfew asked the ticket system about its one ticket. */
let asked = 0;

beforeAll(async () => {
  ({ folder, remove } = await temporaryFolder("deliveries"));
  cluster = await startCluster({ dataDir: path.join(folder, "server"), root: folder, settings: fastSettings });
  const { ownerUrl, appUrl } = await prepareAppDatabase(cluster, { ownerPassword: "owner", appPassword: "app", secretKey: "" });
  jira = http.createServer((request, response) => {
    if (request.url?.startsWith("/rest/api/2/issue/OPS-42")) asked += 1;
    response.writeHead(503).end();
  });
  await once(jira.listen(0, "127.0.0.1"), "listening");
  port = await freePort();
  const settings = newProviderSettings(await freePort(), `http://localhost:${port}`);
  issuer = await startIdentityProvider(settings);
  const secretKey = randomBytes(32);
  curfew = npmStart([], {
    PORT: String(port),
    CURFEW_DATA_DIR: path.join(folder, "data"),
    DATABASE_URL: appUrl,
    CURFEW_MIGRATE_URL: ownerUrl,
    OIDC_ISSUER: issuerOf(settings),
    OIDC_CLIENT_ID: settings.clientId,
    OIDC_CLIENT_SECRET: settings.clientSecret,
    CURFEW_SECRET_KEY: secretKey.toString("base64"),
  });
  await vi.waitUntil(() => curfew.output().includes("Curfew is ready") || curfew.child.exitCode !== null, { timeout: 600_000, interval: 200 });
  expect(curfew.output()).toContain("Curfew is ready");
  client = new pg.Client({ connectionString: cluster.url("curfew") });
  await client.connect();
  await connectJira(client, secretKey);
  // What the route loads at its first call is no growth.
  expect(await answerTo("{}", { "x-hub-signature": sign("{") })).toBe(401);
}, 620_000);

afterAll(async () => {
  await client?.end();
  curfew.child.kill("SIGTERM");
  await curfew.ended;
  for (const server of [issuer, jira]) {
    server.closeAllConnections();
    server.close();
  }
  await cluster.stop();
  await remove();
});

/** A ticket system with a webhook, and a ticket that is due far from now: only a delivery makes it due. */
async function connectJira(to: pg.Client, secretKey: Buffer): Promise<void> {
  const address = z.object({ port: z.number() }).parse(jira.address());
  const sealed = seal({ account: "", token: "t", webhookSecret: secret }, secretKey, `ticket-provider/${providerId}`);
  await to.query(
    `insert into ticket_providers (id, kind, name, base_url, may_be_inside, sealed_secrets, rules, is_enabled, created_at)
     values ($1, 'jira-data-center', 'Jira', $2, true, $3, '{}', true, now())`,
    [providerId, `http://127.0.0.1:${address.port}`, Buffer.from(sealed)],
  );
  await to.query("insert into tickets (id, provider_id, key, next_check_at) values ($1, $2, 'OPS-42', now() + interval '1 day')", [randomUUID(), providerId]);
  // A ticket that no request lives on is let go of: a request keeps it.
  await to.query("insert into people (id, issuer, subject, name, created_at) values ($1, 'test', 'ada', 'Ada', now())", [providerId]);
  await to.query(
    `insert into identities (id, name, kind, environment, state, owner_id, sponsor_id, source, first_seen_at, last_seen_at) values ($1, 'bot', 'bot', 'test', 'active', $1, $1, 'person', now(), now())`,
    [providerId],
  );
  await to.query(
    `insert into requests (id, requester_id, identity_id, purpose, duration_seconds, granted_duration_seconds, state, submitted_at, decide_before) values ($1, $1, $1, 'fix', 60, 60, 'pending', now(), now() + interval '1 day')`,
    [providerId],
  );
  await to.query("insert into ticket_links (request_id, ticket_id, linked_at) select $1, id, now() from tickets", [providerId]);
}

const sign = (body: string) => `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;
let told = 0;
/** What Jira sends about the ticket, each time with another body. */
const bodyAt = (timestamp: number) => JSON.stringify({ timestamp, webhookEvent: "jira:issue_updated", issue: { key: "OPS-42" }, number: ++told });

function ask(headers: Readonly<Record<string, string>>): http.ClientRequest {
  return http.request({ host: "127.0.0.1", port, method: "POST", path: place, agent: false, headers: { host: `localhost:${port}`, "content-type": "application/json", ...headers } });
}

async function statusOf(request: http.ClientRequest): Promise<number> {
  const [response] = z.tuple([z.instanceof(http.IncomingMessage)]).parse(await once(request, "response"));
  response.resume();
  return response.statusCode ?? 0;
}

async function answerTo(body: string, headers: Readonly<Record<string, string>> = { "x-hub-signature": sign(body) }): Promise<number> {
  const request = ask({ "content-length": String(Buffer.byteLength(body)), ...headers });
  const status = statusOf(request);
  request.end(body);
  return status;
}

/** Lines of the web server's log about deliveries that were not taken and connections that were cut. */
async function refusals(): Promise<string[]> {
  const log = await readFile(path.join(folder, "data/logs/web.log"), "utf8");
  const lines = log.split("\n").filter((line) => line.includes("ticket.delivery-refused") || line.includes("http.cut"));
  return lines.map((line) => z.object({ code: z.string() }).parse(JSON.parse(line)).code);
}

/** What is logged while something happens, once it is there. */
async function loggedBy(work: () => Promise<unknown>, codes: readonly string[]): Promise<void> {
  const before = (await refusals()).length;
  await work();
  await vi.waitUntil(async () => (await refusals()).length >= before + codes.length, { timeout: 20_000, interval: 50 });
  expect((await refusals()).slice(before).sort()).toEqual([...codes].sort());
}

const deliveries = async () => Number((await client?.query<{ count: string }>("select count(*) from ticket_deliveries"))?.rows[0]?.count);

async function webMemory(): Promise<number> {
  const { pid } = z.object({ pid: z.number() }).parse(JSON.parse(await readFile(path.join(folder, "data/run/web.json"), "utf8")));
  const { stdout } = await promisify(execFile)("ps", ["-o", "rss=", "-p", String(pid)]);
  return Number(stdout.trim()) * 1024;
}

/** A connection that says something and then waits until it is closed; answers what came back. */
class Sender {
  readonly socket: Socket = net.connect(port, "127.0.0.1");
  private text = "";
  readonly closed: Promise<string>;

  constructor(first: string) {
    this.socket.on("data", (chunk: Buffer) => (this.text += chunk.toString("latin1")));
    // Whoever is cut off while sending is told by a reset.
    this.socket.on("error", () => undefined);
    this.closed = new Promise((give) => this.socket.once("close", () => give(this.text)));
    this.socket.write(first);
  }

  /** Goes on with one byte after another until it is cut off. */
  drip(byte: string): this {
    const timer = setInterval(() => this.socket.write(byte), 100);
    this.socket.once("close", () => clearInterval(timer));
    return this;
  }

  /** Sends pieces as fast as they are taken, until there are enough or nobody takes them. */
  async pour(piece: Buffer, bytes: number): Promise<number> {
    let sent = 0;
    while (sent < bytes && !this.socket.destroyed) {
      sent += piece.length;
      const isFull = !this.socket.write(piece);
      // Cut off while it waits: that it is closed is what counts.
      if (isFull) await Promise.race([once(this.socket, "drain").catch(() => this.closed), this.closed]);
    }
    return sent;
  }
}

const head = (...lines: string[]) => [`POST ${place} HTTP/1.1`, `host: localhost:${port}`, "content-type: application/json", ...lines, "", ""].join("\r\n");

describe("the path that ticket systems deliver to", () => {
  it("takes what is signed, in any order, once each, and only makes its ticket due", async () => {
    const [older, newer] = [bodyAt(Date.now() - 60_000), bodyAt(Date.now())];
    expect(await answerTo(newer)).toBe(204);
    await vi.waitUntil(() => asked > 0, { timeout: 20_000, interval: 50 });
    expect([await answerTo(older), await answerTo(newer), await answerTo(older)]).toEqual([204, 204, 204]);
    expect(await deliveries()).toBe(2);
  });

  it("refuses what is forged, changed, late or from the future, and says each in the log once", async () => {
    const before = await deliveries();
    const good = bodyAt(Date.now());
    await loggedBy(async () => {
      expect(await answerTo(good, {})).toBe(401);
      expect(await answerTo(good, { "x-hub-signature": sign(`${good} `) })).toBe(401);
      expect(await answerTo(bodyAt(Date.now() - 360_000))).toBe(401);
      expect(await answerTo(bodyAt(Date.now() + 360_000))).toBe(401);
      expect(await answerTo("{")).toBe(401);
    }, ["forged", "forged", "late", "late", "unreadable"]);
    expect(await deliveries()).toBe(before);
  });

  it("cuts whoever drips headers or a body, however many they are, and answers everybody else meanwhile", async () => {
    const before = await deliveries();
    const each = 20;
    await loggedBy(async () => {
      const headers = Array.from({ length: each }, () => new Sender(`POST ${place} HTTP/1.1\r\nhost: localhost:${port}\r\nx-slow: `).drip("a"));
      const bodies = Array.from({ length: each }, () => new Sender(head("content-length: 100000")).drip("a"));
      const chunked = new Sender(head("transfer-encoding: chunked")).drip("1\r\na\r\n");
      const silent = new Sender(head("content-length: 100000"));
      expect(await answerTo(bodyAt(Date.now()))).toBe(204);
      const slow = await Promise.all([...headers, ...bodies, chunked, silent].map(({ closed }) => closed));
      expect(slow.slice(0, each).filter((text) => text.startsWith("HTTP/1.1 408"))).toHaveLength(each);
      expect(slow.slice(each).filter((text) => text.startsWith("HTTP/1.1 400"))).toHaveLength(each + 2);
    }, [...Array<string>(each).fill("ERR_HTTP_REQUEST_TIMEOUT"), ...Array<string>(each + 2).fill("too-slow")]);
    expect(await deliveries()).toBe(before + 1);
  });

  it("refuses 100 MB, said beforehand or not, signed or not, without holding them", async () => {
    const before = await deliveries();
    const small = await webMemory();
    const piece = Buffer.alloc(mib, "a");
    const chunk = Buffer.concat([Buffer.from(`${mib.toString(16)}\r\n`), piece, Buffer.from("\r\n")]);
    await loggedBy(async () => {
      const declared = new Sender(head(`content-length: ${hundred}`, `x-hub-signature: ${sign("")}`));
      await declared.pour(piece, hundred);
      const endless = new Sender(head("transfer-encoding: chunked"));
      await endless.pour(chunk, hundred);
      const lying = new Sender(head("content-length: 2", "connection: keep-alive"));
      await lying.pour(piece, hundred);
      for (const text of [await declared.closed, await endless.closed]) expect(text === "" || text.startsWith("HTTP/1.1 413")).toBe(true);
      await lying.closed;
    }, ["too-large", "too-large", "forged", "HPE_INVALID_METHOD"]);
    const growth = (await webMemory()) - small;
    console.info(`web process: ${(growth / mib).toFixed(0)} MiB more after 300 MB`);
    expect(growth).toBeLessThan(mostGrowth);
    expect(await deliveries()).toBe(before);
    expect(await answerTo(bodyAt(Date.now()))).toBe(204);
  });
});
