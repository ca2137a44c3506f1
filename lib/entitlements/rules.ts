import { sensitivities, type DefineRefusal, type Sensitivity } from "./types";

/** Bounds that stand above every policy and every approver. */
export type Caps = {
  /** Longest duration of one grant. */
  readonly longestSeconds: number;
  /** Longest time in a row, extensions included. */
  readonly longestCumulativeSeconds: number;
  /** How long a request may wait for its decision before it lapses. */
  readonly longestWaitSeconds: number;
  /** How long an approved request may wait for its activation before it lapses. */
  readonly activationWindowSeconds: number;
};

const hour = 3_600;
const day = 24 * hour;

/**
 * The hard caps per sensitivity.
 *
 * - Duration: low lasts a working week, so that a long job need not ask twice; medium a day; high one working shift, after
 *   which somebody else is responsible; critical half of one, since nobody watches longer.
 * - In a row: high and critical end after 12 h whatever is extended, so that access never becomes standing by habit.
 * - Wait: the facts that an approver sees age. Three days bridge a weekend; for critical, what was true yesterday is not known.
 * - Activation: an approval that nobody uses is a key under the mat. The more it opens, the shorter it lies there.
 */
export const hardCaps = {
  low: {
    longestSeconds: 7 * day,
    longestCumulativeSeconds: 30 * day,
    longestWaitSeconds: 7 * day,
    activationWindowSeconds: 7 * day,
  },
  medium: {
    longestSeconds: day,
    longestCumulativeSeconds: 3 * day,
    longestWaitSeconds: 3 * day,
    activationWindowSeconds: 3 * day,
  },
  high: {
    longestSeconds: 8 * hour,
    longestCumulativeSeconds: 12 * hour,
    longestWaitSeconds: 3 * day,
    activationWindowSeconds: day,
  },
  critical: {
    longestSeconds: 4 * hour,
    longestCumulativeSeconds: 12 * hour,
    longestWaitSeconds: day,
    activationWindowSeconds: 4 * hour,
  },
} as const satisfies Record<Sensitivity, Caps>;

/** No time at all: what a sensitivity that Curfew does not know allows. */
const nothing: Caps = {
  longestSeconds: 0,
  longestCumulativeSeconds: 0,
  longestWaitSeconds: 0,
  activationWindowSeconds: 0,
};

function isSensitivity(text: string): text is Sensitivity {
  return Object.hasOwn(hardCaps, text);
}

/** The caps of an entitlement: those of its sensitivity, narrowed by its own longest duration where it has one. */
export function capsOf(entitlement: { sensitivity: string; maxDurationSeconds: number | null }): Caps {
  if (!isSensitivity(entitlement.sensitivity)) return nothing;
  const caps: Caps = hardCaps[entitlement.sensitivity];
  const own = entitlement.maxDurationSeconds;
  return own === null ? caps : { ...caps, longestSeconds: Math.max(0, Math.min(caps.longestSeconds, own)) };
}

/** The caps of several entitlements asked for together: each bound at its shortest; nothing for none. */
export function strictestCaps(all: readonly Caps[]): Caps {
  if (all.length === 0) return nothing;
  const shortest = (key: keyof Caps) => Math.min(...all.map((caps) => caps[key]));
  return {
    longestSeconds: shortest("longestSeconds"),
    longestCumulativeSeconds: shortest("longestCumulativeSeconds"),
    longestWaitSeconds: shortest("longestWaitSeconds"),
    activationWindowSeconds: shortest("activationWindowSeconds"),
  };
}

function after(now: Date, seconds: number): Date {
  return new Date(now.getTime() + seconds * 1000);
}

/** When a request that was submitted at `now` lapses if nobody has decided it. */
export function decideBefore(now: Date, caps: Caps): Date {
  return after(now, caps.longestWaitSeconds);
}

/** When a request that was approved at `now` lapses if nobody has activated it. */
export function activateBefore(now: Date, caps: Caps): Date {
  return after(now, caps.activationWindowSeconds);
}

/** Whether a change of sensitivity lowers it: then a second administrator is asked. */
export function isLowered(from: Sensitivity, to: Sensitivity): boolean {
  return sensitivities.indexOf(to) < sensitivities.indexOf(from);
}

type Defined = {
  readonly sensitivity: Sensitivity;
  readonly resourceOwnerId: string | null;
  readonly resourceTeamId: string | null;
  readonly purposes: readonly string[];
  readonly maxDurationSeconds: number | null;
  readonly requestable: boolean;
};

/** Why an entitlement cannot be defined so; null when nothing stands against it. Whoever owns the resource approves by default. */
export function whyNotDefine(defined: Defined): Exclude<DefineRefusal, "unknown-entitlement"> | null {
  if (defined.requestable && defined.purposes.length === 0) return "needs-purpose";
  if (defined.requestable && defined.resourceOwnerId === null && defined.resourceTeamId === null) return "needs-owner";
  const { maxDurationSeconds, sensitivity } = defined;
  return maxDurationSeconds !== null && maxDurationSeconds > hardCaps[sensitivity].longestSeconds ? "cap-too-long" : null;
}
