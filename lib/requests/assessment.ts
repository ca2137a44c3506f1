import "server-only";
import type { Transaction } from "@/lib/db/transaction";
import { capsOf, strictestCaps } from "@/lib/entitlements/rules";
import { evaluate } from "@/lib/policies/cedar";
import { loadActivePolicySet } from "@/lib/policies/data";
import { sayStage } from "@/lib/policies/explain";
import { applyObligations, mergeObligations, type PolicyRefusalCode, type Terms } from "@/lib/policies/rules";
import type { Moment, Policies, PolicyAnswer, StageNeed } from "@/lib/policies/types";
import { AppError } from "@/lib/platform/errors";
import { logger } from "@/lib/platform/logger";
import { refuse, type Result } from "@/lib/platform/result";
import { readApprovers, readAskFacts, type AskFacts } from "./data";
import { sideOf, unstaffableStage, type SidePerson } from "./rules";

/** Who asks: a person for an identity, or a workload for itself. */
export type Asker =
  | { readonly kind: "person"; readonly personId: string }
  | { readonly kind: "workload"; readonly identityId: string; readonly triggeredById: string | null };

export type AskTerms = {
  readonly asker: Asker;
  readonly identityId: string;
  readonly entitlementIds: readonly string[];
  readonly purpose: string;
  readonly durationSeconds: number;
  readonly maxUses: number | null;
  readonly ticketKey: string | null;
  readonly sourceAddress: string | null;
};

/** A stage with the persons that it asks. */
export type RoutedStage = StageNeed & { readonly label: string; readonly eligible: readonly { readonly id: string; readonly name: string }[] };

export type AssessmentRefusal =
  | PolicyRefusalCode
  | "unknown-identity"
  | "unknown-entitlement"
  | "not-your-identity"
  | "identity-orphaned"
  | "review-missed"
  | "not-requestable"
  | "purpose-not-listed"
  | "already-granted"
  | "already-asked"
  | "nobody-can-approve";

export type Assessment = {
  readonly facts: AskFacts | null;
  /** One answer per entitlement, as policy gave it. */
  readonly answers: readonly PolicyAnswer[];
  readonly side: readonly SidePerson[];
  readonly stages: readonly RoutedStage[];
  readonly outcome: Result<Terms, AssessmentRefusal>;
};

const nothing = { facts: null, answers: [], side: [], stages: [] };

/**
 * What would become of an ask: facts from the database, the policy's answers, hard caps, the people of each stage without the
 * asking side. The form's preview and the mutation ask this same function, so that they cannot differ.
 */
export async function assess(tx: Transaction, ask: AskTerms, { moment, now }: { moment: Moment; now: Date }): Promise<Assessment> {
  const facts = await readAskFacts(tx, ask);
  if (!facts.identity) return { ...nothing, outcome: refuse("unknown-identity") };
  if (facts.entitlements.length !== ask.entitlementIds.length) return { ...nothing, outcome: refuse("unknown-entitlement") };
  if (ask.asker.kind === "workload" && ask.asker.identityId !== ask.identityId) return { ...nothing, outcome: refuse("not-your-identity") };
  const side = sideOf({
    requesterId: ask.asker.kind === "person" ? ask.asker.personId : null,
    triggeredById: ask.asker.kind === "workload" ? ask.asker.triggeredById : null,
    madeForId: null,
    identities: [facts.identity],
  });
  const answers = await answersOf(tx, ask, facts, { moment, now });
  const base = { facts, answers, side };
  const early = moment === "request" ? standsAgainst(ask, facts) : null;
  if (early) return { ...base, stages: [], outcome: early };
  const terms = termsOf(ask, facts, answers, now);
  if (!terms.ok) return { ...base, stages: [], outcome: terms };
  const stages = await route(tx, terms.value, facts, side);
  const empty = unstaffableStage(stages.map(({ needed, eligible }) => ({ needed, eligible: eligible.map(({ id }) => id) })));
  const outcome = empty === null ? terms : refuse("nobody-can-approve", { stage: stages[empty]?.label ?? "" });
  return { ...base, stages, outcome };
}

