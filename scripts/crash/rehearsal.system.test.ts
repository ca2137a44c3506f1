import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectSystem, disconnectSystems } from "@/lib/connectors/connect";
import { db } from "@/lib/db/client";
import { inTransaction } from "@/lib/db/transaction";
import { World } from "@/lib/requests/test-world";
import { orderSuspension } from "@/lib/suspensions/mutations";
import { recordDiscovery } from "@/lib/systems/discovery";
import { startEngine, until, type Engine, type Program } from "../test/engine";

let engine: Engine;
let world: World;
let worker: Program;

beforeAll(async () => {
  engine = await startEngine();
  world = await World.on(engine.worldTarget("4e4ea45a"));
  worker = engine.start("lib/worker/main.ts");
});

afterAll(async () => {
  await worker.stop();
  await disconnectSystems();
  await db.$disconnect();
  await engine.stop();
});

/** Signs in as the service would; answers its name or what the target says. */
async function signIn(user: string): Promise<string> {
  const { host, port, services } = engine.accounts;
  const client = new pg.Client({ host, port, database: "orders", user, password: services[user] });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return user;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function rehearse(role: string, over: { undoAt?: Date; undoAtFirstRefusal?: boolean } = {}): Promise<string> {
  const session = await connectSystem(world.systemId);
  const seen = await session.discover?.(AbortSignal.timeout(60_000));
  if (seen) await recordDiscovery(world.systemId, seen);
  const { identityId } = await db.credential.findFirstOrThrow({ where: { handle: role } });
  const order = {
    identityId, kind: "rehearsal", undoAt: new Date(Date.now() + 3_600_000), undoAtFirstRefusal: false, openConnections: "cut",
    reason: "Nobody has seen it for long", reviewItemId: null, actor: world.people.ada, ...over,
  } as const;
  const ordered = await inTransaction((tx, now) => orderSuspension(tx, now, order));
  if (!ordered.ok) throw new TypeError(ordered.code);
  return ordered.value.suspensionId;
}

const read = (id: string) => db.suspension.findUniqueOrThrow({ where: { id } });
const stateIs = (id: string, state: string) => until(`it is ${state}`, async () => (await read(id)).state === state);
const refused = (role: string) => `role "${role}" is not permitted to log in`;
const timeIsUp = (id: string) => engine.asSuperuser("update suspensions set undo_at = clock_timestamp() - interval '1 s' where id = $1", [id]);

describe("a rehearsal", () => {
  it("whose time runs out while no worker lives is undone by the next one, first thing", async () => {
    const role = "partner_feed";
    expect(await signIn(role)).toBe(role);
    const id = await rehearse(role);
    await stateIs(id, "proven");
    expect(await signIn(role)).toBe(refused(role));

    await worker.stop();
    await timeIsUp(id);
    expect(await signIn(role)).toBe(refused(role));
    worker = engine.start("lib/worker/main.ts");
    await stateIs(id, "undone");
    expect(await read(id)).toMatchObject({ undoWhy: "time", undoOrderedById: null });
    expect(await signIn(role)).toBe(role);
  });

  it("whose target is down when its time runs out is undone as soon as the target is back", async () => {
    const role = "newsletter_2021";
    const id = await rehearse(role);
    await stateIs(id, "proven");
    await engine.target.stop();
    await timeIsUp(id);
    await stateIs(id, "stuck");
    expect(await read(id)).toMatchObject({ undoAcceptedAt: null, lastFailure: "unreachable" });
    expect(await db.finding.count({ where: { kind: "suspension-stuck" } })).toBe(1);
    await engine.startTarget();
    await stateIs(id, "undone");
    expect(await signIn(role)).toBe(role);
  });

  it("undoes itself at the first sign-in that the server's own log says was refused, though no look at it would have seen that", async () => {
    const role = "coupon_import";
    const id = await rehearse(role, { undoAtFirstRefusal: true });
    await stateIs(id, "proven");
    expect(await signIn(role)).toBe(refused(role));
    await stateIs(id, "undone");
    const row = await read(id);
    expect(row).toMatchObject({ undoWhy: "refused-login" });
    expect(row.refusedLoginAt).not.toBeNull();
    expect(await signIn(role)).toBe(role);
    const { identityId } = row;
    await until("its last sign-in is read from the log", async () => ((await db.identity.findUniqueOrThrow({ where: { id: identityId } })).lastActiveAt?.getTime() ?? 0) > (row.undoneAt?.getTime() ?? 0) - 5_000);
    expect(await db.useDay.count({ where: { identityId } })).toBeGreaterThan(0);
  });
});
