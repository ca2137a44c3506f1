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
import { digestOfProof } from "@/lib/passkeys/statement";
import type { StepUpProof, StepUpRefusal } from "@/lib/passkeys/types";
import { approveRequest, askOf, recordDecisions } from "./approval";
import { assess } from "./assessment";
import { approvalPayload, confirmVote, demandStepUp, paceOf, wantsStepUp, type Confirmation, type VotePace } from "./confirming";
import { lockRequest, type LockedRequest } from "./data";
import { keepTook } from "./looking";
import { isFirstTime } from "./schema";
import { givenTermsOf, narrow, type Giving, type GivenTerms } from "./rules";
import { whyAlone, type AloneCode } from "./together";
import { weigh } from "./weighing";
import { subjectsOfRequest } from "./mutations";
import type { RequestState } from "./types";

type DecideRequest = Giving & {
  readonly actor: PersonActor;
  readonly requestId: string;
  readonly answer: "approve" | "deny";
  readonly reason: string;
  readonly version: number;
  /** The passkey's answer, where the request needs one. */
  readonly confirmation?: Confirmation | null;
  /** How a person came to it on screen; without it nobody is held up. */
  readonly reading?: Reading;
  readonly clock?: Clock;
};

type Reading = {
  /** Decided with others: what is not fit for that is refused. */
  readonly together: boolean;
  /** How many are decided with the same click. */
  readonly batchSize: number;
};

type Decided = { readonly state: RequestState; readonly stagesLeft: number };
export type DecideRefusal = VoteRefusal | TicketRefusalCode | StepUpRefusal | "step-up-needed" | "too-fast" | "not-together" | "unknown-request" | "secret-in-text" | "no-role" | "no-longer-asked" | "policy-refuses" | "policy-fault";

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
    const pace = await paceOf(tx, { requestId: request.id, personId: command.actor.personId, version: request.version, now, reason: command.reason });
    const held = await heldUp(tx, request, command, pace);
    if (held) return refuseVote(tx, request, command, { ...held, now });
    const given = command.answer === "approve" ? narrow(givenTermsOf(request), command) : { terms: givenTermsOf(request), narrowed: false };
    if (!given) return refuseVote(tx, request, command, { code: "not-narrower", now });
    const proved = command.answer === "approve" ? await mayApprove(tx, request, command, { terms: given.terms, now }) : ok(null);
    if (!proved.ok) return refuseVote(tx, request, command, { code: proved.code, now, detail: proved.detail });
    const answer = await count(tx, request, command, { ...outcome, ...given, pace, proof: proved.value }, now);
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
  { code, now, why, detail }: { readonly code: DecideRefusal; readonly now: Date; readonly why?: string; readonly detail?: Readonly<Record<string, string | number>> | undefined },
): Promise<Result<never, DecideRefusal>> {
  await appendEvent(tx, {
    type: "request.vote-refused",
    at: now,
    actor: command.actor,
    subjects: subjectsOfRequest(request),
    data: { answer: command.answer, code },
    demo: request.demo,
  });
  return refuse(code, { state: request.state, ...(why ? { why } : {}), ...detail });
}

/** What is decided with many others has to be fit for that; what is decided alone must have been read, or say why not. */
async function heldUp(tx: Transaction, request: LockedRequest, { version, reading }: DecideRequest, pace: VotePace): Promise<{ code: DecideRefusal; detail: Record<string, string | number> } | null> {
  if (!reading) return null;
  if (reading.together) {
    const why = await whyNotTogether(tx, request, { version });
    return why && { code: "not-together", detail: { alone: why } };
  }
  return pace.stop && { code: "too-fast", detail: pace.stop };
}

async function whyNotTogether(tx: Transaction, request: LockedRequest, seen: { readonly version: number }): Promise<AloneCode | null> {
  const { riskParts } = await tx.request.findUniqueOrThrow({ where: { id: request.id }, select: { riskParts: true } });
  const levels = request.entitlements.map(({ entitlement }) => entitlement.sensitivity);
  const isLow = levels.every((level) => level === "low");
  return whyAlone({ may: true, sensitivity: isLow ? "low" : "high", stepUp: request.stepUp, isFirst: isFirstTime(riskParts), version: request.version }, seen);
}

type Approving = { readonly terms: GivenTerms; readonly now: Date };

/** Whether an approval counts now: policy, the ticket, and the passkey where one is needed, whose proof it answers. */
async function mayApprove(tx: Transaction, request: LockedRequest, command: DecideRequest, { terms, now }: Approving): Promise<Result<StepUpProof | null, DecideRefusal>> {
  const { actor } = command;
  const assessment = await assess(tx, askOf(request, terms), { moment: "vote", now });
  await recordDecisions(tx, request.id, assessment, { moment: "vote", actor, now, demo: request.demo });
  if (assessment.answers.some(({ outcome }) => outcome === "fault")) return refuse("policy-fault");
  if (!assessment.answers.every(({ outcome }) => outcome === "permit")) return refuse("policy-refuses");
  const ticket = await ticketRefusals(tx, request.id, { moment: "vote", actor, now });
  if (ticket) return refuse(ticket.code, { why: String(ticket.detail?.["reasons"] ?? "") });
  const isNew = wantsStepUp(assessment) && !request.stepUp;
  if (isNew && (await demandStepUp(tx, request, { actor, now })) > 0) return refuse("changed-since-seen");
  if (!request.stepUp && !isNew) return ok(null);
  const payload = approvalPayload(request, { terms, voterId: actor.personId, policyHash: assessment.answers[0]?.policyHash ?? "" });
  return confirmVote(tx, now, { payload, personId: actor.personId, confirmation: command.confirmation ?? null });
}

