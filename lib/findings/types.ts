import type { FindingKind } from "./rules";

export const findingStates = ["open", "closed"] as const;
export type FindingState = (typeof findingStates)[number];

/** A finding as its list shows it. Dates are ISO text. */
export type FindingRow = {
  readonly id: string;
  readonly kind: FindingKind;
  readonly title: string;
  readonly identity: { readonly id: string; readonly name: string } | null;
  readonly system: { readonly id: string; readonly name: string } | null;
  /** The request whose grant it is about. */
  readonly requestId: string | null;
  readonly controls: readonly string[];
  readonly openedAt: string;
  readonly closedAt: string | null;
};

/** A finding with the pages behind it that its reader may open. */
export type LinkedFinding = FindingRow & {
  readonly chainId: string | null;
  readonly controlLinks: readonly { readonly id: string; readonly slug: string | null }[];
};

/** Whose findings: of everything, or of the identities that one person answers for. */
export type FindingScope = { readonly of: "all" } | { readonly of: "owner-side"; readonly personId: string };
