import { beforeAll, describe, expect, it } from "vitest";
import type { WorkloadActor } from "@/lib/auth/actor";
import { db } from "@/lib/db/client";
import { newId } from "@/lib/platform/ids";
import { setScene } from "./test-target-of-file";
import type { World } from "./test-world";
import { previewAsk } from "./views/ask";
import { readRequestView } from "./views/detail";

let world: World;
beforeAll(async () => {
  ({ world } = await setScene());
});

const why = "The standing account is read-only at night, and the repair runs then";

/** An identity that holds the medium access standing, found by discovery. */
async function holding(): Promise<string> {
  const identityId = await world.identity();
  const now = new Date();
  await db.assignment.create({ data: { id: newId(), identityId, entitlementId: world.entitlement("medium"), kind: "standing", path: ["legacy_etl"], firstSeenAt: now, lastSeenAt: now } });
  return identityId;
}

const inboxes = () => db.inboxItem.count();
const job = (identityId: string): WorkloadActor => ({ kind: "workload", identityId, name: "job", issuer: "https://ci.example.com", subject: "repo:acme", tokenId: "t1", triggeredById: null });

describe("an ask for what the identity holds standing", () => {
  it("is refused without a reason to whoever answers for it, before anybody is told, and the refusal is an event", async () => {
    const identityId = await holding();
    const [told, requests] = [await inboxes(), await db.request.count()];
    const answer = await world.ask({ identityId, actor: world.people.olga });
    expect(answer).toMatchObject({ ok: false, code: "held-standing", detail: { entitlements: expect.stringContaining("medium") } });
    expect([await inboxes(), await db.request.count()]).toEqual([told, requests]);
    const [event] = await world.events("identity", identityId, "request.refused");
    expect(event?.data).toMatchObject({ code: "held-standing" });
  });

  it("is a request with a reason, which whoever decides reads and the ledger keeps beside the event", async () => {
    const identityId = await holding();
    const requestId = await world.asked({ identityId, actor: world.people.olga, standingReason: why });
    const [event] = await world.events("request", requestId, "request.submitted");
    expect(event).toMatchObject({ data: { heldStanding: [world.entitlement("medium")] }, clear: { standingReason: why } });
    expect(JSON.stringify(event?.data)).not.toContain("read-only at night");
    expect(await readRequestView(requestId, world.people.bea)).toMatchObject({ standingReason: why, standing: [{ path: ["legacy_etl"] }] });
  });

  it("is told and asked of nobody who may not know what the identity holds", async () => {
    const identityId = await holding();
    const requestId = await world.asked({ identityId, standingReason: why });
    expect(await db.request.findUniqueOrThrow({ where: { id: requestId } })).toMatchObject({ standingReason: null });
    const [event] = await world.events("request", requestId, "request.submitted");
    expect(event?.data).not.toHaveProperty("heldStanding");
    expect(await readRequestView(requestId, world.people.rita)).toMatchObject({ standing: undefined, standingReason: null });
    // Whoever decides knows all the same.
    expect(await readRequestView(requestId, world.people.bea)).toMatchObject({ standing: [{ path: ["legacy_etl"] }], standingReason: null });
  });

  it("asks the identity itself, too: what it holds is no news to it", async () => {
    const identityId = await holding();
    expect(await world.ask({ identityId, actor: job(identityId) })).toMatchObject({ ok: false, code: "held-standing" });
    expect(await world.ask({ identityId, actor: job(identityId), standingReason: why })).toMatchObject({ ok: true });
  });

  it("stores nothing where the reason holds a secret", async () => {
    const identityId = await holding();
    const standingReason = "the account svc uses postgresql://svc:hunter2Xq9@db.internal/orders";
    expect(await world.ask({ identityId, actor: world.people.olga, standingReason })).toMatchObject({ ok: false, code: "secret-in-text", detail: { field: "standingReason" } });
    expect(await world.told("identity", identityId)).not.toContain("request.refused");
  });

  it("needs no reason any more once it is gone from the target", async () => {
    const identityId = await holding();
    await db.assignment.updateMany({ where: { identityId }, data: { endedAt: new Date() } });
    const requestId = await world.asked({ identityId, actor: world.people.olga, standingReason: why });
    expect(await db.request.findUniqueOrThrow({ where: { id: requestId } })).toMatchObject({ standingReason: null });
  });
});

describe("the form's preview", () => {
  it("says what is held to those who may know, and to nobody else", async () => {
    const identityId = await holding();
    const draft = { identityId, entitlementIds: [world.entitlement("medium")], purpose: "backfill", durationSeconds: 3600, ticketKey: "CHG-482" };
    const of = async (actor: typeof world.people.olga) => (await previewAsk(actor, draft, null)).verdict?.standing;
    expect(await of(world.people.olga)).toHaveLength(1);
    expect(await of(world.people.rita)).toEqual([]);
  });
});
