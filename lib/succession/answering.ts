import "server-only";
import type { PersonActor } from "@/lib/auth/actor";
import { databaseClock, inTransaction, type Clock, type Transaction } from "@/lib/db/transaction";
import { saveAnswering } from "@/lib/identities/mutations";
import { appendEvent } from "@/lib/ledger/append";
import { settleNotices } from "@/lib/notifications/telling";
import { ok, refuse, type Result } from "@/lib/platform/result";
import { lockHandOver, type LockedHandOver } from "./data";
import { offerNext } from "./mutations";
import { whyNotAnswer } from "./rules";
import type { OfferRefusal } from "./types";

type Answer = {
  readonly actor: PersonActor;
  readonly handOverId: string;
  readonly answer: "accept" | "decline";
  readonly clock?: Clock;
};

/** One person's answer to the offer of a place. The first who accepts has it; a step that everybody declines is over at once. */
export function answerOffer(command: Answer): Promise<Result<{ state: "accepted" | "declined"; identityId: string }, OfferRefusal>> {
  const clock = command.clock ?? databaseClock;
  const { actor, handOverId, answer } = command;
  return inTransaction(async (tx): Promise<Result<{ state: "accepted" | "declined"; identityId: string }, OfferRefusal>> => {
    const handOver = await lockHandOver(tx, handOverId);
    if (!handOver) return refuse("unknown-hand-over");
    const now = await clock.now(tx);
    const offer = handOver.offers.find(({ personId }) => personId === actor.personId);
    const code = whyNotAnswer(
      offer ? { state: handOver.state, deadline: handOver.deadline, answer: offer.answer, hasLeft: offer.person.leftAt !== null } : null,
      now,
    );
    if (code) return refuse(code);
    await settleOffer(tx, handOver, actor.personId, answer === "accept" ? "accepted" : "declined", now);
    if (answer === "accept") await takePlace(tx, handOver, { actor, now });
    else await recordDecline(tx, handOver, { actor, now });
    return ok({ state: answer === "accept" ? "accepted" : "declined", identityId: handOver.identityId });
  }, clock);
}

async function settleOffer(tx: Transaction, { id }: LockedHandOver, personId: string, answer: string, now: Date): Promise<void> {
  await tx.handOverOffer.update({ where: { handOverId_personId: { handOverId: id, personId } }, data: { answer, answeredAt: now } });
  await settleNotices(tx, now, { about: `hand-over:${id}`, ...(answer === "accepted" ? {} : { personId }) });
}

type By = { readonly actor: PersonActor; readonly now: Date };

async function takePlace(tx: Transaction, handOver: LockedHandOver, { actor, now }: By): Promise<void> {
  const { id, identity, place, step } = handOver;
  await tx.handOver.update({ where: { id }, data: { state: "accepted", endedAt: now, takenById: actor.personId } });
  await tx.handOverOffer.updateMany({ where: { handOverId: id, answer: null }, data: { answer: "void", answeredAt: now } });
  const subjects = { identity: identity.id, person: handOver.leaverId };
  const data = { handOverId: id, place, personId: actor.personId, step: step ?? "backup" };
  await appendEvent(tx, { type: "hand-over.accepted", at: now, actor, subjects, data, demo: identity.demo });
  // Whoever moves up leaves the backup's place: one person is no stand-in for themselves.
  const vacated = identity.backupId === actor.personId && place !== "backup" ? { backupId: null } : {};
  await saveAnswering(tx, { identityId: identity.id, [`${place}Id`]: actor.personId, ...vacated }, { actor, now, demo: identity.demo });
}

async function recordDecline(tx: Transaction, handOver: LockedHandOver, { actor, now }: By): Promise<void> {
  const { id, identity, place } = handOver;
  const subjects = { identity: identity.id, person: handOver.leaverId };
  const data = { handOverId: id, place, personId: actor.personId };
  await appendEvent(tx, { type: "hand-over.declined", at: now, actor, subjects, data, demo: identity.demo });
  if (handOver.open <= 1) await offerNext(tx, handOver, now);
}
