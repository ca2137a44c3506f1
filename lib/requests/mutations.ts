import "server-only";
import type { Actor, PersonActor, WorkloadActor } from "@/lib/auth/actor";
import { databaseClock, inTransaction, type Clock, type Transaction } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import { tellOver } from "@/lib/notifications/occasions";
import { crashPoint } from "@/lib/platform/crash-point";
import { newId } from "@/lib/platform/ids";
import { ok, refuse, type Result } from "@/lib/platform/result";
import { findSecrets } from "@/lib/platform/secret-scan";
import { bindPolicyNames } from "@/lib/policies/mutations";
import type { Terms } from "@/lib/policies/rules";
import { tellOpenStages } from "@/lib/stages/asking";
import { reroute } from "@/lib/stages/routing";
import { timesFrom } from "@/lib/stages/rules";
import { namesIn } from "@/lib/stages/groups";
import { bindTicket } from "@/lib/tickets/binding";
import { lookUpTicket } from "@/lib/tickets/checking";
import { approveRequest, recordDecisions } from "./approval";
import { assess, type Assessment, type AssessmentRefusal, type AskTerms, type RoutedStage } from "./assessment";
import { type AskFacts, lockRequest, parseRequestState, type LockedRequest } from "./data";
import { givenTermsOf, standingToExplain, withdrawal } from "./rules";
import type { Ask } from "./schema";
import type { RequestState } from "./types";
import { weigh } from "./weighing";

type SubmitRequest = Ask & {
  readonly actor: PersonActor | WorkloadActor;
  /** Made by the asker; the same key again answers with the request it made. */
  readonly idempotencyKey: string;
  readonly sourceAddress: string | null;
  readonly clock?: Clock;
  readonly demo?: boolean;
};

type Submitted = { readonly requestId: string; readonly number: number; readonly state: RequestState };
type SubmitRefusal = AssessmentRefusal | "secret-in-text" | "held-standing";

/**
 * Asks for access. Facts, policy and routing are judged in the same transaction that stores the request; a refusal is stored
 * as an event. Free text that holds a secret is refused before anything is stored.
 */
export async function submitRequest(command: SubmitRequest): Promise<Result<Submitted, SubmitRefusal>> {
  const { actor } = command;
  const clock = command.clock ?? databaseClock;
  const scan = await findSecrets(`${command.intent}\n${command.ticketKey ?? ""}\n${command.purpose}`);
  if (scan.found) return refuse("secret-in-text", { kinds: scan.kinds.join(", ") });
  const why = await findSecrets(command.standingReason ?? "");
  if (why.found) return refuse("secret-in-text", { kinds: why.kinds.join(", "), field: "standingReason" });
  const ask = termsAsked(command);
  // Outside the transaction: it may be somebody else's server that answers.
  await lookUpTicket(ask.ticketKey);
  const submitted = await inTransaction(async (tx): Promise<Result<Submitted, SubmitRefusal>> => {
    await lockKey(tx, actor, command.idempotencyKey);
    await tx.$queryRaw`select id from identities where id = ${ask.identityId}::uuid for update`;
    const earlier = await findEarlier(tx, actor, command.idempotencyKey);
    if (earlier) return ok(earlier);
    const now = await clock.now(tx);
    const assessment = await assess(tx, ask, { moment: "request", now });
    if (!assessment.outcome.ok) {
      await recordRefusal(tx, command, ask, assessment.outcome.code, now);
      return assessment.outcome;
    }
    const held = assessment.facts ? standingToExplain(assessment.facts, actor) : [];
    if (held.length > 0 && !command.standingReason) {
      await recordRefusal(tx, command, ask, "held-standing", now);
      return refuse("held-standing", { identity: assessment.facts?.identity?.name ?? "", entitlements: held.map(({ name }) => name).join(" and ") });
    }
    const stored = ok(await store(tx, command, ask, assessment, now));
    crashPoint("submit:before-commit");
    return stored;
  }, clock);
  crashPoint("submit:after-commit");
  return submitted;
}

function termsAsked(command: SubmitRequest): AskTerms {
  const { actor } = command;
  return {
    asker:
      actor.kind === "person"
        ? { kind: "person", personId: actor.personId }
        : { kind: "workload", identityId: actor.identityId, triggeredById: actor.triggeredById },
    identityId: command.identityId,
    entitlementIds: command.entitlementIds,
    purpose: command.purpose,
    durationSeconds: command.durationSeconds,
    maxUses: command.maxUses ?? null,
    idleSeconds: command.idleSeconds ?? null,
    ticketKey: command.ticketKey ?? null,
    sourceAddress: command.sourceAddress,
    // An extension starts where the session before it ends.
    notBefore: command.extendsId ? null : (command.notBefore ?? null),
    extendsId: command.extendsId ?? null,
    afterId: command.afterId ?? null,
  };
}

