import "server-only";
import { allows } from "@/lib/auth/permissions";
import { loadWith } from "@/lib/auth/session";
import { templateListSchema } from "./schema";
import { listTemplates } from "./views/list";

type Search = Readonly<Record<string, string | string[] | undefined>>;

/** A page of the templates that this person may use or change. */
export function loadTemplates(search: Search) {
  return loadWith("template:change", async (actor) => {
    const { before } = templateListSchema.parse(search);
    return { ...(await listTemplates(actor, before)), isFirst: before === undefined, mayAsk: allows(actor.roles, "request:create") };
  });
}
