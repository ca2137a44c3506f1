import "server-only";
import { Prisma } from "@/lib/db/generated/client";
import type { ExportRun } from "./run";

const { sql, raw } = Prisma;

/** A count with what it counts. */
export type Counted = { readonly label: string; readonly value: number };
/** Seconds below which so many per cent lie; null where there is nothing to measure. */
export type Spread = { readonly p50: number | null; readonly p90: number | null; readonly p99: number | null; readonly count: number };
/** What the report draws. */
export type Figures = {
  readonly issued: readonly Counted[];
  readonly step: "day" | "week" | "month";
  readonly toDecide: Spread;
  readonly toProve: Spread;
  readonly proofTimes: readonly Counted[];
  readonly proofMethods: readonly Counted[];
  readonly systems: readonly Counted[];
};

const nothing: Spread = { p50: null, p90: null, p99: null, count: 0 };
const proofSteps = [["within 1 s", 1], ["1 to 5 s", 5], ["5 to 30 s", 30], ["30 s to 5 min", 300], ["over 5 min", null]] as const;

function stepOf(days: number): Figures["step"] {
  if (days <= 31) return "day";
  return days <= 200 ? "week" : "month";
}

const spreadOf = (seconds: Prisma.Sql, name: string) => sql`
  percentile_cont(0.5) within group (order by ${seconds}) as ${raw(`${name}_p50`)}, percentile_cont(0.9) within group (order by ${seconds}) as ${raw(`${name}_p90`)},
  percentile_cont(0.99) within group (order by ${seconds}) as ${raw(`${name}_p99`)}, count(${seconds})::int as ${raw(`${name}_count`)}`;

/** Counts over all rows of an export, for its charts. */
export async function readFigures(run: ExportRun): Promise<Figures> {
  const { requests } = run.evidence;
  if (!requests) return { issued: [], step: "day", toDecide: nothing, toProve: nothing, proofTimes: [], proofMethods: [], systems: [] };
  const { from, where } = requests;
  const [span] = await run.query<{ days: number | null }>(sql`select extract(epoch from max(g.activated_at) - min(g.activated_at))::float8 / 86400 as days from ${from} where ${where}`);
  const step = stepOf(span?.days ?? 0);
  // Each step of the span, those without an issue too: a gap is seen as one.
  const issued = await run.query<Counted>(sql`
    with k as (select date_trunc(${step}::text, g.activated_at at time zone 'UTC') as at from ${from} where ${where} and g.activated_at is not null),
      c as (select at, count(*)::int as n from k group by at)
    select to_char(d.at, ${step === "month" ? "YYYY-MM" : "YYYY-MM-DD"}::text) as label, coalesce(c.n, 0) as value
    from generate_series((select min(at) from c), (select max(at) from c), ('1 ' || ${step}::text)::interval) as d(at) left join c on c.at = d.at order by d.at`);
  const decide = sql`case when r.state in ('approved', 'denied') and exists (select from votes v where v.request_id = r.id) then extract(epoch from r.decided_at - r.submitted_at) end`;
  const prove = sql`extract(epoch from g.proven_at - g.ending_at)`;
  const [spread] = await run.query<Record<string, number | null>>(sql`select ${spreadOf(decide, "decide")}, ${spreadOf(prove, "prove")} from ${from} where ${where}`);
  const steps = proofSteps.map(([, most], index) => {
    const least = proofSteps[index - 1]?.[1] ?? -1;
    return sql`count(*) filter (where ${prove} > ${least}::float8 and ${most === null ? sql`true` : sql`${prove} <= ${most}::float8`})::int as ${raw(`s${index}`)}`;
  });
  const [times] = await run.query<Record<string, number>>(sql`select ${Prisma.join(steps, ", ")} from ${from} where ${where}`);
  const top = (expression: string, condition: string) => run.query<Counted>(sql`
    select ${raw(expression)} as label, count(*)::int as value from ${from} join systems s on s.id = e.system_id where ${where} and ${raw(condition)} group by 1 order by 2 desc, 1 limit 12`);
  return {
    issued, step,
    toDecide: spread ? spreadFrom(spread, "decide") : nothing,
    toProve: spread ? spreadFrom(spread, "prove") : nothing,
    proofTimes: proofSteps.map(([label], index) => ({ label, value: times?.[`s${index}`] ?? 0 })),
    proofMethods: await top("coalesce(g.proof ->> 'strength', 'not recorded')", "g.proven_at is not null"),
    systems: await top("s.name", "g.activated_at is not null"),
  };
}

function spreadFrom(row: Readonly<Record<string, number | null>>, name: string): Spread {
  const at = (key: string) => row[`${name}_${key}`] ?? null;
  return { p50: at("p50"), p90: at("p90"), p99: at("p99"), count: at("count") ?? 0 };
}
