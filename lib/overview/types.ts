import type { Bound } from "@/lib/auth/actor";
import type { Role } from "@/lib/auth/permissions";
import type { FindingRow } from "@/lib/findings/types";
import type { GrantState } from "@/lib/grants/types";
import type { IdentityKind } from "@/lib/identities/types";
import type { CappedCount } from "@/lib/platform/format";
import type { OfferView } from "@/lib/succession/types";

/** What waits for one person to act on, as the navigation counts it. */
export type Waiting = {
  /** Requests that wait for this person's vote. */
  readonly approvals: number;
  /** Approved grants of this person that wait to be activated. */
  readonly requests: number;
  /** Ends that are stuck and that this person answers for. */
  readonly sessions: number;
  /** Items of reviews that wait for this person's decision. */
  readonly reviews: number;
  /** Proposals and stopped leavings that wait for this administrator. */
  readonly people: number;
  /** Places of leavers that are offered to this person. */
  readonly identities: number;
  /** Notices that this person has not read. */
  readonly inbox: number;
};

const waitingKeys = ["approvals", "requests", "sessions", "reviews", "people", "identities", "inbox"] as const satisfies readonly (keyof Waiting)[];

/** Reads an answer of `GET /api/waiting`; null when it is none. By hand, since zod would be a sixth of every page's script. */
export function parseWaiting(answer: unknown): Waiting | null {
  if (typeof answer !== "object" || answer === null) return null;
  const fields = new Map<string, unknown>(Object.entries(answer));
  const isCount = (value: unknown) => typeof value === "number" && Number.isInteger(value) && value >= 0;
  if (!waitingKeys.every((key) => isCount(fields.get(key)))) return null;
  const count = (key: keyof Waiting) => Number(fields.get(key));
  return {
    approvals: count("approvals"), requests: count("requests"), sessions: count("sessions"), reviews: count("reviews"),
    people: count("people"), identities: count("identities"), inbox: count("inbox"),
  };
}

/** What the frame around every page shows. */
export type ShellView = {
  readonly person: { readonly id: string; readonly name: string; readonly roles: readonly Role[] };
  /** An engagement that bounds what the person sees. */
  readonly bound: Bound | null;
  readonly waiting: Waiting;
  readonly isDemo: boolean;
};

/** A list that shows its first rows and says how many there are. */
export type Some<Row> = { readonly rows: readonly Row[]; readonly total: CappedCount };

/** A request that waits for this person's vote. */
export type VoteView = {
  readonly requestId: string;
  readonly number: number;
  readonly identity: IdentityView;
  readonly entitlements: readonly string[];
  readonly requester: string;
  readonly durationSeconds: number;
  readonly submittedAt: string;
  readonly decideBefore: string;
};

/** A grant that waits to be activated, is live, or is on its way out. */
export type GrantView = {
  readonly id: string;
  readonly requestId: string;
  readonly requestNumber: number;
  readonly identity: IdentityView;
  readonly entitlement: string;
  readonly system: string;
  readonly state: GrantState;
  readonly durationSeconds: number;
  readonly activateBefore: string;
  readonly notAfter: string | null;
  readonly endingAt: string | null;
  readonly nextAttemptAt: string | null;
  readonly isSystemUnreachable: boolean;
};

/** An identity as lists name it. */
export type IdentityView = { readonly id: string; readonly name: string; readonly kind: IdentityKind };

/** An identity that nobody answers for. */
export type UnownedView = IdentityView & { readonly environment: string; readonly lastActiveAt: string | null; readonly visibleSince: string | null };

/** A target that cannot be reached. */
export type TroubledSystemView = { readonly id: string; readonly name: string; readonly unreachableSince: string };

/** A review in which items wait for this person. */
export type ReviewPart = { readonly id: string; readonly name: string; readonly dueAt: string; readonly open: number; readonly isLate: boolean };

/** What needs this person now. A part is null where the roles give nothing to do with it. */
export type OverviewView = {
  readonly name: string;
  /** Places of leavers that are offered to this person. */
  readonly offers: readonly OfferView[];
  readonly votes: Some<VoteView> | null;
  readonly ready: Some<GrantView> | null;
  readonly reviews: readonly ReviewPart[] | null;
  readonly unproven: Some<GrantView>;
  readonly live: Some<GrantView>;
  readonly unowned: Some<UnownedView> | null;
  readonly systems: readonly TroubledSystemView[] | null;
  readonly findings: Some<FindingRow> | null;
  readonly canAsk: boolean;
};
