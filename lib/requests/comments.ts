import "server-only";
import type { PersonActor } from "@/lib/auth/actor";
import { allows } from "@/lib/auth/permissions";
import { databaseClock, inTransaction, type Clock, type Transaction } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import { notify } from "@/lib/notifications/telling";
import { newId } from "@/lib/platform/ids";
import { ok, refuse, type Result } from "@/lib/platform/result";
import { findSecrets } from "@/lib/platform/secret-scan";
import { lockRequest, type LockedRequest } from "./data";
import { mayView, sideOf } from "./rules";
import type { CommentKind } from "./types";

type WriteComment = {
  readonly actor: PersonActor;
  readonly requestId: string;
  readonly kind: CommentKind;
  readonly text: string;
  /** The question that an answer is to. */
  readonly answersId?: string | undefined;
  /** Made by the writer; the same key again answers with the comment it made. */
  readonly idempotencyKey: string;
  readonly clock?: Clock;
};

type Written = { readonly commentId: string };
type CommentRefusal = "unknown-request" | "not-asked" | "not-pending" | "not-requester" | "unknown-question" | "too-many" | "secret-in-text" | "key-used-elsewhere";

/** Comments that one request takes. */
const mostComments = 200;

/**
 * Writes a comment, a question or an answer. Whoever may see the request may comment; who is asked to decide may ask back while it
 * waits, and the asking side answers. A question stops no clock.
 */
export async function writeComment(command: WriteComment): Promise<Result<Written, CommentRefusal>> {
  const scan = await findSecrets(command.text);
  if (scan.found) return refuse("secret-in-text", { kinds: scan.kinds.join(", ") });
  const clock = command.clock ?? databaseClock;
  return inTransaction(async (tx): Promise<Result<Written, CommentRefusal>> => {
    const request = await lockRequest(tx, command.requestId);
    if (!request || !sees(request, command.actor)) return refuse("unknown-request");
    // The lock on the request makes two calls with one key wait for each other.
    const earlier = await tx.requestComment.findFirst({ where: { personId: command.actor.personId, idempotencyKey: command.idempotencyKey }, select: { id: true, requestId: true } });
    if (earlier) return earlier.requestId === request.id ? ok({ commentId: earlier.id }) : refuse("key-used-elsewhere");
    const objection = await objectionTo(tx, request, command);
    if (objection) return refuse(objection, { state: request.state });
    return ok({ commentId: await store(tx, request, command, await clock.now(tx)) });
  }, clock);
}

/** Everybody of the asking side, as it was and as it is. */
function sideOfRequest(request: LockedRequest): string[] {
  return [...request.side, ...sideOf({ ...request, identities: [request.identity] })].map(({ personId }) => personId);
}

function sees(request: LockedRequest, { personId, roles }: PersonActor): boolean {
  const about = { requesterId: request.requesterId, side: sideOfRequest(request), asked: request.stages.flatMap(({ everAsked }) => everAsked) };
  return mayView(about, { personId, seesAll: allows(roles, "request:view-all") });
}

async function objectionTo(tx: Transaction, request: LockedRequest, { actor, kind, answersId }: WriteComment): Promise<CommentRefusal | null> {
  if ((await tx.requestComment.count({ where: { requestId: request.id } })) >= mostComments) return "too-many";
  switch (kind) {
    case "comment":
      return null;
    case "question":
      if (request.state !== "pending") return "not-pending";
      return request.stages.some(({ members }) => members.includes(actor.personId)) ? null : "not-asked";
    case "answer": {
      if (!sideOfRequest(request).includes(actor.personId)) return "not-requester";
      const question = answersId ? await tx.requestComment.findFirst({ where: { id: answersId, requestId: request.id, kind: "question" }, select: { id: true } }) : null;
      return question ? null : "unknown-question";
    }
  }
}

async function store(tx: Transaction, request: LockedRequest, { actor, kind, text, answersId, idempotencyKey }: WriteComment, now: Date): Promise<string> {
  const id = newId();
  const answers = kind === "answer" && answersId ? answersId : null;
  await tx.requestComment.create({ data: { id, requestId: request.id, personId: actor.personId, kind, answersId: answers, text, writtenAt: now, idempotencyKey } });
  await appendEvent(tx, {
    type: "request.commented",
    at: now,
    actor,
    subjects: { request: request.id, identity: request.identityId },
    data: { commentId: id, kind, ...(answers ? { answersId: answers } : {}) },
    clear: { text, writer: actor.name },
    demo: request.demo,
  });
  const people = (await concernedBy(tx, request, kind, answers)).filter((personId) => personId !== actor.personId);
  await notify(tx, now, {
    kind: kind === "question" ? "request-question" : "request-comment",
    people,
    subjects: { request: request.id, identity: request.identityId },
    link: `/requests/${request.id}#talk`,
    words: { who: actor.name, number: String(request.number), identity: request.identity.name },
    cause: id,
    demo: request.demo,
  });
  return id;
}

/** A question goes to who can answer it, an answer to who asked it, a comment to who asked and whoever has said something about it. */
async function concernedBy(tx: Transaction, request: LockedRequest, kind: CommentKind, answersId: string | null): Promise<string[]> {
  const askers = [request.requesterId, request.triggeredById, request.madeForId].flatMap((id) => id ?? []);
  if (kind === "question") return askers.length > 0 ? askers : [request.identity.ownerId].flatMap((id) => id ?? []);
  if (answersId !== null) return (await tx.requestComment.findMany({ where: { id: answersId }, select: { personId: true } })).map(({ personId }) => personId);
  const [said, voted] = [
    await tx.requestComment.findMany({ where: { requestId: request.id }, select: { personId: true }, distinct: ["personId"], take: mostComments }),
    request.stages.flatMap(({ votes }) => votes),
  ];
  return [...new Set([...askers, ...said.map(({ personId }) => personId), ...voted.map(({ personId }) => personId)])];
}
