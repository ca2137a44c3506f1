import { formatSeconds, formatUtc } from "@/lib/platform/format";
import { explainRefusal } from "@/lib/policies/explain";
import type { PolicyRefusalCode } from "@/lib/policies/rules";
import { passkeyRefusals } from "@/components/passkeys/words";
import { type StepUpRefusal, stepUpRefusals } from "@/lib/passkeys/types";
import { reasonsInWords } from "@/components/tickets/words";
import type { activateGrantAction, decideRequestAction, endGrantAction, submitRequestAction, withdrawRequestAction, writeCommentAction } from "@/lib/requests/actions";

/** What a mutation's refusal says beside its code. */
export type Detail = Readonly<Record<string, string | number>>;

/** A refusal in words, and the form field that it is about. */
export type Said = { readonly text: string; readonly field?: string };

type Action = (...args: never[]) => Promise<{ readonly status: string }>;
type CodeOf<Called extends Action> = Extract<Awaited<ReturnType<Called>>, { status: "refused" }> extends { readonly code: infer Code } ? Code : never;
type Sentences<Code extends string> = Readonly<Record<Code, (detail: Detail) => Said>>;

const say = (text: string, field?: string) => (): Said => (field ? { text, field } : { text });

const noPermission = ({ heldBy }: Detail): Said => ({ text: `Your role does not allow this. It is open to: ${heldBy ?? "other roles"}.` });

/** Which field of the ask a refusal of policy or of the caps is about. */
const policyFields: Partial<Record<PolicyRefusalCode, string>> = {
  "purpose-not-allowed": "purpose",
  "ticket-missing": "ticketKey",
  "bound-not-positive": "durationSeconds",
  "duration-over-policy": "durationSeconds",
  "duration-over-cap": "durationSeconds",
  "uses-over-policy": "maxUses",
};

function policy(code: PolicyRefusalCode): (detail: Detail) => Said {
  return (detail) => {
    const field = policyFields[code];
    const text = withStop(explainRefusal({ ok: false, code, detail }));
    return field ? { text, field } : { text };
  };
}

