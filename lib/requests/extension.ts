import "server-only";
import type { Actor } from "@/lib/auth/actor";
import type { Transaction } from "@/lib/db/transaction";
import { openFinding } from "@/lib/findings/mutations";
import { parseGrantState } from "@/lib/grants/data";
import { extensionStart } from "@/lib/grants/rules";
import type { GrantState } from "@/lib/grants/types";

/** A request that another one goes on with. */
export type Former = {
  readonly requestId: string;
  readonly number: number;
  readonly identityId: string;
  readonly requesterId: string | null;
  readonly requesterIdentityId: string | null;
  /** Time in a row that it and those before it give. */
  readonly seconds: number;
  /** What was issued of it, the newest first. */
  readonly grants: readonly { readonly id: string; readonly entitlementId: string; readonly state: GrantState; readonly notAfter: Date | null }[];
};

/** Grants of one request that are looked at. */
const mostGrants = 50;

/** The request that an extension goes on with, and how long there was access in a row by its end. */
export async function readFormer(tx: Transaction, requestId: string): Promise<Former | null> {
  const row = await tx.request.findUnique({
    where: { id: requestId },
    select: {
      id: true, number: true, identityId: true, requesterId: true, requesterIdentityId: true, earlierSeconds: true,
      grants: {
        where: { activatedAt: { not: null } },
        select: { id: true, entitlementId: true, state: true, notAfter: true, durationSeconds: true },
        orderBy: [{ activatedAt: "desc" }, { id: "desc" }],
        take: mostGrants,
      },
    },
  });
  if (!row) return null;
  const { id, earlierSeconds, grants, ...former } = row;
  return {
    ...former,
    requestId: id,
    seconds: earlierSeconds + Math.max(0, ...grants.map(({ durationSeconds }) => durationSeconds)),
    grants: grants.map((grant) => ({ ...grant, state: parseGrantState(grant.state) })),
  };
}

type Extending = { readonly personId: string | null; readonly workloadId: string | null; readonly identityId: string; readonly entitlementIds: readonly string[] };

/** May these entitlements be extended by who asks? Only a live session, by who holds its credential. */
export function mayExtend(former: Former | null, { personId, workloadId, identityId, entitlementIds }: Extending): boolean {
  if (former === null || former.identityId !== identityId) return false;
  const isTheirs = former.requesterId === null ? former.requesterIdentityId !== null && former.requesterIdentityId === workloadId : former.requesterId === personId;
  return isTheirs && entitlementIds.every((id) => former.grants.some(({ entitlementId, state }) => entitlementId === id && state === "active"));
}

type Start = { readonly notBefore: Date | null; readonly continuesId: string | null };

/** When each grant of an approved request can be activated, and which live one it goes on with. */
export async function startsOf(tx: Transaction, request: { readonly extendsId: string | null; readonly notBefore: Date | null }, now: Date): Promise<(entitlementId: string) => Start> {
  const former = request.extendsId === null ? null : await readFormer(tx, request.extendsId);
  const asked = request.notBefore !== null && request.notBefore > now ? request.notBefore : null;
  return (entitlementId) => {
    const grant = former?.grants.find((one) => one.entitlementId === entitlementId);
    return grant ? { notBefore: extensionStart(grant, now), continuesId: grant.id } : { notBefore: asked, continuesId: null };
  };
}

/** Extensions of one session within a day that are a finding. */
const oftenInADay = 3;
const mostInARow = 200;

/** The third extension in a row within 24 h is a finding: what is always extended is standing access by habit. */
export async function noteExtension(tx: Transaction, request: { readonly id: string; readonly number: number; readonly identityId: string; readonly extendsId: string | null }, { actor, now }: { readonly actor: Actor; readonly now: Date }): Promise<void> {
  if (request.extendsId === null) return;
  const rows = await tx.$queryRaw<{ id: string; number: number; extends_id: string | null; is_recent: boolean; name: string }[]>`
    with recursive chain as (
      select r.id, r.number, r.extends_id, r.decided_at, 1 as step from requests r where r.id = ${request.id}::uuid
      union all
      select f.id, f.number, f.extends_id, f.decided_at, c.step + 1 from chain c join requests f on f.id = c.extends_id where c.step < ${mostInARow}::int
    )
    select c.id, c.number, c.extends_id, i.name, coalesce(c.decided_at, ${now}::timestamptz) > ${now}::timestamptz - interval '24 hours' as is_recent
    from chain c join identities i on i.id = ${request.identityId}::uuid order by c.step`;
  const recent = rows.filter(({ extends_id, is_recent }) => extends_id !== null && is_recent).length;
  const first = rows.at(-1);
  if (recent < oftenInADay || !first) return;
  await openFinding(tx, {
    kind: "extended-often",
    key: `extended-often:${first.id}`,
    title: `The access of ${first.name} by request ${first.number} was extended ${recent} times within a day`,
    detail: { firstRequestId: first.id, extensions: recent, newestRequestId: request.id },
    subjects: { identityId: request.identityId },
    actor,
    now,
  });
}
