import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { activateBefore, capsOf, decideBefore, hardCaps, strictestCaps, type Caps } from "./rules";
import { sensitivities } from "./types";

const hour = 3_600;

describe("hardCaps", () => {
  it("end high and critical access after 12 h in a row", () => {
    expect(hardCaps.high.longestCumulativeSeconds).toBe(12 * hour);
    expect(hardCaps.critical.longestCumulativeSeconds).toBe(12 * hour);
  });

  it("never widen as sensitivity rises, and one grant always fits into the time in a row", () => {
    const inOrder: Caps[] = sensitivities.map((sensitivity) => hardCaps[sensitivity]);
    inOrder.forEach((caps, index) => {
      expect(caps.longestSeconds).toBeLessThanOrEqual(caps.longestCumulativeSeconds);
      const above = inOrder[index + 1] ?? caps;
      for (const key of ["longestSeconds", "longestCumulativeSeconds", "longestWaitSeconds", "activationWindowSeconds"] as const) {
        expect(caps[key]).toBeGreaterThan(0);
        expect(above[key]).toBeLessThanOrEqual(caps[key]);
      }
    });
  });
});

describe("capsOf", () => {
  it.each([
    ["low", null, 168 * hour],
    ["high", null, 8 * hour],
    ["high", 1 * hour, 1 * hour],
    ["high", 9 * hour, 8 * hour],
    ["high", 0, 0],
    ["high", -5, 0],
  ])("of %s with an own cap of %j s allow %i s", (sensitivity, maxDurationSeconds, longest) => {
    expect(capsOf({ sensitivity, maxDurationSeconds }).longestSeconds).toBe(longest);
  });

  it.each(["", "HIGH", "secret", "__proto__", "toString"])("of the unknown sensitivity %j allow nothing", (sensitivity) => {
    expect(Object.values(capsOf({ sensitivity, maxDurationSeconds: null }))).toEqual([0, 0, 0, 0]);
  });
});

describe("strictestCaps", () => {
  it("takes the shortest of each", () => {
    const strictest = strictestCaps([hardCaps.low, { ...hardCaps.critical, longestWaitSeconds: 9_000_000 }]);
    expect(strictest).toEqual({ ...hardCaps.critical, longestWaitSeconds: hardCaps.low.longestWaitSeconds });
  });

  it("allows nothing for nothing", () => expect(strictestCaps([]).longestSeconds).toBe(0));

  it("never widens by one entitlement more", () => {
    const caps = fc.constantFrom(...Object.values<Caps>(hardCaps));
    fc.assert(
      fc.property(fc.array(caps, { minLength: 1 }), caps, (all, more) => {
        const before = strictestCaps(all);
        const after = strictestCaps([...all, more]);
        expect(after.longestSeconds).toBeLessThanOrEqual(before.longestSeconds);
        expect(after.activationWindowSeconds).toBeLessThanOrEqual(before.activationWindowSeconds);
      }),
    );
  });
});

describe("deadlines", () => {
  it("count from now", () => {
    const now = new Date("2026-11-22T10:00:00Z");
    expect(decideBefore(now, hardCaps.critical)).toEqual(new Date("2026-11-23T10:00:00Z"));
    expect(activateBefore(now, hardCaps.critical)).toEqual(new Date("2026-11-22T14:00:00Z"));
  });
});
