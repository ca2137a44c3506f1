import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { databaseClock, inTransaction, type Clock, type Transaction } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import { newId } from "@/lib/platform/ids";
import { joinSideOfWaiting } from "@/lib/requests/decision";
import { parseIdentityState } from "./data";
import { stateOnceAnswered } from "./rules";
import type { IdentityKind, IdentityState } from "./types";

type Context = { readonly actor: Actor; readonly clock?: Clock; readonly demo?: boolean };

type NewIdentity = {
  readonly name: string;
  readonly kind: IdentityKind;
  readonly description: string | null;
  readonly environment: string;
};

/** Registers an identity by hand, without anybody who answers for it yet; answers the id. */
export function registerIdentity(identity: NewIdentity, { actor, clock = databaseClock, demo = false }: Context): Promise<string> {
  return inTransaction(async (tx, now) => {
    const id = newId();
    await tx.identity.create({ data: { id, ...identity, state: "unowned", source: "person", firstSeenAt: now, lastSeenAt: now, demo } });
    const data = { kind: identity.kind, source: "person" };
    await appendEvent(tx, { type: "identity.registered", at: now, actor, subjects: { identity: id }, data, clear: { name: identity.name }, demo });
    return id;
  }, clock);
}

/** What people say about an identity: who answers for it and what it is. What is left out stays. */
export type Answering = {
  readonly identityId: string;
  readonly kind?: IdentityKind;
  readonly environment?: string;
  readonly description?: string | null;
  readonly ownerId?: string | null;
  readonly sponsorId?: string | null;
  readonly backupId?: string | null;
  readonly creatorId?: string | null;
  readonly teamId?: string | null;
  readonly vendor?: string | null;
  readonly tags?: readonly string[];
};

/**
 * Says who answers for an identity, and what it is. With owner and sponsor it leaves `unowned`. They cannot decide what it
 * waits for any more. Nothing new said is no event.
 */
export function answerForIdentity(answering: Answering, { actor, clock = databaseClock, demo = false }: Context): Promise<void> {
  return inTransaction(async (tx, now) => {
    await lockForAnswering(tx, answering.identityId);
    await saveAnswering(tx, answering, { actor, now, demo });
  }, clock);
}

/** Locks an identity's row for a change. A vote that holds its request's lock refers to this row: with a stronger lock each would wait for the other. */
export async function lockForAnswering(tx: Transaction, identityId: string): Promise<void> {
  await tx.$queryRaw`select id from identities where id = ${identityId}::uuid for no key update`;
}

const answeringFields = { ownerId: true, sponsorId: true, backupId: true, creatorId: true, kind: true, environment: true, description: true, teamId: true, vendor: true, tags: true } as const;
const answererFields: readonly string[] = ["ownerId", "sponsorId", "backupId", "creatorId"];
const fieldWords: Readonly<Record<string, string>> = { teamId: "team" };

/** Writes what changed of a locked identity, with its events; answers the names of the fields that changed. */
export async function saveAnswering(tx: Transaction, answering: Answering, { actor, now, demo }: { actor: Actor; now: Date; demo: boolean }): Promise<string[]> {
  const { identityId, ...said } = answering;
  const before = await tx.identity.findUniqueOrThrow({ where: { id: identityId }, select: { ...answeringFields, state: true, lastActiveAt: true } });
  const changed = Object.entries(said).filter(([field, value]) => value !== undefined && !isSame(before[field as keyof typeof answeringFields], value));
  if (changed.length === 0) return [];
  const fields = changed.map(([field]) => field);
  const after = { ...before, ...Object.fromEntries(changed) } as typeof before;
  const state = stateOnceAnswered({ state: parseIdentityState(before.state), lastActiveAt: before.lastActiveAt }, after);
  await tx.identity.update({ where: { id: identityId }, data: { ...Object.fromEntries(changed), state, scoredAt: null } });
  const subjects = { identity: identityId };
  if (fields.some((field) => answererFields.includes(field))) {
    const { ownerId, sponsorId, backupId } = after;
    await appendEvent(tx, { type: "identity.answered-for", at: now, actor, subjects, data: { ownerId, sponsorId, backupId }, demo });
  }
  const described = fields.filter((field) => !answererFields.includes(field));
  if (described.length > 0) {
    const { kind, environment, teamId, description, vendor, tags } = after;
    const data = { kind, environment, teamId, changed: described.map((field) => fieldWords[field] ?? field).sort() };
    await appendEvent(tx, { type: "identity.described", at: now, actor, subjects, data, clear: { description, vendor, tags: tags.join(", ") }, demo });
  }
  if (state !== before.state) {
    await appendEvent(tx, { type: "identity.state-changed", at: now, actor, subjects, data: { from: before.state, to: state }, demo });
  }
  if (fields.some((field) => answererFields.includes(field))) await joinSideOfWaiting(tx, identityId, now);
  return fields;
}

function isSame(before: unknown, after: unknown): boolean {
  return JSON.stringify(before) === JSON.stringify(after);
}

/** Sets an identity's state, for example `suspended`; live sessions of it are ended by the next recheck of policy. */
export function setIdentityState(identityId: string, state: IdentityState, { actor, clock = databaseClock, demo = false }: Context): Promise<void> {
  return inTransaction(async (tx, now) => {
    await tx.$queryRaw`select id from identities where id = ${identityId}::uuid for update`;
    const { state: from } = await tx.identity.findUniqueOrThrow({ where: { id: identityId }, select: { state: true } });
    if (from === state) return;
    await tx.identity.update({ where: { id: identityId }, data: { state, scoredAt: null } });
    await appendEvent(tx, { type: "identity.state-changed", at: now, actor, subjects: { identity: identityId }, data: { from, to: state }, demo });
  }, clock);
}

/** Lets workload tokens of one issuer and subject act as an identity. */
export function trustWorkload(identityId: string, workload: { readonly issuer: string; readonly subject: string }, { actor, clock = databaseClock, demo = false }: Context): Promise<void> {
  return inTransaction(async (tx, now) => {
    const { count } = await tx.identity.updateMany({
      where: { id: identityId, OR: [{ workloadIssuer: null }, { workloadIssuer: { not: workload.issuer } }, { workloadSubject: { not: workload.subject } }] },
      data: { workloadIssuer: workload.issuer, workloadSubject: workload.subject },
    });
    if (count > 0) await appendEvent(tx, { type: "identity.workload-trusted", at: now, actor, subjects: { identity: identityId }, data: {}, clear: workload, demo });
  }, clock);
}
