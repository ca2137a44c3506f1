import "server-only";
import type { PersonActor } from "@/lib/auth/actor";
import { holdersOf } from "@/lib/auth/permissions";
import { databaseClock, inTransaction, type Clock, type Transaction } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import { notify } from "@/lib/notifications/telling";
import { beginStepUp } from "@/lib/passkeys/step-up";
import { crashPoint } from "@/lib/platform/crash-point";
import { newId } from "@/lib/platform/ids";
import { ok, refuse, type Result } from "@/lib/platform/result";
import { findSecrets } from "@/lib/platform/secret-scan";
import { storedAnswerOf } from "./schema";
import { lockBreakGlass, parseBreakGlassState, readHolders, stillHolds, subjectsOfGlass, type LockedBreakGlass } from "./data";
import { judgeBreaking, recordAnswer, type Breaking, type Judged } from "./judging";
import { openGlass } from "./opening";
import type { BreakGlassState, IncidentCheck } from "./types";
import { sayFlags } from "./words";

type Confirm = (tx: Transaction, now: Date) => Promise<Result<{ readonly id: string }, string>>;

export type BreakGlassCommand = {
  readonly actor: PersonActor;
  readonly identityId: string;
  readonly entitlementId: string;
  readonly incident: string;
  readonly incidentCheck: IncidentCheck;
  readonly reason: string;
  readonly durationSeconds: number;
  readonly escalates?: string | undefined;
  /** Makes the call repeatable: the same key by the same person answers with what it made. */
  readonly idempotencyKey: string;
  readonly sourceAddress: string | null;
  /** Checks the passkey's answer in the transaction that counts on it. */
  readonly confirm: Confirm;
  readonly clock?: Clock;
  readonly demo?: boolean;
};

type Broken = { readonly breakGlassId: string; readonly requestId: string; readonly state: BreakGlassState };

type Confirmed = Pick<BreakGlassCommand, "identityId" | "entitlementId" | "incident" | "durationSeconds" | "idempotencyKey"> & { readonly escalates?: string | undefined };

/** What a passkey signs: exactly this, and the reason only as far as its words can be erased later. */
export function approvalOf(form: Confirmed) {
  const { identityId, entitlementId, incident, durationSeconds, idempotencyKey, escalates } = form;
  return { action: "break-glass", identityId, entitlementId, incident, durationSeconds, escalates: escalates ?? null, idempotencyKey };
}

/** Asks for a passkey over exactly what is to be done. */
export function beginBreaking(who: { readonly personId: string; readonly signInId: string }, form: Confirmed) {
  return inTransaction((tx, now) => beginStepUp(tx, now, { ...who, payload: approvalOf(form) }));
}

/**
 * Breaks the glass: policy (or the list) is asked, the passkey's answer counts, and either the access is ready at once or a
 * second person is asked, all in one transaction. A refusal is on the record.
 */
export async function breakGlass(command: BreakGlassCommand): Promise<Result<Broken, string>> {
  const clock = command.clock ?? databaseClock;
  const scan = await findSecrets(`${command.reason}\n${command.incident}`);
  if (scan.found) return refuse("secret-in-text", { kinds: scan.kinds.join(", ") });
  const broken = await inTransaction(async (tx): Promise<Result<Broken, string>> => {
    await lockAsk(tx, command);
    const earlier = await findEarlier(tx, command);
    if (earlier) return ok(earlier);
    const now = await clock.now(tx);
    const breaking = breakingOf(command);
    const refusal = (await whyNotNow(tx, command, breaking)) ?? null;
    if (refusal) return refuseBreaking(tx, command, refusal, now);
    const judged = await judgeBreaking(tx, breaking, now);
    if (!judged.ok) return refuseBreaking(tx, command, judged, now);
    const { longestSeconds } = judged.value.allowed;
    if (command.durationSeconds > longestSeconds) return refuseBreaking(tx, command, refuse("duration-too-long", { longestSeconds }), now);
    const proof = await command.confirm(tx, now);
    if (!proof.ok) return refuseBreaking(tx, command, proof, now);
    const kept = await keep(tx, command, judged.value, { proofId: proof.value.id, now });
    crashPoint("break:before-commit");
    return ok(kept);
  }, clock);
  crashPoint("break:after-commit");
  return broken;
}

