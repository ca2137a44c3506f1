import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { capsOf, hardCaps, type Caps } from "@/lib/entitlements/rules";
import { applyObligations, type Ask, coversStages, longestDuration, mergeObligations } from "./rules";
import type { Obligations, PolicyAnswer, StageNeed } from "./types";

const now = new Date("2026-11-22T10:00:00Z");
const open: Obligations = {
  stages: [{ source: "resource-owner", needed: 1 }],
  maxDurationSeconds: null,
  maxUses: null,
  idleSeconds: null,
  ticketRequired: false,
  purposes: null,
  stepUp: false,
  dualControl: false,
};
const common = { policyHash: "p", inputHash: "i", input: null, problems: [] };

function permit(changes: Partial<Obligations> = {}): PolicyAnswer {
  return { ...common, outcome: "permit", determining: ["a"], reasons: [{ policyId: "a", text: "Because" }], obligations: { ...open, ...changes } };
}

function askOf(changes: Partial<Ask> = {}): Ask {
  return { purpose: "backfill", durationSeconds: 1_800, maxUses: null, idleSeconds: null, ticketKey: "CHG-482", now, ...changes };
}

function codeOf(answer: PolicyAnswer, ask: Ask, caps: Caps = hardCaps.high): string {
  const applied = applyObligations(answer, ask, caps);
  return applied.ok ? "ok" : applied.code;
}

describe("applyObligations", () => {
  it("answers the terms", () => {
    const answer = permit({ maxDurationSeconds: 14_400, maxUses: 50, idleSeconds: 900 });
    expect(applyObligations(answer, askOf({ maxUses: 10 }), hardCaps.high)).toEqual({
      ok: true,
      value: {
        stages: [{ source: "resource-owner", needed: 1 }],
        autoApproved: false,
        durationSeconds: 1_800,
        longestSeconds: 14_400,
        maxUses: 10,
        idleSeconds: 900,
        stepUp: false,
        dualControl: false,
        decideBefore: new Date("2026-11-25T10:00:00Z"),
        activationWindowSeconds: 86_400,
      },
    });
  });

  it("approves by itself only where no stage is demanded", () => {
    const applied = applyObligations(permit({ stages: [] }), askOf(), hardCaps.low);
    expect(applied).toMatchObject({ ok: true, value: { autoApproved: true, stages: [] } });
  });

  it("takes the policy's uses and idle time where the ask leaves them open, and the smaller where it does not", () => {
    const answer = permit({ maxUses: 50, idleSeconds: 900 });
    expect(applyObligations(answer, askOf(), hardCaps.high)).toMatchObject({ value: { maxUses: 50, idleSeconds: 900 } });
    expect(applyObligations(answer, askOf({ idleSeconds: 600 }), hardCaps.high)).toMatchObject({ value: { idleSeconds: 600 } });
    expect(applyObligations(answer, askOf({ idleSeconds: 6_000 }), hardCaps.high)).toMatchObject({ value: { idleSeconds: 900 } });
    expect(applyObligations(permit(), askOf({ maxUses: 7 }), hardCaps.high)).toMatchObject({ value: { maxUses: 7, idleSeconds: null } });
  });

  it("says what policy said when policy refuses", () => {
    const answer: PolicyAnswer = { ...common, outcome: "refuse", determining: ["a", "b"], reasons: [{ policyId: "a", text: "No owner" }, { policyId: "b", text: "Suspended" }], obligations: null };
    expect(applyObligations(answer, askOf(), hardCaps.low)).toEqual({
      ok: false,
      code: "policy-refuses",
      detail: { reason: "No owner · Suspended", policies: "a, b" },
    });
  });

  it("gives nothing new on a fault", () => {
    const answer: PolicyAnswer = { ...common, outcome: "fault", determining: [], reasons: [], obligations: null };
    expect(codeOf(answer, askOf(), hardCaps.low)).toBe("policy-fault");
  });

  it.each<[string, Partial<Obligations>, Partial<Ask>]>([
    ["step-up-unavailable", { stepUp: true, stages: [] }, {}],
    ["ok", { stepUp: true, stages: [{ source: "resource-owner", needed: 1 }] }, {}],
    ["purpose-not-allowed", { purposes: ["incident"] }, {}],
    ["purpose-not-allowed", { purposes: [] }, {}],
    ["ok", { purposes: ["backfill", "incident"] }, {}],
    ["ticket-missing", { ticketRequired: true }, { ticketKey: null }],
    ["ticket-missing", { ticketRequired: true }, { ticketKey: "  " }],
    ["ok", { ticketRequired: true }, {}],
    ["ok", {}, { ticketKey: null }],
    ["ok", { maxDurationSeconds: 1_800 }, {}],
    ["duration-over-policy", { maxDurationSeconds: 1_799 }, {}],
    ["ok", {}, { durationSeconds: 28_800 }],
    ["duration-over-cap", {}, { durationSeconds: 28_801 }],
    ["duration-over-cap", { maxDurationSeconds: 90_000 }, { durationSeconds: 30_000 }],
    ["ok", {}, { durationSeconds: 14_400, earlierSeconds: 28_800 }],
    ["duration-over-cap", {}, { durationSeconds: 14_401, earlierSeconds: 28_800 }],
    ["duration-over-cap", {}, { durationSeconds: 1, earlierSeconds: 43_200 }],
    ["duration-over-cap", {}, { durationSeconds: 1, earlierSeconds: 99_999_999 }],
    ["ok", { maxUses: 5 }, { maxUses: 5 }],
    ["uses-over-policy", { maxUses: 5 }, { maxUses: 6 }],
    ["bound-not-positive", {}, { durationSeconds: 0 }],
    ["bound-not-positive", {}, { durationSeconds: -60 }],
    ["bound-not-positive", {}, { durationSeconds: 1.5 }],
    ["bound-not-positive", {}, { durationSeconds: Number.NaN }],
    ["bound-not-positive", {}, { durationSeconds: Number.POSITIVE_INFINITY }],
    ["bound-not-positive", {}, { maxUses: 0 }],
    ["bound-not-positive", {}, { idleSeconds: -1 }],
    ["bound-not-positive", {}, { earlierSeconds: -1 }],
    ["bound-not-positive", {}, { earlierSeconds: Number.NaN }],
  ])("answers %s for %j and %j", (code, obligations, ask) => expect(codeOf(permit(obligations), askOf(ask))).toBe(code));

  it("names the longest possible duration in the refusal", () => {
    const refused = applyObligations(permit(), askOf({ durationSeconds: 30_000, earlierSeconds: 36_000 }), hardCaps.high);
    expect(refused).toMatchObject({ code: "duration-over-cap", detail: { askedSeconds: 30_000, longestSeconds: 7_200, earlierSeconds: 36_000 } });
  });

  it("gives nothing under an unknown sensitivity", () => {
    expect(codeOf(permit(), askOf({ durationSeconds: 1 }), capsOf({ sensitivity: "odd", maxDurationSeconds: null }))).toBe("duration-over-cap");
  });
});

