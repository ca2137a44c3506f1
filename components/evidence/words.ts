import { findingWords } from "@/lib/findings/words";
import type { Tone } from "@/components/ui/truth/tone";
import type { FilterKey } from "@/lib/evidence/schema";
import { type ChainState, chainStates, type Choice, type EvidenceChoices, type EvidenceRow, sealStates, type SealState, useMatches } from "@/lib/evidence/types";
import { findingKinds } from "@/lib/findings/rules";
import { sensitivities } from "@/lib/entitlements/types";
import { type EndReason, endReasons, type GrantState, grantStates } from "@/lib/grants/types";
import { identityKinds } from "@/lib/identities/types";

/** What each filter is called. */
export const filterLabels = {
  q: "Search",
  state: "Request",
  grant: "Grant",
  reason: "Ended because",
  unproven: "Unproven only",
  identity: "Identity",
  entitlement: "Entitlement",
  system: "System",
  requester: "Asked by",
  approver: "Voted by",
  sensitivity: "Sensitivity",
  kind: "Kind",
  environment: "Environment",
  finding: "Finding",
  seal: "Chain",
  match: "Uses",
  ticket: "Ticket",
  emergency: "Break-glass",
  passkey: "Passkey",
  demo: "Demo data",
  from: "From",
  to: "To",
} as const satisfies Record<FilterKey, string>;

/** All parameters that a filter may set, for taking them all off. */
export const filterNames = Object.keys(filterLabels) as FilterKey[];

const stateWords = {
  pending: "pending",
  approved: "approved",
  denied: "denied",
  withdrawn: "withdrawn",
  lapsed: "lapsed",
  refused: "refused before it was asked",
} as const satisfies Record<ChainState, string>;

const grantWords = {
  ready: "ready to activate",
  issuing: "being issued",
  active: "live",
  ending: "ending",
  accepted: "accepted, not proven",
  proven: "proven dead",
  failed: "never issued",
  lapsed: "never activated",
  stuck: "stuck, not proven",
  "not-provable": "cannot be proven",
  forced: "closed by force",
  "expired-unproven": "expired, unproven",
} as const satisfies Record<GrantState, string>;

const endShort = {
  completed: "task done",
  "task-failed": "task failed",
  expired: "time over",
  idle: "idle",
  "use-limit": "uses up",
  "context-changed": "policy said no",
  abnormal: "abnormal",
  "ticket-closed": "ticket closed",
  "ended-by-person": "ended by hand",
  "identity-suspended": "suspended",
  "owner-left": "owner left",
  superseded: "answer lost",
} as const satisfies Record<EndReason, string>;

/** Why a session ended, short enough for a table. */
export function endReasonShort(reason: EndReason): string {
  return endShort[reason];
}

export const sealWords = {
  complete: "complete",
  open: "open: a source is late",
  unknowable: "a source never says how far it is",
  live: "live",
  broken: "seal broken by late data",
} as const satisfies Record<SealState, string>;

const matchWords = { exact: "matched exactly", strong: "matched strongly", inferred: "inferred", none: "none seen" } as const;

/** Filters that say yes or no, each with its words. */
export const yesNoWords = {
  ticket: { yes: "with a ticket", no: "without a ticket" },
  emergency: { yes: "emergencies only", no: "without emergencies" },
  passkey: { yes: "approved with a passkey", no: "approved without a passkey" },
} as const;

const yesNo: readonly Choice[] = [
  { value: "yes", label: "only demo data" },
  { value: "no", label: "without demo data" },
];

/** Words to choose from, per filter. */
export const wordChoices = {
  state: chainStates.map((value) => ({ value, label: stateWords[value] })),
  grant: grantStates.map((value) => ({ value, label: grantWords[value] })),
  reason: endReasons.map((value) => ({ value, label: endShort[value] })),
  sensitivity: sensitivities.map((value) => ({ value, label: value })),
  kind: identityKinds.map((value) => ({ value, label: value.replaceAll("-", " ") })),
  finding: findingKinds.map((value) => ({ value, label: findingWords[value].name })),
  seal: sealStates.map((value) => ({ value, label: sealWords[value] })),
  match: useMatches.map((value) => ({ value, label: matchWords[value] })),
} as const satisfies Partial<Record<FilterKey, readonly Choice[]>>;

function choicesOf(key: string, chosen: EvidenceChoices): readonly Choice[] {
  if (key in wordChoices) return wordChoices[key as keyof typeof wordChoices];
  if (key in chosen) return chosen[key as keyof EvidenceChoices];
  return key === "demo" ? yesNo : [];
}

/** One value of a filter in words: "Grant: proven dead". An id whose name is gone is told as one. */
export function chipText(key: FilterKey, value: string, chosen: EvidenceChoices): string {
  if (key === "unproven") return filterLabels.unproven;
  if (key === "demo") return yesNo.find((one) => one.value === value)?.label ?? value;
  if (key in yesNoWords) return value === "yes" || value === "no" ? yesNoWords[key as keyof typeof yesNoWords][value] : value;
  if (key === "from") return `asked from ${value}`;
  if (key === "to") return `asked until ${value}, that day included`;
  if (key === "q") return `“${value}”`;
  const label = choicesOf(key, chosen).find((one) => one.value === value)?.label ?? "somebody or something that is gone";
  return `${filterLabels[key]}: ${label}`;
}

/** A whole filter in words; an id that nobody has a name for stays one. */
export function filterText(filter: Readonly<Record<string, string>>, named: Readonly<Record<string, string>> = {}): string {
  const parts = Object.entries(filter).map(([key, value]) => {
    const words = value.split(",").map((one) => choicesOf(key, noChoices).find((choice) => choice.value === one)?.label ?? named[one] ?? one);
    const label = key in filterLabels ? filterLabels[key as FilterKey] : key;
    if (key in yesNoWords && (value === "yes" || value === "no")) return yesNoWords[key as keyof typeof yesNoWords][value];
    return key === "unproven" ? label : `${label}: ${words.join(", ")}`;
  });
  return parts.length === 0 ? "everything" : parts.join(" · ");
}

const noChoices: EvidenceChoices = { identity: [], entitlement: [], system: [], requester: [], approver: [], environment: [] };

/** What a row has come to, in a word or two and its colour; trouble gets a badge. */
export function outcomeOf({ state, grantState, provenAt }: Pick<EvidenceRow, "state" | "grantState" | "provenAt">): { readonly tone: Tone; readonly text: string; readonly isTrouble: boolean } {
  if (grantState === null) {
    if (state === "pending") return { tone: "waiting", text: "waits for a decision", isTrouble: false };
    return { tone: "neutral", text: state, isTrouble: false };
  }
  const text = grantWords[grantState];
  switch (grantState) {
    case "active":
      return { tone: "live", text, isTrouble: false };
    case "ending":
    case "accepted":
      return { tone: "ending", text, isTrouble: false };
    case "stuck":
    case "not-provable":
    case "forced":
    case "expired-unproven":
      return { tone: "stuck", text, isTrouble: true };
    case "ready":
    case "issuing":
      return { tone: "waiting", text, isTrouble: false };
    case "proven":
      return { tone: "proven", text: provenAt ? text : "proven", isTrouble: false };
    case "failed":
    case "lapsed":
      return { tone: "neutral", text, isTrouble: false };
  }
}
