import { formatSeconds } from "@/lib/platform/format";

/** Units that people think in, the coarsest last. */
export const durationUnits = [
  { unit: "min", seconds: 60 },
  { unit: "h", seconds: 3_600 },
  { unit: "d", seconds: 86_400 },
] as const;
export type DurationUnit = (typeof durationUnits)[number]["unit"];

const presets = [900, 1_800, 3_600, 7_200, 14_400, 28_800];

/** Usual durations up to a longest one; the longest itself is among them. */
export function presetsUpTo(longestSeconds: number): number[] {
  const fitting = presets.filter((seconds) => seconds < longestSeconds);
  return longestSeconds >= 60 && longestSeconds <= 28_800 ? [...fitting, longestSeconds] : fitting;
}

/** Seconds as a number of the coarsest unit that fits without a rest: 5400 → 90 min, 7200 → 2 h. */
export function splitDuration(seconds: number): { amount: number; unit: DurationUnit } {
  const fitting = durationUnits.findLast((candidate) => seconds >= candidate.seconds && seconds % candidate.seconds === 0);
  const { unit, seconds: size } = fitting ?? durationUnits[0];
  return { amount: Math.max(1, Math.round(seconds / size)), unit };
}

/** Whole seconds of an amount that somebody typed, or null while it is no duration. Half hours are fine. */
export function secondsOf(amount: string, unit: DurationUnit): number | null {
  const size = durationUnits.find((candidate) => candidate.unit === unit)?.seconds ?? 60;
  const text = amount.trim().replace(",", ".");
  if (!/^\d{1,5}(\.\d{1,2})?$/.test(text)) return null;
  const seconds = Math.round(Number(text) * size);
  return seconds >= 60 ? seconds : null;
}

/** Steps that a suggestion is rounded up to. */
const steps = [5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 240, 360, 480].map((minutes) => minutes * 60);

/** A shorter duration that earlier grants would have fitted into, with what it is drawn from. */
export type RightSize = { readonly seconds: number; readonly why: string };

/**
 * Suggests twice the longest use seen in the last grants, rounded up, where that is at most two thirds of what is asked. At
 * least three of them must have been seen in use: a guess from less would be noise.
 */
export function rightSize(askedSeconds: number, usedSeconds: readonly (number | null)[]): RightSize | null {
  const seen = usedSeconds.filter((used): used is number => used !== null && used > 0);
  if (seen.length < 3) return null;
  const longest = Math.max(...seen);
  const seconds = steps.find((step) => step >= longest * 2);
  if (seconds === undefined || seconds * 3 > askedSeconds * 2) return null;
  return { seconds, why: `the last ${seen.length} were used for at most ${formatSeconds(longest)}` };
}
