import "server-only";
import type { Actor, PersonActor } from "@/lib/auth/actor";
import { databaseClock, inTransaction, type Clock, type Transaction } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import { lockAdministrators } from "@/lib/people/roles";
import { notify, settleNotices } from "@/lib/notifications/telling";
import { newId } from "@/lib/platform/ids";
import { ok, refuse, type Result } from "@/lib/platform/result";
import { lockProposal, type LockedProposal } from "./data";
import { kindOf } from "./kinds";
import { needsSecond, proposalLastsSeconds, whyNotConfirm, whyNotReject } from "./rules";
import type { ConfirmRefusal, ProposalKind, ProposalState, ProposalSubjects, ProposeRefusal } from "./types";

type Proposing = {
  readonly kind: ProposalKind;
  /** Parsed by the kind's schema; throws where it does not fit. */
  readonly payload: Readonly<Record<string, string | number | boolean | null>>;
  /** What the events are about; a `person` in it cannot confirm it. */
  readonly subjects: ProposalSubjects;
  readonly actor: PersonActor;
};

/** What became of it: done at once by the only administrator, or waiting for another one. */
export type Proposed = { readonly state: "applied" } | { readonly state: "waiting"; readonly proposalId: string };

/** Keys in order, so that the same payload is the same text. */
function keyOf(kind: string, payload: Proposing["payload"]): string {
  const entries = Object.entries(payload).sort(([a], [b]) => (a < b ? -1 : 1));
  return `${kind}:${JSON.stringify(entries)}`;
}

const subjectsOf = (proposal: Pick<LockedProposal, "id" | "subjects">) => ({ ...proposal.subjects, proposal: proposal.id });

/**
 * Proposes a dangerous change in the caller's transaction. While there is one administrator it is done at once and the event
 * says so; from the second one on it waits until another one confirms it. Call it after everything else was checked.
 */
export async function propose(tx: Transaction, now: Date, { kind, payload, subjects, actor }: Proposing): Promise<Result<Proposed, string | ProposeRefusal>> {
  const parsed = kindOf(kind).parse(payload) as Proposing["payload"];
  const administrators = await lockAdministrators(tx);
  if (!administrators.includes(actor.personId)) return refuse("no-longer-administrator");
  if (!needsSecond(administrators, actor.personId)) {
    const applied = await kindOf(kind).apply(tx, parsed, { actor, now });
    if (!applied.ok) return applied;
    await appendEvent(tx, { type: "proposal.applied-alone", at: now, actor, subjects, data: { kind } });
    return ok({ state: "applied" });
  }
  const id = newId();
  const key = keyOf(kind, parsed);
  const decideBefore = new Date(now.getTime() + proposalLastsSeconds * 1_000);
  const inserted = await tx.$queryRaw<{ id: string }[]>`
    insert into proposals (id, kind, payload, subjects, key, state, proposed_by_id, proposed_at, decide_before)
    values (${id}::uuid, ${kind}, ${JSON.stringify(parsed)}::jsonb, ${JSON.stringify(subjects)}::jsonb, ${key}, 'waiting',
      ${actor.personId}::uuid, ${now}, ${decideBefore})
    on conflict (key) where state = 'waiting' do nothing returning id`;
  if (inserted.length === 0) return refuse("already-proposed");
  await appendEvent(tx, {
    type: "proposal.made",
    at: now,
    actor,
    subjects: subjectsOf({ id, subjects }),
    data: { kind, decideBefore: decideBefore.toISOString() },
  });
  await notify(tx, now, {
    kind: "proposal-waiting", people: administrators.filter((other) => other !== actor.personId && other !== subjects.person), subjects: { proposal: id }, link: "/people",
    words: { who: actor.name, what: (await kindOf(kind).say(parsed)).sentence, until: decideBefore.toISOString() },
  });
  return ok({ state: "waiting", proposalId: id });
}

type Deciding = { readonly proposalId: string; readonly actor: PersonActor };

