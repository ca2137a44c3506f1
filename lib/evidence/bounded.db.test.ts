import { beforeAll, describe, expect, it } from "vitest";
import type { Bound, PersonActor } from "@/lib/auth/actor";
import { readPersonActor } from "@/lib/auth/sign-ins";
import { endEngagement, engage } from "@/lib/auditors/mutations";
import { db } from "@/lib/db/client";
import { inTransaction } from "@/lib/db/transaction";
import { readEventsAbout } from "@/lib/ledger/read";
import { sequenceEvents } from "@/lib/ledger/sequence";
import { logVerifierKeys } from "@/lib/ledger/tree/keys";
import { checkpointNow } from "@/lib/ledger/tree/proofs";
import { newId } from "@/lib/platform/ids";
import { setScene } from "@/lib/requests/test-target-of-file";
import { makePerson, type World } from "@/lib/requests/test-world";
import { chainWithin, isWithinBound, readChosenWithin, searchChoicesWithin } from "./bounded";
import { countMatching, listEvidence } from "./data";
import { runExport } from "./exports/runner";
import { requestExport } from "./mutations";
import { evidencePageSchema, everything, readFilter, refusedAskEvent, refusedAskId } from "./schema";
import { choiceKinds } from "./types";
import { checkEvent } from "../../scripts/verify/event.mjs";
import { readChain } from "./views/chain";
import { readEventBytes, readEventProof } from "./views/event-proof";
import { exportBytes, listExports, readExportFile } from "./views/exports";
import { bytesOf } from "./test-archive";

const dayMs = 86_400_000;
const day = (days: number) => new Date(Date.now() + days * dayMs).toISOString().slice(0, 10);
const first = evidencePageSchema.parse({});

let world: World;
let inside: string;
let earlier: string;
let mixed: string;
let elsewhere: string;
let refusedInside: string;
let refusedMixed: string;
let otherSystem: string;
let otherEntitlement: string;
let bound: Bound;

async function newestRefusal(): Promise<string> {
  const rows = await db.$queryRaw<{ id: bigint }[]>`select id from ledger.event where type = 'request.refused' order by id desc limit 1`;
  return refusedAskId(rows[0]?.id ?? 0n);
}

/** A second system with an entitlement of its own, as copies of the first. */
async function copySystem(): Promise<void> {
  [otherSystem, otherEntitlement] = [newId(), newId()];
  await db.$executeRaw`insert into systems select (jsonb_populate_record(null::systems, to_jsonb(s) || jsonb_build_object('id', ${otherSystem}::text, 'name', 'elsewhere'))).*
    from systems s where s.id = ${world.systemId}::uuid`;
  await db.$executeRaw`insert into entitlements select (jsonb_populate_record(null::entitlements, to_jsonb(e) || jsonb_build_object('id', ${otherEntitlement}::text, 'system_id', ${otherSystem}::text, 'name', 'reads elsewhere'))).*
    from entitlements e where e.id = ${world.entitlement("low")}::uuid`;
}

beforeAll(async () => {
  ({ world } = await setScene());
  await copySystem();
  inside = (await world.live({ intent: "Anton asked me for it" })).requestId;
  earlier = await world.asked();
  await db.request.update({ where: { id: earlier }, data: { submittedAt: new Date(Date.now() - 40 * dayMs) } });
  mixed = await world.asked();
  await db.requestEntitlement.create({ data: { requestId: mixed, entitlementId: otherEntitlement } });
  elsewhere = await world.asked();
  await db.requestEntitlement.updateMany({ where: { requestId: elsewhere }, data: { entitlementId: otherEntitlement } });
  await world.ask({ identityId: await world.unowned() });
  refusedInside = await newestRefusal();
  await world.ask({ identityId: await world.unowned(), entitlementIds: [world.entitlement("low"), otherEntitlement] });
  refusedMixed = await newestRefusal();
  bound = { engagementId: newId(), since: new Date().toISOString(), until: new Date(Date.now() + dayMs).toISOString(), isOver: false, fromDay: day(-3), toDay: day(1), systemIds: [world.systemId], names: false };
});

