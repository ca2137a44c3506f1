import "server-only";
import { createHash, randomBytes } from "node:crypto";
import type { PersonActor } from "@/lib/auth/actor";
import { db } from "@/lib/db/client";
import { inTransaction } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import { newId } from "@/lib/platform/ids";
import { ok, refuse, type Result } from "@/lib/platform/result";
import { findSecrets } from "@/lib/platform/secret-scan";
import { filesConnector } from "./mutations";

const prefix = "curfew_import_";
const pattern = /^Bearer +(curfew_import_[\w-]{43})$/i;
const mostTokens = 20;
const dayMs = 86_400_000;

/** A machine that sends files about one system. */
export type ImportSender = { readonly id: string; readonly name: string; readonly systemId: string };

const hashOf = (token: string) => new Uint8Array(createHash("sha256").update(token, "utf8").digest());

type Making = { readonly actor: PersonActor; readonly systemId: string; readonly name: string; readonly days: number };

/** Lets a machine send files about one system, until a day. The token is in this answer and nowhere else. */
export async function makeImportToken({ actor, systemId, name, days }: Making): Promise<Result<{ tokenId: string; token: string; expiresAt: string }, "unknown-system" | "too-many-tokens" | "name-is-secret">> {
  if ((await findSecrets(name)).found) return refuse("name-is-secret");
  const token = `${prefix}${randomBytes(32).toString("base64url")}`;
  return inTransaction(async (tx, now) => {
    const rows = await tx.$queryRaw<{ connector: string }[]>`select connector from systems where id = ${systemId}::uuid for update`;
    if (rows[0]?.connector !== filesConnector) return refuse("unknown-system");
    if ((await tx.importToken.count({ where: { systemId, withdrawnAt: null, expiresAt: { gt: now } } })) >= mostTokens) return refuse("too-many-tokens");
    const tokenId = newId();
    const expiresAt = new Date(now.getTime() + days * dayMs);
    await tx.importToken.create({ data: { id: tokenId, systemId, name, tokenHash: hashOf(token), createdById: actor.personId, createdAt: now, expiresAt } });
    await appendEvent(tx, { type: "import.token-made", at: now, actor, subjects: { system: systemId }, data: { tokenId, expiresAt: expiresAt.toISOString() }, clear: { name } });
    return ok({ tokenId, token, expiresAt: expiresAt.toISOString() });
  });
}

/** Takes a token back: the next call with it is refused. */
export function withdrawImportToken({ actor, tokenId }: { actor: PersonActor; tokenId: string }): Promise<Result<{ tokenId: string }, "unknown-token">> {
  return inTransaction(async (tx, now) => {
    const rows = await tx.$queryRaw<{ system_id: string }[]>`
      update import_tokens set withdrawn_at = ${now}::timestamptz where id = ${tokenId}::uuid and withdrawn_at is null returning system_id`;
    const systemId = rows[0]?.system_id;
    if (systemId === undefined) return refuse("unknown-token");
    await appendEvent(tx, { type: "import.token-withdrawn", at: now, actor, subjects: { system: systemId }, data: { tokenId } });
    return ok({ tokenId });
  });
}

type Answer = { readonly ok: true; readonly value: ImportSender } | { readonly ok: false; readonly status: 401; readonly code: "token-missing" | "token-unknown" };

/** Whose token this is, found by its hash. */
export async function authenticateSender(authorization: string | null): Promise<Answer> {
  const token = pattern.exec(authorization ?? "")?.[1];
  if (token === undefined) return { ok: false, status: 401, code: "token-missing" };
  const rows = await db.$queryRaw<{ id: string; name: string; system_id: string }[]>`
    update import_tokens set last_used_at = clock_timestamp()
    where token_hash = ${hashOf(token)} and withdrawn_at is null and expires_at > clock_timestamp() returning id, name, system_id`;
  const row = rows[0];
  return row ? { ok: true, value: { id: row.id, name: row.name, systemId: row.system_id } } : { ok: false, status: 401, code: "token-unknown" };
}
