import * as z from "zod";
import type { EntitlementFacts } from "../../types";

const texts = z.array(z.string().max(300)).max(500).nullish().transform((list) => list ?? []);
/** One rule of a Role or ClusterRole (rbac.authorization.k8s.io/v1, PolicyRule). */
export const ruleSchema = z.looseObject({ verbs: texts, apiGroups: texts, resources: texts, nonResourceURLs: texts, resourceNames: texts });
type Rule = z.output<typeof ruleSchema>;

const reading = new Set(["get", "list", "watch"]);
/** Verbs and resources that open further doors. */
const riskyVerbs = new Set(["escalate", "bind", "impersonate"]);
const riskyResources = new Set(["secrets", "pods/exec", "pods/attach", "serviceaccounts/token", "nodes/proxy", "rolebindings", "clusterrolebindings", "roles", "clusterroles", "certificatesigningrequests/approval", "mutatingwebhookconfigurations", "validatingwebhookconfigurations"]);
const mostActions = 100;

/** What rules allow, readable, and how sensitive that is. */
export function readRules(rules: readonly Rule[]): Required<Pick<EntitlementFacts, "actions" | "sensitivity">> {
  const actions = [...new Set(rules.flatMap(actionsOf))].sort();
  const shown = actions.length > mostActions ? [...actions.slice(0, mostActions), `… ${actions.length - mostActions} more`] : actions;
  return { actions: shown, sensitivity: sensitivityOf(rules) };
}

function actionsOf({ verbs, resources, nonResourceURLs, resourceNames }: Rule): string[] {
  const what = [...resources, ...nonResourceURLs];
  const only = resourceNames.length > 0 ? " by name" : "";
  return what.map((resource) => `${verbs.join(", ")} ${resource}${only}`.slice(0, 200));
}

function sensitivityOf(rules: readonly Rule[]): NonNullable<EntitlementFacts["sensitivity"]> {
  const has = (list: readonly string[], word: string) => list.includes(word);
  if (rules.some(({ verbs, resources }) => has(verbs, "*") && has(resources, "*"))) return "critical";
  const isRisky = ({ verbs, resources }: Rule) =>
    verbs.some((verb) => riskyVerbs.has(verb)) || has(resources, "*") || resources.some((resource) => riskyResources.has(resource) && (resource === "secrets" || !verbs.every((verb) => reading.has(verb))));
  if (rules.some(isRisky)) return "high";
  return rules.every(({ verbs }) => verbs.every((verb) => reading.has(verb))) ? "low" : "medium";
}