const all = () => [inside, earlier, mixed, elsewhere, refusedInside, refusedMixed];
const outside = () => [earlier, mixed, elsewhere, refusedMixed];

describe("the bound of an engagement", () => {
  it("is on the list and its count, whatever the filter says", async () => {
    const filters = [{}, { system: otherSystem }, { system: `${otherSystem},${world.systemId}` }, { from: "2000-01-01", to: "2999-12-31" }, { entitlement: otherEntitlement }, { q: earlier }, { state: "pending,refused,approved" }];
    for (const parameters of filters) {
      const { filter } = readFilter(parameters);
      const page = await listEvidence(filter, first, bound);
      expect(page.rows.filter(({ chainId }) => outside().includes(chainId)), JSON.stringify(parameters)).toEqual([]);
      expect(page.rows.every(({ system }) => system !== "elsewhere")).toBe(true);
      expect(page.total.count).toBe(page.rows.length);
      expect((await countMatching(filter, bound)).total.count).toBe(page.rows.length);
    }
    const shown = (await listEvidence(everything, first, bound)).rows.map(({ chainId }) => chainId);
    expect(shown).toEqual(expect.arrayContaining([inside, refusedInside]));
    // Without a bound all of them are there: the test would see one that is let through.
    const whole = (await listEvidence(everything, first)).rows.map(({ chainId }) => chainId);
    expect(whole).toEqual(expect.arrayContaining(all()));
  });

  it("is on each chain", async () => {
    for (const id of all()) expect(await isWithinBound(id, bound), id).toBe(!outside().includes(id));
    expect(await isWithinBound(newId(), bound)).toBe(false);
  });

  it("shows nothing of anything once it is over", async () => {
    const over = { ...bound, isOver: true };
    expect((await listEvidence(everything, first, over)).rows).toEqual([]);
    expect((await countMatching(everything, over)).total.count).toBe(0);
    expect(await isWithinBound(inside, over)).toBe(false);
    for (const kind of choiceKinds) expect(await searchChoicesWithin(kind, "", over), kind).toEqual([]);
  });

  it("is on the names that filters offer, and on those that a filter's ids have", async () => {
    const labels = async (kind: (typeof choiceKinds)[number], of = bound) => (await searchChoicesWithin(kind, "", of)).map(({ label }) => label);
    expect(await labels("system")).not.toContain("elsewhere");
    expect(await labels("entitlement")).not.toContain("reads elsewhere");
    const own = await db.request.findUniqueOrThrow({ where: { id: inside }, include: { identity: true } });
    const other = await db.request.findUniqueOrThrow({ where: { id: earlier }, include: { identity: true } });
    expect(await labels("identity")).toContain(own.identity.name);
    expect(await labels("identity")).not.toContain(other.identity.name);
    expect(await labels("requester")).toEqual([]);
    expect(await labels("approver")).toEqual([]);
    expect(await labels("requester", { ...bound, names: true })).toEqual(["Rita"]);
    const { filter } = readFilter({ identity: `${own.identityId},${other.identityId}`, system: otherSystem, requester: world.people.rita.personId, entitlement: otherEntitlement });
    expect(await readChosenWithin(filter, bound)).toEqual({ identity: [{ value: own.identityId, label: own.identity.name }], entitlement: [], system: [], requester: [], approver: [], environment: [] });
  });
});

