import * as z from "zod";
import { limits } from "../../rules";
import type { EntitlementFacts, ReadLine, StagedRow } from "../../types";
import { readJsonLists } from "../json";
import { readRules, ruleSchema } from "./rbac-rules";
import { FileProblem } from "../problem";
import { fit } from "../records";
import { assignmentRow, credentialRow, entitlementRow, identityRow, rejected, text, time, Unfit } from "../values";
import { readYaml, yamlParts } from "./yaml-documents";

const name = z.string().min(1).max(253).regex(/^[A-Za-z0-9](?:[\w.:@/-]*[\w])?$/);
const labels = z.record(z.string().max(320), z.union([z.string().max(320), z.number(), z.boolean()]).transform(String)).nullish();
const metadata = z.looseObject({ name, namespace: name.nullish(), creationTimestamp: z.string().nullish(), labels, annotations: z.record(z.string(), z.unknown()).nullish() });
const objectSchema = z.looseObject({ apiVersion: z.string().max(100), kind: z.string().max(100) });
const accountSchema = z.object({ metadata });
/** Of a Secret only what is listed here is ever looked at: its data is the token itself. */
const secretSchema = z.object({ type: z.string().max(200).nullish(), metadata });
const roleSchema = z.object({ metadata, rules: z.array(ruleSchema).max(2_000).nullish().transform((rules) => rules ?? []) });
const bindingSchema = z.object({
  metadata,
  roleRef: z.object({ kind: z.enum(["Role", "ClusterRole"]), name }),
  subjects: z.array(z.looseObject({ kind: z.string().max(60), name, namespace: name.nullish() })).max(10_000).nullish().transform((subjects) => subjects ?? []),
});

const accountKey = (namespace: string, account: string) => `system:serviceaccount:${namespace}:${account}`;
const mention = (namespace: string, account: string) => identityRow(accountKey(namespace, account), { name: `${namespace}/${account}`, kind: "service-account" }, 1);

/** Roles of the whole cluster by name, and where bindings bring them into one namespace: told once everything was read. */
type Borrowed = { readonly roles: Map<string, EntitlementFacts>; readonly uses: Map<string, { readonly role: string; readonly namespace: string }> };
const mostBorrowed = 50_000;

/** Kubernetes manifests, YAML or JSON: service accounts, roles, bindings, and token Secrets without their tokens. */
export async function* readKubernetes(source: AsyncIterable<string>, { head }: { head: string }): AsyncGenerator<ReadLine> {
  const borrowed: Borrowed = { roles: new Map(), uses: new Map() };
  let last = 0;
  for await (const read of isJson(head) ? readJson(source, head, borrowed) : readDocuments(source, borrowed)) {
    last = read.line;
    yield read;
  }
  for (const [key, { role, namespace }] of borrowed.uses) {
    const facts = borrowed.roles.get(role) ?? {};
    yield { line: last, rows: [entitlementRow(key, { ...facts, description: `What the ClusterRole ${role} allows, inside the namespace ${namespace}.` })] };
  }
}

