import * as z from "zod";
import { limits } from "../../rules";
import type { EntitlementFacts } from "../../types";
import { jsonOf } from "../json";

const many = z.union([z.string().max(4_000).transform((one) => [one]), z.array(z.string().max(4_000)).max(5_000)]);
const statement = z.looseObject({ Effect: z.string().max(20).default("Allow"), Action: many.optional(), NotAction: many.optional(), Resource: many.optional(), NotResource: many.optional(), Condition: z.unknown().optional() });
const documentSchema = z.looseObject({ Statement: z.union([statement.transform((one) => [one]), z.array(statement).max(1_000)]) });

/** A policy document: an object as the CLI gives it, or URL-encoded JSON as the API does. Null where it is neither. */
export function policyDocument(raw: unknown): z.output<typeof documentSchema> | null {
  const value = typeof raw === "string" ? decoded(raw) : raw;
  const parsed = documentSchema.safeParse(value);
  return parsed.success ? parsed.data : null;
}

function decoded(text: string): unknown {
  if (text.length > limits.recordBytes) return undefined;
  const plain = jsonOf(text);
  if (plain !== undefined && typeof plain !== "string") return plain;
  try {
    return jsonOf(decodeURIComponent(text));
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}

const actionForm = /^[\w-]{1,40}:[\w*?-]{1,100}$|^\*$/;
const reads = /^[\w-]+:(?:Get|List|Describe|Head|Lookup|Search|View|Check|BatchGet|Scan|Query|Filter)[\w*]*$/;
/** Actions that open further doors: permissions, roles, keys and secrets. */
const risky = /^(?:iam|sts|organizations|sso|kms|secretsmanager|ssm|lambda|sso-admin):(?:\*|Put|Create|Attach|Update|Add|Set|PassRole|AssumeRole|Delete|GetSecretValue|GetParameter|Decrypt|Invoke)/;
const mostActions = 200;

/** What a policy allows, readable: its actions, and how sensitive they make it. */
export function readPolicy(document: z.output<typeof documentSchema> | null, name: string): Pick<EntitlementFacts, "actions" | "sensitivity"> & { readonly description: string } {
  if (name === "AdministratorAccess") return { actions: ["*"], sensitivity: "critical", description: "May do everything in the account." };
  if (!document) return { description: "Its document is not in the file.", sensitivity: "critical" };
  const allowed = document.Statement.filter(({ Effect }) => Effect === "Allow");
  const all = allowed.flatMap(({ Action = [] }) => Action).filter((action) => actionForm.test(action));
  const actions = [...new Set(all)].sort();
  const isEverything = actions.includes("*") || allowed.some(({ NotAction }) => NotAction !== undefined);
  const isEverywhere = allowed.some(({ Resource = [], NotResource }) => NotResource !== undefined || Resource.includes("*"));
  const shown = actions.length > mostActions ? [...actions.slice(0, mostActions), `… ${actions.length - mostActions} more`] : actions;
  const where = isEverywhere ? "on everything" : "on named resources";
  const what = isEverything ? "Everything" : actions.length === 0 ? "Nothing by itself" : `${actions.length} ${actions.length === 1 ? "action" : "actions"}`;
  const isConditional = allowed.some(({ Condition }) => Condition !== undefined);
  return {
    actions: isEverything && !actions.includes("*") ? ["* except some", ...shown] : shown,
    sensitivity: sensitivityOf(actions, { isEverything, isEverywhere }),
    description: `${what} ${where}${isConditional ? ", under conditions" : ""}.`,
  };
}

function sensitivityOf(actions: readonly string[], { isEverything, isEverywhere }: { isEverything: boolean; isEverywhere: boolean }): NonNullable<EntitlementFacts["sensitivity"]> {
  if (isEverything || actions.includes("iam:*")) return "critical";
  if (actions.some((action) => risky.test(action) || (/:\*$/.test(action) && isEverywhere))) return "high";
  return actions.every((action) => reads.test(action)) ? "low" : "medium";
}

const trustSchema = z.looseObject({
  Statement: z
    .union([z.unknown().transform((one) => [one]), z.array(z.unknown())])
    .transform((statements) => statements.flat(1)),
});
const principalSchema = z.looseObject({ Effect: z.string().optional(), Principal: z.union([z.string(), z.record(z.string(), many)]).optional(), Condition: z.record(z.string(), z.record(z.string(), z.unknown())).optional() });

/** Who may act as a role, in words, and tags for what is wrong with it. */
export function readTrust(raw: unknown): { readonly words: readonly string[]; readonly tags: readonly string[] } {
  const value = typeof raw === "string" ? decoded(raw) : raw;
  const document = trustSchema.safeParse(value);
  if (!document.success) return { words: [], tags: [] };
  const words = new Set<string>();
  const tags = new Set<string>();
  for (const candidate of document.data.Statement) {
    const parsed = principalSchema.safeParse(candidate);
    if (!parsed.success || parsed.data.Effect === "Deny") continue;
    const { Principal = {}, Condition = {} } = parsed.data;
    const principals = typeof Principal === "string" ? { AWS: [Principal] } : Principal;
    for (const [kind, names] of Object.entries(principals)) {
      for (const name of names) words.add(trusted(kind, name));
      if (names.includes("*")) tags.add("trust:anybody");
    }
    const federated = "Federated" in principals && (principals["Federated"] ?? []).some((name) => name.includes(":oidc-provider/"));
    const hasSubject = Object.values(Condition).some((tests) => Object.keys(tests).some((key) => key.endsWith(":sub")));
    if (federated && !hasSubject) tags.add("trust:no-subject");
  }
  return { words: [...words].slice(0, 20), tags: [...tags] };
}

function trusted(kind: string, name: string): string {
  if (kind === "Service") return name.slice(0, 100);
  if (kind === "Federated") return `tokens of ${name.replace(/^.*:(?:oidc|saml)-provider\//, "").slice(0, 100)}`;
  if (name === "*") return "anybody";
  return name.slice(0, 150);
}
