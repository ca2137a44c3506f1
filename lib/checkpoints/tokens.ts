import "server-only";
import { createHash, randomBytes } from "node:crypto";
import type { PersonActor } from "@/lib/auth/actor";
import { db } from "@/lib/db/client";
import { inTransaction } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import { newId } from "@/lib/platform/ids";
import { ok, refuse, type Result } from "@/lib/platform/result";
import { findSecrets } from "@/lib/platform/secret-scan";

const prefix = "curfew_log_";
const pattern = /^Bearer +(curfew_log_[\w-]{43})$/i;
const mostTokens = 20;

/** Somebody who follows the ledger from outside. */
export type Follower = { readonly id: string; /** By token, or signed in. */ readonly by: "token" | "session" };

const hashOf = (token: string) => new Uint8Array(createHash("sha256").update(token, "utf8").digest());

/** Lets somebody follow the ledger. The token is in this answer and nowhere else. */
export async function makeLogToken({ actor, name }: { readonly actor: PersonActor; readonly name: string }): Promise<Result<{ tokenId: string; token: string }, "too-many-tokens" | "name-is-secret">> {
  if ((await findSecrets(name)).found) return refuse("name-is-secret");
  const token = `${prefix}${randomBytes(32).toString("base64url")}`;
  return inTransaction(async (tx, now) => {
    if ((await tx.logToken.count({ where: { withdrawnAt: null } })) >= mostTokens) return refuse("too-many-tokens");
    const tokenId = newId();
    await tx.logToken.create({ data: { id: tokenId, name, tokenHash: hashOf(token), createdAt: now, createdById: actor.personId } });
    await appendEvent(tx, { type: "log.token-made", at: now, actor, subjects: {}, data: { tokenId }, clear: { name } });
    return ok({ tokenId, token });
  });
}

/** Takes a token back: the next call with it is refused. */
export function withdrawLogToken({ actor, tokenId }: { readonly actor: PersonActor; readonly tokenId: string }): Promise<Result<{ tokenId: string }, "unknown-token">> {
  return inTransaction(async (tx, now) => {
    const { count } = await tx.logToken.updateMany({ where: { id: tokenId, withdrawnAt: null }, data: { withdrawnAt: now } });
    if (count === 0) return refuse("unknown-token");
    await appendEvent(tx, { type: "log.token-withdrawn", at: now, actor, subjects: {}, data: { tokenId } });
    return ok({ tokenId });
  });
}

type Answer = { readonly ok: true; readonly value: Follower } | { readonly ok: false; readonly status: 401; readonly code: "token-missing" | "token-unknown" };

/** Whose token this is, found by its hash. */
export async function authenticateLogToken(authorization: string | null): Promise<Answer> {
  const token = pattern.exec(authorization ?? "")?.[1];
  if (token === undefined) return { ok: false, status: 401, code: "token-missing" };
  const rows = await db.$queryRaw<{ id: string }[]>`
    update log_tokens set last_used_at = clock_timestamp() where token_hash = ${hashOf(token)} and withdrawn_at is null returning id`;
  return rows[0] ? { ok: true, value: { id: rows[0].id, by: "token" } } : { ok: false, status: 401, code: "token-unknown" };
}
