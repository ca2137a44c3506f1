import type * as z from "zod";

/**
 * The contract between Curfew and a target system. A connector is one folder and one line in `registry.ts`.
 * Two halves: what must be there (`grant`, `revoke`, `inspect`) and optional capabilities, which a session simply has
 * or has not as methods and which the screen shows as the system's limits.
 */
export interface Connector<Config, Secrets, Target> {
  /** Name and version, stored with each system, for example `postgres@1`. */
  readonly kind: string;
  /** What people call it, for example "PostgreSQL". */
  readonly title: string;
  /** Where the target is. Stored in the clear; holds no secret. */
  readonly config: z.ZodType<Config>;
  /** How Curfew signs in to it. Stored only sealed under CURFEW_SECRET_KEY. */
  readonly secrets: z.ZodType<Secrets>;
  /** What an entitlement points to on the target, for example a group role. */
  readonly target: z.ZodType<Target>;
  /** What the connector can do at all; a session may find less on an older target. */
  readonly capabilities: Capabilities;
  /** How the credential comes to be: the holder makes it and Curfew sees a verifier only, or the target makes it. */
  readonly credential: "holder-made" | "target-made";
  /** Opens a session. Does not connect by itself; the first call does. */
  open(config: Config, secrets: Secrets, deps: ConnectorDeps): ConnectorSession<Target>;
}

export type Capabilities = {
  readonly discover: boolean;
  readonly probe: boolean;
  readonly sessions: boolean;
  readonly observe: boolean;
  readonly nativeExpiry: boolean;
  readonly describe: boolean;
  /** Puts credentials that it did not make out of work, and gives back exactly what it took. */
  readonly suspend: boolean;
  /** Removes credentials that it did not make, for good. */
  readonly remove: boolean;
};

export type ConnectorDeps = {
  /** This installation's id (8 lower-case hex digits); every handle carries it, so that two installations never end each other's work. */
  readonly installationId: string;
  /** Monotonic enough for deadlines; injected for tests. */
  readonly now: () => Date;
  /** Waits between the probe's two looks; injected for tests. */
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** Told between two effects on the target, so that a test can kill the process just there. */
  readonly reached?: (point: "issue-uncommitted" | "locked-out" | "freed" | "suspend-uncommitted") => void;
};

/** What names a credential on the target for ever, without being a secret. Kept in the grant as JSON. */
export type Handle = {
  /** Deterministic from installation and grant id, so that recovery needs no memory. */
  readonly name: string;
  /** The target's own lasting id (PostgreSQL: the role's OID as decimal text), once known. */
  readonly targetId?: string;
};

export type GrantOrder<Target> = {
  readonly grantId: string;
  readonly target: Target;
  /** The credential dies natively at this time where the target can do that. */
  readonly notAfter: Date;
  /** PostgreSQL: the SCRAM-SHA-256 verifier that the holder computed. Never a password. */
  readonly verifier: string;
  readonly maxConnections: number;
  /** Issue must have committed on the target by then or not at all; recovery starts only 15 s later. */
  readonly deadline: Date;
};

export type GrantReceipt = {
  readonly handle: Handle;
  /** How to connect, without the secret: shown to the holder (host, port, database, user, sslmode). */
  readonly connection: Readonly<Record<string, string>>;
  readonly issuedAt: Date;
  /** True when the call found what an earlier, identical call had made. */
  readonly repeated: boolean;
  /** What names the credential in the target's own logs, as `kind:value` of `lib/uses/rules.ts`; never a secret. Kept with the session, so that its uses match exactly. */
  readonly markers: readonly string[];
};

export type RevokeOrder = { readonly grantId: string; readonly targetId?: string };

/** What was left behind by the session and could not simply vanish with it. Each is a finding. */
export type Leftover = {
  readonly kind: "function" | "trigger" | "table" | "privilege" | "other";
  readonly name: string;
  readonly where: string;
  readonly note: string;
};

