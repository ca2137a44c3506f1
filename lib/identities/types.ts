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
