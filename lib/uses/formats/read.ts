import { unpacked, type Meter } from "@/lib/imports/formats/bytes";
import { readJsonLists } from "@/lib/imports/formats/json";
import { FileProblem } from "@/lib/imports/formats/problem";
import type { LogLine, SourceFormat } from "../types";
import { readCloudTrail } from "./cloudtrail";
import { readGitHub } from "./github";
import { readKubernetes } from "./kubernetes";
import { readOpenBao } from "./openbao";
import { readCsvRecord, readJsonRecord } from "./postgres";
import { readSshd } from "./sshd";
import type { RecordReading } from "./use";

export { FileProblem, type Meter };

/** One line or record beyond this is not taken. */
const longestLine = 1_048_576;
const headLength = 2_048;
/** Brackets inside brackets: a reader that goes down by itself must not be led too deep. */
const deepest = 100;

const ofValue = { cloudtrail: readCloudTrail, "kubernetes-audit": readKubernetes, "openbao-audit": readOpenBao, "github-audit": readGitHub } as const;

function jsonRecord(text: string, read: (value: unknown) => RecordReading): RecordReading {
  if (depthOf(text) > deepest) return { rejected: "too-deep" };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { rejected: "not-json" };
  }
  return read(value);
}

function depthOf(text: string): number {
  let depth = 0;
  let most = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === 0x7b || code === 0x5b) most = Math.max(most, (depth += 1));
    else if (code === 0x7d || code === 0x5d) depth -= 1;
  }
  return most;
}

/** Reads one record of a log. Never throws: what cannot be read is rejected, with the reason. */
export function readRecord(text: string, format: SourceFormat): RecordReading {
  switch (format) {
    case "postgres-jsonlog":
      return readJsonRecord(text);
    case "postgres-csvlog":
      return readCsvRecord(text);
    case "sshd":
      return readSshd(text);
    default:
      return jsonRecord(text, ofValue[format]);
  }
}

const lineOf = (line: number, reading: RecordReading): LogLine => ("rejected" in reading ? { line, at: null, ...reading } : { line, ...reading });

/** The text of a log. Logs hold what clients send: bytes that are no UTF-8 are replaced, not refused. */
async function* textOf(source: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8");
  for await (const chunk of source) yield decoder.decode(chunk, { stream: true });
  yield decoder.decode();
}

async function* again(head: string, rest: AsyncIterator<string>): AsyncGenerator<string> {
  yield head;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}

/** A record of a log as text with the line that it ends on; null where it is too long to be taken. */
type Record = { readonly line: number; readonly text: string | null };

/** Records parted by line ends; in a CSV only by those outside of quotes. */
async function* recordsOf(source: AsyncIterable<string>, isCsv: boolean): AsyncGenerator<Record> {
  let line = 0;
  let held: string[] = [];
  let length = 0;
  let quotes = 0;
  let rest = "";
  function* take(text: string): Generator<Record> {
    line += 1;
    if (isCsv) quotes += countQuotes(text);
    length += text.length + 1;
    if (length <= longestLine) held.push(text);
    // A quote that is never closed must not swallow the rest of the log.
    if (isCsv && quotes % 2 === 1 && length <= longestLine) return;
    yield { line, text: length > longestLine ? null : held.join("\n").replace(/\r$/, "") };
    held = [];
    length = 0;
    quotes = 0;
  }
  for await (const piece of source) {
    let from = 0;
    for (let end = piece.indexOf("\n"); end !== -1; end = piece.indexOf("\n", from)) {
      const text = rest + piece.slice(from, end);
      rest = "";
      from = end + 1;
      if (text !== "" || held.length > 0) yield* take(text);
      else line += 1;
    }
    rest += piece.slice(from);
    if (rest.length > longestLine) {
      // Of a line that is too long nothing is kept but that there was one.
      length += rest.length;
      rest = "";
    }
  }
  if (rest !== "" || length > 0) yield* take(rest);
  if (held.length > 0) yield { line, text: null };
}

function countQuotes(text: string): number {
  let count = 0;
  for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', at + 1)) count += 1;
  return count;
}

/** Lists in which the records of a whole JSON document stand; null where each line is a record of its own. */
function listsIn(head: string, format: SourceFormat): readonly string[] | null {
  const start = head.trimStart();
  if (start.startsWith("[")) return ["$.*"];
  if (/^\{\s*"events"\s*:\s*\[/.test(start)) return ["$.events.*"];
  if (format === "cloudtrail" && /^\{\s*"(?:Records|Events|NextToken)"\s*:/.test(start)) return ["$.Records.*", "$.Events.*"];
  if (format === "kubernetes-audit" && /^\{[^[\]]{0,300}"items"\s*:\s*\[/.test(start)) return ["$.items.*"];
  return null;
}

async function* documentLines(source: AsyncIterable<string>, lists: readonly string[], format: keyof typeof ofValue): AsyncGenerator<LogLine> {
  let line = 0;
  try {
    for await (const record of readJsonLists(source, lists)) {
      line = record.line;
      yield lineOf(line, ofValue[format](record.value));
    }
  } catch (error) {
    // What was read so far is whole; the rest cannot be found any more.
    if (!(error instanceof FileProblem)) throw error;
    yield { line: line + 1, at: null, rejected: error.failure === "truncated" ? "broken-off" : error.failure === "too-deep" ? "too-deep" : error.failure === "line-too-long" ? "too-long" : "not-json" };
  }
}

/** Reads a log from its bytes, packed or not, as lines with what they tell. Memory does not grow with it. */
export async function* readLog(source: AsyncIterable<Uint8Array>, format: SourceFormat, meter: Meter): AsyncGenerator<LogLine> {
  const texts = textOf(unpacked(source, meter))[Symbol.asyncIterator]();
  let head = "";
  while (head.length < headLength) {
    const next = await texts.next();
    if (next.done) break;
    head += next.value;
  }
  head = head.replace(/^\uFEFF/, "");
  const text = again(head, texts);
  const lists = format in ofValue ? listsIn(head.slice(0, headLength), format) : null;
  if (lists !== null) yield* documentLines(text, lists, format as keyof typeof ofValue);
  else yield* readLines(text, format);
}

/** Reads a log that is text already. */
export async function* readLines(source: AsyncIterable<string>, format: SourceFormat): AsyncGenerator<LogLine> {
  for await (const { line, text } of recordsOf(source, format === "postgres-csvlog")) {
    if (text === null) yield { line, at: null, rejected: "too-long" };
    else if (text.trim() !== "") yield lineOf(line, readRecord(text, format));
  }
}
