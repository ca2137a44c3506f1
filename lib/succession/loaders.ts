import "server-only";
import { allows } from "@/lib/auth/permissions";
import { loadWith } from "@/lib/auth/session";
import { readHandOvers, readOffersFor } from "./data";

/** What is offered to the person who looks, and, for those who see everything, every hand-over that runs or failed. */
export function loadHandOvers() {
  return loadWith("hand-over:view", async (actor) => {
    const [offers, all] = await Promise.all([
      readOffersFor(actor.personId, new Date()),
      allows(actor.roles, "hand-over:view-all") ? readHandOvers() : null,
    ]);
    return { offers, all, mayName: allows(actor.roles, "identity:edit-any") };
  });
}
