import "server-only";
import * as z from "zod";
import { db } from "@/lib/db/client";
import type { Prisma } from "@/lib/db/generated/client";
import { parseFlags } from "@/lib/break-glass/data";
import { sayFlags, verdictWords } from "@/lib/break-glass/words";
import { parsePrivileges, parseSensitivity } from "@/lib/entitlements/data";
import { parseGrantState } from "@/lib/grants/data";
import { endReasons } from "@/lib/grants/types";
import { parseIdentityKind } from "@/lib/identities/data";
import { readEventsAbout } from "@/lib/ledger/read";
import { ledgerSize } from "@/lib/ledger/sequence";
import { latestCheckpoint } from "@/lib/ledger/tree/proofs";
import { parseRequestState } from "@/lib/requests/data";
import { voterWords } from "@/lib/stages/rules";
import { readBoundTicket } from "@/lib/tickets/views/bound";
import { outsideOf } from "@/lib/chains/rules";
import { controlsCalled, slugOf } from "@/lib/controls/rules";
import { chainLinks, eventsBehind } from "../rules";
import type { ChainView, EmergencyView, EventView, FindingView, GrantChain, LinkView, ProofView, RequestFacts, StillGivenView } from "./chain-types";
import { readSeal } from "./completeness";
import { decidedParts, otherSeat, readPolicy, stagesOf, ticketMomentsOf } from "./decided";
import { eventView, readNames } from "./events";
import { readUsed, type UsedFacts } from "./used";

const mostEvents = 500;
const mostGrants = 20;
const mostFindings = 50;

const proofSchema = z.object({ method: z.string(), strength: z.string(), lookedAt: z.array(z.string()), seenBy: z.string(), facts: z.array(z.string()) });
const stillGivenSchema = z.array(z.object({ kind: z.enum(["standing", "granted"]), name: z.string(), path: z.array(z.string()).default([]) }));

const name = { select: { name: true } } as const;

function readRow(id: string) {
  return db.request.findUnique({
    where: { id },
    include: {
      requester: name,
      requesterIdentity: name,
      triggeredBy: name,
      identity: { select: { id: true, name: true, kind: true, owner: name } },
      entitlements: { include: { entitlement: { select: { id: true, name: true, sensitivity: true, system: name } } }, orderBy: { entitlementId: "asc" } },
      ...decidedParts,
      sides: { include: { person: name }, orderBy: [{ person: { name: "asc" } }, { why: "asc" }] },
      breakGlass: {
        select: {
          id: true, number: true, incident: true, basis: true, flags: true, openedAt: true, person: name,
          debt: { select: { dueAt: true, size: true, closedAt: true, verdict: true, closedBy: name } },
        },
      },
      grants: { include: grantParts, orderBy: [{ createdAt: "desc" }, { id: "desc" }], take: mostGrants },
    },
  });
}

const grantParts = {
  entitlement: { select: { name: true, privileges: true, privilegesReadAt: true } },
  system: { select: { name: true, environment: true } },
  endedBy: name,
  findings: { include: { seenBy: name }, orderBy: [{ openedAt: "asc" }, { id: "asc" }], take: mostFindings },
} as const satisfies Prisma.GrantInclude;

type Row = NonNullable<Awaited<ReturnType<typeof readRow>>>;

const isoOf = (at: Date | null) => at?.toISOString() ?? null;

function proofOf(proof: unknown): ProofView | null {
  const parsed = proofSchema.safeParse(proof);
  if (!parsed.success) return null;
  const { lookedAt, ...rest } = parsed.data;
  return { ...rest, looks: lookedAt };
}

function stillGivenOf(row: Row["grants"][number]): readonly StillGivenView[] | null | undefined {
  if (row.provenAt === null) return undefined;
  return stillGivenSchema.safeParse(row.stillGiven).data ?? null;
}

type Found = { readonly id: string; readonly kind: string; readonly title: string; readonly controls: readonly string[]; readonly openedAt: Date; readonly closedAt: Date | null; readonly seenAt: Date | null; readonly seenReason: string | null; readonly seenBy: { readonly name: string } | null };

