/** The place that somebody left. */
export const places = ["owner", "sponsor", "backup"] as const;
export type Place = (typeof places)[number];

/** Who is asked, one after another. */
export const steps = ["backup", "sponsor", "team-lead"] as const;
export type Step = (typeof steps)[number];

export const handOverStates = ["offered", "accepted", "failed", "ended"] as const;
export type HandOverState = (typeof handOverStates)[number];

/** Somebody who could be asked. */
export type Candidate = { readonly step: Step; readonly personId: string };

/** Why an offer cannot be answered. */
export type OfferRefusal = "unknown-hand-over" | "not-asked" | "already-answered" | "not-offered-any-more" | "too-late" | "you-left";

/** One place that is offered to the person who looks. */
export type OfferView = {
  readonly handOverId: string;
  readonly place: Place;
  readonly step: Step;
  readonly identity: { readonly id: string; readonly name: string; readonly kind: string; readonly environment: string };
  readonly leaver: string;
  readonly deadline: string;
  /** Who else is asked in the same step. */
  readonly others: readonly string[];
};

/** A hand-over as administrators and auditors see it. */
export type HandOverView = {
  readonly id: string;
  readonly place: Place;
  readonly state: HandOverState;
  readonly identity: { readonly id: string; readonly name: string; readonly kind: string };
  readonly leaver: string;
  readonly startedAt: string;
  readonly deadline: string | null;
  readonly endedAt: string | null;
  /** Who is asked now. */
  readonly asked: readonly { readonly name: string; readonly step: Step }[];
};
