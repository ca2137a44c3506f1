import { createHash } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { breakSeal, examineChain } from "@/lib/chains/mutations";
import { db } from "@/lib/db/client";
import { inTransaction } from "@/lib/db/transaction";
import { openFinding } from "@/lib/findings/mutations";
import { endGrant, recordAccepted, recordProven } from "@/lib/grants/ending";
import { readEventsAbout } from "@/lib/ledger/read";
import { sequenceEvents } from "@/lib/ledger/sequence";
import { logVerifierKeys } from "@/lib/ledger/tree/keys";
import { checkpointNow } from "@/lib/ledger/tree/proofs";
import { newId } from "@/lib/platform/ids";
import { setScene } from "@/lib/requests/test-target-of-file";
import type { Live, World } from "@/lib/requests/test-world";
import { checkEvent } from "../../../scripts/verify/event.mjs";
import { readChain } from "./chain";
import { readEventBytes, readEventProof } from "./event-proof";

let world: World;
beforeAll(async () => {
  ({ world } = await setScene());
});

const far = () => new Date(Date.now() + 3_600_000);
const chainOf = async (requestId: string) => {
  const chain = await readChain(requestId);
  if (!chain) throw new Error("no chain");
  return chain;
};
const grantOf = async (requestId: string) => {
  const grant = (await chainOf(requestId)).chains[0]?.grant;
  if (!grant) throw new Error("no grant");
  return grant;
};

async function proven({ grantId, user }: Live): Promise<void> {
  await endGrant({ actor: world.people.rita, grantId, reason: "completed", permitted: () => Promise.resolve(true) });
  await recordAccepted(grantId, { handle: { name: user }, acceptedAt: new Date(), sessionsCut: 0, leftovers: [], alreadyGone: false, statements: null });
  const look = new Date();
  await recordProven(grantId, { dead: true, method: "absent", strength: "absent-from-inventory", lookedAt: [look, look], seenBy: "probe", facts: ["role gone"] }, []);
}

/** A log alone reports here, as far as it says. */
async function onlyLog(watermark: Date | null, more: { clockOffsetMs?: number; coversFrom?: Date } = {}): Promise<string> {
  await db.source.updateMany({ where: { systemId: world.systemId }, data: { closedAt: new Date() } });
  const id = newId();
  await db.source.create({ data: { id, systemId: world.systemId, name: `log ${id}`, kind: "log", format: "postgres-jsonlog", lagSeconds: 60, watermark, createdAt: new Date(), ...more } });
  return id;
}

async function logged(live: Live, sourceId: string, said: { at: Date; objects?: string[]; match?: string; kind?: string }): Promise<void> {
  const { at, objects = [], match = "exact", kind = "statement" } = said;
  await db.use.create({
    data: { id: newId(), systemId: world.systemId, sourceId, grantId: live.grantId, kind, key: newId(), startedAt: at, lastSeenAt: at, source: "postgres-jsonlog", match, rule: "issued-login", principal: live.user, action: "SELECT", objects, objectsBy: "text", clientAddress: "10.0.0.8" },
  });
}

