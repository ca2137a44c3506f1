import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sensitivities } from "@/lib/entitlements/types";
import { brake, leastReadingMs, wordsIn } from "./pace";
import { riskOf, usualOf, type RiskFacts } from "./risk";
import { covers, narrow, type GivenTerms } from "./rules";
import { whyAlone, type TogetherFacts } from "./together";

const calm: RiskFacts = {
  sensitivity: "low", environments: ["staging"], timesBefore: 3, sideDoor: false,
  submittedAt: new Date("2026-11-18T10:00:00Z"), durationSeconds: 1_800, usualSeconds: 1_800,
};

describe("the risk of a request", () => {
  it.each<[string, Partial<RiskFacts>, number]>([
    ["nothing unusual", {}, 0],
    ["its sensitivity", { sensitivity: "high" }, 40],
    ["a first time", { timesBefore: 0 }, 15],
    ["production", { environments: ["staging", "production"] }, 10],
    ["another way in", { sideDoor: true }, 10],
    ["a Sunday", { submittedAt: new Date("2026-11-22T10:00:00Z") }, 5],
    ["the night", { submittedAt: new Date("2026-11-18T19:00:00Z") }, 5],
    ["more than twice as long as usual", { durationSeconds: 3_601 }, 10],
    ["twice as long as usual", { durationSeconds: 3_600 }, 0],
    ["no usual duration", { durationSeconds: 99_999, usualSeconds: null }, 0],
  ])("counts %s", (_what, over, points) => expect(riskOf({ ...calm, ...over }).points).toBe(points));

  it("is the sum of what it shows, and never lower for what is more sensitive", () => {
    const facts = fc.record({ timesBefore: fc.nat(3), sideDoor: fc.boolean(), durationSeconds: fc.nat(9_000), usualSeconds: fc.option(fc.nat(9_000)) });
    fc.assert(fc.property(facts, (over) => {
      const scores = sensitivities.map((sensitivity) => riskOf({ ...calm, ...over, sensitivity }));
      for (const { points, parts } of scores) expect(parts.reduce((sum, part) => sum + part.points, 0)).toBe(points);
      expect(scores.map(({ points }) => points)).toEqual(scores.map(({ points }) => points).toSorted((a, b) => a - b));
    }));
  });

  it("takes the lower median as usual", () => {
    expect([usualOf([]), usualOf([5]), usualOf([9, 1]), usualOf([9, 1, 5])]).toEqual([null, 5, 1, 5]);
  });
});

describe("the brake", () => {
  const reading = { sensitivity: "low", facts: 5, words: 8 } as const;
  const least = leastReadingMs(reading);

  it.each([
    ["never opened", null, "", { isHasty: true, saysWhy: false }],
    ["opened just now", 0, "short", { isHasty: true, saysWhy: false }],
    ["opened just now, with a line", 0, "Known from standup", { isHasty: true, saysWhy: true }],
    ["read", least, "", { isHasty: false, saysWhy: false }],
    ["almost read", least - 1, "         x", { isHasty: true, saysWhy: false }],
  ])("%s", (_what, tookMs, reason, expected) => expect(brake(reading, { tookMs, reason })).toMatchObject(expected));

  it("asks for more time where more is at stake or more is to be read, and never for more than 20 s", () => {
    fc.assert(fc.property(fc.nat(40), fc.nat(300), (facts, words) => {
      const all = sensitivities.map((sensitivity) => leastReadingMs({ sensitivity, facts, words }));
      expect(all).toEqual(all.toSorted((a, b) => a - b));
      expect(Math.max(...all)).toBeLessThanOrEqual(20_000);
      expect(leastReadingMs({ sensitivity: "low", facts, words: words + 1 })).toBeGreaterThanOrEqual(all[0] ?? 0);
    }));
  });

  it("counts words", () => expect([wordsIn(null), wordsIn("  "), wordsIn(" one  two\nthree ")]).toEqual([0, 0, 3]));
});

describe("what is decided together", () => {
  const fit: TogetherFacts = { may: true, sensitivity: "low", stepUp: false, isFirst: false, version: 2 };
  it.each<[string, TogetherFacts | null, string | null]>([
    ["low, known and unchanged", fit, null],
    ["nothing", null, "unknown-request"],
    ["an own side", { ...fit, may: "own-side" }, "own-side"],
    ["somebody else's", { ...fit, may: "cannot-decide" }, "cannot-decide"],
    ["high", { ...fit, sensitivity: "high" }, "sensitivity"],
    ["a step-up", { ...fit, stepUp: true }, "step-up"],
    ["a first time", { ...fit, isFirst: true }, "first-time"],
    ["something that changed", { ...fit, version: 3 }, "changed-since-seen"],
  ])("%s", (_what, facts, code) => expect(whyAlone(facts, { version: 2 })).toBe(code));

  it("is never more than low", () => {
    for (const sensitivity of sensitivities.filter((level) => level !== "low")) expect(whyAlone({ ...fit, sensitivity }, { version: 2 })).not.toBeNull();
  });
});

describe("narrowing", () => {
  const asked: GivenTerms = { durationSeconds: 3_600, maxUses: null, idleSeconds: 600, entitlementIds: ["a", "b"] };
  it.each([
    ["as asked", { durationSeconds: 3_600 }, { terms: asked, narrowed: false }],
    ["shorter", { durationSeconds: 60 }, { terms: { ...asked, durationSeconds: 60 }, narrowed: true }],
    ["fewer uses", { durationSeconds: 3_600, maxUses: 2 }, { terms: { ...asked, maxUses: 2 }, narrowed: true }],
    ["less without use", { durationSeconds: 3_600, idleSeconds: 60 }, { terms: { ...asked, idleSeconds: 60 }, narrowed: true }],
    ["one left out", { durationSeconds: 3_600, leaveOut: ["a"] }, { terms: { ...asked, entitlementIds: ["b"] }, narrowed: true }],
    ["all left out", { durationSeconds: 3_600, leaveOut: ["a", "b"] }, null],
    ["what is not asked left out", { durationSeconds: 3_600, leaveOut: ["c"] }, null],
    ["longer", { durationSeconds: 3_601 }, null],
    ["longer without use", { durationSeconds: 3_600, idleSeconds: 601 }, null],
    ["no end without use", { durationSeconds: 3_600, idleSeconds: null }, null],
    ["no use at all", { durationSeconds: 3_600, maxUses: 0 }, null],
  ])("%s", (_what, giving, expected) => expect(narrow(asked, giving)).toEqual(expected));

  it("is covered by what it narrows, and the other way round only where nothing changed", () => {
    const bound = fc.option(fc.integer({ min: 1, max: 5 }));
    const terms = fc.record({ durationSeconds: fc.integer({ min: 1, max: 5 }), maxUses: bound, idleSeconds: bound, entitlementIds: fc.constant(["a", "b"]) });
    fc.assert(fc.property(terms, terms, (a, b) => {
      const given = narrow(a, b);
      expect(given !== null).toBe(covers(a, b));
      if (given) expect(given.narrowed).toBe(!covers(b, a));
    }));
  });
});
