import "server-only";
import type { CardFile } from "../../report-card";
import { columnNames } from "../../columns";
import type { ExportRun, ExportWriter } from "../run";
import { archiveOf, once, type Entry } from "./archive";

/** Beyond this many rows a data file may pass 4 GB. */
const rowsOfLargeForm = 1_000_000;

type DataFile = { readonly path: string; readonly content: AsyncIterable<Uint8Array | string>; readonly rows: number | null };

/** An archive of data files, the reconciliations beside them, and the report card over all of it. */
export function withReportCard(run: ExportRun, dataFiles: () => AsyncGenerator<DataFile, void, Entry>): AsyncIterable<Uint8Array> {
  async function* files(): AsyncGenerator<{ path: string; content: AsyncIterable<Uint8Array | string>; mayBeLarge?: boolean }, void, Entry> {
    const listed: CardFile[] = [];
    const writing = dataFiles();
    for (let next = await writing.next(); !next.done; ) {
      const { path, content, rows } = next.value;
      const entry = yield { path, content, mayBeLarge: run.counts.rows > rowsOfLargeForm };
      listed.push({ ...entry, rows });
      next = await writing.next(entry);
    }
    for (const { id, unmatched, onlyLeft, onlyRight } of await run.reconciliations()) {
      const entry = yield { path: `reconciliation/${id}.csv`, content: run.csv(unmatched) };
      listed.push({ ...entry, rows: onlyLeft + onlyRight });
    }
    yield { path: "report-card.json", content: once(await run.card(listed)) };
  }
  return archiveOf(files());
}

async function* csvData(run: ExportRun): AsyncGenerator<Uint8Array | string> {
  yield `${columnNames.join(",")}\n`;
  yield* run.data("csv");
}

async function* oneFile(file: DataFile): AsyncGenerator<DataFile, void, Entry> {
  yield await Promise.resolve(file);
}

/** Comma-separated values. */
export const csv: ExportWriter = {
  extension: "zip",
  mediaType: "application/zip",
  write: (run) => withReportCard(run, () => oneFile({ path: "chains.csv", content: csvData(run), rows: run.counts.rows })),
};

/** One JSON object a line, with exact values. */
export const jsonl: ExportWriter = {
  extension: "zip",
  mediaType: "application/zip",
  write: (run) => withReportCard(run, () => oneFile({ path: "chains.jsonl", content: run.data("jsonl"), rows: run.counts.rows })),
};
