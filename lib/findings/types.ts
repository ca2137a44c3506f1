import type { FindingKind } from "./rules";

/** `seen`: it lies in the past, and somebody looked at it and said why it may rest. It stays a gap. */
export const findingStates = ["open", "seen", "closed"] as const;
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
  readonly seen: SeenMark | null;
  /** The last of the uses that it is about, where it is about uses outside of any session. */
  readonly lastUse: LastUse | null;
};

/** Who looked at a finding, when, and why it may rest. */
export type SeenMark = { readonly at: string; readonly by: string; readonly reason: string };

/** A use as a finding names it, and the source that told of it. */
export type LastUse = {
  readonly at: string;
  readonly action: string;
  readonly objects: readonly string[];
  readonly from: string | null;
  readonly source: { readonly id: string; readonly name: string };
};

/** A finding with the pages behind it that its reader may open. */
export type LinkedFinding = FindingRow & {
  /** Its reader may look at sources. */
  readonly maySeeSource: boolean;
  /** Its reader may say that they looked at it; whether it was their own act is asked when they do. */
  readonly maySee: boolean;
  readonly chainId: string | null;
  readonly controlLinks: readonly { readonly id: string; readonly slug: string | null }[];
};

/** Whose findings: of everything, or of the identities that one person answers for. */
export type FindingScope = { readonly of: "all" } | { readonly of: "owner-side"; readonly personId: string };
