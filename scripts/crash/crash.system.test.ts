import { createHash, randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectSystem, disconnectSystems } from "@/lib/connectors/connect";
import { generatePassword, makeScramVerifier } from "@/lib/connectors/postgres/scram";
import { db } from "@/lib/db/client";
import { inTransaction } from "@/lib/db/transaction";
import { activateGrant } from "@/lib/grants/activation";
import { endGrant } from "@/lib/grants/ending";
import { beginIssue } from "@/lib/grants/mutations";
import { crashPoints, type CrashPoint } from "@/lib/platform/crash-point";
import { objectionToActivation } from "@/lib/requests/recheck";
import { World, type Live } from "@/lib/requests/test-world";
import { orderSuspension } from "@/lib/suspensions/mutations";
import { recordDiscovery } from "@/lib/systems/discovery";
import { startEngine, until, type Engine, type Program } from "../test/engine";

const tag = "c4a50001";
let engine: Engine;
let world: World;

beforeAll(async () => {
  engine = await startEngine();
  world = await World.on(engine.worldTarget(tag));
  await engine.onTarget("grant usage, create on schema public to warehouse_read", "warehouse");
});

afterAll(async () => {
  await disconnectSystems();
  await db.$disconnect();
  await engine.stop();
});

type Command = "submit" | "activate" | "decide" | "end";
const killedAt: CrashPoint[] = [];

/** Runs the web side's part of something in a process of its own, which dies at the point named. */
function web(command: Command, input: Record<string, unknown>, at: CrashPoint): Program {
  return engine.start("scripts/crash/web-side.ts", [command, JSON.stringify({ actor: world.people.rita, ...input })], { CURFEW_CRASH_AT: at });
}

async function died(program: Program, at: CrashPoint): Promise<void> {
  const { signal } = await program.ended;
  expect(signal, `${at}:\n${program.output()}`).toBe("SIGKILL");
  killedAt.push(at);
}

/** An activation by a web process that is killed at the point named. */
async function killActivation(at: CrashPoint) {
  const requestId = await world.approved({ sensitivity: "low" });
  const { id: grantId } = await world.grantOf(requestId);
  const password = generatePassword();
  const call = { grantId, idempotencyKey: randomUUID(), verifier: await makeScramVerifier(password) };
  await died(web("activate", call, at), at);
  const actor = world.people.rita;
  const again = () => activateGrant({ ...call, actor, objection: (tx, grant, now) => objectionToActivation(tx, grant, actor, now) });
  return { requestId, grantId, again, password };
}

/** A worker that is killed when it gets to the point named. */
async function killWorker(at: CrashPoint): Promise<void> {
  const program = engine.start("lib/worker/main.ts", [], { CURFEW_CRASH_AT: at });
  const patience = setTimeout(() => void program.stop(), 90_000);
  await died(program, at).finally(() => clearTimeout(patience));
}

/** An issue whose answer was lost long enough ago for recovery to look at it now. */
async function lostIssue(): Promise<string> {
  const { id: grantId } = await world.grantOf(await world.approved({ sensitivity: "low" }));
  const actor = world.people.rita;
  const handleName = `curfew_${tag}_${grantId.replaceAll("-", "")}`;
  await beginIssue({ actor, grantId, key: "lost", handleName, objection: () => Promise.resolve(null) });
  await longAgo(grantId);
  return grantId;
}

/** Moves a lost issue's times back, so that the test does not have to wait for them. */
async function longAgo(grantId: string): Promise<void> {
  await engine.asSuperuser("update grants set issue_deadline = clock_timestamp() - interval '40 s' where id = $1 and state = 'issuing'", [grantId]);
  await engine.asSuperuser("update graphile_worker._private_jobs set run_at = clock_timestamp() where key = $1", [`recover-issue:${grantId}`]);
}

/** Makes a table in the session, which would keep its role from being dropped. */
async function leaveSomething(live: Live | undefined): Promise<void> {
  const { host, port } = engine.accounts;
  const client = new pg.Client({ host, port, database: "warehouse", user: live?.user, password: live?.password });
  await client.connect();
  await client.query(`create table public.left_by_${live?.user} (id int)`);
  await client.end();
  if (live) untidy.push(live.grantId);
}

