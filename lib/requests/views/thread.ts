import "server-only";
import type { PersonActor } from "@/lib/auth/actor";
import { allows } from "@/lib/auth/permissions";
import { db } from "@/lib/db/client";
import { formatList, formatSeconds } from "@/lib/platform/format";
import { parseRequestState, type LockedRequest } from "../data";
import { sideOf } from "../rules";
import { commentKinds } from "../types";
import { personView } from "./parts";
import type { ChangeSince, CommentView, LinkedRequest, ThreadView } from "./thread-types";

const mostComments = 200;
const mostLinked = 20;
const linkedSelect = { id: true, number: true, state: true } as const;
const termsSelect = {
  ...linkedSelect,
  purpose: true, intent: true, ticketKey: true, durationSeconds: true, maxUses: true, notBefore: true,
  entitlements: { select: { entitlement: { select: { name: true } } }, orderBy: { entitlementId: "asc" } },
} as const;

/** What came before and after a request, and what is said about it. */
export async function readThread(request: LockedRequest, viewer: PersonActor, now: Date): Promise<ThreadView> {
  const linked = await db.request.findUniqueOrThrow({
    where: { id: request.id },
    select: {
      ...termsSelect,
      earlierSeconds: true,
      extends: { select: linkedSelect },
      after: { select: termsSelect },
      extendedBy: { select: linkedSelect, orderBy: { number: "asc" }, take: mostLinked },
      askedAgainBy: { select: linkedSelect, orderBy: { number: "asc" }, take: mostLinked },
      grants: { select: { state: true, notAfter: true } },
    },
  });
  const comments = await readComments(request.id);
  const isTheirs = request.requesterId === viewer.personId && allows(viewer.roles, "request:create");
  const isExtended = linked.extendedBy.some(({ state }) => state === "pending" || state === "approved");
  const side = [...request.side, ...sideOf({ ...request, identities: [request.identity] })].map(({ personId }) => personId);
  return {
    comments,
    openQuestions: comments.filter(({ kind, answers }) => kind === "question" && answers.length === 0).length,
    extends: linked.extends && { ...linkedOf(linked.extends), earlierSeconds: linked.earlierSeconds },
    extendedBy: linked.extendedBy.map(linkedOf),
    after: linked.after && { ...linkedOf(linked.after), changes: changesSince(linked.after, linked) },
    askedAgainBy: linked.askedAgainBy.map(linkedOf),
    mayComment: allows(viewer.roles, "request:comment"),
    mayAskBack: allows(viewer.roles, "request:comment") && request.state === "pending" && request.stages.some(({ members }) => members.includes(viewer.personId)),
    mayAnswer: allows(viewer.roles, "request:comment") && side.includes(viewer.personId),
    mayExtend: isTheirs && !isExtended && linked.grants.some(({ state, notAfter }) => state === "active" && notAfter !== null && notAfter > now),
    mayKeep: request.requesterId === viewer.personId && allows(viewer.roles, "template:keep") && request.intent !== null,
    mayAskAgain: isTheirs && request.state !== "pending" && linked.grants.every(({ state }) => !["ready", "issuing", "active"].includes(state)),
  };
}

function linkedOf({ id, number, state }: { id: string; number: number; state: string }): LinkedRequest {
  return { requestId: id, number, state: parseRequestState(state) };
}

async function readComments(requestId: string): Promise<CommentView[]> {
  const rows = await db.requestComment.findMany({
    where: { requestId },
    select: { id: true, kind: true, answersId: true, text: true, writtenAt: true, person: { select: { id: true, name: true, leftAt: true } } },
    orderBy: [{ writtenAt: "asc" }, { id: "asc" }],
    take: mostComments,
  });
  const said = rows.map(({ id, kind, answersId, text, writtenAt, person }) => ({
    answersId,
    comment: { id, kind: commentKinds.find((known) => known === kind) ?? ("comment" as const), by: personView(person), text, at: writtenAt.toISOString() },
  }));
  return said.flatMap(({ answersId, comment }) =>
    answersId === null ? [{ ...comment, answers: said.filter((one) => one.answersId === comment.id).map((one) => one.comment) }] : [],
  );
}

type Terms = {
  readonly purpose: string;
  readonly intent: string | null;
  readonly ticketKey: string | null;
  readonly durationSeconds: number;
  readonly maxUses: number | null;
  readonly notBefore: Date | null;
  readonly entitlements: readonly { readonly entitlement: { readonly name: string } }[];
};

/** What is asked otherwise than in the request that was denied. */
function changesSince(before: Terms, after: Terms): ChangeSince[] {
  const said = ({ purpose, intent, ticketKey, durationSeconds, maxUses, notBefore, entitlements }: Terms): Readonly<Record<string, string>> => ({
    access: formatList(entitlements.map(({ entitlement }) => entitlement.name)),
    duration: formatSeconds(durationSeconds),
    purpose,
    uses: maxUses === null ? "no limit" : String(maxUses),
    start: notBefore === null ? "at once" : `not before ${notBefore.toISOString().slice(0, 16).replace("T", " ")} UTC`,
    ticket: ticketKey ?? "none",
    words: intent ?? "erased",
  });
  const [from, to] = [said(before), said(after)];
  return Object.entries(to).flatMap(([what, value]) => (from[what] === value ? [] : [{ what, from: from[what] ?? "", to: value }]));
}
