import "server-only";
import { db } from "@/lib/db/client";
import type { Prisma } from "@/lib/db/generated/client";
import { parseSensitivity } from "@/lib/entitlements/data";
import { parseGrantState } from "@/lib/grants/data";
import { parseIdentityKind, parseIdentityState } from "./data";
import { credentialFactsSchema } from "./schema";
import type { AnswererView, AssignmentView, CredentialView, PastGrantView } from "./types";

const most = 100;
const recentGrants = 25;

const answerer = { select: { id: true, name: true, leftAt: true } } as const;

function answererOf(person: { id: string; name: string; leftAt: Date | null } | null): AnswererView | null {
  return person ? { id: person.id, name: person.name, hasLeft: person.leftAt !== null } : null;
}

/** One identity and who answers for it; null when there is none. */
export async function readIdentity(id: string) {
  const row = await db.identity.findUnique({
    where: { id },
    select: {
      id: true, name: true, kind: true, description: true, environment: true, state: true, source: true,
      firstSeenAt: true, lastSeenAt: true, lastActiveAt: true, visibleSince: true, vanishedAt: true, workloadIssuer: true,
      system: { select: { id: true, name: true } },
      team: { select: { name: true } },
      owner: answerer, sponsor: answerer, backup: answerer, creator: answerer,
    },
  });
  if (!row) return null;
  const { workloadIssuer, ...rest } = row;
  return {
    ...rest,
    kind: parseIdentityKind(row.kind),
    state: parseIdentityState(row.state),
    team: row.team?.name ?? null,
    owner: answererOf(row.owner),
    sponsor: answererOf(row.sponsor),
    backup: answererOf(row.backup),
    creator: answererOf(row.creator),
    firstSeenAt: row.firstSeenAt.toISOString(),
    lastSeenAt: row.lastSeenAt.toISOString(),
    lastActiveAt: row.lastActiveAt?.toISOString() ?? null,
    visibleSince: row.visibleSince?.toISOString() ?? null,
    vanishedAt: row.vanishedAt?.toISOString() ?? null,
    actsAsWorkload: workloadIssuer !== null,
  };
}

/** Its credentials, those in use first. */
export async function readCredentials(identityId: string): Promise<CredentialView[]> {
  const rows = await db.credential.findMany({
    where: { identityId },
    select: {
      id: true, handle: true, kind: true, expiresAt: true, lastUsedAt: true, visibleSince: true, firstSeenAt: true, vanishedAt: true,
      facts: true, system: { select: { id: true, name: true } },
    },
    orderBy: [{ lastUsedAt: { sort: "desc", nulls: "last" } }, { id: "asc" }],
    take: most,
  });
  return rows.map(({ facts, expiresAt, lastUsedAt, visibleSince, firstSeenAt, vanishedAt, ...row }) => {
    const { superuser, canCreateRoles } = credentialFactsSchema.parse(facts);
    return {
      ...row,
      expiresAt: expiresAt?.toISOString() ?? null,
      lastUsedAt: lastUsedAt?.toISOString() ?? null,
      visibleSince: visibleSince?.toISOString() ?? null,
      firstSeenAt: firstSeenAt.toISOString(),
      vanishedAt: vanishedAt?.toISOString() ?? null,
      isSuperuser: superuser,
      canCreateRoles,
    };
  });
}

/** What it holds now, standing first. */
export async function readAssignments(identityId: string): Promise<AssignmentView[]> {
  const rows = await db.assignment.findMany({
    where: { identityId, endedAt: null },
    select: {
      id: true, kind: true, path: true, firstSeenAt: true, lastSeenAt: true,
      grant: { select: { requestId: true } },
      entitlement: {
        select: { name: true, description: true, sensitivity: true, system: { select: { id: true, name: true } } },
      },
    },
    orderBy: [{ kind: "desc" }, { id: "asc" }],
    take: most,
  });
  return rows.map(({ entitlement, grant, ...row }) => ({
    id: row.id,
    kind: row.kind === "granted" ? "granted" : "standing",
    entitlement: entitlement.name,
    description: entitlement.description,
    sensitivity: parseSensitivity(entitlement.sensitivity),
    system: entitlement.system,
    path: row.path,
    firstSeenAt: row.firstSeenAt.toISOString(),
    lastSeenAt: row.lastSeenAt.toISOString(),
    requestId: grant?.requestId ?? null,
  }));
}

/** Its newest grants; only those that one person asked for where `onlyOf` is given. */
export async function readPastGrants(identityId: string, onlyOf: string | null): Promise<PastGrantView[]> {
  const where: Prisma.GrantWhereInput = { identityId, ...(onlyOf ? { request: { requesterId: onlyOf } } : {}) };
  const rows = await db.grant.findMany({
    where,
    select: {
      id: true, requestId: true, state: true, endReason: true, createdAt: true, activatedAt: true, notAfter: true, provenAt: true,
      durationSeconds: true, useCount: true,
      entitlement: { select: { name: true } },
      system: { select: { name: true } },
      request: { select: { number: true, requester: { select: { name: true } }, requesterIdentity: { select: { name: true } } } },
    },
    orderBy: [{ createdAt: "desc" }, { id: "desc" }],
    take: recentGrants,
  });
  return rows.map(({ entitlement, system, request, ...row }) => ({
    id: row.id,
    requestId: row.requestId,
    requestNumber: request.number,
    entitlement: entitlement.name,
    system: system.name,
    state: parseGrantState(row.state),
    endReason: row.endReason,
    createdAt: row.createdAt.toISOString(),
    activatedAt: row.activatedAt?.toISOString() ?? null,
    notAfter: row.notAfter?.toISOString() ?? null,
    provenAt: row.provenAt?.toISOString() ?? null,
    durationSeconds: row.durationSeconds,
    useCount: row.useCount,
    requester: request.requester?.name ?? request.requesterIdentity?.name ?? "",
  }));
}
