import type * as z from "zod";

/** Longest text that is taken anywhere without a route or action saying otherwise. */
export const defaultMaxLength = 10_000;

const fieldName = /^[A-Za-z][\w.-]{0,63}$/;
const mostFields = 500;
const deepest = 20;

/** What is wrong with a text before anybody looks at its meaning, or null. Attacker-controlled input. */
export function textProblem(text: string, maxLength: number): string | null {
  // PostgreSQL's text cannot hold NUL, and UTF-8 cannot hold half a surrogate pair.
  if (text.includes("\0")) return "Remove the NUL character: it cannot be stored.";
  if (!text.isWellFormed()) return "Remove the broken character: it cannot be stored.";
  if (text.length > maxLength) {
    return `At most ${maxLength.toLocaleString("en")} characters; this has ${text.length.toLocaleString("en")}.`;
  }
  return null;
}

/** A form as it came in: texts, lists, and what is wrong at the border. */
export type FormReading = {
  readonly values: Record<string, string>;
  readonly lists: Record<string, string[]>;
  readonly problems: Record<string, string[]>;
};

/**
 * Reads a form's fields. Names in `lists` may occur any number of times; of others the last one counts, as with a plain
 * HTML form's hidden default. Attacker-controlled input: unknown names are harmless, since the schema drops them.
 */
export function readForm(
  entries: Iterable<readonly [string, unknown]>,
  { lists = [], maxLength = defaultMaxLength }: { lists?: readonly string[]; maxLength?: number } = {},
): FormReading {
  const reading: FormReading = { values: {}, lists: Object.fromEntries(lists.map((name) => [name, []])), problems: {} };
  let count = 0;
  for (const [name, value] of entries) {
    // React's own fields, and names that no form of ours has (`__proto__` among them).
    if (name.startsWith("$ACTION") || !fieldName.test(name)) continue;
    if (++count > mostFields) {
      reading.problems[""] = [`At most ${mostFields} fields can be sent at once.`];
      break;
    }
    if (typeof value !== "string") {
      reading.problems[name] = ["A file cannot be sent here."];
      continue;
    }
    const problem = textProblem(value, maxLength);
    if (problem) reading.problems[name] = [problem];
    const shown = value.replaceAll("\0", "").toWellFormed();
    if (lists.includes(name)) reading.lists[name]?.push(shown);
    else reading.values[name] = shown;
  }
  return reading;
}

/** What is wrong with the texts of a parsed JSON body, by path, before anybody looks at their meaning. */
export function jsonProblems(value: unknown, maxLength = defaultMaxLength): { field: string; message: string }[] {
  const problems: { field: string; message: string }[] = [];
  const visit = (part: unknown, path: string, depth: number): void => {
    if (problems.length >= 10) return;
    if (depth > deepest) {
      problems.push({ field: path, message: `At most ${deepest} levels can be nested.` });
    } else if (typeof part === "string") {
      const message = textProblem(part, maxLength);
      if (message) problems.push({ field: path, message });
    } else if (Array.isArray(part)) {
      part.forEach((item, index) => visit(item, `${path}[${index}]`, depth + 1));
    } else if (typeof part === "object" && part !== null) {
      for (const [key, item] of Object.entries(part)) {
        const message = textProblem(key, 200);
        if (message) problems.push({ field: path, message });
        else visit(item, path ? `${path}.${key}` : key, depth + 1);
      }
    }
  };
  visit(value, "", 0);
  return problems;
}

function sizeWords(issue: { origin?: string; minimum?: number | bigint; maximum?: number | bigint }): string {
  const unit = issue.origin === "string" ? " characters" : issue.origin === "array" ? " choices" : "";
  if (issue.minimum !== undefined) {
    const least = Number(issue.minimum);
    if (least === 1 && unit === " characters") return "Fill this in.";
    if (least === 1 && unit === " choices") return "Choose at least one.";
    return `At least ${least.toLocaleString("en")}${unit}.`;
  }
  return `At most ${Number(issue.maximum).toLocaleString("en")}${unit}.`;
}

/** Says what is expected where a schema has no words of its own. */
function issueWords(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case "invalid_type":
      if (issue.input === undefined || issue.input === null || issue.input === "") return "Fill this in.";
      return issue.expected === "number" || issue.expected === "int" ? "Give a number." : `Expected: ${issue.expected}.`;
    case "too_small":
    case "too_big":
      return sizeWords(issue);
    case "invalid_value":
      return issue.input === undefined || issue.input === "" ? "Choose one." : "Choose one of the offered values.";
    case "invalid_format":
      return issue.format === "uuid" ? "Choose one of the offered entries." : `Expected: ${issue.format}.`;
    case "unrecognized_keys":
      return `Not known here: ${(issue.keys ?? []).slice(0, 5).join(", ")}.`;
    default:
      return "Not of the expected form.";
  }
}

/** The answer of a schema, with every message in the product's words. */
export type Parsed<Output> =
  | { readonly ok: true; readonly value: Output }
  | { readonly ok: false; readonly errors: readonly { readonly field: string; readonly message: string }[] };

/** Parses what came over a border. A schema's own messages win; the rest is put in words here. */
export function parseInput<Schema extends z.ZodType>(schema: Schema, value: unknown): Parsed<z.output<Schema>> {
  const parsed = schema.safeParse(value, { error: issueWords });
  if (parsed.success) return { ok: true, value: parsed.data };
  const errors = parsed.error.issues.slice(0, 50).map(({ path, message }) => ({ field: path.map(String).join("."), message }));
  return { ok: false, errors };
}

/** Messages by field, as a form shows them; a list's item counts as its field. */
export function byField(errors: readonly { readonly field: string; readonly message: string }[]): Record<string, string[]> {
  const fields: Record<string, string[]> = {};
  for (const { field, message } of errors) {
    const name = field.split(".", 1)[0] ?? "";
    (fields[name] ??= []).push(message);
  }
  return fields;
}
