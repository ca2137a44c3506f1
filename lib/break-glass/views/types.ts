import type { GrantState } from "@/lib/grants/types";
import type { RequestView } from "@/lib/requests/views/types";
import type { Basis, BreakGlassState, CloseRefusal, Flag, IncidentCheck, MissingForDrill, SealOutcome, SecondAnswer, SecondRefusal, Verdict } from "../types";

type Named = { readonly id: string; readonly name: string };

/** What is owed, as lists show it. Dates are ISO text. */
export type DebtView = {
  readonly size: number;
  readonly openedAt: string;
  readonly dueAt: string;
  readonly overdueAt: string | null;
  readonly closedAt: string | null;
  readonly closedBy: string | null;
  readonly verdict: Verdict | null;
  readonly findings: string | null;
};

/** One emergency, as lists show it. */
export type GlassRow = {
  readonly id: string;
  readonly number: number;
  readonly state: BreakGlassState;
  readonly person: Named;
  readonly identity: Named;
  readonly entitlement: string;
  readonly system: string;
  readonly incident: string;
  readonly flags: readonly Flag[];
  readonly askedAt: string;
  readonly secondDueAt: string | null;
  /** Its credential works, or may be made at any moment. */
  readonly isLive: boolean;
  readonly notAfter: string | null;
  readonly debt: DebtView | null;
};

/** One use that Curfew saw. */
export type SeenUse = { readonly startedAt: string; readonly lastSeenAt: string; readonly endedAt: string | null; readonly clientAddress: string | null; readonly kind: string };

/** One emergency with everything that its page shows. */
export type GlassView = GlassRow & {
  readonly asOf: string;
  readonly basis: Basis;
  readonly incidentCheck: IncidentCheck;
  readonly reason: string | null;
  readonly durationSeconds: number;
  readonly policy: readonly string[];
  readonly hasProof: boolean;
  readonly escalated: boolean;
  readonly requestId: string;
  readonly skipped: readonly Named[];
  readonly asked: readonly Named[];
  readonly second: { readonly answer: SecondAnswer; readonly by: string | null; readonly reason: string | null; readonly at: string } | null;
  readonly grants: readonly { readonly state: GrantState; readonly firstUseAt: string | null; readonly lastUseAt: string | null; readonly useCount: number; readonly statements: number | null; readonly observedAt: string | null }[];
  readonly uses: readonly SeenUse[];
  /** The request that it made or came from, where this person may see it. */
  readonly request: RequestView | null;
  readonly viewer: {
    readonly isBreaker: boolean;
    readonly mayWithdraw: boolean;
    /** Null: they can. `undefined`: nobody is waited for. */
    readonly whyNotSecond: SecondRefusal | null | undefined;
    readonly whyNotClose: CloseRefusal | null | undefined;
  };
};

export type EntryView = { readonly id: string; readonly holder: string; readonly isTeam: boolean; readonly entitlement: string; readonly system: string; readonly until: string; readonly reason: string | null; readonly confirmedBy: string };

export type DrillView = {
  readonly ranAt: string;
  readonly checked: number;
  readonly failing: readonly { readonly person: Named; readonly why: string; readonly missing: readonly MissingForDrill[] }[];
};

export type SealView = {
  readonly id: string;
  readonly name: string;
  readonly identity: Named;
  readonly handle: string;
  readonly system: string;
  readonly keptWhere: string;
  readonly holder: string;
  readonly sealedAt: string;
  readonly checkEveryDays: number;
  readonly checkDueAt: string;
  readonly isOverdue: boolean;
  readonly usedAt: string | null;
  readonly lastCheck: { readonly at: string; readonly by: string; readonly outcome: SealOutcome } | null;
  readonly mayCheck: boolean;
};

/** What stands ready for the worst day; for administrators and auditors. */
export type ReadinessView = {
  readonly entries: readonly EntryView[];
  readonly drill: DrillView | null;
  readonly seals: readonly SealView[];
  readonly mayManage: boolean;
};

/** The screen of emergencies. */
export type EmergenciesView = {
  readonly asOf: string;
  readonly live: readonly GlassRow[];
  readonly waiting: readonly GlassRow[];
  readonly owed: readonly GlassRow[];
  readonly past: readonly GlassRow[];
  /** Where the next page of the past begins. */
  readonly after: string | null;
  readonly mayUse: boolean;
  readonly readiness: ReadinessView | null;
};

/** What would become of breaking one glass. */
export type BreakPreview =
  | { readonly ok: false; readonly code: string; readonly reason: string | null }
  | {
      readonly ok: true;
      readonly basis: Basis;
      readonly longestSeconds: number;
      readonly debtSeconds: number;
      readonly secondWithinSeconds: number | null;
      readonly skipped: readonly string[];
      readonly openDebts: number;
      readonly flags: readonly Flag[];
    };
