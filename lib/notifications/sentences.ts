import type { NoticeKind, NoticeWords, Sentence } from "./types";

type Say = (words: Required<Words>) => { title: string; detail?: string | undefined; action: string; until?: string };
type Words = { -readonly [Name in keyof NoticeWords]: NoticeWords[Name] };

/** What stands where a name was not given. */
const unnamed: Required<Words> = {
  who: "Somebody", identity: "an identity", entitlement: "an entitlement", system: "a system", number: "", review: "a review",
  place: "owner", what: "something", outcome: "", count: "", until: "",
};

const on = ({ entitlement, system }: Required<Words>) => (system === unnamed.system ? entitlement : `${entitlement} on ${system}`);
const request = ({ number, identity }: Required<Words>) => (number === "" ? `the request for ${identity}` : `request ${number} for ${identity}`);
const sentenceCase = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
const asks = (words: Required<Words>) => `${words.who} asks for ${on(words)} for ${words.identity}`;
const openAndDecide = { action: "Open and decide", until: "decide before" } as const;

const sentences: Readonly<Record<NoticeKind, Say>> = {
  "request-to-decide": (w) => ({ title: asks(w), detail: "You are asked to decide.", ...openAndDecide }),
  "request-reminder": (w) => ({ title: `Still waiting for you: ${asks(w)}`, ...openAndDecide }),
  "request-escalated": (w) => ({ title: `Nobody has decided yet: ${asks(w)}`, detail: "You are asked now, too.", ...openAndDecide }),
  "request-decided": (w) => ({
    title: `${sentenceCase(request(w))} was ${w.outcome === "" ? "decided" : w.outcome}`, detail: `${on(w)}${w.who === unnamed.who ? "" : `, by ${w.who}`}`, action: "Open the request",
  }),
  "request-lapsed": (w) => ({ title: `${sentenceCase(request(w))} has lapsed`, detail: w.outcome === "" ? `${on(w)}: nobody decided in time.` : `${on(w)}: ${w.outcome}.`, action: "Open the request" }),
  "request-question": (w) => ({ title: `${w.who} asks something about ${request(w)}`, action: "Read and answer" }),
  "request-comment": (w) => ({ title: `${w.who} wrote about ${request(w)}`, action: "Read it" }),
  "request-rerouted": (w) => ({ title: `Who decides ${request(w)} has changed`, detail: w.outcome === "" ? undefined : sentenceCase(w.outcome), action: "Open the request" }),
  "grant-approved": (w) => ({
    title: `${sentenceCase(on(w))} is approved for ${w.identity}, for later`, detail: `${w.who === unnamed.who ? "" : `Approved by ${w.who}. `}You are told when you can activate it.`, action: "Open the request", until: "can be activated from",
  }),
  "grant-ready": (w) => ({ title: `${sentenceCase(on(w))} is ready for ${w.identity}`, detail: `${w.who === unnamed.who ? "" : `Approved by ${w.who}. `}The time starts when you activate it.`, action: "Open and activate", until: "activate before" }),
  "grant-ending-soon": (w) => ({ title: `The session of ${w.identity} on ${on(w)} ends soon`, action: "Open the session", until: "ends" }),
  "grant-ended": (w) => ({ title: `The session of ${w.identity} on ${on(w)} has ended`, detail: w.outcome === "" ? undefined : sentenceCase(w.outcome), action: "Open the request" }),
  "end-stuck": (w) => ({ title: `The end of a session of ${w.identity} on ${on(w)} is not proven`, detail: "It is tried again until it is. The credential may still work.", action: "Open the session" }),
  "ticket-down": (w) => ({
    title: `${w.system === unnamed.system ? "A ticket system" : w.system} ${w.outcome === "" ? "does not answer" : w.outcome}`, detail: "What needs a ticket of it is kept and waits.", action: "Open it",
  }),
  "break-glass-used": (w) => ({ title: `Break-glass: ${w.who} took ${on(w)} for ${w.identity}`, detail: w.what === unnamed.what ? undefined : w.what, action: "Open it", until: "ends" }),
  "break-glass-skipped": (w) => ({
    title: `Break-glass: your decision on ${on(w)} for ${w.identity} was skipped`, detail: w.what === unnamed.what ? `${w.who} used the emergency path.` : `${w.who} used the emergency path: ${w.what}`, action: "See why",
  }),
  "debt-due": (w) => ({ title: `An emergency use of ${w.identity} waits for its review`, detail: sentenceCase(on(w)), action: "Open and review", until: "due" }),
  "debt-overdue": (w) => ({ title: `The review of an emergency use of ${w.identity} is overdue`, detail: sentenceCase(on(w)), action: "Open and review", until: "was due" }),
  "review-to-decide": (w) => ({ title: `${w.review} asks about ${w.identity === unnamed.identity ? `${w.count === "" ? "" : `${w.count} of `}your identities` : w.identity}`, action: "Open and decide", until: "due" }),
  "review-reminder": (w) => ({ title: `${w.review} is due soon`, detail: w.count === "" ? "You have not decided everything yet." : `${w.count} still wait for you.`, action: "Open and decide", until: "due" }),
  "hand-over-offered": (w) => ({ title: `Become ${w.place} of ${w.identity}?`, detail: `${w.who} has left.`, action: "Open and answer", until: "answer before" }),
  "drill-failed": (w) => ({ title: `The nightly drill found a gap: ${w.what}`, action: "Open it" }),
  "proposal-waiting": (w) => ({ title: `${w.who} proposes: ${w.what}`, detail: "It needs a second administrator.", action: "Open and decide", until: "decide before" }),
  "finding-new": (w) => ({ title: w.what === unnamed.what ? `New finding about ${w.identity}` : w.what, detail: w.identity === unnamed.identity ? undefined : `About ${w.identity}`, action: "Open the finding" }),
  "question-asked": (w) => ({ title: `“${w.what}” was asked of the evidence`, detail: w.outcome === "" ? "Its export is being written." : sentenceCase(w.outcome), action: "Open the exports" }),
};

/** What a notice says. Whatever it may name can be missing; what is said stays true. */
export function sayNotice(kind: NoticeKind, words: NoticeWords): Sentence {
  const { title, detail, action, until } = sentences[kind]({ ...unnamed, ...words });
  const at = words.until;
  return { title, detail: detail ?? null, action, until: until !== undefined && at !== undefined ? { label: until, at } : null };
}

/** What each group is called and holds, for those who choose. */
export const groupWords = {
  decisions: { label: "Waiting for you", note: "Requests, reviews, hand-overs and proposals that you are asked to decide" },
  own: { label: "What you asked for", note: "Decisions, questions and comments, access that is ready, ends" },
  trouble: { label: "Trouble", note: "Ends that are not proven, systems that do not answer, new findings" },
  emergency: { label: "Break-glass", note: "Emergency access and its reviews. Always at once, quiet hours or not" },
} as const;