export type RevokeReceipt = {
  readonly handle: Handle;
  readonly acceptedAt: Date;
  readonly sessionsCut: number;
  readonly leftovers: readonly Leftover[];
  /** True when nothing was there any more. */
  readonly alreadyGone: boolean;
  /** Statements counted for it over its whole life, read after its last session was cut; null where the target does not count. */
  readonly statements: number | null;
};

/** Answers of a batch: one outcome per grant id. */
export type RevokeOutcome =
  | { readonly grantId: string; readonly ok: true; readonly receipt: RevokeReceipt }
  | { readonly grantId: string; readonly ok: false; readonly error: unknown };

export type InspectAnswer =
  | { readonly state: "present"; readonly handle: Handle; readonly canLogIn: boolean; readonly notAfter: Date | null }
  | { readonly state: "absent" }
  | { readonly state: "unknown"; readonly why: string };

/**
 * Strength of a proof, strongest first: the very credential was refused; the issuer says it is gone;
 * it and its sessions are absent from the target's own inventory; the target merely took the order.
 */
export type ProofStrength = "credential-refused" | "issuer-lookup" | "absent-from-inventory" | "acknowledged-only";

export type ProbeAnswer =
  | {
      readonly dead: true;
      readonly method: string;
      readonly strength: ProofStrength;
      /** Two looks, at least one second apart. */
      readonly lookedAt: readonly [Date, Date];
      /** Whose eyes: the name of the second, read-only account. */
      readonly seenBy: string;
      readonly facts: readonly string[];
    }
  | { readonly dead: false; readonly lookedAt: Date; readonly survivors: readonly string[] };

/** A live connection of a granted credential. */
export type LiveSession = {
  readonly grantId: string;
  /** Unique per connection for all time on that target, for example `pid/backend_start`. */
  readonly key: string;
  readonly startedAt: Date;
  readonly lastActiveAt: Date | null;
  readonly clientAddress: string | null;
  readonly applicationName: string | null;
  readonly state: string | null;
};

/** What polling could see. It says "seen", never "not used". */
export type Observation = {
  readonly observedAt: Date;
  readonly sessions: readonly LiveSession[];
  /** Statement counts per grant where the target counts them (pg_stat_statements), else absent. */
  readonly statements: readonly { readonly grantId: string; readonly calls: number }[];
};

/** A credential that Curfew did not make. Keyed by the order, so that a repeated call finds what an earlier one did. */
export type SuspendOrder = {
  readonly orderId: string;
  /** The target's own lasting id. A credential by the same name with another id is another credential. */
  readonly targetId: string;
  readonly openConnections: "cut" | "leave";
};

export type SuspendReceipt = {
  /** Its name on the target now; null when it is gone. */
  readonly name: string | null;
  readonly acceptedAt: Date;
  /** Whether this order took the sign-in away. Where it could not sign in already, nothing was changed and nothing will be given back. */
  readonly changed: boolean;
  readonly sessionsCut: number;
  /** Connections that were open and stay open, since the order says so. */
  readonly sessionsLeft: number;
  readonly alreadyGone: boolean;
};

export type ResumeReceipt = {
  readonly acceptedAt: Date;
  /** Whether the sign-in was given back, by this call or an earlier one of the same order. */
  readonly restored: boolean;
  /** Why it was left as it is, in plain words; null when it was given back. */
  readonly leftAsIs: string | null;
};

/** A removal that stops half-way (`in-use`, permanent) leaves the credential suspended by the same order, so that it can be resumed. */
export type RemoveReceipt = {
  readonly acceptedAt: Date;
  readonly sessionsCut: number;
  readonly leftovers: readonly Leftover[];
  readonly alreadyGone: boolean;
};

/** What a second look should show of a suspended, resumed or removed credential. */
export type ExpectedState = "suspended" | "resumed" | "removed";

