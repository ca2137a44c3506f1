import type { StoredGroup, StoredUser, UserAttributes } from "./types";
import { errorSchemaId, groupSchemaId, listSchemaId, userSchemaId } from "./schema";

/** Leavings of one token within this time count as one go. */
export const leavingWindowSeconds = 30 * 60;
/** Fewer than this never stop: in a small organisation one person is many per cent. */
export const leastLeavings = 5;
/** More than this share of everybody stops. */
export const mostShare = 0.05;

/**
 * Whether one more leaving makes it too many at once. `left` counts those who left in the same go, `present` those who are
 * still here; the share is of both together, so that it does not grow by itself as people go.
 */
export function isTooMany({ left, present }: { readonly left: number; readonly present: number }): boolean {
  const leaving = left + 1;
  return leaving >= leastLeavings && leaving > mostShare * (present + left);
}

/** Calls that one token may make at once, and each second from then on. Entra ID makes about 25 a second. */
const burst = 200;
const perSecond = 50;

/** How many calls a token had left, and when that was. */
export type CallBudget = { readonly left: number; readonly atMs: number };

/** Whether one more call is taken now, and what is left then. */
export function takeCall(before: CallBudget | null, nowMs: number): { readonly allowed: boolean; readonly budget: CallBudget } {
  const left = before ? Math.min(burst, before.left + ((nowMs - before.atMs) / 1_000) * perSecond) : burst;
  const allowed = left >= 1;
  return { allowed, budget: { left: allowed ? left - 1 : left, atMs: nowMs } };
}

/** How a person of the directory is called. */
export function nameOf({ displayName, name, userName }: UserAttributes): string {
  const full = [name.givenName, name.familyName].filter(Boolean).join(" ");
  return displayName ?? (name.formatted || full || userName);
}

/** The address by which jobs name their people: the primary one, else that of work, else a user name that is one. */
export function emailOf({ emails, userName }: UserAttributes): string | null {
  const chosen = emails.find(({ primary }) => primary)?.value ?? emails.find(({ type }) => type === "work")?.value ?? emails[0]?.value ?? userName;
  return chosen.includes("@") ? chosen.toLowerCase() : null;
}

/** What signs this person in: the directory's own id where it sends one, else the user name. */
export function subjectOf({ externalId, userName }: UserAttributes): string {
  return externalId ?? userName;
}

/** A user as SCIM shows one. */
export function userResource(user: StoredUser, origin: string) {
  const { id, externalId, userName, displayName, title, name, emails, active, createdAt, changedAt } = user;
  return {
    schemas: [userSchemaId],
    id,
    ...(externalId ? { externalId } : {}),
    userName,
    ...(displayName ? { displayName } : {}),
    ...(title ? { title } : {}),
    ...(Object.keys(name).length > 0 ? { name } : {}),
    ...(emails.length > 0 ? { emails } : {}),
    active,
    meta: metaOf("User", { id, createdAt, changedAt }, origin),
  };
}

/** A group as SCIM shows one. */
export function groupResource({ id, displayName, externalId, members, createdAt, changedAt }: StoredGroup, origin: string) {
  return {
    schemas: [groupSchemaId],
    id,
    ...(externalId ? { externalId } : {}),
    displayName,
    ...(members ? { members: members.map((member) => ({ value: member.id, display: member.name, $ref: `${origin}/scim/v2/Users/${member.id}` })) } : {}),
    meta: metaOf("Group", { id, createdAt, changedAt }, origin),
  };
}

function metaOf(resourceType: "User" | "Group", { id, createdAt, changedAt }: { id: string; createdAt: Date; changedAt: Date }, origin: string) {
  return {
    resourceType,
    created: createdAt.toISOString(),
    lastModified: changedAt.toISOString(),
    location: `${origin}/scim/v2/${resourceType}s/${id}`,
  };
}

/** One page of a list. */
export function listResource(resources: readonly unknown[], { total, startIndex }: { readonly total: number; readonly startIndex: number }) {
  return { schemas: [listSchemaId], totalResults: total, startIndex, itemsPerPage: resources.length, Resources: resources };
}

/** An error (RFC 7644 §3.12). */
export function errorResource({ status, scimType, detail }: { readonly status: number; readonly scimType?: string | undefined; readonly detail: string }) {
  return { schemas: [errorSchemaId], status: String(status), ...(scimType ? { scimType } : {}), detail };
}

/** Whether an answer leaves the members out: asked to, or asked for other attributes only. */
export function leavesOutMembers({ attributes, excludedAttributes }: { readonly attributes?: string | undefined; readonly excludedAttributes?: string | undefined }): boolean {
  const names = (list: string) => list.split(",").map((name) => name.trim().toLowerCase());
  if (excludedAttributes && names(excludedAttributes).includes("members")) return true;
  return attributes !== undefined && attributes !== "" && !names(attributes).some((name) => name === "members" || name.startsWith("members."));
}
