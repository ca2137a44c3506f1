import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PersonActor } from "@/lib/auth/actor";
import { breakGlass } from "@/lib/break-glass/mutations";
import { objectionToEmergency } from "@/lib/break-glass/recheck";
import { proofOf } from "@/lib/break-glass/test-proof";
import { disconnectSystems } from "@/lib/connectors/connect";
import { generatePassword, makeScramVerifier } from "@/lib/connectors/postgres/scram";
import { db } from "@/lib/db/client";
import type { Sensitivity } from "@/lib/entitlements/types";
import { activateGrant } from "@/lib/grants/activation";
import { endGrant } from "@/lib/grants/ending";
import { setOnCall } from "@/lib/people/teams";
import { crashPoints, type CrashPoint } from "@/lib/platform/crash-point";
import { makePerson, World } from "@/lib/requests/test-world";
import { startEngine, until, type Engine, type Program } from "../test/engine";

const tag = "c4a50002";
const hourMs = 3_600_000;
let engine: Engine;
let world: World;

beforeAll(async () => {
  engine = await startEngine();
  world = await World.on(engine.worldTarget(tag));
});

afterAll(async () => {
  await disconnectSystems();
  await db.$disconnect();
  await engine.stop();
});

const killedAt: CrashPoint[] = [];

async function died(program: Program, at: CrashPoint): Promise<void> {
  const { signal } = await program.ended;
  expect(signal, `${at}:\n${program.output()}`).toBe("SIGKILL");
  killedAt.push(at);
}

/** Runs the web side's part in a process of its own, which dies at the point named. */
function web(command: "break" | "activate-broken" | "end", input: Record<string, unknown>, at: CrashPoint): Program {
  return engine.start("scripts/crash/web-side.ts", [command, JSON.stringify(input)], { CURFEW_CRASH_AT: at });
}

/** A worker that is killed when it gets to the point named. */
async function killWorker(at: CrashPoint): Promise<void> {
  const program = engine.start("lib/worker/main.ts", [], { CURFEW_CRASH_AT: at });
  const patience = setTimeout(() => void program.stop(), 90_000);
  await died(program, at).finally(() => clearTimeout(patience));
}

type Ask = { readonly actor: PersonActor; readonly identityId: string; readonly entitlementId: string; readonly idempotencyKey: string; readonly durationSeconds: number };

/** Somebody on call whose side nobody else stands on: an open debt of another case asks nothing of this one. */
async function ask(sensitivity: Sensitivity = "high"): Promise<Ask> {
  const team = `Rescue ${randomUUID()}`;
  const actor = await makePerson("Kim", ["owner", "requester"], [team]);
  const { id: teamId } = await db.team.findUniqueOrThrow({ where: { name: team } });
  await setOnCall({ actor: world.people.ada, personId: actor.personId, teamId, from: new Date(Date.now() - hourMs), until: new Date(Date.now() + 10 * hourMs) });
  const identityId = await world.identity({ ownerId: actor.personId, backupId: null });
  await db.identity.update({ where: { id: identityId }, data: { teamId, sponsorId: actor.personId } });
  return { actor, identityId, entitlementId: world.entitlement(sensitivity), idempotencyKey: randomUUID(), durationSeconds: 600 };
}

const breakIt = (command: Ask) => breakGlass({ ...command, incident: "INC-7", incidentCheck: "not-connected", reason: "Orders are stuck", sourceAddress: null, confirm: proofOf(command.actor.personId) });

type Broken = Ask & { readonly breakGlassId: string; readonly requestId: string };
/** Every glass that was broken in this file, with the point at which something died on its way. */
const all: (Broken & { readonly at: CrashPoint })[] = [];

async function broken(at: CrashPoint, sensitivity?: Sensitivity): Promise<Broken> {
  const command = await ask(sensitivity);
  const answer = await breakIt(command);
  if (!answer.ok) throw new TypeError(`refused: ${answer.code}`);
  const glass = { ...command, ...answer.value };
  all.push({ ...glass, at });
  return glass;
}

