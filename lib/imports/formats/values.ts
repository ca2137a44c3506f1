import { limits } from "../rules";
import type { ReadLine, Rejection, RejectionCode, StagedRow } from "../types";

/** A value that a line may not have. */
export class Unfit {
  readonly code: RejectionCode;
  readonly field: string;

  constructor(code: RejectionCode, field: string) {
    this.code = code;
    this.field = field;
  }
}

/** Joins an identity and an entitlement into one key. */
export const joined = (identity: string, entitlement: string): string => `${identity}\u001f${entitlement}`;

// Attacker-controlled: these would forge lines of a log or turn text around on a screen.
// eslint-disable-next-line no-control-regex
const controls = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u202a-\u202e\u2066-\u2069]/;

/** Text of a field: trimmed, with line breaks as spaces, no longer than it may be. Null where it is empty. */
export function text(value: string | null | undefined, field: string, longest: number = limits.text): string | null | Unfit {
  if (value === null || value === undefined) return null;
  if (value.length > longest * 4) return new Unfit("too-long", field);
  const plain = value.replace(/[\r\n\t]+/g, " ").trim();
  if (plain === "") return null;
  if (controls.test(plain)) return new Unfit("control-characters", field);
  return plain.length > longest ? new Unfit("too-long", field) : plain;
}

const nothing = /^(?:n\/?a|none|null|nil|never|unknown|no_information|not_supported|-|—)$/i;
/** Before computers, and beyond every certificate: such a time is a fault of the file. */
const earliest = Date.UTC(1970, 0, 1);
const latest = Date.UTC(2200, 0, 1);
const timeForm = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?: ?(?:Z|UTC|[+-]\d{2}:?\d{2}))?)?$/i;

/** A time as ISO text in UTC: ISO 8601 with or without zone (then UTC), or epoch seconds or milliseconds. */
export function time(value: string | number | null | undefined, field: string): string | null | Unfit {
  if (value === null || value === undefined || value === "") return null;
  const raw = typeof value === "number" ? String(value) : value.trim();
  if (raw === "" || nothing.test(raw)) return null;
  const at = /^\d{9,10}$/.test(raw) ? Number(raw) * 1_000 : /^\d{12,13}$/.test(raw) ? Number(raw) : written(raw);
  return at === null || Number.isNaN(at) || at < earliest || at > latest ? new Unfit("value", field) : new Date(at).toISOString();
}

function written(raw: string): number | null {
  if (!timeForm.test(raw)) return null;
  const zoned = raw.replace(/ ?UTC$/i, "Z").replace(/^(\d{4}-\d{2}-\d{2}) /, "$1T").replace(/ (?=[+-]\d{2}:?\d{2}$)/, "").replace(/([+-]\d{2})(\d{2})$/, "$1:$2");
  const parsed = Date.parse(/T/.test(zoned) && !/(?:Z|[+-]\d{2}:\d{2})$/i.test(zoned) ? `${zoned}Z` : zoned);
  // 30 February is read as 2 March by some engines.
  return Number.isNaN(parsed) || !isDay(raw) ? null : parsed;
}

function isDay(raw: string): boolean {
  const [year = 0, month = 0, day = 0] = raw.slice(0, 10).split("-").map(Number);
  return month >= 1 && month <= 12 && day >= 1 && day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/** Yes or no, as files say it. */
export function flag(value: string | boolean | null | undefined, field: string): boolean | null | Unfit {
  if (typeof value === "boolean") return value;
  const word = value?.trim().toLowerCase() ?? "";
  if (word === "" || nothing.test(word)) return null;
  if (/^(?:true|yes|y|1|enabled|active|on)$/.test(word)) return true;
  if (/^(?:false|no|n|0|disabled|inactive|off|revoked|expired)$/.test(word)) return false;
  return new Unfit("value", field);
}

/** A list of short texts, from a list or from one text with commas, semicolons or bars between. */
export function list(value: string | readonly string[] | null | undefined, field: string): readonly string[] | Unfit {
  const parts = typeof value === "string" ? value.split(/[,;|\n]/) : (value ?? []);
  if (parts.length > 200) return new Unfit("too-long", field);
  const texts: string[] = [];
  for (const part of parts) {
    const one = text(part, field, 200);
    if (one instanceof Unfit) return one;
    if (one !== null && !texts.includes(one)) texts.push(one);
  }
  return texts;
}

/** The later of two ISO times. */
export function later(a: string | null | undefined, b: string | null | undefined): string | null {
  if (!a || !b) return a || b || null;
  return a > b ? a : b;
}

/** A line that is not taken. */
export function rejected(line: number, { code, field, about = null }: { code: RejectionCode; field: string | null; about?: string | null }): ReadLine {
  const rejection: Rejection = { code, field, about };
  return { line, rejected: rejection };
}

type OfKind<Kind extends StagedRow["kind"]> = Extract<StagedRow, { kind: Kind }>;

/** Builds a row for an identity. */
export function identityRow(key: string, facts: OfKind<"identity">["facts"], rank: 0 | 1 = 0): StagedRow {
  return { kind: "identity", key, ref: key, ref2: "", rank, facts };
}

/** Builds a row for a credential of an identity. */
export function credentialRow(key: string, identity: string, facts: OfKind<"credential">["facts"]): StagedRow {
  return { kind: "credential", key, ref: identity, ref2: "", rank: 0, facts };
}

/** Builds a row for an entitlement; its key is its name on the system. */
export function entitlementRow(key: string, facts: OfKind<"entitlement">["facts"], rank: 0 | 1 = 0): StagedRow {
  return { kind: "entitlement", key, ref: "", ref2: key, rank, facts };
}

/** Builds a row for what an identity holds. */
export function assignmentRow(identity: string, entitlement: string, path: readonly string[]): StagedRow {
  return { kind: "assignment", key: joined(identity, entitlement), ref: identity, ref2: entitlement, rank: 0, facts: { path } };
}
