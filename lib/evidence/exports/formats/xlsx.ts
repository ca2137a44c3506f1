import "server-only";
import { cardColumns } from "../../columns";
import { cardLimitations, cardRules, definition } from "../../report-card";
import { filterParameters } from "../../schema";
import { checks, readExceptions } from "../checks";
import { definitionSha256 } from "../definition";
import type { ExportRun, ExportWriter } from "../run";
import { archiveOf, once } from "./archive";
import { packageFiles, sheetXml, type Cell, type Sheet } from "./spreadsheet";

/** A sheet takes 1,048,576 rows. */
const rowsOfSheet = 1_000_000;
const mostExceptions = 10_000;

const widths = { id: 38, time: 26, number: 14, text: 28, word: 18, "yes-no": 10 } as const;

function* pairs(values: Readonly<Record<string, number>>, label: string): Generator<Cell[]> {
  for (const [name, count] of Object.entries(values)) yield [`${label} ${name}`, count];
}

/** What the workbook says about itself. Nothing of it would be different in another run over the same position. */
async function* card(run: ExportRun): AsyncGenerator<readonly Cell[]> {
  const { counts, standing, filter } = run;
  yield ["Evidence of access: asked, decided, issued, used, ended, proven dead", ""];
  yield ["Report definition", `${definition.id}, version ${definition.version}`];
  yield ["SHA-256 of the definition", definitionSha256()];
  yield ["As of ledger position", Number(standing.size)];
  yield ["Time of that position (UTC)", standing.at.toISOString()];
  yield ["Signed checkpoint", standing.checkpoint ? `size ${standing.checkpoint.size}, root ${standing.checkpoint.root}` : "none was signed yet"];
  yield ["Last checkpoint sent outside", standing.lastSent ? `size ${standing.lastSent.size} to ${standing.lastSent.where}, ${standing.lastSent.sentAt.toISOString()}` : "none was sent yet"];
  yield ["Period (asked, UTC)", `${filter.from ?? "from the beginning"} to ${filter.to ?? "the position above"}, both days included`];
  const filters = Object.entries(filterParameters(filter));
  yield ["Filters", filters.length === 0 ? "none: every request and every refused ask is in the workbook" : filters.map(([name, value]) => `${name} = ${value}`).join("; ")];
  yield ["Rows", counts.rows];
  yield ["Requests", counts.requests];
  yield ["Grants", counts.grants];
  yield ["Refused asks", counts.refusedAsks];
  yield* pairs(counts.byState, "State:");
  yield* pairs(counts.byGrantState, "State of the grant:");
  yield* pairs(counts.byEndReason, "Ended because:");
  yield ["Seconds granted in all", run.grantedSeconds];
  yield ["Ledger entries missing below the position", Number(standing.size - standing.entries)];
  for (const { name, left, right, matched, onlyLeft, onlyRight, unexplained } of await run.reconciliations()) {
    yield [`Reconciliation: ${name}`, `${left.count} ${left.what}; ${right.count} ${right.what}; ${matched} on both sides, ${onlyLeft} and ${onlyRight} on one side only, ${unexplained} of them without an explanation`];
  }
  for (const rule of cardRules("xlsx")) yield ["Rule", rule];
  for (const limitation of cardLimitations) yield ["Limitation", limitation];
  yield ["Who took it, when", "In the report card (JSON) beside this file, and in the ledger's events about the export, with this file's SHA-256."];
}

async function* exceptions(run: ExportRun): AsyncGenerator<readonly Cell[]> {
  yield ["What", "Request", "Identity", "Entitlement", "System", "State", "Asked at (UTC)", "Note", "Grant id"];
  const titles = new Map(checks.map(({ id, title }) => [id, title]));
  const found = await readExceptions(run, run.evidence, mostExceptions);
  for (const row of found) {
    yield [titles.get(row.check) ?? row.check, row.number, row.identity, row.entitlement, row.system, row.state, row.askedAt.toISOString(), row.note ?? "", row.grantId ?? ""];
  }
  if (found.length === 0) yield ["None of the rows breaks one of the checks: see the questions in the sheet Columns."];
  if (found.length === mostExceptions) yield [`The first ${mostExceptions}; there are more.`];
}

/** Rows of one sheet out of an iterator that all sheets share. */
async function* stretch(rows: AsyncIterator<Readonly<Record<string, Cell>>>): AsyncGenerator<readonly Cell[]> {
  yield cardColumns.map(({ name }) => name);
  for (let count = 0; count < rowsOfSheet; count += 1) {
    const next = await rows.next();
    if (next.done) return;
    const { value } = next;
    yield cardColumns.map(({ name }) => value[name] ?? null);
  }
}

async function* meanings(): AsyncGenerator<readonly Cell[]> {
  yield ["Column", "Kind", "Meaning"];
  for (const { name, kind, meaning } of cardColumns) yield await Promise.resolve([name, kind, meaning]);
  yield [];
  yield ["Check", "Objective (NIST SP 800-53A)", "Question"];
  for (const { title, objective, question } of checks) yield [title, objective, question];
}

function sheetsOf(run: ExportRun): Sheet[] {
  const rows = run.rows()[Symbol.asyncIterator]();
  const many = Math.max(1, Math.ceil(run.counts.rows / rowsOfSheet));
  const chains = Array.from({ length: many }, (_, index): Sheet => ({
    name: index === 0 ? "Chains" : `Chains ${index + 1}`,
    widths: cardColumns.map(({ kind }) => widths[kind]),
    hasHead: true,
    rows: () => stretch(rows),
  }));
  return [
    { name: "Report card", widths: [44, 110], hasHead: true, rows: () => card(run) },
    { name: "Exceptions", widths: [28, 10, 32, 32, 24, 20, 26, 28, 38], hasHead: true, rows: () => exceptions(run) },
    ...chains,
    { name: "Columns", widths: [28, 28, 110], hasHead: true, rows: meanings },
  ];
}

/** A workbook to open and read: report card, exceptions, chains, and what each column means. */
export const xlsx: ExportWriter = {
  extension: "xlsx",
  mediaType: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  write: (run) =>
    archiveOf(
      (async function* files() {
        const sheets = sheetsOf(run);
        for (const { path, xml } of packageFiles(sheets, run.standing.at)) yield { path, content: once(xml) };
        for (const [index, sheet] of sheets.entries()) {
          yield { path: `xl/worksheets/sheet${index + 1}.xml`, content: sheetXml(sheet), mayBeLarge: run.counts.rows > rowsOfSheet / 2 };
        }
      })(),
    ),
};