type Counting = Counted<LockedRequest["stages"][number]> & { readonly terms: GivenTerms; readonly pace: VotePace; readonly proof: StepUpProof | null };

async function storeVote(tx: Transaction, request: LockedRequest, command: DecideRequest, { stage, seatOfId, terms, pace, proof }: Counting, now: Date): Promise<void> {
  const { personId } = command.actor;
  const { durationSeconds, maxUses, idleSeconds } = terms;
  const { tookMs } = pace;
  // Only of what somebody did on screen: whoever decides elsewhere opens no card here.
  const isHasty = pace.isHasty && command.reading !== undefined && !command.reading.together;
  const batchSize = command.reading?.batchSize ?? 1;
  await tx.vote.create({
    data: {
      id: newId(),
      requestId: request.id,
      stageId: stage.id,
      personId,
      seatOfId,
      answer: command.answer,
      reason: command.reason,
      requestVersion: request.version,
      durationSeconds,
      maxUses,
      idleSeconds,
      proofId: proof?.id ?? null,
      wasOpened: tookMs !== null,
      batchSize,
      isHasty,
      votedAt: now,
    },
  });
  await keepTook(tx, { requestId: request.id, personId, tookMs });
  await appendEvent(tx, {
    type: "request.voted",
    ...aboutVote(request, command, now),
    data: {
      stage: stage.position,
      answer: command.answer,
      durationSeconds,
      requestVersion: request.version,
      ...(seatOfId === personId ? {} : { seatOfId }),
      ...(maxUses === null ? {} : { maxUses }),
      ...(idleSeconds === null ? {} : { idleSeconds }),
      ...(proof ? { proofId: proof.id, proofDigest: digestOfProof(proof) } : {}),
      wasOpened: tookMs !== null,
      batchSize,
      ...(isHasty ? { isHasty } : {}),
    },
    clear: { reason: command.reason, voter: command.actor.name },
  });
}

const aboutVote = (request: LockedRequest, { actor }: DecideRequest, now: Date) => ({ at: now, actor, subjects: subjectsOfRequest(request), demo: request.demo });

async function count(tx: Transaction, request: LockedRequest, command: DecideRequest, outcome: Counting & { readonly narrowed: boolean }, now: Date): Promise<Result<Decided, never>> {
  const { stage, terms } = outcome;
  await storeVote(tx, request, command, outcome, now);
  const common = aboutVote(request, command, now);
  if (command.answer === "deny") return deny(tx, request, stage, common);
  if (outcome.narrowed) await storeNarrowed(tx, request, terms, common);
  if (outcome.completes !== "nothing") await tx.stage.update({ where: { id: stage.id }, data: { state: "approved" } });
  if (outcome.completes === "request") {
    await approveRequest(tx, request, { actor: command.actor, now, automatically: false, terms });
    return ok({ state: "approved", stagesLeft: 0 });
  }
  for (const opening of request.stages.filter(({ id }) => outcome.opens.includes(id))) {
    await tx.stage.update({ where: { id: opening.id }, data: { state: "open", openedAt: now, ...timesFrom(now, opening) } });
  }
  await settleNotices(tx, now, { about: { request: request.id }, personId: command.actor.personId });
  await tellOpenStages(tx, request, outcome.opens, now);
  if (outcome.narrowed) await weigh(tx, request.id);
  const left = request.stages.filter(({ state }) => state === "open" || state === "waiting").length;
  return ok({ state: "pending", stagesLeft: outcome.completes === "stage" ? left - 1 : left });
}

type Common = ReturnType<typeof aboutVote>;

/** Only what changes the terms makes other open pages stale; a colleague's approval does not. Earlier answers, about more, cover less. */
async function storeNarrowed(tx: Transaction, request: LockedRequest, terms: GivenTerms, common: Common): Promise<void> {
  const { durationSeconds, maxUses, idleSeconds, entitlementIds } = terms;
  const leftOut = givenTermsOf(request).entitlementIds.filter((id) => !entitlementIds.includes(id));
  await appendEvent(tx, {
    type: "request.narrowed",
    ...common,
    data: {
      fromSeconds: request.grantedDurationSeconds,
      toSeconds: durationSeconds,
      ...(maxUses === null || maxUses === request.maxUses ? {} : { uses: { from: request.maxUses, to: maxUses } }),
      ...(idleSeconds === null || idleSeconds === request.idleSeconds ? {} : { idle: { from: request.idleSeconds, to: idleSeconds } }),
      ...(leftOut.length > 0 ? { leftOut } : {}),
    },
  });
  if (leftOut.length > 0) await tx.requestEntitlement.updateMany({ where: { requestId: request.id, entitlementId: { in: leftOut } }, data: { leftOutAt: common.at } });
  await tx.request.update({ where: { id: request.id }, data: { grantedDurationSeconds: durationSeconds, maxUses, idleSeconds, version: { increment: 1 } } });
}

async function deny(
  tx: Transaction,
  request: LockedRequest,
  stage: { readonly id: string; readonly position: number },
  common: Common,
): Promise<Result<Decided, never>> {
  await tx.stage.update({ where: { id: stage.id }, data: { state: "denied" } });
  await tx.stage.updateMany({ where: { requestId: request.id, state: { in: ["waiting", "open"] } }, data: { state: "void" } });
  await tx.request.update({ where: { id: request.id }, data: { state: "denied", decidedAt: common.at, version: { increment: 1 } } });
  await appendEvent(tx, { type: "request.denied", ...common, data: { stage: stage.position } });
  await tellOver(tx, common.at, request.id, { outcome: "denied", actor: common.actor });
  return ok({ state: "denied", stagesLeft: 0 });
}
