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

/** Why one of many identities is not changed, with its name for the sentence. */
export type BulkRefusal = { readonly id: string; readonly name: string; readonly why: "unknown-identity" | "not-your-identity" | "offboarded" | (string & {}) };

/** What a bulk change did, or would do when it is a preview. */
export type BulkAnswer = { readonly applied: boolean; readonly can: readonly string[]; readonly cannot: readonly BulkRefusal[] };
