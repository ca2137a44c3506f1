import { createHash } from "node:crypto";
import { parse } from "csv-parse/sync";
import { beforeAll, describe, expect, it } from "vitest";
import type { PersonActor } from "@/lib/auth/actor";
import { db } from "@/lib/db/client";
import { readEventsAbout } from "@/lib/ledger/read";
import { newId } from "@/lib/platform/ids";
import { sequenceEvents } from "@/lib/ledger/sequence";
import type { World } from "@/lib/requests/test-world";
import { recordListing } from "@/lib/grants/listing";
import { listEvidence } from "../data";
import { everything, evidencePageSchema, readFilter, type EvidenceFilter } from "../schema";
import type { ExportFormat } from "../types";
import { readReconciled } from "../views/exports";
import { exportedFiles } from "./test-export";
import { hostileIntent, sceneOfChains } from "./test-scene";

let world: World;
let auditor: PersonActor;
let made: Awaited<ReturnType<typeof sceneOfChains>>["made"];

const firstPage = evidencePageSchema.parse({});
const filterOf = (parameters: Record<string, string>): EvidenceFilter => readFilter(parameters).filter;

beforeAll(async () => {
  ({ world, auditor, made } = await sceneOfChains());
}, 60_000);

async function run(filter: EvidenceFilter = everything, format: ExportFormat = "csv") {
  const { exportId, row, bytes, files } = await exportedFiles(auditor, filter, format);
  const data = files.get(`chains.${format}`) ?? Buffer.alloc(0);
  const card = JSON.parse(files.get("report-card.json")?.toString("utf8") ?? "null") as Record<string, never>;
  return { exportId, row, bytes, files, data, card: card as unknown as Card };
}

type Card = {
  counts: { rows: number; requests: number; grants: number; refused_asks: number; by_state: Record<string, number> };
  source: { as_of_ledger_position: string; events_without_position: number };
  files: { path: string; sha256: string; bytes: number; rows: number }[];
  reconciliations: { id: string; left: { count: number }; right: { count: number }; matched: number; only_left: number; only_right: number; unexplained: number }[];
  columns: { name: string }[];
  control_totals: { ledger: { missing_positions: number; entries_counted: number } };
  filters: Record<string, string>;
};

type Line = Record<string, string>;
const linesOf = (data: Buffer): Line[] => parse(data, { columns: true }) as Line[];
const lineOf = (lines: readonly Line[], requestId: string): Line => lines.find((line) => line["request_id"] === requestId) ?? {};

