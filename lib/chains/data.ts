import "server-only";
import * as z from "zod";
import { db } from "@/lib/db/client";
import type { Transaction } from "@/lib/db/transaction";
import { parsePrivileges } from "@/lib/entitlements/data";
import { parseGrantState } from "@/lib/grants/data";
import { endReasons } from "@/lib/grants/types";
import { readEventsAbout, type StoredEvent } from "@/lib/ledger/read";
import { parseRequestState } from "@/lib/requests/data";
import type { RequestState } from "@/lib/requests/types";
import { outsideOf } from "./rules";
import type { ApprovalFacts, ChainFacts, GrantFacts, LaterSide, SourceFacts } from "./types";

/** Uses of one grant that the detectors look at; what goes beyond is far beyond any limit of uses. */
const mostUses = 5_000;
/** How long after an approval a change of owners is still held against it (milliseconds). */
const laterFactMs = 90 * 86_400_000;

const stillGivenSchema = z.array(z.object({ kind: z.enum(["standing", "granted"]), name: z.string() }));
const overReasons = ["not-open", "unknown-ticket"];

/** One request's chain as the detectors and the seal look at it; null when there is none. */
export async function readChainFacts(tx: Transaction, requestId: string): Promise<(ChainFacts & { readonly requestState: RequestState }) | null> {
  const request = await readRequest(tx, requestId);
  if (!request) return null;
  const events = await readEventsAbout("request", requestId, 2_000, tx);
  const approvals = request.votes.map(({ personId, person, stageId, votedAt }) => ({ personId, name: person.name, stageId, votedAt }));
  const approved = approvalOf(events);
  const sources = new Map<string, readonly KnownSource[]>();
  for (const systemId of new Set(request.grants.map((grant) => grant.systemId))) sources.set(systemId, await readSources(tx, systemId));
  const sides = await readSides(tx, { request, approvals, approvedAt: approved?.at ?? null });
  return {
    requestId,
    requestState: parseRequestState(request.state),
    number: request.number,
    submittedAt: request.submittedAt,
    demo: request.demo,
    identityId: request.identityId,
    identity: request.identity.name,
    approved,
    stages: approved?.by === "votes" ? request.stages.map(({ id, needed }) => ({ id, needed })) : [],
    approvals,
    sides,
    policyBy: await readPolicyAuthor(tx, request.decisions[0] ?? null),
    ticketClosedAt: ticketClosedAt(events),
    grants: request.grants.map((grant) => grantFacts(grant, sources.get(grant.systemId) ?? [])),
  };
}

/** A source, and since when it can have said anything. */
type KnownSource = SourceFacts & { readonly since: Date };

async function readSources(tx: Transaction, systemId: string): Promise<KnownSource[]> {
  const rows = await tx.source.findMany({ where: { systemId, closedAt: null }, select: { id: true, name: true, kind: true, watermark: true, lagSeconds: true, createdAt: true, coversFrom: true }, orderBy: { name: "asc" } });
  return rows.map(({ id, kind, createdAt, coversFrom, ...row }) => ({ ...row, sourceId: id, kind: kind === "log" ? "log" : "polled", since: coversFrom && coversFrom < createdAt ? coversFrom : createdAt }));
}

function readRequest(tx: Transaction, id: string) {
  return tx.request.findUnique({
    where: { id },
    select: {
      number: true, state: true, submittedAt: true, demo: true, identityId: true,
      identity: { select: { name: true, ownerId: true, sponsorId: true, backupId: true } },
      stages: { select: { id: true, needed: true }, orderBy: { position: "asc" } },
      votes: { where: { answer: "approve", voidedAt: null }, select: { personId: true, stageId: true, votedAt: true, person: { select: { name: true } } }, orderBy: { votedAt: "asc" } },
      sides: { select: { personId: true, why: true, since: true } },
      decisions: { where: { moment: "request" }, orderBy: { decidedAt: "desc" }, take: 1, select: { policyHash: true, decidedAt: true } },
      grants: { include: { entitlement: { select: { name: true, privileges: true } }, uses: { orderBy: [{ startedAt: "asc" }, { id: "asc" }], take: mostUses } }, orderBy: [{ createdAt: "asc" }, { id: "asc" }] },
    },
  });
}

type RequestRow = NonNullable<Awaited<ReturnType<typeof readRequest>>>;
type GrantRow = RequestRow["grants"][number];

/** The first approval that the ledger holds: tables can be edited, and what was issued before it was issued without. */
function approvalOf(events: readonly StoredEvent[]): ChainFacts["approved"] {
  for (const event of events) {
    if (event.type === "request.approved") return { at: new Date(event.at), by: event.data["automatically"] === true ? "policy" : "votes" };
    if (event.type === "break-glass.opened") return { at: new Date(event.at), by: "broken-glass" };
  }
  return null;
}

function ticketClosedAt(events: readonly StoredEvent[]): Date | null {
  const reasonsSchema = z.array(z.string());
  const checked = events.find(({ type, data }) => {
    const reasons = type === "ticket.checked" ? reasonsSchema.safeParse(data["reasons"]) : null;
    return reasons?.success === true && reasons.data.some((reason) => overReasons.includes(reason));
  });
  return checked ? new Date(checked.at) : null;
}