describe("an engagement without names", () => {
  it("calls persons by their part and a pseudonym, the same everywhere, and leaves out what they wrote", async () => {
    const chain = await readChain(inside);
    if (!chain) throw new RangeError("no chain");
    const masked = await chainWithin(chain, bound);
    const text = JSON.stringify(masked);
    const people = await db.person.findMany({ select: { name: true } });
    for (const { name } of people) expect(text, name).not.toMatch(new RegExp(String.raw`\b${name}\b`));
    expect(text).not.toContain("asked me for it");
    const [row] = (await listEvidence(everything, first, bound)).rows.filter(({ chainId }) => chainId === inside);
    expect(masked.asker).toMatch(/^requester [0-9a-f]{6}$/);
    expect(row?.requester).toBe(masked.asker);
    expect((await chainWithin(chain, { ...bound, engagementId: newId() })).asker).not.toBe(masked.asker);
    expect(await chainWithin(chain, { ...bound, names: true })).toEqual({ ...chain, isBounded: true });
  });

  it("holds no person's id, no address and no name in what somebody else wrote: policies, findings, accounts", async () => {
    const nadia = await makePerson("Nadia Berger-O’Neill", []);
    const { identityId, grants: [grant] } = await db.request.findUniqueOrThrow({ where: { id: inside }, select: { identityId: true, grants: true } });
    const at = new Date();
    const finding = (kind: string, title: string, more: object) => db.finding.create({ data: { id: newId(), kind, dedupeKey: newId(), title, detail: { requestId: inside }, controls: [], identityId, openedAt: at, ...more } });
    await finding("approver-on-side", "Anton Ehemalig approved and stands on the asking side (owner)", {});
    await finding("ended-late", "“read orders” ended 2 min late", { grantId: grant?.id });
    const source = await db.source.create({ data: { id: newId(), systemId: world.systemId, name: `log ${newId()}`, kind: "log", format: "postgres-jsonlog", lagSeconds: 60, createdAt: at } });
    await db.use.create({ data: { id: newId(), systemId: world.systemId, sourceId: source.id, grantId: grant?.id ?? null, kind: "connection", key: newId(), startedAt: at, lastSeenAt: at, source: "postgres-jsonlog", match: "inferred", principal: "nberger" } });
    await db.decision.updateMany({ where: { requestId: inside }, data: { reasons: [{ policyId: "a", text: `Agreed with Nadia Berger-O’Neill's team, ask nadia.berger@example.com or ${nadia.personId}.` }] } });
    const chain = await readChain(inside);
    if (!chain) throw new RangeError("no chain");
    const plain = JSON.stringify(chain);
    for (const told of ["Nadia Berger-O’Neill", "nadia.berger@example.com", nadia.personId, "Anton Ehemalig", "nberger", world.people.rita.personId]) expect(plain).toContain(told);
    const masked = await chainWithin(chain, bound);
    const text = JSON.stringify(masked);
    for (const { id, name } of await db.person.findMany({ select: { id: true, name: true } })) {
      expect(text, name).not.toContain(id);
      expect(text).not.toMatch(new RegExp(String.raw`\b${name}\b`, "u"));
    }
    for (const told of ["nadia.berger@example.com", "Ehemalig", "nberger"]) expect(text).not.toContain(told);
    expect(masked.policy[0]?.reasons[0]).toMatch(/^Agreed with person [0-9a-f]{6}'s team, ask \(address left out\) or person [0-9a-f]{6}\.$/);
    expect(masked.findings.map(({ title }) => title)).toEqual(["Approver on side (its words, which may name somebody, are left out)"]);
    expect(masked.chains[0]?.grant?.findings.map(({ title }) => title)).toEqual(["“read orders” ended 2 min late"]);
    expect(masked.chains[0]?.grant?.uses[0]?.principal).toBe("another account");
    expect(masked.events.every(({ canonical, leafHash }) => canonical === null && leafHash !== "")).toBe(true);
    expect(masked.identity).toEqual(chain.identity);
  });
});

describe("the proof of an event in an engagement", () => {
  it("is there inside, by its leaf hash where bytes would hold the ids of persons, and not outside", async () => {
    await sequenceEvents();
    await checkpointNow();
    const keys = (await logVerifierKeys()).map(({ vkey }) => vkey);
    const eventOf = async (requestId: string) => (await readEventsAbout("request", requestId, 5)).find(({ type }) => type === "request.submitted")?.eventId ?? 0n;
    const own = await eventOf(inside);
    const [view] = (await readChain(inside))?.events.filter(({ id }) => id === own.toString()) ?? [];
    const proof = await readEventProof(own, bound);
    if (proof?.state !== "covered" || !view?.leafHash) throw new RangeError("not covered");
    const given = { proof: new Uint8Array(Buffer.from(proof.proof)), keys };
    expect(await checkEvent({ ...given, leafHash: view.leafHash })).toMatchObject({ ok: true, position: Number(view.position) });
    expect(await checkEvent({ ...given, leafHash: view.leafHash.replace(/^./, (digit) => (digit === "0" ? "1" : "0")) })).toMatchObject({ ok: false });
    expect(await readEventBytes(own, bound)).toBeNull();
    const named = await readEventBytes(own, { ...bound, names: true });
    expect(Buffer.from(named?.bytes ?? []).toString("utf8")).toBe(view.canonical);

    const refused = async (id: string) => refusedAskEvent(id) ?? 0n;
    expect(await readEventProof(await refused(refusedInside), bound)).toMatchObject({ state: "covered" });
    const beyond = [await eventOf(earlier), await eventOf(mixed), await eventOf(elsewhere), await refused(refusedMixed)];
    // What is about no request at all is part of no chain: whoever had a role, say.
    const [other] = await readEventsAbout("person", world.people.ada.personId, 1);
    for (const eventId of [...beyond, other?.eventId ?? 0n]) {
      for (const names of [false, true]) {
        expect(await readEventProof(eventId, { ...bound, names })).toBeNull();
        expect(await readEventBytes(eventId, { ...bound, names })).toBeNull();
      }
      expect(await readEventProof(eventId), "it is there for others").toMatchObject({ state: "covered" });
    }
    expect(await readEventProof(own, { ...bound, isOver: true })).toBeNull();
  });
});

describe("exports of an engagement", () => {
  let auditor: PersonActor;
  const acting = async () => (await inTransaction((tx) => readPersonActor(tx, auditor.personId))) ?? auditor;
  const give = (names: boolean) =>
    engage({ actor: world.people.ada, personId: auditor.personId, lastDay: day(20), fromDay: bound.fromDay, toDay: bound.toDay, systemIds: [world.systemId], names, reason: "The audit of this quarter" });

  it("hold its scope only, print it, and are refused without names and once it is over", async () => {
    auditor = await makePerson("Aurel", []);
    expect(await give(false)).toMatchObject({ ok: true, value: { state: "applied" } });
    expect(await requestExport({ actor: await acting(), filter: everything, format: "csv" })).toMatchObject({ ok: false, code: "names-left-out" });
    await give(true);
    const actor = await acting();
    const asked = await requestExport({ actor, filter: everything, format: "jsonl" });
    if (!asked.ok) throw new TypeError(asked.code);
    await runExport(asked.value.exportId);
    const row = await db.export.findUniqueOrThrow({ where: { id: asked.value.exportId } });
    expect(row).toMatchObject({ state: "complete", parameters: { filter: { from: bound.fromDay, to: bound.toDay, system: world.systemId } } });
    const bytes = (await bytesOf(exportBytes({ id: row.id, attempt: row.attempt }))).toString("latin1");
    expect(row.rows).toBe((await countMatching(everything, actor.bound)).total.count);
    expect(bytes).not.toContain(earlier);
    expect(await readExportFile(row.id, actor)).not.toBeNull();
    expect((await listExports({ sort: { key: "requested", direction: "desc" }, after: null, before: null }, actor)).rows.map(({ id }) => id)).toEqual([row.id]);

    const waiting = await requestExport({ actor, filter: everything, format: "csv" });
    if (!waiting.ok) throw new TypeError(waiting.code);
    await endEngagement({ actor: world.people.ada, engagementId: actor.bound?.engagementId ?? "" });
    await runExport(waiting.value.exportId);
    expect(await db.export.findUniqueOrThrow({ where: { id: waiting.value.exportId } })).toMatchObject({ state: "failed", failure: "no-permission" });
    expect(await readExportFile(row.id, await acting())).toBeNull();
    // What was taken under one engagement is not there under the next.
    await give(true);
    expect(await readExportFile(row.id, await acting())).toBeNull();
  });
});
