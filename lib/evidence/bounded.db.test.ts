import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { parse } from "csv-parse/sync";
import { beforeAll, describe, expect, it } from "vitest";
import type { Bound, PersonActor } from "@/lib/auth/actor";
import { boundedAuditor } from "@/lib/auth/permissions";
import { readPersonActor } from "@/lib/auth/sign-ins";
import { endEngagement, engage } from "@/lib/auditors/mutations";
import { readCatalogues, readControl } from "@/lib/controls/data";
import { catalogues, controlsCalled } from "@/lib/controls/rules";
import { db } from "@/lib/db/client";
import { inTransaction } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import { readEventsAbout } from "@/lib/ledger/read";
import { sequenceEvents } from "@/lib/ledger/sequence";
import { logVerifierKeys } from "@/lib/ledger/tree/keys";
import { checkpointNow } from "@/lib/ledger/tree/proofs";
import { newId } from "@/lib/platform/ids";
import { answerShipped } from "@/lib/questions/data";
import { setScene } from "@/lib/requests/test-target-of-file";
import { makePerson, type World } from "@/lib/requests/test-world";
import { chainWithin, isWithinBound, readChosenWithin, searchChoicesWithin } from "./bounded";
import { countMatching, listEvidence } from "./data";
import { runExport } from "./exports/runner";
import { requestExport } from "./mutations";
import { evidencePageSchema, everything, readFilter, refusedAskEvent, refusedAskId, withinBound } from "./schema";
import { choiceKinds, exportFormats, type ExportFormat } from "./types";
import { checkEvent } from "../../scripts/verify/event.mjs";
import { readChain } from "./views/chain";
import { readEventBytes, readEventProof } from "./views/event-proof";
import { exportBytes, listExports, readExportFile } from "./views/exports";
import { writtenOver } from "./exports/test-export";
import { bytesOf, readArchive } from "./test-archive";

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
/** A grant that the ledger says was issued and that nobody knows. */
const unknownGrant = newId();

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
  elsewhere = (await world.live()).requestId;
  await db.grant.updateMany({ where: { requestId: elsewhere }, data: { entitlementId: otherEntitlement, systemId: otherSystem } });
  await db.requestEntitlement.updateMany({ where: { requestId: elsewhere }, data: { entitlementId: otherEntitlement } });
  await world.ask({ identityId: await world.unowned() });
  refusedInside = await newestRefusal();
  await world.ask({ identityId: await world.unowned(), entitlementIds: [world.entitlement("low"), otherEntitlement] });
  refusedMixed = await newestRefusal();
  const identity = await db.identity.findFirstOrThrow();
  for (const [requestId, title] of [[elsewhere, "Rita approved elsewhere"], [null, "nobody answers for the side door"]] as const) {
    await db.finding.create({ data: { id: newId(), kind: "approver-on-side", dedupeKey: newId(), title, detail: requestId ? { requestId } : {}, controls: ["CC6.3", "AC-5"], identityId: identity.id, openedAt: new Date() } });
  }
  await inTransaction((tx, now) => appendEvent(tx, { type: "grant.active", at: now, actor: { kind: "system", process: "worker" }, subjects: { grant: unknownGrant }, data: { handle: "curfew_unknown", targetId: null, notAfter: now.toISOString(), repeated: false } }));
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

