import "server-only";
import { notFound } from "next/navigation";
import { allows } from "@/lib/auth/permissions";
import { loadWith } from "@/lib/auth/session";
import { readTeams } from "@/lib/identities/detail";
import { systemIdSchema } from "@/lib/systems/schema";
import { canGrantOn, listCatalogue } from "./data";
import { catalogueSchema } from "./schema";

/** The part of a system's catalogue that a URL asks for. */
export function loadCatalogue(systemId: string, parameters: Record<string, string | string[] | undefined>) {
  return loadWith("system:view", async (actor) => {
    const id = systemIdSchema.safeParse(systemId);
    if (!id.success) notFound();
    const query = catalogueSchema.parse(parameters);
    const mayDefine = allows(actor.roles, "entitlement:define");
    const [page, isGrantable, teams] = await Promise.all([listCatalogue(id.data, query), canGrantOn(id.data), mayDefine ? readTeams() : []]);
    return { page, teams, isGrantable, q: query.q, mayDefine };
  });
}
