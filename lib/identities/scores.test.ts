import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sensitivities } from "@/lib/entitlements/types";
import { explainScores, type CredentialFacts, type HoldingFacts, type ScoreFacts, weights } from "./scores";
import { identityStates } from "./types";

const now = new Date("2026-11-22T12:00:00Z");
const ago = (days: number) => new Date(now.getTime() - days * 86_400_000);

const credential = (over: Partial<CredentialFacts> = {}): CredentialFacts => ({
  systemId: "s", createdAt: ago(10), rotatedAt: null, firstSeenAt: ago(10), expiresAt: ago(-30), lastUsedAt: ago(1), visibleSince: ago(200), isEnabled: true, isSuperuser: false, canCreateRoles: false, ...over,
});
const holding = (over: Partial<HoldingFacts> = {}): HoldingFacts => ({
  kind: "standing", sensitivity: "high", hasException: false, isInProduction: false, lastUsedAt: ago(1), visibleSince: ago(200), ...over,
});
const facts = (over: Partial<ScoreFacts> = {}): ScoreFacts => ({
  state: "active", owner: "there", hasVendor: false, isShared: false, lastActiveAt: ago(1), visibleSince: ago(200), isVanished: false, useDays: [], credentials: [credential()], holdings: [], ...over,
});
const quarters = ["2026-01-02", "2026-04-01", "2026-07-01", "2026-10-01"].map((day) => new Date(`${day}T00:00:00Z`));

const arithmetic = (score: { total: number; parts: readonly { points: number; why: string }[] }) => `${score.total} = ${score.parts.map(({ points, why }) => `${points} ${why}`).join(" + ")}`;

describe("staleness", () => {
  it.each<[string, Partial<ScoreFacts>, string]>([
    ["at work yesterday", {}, "0 = "],
    ["silent for two weeks: a job may pause", { lastActiveAt: ago(14) }, "0 = "],
    ["silent for 97 days", { lastActiveAt: ago(97) }, "35 = 35 unused 97 days"],
    ["silent for two quarters", { lastActiveAt: ago(210) }, "70 = 70 unused 210 days"],
    ["no use inside the window", { lastActiveAt: null, visibleSince: ago(43) }, "12 = 12 no use inside the 43 days we can see"],
    ["a window that has just opened", { lastActiveAt: null, visibleSince: ago(0) }, "0 = "],
    ["no window at all", { lastActiveAt: null, visibleSince: null }, "25 = 25 nobody can see whether it is used"],
    ["a credential beside the one that works", { credentials: [credential(), credential({ lastUsedAt: ago(120) })] }, "5 = 5 1 credential without use in 92 days"],
    ["nobody owns it, its source lost it", { owner: "nobody", isVanished: true }, "20 = 10 nobody owns it + 10 its source does not know it any more"],
    ["inside the gap of its season", { lastActiveAt: ago(52), useDays: quarters }, "0 = 0 silent as expected: used on the first of each quarter"],
  ])("of an identity %s", (_what, over, expected) => expect(arithmetic(explainScores(facts(over), now).staleness)).toBe(expected));

  it("of a seasonal identity counts from the day on which it is missed", () => {
    const later = new Date("2027-03-22T12:00:00Z");
    const { staleness, silence } = explainScores(facts({ lastActiveAt: quarters[3] ?? null, useDays: quarters }), later);
    expect(silence).toEqual({ days: 60, since: "season" });
    expect(staleness.parts[0]?.why).toBe("missed for 60 days");
  });
});

describe("exposure", () => {
  it.each<[string, Partial<ScoreFacts>, string]>([
    ["that holds nothing", {}, "0 = "],
    ["with side doors", { holdings: [holding(), holding({ sensitivity: "critical", isInProduction: true })] }, "31 = 23 standing without exception: 1 critical, 1 high + 8 standing access in production"],
    ["with an exception", { holdings: [holding({ hasException: true })] }, "3 = 3 standing with an exception: 1 high"],
    ["with what it was granted only", { holdings: [holding({ kind: "granted", sensitivity: "critical" })] }, "0 = "],
    ["with a password without end, made long ago", { credentials: [credential({ expiresAt: null, createdAt: ago(400) })] }, "16 = 8 no expiry + 8 a credential of 400 days"],
    ["whose old password was rotated", { credentials: [credential({ createdAt: ago(400), rotatedAt: ago(5) })] }, "0 = "],
    ["that is a superuser", { credentials: [credential({ isSuperuser: true, canCreateRoles: true })] }, "20 = 20 superuser"],
    ["of a vendor, shared, with two secrets", { hasVendor: true, isShared: true, credentials: [credential(), credential()] }, "14 = 4 several credentials work on one system + 6 several workloads or networks behind it + 4 a third party runs it"],
    ["with an entitlement that it does not use", { holdings: [holding({ sensitivity: "low", lastUsedAt: null })] }, "3 = 1 standing without exception: 1 low + 2 1 entitlement held and not used"],
    ["whose use nobody can see", { holdings: [holding({ sensitivity: "low", lastUsedAt: null, visibleSince: null })] }, "1 = 1 standing without exception: 1 low"],
    ["that is suspended", { state: "suspended", holdings: [holding({ sensitivity: "critical" })] }, "7 = 14 standing without exception: 1 critical + -7 half, since it is suspended"],
    ["whose credentials are off", { credentials: [credential({ isEnabled: false })], holdings: [holding()] }, "5 = 9 standing without exception: 1 high + -4 half, since no credential of it works now"],
  ])("of an identity %s", (_what, over, expected) => expect(arithmetic(explainScores(facts(over), now).exposure)).toBe(expected));
});

