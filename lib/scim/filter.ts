import { parse, type Filter } from "scim2-parse-filter";
import type { Condition, ScimResult } from "./types";

const invalid = (detail: string) => ({ ok: false, refusal: { status: 400, scimType: "invalidFilter", detail } }) as const;

/** Attributes are told apart without their case (RFC 7643 §2.1), and may name their schema. */
const bare = (path: string) => path.replace(/^urn:ietf:params:scim:schemas:core:2\.0:(User|Group):/i, "").toLowerCase();

function conditionsOf(filter: Filter, allowed: readonly string[]): Condition[] | null {
  if (filter.op === "and" && "filters" in filter) {
    const parts = filter.filters.map((part) => conditionsOf(part, allowed));
    return parts.every((part) => part !== null) ? parts.flat() : null;
  }
  if (filter.op === "[]" && "valFilter" in filter) {
    const inner = filter.valFilter;
    if (inner.op !== "eq" || !("compValue" in inner) || bare(inner.attrPath) !== "value") return null;
    return conditionsOf({ ...inner, attrPath: `${filter.attrPath}.value` }, allowed);
  }
  if (filter.op !== "eq" || !("compValue" in filter)) return null;
  const attribute = bare(filter.attrPath) === "members" ? "members.value" : bare(filter.attrPath);
  const { compValue } = filter;
  if (!allowed.includes(attribute) || (typeof compValue !== "string" && typeof compValue !== "boolean")) return null;
  return [{ attribute, value: compValue }];
}

/**
 * Reads a filter. Understood is what directories ask: equality of the attributes in `allowed`, joined by `and`. Everything
 * else is refused rather than answered with too much. Attacker-controlled.
 */
export function readFilter(text: string | undefined, allowed: readonly string[]): ScimResult<readonly Condition[]> {
  if (text === undefined || text.trim() === "") return { ok: true, value: [] };
  let filter: Filter;
  try {
    filter = parse(text);
  } catch {
    return invalid("The filter could not be read.");
  }
  const conditions = conditionsOf(filter, allowed);
  if (!conditions || conditions.length > 5) return invalid(`Filters compare by eq, joined by and, one of: ${allowed.join(", ")}.`);
  return { ok: true, value: conditions };
}
