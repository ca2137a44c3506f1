import "server-only";
import type { PersonActor } from "@/lib/auth/actor";
import { newSignInToken, hashSignInToken } from "@/lib/auth/token";
import { signInIdleSeconds } from "@/lib/auth/sign-ins";
import { inTransaction, type Transaction } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import { AppError } from "@/lib/platform/errors";
import { newId } from "@/lib/platform/ids";
import { ok, refuse, type Result } from "@/lib/platform/result";
import { markLeft, tellStreams } from "./leaving";
import { lockAdministrators } from "./roles";
import { whyNotLeave } from "./rules";
import type { LeavingRefusal, Profile } from "./types";

type LockedPerson = { id: string; name: string; email: string | null; left_at: Date | null };

const web = { kind: "system", process: "web" } as const;

async function lockPerson(tx: Transaction, personId: string): Promise<LockedPerson | null> {
  const rows = await tx.$queryRaw<LockedPerson[]>`
    select id, name, email, left_at from people where id = ${personId}::uuid for update`;
  return rows[0] ?? null;
}

async function findOrCreate(tx: Transaction, profile: Profile, now: Date): Promise<LockedPerson | null> {
  const { issuer, subject, name, email } = profile;
  const id = newId();
  const created = await tx.$queryRaw<{ id: string }[]>`
    insert into people (id, issuer, subject, name, email, created_at)
    values (${id}::uuid, ${issuer}, ${subject}, ${name}, ${email}, ${now})
    on conflict (issuer, subject) do nothing returning id`;
  if (created.length > 0) {
    await appendEvent(tx, {
      type: "person.created",
      at: now,
      actor: web,
      subjects: { person: id },
      data: { personId: id },
      clear: { name, email },
    });
  }
  const rows = await tx.$queryRaw<LockedPerson[]>`
    select id, name, email, left_at from people where issuer = ${issuer} and subject = ${subject} for update`;
  return rows[0] ?? null;
}

/**
 * Who just proved to the identity provider who they are: found by issuer and subject, made without any role at the first
 * sign-in, name and address brought up to date. Whoever has left is refused, on the record.
 */
export function admitPerson(profile: Profile): Promise<Result<{ personId: string }, "left">> {
  return inTransaction(async (tx, now) => {
    const person = await findOrCreate(tx, profile, now);
    if (!person) throw new AppError("integrity", "a person just found or made is not there");
    if (person.left_at !== null) {
      await recordRefusedSignIn(tx, person.id, now);
      return refuse("left");
    }
    if (person.name !== profile.name || person.email !== profile.email) {
      await tx.person.update({ where: { id: person.id }, data: { name: profile.name, email: profile.email } });
    }
    return ok({ personId: person.id });
  });
}

async function recordRefusedSignIn(tx: Transaction, personId: string, now: Date): Promise<void> {
  await appendEvent(tx, {
    type: "person.sign-in-refused",
    at: now,
    actor: web,
    subjects: { person: personId },
    data: { personId, code: "left" },
  });
}

/**
 * Signs a browser in: keeps the hash of a new token and answers the token. Locks the person, so that nobody gets in while
 * they are being set to left.
 */
export function openSignIn(personId: string, token = newSignInToken()): Promise<Result<{ token: string; signInId: string }, "left">> {
  return inTransaction(async (tx, now) => {
    const person = await lockPerson(tx, personId);
    if (!person || person.left_at !== null) {
      if (person) await recordRefusedSignIn(tx, personId, now);
      return refuse("left");
    }
    await tx.signIn.deleteMany({ where: { personId, expiresAt: { lte: now } } });
    const signInId = newId();
    const expiresAt = new Date(now.getTime() + signInIdleSeconds * 1_000);
    await tx.signIn.create({ data: { id: signInId, personId, tokenHash: new Uint8Array(hashSignInToken(token)), createdAt: now, expiresAt } });
    await appendEvent(tx, {
      type: "person.signed-in",
      at: now,
      actor: { kind: "person", personId, name: person.name, roles: [] },
      subjects: { person: personId },
      data: { personId },
    });
    return ok({ token, signInId });
  });
}

/** Signs a browser out: its token is worth nothing from here on, and its stream closes. Answers whether it was signed in. */
export function closeSignIn(token: string): Promise<{ signedOut: boolean }> {
  return inTransaction(async (tx, now) => {
    const rows = await tx.$queryRaw<{ person_id: string }[]>`
      delete from sign_ins where token_hash = ${hashSignInToken(token)} returning person_id`;
    const personId = rows[0]?.person_id;
    if (personId === undefined) return { signedOut: false };
    await appendEvent(tx, {
      type: "person.signed-out",
      at: now,
      actor: { kind: "person", personId, name: "", roles: [] },
      subjects: { person: personId },
      data: { personId },
    });
    await tellStreams(tx, personId);
    return { signedOut: true };
  });
}

/** Sets a person to left: every sign-in of theirs ends in the same transaction, and they cannot sign in again. */
export function setPersonLeft(command: {
  actor: PersonActor;
  personId: string;
}): Promise<Result<{ personId: string; leftAt: Date; signInsEnded: number }, LeavingRefusal>> {
  const { actor, personId } = command;
  return inTransaction(async (tx, now) => {
    const administrators = await lockAdministrators(tx);
    const person = await lockPerson(tx, personId);
    const code = whyNotLeave({
      actorId: actor.personId,
      person: person ? { id: person.id, left: person.left_at !== null } : null,
      administrators,
    });
    if (code) return refuse(code);
    const { signInsEnded } = await markLeft(tx, now, { personId, actor });
    return ok({ personId, leftAt: now, signInsEnded });
  });
}

/** What signing in and out does to the database, for the sign-in routes. */
export const signInStore = { admit: admitPerson, open: openSignIn, close: closeSignIn } as const;
