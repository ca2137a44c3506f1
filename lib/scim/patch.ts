import { ScimError, scimPatch, type ScimPatchOperation, type ScimResource } from "scim-patch";
import { parseInput } from "@/lib/platform/input";
import { scimUserSchema, type PatchOperation } from "./schema";
import type { GroupChange, ScimResult, UserAttributes } from "./types";

const refused = (scimType: "invalidPath" | "invalidValue" | "noTarget" | "mutability", detail: string) =>
  ({ ok: false, refusal: { status: 400, scimType, detail } }) as const;

/** Names by which an object's prototype is reached: the library walks any path it is given. */
const forbidden = /(^|[.:[\]"\s])(__proto__|prototype|constructor)($|[.:[\]"\s])/i;

/** Attributes whose case clients get wrong. */
const known = ["userName", "externalId", "active", "displayName", "title", "name", "emails", "members", "id", "schemas", "meta"];
const parts = ["formatted", "givenName", "familyName", "value", "type", "primary"];

function inOurCase(path: string): string {
  const [, schema = "", rest = ""] = /^(urn:.*:)?(.*)$/s.exec(path) ?? [];
  const [, head = "", filter = "", tail = ""] = /^([^.[]*)(\[.*\])?(?:\.(.*))?$/s.exec(rest) ?? [];
  if (schema !== "" && !/core:2\.0:(User|Group):$/i.test(schema)) return path;
  const attribute = known.find((name) => name.toLowerCase() === head.toLowerCase()) ?? head;
  const part = parts.find((name) => name.toLowerCase() === tail.toLowerCase()) ?? tail;
  return `${attribute}${filter}${part === "" ? "" : `.${part}`}`;
}

/** One operation per attribute: Entra ID and Okta leave the path out and name the attributes as keys, dotted ones among them. */
function spread(operation: PatchOperation): PatchOperation[] {
  const { op, path, value } = operation;
  if (path || typeof value !== "object" || value === null || Array.isArray(value)) return [operation];
  return Object.entries(value).map(([key, item]) => ({ op, path: key, value: item as unknown }));
}

function holdsForbidden(value: unknown): boolean {
  return forbidden.test(JSON.stringify(value ?? null));
}

type Plain = Record<string, unknown> & ScimResource;

/** What a user is after a PATCH, in the shapes that Entra ID and Okta send. Attacker-controlled. */
export function patchUser(user: UserAttributes, operations: readonly PatchOperation[]): ScimResult<UserAttributes> {
  const resource = JSON.parse(JSON.stringify(user)) as Plain;
  for (const [key, value] of Object.entries(resource)) if (value === null) delete resource[key];
  const spreadOut = operations.flatMap(spread);
  if (spreadOut.some(({ path, value }) => forbidden.test(path ?? "") || holdsForbidden(value))) return refused("invalidPath", "The path names what no resource has.");
  const changes: ScimPatchOperation[] = [];
  for (const { op, path, value } of spreadOut) {
    const target = inOurCase(path ?? "");
    if (target === "") return refused("noTarget", "An operation without a path needs an object as its value.");
    if (/^(schemas|meta|id)\b/.test(target)) continue;
    if (/^(userName|active)$/.test(target) && op === "remove") return refused("mutability", `${target} cannot be removed.`);
    changes.push(op === "remove" ? { op, path: target } : { op, path: target, value: value as string });
  }
  try {
    const patched = scimPatch(resource, changes);
    const parsed = parseInput(scimUserSchema, patched);
    if (parsed.ok) return { ok: true, value: parsed.value };
    return refused("invalidValue", parsed.errors.map(({ field, message }) => `${field}: ${message}`).join(" "));
  } catch (error) {
    if (error instanceof ScimError || error instanceof TypeError) return refused("invalidPath", "The path does not fit the resource.");
    throw error;
  }
}

function idsIn(value: unknown): string[] | null {
  const items: unknown[] = Array.isArray(value) ? value : [value];
  const ids = items.map((item) => (typeof item === "string" ? item : typeof item === "object" && item !== null && "value" in item ? item.value : null));
  return ids.every((id): id is string => typeof id === "string") ? ids : null;
}

/** What one PATCH operation asks of a group. Members are told apart by id alone. Attacker-controlled. */
function groupChange({ op, path, value }: PatchOperation): ScimResult<GroupChange> {
  const target = inOurCase(path ?? "");
  const one = /^members\[\s*value\s+eq\s+"([^"\\]{1,100})"\s*\]$/i.exec(target)?.[1];
  if (one !== undefined) return op === "remove" ? { ok: true, value: { kind: "remove", members: [one] } } : refused("invalidPath", "Members have nothing that could be changed.");
  if (target === "members") {
    if (op === "remove" && (value === undefined || value === null)) return { ok: true, value: { kind: "remove-all" } };
    const members = idsIn(value ?? []);
    return members ? { ok: true, value: { kind: op, members } } : refused("invalidValue", "Members are named by their id.");
  }
  if (op === "remove") return refused("invalidPath", "Of a group, members alone can be removed.");
  if (target === "displayName" || target === "externalId") {
    const text = typeof value === "string" ? value.trim() : "";
    if (text === "" || text.length > 200) return refused("invalidValue", `${target} is a text of up to 200 characters.`);
    return { ok: true, value: target === "displayName" ? { kind: "rename", displayName: text } : { kind: "external-id", externalId: text } };
  }
  return /^(id|schemas|meta)$/.test(target) ? { ok: true, value: { kind: "nothing" } } : refused("invalidPath", "A group has displayName, externalId and members.");
}

/** Everything that a PATCH asks of a group, in order. */
export function groupChanges(operations: readonly PatchOperation[]): ScimResult<readonly GroupChange[]> {
  const changes: GroupChange[] = [];
  for (const operation of operations.flatMap(spread)) {
    const change = groupChange(operation);
    if (!change.ok) return change;
    changes.push(change.value);
  }
  return { ok: true, value: changes };
}
