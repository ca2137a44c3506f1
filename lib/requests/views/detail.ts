import "server-only";
import type { PersonActor } from "@/lib/auth/actor";
import { allows } from "@/lib/auth/permissions";
import { db } from "@/lib/db/client";
import type { Prisma } from "@/lib/db/generated/client";
import { parseSensitivity } from "@/lib/entitlements/data";
import { sensitivities, type Sensitivity } from "@/lib/entitlements/types";
import { parseIdentityKind } from "@/lib/identities/data";
import { isEnder, readRequest, type LockedRequest } from "../data";
import { sayGroups } from "@/lib/policies/explain";
import { readActedFor } from "@/lib/stages/data";
import { joinedSide, placeFor } from "@/lib/stages/rules";
import { memberReasons, removalReasons, type SidePerson } from "@/lib/stages/types";
import { readBoundTicket } from "@/lib/tickets/views/bound";
import { readRiskParts } from "../schema";
import { mayView, sideOf, withdrawal } from "../rules";
import { readActivity } from "./activity";
import { readGrants } from "./grants";
import { readThread } from "./thread";
import { ownersOf, personView, readAllows, readEnding, readReasons, timeOf } from "./parts";
import type { DecisionView, EntitlementView, GrantView, HistoryView, PolicyView, RequestView, SideView, StageView, VoteView } from "./types";

/** Persons of a stage that are named; the rest is a number. */
const mostNamed = 12;
/** Seats of a stage that are read, those who are asked no longer included. */
const mostSeats = 60;
const mostDecisions = 20;
/** Earlier grants beyond this number are "or more". */
const mostCounted = 500;

const personSelect = { select: { id: true, name: true, leftAt: true } } as const;
const identitySelect = { select: { id: true, name: true, kind: true } } as const;
const voteSelect = {
  select: { answer: true, reason: true, durationSeconds: true, votedAt: true, proofId: true, wasOpened: true, batchSize: true, person: personSelect },
  where: { voidedAt: null },
  orderBy: { votedAt: "asc" },
} as const satisfies Prisma.Stage$votesArgs;

/** What views show of an entitlement. */
export const entitlementSelect = {
  id: true, name: true, description: true, sensitivity: true, privileges: true, privilegesReadAt: true,
  system: { select: { id: true, name: true, environment: true, check: true } },
  resourceOwner: { select: { name: true } },
  resourceTeam: { select: { name: true } },
} as const satisfies Prisma.EntitlementSelect;

/** An entitlement as views show it. */
export function entitlementView(row: Prisma.EntitlementGetPayload<{ select: typeof entitlementSelect }>): EntitlementView {
  const { check, ...system } = row.system;
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    sensitivity: parseSensitivity(row.sensitivity),
    system,
    owners: ownersOf(row),
    allows: readAllows(row.privileges, row.privilegesReadAt),
    ending: readEnding(check),
  };
}

function readShown(id: string) {
  return db.request.findUniqueOrThrow({
    where: { id },
    select: {
      requester: personSelect,
      requesterIdentity: identitySelect,
      triggeredBy: personSelect,
      identity: { select: { id: true, name: true, kind: true, environment: true, state: true, owner: { select: { name: true } }, team: { select: { name: true } } } },
      entitlements: { select: { entitlement: { select: entitlementSelect } }, orderBy: { entitlementId: "asc" } },
      stages: {
        select: {
          id: true,
          members: {
            select: { person: personSelect, seatOf: { select: { id: true, name: true } }, why: true, since: true, removedAt: true, removedWhy: true },
            take: mostSeats,
            orderBy: [{ removedAt: { sort: "asc", nulls: "first" } }, { person: { name: "asc" } }],
          },
          votes: voteSelect,
        },
      },
      sides: { select: { why: true, person: personSelect } },
      decisions: {
        select: { moment: true, outcome: true, reasons: true, decidedAt: true, policyHash: true, entitlement: { select: { name: true } } },
        orderBy: { decidedAt: "asc" },
        take: mostDecisions,
      },
    },
  });
}

type Shown = Awaited<ReturnType<typeof readShown>>;