describe("an export of evidence", () => {
  it("holds every chain, of whatever end: proven, live, denied, withdrawn, lapsed, pending, refused", async () => {
    const { data, card } = await run();
    const lines = linesOf(data);
    expect(lineOf(lines, made.proven)).toMatchObject({ record: "grant", state: "approved", grant_state: "proven", end_reason: "completed", connections_seen: "1", statements_counted: "31" });
    expect(lineOf(lines, made.live)).toMatchObject({ grant_state: "active", uses_complete: "open", connections_seen: "", proven_at: "" });
    expect(lineOf(lines, made.denied)).toMatchObject({ record: "request", state: "denied", grant_id: "", votes: "deny", issued_at: "" });
    expect(lineOf(lines, made.withdrawn)).toMatchObject({ state: "withdrawn", decided_by: "requester" });
    expect(lineOf(lines, made.lapsed)).toMatchObject({ state: "lapsed", grant_state: "lapsed", issued_at: "" });
    expect(lineOf(lines, made.pending)).toMatchObject({ state: "pending", decided_at: "", decided_by: "" });
    const refused = lines.filter((line) => line["record"] === "refused-ask");
    expect(refused).toHaveLength(1);
    expect(refused[0]).toMatchObject({ state: "refused", refusal_code: "policy-refuses", requester_name: "Rita" });
    expect(lines.every((line) => line["votes_of_asking_side"] === "" || line["votes_of_asking_side"] === "0")).toBe(true);
    expect(card.counts).toMatchObject({ rows: 7, requests: 6, grants: 3, refused_asks: 1, by_state: { denied: 1, refused: 1 } });
  });

  it.each<[string, Record<string, string>]>([
    ["everything", {}],
    ["one state", { state: "denied" }],
    ["states with refused asks", { state: "denied,refused" }],
    ["only refused asks", { state: "refused" }],
    ["a state of the grant", { grant: "active,proven" }],
    ["what is not proven", { unproven: "yes" }],
    ["a sensitivity", { sensitivity: "high" }],
    ["a ticket", { q: "CHG-482" }],
    ["a period without anything", { from: "2001-01-01", to: "2001-12-31" }],
    ["no demo data", { demo: "no" }],
    ["nothing that can be", { state: "refused", grant: "proven" }],
  ])("counts what the list counts: %s", async (_name, parameters) => {
    const filter = filterOf(parameters);
    const page = await listEvidence(filter, firstPage);
    const { data, card } = await run(filter);
    expect(page.total).toEqual({ count: card.counts.rows, capped: false });
    expect(page.rows).toHaveLength(card.counts.rows);
    expect(linesOf(data)).toHaveLength(card.counts.rows);
    expect(card.filters).toEqual(parameters);
  });

  it("is the same data, byte for byte, when run again over the same events", async () => {
    await sequenceEvents();
    const first = await run();
    const second = await run();
    expect(second.data.equals(first.data)).toBe(true);
    const [once, again] = [await run(everything, "jsonl"), await run(everything, "jsonl")];
    expect(again.data.equals(once.data)).toBe(true);
  });

  it("keeps spreadsheets from running what somebody wrote, and JSON Lines keep the exact text", async () => {
    const { data } = await run();
    const lines = linesOf(data);
    const intent = hostileIntent;
    expect(lineOf(lines, made.proven)["intent"]).toBe(`'${intent}`);
    expect(lineOf(lines, made.proven)["still_given"]).toBe("'@legacy_etl (standing)");
    expect(lineOf(lines, made.denied)["vote_reasons"]).toBe("'-2+3 is not a reason");
    for (const line of lines) for (const cell of Object.values(line)) expect(cell).not.toMatch(/^[=+@\t\r-]/);
    const exact = (await run(everything, "jsonl")).data.toString("utf8").trimEnd().split("\n").map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(exact.find((line) => line["request_id"] === made.proven)).toMatchObject({ intent, statements_counted: 31, demo: "no" });
    expect(exact.find((line) => line["request_id"] === made.denied)).toMatchObject({ issued_at: null });
  });

  it("comes with a report card that fits the file", async () => {
    const { data, card, files } = await run();
    expect([...files.keys()]).toEqual(["chains.csv", "reconciliation/issued-against-ledger.csv", "reconciliation/grants-against-targets.csv", "report-card.json"]);
    for (const { path, sha256, bytes } of card.files) expect([sha256, bytes], path).toEqual([createHash("sha256").update(files.get(path) ?? "").digest("hex"), files.get(path)?.length]);
    expect(card.files[0]).toEqual({ path: "chains.csv", sha256: createHash("sha256").update(data).digest("hex"), bytes: data.length, rows: 7 });
    expect(data.toString("utf8").split("\n")[0]).toBe(card.columns.map(({ name }) => name).join(","));
    expect(data.includes("\r")).toBe(false);
    expect(card.source.events_without_position).toBe(0);
    expect(card.control_totals.ledger).toMatchObject({ missing_positions: 0, entries_counted: Number(card.source.as_of_ledger_position) });
  });

  it("is on the ledger: asked for, begun before the first byte, and how it ended", async () => {
    const { exportId, row, bytes, card } = await run(filterOf({ state: "denied" }));
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    expect(row).toMatchObject({ state: "complete", rows: 1, rowsDone: 1, rowsTotal: 1, sha256, bytes: BigInt(bytes.length), format: "csv", definitionVersion: 3, attempt: 1 });
    expect(String(row.asOf)).toBe(card.source.as_of_ledger_position);
    const events = await readEventsAbout("export", exportId);
    expect(events.map(({ type }) => type)).toEqual(["evidence.export-requested", "evidence.exported", "evidence.export-finished"]);
    expect(events[1]?.data).toMatchObject({ filter: { state: "denied" }, asOf: card.source.as_of_ledger_position });
    expect(events[2]?.data).toMatchObject({ state: "complete", rows: 1, bytes: String(bytes.length), sha256, failure: null });
  });

  it("reconciles what was issued with the ledger, and what is live with what the target named", async () => {
    const { systemId } = world;
    const live = await world.grantOf(made.live);
    const handle = { name: live.handleName ?? "", targetId: live.handleTargetId ?? "" };
    const of = async (id: string) => {
      const { card, files } = await run();
      return { counts: card.reconciliations.find((one) => one.id === id), rows: linesOf(files.get(`reconciliation/${id}.csv`) ?? Buffer.alloc(0)) };
    };
    expect((await of("issued-against-ledger")).counts).toMatchObject({ left: { count: 2 }, right: { count: 2 }, matched: 2, only_left: 0, only_right: 0 });
    expect((await of("grants-against-targets")).rows).toEqual([expect.objectContaining({ side: "left", grant_id: live.id, explanation: "the target was never asked what it knows" })]);
    await recordListing(systemId, [{ grantId: live.id, handle }], new Date());
    expect((await of("grants-against-targets")).counts).toMatchObject({ left: { count: 1 }, right: { count: 1 }, matched: 1, only_left: 0, only_right: 0, unexplained: 0 });
    const stranger = newId();
    await recordListing(systemId, [{ grantId: stranger, handle: { name: "=evil()", targetId: "7" } }], new Date());
    const { counts, rows } = await of("grants-against-targets");
    expect(counts).toMatchObject({ matched: 0, only_left: 1, only_right: 1, unexplained: 2 });
    const shown = await readReconciled(auditor.personId);
    expect(shown?.lists.find(({ id }) => id === "grants-against-targets")?.first).toEqual([
      expect.objectContaining({ side: "left", grantId: live.id, credential: handle.name, explanation: "not explained" }),
      expect.objectContaining({ side: "right", grantId: stranger, credential: "=evil()", requestNumber: null }),
    ]);
    expect(shown?.exportId).toEqual(expect.any(String));
    expect(rows.map(({ side, grant_id, credential }) => [side, grant_id, credential])).toEqual([["left", live.id, handle.name], ["right", stranger, "'=evil()"]]);
    await recordListing(systemId, [{ grantId: live.id, handle }], new Date());
  });

  it("treats a filter as values, never as SQL", async () => {
    const hostile = "'; drop table exports; --";
    const { card } = await run({ ...everything, q: hostile });
    expect(card.counts.rows).toBe(0);
    expect(await db.export.count()).toBeGreaterThan(0);
  });
});
