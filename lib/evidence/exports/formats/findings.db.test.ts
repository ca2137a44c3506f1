import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { Ajv } from "ajv";
import addFormats from "ajv-formats";
import { beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import type { PersonActor } from "@/lib/auth/actor";
import { db } from "@/lib/db/client";
import { inTransaction } from "@/lib/db/transaction";
import { closeFinding, openFinding } from "@/lib/findings/mutations";
import type { FindingKind } from "@/lib/findings/rules";
import { newId } from "@/lib/platform/ids";
import type { World } from "@/lib/requests/test-world";
import { everything, readFilter } from "../../schema";
import { exportedFiles, exportNow } from "../test-export";
import { sceneOfChains } from "../test-scene";
import { activityOf } from "./ocsf-uses";

const schemaFile = path.resolve("../shared/schemas/sarif-schema-2.1.0.json");
const worker = { kind: "system", process: "worker" } as const;
let world: World;
let auditor: PersonActor;
let made: Awaited<ReturnType<typeof sceneOfChains>>["made"];
let provenGrant: string;

const title = "“quoted” <b>& worse</b>\nsecond line";

function found(kind: FindingKind, subjects: { grantId?: string; identityId?: string; systemId?: string }, detail: Record<string, string> = {}) {
  return inTransaction((tx, now) => openFinding(tx, { kind, key: kind, title, detail, subjects, actor: worker, now }));
}

/** A log of the system that tells of two uses of the proven session; one was refused. */
async function logOfUses(): Promise<void> {
  const at = new Date();
  const sourceId = newId();
  await db.source.create({ data: { id: sourceId, systemId: world.systemId, name: "Server log", kind: "log", format: "postgres-jsonlog", lagSeconds: 10, createdAt: at, clockOffsetMs: 12 } });
  const use = { systemId: world.systemId, sourceId, grantId: provenGrant, kind: "statement", startedAt: at, lastSeenAt: at, source: "postgres-jsonlog", match: "exact", rule: "issued-login", principal: "cf_1" };
  await db.use.createMany({
    data: [
      { ...use, id: newId(), key: "1", action: "SELECT", objects: ["public.orders"], objectsBy: "text", clientAddress: "10.0.0.7" },
      { ...use, id: newId(), key: "2", action: "DROP TABLE", objects: [], outcome: "refused", match: "strong" },
    ],
  });
}

beforeAll(async () => {
  ({ world, auditor, made } = await sceneOfChains());
  provenGrant = (await world.grantOf(made.proven)).id;
  const { identityId } = await db.grant.findUniqueOrThrow({ where: { id: provenGrant }, select: { identityId: true } });
  await db.finding.deleteMany();
  await found("use-after-end", { grantId: provenGrant, identityId, systemId: world.systemId });
  await found("side-door", { identityId, systemId: world.systemId }, { assignmentId: newId() });
  await db.finding.updateMany({ where: { kind: "side-door" }, data: { seenAt: new Date(), seenById: auditor.personId, seenReason: "Answered for in the review of spring" } });
  await found("own-account", { systemId: world.systemId });
  await inTransaction((tx, now) => closeFinding(tx, { key: "own-account", actor: worker, now }));
}, 60_000);

type Result = {
  ruleId: string; ruleIndex: number; kind: string; level: string; message: { text: string }; partialFingerprints: Record<string, string>;
  locations?: { physicalLocation: { artifactLocation: { uri: string } }; logicalLocations: { kind: string; name: string }[] }[]; relatedLocations?: unknown[]; suppressions?: unknown[];
  taxa: { id: string; toolComponent: { index: number } }[]; properties: { tags: string[]; closedAt: string | null };
};
type Log = {
  runs: [{
    tool: { driver: { rules: { id: string; properties: { tags: string[] } }[] } }; results: Result[]; taxonomies: { taxa: { id: string }[] }[];
    invocations: [{ properties: { asOfLedgerPosition: string; findings: number } }];
  }];
};

async function sarifOf(parameters: Record<string, string> = {}) {
  const { row, bytes } = await exportNow(auditor, readFilter(parameters).filter, "sarif");
  return { row, bytes, log: JSON.parse(bytes.toString("utf8")) as Log };
}

describe("SARIF", () => {
  it("is valid against the schema of 2.1.0, with findings and without any", async (context) => {
    if (!existsSync(schemaFile)) return context.skip(`${schemaFile} is not here`);
    const { id, $schema: _draft4, ...schema } = JSON.parse(readFileSync(schemaFile, "utf8")) as { id: string; $schema: string };
    const ajv = new Ajv({ strict: false, allErrors: true });
    addFormats.default(ajv);
    const validate = ajv.compile({ $id: id, ...schema });
    for (const parameters of [{}, { state: "denied" }, { from: "2001-01-01", to: "2001-01-02" }] as Record<string, string>[]) {
      const { log } = await sarifOf(parameters);
      const valid = validate(log);
      expect(validate.errors ?? []).toEqual([]);
      expect(valid).toBe(true);
    }
    expect(validate({ version: "2.1.0", runs: [{ tool: { driver: { name: "x", unknown: 1 } } }] })).toBe(false);
  });

  it("tells each finding once, with its rule, level, controls and the pages that it is about", async () => {
    const { log, row } = await sarifOf();
    const [{ results, tool, taxonomies, invocations }] = log.runs;
    expect(row.fileName).toMatch(/\.sarif$/);
    expect(results.map(({ ruleId, kind, level }) => [ruleId, kind, level])).toEqual([["use-after-end", "fail", "error"], ["side-door", "fail", "warning"], ["own-account", "informational", "none"]]);
    for (const { ruleId, ruleIndex, message, properties, taxa } of results) {
      expect(tool.driver.rules[ruleIndex]).toMatchObject({ id: ruleId, properties: { tags: properties.tags } });
      expect(message.text).toBe(title);
      expect(taxa.length).toBeGreaterThan(0);
      for (const one of taxa) expect(taxonomies[one.toolComponent.index]?.taxa.map(({ id }) => id)).toContain(one.id);
    }
    const [first] = results;
    expect(first?.locations?.[0]).toMatchObject({ physicalLocation: { artifactLocation: { uri: `evidence/${made.proven}` } }, logicalLocations: [{ kind: "chain" }] });
    expect(first?.relatedLocations).toHaveLength(2);
    expect(results.map(({ suppressions }) => suppressions)).toEqual([undefined, [expect.objectContaining({ kind: "external", status: "accepted", justification: "Answered for in the review of spring" })], undefined]);
    expect(invocations[0].properties).toMatchObject({ asOfLedgerPosition: row.asOf?.toString(), findings: 3 });
    expect(JSON.parse(row.card ?? "")).toMatchObject({ files: [{ rows: 3, path: row.fileName }] });
  });

  it.each<[string, Record<string, string>, string[]]>([
    ["findings about chains only, where chains are asked for", { state: "approved" }, ["use-after-end"]],
    ["none of chains that are left out", { state: "denied" }, []],
    ["one kind of finding", { finding: "side-door" }, ["side-door"]],
    ["what was open in the period", { from: "2001-01-01", to: "2001-12-31" }, []],
  ])("holds %s", async (_, parameters, kinds) => {
    const { log } = await sarifOf(parameters);
    expect(log.runs[0].results.map(({ ruleId }) => ruleId)).toEqual(kinds);
  });

  it("knows the same thing again by its fingerprint, whatever the words and times", async () => {
    const print = async () => (await sarifOf({ finding: "use-after-end" })).log.runs[0].results.at(-1)?.partialFingerprints;
    const before = await print();
    await inTransaction((tx, now) => closeFinding(tx, { key: "use-after-end", actor: worker, now }));
    const { identityId } = await db.grant.findUniqueOrThrow({ where: { id: provenGrant }, select: { identityId: true } });
    await found("use-after-end", { grantId: provenGrant, identityId, systemId: world.systemId });
    expect(await print()).toEqual(before);
    expect((await sarifOf({ finding: "use-after-end" })).log.runs[0].results.map(({ kind }) => kind)).toEqual(["informational", "fail"]);
  });
});

/** What OCSF 1.8.0 asks of the classes that are written here; its own schema comes from a server only. */
const user = z.strictObject({ uid: z.string().min(1), name: z.string().min(1).optional(), type: z.enum(["User", "Service"]), type_id: z.union([z.literal(1), z.literal(4)]) });
const shared = {
  category_uid: z.number().int(), severity_id: z.number().int().min(1).max(6), status_id: z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4), z.literal(99)]), time: z.number().int().positive(), type_uid: z.number().int(),
  metadata: z.strictObject({ version: z.literal("1.8.0"), product: z.strictObject({ name: z.string(), vendor_name: z.string(), version: z.string() }), uid: z.uuid(), correlation_uid: z.uuid().optional() }),
  actor: z.union([z.strictObject({ app_name: z.string() }), z.strictObject({ user })]).optional(),
  status: z.string().optional(), status_code: z.string().optional(), status_detail: z.string().optional(), comment: z.string().optional(), unmapped: z.record(z.string(), z.unknown()).optional(),
};
const session = z.strictObject({ uid: z.string(), created_time: z.number().int(), expiration_time: z.number().int().optional(), expiration_reason: z.string().optional(), credential_uid: z.string().optional(), issuer: z.string() });
const named = z.strictObject({ uid: z.string(), name: z.string() });
const findingInfo = z.strictObject({ uid: z.uuid(), title: z.string().min(1), types: z.array(z.string()), created_time: z.number().int(), modified_time: z.number().int().optional(), src_url: z.url().optional() });
const finding = { ...shared, activity_id: z.union([z.literal(1), z.literal(2), z.literal(3)]), finding_info: findingInfo, resources: z.array(z.strictObject({ uid: z.string(), name: z.string().optional(), type: z.string() })).min(1).optional() };
const ocsfSchema = z.discriminatedUnion("class_uid", [
  z.strictObject({ ...finding, class_uid: z.literal(2003), compliance: z.strictObject({ control: z.string(), requirements: z.array(z.string()), standards: z.array(z.string()).min(1), status_id: z.union([z.literal(1), z.literal(3)]) }) }),
  z.strictObject({ ...finding, class_uid: z.literal(2004), is_alert: z.boolean() }),
  z.strictObject({
    ...shared, class_uid: z.literal(6003), activity_id: z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4), z.literal(99)]), activity_name: z.string().min(1).optional(), end_time: z.number().int().optional(),
    actor: z.strictObject({ user, session: z.strictObject({ uid: z.string(), credential_uid: z.string().optional(), issuer: z.string() }) }), api: z.strictObject({ operation: z.string().min(1), service: named }),
    src_endpoint: z.union([z.strictObject({ ip: z.string() }), z.strictObject({ name: z.string() })]), resources: z.array(z.strictObject({ name: z.string() })).min(1).optional(),
  }),
  z.strictObject({ ...shared, class_uid: z.literal(3002), activity_id: z.union([z.literal(1), z.literal(2)]), user, service: named, session }),
  z.strictObject({ ...shared, class_uid: z.literal(3003), activity_id: z.literal(1), user, privileges: z.array(z.string().min(1)).min(1), session }),
  z.strictObject({ ...shared, class_uid: z.literal(3004), activity_id: z.union([z.literal(1), z.literal(3)]), entity: z.strictObject({ uid: z.string().min(1), type: z.string(), name: z.string() }) }),
  z.strictObject({ ...shared, class_uid: z.literal(3005), activity_id: z.union([z.literal(1), z.literal(2)]), user, privileges: z.array(z.string().min(1)).min(1), session }),
]);

