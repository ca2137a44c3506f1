import { describe, expect, it } from "vitest";
import { mergeBreakGlassTerms, readBreakGlassTerms } from "./break-glass";
import { evaluate, evaluateBreakGlass } from "./cedar";
import { samplePolicies } from "./sample";
import { questionOf, type QuestionChanges } from "./test-question";
import type { BreakerFacts } from "./types";
import { validatePolicySet } from "./validation";

const nobody: BreakerFacts = { onCall: false, onCallForIdentity: false, onCallForResource: false };
const ask = (breaker: Partial<BreakerFacts>, changes: QuestionChanges = {}, policies = samplePolicies) => evaluateBreakGlass(policies, { ...questionOf(changes), breaker: { ...nobody, ...breaker } });
const general = `@reason("Everybody, for everything")\n@stages("none")\npermit (principal, action, resource);`;

describe("breaking the glass by the sample policies", () => {
  it("is for whoever is on call for the identity or for what it reaches", () => {
    const terms = { maxDurationSeconds: 1_800, secondWithinSeconds: null, debtSeconds: 259_200, ticketRequired: false };
    for (const duty of [{ onCallForIdentity: true }, { onCallForResource: true }]) expect(ask(duty)).toMatchObject({ outcome: "permit", determining: ["break-glass-on-call"], terms });
    expect(ask({ onCall: true })).toMatchObject({ outcome: "refuse", terms: null });
    expect(ask({})).toMatchObject({ outcome: "refuse" });
  });

  it("takes a second person for critical access, and a shorter time", () => {
    expect(ask({ onCallForIdentity: true }, { entitlement: { sensitivity: "critical" } })).toMatchObject({ outcome: "permit", terms: { maxDurationSeconds: 900, secondWithinSeconds: 600, debtSeconds: 86_400 } });
  });

  it("is refused to what is suspended, orphaned or unowned, whoever is on call", () => {
    for (const state of ["suspended", "orphaned", "unowned", "offboarded"]) expect(ask({ onCallForIdentity: true }, { identity: { state } })).toMatchObject({ outcome: "refuse" });
  });

  it("does not end when the duty passes to somebody else", () => {
    expect(ask({}, { context: { moment: "recheck" } })).toMatchObject({ outcome: "permit" });
  });
});

describe("policies about breaking the glass", () => {
  it("are another question: a permit without an action, or about use, breaks nothing", () => {
    expect(ask({ onCallForIdentity: true }, {}, { general })).toMatchObject({ outcome: "refuse" });
    expect(evaluate({ only: `@reason("Only")\n@max_duration("5m")\npermit (principal, action == Action::"break-glass", resource);` }, questionOf())).toMatchObject({ outcome: "refuse" });
  });

  it("are a fault where one of them fails or cannot be read", () => {
    const fails = `@reason("Fails")\nforbid (principal, action == Action::"break-glass", resource) when { context.durationSeconds * 9223372036854775807 > 0 };`;
    expect(ask({ onCallForIdentity: true }, {}, { ...samplePolicies, fails })).toMatchObject({ outcome: "fault", terms: null });
    const unread = `@reason("No time")\npermit (principal, action == Action::"break-glass", resource);`;
    expect(ask({}, {}, { unread })).toMatchObject({ outcome: "fault" });
    expect(ask({ onCallForIdentity: true }, {}, {})).toMatchObject({ outcome: "fault" });
  });

  it("are validated before they are in force", () => {
    expect(validatePolicySet(samplePolicies)).toEqual([]);
    const set = (annotations: string) => validatePolicySet({ one: `@reason("One")\n${annotations}\npermit (principal, action == Action::"break-glass", resource);` }).map(({ text }) => text);
    expect(set(`@max_duration("15m")\n@dual_control\n@debt("1d")\n@ticket("required")`)).toEqual([]);
    expect(set("")).toEqual(["a permit to break glass needs @max_duration"]);
    expect(set(`@max_duration("2h")`)).toEqual(["@max_duration is longer than 1h: no broken glass lasts longer"]);
    expect(set(`@max_duration("5m")\n@stages("none")`)).toEqual(["@stages has no meaning on a permit to break glass"]);
    expect(set(`@max_duration("5m")\n@dual_control("2h")`)).toHaveLength(1);
    expect(set(`@max_duration("soon")`)).toHaveLength(1);
  });
});

describe("the terms of several permits", () => {
  it("are the strictest of each", () => {
    const one = { maxDurationSeconds: 600, secondWithinSeconds: null, debtSeconds: 900, ticketRequired: false };
    const other = { maxDurationSeconds: 300, secondWithinSeconds: 60, debtSeconds: 1_800, ticketRequired: true };
    expect(mergeBreakGlassTerms([one, other])).toEqual({ maxDurationSeconds: 300, secondWithinSeconds: 60, debtSeconds: 900, ticketRequired: true });
  });

  it("wait ten minutes for a second person and three days for a review where nothing else is said", () => {
    expect(readBreakGlassTerms({ reason: "x", max_duration: "5m", dual_control: null })).toEqual({ ok: true, value: { maxDurationSeconds: 300, secondWithinSeconds: 600, debtSeconds: 259_200, ticketRequired: false } });
  });
});