const stage: fc.Arbitrary<StageNeed> = fc.record({
  source: fc.constantFrom<StageNeed["source"]>("resource-owner", "team:Security", "team:Data", "role:approver"),
  needed: fc.integer({ min: 1, max: 5 }),
});
const bound = fc.option(fc.integer({ min: 1, max: 1_000_000 }), { nil: null });
const obligationsArbitrary: fc.Arbitrary<Obligations> = fc.record({
  stages: fc.uniqueArray(stage, { selector: (one) => one.source, maxLength: 4 }),
  maxDurationSeconds: bound,
  maxUses: bound,
  idleSeconds: bound,
  ticketRequired: fc.boolean(),
  purposes: fc.option(fc.uniqueArray(fc.constantFrom("backfill", "incident", "support")), { nil: null }),
  stepUp: fc.boolean(),
  dualControl: fc.boolean(),
});
const capsArbitrary = fc.constantFrom<Caps>(...Object.values<Caps>(hardCaps));
const askArbitrary: fc.Arbitrary<Ask> = fc.record({
  purpose: fc.constantFrom("backfill", "incident", "support", "other"),
  durationSeconds: fc.integer({ min: -5, max: 1_000_000 }),
  earlierSeconds: fc.integer({ min: 0, max: 100_000 }),
  maxUses: bound,
  idleSeconds: bound,
  ticketKey: fc.constantFrom(null, "", "CHG-482"),
  now: fc.constant(now),
});

/** True when `b` asks for at least what `a` does, read straight from the words "strictest wins". */
function isAtLeast(b: Obligations, a: Obligations): boolean {
  const within = (inner: number | null, outer: number | null) => outer === null || (inner !== null && inner <= outer);
  return (
    a.stages.every((one) => b.stages.some((two) => two.source === one.source && two.needed >= one.needed)) &&
    within(b.maxDurationSeconds, a.maxDurationSeconds) &&
    within(b.maxUses, a.maxUses) &&
    within(b.idleSeconds, a.idleSeconds) &&
    (b.ticketRequired || !a.ticketRequired) &&
    (a.purposes === null || (b.purposes !== null && b.purposes.every((purpose) => a.purposes?.includes(purpose)))) &&
    (b.stepUp || !a.stepUp) &&
    (b.dualControl || !a.dualControl)
  );
}

