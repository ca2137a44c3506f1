import { createHash, randomUUID } from "node:crypto";
import { isIP } from "node:net";
import * as cedar from "@cedar-policy/cedar-wasm/nodejs";
import canonicalize from "canonicalize";
import { AppError } from "@/lib/platform/errors";
import { type Annotations, problemsOfForbid, readObligations, readReason } from "./annotations";
import { mergeBreakGlassTerms, readBreakGlassTerms } from "./break-glass";
import { cedarSchema, days } from "./cedar-schema";
import { mergeObligations } from "./rules";
import type {
  BreakGlassAnswer,
  BreakGlassQuestion,
  BreakGlassTerms,
  CedarJson,
  CedarUid,
  Obligations,
  Policies,
  PolicyAnswer,
  PolicyInput,
  PolicyProblem,
  PolicyProblemCode,
  PolicyQuestion,
  PolicyReason,
} from "./types";

/**
 * A bundler may load this module more than once over the one engine of the process, which knows parsed sets by name only:
 * the names are this copy's own, so that no copy answers from another's set.
 */
const copy = randomUUID();
const schemaName = `${copy}-schema`;
/** The engine keeps what it parsed for ever; slots that are used again bound its memory. */
const slots = Array.from({ length: 16 }, (_, index) => `${copy}-${index}`);

/** One policy of a set, read: what it does and what its annotations say. */
export type ReadPolicy = {
  readonly effect: "permit" | "forbid";
  /** As shown: what `@reason` says, else a sentence that names the policy. */
  readonly reason: string;
  readonly hasReason: boolean;
  /** Its own `@id`, which has to be the id it is filed under. */
  readonly statedId: string | null;
  /** `null` on a forbid, and where the annotations cannot be read. */
  readonly obligations: Obligations | null;
  /** `null` on everything but a permit to break glass. */
  readonly breakGlass: BreakGlassTerms | null;
  readonly isBreakGlass: boolean;
  readonly problems: readonly string[];
};
type Prepared = {
  readonly slot: string;
  readonly policies: ReadonlyMap<string, ReadPolicy>;
  readonly problems: readonly PolicyProblem[];
};

const breakGlassAction = "break-glass";
const prepared = new Map<string, Prepared>();
const hashes = new WeakMap<Policies, string>();
let schemaIsParsed = false;

function sha256OfJson(value: unknown): string {
  return createHash("sha256").update(canonicalize(value) ?? "null").digest("hex");
}

/** Hash of a policy set: SHA-256 (hex) over the canonical JSON (RFC 8785) of id → text. */
export function hashPolicies(policies: Policies): string {
  const known = hashes.get(policies);
  if (known !== undefined) return known;
  const hash = sha256OfJson(policies);
  // Only what cannot change any more may be remembered by identity.
  if (Object.isFrozen(policies)) hashes.set(policies, hash);
  return hash;
}

/** Builds a problem. */
export function problem(code: PolicyProblemCode, policyId: string | null, text: string): PolicyProblem {
  return { code, policyId, text };
}

/** The engine's messages in one line. */
export function messagesOf(errors: readonly cedar.DetailedError[]): string {
  return errors.map((error) => (error.help ? `${error.message} (${error.help})` : error.message)).join("; ");
}

/** Reads one policy's text; a problem where the engine cannot parse it. */
export function readPolicy(id: string, text: string): ReadPolicy | PolicyProblem {
  const parsed = cedar.policyToJson(text);
  if (parsed.type === "failure") return problem("parse", id, messagesOf(parsed.errors));
  // The engine's types say that a value is a string; for an annotation without one it answers null.
  const annotations: Annotations = parsed.json.annotations ?? {};
  const effect = parsed.json.effect;
  const stated = readReason(annotations);
  const reason = stated ?? `Policy ${id} ${effect === "permit" ? "permits" : "refuses"} this`;
  const { action } = parsed.json;
  const isBreakGlass = effect === "permit" && action.op === "==" && "entity" in action && "id" in action.entity && action.entity.id === breakGlassAction;
  const base = { effect, reason, hasReason: stated !== null, statedId: annotations["id"] ?? null, breakGlass: null, isBreakGlass };
  if (effect === "forbid") return { ...base, obligations: null, problems: problemsOfForbid(annotations) };
  if (isBreakGlass) {
    const terms = readBreakGlassTerms(annotations);
    return { ...base, obligations: null, breakGlass: terms.ok ? terms.value : null, problems: terms.ok ? [] : terms.problems };
  }
  const reading = readObligations(annotations);
  return reading.ok
    ? { ...base, obligations: reading.value, problems: [] }
    : { ...base, obligations: null, problems: reading.problems };
}

/** A slot that no remembered set uses, made free by forgetting the one unused for longest where all are in use. */
function freeSlot(): string {
  const [oldest] = prepared.keys();
  if (oldest !== undefined && prepared.size >= slots.length) prepared.delete(oldest);
  const used = new Set([...prepared.values()].map((entry) => entry.slot));
  const free = slots.find((slot) => !used.has(slot));
  if (free === undefined) throw new AppError("policy-engine", "no slot is free for a policy set");
  return free;
}

