import "server-only";
import type { Actor, PersonActor } from "@/lib/auth/actor";
import { databaseClock, inTransaction, type Clock, type Transaction } from "@/lib/db/transaction";
import { closeFinding, openFinding } from "@/lib/findings/mutations";
import { appendEvent } from "@/lib/ledger/append";
import { ok, refuse, type Result } from "@/lib/platform/result";
import { findSecrets } from "@/lib/platform/secret-scan";
import { isOnSide, parsePromise } from "./data";
import { detailsSchema } from "./facts-schema";
import { followUpOf, whyNotSay, type SayRefusal } from "./rules";
import { decisions, type Decision } from "./types";

const worker: Actor = { kind: "system", process: "worker" };

/** Follow-ups that one transaction looks after. */
const batch = 100;

/** Looks whether what was decided to be rotated or narrowed was seen done, or is overdue. */
export function lookAtFollowUps(clock: Clock = databaseClock): Promise<number> {
  return inTransaction(async (tx, now) => {
    const rows = await tx.$queryRaw<FollowRow[]>`
      select o.item_id, o.identity_id, i.name, o.decision, o.decided_at, o.until, o.details, o.follow, t.review_id, r.demo
      from review_outcomes o join review_items t on t.id = o.item_id join reviews r on r.id = t.review_id join identities i on i.id = o.identity_id
      where o.follow in ('open', 'overdue', 'said')
        and (i.vanished_at is not null or (o.follow = 'open' and o.until <= ${now}::timestamptz)
          or (o.decision = 'rotate' and not exists (select from credentials c
            where c.identity_id = o.identity_id and c.first_seen_at <= o.decided_at and c.vanished_at is null and c.is_enabled
              and greatest(c.rotated_at, c.created_at, '-infinity') <= o.decided_at))
          or (o.decision = 'narrow' and not exists (select from assignments a
            where a.id in (select jsonb_array_elements_text(o.details -> 'assignmentIds')::uuid) and a.ended_at is null)))
      order by o.until limit ${batch}::int for update of o skip locked`;
    let moved = 0;
    for (const row of rows) moved += await followOne(tx, row, now);
    return moved;
  }, clock);
}

type FollowRow = { item_id: string; identity_id: string; name: string; decision: string; decided_at: Date; until: Date | null; details: unknown; follow: string; review_id: string; demo: boolean };

async function followOne(tx: Transaction, row: FollowRow, now: Date): Promise<number> {
  const decision = decisions.find((known) => known === row.decision);
  if (!decision) return 0;
  const { assignmentIds = [] } = detailsSchema.parse(row.details);
  // A credential that came after the decision is none that was to be rotated.
  const credentials = await tx.credential.findMany({ where: { identityId: row.identity_id, firstSeenAt: { lte: row.decided_at } }, select: { rotatedAt: true, createdAt: true, vanishedAt: true, isEnabled: true }, take: 500 });
  const assignments = await tx.assignment.findMany({ where: { id: { in: [...assignmentIds] } }, select: { endedAt: true } });
  const state = followUpOf({ decision, decidedAt: row.decided_at, until: row.until, credentials, assignments }, now);
  // What somebody said keeps standing until it is seen: neither proven nor overdue.
  if (state === null || state === "open" || state === row.follow || (row.follow === "said" && state !== "done")) return 0;
  await tx.reviewOutcome.update({ where: { itemId: row.item_id }, data: { follow: state, followDoneAt: state === "done" ? now : null } });
  await appendEvent(tx, {
    type: "review.follow-up", at: now, actor: worker, subjects: { review: row.review_id, identity: row.identity_id }, data: { itemId: row.item_id, decision, state }, demo: row.demo,
  });
  const key = overdueKey(row.item_id);
  if (state === "done") await closeFinding(tx, { key, actor: worker, now });
  else await openOverdue(tx, row, decision, now);
  return 1;
}

const overdueKey = (itemId: string) => `promise-overdue:${itemId}`;

async function openOverdue(tx: Transaction, row: FollowRow, decision: Decision, now: Date): Promise<void> {
  const promised = decision === "rotate" ? "the rotation" : "the narrowing";
  await openFinding(tx, {
    kind: "promise-overdue",
    key: overdueKey(row.item_id),
    title: `${row.name}: ${promised} promised in a review${row.until ? ` by ${row.until.toISOString().slice(0, 10)}` : ""} was not seen`,
    detail: { itemId: row.item_id, reviewId: row.review_id, decision },
    subjects: { identityId: row.identity_id },
    actor: worker,
    now,
  });
}

type Saying = { readonly actor: PersonActor; readonly itemId: string; readonly reason: string; readonly where: string; readonly clock?: Clock };

/**
 * Somebody who answers for an identity says that its promised rotation was done where Curfew cannot see it. It is kept as said,
 * never as seen, with where it can be checked; the finding that it is overdue closes, since somebody has answered.
 */
export async function sayRotated({ actor, itemId, reason, where, clock = databaseClock }: Saying): Promise<Result<{ follow: "said" }, SayRefusal | "secret-in-text">> {
  const scan = await findSecrets(`${reason}\n${where}`);
  if (scan.found) return refuse("secret-in-text", { kinds: scan.kinds.join(", ") });
  return inTransaction(async (tx, now) => {
    await tx.$queryRaw`select item_id from review_outcomes where item_id = ${itemId}::uuid for update`;
    const row = await tx.reviewOutcome.findUnique({
      where: { itemId },
      select: {
        decision: true, follow: true, item: { select: { review: { select: { id: true, demo: true } } } },
        identity: { select: { id: true, ownerId: true, sponsorId: true, backupId: true } },
      },
    });
    const code = whyNotSay({ outcome: row ? parsePromise(row) : null, isOnSide: row !== null && isOnSide(row.identity, actor.personId) });
    if (code || !row) return refuse(code ?? "unknown-item");
    await tx.reviewOutcome.update({ where: { itemId }, data: { follow: "said", saidAt: now, saidById: actor.personId, saidReason: reason, saidWhere: where } });
    const { identity, item: { review } } = row;
    await appendEvent(tx, {
      type: "review.said-rotated", at: now, actor, subjects: { review: review.id, identity: identity.id }, data: { itemId, wasOverdue: row.follow === "overdue" },
      clear: { reason, where }, demo: review.demo,
    });
    await closeFinding(tx, { key: overdueKey(itemId), actor, now });
    return ok({ follow: "said" as const });
  }, clock);
}
