import "server-only";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { Prisma } from "@/lib/db/generated/client";
import { db } from "@/lib/db/client";
import { exportVerifierKeys, logVerifierKeys, signEvidence } from "@/lib/ledger/tree/keys";
import { tlogProof } from "@/lib/ledger/tree/proofs";
import packageJson from "@/package.json";
import { columnNames } from "../columns";
import type { ExportRun } from "../exports/run";
import type { CardFile } from "../report-card";
import { Draws, sampleList } from "../sampling";
import type { SampleAsked } from "../types";
import { archiveOf, type BundleFile, type Written } from "./archive";
import { clearLines, consistencyText, entryLines, locator, logPartOf, rangeText, type LogPart } from "./log-files";
import { envelopeOf, manifestPayload, manifestType } from "./manifest";
import { readme } from "./readme";
import { chainEventsSql, policiesSql, proofsSql, ticketsSql } from "./scope";
import { stampFiles } from "./stamps";

/** Beyond this many entries of the log, or rows, a file may pass 4 GB. */
const entriesOfLargeForm = 500_000;

type Large = () => AsyncIterable<Uint8Array>;
type Planned = { readonly name: string; readonly content: Uint8Array | Large; readonly rows: number | null; readonly mayBeLarge?: boolean };

const text = (content: string) => new Uint8Array(Buffer.from(content, "utf8"));

/**
 * Writes a bundle: what the export holds as rows, the part of the log behind it with its proofs, what stands beside it, and the
 * verifier, all under one signature. Streams; memory does not grow with the data.
 */
export async function* writeBundle(run: ExportRun, sample: SampleAsked | null): AsyncGenerator<Uint8Array> {
  const part = await logPartOf(run);
  yield* archiveOf(filesOf(run, part, sample));
}

async function* filesOf(run: ExportRun, part: LogPart, sample: SampleAsked | null): AsyncGenerator<BundleFile, void, Written> {
  const written: Written[] = [];
  const listed: CardFile[] = [];
  const planned = await plan(run, part, sample);
  for (const { name, content, rows, mayBeLarge = false } of planned) {
    const done = yield typeof content === "function" ? { name, stream: content(), mayBeLarge } : { name, whole: content };
    written.push(done);
    listed.push({ path: name, sha256: done.sha256, bytes: done.bytes, rows });
  }
  written.push(yield { name: "report-card.json", whole: text(await run.card(listed)) });
  const payload = manifestPayload(written, { reportId: run.exportId, checkpoint: part.checkpoint.note, curfewVersion: packageJson.version });
  yield { name: "manifest.dsse.json", whole: envelopeOf(payload, await signEvidence(manifestType, payload)) };
}

