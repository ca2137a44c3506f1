/** Carries the correlation id from `proxy.ts` to pages and actions. The proxy overwrites what a client sends. */
export const correlationHeader = "x-curfew-correlation-id";
