import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { identityKinds, identityStates } from "@/lib/identities/types";
import { sensitivities } from "@/lib/entitlements/types";
import { evaluate, hashPolicies, inputOf } from "./cedar";
import { questionOf, type QuestionChanges } from "./test-question";
import type { Policies } from "./types";

const anyone = "(principal, action, resource)";
const permitAll = `@reason("All may") @stages("resource-owner:1") permit ${anyone};`;
const forbidAll = `@reason("None may") forbid ${anyone};`;
/** Fails where it is evaluated: the product of two numbers does not fit. */
const overflow = "when { context.durationSeconds * 9223372036854775807 > 0 }";
const failingForbid = `@reason("Too long") forbid ${anyone} ${overflow};`;
const failingPermit = `@reason("Some may") @stages("none") permit ${anyone} ${overflow};`;

const outcomeOf = (policies: Policies, changes: QuestionChanges = {}) => evaluate(policies, questionOf(changes)).outcome;

describe("evaluate", () => {
  it("permits with the obligations and reasons of what permits", () => {
    const answer = evaluate({ a: permitAll, b: `@stages("team:Security:1") @max_duration("1h") permit ${anyone};` }, questionOf());
    expect(answer).toMatchObject({
      outcome: "permit",
      determining: ["a", "b"],
      reasons: [
        { policyId: "a", text: "All may" },
        { policyId: "b", text: "Policy b permits this" },
      ],
      obligations: {
        stages: [
          { source: "resource-owner", needed: 1 },
          { source: "team:Security", needed: 1 },
        ],
        maxDurationSeconds: 3_600,
      },
      problems: [],
    });
  });

  it("refuses where a forbid applies, and names it", () => {
    expect(evaluate({ a: permitAll, b: forbidAll }, questionOf())).toMatchObject({
      outcome: "refuse",
      determining: ["b"],
      reasons: [{ policyId: "b", text: "None may" }],
      obligations: null,
    });
  });

  it("refuses what no policy permits", () => {
    expect(evaluate({ a: `${permitAll.slice(0, -1)} when { context.history.standing };` }, questionOf())).toMatchObject({
      outcome: "refuse",
      determining: [],
      reasons: [{ policyId: null, text: "No policy permits this" }],
    });
  });

  it("never lets a permit through because a forbid failed, which Cedar alone would", () => {
    const answer = evaluate({ a: permitAll, b: failingForbid }, questionOf());
    expect(answer).toMatchObject({ outcome: "fault", obligations: null, problems: [{ policyId: "b", code: "evaluation" }] });
  });

  it("does not take a failed permit for a decided no, nor its absence for a looser yes", () => {
    expect(outcomeOf({ a: failingPermit })).toBe("fault");
    expect(outcomeOf({ a: permitAll, b: failingPermit })).toBe("fault");
  });

  it("keeps to a decided no when another policy fails", () => {
    const answer = evaluate({ a: permitAll, b: forbidAll, c: failingForbid, d: failingPermit }, questionOf());
    expect(answer).toMatchObject({ outcome: "refuse", determining: ["b"] });
    expect(answer.problems).toHaveLength(2);
  });

  it.each<[string, Policies]>([
    ["no policy at all", {}],
    ["a text that is no policy", { a: permitAll, b: "permit everything" }],
    ["an empty text", { a: "" }],
    ["two policies under one id", { a: `${permitAll} ${permitAll}` }],
    ["a template", { a: '@stages("none") permit (principal == ?principal, action, resource);' }],
    ["a permit without @stages", { a: `@reason("All may") permit ${anyone};` }],
    ["a permit without @stages beside one with it", { a: permitAll, b: `permit ${anyone};` }],
    ["@stages that cannot be read", { a: `@stages("somebody") permit ${anyone};` }],
    ["a misspelt obligation", { a: `@stages("none") @max_duratoin("1h") permit ${anyone};` }],
    ["an attribute that does not exist", { a: permitAll, b: `@reason("x") forbid ${anyone} when { principal.risk > 3 };` }],
  ])("answers %s with a fault", (_name, policies) => expect(outcomeOf(policies)).toBe("fault"));

  it.each<[string, QuestionChanges]>([
    ["a state that Curfew does not know", { identity: { state: "odd" } }],
    ["a kind that Curfew does not know", { identity: { kind: "odd" } }],
    ["a sensitivity that Curfew does not know", { entitlement: { sensitivity: "odd" } }],
    ["half a second", { context: { durationSeconds: 0.5 } }],
    ["a duration that is no number", { context: { durationSeconds: Number.NaN } }],
    ["a time that is none", { context: { at: new Date("never") } }],
    ["a source address that is none", { context: { sourceAddress: "somewhere" } }],
  ])("answers a question with %s with a fault", (_name, changes) => {
    const answer = evaluate({ a: permitAll }, questionOf(changes));
    expect(answer).toMatchObject({ outcome: "fault", obligations: null });
    expect(answer.problems).not.toEqual([]);
    expect(answer.inputHash).toMatch(/^[0-9a-f]{64}$/);
  });

  it("does not show the engine's words to whoever asks", () => {
    const answer = evaluate({ a: permitAll, b: failingForbid }, questionOf());
    expect(answer.reasons).toEqual([{ policyId: null, text: "Policy could not be asked, so nothing new is given. What is live goes on." }]);
  });

  it("answers from the set that it was given, however many sets were asked in between", () => {
    const sets = Array.from({ length: 60 }, (_, index): Policies => {
      const effect = index % 2 === 0 ? `@stages("none") @max_duration("${index + 1}m") permit` : "forbid";
      return { [`only-${index}`]: `@reason("Set ${index}") ${effect} ${anyone};` };
    });
    for (const [round, set] of [...sets, ...sets.toReversed(), ...sets].entries()) {
      // A set that cannot be parsed must not be answered from what its place in the engine's memory held before.
      if (round % 7 === 0) expect(outcomeOf({ broken: `broken ${round}` })).toBe("fault");
      const answer = evaluate(set, questionOf());
      expect(answer.determining).toEqual(Object.keys(set));
      expect(answer.policyHash).toBe(hashPolicies(set));
    }
  });
});

