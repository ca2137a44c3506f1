import type { Sensitivity } from "@/lib/entitlements/types";

/** What a waiting request is judged by. */
export type RiskFacts = {
  readonly sensitivity: Sensitivity;
  /** Environments of its systems. */
  readonly environments: readonly string[];
  /** Grants of the same to the same identity that were activated before. */
  readonly timesBefore: number;
  /** The identity has it standing, too. */
  readonly sideDoor: boolean;
  readonly submittedAt: Date;
  readonly durationSeconds: number;
  /** The median of what was given the last times; null where there were none. */
  readonly usualSeconds: number | null;
};

export const riskCodes = ["sensitivity", "first-time", "production", "side-door", "out-of-hours", "longer-than-usual"] as const;
export type RiskCode = (typeof riskCodes)[number];

/** One summand of a risk, for its arithmetic on screen. */
export type RiskPart = { readonly code: RiskCode; readonly points: number };

const ofLevel = { low: 0, medium: 20, high: 40, critical: 60 } as const satisfies Record<Sensitivity, number>;
const points = { "first-time": 15, production: 10, "side-door": 10, "out-of-hours": 5, "longer-than-usual": 10 } as const;

/** From when to when somebody is usually at work, in UTC, Monday to Friday. */
const workingHours = { from: 6, until: 19 } as const;
/** So many times the usual duration is longer than usual. */
const longerBy = 2;

/** How risky a request is: whole points, and what they are made of. The same facts give the same points whenever they are asked. */
export function riskOf(facts: RiskFacts): { readonly points: number; readonly parts: readonly RiskPart[] } {
  const { usualSeconds } = facts;
  const holds = {
    "first-time": facts.timesBefore === 0,
    production: facts.environments.includes("production"),
    "side-door": facts.sideDoor,
    "out-of-hours": isOutOfHours(facts.submittedAt),
    "longer-than-usual": usualSeconds !== null && facts.durationSeconds > longerBy * usualSeconds,
  } as const;
  const parts: RiskPart[] = [
    { code: "sensitivity" as const, points: ofLevel[facts.sensitivity] },
    ...riskCodes.flatMap((code) => (code !== "sensitivity" && holds[code] ? [{ code, points: points[code] }] : [])),
  ].filter((part) => part.points > 0);
  return { points: parts.reduce((sum, part) => sum + part.points, 0), parts };
}

function isOutOfHours(at: Date): boolean {
  const day = at.getUTCDay();
  const hour = at.getUTCHours();
  return day === 0 || day === 6 || hour < workingHours.from || hour >= workingHours.until;
}

/** The median of durations; null of none. */
export function usualOf(seconds: readonly number[]): number | null {
  const sorted = [...seconds].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? null;
}
