import "server-only";
import type { Prisma } from "@/lib/db/generated/client";
import type { Transaction } from "@/lib/db/transaction";
import type { EntitlementFacts, IdentityFacts } from "@/lib/policies/types";
import { mayEnd } from "@/lib/grants/rules";
import { AppError } from "@/lib/platform/errors";
import { parseGroups } from "@/lib/stages/data";
import { lapsesAt } from "@/lib/stages/rules";
import { memberReasons } from "@/lib/stages/types";
import { readFormer } from "./extension";
import { requestStates, sideReasons, type RequestState, type StageState } from "./types";

const liveGrantStates = ["ready", "issuing", "active"];

export type AskFacts = Awaited<ReturnType<typeof readAskFacts>>;

/** Everything that rules and policy ask about an ask, read in the caller's transaction. */
export async function readAskFacts(tx: Transaction, ask: { readonly identityId: string; readonly entitlementIds: readonly string[]; readonly extendsId?: string | null; readonly afterId?: string | null }) {
  const identity = await tx.identity.findUnique({
    where: { id: ask.identityId },
    select: {
      id: true, name: true, kind: true, environment: true, state: true, vanishedAt: true, isShared: true, teamId: true,
      ownerId: true, sponsorId: true, backupId: true, creatorId: true, frozenByReviewId: true,
      owner: { select: { leftAt: true } },
      team: { select: { name: true } },
    },
  });
  const entitlements = await tx.entitlement.findMany({
    where: { id: { in: [...ask.entitlementIds] } },
    select: {
      id: true, name: true, sensitivity: true, actions: true, purposes: true, requestable: true, maxDurationSeconds: true,
      resourceOwnerId: true, resourceTeamId: true, target: true, systemId: true,
      system: { select: { name: true, environment: true } },
    },
    orderBy: { name: "asc" },
  });
  const where = { identityId: ask.identityId, entitlementId: { in: [...ask.entitlementIds] } };
  const history = await tx.grant.groupBy({ by: ["entitlementId"], where: { ...where, activatedAt: { not: null } }, _count: true });
  const standing = await tx.assignment.findMany({ where: { ...where, kind: "standing", endedAt: null }, select: { entitlementId: true } });
  // An orphan gets nothing; then the refusal says who can name somebody.
  const administrators = identity?.state === "orphaned" ? await namesOfAdministrators(tx) : [];
  const live = await tx.grant.findFirst({
    // What an extension has taken over from is not what stands in the way: the extension is.
    where: { ...where, state: { in: liveGrantStates }, continuedBy: { none: { activatedAt: { not: null } } }, ...(ask.extendsId ? { requestId: { not: ask.extendsId } } : {}) },
    select: { requestId: true, request: { select: { number: true } } },
  });
  const pending = await tx.request.findFirst({
    where: { identityId: ask.identityId, state: "pending", entitlements: { some: { entitlementId: { in: [...ask.entitlementIds] } } } },
    select: { id: true, number: true },
  });
  return {
    identity,
    administrators,
    policyIdentity: policyIdentityOf(identity),
    entitlements: entitlements.map((entitlement) => ({
      ...entitlement,
      policyFacts: policyEntitlementOf(entitlement),
      timesGranted: history.find(({ entitlementId }) => entitlementId === entitlement.id)?._count ?? 0,
      standing: standing.some(({ entitlementId }) => entitlementId === entitlement.id),
    })),
    liveGrant: live ? { requestId: live.requestId, requestNumber: live.request.number } : null,
    pendingRequest: pending,
    former: ask.extendsId ? await readFormer(tx, ask.extendsId) : null,
    denied: ask.afterId
      ? await tx.request.findFirst({ where: { id: ask.afterId, state: "denied", identityId: ask.identityId }, select: { requesterId: true, requesterIdentityId: true } })
      : null,
  };
}

async function namesOfAdministrators(tx: Transaction): Promise<string[]> {
  const where = { leftAt: null, roles: { some: { role: "administrator" } } };
  const rows = await tx.person.findMany({ where, select: { name: true }, orderBy: [{ name: "asc" }, { id: "asc" }], take: 3 });
  return rows.map(({ name }) => name);
}

type IdentityRow = {
  id: string; name: string; kind: string; environment: string; state: string; vanishedAt: Date | null; isShared: boolean; teamId: string | null;
  owner: { leftAt: Date | null } | null; team: { name: string } | null;
};

function policyIdentityOf(row: IdentityRow | null): IdentityFacts {
  if (!row) return { id: "", name: "", kind: "", environment: "", state: "unowned", hasOwner: false, vanished: false, shared: false, teamId: null, team: null };
  const { id, name, kind, environment, state, teamId } = row;
  // While a hand-over runs, the place of an owner who left is not empty; when it fails, the owner is gone and the state says so.
  const hasOwner = row.owner !== null;
  return { id, name, kind, environment, state, hasOwner, vanished: row.vanishedAt !== null, shared: row.isShared, teamId, team: row.team?.name ?? null };
}

