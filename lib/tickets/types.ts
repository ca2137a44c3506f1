import type { Refusal } from "@/lib/platform/result";

/** Where tickets come from: the register inside Curfew, or somebody's ticket system. */
export const providerKinds = ["local", "jira-cloud", "jira-data-center", "servicenow", "github", "redmine", "request-tracker"] as const;
export type ProviderKind = (typeof providerKinds)[number];

/** Somebody in a ticket system: the stable id that decides, and the name that is shown. */
export type TicketPerson = { readonly id: string; readonly name: string };

/** What a ticket says, in one shape for every provider. Times are ISO text, so that facts can be stored as they are. */
export type TicketFacts = {
  readonly key: string;
  readonly title: string;
  /** The page where people read it. */
  readonly url: string | null;
  /** In the provider's words. */
  readonly state: string;
  readonly isOpen: boolean;
  readonly approved: "yes" | "no" | "unknown";
  /** Who approved it, as far as the provider proves that. */
  readonly approvals: readonly TicketPerson[];
  readonly windowFrom: string | null;
  readonly windowUntil: string | null;
  /** What it is about, by name, as its field says. */
  readonly assets: readonly string[];
  /** Title and description, in which names may stand. */
  readonly text: string;
  readonly requester: TicketPerson | null;
  readonly assignee: TicketPerson | null;
};

/** One fetch of one ticket. */
export type TicketReading = {
  readonly facts: TicketFacts;
  /** What the provider answered, as canonical JSON of paths and bodies. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** SHA-256 of the bytes, lower-case hex. */
  readonly hash: string;
};

/** A ticket that a search offers. */
export type TicketFound = { readonly key: string; readonly title: string; readonly state: string };

/** Why a ticket does not stand for a request at this moment. */
export const ticketReasons = [
  "unknown-ticket", "not-open", "not-approved", "approval-unknown", "approved-by-asking-side", "no-window", "before-window", "after-window",
  "names-other-asset", "names-other-requester", "too-old",
] as const;
export type TicketReason = (typeof ticketReasons)[number];

/** `down`: nobody answered, try again; `refused`: the server does not take our account or order; `not-found`: there is no such ticket, or none that we may see. */
export type TicketFaultKind = "down" | "refused" | "not-found";

/** Why an ask, a vote or an activation does not go through for its ticket. */
export type TicketRefusalCode = "ticket-unknown" | "ticket-not-good" | "ticket-provider-down";
export type TicketRefusal = Refusal<TicketRefusalCode>;

export const changeStates = ["draft", "waiting", "approved", "closed"] as const;
export type ChangeState = (typeof changeStates)[number];

/** Why something does not happen to a change. */
export type ChangeRefusal =
  | "unknown-change"
  | "not-draft"
  | "not-waiting"
  | "already-closed"
  | "not-yours"
  | "own-change"
  | "asking-side"
  | "no-role"
  | "unknown-system"
  | "unknown-identity"
  | "secret-in-text";

/** A change of the register inside, as its list shows it. */
export type ChangeRow = {
  readonly id: string;
  readonly key: string;
  readonly title: string;
  readonly state: ChangeState;
  readonly author: string;
  readonly windowFrom: string | null;
  readonly windowUntil: string | null;
  readonly createdAt: string;
};

/** Something a change or card names. */
export type Named = { readonly id: string; readonly name: string };

/** A change with everything on its page. */
export type ChangeView = ChangeRow & {
  readonly description: string;
  readonly systems: readonly Named[];
  readonly identities: readonly Named[];
  readonly approvedBy: string | null;
  readonly approvedAt: string | null;
  readonly closedBy: string | null;
  readonly closedAt: string | null;
  readonly notes: readonly { readonly marker: string; readonly text: string; readonly at: string }[];
  /** Requests that are bound to it. */
  readonly requests: readonly { readonly id: string; readonly number: number; readonly state: string; readonly live: number }[];
  readonly mayEdit: boolean;
  /** Null where you may approve. */
  readonly whyNotApprove: ChangeRefusal | null;
  readonly mayClose: boolean;
};

/** A provider as administrators see it; secrets never leave the server. */
export type ProviderView = {
  readonly id: string;
  readonly kind: ProviderKind;
  readonly name: string;
  readonly baseUrl: string | null;
  readonly mayBeInside: boolean;
  readonly isEnabled: boolean;
  readonly checkedAt: string | null;
  readonly downSince: string | null;
  readonly downReason: string | null;
  readonly tickets: number;
  readonly deadComments: number;
  /** Path that its webhook posts to, where it has one. */
  readonly webhookPath: string | null;
};

/** A bound ticket, as a request's card and its chain show it. */
export type BoundTicket = {
  readonly key: string;
  readonly provider: string;
  readonly facts: Pick<TicketFacts, "title" | "url" | "state" | "isOpen" | "approved" | "approvals" | "windowFrom" | "windowUntil"> | null;
  readonly hash: string | null;
  readonly fetchedAt: string | null;
  /** Since when the provider does not answer. */
  readonly downSince: string | null;
  readonly reasons: readonly TicketReason[];
  readonly comments: readonly { readonly kind: string; readonly state: string; readonly sentAt: string | null }[];
};
