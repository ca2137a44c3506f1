import type { EndReason, GrantState } from "./types";

type GrantChange =
  | "issue"
  | "confirm"
  | "fail"
  | "recover"
  | "lapse"
  | "end"
  | "accept"
  | "prove"
  | "stick"
  | "cannot-prove"
  | "outlive"
  | "reappear";

/** Every state and what can become of it; what is not here cannot happen. */
export const transitions = {
  ready: { issue: "issuing", lapse: "lapsed" },
  issuing: { confirm: "active", fail: "failed", recover: "ending" },
  active: { end: "ending" },
  ending: { accept: "accepted", stick: "stuck" },
  accepted: { prove: "proven", stick: "stuck", "cannot-prove": "not-provable" },
  stuck: { accept: "accepted", prove: "proven", "cannot-prove": "not-provable" },
  "not-provable": { outlive: "expired-unproven" },
  // A credential that a target shows again, after we believed it was never issued or dead, is ended once more.
  failed: { reappear: "ending" },
  proven: { reappear: "ending" },
  lapsed: {},
  forced: {},
  "expired-unproven": {},
} as const satisfies Record<GrantState, Partial<Record<GrantChange, GrantState>>>;

/** The state after a change, or undefined where the table forbids it. */
export function nextState(state: GrantState, change: GrantChange): GrantState | undefined {
  const row: Partial<Record<GrantChange, GrantState>> = transitions[state];
  return row[change];
}

/** Time within which the target must have committed an issue, in milliseconds. */
export const issueWindowMs = 10_000;
/** Recovery looks only this long after the deadline, so that a stalled commit cannot come after it (milliseconds). */
export const recoveryDelayMs = 15_000;
/** Failed attempts to end after which a grant is `stuck` and its people are told. */
export const attemptsUntilStuck = 5;

type ActivationRefusal =
  | "not-requester"
  | "before-its-start"
  | "not-activated-in-time"
  | "being-activated"
  | "being-recovered"
  | "already-activated"
  | "not-activatable"
  | "request-not-approved";

type Activatable = {
  readonly state: GrantState;
  readonly notBefore?: Date | null;
  readonly activateBefore: Date;
  readonly activationKey: string | null;
  readonly issueDeadline: Date | null;
  readonly notAfter: Date | null;
  readonly requestApproved: boolean;
  readonly requesterId: string | null;
  readonly requesterIdentityId: string | null;
};

type Activation = { readonly personId: string | null; readonly identityId: string | null; readonly key: string; readonly now: Date };

type ActivationStep =
  | { readonly ok: true; readonly step: "issue" | "wait" | "resume" | "answer-again" }
  | { readonly ok: false; readonly code: ActivationRefusal };

const refusal = (code: ActivationRefusal): ActivationStep => ({ ok: false, code });

/**
 * What an activation call does to a grant. Only the requester activates. The same call (same key over idempotency key and
 * verifier) repeated is answered again instead of issued again, so that a lost answer costs nothing.
 */
export function stepOfActivation(grant: Activatable, { personId, identityId, key, now }: Activation): ActivationStep {
  const isRequester =
    (grant.requesterId !== null && grant.requesterId === personId) ||
    (grant.requesterIdentityId !== null && grant.requesterIdentityId === identityId);
  if (!isRequester) return refusal("not-requester");
  if (!grant.requestApproved) return refusal("request-not-approved");
  const same = grant.activationKey === key;
  switch (grant.state) {
    case "ready":
      if (grant.notBefore && grant.notBefore > now) return refusal("before-its-start");
      return grant.activateBefore <= now ? refusal("not-activated-in-time") : { ok: true, step: "issue" };
    case "issuing":
      if (!same) return refusal("being-activated");
      return stepWhileIssuing(grant.issueDeadline, now);
    case "active":
      if (!same) return refusal("already-activated");
      return grant.notAfter !== null && grant.notAfter > now ? { ok: true, step: "answer-again" } : refusal("not-activatable");
    case "ending":
    case "accepted":
    case "proven":
    case "failed":
    case "lapsed":
    case "stuck":
    case "not-provable":
    case "forced":
    case "expired-unproven":
      return refusal("not-activatable");
  }
}

