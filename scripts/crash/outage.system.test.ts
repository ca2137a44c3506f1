import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { disconnectSystems } from "@/lib/connectors/connect";
import { db } from "@/lib/db/client";
import { endGrant } from "@/lib/grants/ending";
import { World, type Live } from "@/lib/requests/test-world";
import { isAlive } from "../system/processes";
import { startEngine, until, type Engine, type Program } from "../test/engine";

let engine: Engine;
let world: World;
let worker: Program;

beforeAll(async () => {
  engine = await startEngine();
  world = await World.on(engine.worldTarget("0d7a9e01"));
  worker = engine.start("lib/worker/main.ts");
});

afterAll(async () => {
  await worker.stop();
  await disconnectSystems();
  await db.$disconnect();
  await engine.stop();
});

const end = (live: Live) => endGrant({ actor: world.people.rita, grantId: live.grantId, reason: "ended-by-person", permitted: () => Promise.resolve(true) });
const stateOf = async (live: Live) => (await world.grant(live.grantId)).state;

/** Signs in with the very credential. */
async function signIn(live: Live): Promise<pg.Client> {
  const { host, port } = engine.accounts;
  const client = new pg.Client({ host, port, database: "warehouse", user: live.user, password: live.password });
  client.on("error", () => undefined);
  await client.connect();
  return client;
}

describe("a target that goes down while sessions are live", () => {
  it("leaves their ends unproven and says so, tries again with growing pauses, and proves them once it is back", async () => {
    const [asked, expiring] = [await world.live(), await world.live()];
    const session = await signIn(asked);
    await session.query("select 1");
    await engine.target.stop();

    await end(asked);
    await engine.asSuperuser("update grants set not_after = clock_timestamp() where id = $1", [expiring.grantId]);
    await until("the end asked for is stuck", async () => (await stateOf(asked)) === "stuck");
    await until("so is the one that expired", async () => (await stateOf(expiring)) === "stuck");
    await until("the system is known to be away", async () => (await world.told("system", world.systemId)).includes("system.unreachable"));
    const row = await world.grant(asked.grantId);
    expect(row).toMatchObject({ acceptedAt: null, provenAt: null, lastFailure: "unreachable" });
    expect(row.stuckSince).not.toBeNull();
    expect((row.nextAttemptAt?.getTime() ?? 0) - (row.stuckSince?.getTime() ?? 0)).toBeGreaterThanOrEqual(16_000);
    expect((await world.grant(expiring.grantId)).endReason).toBe("expired");
    const attempts = (await world.events("grant", asked.grantId, "grant.end-failed")).map(({ data, at }) => ({ attempt: data["attempt"], at: Date.parse(at) }));
    expect(attempts.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4, 5]);
    attempts.slice(1).forEach(({ at }, index) => expect(at - (attempts[index]?.at ?? 0)).toBeGreaterThanOrEqual(1000 * 2 ** index));

    const { unreachableSince } = await db.system.findUniqueOrThrow({ where: { id: world.systemId } });
    expect(unreachableSince).not.toBeNull();
    const { id: waiting } = await world.grantOf(await world.approved({ sensitivity: "low" }));
    expect(await world.activate(waiting)).toEqual({ ok: false, code: "target-did-not-answer" });

    await engine.startTarget();
    for (const live of [asked, expiring]) {
      await until("the end is proven after all", async () => (await stateOf(live)) === "proven");
      expect(await world.grant(live.grantId)).toMatchObject({ stuckSince: null, lastFailure: null });
      await expect(signIn(live)).rejects.toThrow("password authentication failed");
      const told = (await world.told("grant", live.grantId)).filter((type) => /ending|stuck|accepted|proven/.test(type));
      expect(told).toEqual(["grant.ending", "grant.stuck", "grant.accepted", "grant.proven"]);
    }
    await until("the system is known to be back", async () => (await world.told("system", world.systemId)).includes("system.reachable"));
    expect((await world.told("system", world.systemId)).filter((type) => /reachable/.test(type))).toEqual(["system.unreachable", "system.reachable"]);
    await until("the activation that met the outage can be made again", async () => (await world.grant(waiting)).state === "failed");
    const { requestId } = await world.grant(waiting);
    const next = await world.grantOf(requestId);
    expect(next).toMatchObject({ state: "ready", replacesId: waiting });
    expect(await world.activate(next.id)).toMatchObject({ ok: true });
  });
});

describe("the app's own database going down", () => {
  it("does not end the worker, which goes on by itself once it is back", async () => {
    const live = await world.live();
    await engine.restartApp();
    expect(isAlive(worker.pid), worker.output()).toBe(true);
    await until("this process has a connection again", () => db.$queryRaw`select 1`.then(() => true, () => false));
    expect(await end(live)).toEqual({ ok: true, value: { state: "ending" } });
    await until("the worker proved the end", async () => (await stateOf(live)) === "proven");
    expect(isAlive(worker.pid), worker.output()).toBe(true);
  });
});

describe("a worker that is told to stop", () => {
  it("does so by itself, and another one carries on where it was", async () => {
    const live = await world.live();
    await worker.stop();
    expect(await worker.ended).toEqual({ code: 0, signal: null });
    expect(await db.heartbeat.count()).toBe(0);
    await end(live);
    expect(await stateOf(live)).toBe("ending");
    worker = engine.start("lib/worker/main.ts");
    await until("the next worker proved the end", async () => (await stateOf(live)) === "proven");
  });
});
