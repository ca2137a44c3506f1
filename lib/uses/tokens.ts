import "server-only";
import { createHash, randomBytes } from "node:crypto";
import type { PersonActor } from "@/lib/auth/actor";
import { db } from "@/lib/db/client";
import { inTransaction } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import { newId } from "@/lib/platform/ids";
import { ok, refuse, type Result } from "@/lib/platform/result";
import { findSecrets } from "@/lib/platform/secret-scan";

const prefix = "curfew_uses_";
const pattern = /^Bearer +(curfew_uses_[\w-]{43})$/i;
const mostTokens = 20;
const dayMs = 86_400_000;

/** A machine that sends the lines of one source. */
export type UsesSender = { readonly id: string; readonly name: string; readonly sourceId: string };

const hashOf = (token: string) => new Uint8Array(createHash("sha256").update(token, "utf8").digest());

type Making = { readonly actor: PersonActor; readonly sourceId: string; readonly name: string; readonly days: number };

/** Lets a machine send the lines of one source, until a day. The token is in this answer and nowhere else. */
export async function makeSourceToken({ actor, sourceId, name, days }: Making): Promise<Result<{ tokenId: string; token: string; expiresAt: string }, "unknown-source" | "too-many-tokens" | "name-is-secret">> {
  if ((await findSecrets(name)).found) return refuse("name-is-secret");
  const token = `${prefix}${randomBytes(32).toString("base64url")}`;
  return inTransaction(async (tx, now) => {
    const rows = await tx.$queryRaw<{ system_id: string }[]>`
      select system_id::text from sources where id = ${sourceId}::uuid and kind = 'log' and not is_live and closed_at is null for update`;
    const systemId = rows[0]?.system_id;
    if (systemId === undefined) return refuse("unknown-source");
    if ((await tx.sourceToken.count({ where: { sourceId, withdrawnAt: null, expiresAt: { gt: now } } })) >= mostTokens) return refuse("too-many-tokens");
    const tokenId = newId();
    const expiresAt = new Date(now.getTime() + days * dayMs);
    await tx.sourceToken.create({ data: { id: tokenId, sourceId, name, tokenHash: hashOf(token), createdById: actor.personId, createdAt: now, expiresAt } });
    const data = { sourceId, tokenId, expiresAt: expiresAt.toISOString() };
    await appendEvent(tx, { type: "source.token-made", at: now, actor, subjects: { system: systemId }, data, clear: { name } });
    return ok({ tokenId, token, expiresAt: data.expiresAt });
  });
}

/** Takes a token back: the next call with it is refused. */
export function withdrawSourceToken({ actor, tokenId }: { actor: PersonActor; tokenId: string }): Promise<Result<{ tokenId: string }, "unknown-token">> {
  return inTransaction(async (tx, now) => {
    const rows = await tx.$queryRaw<{ source_id: string; system_id: string }[]>`
      update source_tokens t set withdrawn_at = ${now}::timestamptz from sources s
      where t.id = ${tokenId}::uuid and t.withdrawn_at is null and s.id = t.source_id returning t.source_id::text, s.system_id::text`;
    const [row] = rows;
    if (row === undefined) return refuse("unknown-token");
    await appendEvent(tx, { type: "source.token-withdrawn", at: now, actor, subjects: { system: row.system_id }, data: { sourceId: row.source_id, tokenId } });
    return ok({ tokenId });
  });
}

type Answer = { readonly ok: true; readonly value: UsesSender } | { readonly ok: false; readonly status: 401; readonly code: "token-missing" | "token-unknown" };

/** Whose token this is, found by its hash. */
export async function authenticateUsesSender(authorization: string | null): Promise<Answer> {
  const token = pattern.exec(authorization ?? "")?.[1];
  if (token === undefined) return { ok: false, status: 401, code: "token-missing" };
  const rows = await db.$queryRaw<{ id: string; name: string; source_id: string }[]>`
    update source_tokens set last_used_at = clock_timestamp()
    where token_hash = ${hashOf(token)} and withdrawn_at is null and expires_at > clock_timestamp() returning id::text, name, source_id::text`;
  const row = rows[0];
  return row ? { ok: true, value: { id: row.id, name: row.name, sourceId: row.source_id } } : { ok: false, status: 401, code: "token-unknown" };
}