function prepare(hash: string, policies: Policies): Prepared {
  const known = prepared.get(hash);
  if (known !== undefined) {
    prepared.delete(hash);
    prepared.set(hash, known); // Most recently used last.
    return known;
  }
  const problems: PolicyProblem[] = [];
  const read = new Map<string, ReadPolicy>();
  for (const [id, text] of Object.entries(policies)) {
    const policy = readPolicy(id, text);
    if ("code" in policy) problems.push(policy);
    else read.set(id, policy);
  }
  const slot = freeSlot();
  const parsed = cedar.preparsePolicySet(slot, { staticPolicies: { ...policies } });
  if (parsed.type === "failure") problems.push(problem("parse", null, messagesOf(parsed.errors)));
  const entry = { slot, policies: read, problems };
  prepared.set(hash, entry);
  return entry;
}

function prepareSchema(): void {
  if (schemaIsParsed) return;
  schemaIsParsed = cedar.preparseSchema(schemaName, cedarSchema).type === "success";
}

function uid(type: string, id: string): CedarUid {
  return { type, id };
}

/** Leaves out what is `null`: an optional attribute is absent in Cedar, never null. */
function present(values: Record<string, CedarJson | null>): Record<string, CedarJson> {
  const entries = Object.entries(values).filter((entry): entry is [string, CedarJson] => entry[1] !== null);
  return Object.fromEntries(entries);
}

/** An address as Cedar takes it: no zone, and IPv4 not wrapped in IPv6 (as dual-stack sockets report it). */
function addressOf(text: string | null): string | null {
  if (text === null) return null;
  const bare = text.split("%", 1)[0] ?? "";
  const wrapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1];
  return wrapped !== undefined && isIP(wrapped) === 4 ? wrapped : bare;
}

/** The question as the engine is asked it: plain JSON, without anything that identifies a person. */
export function inputOf(question: PolicyQuestion | BreakGlassQuestion): PolicyInput {
  const { identity, entitlement, context } = question;
  const breaker = "breaker" in question ? question.breaker : null;
  const principal = uid("Identity", identity.id);
  const resource = uid("Entitlement", entitlement.id);
  return {
    principal,
    action: uid("Action", breaker ? breakGlassAction : "use"),
    resource,
    context: present({
      moment: uid("Moment", context.moment),
      purpose: context.purpose,
      durationSeconds: context.durationSeconds,
      maxUses: context.maxUses,
      ticket: present({
        present: (context.ticket.key ?? "").trim() !== "",
        key: context.ticket.key,
        verified: context.ticket.verified,
      }),
      requester: { kind: uid("Requester", context.requester.kind), attested: context.requester.attested },
      extension: context.extension ? { earlierSeconds: context.extension.earlierSeconds } : null,
      history: { timesGranted: context.history.timesGranted, standing: context.history.standing },
      hourUtc: context.at.getUTCHours(),
      dayOfWeek: uid("Day", days[context.at.getUTCDay()] ?? "unknown"),
      sourceAddress: addressOf(context.sourceAddress),
      breaker: breaker && { ...breaker },
    }),
    entities: [
      {
        uid: principal,
        attrs: present({
          name: identity.name,
          kind: uid("Kind", identity.kind),
          environment: identity.environment,
          state: uid("State", identity.state),
          hasOwner: identity.hasOwner,
          vanished: identity.vanished,
          shared: identity.shared,
          teamId: identity.teamId,
          team: identity.team,
        }),
        parents: [],
      },
      {
        uid: resource,
        attrs: {
          name: entitlement.name,
          system: entitlement.system,
          environment: entitlement.environment,
          sensitivity: uid("Sensitivity", entitlement.sensitivity),
          actions: [...entitlement.actions].sort(),
          role: entitlement.role,
        },
        parents: [],
      },
    ],
  };
}

type Grounds = {
  readonly determining: readonly string[];
  readonly reasons: readonly PolicyReason[];
  readonly problems: readonly PolicyProblem[];
};
type Verdict =
  | (Grounds & { readonly outcome: "permit"; readonly obligations: Obligations })
  | (Grounds & { readonly outcome: "refuse" | "fault"; readonly obligations: null });
type Refused = Extract<Verdict, { outcome: "refuse" | "fault" }>;
type BreakGlassVerdict = (Grounds & { readonly outcome: "permit"; readonly terms: BreakGlassTerms }) | Refused;

const unreadable = "Policy could not be asked, so nothing new is given. What is live goes on.";

function fault(...problems: readonly PolicyProblem[]): Refused {
  return { outcome: "fault", determining: [], reasons: [{ policyId: null, text: unreadable }], problems, obligations: null };
}