function findingOf({ id, kind, title, controls, openedAt, closedAt, seenAt, seenBy, seenReason }: Found): FindingView {
  const seen = seenAt && { at: seenAt.toISOString(), by: seenBy?.name ?? "[erased person]", reason: seenReason };
  return { id, kind, title, controls: controls.map(controlLink), openedAt: openedAt.toISOString(), closedAt: isoOf(closedAt), seen };
}

function controlLink(id: string): FindingView["controls"][number] {
  const [called] = controlsCalled(id);
  return { id, slug: called ? slugOf(called.catalogue.key, called.control.id) : null };
}

/** Findings about the request itself, where it has no grant that they could stand at. */
async function readOwnFindings({ id, identityId }: Row): Promise<FindingView[]> {
  const rows = await db.finding.findMany({ where: { identityId, grantId: null, detail: { path: ["requestId"], equals: id } }, include: { seenBy: name }, orderBy: [{ openedAt: "asc" }, { id: "asc" }], take: mostFindings });
  return rows.map(findingOf);
}

type OwnFacts = Omit<GrantChain, "isReplaced" | "outside" | keyof UsedFacts>;

function grantOf(row: Row["grants"][number]): OwnFacts {
  const { id, durationSeconds, maxUses, idleSeconds, handleName, handleTargetId, useCount, sessionsCut, attempts, lastFailure } = row;
  return {
    id, durationSeconds, maxUses, idleSeconds, handleName, handleTargetId, useCount, sessionsCut, attempts, lastFailure,
    entitlement: row.entitlement.name,
    system: row.system.name,
    environment: row.system.environment,
    state: parseGrantState(row.state),
    createdAt: row.createdAt.toISOString(),
    activateBefore: row.activateBefore.toISOString(),
    replaces: row.replacesId !== null,
    gives: parsePrivileges(row.entitlement.privileges),
    givesReadAt: isoOf(row.entitlement.privilegesReadAt),
    issueStartedAt: isoOf(row.issueStartedAt),
    issueDeadline: isoOf(row.issueDeadline),
    activatedAt: isoOf(row.activatedAt),
    notAfter: isoOf(row.notAfter),
    firstUseAt: isoOf(row.firstUseAt),
    lastUseAt: isoOf(row.lastUseAt),
    statementCount: row.statementCount === null ? null : Number(row.statementCount),
    observedAt: isoOf(row.observedAt),
    endReason: endReasons.find((reason) => reason === row.endReason) ?? null,
    endingAt: isoOf(row.endingAt),
    endedBy: row.endedBy?.name ?? null,
    acceptedAt: isoOf(row.acceptedAt),
    provenAt: isoOf(row.provenAt),
    proof: proofOf(row.proof),
    stillGiven: stillGivenOf(row),
    closedAt: isoOf(row.closedAt),
    nextAttemptAt: isoOf(row.nextAttemptAt),
    stuckSince: isoOf(row.stuckSince),
    notRecheckedSince: isoOf(row.notRecheckedSince),
    findings: row.findings.map(findingOf),
  };
}

function sideOf(row: Row): ChainView["side"] {
  const names = [...new Set(row.sides.map(({ person }) => person.name))];
  return names.map((person) => ({ name: person, why: row.sides.filter((side) => side.person.name === person).map(({ why }) => why) }));
}

function factsOf(row: Row): RequestFacts {
  const standing = row.stages.flatMap(({ votes }) => votes).filter(({ voidedAt }) => voidedAt === null);
  return {
    state: parseRequestState(row.state),
    submittedAt: row.submittedAt.toISOString(),
    decideBefore: row.decideBefore.toISOString(),
    decidedAt: isoOf(row.decidedAt),
    activateBefore: isoOf(row.activateBefore),
    asker: askerOf(row),
    isWorkload: row.requesterId === null,
    votes: standing.map((vote) => ({ name: voterWords({ name: vote.person.name, seatOf: otherSeat(vote) }), answer: vote.answer === "approve" ? "approve" : "deny" })),
    waitsFor: row.stages.find(({ state }) => state === "open")?.label ?? null,
    takenBy: row.breakGlass?.person.name ?? null,
  };
}

