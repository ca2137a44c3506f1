import "server-only";
import { allows } from "@/lib/auth/permissions";
import { loadWith } from "@/lib/auth/session";
import { countErasable, readForgettable, readForgettings, readHoldChoices, readHolds, readLeavers, readRetentionDays } from "./data";
import { retentionQuerySchema } from "./schema";

/** How long names are kept, what another answer would erase, what is on hold, and who could be forgotten. */
export function loadRetention(parameters: Record<string, string | string[] | undefined>) {
  return loadWith("retention:view", async (actor) => {
    const asked = retentionQuerySchema.parse(parameters);
    const mayManage = allows(actor.roles, "retention:manage");
    const days = await readRetentionDays();
    const counted = asked.days ?? null;
    return {
      days, counted, mayManage,
      erasable: counted === null ? null : await countErasable(counted, new Date()),
      holds: await readHolds(),
      choices: mayManage ? await readHoldChoices() : [],
      forgettings: mayManage ? await readForgettings() : [],
      leavers: mayManage ? await readLeavers() : [],
      person: mayManage && asked.person !== undefined ? await readForgettable(asked.person) : null,
    };
  });
}
