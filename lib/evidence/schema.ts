import * as z from "zod";
import type { Bound } from "@/lib/auth/actor";
import { sensitivities } from "@/lib/entitlements/types";
import { findingKinds } from "@/lib/findings/rules";
import { endReasons, grantStates } from "@/lib/grants/types";
import { identityKinds } from "@/lib/identities/types";
import { cursorText, sortOf } from "@/lib/platform/list-query";
import { strataOf } from "./sampling";
import { chainStates, exportFormats, sampleStrata, sealStates, useMatches } from "./types";

const mostValues = 50;
const dayMs = 86_400_000;

/** Several values in one parameter, separated by commas. */
const list = z
  .string()
  .max(2_500, "Too many values in one filter.")
  .transform((text) => [...new Set(text.split(",").map((part) => part.trim()).filter(Boolean))])
  .pipe(z.array(z.string()).max(mostValues, `At most ${mostValues} values in one filter.`));

const wordsOf = <const Word extends string>(words: readonly Word[], what: string) =>
  list.pipe(z.array(z.enum(words, { error: `There is no such ${what}.` }))).default([]);
const ids = list.pipe(z.array(z.guid("Not an id."))).default([]);
const choice = z.enum(["yes", "no"], { error: "Say yes or no." }).optional();
const day = z.iso
  .date("Give a day as year-month-day, for example 2026-11-01.")
  .refine((text) => text >= "2000-01-01" && text <= "2999-12-31", "Give a day between 2000 and 2999.")
  .optional();

/**
 * What the evidence can be filtered by: one field per URL parameter. The export refuses what does not fit, since leaving a
 * filter out would answer another question; the list leaves it out and says so.
 */
const fields = {
  q: z.string().trim().max(100, "At most 100 characters.").default(""),
  state: wordsOf(chainStates, "state"),
  grant: wordsOf(grantStates, "state of a grant"),
  reason: wordsOf(endReasons, "reason of an end"),
  unproven: z.literal("yes", "Say yes, or leave it out.").optional(),
  identity: ids,
  entitlement: ids,
  system: ids,
  requester: ids,
  approver: ids,
  sensitivity: wordsOf(sensitivities, "sensitivity"),
  kind: wordsOf(identityKinds, "kind of identity"),
  environment: list.default([]),
  finding: wordsOf(findingKinds, "kind of finding"),
  seal: wordsOf(sealStates, "state of a chain"),
  match: wordsOf(useMatches, "match of a use"),
  ticket: choice,
  emergency: choice,
  passkey: choice,
  demo: choice,
  from: day,
  to: day,
} as const;

const filterSchema = z
  .object(fields)
  .refine(({ from, to }) => !from || !to || from <= to, { path: ["to"], error: "The period ends before it begins." });

/** A filter over the evidence. */
export type EvidenceFilter = z.output<typeof filterSchema>;

export type FilterKey = keyof typeof fields;
export const filterKeys = Object.keys(fields) as FilterKey[];

/** Nothing filtered. */
export const everything: EvidenceFilter = filterSchema.parse({});

/** What is wrong with one parameter of a URL. */
export type FilterProblem = { readonly field: string; readonly message: string };

type Parameters = Readonly<Record<string, string | readonly string[] | undefined>>;

function textOf(input: string | readonly string[] | undefined): string | undefined {
  const text = typeof input === "string" ? input : input?.join(",");
  return text === undefined || text.trim() === "" ? undefined : text;
}

/** Reads a filter from a URL. Attacker-controlled: what does not fit is left out and told. */
export function readFilter(parameters: Parameters): { readonly filter: EvidenceFilter; readonly problems: readonly FilterProblem[] } {
  const problems: FilterProblem[] = [];
  const kept: Record<string, string> = {};
  for (const key of filterKeys) {
    const text = textOf(parameters[key]);
    if (text === undefined) continue;
    const parsed = text.includes("\0") ? null : fields[key].safeParse(text);
    if (parsed?.success) kept[key] = text;
    else problems.push({ field: key, message: parsed?.error.issues[0]?.message ?? "It holds a character that cannot be stored." });
  }
  const parsed = filterSchema.safeParse(kept);
  if (parsed.success) return { filter: parsed.data, problems };
  const { from: _from, to: _to, ...rest } = kept;
  problems.push({ field: "to", message: "The period ends before it begins." });
  return { filter: filterSchema.parse(rest), problems };
}

/** A filter as the parameters of a URL: what is set, in a fixed order. The same filter gives the same text everywhere. */
export function filterParameters(filter: EvidenceFilter): Record<string, string> {
  const parameters: Record<string, string> = {};
  for (const key of filterKeys) {
    const value = filter[key];
    const text = value === undefined || typeof value === "string" ? value : [...value].sort().join(",");
    if (text) parameters[key] = text;
  }
  return parameters;
}

