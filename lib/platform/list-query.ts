import * as z from "zod";
import type { Sort } from "./page";

/** Longest text that is searched for; what is beyond it is cut, since no name is that long. */
const longestSearch = 200;
const mostValues = 50;

/** URL parameters come once, many times, or not at all; many values in one are separated by commas. */
function values(input: unknown): string[] {
  const texts = (Array.isArray(input) ? input : [input]).filter((value): value is string => typeof value === "string");
  return texts
    .flatMap((text) => text.split(","))
    .map(decode)
    .filter((text) => text !== "")
    .slice(0, mostValues);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}

/** A filter on words from a fixed list. Unknown words are left out: an old link still opens. */
export function manyOf<const Word extends string>(words: readonly Word[]) {
  return z
    .unknown()
    .optional()
    .transform((input): Word[] => [...new Set(values(input).flatMap((value) => words.filter((word) => word === value)))]);
}

const uuid = z.guid();

/** A filter on ids, and on `none` where nobody is there. Anything else is left out. */
export function manyIds() {
  return z
    .unknown()
    .optional()
    .transform((input) => [...new Set(values(input).filter((value) => value === "none" || uuid.safeParse(value).success))]);
}

/** Free text to search for: trimmed, cut, without control characters; empty when there is none. */
export function searchText() {
  return z.unknown().optional().transform((input) => {
    const text = Array.isArray(input) ? input[0] : input;
    // Attacker-controlled. NUL cannot be sent to PostgreSQL.
    // eslint-disable-next-line no-control-regex
    return typeof text === "string" ? text.replace(/[\u0000-\u001f\u007f]/g, " ").trim().slice(0, longestSearch) : "";
  });
}

/** `name` sorts upwards, `-name` downwards; anything else is the usual order. */
export function sortOf<const Key extends string>(keys: readonly Key[], usual: Sort<Key>) {
  return z.unknown().optional().transform((input): Sort<Key> => {
    const text = typeof input === "string" ? input : "";
    const downwards = text.startsWith("-");
    const key = keys.find((candidate) => candidate === (downwards ? text.slice(1) : text));
    return key ? { key, direction: downwards ? "desc" : "asc" } : usual;
  });
}

/** The cursor of a page, unread: `decodeCursor` judges it. */
export function cursorText() {
  return z.unknown().optional().transform((input) => (typeof input === "string" && input.length <= 2_000 ? input : null));
}
