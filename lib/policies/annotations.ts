import { permissions, type Role } from "@/lib/auth/permissions";
import type { GroupSource, Obligations, StageNeed, StageSource } from "./types";

/** Annotations of one policy as Cedar reports them; an annotation without a value is `null`. */
export type Annotations = Readonly<Record<string, string | null>>;

/** What the annotations of a policy say, or everything that is wrong with them. */
export type AnnotationReading<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly problems: readonly string[] };

const mostStages = 8;
const mostApprovals = 20;
const mostGroups = 6;
/** A shorter time would be over before anybody has looked. */
const shortestWithin = 60;
const longestReason = 240;
const obligationNames = [
  "stages",
  "max_duration",
  "max_uses",
  "idle",
  "ticket",
  "purpose",
  "step_up",
  "dual_control",
] as const;

/** A duration like `90s`, `15m`, `8h`, `1h30m` or `2d`, in seconds; `null` when it is none or zero. */
export function parseDuration(text: string): number | null {
  const match = /^(?:(\d{1,4})d)?(?:(\d{1,4})h)?(?:(\d{1,5})m)?(?:(\d{1,7})s)?$/.exec(text.trim());
  if (match === null) return null;
  const [, d = "0", h = "0", m = "0", s = "0"] = match;
  const seconds = Number(d) * 86_400 + Number(h) * 3_600 + Number(m) * 60 + Number(s);
  return seconds > 0 ? seconds : null;
}

const groupName = /^[^:,|\p{Cc}]{1,120}$/u;

function parseGroup(text: string): GroupSource | null {
  if (text === "resource-owner" || text === "identity-owner" || text === "identity-sponsor") return text;
  const [kind, name = ""] = text.split(/:(.*)/s, 2);
  const trimmed = name.trim();
  switch (kind) {
    case "team":
    case "on-call":
    case "person":
      return groupName.test(trimmed) ? `${kind}:${trimmed}` : null;
    case "role": {
      const role = permissions["request:decide"].find((candidate: Role) => candidate === trimmed);
      return role === undefined ? null : `role:${role}`;
    }
    default:
      return null;
  }
}

/** One group, or several joined by `|`, each once; whoever is in several of them is asked once. */
function parseSource(text: string): StageSource | null {
  const groups = text.split("|").map((part) => parseGroup(part.trim()));
  const [first, ...others] = groups;
  if (!first || groups.includes(null) || new Set(groups).size < groups.length || groups.length > mostGroups) return null;
  return others.length === 0 ? first : `${first}|${others.join("|")}`;
}

const stageForm = /^(.+?):\s*([1-9]\d?)(?:\s+within\s+(\S+)(?:\s+remind\s+after\s+(\S+))?(?:\s+escalate\s+to\s+(.+))?)?$/s;

/** A stage's time; `null` when it makes no sense. */
function parseTime([, , , within, remind, escalate]: RegExpExecArray): Omit<StageNeed, "source" | "needed"> | null {
  if (within === undefined) return {};
  const withinSeconds = parseDuration(within);
  const remindAfterSeconds = remind === undefined ? undefined : parseDuration(remind);
  const escalateTo = escalate === undefined ? undefined : parseSource(escalate.trim());
  if (withinSeconds === null || remindAfterSeconds === null || escalateTo === null) return null;
  if (withinSeconds < shortestWithin || (remindAfterSeconds !== undefined && remindAfterSeconds >= withinSeconds)) return null;
  return { withinSeconds, ...(remindAfterSeconds ? { remindAfterSeconds } : {}), ...(escalateTo ? { escalateTo } : {}) };
}

function parseStage(text: string): StageNeed | null {
  const match = stageForm.exec(text);
  const source = match?.[1] === undefined ? null : parseSource(match[1].trim());
  const time = match && parseTime(match);
  const needed = Number(match?.[2]);
  if (source === null || !time || needed > mostApprovals || time.escalateTo === source) return null;
  return { source, needed, ...time };
}

/**
 * `@stages`: `none`, or stages in the order in which they are asked, separated by commas; `||` between two asks both at once. A
 * stage is `source:k`, with its time if it has one: `within 4h remind after 2h escalate to role:owner`. `null` when it is not that.
 */
