import "server-only";
import type { Transaction } from "@/lib/db/transaction";
import { capsOf, strictestCaps } from "@/lib/entitlements/rules";
import { whyFrozen } from "@/lib/identities/rules";
import { evaluate } from "@/lib/policies/cedar";
import { loadActivePolicySet, readPolicyNames } from "@/lib/policies/data";
import { sayStage } from "@/lib/policies/explain";
import { applyObligations, mergeObligations, type PolicyRefusalCode, type Terms } from "@/lib/policies/rules";
import type { Moment, Policies, PolicyAnswer, StageNeed } from "@/lib/policies/types";
import { isVerified, objectionToTicket } from "@/lib/tickets/binding";
import type { TicketRefusalCode } from "@/lib/tickets/types";
import { AppError } from "@/lib/platform/errors";
import { logger } from "@/lib/platform/logger";
import { refuse, type Result } from "@/lib/platform/result";
import { readActedFor, readSeats, type NamedSeat } from "@/lib/stages/data";
import { asksOf, audienceOf, groupsIn, groupsOf, namesIn, type NamedGroup } from "@/lib/stages/groups";
import { unfillableStage } from "@/lib/stages/rules";
import type { Group, GroupFacts, SidePerson } from "@/lib/stages/types";
import { readAskFacts, type AskFacts } from "./data";
import { mayExtend } from "./extension";
import { sideOf } from "./rules";

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
  /** It ends when it was not used for so long. */
  readonly idleSeconds?: number | null;
  readonly ticketKey: string | null;
  readonly sourceAddress: string | null;
  /** It cannot start before; null is at once. */
  readonly notBefore?: Date | null;
  /** The request whose live session it goes on with. */
  readonly extendsId?: string | null;
  /** The denied request that it asks again. */
  readonly afterId?: string | null;
};

/** A stage with the persons that it asks. */
export type RoutedStage = StageNeed & {
  /** Stages at one position are asked at the same time. */
  readonly position: number;
  readonly label: string;
  readonly groups: readonly Group[];
  readonly escalation: readonly Group[] | null;
  readonly asks: readonly string[];
  readonly seats: readonly NamedSeat[];
  /** Everybody who is asked, each once. */
  readonly eligible: readonly { readonly id: string; readonly name: string }[];
};

export type AssessmentRefusal =
  | PolicyRefusalCode
  | TicketRefusalCode
  | "unknown-identity"
  | "unknown-entitlement"
  | "not-your-identity"
  | "identity-orphaned"
  | "review-missed"
  | "not-requestable"
  | "purpose-not-listed"
  | "already-granted"
  | "already-asked"
  | "nothing-to-extend"
  | "nothing-to-ask-again"
  | "start-too-late"
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
  const side = await readSide(tx, ask, facts.identity, now);
  const about = { identityId: ask.identityId, entitlementIds: ask.entitlementIds, requesterId: ask.asker.kind === "person" ? ask.asker.personId : null, side: side.map(({ personId }) => personId) };
  const verified = await isVerified(tx, ask.ticketKey, about, { moment, now });
  const answers = await answersOf(tx, ask, facts, { moment, now, verified });
  const base = { facts, answers, side };
  const early = moment === "request" ? standsAgainst(ask, facts, now) : null;
  if (early) return { ...base, stages: [], outcome: early };
  const terms = termsOf(ask, facts, answers, now);
  if (!terms.ok) return { ...base, stages: [], outcome: terms };
  // Later moments judge the ticket that the request is bound to, and record it.
  const ticket = moment === "request" ? await objectionToTicket(tx, ask.ticketKey, about, { now, decidesNow: terms.value.autoApproved }) : null;
  if (ticket) return { ...base, stages: [], outcome: ticket };
  const policyHash = answers[0]?.policyHash ?? "";
  const stages = await route(tx, terms.value, facts, { side: side.map(({ personId }) => personId), now, policyHash });
  const empty = unfillableStage(stages.map(({ needed, seats }) => ({ needed, seats, votes: [] })));
  const outcome = empty === null ? terms : refuse("nobody-can-approve", deadEnd(stages[empty]));
  return { ...base, stages, outcome };
}

/** The asking side at this moment, with those who act for one of it. */
async function readSide(tx: Transaction, { asker }: AskTerms, identity: NonNullable<AskFacts["identity"]>, now: Date): Promise<SidePerson[]> {
  const named = sideOf({
    requesterId: asker.kind === "person" ? asker.personId : null,
    triggeredById: asker.kind === "workload" ? asker.triggeredById : null,
    madeForId: null,
    identities: [identity],
  });
  const acting = await readActedFor(tx, named.map(({ personId }) => personId), { from: now, until: now });
  return [...named, ...acting.map((personId) => ({ personId, why: "delegate" as const }))];
}

/** The stage that nobody can fill, and whom policy names there who is not known. */
function deadEnd(stage: RoutedStage | undefined): Record<string, string> {
  const unknown = stage?.groups.flatMap((group) => (group.kind === "unknown" ? [group.name] : [])) ?? [];
  return { stage: stage?.label ?? "", ...(unknown.length > 0 ? { unknown: unknown.join(", ") } : {}) };
}

