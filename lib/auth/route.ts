import "server-only";
import { env } from "@/lib/platform/env";
import { createRoute } from "@/lib/platform/route";
import type { PersonActor, WorkloadActor } from "./actor";
import { allows, type Permission } from "./permissions";
import { getActor } from "./session";
import { authenticateWorkload } from "./workload";

/** Builds a route handler. The builder itself stands in `lib/platform`, which knows nobody. */
export const route = createRoute<PersonActor, WorkloadActor, Permission>({
  origin: () => env.url,
  person: getActor,
  workload: authenticateWorkload,
  may: (person, permission) => allows(person.roles, permission),
  idOf: (actor) => (actor.kind === "person" ? actor.personId : actor.identityId),
});
