import "server-only";
import type { Actor } from "@/lib/auth/actor";
import type { Transaction } from "@/lib/db/transaction";
import { capsOf } from "@/lib/entitlements/rules";
import { whyFrozen } from "@/lib/identities/rules";
import { appendEvent } from "@/lib/ledger/append";
import { refuse, type Result } from "@/lib/platform/result";
import { evaluateBreakGlass } from "@/lib/policies/cedar";
import type { BreakGlassAnswer, Moment } from "@/lib/policies/types";
import { assess } from "@/lib/requests/assessment";
import { readAskFacts } from "@/lib/requests/data";
import type { SidePerson } from "@/lib/stages/types";
import { countOpenDebts, findEntry, readAskedOf, readBreaker, readPoliciesInForce, readResourceOwners, readSide } from "./data";
import { groundOf, secondWait } from "./rules";
import type { Basis, BreakRefusal, Flag, IncidentCheck } from "./types";

/** What somebody would take, and when. */
export type Breaking = {
  readonly personId: string;
  readonly identityId: string;
  readonly entitlementId: string;
  readonly durationSeconds: number;
  readonly incident: string;
  readonly incidentCheck: IncidentCheck;
  /** The waiting request that is escalated. */
  readonly escalates: string | null;
  readonly sourceAddress: string | null;
};

export type Judged = {
  readonly facts: Awaited<ReturnType<typeof readAskFacts>>;
  readonly answer: BreakGlassAnswer;
  readonly entryId: string | null;
  readonly side: readonly SidePerson[];
  /** Whom a normal request would have asked. */
  readonly skipped: readonly string[];
  readonly openDebts: number;
  readonly allowed: { readonly basis: Basis; readonly flags: readonly Flag[]; readonly longestSeconds: number; readonly debtSeconds: number; readonly secondWithinSeconds: number | null };
};

/** Asks policy whether this person may break this glass at this moment. */
export async function askAboutGlass(tx: Transaction, breaking: Breaking, { moment, now }: { readonly moment: Moment; readonly now: Date }) {
  const facts = await readAskFacts(tx, { identityId: breaking.identityId, entitlementIds: [breaking.entitlementId] });
  const [entitlement] = facts.entitlements;
  if (!facts.identity) return refuse("unknown-identity" as const);
  if (!entitlement) return refuse("unknown-entitlement" as const);
  const breaker = await readBreaker(tx, breaking.personId, { identity: facts.identity.teamId, resource: entitlement.resourceTeamId }, now);
  const answer = evaluateBreakGlass(await readPoliciesInForce(tx), {
    identity: facts.policyIdentity,
    entitlement: entitlement.policyFacts,
    breaker,
    context: {
      moment,
      at: now,
      purpose: "break-glass",
      durationSeconds: breaking.durationSeconds,
      maxUses: null,
      ticket: { key: breaking.incident, verified: breaking.incidentCheck === "verified" },
      requester: { kind: "person", attested: true },
      history: { timesGranted: entitlement.timesGranted, standing: entitlement.standing },
      sourceAddress: breaking.sourceAddress,
    },
  });
  const entryId = await findEntry(tx, { personId: breaking.personId, entitlementId: breaking.entitlementId, now });
  return { ok: true as const, value: { facts, identity: facts.identity, entitlement, answer, entryId } };
}

/** Whether the glass may be broken, on what ground, under what terms, and who is passed over. The form's preview and the mutation ask this same function. */
export async function judgeBreaking(tx: Transaction, breaking: Breaking, now: Date): Promise<Result<Judged, BreakRefusal>> {
  const asked = await askAboutGlass(tx, breaking, { moment: "request", now });
  if (!asked.ok) return asked;
  const { facts, identity, entitlement, answer, entryId } = asked.value;
  const frozen = whyFrozen(identity);
  if (frozen) return refuse(frozen, { identity: identity.name });
  if (!entitlement.requestable) return refuse("not-grantable", { entitlement: entitlement.name });
  const ground = groundOf(answer, breaking.incidentCheck, entryId !== null);
  if (!ground.ok) return ground;
  const { basis, terms, flags } = ground.value;
  const side = await readSide(tx, breaking.personId, identity, { from: now, until: now });
  const openDebts = await countOpenDebts(tx, { identityId: breaking.identityId, side: side.map(({ personId }) => personId) });
  const skipped = await readSkipped(tx, breaking, { entitlement, side: side.map(({ personId }) => personId), now });
  const allowed = {
    basis,
    flags: [...flags, ...(openDebts > 0 ? (["open-debt"] as const) : []), ...(breaking.escalates === null ? [] : (["escalated"] as const))],
    longestSeconds: Math.min(terms.maxDurationSeconds, capsOf(entitlement).longestSeconds),
    debtSeconds: terms.debtSeconds,
    secondWithinSeconds: secondWait(terms, openDebts),
  };
  return { ok: true, value: { facts, answer, entryId: basis === "list" ? entryId : null, side, skipped, openDebts, allowed } };
}

type Around = { readonly entitlement: { readonly resourceOwnerId: string | null; readonly resourceTeamId: string | null }; readonly side: readonly string[]; readonly now: Date };

/** Everybody whose decision is passed over: those of the escalated request, else those whom a normal one would have asked. */
async function readSkipped(tx: Transaction, breaking: Breaking, { entitlement, side, now }: Around): Promise<string[]> {
  if (breaking.escalates !== null) return readAskedOf(tx, breaking.escalates);
  const ask = {
    asker: { kind: "person" as const, personId: breaking.personId },
    identityId: breaking.identityId,
    entitlementIds: [breaking.entitlementId],
    purpose: "incident",
    durationSeconds: breaking.durationSeconds,
    maxUses: null,
    ticketKey: breaking.incident,
    sourceAddress: breaking.sourceAddress,
  };
  const { stages } = await assess(tx, ask, { moment: "vote", now });
  const asked = [...new Set(stages.flatMap(({ eligible }) => eligible.map(({ id }) => id)))];
  return asked.length > 0 ? asked : readResourceOwners(tx, entitlement, { side, now });
}

/** Puts what policy answered on the record. */
export function recordAnswer(
  tx: Transaction,
  answer: BreakGlassAnswer,
  about: { readonly moment: Moment; readonly subjects: Readonly<Record<string, string>>; readonly actor: Actor; readonly now: Date; readonly demo: boolean },
): Promise<void> {
  const { outcome, policyHash, inputHash, determining } = answer;
  return appendEvent(tx, {
    type: "policy.decided",
    at: about.now,
    actor: about.actor,
    subjects: about.subjects,
    data: { moment: about.moment, outcome, policyHash, inputHash, determining: [...determining] },
    demo: about.demo,
  });
}
