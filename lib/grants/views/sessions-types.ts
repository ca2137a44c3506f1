import type { Sensitivity } from "@/lib/entitlements/types";
import type { IdentityKind } from "@/lib/identities/types";
import type { CappedCount } from "@/lib/platform/format";
import type { Page } from "@/lib/platform/page";
import type { NoUseSaid } from "@/lib/uses/rules";
import type { EndReason, GrantState } from "../types";

/** A time as it travels to the browser: ISO-8601 in UTC. */
type Time = string;

/** The session of one grant, from activation to its proven end. */
export type SessionView = {
  readonly id: string;
  readonly requestId: string;
  readonly number: number;
  /** The emergency that gave it: nobody approved it beforehand. */
  readonly breakGlassId: string | null;
  readonly demo: boolean;
  readonly identity: { readonly id: string; readonly name: string; readonly kind: IdentityKind };
  readonly entitlement: string;
  readonly sensitivity: Sensitivity;
  readonly asker: string;
  readonly system: {
    readonly name: string;
    /** Since when it does not answer. */
    readonly unreachableSince: Time | null;
    /** It shows its connections, so that uses can be seen. */
    readonly observable: boolean;
    /** The target's own expiry leaves open connections alone: its words for it. */
    readonly backstop: string | null;
  };
  readonly state: GrantState;
  readonly createdAt: Time;
  readonly activateBefore: Time;
  readonly issueStartedAt: Time | null;
  readonly issueDeadline: Time | null;
  readonly handleName: string | null;
  readonly handleTargetId: string | null;
  readonly activatedAt: Time | null;
  readonly notAfter: Time | null;
  readonly durationSeconds: number;
  readonly maxUses: number | null;
  readonly idleSeconds: number | null;
  readonly useCount: number;
  readonly statementCount: number | null;
  readonly liveConnections: number;
  readonly firstUseAt: Time | null;
  readonly lastUseAt: Time | null;
  /** When the target was looked at last. */
  readonly observedAt: Time | null;
  readonly notRecheckedSince: Time | null;
  readonly endReason: EndReason | null;
  readonly endingAt: Time | null;
  readonly endedBy: string | null;
  readonly acceptedAt: Time | null;
  readonly sessionsCut: number | null;
  readonly provenAt: Time | null;
  readonly proof: { readonly method: string; readonly strength: string; readonly looks: readonly Time[]; readonly seenBy: string; readonly facts: readonly string[] } | null;
  readonly closedAt: Time | null;
  readonly attempts: number;
  readonly nextAttemptAt: Time | null;
  readonly lastFailure: string | null;
  readonly stuckSince: Time | null;
  /** What may be said where no use is known. */
  readonly noUse?: NoUseSaid | undefined;
  /** The viewer may end it. */
  readonly mayEnd: boolean;
};

/** The three parts of the sessions page, read at one moment. */
export type SessionsView = {
  readonly live: Page<SessionView> & { readonly total: CappedCount };
  /** Asked to end and not proven, the longest first. */
  readonly ending: readonly SessionView[];
  readonly endingTotal: CappedCount;
  /** Closed within the last day, the newest first. */
  readonly recent: readonly SessionView[];
  /** The viewer sees every session, not only those that concern them. */
  readonly seesAll: boolean;
  readonly seesEvidence: boolean;
};