function emergencyOf(glass: Row["breakGlass"], now: Date): EmergencyView | null {
  if (!glass) return null;
  const { id, number, incident, person, basis, flags, openedAt, debt } = glass;
  const verdict = Object.entries(verdictWords).find(([known]) => known === debt?.verdict)?.[1] ?? null;
  return {
    id, number, incident,
    by: person.name,
    isListed: basis === "list",
    flags: sayFlags(parseFlags(flags)),
    openedAt: isoOf(openedAt),
    debt: debt && { dueAt: debt.dueAt.toISOString(), isOverdue: debt.closedAt === null && debt.dueAt <= now, size: debt.size, closedAt: isoOf(debt.closedAt), closedBy: debt.closedBy?.name ?? null, verdict },
  };
}

function askerOf(row: Row): string {
  return row.requester?.name ?? row.requesterIdentity?.name ?? "[erased person]";
}

/** Links with their events. Who issued and who ended is the word of the event, which knows workloads and Curfew's own processes, too. */
function linksOf(facts: RequestFacts, grant: GrantChain | null, events: readonly EventView[], now: Date): LinkView[] {
  return chainLinks(facts, grant, now).map((link) => {
    const eventIds = eventsBehind(link.key, events, grant?.id ?? null);
    const first = events.find(({ id }) => id === eventIds[0]);
    const isDone = link.who !== null && (link.key === "issued" || link.key === "ended");
    return { ...link, eventIds, who: isDone && first ? first.who : link.who };
  });
}

/** Everything that belongs to one request; null when there is none. */
export async function readChain(id: string, now = new Date()): Promise<ChainView | null> {
  const [row, stored, size, checkpoint] = await Promise.all([readRow(id), readEventsAbout("request", id, mostEvents + 1), ledgerSize(), latestCheckpoint()]);
  if (!row) return null;
  const names = await readNames(stored);
  const events = stored.slice(0, mostEvents).map((event) => eventView(event, names));
  const facts = factsOf(row);
  const used = await readUsed(row.grants);
  const nothing: UsedFacts = { uses: [], usesTotal: 0 };
  const grants = row.grants.map((grant): GrantChain => {
    const facts = { ...grantOf(grant), ...(used.get(grant.id) ?? nothing) };
    const reached = (facts.scope?.rows ?? []).flatMap(({ object, count, refused }) => (object === null || count === refused ? [] : [object]));
    return { ...facts, isReplaced: row.grants.some(({ replacesId }) => replacesId === grant.id), outside: outsideOf(reached, facts.gives) };
  });
  const ticket = await readBoundTicket(id);
  const { number, demo, purpose, intent, standingReason, ticketKey, durationSeconds, grantedDurationSeconds, maxUses, idleSeconds, identity } = row;
  return {
    id, number, demo, purpose, intent, standingReason, ticketKey, maxUses, idleSeconds,
    kind: "request",
    isBounded: false,
    ticket,
    ticketMoments: ticketMomentsOf(stored, events, ticket),
    seal: await readSeal(id, row.grants, stored),
    findings: await readOwnFindings(row),
    emergency: emergencyOf(row.breakGlass, now),
    state: facts.state,
    code: null,
    asker: facts.asker,
    triggeredBy: row.triggeredBy?.name ?? null,
    identity: { id: identity.id, name: identity.name, kind: parseIdentityKind(identity.kind) },
    owner: identity.owner?.name ?? null,
    entitlements: row.entitlements.map(({ entitlement }) => ({
      id: entitlement.id, name: entitlement.name, sensitivity: parseSensitivity(entitlement.sensitivity), system: entitlement.system.name,
    })),
    askedSeconds: durationSeconds,
    grantedSeconds: facts.state === "approved" || facts.activateBefore !== null ? grantedDurationSeconds : null,
    askedAt: facts.submittedAt,
    stages: stagesOf(row.stages),
    side: sideOf(row),
    policy: await readPolicy(row.decisions, row.entitlements.length > 1),
    chains: grants.length === 0 ? [{ grant: null, links: linksOf(facts, null, events, now) }] : grants.map((grant) => ({ grant, links: linksOf(facts, grant, events, now) })),
    events,
    hasMoreEvents: stored.length > mostEvents,
    ledgerSize: size.toString(),
    signedSize: (checkpoint?.size ?? 0n).toString(),
  };
}
