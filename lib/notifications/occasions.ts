import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { inTransaction, type Transaction } from "@/lib/db/transaction";
import type { FindingKind } from "@/lib/findings/rules";
import { notify, settleNotices } from "./telling";
import type { NoticeKind, NoticeWords } from "./types";

const mostPeople = 2_000;

/** Who did it, as a notice names it. */
const nameOf = (actor: Actor) => (actor.kind === "system" ? undefined : actor.name);
const personOf = (actor: Actor) => (actor.kind === "person" ? actor.personId : null);
const named = (words: { readonly [Name in keyof NoticeWords]: string | null | undefined }): NoticeWords =>
  Object.fromEntries(Object.entries(words).filter(([, word]) => typeof word === "string" && word !== ""));

async function readRequestWords(tx: Transaction, requestId: string) {
  const row = await tx.request.findUniqueOrThrow({
    where: { id: requestId },
    select: {
      number: true, identityId: true, demo: true, requesterId: true, triggeredById: true, madeForId: true,
      identity: { select: { name: true } },
      entitlements: { select: { entitlement: { select: { name: true, system: { select: { name: true } } } } }, take: 5 },
    },
  });
  const systems = [...new Set(row.entitlements.map(({ entitlement }) => entitlement.system.name))];
  return {
    ...row,
    subjects: { request: requestId, identity: row.identityId },
    link: `/requests/${requestId}`,
    askers: [row.requesterId, row.triggeredById, row.madeForId].flatMap((id) => id ?? []),
    words: {
      number: String(row.number), identity: row.identity.name, entitlement: row.entitlements.map(({ entitlement }) => entitlement.name).join(", "), system: systems.length === 1 ? systems[0] : undefined,
    },
  };
}

/** Tells who asked that a request is over without access; that access is ready has a notice of its own. Nobody is asked any more. */
export async function tellOver(tx: Transaction, now: Date, requestId: string, { outcome, actor }: { readonly outcome: "approved" | "denied" | "withdrawn" | "lapsed"; readonly actor: Actor }): Promise<void> {
  await settleNotices(tx, now, { about: { request: requestId } });
  if (outcome === "approved" || outcome === "withdrawn") return;
  const { words, askers, ...request } = await readRequestWords(tx, requestId);
  await notify(tx, now, {
    kind: outcome === "lapsed" ? "request-lapsed" : "request-decided", people: askers.filter((id) => id !== personOf(actor)), subjects: request.subjects, link: request.link, demo: request.demo,
    words: named({ ...words, who: nameOf(actor), ...(outcome === "denied" ? { outcome } : {}) }),
  });
}

async function readGrantWords(tx: Transaction, grantId: string) {
  const row = await tx.grant.findUniqueOrThrow({
    where: { id: grantId },
    select: {
      requestId: true, identityId: true, activateBefore: true, notBefore: true, notAfter: true, endReason: true, endedById: true, demo: true,
      identity: { select: { name: true, ownerId: true } }, system: { select: { name: true } },
      entitlement: { select: { name: true, resourceOwnerId: true, resourceTeam: { select: { members: { select: { personId: true }, take: 200 } } } } },
      request: { select: { requesterId: true, triggeredById: true } },
    },
  });
  return {
    ...row,
    subjects: { grant: grantId, request: row.requestId, identity: row.identityId },
    words: { identity: row.identity.name, entitlement: row.entitlement.name, system: row.system.name },
  };
}

/**
 * Tells who asked, where that is a person, that a grant is ready to be activated. Where it starts later they are told so now, and
 * that it is ready once it is.
 */
export async function tellReady(tx: Transaction, now: Date, grantId: string, actor: Actor): Promise<void> {
  const { request, words, activateBefore, notBefore, requestId, subjects, demo } = await readGrantWords(tx, grantId);
  const startsLater = notBefore !== null && notBefore > now;
  if (!startsLater) await tx.grant.update({ where: { id: grantId }, data: { readyToldAt: now } });
  if (request.requesterId === null) return;
  if (startsLater) {
    await notify(tx, now, {
      kind: "grant-approved", people: [request.requesterId], subjects, link: `/requests/${requestId}`, cause: grantId, demo, words: named({ ...words, who: nameOf(actor), until: notBefore.toISOString() }),
    });
    return;
  }
  await notify(tx, now, {
    kind: "grant-ready", people: [request.requesterId], subjects, link: `/requests/${requestId}`, cause: grantId, about: `grant:${grantId}`, demo, words: named({ ...words, who: nameOf(actor), until: activateBefore.toISOString() }),
  });
}