async function activate(glass: Broken, idempotencyKey: string = randomUUID(), password = generatePassword()) {
  const { id: grantId } = await world.grantOf(glass.requestId);
  const { actor } = glass;
  return activateGrant({ actor, grantId, idempotencyKey, verifier: await makeScramVerifier(password), objection: (tx, grant, now) => objectionToEmergency(tx, grant, actor, now) });
}

async function live(at: CrashPoint): Promise<Broken & { readonly grantId: string }> {
  const glass = await broken(at);
  const activated = await activate(glass);
  if (!activated.ok) throw new TypeError(activated.code);
  return { ...glass, grantId: (await world.grantOf(glass.requestId)).id };
}

const end = ({ actor, grantId }: { readonly actor: PersonActor; readonly grantId: string }) => endGrant({ actor, grantId, reason: "ended-by-person", permitted: () => Promise.resolve(true) });
const debtOf = (breakGlassId: string) => db.breakGlassDebt.findUnique({ where: { breakGlassId } });
const timesAsked = (breakGlassId: string, personId: string) => db.inboxItem.count({ where: { personId, notice: { kind: "debt-due", link: `/break-glass/${breakGlassId}` } } });

describe("a web process killed", () => {
  it.each(["break:before-commit", "break:after-commit"] as const)("at %s has broken the glass with its debt, or not at all, and the same call again tells which", async (at) => {
    const command = await ask();
    await died(web("break", command, at), at);
    const found = await db.breakGlass.findMany({ where: { identityId: command.identityId }, include: { debt: true, request: { include: { grants: true } } } });
    expect(found).toMatchObject(at === "break:after-commit" ? [{ state: "open", debt: { closedAt: null }, request: { grants: [{ state: "ready" }] } }] : []);
    const again = await breakIt(command);
    expect(again).toMatchObject({ ok: true, value: { state: "open", ...(found[0] ? { breakGlassId: found[0].id } : {}) } });
    expect(await db.breakGlass.count({ where: { identityId: command.identityId } })).toBe(1);
    if (again.ok) all.push({ ...command, ...again.value, at });
  });

  it.each(["activate:after-intent", "activate:after-backend", "activate:before-confirm"] as const)("at %s, between intent and credential, leaves the debt, and access that can be made again", async (at) => {
    const glass = await broken(at);
    const { id: grantId } = await world.grantOf(glass.requestId);
    await died(web("activate-broken", { actor: glass.actor, grantId, idempotencyKey: randomUUID(), verifier: await makeScramVerifier(generatePassword()) }, at), at);
    expect((await world.grant(grantId)).state).toBe("issuing");
    expect(await debtOf(glass.breakGlassId)).toMatchObject({ closedAt: null, askedAt: null });
    await engine.asSuperuser("update grants set issue_deadline = clock_timestamp() - interval '40 s' where id = $1", [grantId]);
    await engine.asSuperuser("update graphile_worker._private_jobs set run_at = clock_timestamp() where key = $1", [`recover-issue:${grantId}`]);
  });

  it("after the commit gives the credential to the same call again", async () => {
    const at = "activate:after-confirm";
    const glass = await broken(at);
    const { id: grantId } = await world.grantOf(glass.requestId);
    const call = { actor: glass.actor, grantId, idempotencyKey: randomUUID(), verifier: await makeScramVerifier(generatePassword()) };
    await died(web("activate-broken", call, at), at);
    expect(await activateGrant({ ...call, objection: (tx, grant, now) => objectionToEmergency(tx, grant, call.actor, now) })).toMatchObject({ ok: true, value: { state: "active" } });
  });

  it.each(["end:before-ending", "end:after-ending"] as const)("at %s has ended the access, or it can be ended again, and nobody reviews it before", async (at) => {
    const glass = await live(at);
    await died(web("end", { actor: glass.actor, grantId: glass.grantId }, at), at);
    expect((await debtOf(glass.breakGlassId))?.askedAt).toBeNull();
    expect(await end(glass)).toEqual({ ok: true, value: { state: "ending" } });
  });
});