/** Two calls with one key wait for each other, and so does everybody who asks for the same identity. */
async function lockAsk(tx: Transaction, { actor, idempotencyKey, identityId }: BreakGlassCommand): Promise<void> {
  await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`curfew:break-glass:${actor.personId}:${idempotencyKey}`}::text, 0))`;
  await tx.$queryRaw`select id from identities where id = ${identityId}::uuid for update`;
}

async function findEarlier(tx: Transaction, { actor, idempotencyKey }: BreakGlassCommand): Promise<Broken | null> {
  const row = await tx.breakGlass.findUnique({
    where: { personId_idempotencyKey: { personId: actor.personId, idempotencyKey } },
    select: { id: true, requestId: true, state: true },
  });
  return row ? { breakGlassId: row.id, requestId: row.requestId, state: parseBreakGlassState(row.state) } : null;
}

function breakingOf(command: BreakGlassCommand): Breaking {
  const { identityId, entitlementId, durationSeconds, incident, incidentCheck, sourceAddress } = command;
  return { personId: command.actor.personId, identityId, entitlementId, durationSeconds, incident, incidentCheck, escalates: command.escalates ?? null, sourceAddress };
}

async function whyNotNow(tx: Transaction, command: BreakGlassCommand, breaking: Breaking) {
  if (!(await stillHolds(tx, command.actor.personId, holdersOf("break-glass:use")))) return refuse("no-role");
  const about = { identityId: breaking.identityId, entitlementId: breaking.entitlementId };
  const waiting = await tx.breakGlass.findFirst({ where: { ...about, state: "waiting" }, select: { id: true, number: true } });
  if (waiting) return refuse("already-waiting", { number: waiting.number, breakGlassId: waiting.id });
  const unused = await tx.breakGlass.findFirst({
    where: { ...about, personId: command.actor.personId, state: "open", request: { grants: { some: { state: { in: ["ready", "issuing"] } } } } },
    select: { id: true, number: true },
  });
  if (unused) return refuse("already-open", { number: unused.number, breakGlassId: unused.id });
  return breaking.escalates === null ? null : whyNotEscalate(tx, breaking);
}

/** A request is escalated by whoever asked, for the same thing, while it waits. */
async function whyNotEscalate(tx: Transaction, { escalates, personId, identityId, entitlementId }: Breaking) {
  const request = await tx.request.findUnique({
    where: { id: escalates ?? "" },
    select: { state: true, requesterId: true, identityId: true, entitlements: { select: { entitlementId: true } } },
  });
  const isSame = request?.identityId === identityId && request.entitlements.length === 1 && request.entitlements[0]?.entitlementId === entitlementId;
  return request?.state === "pending" && request.requesterId === personId && isSame ? null : refuse("not-escalatable");
}

async function refuseBreaking<Code extends string>(tx: Transaction, command: BreakGlassCommand, refusal: { readonly ok: false; readonly code: Code; readonly detail?: Readonly<Record<string, string | number>> }, now: Date) {
  const known = refusal.code !== "unknown-identity" && refusal.code !== "unknown-entitlement";
  const { identityId, entitlementId, escalates } = command;
  await appendEvent(tx, {
    type: "break-glass.refused",
    at: now,
    actor: command.actor,
    subjects: known ? { identity: identityId, entitlement: entitlementId, ...(escalates === undefined || refusal.code === "not-escalatable" ? {} : { request: escalates }) } : {},
    data: { identityId: known ? identityId : null, entitlementId: known ? entitlementId : null, code: refusal.code },
    clear: { reason: command.reason },
    demo: command.demo ?? false,
  });
  return refusal;
}

async function keep(tx: Transaction, command: BreakGlassCommand, judged: Judged, { proofId, now }: { readonly proofId: string; readonly now: Date }): Promise<Broken> {
  const { allowed, answer, side, skipped, openDebts } = judged;
  const excluded = new Set(side.map(({ personId }) => personId));
  const seconds = allowed.secondWithinSeconds === null ? [] : await readSeconds(tx, skipped, [...excluded]);
  const waits = allowed.secondWithinSeconds !== null && seconds.length > 0;
  const id = newId();
  await tx.breakGlass.create({
    data: {
      id,
      personId: command.actor.personId,
      identityId: command.identityId,
      entitlementId: command.entitlementId,
      requestId: command.escalates ?? newId(),
      escalated: command.escalates !== undefined,
      incident: command.incident,
      incidentCheck: command.incidentCheck,
      reason: command.reason,
      durationSeconds: command.durationSeconds,
      state: "waiting",
      basis: allowed.basis,
      entryId: judged.entryId,
      flags: [...allowed.flags],
      policy: storedAnswerOf(answer),
      debtSeconds: allowed.debtSeconds,
      debtSize: 1,
      proofId,
      askedAt: now,
      secondDueAt: waits ? new Date(now.getTime() + (allowed.secondWithinSeconds ?? 0) * 1_000) : null,
      idempotencyKey: command.idempotencyKey,
      sourceAddress: command.sourceAddress,
      demo: command.demo ?? false,
      people: {
        create: [
          ...side.map(({ personId, why }) => ({ personId, part: "side", why })),
          ...skipped.map((personId) => ({ personId, part: "skipped", why: "a request would have asked them" })),
          ...(waits ? seconds.map((personId) => ({ personId, part: "second", why: "asked" })) : []),
        ],
      },
    },
  });
  const glass = await lockBreakGlass(tx, id);
  if (!glass) throw new TypeError("what was just written is there");
  await sayAsked(tx, glass, command, now);
  await recordAnswer(tx, answer, { moment: "request", subjects: subjectsOfGlass(glass), actor: command.actor, now, demo: glass.demo });
  if (waits) {
    await askSeconds(tx, glass, now);
    return { breakGlassId: id, requestId: glass.requestId, state: "waiting" };
  }
  const flags = allowed.secondWithinSeconds === null ? [] : (["nobody-to-ask"] as const);
  return { breakGlassId: id, requestId: glass.requestId, state: await openGlass(tx, glass, { actor: command.actor, now, flags, openDebts }) };
}

/** Who can be the second person: those passed over, else whoever keeps watch over emergencies; never the asking side. */
async function readSeconds(tx: Transaction, skipped: readonly string[], side: readonly string[]): Promise<string[]> {
  const near = skipped.filter((id) => !side.includes(id));
  return near.length > 0 ? near : readHolders(tx, holdersOf("break-glass:second"), side);
}

function sayAsked(tx: Transaction, glass: LockedBreakGlass, command: BreakGlassCommand, now: Date): Promise<void> {
  return appendEvent(tx, {
    type: "break-glass.asked",
    at: now,
    actor: command.actor,
    subjects: subjectsOfGlass(glass),
    data: {
      breakGlassId: glass.id,
      incident: glass.incident,
      incidentCheck: glass.incidentCheck,
      basis: glass.basis,
      entryId: glass.entryId,
      durationSeconds: glass.durationSeconds,
      flags: glass.flags,
      secondAsked: glass.asked,
      secondDueAt: glass.secondDueAt?.toISOString() ?? null,
      proofId: glass.proofId,
    },
    clear: { reason: command.reason },
    demo: glass.demo,
  });
}

async function askSeconds(tx: Transaction, glass: LockedBreakGlass, now: Date): Promise<void> {
  await notify(tx, now, {
    kind: "break-glass-used",
    people: glass.asked,
    subjects: subjectsOfGlass(glass),
    link: `/break-glass/${glass.id}`,
    words: {
      who: glass.person.name, identity: glass.identity.name, entitlement: glass.entitlement.name, system: glass.entitlement.system.name,
      what: ["You are asked to be the second person. Without an answer it runs alone", ...sayFlags(glass.flags)].join(" · "),
    },
    isUrgent: true,
    cause: `${glass.id}:second`,
    demo: glass.demo,
  });
}

/** Takes back what still waits for a second person; only whoever asked. */
export function withdrawBreakGlass(command: { readonly actor: PersonActor; readonly breakGlassId: string; readonly clock?: Clock }): Promise<Result<{ state: "withdrawn" }, "unknown-break-glass" | "not-yours" | "not-waiting">> {
  const clock = command.clock ?? databaseClock;
  return inTransaction(async (tx) => {
    const glass = await lockBreakGlass(tx, command.breakGlassId);
    if (!glass) return refuse("unknown-break-glass");
    if (glass.personId !== command.actor.personId) return refuse("not-yours");
    if (glass.state !== "waiting") return refuse("not-waiting", { state: glass.state });
    const now = await clock.now(tx);
    await tx.breakGlass.update({ where: { id: glass.id }, data: { state: "withdrawn", closedAt: now } });
    await appendEvent(tx, { type: "break-glass.withdrawn", at: now, actor: command.actor, subjects: subjectsOfGlass(glass), data: { breakGlassId: glass.id }, demo: glass.demo });
    return ok({ state: "withdrawn" as const });
  }, clock);
}