export function parseStages(text: string): readonly StageNeed[] | null {
  if (text.trim() === "none") return [];
  const stages: StageNeed[] = [];
  for (const step of text.split(",")) {
    for (const [index, part] of step.split("||").entries()) {
      const stage = parseStage(part.trim());
      if (stage === null || stages.some(({ source }) => source === stage.source)) return null;
      stages.push(index === 0 ? stage : { ...stage, beside: true });
    }
  }
  return stages.length > mostStages ? null : stages;
}

function parsePurposes(text: string): readonly string[] | null {
  const purposes = text.split(",").map((purpose) => purpose.trim());
  const wellFormed = purposes.every((purpose) => /^[^\p{Cc}"]{1,80}$/u.test(purpose));
  return wellFormed ? [...new Set(purposes)].sort() : null;
}

function parseCount(text: string): number | null {
  return /^[1-9]\d{0,6}$/.test(text.trim()) ? Number(text) : null;
}

/** Reads one annotation; an absent one is `null`, an unreadable one is `null` and a problem. */
function reader(annotations: Annotations, problems: string[]) {
  return <Value>(name: string, parse: (text: string) => Value | null, expected: string): Value | null => {
    const text = annotations[name];
    if (text === undefined) return null;
    const value = text === null ? null : parse(text);
    if (value === null) problems.push(`@${name} is not ${expected}`);
    return value;
  };
}

function readFlag(annotations: Annotations, name: string, problems: string[]): boolean {
  const text = annotations[name];
  if (text === undefined) return false;
  if (text !== null && text !== "") problems.push(`@${name} takes no value`);
  return true;
}

/** Two different people have to approve: a single approval becomes two of the same source. */
function withSecondApprover(stages: readonly StageNeed[]): readonly StageNeed[] {
  const [only, ...others] = stages;
  return only !== undefined && others.length === 0 && only.needed === 1 ? [{ ...only, needed: 2 }] : stages;
}

/**
 * The obligations of a permit. A permit without `@stages` is a problem and never an approval; so is every annotation
 * that cannot be read.
 */
export function readObligations(annotations: Annotations): AnnotationReading<Obligations> {
  const problems: string[] = unknownNames(annotations);
  const read = reader(annotations, problems);
  const stages = read("stages", parseStages, '"none" or a list like "resource-owner:1 within 4h, team:Security:1 || on-call:Platform:1"');
  if (annotations["stages"] === undefined) problems.push('a permit needs @stages ("none" where nobody is asked)');
  const stepUp = readFlag(annotations, "step_up", problems);
  const dualControl = readFlag(annotations, "dual_control", problems);
  if (dualControl && stages?.length === 0) problems.push('@dual_control contradicts @stages("none")');
  const value = {
    stages: dualControl ? withSecondApprover(stages ?? []) : (stages ?? []),
    maxDurationSeconds: read("max_duration", parseDuration, 'a duration like "8h" or "1h30m"'),
    maxUses: read("max_uses", parseCount, "a whole number above zero"),
    idleSeconds: read("idle", parseDuration, 'a duration like "15m"'),
    ticketRequired: read("ticket", (text) => (text === "required" ? true : null), '"required"') ?? false,
    purposes: read("purpose", parsePurposes, 'a list like "backfill, incident"'),
    stepUp,
    dualControl,
  };
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value };
}

function unknownNames(annotations: Annotations): string[] {
  const known: readonly string[] = ["id", "reason", ...obligationNames];
  // A misspelt obligation would be one that nobody keeps.
  return Object.keys(annotations)
    .filter((name) => !known.includes(name))
    .map((name) => `@${name} is not known`);
}

/** Problems of a forbid's annotations: obligations on it would promise what a refusal cannot keep. */
export function problemsOfForbid(annotations: Annotations): readonly string[] {
  const misplaced = obligationNames.filter((name) => annotations[name] !== undefined);
  return [...unknownNames(annotations), ...misplaced.map((name) => `@${name} has no meaning on a forbid`)];
}

/** The readable sentence of a policy, or `null` where it has none that can be shown. */
export function readReason(annotations: Annotations): string | null {
  const text = annotations["reason"]?.trim() ?? "";
  return text.length > 0 && text.length <= longestReason && !/\p{Cc}/u.test(text) ? text : null;
}
