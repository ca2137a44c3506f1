import { formatList, formatPlural, formatSeconds } from "@/lib/platform/format";
import type { Refusal } from "@/lib/platform/result";
import type { PolicyRefusalCode } from "./rules";
import type { Obligations, PolicyAnswer, StageNeed } from "./types";

const noPurpose = "No purpose fits all the policies";

/** Names for the sentences. */
export type ExplainNames = {
  /** What the resource owner owns, for example `orders-db`. */
  readonly resource: string;
};

const roleWords: Readonly<Record<string, readonly [one: string, many: string]>> = { approver: ["one approver", "approvers"], owner: ["one owner", "owners"] };

/** One group of people, as a noun: `k` of it are needed. */
function sayGroup(group: string, needed: number, { resource }: ExplainNames): string {
  const [kind = "", name = ""] = group.split(/:(.*)/s, 2);
  switch (kind) {
    case "resource-owner":
      return needed === 1 ? `the owner of ${resource}` : `those who own ${resource}`;
    case "identity-owner":
      return "the identity's owner";
    case "identity-sponsor":
      return "the identity's sponsor";
    case "on-call":
      return `whoever is on call for ${name}`;
    case "role":
      return roleWords[name]?.[needed === 1 ? 0 : 1] ?? name;
    default:
      return name;
  }
}

/** Whom a stage asks, in words: "the owner of orders-db", "2 of Security", "the owner of orders-db or whoever is on call for Data". */
export function sayStage({ source, needed }: Pick<StageNeed, "source" | "needed">, names: ExplainNames): string {
  const groups = source.split("|").map((group) => sayGroup(group, needed, names));
  const said = formatList(groups, "or");
  if (needed === 1) return said;
  return source.startsWith("role:") && groups.length === 1 ? `${needed} ${said}` : `${needed} of ${said}`;
}

/** Who an escalation asks, without a resource's name. */
export function sayGroups(source: string): string {
  return formatList(source.split("|").map((group) => sayGroup(group, 2, { resource: "it" })), "or");
}

/** What happens when a stage is not decided in its time, in words; empty where it has none. */
export function sayTime({ withinSeconds, remindAfterSeconds, escalateTo }: StageNeed, names: ExplainNames): string {
  if (withinSeconds === undefined) return "";
  const reminded = remindAfterSeconds === undefined ? "" : `, reminded after ${formatSeconds(remindAfterSeconds)}`;
  const then = escalateTo === undefined ? "then it lapses" : `then ${sayStage({ source: escalateTo, needed: 1 }, names)} is asked, too`;
  return ` within ${formatSeconds(withinSeconds)}${reminded}, ${then}`;
}

function sayStages(stages: readonly StageNeed[], names: ExplainNames): string {
  if (stages.length === 0) return "Nobody has to approve it";
  const counts = ["No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight"];
  const count = counts[stages.length] ?? String(stages.length);
  const who = stages.map((stage, index) => `${index === 0 ? "" : stage.beside ? " and at once " : ", then "}${sayStage(stage, names)}${sayTime(stage, names)}`).join("");
  return `${count} ${stages.length === 1 ? "stage" : "stages"}: ${who}`;
}

/** What a permit demands, as short sentences for the request form. */
export function explainObligations(obligations: Obligations, names: ExplainNames): readonly string[] {
  const { maxDurationSeconds, maxUses, idleSeconds, purposes } = obligations;
  const sentences = [sayStages(obligations.stages, names)];
  if (obligations.dualControl) sentences.push("Two different people approve");
  if (maxDurationSeconds !== null) sentences.push(`At most ${formatSeconds(maxDurationSeconds)}`);
  if (maxUses !== null) sentences.push(`At most ${formatPlural(maxUses, "use")}`);
  if (idleSeconds !== null) sentences.push(`Ends after ${formatSeconds(idleSeconds)} without use`);
  if (obligations.ticketRequired) sentences.push("A ticket is needed");
  if (purposes !== null) sentences.push(purposes.length === 0 ? noPurpose : `Only for ${formatList(purposes, "or")}`);
  if (obligations.stepUp) sentences.push("Approvers confirm again who they are");
  return sentences;
}

/** The policy's answer as short sentences for the request form: what it demands and why, or why not. */
export function explain(answer: PolicyAnswer, names: ExplainNames): readonly string[] {
  const reasons = answer.reasons.map((reason) => reason.text);
  return answer.outcome === "permit" ? [...explainObligations(answer.obligations, names), ...reasons] : reasons;
}

const bounds: Readonly<Record<string, string>> = { uses: "number of uses", idle: "idle time" };
type Say = (value: (key: string) => string, seconds: (key: string) => string) => string;
const refusals: Record<PolicyRefusalCode, Say> = {
  "policy-refuses": (value) => value("reason") || "Policy refuses this",
  "policy-fault": () => "Policy could not be asked, so nothing new is given. What is live goes on.",
  "step-up-unavailable": () =>
    "Policy wants approvers to confirm with a passkey and asks nobody to approve, so that nobody could",
  "purpose-not-allowed": (value) =>
    `The purpose ${value("purpose")} is not allowed here. ${allowedPurposes(value("allowed"))}`,
  "ticket-missing": () => "A ticket is needed. Name the ticket that says why",
  "bound-not-positive": (value) => `The ${bounds[value("bound")] ?? "duration"} has to be a whole number above zero`,
  "duration-over-policy": (_, seconds) =>
    `Policy allows at most ${seconds("longestSeconds")}; you asked for ${seconds("askedSeconds")}`,
  "duration-over-cap": (value, seconds) => sayCap(Number(value("earlierSeconds")) > 0, seconds),
  "uses-over-policy": (value) => `Policy allows at most ${value("most")} uses; you asked for ${value("asked")}`,
};

function allowedPurposes(allowed: string): string {
  return allowed === "" ? noPurpose : `Allowed: ${allowed}`;
}

function sayCap(extended: boolean, seconds: (key: string) => string): string {
  const before = extended ? `, after ${seconds("earlierSeconds")} already given in a row` : "";
  const most = `No more than ${seconds("longestSeconds")} can be given here, whoever approves${before}`;
  return `${most}; you asked for ${seconds("askedSeconds")}`;
}

/** A refusal of policy or of the hard caps as a sentence for the person who asks. */
export function explainRefusal(refusal: Refusal<PolicyRefusalCode>): string {
  const value = (key: string) => String(refusal.detail?.[key] ?? "");
  return refusals[refusal.code](value, (key) => formatSeconds(Number(value(key))));
}
