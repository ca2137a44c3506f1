import { describe, expect, it } from "vitest";
import {
  formatCapped,
  formatClock,
  formatClockOffset,
  formatCount,
  formatCountdown,
  formatDuration,
  formatList,
  formatPlural,
  formatRelative,
  formatSeconds,
  formatUtc,
  formatUtcDay,
  toMilliseconds,
} from "@/lib/platform/format";

const now = new Date("2026-11-22T10:02:05.000Z");
const at = (offset: number) => new Date(now.getTime() + offset);

describe("formatDuration", () => {
  it.each([
    [0, "0 s"],
    [400, "less than 1 s"],
    [1_000, "1 s"],
    [59_999, "59 s"],
    [60_000, "1 min"],
    [61_000, "1 min 1 s"],
    [9 * 60_000 + 5_000, "9 min 5 s"],
    [10 * 60_000 + 5_000, "10 min"],
    [3_600_000, "1 h"],
    [2 * 3_600_000 + 15 * 60_000 + 59_000, "2 h 15 min"],
    [86_400_000, "1 d"],
    [3 * 86_400_000 + 4 * 3_600_000, "3 d 4 h"],
    [1_234 * 86_400_000, "1,234 d"],
    [-45_000, "45 s"],
    [Number.NaN, "—"],
    [Number.POSITIVE_INFINITY, "—"],
  ])("%d ms reads %s", (milliseconds, text) => {
    expect(formatDuration(milliseconds)).toBe(text);
  });

  it("takes whole seconds too", () => {
    expect(formatSeconds(1_800)).toBe("30 min");
  });
});

describe("formatRelative", () => {
  it.each([
    [0, "now"],
    [-999, "now"],
    [-8_000, "8 s ago"],
    [20_000, "in 20 s"],
    [-3 * 60_000 - 40_000, "3 min ago"],
    [-5 * 3_600_000, "5 h ago"],
    [-43 * 86_400_000, "43 d ago"],
    [90 * 60_000, "in 1 h"],
  ])("%d ms from now is %s", (offset, text) => {
    expect(formatRelative(at(offset), now)).toBe(text);
  });

  it("reads ISO text and milliseconds alike", () => {
    expect(formatRelative(at(-8_000).toISOString(), now.getTime())).toBe("8 s ago");
  });

  it("says nothing about what is no time", () => {
    expect(formatRelative("soon", now)).toBe("—");
    expect(toMilliseconds("soon")).toBeNaN();
  });
});

describe("exact times", () => {
  it("are in UTC and say so", () => {
    expect(formatUtc(now)).toBe("2026-11-22 10:02:05 UTC");
    expect(formatUtcDay(now)).toBe("2026-11-22");
    expect(formatUtc("nonsense")).toBe("—");
  });

  it("show the day on a clock only when it is another one", () => {
    expect(formatClock(now, now)).toBe("10:02");
    expect(formatClock(at(-86_400_000), now)).toBe("21 Nov 10:02");
    expect(formatClock(at(14 * 3_600_000), now)).toBe("23 Nov 00:02");
    expect(formatClock(now, now, "Asia/Tokyo")).toBe("19:02");
    expect(formatClock("nonsense", now)).toBe("—");
  });
});

describe("formatCountdown", () => {
  it.each([
    [-5_000, "0:00"],
    [0, "0:00"],
    [1, "0:01"],
    [9_000, "0:09"],
    [702_000, "11:42"],
    [3_729_000, "1:02:09"],
    [86_400_000, "1 d"],
    [100 * 3_600_000, "4 d 4 h"],
  ])("%d ms left shows %s", (left, text) => {
    expect(formatCountdown(left)).toBe(text);
  });
});

describe("counts and lists", () => {
  it("set thousands apart and admit where counting stopped", () => {
    expect(formatCount(1_204)).toBe("1,204");
    expect(formatCount(12_345n)).toBe("12,345");
    expect(formatCapped({ count: 10_000, capped: true })).toBe("10,000+");
    expect(formatCapped({ count: 42, capped: false })).toBe("42");
  });

  it("agree with their noun", () => {
    expect(formatPlural(1, "row")).toBe("1 row");
    expect(formatPlural(0, "row")).toBe("0 rows");
    expect(formatPlural(2, "entry", "entries")).toBe("2 entries");
  });

  it("join like speech", () => {
    expect(formatList([])).toBe("");
    expect(formatList(["a"])).toBe("a");
    expect(formatList(["a", "b"])).toBe("a and b");
    expect(formatList(["a", "b", "c"], "or")).toBe("a, b or c");
  });
});

describe("formatClockOffset", () => {
  it.each([
    [40, "in step with Curfew's"],
    [-450, "450 ms behind Curfew's"],
    [2_400, "2.4 s ahead of Curfew's"],
  ])("%d ms is %s", (offset, text) => {
    expect(formatClockOffset(offset)).toBe(text);
  });
});
