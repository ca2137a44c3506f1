import "server-only";
import type { Actor } from "@/lib/auth/actor";
import type { Transaction } from "@/lib/db/transaction";
import { lockGrant } from "@/lib/grants/data";
import { markEnding } from "@/lib/grants/ending";
import { subjectsOf } from "@/lib/grants/mutations";
import { appendEvent } from "@/lib/ledger/append";
import { lockRequest } from "@/lib/requests/data";
import { closeRequest, subjectsOfRequest } from "@/lib/requests/mutations";

/** One person has few of these; what is beyond it ends by itself, since nobody can activate it any more. */
const most = 500;

type Leaving = { readonly personId: string; readonly actor: Actor; readonly now: Date };

/** What a leaver asked for ends with them: waiting requests, grants not yet activated, and sessions whose credential they hold. */
export async function endOwnAccess(tx: Transaction, leaving: Leaving): Promise<{ requests: number; grants: number }> {
  const requests = await closeOwnRequests(tx, leaving);
  const grants = await endOwnGrants(tx, leaving);
  return { requests, grants };
}

async function closeOwnRequests(tx: Transaction, { personId, actor, now }: Leaving): Promise<number> {
  const rows = await tx.request.findMany({ where: { requesterId: personId, state: "pending" }, select: { id: true }, orderBy: { id: "asc" }, take: most });
  for (const { id } of rows) {
    const request = await lockRequest(tx, id);
    if (request?.state !== "pending") continue;
    await closeRequest(tx, request, "withdrawn", now);
    await appendEvent(tx, { type: "request.requester-left", at: now, actor, subjects: subjectsOfRequest(request), data: { personId }, demo: request.demo });
  }
  return rows.length;
}

/** A grant that is being issued at this moment is caught by the next recheck, which asks whether its requester is still here. */
async function endOwnGrants(tx: Transaction, { personId, actor, now }: Leaving): Promise<number> {
  const where = { state: { in: ["ready", "active"] }, request: { requesterId: personId } };
  const rows = await tx.grant.findMany({ where, select: { id: true }, orderBy: { id: "asc" }, take: most });
  for (const { id } of rows) {
    const grant = await lockGrant(tx, id);
    if (grant?.state === "active") await markEnding(tx, grant, { via: "end", reason: "owner-left", actor, now });
    if (grant?.state !== "ready") continue;
    await tx.grant.update({ where: { id }, data: { state: "lapsed", closedAt: now } });
    await tx.request.updateMany({ where: { id: grant.requestId, state: "approved", grants: { none: { activatedAt: { not: null } } } }, data: { state: "lapsed" } });
    const common = { at: now, actor, demo: grant.demo };
    await appendEvent(tx, { type: "grant.lapsed", ...common, subjects: subjectsOf(grant), data: {} });
    const subjects = { request: grant.requestId, identity: grant.identityId };
    await appendEvent(tx, { type: "request.requester-left", ...common, subjects, data: { personId } });
  }
  return rows.length;
}
