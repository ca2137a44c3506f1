import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { barsOf, periodOfBar, stepOf } from "./buckets";
import { seriesKinds } from "./views/series-types";

describe("steps", () => {
  it.each([[1, "day"], [45, "day"], [46, "week"], [210, "week"], [211, "month"], [4_000, "month"]] as const)("%i days are told by the %s", (days, step) => {
    expect(stepOf(days)).toBe(step);
  });
});

describe("bars", () => {
  const issued = (day: string, n = 1) => ({ kind: "issued", day, n }) as const;

  it("are none where nothing was counted", () => {
    expect(barsOf([])).toEqual({ step: "day", bars: [] });
  });

  it("show days without anything as gaps", () => {
    const { step, bars } = barsOf([issued("2026-02-27", 2), issued("2026-03-02")]);
    expect(step).toBe("day");
    expect(bars.map(({ from, to, counts }) => [from, to, counts.issued])).toEqual([
      ["2026-02-27", "2026-02-27", 2], ["2026-02-28", "2026-02-28", 0], ["2026-03-01", "2026-03-01", 0], ["2026-03-02", "2026-03-02", 1],
    ]);
  });

  it("begin weeks on Monday, over the turn of a year too", () => {
    const { step, bars } = barsOf([issued("2026-11-22"), issued("2027-01-31")]);
    expect(step).toBe("week");
    expect(bars[0]).toMatchObject({ from: "2026-11-16", to: "2026-11-22" });
    expect(bars.find(({ from }) => from === "2026-12-28")).toMatchObject({ to: "2027-01-03" });
    expect(bars.at(-1)).toMatchObject({ from: "2027-01-25", to: "2027-01-31" });
  });

  it("end months on their last day", () => {
    const { step, bars } = barsOf([issued("2023-12-31"), issued("2024-12-01")]);
    expect(step).toBe("month");
    expect(bars.map(({ to }) => to)).toEqual(["2023-12-31", "2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30", "2024-05-31", "2024-06-30", "2024-07-31", "2024-08-31", "2024-09-30", "2024-10-31", "2024-11-30", "2024-12-31"]);
  });

  it("lie side by side and lose nothing, whatever was counted", () => {
    const day = fc.integer({ min: 10_000, max: 25_000 }).map((number) => new Date(number * 86_400_000).toISOString().slice(0, 10));
    const counts = fc.array(fc.record({ kind: fc.constantFrom(...seriesKinds), day, n: fc.integer({ min: 1, max: 9 }) }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(counts, (given) => {
        const { bars } = barsOf(given);
        for (const kind of seriesKinds) {
          const wanted = given.filter((each) => each.kind === kind).reduce((sum, { n }) => sum + n, 0);
          expect(bars.reduce((sum, bar) => sum + bar.counts[kind], 0)).toBe(wanted);
        }
        bars.slice(1).forEach(({ from }, at) => expect(Date.parse(from) - Date.parse(bars[at]?.to ?? "")).toBe(86_400_000));
        for (const each of given) expect(bars.some(({ from, to }) => from <= each.day && each.day <= to)).toBe(true);
      }),
    );
  });
});

describe("the period of a bar", () => {
  it("stays inside the one that is filtered by", () => {
    const week = { from: "2026-11-16", to: "2026-11-22" };
    expect(periodOfBar(week, {})).toEqual(week);
    expect(periodOfBar(week, { from: "2026-11-18", to: "2026-11-20" })).toEqual({ from: "2026-11-18", to: "2026-11-20" });
    expect(periodOfBar(week, { from: "2026-01-01", to: "2026-12-31" })).toEqual(week);
  });
});
