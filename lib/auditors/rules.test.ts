import { describe, expect, it } from "vitest";
import { isOver, mostDays, whyNotEngage } from "./rules";

const until = new Date("2026-12-01T00:00:00.000Z");
const terms = { until, fromDay: "2026-07-01", toDay: "2026-09-30" };
const before = (ms: number) => new Date(until.getTime() - ms);
const dayMs = 86_400_000;

describe("an engagement", () => {
  it("shows nothing from its very end on", () => {
    expect(isOver({ until, endedAt: null }, before(1))).toBe(false);
    expect(isOver({ until, endedAt: null }, until)).toBe(true);
    expect(isOver({ until, endedAt: before(dayMs) }, before(1))).toBe(true);
  });

  it("ends in the future and within a year, and its period goes forward", () => {
    expect(whyNotEngage(terms, before(1))).toBeNull();
    expect(whyNotEngage(terms, until)).toBe("ends-in-the-past");
    expect(whyNotEngage(terms, before(mostDays * dayMs))).toBeNull();
    expect(whyNotEngage(terms, before(mostDays * dayMs + 1))).toBe("too-long");
    expect(whyNotEngage({ ...terms, toDay: "2026-06-30" }, before(1))).toBe("period-backwards");
    expect(whyNotEngage({ ...terms, toDay: terms.fromDay }, before(1))).toBeNull();
  });
});
