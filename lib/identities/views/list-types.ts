import type { CappedCount } from "@/lib/platform/format";
import type { AnswererView, IdentityKind, IdentityState } from "../types";
import type { IdentityFilter } from "./list-schema";

/** An identity as its list shows it. Dates are ISO text. */
export type IdentityRow = {
  readonly id: string;
  readonly name: string;
  readonly kind: IdentityKind;
  readonly environment: string;
  readonly state: IdentityState;
  readonly owner: AnswererView | null;
  readonly sponsor: AnswererView | null;
  readonly team: string | null;
  readonly system: string | null;
  readonly tags: readonly string[];
  readonly vendor: string | null;
  readonly lastActiveAt: string | null;
  readonly visibleSince: string | null;
  readonly firstSeenAt: string;
  readonly vanishedAt: string | null;
  readonly isShared: boolean;
  readonly staleness: number | null;
  readonly credentials: number;
  /** What it can reach, in figures; null where this person may not see that. */
  readonly reach: { readonly exposure: number | null; readonly entitlements: number; readonly standing: number } | null;
};

/** What stands beside the list when a row is opened there. */
export type IdentityCard = IdentityRow & { readonly description: string | null; readonly backup: AnswererView | null };

/** What the list's filters can be opened on. */
export const facetDimensions = [
  "kind", "state", "environment", "source", "system", "owner", "sponsor", "team", "tag", "active", "staleness", "exposure", "standing", "shared", "vanished",
] as const satisfies readonly (keyof IdentityFilter)[];
export type FacetDimension = (typeof facetDimensions)[number];

/** One value of a filter, its name where it is an id, and how many identities the list would show with it. */
export type FacetValue = { readonly value: string; readonly label: string | null; readonly count: CappedCount };

/** Names of the ids that a filter holds, for its chips. */
export type FilterNames = Readonly<Record<string, string>>;