function judgePermit(set: Prepared, ids: readonly string[]): Verdict {
  const obligations: Obligations[] = [];
  for (const id of ids) {
    const policy = set.policies.get(id);
    if (policy?.obligations == null || policy.effect !== "permit") {
      const text = policy === undefined ? "not in the set" : policy.problems.join("; ");
      return fault(problem("annotation", id, text));
    }
    obligations.push(policy.obligations);
  }
  if (obligations.length === 0) return fault(problem("engine", null, "allowed without a permit"));
  const grounds = { determining: ids, reasons: reasonsOf(set, ids), problems: [] };
  return { ...grounds, outcome: "permit", obligations: mergeObligations(obligations) };
}

function reasonsOf(set: Prepared, ids: readonly string[]): readonly PolicyReason[] {
  return ids.map((id) => ({ policyId: id, text: set.policies.get(id)?.reason ?? `Policy ${id}` }));
}

/**
 * Cedar skips a policy that fails, so a forbid that fails would let a permit through: any failure makes the answer a fault.
 * One case stands without the failed policies: a forbid that did apply, which nothing can overrule.
 */
function judge<Permitted>(set: Prepared, { decision, diagnostics }: cedar.Response, permit: (set: Prepared, ids: readonly string[]) => Permitted): Permitted | Refused {
  const ids = [...diagnostics.reason].sort();
  const problems = diagnostics.errors.map(({ policyId, error }) => problem("evaluation", policyId, messagesOf([error])));
  if (decision === "deny" && ids.length > 0) {
    return { outcome: "refuse", determining: ids, reasons: reasonsOf(set, ids), problems, obligations: null };
  }
  if (problems.length > 0) return fault(...problems);
  if (decision === "allow") return permit(set, ids);
  const reasons = [{ policyId: null, text: "No policy permits this" }];
  return { outcome: "refuse", determining: [], reasons, problems: [], obligations: null };
}

function ask<Permitted>(set: Prepared, input: PolicyInput, permit: (set: Prepared, ids: readonly string[]) => Permitted): Permitted | Refused {
  // Without a single policy there is nobody to ask; that is no decided no, which would end what is live.
  if (set.policies.size === 0 && set.problems.length === 0) return fault(problem("set", null, "no policy is in force"));
  if (set.problems.length > 0) return fault(...set.problems);
  const answer = cedar.statefulIsAuthorized({
    principal: input.principal,
    action: input.action,
    resource: input.resource,
    context: input.context,
    entities: input.entities,
    preparsedPolicySetId: set.slot,
    preparsedSchemaName: schemaName,
    validateRequest: true,
  });
  if (answer.type === "failure") return fault(problem("question", null, messagesOf(answer.errors)));
  return judge(set, answer.response, permit);
}

/** A permit that names no action was written about asking, not about emergencies: it breaks no glass. */
function judgeBreakGlass(set: Prepared, ids: readonly string[]): BreakGlassVerdict {
  const own = ids.filter((id) => set.policies.get(id)?.isBreakGlass === true);
  const unread = own.find((id) => set.policies.get(id)?.breakGlass == null);
  if (unread !== undefined) return fault(problem("annotation", unread, set.policies.get(unread)?.problems.join("; ") ?? "not in the set"));
  const [first, ...others] = own.flatMap((id) => set.policies.get(id)?.breakGlass ?? []);
  if (first === undefined) return { outcome: "refuse", determining: [], reasons: [{ policyId: null, text: "No policy permits this" }], problems: [], obligations: null };
  return { outcome: "permit", determining: own, reasons: reasonsOf(set, own), problems: [], terms: mergeBreakGlassTerms([first, ...others]) };
}

type Asked<Permitted> = { readonly verdict: Permitted | Refused; readonly policyHash: string; readonly inputHash: string; readonly input: PolicyInput | null };

/** Never throws: whatever goes wrong is a `fault`, and a fault never permits. */
function askOf<Permitted>(policies: Policies, question: PolicyQuestion | BreakGlassQuestion, permit: (set: Prepared, ids: readonly string[]) => Permitted): Asked<Permitted> {
  let policyHash = sha256OfJson(null);
  let inputHash = policyHash;
  let input: PolicyInput | null = null;
  let verdict: Permitted | Refused;
  try {
    policyHash = hashPolicies(policies);
    input = inputOf(question);
    inputHash = sha256OfJson(input);
    prepareSchema();
    verdict = ask(prepare(policyHash, policies), input, permit);
  } catch (error) {
    verdict = fault(problem("engine", null, error instanceof Error ? error.message : String(error)));
  }
  return { verdict, policyHash, inputHash, input };
}

/** Asks the policy set whether somebody may get something. */
export function evaluate(policies: Policies, question: PolicyQuestion): PolicyAnswer {
  const { verdict, ...asked } = askOf(policies, question, judgePermit);
  return { ...verdict, ...asked };
}

/** Asks the policy set whether somebody may take something in an emergency. */
export function evaluateBreakGlass(policies: Policies, question: BreakGlassQuestion): BreakGlassAnswer {
  const { verdict, ...asked } = askOf(policies, question, judgeBreakGlass);
  if (verdict.outcome === "permit") return { ...verdict, ...asked };
  const { outcome, determining, reasons, problems } = verdict;
  return { outcome, determining, reasons, problems, terms: null, ...asked } satisfies BreakGlassAnswer;
}
