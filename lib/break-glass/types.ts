/** `waiting` for a second person; `open`: access was given; the others gave nothing. */
export const breakGlassStates = ["waiting", "open", "declined", "withdrawn", "superseded"] as const;
export type BreakGlassState = (typeof breakGlassStates)[number];

/** What allowed it: policy, or the list that was approved beforehand. */
export const bases = ["policy", "list"] as const;
export type Basis = (typeof bases)[number];

/** What the ticket system said about the incident. */
export const incidentChecks = ["verified", "unknown", "down", "not-connected"] as const;
export type IncidentCheck = (typeof incidentChecks)[number];

/** Why one emergency is louder than another. Each says something that a reviewer has to look at. */
export const flags = ["from-list", "policy-fault", "ticket-unknown", "ticket-down", "open-debt", "second-unanswered", "nobody-to-ask", "escalated"] as const;
export type Flag = (typeof flags)[number];

export const secondAnswers = ["confirm", "decline", "unanswered"] as const;
export type SecondAnswer = (typeof secondAnswers)[number];

export const verdicts = ["justified", "justified-with-findings", "not-justified"] as const;
export type Verdict = (typeof verdicts)[number];

/** Why a glass is not broken. */
export type BreakRefusal =
  | "unknown-identity"
  | "unknown-entitlement"
  | "not-grantable"
  | "identity-orphaned"
  | "review-missed"
  | "policy-refuses"
  | "policy-fault"
  | "ticket-unverified"
  | "duration-too-long"
  | "already-open"
  | "already-waiting"
  | "not-escalatable"
  | "secret-in-text"
  | "no-role";

/** Why somebody is not the second person. */
export type SecondRefusal = "unknown-break-glass" | "not-waiting" | "own-side" | "not-asked" | "time-over" | "no-role" | "secret-in-text";

/** Why somebody cannot close a debt. */
export type CloseRefusal = "unknown-break-glass" | "no-debt" | "already-closed" | "own-side" | "still-live" | "no-role" | "secret-in-text";

export const missingForDrill = ["passkey", "way-to-reach"] as const;
export type MissingForDrill = (typeof missingForDrill)[number];

export const sealOutcomes = ["intact", "broken", "resealed"] as const;
export type SealOutcome = (typeof sealOutcomes)[number];
