import { parseDuration, type AnnotationReading, type Annotations } from "./annotations";
import type { BreakGlassTerms } from "./types";

/** No broken glass gives more than this, whatever policy or the list says. */
export const longestBreakGlassSeconds = 3_600;
/** Where policy names no time, a second person is waited for this long. */
export const usualSecondSeconds = 600;
/** Where policy names no time, the use is reviewed within this. */
const usualDebtSeconds = 3 * 86_400;

const known: readonly string[] = ["id", "reason", "max_duration", "dual_control", "debt", "ticket"];

/** What a permit of `Action::"break-glass"` demands, or everything that is wrong with its annotations. */
export function readBreakGlassTerms(annotations: Annotations): AnnotationReading<BreakGlassTerms> {
  const problems = Object.keys(annotations)
    .filter((name) => !known.includes(name))
    .map((name) => `@${name} has no meaning on a permit to break glass`);
  const duration = (name: string): number | null => {
    const text = annotations[name];
    const seconds = text == null || text === "" ? null : parseDuration(text);
    if (text != null && text !== "" && seconds === null) problems.push(`@${name} is not a duration like "30m"`);
    return seconds;
  };
  const longest = duration("max_duration");
  if (annotations["max_duration"] === undefined) problems.push("a permit to break glass needs @max_duration");
  if (longest !== null && longest > longestBreakGlassSeconds) problems.push("@max_duration is longer than 1h: no broken glass lasts longer");
  const ticket = annotations["ticket"];
  if (ticket !== undefined && ticket !== "required") problems.push('@ticket is not "required"');
  const second = duration("dual_control");
  if (second !== null && second > 3_600) problems.push("@dual_control waits longer than 1h: an emergency would be over");
  const debt = duration("debt");
  const value = {
    maxDurationSeconds: longest ?? 0,
    secondWithinSeconds: annotations["dual_control"] === undefined ? null : (second ?? usualSecondSeconds),
    debtSeconds: debt ?? usualDebtSeconds,
    ticketRequired: ticket === "required",
  };
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value };
}

function longer(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b);
}

/** Several permits: the strictest of each. Whoever has to wait for a second person waits the longest time that one names. */
export function mergeBreakGlassTerms([first, ...others]: readonly [BreakGlassTerms, ...BreakGlassTerms[]]): BreakGlassTerms {
  return others.reduce(
    (a, b) => ({
      maxDurationSeconds: Math.min(a.maxDurationSeconds, b.maxDurationSeconds),
      secondWithinSeconds: longer(a.secondWithinSeconds, b.secondWithinSeconds),
      debtSeconds: Math.min(a.debtSeconds, b.debtSeconds),
      ticketRequired: a.ticketRequired || b.ticketRequired,
    }),
    first,
  );
}
