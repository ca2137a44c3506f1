import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readSeason } from "./seasonality";

const days = (...texts: string[]) => texts.map((text) => new Date(`${text}T00:00:00Z`));
const dayOf = (date: Date | undefined) => date?.toISOString().slice(0, 10);

describe("the season of an identity", () => {
  it.each([
    ["used on the first of each quarter", days("2026-01-02", "2026-04-01", "2026-04-02", "2026-07-01", "2026-10-01")],
    ["used about once a quarter", days("2026-02-10", "2026-05-12", "2026-08-11")],
    ["used on the first of each month", days("2026-06-01", "2026-07-01", "2026-08-03", "2026-09-01")],
    ["used around day 15 of each month", days("2026-06-15", "2026-07-15", "2026-08-14")],
    ["used about once a month", days("2026-06-02", "2026-07-01", "2026-07-31")],
    ["used every Monday", days("2026-10-26", "2026-11-02", "2026-11-09", "2026-11-16")],
    ["used about once a week", days("2026-10-26", "2026-11-03", "2026-11-09", "2026-11-16")],
    ["used about once a year", days("2023-12-30", "2024-12-31", "2025-12-30")],
  ])("reads: %s", (words, seen) => expect(readSeason(seen)?.words).toBe(words));

  it.each([
    ["nothing", []],
    ["one day", days("2026-11-01")],
    ["two quarters, which may be chance", days("2026-04-01", "2026-07-01")],
    ["every day", days("2026-11-01", "2026-11-02", "2026-11-03", "2026-11-04", "2026-11-05")],
    ["no rhythm", days("2026-01-05", "2026-02-20", "2026-02-27", "2026-09-01")],
    ["a missed quarter", days("2025-10-01", "2026-01-01", "2026-07-01", "2026-10-01")],
  ])("reads none from %s", (_what, seen) => expect(readSeason(seen)).toBeNull());

  it("misses nothing before the next use is late", () => {
    expect(dayOf(readSeason(days("2026-01-02", "2026-04-01", "2026-07-01"))?.dueAt)).toBe("2026-10-21");
  });

  it("does not depend on the order of the days, nor on how often a day is told", () => {
    const seen = days("2026-01-02", "2026-04-01", "2026-04-02", "2026-07-01", "2026-10-01");
    fc.assert(fc.property(fc.shuffledSubarray([...seen, ...seen], { minLength: 10, maxLength: 10 }), (shuffled) => {
      expect(readSeason(shuffled)).toEqual(readSeason(seen));
    }));
  });
});
