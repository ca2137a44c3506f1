import "server-only";
import { allows } from "@/lib/auth/permissions";
import { loadWith } from "@/lib/auth/session";
import { env } from "@/lib/platform/env";
import { readLeavingStops, readScimTokens } from "./data";

/** Tokens of directories, and the address that they write to. */
export function loadDirectory() {
  return loadWith("directory:manage", async () => ({ tokens: await readScimTokens(), address: `${env.url}/scim/v2` }));
}

/** Leavings that wait for an administrator. */
export function loadLeavingStops() {
  return loadWith("person:view", async (actor) => ({ stops: await readLeavingStops(), mayDecide: allows(actor.roles, "directory:manage") }));
}
