import { decideBefore, type Caps } from "@/lib/entitlements/rules";
import { ok, refuse, type Refusal, type Result } from "@/lib/platform/result";
import type { Obligations, PolicyAnswer, StageNeed } from "./types";

/** Why an ask does not become a request, or does not become access. */
export type PolicyRefusalCode =
  | "policy-refuses"
  | "policy-fault"
  | "step-up-unavailable"
  | "purpose-not-allowed"
  | "ticket-missing"
  | "bound-not-positive"
  | "duration-over-policy"
  | "duration-over-cap"
  | "uses-over-policy";

/** What somebody asks for, as far as obligations and caps bound it. */
export type Ask = {
  readonly purpose: string;
  readonly durationSeconds: number;
  /** Time already granted in a row that this ask extends; 0 for a first grant. */
  readonly earlierSeconds?: number;
  readonly maxUses: number | null;
  readonly idleSeconds: number | null;
  readonly ticketKey: string | null;
  readonly now: Date;
};

/** What a permitted ask amounts to. */
export type Terms = {
  /** Asked in this order; empty exactly where `autoApproved`. */
  readonly stages: readonly StageNeed[];
  readonly autoApproved: boolean;
  readonly durationSeconds: number;
  /** The longest that could have been asked for. */
  readonly longestSeconds: number;
  readonly maxUses: number | null;
  readonly idleSeconds: number | null;
  readonly stepUp: boolean;
  readonly dualControl: boolean;
  /** When the request lapses if nobody has decided it. */
  readonly decideBefore: Date;
  readonly activationWindowSeconds: number;
};

const none: Obligations = {
  stages: [],
  maxDurationSeconds: null,
  maxUses: null,
  idleSeconds: null,
  ticketRequired: false,
  purposes: null,
  stepUp: false,
  dualControl: false,
};

function lower(a: number | null, b: number | null): number | null {
  if (a === null) return b;
  return b === null ? a : Math.min(a, b);
}

/**
 * Two demands for the same group: the most approvals, the shortest time. An escalation lets more people decide, so that it
 * stays only where both name the same.
 */
function stricterStage(a: StageNeed, b: StageNeed): StageNeed {
  const withinSeconds = lower(a.withinSeconds ?? null, b.withinSeconds ?? null);
  const remind = lower(a.remindAfterSeconds ?? null, b.remindAfterSeconds ?? null);
  return {
    source: a.source,
    needed: Math.max(a.needed, b.needed),
    ...(a.beside ? { beside: true } : {}),
    ...(withinSeconds === null ? {} : { withinSeconds }),
    ...(remind !== null && withinSeconds !== null && remind < withinSeconds ? { remindAfterSeconds: remind } : {}),
    ...(a.escalateTo !== undefined && a.escalateTo === b.escalateTo ? { escalateTo: a.escalateTo } : {}),
  };
}

function unionOfStages(a: readonly StageNeed[], b: readonly StageNeed[]): readonly StageNeed[] {
  const union = a.map((stage) => {
    const other = b.find(({ source }) => source === stage.source);
    return other ? stricterStage(stage, other) : stage;
  });
  let previous: StageNeed | undefined;
  for (const stage of b) {
    if (union.some(({ source }) => source === stage.source)) continue;
    // Beside the stage that it stood beside, if that one was taken over right before it; else after all others.
    const { beside, ...alone } = stage;
    const stays = beside && previous !== undefined && union.at(-1) === previous;
    const added = stays ? stage : alone;
    union.push(added);
    previous = added;
  }
  return union;
}

function common(a: readonly string[] | null, b: readonly string[] | null): readonly string[] | null {
  return a === null || b === null ? (a ?? b) : a.filter((purpose) => b.includes(purpose));
}

function stricter(a: Obligations, b: Obligations): Obligations {
  return {
    stages: unionOfStages(a.stages, b.stages),
    maxDurationSeconds: lower(a.maxDurationSeconds, b.maxDurationSeconds),
    maxUses: lower(a.maxUses, b.maxUses),
    idleSeconds: lower(a.idleSeconds, b.idleSeconds),
    ticketRequired: a.ticketRequired || b.ticketRequired,
    purposes: common(a.purposes, b.purposes),
    stepUp: a.stepUp || b.stepUp,
    dualControl: a.dualControl || b.dualControl,
  };
}

/**
 * What several permits demand together: the strictest of each. The order of stages is that of the permit with
 * the most of them. For several entitlements in one request the same rule holds over their answers.
 */
