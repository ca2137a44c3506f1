import { CsvError, parse } from "csv-parse";
import { Readable } from "node:stream";
import { delimiterOf, limits } from "../rules";
import { FileProblem } from "./problem";

/** A record of a CSV, or why it cannot be read. The first record is the headings. */
export type CsvRecord = { readonly line: number; readonly cells: readonly string[] | null; readonly why?: "quotes" };

/**
 * Reads a CSV (RFC 4180) record by record: byte order mark, any line ending, quoted line breaks. Formulas are text here and
 * stay text. A record with broken quotes is told and left out.
 */
export async function* readCsv(source: AsyncIterable<string>, head: string): AsyncGenerator<CsvRecord> {
  const broken: CsvRecord[] = [];
  const parser = parse({
    bom: true,
    delimiter: delimiterOf(head.replace(/^\uFEFF/, "").split(/\r?\n|\r/, 1)[0] ?? ""),
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    info: true,
    max_record_size: limits.recordBytes,
    on_skip: (error) => {
      if (!(error instanceof CsvError)) return undefined;
      // The parser would go on in the middle of such a record and find the next one too long, and the next; and a quote that
      // is never closed has swallowed the rest of the file.
      if (error.code === "CSV_MAX_RECORD_SIZE" || error.code === "CSV_QUOTE_NOT_CLOSED") parser.destroy(csvProblem(error));
      else broken.push({ line: Number(error["lines"] ?? 0), cells: null, why: "quotes" });
      return undefined;
    },
  });
  const input = Readable.from(source, { objectMode: false });
  let failure: unknown = null;
  input.once("error", (error) => {
    failure = error;
    parser.destroy(error);
  });
  try {
    for await (const { record, info } of input.pipe(parser) as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      if (broken.length > 0) yield* broken.splice(0);
      yield { line: info.lines, cells: record };
    }
    yield* broken.splice(0);
  } catch (error) {
    if (failure !== null) throw failure;
    if (error instanceof CsvError) throw csvProblem(error);
    throw error;
  } finally {
    input.destroy();
    parser.destroy();
  }
}

function csvProblem(error: CsvError): FileProblem {
  const line = Number(error["lines"] ?? 0);
  if (error.code === "CSV_QUOTE_NOT_CLOSED") return new FileProblem("truncated", { line });
  return new FileProblem(error.code === "CSV_MAX_RECORD_SIZE" ? "line-too-long" : "not-readable", { line });
}
