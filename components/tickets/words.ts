import { formatList } from "@/lib/platform/format";
import type { ChangeRefusal, ChangeState, ProviderKind, TicketReason } from "@/lib/tickets/types";

/** Why a ticket does not stand for a request, as the end of a sentence. */
const ticketWords: Readonly<Record<TicketReason, string>> = {
  "unknown-ticket": "there is no such ticket",
  "not-open": "it is not open",
  "not-approved": "it is not approved",
  "approval-unknown": "nobody could say whether it is approved",
  "approved-by-asking-side": "only people of the asking side approved it",
  "no-window": "it has no change window",
  "before-window": "its window has not begun",
  "after-window": "its window is over",
  "names-other-asset": "it does not name this identity, access or system",
  "names-other-requester": "it does not name whoever asks",
  "too-old": "its ticket system did not answer",
};

/** Several reasons as one half of a sentence. */
export function reasonsInWords(reasons: readonly string[]): string {
  return formatList(reasons.map((reason) => ticketWords[reason as TicketReason] ?? reason.replaceAll("-", " ")));
}

export const providerKindWords: Readonly<Record<ProviderKind, string>> = {
  local: "the register in Curfew",
  "jira-cloud": "Jira Cloud",
  "jira-data-center": "Jira Data Center",
  servicenow: "ServiceNow change requests",
  github: "GitHub issues",
  redmine: "Redmine",
  "request-tracker": "Request Tracker",
};

export const changeStateWords: Readonly<Record<ChangeState, string>> = { draft: "draft", waiting: "waits for approval", approved: "approved", closed: "closed" };

/** What a refused change says. */
export const changeRefusals: Readonly<Record<ChangeRefusal | "no-permission", string>> = {
  "unknown-change": "This change is not there.",
  "not-draft": "It is no draft any more.",
  "not-waiting": "It does not wait for an approval any more.",
  "already-closed": "It is closed already.",
  "not-yours": "Whoever wrote or approved it does this, or an approver.",
  "own-change": "You wrote this change, so somebody else approves it.",
  "asking-side": "You answer for an identity that this change names, so somebody else approves it.",
  "no-role": "Approvers, owners and administrators approve changes.",
  "unknown-system": "One of the systems is not there any more. Nothing was saved: choose again.",
  "unknown-identity": "One of the identities is not there any more. Nothing was saved: choose again.",
  "secret-in-text": "This looks like it holds a secret. Nothing was stored: take it out.",
  "no-permission": "Your role does not allow this.",
};
