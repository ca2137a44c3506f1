import type { Sensitivity } from "@/lib/entitlements/types";
import type { GrantState } from "@/lib/grants/types";

export const identityKinds = [
  "service-account",
  "database-role",
  "api-key",
  "oauth-client",
  "workload",
  "ci-job",
  "ai-agent",
  "bot",
  "certificate",
  "ssh-key",
  "third-party",
] as const;
export type IdentityKind = (typeof identityKinds)[number];

export const identityStates = ["unowned", "active", "dormant", "stale", "orphaned", "suspended", "offboarded"] as const;
export type IdentityState = (typeof identityStates)[number];

/** A person who answers for an identity. */
export type AnswererView = { readonly id: string; readonly name: string; readonly hasLeft: boolean };

/** A credential as metadata. */
export type CredentialView = {
  readonly id: string;
  readonly handle: string;
  readonly kind: string;
  readonly system: { readonly id: string; readonly name: string };
  readonly expiresAt: string | null;
  readonly lastUsedAt: string | null;
  readonly visibleSince: string | null;
  readonly firstSeenAt: string;
  readonly vanishedAt: string | null;
  readonly isSuperuser: boolean;
  readonly canCreateRoles: boolean;
};

/** An entitlement that the identity holds. */
export type AssignmentView = {
  readonly id: string;
  readonly kind: "standing" | "granted";
  readonly entitlement: string;
  readonly description: string;
  readonly sensitivity: Sensitivity;
  readonly system: { readonly id: string; readonly name: string };
  readonly path: readonly string[];
  readonly firstSeenAt: string;
  readonly lastSeenAt: string;
  readonly requestId: string | null;
};

/** A grant in the identity's history. */
export type PastGrantView = {
  readonly id: string;
  readonly requestId: string;
  readonly requestNumber: number;
  readonly entitlement: string;
  readonly system: string;
  readonly state: GrantState;
  readonly endReason: string | null;
  readonly createdAt: string;
  readonly activatedAt: string | null;
  readonly notAfter: string | null;
  readonly provenAt: string | null;
  readonly durationSeconds: number;
  readonly useCount: number;
  readonly requester: string;
};

/** Everything that the page of one identity shows to this person. */
export type IdentityView = {
  readonly id: string;
  readonly name: string;
  readonly kind: IdentityKind;
  readonly description: string | null;
  readonly environment: string;
  readonly state: IdentityState;
  readonly source: string;
  readonly system: { readonly id: string; readonly name: string } | null;
  readonly owner: AnswererView | null;
  readonly sponsor: AnswererView | null;
  readonly backup: AnswererView | null;
  readonly creator: AnswererView | null;
  readonly team: string | null;
  readonly firstSeenAt: string;
  readonly lastSeenAt: string;
  readonly lastActiveAt: string | null;
  readonly visibleSince: string | null;
  readonly vanishedAt: string | null;
  readonly actsAsWorkload: boolean;
  readonly credentials: readonly CredentialView[];
  /** Null where this person may not see what it can reach. */
  readonly assignments: readonly AssignmentView[] | null;
  readonly grants: readonly PastGrantView[];
  /** True where only this person's own grants are listed. */
  readonly isHistoryPartial: boolean;
  readonly mayAsk: boolean;
};

/** Why one of many identities is not changed, with its name for the sentence. */
export type BulkRefusal = { readonly id: string; readonly name: string; readonly why: "unknown-identity" | "not-your-identity" | "offboarded" | (string & {}) };

/** What a bulk change did, or would do when it is a preview. */
export type BulkAnswer = { readonly applied: boolean; readonly can: readonly string[]; readonly cannot: readonly BulkRefusal[] };

/** A person or team to choose. */
export type NameOption = { readonly id: string; readonly name: string };
export type PersonOption = NameOption & { readonly teams: readonly string[] };
