import { formatList, formatPlural, formatUtcDay } from "@/lib/platform/format";
import type { BatchObstacle, Consequence, Decision, MissedAction, ReviewerRole, ReviewerWhy, ReviewState, Trigger } from "@/lib/reviews/types";
import type { ItemView } from "@/lib/reviews/views/types";

/** What each decision is called on its button, in short, and what it does. */
export const decisionWords = {
  keep: { verb: "Keep", done: "keep", what: "It stays as it is, until a day that you name." },
  rotate: { verb: "Rotate", done: "rotate", what: "Its credentials are renewed by a day; discovery looks whether they were." },
  narrow: { verb: "Narrow", done: "narrow", what: "Standing access that you choose is taken away; discovery looks whether it was." },
  rehearse: { verb: "Rehearse", done: "rehearse", what: "It is switched off for a while, to see what misses it, and comes back by itself." },
  offboard: { verb: "Offboard", done: "offboard", what: "It is removed from its systems for good." },
} as const satisfies Record<Decision, { verb: string; done: string; what: string }>;

/** The key of each decision, in the order in which they are shown. */
export const decisionKeys = { keep: "1", rotate: "2", narrow: "3", rehearse: "4", offboard: "5" } as const satisfies Record<Decision, string>;

export const triggerWords = {
  "owner-left": "its owner left",
  "scope-grew": "it can do more than when it was last decided about",
  woke: "it was used again after a long silence",
  "credential-old": "a credential of it is older than policy allows",
} as const satisfies Record<Trigger, string>;

export const stateWords = {
  preparing: "being prepared",
  running: "running",
  decided: "waits for a second person",
  complete: "complete",
  cancelled: "cancelled",
} as const satisfies Record<ReviewState, string>;

/** Why items are not in a batch, after a number: "3 changed since". */
export const obstacleWords = {
  privileged: "high or privileged",
  "not-low": "more than low",
  "never-reviewed": "never decided about before",
  changed: "changed since",
  "recommends-else": "recommended otherwise",
  "in-trouble": "not active",
} as const satisfies Record<BatchObstacle, string>;

export const missedWords = {
  escalate: "asks the sponsor, then the team's lead, then administrators",
  freeze: "freezes new grants of the identity until somebody decides",
  rehearse: "rehearses by itself outside production, and asks the next person in production",
} as const satisfies Record<MissedAction, string>;

export const consequenceWords = {
  escalated: "missed; somebody else is asked",
  froze: "missed; new grants are frozen",
  rehearsed: "missed; switched off to see who misses it",
  "nobody-left": "missed; nobody else can be asked",
} as const satisfies Record<Consequence, string>;

export const whyWords = {
  owner: "owner",
  backup: "backup",
  sponsor: "sponsor",
  lead: "leads the team",
  administrator: "administrator",
} as const satisfies Record<ReviewerWhy, string>;

export const reviewerWords = { owner: "the owner", backup: "else the backup", sponsor: "else the sponsor" } as const satisfies Record<ReviewerRole, string>;

type Reviewer = ItemView["reviewers"][number];
const order: readonly ReviewerWhy[] = ["owner", "backup", "sponsor", "lead", "administrator"];

/** Who would have come before those who are asked, and was out of office when they were named. */
export function whyNotFirst(reviewers: readonly Reviewer[]): Reviewer[] {
  const first = Math.min(...reviewers.filter(({ isAsked, awayUntil }) => isAsked && awayUntil === null).map(({ why }) => order.indexOf(why)));
  return reviewers.filter(({ why, awayUntil }) => awayUntil !== null && order.indexOf(why) < first).sort((one, other) => order.indexOf(one.why) - order.indexOf(other.why));
}

/** "since Olga (owner) is out of office until 3 Dec" as it was when the reviewers were named. */
export function awayWords(away: readonly Reviewer[]): string {
  const names = away.map(({ name, why, awayUntil }) => `${name} (${whyWords[why]}) until ${formatUtcDay(awayUntil ?? "")}`);
  const isAsked = away.some((each) => each.isAsked);
  return `${isAsked ? "asked although out of office, since nobody of its side was here" : "out of office when this was asked"}: ${formatList(names)}`;
}

const riskLevels = ["low", "medium", "high", "critical"] as const;
/** The sensitivity behind a risk number; null where it holds nothing. */
export function levelOf(risk: number): (typeof riskLevels)[number] | null {
  return riskLevels[risk - 1] ?? null;
}

