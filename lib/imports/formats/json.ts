import { JSONParser, TokenType } from "@streamparser/json";
import { limits } from "../rules";
import { FileProblem } from "./problem";

/** A value of a JSON file: its number in the file, and the name of the list that it stands in. */
export type JsonRecord = { readonly line: number; readonly list: string; readonly value: unknown };

/** Bytes that may pass before a record is complete; beyond them it is no record. */
const longestRecord = 4 * limits.recordBytes;

/**
 * Reads the members of lists of a JSON file one by one, so that the whole is never held. Attacker-controlled: depth and the
 * size of one record are limited. What is not in one of the lists is passed over.
 */
export async function* readJsonLists(source: AsyncIterable<string>, paths: readonly string[]): AsyncGenerator<JsonRecord> {
  const parser = new JSONParser({ paths: [...paths], keepStack: false });
  let found: JsonRecord[] = [];
  let line = 0;
  let pending = 0;
  let depth = 0;
  parser.onValue = ({ value, stack }) => {
    line += 1;
    pending = 0;
    found.push({ line, list: String(stack[1]?.key ?? ""), value });
  };
  parser.onToken = ({ token }) => {
    if (token === TokenType.LEFT_BRACE || token === TokenType.LEFT_BRACKET) depth += 1;
    if (token === TokenType.RIGHT_BRACE || token === TokenType.RIGHT_BRACKET) depth -= 1;
    if (depth > limits.depth) throw new FileProblem("too-deep", { limit: limits.depth });
  };
  let problem: unknown = null;
  parser.onError = (error) => {
    problem = error;
  };
  for await (const piece of source) {
    for (let from = 0; from < piece.length; from += limits.recordBytes) {
      if (parser.isEnded && piece.slice(from).trim() === "") break;
      pending += Math.min(limits.recordBytes, piece.length - from);
      if (pending > longestRecord) throw new FileProblem("line-too-long", { line: line + 1 });
      write(parser, piece.slice(from, from + limits.recordBytes), line);
      if (problem !== null) throw problemOf(problem, line);
      yield* found;
      found = [];
    }
  }
  if (!parser.isEnded) throw new FileProblem("truncated", { line: line + 1 });
}

function write(parser: JSONParser, text: string, line: number): void {
  try {
    parser.write(text);
  } catch (error) {
    throw problemOf(error, line);
  }
}

function problemOf(error: unknown, line: number): FileProblem {
  return error instanceof FileProblem ? error : new FileProblem("not-readable", { line: line + 1 });
}

/** A JSON text, or undefined where it is none. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
