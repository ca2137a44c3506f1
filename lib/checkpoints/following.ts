import "server-only";
import { allows } from "@/lib/auth/permissions";
import { getActor } from "@/lib/auth/session";
import { authenticateLogToken } from "./tokens";

/** Who follows the ledger: whoever holds a token for it, or somebody signed in who may see checkpoints. */
export async function authenticateFollower(authorization: string | null): ReturnType<typeof authenticateLogToken> {
  if (authorization !== null) return authenticateLogToken(authorization);
  const person = await getActor();
  return person && allows(person.roles, "checkpoint:view") ? { ok: true, value: { id: person.personId, by: "session" } } : { ok: false, status: 401, code: "token-missing" };
}