async function settle(tx: Transaction, proposal: LockedProposal, state: Exclude<ProposalState, "waiting">, by: { actor: Actor; now: Date }): Promise<void> {
  const decidedById = by.actor.kind === "person" ? by.actor.personId : null;
  // What was needed to do it is needed no more; it may hold sealed accounts, of a server that was refused too.
  await tx.proposal.update({ where: { id: proposal.id }, data: { state, decidedById, decidedAt: by.now, payload: {}, key: proposal.id } });
  await settleNotices(tx, by.now, { about: { proposal: proposal.id } });
}

/** Confirms a proposal and does it, in one transaction. Whoever proposed it, and whoever it is about, cannot. */
export async function confirmProposal(tx: Transaction, now: Date, { proposalId, actor }: Deciding): Promise<Result<{ state: "confirmed" }, ConfirmRefusal | string>> {
  const administrators = await lockAdministrators(tx);
  const proposal = await lockProposal(tx, proposalId);
  if (!proposal) return refuse("unknown-proposal");
  const code = whyNotConfirm(proposal, { actorId: actor.personId, administrators, now });
  if (code) {
    if (code === "proposer-no-longer-administrator") await lapse(tx, proposal, code, now);
    return refuse(code);
  }
  const applied = await kindOf(proposal.kind).apply(tx, proposal.payload, { actor, now });
  if (!applied.ok) {
    await lapse(tx, proposal, applied.code, now);
    return refuse(applied.code, applied.detail);
  }
  await settle(tx, proposal, "confirmed", { actor, now });
  const data = { kind: proposal.kind, proposedById: proposal.proposedById };
  await appendEvent(tx, { type: "proposal.confirmed", at: now, actor, subjects: subjectsOf(proposal), data });
  return ok({ state: "confirmed" });
}

/** Rejects a proposal; one's own is taken back. Nothing of it was done. */
export async function rejectProposal(tx: Transaction, now: Date, { proposalId, actor }: Deciding): Promise<Result<{ state: "rejected" | "withdrawn" }, ConfirmRefusal>> {
  const administrators = await lockAdministrators(tx);
  const proposal = await lockProposal(tx, proposalId);
  if (!proposal) return refuse("unknown-proposal");
  const code = whyNotReject(proposal, { actorId: actor.personId, administrators, now });
  if (code) return refuse(code);
  const state = proposal.proposedById === actor.personId ? "withdrawn" : "rejected";
  await settle(tx, proposal, state, { actor, now });
  await appendEvent(tx, { type: `proposal.${state}`, at: now, actor, subjects: subjectsOf(proposal), data: { kind: proposal.kind } });
  return ok({ state });
}

async function lapse(tx: Transaction, proposal: LockedProposal, why: string, now: Date): Promise<void> {
  const actor: Actor = { kind: "system", process: "worker" };
  await settle(tx, proposal, "lapsed", { actor, now });
  await appendEvent(tx, { type: "proposal.lapsed", at: now, actor, subjects: subjectsOf(proposal), data: { kind: proposal.kind, why } });
}

/** Proposals that nobody decided in time lapse; answers how many. */
export function lapseProposals(most = 200, clock: Clock = databaseClock): Promise<number> {
  return inTransaction(async (tx, now) => {
    const rows = await tx.$queryRaw<{ id: string }[]>`
      select id from proposals where state = 'waiting' and decide_before <= ${now}::timestamptz
      order by decide_before limit ${most}::int for update skip locked`;
    for (const { id } of rows) {
      const proposal = await lockProposal(tx, id);
      if (proposal) await lapse(tx, proposal, "not-decided-in-time", now);
    }
    return rows.length;
  }, clock);
}

/** One administrator's answer to what another one proposed. */
export function decideProposal({ answer, ...deciding }: Deciding & { readonly answer: "confirm" | "reject" }): Promise<Result<{ state: ProposalState }, ConfirmRefusal | string>> {
  return inTransaction(async (tx, now): Promise<Result<{ state: ProposalState }, ConfirmRefusal | string>> =>
    answer === "confirm" ? confirmProposal(tx, now, deciding) : rejectProposal(tx, now, deciding),
  );
}
