/** States of a request. */
export const requestStates = ["pending", "approved", "denied", "withdrawn", "lapsed"] as const;
export type RequestState = (typeof requestStates)[number];

export type StageState = "waiting" | "open" | "approved" | "denied" | "void";

/** Why a person is on the asking side and may not vote. */
export const sideReasons = ["requester", "owner", "sponsor", "backup", "creator", "triggered-by", "made-for", "delegate"] as const;
export type SideReason = (typeof sideReasons)[number];
