import { randomBytes, randomUUID } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { disconnectSystems } from "@/lib/connectors/connect";
import { generatePassword, makeScramVerifier } from "@/lib/connectors/postgres/scram";
import { db } from "@/lib/db/client";
import { exportNow } from "@/lib/evidence/exports/test-export";
import { everything } from "@/lib/evidence/schema";
import { readArchive } from "@/lib/evidence/test-archive";
import { exportFormats } from "@/lib/evidence/types";
import { activateGrant } from "@/lib/grants/activation";
import { endGrant } from "@/lib/grants/ending";
import { trustWorkload } from "@/lib/identities/mutations";
import { giveRole } from "@/lib/people/registration";
import { objectionToActivation } from "@/lib/requests/recheck";
import { makePerson, World } from "@/lib/requests/test-world";
import { startIdentityProvider } from "../demo/identity-server";
import { issuerOf, newProviderSettings, type ProviderSettings } from "../demo/provider-settings";
import { issueWorkloadToken } from "../demo/workload-token";
import type { Secret } from "./needles";

/**
 * Plays everything in which a secret passes through the web side, in a process of its own whose log is kept: sign-in by OIDC, a
 * workload's calls, activation in the browser, faults on the way. Tells the secrets to the test alone, in a file outside.
 */

const seed = { kind: "system", process: "seed" } as const;
const [providerPort, targetJson, secretsFile, exportsFolder] = process.argv.slice(2);
const url = process.env.CURFEW_URL ?? "";
const settings = newProviderSettings(Number(providerPort), url);
Object.assign(process.env, {
  OIDC_ISSUER: issuerOf(settings),
  OIDC_CLIENT_ID: settings.clientId,
  OIDC_CLIENT_SECRET: settings.clientSecret,
  CURFEW_WORKLOAD_ISSUERS: JSON.stringify([{ issuer: issuerOf(settings), jwksUri: `${issuerOf(settings)}/jwks`, audience: url }]),
});

const secrets: Secret[] = [
  { what: "OIDC client secret", value: settings.clientSecret },
  { what: "secret of the workload issuer", value: settings.workloadSecret },
];
const tell = (what: string, value: unknown): void => {
  if (typeof value === "string" && value.length >= 12) secrets.push({ what, value });
};

/** Reads the tokens out of what the identity provider answers, before anybody else sees them. */
function overhear(_request: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = [];
  const end = response.end.bind(response);
  response.end = ((chunk?: unknown, ...rest: never[]) => {
    if (typeof chunk === "string" || chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk));
    const text = Buffer.concat(chunks).toString("utf8");
    if (text.startsWith("{") && text.includes("id_token\"")) {
      const tokens = JSON.parse(text) as Record<string, unknown>;
      for (const name of ["access_token", "id_token", "refresh_token"]) tell(`OIDC ${name}`, tokens[name]);
    }
    return end(chunk, ...rest);
  }) as typeof response.end;
}

/** A browser: cookies per origin, no automatic redirects; our own origin is the route handlers themselves. */
class Browser {
  readonly #jar = new Map<string, Map<string, string>>();

  async go(target: string, init: RequestInit = {}): Promise<Response> {
    const { origin, host, pathname } = new URL(target);
    const jar = this.#jar.get(origin) ?? new Map<string, string>();
    this.#jar.set(origin, jar);
    const headers = new Headers(init.headers);
    headers.set("cookie", [...jar].map(([name, value]) => `${name}=${value}`).join("; "));
    if (origin === url) headers.set("host", host);
    const response = origin === url ? await handle(pathname, new Request(target, { ...init, headers })) : await fetch(target, { redirect: "manual", ...init, headers });
    for (const line of response.headers.getSetCookie()) {
      const [name = "", value = ""] = (line.split(";")[0] ?? "").split(/=(.*)/s);
      if (origin === url) tell(`cookie ${name}`, value);
      jar.set(name, value);
    }
    return response;
  }
}

