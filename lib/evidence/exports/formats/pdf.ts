import "server-only";
import { formatDuration, formatPlural, formatUtc } from "@/lib/platform/format";
import { cardLimitations, cardRules, definition } from "../../report-card";
import { endReasonText, refusalText, strengthText } from "../../rules";
import { Draw } from "../../sampling";
import { unprovenStates } from "../../types";
import { checks, countBroken, readExceptions } from "../checks";
import { definitionSha256 } from "../definition";
import { readFigures, type Counted, type Spread } from "../figures";
import type { ExportRun, ExportWriter } from "../run";
import { samplePage, stateWords } from "./pdf-chain";
import { Paper, type Tone } from "./paper";
import { filterSentence } from "./pdf-filter";

const mostExceptions = 200;
const samplePages = 8;
const number = (count: number) => count.toLocaleString("en");
const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

function periodOf({ filter }: ExportRun): string {
  if (!filter.from && !filter.to) return "All time";
  return `${filter.from ?? "The beginning"} to ${filter.to ?? "now"}`;
}

type Found = { readonly broken: ReadonlyMap<string, number>; readonly filter: string };

function cover(paper: Paper, run: ExportRun, { broken, filter }: Found): void {
  const { counts, standing } = run;
  const exceptions = [...broken.values()].reduce((sum, count) => sum + count, 0);
  paper.doc.y = 190;
  paper.text("Curfew", { bold: true, ink: "accent", size: 12, after: 6 });
  paper.title("Evidence of access of non-human identities");
  paper.text("Who asked, why, who allowed it, what was issued, what was seen of it, when it ended, and whether its end was proven.", { size: 12, ink: "quiet", after: 28 });
  paper.text(periodOf(run), { bold: true, size: 14, after: 4 });
  paper.text(filter, { after: 30 });
  const proven = counts.byGrantState["proven"] ?? 0;
  paper.figures([
    { value: number(counts.requests + counts.refusedAsks), label: "requests and refused asks" },
    { value: number(counts.grants), label: "grants" },
    { value: number(proven), label: "ends proven dead", tone: "good" },
    { value: number(exceptions), label: exceptions === 1 ? "exception" : "exceptions", tone: exceptions > 0 ? "trouble" : "good" },
  ]);
  paper.doc.y = 640;
  paper.note(`As of ledger position ${number(Number(standing.size))}, reached ${formatUtc(standing.at)}.`);
  paper.note(standing.checkpoint ? `Signed checkpoint over ${number(Number(standing.checkpoint.size))} events, root ${standing.checkpoint.root}.` : "No checkpoint was signed at that time.");
  paper.note(standing.lastSent ? `Last checkpoint sent out of the house: over ${number(Number(standing.lastSent.size))} events, to ${standing.lastSent.where}, ${formatUtc(standing.lastSent.sentAt)}.` : "No checkpoint had been sent out of the house at that time.");
  paper.note("Who asked for this report, when, and its SHA-256 stand in its report card and in Curfew's ledger. This report shows what was recorded; it judges no control.");
}

function scope(paper: Paper, run: ExportRun, { filter }: Found): void {
  const { counts, standing } = run;
  paper.chapter("2  Scope");
  paper.table([{ title: "What", share: 1 }, { title: "Said", share: 2.6 }], [
    ["Period", `${periodOf(run)}, by the time of asking, whole days in UTC, both included`],
    ["Filter", filter],
    ["Population", "Every request that the filter leaves, whatever became of it: denied, withdrawn, lapsed and failed ones too; and every ask that was refused before it became a request."],
    ["Left out", Object.keys(run.filter).length > 0 && filter !== "No filter: everything." ? "What the filter leaves out, and nothing else." : "Nothing."],
    ["As of", `Ledger position ${number(Number(standing.size))} (${formatUtc(standing.at)}); ${number(Number(standing.size - standing.entries))} positions below it are missing; ${number(standing.pending)} events had no position yet`],
    ["Definition", `${definition.id}, version ${definition.version}, SHA-256 ${definitionSha256()}`],
  ]);
  paper.heading("Counts");
  const line = (label: string, count: number) => [label, number(count)];
  paper.table([{ title: "Counted", share: 3 }, { title: "Number", share: 1, align: "right" }], [
    line("Rows (one per entitlement asked for, one per grant)", counts.rows), line("Requests", counts.requests), line("Grants", counts.grants), line("Refused asks", counts.refusedAsks),
    ...Object.entries(counts.byState).map(([state, count]) => line(`State: ${state}`, count)),
    ...Object.entries(counts.byGrantState).map(([state, count]) => line(`Grant: ${stateWords(state)}`, count)),
    ...Object.entries(counts.byEndReason).map(([reason, count]) => line(`Ended because: ${reason.replaceAll("-", " ")}`, count)),
  ]);
}

