import "server-only";
import { notFound } from "next/navigation";
import { cache } from "react";
import type { PersonActor } from "@/lib/auth/actor";
import { allows } from "@/lib/auth/permissions";
import { loadWith } from "@/lib/auth/session";
import { readAssignments, readCredentials, readIdentity, readPastGrants } from "./detail";
import { identityIdSchema } from "./schema";
import type { IdentityView } from "./types";
import { asPersonMayAsk, listForPerson, maySeeReach, readFilterNames } from "./views/list";
import { identityListSchema } from "./views/list-schema";

/** The list of identities that a URL asks for, with the names that its filters hold. */
export function loadIdentities(parameters: Record<string, string | string[] | undefined>) {
  return loadWith("identity:view", async (actor) => {
    const asked = identityListSchema.parse(parameters);
    const query = asPersonMayAsk(actor, asked);
    const [page, names] = await Promise.all([listForPerson(actor, query), readFilterNames(query)]);
    const may = {
      seeReach: maySeeReach(actor, query),
      edit: allows(actor.roles, "identity:edit"),
      export: allows(actor.roles, "identity:export"),
    };
    return { page, names, sort: query.sort, may, personId: actor.personId };
  });
}

/** One identity; what it can reach only for its owner side, auditors and administrators. */
export const loadIdentity = cache((identityId: string) =>
  loadWith("identity:view", async (actor): Promise<IdentityView> => {
    const id = identityIdSchema.safeParse(identityId);
    const identity = id.success ? await readIdentity(id.data) : null;
    if (!identity) notFound();
    const maySeeReach = allows(actor.roles, "identity:view-reach") || isOnOwnerSide(actor, identity);
    const [credentials, assignments, grants] = await Promise.all([
      readCredentials(identity.id),
      maySeeReach ? readAssignments(identity.id) : null,
      readPastGrants(identity.id, maySeeReach ? null : actor.personId),
    ]);
    const mayAsk = allows(actor.roles, "request:create") && identity.vanishedAt === null;
    return { ...identity, credentials, assignments, grants, isHistoryPartial: !maySeeReach, mayAsk };
  }),
);

type Answered = Pick<IdentityView, "owner" | "sponsor" | "backup">;

function isOnOwnerSide(actor: PersonActor, { owner, sponsor, backup }: Answered): boolean {
  return [owner, sponsor, backup].some((person) => person?.id === actor.personId);
}