const end = (live: Live) => endGrant({ actor: world.people.rita, grantId: live.grantId, reason: "ended-by-person", permitted: () => Promise.resolve(true) });
const stateOf = async (grantId: string) => (await world.grant(grantId)).state;
const rolesOnTarget = () => engine.onTarget<{ name: string }>(`select rolname::text as name from pg_roles where rolname like 'curfew\\_${tag}\\_%'`);
const roleExists = async (grantId: string) => (await rolesOnTarget()).some(({ name }) => name.endsWith(grantId.replaceAll("-", "")));

type Case = { readonly at: CrashPoint; readonly grantId: string; readonly requestId?: string; readonly reopens: boolean };
const cases: Case[] = [];
/** Grants whose session left a table behind. */
const untidy: string[] = [];

describe("a web process killed", () => {
  it.each(["submit:before-commit", "submit:after-commit"] as const)("at %s has stored the request whole or not at all, and the same call again tells which", async (at) => {
    const identityId = await world.identity();
    const ask = { identityId, entitlementId: world.entitlement("low"), sensitivity: "low", idempotencyKey: randomUUID() } as const;
    await died(web("submit", { ...ask, durationSeconds: 3600 }, at), at);
    const found = await db.request.findMany({ where: { identityId }, include: { grants: true } });
    expect(found.map(({ state, grants }) => [state, grants.length])).toEqual(at === "submit:after-commit" ? [["approved", 1]] : []);
    const again = await world.ask(ask);
    expect(again).toMatchObject({ ok: true, value: { state: "approved", ...(found[0] ? { requestId: found[0].id } : {}) } });
    expect(await db.request.count({ where: { identityId } })).toBe(1);
  });

  it("before it wrote down its intent leaves the grant ready", async () => {
    const { grantId, again } = await killActivation("activate:before-intent");
    expect(await stateOf(grantId)).toBe("ready");
    expect(await again()).toMatchObject({ ok: true, value: { state: "active" } });
  });

  it.each(["activate:after-intent", "backend:issue-uncommitted", "activate:after-backend", "activate:before-confirm"] as const)(
    "at %s, between intent and outcome, leaves a grant that recovery opens again",
    async (at) => {
      const { requestId, grantId } = await killActivation(at);
      expect(await stateOf(grantId)).toBe("issuing");
      expect(await roleExists(grantId)).toBe(at === "activate:after-backend" || at === "activate:before-confirm");
      await longAgo(grantId);
      cases.push({ at, grantId, requestId, reopens: true });
    },
  );

  it("after the commit has activated the grant, and the same call again gives the answer that was lost", async () => {
    const { grantId, again } = await killActivation("activate:after-confirm");
    expect(await stateOf(grantId)).toBe("active");
    expect(await again()).toMatchObject({ ok: true, value: { state: "active", connection: { database: "warehouse" } } });
  });

  it.each(["approve:before-commit", "approve:after-commit"] as const)("at %s has taken the vote whole or not at all", async (at) => {
    const requestId = await world.asked();
    const { bea } = world.people;
    const cast = { actor: bea, requestId, version: 1, durationSeconds: 3600 };
    await died(web("decide", cast, at), at);
    const row = await db.request.findUniqueOrThrow({ where: { id: requestId }, include: { votes: true, grants: true } });
    const taken = at === "approve:after-commit";
    expect(row).toMatchObject({ state: taken ? "approved" : "pending" });
    expect([row.votes.length, row.grants.length]).toEqual(taken ? [1, 1] : [0, 0]);
    expect(await world.vote(requestId, bea, { version: 1 })).toMatchObject(taken ? { ok: false, code: "not-pending" } : { ok: true, value: { state: "approved" } });
  });

  it.each(["end:before-ending", "end:after-ending"] as const)("at %s has ended the session, or it can be ended again", async (at) => {
    const live = await world.live();
    await died(web("end", { grantId: live.grantId }, at), at);
    expect(await stateOf(live.grantId)).toBe(at === "end:after-ending" ? "ending" : "active");
    expect(await end(live)).toEqual({ ok: true, value: { state: "ending" } });
    cases.push({ at, grantId: live.grantId, reopens: false });
  });
});

