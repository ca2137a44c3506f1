import "server-only";
import type { Actor, PersonActor } from "@/lib/auth/actor";
import { holdersOf } from "@/lib/auth/permissions";
import { databaseClock, inTransaction, type Clock, type Transaction } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import { crashPoint } from "@/lib/platform/crash-point";
import { ok, refuse, type Result } from "@/lib/platform/result";
import { findSecrets } from "@/lib/platform/secret-scan";
import { countOpenDebts, lockBreakGlass, readSide, stillHolds, subjectsOfGlass, type LockedBreakGlass } from "./data";
import { openGlass } from "./opening";
import { whyNotSecond } from "./rules";
import type { BreakGlassState, SecondRefusal } from "./types";

const worker: Actor = { kind: "system", process: "worker" };

type AnswerSecond = { readonly actor: PersonActor; readonly breakGlassId: string; readonly answer: "confirm" | "decline"; readonly reason: string; readonly clock?: Clock };

/** The second person's word, under the emergency's lock and with the asking side as it is now. */
export async function answerSecond(command: AnswerSecond): Promise<Result<{ state: BreakGlassState }, SecondRefusal>> {
  const scan = await findSecrets(command.reason);
  if (scan.found) return refuse("secret-in-text", { kinds: scan.kinds.join(", ") });
  const clock = command.clock ?? databaseClock;
  return inTransaction(async (tx): Promise<Result<{ state: BreakGlassState }, SecondRefusal>> => {
    const glass = await lockBreakGlass(tx, command.breakGlassId);
    if (!glass) return refuse("unknown-break-glass");
    const now = await clock.now(tx);
    const code = await whyNotAnswer(tx, glass, command, now);
    if (code) return refuseSecond(tx, glass, command, code, now);
    const { actor, answer } = command;
    const data = { secondById: actor.personId, secondAnswer: answer, secondReason: command.reason, secondAt: now };
    await tx.breakGlass.update({ where: { id: glass.id }, data: answer === "confirm" ? data : { ...data, state: "declined", closedAt: now } });
    await appendEvent(tx, {
      type: "break-glass.second-answered", at: now, actor, subjects: subjectsOfGlass(glass), data: { breakGlassId: glass.id, answer }, clear: { reason: command.reason }, demo: glass.demo,
    });
    return ok({ state: answer === "decline" ? "declined" : await openGlass(tx, glass, { actor, now, openDebts: 0 }) });
  }, clock);
}

/** Whoever joined the asking side since is on it, and whoever left it stays. */
async function whyNotAnswer(tx: Transaction, glass: LockedBreakGlass, { actor }: AnswerSecond, now: Date): Promise<SecondRefusal | null> {
  if (!(await stillHolds(tx, actor.personId, holdersOf("break-glass:second")))) return "no-role";
  const side = await readSide(tx, glass.personId, glass.identity, { from: glass.askedAt, until: now });
  return whyNotSecond({ ...glass, side: [...glass.side, ...side.map(({ personId }) => personId)] }, { personId: actor.personId, now });
}

async function refuseSecond(tx: Transaction, glass: LockedBreakGlass, { actor }: AnswerSecond, code: SecondRefusal, now: Date) {
  const data = { identityId: glass.identityId, entitlementId: glass.entitlementId, code };
  await appendEvent(tx, { type: "break-glass.refused", at: now, actor, subjects: subjectsOfGlass(glass), data, demo: glass.demo });
  return refuse(code, { state: glass.state });
}

/** What waited for a second person in vain runs now, and loud; answers how many. A worker that was away does it when it is back. */
export async function runUnanswered(most = 50, clock: Clock = databaseClock): Promise<number> {
  const due = await inTransaction((tx, now) => tx.breakGlass.findMany({ where: { state: "waiting", secondDueAt: { lte: now } }, select: { id: true }, orderBy: { secondDueAt: "asc" }, take: most }), clock);
  for (const { id } of due) {
    await inTransaction((tx) => runAlone(tx, id, clock), clock);
  }
  return due.length;
}

async function runAlone(tx: Transaction, id: string, clock: Clock): Promise<void> {
  const glass = await lockBreakGlass(tx, id);
  const now = await clock.now(tx);
  if (glass?.state !== "waiting" || glass.secondDueAt === null || glass.secondDueAt > now) return;
  await tx.breakGlass.update({ where: { id }, data: { secondAnswer: "unanswered", secondAt: now } });
  await appendEvent(tx, {
    type: "break-glass.second-unanswered", at: now, actor: worker, subjects: subjectsOfGlass(glass), data: { breakGlassId: id, asked: glass.asked }, demo: glass.demo,
  });
  const openDebts = await countOpenDebts(tx, { identityId: glass.identityId, side: glass.side });
  await openGlass(tx, glass, { actor: worker, now, flags: ["second-unanswered"], openDebts });
  crashPoint("break:alone-uncommitted");
}
