import "server-only";
import { headers } from "next/headers";
import { correlationHeader } from "./correlation-header";
import { newId } from "./ids";

/** Id that ties together what one request of a page or action writes to the log. */
export async function currentCorrelationId(): Promise<string> {
  return (await headers()).get(correlationHeader) ?? newId();
}