const pointsOfEnding = crashPoints.filter((point) => /^end:(?!before-ending|after-ending)|^backend:(locked-out|freed)/.test(point));

describe("a worker killed", () => {
  it.each(pointsOfEnding)("at %s leaves an end that the next one can finish", async (at) => {
    // Two at once, so that it may die between them; one of them leaves something behind.
    const lives = [await world.live(), await world.live()];
    await leaveSomething(lives[0]);
    for (const live of lives) {
      await end(live);
      cases.push({ at, grantId: live.grantId, reopens: false });
    }
    await killWorker(at);
  });

  it.each(["expire:before-ending", "expire:after-ending"] as const)("at %s leaves nothing live that has expired", async (at) => {
    const live = await world.live();
    await engine.asSuperuser("update grants set not_after = clock_timestamp() - interval '1 s' where id = $1", [live.grantId]);
    cases.push({ at, grantId: live.grantId, reopens: false });
    await killWorker(at);
  });

  it.each(["recover:before-inspect", "recover:after-inspect", "recover:after-commit"] as const)("at %s leaves a lost issue to the next", async (at) => {
    const grantId = await lostIssue();
    const { requestId } = await world.grant(grantId);
    cases.push({ at, grantId, requestId, reopens: true });
    await killWorker(at);
  });

  it.each(["sequence:before", "sequence:after"] as const)("at %s leaves no gap in the ledger", killWorker);
});

/** A service account of years ago on the target, known to Curfew and put out of work. */
async function suspended(at: CrashPoint): Promise<{ id: string; role: string }> {
  const role = `silent_${at.replaceAll(/[^a-z]/g, "_")}`;
  await engine.onTarget(`create role ${role} login in role warehouse_read; grant ${role} to curfew_connector with admin option, inherit false, set false`);
  const session = await connectSystem(world.systemId);
  const seen = await session.discover?.(AbortSignal.timeout(60_000));
  if (seen) await recordDiscovery(world.systemId, seen);
  const { identityId } = await db.credential.findFirstOrThrow({ where: { handle: role } });
  const order = { identityId, kind: "rehearsal", undoAt: new Date(Date.now() + 3_600_000), undoAtFirstRefusal: false, openConnections: "cut", reason: "A crash test", reviewItemId: null, actor: world.people.ada } as const;
  const ordered = await inTransaction((tx, now) => orderSuspension(tx, now, order));
  if (!ordered.ok) throw new TypeError(ordered.code);
  return { id: ordered.value.suspensionId, role };
}

const pointsOfSuspension = crashPoints.filter((point) => /^suspend:|^backend:suspend/.test(point));
const suspensions: { readonly at: CrashPoint; readonly id: string; readonly role: string; readonly undone: boolean }[] = [];

describe("a worker killed at a suspension", () => {
  it.each(pointsOfSuspension)("at %s leaves it to the next one", async (at) => {
    const undone = at === "suspend:after-resume";
    const { id, role } = await suspended(at);
    suspensions.push({ at, id, role, undone });
    if (undone) await engine.asSuperuser("update suspensions set undo_at = clock_timestamp() - interval '1 s' where id = $1", [id]);
    await killWorker(at);
  });

  it("at a discovery leaves the inventory as it was", async () => {
    await engine.onTarget("create role appeared_meanwhile login");
    await engine.asSuperuser("update systems set discovered_at = null");
    await killWorker("discover:before-write");
    expect(await db.credential.count({ where: { handle: "appeared_meanwhile" } })).toBe(0);
  });
});

