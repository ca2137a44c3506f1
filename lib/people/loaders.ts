import "server-only";
import { notFound } from "next/navigation";
import { cache } from "react";
import { allows } from "@/lib/auth/permissions";
import { loadWith } from "@/lib/auth/session";
import { listPeople, readTeamNames, readTeams } from "./data";
import { readColleagues, readDelegates, readPerson } from "./detail";
import { peopleListSchema, personIdSchema } from "./schema";

/** The list of people that a URL asks for. */
export function loadPeople(parameters: Record<string, string | string[] | undefined>) {
  return loadWith("person:view", async (actor) => {
    const query = peopleListSchema.parse(parameters);
    const [page, teams] = await Promise.all([listPeople(query), readTeamNames()]);
    return { page, teams, sort: query.sort, mayManage: allows(actor.roles, "person:manage") };
  });
}

/** Teams, their leads and who is on call. */
export const loadTeams = cache(() =>
  loadWith("person:view", async (actor) => ({ teams: await readTeams(new Date()), mayManage: allows(actor.roles, "person:manage") })),
);

/** One person: anybody for those who see people, oneself for everybody. What is not theirs to see is not there. */
export const loadPerson = cache((personId: string) =>
  loadWith("person:view-own", async (actor) => {
    const id = personIdSchema.safeParse(personId);
    const isYou = id.success && id.data === actor.personId;
    const person = id.success && (isYou || allows(actor.roles, "person:view")) ? await readPerson(id.data, new Date()) : null;
    if (!person) notFound();
    const mayManage = allows(actor.roles, "person:manage");
    return {
      person,
      isYou,
      mayManage,
      maySetLeft: allows(actor.roles, "person:set-left"),
      maySeeOthers: allows(actor.roles, "person:view"),
      teams: mayManage ? await readTeamNames() : [],
      maySetAway: mayManage || (isYou && allows(actor.roles, "person:be-away")),
      colleagues: isYou || mayManage ? await readColleagues(person.id) : [],
      /** Only oneself says who decides for oneself. */
      delegates: isYou && allows(actor.roles, "request:delegate") ? await readDelegates(person.id) : null,
    };
  }),
);