async function eventsOf(parameters: Record<string, string> = {}) {
  const { files } = await exportedFiles(auditor, readFilter(parameters).filter, "ocsf");
  const lines = (files.get("ocsf-events.jsonl")?.toString("utf8") ?? "").split("\n").filter(Boolean);
  return lines.map((line) => ocsfSchema.parse(JSON.parse(line)));
}
type Parsed = Awaited<ReturnType<typeof eventsOf>>[number];
const typed = (events: readonly Parsed[]) => events.map(({ type_uid }) => type_uid);
const isUse = ({ class_uid }: Parsed) => class_uid === 6003;

describe("OCSF", () => {
  it("holds each step of each chain as an event of its class, with an id of its own", async () => {
    const events = await eventsOf();
    for (const event of events) expect([event.type_uid, event.category_uid]).toEqual([event.class_uid * 100 + event.activity_id, Math.floor(event.class_uid / 1_000)]);
    expect(new Set(events.map(({ metadata }) => metadata.uid)).size).toBe(events.length);
    const of = events.filter(({ metadata, class_uid }) => metadata.correlation_uid === made.proven && class_uid > 3000 && class_uid < 4000);
    expect(typed(of)).toEqual([300401, 300403, 300501, 300301, 300201, 300502, 300202, 300403]);
    expect(events.filter(({ metadata, class_uid }) => metadata.correlation_uid === undefined && class_uid > 3000)).toEqual([expect.objectContaining({ status_id: 2, status_code: "policy-refuses" })]);
  });

  it("tells findings as detections or as matters of compliance, when they were opened and when they were closed", async () => {
    const findings = (await eventsOf()).filter(({ category_uid }) => category_uid === 2);
    expect(typed(findings)).toEqual([200401, 200403, 200301, 200302, 200301, 200303, 200401]);
    expect(findings.filter(({ activity_id }) => activity_id === 3).every(({ status_id }) => status_id === 4)).toBe(true);
    expect(findings[3]).toMatchObject({ status_id: 3, comment: "Answered for in the review of spring" });
    expect(findings[2]).toMatchObject({ compliance: { control: "NHI5:2025", standards: expect.arrayContaining([expect.stringContaining("OWASP")]), status_id: 3 } });
    expect((await eventsOf({ state: "denied" })).filter(({ category_uid }) => category_uid === 2)).toEqual([]);
  });

  it("tells each use as API activity once it is known that no more can come", async () => {
    expect((await eventsOf()).filter(isUse)).toEqual([expect.objectContaining({ activity_id: 99, activity_name: "connection", src_endpoint: { name: "not told by the source" }, unmapped: expect.objectContaining({ match: "exact", source_kind: "polled" }) })]);
    await logOfUses();
    // The log has not reported up to the session's end.
    expect((await eventsOf()).filter(isUse)).toEqual([]);
    const now = new Date();
    await db.chainCheck.upsert({ where: { requestId: made.proven }, create: { requestId: made.proven, state: "complete", waitsFor: [], lookedAt: now, sealedAt: now }, update: { state: "complete", sealedAt: now } });
    const uses = (await eventsOf()).filter(isUse);
    expect(uses.map(({ activity_id, status_id }) => [activity_id, status_id])).toEqual(expect.arrayContaining([[99, 1], [2, 1], [4, 2]]));
    expect(uses.find(({ activity_id }) => activity_id === 2)).toMatchObject({ api: { operation: "SELECT", service: { uid: world.systemId } }, resources: [{ name: "public.orders" }], src_endpoint: { ip: "10.0.0.7" }, unmapped: { source: "Server log", source_clock_offset_ms: 12 } });
  });

  it.each([["SELECT", 2], ["INSERT INTO", 1], ["s3:GetObject", 2], ["update", 3], ["DELETE", 4], ["repo.destroy", 99], [null, 99]] as const)("calls %s activity %i", (action, activity) => {
    expect(activityOf(action)).toBe(activity);
  });
});

