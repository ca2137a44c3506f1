import "server-only";
import { allows } from "@/lib/auth/permissions";
import { loadWith } from "@/lib/auth/session";
import { env } from "@/lib/platform/env";
import { readLog, readLogTokens, readPlaces } from "./data";

/** How the ledger stands, where its checkpoints go, and who follows it. */
export function loadCheckpoints() {
  return loadWith("checkpoint:view", async (actor) => {
    const [log, places, tokens] = await Promise.all([readLog(env.url), readPlaces(), readLogTokens()]);
    return { log, places, tokens, mayManage: allows(actor.roles, "checkpoint:manage"), isMailSent: env.mail !== null };
  });
}
