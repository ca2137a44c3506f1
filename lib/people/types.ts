import type { Role } from "@/lib/auth/permissions";

/** Why somebody cannot be set to left. */
export type LeavingRefusal = "person-unknown" | "already-left" | "yourself" | "last-administrator" | "no-longer-administrator";

/** Why a role cannot be given or taken. */
export type RoleRefusal =
  | "person-unknown"
  | "already-left"
  | "holds-it-already"
  | "does-not-hold-it"
  | "last-administrator"
  | "no-longer-administrator";

/** What the identity provider says about who signs in. */
export type Profile = {
  readonly issuer: string;
  readonly subject: string;
  readonly name: string;
  readonly email: string | null;
};

/** A person as the list shows one. */
export type PersonRow = {
  readonly id: string;
  readonly name: string;
  readonly email: string | null;
  readonly roles: readonly Role[];
  readonly createdAt: Date;
  readonly leftAt: Date | null;
  /** Browsers signed in right now. */
  readonly signIns: number;
};

/** One page of people and where the next one starts. */
export type PeoplePage = { readonly rows: readonly PersonRow[]; readonly next: string | null };