describe("questions and controls in an engagement", () => {
  it("count what its chains hold, and lead to rows that it opens", async () => {
    const answered = await answerShipped(bound);
    expect(answered.length).toBeGreaterThan(20);
    for (const { asks, href, rows } of answered) {
      const address = new URL(href, "http://curfew.example");
      expect(address.pathname, asks).toBe("/evidence");
      expect((await listEvidence(readFilter(Object.fromEntries(address.searchParams)).filter, first, bound)).rows, asks).toHaveLength(rows.count);
    }
    const count = async (key: string, within?: Bound) => (await answerShipped(within)).find((question) => question.key === key)?.rows.count;
    expect(await count("population", bound)).toBe((await listEvidence(everything, first, bound)).rows.length);
    expect(await count("population")).toBeGreaterThan((await count("population", bound)) ?? 0);
    expect(await count("own-side", bound), "the finding about the request inside").toBe(1);
    expect(await count("population", { ...bound, isOver: true })).toBe(0);
  });

  it("hold no figure and no finding of the rest of the installation", async () => {
    const requests = await db.request.findMany({ include: { entitlements: { include: { entitlement: true } }, grants: true } });
    const own = requests.filter(({ submittedAt, entitlements }) => submittedAt >= new Date(`${bound.fromDay}T00:00:00Z`) && entitlements.every(({ entitlement }) => entitlement.systemId === world.systemId));
    expect(own.length).toBeLessThan(requests.length);
    await db.finding.updateMany({ where: { title: { startsWith: "Anton Ehemalig" } }, data: { controls: ["CC6.3", "AC-5"] } });
    for (const catalogue of catalogues) {
      for (const control of catalogue.controls) {
        const view = await readControl(catalogue, control, bound);
        const figures = view.features.flatMap((feature) => feature.figures);
        expect(figures.every(({ href }) => href === null || href.startsWith("/evidence")), control.id).toBe(true);
        for (const { label, count } of figures) expect(count, label).toBe(expected(label, own) ?? count);
        expect(figures.map(({ label }) => label).filter((label) => /identities|systems|campaigns|exports|checkpoints|sequence|sets/.test(label))).toEqual([]);
        expect(JSON.stringify(view.findings)).not.toMatch(/elsewhere|Ehemalig|side door\b/);
        expect(view.findings).toHaveLength(view.openFindings);
      }
    }
    const found = controlsCalled("AC-5").find(({ catalogue }) => catalogue.key === "800-53") ?? controlsCalled("AC-5")[0];
    if (!found) throw new RangeError("no such control");
    const shown = await readControl(found.catalogue, found.control, bound);
    expect(shown.findings).toMatchObject([{ requestId: inside, title: expect.stringMatching(/^Approver on side/) }]);
    expect((await readControl(found.catalogue, found.control)).openFindings).toBe(3);
    const listed = (await readCatalogues([found.catalogue], bound)).flatMap(({ controls }) => controls).find(({ id }) => id === found.control.id);
    expect(listed?.openFindings).toBe(1);
  });
});

/** The texts of a file, unpacked; null where a program that reads it is not here. */
function textsIn(format: ExportFormat, bytes: Buffer): string[] | null {
  if (format === "pdf") {
    if (!existsSync("/usr/bin/pdftotext")) return null;
    return [execFileSync("/usr/bin/pdftotext", ["-raw", "-", "-"], { input: bytes, encoding: "utf8" }), bytes.toString("latin1")];
  }
  if (bytes.toString("latin1", 0, 2) !== "PK") return [bytes.toString("utf8")];
  const files = readArchive(bytes);
  // The program that checks it is the same in each.
  files.delete("verify/verify.mjs");
  return [...files.values()].map((file) => file.toString("utf8"));
}

/** Without what stands between words and lines, since paper breaks lines where it must. */
const squeezed = (texts: readonly string[]) => texts.join("").replace(/\s/g, "");
const squeezedEach = (texts: readonly string[]) => texts.map((text) => squeezed([text]));

/** Some of the figures, counted another way. */
function expected(label: string, own: readonly { ticketKey: string | null; grants: readonly { activatedAt: Date | null }[] }[]): number | undefined {
  if (label === "requests") return own.length;
  if (label === "requests with a ticket") return own.filter(({ ticketKey }) => ticketKey !== null).length;
  if (label === "grants issued") return own.flatMap(({ grants }) => grants).filter(({ activatedAt }) => activatedAt !== null).length;
  return label === "asks refused before they were requests" ? 1 : undefined;
}

