import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import type { PersonActor } from "@/lib/auth/actor";
import { generatePassword, makeScramVerifier } from "@/lib/connectors/postgres/scram";
import { db } from "@/lib/db/client";
import { activateGrant } from "@/lib/grants/activation";
import { endGrant } from "@/lib/grants/ending";
import { registerIdentity, answerForIdentity } from "@/lib/identities/mutations";
import { decideRequest } from "@/lib/requests/decision";
import { submitRequest } from "@/lib/requests/mutations";
import { objectionToActivation } from "@/lib/requests/recheck";
import type { DemoTarget } from "../demo/target-accounts";
import { inParallel, percentile, spread, timed, type Row } from "./report";

type Ready = { readonly grantId: string };
type Live = Ready & { readonly connection: Readonly<Record<string, string>>; readonly password: string };

const seed = { kind: "system", process: "seed" } as const;

async function person(subject: string): Promise<PersonActor> {
  const row = await db.person.findFirstOrThrow({ where: { subject }, select: { id: true, name: true } });
  return { kind: "person", personId: row.id, name: row.name, roles: [] };
}

/** One identity per grant: a second grant of the same entitlement to the same identity is refused. */
async function identities(count: number): Promise<string[]> {
  const owner = (await person("owner")).personId;
  const sponsor = (await person("ines")).personId;
  const ids: string[] = [];
  for (let number = 0; number < count; number++) {
    const identity = { name: `bench-${number}`, kind: "ci-job", description: null, environment: "production" } as const;
    const identityId = await registerIdentity(identity, { actor: seed });
    await answerForIdentity({ identityId, ...identity, ownerId: owner, sponsorId: sponsor, backupId: null, creatorId: null, teamId: null }, { actor: seed });
    ids.push(identityId);
  }
  return ids;
}

async function decided(identityIds: readonly string[], latencies: number[]): Promise<Ready[]> {
  const requester = await person("requester");
  const approver = await person("approver");
  const entitlement = await db.entitlement.findFirstOrThrow({ where: { name: "read orders" }, select: { id: true } });
  const ready: Ready[] = [];
  for (const identityId of identityIds) {
    const asked = await submitRequest({ actor: requester, identityId, entitlementIds: [entitlement.id], purpose: "reporting", intent: "Measure how long a grant takes", ticketKey: "BENCH-1", durationSeconds: 3600, idempotencyKey: randomUUID(), sourceAddress: null });
    if (!asked.ok) throw new Error(asked.code);
    const { requestId } = asked.value;
    const vote = { actor: approver, requestId, answer: "approve", reason: "Benchmark", version: 1, durationSeconds: 3600 } as const;
    const { ms, value } = await timed(() => decideRequest(vote));
    if (!value.ok) throw new Error(value.code);
    latencies.push(ms);
    const grant = await db.grant.findFirstOrThrow({ where: { requestId }, select: { id: true } });
    ready.push({ grantId: grant.id });
  }
  return ready;
}

async function signIn(connection: Readonly<Record<string, string>>, password: string): Promise<void> {
  const client = new pg.Client({ host: connection["host"], port: Number(connection["port"]), database: connection["database"], user: connection["user"], password });
  await client.connect();
  await client.query("select 1");
  await client.end();
}

async function activated(ready: readonly Ready[], latencies: number[]): Promise<Live[]> {
  const requester = await person("requester");
  const live: Live[] = [];
  for (const { grantId } of ready) {
    const password = generatePassword();
    const { ms, value } = await timed(async () => {
      const verifier = await makeScramVerifier(password);
      const answer = await activateGrant({ actor: requester, grantId, idempotencyKey: randomUUID(), verifier, objection: (tx, grant, now) => objectionToActivation(tx, grant, requester, now) });
      if (!answer.ok) throw new Error(answer.code);
      await signIn(answer.value.connection, password);
      return answer.value.connection;
    });
    latencies.push(ms);
    live.push({ grantId, connection: value, password });
  }
  return live;
}

async function ended(live: readonly Live[], width: number): Promise<number[]> {
  const requester = await person("requester");
  await inParallel(live, width, async ({ grantId }) => {
    await endGrant({ actor: requester, grantId, reason: "completed", permitted: () => Promise.resolve(true) });
    if (width === 1) await proven([grantId]);
  });
  return proven(live.map(({ grantId }) => grantId));
}

/** Waits until all are proven; answers how long each took by the database's clock, from `ending` to `proven`. */
async function proven(ids: readonly string[]): Promise<number[]> {
  for (let tries = 0; tries < 1_200; tries++) {
    const rows = await db.grant.findMany({ where: { id: { in: [...ids] }, state: "proven" }, select: { endingAt: true, provenAt: true } });
    if (rows.length === ids.length) return rows.map(({ endingAt, provenAt }) => (provenAt?.getTime() ?? 0) - (endingAt?.getTime() ?? 0));
    await sleep(50);
  }
  throw new Error("not all ends were proven within a minute");
}

/** What the target alone needs for a login role that can be used: the same statements, without Curfew. */
async function bareTarget(target: DemoTarget, count: number): Promise<number[]> {
  const admin = new pg.Client({ host: target.host, port: target.port, database: target.database, ...target.admin });
  await admin.connect();
  const latencies: number[] = [];
  for (let number = 0; number < count; number++) {
    const user = `bench_bare_${number}`;
    const password = generatePassword();
    const verifier = await makeScramVerifier(password);
    const { ms } = await timed(async () => {
      await admin.query(`BEGIN; CREATE ROLE ${user} LOGIN PASSWORD '${verifier}' VALID UNTIL 'tomorrow'; GRANT orders_read TO ${user}; COMMIT`);
      await signIn({ host: target.host, port: String(target.port), database: target.database, user }, password);
    });
    latencies.push(ms);
    await admin.query(`DROP ROLE ${user}`);
  }
  await admin.end();
  return latencies;
}

/** Decision, issue and end, each over `count` grants on the demo target. */
export async function benchGrants(target: DemoTarget, count: number): Promise<Row[]> {
  const singles = 20;
  const ids = await identities(count + singles);
  const votes: number[] = [];
  const issues: number[] = [];
  const live = await activated(await decided(ids, votes), issues);
  const bare = await bareTarget(target, count);
  const single = await ended(live.slice(0, singles), 1);
  const burst = await ended(live.slice(singles), 16);
  const size = (n: number) => `${n} grants on PostgreSQL, one machine with the database, the target and the worker`;
  return [
    { what: "decision (vote → committed with policy, ledger and grant)", size: size(votes.length), figure: spread(votes), limit: "–", holds: null },
    { what: "grant → usable (activate → signed in with it)", size: size(issues.length), figure: spread(issues), limit: `bare CREATE ROLE and sign-in: ${spread(bare)}`, holds: null },
    { what: "end → proven, one at a time", size: size(single.length), figure: spread(single), limit: "3,000 ms, the second look 1 s later included", holds: percentile(single, 0.99) <= 3_000 },
    { what: "end → proven, all at once", size: size(burst.length), figure: spread(burst), limit: "5,000 ms (held for 1,000 in a later issue)", holds: percentile(burst, 0.99) <= 5_000 },
  ];
}