/** The period in exact times: from the first moment of the first day to the first moment after the last one. */
export function periodOf({ from, to }: Pick<EvidenceFilter, "from" | "to">): { readonly from: Date | null; readonly to: Date | null } {
  return {
    from: from ? new Date(`${from}T00:00:00.000Z`) : null,
    to: to ? new Date(Date.parse(`${to}T00:00:00.000Z`) + dayMs) : null,
  };
}

/** No system has this id. */
const nowhere = "00000000-0000-0000-0000-000000000000";

/** What a filter leaves of an engagement: its own period and systems, cut to those of the engagement. */
export function withinBound(filter: EvidenceFilter, bound: Bound | undefined): EvidenceFilter {
  if (!bound) return filter;
  const from = filter.from && filter.from > bound.fromDay ? filter.from : bound.fromDay;
  const to = filter.to && filter.to < bound.toDay ? filter.to : bound.toDay;
  const all = bound.systemIds.length === 0 ? filter.system : bound.systemIds;
  const system = filter.system.length === 0 ? [...all] : filter.system.filter((id) => all.includes(id));
  const isNothing = bound.isOver || from > to || (system.length === 0 && all.length > 0);
  return isNothing ? { ...filter, from: bound.fromDay, to: bound.toDay, system: [nowhere] } : { ...filter, from, to, system };
}

/** Where the list stands: its order and its page. */
export const evidencePageSchema = z.object({
  sort: sortOf(["asked"], { key: "asked", direction: "desc" }),
  after: cursorText(),
  before: cursorText(),
});
export type EvidencePageQuery = z.output<typeof evidencePageSchema>;

/** The fields of a filter as they come in a strict question, where nothing may be left out. */
const asked = Object.fromEntries(filterKeys.map((key) => [key, z.string().optional()]));

function strictly(parameters: Readonly<Record<string, unknown>>, context: z.RefinementCtx): EvidenceFilter {
  const set = Object.fromEntries(Object.entries(parameters).filter(([, text]) => typeof text === "string" && text.trim() !== ""));
  const parsed = filterSchema.safeParse(set);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) context.addIssue({ code: "custom", path: issue.path, message: issue.message });
  return z.NEVER;
}

/** What an export is asked for. Fields that are not known are refused: a misspelt filter would export more than was meant. */
export const exportSchema = z
  .strictObject({
    ...asked,
    format: z.enum(exportFormats, { error: "Choose a format." }),
    nonce: z.string().trim().regex(/^(|[A-Za-z0-9_-]{6,64})$/, "6 to 64 letters, digits, hyphens and underscores.").optional(),
    by: z.enum(sampleStrata, { error: "Choose what to draw from." }).optional(),
    each: z.coerce.number<string>("Give a whole number.").int("Give a whole number.").min(1, "At least 1.").max(100, "At most 100.").optional(),
  })
  .transform(({ format, nonce, by = "all", each = 25, ...parameters }, context) => ({
    format,
    filter: strictly(parameters, context),
    sample: format === "bundle" && nonce ? { nonce, count: each, strata: strataOf(by) } : null,
  }));

/** Of which rows the series are asked. Strict for the same reason. */
export const seriesSchema = z.strictObject(asked).transform(strictly);

/** Which chain: an id in a path; anything else is "not found". */
export const chainIdSchema = z.guid();

const refusedPrefix = "00000000-0000-0000-";

/** An ask that was refused is no request and has no id of its own: its event's number, in the form of one. */
export function refusedAskId(eventId: bigint): string {
  const hex = eventId.toString(16).padStart(16, "0");
  return `${refusedPrefix}${hex.slice(0, 4)}-${hex.slice(4)}`;
}

/** The event behind such an id, or null where it is an id like others. */
export function refusedAskEvent(id: string): bigint | null {
  if (!id.startsWith(refusedPrefix)) return null;
  return BigInt(`0x${id.slice(refusedPrefix.length).replace("-", "")}`);
}

/** Which event of the ledger, by its number there. */
export const eventParametersSchema = z.object({ eventId: z.string().regex(/^[1-9][0-9]{0,17}$/).transform(BigInt) });

/** Which export. */
export const exportIdSchema = z.object({ exportId: z.uuid() });

/** What a sample is drawn with. The nonce is no free text: it stands in the ledger for ever. */
export const sampleSchema = z.object({
  size: z.string().regex(/^[0-9]{1,15}$/).transform(BigInt),
  nonce: z.string().trim().regex(/^[A-Za-z0-9_-]{6,64}$/, "6 to 64 letters, digits, hyphens and underscores."),
  by: z.enum(sampleStrata, { error: "Choose what to draw from." }),
  each: z.coerce.number<string>("Give a whole number.").int("Give a whole number.").min(1, "At least 1.").max(100, "At most 100."),
  from: day.or(z.literal("").transform(() => undefined)),
  to: day.or(z.literal("").transform(() => undefined)),
});

/** Where the list of exports stands. */
export const exportListSchema = z.object({ sort: sortOf(["requested"], { key: "requested", direction: "desc" }), after: cursorText(), before: cursorText() });
