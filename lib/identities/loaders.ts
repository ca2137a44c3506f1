import "server-only";
import { notFound } from "next/navigation";
import { cache } from "react";
import type { PersonActor } from "@/lib/auth/actor";
import { allows } from "@/lib/auth/permissions";
import { loadWith } from "@/lib/auth/session";
import { readHoldings, readIdentity, readScores, readSources, readTeams } from "./detail";
import { identityIdSchema, identityPartsSchema } from "./schema";
import type { IdentityView, InsideView } from "./views/detail-types";
import { readHistory } from "./views/history";
import { asPersonMayAsk, listForPerson, maySeeReach, readFilterNames } from "./views/list";
import { identityListSchema } from "./views/list-schema";
import { readSignIn, readCredentials, readPastGrants } from "./views/parts";

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
      review: allows(actor.roles, "review:run"),
      register: allows(actor.roles, "identity:register"),
    };
    return { page, names, sort: query.sort, may, personId: actor.personId };
  });
}

const readOnce = cache(async (identityId: string) => {
  const id = identityIdSchema.safeParse(identityId);
  const identity = id.success ? await readIdentity(id.data) : null;
  return identity ?? notFound();
});

/** The name of one identity, for the title of its page. */
export function loadIdentityName(identityId: string) {
  return loadWith("identity:view", async () => (await readOnce(identityId)).name);
}

/** One identity; what it can reach only for its owner side, auditors and administrators. `parameters` name the pages of its parts. */
export function loadIdentity(identityId: string, parameters: Record<string, string | string[] | undefined>) {
  return loadWith("identity:view", async (actor): Promise<IdentityView> => {
    const identity = await readOnce(identityId);
    const parts = identityPartsSchema.parse(parameters);
    const isOwnSide = isOnOwnerSide(actor, identity);
    const isInside = allows(actor.roles, "identity:view-reach") || isOwnSide;
    const mayChange = (isOwnSide || allows(actor.roles, "identity:edit-any")) && identity.state !== "offboarded";
    const mayEdit = mayChange && allows(actor.roles, "identity:edit");
    const [credentials, signIn, grants, inside, teams] = await Promise.all([
      readCredentials(identity.id, parts.credentials),
      readSignIn(identity.id),
      readPastGrants(identity.id, { onlyOf: isInside ? null : actor.personId, after: parts.grants }),
      isInside ? readInside(identity.id, parts) : null,
      mayEdit ? readTeams() : [],
    ]);
    return {
      ...identity, credentials, signIn, grants, inside, teams, mayEdit,
      mayAsk: allows(actor.roles, "request:create") && identity.vanishedAt === null,
      mayExcept: mayChange && allows(actor.roles, "exception:make"),
      maySeeSystems: allows(actor.roles, "system:view"),
    };
  });
}

async function readInside(identityId: string, { holds, history: after }: { holds: string | null; history: bigint | null }): Promise<InsideView> {
  const [holdings, sources, scores, history] = await Promise.all([readHoldings(identityId, holds), readSources(identityId), readScores(identityId), readHistory(identityId, after)]);
  return { holdings, sources, scores, history };
}

/** What the form of a new identity offers. */
export const loadNewIdentity = cache(() => loadWith("identity:register", async (actor) => ({ teams: await readTeams(), you: { id: actor.personId, name: actor.name } })));

type Answered = Pick<IdentityView, "owner" | "sponsor" | "backup">;

function isOnOwnerSide(actor: PersonActor, { owner, sponsor, backup }: Answered): boolean {
  return [owner, sponsor, backup].some((person) => person?.id === actor.personId);
}
