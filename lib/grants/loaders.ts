import "server-only";
import { loadWith } from "@/lib/auth/session";
import { readSessions } from "./views/sessions";
import { sessionsSchema } from "./views/sessions-schema";

/** The sessions that this person may see; a place in the list that cannot be read is its beginning. */
export function loadSessions(parameters: Record<string, string | string[] | undefined>) {
  return loadWith("session:view", (actor) => readSessions(actor, sessionsSchema.parse(parameters)));
}