describe("two copies of the module in one process, as a bundler makes them", () => {
  it("do not answer from each other's sets", async () => {
    const copies = [];
    for (let count = 0; count < 2; count++) {
      vi.resetModules();
      copies.push((await import("./cedar")).evaluate);
    }
    const sets: Policies[] = [{ a: permitAll }, { b: forbidAll }];
    for (const round of [0, 1, 2, 3]) {
      const [mine, theirs] = [sets[round % 2] ?? {}, sets[(round + 1) % 2] ?? {}];
      expect(copies[0]?.(mine, questionOf()).determining).toEqual(Object.keys(mine));
      expect(copies[1]?.(theirs, questionOf()).determining).toEqual(Object.keys(theirs));
    }
  });
});

describe("what policy is asked", () => {
  it("is what the input hash is made of", () => {
    const one = evaluate({ a: permitAll }, questionOf());
    expect(one.input).toEqual(inputOf(questionOf()));
    expect(evaluate({ a: forbidAll }, questionOf()).inputHash).toBe(one.inputHash);
    expect(evaluate({ a: permitAll }, questionOf({ context: { durationSeconds: 1_801 } })).inputHash).not.toBe(one.inputHash);
    // The order of an entitlement's actions has no meaning.
    expect(evaluate({ a: permitAll }, questionOf({ entitlement: { actions: ["INSERT", "UPDATE"] } })).inputHash).toBe(one.inputHash);
  });

  it.each([
    ["principal.hasOwner", true],
    ['principal.name == "deploy-bot"', true],
    ['principal.kind == Kind::"ci-job"', true],
    ['principal has team && principal.team == "Delivery"', true],
    ['principal has team && principal.team == "Security"', false],
    ['resource.sensitivity == Sensitivity::"high"', true],
    ['resource.environment == "production" && principal.environment == resource.environment', true],
    ['resource.actions.contains("UPDATE") && !resource.actions.contains("DELETE")', true],
    ['resource.role == "orders_rw" && resource.system == "orders-db"', true],
    ['context.moment == Moment::"request"', true],
    ['context.purpose == "backfill"', true],
    ["context.durationSeconds <= 1800", true],
    ["context has maxUses", false],
    ['context.ticket.present && context.ticket.key like "CHG-*" && !context.ticket.verified', true],
    ['context.requester.kind == Requester::"person" && context.requester.attested', true],
    ["context.history.timesGranted >= 5 && !context.history.standing", true],
    ["context.hourUtc == 10", true],
    ['context.dayOfWeek == Day::"sunday"', true],
    ['context has sourceAddress && context.sourceAddress.isInRange(ip("10.0.0.0/8"))', true],
  ])("makes %s %s", (condition, holds) => {
    expect(outcomeOf({ a: `@stages("none") permit ${anyone} when { ${condition} };` })).toBe(holds ? "permit" : "refuse");
  });

  it.each<[string, string]>([
    ["::ffff:10.1.2.3", "10.0.0.0/8"],
    ["fe80::1%eth0", "fe80::/10"],
    ["2001:db8::1", "2001:db8::/32"],
    ["::1", "::1/128"],
  ])("takes %s for an address in %s", (sourceAddress, range) => {
    const policies = { a: `@stages("none") permit ${anyone} when { context has sourceAddress && context.sourceAddress.isInRange(ip("${range}")) };` };
    expect(outcomeOf(policies, { context: { sourceAddress } })).toBe("permit");
  });

  it("knows a ticket only by a key that says something", () => {
    const policies = { a: `@stages("none") permit ${anyone} when { context.ticket.present };` };
    expect(outcomeOf(policies, { context: { ticket: { key: null, verified: false } } })).toBe("refuse");
    expect(outcomeOf(policies, { context: { ticket: { key: "  ", verified: false } } })).toBe("refuse");
  });
});