describe("afterwards, with a worker that lives,", () => {
  let worker: Program;
  beforeAll(() => {
    worker = engine.start("lib/worker/main.ts");
  });
  afterAll(() => worker.stop());

  it("every point was died at", () => {
    // The points of break-glass have a test of their own.
    expect(new Set(killedAt)).toEqual(new Set(crashPoints.filter((point) => !point.startsWith("break:"))));
  });

  it("no grant is issuing or ending for ever", async () => {
    const unfinished = () => db.grant.findMany({ where: { state: { in: ["issuing", "ending", "accepted", "stuck"] } }, select: { id: true, state: true } });
    await until("everything is finished", async () => (await unfinished()).length === 0).catch(async (error: unknown) => {
      const left = (await unfinished()).map(({ id, state }) => `${cases.find(({ grantId }) => grantId === id)?.at ?? "?"}: ${state}`);
      throw new RangeError(`${String(error)}; left: ${left.join(", ")}`);
    });
  });

  it("every suspension is where it should be, each step once", async () => {
    for (const { at, id, role, undone } of suspensions) {
      const wanted = undone ? "undone" : "proven";
      await until(`the suspension of ${at} is ${wanted}`, async () => (await db.suspension.findUniqueOrThrow({ where: { id } })).state === wanted);
      const { identityId } = await db.suspension.findUniqueOrThrow({ where: { id } });
      const [found] = await engine.onTarget<{ login: boolean }>(`select rolcanlogin as login from pg_roles where rolname = '${role}'`);
      expect([at, found?.login]).toEqual([at, undone]);
      const told = (await world.told("identity", identityId)).filter((type) => type.startsWith("suspension."));
      expect([at, new Set(told).size]).toEqual([at, told.length]);
      const { changed } = await db.suspendedCredential.findFirstOrThrow({ where: { suspensionId: id } });
      expect([at, changed]).toEqual([at, undone ? null : true]);
    }
  });

  it("a discovery that broke off says so, and the next one is whole", async () => {
    await until("the new role is known", async () => (await db.credential.count({ where: { handle: "appeared_meanwhile" } })) === 1);
    const runs = await db.discoveryRun.findMany({ select: { state: true, failure: true } });
    expect(runs).toContainEqual({ state: "failed", failure: "broken-off" });
    expect(runs).toContainEqual({ state: "complete", failure: null });
  });

  it("no credential lives on the target without an active grant", async () => {
    const active = await db.grant.findMany({ where: { state: "active" }, select: { handleName: true } });
    const roles = (await rolesOnTarget()).map(({ name }) => name);
    expect(roles.sort()).toEqual(active.map(({ handleName }) => handleName).sort());
    expect(roles.length).toBeGreaterThanOrEqual(2);
  });

  it("every end is proven, every lost issue settled, and activation open again where it should be", async () => {
    for (const { at, grantId, requestId, reopens } of cases) {
      const row = await world.grant(grantId);
      expect([at, row.state]).toEqual([at, reopens ? expect.stringMatching(/^(failed|proven)$/) : "proven"]);
      if (!requestId) continue;
      const next = await world.grantOf(requestId);
      expect([at, next.replacesId, next.state]).toEqual([at, grantId, "ready"]);
      expect(await world.activate(next.id)).toMatchObject({ ok: true });
    }
  });

  it("each thing happened once, on the ledger too", async () => {
    for (const { at, grantId } of cases) {
      const told = await world.told("grant", grantId);
      for (const type of ["grant.issuing", "grant.active", "grant.failed", "grant.ending", "grant.accepted", "grant.proven"]) {
        expect([at, type, told.filter((each) => each === type).length <= 1]).toEqual([at, type, true]);
      }
    }
  });

  it("what sessions left behind is a finding, whatever was lost on the way", async () => {
    const findings = await db.finding.findMany({ where: { kind: "left-behind" }, select: { grantId: true } });
    expect(new Set(findings.map(({ grantId }) => grantId))).toEqual(new Set(untidy));
  });

  it("the ledger is gapless and complete, and every leaf is the hash of its event", async () => {
    await until("all events have positions", async () => (await engine.asSuperuser("select 1 from ledger.pending limit 1")).length === 0);
    const rows = await engine.asSuperuser<{ position: string; leaf_hash: Buffer; body: Buffer }>(
      "select n.position, n.leaf_hash, e.body from ledger.entry n join ledger.event e on e.id = n.event_id order by n.position",
    );
    const [total] = await engine.asSuperuser<{ events: string }>("select count(*) as events from ledger.event");
    expect(rows.length).toBe(Number(total?.events));
    rows.forEach(({ position, leaf_hash, body }, index) => {
      expect(Number(position)).toBe(index);
      expect(leaf_hash.toString("hex")).toBe(createHash("sha256").update(Buffer.of(0)).update(body).digest("hex"));
    });
  });
});