function stepWhileIssuing(deadline: Date | null, now: Date): ActivationStep {
  if (deadline === null || now <= deadline) return { ok: true, step: "wait" };
  return now.getTime() < deadline.getTime() + recoveryDelayMs ? { ok: true, step: "resume" } : refusal("being-recovered");
}

/** How long before the end of a session its extension can be activated, in milliseconds: time to change over to the new credential. */
export const changeOverMs = 15 * 60_000;

/** When the extension of a session can be activated; null is at once. One credential never lives longer than its time and the change-over. */
export function extensionStart(former: { readonly state: GrantState; readonly notAfter: Date | null }, now: Date): Date | null {
  if (former.state !== "active" || former.notAfter === null) return null;
  const start = new Date(former.notAfter.getTime() - changeOverMs);
  return start > now ? start : null;
}

const endsThatGoOn: readonly (string | null)[] = ["expired", "idle", "use-limit", "completed"] satisfies readonly EndReason[];

/**
 * From when the time of a grant counts that goes on with another: from that one's end while it lives, so that the two join without
 * a gap and no time is given twice; from now once it is over by itself. What was ended by somebody, or by what changed, goes on with nothing.
 */
export function joinedFrom(
  former: { readonly state: GrantState; readonly notAfter: Date | null; readonly endReason: string | null },
  now: Date,
): Date | "former-ended" {
  if (former.state === "active") return former.notAfter !== null && former.notAfter > now ? former.notAfter : now;
  return endsThatGoOn.includes(former.endReason) ? now : "former-ended";
}

/** Bounds of a session that starts now. The clock starts at activation, or at the end of the session that it goes on with: waiting never eats into the duration. */
export function sessionBounds(durationSeconds: number, now: Date, from = now): { notAfter: Date; deadline: Date } {
  const notAfter = new Date(from.getTime() + durationSeconds * 1000);
  const window = new Date(now.getTime() + issueWindowMs);
  return { notAfter, deadline: window < notAfter ? window : notAfter };
}

/** Milliseconds until the next attempt to end, after `attempts` failures: 1, 2, 4 … 30 s. It never gives up. */
export function retryDelayMs(attempts: number): number {
  return Math.min(30_000, 1000 * 2 ** Math.max(0, Math.min(attempts - 1, 10)));
}

type Bounded = {
  readonly state: GrantState;
  readonly notAfter: Date | null;
  readonly activatedAt: Date | null;
  readonly lastUseAt: Date | null;
  readonly observedAt: Date | null;
  readonly liveConnections: number;
  readonly idleSeconds: number | null;
  readonly maxUses: number | null;
  readonly useCount: number;
};

/**
 * The reason for which a live session is over now, or null. Idle needs an observation later than the idle span: what could
 * not be seen does not end work. A use limit ends the session once the last permitted use is over.
 */
export function dueEnd(grant: Bounded, now: Date): EndReason | null {
  if (grant.state !== "active" || grant.activatedAt === null) return null;
  if (grant.notAfter !== null && grant.notAfter <= now) return "expired";
  if (grant.maxUses !== null) {
    if (grant.useCount > grant.maxUses) return "use-limit";
    if (grant.useCount === grant.maxUses && grant.liveConnections === 0) return "use-limit";
  }
  if (grant.idleSeconds !== null && grant.observedAt !== null) {
    const last = Math.max(grant.activatedAt.getTime(), grant.lastUseAt?.getTime() ?? 0);
    if (grant.observedAt.getTime() >= last + grant.idleSeconds * 1000) return "idle";
  }
  return null;
}

type Ender = { readonly personId: string; readonly mayEndAny: boolean };
type Endable = {
  readonly requesterId: string | null;
  readonly ownerSide: readonly (string | null)[];
  readonly voters: readonly string[];
  readonly resourceOwnerId: string | null;
};

/** May this person end this session? The requester, the identity's side, who decided it, the resource's owner, an administrator. */
export function mayEnd(grant: Endable, { personId, mayEndAny }: Ender): boolean {
  return (
    mayEndAny ||
    grant.requesterId === personId ||
    grant.resourceOwnerId === personId ||
    grant.ownerSide.includes(personId) ||
    grant.voters.includes(personId)
  );
}
