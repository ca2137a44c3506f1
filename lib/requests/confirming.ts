import "server-only";
import type { PersonActor } from "@/lib/auth/actor";
import { databaseClock, inTransaction, type Clock, type Transaction } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import type { ApprovalPayload } from "@/lib/passkeys/statement";
import { beginStepUp, finishStepUp, type StepUpOptions } from "@/lib/passkeys/step-up";
import type { StepUpProof, StepUpRefusal } from "@/lib/passkeys/types";
import type { Assertion } from "@/lib/passkeys/schema";
import { refuse, type Result } from "@/lib/platform/result";
import { timesFrom, vote, type VoteRefusal } from "@/lib/stages/rules";
import { askOf } from "./approval";
import { assess, type Assessment } from "./assessment";
import { lockRequest, type LockedRequest } from "./data";
import { brake } from "./pace";
import { readReading, readTookMs } from "./looking";
import { givenTermsOf, narrow, type GivenTerms, type Giving } from "./rules";
import { subjectsOfRequest } from "./mutations";

/** A passkey's answer, from the browser in which it was asked. */
export type Confirmation = { readonly signInId: string; readonly response: Assertion };

export type ConfirmRefusal = StepUpRefusal | "step-up-needed" | "not-narrower" | "too-fast" | "policy-fault" | "unknown-request" | VoteRefusal;

/** Whether policy wants approvers to confirm with a passkey. */
export function wantsStepUp({ answers }: Assessment): boolean {
  return answers.some((answer) => answer.outcome === "permit" && answer.obligations.stepUp);
}

/** Exactly what an approval approves: the passkey signs the hash of this. Ids, codes and numbers only. */
export function approvalPayload(
  request: Pick<LockedRequest, "id" | "version" | "identityId" | "purpose">,
  about: { readonly terms: GivenTerms; readonly voterId: string; readonly policyHash: string },
): ApprovalPayload {
  const { terms, voterId, policyHash } = about;
  return {
    kind: "request-vote",
    answer: "approve",
    request: request.id,
    version: request.version,
    identity: request.identityId,
    entitlements: [...terms.entitlementIds].sort(),
    purpose: request.purpose,
    durationSeconds: terms.durationSeconds,
    maxUses: terms.maxUses,
    idleSeconds: terms.idleSeconds,
    voter: voterId,
    policy: policyHash,
  };
}

type BeginApproval = Giving & {
  readonly actor: PersonActor;
  readonly signInId: string;
  readonly requestId: string;
  readonly version: number;
  readonly reason: string;
  readonly clock?: Clock;
};

/** Asks the voter's passkey to confirm exactly this approval. Nothing is decided by it; what would be refused then is refused here. */
export function beginApproval(command: BeginApproval): Promise<Result<{ options: StepUpOptions }, ConfirmRefusal>> {
  const { actor, signInId, requestId, version } = command;
  const clock = command.clock ?? databaseClock;
  return inTransaction(async (tx) => {
    const request = await lockRequest(tx, requestId);
    if (!request) return refuse("unknown-request");
    const now = await clock.now(tx);
    const given = narrow(givenTermsOf(request), command);
    if (!given) return refuse("not-narrower");
    const personId = actor.personId;
    const place = vote(request, { personId, answer: "approve", version, durationSeconds: given.terms.durationSeconds, now });
    if (!place.ok) return refuse(place.code, { state: request.state });
    const pace = await paceOf(tx, { requestId, personId, version, now, reason: command.reason });
    if (pace.stop) return refuse("too-fast", pace.stop);
    const assessment = await assess(tx, askOf(request, given.terms), { moment: "vote", now });
    const policyHash = assessment.answers[0]?.policyHash;
    if (policyHash === undefined) return refuse("policy-fault");
    return beginStepUp(tx, now, { personId, signInId, payload: approvalPayload(request, { terms: given.terms, voterId: personId, policyHash }) });
  }, clock);
}

type About = { readonly requestId: string; readonly personId: string; readonly version: number; readonly now: Date; readonly reason: string };

/** How a decision came to be: how long the voter had it, and what the brake says where it may not go on. */
export type VotePace = { readonly tookMs: number | null; readonly isHasty: boolean; readonly stop: { readonly leastSeconds: number; readonly opened: string } | null };

/** What the brake says of a decision. */
export async function paceOf(tx: Transaction, { reason, ...about }: About): Promise<VotePace> {
  const tookMs = await readTookMs(tx, about);
  const { leastMs, isHasty, saysWhy } = brake(await readReading(tx, about.requestId), { tookMs, reason });
  const stop = isHasty && !saysWhy ? { leastSeconds: Math.ceil(leastMs / 1_000), opened: tookMs === null ? "no" : "yes" } : null;
  return { tookMs, isHasty, stop };
}

/** The proof that a vote needs; null where it needs none. */
export async function confirmVote(
  tx: Transaction,
  now: Date,
  about: { readonly payload: ApprovalPayload; readonly personId: string; readonly confirmation: Confirmation | null },
): Promise<Result<StepUpProof, StepUpRefusal | "step-up-needed">> {
  const { payload, personId, confirmation } = about;
  return confirmation ? finishStepUp(tx, now, { personId, payload, ...confirmation }) : refuse("step-up-needed");
}

/**
 * Policy wants passkeys since the request was made: from now on it needs them, and approvals without one are void and asked
 * again. Answers how many.
 */
export async function demandStepUp(tx: Transaction, request: LockedRequest, { actor, now }: { readonly actor: PersonActor; readonly now: Date }): Promise<number> {
  const unproved = { requestId: request.id, answer: "approve", voidedAt: null, proofId: null };
  const votes = await tx.vote.findMany({ where: unproved, select: { personId: true, stageId: true } });
  await tx.request.update({ where: { id: request.id }, data: { stepUp: true, ...(votes.length > 0 ? { version: { increment: 1 } } : {}) } });
  if (votes.length === 0) return 0;
  await tx.vote.updateMany({ where: unproved, data: { voidedAt: now } });
  const reopened = request.stages.filter(({ id }) => votes.some(({ stageId }) => stageId === id));
  const first = Math.min(...reopened.map(({ position }) => position));
  for (const stage of request.stages.filter(({ state, position }) => state !== "void" && state !== "denied" && position >= first)) {
    const opens = stage.position === first;
    if (!opens && !reopened.includes(stage) && stage.state === "approved") continue;
    await tx.stage.update({ where: { id: stage.id }, data: opens ? { state: "open", openedAt: now, ...timesFrom(now, stage) } : { state: "waiting" } });
  }
  const data = { people: votes.map(({ personId }) => personId), why: "passkey-needed" as const };
  await appendEvent(tx, { type: "request.votes-voided", at: now, actor, subjects: subjectsOfRequest(request), data, demo: request.demo });
  return votes.length;
}
