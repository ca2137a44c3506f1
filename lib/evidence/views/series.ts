import "server-only";
import * as z from "zod";
import { db } from "@/lib/db/client";
import { Prisma } from "@/lib/db/generated/client";
import { AppError } from "@/lib/platform/errors";
import { barsOf } from "../buckets";
import { queryOf, stretchSql } from "../query";
import type { EvidenceFilter } from "../schema";
import { bucketLimits, seriesKinds, spreadKinds, type EvidenceSeries, type SpreadKind, type TimeSpread } from "./series-types";

/** Figures are of the newest so many rows. */
const mostSeen = 10_000;

const { sql } = Prisma;

const daysSchema = z.array(z.object({ kind: z.enum(seriesKinds), day: z.string(), n: z.int() }));
const spreadsSchema = z.array(z.object({ kind: z.enum(spreadKinds), n: z.int(), p: z.tuple([z.number(), z.number(), z.number()]) }));
const bucketsSchema = z.array(z.object({ kind: z.enum(spreadKinds), bucket: z.int(), n: z.int() }));
const answerSchema = z.object({ total: z.int(), since: z.date().nullable(), asked: daysSchema, happened: daysSchema, spreads: spreadsSchema, buckets: bucketsSchema });

/**
 * The newest rows of the list's own query, so many that this takes no longer where there are more; and what became of each,
 * found row by row: so many rows are found sooner than tables are read that grow. One statement: all counts are of one moment.
 */
function seriesSql(filter: EvidenceFilter): Prisma.Sql {
  const days = (at: Prisma.Sql) => sql`(select coalesce(json_agg(d), '[]') from (select kind, to_char(${at} at time zone 'UTC', 'YYYY-MM-DD') as day, count(*)::int as n from marks group by 1, 2) d)`;
  return sql`
    with k as materialized (${stretchSql(queryOf(filter), { place: null, order: "desc", take: mostSeen + 1 })}),
    m as materialized (
      select n.asked_at, n.event_id, r.state, r.decided_at, r.was_voted_on, g.activated_at, g.first_use_at, g.last_use_at, g.ending_at, g.end_reason, g.proven_at
      from (select * from k order by asked_at desc, chain_id desc, id desc limit ${mostSeen}::int) n
      left join lateral (select x.state, x.decided_at, exists (select from votes v where v.request_id = x.id) as was_voted_on from requests x where x.id = n.request_id offset 0) r on true
      left join lateral (select y.activated_at, y.first_use_at, y.last_use_at, y.ending_at, y.end_reason, y.proven_at from grants y where y.id = n.grant_id offset 0) g on true),
    marks as materialized (
      select c.kind, m.asked_at, c.at from m cross join lateral (values
        ('asked', m.asked_at), ('turned-down', case when m.event_id is not null then m.asked_at when m.state = 'denied' then m.decided_at end),
        ('issued', m.activated_at), ('used', m.first_use_at), ('ended', m.ending_at), ('expired', case when m.end_reason = 'expired' then m.ending_at end), ('proven', m.proven_at)
      ) c(kind, at) where c.at is not null),
    lengths as materialized (
      select c.kind, extract(epoch from c.until - c.since)::float8 as seconds from m cross join lateral (values
        ('decide', m.asked_at, case when m.state in ('approved', 'denied') and m.was_voted_on then m.decided_at end),
        ('open', m.activated_at, m.ending_at), ('used', m.first_use_at, m.last_use_at), ('prove', m.ending_at, m.proven_at)
      ) c(kind, since, until) where c.until - c.since is not null)
    select (select count(*)::int from k) as total, (select min(asked_at) from m) as since, ${days(sql`asked_at`)} as asked, ${days(sql`at`)} as happened,
      (select coalesce(json_agg(s), '[]') from (select kind, count(*)::int as n, percentile_cont(array[0.5, 0.9, 0.99]) within group (order by seconds) as p from lengths group by kind) s) as spreads,
      (select coalesce(json_agg(b), '[]') from (select kind, width_bucket(seconds, ${`{${bucketLimits.join(",")}}`}::float8[]) as bucket, count(*)::int as n from lengths group by 1, 2) b) as buckets`;
}

/** What became of the rows that a filter leaves, over time, and how long it took. */
export async function readSeries(filter: EvidenceFilter): Promise<EvidenceSeries> {
  const [row] = await db.$queryRaw<unknown[]>(seriesSql(filter));
  const parsed = answerSchema.safeParse(row);
  if (!parsed.success) throw new AppError("integrity", "the series of the evidence is not what was asked for", { cause: parsed.error });
  const { total, since, asked, happened, spreads, buckets } = parsed.data;
  const spreadOf = (kind: SpreadKind): TimeSpread => {
    const found = spreads.find((spread) => spread.kind === kind);
    const [p50 = null, p90 = null, p99 = null] = found?.p ?? [];
    const counts = Array.from({ length: bucketLimits.length + 1 }, (_, at) => buckets.find((each) => each.kind === kind && each.bucket === at)?.n ?? 0);
    return { count: found?.n ?? 0, p50, p90, p99, buckets: counts };
  };
  return {
    counted: { count: Math.min(total, mostSeen), capped: total > mostSeen },
    since: since?.toISOString() ?? null,
    by: { asked: barsOf(asked), happened: barsOf(happened) },
    spreads: { decide: spreadOf("decide"), open: spreadOf("open"), used: spreadOf("used"), prove: spreadOf("prove") },
  };
}
