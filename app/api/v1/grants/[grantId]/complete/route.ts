import { endOwnGrant } from "../end-own-grant";

/** The job says how it went: done. The session ends now; 202, since its end is not proven yet. */
export const POST = endOwnGrant("v1.complete", "completed");
