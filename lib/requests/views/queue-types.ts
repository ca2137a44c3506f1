import type { RiskPart } from "../risk";

/** What became of a request that waited a moment ago. */
export type MeanwhileRow = {
  readonly requestId: string;
  readonly state: string;
  /** Who decided it, where a person did. */
  readonly by: string | null;
  readonly answer: "approve" | "deny" | null;
  readonly at: string;
};

/** How risky a request is, with its arithmetic. */
export type RiskView = { readonly points: number; readonly parts: readonly RiskPart[] };

/** A person's own figures: shown to nobody else. */
export type OwnPace = {
  readonly days: number;
  readonly decided: number;
  /** Of those that were opened; null where none was. */
  readonly medianMs: number | null;
  readonly unopened: number;
  readonly hasty: number;
  readonly together: number;
};
