import "server-only";
import type { Actor, PersonActor } from "@/lib/auth/actor";
import { holdersOf } from "@/lib/auth/permissions";
import { databaseClock, inTransaction, type Clock, type Transaction } from "@/lib/db/transaction";
import { closeFinding, openFinding } from "@/lib/findings/mutations";
import { appendEvent } from "@/lib/ledger/append";
import { notify } from "@/lib/notifications/telling";
import { crashPoint } from "@/lib/platform/crash-point";
import { ok, refuse, type Result } from "@/lib/platform/result";
import { findSecrets } from "@/lib/platform/secret-scan";
import { lockBreakGlass, readHolders, readSide, stillHolds, subjectsOfGlass, type LockedBreakGlass } from "./data";
import { isOver, whyNotClose } from "./rules";
import type { CloseRefusal, Verdict } from "./types";

const worker: Actor = { kind: "system", process: "worker" };

type CloseDebt = { readonly actor: PersonActor; readonly breakGlassId: string; readonly verdict: Verdict; readonly findings: string; readonly clock?: Clock };

/** Closes a debt: the approval that the emergency did without, given afterwards by somebody off the asking side. */
export async function closeDebt(command: CloseDebt): Promise<Result<{ state: "closed"; verdict: Verdict }, CloseRefusal>> {
  const scan = await findSecrets(command.findings);
  if (scan.found) return refuse("secret-in-text", { kinds: scan.kinds.join(", ") });
  const clock = command.clock ?? databaseClock;
  return inTransaction(async (tx): Promise<Result<{ state: "closed"; verdict: Verdict }, CloseRefusal>> => {
    const glass = await lockBreakGlass(tx, command.breakGlassId);
    if (!glass) return refuse("unknown-break-glass");
    if (!glass.debt) return refuse("no-debt");
    const now = await clock.now(tx);
    const code = await whyNotCloseNow(tx, glass, command.actor, now);
    if (code) return refuseClosing(tx, glass, command.actor, code, now);
    await settle(tx, glass, command, now);
    return ok({ state: "closed" as const, verdict: command.verdict });
  }, clock);
}

async function whyNotCloseNow(tx: Transaction, glass: LockedBreakGlass, actor: PersonActor, now: Date): Promise<CloseRefusal | null> {
  if (!glass.debt) return "no-debt";
  if (!(await stillHolds(tx, actor.personId, holdersOf("break-glass:review")))) return "no-role";
  const side = await readSide(tx, glass.personId, glass.identity, { from: glass.askedAt, until: now });
  return whyNotClose({ closedAt: glass.debt.closedAt, grants: glass.grants.map(({ state }) => state), side: [...glass.side, ...side.map(({ personId }) => personId)] }, actor.personId);
}

async function refuseClosing(tx: Transaction, glass: LockedBreakGlass, actor: PersonActor, code: CloseRefusal, now: Date) {
  await appendEvent(tx, { type: "break-glass.debt-refused", at: now, actor, subjects: subjectsOfGlass(glass), data: { breakGlassId: glass.id, code }, demo: glass.demo });
  return refuse(code);
}

async function settle(tx: Transaction, glass: LockedBreakGlass, { actor, verdict, findings }: CloseDebt, now: Date): Promise<void> {
  const uses = glass.grants.reduce((sum, { useCount }) => sum + useCount, 0);
  const counted = glass.grants.flatMap(({ statementCount }) => (statementCount === null ? [] : [Number(statementCount)]));
  const statements = counted.length === 0 ? null : counted.reduce((sum, count) => sum + count, 0);
  const isLate = glass.debt !== null && glass.debt.dueAt < now;
  await tx.breakGlassDebt.update({
    where: { breakGlassId: glass.id },
    data: { closedAt: now, closedById: actor.personId, verdict, findings, observed: { uses, statements } },
  });
  await appendEvent(tx, {
    type: "break-glass.debt-closed", at: now, actor, subjects: subjectsOfGlass(glass), data: { breakGlassId: glass.id, verdict, uses, statements, isLate }, clear: { findings }, demo: glass.demo,
  });
  await closeFinding(tx, { key: overdueKey(glass.id), actor, now });
  if (verdict === "justified") return;
  await openFinding(tx, {
    kind: "break-glass-found",
    key: `break-glass-found:${glass.id}`,
    title: verdict === "not-justified" ? `Break-glass ${glass.number} of ${glass.identity.name} was not justified` : `The review of break-glass ${glass.number} of ${glass.identity.name} found something`,
    detail: { breakGlassId: glass.id, verdict },
    subjects: { identityId: glass.identityId, systemId: glass.entitlement.systemId },
    actor,
    now,
  });
}