const isJson = (head: string) => /^\uFEFF?\s*[[{]/.test(head);

async function* readJson(source: AsyncIterable<string>, head: string, borrowed: Borrowed): AsyncGenerator<ReadLine> {
  const start = head.replace(/^\uFEFF/, "").trimStart();
  const path = start.startsWith("[") ? "$.*" : /"items"\s*:\s*\[/.test(start.slice(0, 4_096)) ? "$.items.*" : "$";
  for await (const { line, value } of readJsonLists(source, [path])) yield readObject(line, value, borrowed);
}

async function* readDocuments(source: AsyncIterable<string>, borrowed: Borrowed): AsyncGenerator<ReadLine> {
  for await (const { line, text: part } of yamlParts(source)) {
    if (part === null) {
      yield rejected(line, { code: "too-long", field: null });
      continue;
    }
    const read = readYaml(part);
    if (!read.ok) yield rejected(line, { code: read.code, field: null });
    else yield readObject(line, read.value, borrowed);
  }
}

function readObject(line: number, value: unknown, borrowed: Borrowed): ReadLine {
  const object = fit(objectSchema, value);
  if (!object.ok) return object.field === null || isTail(value) ? { line, passed: true } : rejected(line, { code: "missing", field: object.field });
  switch (object.value.kind) {
    case "ServiceAccount":
      return readAccount(line, value);
    case "Secret":
      return readSecret(line, value);
    case "Role":
    case "ClusterRole":
      return readRole(line, value, { kind: object.value.kind, borrowed });
    case "RoleBinding":
    case "ClusterRoleBinding":
      return readBinding(line, value, { kind: object.value.kind, borrowed });
    default:
      return { line, passed: true };
  }
}

/** What stands after the items of a list: `kind: List`, `metadata` without a name. */
const tailSchema = z.strictObject({ kind: z.string().optional(), apiVersion: z.string().optional(), metadata: z.strictObject({ resourceVersion: z.string().optional(), selfLink: z.string().optional() }).optional() });
const isTail = (value: unknown) => tailSchema.safeParse(value).success;

function readAccount(line: number, value: unknown): ReadLine {
  const account = fit(accountSchema, value);
  if (!account.ok) return rejected(line, { code: "value", field: account.field });
  const meta = account.value.metadata;
  const namespace = meta.namespace ?? "default";
  const key = accountKey(namespace, meta.name);
  const createdAt = time(meta.creationTimestamp, "creationTimestamp");
  if (createdAt instanceof Unfit) return rejected(line, { code: "value", field: "creationTimestamp", about: `${namespace}/${meta.name}` });
  const identity = identityRow(key, { name: `${namespace}/${meta.name}`, kind: "service-account", tags: tagsOf(meta.labels), ...(createdAt === null ? {} : { createdAt }) });
  const groups = ["system:serviceaccounts", `system:serviceaccounts:${namespace}`, "system:authenticated"];
  return { line, rows: [identity, ...groups.map((group): StagedRow => ({ kind: "member", key, ref: key, ref2: group, rank: 0, facts: { name: meta.name } }))] };
}

function tagsOf(found: z.output<typeof labels>): string[] {
  const tags = Object.entries(found ?? {}).slice(0, 20).map(([label, said]) => text(`${label}:${said}`, "labels", 200));
  return tags.filter((tag) => typeof tag === "string");
}

function readSecret(line: number, value: unknown): ReadLine {
  const secret = fit(secretSchema, value);
  if (!secret.ok) return rejected(line, { code: "value", field: secret.field });
  if (secret.value.type !== "kubernetes.io/service-account-token") return { line, passed: true };
  const meta = secret.value.metadata;
  const account = fit(name, meta.annotations?.["kubernetes.io/service-account.name"]);
  if (!account.ok) return rejected(line, { code: "missing", field: "kubernetes.io/service-account.name", about: meta.name });
  const namespace = meta.namespace ?? "default";
  const createdAt = time(meta.creationTimestamp, "creationTimestamp");
  if (createdAt instanceof Unfit) return rejected(line, { code: "value", field: "creationTimestamp", about: meta.name });
  const facts = { handle: `${namespace}/${meta.name}`, kind: "service-account-token", expiresAt: null, ...(createdAt === null ? {} : { createdAt }) };
  return { line, rows: [mention(namespace, account.value), credentialRow(`secret/${namespace}/${meta.name}`, accountKey(namespace, account.value), facts)] };
}

type About = { readonly kind: "Role" | "ClusterRole" | "RoleBinding" | "ClusterRoleBinding"; readonly borrowed: Borrowed };

function readRole(line: number, value: unknown, { kind, borrowed }: About): ReadLine {
  const role = fit(roleSchema, value);
  if (!role.ok) return rejected(line, { code: "value", field: role.field });
  const { metadata: meta, rules } = role.value;
  const facts = readRules(rules);
  if (kind === "ClusterRole" && borrowed.roles.size < mostBorrowed) borrowed.roles.set(meta.name, facts);
  const where = kind === "Role" ? `inside the namespace ${meta.namespace ?? "default"}` : "in the whole cluster";
  const key = kind === "Role" ? `Role ${meta.namespace ?? "default"}/${meta.name}` : `ClusterRole ${meta.name}`;
  return { line, rows: [entitlementRow(key, { ...facts, description: `${rules.length} ${rules.length === 1 ? "rule" : "rules"} ${where}.` })] };
}

/** Roles that Kubernetes itself brings, for files that hold bindings only. */
const known: Readonly<Record<string, EntitlementFacts>> = {
  "cluster-admin": { sensitivity: "critical", actions: ["* *"] },
  admin: { sensitivity: "high" },
  edit: { sensitivity: "high" },
  view: { sensitivity: "low" },
};

function readBinding(line: number, value: unknown, { kind, borrowed }: About): ReadLine {
  const binding = fit(bindingSchema, value);
  if (!binding.ok) return rejected(line, { code: "value", field: binding.field });
  const { metadata: meta, roleRef, subjects } = binding.value;
  const namespace = meta.namespace ?? "default";
  const isBorrowed = kind === "RoleBinding" && roleRef.kind === "ClusterRole";
  const key = roleRef.kind === "Role" ? `Role ${namespace}/${roleRef.name}` : isBorrowed ? `ClusterRole ${roleRef.name} in ${namespace}` : `ClusterRole ${roleRef.name}`;
  if (isBorrowed) {
    if (borrowed.uses.size >= mostBorrowed) throw new FileProblem("too-many", { limit: mostBorrowed });
    borrowed.uses.set(key, { role: roleRef.name, namespace });
  }
  const rows = subjects.flatMap((subject) => subjectRows(subject, { key, namespace, binding: meta.name }));
  if (rows.length === 0) return { line, passed: true };
  return { line, rows: [entitlementRow(key, roleRef.kind === "ClusterRole" ? (known[roleRef.name] ?? {}) : {}, 1), ...rows] };
}

type Bound = { readonly key: string; readonly namespace: string; readonly binding: string };

function subjectRows(subject: { kind: string; name: string; namespace?: string | null | undefined }, { key, namespace, binding }: Bound): StagedRow[] {
  const path = [`binding ${binding}`.slice(0, limits.text)];
  const user = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(subject.name);
  if (subject.kind === "ServiceAccount" || (subject.kind === "User" && user)) {
    const [space, account] = subject.kind === "ServiceAccount" ? [subject.namespace ?? namespace, subject.name] : [user?.[1] ?? "", user?.[2] ?? ""];
    return [mention(space, account), assignmentRow(accountKey(space, account), key, path)];
  }
  // Groups of service accounts; those of people are none of ours.
  const isOurs = subject.kind === "Group" && (/^system:serviceaccounts(?::[^:]+)?$/.test(subject.name) || subject.name === "system:authenticated");
  return isOurs ? [{ kind: "group-holds", key: subject.name, ref: subject.name, ref2: key, rank: 0, facts: { name: `group ${subject.name}` } }] : [];
}