/** Tells who asked that a session is over, unless they ended it themselves or it ended because the task was done. */
export async function tellEnded(tx: Transaction, now: Date, grantId: string, outcome: string): Promise<void> {
  const { request, words, requestId, subjects, demo, endReason, endedById } = await readGrantWords(tx, grantId);
  if (request.requesterId === null || request.requesterId === endedById || endReason === "completed" || endReason === "superseded") return;
  await notify(tx, now, { kind: "grant-ended", people: [request.requesterId], subjects, link: `/requests/${requestId}`, cause: grantId, demo, words: named({ ...words, outcome }) });
}

/** Tells those who can do something about it that an end is not proven: who asked, the owner, the resource's people, administrators. */
export async function tellStuck(tx: Transaction, now: Date, grantId: string): Promise<void> {
  const { request, words, requestId, subjects, demo, identity, entitlement } = await readGrantWords(tx, grantId);
  const administrators = await readAdministrators(tx);
  const people = [request.requesterId, request.triggeredById, identity.ownerId, entitlement.resourceOwnerId].flatMap((id) => id ?? []);
  await notify(tx, now, {
    kind: "end-stuck", people: [...people, ...(entitlement.resourceTeam?.members ?? []).map(({ personId }) => personId), ...administrators.map(({ personId }) => personId)],
    subjects, link: `/requests/${requestId}`, demo, words: named(words),
  });
}

/** The worker's turn: tells those whose access was approved for later that it can be activated now. Answers how many. */
export function tellStarted(): Promise<number> {
  return inTransaction(async (tx, now) => {
    const rows = await tx.$queryRaw<{ id: string }[]>`
      select g.id from grants g left join grants f on f.id = g.continues_id
      where g.state = 'ready' and g.ready_told_at is null and g.not_before <= ${now}::timestamptz and g.activate_before > ${now}::timestamptz
        -- A session that somebody ended goes on with nothing.
        and (f.id is null or f.state = 'active' or f.end_reason in ('expired', 'idle', 'use-limit', 'completed'))
      order by g.not_before limit 50 for update of g skip locked`;
    for (const { id } of rows) await tellReady(tx, now, id, { kind: "system", process: "worker" });
    return rows.length;
  });
}