const overdueKey = (id: string) => `break-glass-overdue:${id}`;

/** Whoever can close it, nearest first: those who were passed over, else everybody who reviews emergencies. */
async function readReviewers(tx: Transaction, glass: LockedBreakGlass): Promise<string[]> {
  const near = glass.skipped.filter((id) => !glass.side.includes(id));
  return near.length > 0 ? near : readHolders(tx, holdersOf("break-glass:review"), glass.side);
}

const wordsOf = (glass: LockedBreakGlass, dueAt: Date) => ({
  who: glass.person.name, identity: glass.identity.name, entitlement: glass.entitlement.name, system: glass.entitlement.system.name, until: dueAt.toISOString(),
});

/** Asks for the review of emergencies whose session is over; answers how many. */
export async function askForReviews(most = 50, clock: Clock = databaseClock): Promise<number> {
  const open = await inTransaction(
    (tx) => tx.breakGlassDebt.findMany({ where: { closedAt: null, askedAt: null }, select: { breakGlassId: true }, orderBy: { dueAt: "asc" }, take: most }),
    clock,
  );
  let asked = 0;
  for (const { breakGlassId } of open) {
    if (!(await inTransaction((tx) => askForReview(tx, breakGlassId, clock), clock))) continue;
    asked += 1;
    crashPoint("break:review-asked");
  }
  return asked;
}

async function askForReview(tx: Transaction, id: string, clock: Clock): Promise<boolean> {
  const glass = await lockBreakGlass(tx, id);
  const now = await clock.now(tx);
  if (!glass?.debt || glass.debt.askedAt !== null || glass.debt.closedAt !== null || !isOver(glass.grants.map(({ state }) => state))) return false;
  await tx.breakGlassDebt.update({ where: { breakGlassId: id }, data: { askedAt: now } });
  const people = await readReviewers(tx, glass);
  await notify(tx, now, { kind: "debt-due", people, subjects: subjectsOfGlass(glass), link: `/break-glass/${id}`, words: wordsOf(glass, glass.debt.dueAt), cause: `${id}:due`, demo: glass.demo });
  crashPoint("break:review-uncommitted");
  return true;
}

/** Debts past their day: an event, a finding, and word to administrators and to whoever could have closed them; answers how many. */
export async function escalateOverdue(most = 50, clock: Clock = databaseClock): Promise<number> {
  const late = await inTransaction(
    (tx, now) => tx.breakGlassDebt.findMany({ where: { closedAt: null, overdueAt: null, dueAt: { lte: now } }, select: { breakGlassId: true }, orderBy: { dueAt: "asc" }, take: most }),
    clock,
  );
  for (const { breakGlassId } of late) await inTransaction((tx) => escalate(tx, breakGlassId, clock), clock);
  return late.length;
}

async function escalate(tx: Transaction, id: string, clock: Clock): Promise<void> {
  const glass = await lockBreakGlass(tx, id);
  const now = await clock.now(tx);
  if (!glass?.debt || glass.debt.closedAt !== null || glass.debt.overdueAt !== null || glass.debt.dueAt > now) return;
  const { dueAt, size } = glass.debt;
  await tx.breakGlassDebt.update({ where: { breakGlassId: id }, data: { overdueAt: now } });
  await appendEvent(tx, {
    type: "break-glass.debt-overdue", at: now, actor: worker, subjects: subjectsOfGlass(glass), data: { breakGlassId: id, dueAt: dueAt.toISOString(), size }, demo: glass.demo,
  });
  await openFinding(tx, {
    kind: "break-glass-overdue",
    key: overdueKey(id),
    title: `Nobody has reviewed break-glass ${glass.number} of ${glass.identity.name}`,
    detail: { breakGlassId: id, dueAt: dueAt.toISOString() },
    subjects: { identityId: glass.identityId, systemId: glass.entitlement.systemId },
    actor: worker,
    now,
  });
  const people = [...new Set([...(await readReviewers(tx, glass)), ...(await readHolders(tx, holdersOf("break-glass:manage"), glass.side))])];
  await notify(tx, now, { kind: "debt-overdue", people, subjects: subjectsOfGlass(glass), link: `/break-glass/${id}`, words: wordsOf(glass, dueAt), isUrgent: true, cause: `${id}:overdue`, demo: glass.demo });
}