export type StateAnswer =
  | {
      readonly as: "expected";
      readonly method: string;
      readonly strength: ProofStrength;
      readonly lookedAt: readonly [Date, Date];
      readonly seenBy: string;
      readonly facts: readonly string[];
    }
  | { readonly as: "different"; readonly lookedAt: Date; readonly seen: readonly string[] };

/** One sign-in that the target's own log tells of. */
export type LoggedSignIn = {
  readonly name: string;
  readonly at: Date;
  readonly clientAddress: string | null;
  readonly applicationName: string | null;
  /** `suspended`: the credential was right but may not sign in; `refused`: anything else, a wrong password above all. */
  readonly outcome: "accepted" | "suspended" | "refused";
};

/** The target's own log since a position. Positions are the connector's own; Curfew keeps them as JSON. */
export type LogReading =
  | {
      readonly readable: true;
      readonly signIns: readonly LoggedSignIn[];
      readonly position: unknown;
      /** Sign-ins since then were seen without a gap, as far as this reading knows; null when it goes on from the position given. */
      readonly visibleSince: Date | null;
      /** There is more to read at once. */
      readonly more: boolean;
      /** Whole records about credentials of this installation, as the target wrote them, with their time. */
      readonly own?: { readonly format: string; readonly records: readonly { readonly at: Date; readonly text: string }[] };
    }
  | { readonly readable: false; readonly why: string; readonly remedy: string | null };

export type DiscoveredPrivilege = {
  readonly database: string;
  readonly schema: string | null;
  readonly object: string;
  readonly objectKind: "database" | "schema" | "table" | "view" | "sequence" | "function";
  readonly actions: readonly string[];
  /** When only columns are granted. */
  readonly columns?: readonly string[];
  /** Where it comes from when it was not given to the role itself: another role's name, or `PUBLIC`. */
  readonly via?: string;
  /** What is not known about it, in plain words: a partial view is never shown as a whole one. */
  readonly note?: string;
};

export type DiscoveredRole = {
  readonly targetId: string;
  readonly name: string;
  readonly kind: "login" | "group";
  readonly superuser: boolean;
  readonly canCreateRoles: boolean;
  readonly canBypassRowSecurity: boolean;
  readonly passwordExpiresAt: Date | null;
  readonly connectionLimit: number | null;
  readonly memberOf: readonly { readonly name: string; readonly inherited: boolean; readonly withAdmin: boolean }[];
  readonly comment: string | null;
  /** Where it is Curfew's own account: the one that acts, or the one that only looks. */
  readonly ours?: "connector" | "probe";
  /** Whether Curfew's account may suspend it; with what it needs where it may not. Absent where the connector cannot at all. */
  readonly suspendable?: { readonly possible: boolean; readonly needs: string | null };
  /** Connections open right now: where from, and what the programs call themselves. */
  readonly sources?: readonly { readonly clientAddress: string | null; readonly applicationName: string | null }[];
  /** Last activity where the server knows it; with the window inside which it could have been seen. */
  readonly lastActiveAt: Date | null;
  /** Statements counted for it since `activityVisibleSince`; null where the server does not count. None counted is not "not used". */
  readonly statements: number | null;
  /** Given to it directly or by owning the object; what comes by membership stands with the group. Empty for superusers, who may do everything. */
  readonly privileges: readonly DiscoveredPrivilege[];
};

export type Discovery = {
  readonly observedAt: Date;
  readonly serverVersion: string;
  /** Since when the server could have seen activity (statistics reset or server start). */
  readonly activityVisibleSince: Date | null;
  readonly roles: readonly DiscoveredRole[];
  /** Databases whose privileges are missing here, with the reason. */
  readonly notSeen: readonly { readonly database: string; readonly why: string }[];
};

/** Told now and then how far a discovery is. */
export type DiscoveryProgress = (at: { readonly phase: "roles" | "privileges"; readonly done: number; readonly total: number | null }) => void;