function standsAgainst(ask: AskTerms, facts: AskFacts): Result<never, AssessmentRefusal> | null {
  // Nobody answered for it in time: nothing new until somebody does.
  if (facts.identity?.frozenByReviewId) return refuse("review-missed", { identity: facts.identity.name });
  // Whatever policy says: nothing new for what nobody answers for.
  if (facts.identity?.state === "orphaned") return refuse("identity-orphaned", { identity: facts.identity.name, ask: facts.administrators.join(", ") });
  for (const entitlement of facts.entitlements) {
    if (!entitlement.requestable) return refuse("not-requestable", { entitlement: entitlement.name });
    if (!entitlement.purposes.includes(ask.purpose)) {
      return refuse("purpose-not-listed", { purpose: ask.purpose, allowed: entitlement.purposes.join(", ") });
    }
  }
  if (facts.liveGrant) return refuse("already-granted", { number: facts.liveGrant.requestNumber, requestId: facts.liveGrant.requestId });
  if (facts.pendingRequest) return refuse("already-asked", { number: facts.pendingRequest.number, requestId: facts.pendingRequest.id });
  return null;
}

async function answersOf(tx: Transaction, ask: AskTerms, facts: AskFacts, { moment, now }: { moment: Moment; now: Date }) {
  const policies = await policiesInForce(tx);
  return facts.entitlements.map((entitlement) =>
    evaluate(policies, {
      identity: facts.policyIdentity,
      entitlement: entitlement.policyFacts,
      context: {
        moment,
        at: now,
        purpose: ask.purpose,
        durationSeconds: ask.durationSeconds,
        maxUses: ask.maxUses,
        // No ticket system is connected yet: a key is a claim, never verified.
        ticket: { key: ask.ticketKey, verified: false },
        requester: { kind: ask.asker.kind, attested: ask.asker.kind === "person" || ask.asker.triggeredById !== null },
        history: { timesGranted: entitlement.timesGranted, standing: entitlement.standing },
        sourceAddress: ask.sourceAddress,
      },
    }),
  );
}

/** A stored set that lost its integrity is a fault like any other of the engine: asked of no policy at all, every question is one. */
async function policiesInForce(tx: Transaction): Promise<Policies> {
  try {
    return (await loadActivePolicySet(tx)).policies;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    logger.error({ err: error }, "policy could not be read");
    return {};
  }
}

function termsOf(ask: AskTerms, facts: AskFacts, answers: readonly PolicyAnswer[], now: Date): Result<Terms, PolicyRefusalCode> {
  const caps = strictestCaps(facts.entitlements.map(capsOf));
  const asked = { purpose: ask.purpose, durationSeconds: ask.durationSeconds, maxUses: ask.maxUses, idleSeconds: null, ticketKey: ask.ticketKey, now };
  // A decided no says more than a fault beside it.
  const refused = answers.find(({ outcome }) => outcome === "refuse") ?? answers.find(({ outcome }) => outcome === "fault");
  const [first] = answers;
  if (!first || refused) return first ? applyObligations(refused ?? first, asked, caps) : refuse("policy-fault");
  const obligations = mergeObligations(answers.flatMap((answer) => (answer.outcome === "permit" ? [answer.obligations] : [])));
  return first.outcome === "permit" ? applyObligations({ ...first, obligations }, asked, caps) : refuse("policy-fault");
}

async function route(tx: Transaction, terms: Terms, facts: AskFacts, side: readonly SidePerson[]): Promise<RoutedStage[]> {
  const names = { resource: facts.entitlements.map(({ name }) => name).join(" and ") };
  const excluded = new Set(side.map(({ personId }) => personId));
  const routed: RoutedStage[] = [];
  for (const stage of terms.stages) {
    const people = await readApprovers(tx, stage.source, facts.entitlements);
    routed.push({ ...stage, label: sayStage(stage, names), eligible: people.filter(({ id }) => !excluded.has(id)) });
  }
  return terms.dualControl ? withTwoPeople(routed) : routed;
}

/** Dual control: two different people, whatever the stages ask for; the last stage takes what is missing. */
function withTwoPeople(stages: RoutedStage[]): RoutedStage[] {
  const missing = 2 - stages.reduce((sum, { needed }) => sum + needed, 0);
  if (missing <= 0) return stages;
  return stages.map((stage, index) => (index === stages.length - 1 ? { ...stage, needed: stage.needed + missing } : stage));
}