/** A request with everything that its page shows this viewer; null when there is none or it is not theirs to see. */
export async function readRequestView(id: string, viewer: PersonActor, now = new Date()): Promise<RequestView | null> {
  const request = await readRequest(db, id);
  if (!request || !isVisibleTo(request, viewer)) return null;
  const side = await currentSide(request, now);
  const seesReach = maySeeStanding(request, side, viewer);
  const [shown, grants, history, { activity, asked }, ticket, thread, onSide, standing, hasPasskey] = await readParts(request, viewer, { side, seesReach, now });
  const entitlements = shown.entitlements.map(({ entitlement }) => entitlementView(entitlement));
  const { team, owner, ...identity } = shown.identity;
  return {
    asOf: now.toISOString(),
    id,
    number: request.number,
    state: request.state,
    version: request.version,
    demo: request.demo,
    asker: askerOf(shown),
    identity: { ...identity, kind: parseIdentityKind(identity.kind), owner: owner?.name ?? null, team: team?.name ?? null },
    entitlements,
    leftOut: request.entitlements.flatMap(({ entitlementId, leftOutAt }) => (leftOutAt === null ? [] : [entitlementId])),
    sensitivity: highest(entitlements.map(({ sensitivity }) => sensitivity)),
    risk: seesReach ? { points: request.risk, parts: readRiskParts(request.riskParts) } : undefined,
    purpose: request.purpose,
    intent: request.intent,
    ticketKey: request.ticketKey,
    ticket,
    durationSeconds: request.durationSeconds,
    grantedDurationSeconds: request.grantedDurationSeconds,
    maxUses: request.maxUses,
    idleSeconds: request.idleSeconds,
    asked,
    submittedAt: request.submittedAt.toISOString(),
    decideBefore: request.decideBefore.toISOString(),
    decidedAt: timeOf(request.decidedAt),
    activateBefore: timeOf(request.activateBefore),
    notBefore: timeOf(request.notBefore),
    thread,
    stages: stagesOf(request, shown),
    unroutableSince: timeOf(request.unroutableSince),
    side: onSide,
    policy: shown.decisions.map(policyView),
    grants,
    history,
    standing,
    standingReason: seesReach || request.requesterId === viewer.personId ? request.standingReason : null,
    activity,
    viewer: {
      personId: viewer.personId,
      isRequester: request.requesterId === viewer.personId,
      wasAsked: request.stages.some(({ everAsked }) => everAsked.includes(viewer.personId)),
      mayWithdraw: allows(viewer.roles, "request:withdraw") && withdrawal(request, viewer.personId) === "ok",
      mayActivate: allows(viewer.roles, "grant:activate") && request.requesterId === viewer.personId && request.breakGlassId === null,
      mayEscalate: allows(viewer.roles, "break-glass:use") && request.requesterId === viewer.personId && request.state === "pending" && entitlements.length === 1,
      breakGlassId: request.breakGlassId,
      mayEnd: await mayEndSession(request, grants, viewer),
      maySeeEvidence: allows(viewer.roles, "evidence:view"),
      decision: decisionOf(request, side, shown, viewer, now),
      stepUp: { needed: request.stepUp, hasPasskey },
    },
  };
}

type Reading = { readonly side: readonly SidePerson[]; readonly seesReach: boolean; readonly now: Date };

/** What hangs on nothing but the request, side by side. */
function readParts(request: LockedRequest, viewer: PersonActor, { side, seesReach, now }: Reading) {
  const { id } = request;
  return Promise.all([
    readShown(id), readGrants(id, { seesReach }), readHistory(request), readActivity(id, request), readBoundTicket(id), readThread(request, viewer, now), sideView(side),
    seesReach ? readStanding(request) : undefined, request.stepUp && holdsPasskey(viewer.personId),
  ]);
}

async function holdsPasskey(personId: string): Promise<boolean> {
  return (await db.passkey.findFirst({ where: { personId, revokedAt: null }, select: { id: true } })) !== null;
}

/** Whether a person may see a request at all. */
export function isVisibleTo(request: LockedRequest, viewer: PersonActor): boolean {
  return mayView(
    {
      requesterId: request.requesterId,
      side: [...request.side, ...sideOf({ ...request, identities: [request.identity] })].map(({ personId }) => personId),
      asked: request.stages.flatMap(({ everAsked }) => everAsked),
    },
    { personId: viewer.personId, seesAll: allows(viewer.roles, "request:view-all") },
  );
}

