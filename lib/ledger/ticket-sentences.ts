import { formatList, formatPlural, formatUtc } from "@/lib/platform/format";
import type { EventType } from "./events";
import type { Sentences } from "./sentences";

type Ticket = Extract<EventType, `ticket.${string}`>;

const words = (code: string) => code.replaceAll("-", " ");
const moments = { request: "when it was asked for", vote: "at the vote", activation: "at activation", recheck: "when it was asked again" } as const;

const ticketWords: Readonly<Record<string, string>> = {
  "unknown-ticket": "there is no such ticket",
  "not-open": "it is not open",
  "not-approved": "it is not approved",
  "approval-unknown": "nobody could say whether it is approved",
  "approved-by-asking-side": "only the asking side approved it",
  "no-window": "it has no window",
  "before-window": "its window has not begun",
  "after-window": "its window is over",
  "names-other-asset": "it does not name what is asked for",
  "names-other-requester": "it does not name who asks",
  "too-old": "its ticket system did not answer",
};

/** Sentences of tickets, their systems and the register of changes. */
export const ticketSentences: Pick<Sentences, Ticket> = {
  "ticket.checked": (data) =>
    `The ticket ${data.ticketKey} was checked ${moments[data.moment]}: ${
      data.reasons.length === 0 ? "it is good" : formatList(data.reasons.map((reason) => ticketWords[reason] ?? words(reason)))
    }${data.hash && data.fetchedAt ? ` (as of ${formatUtc(data.fetchedAt)}, snapshot ${data.hash.slice(0, 12)})` : ""}.`,
  "ticket.provider-saved": (data, say) => `${say.actor} ${data.isNew ? "connected" : "changed"} a ticket system (${words(data.kind)})${data.isEnabled ? "" : " and switched it off"}.`,
  "ticket.provider-down": () => "A ticket system does not answer. Requests that live on its tickets wait.",
  "ticket.provider-answers": () => "A ticket system answers again.",
  "ticket.unknown-keys-set": (data, say) => `${say.actor} set what becomes of ticket keys that no ticket system knows: ${data.takesUnknown ? "they are kept as named" : "they are refused"}.`,
  "ticket.commented": (data) => `The ${words(data.kind)} was written back to the ticket.`,
  "ticket.comment-dead": (data) => `The ${words(data.kind)} could not be written back to the ticket, after ${formatPlural(data.attempts, "attempt")}.`,
  "ticket.change-registered": (data, say) => `${say.actor} registered the change ${data.ticketKey}.`,
  "ticket.change-submitted": (data, say) => `${say.actor} gave the change ${data.ticketKey} to others to approve.`,
  "ticket.change-approved": (data, say) => `${say.actor} approved the change ${data.ticketKey}.`,
  "ticket.change-closed": (data, say) => `${say.actor} closed the change ${data.ticketKey}.`,
};