describe("exports of an engagement", () => {
  let auditor: PersonActor;
  const acting = async () => (await inTransaction((tx) => readPersonActor(tx, auditor.personId))) ?? auditor;
  const give = (names: boolean) =>
    engage({ actor: world.people.ada, personId: auditor.personId, lastDay: day(20), fromDay: bound.fromDay, toDay: bound.toDay, systemIds: [world.systemId], names, reason: "The audit of this quarter" });

  it.each(exportFormats)("hold nothing of what lies beyond it, in no byte: %s", async (format) => {
    const actor: PersonActor = { ...world.people.ada, roles: [boundedAuditor], bound: { ...bound, names: true } };
    const files = textsIn(format, await writtenOver(actor, withinBound(everything, actor.bound), format));
    if (!files) return;
    const all = squeezed(files);
    const beyondIt = await db.request.findMany({ where: { id: { in: [earlier, mixed, elsewhere] } }, include: { identity: true, grants: true, entitlements: true } });
    const [refused] = await db.$queryRaw<{ body: string }[]>`select convert_from(body, 'UTF8') as body from ledger.event where id = ${refusedAskEvent(refusedMixed)}::bigint`;
    const hidden = squeezedEach([
      ...beyondIt.flatMap(({ id, identity, grants }) => [id, identity.id, identity.name, ...grants.map((grant) => grant.id)]),
      otherSystem, otherEntitlement, "reads elsewhere", "Rita approved elsewhere", "nobody answers for the side door", unknownGrant,
      (JSON.parse(refused?.body ?? "{}") as { data: { identityId: string } }).data.identityId,
    ]);
    expect(hidden.every((text) => text.length > 8)).toBe(true);
    expect(hidden.flatMap((text, index) => (all.includes(text) ? [`${index}: ${text}`] : []))).toEqual([]);
    if (format !== "pdf" && format !== "sarif") expect(all).toContain(inside);
    // For whoever is not bound all of it is there: the search would find it.
    const whole = squeezed(textsIn(format, await writtenOver({ ...world.people.ada, roles: ["auditor"] }, everything, format)) ?? []);
    expect(hidden.some((text) => whole.includes(text))).toBe(true);
  });

  it.each(["csv", "jsonl"] as const)("without names hold the same rows, and no person's name, id or words in any byte: %s", async (format) => {
    const actor: PersonActor = { ...world.people.ada, roles: [boundedAuditor], bound };
    const { identityId, grants: [grant] } = await db.request.findUniqueOrThrow({ where: { id: inside }, select: { identityId: true, grants: true } });
    await db.identity.update({ where: { id: identityId }, data: { name: `Rita’s job, "nightly" (rita@example.com) of ${world.people.sam.personId}`, ownerId: world.people.olga.personId } });
    await db.grant.update({ where: { id: grant?.id ?? "" }, data: { endedById: world.people.anton.personId } });
    const told = { id: newId(), systemId: world.systemId, name: `Olga’s log ${newId()}`, kind: "log", format: "postgres-jsonlog", lagSeconds: 60, createdAt: new Date(), coversFrom: new Date(), watermark: new Date() };
    await db.source.create({ data: told });
    const archive = async (by: PersonActor) => readArchive(await writtenOver(by, withinBound(everything, by.bound), format));
    const [masked, again, plain] = [await archive(actor), await archive(actor), await archive({ ...actor, bound: { ...bound, names: true } })];
    const [own, named] = [masked, plain].map((files) => files.get(`chains.${format}`)?.toString("utf8") ?? "");
    const texts = [...masked].map(([name, bytes]) => (name === "report-card.json" ? JSON.stringify({ ...(JSON.parse(bytes.toString("utf8")) as object), requested_by: null }) : bytes.toString("utf8"))).join("\n");
    for (const { id, name } of await db.person.findMany({ select: { id: true, name: true } })) {
      expect(texts, name).not.toContain(id);
      expect(texts).not.toMatch(new RegExp(String.raw`(?<![\p{L}\p{N}])${name}(?![\p{L}\p{N}])`, "u"));
    }
    for (const told of ["asked me for it", "rita@example.com"]) expect(texts).not.toContain(told);
    for (const told of ["Rita’s job", "asked me for it", world.people.anton.personId, world.people.sam.personId]) expect(named, "it is there with names").toContain(format === "csv" ? told : told.replaceAll('"', '\\"'));
    expect(masked.get(`chains.${format}`)).toEqual(again.get(`chains.${format}`));
    const pseudonym = (await listEvidence(everything, first, bound)).rows.find(({ chainId }) => chainId === inside)?.requester;
    expect(own).toContain(pseudonym);
    const rows = (text = "") => (format === "csv" ? parse(text) : text.trim().split("\n").map((line) => Object.keys(JSON.parse(line) as object)));
    expect(rows(own)).toHaveLength(rows(named).length);
    expect(rows(own)[0]).toEqual(rows(named)[0]);
    const card = JSON.parse(masked.get("report-card.json")?.toString("utf8") ?? "{}") as { redactions: { id: string }[]; sources_of_uses: { name: string; reported_up_to: string | null }[] };
    expect(card.redactions.map(({ id }) => id)).toContain("names-left-out");
    const source = card.sources_of_uses.find(({ name }) => name.endsWith(told.name.slice(4)));
    expect(JSON.stringify(source)).toContain(told.watermark.toISOString());
    expect(source?.name).toMatch(/^person [0-9a-f]{6}’s log/);
  });

  it("hold its scope only, print it, and are refused without names and once it is over", async () => {
    auditor = await makePerson("Aurel", []);
    expect(await give(false)).toMatchObject({ ok: true, value: { state: "applied" } });
    for (const format of exportFormats.filter((one) => one !== "csv" && one !== "jsonl")) {
      expect(await requestExport({ actor: await acting(), filter: everything, format }), format).toMatchObject({ ok: false, code: "names-left-out" });
    }
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