function method(paper: Paper): void {
  paper.chapter("3  Method");
  paper.text("Everything in this report was read from one snapshot of Curfew's database, in which the ledger had reached the position on the cover. The same choice over the same position gives the same report, byte for byte.");
  paper.text("A chain is all that belongs to one request: asked, decided, issued, first use, last use, ended, proven dead. Three truths of an end are kept apart: asked for, taken by the target, and proven by a look over a second account.");
  paper.text("A row is an exception where it breaks one of these checks. They were asked of every row.");
  paper.table([{ title: "Check", share: 1.2 }, { title: "Question", share: 2 }, { title: "NIST SP 800-53A", share: 1 }], checks.map(({ title, question, objective }) => [title, question, objective]));
  paper.heading("What this report cannot say");
  for (const limitation of cardLimitations) paper.text(`• ${limitation}`);
  for (const rule of cardRules("pdf")) paper.text(`• ${rule}`);
}

const seconds = (value: number | null) => (value === null ? "—" : formatDuration(value * 1000));
const spreadLine = (label: string, { p50, p90, p99, count }: Spread) => [label, number(count), seconds(p50), seconds(p90), seconds(p99)];

const toneOf = (state: string): Tone => (state === "proven" ? "good" : (unprovenStates as readonly string[]).includes(state) ? "trouble" : "accent");

async function figures(paper: Paper, run: ExportRun): Promise<void> {
  const { counts } = run;
  const read = await readFigures(run);
  paper.chapter("4  Figures");
  const words = (of: Readonly<Record<string, number>>, say: (word: string) => string): Counted[] => Object.entries(of).map(([word, value]) => ({ label: capital(say(word)), value }));
  paper.bars("What requests came to", words(counts.byState, (state) => state));
  paper.bars("What grants came to", Object.entries(counts.byGrantState).map(([state, value]) => ({ label: capital(stateWords(state)), value, tone: toneOf(state) })));
  if (read.issued.length > 0) paper.columns(`Access issued, by ${read.step}`, read.issued);
  paper.heading("How long it took");
  paper.table(
    [{ title: "From – to", share: 2.4 }, { title: "Measured", share: 1, align: "right" }, { title: "Half within", share: 1, align: "right" }, { title: "90 % within", share: 1, align: "right" }, { title: "99 % within", share: 1, align: "right" }],
    [spreadLine("Asked – decided by people", read.toDecide), spreadLine("End asked for – proven dead", read.toProve)],
  );
  paper.bars("From the end to its proof", read.proofTimes);
  if (read.proofMethods.length > 0) {
    paper.bars("Strength of the proofs", read.proofMethods.map(({ label, value }) => ({ label: capital(label.replaceAll("-", " ")), value })));
    for (const { label } of read.proofMethods) paper.note(`${capital(label.replaceAll("-", " "))}: ${strengthText(label)}`);
  }
  if (Object.keys(counts.byEndReason).length > 0) paper.bars("Why sessions ended", words(counts.byEndReason, (reason) => reason.replaceAll("-", " ")));
  if (read.systems.length > 0) paper.bars("Where access was issued", read.systems);
}

async function exceptions(paper: Paper, run: ExportRun, broken: Found["broken"]): Promise<void> {
  paper.chapter("1  Exceptions");
  const total = [...broken.values()].reduce((sum, count) => sum + count, 0);
  paper.text(total === 0 ? "No row breaks a check." : `${formatPlural(total, "exception")}. A row that breaks two checks counts twice; chapter 3 says what each check asks.`);
  paper.table([{ title: "Check", share: 3 }, { title: "Rows", share: 1, align: "right" }], checks.map(({ id, title }) => [title, number(broken.get(id) ?? 0)]));
  const found = await readExceptions(run, run.evidence, mostExceptions);
  for (const { id, title, question } of checks) {
    const own = found.filter(({ check }) => check === id);
    if (own.length === 0) continue;
    paper.heading(title);
    paper.note(question);
    paper.table(
      [{ title: "Request", share: 0.7 }, { title: "Identity → entitlement", share: 2.6 }, { title: "System", share: 1.4 }, { title: "State", share: 1.1 }, { title: "Asked", share: 1.3 }],
      own.map((row) => [String(row.number), `${row.identity} → ${row.entitlement}`, row.system, stateWords(row.state), formatUtc(row.askedAt)]),
    );
    const all = broken.get(id) ?? 0;
    if (own.length < all) paper.note(`The first ${number(own.length)} of ${number(all)}. All of them are in the Excel workbook of the same scope.`);
  }
}