function standsAgainst(ask: AskTerms, facts: AskFacts, now: Date): Result<never, AssessmentRefusal> | null {
  const frozen = facts.identity && whyFrozen(facts.identity);
  if (frozen === "review-missed") return refuse(frozen, { identity: facts.identity?.name ?? "" });
  if (frozen === "identity-orphaned") return refuse(frozen, { identity: facts.identity?.name ?? "", ask: facts.administrators.join(", ") });
  for (const entitlement of facts.entitlements) {
    if (!entitlement.requestable) return refuse("not-requestable", { entitlement: entitlement.name });
    if (!entitlement.purposes.includes(ask.purpose)) {
      return refuse("purpose-not-listed", { purpose: ask.purpose, allowed: entitlement.purposes.join(", ") });
    }
  }
  const askedBy = { personId: ask.asker.kind === "person" ? ask.asker.personId : null, workloadId: ask.asker.kind === "workload" ? ask.asker.identityId : null };
  if (ask.extendsId && !mayExtend(facts.former, { ...ask, ...askedBy })) return refuse("nothing-to-extend");
  if (ask.afterId && !isOf(facts.denied, askedBy)) return refuse("nothing-to-ask-again");
  const latest = latestStart(facts, now);
  if (ask.notBefore && ask.notBefore > latest) return refuse("start-too-late", { latest: latest.toISOString() });
  if (facts.liveGrant) return refuse("already-granted", { number: facts.liveGrant.requestNumber, requestId: facts.liveGrant.requestId });
  if (facts.pendingRequest) return refuse("already-asked", { number: facts.pendingRequest.number, requestId: facts.pendingRequest.id });
  return null;
}

/** A start later than a request may wait would be decided on facts that are too old by then. */
function latestStart({ entitlements }: AskFacts, now: Date): Date {
  return new Date(now.getTime() + strictestCaps(entitlements.map(capsOf)).longestWaitSeconds * 1000);
}

/** Whether it was asked by the same person, or by the same workload itself. */
function isOf(asked: AskFacts["denied"], { personId, workloadId }: { personId: string | null; workloadId: string | null }): boolean {
  if (asked === null) return false;
  return personId === null ? asked.requesterIdentityId === workloadId : asked.requesterId === personId;
}

async function answersOf(tx: Transaction, ask: AskTerms, facts: AskFacts, { moment, now, verified }: { moment: Moment; now: Date; verified: boolean }) {
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
        ticket: { key: ask.ticketKey, verified },
        requester: { kind: ask.asker.kind, attested: ask.asker.kind === "person" || ask.asker.triggeredById !== null },
        extension: facts.former && { earlierSeconds: facts.former.seconds },
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
  const asked = { purpose: ask.purpose, durationSeconds: ask.durationSeconds, maxUses: ask.maxUses, idleSeconds: ask.idleSeconds ?? null, ticketKey: ask.ticketKey, now, ...(facts.former ? { earlierSeconds: facts.former.seconds } : {}) };
  // A decided no says more than a fault beside it.
  const refused = answers.find(({ outcome }) => outcome === "refuse") ?? answers.find(({ outcome }) => outcome === "fault");
  const [first] = answers;
  if (!first || refused) return first ? applyObligations(refused ?? first, asked, caps) : refuse("policy-fault");
  const obligations = mergeObligations(answers.flatMap((answer) => (answer.outcome === "permit" ? [answer.obligations] : [])));
  return first.outcome === "permit" ? applyObligations({ ...first, obligations }, asked, caps) : refuse("policy-fault");
}

async function route(tx: Transaction, terms: Terms, facts: AskFacts, about: Routing): Promise<RoutedStage[]> {
  const sources = terms.stages.flatMap(({ source, escalateTo }) => (escalateTo ? [source, escalateTo] : [source]));
  const named = await readPolicyNames(tx, about.policyHash, namesIn(sources));
  const idOf = ({ kind, name }: NamedGroup) => named.get(`${kind}:${name}`)?.id ?? null;
  const routed: RoutedStage[] = [];
  for (const [index, demanded] of terms.stages.entries()) {
    const position = index === 0 ? 0 : (routed.at(-1)?.position ?? 0) + (demanded.beside ? 0 : 1);
    for (const entitlements of ownedApart(demanded, facts.entitlements)) {
      const resource = entitlements.map(({ name }) => name).join(" and ");
      const ids = entitlements.map(({ id }) => id);
      const groups = groupsOf(demanded.source, idOf, ids);
      const escalation = demanded.escalateTo ? groupsOf(demanded.escalateTo, idOf, ids) : null;
      const audience = audienceOf(groups, groupFacts(facts));
      const seats = await readSeats(tx, audience, about);
      const eligible = seats.filter((seat, at) => seats.findIndex(({ personId }) => personId === seat.personId) === at).map(({ personId: id, name }) => ({ id, name }));
      routed.push({ ...demanded, position, label: sayStage(demanded, { resource }), groups, escalation, asks: asksOf(audience, groups), seats, eligible });
    }
  }
  return terms.dualControl ? withTwoPeople(routed) : routed;
}

type Routing = { readonly side: readonly string[]; readonly now: Date; readonly policyHash: string };
type Asked = AskFacts["entitlements"];

const groupFacts = ({ entitlements, identity }: AskFacts): GroupFacts => ({ entitlements, identity: identity ?? { ownerId: null, sponsorId: null } });

/** Several entitlements that others own are decided by the owners of each, at the same time. */
function ownedApart({ source }: StageNeed, entitlements: Asked): Asked[] {
  if (!groupsIn(source).includes("resource-owner")) return [entitlements];
  const owners = new Map<string, Asked[number][]>();
  for (const one of entitlements) {
    const key = `${one.resourceOwnerId ?? ""} ${one.resourceTeamId ?? ""}`;
    owners.set(key, [...(owners.get(key) ?? []), one]);
  }
  return [...owners.values()];
}

/** Dual control: two different people, whatever the stages ask for; the last stage takes what is missing. */
function withTwoPeople(stages: RoutedStage[]): RoutedStage[] {
  const missing = 2 - stages.reduce((sum, { needed }) => sum + needed, 0);
  if (missing <= 0) return stages;
  return stages.map((stage, index) => (index === stages.length - 1 ? { ...stage, needed: stage.needed + missing } : stage));
}