async function handle(pathname: string, request: Request): Promise<Response> {
  const nothing = { params: Promise.resolve({}) };
  if (pathname === "/api/auth/signin") return (await import("@/app/api/auth/signin/route")).POST(request, nothing);
  if (pathname === "/api/auth/callback/oidc") return (await import("@/app/api/auth/callback/oidc/route")).GET(request, nothing);
  if (pathname === "/api/v1/requests") return (await import("@/app/api/v1/requests/route")).POST(request, nothing);
  const grantId = /^\/api\/v1\/grants\/([^/]+)\/activate$/.exec(pathname)?.[1];
  if (grantId) return (await import("@/app/api/v1/grants/[grantId]/activate/route")).POST(request, { params: Promise.resolve({ grantId }) });
  throw new RangeError(`nobody handles ${pathname}`);
}

const form = (fields: Record<string, string>, origin: string): RequestInit => ({
  method: "POST",
  headers: { origin, "content-type": "application/x-www-form-urlencoded" },
  body: new URLSearchParams(fields).toString(),
});

/** Signs in with the provider's own pages; answers the address that the provider sends the browser back to. */
async function toCallback(browser: Browser, sub: string): Promise<string> {
  const issuer = issuerOf(settings);
  const start = await browser.go(`${url}/api/auth/signin`, form({ next: "/" }, url));
  const authorize = await browser.go(start.headers.get("location") ?? "");
  const page = new URL(authorize.headers.get("location") ?? "", issuer).href;
  await browser.go(page);
  let response = await browser.go(page, form({ sub }, issuer));
  for (;;) {
    const next = new URL(response.headers.get("location") ?? "", issuer);
    if (next.origin === url) return next.href;
    response = await browser.go(next.href);
  }
}

async function signIn(sub: string): Promise<void> {
  const browser = new Browser();
  const callback = await toCallback(browser, sub);
  tell("authorization code", new URL(callback).searchParams.get("code"));
  const answer = await browser.go(callback);
  if (answer.status !== 303 || (answer.headers.get("location") ?? "").includes("error")) throw new RangeError(`sign-in ended at ${answer.headers.get("location")}`);
}

/** A sign-in whose code was used before, and one whose state is somebody else's: faults that are logged. */
async function failToSignIn(): Promise<void> {
  const browser = new Browser();
  const callback = await toCallback(browser, "approver");
  tell("authorization code", new URL(callback).searchParams.get("code"));
  await new Browser().go(callback);
  await browser.go(callback);
  await browser.go(callback);
}

async function hold(connection: Readonly<Record<string, string>>, password: string): Promise<void> {
  const client = new pg.Client({ host: connection["host"], port: Number(connection["port"]), database: connection["database"], user: connection["user"], password });
  await client.connect();
  await client.query("select 1");
  await sleep(2_000); // long enough to be seen
  await client.end();
  await new pg.Client({ host: connection["host"], port: Number(connection["port"]), database: connection["database"], user: connection["user"], password: `${password}x` }).connect().catch(() => undefined);
}

/** A workload asks and activates over the API, with a token that its issuer really signed. */
async function playWorkload(world: World): Promise<void> {
  const workload = { repository: "acme/orders", ref: "refs/heads/main", job: "canary", workflow: "nightly", actor: "requester@demo.curfew.test", environment: "production" };
  const identityId = await world.identity();
  await trustWorkload(identityId, { issuer: issuerOf(settings), subject: `repo:${workload.repository}:ref:${workload.ref}:job:${workload.job}` }, { actor: seed });
  const { token } = await issueWorkloadToken(settings, workload);
  tell("workload token", token);
  const browser = new Browser();
  const call = (address: string, body: unknown, bearer = token) =>
    browser.go(`${url}${address}`, { method: "POST", headers: { authorization: `Bearer ${bearer}`, "content-type": "application/json" }, body: JSON.stringify(body) });
  const ask = { entitlement: world.entitlement("low"), purpose: "backfill", intent: "Backfill the orders of spring", durationSeconds: 900, idempotencyKey: randomUUID() };
  const tampered = `${token.slice(0, -6)}AAAAAA`;
  tell("tampered token", tampered);
  await call("/api/v1/requests", ask, tampered);
  const asked = await call("/api/v1/requests", ask);
  if (asked.status !== 202) throw new RangeError(`the workload's ask was answered ${asked.status}: ${await asked.text()}`);
  const { requestId } = (await asked.json()) as { requestId: string };
  const grant = await world.grantOf(requestId);
  const password = generatePassword();
  const verifier = await verifierOf(password);
  await call(`/api/v1/grants/${grant.id}/activate`, { idempotencyKey: "not a key", verifier });
  const activated = await call(`/api/v1/grants/${grant.id}/activate`, { idempotencyKey: randomUUID(), verifier });
  if (activated.status !== 200) throw new RangeError(`the workload's activation was answered ${activated.status}`);
  const { connection } = (await activated.json()) as { connection: Record<string, string> };
  await hold(connection, password);
  await endGrant({ actor: seed, grantId: grant.id, reason: "completed", permitted: () => Promise.resolve(true) });
}

