import { beforeAll, describe, expect, it } from "vitest";
import { db } from "@/lib/db/client";
import { inTransaction } from "@/lib/db/transaction";
import { endGrant, recordAccepted, recordProven } from "@/lib/grants/ending";
import { answerForIdentity } from "@/lib/identities/mutations";
import { sequenceEvents } from "@/lib/ledger/sequence";
import { newId } from "@/lib/platform/ids";
import { setScene } from "@/lib/requests/test-target-of-file";
import type { Live, World } from "@/lib/requests/test-world";
import { breakSeal, examineChain, examineChains } from "./mutations";

let world: World;
beforeAll(async () => {
  ({ world } = await setScene());
  // What other parts of the scene look at by themselves would answer for the sources here.
  await db.source.deleteMany({ where: { systemId: world.systemId, uses: { none: {} } } });
});

const seed = { kind: "system", process: "seed" } as const;

async function proven({ grantId, user }: Live, stillGiven: Parameters<typeof recordProven>[2] = []): Promise<void> {
  await endGrant({ actor: world.people.rita, grantId, reason: "completed", permitted: () => Promise.resolve(true) });
  await recordAccepted(grantId, { handle: { name: user }, acceptedAt: new Date(), sessionsCut: 0, leftovers: [], alreadyGone: false, statements: null });
  const look = new Date();
  await recordProven(grantId, { dead: true, method: "absent", strength: "absent-from-inventory", lookedAt: [look, look], seenBy: "probe", facts: ["role gone"] }, stillGiven);
}

async function logSource(watermark: Date | null): Promise<string> {
  const id = newId();
  await db.source.create({ data: { id, systemId: world.systemId, name: `log ${id}`, kind: "log", format: "postgres-jsonlog", lagSeconds: 60, watermark, createdAt: since } });
  return id;
}

/** A source that was there before the sessions of these tests. */
const since = new Date("2026-01-01T00:00:00Z");

const found = async (requestId: string) =>
  (await db.finding.findMany({ where: { grant: { requestId } }, orderBy: { kind: "asc" } })).map(({ kind, closedAt }) => `${kind}${closedAt ? " closed" : ""}`);
const check = (requestId: string) => db.chainCheck.findUniqueOrThrow({ where: { requestId } });
const far = () => new Date(Date.now() + 3_600_000);

describe("looking at a chain", () => {
  it("finds what is wrong once, seals what is complete, and says both in the ledger", async () => {
    const live = await world.live();
    const sourceId = await logSource(far());
    await proven(live, [{ kind: "standing", name: "legacy_etl", path: [], credentialId: newId(), grantId: null }]);
    await examineChain(live.requestId);
    await examineChain(live.requestId);
    expect(await found(live.requestId)).toEqual(["grant-never-used", "still-reachable"]);
    expect(await check(live.requestId)).toMatchObject({ state: "complete", brokenAt: null, lookAgainAt: null });
    expect(await world.told("request", live.requestId)).toEqual(expect.arrayContaining(["chain.sealed"]));
    expect((await world.told("request", live.requestId)).filter((type) => type === "chain.sealed")).toHaveLength(1);
    await db.source.delete({ where: { id: sourceId } });
  });

  it("stays open until the source that is late has passed, and closes what late data explains", async () => {
    const sourceId = await logSource(new Date(Date.now() - 3_600_000));
    const live = await world.live();
    await proven(live);
    await examineChain(live.requestId);
    const open = await check(live.requestId);
    expect(open).toMatchObject({ state: "open", sealedAt: null, waitsFor: [expect.stringContaining("log")] });
    expect(open.lookAgainAt).not.toBeNull();
    expect(await found(live.requestId)).toEqual(["grant-never-used"]);
    const { activatedAt } = await db.grant.findUniqueOrThrow({ where: { id: live.grantId }, select: { activatedAt: true } });
    const at = activatedAt ?? new Date();
    await db.use.create({ data: { id: newId(), systemId: world.systemId, sourceId, grantId: live.grantId, kind: "connection", key: newId(), startedAt: at, lastSeenAt: at, source: "postgres-jsonlog", match: "exact", principal: live.user, outcome: "allowed", objects: ["public.never_given"] } });
    await db.grant.update({ where: { id: live.grantId }, data: { useCount: 1, firstUseAt: at, lastUseAt: at } });
    await db.source.update({ where: { id: sourceId }, data: { watermark: far() } });
    await db.chainCheck.update({ where: { requestId: live.requestId }, data: { lookAgainAt: new Date(0) } });
    await sequenceEvents();
    await examineChains();
    expect(await check(live.requestId)).toMatchObject({ state: "complete", openUntil: null, waitsFor: [] });
    expect(await found(live.requestId)).toContain("grant-never-used closed");
    await inTransaction((tx, now) => breakSeal(tx, { requestId: live.requestId, identityId: live.identityId, sourceId, now }));
    await inTransaction((tx, now) => breakSeal(tx, { requestId: live.requestId, identityId: live.identityId, sourceId, now }));
    expect((await world.told("request", live.requestId)).filter((type) => type === "chain.seal-broken")).toHaveLength(1);
    expect((await check(live.requestId)).brokenAt).not.toBeNull();
  });

  it("asks nothing of a source that came after the end", async () => {
    const live = await world.live();
    await proven(live);
    const late = await logSource(null);
    await db.source.update({ where: { id: late }, data: { createdAt: far() } });
    await examineChain(live.requestId);
    expect(await check(live.requestId)).toMatchObject({ waitsFor: expect.not.arrayContaining([`log ${late}`]) });
    await db.source.update({ where: { id: late }, data: { coversFrom: since } });
    await examineChain(live.requestId);
    expect(await check(live.requestId)).toMatchObject({ state: "unknowable", waitsFor: expect.arrayContaining([`log ${late}`]) });
    await db.source.delete({ where: { id: late } });
  });

  it("sees an approver who comes to answer for the identity, by that event alone", async () => {
    const live = await world.live({ sensitivity: "high" });
    await sequenceEvents();
    await examineChains(1_000);
    expect(await found(live.requestId)).toEqual([]);
    const vote = await db.vote.findFirstOrThrow({ where: { requestId: live.requestId, answer: "approve" }, select: { personId: true } });
    const { name: _name, ...about } = { name: "", kind: "ci-job" as const, description: null, environment: "production" as const };
    await answerForIdentity({ identityId: live.identityId, ...about, ownerId: vote.personId, sponsorId: null, backupId: null, creatorId: null, teamId: null }, { actor: seed });
    await sequenceEvents();
    await examineChains(1_000);
    expect(await found(live.requestId)).toContain("approver-on-side");
  });

  it("sees what the tables say was issued and the ledger never approved", async () => {
    const live = await world.live();
    const bare = newId();
    const { number: _number, id: _id, ...request } = await db.request.findUniqueOrThrow({ where: { id: live.requestId } });
    await db.request.create({ data: { ...request, id: bare, idempotencyKey: null, riskParts: [] } });
    const grant = await db.grant.findUniqueOrThrow({ where: { id: live.grantId } });
    await db.grant.create({ data: { ...grant, id: newId(), requestId: bare, connection: {}, proof: {}, stillGiven: [], activationKey: null } });
    await examineChain(bare);
    expect(await found(bare)).toContain("issued-without-approval");
    await examineChain(live.requestId);
    expect(await found(live.requestId)).not.toContain("issued-without-approval");
  });
});
