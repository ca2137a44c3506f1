import "server-only";
import { cookies, headers } from "next/headers";
import { redirect } from "next/navigation";
import { cache } from "react";
import { env } from "@/lib/platform/env";
import { safePath } from "@/lib/platform/safe-path";
import type { PersonActor } from "./actor";
import { cookieName } from "./cookies";
import { allows, holdersOf, type Permission, type PermissionDenied } from "./permissions";
import { passiveHeader, pathHeader } from "./request-headers";
import { findSignIn, namesOfHolders, type SignedIn } from "./sign-ins";

/** This browser's sign-in, or null. Asked once per request. */
export const getSignIn = cache(async (): Promise<SignedIn | null> => {
  const token = (await cookies()).get(cookieName(env.url, "sign-in"))?.value;
  return token ? findSignIn(token, { isActivity: await isActivity() }) : null;
});

/** Whether a person did something: went to a page or submitted something, unlike what pages ask for by themselves. */
async function isActivity(): Promise<boolean> {
  const given = await headers();
  // Pages and actions come through `proxy.ts`. Of route handlers only what changes something counts: it has an origin.
  return given.has(pathHeader) ? given.get(passiveHeader) !== "1" : given.has("origin");
}

/** The signed-in person, or null. A person without a role (`actor.roles` is empty) sees nothing but that. */
export async function getActor(): Promise<PersonActor | null> {
  return (await getSignIn())?.actor ?? null;
}

/** The signed-in person; everybody else goes to the sign-in page and comes back here afterwards. */
export async function requireActor(): Promise<PersonActor> {
  const actor = await getActor();
  if (actor) return actor;
  const path = safePath((await headers()).get(pathHeader));
  redirect(path === "/" ? "/sign-in" : `/sign-in?next=${encodeURIComponent(path)}`);
}

/** What a loader answers: a value, or who could see it instead of you. */
export type Loaded<Value> = { readonly allowed: true; readonly value: Value } | PermissionDenied;

/** Asks for a permission. Answers the actor, or the facts that the "no permission" panel shows. */
export async function requirePermission(
  permission: Permission,
): Promise<{ readonly allowed: true; readonly actor: PersonActor } | PermissionDenied> {
  const actor = await requireActor();
  if (allows(actor.roles, permission)) return { allowed: true, actor };
  const heldBy = holdersOf(permission);
  const outsider = actor.roles.length === 0;
  // Who is without a role learns nothing about the organisation, names included.
  if (actor.bound) return { allowed: false, permission, heldBy, outsider, names: [], bound: actor.bound };
  return { allowed: false, permission, heldBy, outsider, names: outsider ? [] : await namesOfHolders(heldBy) };
}

/**
 * The shape of every loader: permission first, then the data.
 * `export const loadRequests = (filter: Filter) => loadWith("request:view", (actor) => listRequests(actor, filter));`
 * Use `requirePermission` itself where a loader goes on differently.
 */
export async function loadWith<Value>(
  permission: Permission,
  load: (actor: PersonActor) => Promise<Value>,
): Promise<Loaded<Value>> {
  const answer = await requirePermission(permission);
  return answer.allowed ? { allowed: true, value: await load(answer.actor) } : answer;
}
