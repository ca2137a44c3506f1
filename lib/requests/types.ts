/** States of a request. */
export const requestStates = ["pending", "approved", "denied", "withdrawn", "lapsed"] as const;
export type RequestState = (typeof requestStates)[number];

/** What somebody says about a request: a comment, a question to the asking side, the answer to one. */
export const commentKinds = ["comment", "question", "answer"] as const;
export type CommentKind = (typeof commentKinds)[number];

/** Entitlements that one request may ask for together. */
export const mostEntitlements = 5;

export type StageState = "waiting" | "open" | "approved" | "denied" | "void";

/** Why a person is on the asking side and may not vote. */
export const sideReasons = ["requester", "owner", "sponsor", "backup", "creator", "triggered-by", "made-for", "delegate"] as const;
export type SideReason = (typeof sideReasons)[number];