async function reconciliations(paper: Paper, run: ExportRun): Promise<void> {
  paper.heading("Reconciliation");
  paper.text("Two lists that should hold the same, compared both ways.");
  const rows = (await run.reconciliations()).map(({ name, left, right, matched, onlyLeft, onlyRight, unexplained }) => [
    `${name}. ${number(left.count)} ${left.what}; ${number(right.count)} ${right.what}.`, number(matched), number(onlyLeft), number(onlyRight), number(unexplained),
  ]);
  paper.table([{ title: "Lists", share: 4 }, { title: "Both", share: 0.8, align: "right" }, { title: "First only", share: 0.9, align: "right" }, { title: "Second only", share: 1, align: "right" }, { title: "Unexplained", share: 1, align: "right" }], rows);
}

const drawnBy = { nonce: "report", stratum: "record:grant" } as const;

/** Rows that stand for the others, chosen by the recipe of every sample. */
async function samples(paper: Paper, run: ExportRun): Promise<void> {
  const root = run.standing.checkpoint?.root ?? "";
  const draw = new Draw({ root, ...drawnBy }, samplePages);
  for await (const row of run.rows()) if (row["record"] === "grant") draw.offer(row);
  const rows = draw.drawn.map(({ row }) => row);
  paper.chapter("5  Sample of chains");
  paper.text(
    rows.length === 0
      ? "There is no grant in this scope, so there is none to show."
      : `${formatPlural(rows.length, "grant")} out of all of this scope, the lowest by SHA-256(seed, line end, grant id). The seed is ${draw.seed}: SHA-256 of the lines sample/v1, ${root || "(no checkpoint)"}, ${drawnBy.nonce}, ${drawnBy.stratum}. For a sample that nobody can foresee, give a nonce of your own after the checkpoint was signed, on the page Sample or with a bundle: it is drawn by the same recipe.`,
  );
  for (const [index, row] of rows.entries()) samplePage(paper, row, index > 0, { reason: endReasonText, refusal: refusalText });
}

function verify(paper: Paper): void {
  paper.chapter("6  How to verify this report");
  const steps = [
    "Compute this file's SHA-256 (sha256sum report.pdf, or certutil -hashfile report.pdf SHA256 on Windows) and compare it with the one in its report card, on Curfew's page Exports, and in the ledger's event evidence.export-finished.",
    "Compare the counts of chapter 2 with the page Evidence under the same filter, and with a CSV or JSON Lines export of the same scope: they are counted by the same query.",
    "Pick any row of any chapter and open its chain in Curfew by the number of its request: each link shows the exact event behind it and its position in the ledger.",
    "To check without Curfew, ask for the evidence bundle of the same scope: it holds the events' exact bytes, the signed checkpoint, the proofs, and a verifier that needs nothing but Node.js and no network.",
    "Compare the checkpoint on the cover with the copy that was sent out of the house before: a log that was rewritten gives another root.",
  ];
  for (const [index, step] of steps.entries()) paper.text(`${index + 1}.  ${step}`, { after: 8 });
}

async function compose(run: ExportRun): Promise<Paper> {
  const filter = await filterSentence(run);
  const found: Found = { broken: await countBroken(run, run.evidence), filter };
  const title = `Evidence of access of non-human identities, ${periodOf(run).toLowerCase()}`;
  const paper = new Paper({ title, at: run.standing.at, footer: `Curfew · Evidence of access · ${periodOf(run)} · as of ledger position ${number(Number(run.standing.size))}` });
  cover(paper, run, found);
  await exceptions(paper, run, found.broken);
  await reconciliations(paper, run);
  scope(paper, run, found);
  method(paper);
  await figures(paper, run);
  await samples(paper, run);
  verify(paper);
  paper.end();
  return paper;
}

async function* write(run: ExportRun): AsyncGenerator<Uint8Array> {
  const paper = await compose(run);
  for await (const chunk of paper.doc) yield chunk as Uint8Array;
}

/** A report for people to read: cover, scope, method, figures, exceptions, sample pages, how to verify. */
export const pdf: ExportWriter = { extension: "pdf", mediaType: "application/pdf", write };
