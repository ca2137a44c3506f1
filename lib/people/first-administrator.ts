import "server-only";
import { createHash, randomBytes } from "node:crypto";
import type { PersonActor } from "@/lib/auth/actor";
import { inTransaction } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import { newId } from "@/lib/platform/ids";
import { ok, refuse, type Result } from "@/lib/platform/result";
import { applyRole, lockAdministrators } from "./roles";
import type { FirstAdministratorRefusal } from "./types";

const lastsSeconds = 60 * 60;
const web = { kind: "system", process: "web" } as const;

const hashOf = (token: string) => new Uint8Array(createHash("sha256").update(token, "utf8").digest());

/**
 * Makes the token of a one-time link for the first administrator; it is in this answer and nowhere else, and works for an
 * hour. Null where there is an administrator. A newer link takes the older ones' place.
 */
export function offerFirstAdministrator(): Promise<{ readonly token: string; readonly expiresAt: Date } | null> {
  const token = randomBytes(32).toString("base64url");
  return inTransaction(async (tx, now) => {
    if ((await lockAdministrators(tx)).length > 0) return null;
    await tx.firstAdministratorLink.deleteMany({ where: { usedAt: null } });
    const expiresAt = new Date(now.getTime() + lastsSeconds * 1_000);
    await tx.firstAdministratorLink.create({ data: { id: newId(), tokenHash: hashOf(token), createdAt: now, expiresAt } });
    await appendEvent(tx, { type: "person.first-administrator-offered", at: now, actor: web, subjects: {}, data: { expiresAt: expiresAt.toISOString() } });
    return { token, expiresAt };
  });
}

/** Makes whoever is signed in and holds the link the first administrator. Works once, and never where there is one. */
export function becomeFirstAdministrator(command: { actor: PersonActor; token: string }): Promise<Result<{ personId: string }, FirstAdministratorRefusal>> {
  const { actor, token } = command;
  const { personId } = actor;
  return inTransaction(async (tx, now) => {
    if ((await lockAdministrators(tx)).length > 0) return refuse("not-the-first");
    const link = await tx.firstAdministratorLink.findUnique({ where: { tokenHash: hashOf(token) } });
    if (!link || link.usedAt !== null) return refuse("link-unknown");
    if (link.expiresAt <= now) return refuse("link-expired");
    const applied = await applyRole(tx, { personId, role: "administrator", actor, now });
    if (!applied.ok) return refuse("link-unknown");
    await tx.firstAdministratorLink.update({ where: { id: link.id }, data: { usedAt: now, usedById: personId } });
    return ok({ personId });
  });
}