/** Two calls with one key wait for each other even where they ask for different identities. */
async function lockKey(tx: Transaction, actor: PersonActor | WorkloadActor, idempotencyKey: string): Promise<void> {
  const asker = actor.kind === "person" ? actor.personId : actor.identityId;
  await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`curfew:submit-request:${asker}:${idempotencyKey}`}::text, 0))`;
}

async function findEarlier(tx: Transaction, actor: PersonActor | WorkloadActor, idempotencyKey: string): Promise<Submitted | null> {
  const asker = actor.kind === "person" ? { requesterId: actor.personId } : { requesterIdentityId: actor.identityId };
  const row = await tx.request.findFirst({ where: { ...asker, idempotencyKey }, select: { id: true, number: true, state: true } });
  return row ? { requestId: row.id, number: row.number, state: parseRequestState(row.state) } : null;
}

async function recordRefusal(tx: Transaction, command: SubmitRequest, ask: AskTerms, code: string, now: Date): Promise<void> {
  const known = code !== "unknown-identity";
  await appendEvent(tx, {
    type: "request.refused",
    at: now,
    actor: command.actor,
    subjects: known ? { identity: ask.identityId } : {},
    data: { identityId: known ? ask.identityId : null, entitlementIds: [...ask.entitlementIds], code },
    clear: { intent: command.intent },
    demo: command.demo ?? false,
  });
}

async function store(tx: Transaction, command: SubmitRequest, ask: AskTerms, assessment: Assessment, now: Date): Promise<Submitted> {
  const { facts, side, stages, outcome } = assessment;
  if (!outcome.ok || !facts?.identity) throw new TypeError("only an accepted ask is stored");
  const terms = outcome.value;
  const demo = command.demo ?? false;
  const held = standingToExplain(facts, command.actor);
  const row = await tx.request.create({
    data: {
      id: newId(),
      ...askerColumns(ask),
      identityId: ask.identityId,
      purpose: ask.purpose,
      intent: command.intent,
      standingReason: held.length > 0 ? (command.standingReason ?? null) : null,
      ticketKey: ask.ticketKey,
      durationSeconds: ask.durationSeconds,
      grantedDurationSeconds: ask.durationSeconds,
      maxUses: terms.maxUses,
      idleSeconds: terms.idleSeconds,
      stepUp: terms.stepUp,
      state: "pending",
      submittedAt: now,
      decideBefore: terms.decideBefore,
      notBefore: startAfter(ask, now),
      extendsId: ask.extendsId ?? null,
      earlierSeconds: facts.former?.seconds ?? 0,
      afterId: ask.afterId ?? null,
      idempotencyKey: command.idempotencyKey,
      sourceAddress: ask.sourceAddress,
      demo,
      entitlements: { create: ask.entitlementIds.map((entitlementId) => ({ entitlementId })) },
      sides: { create: side.map(({ personId, why }) => ({ personId, why, since: now })) },
      stages: {
        create: stages.map((stage) => stageRow(stage, now)),
      },
    },
    select: { id: true, number: true },
  });
  await bindPolicyNames(tx, assessment.answers[0]?.policyHash ?? "", namesIn(stages.flatMap(({ source, escalateTo }) => [source, ...(escalateTo ? [escalateTo] : [])])), now);
  await recordSubmission(tx, row.id, command, { ask, terms, stages, facts, held: held.map(({ id }) => id), name: facts.identity.name, now });
  await recordDecisions(tx, row.id, assessment, { moment: "request", actor: command.actor, now, demo });
  const about = { identityId: ask.identityId, entitlementIds: ask.entitlementIds, requesterId: ask.asker.kind === "person" ? ask.asker.personId : null, side: side.map(({ personId }) => personId) };
  await bindTicket(tx, row.id, ask.ticketKey, about, { actor: command.actor, now, demo });
  await weigh(tx, row.id);
  await noteRoute(tx, row.id, now);
  if (!terms.autoApproved) return { requestId: row.id, number: row.number, state: "pending" };
  const request = await lockRequest(tx, row.id);
  if (request) await approveRequest(tx, request, { actor: command.actor, now, automatically: true, terms: givenTermsOf(request) });
  return { requestId: row.id, number: row.number, state: "approved" };
}

/** A stage with everybody who is asked; the first position opens at once, and its time begins. */
function stageRow(stage: RoutedStage, now: Date) {
  const times = { withinSeconds: stage.withinSeconds ?? null, remindAfterSeconds: stage.remindAfterSeconds ?? null };
  const opens = stage.position === 0;
  return {
    id: newId(),
    position: stage.position,
    label: stage.label,
    source: stage.source,
    groups: [...stage.groups],
    asks: [...stage.asks],
    needed: stage.needed,
    state: opens ? "open" : "waiting",
    ...times,
    escalateTo: stage.escalateTo ?? null,
    ...(stage.escalation ? { escalation: [...stage.escalation] } : {}),
    ...(opens ? { openedAt: now, ...timesFrom(now, times) } : {}),
    members: { create: stage.seats.map(({ personId, seatOfId, why }) => ({ personId, seatOfId, why, since: now })) },
  };
}

type Submission = {
  readonly ask: AskTerms;
  readonly terms: Terms;
  readonly stages: readonly RoutedStage[];
  readonly facts: AskFacts;
  readonly held: readonly string[];
  readonly name: string;
  readonly now: Date;
};

function recordSubmission(tx: Transaction, requestId: string, command: SubmitRequest, { ask, terms, stages, facts, held, name, now }: Submission): Promise<void> {
  return appendEvent(tx, {
    type: "request.submitted",
    at: now,
    actor: command.actor,
    subjects: { request: requestId, identity: ask.identityId },
    data: {
      identityId: ask.identityId,
      entitlementIds: [...ask.entitlementIds],
      purpose: ask.purpose,
      ticketKey: ask.ticketKey,
      durationSeconds: ask.durationSeconds,
      maxUses: terms.maxUses,
      stages: stages.map(({ source, needed, eligible }) => ({ source, needed, asked: eligible.map(({ id }) => id) })),
      ...startOf(ask, now),
      ...(facts.former ? { extends: { requestId: facts.former.requestId, earlierSeconds: facts.former.seconds } } : {}),
      ...(ask.afterId ? { asksAgain: ask.afterId } : {}),
      ...(terms.idleSeconds === null ? {} : { idleSeconds: terms.idleSeconds }),
      ...(held.length > 0 ? { heldStanding: [...held] } : {}),
    },
    clear: { intent: command.intent, identity: name, ...(held.length > 0 && command.standingReason ? { standingReason: command.standingReason } : {}) },
    demo: command.demo ?? false,
  });
}

/** The start that was asked for; null where it is over by now. */
function startAfter({ notBefore }: AskTerms, now: Date): Date | null {
  return notBefore && notBefore > now ? notBefore : null;
}

function startOf(ask: AskTerms, now: Date): { notBefore?: string } {
  const start = startAfter(ask, now);
  return start ? { notBefore: start.toISOString() } : {};
}

function askerColumns(ask: AskTerms) {
  return ask.asker.kind === "person"
    ? { requesterId: ask.asker.personId }
    : { requesterIdentityId: ask.asker.identityId, triggeredById: ask.asker.triggeredById };
}

/** What changes by itself (a shift ends, somebody comes back) is known from the start. */
async function noteRoute(tx: Transaction, requestId: string, now: Date): Promise<void> {
  const request = await lockRequest(tx, requestId);
  if (!request || request.stages.length === 0) return;
  const routed = await reroute(tx, request, now);
  await tellOpenStages(tx, routed, routed.stages.filter(({ state }) => state === "open").map(({ id }) => id), now);
}

/** Takes a waiting request back. */
export function withdrawRequest(command: {
  readonly actor: PersonActor;
  readonly requestId: string;
  readonly clock?: Clock;
}): Promise<Result<{ state: "withdrawn" }, "unknown-request" | "not-requester" | "not-pending">> {
  const clock = command.clock ?? databaseClock;
  return inTransaction(async (tx) => {
    const request = await lockRequest(tx, command.requestId);
    if (!request) return refuse("unknown-request");
    const verdict = withdrawal(request, command.actor.personId);
    if (verdict !== "ok") return refuse(verdict, { state: request.state });
    const now = await clock.now(tx);
    await closeRequest(tx, request, "withdrawn", now);
    await appendEvent(tx, { type: "request.withdrawn", at: now, actor: command.actor, subjects: subjectsOfRequest(request), data: {}, demo: request.demo });
    return ok({ state: "withdrawn" as const });
  }, clock);
}

/** Requests that nobody decided in time lapse; answers how many. */
export function lapseUndecided(most = 200, clock: Clock = databaseClock): Promise<number> {
  const worker: Actor = { kind: "system", process: "worker" };
  return inTransaction(async (tx, now) => {
    const rows = await tx.$queryRaw<{ id: string }[]>`
      select id from requests where state = 'pending' and decide_before <= ${now}::timestamptz
      order by decide_before limit ${most}::int for update skip locked`;
    for (const { id } of rows) {
      const request = await lockRequest(tx, id);
      if (!request) continue;
      await closeRequest(tx, request, "lapsed", now);
      const data = { why: request.unroutableSince === null ? ("not-decided-in-time" as const) : ("nobody-left-to-decide" as const) };
      await appendEvent(tx, { type: "request.lapsed", at: now, actor: worker, subjects: subjectsOfRequest(request), data, demo: request.demo });
    }
    return rows.length;
  }, clock);
}

/** Ends a waiting request without a decision; whoever calls it says why on the ledger. */
export async function closeRequest(tx: Transaction, request: LockedRequest, state: "withdrawn" | "lapsed", now: Date): Promise<void> {
  await tx.request.update({ where: { id: request.id }, data: { state, decidedAt: now, version: { increment: 1 } } });
  await tx.stage.updateMany({ where: { requestId: request.id, state: { in: ["open", "waiting"] } }, data: { state: "void" } });
  await tellOver(tx, now, request.id, { outcome: state, actor: { kind: "system", process: "worker" } });
}

/** Ids that every event of a request is about. */
export function subjectsOfRequest(request: { readonly id: string; readonly identityId: string }) {
  return { request: request.id, identity: request.identityId };
}