describe("mergeObligations", () => {
  it("unites stages and takes the most approvals of a source", () => {
    const a = { ...open, stages: [{ source: "resource-owner", needed: 2 }] } as const;
    const b = { ...open, stages: [{ source: "resource-owner", needed: 1 }, { source: "team:Security", needed: 1 }] } as const;
    expect(mergeObligations([a, b]).stages).toEqual([
      { source: "resource-owner", needed: 2 },
      { source: "team:Security", needed: 1 },
    ]);
  });

  it("leaves no purpose where two permits agree on none", () => {
    expect(mergeObligations([{ ...open, purposes: ["incident"] }, { ...open, purposes: ["backfill"] }]).purposes).toEqual([]);
    expect(mergeObligations([{ ...open, purposes: ["incident"] }, open]).purposes).toEqual(["incident"]);
  });

  it("is at least as strict as each of them, in any order", () => {
    fc.assert(
      fc.property(fc.array(obligationsArbitrary, { minLength: 1, maxLength: 5 }), (all) => {
        const merged = mergeObligations(all);
        for (const one of all) expect(isAtLeast(merged, one)).toBe(true);
        expect(isAtLeast(mergeObligations([...all].reverse()), merged)).toBe(true);
      }),
    );
  });

  it("asks for no more than the strictest of each", () => {
    fc.assert(
      fc.property(fc.array(obligationsArbitrary, { minLength: 1, maxLength: 5 }), (all) => {
        const merged = mergeObligations(all);
        const least = (key: "maxDurationSeconds" | "maxUses" | "idleSeconds") => {
          const bounds = all.map((one) => one[key]).filter((one) => one !== null);
          return bounds.length === 0 ? null : Math.min(...bounds);
        };
        for (const key of ["maxDurationSeconds", "maxUses", "idleSeconds"] as const) expect(merged[key]).toBe(least(key));
        for (const one of merged.stages) expect(all.some(({ stages }) => stages.some((two) => two.source === one.source && two.needed === one.needed))).toBe(true);
      }),
    );
  });
});

describe("one permit more", () => {
  it("never loosens: what was refused stays refused, and what is approved asks at least the same people", () => {
    fc.assert(
      fc.property(fc.array(obligationsArbitrary, { minLength: 1, maxLength: 4 }), obligationsArbitrary, askArbitrary, capsArbitrary, (all, more, ask, caps) => {
        const before = applyObligations(permit(mergeObligations(all)), ask, caps);
        const after = applyObligations(permit(mergeObligations([...all, more])), ask, caps);
        // Refused only since nobody votes whose passkey could be asked: a stage more makes it askable, with that passkey.
        if (!before.ok && before.code === "step-up-unavailable") expect(!after.ok || (after.value.stepUp && after.value.stages.length > 0)).toBe(true);
        else if (!before.ok) expect(after.ok).toBe(false);
        if (before.ok && after.ok) {
          expect(coversStages(after.value.stages, before.value.stages)).toBe(true);
          expect(after.value.longestSeconds).toBeLessThanOrEqual(before.value.longestSeconds);
          if (after.value.autoApproved) expect(before.value.autoApproved).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("a duration", () => {
  it("never exceeds the caps, whatever policy allows", () => {
    fc.assert(
      fc.property(obligationsArbitrary, askArbitrary, capsArbitrary, (obligations, ask, caps) => {
        const applied = applyObligations(permit({ ...obligations, stepUp: false, purposes: null, ticketRequired: false }), ask, caps);
        if (!applied.ok) return;
        const { durationSeconds, longestSeconds } = applied.value;
        expect(durationSeconds).toBeLessThanOrEqual(longestSeconds);
        expect(durationSeconds).toBeLessThanOrEqual(caps.longestSeconds);
        expect(durationSeconds + (ask.earlierSeconds ?? 0)).toBeLessThanOrEqual(caps.longestCumulativeSeconds);
        expect(durationSeconds).toBeLessThanOrEqual(obligations.maxDurationSeconds ?? durationSeconds);
      }),
      { numRuns: 500 },
    );
  });

  it("names who sets its limit", () => {
    expect(longestDuration({ ...open, maxDurationSeconds: 60 }, hardCaps.low)).toEqual({ seconds: 60, setBy: "policy" });
    expect(longestDuration(open, hardCaps.critical)).toEqual({ seconds: 14_400, setBy: "cap" });
  });
});

describe("coversStages", () => {
  const given: StageNeed[] = [{ source: "resource-owner", needed: 2 }];
  it.each<[boolean, StageNeed[]]>([
    [true, []],
    [true, [{ source: "resource-owner", needed: 1 }]],
    [true, [{ source: "resource-owner", needed: 2 }]],
    [false, [{ source: "resource-owner", needed: 3 }]],
    [false, [{ source: "team:Security", needed: 1 }]],
  ])("answers %s for %j", (covered, demanded) => expect(coversStages(given, demanded)).toBe(covered));
});