describe("what rows say of uses", () => {
  it("follows what their sources can say: none seen by looks, not used by a whole log, open while one is late", async () => {
    const rowsOf = async () => {
      const { files } = await exportedFiles(auditor, everything, "jsonl");
      const lines = (files.get("chains.jsonl")?.toString("utf8") ?? "").trimEnd().split("\n").map((line) => JSON.parse(line) as Record<string, unknown>);
      return lines.find((line) => line["request_id"] === made.proven);
    };
    expect(await rowsOf()).toMatchObject({ uses_complete: "yes", used: "used", connections_seen: 1, uses_logged: 2, uses_refused: 1, use_match: "strong", use_source: expect.stringContaining("Server log (log, postgres-jsonlog)"), has_finding: "yes" });
    await db.chainCheck.update({ where: { requestId: made.proven }, data: { state: "open" } });
    expect(await rowsOf()).toMatchObject({ uses_complete: "open", used: null, uses_logged: null, first_use_at: null });
    await db.chainCheck.update({ where: { requestId: made.proven }, data: { state: "unknowable" } });
    expect(await rowsOf()).toMatchObject({ uses_complete: "unknown", used: "used" });
    await db.use.deleteMany({ where: { grantId: provenGrant } });
    await db.grant.update({ where: { id: provenGrant }, data: { firstUseAt: null } });
    expect(await rowsOf()).toMatchObject({ used: "none seen", use_match: "none" });
    const { issueStartedAt, acceptedAt } = await db.grant.findUniqueOrThrow({ where: { id: provenGrant } });
    await db.source.updateMany({ where: { kind: "log" }, data: { coversFrom: issueStartedAt, watermark: new Date((acceptedAt?.getTime() ?? 0) + 10_000) } });
    await db.chainCheck.update({ where: { requestId: made.proven }, data: { state: "complete" } });
    expect(await rowsOf()).toMatchObject({ uses_complete: "yes", used: "not used" });
  });
});