describe("the seal of a chain", () => {
  it("is not there before anybody looked, and live while the session is", async () => {
    const live = await world.live();
    expect((await chainOf(live.requestId)).seal).toBeNull();
    await examineChain(live.requestId);
    expect((await chainOf(live.requestId)).seal).toMatchObject({ state: "live", sealedAt: null });
  });

  it("names the source that is late, with what it has reported and what is needed", async () => {
    const watermark = new Date(Date.now() - 3_600_000);
    const sourceId = await onlyLog(watermark);
    const live = await world.live();
    await proven(live);
    await examineChain(live.requestId);
    const { provenAt } = await db.grant.findUniqueOrThrow({ where: { id: live.grantId } });
    const neededAt = new Date((provenAt?.getTime() ?? 0) + 60_000).toISOString();
    expect((await chainOf(live.requestId)).seal).toMatchObject({
      state: "open", openUntil: neededAt, waitsFor: [`log ${sourceId}`],
      sources: [{ id: sourceId, kind: "log", watermark: watermark.toISOString(), neededAt, lagSeconds: 60, state: "late" }],
    });
    await db.source.update({ where: { id: sourceId }, data: { watermark: null } });
    await examineChain(live.requestId);
    expect((await chainOf(live.requestId)).seal).toMatchObject({ state: "unknowable", sources: [{ state: "silent", watermark: null }] });
  });

  it("is complete once every source has passed, and says who broke it", async () => {
    const sourceId = await onlyLog(far());
    const live = await world.live();
    await proven(live);
    await examineChain(live.requestId);
    const whole = (await chainOf(live.requestId)).seal;
    expect(whole).toMatchObject({ state: "complete", brokenAt: null, brokenBy: null, hasNoSources: false, sources: [{ state: "passed" }] });
    expect(whole?.sealedAt).not.toBeNull();
    await inTransaction((tx, now) => breakSeal(tx, { requestId: live.requestId, identityId: live.identityId, sourceId, now }));
    expect((await chainOf(live.requestId)).seal).toMatchObject({ state: "broken", brokenBy: `log ${sourceId}` });
  });

  it("says where nothing reports uses at all", async () => {
    const live = await world.live();
    await proven(live);
    await db.source.updateMany({ where: { systemId: world.systemId }, data: { closedAt: new Date() } });
    await examineChain(live.requestId);
    expect((await chainOf(live.requestId)).seal).toMatchObject({ state: "complete", sources: [], hasNoSources: true });
  });
});

describe("the uses of a chain", () => {
  it("carry their source, its clock, how they were matched and what went beyond the entitlement", async () => {
    const live = await world.live();
    const sourceId = await onlyLog(far(), { clockOffsetMs: 120 });
    const at = new Date(Date.now() + 1_000);
    await db.entitlement.update({ where: { id: world.entitlement("low") }, data: { privileges: [{ database: "orders", schema: "sales", object: "orders", objectKind: "table", actions: ["SELECT"] }] } });
    await logged(live, sourceId, { at, objects: ["sales.orders"] });
    await logged(live, sourceId, { at: new Date(at.getTime() + 1), objects: ["billing.payments"], match: "inferred" });
    await db.grant.update({ where: { id: live.grantId }, data: { firstUseAt: at, lastUseAt: at } });
    const chain = await chainOf(live.requestId);
    const grant = chain.chains[0]?.grant;
    expect(grant).toMatchObject({
      usesTotal: 2,
      uses: [{ match: "inferred", objects: ["billing.payments"] }, { match: "exact", rule: "issued-login", principal: live.user, clientAddress: "10.0.0.8", source: { name: `log ${sourceId}`, kind: "log", offsetMs: 120 } }],
      gives: [{ object: "orders" }],
      outside: ["billing.payments"],
    });
    const first = chain.chains[0]?.links.find(({ key }) => key === "first-use");
    expect(first).toMatchObject({ source: `the log “log ${sourceId}”`, clock: { of: "source", offsetMs: 120 } });
    expect(chain.chains[0]?.links.find(({ key }) => key === "issued")?.clock).toEqual({ of: "database" });
  });

  it("are said not to be there only by a log that has reported all of the time", async () => {
    const begun = new Date(Date.now() - 3_600_000);
    const sourceId = await onlyLog(far(), { coversFrom: begun });
    const live = await world.live();
    await proven(live);
    expect((await grantOf(live.requestId)).noUse).toEqual({ say: "not-used", source: `log ${sourceId}` });
    await db.source.update({ where: { id: sourceId }, data: { watermark: begun } });
    expect((await grantOf(live.requestId)).noUse).toEqual({ say: "open", source: `log ${sourceId}` });
  });
});

