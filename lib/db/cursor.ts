import * as z from "zod";
import type { Sort } from "@/lib/platform/page";

/** The place of one row in a sorted list. Dates are ISO text; null stands behind all values. */
export type CursorPlace = { readonly value: string | number | null; readonly id: string };

const version = 1;
const longest = 1_500;

const cursorSchema = z.strictObject({
  v: z.literal(version),
  s: z.string().max(64),
  k: z.union([z.string().max(512), z.number(), z.null()]),
  i: z.guid(),
});

/** Name of a sort order; a cursor of another order means nothing in this one. */
export function sortName(sort: Sort): string {
  return `${sort.key}:${sort.direction}`;
}

/** Writes a place as URL-safe text, bound to its sort order. */
export function encodeCursor(sort: Sort, place: CursorPlace): string {
  const fields = { v: version, s: sortName(sort), k: place.value, i: place.id } satisfies z.input<typeof cursorSchema>;
  return Buffer.from(JSON.stringify(fields)).toString("base64url");
}

/** Reads a cursor from a URL. Attacker-controlled: what is malformed or of another sort order is null, the first page. */
export function decodeCursor(text: string | null | undefined, sort: Sort): CursorPlace | null {
  if (!text || text.length > longest) return null;
  const parsed = cursorSchema.safeParse(parseJson(Buffer.from(text, "base64url").toString()));
  if (!parsed.success || parsed.data.s !== sortName(sort)) return null;
  const { k: value, i: id } = parsed.data;
  return typeof value === "string" && value.includes("\u0000") ? null : { value, id };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
