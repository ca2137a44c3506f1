import { endOwnGrant } from "../end-own-grant";

/** The job says how it went: failed. The session ends now; 202, since its end is not proven yet. */
export const POST = endOwnGrant("v1.fail", "task-failed");