/** The asking side as the request knew it, and who has come to answer for its identity since a vote. */
async function readSides(tx: Transaction, about: { readonly request: RequestRow; readonly approvals: readonly ApprovalFacts[]; readonly approvedAt: Date | null }): Promise<LaterSide[]> {
  const { request, approvals, approvedAt } = about;
  const known: LaterSide[] = request.sides.map(({ personId, why, since }) => ({ personId, why, since }));
  if (approvals.length === 0 || approvedAt === null) return known;
  const voters = approvals.map(({ personId }) => personId);
  const until = new Date(approvedAt.getTime() + laterFactMs);
  const rows = await tx.$queryRaw<{ body: Uint8Array; at: Date }[]>`
    select e.body, e.occurred_at as at from ledger.subject s join ledger.event e on e.id = s.event_id
    where s.kind = 'identity' and s.id = ${request.identityId}::uuid and e.type = 'identity.answered-for'
      and e.occurred_at >= ${request.submittedAt}::timestamptz and e.occurred_at <= ${until}::timestamptz order by e.id limit 500`;
  const later = rows.flatMap(({ body, at }) => {
    const { data } = answeredSchema.parse(JSON.parse(Buffer.from(body).toString("utf8")));
    const named = [["owner", data.ownerId], ["sponsor", data.sponsorId], ["backup", data.backupId]] as const;
    return named.flatMap(([why, personId]) => (personId !== null && voters.includes(personId) ? [{ personId, why, since: at }] : []));
  });
  return [...known, ...later];
}

const nullableId = z.string().nullable();
const answeredSchema = z.object({ data: z.object({ ownerId: nullableId, sponsorId: nullableId, backupId: nullableId }) });
const activatedSchema = z.object({ actor: z.object({ kind: z.string(), id: z.string().optional() }), data: z.object({ policyHash: z.string() }) });

/** Who put the set in force that decided; null where Curfew did, or where it is not known. */
async function readPolicyAuthor(tx: Transaction, decision: { readonly policyHash: string; readonly decidedAt: Date } | null): Promise<ChainFacts["policyBy"]> {
  if (!decision) return null;
  const rows = await tx.$queryRaw<{ body: Uint8Array; at: Date }[]>`
    select body, occurred_at as at from ledger.event where type = 'policy.activated' and occurred_at <= ${decision.decidedAt}::timestamptz
    order by occurred_at desc, id desc limit 1`;
  const row = rows[0];
  if (!row) return null;
  const { actor, data } = activatedSchema.parse(JSON.parse(Buffer.from(row.body).toString("utf8")));
  if (actor.kind !== "person" || actor.id === undefined || data.policyHash !== decision.policyHash) return null;
  const person = await tx.person.findUnique({ where: { id: actor.id }, select: { id: true, name: true } });
  return person && { personId: person.id, name: person.name, at: row.at };
}

function grantFacts({ entitlement, uses, stillGiven, endReason, ...grant }: GrantRow, known: readonly KnownSource[]): GrantFacts {
  const endedAt = grant.provenAt ?? grant.closedAt;
  // Who came after the end and reports nothing of before keeps no chain open.
  const sources = known.filter(({ since }) => endedAt === null || since <= endedAt).map(({ since: _since, ...source }): SourceFacts => source);
  const privileges = parsePrivileges(entitlement.privileges);
  const ways = stillGivenSchema.safeParse(stillGiven);
  return {
    ...grant,
    entitlement: entitlement.name,
    state: parseGrantState(grant.state),
    endReason: endReasons.find((reason) => reason === endReason) ?? null,
    stillGiven: ways.success ? ways.data.map(({ kind, name }) => `${name} (${kind})`) : null,
    uses: uses.map(({ id, kind, startedAt, lastSeenAt, source, match, outcome, principal, objects }) => ({ id, kind, startedAt, lastSeenAt, source, match, outcome, principal, outside: outsideOf(objects, privileges) })),
    sources,
  };
}

/** Requests that events from `position` on are about, and where to go on; `next` stays where nothing is new. */
export async function readTouchedRequests(position: bigint, most: number): Promise<{ readonly requestIds: string[]; readonly next: bigint }> {
  const rows = await db.$queryRaw<{ position: bigint; request_id: string | null; identity_id: string | null }[]>`
    select n.position, (select s.id from ledger.subject s where s.event_id = n.event_id and s.kind = 'request') as request_id,
      case when e.type = 'identity.answered-for' then (select s.id from ledger.subject s where s.event_id = n.event_id and s.kind = 'identity') end as identity_id
    from ledger.entry n join ledger.event e on e.id = n.event_id
    where n.position >= ${position}::bigint and n.position < ${position + BigInt(most)}::bigint order by n.position`;
  const last = rows.at(-1);
  const touched = rows.flatMap(({ request_id: id }) => (id === null ? [] : [id]));
  const identityIds = [...new Set(rows.flatMap(({ identity_id: id }) => (id === null ? [] : [id])))];
  const voted = identityIds.length === 0 ? [] : await db.$queryRaw<{ id: string }[]>`
    select r.id from requests r where r.identity_id = any(${identityIds}::uuid[]) and r.decided_at > clock_timestamp() - interval '90 days'
      and exists (select from votes v where v.request_id = r.id)`;
  return { requestIds: [...new Set([...touched, ...voted.map(({ id }) => id)])], next: last === undefined ? position : last.position + 1n };
}