/** "3 items left" */
export const itemsLeft = (count: number) => (count === 0 ? "nothing left" : `${formatPlural(count, "item")} left`);

type Detail = Readonly<Record<string, string | number>>;

const refusals: Readonly<Record<string, (detail: Detail) => string>> = {
  "unknown-item": () => "This item is not there any more.",
  "not-asked": () => "You are not asked about this: its owner, backup and sponsor are.",
  "not-ready": () => "Its facts are still being gathered. Try again in a moment.",
  "review-closed": () => "This review is over.",
  "already-decided": ({ by }) => `${by ?? "Somebody else"} has decided about this already. Your decision was dropped.`,
  "nothing-left": () => "Nothing of it is left to decide about.",
  "until-missing": () => "Name a day.",
  "until-past": () => "The day has passed. Name a later one.",
  "until-too-late": () => "That day is too far away: at most 366 days for keep, 90 for rotate and narrow.",
  "nothing-chosen": () => "Choose what is taken away.",
  "not-held": () => "It does not hold that any more. Open the item again.",
  "no-credential": () => "It has no credential in use that could be rotated.",
  "undo-out-of-range": () => "A rehearsal lasts 1 h to 30 d.",
  "not-confirmed": () => "Confirm that it is removed for good.",
  "offboard-needs-reason": () => "Nothing was rehearsed: say in a sentence why it can go (20 characters or more).",
  "secret-in-text": ({ kinds }) => `This looks like it holds a secret${kinds ? ` (${kinds})` : ""}. Nothing was stored. Take it out.`,
  "not-your-identity": () => "Only its owner, backup and sponsor can say that.",
  "nothing-promised": () => "No rotation was promised here.",
  "seen-already": () => "Curfew has seen it rotated already: nothing is left to say.",
  "said-already": () => "Somebody has said so already. Open the page again to read it.",
  "nothing-eligible": () => "None of these can be decided together any more.",
  "nothing-staged": () => "Nothing is staged. It may have been submitted already.",
  "changed-since-seen": ({ staged }) => `Another window changed what is staged (now ${staged ?? "another number"}). Nothing was submitted: look again, then submit.`,
  "nothing-to-review": () => "Nothing in this scope has a credential or holds anything: there is nothing to ask.",
  "too-many": ({ most }) => `More than ${Number(most ?? 0).toLocaleString("en")} identities are in this scope. Nothing was started: narrow it, or start several campaigns.`,
  "due-in-the-past": () => "The due date has passed. Choose a later one.",
  "nobody-can-be-asked": () => "Nobody can be asked, not even an administrator. Nothing was started.",
  "unknown-review": () => "This review is not there any more.",
  "not-campaign": () => "A micro-review needs no second person.",
  "not-finished": () => "Items are still open. A second person acknowledges once none is.",
  "already-closed": () => "This review is over already.",
  reviewer: () => "You were asked in this review. Somebody who was not has to acknowledge it.",
  "own-side": () => "You answer for something in it. Somebody who does not has to acknowledge it.",
  "no-permission": ({ heldBy }) => `Your role does not allow this. It is open to: ${heldBy ?? "other roles"}.`,
  "system-cannot": ({ system }) => `${system ?? "Its system"} cannot switch it off: rehearse and offboard are not possible there.`,
  "known-from-files": ({ system }) => `Curfew knows ${system ?? "its system"} from files only, so it cannot switch it off: let whoever runs ${system ?? "it"} do that, and choose rotate, narrow or keep here.`,
  "target-denies": ({ handle, needs }) => `The target does not let Curfew switch ${handle ?? "it"} off${needs ? `: ${needs}` : ""}.`,
  "identity-vanished": () => "It is not on its system any more.",
  "identity-unknown": () => "This identity is not there any more.",
  "already-offboarded": () => "It is offboarded already.",
  "already-open": () => "It is being suspended or rehearsed already.",
  "already-suspended": () => "It is suspended already.",
};

/** A refusal in words. An unknown code is a refusal all the same. */
export function sayRefusal(code: string, detail: Detail = {}): string {
  return (Object.hasOwn(refusals, code) ? refusals[code]?.(detail) : undefined) ?? `This was refused (${code.replaceAll("-", " ")}), and nothing of it was done.`;
}
