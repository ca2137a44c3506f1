import type { Flag, MissingForDrill, SealOutcome, Verdict } from "./types";

const flagWords: Readonly<Record<Flag, string>> = {
  "from-list": "Allowed by the list for the worst day, not by policy",
  "policy-fault": "Policy could not be asked",
  "ticket-unknown": "The ticket system does not know it as an open incident",
  "ticket-down": "The ticket system did not answer",
  "open-debt": "An earlier debt of the same side is still open",
  "second-unanswered": "The second person did not answer in time",
  "nobody-to-ask": "There was no second person to ask",
  escalated: "A request was waiting for its decision",
};

/** Why an emergency is louder than others, each as one sentence. */
export function sayFlags(flags: readonly Flag[]): string[] {
  return flags.map((flag) => flagWords[flag]);
}

export const verdictWords: Readonly<Record<Verdict, string>> = {
  justified: "Justified",
  "justified-with-findings": "Justified, with findings",
  "not-justified": "Not justified",
};

export const missingWords: Readonly<Record<MissingForDrill, string>> = {
  passkey: "no passkey",
  "way-to-reach": "no e-mail address and no webhook",
};

export const sealWords: Readonly<Record<SealOutcome, string>> = { intact: "intact", broken: "broken", resealed: "sealed again" };
