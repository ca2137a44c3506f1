import "server-only";
import type { Transaction } from "@/lib/db/transaction";
import type { EntitlementFacts, IdentityFacts, StageSource } from "@/lib/policies/types";
import { allows } from "@/lib/auth/permissions";
import { mayEnd } from "@/lib/grants/rules";
import { AppError } from "@/lib/platform/errors";
import { requestStates, sideReasons, type RequestState, type StageState } from "./types";

const liveGrantStates = ["ready", "issuing", "active"];

export type AskFacts = Awaited<ReturnType<typeof readAskFacts>>;

/** Everything that rules and policy ask about an ask, read in the caller's transaction. */
export async function readAskFacts(tx: Transaction, ask: { readonly identityId: string; readonly entitlementIds: readonly string[] }) {
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
    where: { ...where, state: { in: liveGrantStates } },
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

type Owned = readonly { readonly resourceOwnerId: string | null; readonly resourceTeamId: string | null }[];

/** The persons that a stage asks: present, and with a role that decides. Groups are compared by id, never by name alone. */
export async function readApprovers(tx: Transaction, source: StageSource, owned: Owned): Promise<{ id: string; name: string }[]> {
  const people = await tx.person.findMany({
    where: { leftAt: null, ...approversWhere(source, owned) },
    select: { id: true, name: true, roles: { select: { role: true } } },
    orderBy: { name: "asc" },
    take: 500,
  });
  return people.filter(({ roles }) => allows(roles.map(({ role }) => role), "request:decide")).map(({ id, name }) => ({ id, name }));
}

/** Whether a person still belongs to those whom a stage asks. */
export async function isApprover(tx: Transaction, personId: string, source: string, owned: Owned): Promise<boolean> {
  return (await tx.person.count({ where: { AND: [{ id: personId, leftAt: null }, approversWhere(source, owned)] } })) > 0;
}

function approversWhere(source: StageSource | (string & {}), owned: Owned) {
  if (source === "resource-owner") {
    const owners = owned.flatMap(({ resourceOwnerId }) => (resourceOwnerId ? [resourceOwnerId] : []));
    const teams = owned.flatMap(({ resourceTeamId }) => (resourceTeamId ? [resourceTeamId] : []));
    return { OR: [{ id: { in: owners } }, { teams: { some: { teamId: { in: teams } } } }] };
  }
  const [kind, name = ""] = source.split(/:(.*)/s, 2);
  if (kind === "team") return { teams: { some: { team: { name } } } };
  return { roles: { some: { role: name } } };
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
      entitlements: { select: { entitlementId: true, entitlement: { select: { systemId: true, sensitivity: true, maxDurationSeconds: true, resourceOwnerId: true, resourceTeamId: true } } } },
      stages: { include: { members: true, votes: { where: { voidedAt: null } } }, orderBy: { position: "asc" } },
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
    stages: row.stages.map((stage) => ({
      id: stage.id,
      position: stage.position,
      label: stage.label,
      source: stage.source,
      needed: stage.needed,
      state: parseStageState(stage.state),
      members: stage.members.map(({ personId }) => personId),
      approvals: stage.votes.filter(({ answer }) => answer === "approve").map(({ personId }) => personId),
    })),
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
