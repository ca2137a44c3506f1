import { identityKinds, type IdentityKind } from "@/lib/identities/types";
import type { CredentialFacts, EntitlementFacts, IdentityFacts, ReadLine, StagedRow } from "../types";
import { limits, type PlainField } from "../rules";
import { assignmentRow, credentialRow, entitlementRow, flag, identityRow, list, rejected, text, time, Unfit } from "./values";

/** A line of the plain format, by our fields. Only fields that the file has are there. */
export type PlainRecord = Readonly<Partial<Record<PlainField, string | null>>>;

const kindNames: Readonly<Record<string, IdentityKind>> = {
  ...Object.fromEntries(identityKinds.map((kind) => [kind, kind])),
  "service principal": "service-account", serviceaccount: "service-account", "machine user": "service-account", technical: "service-account",
  "db-user": "database-role", "database-user": "database-role", "db role": "database-role",
  apikey: "api-key", key: "api-key", token: "api-key", "access-key": "api-key",
  oauth: "oauth-client", "oauth-app": "oauth-client", app: "oauth-client", application: "oauth-client",
  pod: "workload", container: "workload", vm: "workload", function: "workload", role: "workload",
  ci: "ci-job", pipeline: "ci-job", runner: "ci-job", job: "ci-job", "github-action": "ci-job",
  agent: "ai-agent", llm: "ai-agent", cert: "certificate", ssh: "ssh-key", "deploy-key": "ssh-key", vendor: "third-party", integration: "third-party",
};

function kindOf(value: string | null | undefined): IdentityKind | Unfit {
  const word = value?.trim().toLowerCase() ?? "";
  if (word === "") return "service-account";
  return kindNames[word] ?? kindNames[word.replace(/[\s_]+/g, "-")] ?? new Unfit("unknown-kind", "kind");
}

const sensitivities = ["low", "medium", "high", "critical"] as const;

function sensitivityOf(value: string | null | undefined): (typeof sensitivities)[number] | null | Unfit {
  const word = value?.trim().toLowerCase() ?? "";
  if (word === "") return null;
  return sensitivities.find((known) => known === word) ?? new Unfit("value", "entitlement_sensitivity");
}

/** Collects values until one is unfit. */
class Reading {
  unfit: Unfit | null = null;

  take<Value>(value: Value | Unfit): Value | null {
    if (!(value instanceof Unfit)) return value;
    this.unfit ??= value;
    return null;
  }
}

function identityOf(record: PlainRecord, reading: Reading): { key: string; facts: IdentityFacts } | null {
  const name = reading.take(text(record.name || record.id, "name", 200));
  const key = reading.take(text(record.id || record.name, "id", limits.key));
  if (name === null || key === null) {
    reading.unfit ??= new Unfit("missing", "name");
    return null;
  }
  const owner = reading.take(text(record.owner, "owner", 150));
  const tags = reading.take(list(record.tags, "tags")) ?? [];
  const environment = reading.take(text(record.environment, "environment", 60));
  const facts: IdentityFacts = {
    name,
    kind: reading.take(kindOf(record.kind)) ?? "service-account",
    ...("description" in record ? { description: reading.take(text(record.description, "description")) } : {}),
    ...(environment === null ? {} : { environment }),
    ...("vendor" in record ? { vendor: reading.take(text(record.vendor, "vendor", 200)) } : {}),
    // A file cannot appoint anybody: whom it names stands as a tag for whoever looks for an owner.
    ...("tags" in record || "owner" in record ? { tags: owner === null ? tags : [...tags, `owner:${owner}`] } : {}),
    ...("created_at" in record ? { createdAt: reading.take(time(record.created_at, "created_at")) } : {}),
    ...("last_used_at" in record ? { lastUsedAt: reading.take(time(record.last_used_at, "last_used_at")) } : {}),
    ...("visible_since" in record ? { visibleSince: reading.take(time(record.visible_since, "visible_since")) } : {}),
  };
  return { key, facts };
}

function credentialOf(record: PlainRecord, identity: string, reading: Reading): StagedRow | null {
  const id = reading.take(text(record.credential_id, "credential_id", limits.key));
  if (id === null) return null;
  const isEnabled = reading.take(flag(record.credential_enabled, "credential_enabled"));
  const facts: CredentialFacts = {
    handle: id,
    kind: reading.take(text(record.credential_kind, "credential_kind", 60)) ?? "key",
    ...("credential_created_at" in record ? { createdAt: reading.take(time(record.credential_created_at, "credential_created_at")) } : {}),
    ...("credential_rotated_at" in record ? { rotatedAt: reading.take(time(record.credential_rotated_at, "credential_rotated_at")) } : {}),
    ...("credential_expires_at" in record ? { expiresAt: reading.take(time(record.credential_expires_at, "credential_expires_at")) } : {}),
    ...("credential_last_used_at" in record ? { lastUsedAt: reading.take(time(record.credential_last_used_at, "credential_last_used_at")) } : {}),
    ...("visible_since" in record ? { visibleSince: reading.take(time(record.visible_since, "visible_since")) } : {}),
    ...(isEnabled === null ? {} : { isEnabled }),
  };
  return credentialRow(id, identity, facts);
}

function holdingOf(record: PlainRecord, identity: string, reading: Reading): StagedRow[] {
  const name = reading.take(text(record.entitlement, "entitlement", 200));
  if (name === null) return [];
  const description = reading.take(text(record.entitlement_description, "entitlement_description"));
  const sensitivity = reading.take(sensitivityOf(record.entitlement_sensitivity));
  const actions = reading.take(list(record.entitlement_actions, "entitlement_actions")) ?? [];
  const facts: EntitlementFacts = { ...(description === null ? {} : { description }), ...(sensitivity === null ? {} : { sensitivity }), ...(actions.length === 0 ? {} : { actions }) };
  const isMention = Object.keys(facts).length === 0;
  return [entitlementRow(name, facts, isMention ? 1 : 0), assignmentRow(identity, name, [])];
}

/** One line of the plain format: an identity, and at most one credential and one entitlement of it. */
export function readPlain(line: number, record: PlainRecord): ReadLine {
  const reading = new Reading();
  const identity = identityOf(record, reading);
  const credential = identity ? credentialOf(record, identity.key, reading) : null;
  const holding = identity ? holdingOf(record, identity.key, reading) : [];
  if (reading.unfit) return rejected(line, { code: reading.unfit.code, field: reading.unfit.field, about: identity?.facts.name ?? null });
  if (!identity) return rejected(line, { code: "missing", field: "name" });
  return { line, rows: [identityRow(identity.key, identity.facts), ...(credential ? [credential] : []), ...holding] };
}
