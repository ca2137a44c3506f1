import "server-only";
import { db } from "@/lib/db/client";

/** What a workload may ask for: names and ids, nothing about who holds it. */
export async function listRequestable(): Promise<{ id: string; name: string; system: string; purposes: string[]; sensitivity: string }[]> {
  const rows = await db.entitlement.findMany({
    where: { requestable: true },
    select: { id: true, name: true, purposes: true, sensitivity: true, system: { select: { name: true } } },
    orderBy: [{ system: { name: "asc" } }, { name: "asc" }],
    take: 500,
  });
  return rows.map(({ system, ...row }) => ({ ...row, system: system.name }));
}

/** An entitlement by id or by `system/name`. */
export async function findEntitlement(reference: string): Promise<string | null> {
  const [system, name] = reference.split(/\/(.*)/s, 2);
  const row = await db.entitlement.findFirst({
    where: name === undefined ? { id: reference } : { name, system: { name: system ?? "" } },
    select: { id: true },
  });
  return row?.id ?? null;
}

const grantFields = {
  id: true, state: true, notBefore: true, activateBefore: true, activatedAt: true, notAfter: true, endReason: true,
  endingAt: true, acceptedAt: true, provenAt: true, proof: true,
  entitlement: { select: { name: true, system: { select: { name: true } } } },
} as const;

type GrantRow = NonNullable<Awaited<ReturnType<typeof readGrant>>>;

function readGrant(grantId: string, identityId: string) {
  return db.grant.findFirst({ where: { id: grantId, request: { requesterIdentityId: identityId } }, select: grantFields });
}

function view(grant: GrantRow) {
  const iso = (at: Date | null) => at?.toISOString() ?? null;
  return {
    grantId: grant.id,
    entitlement: `${grant.entitlement.system.name}/${grant.entitlement.name}`,
    state: grant.state,
    notBefore: iso(grant.notBefore),
    activateBefore: iso(grant.activateBefore),
    activatedAt: iso(grant.activatedAt),
    notAfter: iso(grant.notAfter),
    endReason: grant.endReason,
    endingAt: iso(grant.endingAt),
    acceptedAt: iso(grant.acceptedAt),
    provenAt: iso(grant.provenAt),
    proof: grant.proof,
  };
}

/** A grant of a request that this identity made itself; null for everybody else's. */
export async function viewOwnGrant(grantId: string, identityId: string) {
  const grant = await readGrant(grantId, identityId);
  return grant ? view(grant) : null;
}

/** A request that this identity made itself, with its grants; null for everybody else's. */
export async function viewOwnRequest(requestId: string, identityId: string) {
  const request = await db.request.findFirst({
    where: { id: requestId, requesterIdentityId: identityId },
    select: {
      id: true, number: true, state: true, decideBefore: true, grantedDurationSeconds: true, durationSeconds: true,
      stages: { select: { label: true, state: true }, orderBy: { position: "asc" } },
      grants: { select: grantFields, orderBy: { createdAt: "asc" } },
    },
  });
  if (!request) return null;
  const { id, number, state, decideBefore, durationSeconds, grantedDurationSeconds, stages, grants } = request;
  return { requestId: id, number, state, decideBefore: decideBefore.toISOString(), durationSeconds, grantedDurationSeconds, stages, grants: grants.map(view) };
}