/** The side as it was, and whoever joined it since: the vote reads it anew, too. */
async function currentSide(request: LockedRequest, now: Date): Promise<SidePerson[]> {
  const joined = (current: readonly SidePerson[]) => [...request.side, ...joinedSide(request.side, current)];
  if (request.state !== "pending") return joined(sideOf({ ...request, identities: [request.identity] }));
  const named = joined(sideOf({ ...request, identities: [request.identity] }));
  const principals = named.filter(({ why }) => why !== "delegate").map(({ personId }) => personId);
  const acting = await readActedFor(db, principals, { from: request.submittedAt, until: now });
  return joined([...named, ...acting.map((personId) => ({ personId, why: "delegate" as const }))]);
}

async function sideView(side: readonly SidePerson[]): Promise<SideView[]> {
  const people = await db.person.findMany({ where: { id: { in: side.map(({ personId }) => personId) } }, ...personSelect });
  return people.map((person) => ({
    person: personView(person),
    why: side.filter(({ personId }) => personId === person.id).map(({ why }) => why),
  }));
}

/**
 * Side doors are for the owner side, auditors and administrators; whoever decides about this very entitlement
 * is told whether the identity has it anyway (docs/decisions/016).
 */
function maySeeStanding(request: LockedRequest, side: readonly SidePerson[], viewer: PersonActor): boolean {
  const ownerSide = ["owner", "sponsor", "backup"];
  return (
    allows(viewer.roles, "identity:view-reach") ||
    side.some(({ personId, why }) => personId === viewer.personId && ownerSide.includes(why)) ||
    request.stages.some(({ members }) => members.includes(viewer.personId))
  );
}

async function readStanding(request: LockedRequest) {
  const rows = await db.assignment.findMany({
    where: { identityId: request.identityId, entitlementId: { in: request.entitlements.map(({ entitlementId }) => entitlementId) }, kind: "standing", endedAt: null },
    select: { path: true, entitlement: { select: { name: true } } },
  });
  return rows.map(({ path, entitlement }) => ({ path, entitlement: entitlement.name }));
}

async function mayEndSession(request: LockedRequest, grants: readonly GrantView[], viewer: PersonActor): Promise<boolean> {
  const [first] = request.entitlements;
  if (!first || !allows(viewer.roles, "grant:end") || grants.every(({ state }) => state !== "active")) return false;
  const { id: requestId, identityId, requesterId } = request;
  const ender = { personId: viewer.personId, mayEndAny: allows(viewer.roles, "grant:end-any") };
  return isEnder(db, { requestId, identityId, requesterId, entitlementId: first.entitlementId }, ender);
}

function decisionOf(request: LockedRequest, side: readonly SidePerson[], shown: Shown, viewer: PersonActor, now: Date): DecisionView {
  const { personId } = viewer;
  const why = side.filter((entry) => entry.personId === personId).map((entry) => entry.why);
  const vote = shown.stages.flatMap(({ votes }) => votes).find(({ person }) => person.id === personId);
  const no = (code: Extract<DecisionView, { may: false }>["code"]): DecisionView => ({ may: false, code, why, vote: vote ? voteView(vote) : null });
  const place = placeFor({ ...request, side }, { personId, now });
  if (place.ok) return allows(viewer.roles, "request:decide") ? { may: true, stageId: place.stage.id, position: place.stage.position } : no("no-role");
  switch (place.code) {
    case "changed-since-seen":
    case "not-narrower":
      return no("not-asked");
    default:
      return no(place.code);
  }
}

function stagesOf(request: LockedRequest, shown: Shown): StageView[] {
  return request.stages.map(({ id, position, label, needed, state, members, dueAt, withinSeconds, escalateTo, escalatedAt }) => {
    const row = shown.stages.find((stage) => stage.id === id);
    return {
      id,
      position,
      label,
      needed,
      state,
      ...peopleOf(row?.members ?? [], request.submittedAt),
      askedCount: members.length,
      dueAt: state === "open" ? timeOf(dueAt) : null,
      withinSeconds,
      escalatesTo: escalateTo === null ? null : sayGroups(escalateTo),
      escalatedAt: timeOf(escalatedAt),
      votes: row?.votes.map(voteView) ?? [],
    };
  });
}

