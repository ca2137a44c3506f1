import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { db } from "@/lib/db/client";
import { databaseClock, inTransaction, type Clock, type Transaction } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import { env } from "@/lib/platform/env";
import { newId } from "@/lib/platform/ids";
import { enqueue } from "@/lib/worker/enqueue";
import { countAsked, freezeOne } from "./population";
import { microDays } from "./rules";
import { reviewerRoles, triggers, type Trigger } from "./types";

const worker: Actor = { kind: "system", process: "worker" };
/** Identities that one turn looks at. */
const mostLookedAt = 1_000;

/** What a review froze of what an identity holds; beyond it nobody can say what is new. */
const mostHeld = 100;

/** How far a walk over changed identities has come. */
export type Place = { readonly at: Date; readonly id: string };

/**
 * Walks over identities whose facts were computed anew since a place (whatever changes asks for that, and each is computed
 * once a day at least) and starts a micro-review wherever something asks for one. Answers where to go on, and what it started.
 */
export async function walkTriggers(from: Place | null, clock: Clock = databaseClock): Promise<{ place: Place | null; looked: number; started: number }> {
  const now = await clock.now(db);
  const since = from ?? { at: new Date(now.getTime() - 86_400_000), id: "00000000-0000-0000-0000-000000000000" };
  const rows = await db.$queryRaw<{ id: string; scored_at: Date }[]>`
    select id, scored_at from identities
    where scored_at >= ${since.at}::timestamptz and (scored_at, id) > (${since.at}::timestamptz, ${since.id}::uuid)
    order by scored_at, id limit ${mostLookedAt}::int`;
  const last = rows.at(-1);
  const started = await startTriggered(rows.map(({ id }) => id), clock);
  return { place: last ? { at: last.scored_at, id: last.id } : from, looked: rows.length, started };
}

/** Starts the micro-reviews that these identities ask for now; answers how many. Called again, it starts nothing more. */
export async function startTriggered(ids: readonly string[], clock: Clock = databaseClock): Promise<number> {
  if (ids.length === 0) return 0;
  const candidates = await readCandidates(ids, await clock.now(db));
  let started = 0;
  for (const candidate of candidates) started += (await inTransaction((tx, now) => startMicro(tx, candidate, now), clock)) ? 1 : 0;
  return started;
}

type Candidate = { readonly identity_id: string; readonly name: string; readonly trigger: string; readonly trigger_at: Date; readonly demo: boolean };

/**
 * What asks for a review: a new owner after somebody left, more or more sensitive standing access than at the last decision,
 * use after long silence, a credential beyond the age that policy allows. Left out is what was decided since and still
 * holds, what is being asked already, and what was cancelled.
 */
