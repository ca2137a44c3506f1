import "server-only";
import { db } from "@/lib/db/client";
import type { CappedCount } from "@/lib/platform/format";
import { readTally } from "../data";
import { idealOpen, mayTellTogether, paceOf, type Pace } from "../rules";
import { decisions, type Decision } from "../types";
import type { BurndownPoint, PersonProgress } from "./types";

const dayMs = 86_400_000;
/** Days that a burndown draws at most; a longer review is drawn at its end. */
const mostDays = 400;
const mostPeople = 50;

/** How often each decision was taken in a review. */
export async function readDecisions(reviewId: string): Promise<{ decision: Decision; count: number }[]> {
  const rows = await db.reviewOutcome.groupBy({ by: ["decision"], where: { item: { reviewId } }, _count: true });
  return decisions.flatMap((decision) => {
    const count = rows.find((row) => row.decision === decision)?._count ?? 0;
    return count > 0 ? [{ decision, count }] : [];
  });
}

/** How promised rotations and narrowings stand. */
export async function readFollowUps(reviewId: string): Promise<{ open: number; overdue: number; said: number; done: number }> {
  const rows = await db.reviewOutcome.groupBy({ by: ["follow"], where: { item: { reviewId }, follow: { not: null } }, _count: true });
  const of = (follow: string) => rows.find((row) => row.follow === follow)?._count ?? 0;
  return { open: of("open"), overdue: of("overdue"), said: of("said"), done: of("done") };
}

type Span = { readonly startedAt: Date; readonly dueAt: Date; readonly endedAt: Date; readonly total: number };

/** Items that were undecided at the end of each day (UTC), from the start to the due date or today, whichever is later. */
export async function readBurndown(reviewId: string, { startedAt, dueAt, endedAt, total }: Span): Promise<BurndownPoint[]> {
  const closed = await db.$queryRaw<{ day: string; count: number }[]>`
    select to_char(coalesce(o.decided_at, t.closed_at) at time zone 'UTC', 'YYYY-MM-DD') as day, count(*)::int as count
    from review_items t left join review_outcomes o on o.item_id = t.id
    where t.review_id = ${reviewId}::uuid and t.state in ('decided', 'void') group by 1`;
  const byDay = new Map(closed.map(({ day, count }) => [day, count]));
  const first = Math.floor(startedAt.getTime() / dayMs);
  const last = Math.max(Math.floor(dueAt.getTime() / dayMs), Math.floor(endedAt.getTime() / dayMs));
  const today = Math.floor(endedAt.getTime() / dayMs);
  let open = total;
  const points: BurndownPoint[] = [];
  for (let day = first; day <= last; day++) {
    const name = new Date(day * dayMs).toISOString().slice(0, 10);
    open -= byDay.get(name) ?? 0;
    const end = new Date((day + 1) * dayMs - 1);
    points.push({ day: name, open: day > today ? null : open, ideal: idealOpen(total, { startedAt, dueAt }, end) });
  }
  return points.slice(-mostDays);
}

/** Who is asked and how much of it is open, the most open first. */
export async function readPeople(reviewId: string): Promise<{ rows: PersonProgress[]; total: CappedCount }> {
  const rows = await db.$queryRaw<PersonProgress[]>`
    select p.id, p.name, count(*)::int as asked, count(*) filter (where t.state in ('open', 'missed'))::int as open
    from review_items t join review_reviewers v on v.item_id = t.id and v.is_asked join people p on p.id = v.person_id
    where t.review_id = ${reviewId}::uuid group by p.id, p.name order by 4 desc, 2, 1 limit ${mostPeople + 1}::int`;
  return { rows: rows.slice(0, mostPeople), total: { count: Math.min(rows.length, mostPeople), capped: rows.length > mostPeople } };
}

/** How fast and how one-sidedly was decided: everybody together, and by one person themselves. Nobody else's own figures are read. */
export async function readPaces(reviewId: string, personId: string): Promise<{ together: Pace | null; own: Pace | null }> {
  const [all, own] = await Promise.all([readTally(db, reviewId, null), readTally(db, reviewId, personId)]);
  return { together: mayTellTogether(all) ? paceOf(all) : null, own: own.decided > 0 ? paceOf(own) : null };
}
