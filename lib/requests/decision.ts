import "server-only";
import type { PersonActor } from "@/lib/auth/actor";
import { allows } from "@/lib/auth/permissions";
import { databaseClock, inTransaction, type Clock, type Transaction } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import { tellOver } from "@/lib/notifications/occasions";
import { settleNotices } from "@/lib/notifications/telling";
import { crashPoint } from "@/lib/platform/crash-point";
import { newId } from "@/lib/platform/ids";
import { ok, refuse, type Result } from "@/lib/platform/result";
import { findSecrets } from "@/lib/platform/secret-scan";
import { tellOpenStages } from "@/lib/stages/asking";
import { reroute } from "@/lib/stages/routing";
import { timesFrom, vote, type Counted, type VoteRefusal } from "@/lib/stages/rules";
import { ticketRefusals } from "@/lib/tickets/binding";
import { freshTicketFacts } from "@/lib/tickets/checking";
import type { TicketRefusalCode } from "@/lib/tickets/types";
import { approveRequest, recordDecisions } from "./approval";
import { assess, type Asker } from "./assessment";
import { lockRequest, type LockedRequest } from "./data";
import { subjectsOfRequest } from "./mutations";
import type { RequestState } from "./types";

type DecideRequest = {
  readonly actor: PersonActor;
  readonly requestId: string;
  readonly answer: "approve" | "deny";
  readonly reason: string;
  readonly version: number;
  readonly durationSeconds: number;
  readonly clock?: Clock;
};

type Decided = { readonly state: RequestState; readonly stagesLeft: number };
export type DecideRefusal = VoteRefusal | TicketRefusalCode | "unknown-request" | "secret-in-text" | "no-role" | "no-longer-asked" | "policy-refuses" | "policy-fault";

/**
 * Takes one person's vote. Under the request's row lock the side is read anew, policy is asked again before an approval
 * counts, and the outcome commits with its events: of any number of simultaneous votes each is counted once or refused.
 */
export async function decideRequest(command: DecideRequest): Promise<Result<Decided, DecideRefusal>> {
  const scan = await findSecrets(command.reason);
  if (scan.found) return refuse("secret-in-text", { kinds: scan.kinds.join(", ") });
  const clock = command.clock ?? databaseClock;
  if (command.answer === "approve") await freshTicketFacts(command.requestId);
  const decided = await inTransaction(async (tx) => {
    const locked = await lockRequest(tx, command.requestId);
    if (!locked) return refuse("unknown-request");
    const now = await clock.now(tx);
    const request = locked.state === "pending" ? await reroute(tx, locked, now) : locked;
    if (!(await stillDecides(tx, command.actor.personId))) return refuseVote(tx, request, command, { code: "no-role", now });
    const outcome = vote(request, { ...command, personId: command.actor.personId, now });
    if (!outcome.ok) return refuseVote(tx, request, command, { ...outcome, code: codeFor(request, command.actor.personId, outcome.code), now });
    if (command.answer === "approve") {
      const objection = await askPolicyAgain(tx, request, command, now);
      if (objection) return refuseVote(tx, request, command, { code: objection, now });
      const ticket = await ticketRefusals(tx, request.id, { moment: "vote", actor: command.actor, now });
      if (ticket) return refuseVote(tx, request, command, { code: ticket.code, now, why: String(ticket.detail?.["reasons"] ?? "") });
    }
    const answer = await count(tx, request, command, outcome, now);
    crashPoint("approve:before-commit");
    return answer;
  }, clock);
  crashPoint("approve:after-commit");
  return decided;
}

/** Whoever was asked once and is not any more is told that, not that they never were. */
function codeFor(request: LockedRequest, personId: string, code: VoteRefusal): DecideRefusal {
  const wasAsked = request.stages.some(({ state, everAsked }) => (state === "open" || state === "waiting") && everAsked.includes(personId));
  return code === "not-asked" && wasAsked ? "no-longer-asked" : code;
}

/** Whoever starts to answer for an identity joins the asking side of its waiting requests, and stays there even if it is only for a while. */
export async function joinSideOfWaiting(tx: Transaction, identityId: string, now: Date): Promise<void> {
  const waiting = await tx.request.findMany({ where: { identityId, state: "pending" }, select: { id: true }, orderBy: { id: "asc" } });
  for (const { id } of waiting) {
    const request = await lockRequest(tx, id);
    if (request?.state === "pending") await reroute(tx, request, now);
  }
}

/** The roles are read again here: the vote may come a while after the page. */
async function stillDecides(tx: Transaction, personId: string): Promise<boolean> {
  const person = await tx.person.findUnique({ where: { id: personId }, select: { leftAt: true, roles: { select: { role: true } } } });
  return person !== null && person.leftAt === null && allows(person.roles.map(({ role }) => role), "request:decide");
}