export function mergeObligations(all: readonly Obligations[]): Obligations {
  return [...all].sort((a, b) => b.stages.length - a.stages.length).reduce(stricter, none);
}

/** True when the approvals of `given` are at least those that `demanded` asks for. */
export function coversStages(given: readonly StageNeed[], demanded: readonly StageNeed[]): boolean {
  return demanded.every(({ source, needed }) => given.some((stage) => stage.source === source && stage.needed >= needed));
}

/** The longest duration that policy, caps and the time already spent leave, and which of them sets it. */
export function longestDuration(
  obligations: Obligations,
  caps: Caps,
  earlierSeconds = 0,
): { readonly seconds: number; readonly setBy: "policy" | "cap" } {
  const left = Math.max(0, caps.longestCumulativeSeconds - Math.max(0, earlierSeconds));
  const cap = Math.min(caps.longestSeconds, left);
  const policy = obligations.maxDurationSeconds;
  return policy !== null && policy <= cap ? { seconds: policy, setBy: "policy" } : { seconds: cap, setBy: "cap" };
}

function isPositive(bound: number): boolean {
  return Number.isSafeInteger(bound) && bound > 0;
}

function refusalOfBounds(obligations: Obligations, ask: Ask, caps: Caps): Refusal<PolicyRefusalCode> | null {
  const bounds = { duration: ask.durationSeconds, uses: ask.maxUses ?? 1, idle: ask.idleSeconds ?? 1 };
  for (const [bound, value] of Object.entries(bounds)) {
    if (!isPositive(value)) return refuse("bound-not-positive", { bound });
  }
  const earlierSeconds = ask.earlierSeconds ?? 0;
  if (!isPositive(earlierSeconds + 1)) return refuse("bound-not-positive", { bound: "earlier" });
  const longest = longestDuration(obligations, caps, earlierSeconds);
  if (ask.durationSeconds > longest.seconds) {
    const detail = { askedSeconds: ask.durationSeconds, longestSeconds: longest.seconds, earlierSeconds };
    return refuse(longest.setBy === "policy" ? "duration-over-policy" : "duration-over-cap", detail);
  }
  if (obligations.maxUses !== null && ask.maxUses !== null && ask.maxUses > obligations.maxUses) {
    return refuse("uses-over-policy", { asked: ask.maxUses, most: obligations.maxUses });
  }
  return null;
}

function refusalOfAnswer(answer: PolicyAnswer): Refusal<PolicyRefusalCode> {
  if (answer.outcome === "fault") return refuse("policy-fault");
  return refuse("policy-refuses", {
    reason: answer.reasons.map((reason) => reason.text).join(" · "),
    policies: answer.determining.join(", "),
  });
}

/**
 * What an ask amounts to under the policy's answer and the hard caps: terms, or the first refusal. Uses and idle time that
 * the ask leaves open are those of policy; a duration is never shortened silently, it is refused with the longest possible.
 */
export function applyObligations(answer: PolicyAnswer, ask: Ask, caps: Caps): Result<Terms, PolicyRefusalCode> {
  if (answer.outcome !== "permit") return refusalOfAnswer(answer);
  const { obligations } = answer;
  // An obligation that nobody can keep is not dropped: where nobody is asked, nobody confirms.
  if (obligations.stepUp && obligations.stages.length === 0) return refuse("step-up-unavailable");
  if (obligations.purposes !== null && !obligations.purposes.includes(ask.purpose)) {
    return refuse("purpose-not-allowed", { purpose: ask.purpose, allowed: obligations.purposes.join(", ") });
  }
  if (obligations.ticketRequired && (ask.ticketKey ?? "").trim() === "") return refuse("ticket-missing");
  const refusal = refusalOfBounds(obligations, ask, caps);
  if (refusal !== null) return refusal;
  return ok({
    stages: obligations.stages,
    autoApproved: obligations.stages.length === 0,
    durationSeconds: ask.durationSeconds,
    longestSeconds: longestDuration(obligations, caps, ask.earlierSeconds).seconds,
    maxUses: lower(ask.maxUses, obligations.maxUses),
    idleSeconds: lower(ask.idleSeconds, obligations.idleSeconds),
    stepUp: obligations.stepUp,
    dualControl: obligations.dualControl,
    decideBefore: decideBefore(ask.now, caps),
    activationWindowSeconds: caps.activationWindowSeconds,
  });
}
