import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Ajv } from "ajv";
import addFormats from "ajv-formats";
import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PersonActor } from "@/lib/auth/actor";
import { sequenceEvents } from "@/lib/ledger/sequence";
import { checkpointNow } from "@/lib/ledger/tree/proofs";
import { everything, readFilter } from "../schema";
import { readArchive } from "../test-archive";
import { exportFormats, type ExportFormat } from "../types";
import { checks } from "./checks";
import { exportedFiles, exportNow, writtenOver } from "./test-export";
import { hostileIntent, sceneOfChains } from "./test-scene";

const schemaFile = path.resolve("../shared/schemas/oscal_assessment-results_schema-1.2.1.json");
const folder = mkdtempSync(path.join(tmpdir(), "curfew-formats-"));
let auditor: PersonActor;
let made: Awaited<ReturnType<typeof sceneOfChains>>["made"];

beforeAll(async () => {
  ({ auditor, made } = await sceneOfChains());
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Whether a program is installed here. */
function has(program: string): boolean {
  return ["/usr/bin", "/usr/local/bin"].some((bin) => existsSync(path.join(bin, program)));
}

/** Files inside an archive without what tells who ran it and when: the card, and a manifest over it. */
function dataOf(format: ExportFormat, bytes: Buffer): Map<string, Buffer> {
  if (format === "xlsx" || format === "pdf" || format === "sarif") return new Map([["file", bytes]]);
  const files = readArchive(bytes);
  for (const name of ["report-card.json", "manifest.dsse.json"]) files.delete(name);
  return files;
}

const noFacts = (text: string) => JSON.parse(text) as Record<string, unknown>;

describe("every format", () => {
  it.each(exportFormats)("gives the same bytes for the same ledger position: %s", async (format) => {
    await checkpointNow();
    await sequenceEvents();
    const [first, second] = [dataOf(format, await writtenOver(auditor, everything, format)), dataOf(format, await writtenOver(auditor, everything, format))];
    expect([...first.keys()].length).toBeGreaterThan(0);
    for (const [name, bytes] of first) expect(second.get(name)?.equals(bytes), name).toBe(true);
  });

  it.each(exportFormats)("can be written where nothing matches: %s", async (format) => {
    const { row } = await exportNow(auditor, readFilter({ from: "2001-01-01", to: "2001-03-31" }).filter, format);
    expect(row).toMatchObject({ state: "complete", rows: 0 });
  });

  it.each(exportFormats)("comes with a report card that names the checkpoint it rests on: %s", async (format) => {
    const { row } = await exportNow(auditor, everything, format);
    const card = noFacts(row.card ?? "");
    expect(card).toMatchObject({ counts: { rows: 7 }, parameters: { format }, source: { checkpoint: { note: expect.stringContaining("— ") }, last_checkpoint_sent_outside: null } });
    expect((card["files"] as unknown[]).length).toBeGreaterThan(0);
    expect(card["reconciliations"]).toHaveLength(2);
  });
});

describe("an Excel workbook", () => {
  it("opens in a spreadsheet program, which shows every text as it was written and runs none of it", async (context) => {
    if (!has("soffice")) return context.skip("LibreOffice (soffice) is not installed here");
    const { bytes } = await exportNow(auditor, everything, "xlsx");
    const file = path.join(folder, "evidence.xlsx");
    writeFileSync(file, bytes);
    // The third argument of the filter asks for all sheets, one file each.
    const filter = 'csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1';
    execFileSync("soffice", ["--headless", `-env:UserInstallation=file://${folder}/profile`, "--convert-to", filter, "--outdir", folder, file], { stdio: "ignore" });
    const sheet = (name: string) => parse(readFileSync(path.join(folder, `evidence-${name}.csv`)), { relax_column_count: true, bom: true }) as string[][];
    const chains = sheet("Chains");
    const column = (name: string) => chains[0]?.indexOf(name) ?? -1;
    expect(chains).toHaveLength(8);
    const proven = chains.find((line) => line[column("request_id")] === made.proven) ?? [];
    expect(proven[column("intent")]).toBe(hostileIntent);
    expect(proven[column("statements_counted")]).toBe("31");
    const card = new Map(sheet("Report card").map(([name = "", value = ""]) => [name, value]));
    expect([card.get("Rows"), card.get("State: denied"), card.get("Grants")]).toEqual(["7", "1", "3"]);
    expect(sheet("Exceptions").map(([what, number]) => [what, number]).slice(1)).toEqual([["Still given another way", expect.stringMatching(/^\d+$/)]]);
    expect(sheet("Columns").find(([name]) => name === "still_given")?.[2]).toContain("What else gives the identity");
  }, 120_000);
});

describe("a PDF report", () => {
  it("reads as a text in order, says each figure and names people and things, never their ids alone", async (context) => {
    if (!has("pdftotext")) return context.skip("pdftotext (poppler-utils) is not installed here");
    const { bytes, row } = await exportNow(auditor, everything, "pdf");
    const file = path.join(folder, "report.pdf");
    writeFileSync(file, bytes);
    const run = (program: string, ...args: string[]) => execFileSync(program, [...args, file, ...(program === "pdftotext" ? ["-"] : [])], { encoding: "utf8" });
    const info = run("pdfinfo");
    expect(info).toMatch(/Tagged:\s+yes/);
    expect(info).toMatch(/Title:\s+Evidence of access of non-human identities, all time/);
    const text = run("pdftotext", "-layout").replace(/[ \u00a0]+/g, " ");
    const pages = text.split("\f").slice(0, -1);
    for (const [index, page] of pages.entries()) expect(page).toContain(`Page ${index + 1} of ${pages.length}`);
    const chapters = ["1 Exceptions", "2 Scope", "3 Method", "4 Figures", "5 Sample of chains", "6 How to verify this report"].map((title) => text.indexOf(`\n${title}`.trim()));
    expect(chapters.every((at, index) => at > 0 && at > (chapters[index - 1] ?? 0))).toBe(true);
    expect(text).toContain(`As of ledger position ${Number(row.asOf).toLocaleString("en")}`);
    for (const said of ["Refused asks 1", "State: denied 1", "Grant: proven dead 1", "Still given another way 1", "@legacy_etl (standing)", "Rita", "31 statements counted", "=HYPERLINK"]) expect(text, said).toContain(said);
  });

  it("renders: every page has ink on it, and none where the edge would cut it", async (context) => {
    if (!has("pdftoppm")) return context.skip("pdftoppm (poppler-utils) is not installed here");
    const { bytes } = await exportNow(auditor, everything, "pdf");
    writeFileSync(path.join(folder, "drawn.pdf"), bytes);
    execFileSync("pdftoppm", ["-r", "40", "-gray", path.join(folder, "drawn.pdf"), path.join(folder, "page")]);
    const pages = readdirSync(folder).filter((name) => name.endsWith(".pgm"));
    expect(pages.length).toBeGreaterThan(6);
    for (const name of pages) {
      const { width, height, grey } = readGrey(readFileSync(path.join(folder, name)));
      const isDark = (x: number, y: number) => (grey[y * width + x] ?? 255) < 200;
      let dark = 0;
      for (let y = 0; y < height; y += 1) for (let x = 0; x < width; x += 1) if (isDark(x, y)) dark += x < 20 || x > width - 20 ? 1_000_000 : 1;
      expect(dark, name).toBeGreaterThan(100);
      expect(dark, name).toBeLessThan(1_000_000);
    }
  });
});

/** A grey picture as pdftoppm writes it (PGM, binary). */
function readGrey(file: Buffer): { width: number; height: number; grey: Buffer } {
  const [, width = "", height = ""] = /^P5\s+(\d+)\s+(\d+)\s+255\s/.exec(file.toString("latin1", 0, 60)) ?? [];
  return { width: Number(width), height: Number(height), grey: file.subarray(file.length - Number(width) * Number(height)) };
}

describe("OSCAL", () => {
  it("is valid against the schema of assessment results 1.2.1", async (context) => {
    if (!existsSync(schemaFile)) return context.skip(`${schemaFile} is not here`);
    const ajv = new Ajv({ strict: false, allErrors: true });
    addFormats.default(ajv);
    const validate = ajv.compile(noFacts(readFileSync(schemaFile, "utf8")));
    for (const filter of [everything, readFilter({ state: "refused" }).filter, readFilter({ from: "2001-01-01", to: "2001-01-02" }).filter]) {
      const { files } = await exportedFiles(auditor, filter, "oscal");
      const valid = validate(noFacts(files.get("assessment-results.json")?.toString("utf8") ?? ""));
      expect(validate.errors ?? []).toEqual([]);
      expect(valid).toBe(true);
    }
  });

  it("has an observation for each row, a finding for each check, and points at the file that holds the rows", async () => {
    const { files } = await exportedFiles(auditor, everything, "oscal");
    const { "assessment-results": document } = noFacts(files.get("assessment-results.json")?.toString("utf8") ?? "") as { "assessment-results": { results: [{ observations: unknown[]; findings: { target: { "target-id": string; status: { state: string } } }[] }]; "back-matter": { resources: { rlinks?: { hashes: { value: string }[] }[] }[] } } };
    expect(document.results[0].observations).toHaveLength(7);
    expect(document.results[0].findings).toHaveLength(checks.length);
    expect(document.results[0].findings.filter(({ target }) => target.status.state === "not-satisfied").map(({ target }) => target["target-id"])).toEqual(["ac-2_obj.f-5"]);
    const { sha256 } = (JSON.parse(files.get("report-card.json")?.toString("utf8") ?? "") as { files: [{ sha256: string }] }).files[0];
    expect(document["back-matter"].resources[1]?.rlinks?.[0]?.hashes[0]?.value).toBe(sha256);
  });
});
