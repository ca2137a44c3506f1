import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { databaseClock, inTransaction, type Clock } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import { newId } from "@/lib/platform/ids";
import { joinSideOfWaiting } from "@/lib/requests/decision";
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

type Answering = {
  readonly identityId: string;
  readonly kind: IdentityKind;
  readonly environment: string;
  readonly description: string | null;
  readonly ownerId: string;
  readonly sponsorId: string;
  readonly backupId: string | null;
  readonly creatorId: string | null;
  readonly teamId: string | null;
};

/** Says who answers for an identity. With owner and sponsor it leaves `unowned`. They cannot decide what it waits for any more. */
export function answerForIdentity(answering: Answering, { actor, clock = databaseClock, demo = false }: Context): Promise<void> {
  const { identityId, ownerId, sponsorId, backupId, ...rest } = answering;
  return inTransaction(async (tx, now) => {
    // A vote that holds its request's lock refers to this row: with a stronger lock each would wait for the other.
    await tx.$queryRaw`select id from identities where id = ${identityId}::uuid for no key update`;
    const before = await tx.identity.findUniqueOrThrow({ where: { id: identityId }, select: { state: true, lastActiveAt: true } });
    const state = before.state !== "unowned" ? before.state : before.lastActiveAt === null ? "dormant" : "active";
    await tx.identity.update({ where: { id: identityId }, data: { ...rest, ownerId, sponsorId, backupId, state } });
    const subjects = { identity: identityId };
    await appendEvent(tx, { type: "identity.answered-for", at: now, actor, subjects, data: { ownerId, sponsorId, backupId }, demo });
    if (state !== before.state) {
      await appendEvent(tx, { type: "identity.state-changed", at: now, actor, subjects, data: { from: before.state, to: state }, demo });
    }
    await joinSideOfWaiting(tx, identityId, now);
  }, clock);
}

/** Sets an identity's state, for example `suspended`; live sessions of it are ended by the next recheck of policy. */
export function setIdentityState(identityId: string, state: IdentityState, { actor, clock = databaseClock, demo = false }: Context): Promise<void> {
  return inTransaction(async (tx, now) => {
    await tx.$queryRaw`select id from identities where id = ${identityId}::uuid for update`;
    const { state: from } = await tx.identity.findUniqueOrThrow({ where: { id: identityId }, select: { state: true } });
    if (from === state) return;
    await tx.identity.update({ where: { id: identityId }, data: { state } });
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
