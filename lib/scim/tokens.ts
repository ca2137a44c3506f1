import "server-only";
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { PersonActor } from "@/lib/auth/actor";
import { db } from "@/lib/db/client";
import { inTransaction } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import { newId } from "@/lib/platform/ids";
import { ok, refuse, type Result } from "@/lib/platform/result";
import { takeCall, type CallBudget } from "./rules";
import type { DirectoryActor } from "./types";

const prefix = "curfew_scim_";
const pattern = /^Bearer +(curfew_scim_[\w-]{43})$/i;
/** Last use is written down this coarsely. */
const touchEverySeconds = 60;

const hashOf = (token: string) => createHash("sha256").update(token, "utf8").digest();

/** Makes a token for a directory. It is in this answer and nowhere else. */
export function makeScimToken({ actor, name }: { actor: PersonActor; name: string }): Promise<Result<{ tokenId: string; token: string }, never>> {
  const token = `${prefix}${randomBytes(32).toString("base64url")}`;
  return inTransaction(async (tx, now) => {
    const tokenId = newId();
    await tx.scimToken.create({ data: { id: tokenId, name, tokenHash: new Uint8Array(hashOf(token)), createdAt: now, createdById: actor.personId } });
    await appendEvent(tx, { type: "directory.token-made", at: now, actor, subjects: {}, data: { tokenId }, clear: { name } });
    return ok({ tokenId, token });
  });
}

/** Withdraws a token: the next call with it is refused. */
export function withdrawScimToken({ actor, tokenId }: { actor: PersonActor; tokenId: string }): Promise<Result<{ withdrawn: true }, "unknown-token" | "withdrawn-already">> {
  return inTransaction(async (tx, now) => {
    const { count } = await tx.scimToken.updateMany({ where: { id: tokenId, withdrawnAt: null }, data: { withdrawnAt: now } });
    if (count === 0) return refuse((await tx.scimToken.count({ where: { id: tokenId } })) > 0 ? "withdrawn-already" : "unknown-token");
    await appendEvent(tx, { type: "directory.token-withdrawn", at: now, actor, subjects: {}, data: { tokenId } });
    return ok({ withdrawn: true as const });
  });
}

const buckets = new Map<string, CallBudget>();

/** Whether this process takes one more call of a token now. */
function takes(tokenId: string, nowMs: number): boolean {
  const { allowed, budget } = takeCall(buckets.get(tokenId) ?? null, nowMs);
  buckets.set(tokenId, budget);
  return allowed;
}

type Answer =
  | { readonly ok: true; readonly value: DirectoryActor }
  | { readonly ok: false; readonly status: 401; readonly code: "token-missing" | "token-malformed" | "token-unknown" }
  | { readonly ok: false; readonly status: 429; readonly code: "too-many-calls" };

/** Whose token this is. Found by its hash; the hashes are compared once more in constant time. */
export async function authenticateScim(authorization: string | null): Promise<Answer> {
  if (!authorization) return { ok: false, status: 401, code: "token-missing" };
  const token = pattern.exec(authorization)?.[1];
  if (token === undefined) return { ok: false, status: 401, code: "token-malformed" };
  const hash = hashOf(token);
  const row = await db.scimToken.findUnique({ where: { tokenHash: new Uint8Array(hash) } });
  if (!row || row.withdrawnAt !== null || !timingSafeEqual(row.tokenHash, hash)) return { ok: false, status: 401, code: "token-unknown" };
  if (!takes(row.id, performance.now())) return { ok: false, status: 429, code: "too-many-calls" };
  await db.$executeRaw`
    update scim_tokens set last_used_at = clock_timestamp()
    where id = ${row.id}::uuid and (last_used_at is null or last_used_at < clock_timestamp() - make_interval(secs => ${touchEverySeconds}))`;
  return { ok: true, value: { id: row.id, name: row.name } };
}
