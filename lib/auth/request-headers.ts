/**
 * Request headers by which `proxy.ts` tells pages and actions what it decided. It sets all of them on every request that
 * it matches, so that whatever a client sent under these names is gone.
 */
export const nonceHeader = "x-nonce";
export const pathHeader = "x-curfew-path";
/** Set to `1` where a page asked for itself anew without anybody having done anything. */
export const passiveHeader = "x-curfew-passive";
