import "server-only";
import { db } from "@/lib/db/client";
import type { Prisma } from "@/lib/db/generated/client";
import { parseGrantState } from "@/lib/grants/data";
import { credentialFactsSchema } from "../schema";
import type { CredentialView, PartPage, PastGrantView, SignInFacts } from "./detail-types";

const credentialsPerPage = 50;
const grantsPerPage = 25;

/** Its credentials, those in use first; the page behind `after`. */
export async function readCredentials(identityId: string, after: string | null): Promise<PartPage<CredentialView>> {
  const found = await db.$queryRaw<{ id: string }[]>`
    with own as (
      select id, coalesce(-extract(epoch from vanished_at), '-infinity'::numeric) as gone, coalesce(-extract(epoch from last_used_at), 'infinity'::numeric) as unused
      from credentials where identity_id = ${identityId}::uuid
    )
    select id from own where ${after}::uuid is null or (gone, unused, id) > (select gone, unused, id from own where id = ${after}::uuid)
    order by gone, unused, id limit ${credentialsPerPage + 1}::int`;
  const ids = found.slice(0, credentialsPerPage).map(({ id }) => id);
  const rows = await db.credential.findMany({ where: { id: { in: ids } }, select: credentialSelect });
  return {
    rows: ids.flatMap((id) => rows.filter((row) => row.id === id).map(credentialOf)),
    next: found.length > credentialsPerPage ? (ids.at(-1) ?? null) : null,
    isFirst: after === null,
  };
}

const credentialSelect = {
  id: true, handle: true, kind: true, createdAt: true, rotatedAt: true, isEnabled: true, expiresAt: true, lastUsedAt: true, visibleSince: true, firstSeenAt: true, vanishedAt: true,
  facts: true, system: { select: { id: true, name: true } },
} as const satisfies Prisma.CredentialSelect;

function credentialOf({ facts, ...row }: Prisma.CredentialGetPayload<{ select: typeof credentialSelect }>): CredentialView {
  const { superuser, canCreateRoles } = credentialFactsSchema.parse(facts);
  return {
    ...row,
    createdAt: row.createdAt?.toISOString() ?? null,
    rotatedAt: row.rotatedAt?.toISOString() ?? null,
    expiresAt: row.expiresAt?.toISOString() ?? null,
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
    visibleSince: row.visibleSince?.toISOString() ?? null,
    firstSeenAt: row.firstSeenAt.toISOString(),
    vanishedAt: row.vanishedAt?.toISOString() ?? null,
    isSuperuser: superuser,
    canCreateRoles,
  };
}

/** Whether its credentials can sign in, and whether it was Curfew that took that away. */
export async function readSignIn(identityId: string): Promise<SignInFacts> {
  const there = { identityId, vanishedAt: null };
  const [live, known, taken, fromFiles] = await Promise.all([
    db.credential.count({ where: { ...there, isEnabled: true } }),
    db.credential.count({ where: there }),
    db.suspension.count({ where: { identityId, closedAt: null, acceptedAt: { not: null }, undoOrderedAt: null } }),
    db.credential.count({ where: { ...there, system: { sealedSecrets: null } }, take: 1 }),
  ]);
  return { live, known, takenByCurfew: taken > 0, isFromFiles: fromFiles > 0 };
}

/** Its grants, the newest first; only those that one person asked for where `onlyOf` is given. */
export async function readPastGrants(identityId: string, { onlyOf, after }: { onlyOf: string | null; after: string | null }): Promise<PartPage<PastGrantView>> {
  const found = await db.grant.findMany({
    where: { identityId, ...(onlyOf ? { request: { requesterId: onlyOf } } : {}) },
    select: grantSelect,
    orderBy: [{ createdAt: "desc" }, { id: "desc" }],
    ...(after ? { cursor: { id: after }, skip: 1 } : {}),
    take: grantsPerPage + 1,
  });
  const rows = found.slice(0, grantsPerPage);
  return { rows: rows.map(grantOf), next: found.length > grantsPerPage ? (rows.at(-1)?.id ?? null) : null, isFirst: after === null };
}

const grantSelect = {
  id: true, requestId: true, state: true, endReason: true, createdAt: true, activatedAt: true, notAfter: true, provenAt: true,
  durationSeconds: true, useCount: true,
  entitlement: { select: { name: true } },
  system: { select: { name: true } },
  request: { select: { number: true, requester: { select: { name: true } }, requesterIdentity: { select: { name: true } } } },
} as const satisfies Prisma.GrantSelect;

function grantOf({ entitlement, system, request, ...row }: Prisma.GrantGetPayload<{ select: typeof grantSelect }>): PastGrantView {
  return {
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
  };
}