describe("a worker killed", () => {
  it.each(["end:after-accepted", "end:after-proven"] as const)("at %s, between the end and its review, leaves the debt", async (at) => {
    const glass = await live(at);
    await end(glass);
    await killWorker(at);
    expect(await debtOf(glass.breakGlassId)).toMatchObject({ closedAt: null });
  });

  it.each(["break:review-uncommitted", "break:review-asked"] as const)("at %s asks for the review once, then or later", async (at) => {
    // What the cases above left is asked about first.
    const glass = await live(at);
    await end(glass);
    await killWorker(at);
    expect(await debtOf(glass.breakGlassId)).toMatchObject({ closedAt: null });
  });

  it("while it runs what nobody answered runs it once, with the larger debt", async () => {
    const at = "break:alone-uncommitted";
    const glass = await broken(at, "critical");
    await engine.asSuperuser("update break_glass set second_due_at = clock_timestamp() where id = $1", [glass.breakGlassId]);
    await killWorker(at);
    expect(await db.breakGlass.findUniqueOrThrow({ where: { id: glass.breakGlassId }, include: { debt: true } })).toMatchObject({ state: "waiting", debt: null });
  });
});

describe("afterwards, with a worker that lives,", () => {
  let worker: Program;
  beforeAll(() => {
    worker = engine.start("lib/worker/main.ts");
  });
  afterAll(() => worker.stop());

  it("every point of break-glass was died at", () => {
    expect(new Set(killedAt.filter((point) => point.startsWith("break:")))).toEqual(new Set(crashPoints.filter((point) => point.startsWith("break:"))));
  });

  it("what waited in vain is open, and nothing is issuing or ending for ever", async () => {
    await until("nothing waits", async () => (await db.breakGlass.count({ where: { state: "waiting" } })) === 0);
    await until("everything is finished", async () => (await db.grant.count({ where: { state: { in: ["issuing", "ending", "accepted", "stuck"] } } })) === 0);
  });

  it("access whose making broke off is made again under the same glass, and ended", async () => {
    for (const glass of all) {
      const { state } = await world.grantOf(glass.requestId);
      if (state === "ready") expect([glass.at, await activate(glass)]).toMatchObject([glass.at, { ok: true }]);
      const now = await world.grantOf(glass.requestId);
      if (now.state === "active") await end({ actor: glass.actor, grantId: now.id });
    }
    await until("all ends are proven", async () => (await db.grant.count({ where: { state: { in: ["ready", "active", "ending", "accepted"] } } })) === 0);
  });

  it("every glass broken has its debt, asked about once, with its events once", async () => {
    await until("all reviews are asked for", async () => (await db.breakGlassDebt.count({ where: { askedAt: null } })) === 0);
    expect(await db.breakGlass.count({ where: { state: "open" } })).toBe(all.length);
    for (const { at, breakGlassId, requestId } of all) {
      const debt = await debtOf(breakGlassId);
      expect([at, debt]).toMatchObject([at, { closedAt: null, size: at === "break:alone-uncommitted" ? 2 : 1 }]);
      expect([at, await timesAsked(breakGlassId, world.people.bea.personId)]).toEqual([at, 1]);
      const told = await world.told("request", requestId);
      for (const type of ["break-glass.asked", "break-glass.opened", "break-glass.debt-opened"]) expect([at, type, told.filter((each) => each === type).length]).toEqual([at, type, 1]);
    }
  });

  it("no credential lives on the target", async () => {
    expect(await engine.onTarget(`select rolname from pg_roles where rolname like 'curfew\\_${tag}\\_%'`)).toEqual([]);
  });
});