describe("what decided", () => {
  it("has the text of the policies as they were, and how each vote came about", async () => {
    const requestId = await world.asked({ sensitivity: "high" });
    const before = await db.stage.findFirstOrThrow({ where: { requestId, state: "open" } });
    await world.vote(requestId, world.people.bea);
    const chain = await chainOf(requestId);
    const [answer] = chain.policy;
    expect(answer?.determining.length).toBeGreaterThan(0);
    expect(answer?.texts?.map(({ id }) => id)).toEqual(answer?.determining);
    expect(answer?.texts?.[0]?.text).toContain("permit (principal");
    const vote = chain.stages.flatMap(({ votes }) => votes)[0];
    expect(vote).toMatchObject({ name: "Bea", batchSize: 1, passkey: null });
    const stored = await db.vote.findUniqueOrThrow({ where: { id: vote?.id ?? "" } });
    expect(vote?.wasOpened).toBe(stored.wasOpened);
    expect(vote?.tookMs).toBe(before.openedAt === null ? null : stored.votedAt.getTime() - before.openedAt.getTime());
  });

  it("links a finding's controls to their pages, and shows one about the request itself", async () => {
    const live = await world.live();
    const subjects = { identityId: live.identityId };
    await inTransaction((tx, now) => openFinding(tx, { kind: "approver-on-side", key: `approver-on-side:${live.requestId}`, title: "“Bea” approved", detail: { requestId: live.requestId }, subjects, actor: { kind: "system", process: "worker" }, now, demo: false }));
    const [finding] = (await chainOf(live.requestId)).findings;
    expect(finding).toMatchObject({ kind: "approver-on-side", title: "“Bea” approved" });
    expect(finding?.controls.length).toBeGreaterThan(0);
    expect(finding?.controls.every(({ slug }) => slug !== null)).toBe(true);
  });
});

describe("the proof of an event", () => {
  it("is checked with the event's exact bytes and the log's key alone", async () => {
    const requestId = await world.asked();
    await sequenceEvents();
    const [event] = await readEventsAbout("request", requestId);
    const eventId = event?.eventId ?? 0n;
    const early = await readEventProof(eventId);
    expect(early).toMatchObject({ state: "not-covered", position: event?.position });
    await checkpointNow();
    const found = await readEventProof(eventId);
    const file = await readEventBytes(eventId);
    if (found?.state !== "covered" || !file) throw new Error("not covered");
    expect(createHash("sha256").update(Buffer.concat([Uint8Array.of(0), file.bytes])).digest("hex")).toBe((await chainOf(requestId)).events[0]?.leafHash);
    const proof = new Uint8Array(Buffer.from(found.proof));
    const keys = (await logVerifierKeys()).map(({ vkey }) => vkey);
    const shown = await checkEvent({ bytes: file.bytes, proof, keys });
    expect(shown).toMatchObject({ ok: true, position: Number(found.position) });
    const changed = new Uint8Array(file.bytes);
    changed[10] = (changed[10] ?? 0) ^ 1;
    expect(await checkEvent({ bytes: changed, proof, keys })).toEqual({ ok: false, wrong: "these bytes are not what stands at that position of the log" });
    expect(await checkEvent({ bytes: file.bytes, proof, keys: ["a.example+00000000+AQ=="] })).toMatchObject({ ok: false });
    const elsewhere = new Uint8Array(Buffer.from(found.proof.replace(`index ${found.position}`, `index ${(found.position ?? 1n) - 1n}`)));
    expect(await checkEvent({ bytes: file.bytes, proof: elsewhere, keys })).toMatchObject({ ok: false });
    expect((await chainOf(requestId)).signedSize).toBe(shown.ok ? String(shown.size) : "");
  });

  it("is nothing for an event that nobody wrote", async () => {
    expect(await readEventProof(1n << 60n)).toBeNull();
    expect(await readEventBytes(1n << 60n)).toBeNull();
  });
});
