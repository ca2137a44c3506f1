import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import * as z from "zod";
import { generatePassword, makeScramVerifier } from "../../lib/connectors/postgres/scram";

/**
 * Plays a CI job from the outside: it has a workload token of the demo's issuer and the address of Curfew, and nothing else.
 * It asks, waits for a person, makes its own password, works with it, says that it is done, and tries the same credential again.
 */

const demoSchema = z.object({ CURFEW_URL: z.string(), OIDC_ISSUER: z.string() });
const askedSchema = z.object({ requestId: z.string(), number: z.number(), state: z.string(), poll: z.string() });
const requestSchema = z.object({
  state: z.string(),
  stages: z.array(z.object({ label: z.string(), state: z.string() })),
  grants: z.array(z.object({ grantId: z.string(), state: z.string() })),
});
const activatedSchema = z.object({ notAfter: z.string(), connection: z.record(z.string(), z.string()) });
const grantSchema = z.object({ state: z.string(), proof: z.object({ facts: z.array(z.string()) }).nullable() });

type Job = { readonly entitlement: string; readonly purpose: string; readonly intent: string; readonly ticketKey: string; readonly statements: readonly string[] };

const reading: Job = {
  entitlement: "orders-db/read orders",
  purpose: "reporting",
  intent: "Count the orders of the last day for the morning report",
  ticketKey: "RPT-204",
  statements: ["select count(*)::int as orders from sales.orders", "select status, count(*)::int from sales.orders group by status order by 1"],
};
const writing: Job = {
  entitlement: "orders-db/write orders",
  purpose: "backfill",
  intent: "Backfill the currency column of orders placed before March",
  ticketKey: "CHG-482",
  statements: ["update sales.orders set currency = 'EUR' where currency is distinct from 'EUR' and id < 10", "select count(*)::int as orders from sales.orders"],
};

const started = Date.now();
function say(text: string): void {
  process.stdout.write(`${((Date.now() - started) / 1000).toFixed(1).padStart(6)} s  ${text}\n`);
}

async function readDemo(): Promise<{ url: string; issuer: string; secret: string }> {
  const folder = path.resolve(process.env.CURFEW_DATA_DIR ?? ".data");
  const text = await readFile(path.join(folder, "secrets", "demo.json"), "utf8").catch(() => null);
  if (text === null) throw new Error(`no demo was started with the data folder ${folder}: run npm start first`);
  const demo = demoSchema.parse(JSON.parse(text));
  const secret = (await readFile(path.join(folder, "workload-secret"), "utf8")).trim();
  return { url: demo.CURFEW_URL, issuer: demo.OIDC_ISSUER, secret };
}

/** What the CI system would put into the job's environment; made anew before it expires. */
async function workloadToken({ issuer, secret }: { issuer: string; secret: string }): Promise<string> {
  const response = await fetch(`${issuer}/workload/token`, {
    method: "POST",
    headers: { authorization: `Bearer ${secret}`, "content-type": "application/json" },
    body: JSON.stringify({ repository: "acme/orders", ref: "refs/heads/main", job: "nightly-backfill", workflow: "nightly", actor: "requester@demo.curfew.test" }),
  });
  if (!response.ok) throw new Error(`the demo's issuer gave no token (${response.status})`);
  return z.object({ token: z.string() }).parse(await response.json()).token;
}

async function call(url: string, token: string, body?: unknown): Promise<unknown> {
  const response = await fetch(url, {
    method: body === undefined ? "GET" : "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer: unknown = await response.json();
  if (!response.ok) throw new Error(`${new URL(url).pathname} answered ${response.status}: ${JSON.stringify(answer)}`);
  return answer;
}

async function waitForPeople(url: string, token: () => Promise<string>): Promise<string | null> {
  let said = "";
  for (;;) {
    const request = requestSchema.parse(await call(url, await token()));
    const open = request.stages.find(({ state }) => state === "open");
    const now = request.state === "pending" ? `waiting for ${open?.label ?? "a person"}` : request.state;
    if (now !== said) say(now);
    said = now;
    if (request.state === "approved") return request.grants.find(({ state }) => state === "ready")?.grantId ?? null;
    if (request.state !== "pending") return null;
    await sleep(2_000);
  }
}

async function work(connection: Readonly<Record<string, string>>, password: string, statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ host: connection["host"], port: Number(connection["port"]), database: connection["database"], user: connection["user"], password });
  client.on("error", () => undefined);
  await client.connect();
  try {
    for (const statement of statements) {
      const { rows, rowCount } = await client.query(statement);
      say(`  ${statement}  →  ${rows.length > 0 ? JSON.stringify(rows) : `${rowCount ?? 0} rows`}`);
      await sleep(1_000);
    }
  } finally {
    await client.end();
  }
}

async function main(): Promise<void> {
  const demo = await readDemo();
  const job = process.argv.includes("--write") ? writing : reading;
  const token = () => workloadToken(demo);
  say("CI job nightly-backfill of acme/orders starts; it holds a workload token and no database password");
  const ask = { entitlement: job.entitlement, purpose: job.purpose, intent: job.intent, ticketKey: job.ticketKey, durationSeconds: 900, idempotencyKey: randomUUID() };
  const asked = askedSchema.parse(await call(`${demo.url}/api/v1/requests`, await token(), ask));
  say(`asked for ${job.entitlement} for 15 min: request ${asked.number}. Approve it at ${demo.url}/approvals`);
  const grantId = await waitForPeople(`${demo.url}${asked.poll}`, token);
  if (!grantId) {
    say("no access was given; the job ends without it");
    process.exitCode = 2;
    return;
  }
  const password = generatePassword();
  const order = { idempotencyKey: randomUUID(), verifier: await makeScramVerifier(password) };
  const activated = activatedSchema.parse(await call(`${demo.url}/api/v1/grants/${grantId}/activate`, await token(), order));
  say(`activated until ${activated.notAfter}: login ${activated.connection["user"]}, with a password that only this job has`);
  await work(activated.connection, password, job.statements);
  await call(`${demo.url}/api/v1/grants/${grantId}/complete`, await token(), {});
  say("completed; Curfew ends the session");
  await proveDead(`${demo.url}/api/v1/grants/${grantId}`, token);
  await tryAgain(activated.connection, password);
}

async function proveDead(url: string, token: () => Promise<string>): Promise<void> {
  let said = "";
  for (let tries = 0; tries < 120; tries++) {
    const grant = grantSchema.parse(await call(url, await token()));
    if (grant.state !== said) say(grant.state === "proven" ? `proven dead: ${grant.proof?.facts.join(" · ") ?? ""}` : grant.state);
    said = grant.state;
    if (grant.state === "proven") return;
    await sleep(300);
  }
  throw new Error("the end was not proven within the time that this job waits");
}

async function tryAgain(connection: Readonly<Record<string, string>>, password: string): Promise<void> {
  try {
    await work(connection, password, ["select 1"]);
  } catch (error) {
    say(`the very same credential is refused: ${error instanceof Error ? error.message : String(error)}`);
    return;
  }
  throw new Error("the credential still works");
}

main().catch((error: unknown) => {
  process.stderr.write(`demo:job: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
