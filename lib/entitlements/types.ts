import type { PrivilegeView } from "./schema";

export const sensitivities = ["low", "medium", "high", "critical"] as const;
export type Sensitivity = (typeof sensitivities)[number];

type Named = { readonly id: string; readonly name: string };

/** Some of those who hold an entitlement, with how many there are; counting stops at a thousand. */
export type HoldersView = { readonly count: number; readonly isCapped: boolean; readonly names: readonly (Named & { readonly hasException: boolean })[] };

/** An entitlement as the catalogue shows it. */
export type CatalogueRow = {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  /** What the target calls it. */
  readonly targetName: string | null;
  readonly sensitivity: Sensitivity;
  readonly resourceOwner: (Named & { readonly hasLeft: boolean }) | null;
  readonly resourceTeam: Named | null;
  readonly purposes: readonly string[];
  readonly maxDurationSeconds: number | null;
  readonly isRequestable: boolean;
  /** Null when it was never read. */
  readonly privileges: readonly PrivilegeView[] | null;
  readonly privilegesReadAt: string | null;
  readonly standing: HoldersView;
  readonly granted: HoldersView;
  /** The lower sensitivity that waits for a second administrator. */
  readonly waitsFor: Sensitivity | null;
};

/** Why an entitlement is not defined so. */
export type DefineRefusal = "unknown-entitlement" | "needs-owner" | "needs-purpose" | "cap-too-long";

/** Why a change of the catalogue is refused. */
export type CatalogueRefusal = DefineRefusal | "unknown-person" | "person-left" | "unknown-team" | "secret-in-text" | "name-taken" | "nothing-chosen" | (string & {});

/** What became of a lower sensitivity: done by the only administrator, or waiting for a second one. */
export type Lowering = "none" | "applied" | "waiting";

/** What changed of many, or would change when it is a preview. */
export type BulkChange = {
  readonly applied: boolean;
  readonly can: number;
  /** Of those, how many have a lower sensitivity that waits for a second administrator. */
  readonly waiting: number;
  readonly cannot: readonly { readonly id: string; readonly name: string; readonly why: string }[];
};
