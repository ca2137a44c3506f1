import { describe, expect, it } from "vitest";
import { samplePolicies } from "./sample";
import type { Policies, PolicyProblemCode } from "./types";
import { validatePolicySet } from "./validation";

const good = '@reason("Because") @stages("resource-owner:1") permit (principal, action, resource);';
const withCondition = (condition: string) => good.replace(";", ` when { ${condition} };`);

describe("validatePolicySet", () => {
  it.each<[string, Policies]>([
    ["one permit", { a: good }],
    ["a permit that states its own id", { a: `@id("a") ${good}` }],
    ["the sample", samplePolicies],
  ])("finds nothing wrong with %s", (_name, policies) => expect(validatePolicySet(policies)).toEqual([]));

  it.each<[PolicyProblemCode, string, Policies]>([
    ["set", "an empty set", {}],
    ["set", "an id with capitals", { A: good }],
    ["set", "an empty id", { "": good }],
    ["set", "an id with a line break", { "a\nb": good }],
    ["set", "an id of the language", JSON.parse(`{"__proto__": ${JSON.stringify(good)}}`) as Policies],
    ["set", "a text too long", { a: `${good} //${"x".repeat(16_384)}` }],
    ["set", "a NUL", { a: `${good} // \0` }],
    ["set", "half a character", { a: `${good} // \ud800` }],
    ["set", "too many policies", Object.fromEntries(Array.from({ length: 501 }, (_, index) => [`p${index}`, good]))],
    ["parse", "no policy", { a: "" }],
    ["parse", "nonsense", { a: good, b: "allow all" }],
    ["parse", "two policies in one", { a: `${good}\n${good}` }],
    ["parse", "a template", { a: good.replace("principal,", "principal == ?principal,") }],
    ["parse", "an annotation twice", { a: `@stages("none") ${good}` }],
    ["schema", "an attribute that does not exist", { a: withCondition("principal.risk == 1") }],
    ["schema", "a comparison of unlike things", { a: withCondition('context.durationSeconds == "1h"') }],
    ["schema", "a misspelt state", { a: withCondition('principal.state == State::"suspendd"') }],
    ["schema", "a misspelt sensitivity", { a: withCondition('resource.sensitivity == Sensitivity::"hi"') }],
    ["schema", "an optional attribute without asking whether it is there", { a: withCondition("context.maxUses < 5") }],
    ["schema", "an action that does not exist", { a: good.replace("action,", 'action == Action::"read",') }],
    ["schema", "a rule that never applies", { a: withCondition("false") }],
    ["annotation", "no @stages", { a: good.replace('@stages("resource-owner:1")', "") }],
    ["annotation", "@stages that cannot be read", { a: good.replace("resource-owner:1", "boss:1") }],
    ["annotation", "no @reason", { a: good.replace('@reason("Because")', "") }],
    ["annotation", "a misspelt annotation", { a: `@max_duratoin("1h") ${good}` }],
    ["annotation", "another id in the text", { a: `@id("b") ${good}` }],
    ["annotation", "obligations on a forbid", { a: good, b: '@reason("No") @ticket("required") forbid (principal, action, resource);' }],
  ])("finds a problem of kind %s: %s", (code, _name, policies) => {
    const problems = validatePolicySet(policies);
    expect(problems.map((problem) => problem.code)).toContain(code);
    for (const problem of problems) expect(problem.text).not.toBe("");
  });

  it("names every policy that is wrong, not only the first", () => {
    const problems = validatePolicySet({ a: good.replace('@reason("Because")', ""), b: good.replace("resource-owner:1", "boss"), c: good });
    expect(problems.map((problem) => problem.policyId)).toEqual(["a", "b"]);
  });
});
