import type { Role } from "@/lib/auth/permissions";

/** Why somebody cannot be set to left. */
export type LeavingRefusal = "person-unknown" | "already-left" | "yourself" | "last-administrator" | "no-longer-administrator";

/** Why a role cannot be given or taken. */
export type RoleRefusal =
  | "person-unknown"
  | "already-left"
  | "holds-it-already"
  | "has-engagement"
  | "does-not-hold-it"
  | "last-administrator"
  | "no-longer-administrator";

/** Why a team, a time on call or an absence cannot be set. */
export type TeamRefusal =
  | "person-unknown"
  | "already-left"
  | "team-unknown"
  | "filled-by-directory"
  | "in-it-already"
  | "not-in-it"
  | "over-already"
  | "ends-before-it-begins"
  | "ends-in-the-past"
  | "too-long"
  | "not-yourself"
  | "stand-in-not-here"
  | "delegate-yourself"
  | "delegate-cannot-decide";

/** What the identity provider says about who signs in. */
export type Profile = {
  readonly issuer: string;
  readonly subject: string;
  readonly name: string;
  readonly email: string | null;
};

export const presences = ["here", "left"] as const;
export const passkeyChoices = ["some", "none"] as const;

/** A person as the list shows one. Dates are ISO text. */
export type PersonRow = {
  readonly id: string;
  readonly name: string;
  readonly email: string | null;
  readonly roles: readonly Role[];
  readonly teams: readonly string[];
  readonly leftAt: string | null;
  /** Out of office until then. */
  readonly awayUntil: string | null;
  /** Teams that this person is on call for now. */
  readonly onCallFor: readonly string[];
  /** Browsers signed in right now. */
  readonly signIns: number;
  /** Passkeys that this person can use now. */
  readonly passkeys: number;
};

/** A name that leads somewhere. */
export type Named = { readonly id: string; readonly name: string };

/** A list that shows its first rows and says how many there are. */
type Some<Row> = { readonly rows: readonly Row[]; readonly total: number };

/** Everything that the page of one person shows. Dates are ISO text. */
export type PersonView = {
  readonly id: string;
  readonly name: string;
  readonly email: string | null;
  readonly createdAt: string;
  readonly leftAt: string | null;
  readonly signIns: number;
  readonly isInDirectory: boolean;
  readonly roles: readonly { readonly role: Role; readonly since: string }[];
  readonly teams: readonly (Named & { readonly lead: boolean; readonly isFilledByDirectory: boolean })[];
  readonly onCall: readonly { readonly id: string; readonly team: string; readonly from: string; readonly until: string }[];
  readonly absence: { readonly from: string; readonly until: string; readonly standIn: string | null } | null;
  /** Whom this person stands in for now. */
  readonly standsInFor: readonly string[];
  /** Who decides requests on this person's seat, and when. */
  readonly delegation: { readonly from: string; readonly until: string; readonly delegateId: string; readonly delegate: string } | null;
  /** On whose seats this person may decide now. */
  readonly decidesFor: readonly string[];
  readonly resources: Some<Named & { readonly systemId: string; readonly system: string; readonly team: string | null }>;
  readonly identities: Some<Named & { readonly kind: string; readonly as: readonly string[] }>;
};

/** A team with its leads and who is on call. */
export type TeamView = Named & {
  readonly members: number;
  readonly leads: readonly Named[];
  /** Some of those who do not lead it, by name. */
  readonly others: readonly Named[];
  readonly isFilledByDirectory: boolean;
  readonly onCall: readonly { readonly id: string; readonly person: Named; readonly from: string; readonly until: string; readonly isNow: boolean }[];
};

/** Why a link does not make somebody the first administrator. */
export const firstAdministratorRefusals = ["not-the-first", "link-unknown", "link-expired"] as const;
export type FirstAdministratorRefusal = (typeof firstAdministratorRefusals)[number];
