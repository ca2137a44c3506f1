import "server-only";
import { headers } from "next/headers";

/** Address that the server saw, for the record: the last hop only, since anything further left in the header is the client's claim. */
export async function clientAddress(): Promise<string | null> {
  const forwarded = (await headers()).get("x-forwarded-for");
  const last = forwarded?.split(",").at(-1)?.trim();
  return last ? last.slice(0, 64) : null;
}
