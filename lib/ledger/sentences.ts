import type * as z from "zod";
import { formatList, formatPlural, formatSeconds, formatUtc } from "@/lib/platform/format";
import { eventTypes, type EventType, type SubjectKind, type Subjects } from "./events";

/** Words for what an event only holds ids of. Whoever is not known (any more) is said so by the caller. */
export type Say = {
  /** Who did it. */
  readonly actor: string;
  readonly name: (kind: SubjectKind | "team", id: string) => string;
  readonly subjects: Subjects;
};

type Data<Type extends EventType> = z.output<(typeof eventTypes)[Type]["data"]>;

const people = (say: Say, ids: readonly string[]) => formatList(ids.map((id) => say.name("person", id)));

/** What an event is about, by name; `otherwise` where the event names nothing of that kind. */
function about(say: Say, kind: SubjectKind, otherwise: string): string {
  const id = say.subjects[kind];
  return id === undefined ? otherwise : say.name(kind, id);
}

/** A code in words: `target-denied` reads "target denied". */
const words = (code: string) => code.replaceAll("-", " ");

const endWords: Readonly<Record<string, string>> = {
  completed: "the task is done",
  "task-failed": "the task failed",
  expired: "its time is over",
  idle: "it was idle for too long",
  "use-limit": "its uses are up",
  "context-changed": "policy decided no when it was asked again",
  abnormal: "it was seen where it should not be",
  "ticket-closed": "its ticket was closed",
  "ended-by-person": "a person asked for it",
  "identity-suspended": "the identity was suspended",
  "owner-left": "the owner left",
  superseded: "the answer of the target was lost, so whatever came to be is taken back",
};

/** Why a session ended, as the second half of a sentence. */
export function endReasonWords(reason: string): string {
  return endWords[reason] ?? words(reason);
}

const outcomes = { permit: "yes", refuse: "no", fault: "could not be asked" } as const;
const moments = { request: "when it was asked for", vote: "at the vote", activation: "at activation", recheck: "when it was asked again" } as const;

function stillGiven(data: Data<"grant.proven">): string {
  if (!data.stillGivenKnown) return "What else still gives it could not be asked.";
  const standing = data.stillGiven.filter(({ kind }) => kind === "standing").length;
  const granted = data.stillGiven.length - standing;
  if (data.stillGiven.length === 0) return "Nothing else gives it any more.";
  const ways = [
    ...(standing > 0 ? [formatPlural(standing, "standing way", "standing ways")] : []),
    ...(granted > 0 ? [formatPlural(granted, "other grant")] : []),
  ];
  return `Still given by ${formatList(ways)}.`;
}

const exceptionEnds = {
  lapsed: "its end came, so that the access is a side door again",
  renewed: "another one took its place",
  "ended-by-person": "a person ended it, so that the access is a side door again",
  "assignment-gone": "what it was made for is no longer held",
} as const;

