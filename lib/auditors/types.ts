/** What an auditor looks at or takes. */
export const lookKinds = ["chain", "list", "export", "file"] as const;
export type LookKind = (typeof lookKinds)[number];

/** Why an engagement cannot be given, ended or removed. */
export type EngagementRefusal =
  | "person-unknown"
  | "already-left"
  | "yourself"
  | "holds-roles"
  | "system-unknown"
  | "ends-in-the-past"
  | "too-long"
  | "period-backwards"
  | "secret-in-text"
  | "engagement-unknown"
  | "still-in-force";

/** An engagement as administrators see it. */
export type EngagementView = {
  readonly id: string;
  readonly person: { readonly id: string; readonly name: string };
  readonly since: string;
  readonly until: string;
  readonly fromDay: string;
  readonly toDay: string;
  /** Empty: every system. */
  readonly systems: readonly string[];
  readonly names: boolean;
  readonly reason: string;
  readonly givenBy: string;
  readonly isOver: boolean;
};

/** An engagement as its auditor sees it. */
export type OwnEngagement = Pick<EngagementView, "since" | "until" | "fromDay" | "toDay" | "systems" | "names" | "reason">;

/** One look, as administrators see it. */
export type LookRow = {
  readonly id: string;
  readonly person: string;
  readonly kind: LookKind;
  readonly at: string;
  /** The chain's page, or that of the list with its filter. */
  readonly href: string;
  readonly filter: Readonly<Record<string, string>>;
  readonly isBounded: boolean;
};

/** The looks of a day, as the ledger holds them. */
export type DigestView = { readonly day: string; readonly count: number; readonly sha256: string };