/** A limit of the target, in plain words, shown beside every grant on it. */
export type Limit = { readonly code: string; readonly text: string };

export type SystemCheck = {
  readonly reachable: true;
  readonly serverVersion: string;
  /** The target's clock minus ours, in milliseconds. */
  readonly clockOffsetMs: number;
  /** Name of the account that probes, and whether it is truly a second account. */
  readonly probeAccount: string | null;
  /** Group roles that this account may hand out. */
  readonly grantable: readonly string[];
  /** What is missing for full function, each with the statement that an administrator of the target would run. */
  readonly gaps: readonly { readonly what: string; readonly statement: string }[];
  readonly limits: readonly Limit[];
};

/** Must be idempotent: any method may be called again after a crash. Every method throws `ConnectorError` and nothing else. */
export interface ConnectorSession<Target> extends AsyncDisposable {
  /** Is the target there, who are we on it, what is missing? */
  check(signal: AbortSignal): Promise<SystemCheck>;
  grant(order: GrantOrder<Target>, signal: AbortSignal): Promise<GrantReceipt>;
  revoke(order: RevokeOrder, signal: AbortSignal): Promise<RevokeReceipt>;
  inspect(order: RevokeOrder, signal: AbortSignal): Promise<InspectAnswer>;

  /** Ends many at once: everybody's login and sessions first, then the drops; splits a batch that fails. */
  revokeMany?(orders: readonly RevokeOrder[], signal: AbortSignal): Promise<readonly RevokeOutcome[]>;
  probe?(order: RevokeOrder, signal: AbortSignal): Promise<ProbeAnswer>;
  /** One pair of looks for many grants. */
  probeMany?(orders: readonly RevokeOrder[], signal: AbortSignal): Promise<ReadonlyMap<string, ProbeAnswer>>;
  /** All live sessions of credentials of this installation. */
  sessions?(signal: AbortSignal): Promise<readonly LiveSession[]>;
  /** Cuts the live sessions of one grant; answers how many were cut. The credential stays. */
  cut?(order: RevokeOrder, signal: AbortSignal): Promise<number>;
  observe?(signal: AbortSignal): Promise<Observation>;
  discover?(signal: AbortSignal, progress?: DiscoveryProgress): Promise<Discovery>;

  /** Takes the sign-in of a credential away and cuts or leaves its connections. Everything else of it stays untouched. */
  suspend?(order: SuspendOrder, signal: AbortSignal): Promise<SuspendReceipt>;
  /** Gives back exactly what `suspend` with the same order took; what somebody else did meanwhile stays. */
  resume?(order: SuspendOrder, signal: AbortSignal): Promise<ResumeReceipt>;
  /** Removes a credential for good. Never destroys data; what others depend on stops it, with the list of what that is. */
  remove?(order: SuspendOrder, signal: AbortSignal): Promise<RemoveReceipt>;
  /** Looks twice over the second account whether a credential is as it should be. */
  confirm?(order: SuspendOrder, expected: ExpectedState, signal: AbortSignal): Promise<StateAnswer>;
  /** Reads the next part of the target's own log. `position` is what the last reading answered, null for the first. */
  readLog?(position: unknown, signal: AbortSignal): Promise<LogReading>;
  /** What an entitlement really allows, read from the target. */
  describe?(target: Target, signal: AbortSignal): Promise<readonly DiscoveredPrivilege[]>;
  /** Who holds the target's entitlement right now, on which path: `what else still gives it`. Names of login roles. */
  holders?(target: Target, signal: AbortSignal): Promise<readonly { readonly name: string; readonly path: readonly string[] }[]>;
  /** Credentials of this installation that the target knows, for reconciliation. */
  list?(signal: AbortSignal): Promise<readonly { readonly grantId: string; readonly handle: Handle }[]>;
  /** Ids of other installations whose credentials the target knows. Told apart by their handles; only ever reported. */
  others?(signal: AbortSignal): Promise<readonly string[]>;
}