/** One plain sentence for every kind of event. Total by type: an event without words does not compile. */
export const sentences: { readonly [Type in EventType]: (data: Data<Type>, say: Say) => string } = {
  "request.submitted": (data, say) => {
    const what = formatList(data.entitlementIds.map((id) => say.name("entitlement", id)));
    const asked = data.stages.reduce((sum, stage) => sum + stage.asked.length, 0);
    const who = data.stages.length === 0 ? "Nobody has to decide." : `${formatPlural(data.stages.length, "stage")}, ${formatPlural(asked, "person", "people")} asked.`;
    return `${say.actor} asked for ${what} for ${say.name("identity", data.identityId)}, for ${formatSeconds(data.durationSeconds)}. ${who}`;
  },
  "request.refused": (data, say) => {
    const what = formatList(data.entitlementIds.map((id) => say.name("entitlement", id))) || "access";
    const whom = data.identityId === null ? "" : ` for ${say.name("identity", data.identityId)}`;
    return `${say.actor} asked for ${what}${whom} and was refused: ${words(data.code)}.`;
  },
  "request.voted": (data, say) =>
    data.answer === "approve"
      ? `${say.actor} approved in stage ${data.stage + 1}, for at most ${formatSeconds(data.durationSeconds)}.`
      : `${say.actor} denied in stage ${data.stage + 1}.`,
  "request.vote-refused": (data, say) => `${say.actor} tried to ${data.answer} and could not: ${words(data.code)}.`,
  "request.narrowed": (data, say) => `${say.actor} shortened it from ${formatSeconds(data.fromSeconds)} to ${formatSeconds(data.toSeconds)}.`,
  "request.rerouted": (data, say) => `${people(say, data.excluded)} cannot decide any more: ${words(data.why)}.`,
  "request.approved": (data, say) =>
    `${data.automatically ? "Policy approved it without a person" : `Approved with the vote of ${say.actor}`}, for ${formatSeconds(data.durationSeconds)}, to be activated before ${formatUtc(data.activateBefore)}.`,
  "request.denied": (data, say) => `Denied by the vote of ${say.actor} in stage ${data.stage + 1}.`,
  "request.withdrawn": (_data, say) => `${say.actor} took the request back.`,
  "request.lapsed": (data) => (data.why === "not-decided-in-time" ? "Lapsed: nobody decided it in time." : "Lapsed: nobody activated it in time."),
  "policy.decided": (data) => {
    const by = data.determining.length > 0 ? `, by ${formatList(data.determining)}` : "";
    return `Policy said ${outcomes[data.outcome]} ${moments[data.moment]}${by}.`;
  },
  "policy.activated": (data, say) => `${say.actor} put ${formatPlural(data.policies.length, "policy", "policies")} in force.`,
  "grant.ready": (data) =>
    `${data.replaces === null ? "Ready" : "Ready once more, in place of one that was never issued"}: ${formatSeconds(data.durationSeconds)} from activation, which must come before ${formatUtc(data.activateBefore)}.`,
  "grant.activation-refused": (data, say) => `${say.actor} tried to activate it and could not: ${words(data.code)}.`,
  "grant.issuing": (data, say) => `${say.actor} activates it: the target is asked for the credential ${data.handle}.`,
  "grant.active": (data) =>
    `The target has the credential ${data.handle}${data.targetId === null ? "" : ` (its id there: ${data.targetId})`}; it ends at ${formatUtc(data.notAfter)} at the latest.`,
  "grant.failed": (data) => `Never issued: ${words(data.code)}. A look at the target found nothing.`,
  "grant.lapsed": () => "Lapsed: nobody activated it in time.",
  "grant.first-used": (data) => `First use seen, begun at ${formatUtc(data.startedAt)} (${data.source}, match ${data.match}).`,
  "grant.used": (data) => {
    const statements = data.statements === null ? "" : ` and ${formatPlural(data.statements, "statement")} counted`;
    return `${formatPlural(data.uses, "connection")} seen${statements}, the last activity at ${formatUtc(data.lastUseAt)} (${data.source}).`;
  },
  "grant.ending": (data, say) => `${say.actor} ends it: ${endReasonWords(data.reason)}.`,
  "grant.end-failed": (data) =>
    `Attempt ${data.attempt} to ${data.step === "revoke" ? "end it on the target" : "prove its end"} failed: ${words(data.code)}.`,
  "grant.stuck": (data) => `Not proven after ${formatPlural(data.attempts, "attempt")}: ${words(data.code)}. It is tried again until it is.`,
  "grant.accepted": (data) =>
    data.alreadyGone
      ? "The target says that nothing of it was there any more."
      : `The target took the end: no new sign-ins, ${formatPlural(data.sessionsCut, "open connection")} cut, the credential removed.`,
  "grant.proven": (data) => `Proven dead by ${data.seenBy}: ${formatList(data.facts)}. ${stillGiven(data)}`,
  "grant.not-provable": (data) => `Its end cannot be proven: ${data.why}. It can still work until ${formatUtc(data.worksUntil)}.`,
  "grant.expired-unproven": (data) => `Its time is over and nobody could look: ${data.why}. It does not count as proven.`,
  "grant.not-rechecked": (data) => `Policy could not be asked again; not rechecked since ${formatUtc(data.since)}. The session goes on.`,
  "finding.opened": (data) => `A finding was opened: ${words(data.kind)} (${formatList(data.controls)}).`,
  "finding.closed": (data) => `A finding was closed: ${words(data.kind)}.`,
  "evidence.exported": (data, say) => `${say.actor} began to export evidence as ${data.format}, as of ledger position ${data.asOf}.`,
  "evidence.export-finished": (data) =>
    data.state === "complete" ? `The export is complete: ${formatPlural(data.rows, "row")}.` : `The export broke off after ${formatPlural(data.rows, "row")}.`,
  "person.created": (data, say) => `${say.name("person", data.personId)} became known.`,
  "person.joined-team": (data, say) => `${say.name("person", data.personId)} joined ${say.name("team", data.teamId)}.`,
  "person.role-given": (data, say) => `${say.actor} gave ${say.name("person", data.personId)} the role ${data.role}.`,
  "person.signed-in": (data, say) => `${say.name("person", data.personId)} signed in.`,
  "person.sign-in-refused": (data, say) => `${say.name("person", data.personId)} could not sign in: ${words(data.code)}.`,
  "person.signed-out": (data, say) => `${say.name("person", data.personId)} signed out.`,
  "person.left": (data, say) => `${say.name("person", data.personId)} left; ${formatPlural(data.signInsEnded, "sign-in")} ended.`,
  "system.connected": (data, say) => `${say.actor} connected ${about(say, "system", "a system")} (${data.connector}).`,
  "system.connection-changed": (_data, say) => `${say.actor} said anew where ${about(say, "system", "a system")} is and how to sign in to it.`,
  "system.unreachable": (data, say) => `${about(say, "system", "The system")} does not answer: ${words(data.code)}.`,
  "system.reachable": (_data, say) => `${about(say, "system", "The system")} answers again.`,
  "system.discovered": (data, say) =>
    `Discovery on ${about(say, "system", "the system")}: ${formatPlural(data.roles, "role")}, ${data.appeared} new, ${data.changed} changed, ${data.vanished} gone.`,
  "identity.registered": (data, say) => `${about(say, "identity", "An identity")} became known (${words(data.kind)}, by ${data.source}).`,
  "identity.answered-for": (data, say) => {
    const roles = [["owner", data.ownerId], ["sponsor", data.sponsorId], ["backup", data.backupId]] as const;
    const said = roles.map(([role, id]) => `${role} ${id === null ? "nobody" : say.name("person", id)}`);
    return `${about(say, "identity", "The identity")} is answered for by ${formatList(said)}.`;
  },
  "identity.described": (data, say) => `${say.actor} changed what is said about ${about(say, "identity", "the identity")}: ${formatList(data.changed)}.`,
  "identity.workload-trusted": (_data, say) => `Tokens of a workload now act as ${about(say, "identity", "an identity")}.`,
  "identity.state-changed": (data, say) => `${about(say, "identity", "The identity")} went from ${data.from} to ${data.to}.`,
  "entitlement.defined": (data, say) =>
    `${say.actor} set ${about(say, "entitlement", "an entitlement")} to sensitivity ${data.sensitivity}, owned by ${data.resourceOwnerId === null ? "nobody" : say.name("person", data.resourceOwnerId)}; it ${data.requestable ? "can" : "cannot"} be asked for.`,
  "exception.made": (data, say) =>
    `${say.actor} ${data.renews === null ? "made" : "renewed"} a standing exception: ${say.name("person", data.ownerId)} answers for ${about(say, "identity", "the identity")} holding ${about(say, "entitlement", "an entitlement")} all the time, until ${formatUtc(data.endsAt)}.`,
  "exception.ended": (data, say) =>
    `The standing exception of ${about(say, "identity", "the identity")} for ${about(say, "entitlement", "an entitlement")} ended: ${exceptionEnds[data.why]}.`,
};

function isEventType(type: string): type is EventType {
  return Object.hasOwn(eventTypes, type);
}

function tell<Type extends EventType>(type: Type, data: unknown, say: Say): string | null {
  const parsed = eventTypes[type].data.safeParse(data);
  // The schema of a type gives that type's data; TypeScript cannot follow a lookup by a type variable.
  return parsed.success ? sentences[type](parsed.data as Data<Type>, say) : null;
}

/** The sentence of a stored event. One of a kind or version that this build does not know says exactly that. */
export function sentenceOf(event: { readonly type: string; readonly data: unknown }, say: Say): string {
  const told = isEventType(event.type) ? tell(event.type, event.data, say) : null;
  return told ?? `An event of a kind that this version has no words for: ${event.type}.`;
}
