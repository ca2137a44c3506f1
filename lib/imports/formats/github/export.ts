import * as z from "zod";
import type { ReadLine, StagedRow } from "../../types";
import { fit, readRecords } from "../records";
import { assignmentRow, credentialRow, entitlementRow, identityRow, rejected, text, time, Unfit } from "../values";

const id = z.union([z.number().int(), z.string().regex(/^[\w-]{1,60}$/)]).transform(String);
const login = z.string().regex(/^[\w.[\]-]{1,100}$/);
const title = z.string().max(500);
const when = z.union([z.string(), z.number()]).nullish();
const account = z.looseObject({ login }).nullish();
const permissions = z.record(z.string().regex(/^\w{1,60}$/), z.string().regex(/^\w{1,20}$/));
const repo = /^https:\/\/[^/]+\/(?:api\/v3\/)?repos\/([\w.-]+\/[\w.-]+)\/keys\//;

const deployKeySchema = z.looseObject({ id, title, read_only: z.boolean(), created_at: when, last_used: when, url: z.string().max(500).optional(), repository: z.union([z.string().max(200), z.looseObject({ full_name: z.string().max(200) })]).optional(), enabled: z.boolean().optional() });
const installationSchema = z.looseObject({ id, app_slug: login, app_id: id.optional(), account, repository_selection: z.string().max(30).optional(), permissions: permissions.default({}), created_at: when, suspended_at: when });
const fineGrainedSchema = z.looseObject({ id, owner: account, token_id: id.optional(), token_name: title.optional(), token_expired: z.boolean().default(false), token_expires_at: when, token_last_used_at: when, access_granted_at: when, permissions: z.record(z.string(), permissions).default({}) });
/** The last characters of a token are in this answer of GitHub; they are not looked at. */
const authorizedSchema = z.looseObject({ login, credential_id: id, credential_type: z.string().max(60), credential_authorized_at: when, credential_accessed_at: when, authorized_credential_expires_at: when, authorized_credential_title: title.nullish(), authorized_credential_note: title.nullish(), scopes: z.array(z.string().regex(/^[\w:]{1,60}$/)).nullish() });

const lists = ["deploy_keys", "keys", "installations", "personal_access_tokens", "fine_grained_tokens", "tokens", "credential_authorizations"];

/** A GitHub export: deploy keys, installations of apps, fine-grained and classic tokens, in the shapes of the REST API. */
export async function* readGithubExport(source: AsyncIterable<string>, { head }: { head: string }): AsyncGenerator<ReadLine> {
  for await (const { line, value, why } of readRecords(source, head, lists)) yield why ? rejected(line, { code: why, field: null }) : readOne(line, value);
}

function readOne(line: number, value: unknown): ReadLine {
  const has = (key: string) => typeof value === "object" && value !== null && key in value;
  if (has("app_slug")) return readInstallation(line, value);
  if (has("credential_id")) return readAuthorized(line, value);
  if (has("token_expired") || has("access_granted_at") || has("token_name")) return readFineGrained(line, value);
  if (has("read_only")) return readDeployKey(line, value);
  return rejected(line, { code: "unknown-kind", field: null });
}

class Times {
  unfit: string | null = null;

  of(value: string | number | null | undefined, field: string): string | null {
    const read = time(value, field);
    if (!(read instanceof Unfit)) return read;
    this.unfit ??= field;
    return null;
  }
}

function done(line: number, times: Times, rows: readonly StagedRow[]): ReadLine {
  return times.unfit === null ? { line, rows } : rejected(line, { code: "value", field: times.unfit });
}

const named = (raw: string | null | undefined, otherwise: string) => {
  const plain = text(raw, "title", 150);
  return plain instanceof Unfit || plain === null ? otherwise : plain;
};

function readDeployKey(line: number, value: unknown): ReadLine {
  const key = fit(deployKeySchema, value);
  if (!key.ok) return rejected(line, { code: "value", field: key.field });
  const { repository, url, title: raw, read_only, enabled } = key.value;
  const where = typeof repository === "string" ? repository : (repository?.full_name ?? repo.exec(url ?? "")?.[1] ?? null);
  if (where === null || !/^[\w.-]+\/[\w.-]+$/.test(where)) return rejected(line, { code: "missing", field: "repository" });
  const times = new Times();
  const createdAt = times.of(key.value.created_at, "created_at");
  const lastUsedAt = times.of(key.value.last_used, "last_used");
  const identity = `deploy-key/${where}/${key.value.id}`;
  const entitlement = `${read_only ? "read" : "write"} ${where}`;
  return done(line, times, [
    identityRow(identity, { name: `${named(raw, "deploy key")} on ${where}`, kind: "ssh-key", createdAt, lastUsedAt }),
    credentialRow(identity, identity, { handle: `deploy key ${key.value.id}`, kind: "ssh-key", createdAt, lastUsedAt, ...(enabled === undefined ? {} : { isEnabled: enabled }) }),
    entitlementRow(entitlement, { description: `${read_only ? "Read" : "Read and write"} the code of ${where}.`, actions: read_only ? ["contents: read"] : ["contents: read", "contents: write"], sensitivity: read_only ? "medium" : "high" }),
    assignmentRow(identity, entitlement, []),
  ]);
}

