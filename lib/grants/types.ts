/** States of a grant and its one session. */
export const grantStates = [
  "ready",
  "issuing",
  "active",
  "ending",
  "accepted",
  "proven",
  "failed",
  "lapsed",
  "stuck",
  "not-provable",
  "forced",
  "expired-unproven",
] as const;
export type GrantState = (typeof grantStates)[number];

/** States in which nothing more will happen. */
export const closedGrantStates = ["proven", "failed", "lapsed", "forced", "expired-unproven"] as const satisfies readonly GrantState[];

export const endReasons = [
  "completed",
  "task-failed",
  "expired",
  "idle",
  "use-limit",
  "context-changed",
  "abnormal",
  "ticket-closed",
  "ended-by-person",
  "identity-suspended",
  "owner-left",
  "superseded",
] as const;
export type EndReason = (typeof endReasons)[number];