async function refuseVote(
  tx: Transaction,
  request: LockedRequest,
  command: DecideRequest,
  { code, now, why }: { readonly code: DecideRefusal; readonly now: Date; readonly why?: string },
): Promise<Result<never, DecideRefusal>> {
  await appendEvent(tx, {
    type: "request.vote-refused",
    at: now,
    actor: command.actor,
    subjects: subjectsOfRequest(request),
    data: { answer: command.answer, code },
    demo: request.demo,
  });
  return refuse(code, { state: request.state, ...(why ? { why } : {}) });
}

async function askPolicyAgain(tx: Transaction, request: LockedRequest, command: DecideRequest, now: Date) {
  const assessment = await assess(tx, askOf(request, command.durationSeconds), { moment: "vote", now });
  await recordDecisions(tx, request.id, assessment, { moment: "vote", actor: command.actor, now, demo: request.demo });
  if (assessment.answers.some(({ outcome }) => outcome === "fault")) return "policy-fault" as const;
  return assessment.answers.every(({ outcome }) => outcome === "permit") ? null : ("policy-refuses" as const);
}

/** The ask of a stored request, to put the question again. */
export function askOf(request: LockedRequest, durationSeconds: number) {
  const asker: Asker =
    request.requesterIdentityId === null
      ? { kind: "person", personId: request.requesterId ?? "" }
      : { kind: "workload", identityId: request.requesterIdentityId, triggeredById: request.triggeredById };
  return {
    asker,
    identityId: request.identityId,
    entitlementIds: request.entitlements.map(({ entitlementId }) => entitlementId),
    purpose: request.purpose,
    durationSeconds,
    maxUses: request.maxUses,
    ticketKey: request.ticketKey,
    sourceAddress: request.sourceAddress,
  };
}

async function count(
  tx: Transaction,
  request: LockedRequest,
  command: DecideRequest,
  outcome: Counted<LockedRequest["stages"][number]>,
  now: Date,
): Promise<Result<Decided, never>> {
  const { stage } = outcome;
  const durationSeconds = outcome.narrowed ? command.durationSeconds : request.grantedDurationSeconds;
  await tx.vote.create({
    data: {
      id: newId(),
      requestId: request.id,
      stageId: stage.id,
      personId: command.actor.personId,
      seatOfId: outcome.seatOfId,
      answer: command.answer,
      reason: command.reason,
      requestVersion: request.version,
      durationSeconds,
      votedAt: now,
    },
  });
  const common = { at: now, actor: command.actor, subjects: subjectsOfRequest(request), demo: request.demo };
  await appendEvent(tx, {
    type: "request.voted",
    ...common,
    data: {
      stage: stage.position,
      answer: command.answer,
      durationSeconds,
      requestVersion: request.version,
      ...(outcome.seatOfId === command.actor.personId ? {} : { seatOfId: outcome.seatOfId }),
    },
    clear: { reason: command.reason, voter: command.actor.name },
  });
  if (command.answer === "deny") return deny(tx, request, stage, common);
  if (outcome.narrowed) {
    await appendEvent(tx, { type: "request.narrowed", ...common, data: { fromSeconds: request.grantedDurationSeconds, toSeconds: durationSeconds } });
  }
  if (outcome.completes !== "nothing") await tx.stage.update({ where: { id: stage.id }, data: { state: "approved" } });
  if (outcome.completes === "request") {
    await approveRequest(tx, request, { actor: command.actor, now, automatically: false, durationSeconds });
    return ok({ state: "approved", stagesLeft: 0 });
  }
  for (const opening of request.stages.filter(({ id }) => outcome.opens.includes(id))) {
    await tx.stage.update({ where: { id: opening.id }, data: { state: "open", openedAt: now, ...timesFrom(now, opening) } });
  }
  await settleNotices(tx, now, { about: { request: request.id }, personId: command.actor.personId });
  await tellOpenStages(tx, request, outcome.opens, now);
  // Only what changes the terms makes other open pages stale; a colleague's approval does not.
  if (outcome.narrowed) await tx.request.update({ where: { id: request.id }, data: { grantedDurationSeconds: durationSeconds, version: { increment: 1 } } });
  const left = request.stages.filter(({ state }) => state === "open" || state === "waiting").length;
  return ok({ state: "pending", stagesLeft: outcome.completes === "stage" ? left - 1 : left });
}

async function deny(
  tx: Transaction,
  request: LockedRequest,
  stage: { readonly id: string; readonly position: number },
  common: { at: Date; actor: PersonActor; subjects: ReturnType<typeof subjectsOfRequest>; demo: boolean },
): Promise<Result<Decided, never>> {
  await tx.stage.update({ where: { id: stage.id }, data: { state: "denied" } });
  await tx.stage.updateMany({ where: { requestId: request.id, state: { in: ["waiting", "open"] } }, data: { state: "void" } });
  await tx.request.update({ where: { id: request.id }, data: { state: "denied", decidedAt: common.at, version: { increment: 1 } } });
  await appendEvent(tx, { type: "request.denied", ...common, data: { stage: stage.position } });
  await tellOver(tx, common.at, request.id, { outcome: "denied", actor: common.actor });
  return ok({ state: "denied", stagesLeft: 0 });
}
