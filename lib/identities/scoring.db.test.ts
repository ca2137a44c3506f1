import { beforeEach, describe, expect, it } from "vitest";
import { db } from "@/lib/db/client";
import { inTransaction } from "@/lib/db/transaction";
import { makeEntitlement, makeIdentity, makePerson, makeStanding, makeSystem } from "@/lib/exceptions/test-holdings";
import { readEventsAbout } from "@/lib/ledger/read";
import { newId } from "@/lib/platform/ids";
import { setIdentityState } from "./mutations";
import { scoreDueIdentities } from "./scoring";

const seed = { kind: "system", process: "seed" } as const;
const ago = (days: number) => new Date(Date.now() - days * 86_400_000);
const row = (id: string) => db.identity.findUniqueOrThrow({ where: { id } });
const changes = async (id: string) => (await readEventsAbout("identity", id)).filter(({ type }) => type === "identity.state-changed").map(({ data }) => [data["from"], data["to"]]);

beforeEach(async () => {
  await scoreDueIdentities();
});

describe("scoring", () => {
  it("computes scores and counts of what changed, and leaves alone what did not", async () => {
    const olga = await makePerson("Olga", "owner");
    const systemId = await makeSystem();
    const identityId = await makeIdentity(olga.personId);
    await makeStanding(identityId, await makeEntitlement(systemId, { sensitivity: "critical" }));
    await db.credential.create({ data: { id: newId(), identityId, systemId, handle: "bot", targetId: newId(), kind: "password", firstSeenAt: ago(1), lastSeenAt: ago(0), facts: { superuser: true } } });
    await db.identity.update({ where: { id: identityId }, data: { lastActiveAt: ago(1), visibleSince: ago(50) } });
    expect(await scoreDueIdentities()).toBe(1);
    // 14 critical side door + 8 production + 20 superuser + 8 no expiry
    expect(await row(identityId)).toMatchObject({ staleness: 0, exposure: 50, credentialCount: 1, entitlementCount: 1, standingCount: 1, state: "active" });
    expect(await scoreDueIdentities()).toBe(0);
    await db.identity.update({ where: { id: identityId }, data: { scoredAt: ago(2) } });
    expect(await scoreDueIdentities()).toBe(1);
  });

  it("leads from active over dormant to stale, says so on the ledger, and back when it is seen again", async () => {
    const olga = await makePerson("Olga", "owner");
    const id = await makeIdentity(olga.personId);
    for (const days of [1, 40, 100, 1]) {
      await db.identity.update({ where: { id }, data: { lastActiveAt: ago(days), visibleSince: ago(200), scoredAt: null } });
      await scoreDueIdentities();
    }
    expect(await changes(id)).toEqual([["unowned", "dormant"], ["dormant", "active"], ["active", "dormant"], ["dormant", "stale"], ["stale", "active"]]);
  });

  it("calls a seasonal identity not stale inside its season's gap", async () => {
    const olga = await makePerson("Olga", "owner");
    const id = await makeIdentity(olga.personId);
    const gap = [285, 193, 101].map((days) => ({ identityId: id, day: ago(days) }));
    await db.useDay.createMany({ data: gap });
    await db.identity.update({ where: { id }, data: { lastActiveAt: ago(101), visibleSince: ago(400), scoredAt: null } });
    await scoreDueIdentities();
    expect(await row(id)).toMatchObject({ staleness: 0, state: "active" });
    await db.useDay.deleteMany({ where: { identityId: id } });
    await db.identity.update({ where: { id }, data: { scoredAt: null } });
    await scoreDueIdentities();
    expect(await row(id)).toMatchObject({ state: "stale" });
  });

  it("judges no silence that nobody could see, and never leaves what people decided", async () => {
    const olga = await makePerson("Olga", "owner");
    const [unseen, suspended] = [await makeIdentity(olga.personId), await makeIdentity(olga.personId)];
    await setIdentityState(suspended, "suspended", { actor: seed });
    await db.identity.update({ where: { id: unseen }, data: { state: "active" } });
    await db.identity.update({ where: { id: suspended }, data: { lastActiveAt: ago(300), visibleSince: ago(400) } });
    await scoreDueIdentities();
    expect(await row(unseen)).toMatchObject({ staleness: 25, state: "active" });
    expect(await row(suspended)).toMatchObject({ state: "suspended" });
  });

  it("opens the side doors of somebody who holds very much in several turns", async () => {
    const olga = await makePerson("Olga", "owner");
    const systemId = await makeSystem();
    const identityId = await makeIdentity(olga.personId);
    const entitlements = Array.from({ length: 70 }, (_, index) => ({ id: newId(), systemId, name: `entitlement ${index}`, description: "One of many", target: {}, actions: [], sensitivity: "low", purposes: [], createdAt: ago(1), requestable: true }));
    await db.entitlement.createMany({ data: entitlements });
    await db.assignment.createMany({ data: entitlements.map(({ id }) => ({ id: newId(), identityId, entitlementId: id, kind: "standing", path: [], firstSeenAt: ago(1), lastSeenAt: ago(0) })) });
    await scoreDueIdentities();
    expect(await db.finding.count({ where: { identityId } })).toBe(50);
    await scoreDueIdentities();
    expect(await db.finding.count({ where: { identityId } })).toBe(70);
    expect((await row(identityId)).scoredAt).not.toBeNull();
    await db.assignment.updateMany({ where: { identityId }, data: { endedAt: new Date() } });
    for (let turn = 0; turn < 3; turn++) {
      await db.identity.update({ where: { id: identityId }, data: { scoredAt: null } });
      await scoreDueIdentities();
    }
    expect(await db.finding.count({ where: { identityId, closedAt: null } })).toBe(0);
  });

  it("leaves a row that somebody is changing for its next turn, and takes every other exactly once, however many workers there are", async () => {
    const olga = await makePerson("Olga", "owner");
    const ids: string[] = [];
    for (let index = 0; index < 30; index++) ids.push(await makeIdentity(olga.personId));
    const [held] = ids;
    const [counts] = await inTransaction(async (tx) => {
      await tx.$queryRaw`select id from identities where id = ${held}::uuid for update`;
      return [await Promise.all([scoreDueIdentities(), scoreDueIdentities()])];
    });
    expect(counts?.reduce((sum, count) => sum + count, 0)).toBe(29);
    expect((await row(held ?? "")).scoredAt).toBeNull();
    expect(await scoreDueIdentities()).toBe(1);
  });
});
