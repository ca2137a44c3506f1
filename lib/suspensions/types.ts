import type { IdentityState } from "@/lib/identities/types";

export const suspensionKinds = ["rehearsal", "suspension", "offboarding"] as const;
export type SuspensionKind = (typeof suspensionKinds)[number];

export const suspensionStates = ["ordered", "accepted", "proven", "undoing", "undo-accepted", "undone", "stuck", "failed"] as const;
export type SuspensionState = (typeof suspensionStates)[number];

export const openConnectionChoices = ["cut", "leave"] as const;
export type OpenConnections = (typeof openConnectionChoices)[number];

export type UndoReason = "person" | "time" | "refused-login";

/** Why a suspension cannot be ordered. */
export type SuspendRefusal =
  | "identity-unknown"
  | "identity-vanished"
  | "already-open"
  | "already-suspended"
  | "already-offboarded"
  | "no-credential"
  | "system-cannot"
  | "known-from-files"
  | "target-denies"
  | "production-by-itself"
  | "undo-time-needed"
  | "undo-time-not-ahead"
  | "undo-time-too-far"
  | "not-permitted";

/** Why an undo cannot be ordered. */
export type UndoRefusal = "suspension-unknown" | "already-removed" | "never-begun" | "not-permitted";

/** A credential that a suspension would act on. */
export type SuspendableCredential = {
  readonly handle: string;
  readonly system: string;
  /** Its system is known from files: there is nothing to connect to. */
  readonly fromFiles: boolean;
  /** Whether the system's connector can at all. */
  readonly connectorCan: boolean;
  /** What the target does not allow Curfew's account, as the statement that would; null when it allows it. */
  readonly needs: string | null;
};

/** What the rule asks about the identity. */
export type SuspendFacts = {
  readonly state: IdentityState;
  readonly environment: string;
  readonly vanished: boolean;
  readonly credentials: readonly SuspendableCredential[];
  readonly hasOpen: boolean;
};

/** One suspension as the screen shows it. Dates are ISO text. */
export type SuspensionView = {
  readonly id: string;
  readonly identityId: string;
  readonly kind: SuspensionKind;
  readonly state: SuspensionState;
  readonly reason: string | null;
  readonly reviewItemId: string | null;
  readonly openConnections: OpenConnections;
  readonly undoAt: string | null;
  readonly undoAtFirstRefusal: boolean;
  readonly orderedAt: string;
  /** Null where a rule ordered it. */
  readonly orderedBy: string | null;
  readonly acceptedAt: string | null;
  readonly provenAt: string | null;
  readonly undoWhy: UndoReason | null;
  readonly undoOrderedAt: string | null;
  readonly undoOrderedBy: string | null;
  readonly undoAcceptedAt: string | null;
  readonly undoneAt: string | null;
  readonly closedAt: string | null;
  readonly refusedLoginAt: string | null;
  readonly attempts: number;
  readonly nextAttemptAt: string | null;
  readonly lastFailure: string | null;
  readonly lastFailureText: string | null;
  readonly stuckSince: string | null;
  /** Systems on which refused sign-ins cannot be seen, each with the reason. */
  readonly blindOn: readonly { readonly system: string; readonly why: string }[];
  readonly credentials: readonly SuspendedCredentialView[];
};

/** Everything that the panel of an identity shows. */
export type SuspensionPanelView = {
  readonly identity: { readonly id: string; readonly name: string; readonly environment: string };
  /** The newest first. */
  readonly suspensions: readonly SuspensionView[];
  readonly mayAct: boolean;
  /** What stands against suspending it, and against removing it; null where nothing does. */
  readonly whyNotSuspend: SuspensionObstacle | null;
  readonly whyNotRemove: SuspensionObstacle | null;
  /** Systems on which refused sign-ins cannot be seen. */
  readonly blindOn: readonly { readonly system: string; readonly why: string }[];
};

export type SuspensionObstacle = { readonly code: SuspendRefusal; readonly detail?: Readonly<Record<string, string>> };

/** What was done to one credential. */
export type SuspendedCredentialView = {
  readonly id: string;
  readonly handle: string;
  readonly system: string;
  readonly acceptedAt: string | null;
  /** False where it could not sign in already, so that nothing is given back. */
  readonly changed: boolean | null;
  readonly gone: boolean;
  readonly connectionsCut: number | null;
  readonly connectionsLeft: number | null;
  readonly provenAt: string | null;
  readonly proofFacts: readonly string[];
  /** When discovery saw that it can sign in again although nobody undid it in Curfew. */
  readonly backAt: string | null;
  readonly undoneAt: string | null;
  readonly undoFacts: readonly string[];
  readonly leftAsIs: string | null;
};