type ShownSeat = Shown["stages"][number]["members"][number];

/** Who is asked, each once, and who is asked no longer. */
function peopleOf(seats: readonly ShownSeat[], submittedAt: Date): Pick<StageView, "asked" | "noLonger"> {
  const here = seats.filter(({ removedAt }) => removedAt === null);
  const ids = [...new Set(here.map(({ person }) => person.id))];
  const asked = ids.slice(0, mostNamed).flatMap((id) => {
    const own = here.filter(({ person }) => person.id === id);
    const [first] = own;
    if (!first) return [];
    const why = memberReasons.find((reason) => reason === first.why) ?? "asked";
    const added = own.every(({ since }) => since > submittedAt) ? first.since.toISOString() : null;
    const hasOwnSeat = own.some(({ seatOf }) => seatOf.id === id);
    return [{ ...personView(first.person), why, hasOwnSeat, actsFor: own.filter(({ seatOf }) => seatOf.id !== id).map(({ seatOf }) => seatOf.name), addedAt: added }];
  });
  const gone = seats.flatMap(({ person, removedAt, removedWhy }) => {
    const why = removalReasons.find((reason) => reason === removedWhy);
    return removedAt !== null && why && !ids.includes(person.id) ? [{ ...personView(person), why, at: removedAt.toISOString() }] : [];
  });
  return { asked, noLonger: gone.filter(({ id }, index) => gone.findIndex((other) => other.id === id) === index).slice(0, mostNamed) };
}

function voteView(vote: Shown["stages"][number]["votes"][number]): VoteView {
  return {
    person: personView(vote.person),
    answer: vote.answer === "approve" ? "approve" : "deny",
    reason: vote.reason,
    durationSeconds: vote.durationSeconds,
    at: vote.votedAt.toISOString(),
    proofId: vote.proofId,
    wasOpened: vote.wasOpened,
    batchSize: vote.batchSize,
  };
}

function policyView(row: Shown["decisions"][number]): PolicyView {
  return { moment: row.moment, outcome: row.outcome, entitlement: row.entitlement?.name ?? null, reasons: readReasons(row.reasons), at: row.decidedAt.toISOString(), hash: row.policyHash };
}

function askerOf({ requester, requesterIdentity, triggeredBy }: Shown): RequestView["asker"] {
  if (requesterIdentity) {
    const identity = { ...requesterIdentity, kind: parseIdentityKind(requesterIdentity.kind) };
    return { kind: "workload", identity, triggeredBy: triggeredBy ? personView(triggeredBy) : null };
  }
  return { kind: "person", person: requester ? personView(requester) : { id: "", name: "somebody who is erased", hasLeft: true } };
}

function highest(levels: readonly Sensitivity[]): Sensitivity {
  return sensitivities.findLast((level) => levels.includes(level)) ?? "critical";
}

async function readHistory(request: LockedRequest): Promise<HistoryView> {
  const where = {
    identityId: request.identityId,
    entitlementId: { in: request.entitlements.map(({ entitlementId }) => entitlementId) },
    activatedAt: { not: null, lt: request.submittedAt },
    requestId: { not: request.id },
  };
  const [times, rows] = await Promise.all([
    db.grant.count({ where, take: mostCounted + 1 }),
    db.grant.findMany({
      where,
      select: { requestId: true, activatedAt: true, lastUseAt: true, durationSeconds: true, request: { select: { number: true, durationSeconds: true } } },
      orderBy: { activatedAt: "desc" },
      take: 5,
    }),
  ]);
  return {
    times: Math.min(times, mostCounted),
    capped: times > mostCounted,
    last: rows.flatMap(({ requestId, activatedAt, lastUseAt, durationSeconds, request: { number, durationSeconds: askedSeconds } }) =>
      activatedAt === null
        ? []
        : [{
            requestId,
            number,
            askedSeconds,
            grantedSeconds: durationSeconds,
            usedSeconds: lastUseAt === null ? null : Math.max(0, Math.round((lastUseAt.getTime() - activatedAt.getTime()) / 1000)),
            activatedAt: activatedAt.toISOString(),
          }],
    ),
  };
}