/** Tells those whose session ends within ten minutes, where it lasted half an hour or more; once a session. Answers how many. */
async function tellEndingSoon(tx: Transaction, now: Date): Promise<number> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    select g.id from grants g join requests r on r.id = g.request_id and r.requester_id is not null
    where g.state = 'active' and g.duration_seconds >= 1800 and g.not_after > ${now}::timestamptz and g.not_after <= ${now}::timestamptz + interval '10 minutes'
      and not exists (select from notices n where n.cause = 'grant-ending-soon|' || g.id::text)
    order by g.not_after limit 50`;
  for (const { id } of rows) {
    const { request, words, notAfter, subjects, requestId, demo } = await readGrantWords(tx, id);
    await notify(tx, now, {
      kind: "grant-ending-soon", people: request.requesterId === null ? [] : [request.requesterId], subjects, link: `/requests/${requestId}`, cause: id, demo,
      words: named({ ...words, until: notAfter?.toISOString() }),
    });
  }
  return rows.length;
}

/** Tells everybody who has something open in a review. */
export async function tellReviewers(tx: Transaction, now: Date, reviewId: string, { kind, cause }: { readonly kind: Extract<NoticeKind, "review-to-decide" | "review-reminder">; readonly cause: string }): Promise<void> {
  const review = await tx.review.findUniqueOrThrow({ where: { id: reviewId }, select: { name: true, dueAt: true, demo: true, identity: { select: { name: true } } } });
  const asked = await tx.$queryRaw<{ person_id: string }[]>`
    select distinct r.person_id from review_items t join review_reviewers r on r.item_id = t.id and r.is_asked
    where t.review_id = ${reviewId}::uuid and t.state in ('open', 'missed') limit ${mostPeople}::int`;
  await notify(tx, now, {
    kind, people: asked.map(({ person_id }) => person_id), subjects: { review: reviewId }, link: `/reviews/decide?review=${reviewId}`, cause: `${reviewId}:${cause}`, demo: review.demo,
    words: named({ review: review.name, identity: review.identity?.name, until: review.dueAt.toISOString() }),
  });
}

/** Settles what a review asked of whoever has nothing open in it any more. */
export async function settleReviewers(tx: Transaction, now: Date, reviewId: string, personId: string | null): Promise<void> {
  if (personId === null) return settleNotices(tx, now, { about: { review: reviewId } });
  const open = await tx.reviewItem.count({ where: { reviewId, state: { in: ["open", "missed"] }, reviewers: { some: { personId, isAsked: true } } }, take: 1 });
  if (open === 0) await settleNotices(tx, now, { about: { review: reviewId }, personId });
}

type Offer = { readonly id: string; readonly place: string; readonly leaverId: string; readonly identity: { readonly id: string; readonly demo: boolean }; readonly step: string };

function readAdministrators(tx: Transaction) {
  return tx.personRole.findMany({ where: { role: "administrator", person: { leftAt: null } }, select: { personId: true }, take: 500 });
}

/** Tells administrators that a ticket system cannot be asked; null: it answers again, and there is nothing left to do. */
export async function tellTicketSystem(tx: Transaction, now: Date, providerId: string, fault: { readonly refused: boolean } | null): Promise<void> {
  const about = `ticket-provider:${providerId}`;
  if (fault === null) return settleNotices(tx, now, { about });
  const { name } = await tx.ticketProvider.findUniqueOrThrow({ where: { id: providerId }, select: { name: true } });
  const people = (await readAdministrators(tx)).map(({ personId }) => personId);
  await notify(tx, now, {
    kind: "ticket-down", people, subjects: {}, link: `/tickets/providers/${providerId}`, about, cause: `${providerId}:${now.toISOString()}`,
    words: named({ system: name, outcome: fault.refused ? "does not take Curfew’s account" : undefined }),
  });
}

/** Findings that somebody has to look at soon; the others wait on their page, and what has a notice of its own is not told twice. */
const toldFindings: Partial<Readonly<Record<FindingKind, { readonly link?: string; readonly isUrgent?: true }>>> = {
  "unexplained-credential": {},
  "credential-after-proof": { isUrgent: true },
  "suspension-undone-outside": { isUrgent: true },
  "break-glass-found": {},
  "sealed-credential-used": { link: "/break-glass#sealed", isUrgent: true },
  "ledger-broken": { link: "/settings/checkpoints", isUrgent: true },
  "checkpoints-inside": { link: "/settings/checkpoints" },
  "place-unreached": { link: "/settings/checkpoints" },
  "sealed-check-overdue": { link: "/break-glass#sealed" },
};

type FoundNow = { readonly findingId: string; readonly kind: FindingKind; readonly title: string; readonly identityId: string | null; readonly systemId: string | null };

/** Tells the identity's owner side and administrators of a new finding. Of what no identity explains, one notice a day and system. */
export async function tellFinding(tx: Transaction, now: Date, { findingId, kind, title, identityId, systemId }: FoundNow): Promise<void> {
  const told = toldFindings[kind];
  if (!told) return;
  const identity = identityId === null ? null : await tx.identity.findUnique({ where: { id: identityId }, select: { name: true, ownerId: true, sponsorId: true, backupId: true, demo: true } });
  const side = identity ? [identity.ownerId, identity.sponsorId, identity.backupId].flatMap((id) => id ?? []) : [];
  await notify(tx, now, {
    kind: "finding-new", people: [...side, ...(await readAdministrators(tx)).map(({ personId }) => personId)],
    subjects: identityId === null ? {} : { identity: identityId }, link: told.link ?? `/findings?kind=${kind}`, words: named({ what: title, identity: identity?.name }),
    isUrgent: told.isUrgent ?? false, demo: identity?.demo ?? false,
    ...(identityId === null ? { cause: `${kind}:${systemId ?? ""}:${now.toISOString().slice(0, 10)}` } : { cause: findingId, about: `finding:${findingId}` }),
  });
}

/** Asks those to whom a leaver's place is offered now, and nobody else any more. */
export async function tellOffered(tx: Transaction, now: Date, { id, place, leaverId, identity, step }: Offer, people: readonly string[], deadline: Date): Promise<void> {
  await settleNotices(tx, now, { about: `hand-over:${id}` });
  const { name } = await tx.identity.findUniqueOrThrow({ where: { id: identity.id }, select: { name: true } });
  const leaver = await tx.person.findUnique({ where: { id: leaverId }, select: { name: true } });
  await notify(tx, now, {
    kind: "hand-over-offered", people, subjects: { identity: identity.id }, link: "/identities/hand-overs", cause: `${id}:${step}`, about: `hand-over:${id}`, demo: identity.demo,
    words: named({ place, identity: name, who: leaver?.name, until: deadline.toISOString() }),
  });
}

/** The worker's turn: tells those whose session ends soon. */
export function remindOfEnds(): Promise<number> {
  return inTransaction(tellEndingSoon);
}