const days = fc.integer({ min: 0, max: 2_000 });
const past = fc.option(days.map(ago), { nil: null });
const anyCredential: fc.Arbitrary<CredentialFacts> = fc.record({
  systemId: fc.constantFrom("a", "b"), createdAt: past, rotatedAt: past, firstSeenAt: days.map(ago), expiresAt: fc.option(fc.integer({ min: -900, max: 900 }).map(ago), { nil: null }),
  lastUsedAt: past, visibleSince: past, isEnabled: fc.boolean(), isSuperuser: fc.boolean(), canCreateRoles: fc.boolean(),
});
const anyHolding: fc.Arbitrary<HoldingFacts> = fc.record({
  kind: fc.constantFrom("standing", "granted"), sensitivity: fc.constantFrom(...sensitivities), hasException: fc.boolean(), isInProduction: fc.boolean(), lastUsedAt: past, visibleSince: past,
});
const anyFacts: fc.Arbitrary<ScoreFacts> = fc.record({
  state: fc.constantFrom(...identityStates), owner: fc.constantFrom("there", "left", "nobody"), hasVendor: fc.boolean(), isShared: fc.boolean(), lastActiveAt: past, visibleSince: past,
  isVanished: fc.boolean(), useDays: fc.array(days.map(ago), { maxLength: 12 }), credentials: fc.array(anyCredential, { maxLength: 12 }), holdings: fc.array(anyHolding, { maxLength: 30 }),
});
const totals = (about: ScoreFacts) => {
  const { staleness, exposure } = explainScores(about, now);
  return { staleness: staleness.total, exposure: exposure.total };
};

describe("every score", () => {
  it("is a whole number from 0 to 100 and the sum of its parts", () => {
    fc.assert(fc.property(anyFacts, (about) => {
      const { staleness, exposure } = explainScores(about, now);
      for (const { total, parts } of [staleness, exposure]) {
        expect(Number.isInteger(total) && total >= 0 && total <= 100).toBe(true);
        expect(parts.reduce((sum, { points }) => sum + points, 0)).toBe(total);
      }
    }));
  });

  it("does not depend on the order in which facts were read", () => {
    fc.assert(fc.property(anyFacts, (about) => {
      const turned = { ...about, credentials: [...about.credentials].reverse(), holdings: [...about.holdings].reverse(), useDays: [...about.useDays].reverse() };
      expect(explainScores(turned, now)).toEqual(explainScores(about, now));
    }));
  });

  it("never falls as silence grows", () => {
    fc.assert(fc.property(anyFacts, days, days, (about, one, other) => {
      const [less, more] = [Math.min(one, other), Math.max(one, other)];
      const silent = (length: number) => totals({ ...about, useDays: [], lastActiveAt: ago(length) }).staleness;
      expect(silent(more)).toBeGreaterThanOrEqual(silent(less));
      const unseen = (length: number) => totals({ ...about, useDays: [], lastActiveAt: null, visibleSince: ago(length) }).staleness;
      expect(unseen(more)).toBeGreaterThanOrEqual(unseen(less));
    }));
  });

  it("never falls as a credential gets older without being rotated", () => {
    fc.assert(fc.property(anyFacts, anyCredential, days, days, (about, one, length, other) => {
      const [less, more] = [Math.min(length, other), Math.max(length, other)];
      const aged = (age: number) => totals({ ...about, credentials: [...about.credentials, { ...one, createdAt: ago(age), rotatedAt: null }] }).exposure;
      expect(aged(more)).toBeGreaterThanOrEqual(aged(less));
    }));
  });

  it("never falls with one more thing held, and never rises with an exception for it", () => {
    fc.assert(fc.property(anyFacts, anyHolding, (about, more) => {
      const held = (one: HoldingFacts) => totals({ ...about, holdings: [...about.holdings, one] }).exposure;
      expect(held(more)).toBeGreaterThanOrEqual(totals(about).exposure);
      expect(held({ ...more, hasException: true })).toBeLessThanOrEqual(held({ ...more, hasException: false }));
    }));
  });
});

describe("the documentation", () => {
  it("tells every weight as it is", () => {
    const text = readFileSync("docs/inventory.md", "utf8");
    const { staleness, exposure } = weights;
    const told = [
      `up to ${staleness.silence.most}`, `${staleness.silence.fromDays} days`, `${staleness.silence.fullDays} days`, `| ${staleness.unobservable} |`,
      `${staleness.unusedCredential.each} each, at most ${staleness.unusedCredential.most}`, `${exposure.sideDoor.critical} / ${exposure.sideDoor.high} / ${exposure.sideDoor.medium} / ${exposure.sideDoor.low}, at most ${exposure.sideDoor.most}`,
      `${exposure.excepted.critical} / ${exposure.excepted.high} / ${exposure.excepted.medium} / ${exposure.excepted.low}, at most ${exposure.excepted.most}`,
      `${exposure.superuser}, or ${exposure.canCreateRoles}`, `${exposure.old.points} over ${exposure.old.overDays} days, ${exposure.old.veryPoints} over ${exposure.old.veryOverDays} days`,
      `${exposure.unusedEntitlement.each} each, at most ${exposure.unusedEntitlement.most}`, `${exposure.nobody}, or ${exposure.ownerLeft}`,
    ];
    expect(told.filter((words) => !text.includes(words))).toEqual([]);
  });
});