function withStop(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

function secretIn(usual: string): (detail: Detail) => Said {
  return ({ kinds, field = usual }) => ({
    text: `This looks like it holds a secret${kinds ? ` (${kinds})` : ""}. Nothing was stored. Take it out; if it is real, replace it at its source.`,
    field: String(field),
  });
}

/** What stands against a ticket, and what to do about it. `rest` says what was kept. */
function ticketSays(rest: string) {
  return {
    "ticket-unknown": ({ ticket, known }: Detail): Said => ({ text: `${ticket ?? "This"} is no key of a ticket system that is connected (${known ?? "none"}). ${rest}`, field: "ticketKey" }),
    "ticket-not-good": ({ ticket, provider, reasons, why }: Detail): Said => ({
      text: `${ticket ? `${ticket} in ${provider ?? "its ticket system"}` : "Its ticket"} does not stand for this: ${reasonsInWords(String(reasons ?? why ?? "").split(", "))}. ${rest}`,
      field: "ticketKey",
    }),
    "ticket-provider-down": ({ ticket, provider }: Detail): Said => ({ text: `${provider ?? "The ticket system"} does not answer, so nobody knows whether ${ticket ?? "the ticket"} stands. ${rest}`, field: "ticketKey" }),
  };
}

const submitting: Sentences<CodeOf<typeof submitRequestAction>> = {
  "policy-refuses": policy("policy-refuses"),
  "policy-fault": policy("policy-fault"),
  "step-up-unavailable": policy("step-up-unavailable"),
  "purpose-not-allowed": policy("purpose-not-allowed"),
  "ticket-missing": policy("ticket-missing"),
  "bound-not-positive": policy("bound-not-positive"),
  "duration-over-policy": policy("duration-over-policy"),
  "duration-over-cap": policy("duration-over-cap"),
  "uses-over-policy": policy("uses-over-policy"),
  "unknown-identity": say("This identity is not there any more. Pick another one.", "identityId"),
  "identity-orphaned": ({ identity, ask }) => ({
    text: `Nobody answers for ${identity ?? "this identity"} any more: its owner left and nobody took over, so nothing new is given. ${ask ? `Ask ${ask}` : "Ask an administrator"} to name an owner, then ask again.`,
    field: "identityId",
  }),
  "review-missed": ({ identity }) => ({
    text: `Nobody reviewed ${identity ?? "this identity"} in time, so nothing new is given. Ask whoever answers for it to decide its open review, then ask again.`,
    field: "identityId",
  }),
  "unknown-entitlement": say("This entitlement is not there any more. Pick another one.", "entitlementIds"),
  "not-your-identity": say("A workload can ask for itself only.", "identityId"),
  "not-requestable": ({ entitlement }) => ({ text: `${entitlement ?? "It"} cannot be asked for: nobody has said yet who owns it and what for.`, field: "entitlementIds" }),
  "purpose-not-listed": ({ allowed }) => ({ text: `Pick a purpose of this entitlement: ${allowed ?? "none is set"}.`, field: "purpose" }),
  "already-granted": ({ number }) => ({ text: `The identity already has this: request ${number ?? ""} gives it now.` }),
  "already-asked": ({ number }) => ({ text: `This is asked for already: request ${number ?? ""} waits for its decision.` }),
  "nothing-to-extend": say("There is no live session of yours to go on with here. It may have ended meanwhile: ask anew, without extending."),
  "nothing-to-ask-again": say("The denied request that this asks again is not there, or is not yours. Ask anew."),
  "start-too-late": ({ latest }) => ({ text: `This starts too late: what is decided today must start by ${latest ? formatUtc(String(latest)) : "the longest wait"}. Ask nearer to its time.`, field: "notBefore" }),
  "nobody-can-approve": ({ stage, unknown }) => ({
    text: unknown
      ? `Nobody can approve this: policy asks ${unknown}, and nobody or several are called that.`
      : `Nobody can approve this: ${stage ?? "a stage"} has not enough people left outside the asking side.`,
  }),
  "held-standing": ({ identity, entitlements }) => ({
    text: `${identity ?? "It"} has ${entitlements ?? "this"} standing already, so it needs no grant to use it. Nobody was asked yet: say why it is asked all the same.`,
    field: "standingReason",
  }),
  "secret-in-text": secretIn("intent"),
  ...ticketSays("Nothing was sent: name another ticket, or try again."),
  "no-permission": noPermission,
};

/** What stands against a passkey's answer, as everywhere where one is asked. */
const passkeySays = Object.fromEntries(stepUpRefusals.map((code) => [code, say(passkeyRefusals[code] ?? "Your passkey did not count. Nothing was decided: try again.")])) as Readonly<Record<StepUpRefusal, () => Said>>;

const deciding: Sentences<CodeOf<typeof decideRequestAction>> = {
  "not-pending": ({ state }) => ({ text: `This was ${state ?? "decided"} in the meantime. Your vote was not counted.` }),
  "decision-time-over": say("The time to decide is over. The request lapses and can be asked again."),
  "own-side": say("You are on the asking side of this request, so somebody else decides it."),
  "not-asked": say("You are not asked about this request."),
  "already-voted": say("Your vote on this request is counted already."),
  "not-your-turn": say("An earlier stage decides first. You are asked after it."),
  "seat-taken": say("Whom you act for, or who acts for you, has voted in this stage already: one seat is one vote."),
  "changed-since-seen": say("The request changed while you looked at it. Your reason is kept: look again, then decide."),
  "not-narrower": ({ mostSeconds }) => ({
    text: mostSeconds ? `Give at most ${formatSeconds(Number(mostSeconds))}: a decision can only shorten.` : "A decision can shorten the duration, not lengthen it.",
    field: "durationSeconds",
  }),
  "unknown-request": say("This request is not there."),
  "secret-in-text": secretIn("reason"),
  "too-fast": ({ leastSeconds, opened }) => ({
    text: opened === "no" ? "You had not opened it. Say in a line why you can decide it anyway, or read it first." : `That was faster than it can be read (about ${leastSeconds ?? "a few"} s). Say in a line why, or read on.`,
    field: "reason",
  }),
  "not-together": say("It is not decided together with others any more: open it and decide it by itself."),
  "step-up-needed": say("Policy wants a passkey for this now. Your vote was not counted: look again, then approve with your passkey."),
  ...passkeySays,
  ...ticketSays("Your vote was not counted and the request waits; you can deny it."),
  "no-longer-asked": say("You were asked as one of a team or as the resource's owner, and are that no longer. Your vote does not count."),
  "no-role": say("You do not hold a role that decides any more."),
  "policy-refuses": say("Policy refuses this now, so it cannot be approved. You can deny it, or leave it to lapse."),
  "policy-fault": say("Policy could not be asked, so nothing new is given. Your vote was not counted. Try again in a moment."),
  "no-permission": noPermission,
};

const withdrawing: Sentences<CodeOf<typeof withdrawRequestAction>> = {
  "unknown-request": say("This request is not there."),
  "not-requester": say("Only who asked can withdraw a request."),
  "not-pending": ({ state }) => ({ text: `It cannot be withdrawn any more: it is ${state ?? "decided"}.` }),
  "no-permission": noPermission,
};

const commenting: Sentences<CodeOf<typeof writeCommentAction>> = {
  "unknown-request": say("This request is not there."),
  "not-asked": say("Only who is asked to decide can ask back. You can comment.", "text"),
  "not-pending": ({ state }) => ({ text: `It is ${state ?? "decided"} already, so there is nothing to ask back. You can comment.`, field: "text" }),
  "not-requester": say("Only the asking side answers."),
  "unknown-question": say("This question is not there."),
  "key-used-elsewhere": say("This was written on another request already. Nothing was stored. Reload the page, then write it again."),
  "too-many": say("This request has as many comments as it can hold. Nothing was stored.", "text"),
  "secret-in-text": secretIn("text"),
  "no-permission": noPermission,
};

const ending: Sentences<CodeOf<typeof endGrantAction>> = {
  "unknown-grant": say("This session is not there."),
  "not-permitted": say("You cannot end this session. Its requester, its identity's owner side, who approved it, the resource's owner and administrators can."),
  "not-live": ({ state }) => ({ text: `There is no live session to end: it is ${state ?? "over"}.` }),
  "no-permission": noPermission,
};

/** Codes that an activation answers; it may answer others of its target, which the last sentence covers. */
const activating = {
  ...ticketSays("Nothing was issued; the approval is kept, so try again once the ticket stands."),
  "unknown-grant": say("This grant is not there."),
  "not-requester": say("Only who asked can get the credential, since only they may see it."),
  "request-not-approved": say("The request is not approved."),
  "before-its-start": say("It was asked for later: it can be activated from its start on. Nothing was issued, and your approval is kept."),
  "former-ended": say("The session that this goes on with was ended, so nothing goes on. Nothing was issued. Ask anew if it is still needed."),
  "not-activated-in-time": say("The time to activate is over. Ask again."),
  "being-activated": say("It is being activated by another page of yours right now. If that page is gone, it is checked and opens again in about 30 s."),
  "being-recovered": say("An earlier attempt got no answer and is being checked. It can be activated again in about 30 s."),
  "already-activated": say("The credential was shown already, on another page. It cannot be shown again; end the session and ask again if it is lost."),
  "not-activatable": say("This grant cannot be activated any more."),
  superseded: say("Curfew had already given this attempt up and ends whatever came of it. It can be activated again in about 30 s."),
  "policy-refuses": say("Policy refuses this now: something changed since it was approved. Nothing was issued."),
  "review-missed": say("Nobody reviewed this identity in time, so nothing new is given to it. Nothing was issued, and your approval is kept. Once its owner decides about it, activate again."),
  "identity-orphaned": say("Nobody answers for this identity any more, so nothing new is given to it. Nothing was issued, and your approval is kept. Once somebody takes it over, activate again."),
  "policy-fault": say("Policy could not be asked, so nothing new is given. Your approval is kept. Try again in a moment."),
  "target-did-not-answer": say("The target did not answer in time. Try again: the same credential is asked for, so nothing is issued twice."),
  "target-unreachable": say("The target cannot be reached. Your approval is kept. Try again in a moment."),
  "target-denied": say("The target refused Curfew's account. Nothing was issued, your approval is kept, and whoever runs the system has to look."),
  "target-wrong-target": say("The target does not have what this entitlement points to. Nothing was issued; whoever runs the system has to look."),
  "target-deadline-passed": say("The target was too slow and gave up. Nothing was issued, and your approval is kept. Try again."),
  "target-conflict": say("The target already holds something by this name that is not ours. Nothing was issued; whoever runs the system has to look."),
  "no-permission": noPermission,
} as const satisfies Readonly<Record<string, (detail: Detail) => Said>>;

const tables = { submit: submitting, comment: commenting, decide: deciding, withdraw: withdrawing, end: ending, activate: activating } as const;

/** What was refused; `activate` is typed as text by its action. */
export type Refused = keyof typeof tables;
type Codes = { submit: CodeOf<typeof submitRequestAction>; activate: CodeOf<typeof activateGrantAction> };

/** The sentence of a refusal. An unknown code is a refusal all the same. */
export function sayRefusal(what: Refused, code: Codes["submit"] | Codes["activate"], detail: Detail = {}): Said {
  const table: Readonly<Record<string, (detail: Detail) => Said>> = tables[what];
  return Object.hasOwn(table, code) ? (table[code]?.(detail) ?? unknown) : unknown;
}

const unknown: Said = { text: "This was refused, and nothing was changed. Reload the page to see what is true now." };