function readCandidates(ids: readonly string[], now: Date): Promise<Candidate[]> {
  return db.$queryRaw<Candidate[]>`
    with about as (
      select i.*, o.decided_at, o.risk as decided_risk, o.holdings as decided_holdings from identities i
      left join lateral (
        select x.decided_at, t.risk, array(select h ->> 'entitlementId' from jsonb_array_elements(t.facts -> 'entitlements') h) as holdings from review_outcomes x join review_items t on t.id = x.item_id where x.identity_id = i.id order by x.decided_at desc limit 1
      ) o on true
      where i.id = any(${[...ids]}::uuid[]) and i.vanished_at is null and i.state not in ('offboarded', 'suspended')
    ), asks as (
      select id, 'woke' as trigger, woke_at as trigger_at from about where woke_at is not null
      union all
      select a.id, 'owner-left', h.ended_at from about a
        join lateral (select max(ended_at) as ended_at from hand_overs where identity_id = a.id and state = 'accepted' and place = 'owner') h on h.ended_at is not null
      union all
      select a.id, 'credential-old', c.old_at from about a
        join lateral (
          select max(coalesce(rotated_at, created_at, first_seen_at) + make_interval(days => ${env.reviewCredentialDays}::int)) as old_at from credentials
          where identity_id = a.id and vanished_at is null and is_enabled
            and coalesce(rotated_at, created_at, first_seen_at) < ${now}::timestamptz - make_interval(days => ${env.reviewCredentialDays}::int)
        ) c on c.old_at is not null
      union all
      select a.id, 'scope-grew', g.grew_at from about a
        join lateral (
          select case when max(array_position(array['low', 'medium', 'high', 'critical'], e.sensitivity)) > a.decided_risk then ${now}::timestamptz
            else max(greatest(s.first_seen_at, a.decided_at + interval '1 millisecond')) filter (where not s.entitlement_id::text = any(a.decided_holdings)) end as grew_at
          from assignments s join entitlements e on e.id = s.entitlement_id where s.identity_id = a.id and s.kind = 'standing' and s.ended_at is null
        ) g on g.grew_at is not null
        where a.decided_at is not null and cardinality(a.decided_holdings) < ${mostHeld}::int
    )
    select k.id as identity_id, a.name, k.trigger, k.trigger_at, a.demo from asks k join about a on a.id = k.id
    where not exists (select from reviews r where r.identity_id = k.id and r.kind = 'micro' and r.trigger = k.trigger and (r.state in ('preparing', 'running') or (r.state = 'cancelled' and r.trigger_at >= k.trigger_at)))
      and not exists (select from review_items t join reviews r on r.id = t.review_id
        where t.identity_id = k.id and t.state in ('open', 'missed') and r.state in ('preparing', 'running', 'decided') and r.started_at >= k.trigger_at)
      and not exists (select from review_outcomes o where o.identity_id = k.id and o.decided_at >= k.trigger_at
        and (o.until is null or o.until > ${now}::timestamptz or o.follow in ('open', 'overdue')))
    order by k.trigger_at limit 200`;
}

const words = {
  "owner-left": "its owner left",
  "scope-grew": "it can do more",
  woke: "used after long silence",
  "credential-old": "an old credential",
} as const satisfies Record<Trigger, string>;

async function startMicro(tx: Transaction, candidate: Candidate, now: Date): Promise<boolean> {
  const trigger = triggers.find((known) => known === candidate.trigger);
  if (!trigger) return false;
  const id = newId();
  const identityId = candidate.identity_id;
  const dueAt = new Date(now.getTime() + microDays * 86_400_000);
  const name = `${candidate.name}: ${words[trigger]}`;
  // The partial unique index answers two workers at once; Prisma cannot say "on conflict do nothing" for one.
  const made = await tx.$executeRaw`
    insert into reviews (id, kind, trigger, trigger_at, identity_id, name, reviewers, on_missed, state, started_at, due_at, item_count, open_count, demo)
    values (${id}::uuid, 'micro', ${trigger}, ${candidate.trigger_at}::timestamptz, ${identityId}::uuid, ${name}, ${[...reviewerRoles]}::text[], 'escalate', 'preparing',
      ${now}::timestamptz, ${dueAt}::timestamptz, 1, 1, ${candidate.demo})
    on conflict do nothing`;
  if (made === 0) return false;
  const items = await freezeOne(tx, { reviewId: id, identityId, reviewers: reviewerRoles, now });
  const { people, unaskable } = await countAsked(tx, id);
  if (items === 0 || people === 0) {
    await tx.reviewItem.deleteMany({ where: { reviewId: id } });
    await tx.review.delete({ where: { id } });
    return false;
  }
  await appendEvent(tx, {
    type: "review.started", at: now, actor: worker, subjects: { review: id, identity: identityId },
    data: { kind: "micro", trigger, items, people, unaskable, reviewers: [...reviewerRoles], onMissed: "escalate", dueAt: dueAt.toISOString() }, clear: { name }, demo: candidate.demo,
  });
  await enqueue(tx, "prepare-review", { reviewId: id }, { key: `prepare-review:${id}` });
  return true;
}
