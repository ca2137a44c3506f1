import "server-only";
import { headers } from "next/headers";
import { newId } from "./ids";

/** Carries the correlation id from `proxy.ts` to pages and actions. The proxy overwrites what a client sends. */
export const correlationHeader = "x-curfew-correlation-id";

/** Id that ties together what one request of a page or action writes to the log. */
export async function currentCorrelationId(): Promise<string> {
  return (await headers()).get(correlationHeader) ?? newId();
}