/** All files but the last two, in the order of their names. */
async function plan(run: ExportRun, part: LogPart, sample: SampleAsked | null): Promise<Planned[]> {
  const isLarge = part.to - part.from > entriesOfLargeForm || run.counts.rows > entriesOfLargeForm;
  const stream = (name: string, content: Large, rows: number | null = null): Planned => ({ name, content, rows, mayBeLarge: isLarge });
  const whole = (name: string, content: string): Planned => ({ name, content: text(content), rows: null });
  const consistency = await consistencyText(part);
  const reconciliations = await run.reconciliations();
  const files = [
    whole("README.txt", readme),
    stream("chains.csv", () => csvOf(run), run.counts.rows),
    stream("chains.jsonl", () => run.data("jsonl"), run.counts.rows),
    stream("clear.jsonl", () => clearLines(run, part)),
    whole("keys/export.vkey", `${(await exportVerifierKeys()).map(({ vkey }) => vkey).join("\n")}\n`),
    whole("keys/log.vkey", `${(await logVerifierKeys()).map(({ vkey }) => vkey).join("\n")}\n`),
    ...(await announcements(part)),
    whole("log/checkpoint.txt", part.checkpoint.note),
    ...(consistency === null ? [] : [whole("log/consistency-from-previous.txt", consistency)]),
    stream("log/entries.jsonl", () => entryLines(run, part), Number(part.to - part.from)),
    stream("log/locator.bin", () => locator(run, part)),
    whole("log/range.json", await rangeText(part)),
    ...(await stampFiles(part.previous)).map((file) => ({ ...file, rows: null })),
    stream("passkey-proofs.jsonl", () => run.lines(proofsSql(run.evidence))),
    stream("policies.jsonl", () => run.lines(policiesSql(run.evidence))),
    ...reconciliations.map(({ id, unmatched, onlyLeft, onlyRight }) => stream(`reconciliation/${id}.csv`, () => run.csv(unmatched), onlyLeft + onlyRight)),
    ...(sample ? await sampleFiles(run, part, sample) : []),
    stream("tickets.jsonl", () => run.lines(ticketsSql(run.evidence))),
    { name: "verify/verify.mjs", content: new Uint8Array(await readFile(path.join(process.cwd(), "public/verify.mjs"))), rows: null },
  ];
  return files.sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function* csvOf(run: ExportRun): AsyncGenerator<Uint8Array> {
  yield text(`${columnNames.join(",")}\n`);
  yield* run.data("csv");
}

/** For each key: the event that announced it, with its proof, so that whoever trusts the log need trust no other key. */
async function announcements(part: LogPart): Promise<Planned[]> {
  const rows = await db.$queryRaw<{ position: bigint; body: Uint8Array; id: string | null }[]>(Prisma.sql`
    select n.position, v.body, convert_from(v.body, 'UTF8')::jsonb -> 'data' ->> 'keyId' as id
    from ledger.log_key k join ledger.entry n on n.event_id = k.event_id join ledger.event v on v.id = k.event_id
    where n.position < ${part.checkpoint.size}::bigint order by n.position`);
  const files: Planned[] = [];
  for (const { position, body, id } of rows) {
    if (id === null) continue;
    files.push({ name: `keys/${id}.json`, content: body, rows: null }, { name: `keys/${id}.tlog-proof`, content: text(await tlogProof(position, part.checkpoint)), rows: null });
  }
  return files;
}

/** The sample: how it was drawn, what was drawn, and each record with its events and their proofs. */
async function sampleFiles(run: ExportRun, part: LogPart, { nonce, count, strata }: SampleAsked): Promise<Planned[]> {
  const by = part.previous ?? part.checkpoint;
  const drawing = new Draws({ root: Buffer.from(by.root).toString("base64"), nonce, count, strata });
  for await (const row of run.rows()) {
    // What came after the checkpoint that decides could have been made to fit the nonce.
    if (Number(row["ledger_first"] ?? by.size) < Number(by.size)) drawing.offer(row);
  }
  const { draws, each } = drawing.finish();
  const parameters = { nonce, count: each, strata: draws.map(({ stratum }) => stratum), checkpoint: part.previous ? "previous" : "this" };
  const files: Planned[] = [
    { name: "sample/parameters.json", content: text(`${JSON.stringify(parameters)}\n`), rows: null },
    { name: "sample/sample.csv", content: text(sampleList(draws)), rows: draws.reduce((sum, { drawn }) => sum + drawn.length, 0) },
  ];
  const records = new Map(draws.flatMap(({ drawn }) => drawn.map(({ record, row }) => [record, row] as const)));
  for (const [id, row] of records) {
    files.push({ name: `sample/${id}/record.json`, content: text(`${JSON.stringify(row)}\n`), rows: null });
    const requestId = row["request_id"] === null ? null : String(row["request_id"]);
    const inSnapshot = await run.query<{ position: string; body: string }>(chainEventsSql({ requestId, position: Number(row["ledger_first"]) }));
    const late = [...part.late.values()].filter(({ body }) => requestId !== null && body.includes(`"request":"${requestId}"`));
    for (const { position, body } of [...inSnapshot, ...late]) {
      files.push({ name: `sample/${id}/${position}.json`, content: text(body), rows: null });
      files.push({ name: `sample/${id}/${position}.tlog-proof`, content: text(await tlogProof(BigInt(position), part.checkpoint)), rows: null });
    }
  }
  return files;
}