function policyEntitlementOf(row: {
  id: string; name: string; sensitivity: string; actions: string[]; target: unknown; system: { name: string; environment: string };
}): EntitlementFacts {
  const role = typeof row.target === "object" && row.target !== null && "groupRole" in row.target ? String(row.target.groupRole) : row.name;
  const { id, name, sensitivity, actions } = row;
  return { id, name, system: row.system.name, environment: row.system.environment, sensitivity, actions, role };
}

/** Parses a request's state column; an unknown state is a fault, never a permission. */
export function parseRequestState(state: string): RequestState {
  const known = requestStates.find((candidate) => candidate === state);
  if (!known) throw new AppError("integrity", `unknown request state ${state}`);
  return known;
}

const stageStates: readonly StageState[] = ["waiting", "open", "approved", "denied", "void"];

function parseStageState(state: string): StageState {
  const known = stageStates.find((candidate) => candidate === state);
  if (!known) throw new AppError("integrity", `unknown stage state ${state}`);
  return known;
}

export type LockedRequest = NonNullable<Awaited<ReturnType<typeof lockRequest>>>;

/** Locks a request for the rest of the transaction and reads it with its stages, votes and sides. */
export async function lockRequest(tx: Transaction, id: string) {
  const rows = await tx.$queryRaw<{ id: string }[]>`select id from requests where id = ${id}::uuid for update`;
  return rows.length === 0 ? null : readRequest(tx, id);
}

/** Reads a request as the rules see it. */
export async function readRequest(tx: Transaction, id: string) {
  const row = await tx.request.findUnique({
    where: { id },
    include: {
      identity: { select: { ownerId: true, sponsorId: true, backupId: true, creatorId: true, name: true } },
      entitlements: { select: { entitlementId: true, leftOutAt: true, entitlement: { select: { systemId: true, sensitivity: true, maxDurationSeconds: true, resourceOwnerId: true, resourceTeamId: true } } } },
      stages: { include: { members: true, votes: { where: { voidedAt: null } } }, orderBy: [{ position: "asc" }, { id: "asc" }] },
      sides: true,
    },
  });
  if (!row) return null;
  return {
    ...row,
    state: parseRequestState(row.state),
    side: row.sides.flatMap(({ personId, why }) => {
      const known = sideReasons.find((reason) => reason === why);
      return known ? [{ personId, why: known }] : [];
    }),
    stages: row.stages.map(stageOf),
  };
}

type StageRow = Prisma.StageGetPayload<{ include: { members: true; votes: true } }>;

/** A stage as the rules see it: who is asked now, on which seats, and who was ever asked. */
function stageOf({ members, votes, ...stage }: StageRow) {
  const asked = members.filter(({ removedAt }) => removedAt === null);
  const approvals = votes.filter(({ answer }) => answer === "approve");
  const escalates = stage.escalateTo !== null;
  return {
    ...stage,
    state: parseStageState(stage.state),
    groups: parseGroups(stage.groups),
    escalation: stage.escalation === null ? null : parseGroups(stage.escalation),
    escalates,
    lapsesAt: lapsesAt({ ...stage, escalates }),
    seats: asked.map(({ personId, seatOfId, why }) => ({ personId, seatOfId, why: memberReasons.find((reason) => reason === why) ?? ("asked" as const) })),
    members: [...new Set(asked.map(({ personId }) => personId))],
    everAsked: [...new Set(members.map(({ personId }) => personId))],
    votes: approvals.map(({ personId, seatOfId }) => ({ personId, seatOfId: seatOfId ?? personId })),
    approvals: approvals.map(({ personId }) => personId),
  };
}

/** May this person end this session? Reads the people that the rule asks about. */
export async function isEnder(
  tx: Transaction,
  grant: { readonly requestId: string; readonly identityId: string; readonly entitlementId: string; readonly requesterId: string | null },
  ender: { readonly personId: string; readonly mayEndAny: boolean },
): Promise<boolean> {
  const identity = await tx.identity.findUnique({ where: { id: grant.identityId }, select: { ownerId: true, sponsorId: true, backupId: true } });
  const entitlement = await tx.entitlement.findUnique({ where: { id: grant.entitlementId }, select: { resourceOwnerId: true } });
  const votes = await tx.vote.findMany({ where: { requestId: grant.requestId }, select: { personId: true } });
  return mayEnd(
    {
      requesterId: grant.requesterId,
      ownerSide: identity ? [identity.ownerId, identity.sponsorId, identity.backupId] : [],
      voters: votes.map(({ personId }) => personId),
      resourceOwnerId: entitlement?.resourceOwnerId ?? null,
    },
    ender,
  );
}