async function verifierOf(password: string): Promise<string> {
  const verifier = await makeScramVerifier(password);
  tell("password", password);
  tell("verifier", verifier);
  for (const part of verifier.split(/[$:]/).slice(2)) tell("part of a verifier", part);
  return verifier;
}

/** Somebody asks, people vote, the holder activates; then an activation that the target refuses, and texts that hold secrets. */
async function playPeople(world: World): Promise<void> {
  const { rita } = world.people;
  const objection: Parameters<typeof activateGrant>[0]["objection"] = (tx, grant, now) => objectionToActivation(tx, grant, rita, now);
  const { id: grantId } = await world.grantOf(await world.approved({ sensitivity: "high" }));
  const password = generatePassword();
  const activated = await activateGrant({ actor: rita, grantId, idempotencyKey: randomUUID(), verifier: await verifierOf(password), objection });
  if (!activated.ok) throw new RangeError(activated.code);
  await hold(activated.value.connection, password);
  await endGrant({ actor: rita, grantId, reason: "completed", permitted: () => Promise.resolve(true) });
  await refusedByTarget(world, objection);
  const pasted = `ghp_${randomBytes(27).toString("base64").replaceAll(/[^A-Za-z0-9]/g, "x")}`.slice(0, 40);
  tell("secret pasted into a text", pasted);
  const refusals = [await world.ask({ intent: `Use the token ${pasted} for the backfill` }), await world.vote(await world.asked(), world.people.bea, { reason: `password=${pasted}` })];
  for (const refusal of refusals) if (refusal.ok || refusal.code !== "secret-in-text") throw new RangeError("a secret in a text was not refused");
}

async function refusedByTarget(world: World, objection: Parameters<typeof activateGrant>[0]["objection"]): Promise<void> {
  const { rita } = world.people;
  const admin = new pg.Client({ connectionString: process.env.CANARY_TARGET_ADMIN });
  await admin.connect();
  await admin.query("alter role curfew_connector nocreaterole");
  const { id: grantId } = await world.grantOf(await world.approved({ sensitivity: "low" }));
  const refused = await activateGrant({ actor: rita, grantId, idempotencyKey: randomUUID(), verifier: await verifierOf(generatePassword()), objection });
  await admin.query("alter role curfew_connector createrole");
  await admin.end();
  if (refused.ok) throw new RangeError("the target was expected to refuse");
}

async function exportEverything(): Promise<void> {
  const auditor = await makePerson("Aurel", ["auditor"]);
  await mkdir(exportsFolder ?? "", { recursive: true });
  for (const format of exportFormats) {
    const { row, bytes } = await exportNow(auditor, everything, format);
    const files = row.fileName?.endsWith(".zip") ? readArchive(bytes) : new Map([[row.fileName ?? "", bytes]]);
    for (const [name, data] of files) await writeFile(path.join(exportsFolder ?? "", `${format}-${path.basename(name)}`), data);
  }
}

async function endsProven(): Promise<void> {
  for (let tries = 0; (await db.grant.count({ where: { state: { in: ["active", "ending", "accepted"] } } })) > 0; tries++) {
    if (tries > 300) throw new RangeError("the ends were not proven");
    await sleep(200);
  }
}

async function main(provider: ProviderSettings): Promise<void> {
  const server = await startIdentityProvider(provider);
  server.prependListener("request", overhear);
  const world = await World.on(JSON.parse(targetJson ?? "{}"));
  await signIn("requester");
  await signIn("auditor");
  await failToSignIn();
  await giveRole(world.people.rita.personId, "requester", { actor: seed });
  await playWorkload(world);
  await playPeople(world);
  await endsProven();
  await exportEverything();
  await writeFile(secretsFile ?? "", JSON.stringify(secrets), { mode: 0o600 });
  await disconnectSystems();
  await db.$disconnect();
  server.closeAllConnections();
  server.close();
}

await main(settings);
process.exit(0);
