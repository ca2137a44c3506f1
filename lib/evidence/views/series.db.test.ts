import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { db } from "@/lib/db/client";
import { listEvidence } from "../data";
import { sceneOfChains } from "../exports/test-scene";
import { evidencePageSchema, filterParameters, readFilter, type EvidenceFilter } from "../schema";
import type { EvidenceRow } from "../types";
import { readSeries } from "./series";
import { bucketLimits, seriesKinds, type Bars, type SeriesKind, type TimeSpread } from "./series-types";

const dayMs = 86_400_000;
let made: Awaited<ReturnType<typeof sceneOfChains>>;
let identities: string[];

beforeAll(async () => {
  made = await sceneOfChains();
  // The chains began days apart; two of them have two grants, the later one issued again.
  let days = 0;
  for (const id of Object.values(made.made)) {
    days += 9;
    await db.$executeRaw`update requests set submitted_at = submitted_at - make_interval(days => ${days}::int), decided_at = decided_at - make_interval(days => ${days - 1}::int) where id = ${id}::uuid`;
    await db.$executeRaw`update grants set activated_at = activated_at - make_interval(days => ${days - 1}::int), first_use_at = first_use_at - make_interval(days => ${days - 2}::int),
      last_use_at = last_use_at - make_interval(days => ${days - 3}::int), ending_at = ending_at - make_interval(days => ${days - 4}::int), proven_at = proven_at - make_interval(days => ${days - 4}::int) where request_id = ${id}::uuid`;
  }
  identities = (await db.request.findMany({ where: { id: { in: Object.values(made.made) } }, select: { identityId: true } })).map(({ identityId }) => identityId);
});

/** Every row of the list, page by page, and the count that it says. */
async function listed(filter: EvidenceFilter): Promise<{ rows: EvidenceRow[]; count: number }> {
  const rows: EvidenceRow[] = [];
  for (let after: string | undefined; ; ) {
    const page = await listEvidence(filter, evidencePageSchema.parse({ after }));
    rows.push(...page.rows);
    if (page.next === null) return { rows, count: page.total?.count ?? -1 };
    after = page.next;
  }
}

const timesOf: Readonly<Record<SeriesKind, (row: EvidenceRow) => string | null>> = {
  asked: ({ askedAt }) => askedAt,
  "turned-down": ({ state, askedAt, decidedAt }) => (state === "refused" ? askedAt : state === "denied" ? decidedAt : null),
  issued: ({ issuedAt }) => issuedAt,
  used: ({ firstUseAt }) => firstUseAt,
  ended: ({ endedAt }) => endedAt,
  expired: ({ endReason, endedAt }) => (endReason === "expired" ? endedAt : null),
  proven: ({ provenAt }) => provenAt,
};

function expectBars({ bars }: Bars, rows: readonly EvidenceRow[], dayOf: (row: EvidenceRow, happened: string) => string): void {
  for (const kind of seriesKinds) {
    const days = rows.flatMap((row) => timesOf[kind](row) ?? []).length;
    expect(bars.reduce((sum, { counts }) => sum + counts[kind], 0)).toBe(days);
    for (const { from, to, counts } of bars) {
      const inside = rows.filter((row) => {
        const happened = timesOf[kind](row);
        const day = happened === null ? null : dayOf(row, happened).slice(0, 10);
        return day !== null && from <= day && day <= to;
      });
      expect(counts[kind]).toBe(inside.length);
    }
  }
}

function expectSpread({ count, p50, buckets }: TimeSpread, rows: readonly EvidenceRow[], from: keyof EvidenceRow, to: keyof EvidenceRow): void {
  const seconds = rows.flatMap((row) => (row[from] && row[to] ? (Date.parse(String(row[to])) - Date.parse(String(row[from]))) / 1_000 : [])).sort((a, b) => a - b);
  expect(count).toBe(seconds.length);
  const bucketOf = (length: number) => bucketLimits.filter((limit) => limit <= length).length;
  expect(buckets).toEqual(Array.from({ length: bucketLimits.length + 1 }, (_, at) => seconds.filter((length) => bucketOf(length) === at).length));
  const [low, high] = [seconds[Math.floor((seconds.length - 1) / 2)], seconds[Math.ceil((seconds.length - 1) / 2)]];
  if (low === undefined || high === undefined) expect(p50).toBeNull();
  else expect(p50).toBeCloseTo((low + high) / 2, 3);
}

const some = (words: readonly string[]) => fc.subarray([...words], { minLength: 1 }).map((chosen) => chosen.join(","));
const day = fc.integer({ min: 0, max: 60 }).map((ago) => new Date(Date.now() - ago * dayMs).toISOString().slice(0, 10));

describe("series of the evidence", () => {
  it("count what the list shows, for any filter", async () => {
    const parameters = fc.record(
      {
        state: some(["pending", "approved", "denied", "withdrawn", "lapsed", "refused"]),
        grant: some(["active", "proven", "lapsed"]),
        reason: some(["completed", "expired"]),
        sensitivity: some(["low", "medium", "high"]),
        identity: some(identities),
        unproven: fc.constant("yes"),
        ticket: fc.constantFrom("yes", "no"),
        from: day,
        to: day,
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(parameters, async (given) => {
        const { filter } = readFilter(given);
        const [{ rows, count }, series] = [await listed(filter), await readSeries(filter)];
        expect(series.counted).toEqual({ count, capped: false });
        expect(count).toBe(rows.length);
        expect(series.since).toBe(rows.map(({ askedAt }) => askedAt).sort()[0] ?? null);
        expectBars(series.by.asked, rows, ({ askedAt }) => askedAt);
        expectBars(series.by.happened, rows, (_row, happened) => happened);
        expectSpread(series.spreads.open, rows, "issuedAt", "endedAt");
        expectSpread(series.spreads.used, rows, "firstUseAt", "lastUseAt");
        expectSpread(series.spreads.prove, rows, "endedAt", "provenAt");
      }),
      { numRuns: 60, examples: [[{}], [{ state: "refused" }], [{ grant: "proven" }]] },
    );
  });

  it("give for each bar the rows that the list shows for its period", async () => {
    const { filter } = readFilter({});
    const { by } = await readSeries(filter);
    expect(by.asked.bars.filter(({ counts }) => counts.asked > 0).length).toBeGreaterThan(4);
    for (const { from, to, counts } of by.asked.bars) {
      const { count } = await listed(readFilter({ ...filterParameters(filter), from, to }).filter);
      expect(count).toBe(counts.asked);
    }
  });

  it("time decisions that people made, and no others", async () => {
    const { spreads } = await readSeries(readFilter({ state: "denied" }).filter);
    expect(spreads.decide.count).toBe(1);
    expect(spreads.decide.p50).toBeGreaterThan(dayMs / 1_000 / 2);
    // Policy alone approved these at once.
    expect((await readSeries(readFilter({ grant: "active" }).filter)).spreads.decide.count).toBe(0);
  });
});
