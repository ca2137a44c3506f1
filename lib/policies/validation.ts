import * as cedar from "@cedar-policy/cedar-wasm/nodejs";
import { messagesOf, problem, readPolicy } from "./cedar";
import { cedarSchema } from "./cedar-schema";
import type { Policies, PolicyProblem } from "./types";

const mostPolicies = 500;
const longestPolicy = 16_384;
const idForm = /^[a-z0-9][a-z0-9-]{0,63}$/;

function problemsOfForm(policies: Policies): PolicyProblem[] {
  const entries = Object.entries(policies);
  if (entries.length === 0) return [problem("set", null, "the set has no policy: it would refuse everything")];
  if (entries.length > mostPolicies) return [problem("set", null, `more than ${mostPolicies} policies`)];
  return entries.flatMap(([id, text]) => {
    const found = [
      idForm.test(id) ? null : "a policy id is lower-case letters, digits and hyphens, at most 64",
      text.isWellFormed() && !text.includes("\0") ? null : "holds a character that cannot be stored",
      text.length <= longestPolicy ? null : `longer than ${longestPolicy} characters`,
    ];
    return found.flatMap((words) => (words === null ? [] : [problem("set", id.slice(0, 64), words)]));
  });
}

function problemsOfPolicy(id: string, text: string): PolicyProblem[] {
  const policy = readPolicy(id, text);
  if ("code" in policy) return [policy];
  const found = [...policy.problems];
  if (!policy.hasReason) found.push("@reason is missing, empty, longer than 240 characters or not on one line");
  if (policy.statedId !== null && policy.statedId !== id) found.push("@id differs from the id it is filed under");
  return found.map((words) => problem("annotation", id, words));
}

function problemsOfTypes(policies: Policies): PolicyProblem[] {
  const answer = cedar.validate({
    schema: cedarSchema,
    policies: { staticPolicies: { ...policies } },
    validationSettings: { mode: "strict" },
  });
  if (answer.type === "failure") return [problem("parse", null, messagesOf(answer.errors))];
  // A warning says that a policy can never apply or that its text looks like something else: neither is ever meant.
  const findings = [...answer.validationErrors, ...answer.validationWarnings];
  return [
    ...findings.map(({ policyId, error }) => problem("schema", policyId, messagesOf([error]))),
    ...answer.otherWarnings.map((warning) => problem("schema", null, messagesOf([warning]))),
  ];
}

/**
 * Everything that is wrong with a policy set, found before it is activated: form, syntax, types against the schema, and
 * annotations. Empty where the set can be activated. The text may come from anybody; nothing is thrown.
 */
export function validatePolicySet(policies: Policies): readonly PolicyProblem[] {
  try {
    const form = problemsOfForm(policies);
    if (form.length > 0) return form;
    const problems = Object.entries(policies).flatMap(([id, text]) => problemsOfPolicy(id, text));
    return problems.some((found) => found.code === "parse") ? problems : [...problems, ...problemsOfTypes(policies)];
  } catch (error) {
    return [problem("engine", null, error instanceof Error ? error.message : String(error))];
  }
}
