import "server-only";
import { createAction } from "@/lib/platform/action";
import type { PersonActor } from "./actor";
import { allows, holdersOf, type Permission } from "./permissions";
import { getActor } from "./session";

/** Builds a server action for signed-in persons. The builder itself stands in `lib/platform`, which knows nobody. */
export const action = createAction<PersonActor, Permission>({
  actor: getActor,
  may: (actor, permission) => allows(actor.roles, permission),
  idOf: (actor) => actor.personId,
  heldBy: (permission) => holdersOf(permission).join(", "),
});