describe("hashPolicies", () => {
  it("does not depend on order, and changes with every id and every character", () => {
    const hash = hashPolicies({ a: "x", b: "y" });
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(hashPolicies({ b: "y", a: "x" })).toBe(hash);
    for (const changed of [{ a: "x" }, { a: "x", c: "y" }, { a: "x", b: "y " }, { a: "y", b: "x" }]) expect(hashPolicies(changed)).not.toBe(hash);
  });

  it("notices a change of a set that is not frozen", () => {
    const policies: Record<string, string> = { a: permitAll };
    const before = evaluate(policies, questionOf());
    policies["a"] = forbidAll;
    expect(before.outcome).toBe("permit");
    expect(evaluate(policies, questionOf())).toMatchObject({ outcome: "refuse", policyHash: hashPolicies({ a: forbidAll }) });
  });
});

const condition = fc.constantFrom(
  "",
  'when { resource.sensitivity == Sensitivity::"low" }',
  'when { principal.state == State::"active" }',
  "when { context.durationSeconds <= 3600 }",
  "unless { context.ticket.present }",
  'when { principal.kind == Kind::"ai-agent" }',
  overflow,
  "when { principal.nothing }",
);
const permitArbitrary = fc
  .tuple(fc.constantFrom("", '@stages("none")', '@stages("resource-owner:1")', '@stages("team:Security:2")', "@stages"), fc.constantFrom("", '@max_duration("1h")', '@max_duration("8h")', '@idle("x")'), condition)
  .map(([stages, longest, when]) => `${stages} ${longest} permit ${anyone} ${when};`);
const forbidArbitrary = condition.map((when) => `forbid ${anyone} ${when};`);
const policiesArbitrary = fc
  .tuple(fc.array(permitArbitrary, { maxLength: 4 }), fc.array(forbidArbitrary, { maxLength: 2 }))
  .map(([permits, forbids]): Policies => Object.fromEntries([...permits, ...forbids].map((text, index) => [`p${index}`, text])));
const changesArbitrary: fc.Arbitrary<QuestionChanges> = fc.record({
  identity: fc.record({ kind: fc.constantFrom(...identityKinds, "odd"), state: fc.constantFrom(...identityStates, "odd") }),
  entitlement: fc.record({ sensitivity: fc.constantFrom(...sensitivities, "odd") }),
  context: fc.record({ durationSeconds: fc.integer({ min: -1, max: 100_000 }), ticket: fc.constantFrom({ key: "CHG-1", verified: false }, { key: null, verified: false }) }),
});

describe("over many sets and questions", () => {
  it("one forbid more never makes a permit", () => {
    fc.assert(
      fc.property(policiesArbitrary, forbidArbitrary, changesArbitrary, (policies, forbid, changes) => {
        if (Object.keys(policies).length === 0) return;
        if (outcomeOf({ ...policies, more: forbid }, changes) === "permit") expect(outcomeOf(policies, changes)).toBe("permit");
      }),
      { numRuns: 400 },
    );
  });

  it("one permit more never loosens what a permit demands", () => {
    fc.assert(
      fc.property(policiesArbitrary, permitArbitrary, changesArbitrary, (policies, permit, changes) => {
        const before = evaluate(policies, questionOf(changes));
        const after = evaluate({ ...policies, more: permit }, questionOf(changes));
        if (before.outcome !== "permit" || after.outcome !== "permit") return;
        for (const { source, needed } of before.obligations.stages) {
          expect(after.obligations.stages.find((stage) => stage.source === source)?.needed).toBeGreaterThanOrEqual(needed);
        }
        const longest = before.obligations.maxDurationSeconds;
        if (longest !== null) expect(after.obligations.maxDurationSeconds).toBeLessThanOrEqual(longest);
      }),
      { numRuns: 400 },
    );
  });

  it("a permit always comes from permits alone, a fault never carries obligations, and nothing is thrown", () => {
    fc.assert(
      fc.property(policiesArbitrary, changesArbitrary, (policies, changes) => {
        const answer = evaluate(policies, questionOf(changes));
        if (answer.outcome !== "permit") {
          expect(answer.obligations).toBeNull();
          return;
        }
        expect(answer.problems).toEqual([]);
        expect(answer.determining.length).toBeGreaterThan(0);
        for (const id of answer.determining) expect(policies[id]).toContain("permit");
      }),
      { numRuns: 400 },
    );
  });

  it("whatever text stands for a policy, it is a permit only with @stages in it", () => {
    fc.assert(
      fc.property(fc.string(), fc.string({ unit: "binary" }), (id, text) => {
        expect(outcomeOf({ [id]: text })).toBe("fault");
      }),
      { numRuns: 200 },
    );
  });
});
