import type * as z from "zod";
import { linesOf } from "./bytes";
import { jsonOf, readJsonLists } from "./json";
import { FileProblem } from "./problem";
import { limits } from "../rules";

/** A record of a JSON Lines file or of a JSON list; `value` is undefined where the line is no JSON. */
export type LooseRecord = { readonly line: number; readonly list: string; readonly value: unknown; readonly why?: "not-readable" | "too-long" };

/** Records of a file that is either JSON Lines, one JSON list, or an object with lists of these names. */
export async function* readRecords(source: AsyncIterable<string>, head: string, lists: readonly string[]): AsyncGenerator<LooseRecord> {
  const start = head.replace(/^\uFEFF/, "").trimStart();
  if (start.startsWith("[")) yield* readJsonLists(withoutMark(source), ["$.*"]);
  else if (isObjectOfLists(start, lists)) yield* readJsonLists(withoutMark(source), lists.map((list) => `$.${list}.*`));
  else yield* readJsonLines(source);
}

/** JSON Lines: each line an object that is complete. */
function isObjectOfLists(start: string, lists: readonly string[]): boolean {
  const first = start.slice(0, start.indexOf("\n") === -1 ? undefined : start.indexOf("\n"));
  const value = jsonOf(first);
  if (value === undefined) return true;
  return typeof value === "object" && value !== null && lists.some((list) => list in value);
}

async function* withoutMark(source: AsyncIterable<string>): AsyncGenerator<string> {
  let isFirst = true;
  for await (const piece of source) {
    yield isFirst ? piece.replace(/^\uFEFF/, "") : piece;
    if (piece !== "") isFirst = false;
  }
}

async function* readJsonLines(source: AsyncIterable<string>): AsyncGenerator<LooseRecord> {
  let broken: LooseRecord | null = null;
  for await (const { line, text } of linesOf(withoutMark(source))) {
    if (broken) yield broken;
    broken = null;
    if (text === null) yield { line, list: "", value: undefined, why: "too-long" };
    else if (text.trim() !== "") {
      const value = isTooDeep(text) ? undefined : jsonOf(text);
      if (value === undefined) broken = { line, list: "", value, why: "not-readable" };
      else yield { line, list: "", value };
    }
  }
  // The last line of a file that was cut off is told with the file, not as one bad line.
  if (broken) throw new FileProblem("truncated", { line: broken.line });
}

function isTooDeep(text: string): boolean {
  let depth = 0;
  for (const mark of text) {
    if (mark === "{" || mark === "[") depth += 1;
    else if (mark === "}" || mark === "]") depth -= 1;
    if (depth > limits.depth) return true;
  }
  return false;
}

/** Parses a record; answers the name of the first field that does not fit, never its value. */
export function fit<Schema extends z.ZodType>(schema: Schema, value: unknown): { readonly ok: true; readonly value: z.output<Schema> } | { readonly ok: false; readonly field: string | null } {
  const parsed = schema.safeParse(value);
  if (parsed.success) return { ok: true, value: parsed.data };
  const path = parsed.error.issues[0]?.path.filter((part) => typeof part === "string") ?? [];
  return { ok: false, field: path.length === 0 ? null : path.slice(0, 3).join(".") };
}
