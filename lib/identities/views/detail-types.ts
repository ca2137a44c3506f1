import type { Sensitivity } from "@/lib/entitlements/types";
import type { ExceptionView } from "@/lib/exceptions/types";
import type { GrantState } from "@/lib/grants/types";
import type { Score } from "../scores";
import type { AnswererView, IdentityKind, IdentityState } from "../types";

type Named = { readonly id: string; readonly name: string };

/** A credential as metadata. */
export type CredentialView = {
  readonly id: string;
  readonly handle: string;
  readonly kind: string;
  readonly system: Named;
  readonly createdAt: string | null;
  readonly rotatedAt: string | null;
  readonly expiresAt: string | null;
  readonly lastUsedAt: string | null;
  readonly visibleSince: string | null;
  readonly firstSeenAt: string;
  readonly vanishedAt: string | null;
  readonly isEnabled: boolean;
  readonly isSuperuser: boolean;
  readonly canCreateRoles: boolean;
};

/** Whether a use of what is held was seen: `unseen` where nobody could have seen one. */
export type HoldingUse = "used" | "unused" | "unseen";

/** An entitlement that the identity holds. */
export type HoldingView = {
  readonly id: string;
  readonly kind: "standing" | "granted";
  readonly entitlement: Named;
  readonly description: string;
  readonly sensitivity: Sensitivity;
  readonly system: Named;
  readonly path: readonly string[];
  readonly firstSeenAt: string;
  readonly requestId: string | null;
  readonly use: HoldingUse;
  readonly lastUsedAt: string | null;
  readonly visibleSince: string | null;
  readonly exception: ExceptionView | null;
  /** Held by Curfew's own account, which needs it. */
  readonly isCurfews: boolean;
  /** The last day that an exception made now may have. */
  readonly latestEnd: string;
};

/** One page of a part of the identity's page. */
export type PartPage<Row> = { readonly rows: readonly Row[]; readonly next: string | null; readonly isFirst: boolean };

/** A network or workload seen behind an identity. */
export type SourceView = { readonly kind: string; readonly value: string; readonly firstSeenAt: string; readonly lastSeenAt: string };

/** Both scores with their arithmetic, and what the days of use tell. */
export type ScoresView = {
  readonly staleness: Score;
  readonly exposure: Score;
  readonly season: { readonly words: string; readonly occasions: number } | null;
};

/** A grant in the identity's history. */
export type PastGrantView = {
  readonly id: string;
  readonly requestId: string;
  readonly requestNumber: number;
  readonly entitlement: string;
  readonly system: string;
  readonly state: GrantState;
  readonly endReason: string | null;
  readonly createdAt: string;
  readonly activatedAt: string | null;
  readonly notAfter: string | null;
  readonly provenAt: string | null;
  readonly durationSeconds: number;
  readonly useCount: number;
  readonly requester: string;
};

/** One line of what happened to it. */
export type HistoryLine = { readonly id: string; readonly at: string; readonly sentence: string };

/** What only the owner side, auditors and administrators see. */
export type InsideView = {
  readonly holdings: PartPage<HoldingView>;
  readonly sources: readonly SourceView[];
  readonly scores: ScoresView;
  readonly history: PartPage<HistoryLine>;
};

/** What is known of its credentials' sign-in, as far as targets and files say. */
export type SignInFacts = {
  /** How many can sign in now, and how many are there at all. */
  readonly live: number;
  readonly known: number;
  /** Whether an open suspension of Curfew's took the sign-in away. */
  readonly takenByCurfew: boolean;
  /** Some are on systems that are known from files only. */
  readonly isFromFiles: boolean;
};

/** A place that somebody left and nobody has taken yet. */
export type OpenHandOver = { readonly id: string; readonly place: string; readonly state: string; readonly leaver: string; readonly startedAt: string; readonly deadline: string | null };

/** Everything that the page of one identity shows to this person. */
export type IdentityView = {
  readonly id: string;
  readonly name: string;
  readonly kind: IdentityKind;
  readonly description: string | null;
  readonly environment: string;
  readonly state: IdentityState;
  readonly source: string;
  readonly system: Named | null;
  readonly owner: AnswererView | null;
  readonly sponsor: AnswererView | null;
  readonly backup: AnswererView | null;
  readonly creator: AnswererView | null;
  readonly team: Named | null;
  readonly vendor: string | null;
  readonly tags: readonly string[];
  readonly isShared: boolean;
  readonly firstSeenAt: string;
  readonly lastSeenAt: string;
  readonly lastActiveAt: string | null;
  readonly visibleSince: string | null;
  readonly vanishedAt: string | null;
  readonly wokeAt: string | null;
  readonly silenceDays: number | null;
  readonly actsAsWorkload: boolean;
  readonly handOvers: readonly OpenHandOver[];
  readonly credentials: PartPage<CredentialView>;
  readonly signIn: SignInFacts;
  readonly grants: PartPage<PastGrantView>;
  /** Null where this person may not see what it can reach. */
  readonly inside: InsideView | null;
  readonly mayAsk: boolean;
  readonly mayEdit: boolean;
  readonly mayExcept: boolean;
  readonly maySeeSystems: boolean;
  /** Teams to choose from, where it may be edited. */
  readonly teams: readonly Named[];
};

/** How a thing in the reach stands: held and used, held and not used, held where use cannot be seen, or used earlier and gone. */
export const reachUses = ["used", "unused", "unseen", "gone"] as const;
export type ReachUse = (typeof reachUses)[number];

/** One entitlement in reach. */
export type ReachNode = {
  readonly id: string;
  readonly entitlement: string;
  readonly sensitivity: Sensitivity;
  readonly systemId: string;
  readonly system: string;
  readonly kind: "standing" | "granted";
  readonly use: ReachUse;
  readonly hasException: boolean;
  readonly lastUsedAt: string | null;
};

/** What an identity can reach. `total` counts what is beyond those listed, too. */
export type ReachView = { readonly identity: string; readonly nodes: readonly ReachNode[]; readonly total: number };