const guarded = new Set(["administration", "actions", "secrets", "workflows", "contents", "members", "organization_administration", "organization_secrets", "organization_self_hosted_runners", "environments", "packages"]);

function holdings(identity: string, given: Readonly<Record<string, string>>, where: string): StagedRow[] {
  return Object.entries(given).flatMap(([what, level]) => {
    const key = `${what}: ${level} in ${where}`;
    const sensitivity = level === "admin" || (what.endsWith("administration") && level === "write") ? "critical" : level === "read" ? (what.endsWith("secrets") ? "medium" : "low") : guarded.has(what) ? "high" : "medium";
    return [entitlementRow(key, { description: `${level} on ${what.replaceAll("_", " ")} in ${where}.`, actions: [`${what}: ${level}`], sensitivity }), assignmentRow(identity, key, [])];
  });
}

function readInstallation(line: number, value: unknown): ReadLine {
  const app = fit(installationSchema, value);
  if (!app.ok) return rejected(line, { code: "value", field: app.field });
  const times = new Times();
  const where = app.value.account?.login ?? "this organisation";
  const identity = `app/${app.value.app_slug}/${where}`;
  const createdAt = times.of(app.value.created_at, "created_at");
  const isEnabled = times.of(app.value.suspended_at, "suspended_at") === null;
  const reach = app.value.repository_selection === "all" ? "Installed on all repositories." : "Installed on chosen repositories.";
  return done(line, times, [
    identityRow(identity, { name: app.value.app_slug, kind: "oauth-client", description: reach, createdAt }),
    credentialRow(`installation/${app.value.id}`, identity, { handle: `installation ${app.value.id}`, kind: "app-installation", createdAt, isEnabled }),
    ...holdings(identity, app.value.permissions, where),
  ]);
}

function readFineGrained(line: number, value: unknown): ReadLine {
  const token = fit(fineGrainedSchema, value);
  if (!token.ok) return rejected(line, { code: "value", field: token.field });
  const times = new Times();
  const { owner, token_name, token_expired, permissions: given } = token.value;
  const identity = `token/${token.value.token_id ?? token.value.id}`;
  const lastUsedAt = times.of(token.value.token_last_used_at, "token_last_used_at");
  const createdAt = times.of(token.value.access_granted_at, "access_granted_at");
  const expiresAt = times.of(token.value.token_expires_at, "token_expires_at");
  const flat = Object.assign({}, ...Object.values(given)) as Readonly<Record<string, string>>;
  return done(line, times, [
    identityRow(identity, { name: `${named(token_name, "token")} of ${owner?.login ?? "somebody"}`, kind: "api-key", tags: owner ? [`owner:${owner.login}`] : [], createdAt, lastUsedAt }),
    credentialRow(identity, identity, { handle: identity, kind: "fine-grained-token", createdAt, expiresAt, lastUsedAt, isEnabled: !token_expired }),
    ...holdings(identity, flat, "GitHub"),
  ]);
}

function sensitivityOfScope(scope: string): "low" | "medium" | "high" | "critical" {
  if (/^(?:admin:|delete_repo|site_admin)/.test(scope)) return "critical";
  if (/^(?:repo|workflow|write:|manage_)/.test(scope)) return "high";
  return scope.startsWith("read:") ? "low" : "medium";
}

function readAuthorized(line: number, value: unknown): ReadLine {
  const found = fit(authorizedSchema, value);
  if (!found.ok) return rejected(line, { code: "value", field: found.field });
  const times = new Times();
  const { credential_id, credential_type, scopes, authorized_credential_note, authorized_credential_title } = found.value;
  const isKey = /ssh/i.test(credential_type);
  const identity = `credential/${credential_id}`;
  const createdAt = times.of(found.value.credential_authorized_at, "credential_authorized_at");
  const lastUsedAt = times.of(found.value.credential_accessed_at, "credential_accessed_at");
  const expiresAt = times.of(found.value.authorized_credential_expires_at, "authorized_credential_expires_at");
  const held = (scopes ?? []).map((scope) => `scope ${scope}`);
  return done(line, times, [
    identityRow(identity, { name: `${named(authorized_credential_note ?? authorized_credential_title, credential_type)} of ${found.value.login}`, kind: isKey ? "ssh-key" : "api-key", tags: [`owner:${found.value.login}`], createdAt, lastUsedAt }),
    credentialRow(identity, identity, { handle: identity, kind: isKey ? "ssh-key" : "classic-token", createdAt, expiresAt, lastUsedAt }),
    ...(scopes ?? []).map((scope) => entitlementRow(`scope ${scope}`, { description: `The scope ${scope} wherever its owner may go.`, actions: [scope], sensitivity: sensitivityOfScope(scope) })),
    ...held.map((key) => assignmentRow(identity, key, [])),
  ]);
}
