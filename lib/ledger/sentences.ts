import type * as z from "zod";
import { formatList, formatPlural, formatSeconds, formatUtc } from "@/lib/platform/format";
import { forSeat, narrowings, sayReading } from "./vote-sentences";
import { auditorSentences } from "./auditors/sentences";
import { emergencySentences } from "./emergency-sentences";
import { sourceSentences } from "./sources/sentences";
import { templateSentences } from "./template-sentences";
import { ticketSentences } from "./ticket-sentences";
import { logSentences } from "./tree/sentences";
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

const stopWords: Readonly<Record<string, string>> = { mass: "too many people in one go", "last-administrator": "nobody else is an administrator" };

const handOverEnds: Readonly<Record<string, string>> = {
  "named-by-person": "somebody else was named",
  returned: "whoever had left came back",
  "identity-gone": "the identity is offboarded or gone",
};

const proposalWords: Readonly<Record<string, string>> = { "give-role": "giving a role", "lower-sensitivity": "lowering a sensitivity", "engage-auditor": "an engagement of an auditor", "list-break-glass": "an entry of the list for the worst day" };

/** What a proposal is about, as a noun. */
const proposed = (kind: string) => proposalWords[kind] ?? words(kind);

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

const missedWords: Readonly<Record<string, string>> = {
  escalated: "somebody else is asked",
  froze: "it gets no new grants until somebody decides",
  rehearsed: "it is switched off for a while, to see who misses it",
  "nobody-left": "and nobody else can be asked",
};

const lapseWords = {
  "not-decided-in-time": "nobody decided it in time",
  "not-activated-in-time": "nobody activated it in time",
  "stage-not-decided-in-time": "the time of a stage was over",
  "nobody-left-to-decide": "nobody was left who could decide it",
} as const;

const addedWords: Readonly<Record<string, string>> = {
  joined: "belongs to the group now",
  "stands-in": "stands in for",
  delegate: "decides for",
  escalated: "asked since the time was over",
};

const removedWords: Readonly<Record<string, string>> = {
  "left-group": "not in the group any more",
  "asking-side": "on the asking side now",
  "no-role": "has no role that decides",
  "has-left": "has left",
  "no-longer-acts": "decided for",
};

type SeatChanges = { readonly rows: readonly { readonly personId: string; readonly seatOfId: string; readonly why: string }[]; readonly more: number } | undefined;

/** "Ann is asked now (stands in for Bea)." Names of a few, the rest a number. */
function seatSentences(say: Say, changes: SeatChanges, what: string, why: Readonly<Record<string, string>>): string[] {
  if (!changes) return [];
  const shown = changes.rows.slice(0, 5);
  const more = changes.more + changes.rows.length - shown.length;
  const said = shown.map(({ personId, seatOfId, why: code }) => {
    const reason = why[code] ?? words(code);
    return `${say.name("person", personId)} ${what} (${reason}${seatOfId === personId ? "" : ` ${say.name("person", seatOfId)}`}).`;
  });
  return more > 0 ? [...said, `${formatPlural(more, "more change", "more changes")}.`] : said;
}

/** What an ask says of its start and of what came before it. */
function sayTerms({ notBefore, extends: extended, asksAgain, heldStanding }: Data<"request.submitted">): string {
  const said = [
    notBefore === undefined ? null : `not before ${formatUtc(notBefore)}`,
    extended === undefined ? null : `going on with a live session, after ${formatSeconds(extended.earlierSeconds)} in a row`,
    asksAgain === undefined ? null : "once more after a denial",
    heldStanding === undefined ? null : "although the identity holds it standing",
  ].filter((part) => part !== null);
  return said.map((part) => `, ${part}`).join("");
}

/** One plain sentence for every kind of event. Total by type: an event without words does not compile. */
export type Sentences = { readonly [Type in EventType]: (data: Data<Type>, say: Say) => string };

export const sentences: Sentences = {
  ...emergencySentences,
  ...ticketSentences,
  ...sourceSentences,
  ...auditorSentences,
  ...templateSentences,
  ...logSentences,
  "request.submitted": (data, say) => {
    const what = formatList(data.entitlementIds.map((id) => say.name("entitlement", id)));
    const asked = data.stages.reduce((sum, stage) => sum + stage.asked.length, 0);
    const who = data.stages.length === 0 ? "Nobody has to decide." : `${formatPlural(data.stages.length, "stage")}, ${formatPlural(asked, "person", "people")} asked.`;
    return `${say.actor} asked for ${what} for ${say.name("identity", data.identityId)}, for ${formatSeconds(data.durationSeconds)}${sayTerms(data)}. ${who}`;
  },
  "request.commented": (data, say) => `${say.actor} ${{ comment: "wrote a comment", question: "asked who asks a question", answer: "answered a question" }[data.kind]}.`,
  "request.refused": (data, say) => {
    const what = formatList(data.entitlementIds.map((id) => say.name("entitlement", id))) || "access";
    const whom = data.identityId === null ? "" : ` for ${say.name("identity", data.identityId)}`;
    return `${say.actor} asked for ${what}${whom} and was refused: ${words(data.code)}.`;
  },
  "request.voted": (data, say) =>
    data.answer === "approve"
      ? `${say.actor}${forSeat(data, say)} approved in stage ${data.stage + 1}, for at most ${formatSeconds(data.durationSeconds)}${data.proofId ? ", confirmed with a passkey" : ""}.${sayReading(data)}`
      : `${say.actor}${forSeat(data, say)} denied in stage ${data.stage + 1}.${sayReading(data)}`,
  "request.votes-voided": (data, say) => `The approvals of ${people(say, data.people)} are void and asked again: policy wants a passkey now.`,
  "request.vote-refused": (data, say) => `${say.actor} tried to ${data.answer} and could not: ${words(data.code)}.`,
  "request.narrowed": (data, say) => `${say.actor} ${formatList(narrowings(data, say))}.`,
  "request.rerouted": (data, say) =>
    [
      ...(data.excluded.length > 0 ? [`${people(say, data.excluded)} cannot decide any more: ${words(data.why)}.`] : []),
      ...seatSentences(say, data.added, "is asked now", addedWords),
      ...seatSentences(say, data.removed, "is asked no longer", removedWords),
    ].join(" "),
  "request.reminded": (data) =>
    `${formatPlural(data.waitingFor, "person was", "people were")} reminded: stage ${data.stage + 1} waits until ${formatUtc(data.dueAt)}.`,
  "request.escalated": (data, say) =>
    `${data.why === "time-over" ? `The time of stage ${data.stage + 1} was over` : `Nobody was left who could decide stage ${data.stage + 1}`}: ${
      data.added.rows.length > 0 ? `${people(say, data.added.rows)}${data.added.more > 0 ? ` and ${data.added.more} more` : ""} asked, too` : "nobody else could be asked"
    }.`,
  "request.unroutable": (data) => `Nobody is left who can decide stage ${data.stage + 1}; it lapses at ${formatUtc(data.lapsesAt)} unless an administrator appoints somebody.`,
  "request.routable-again": () => "Somebody can decide it again.",
  "request.approved": (data, say) =>
    `${data.automatically ? "Policy approved it without a person" : `Approved with the vote of ${say.actor}`}, for ${formatSeconds(data.durationSeconds)}, to be activated before ${formatUtc(data.activateBefore)}.`,
  "request.denied": (data, say) => `Denied by the vote of ${say.actor} in stage ${data.stage + 1}.`,
  "request.withdrawn": (_data, say) => `${say.actor} took the request back.`,
  "request.lapsed": (data) => `Lapsed: ${lapseWords[data.why]}.`,
  "policy.decided": (data, say) => {
    const by = data.determining.length > 0 ? `, by ${formatList(data.determining)}` : "";
    const what = data.entitlementId === undefined ? "" : ` about ${say.name("entitlement", data.entitlementId)}`;
    return `Policy said ${outcomes[data.outcome]}${what} ${moments[data.moment]}${by}.`;
  },
  "policy.activated": (data, say) => `${say.actor} put ${formatPlural(data.policies.length, "policy", "policies")} in force.`,
  "grant.ready": (data) =>
    `${data.replaces === null ? "Ready" : "Ready once more, in place of one that was never issued"}: ${formatSeconds(data.durationSeconds)} from activation, which must come before ${formatUtc(data.activateBefore)}${data.notBefore === undefined ? "" : ` and not before ${formatUtc(data.notBefore)}`}${data.continues === undefined ? "" : "; it goes on with a live session"}.`,
  "grant.activation-refused": (data, say) => `${say.actor} tried to activate it and could not: ${words(data.code)}.`,
  "grant.issuing": (data, say) => `${say.actor} activates it: the target is asked for the credential ${data.handle}.`,
  "grant.active": (data) =>
    `The target has the credential ${data.handle}${data.targetId === null ? "" : ` (its id there: ${data.targetId})`}; it ends at ${formatUtc(data.notAfter)} at the latest.`,
  "grant.failed": (data) => `Never issued: ${words(data.code)}. A look at the target found nothing.`,
  "grant.lapsed": () => "Lapsed: it was not activated.",
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
  "chain.sealed": (data) => (data.withoutSources ? "The chain is complete; nothing reports uses where it was issued." : `The chain is complete: ${data.watermarks.length === 0 ? "it never came to life" : "every source of uses has reported past its end"}.`),
  "chain.seal-broken": () => "The seal broke: data came later than its source had said it could.",
  "finding.opened": (data) => `A finding was opened: ${words(data.kind)} (${formatList(data.controls)}).`,
  "finding.closed": (data) => `A finding was closed: ${words(data.kind)}.`,
  "finding.seen": (data) => `Somebody looked at a finding and said why it may rest: ${words(data.kind)}.`, "finding.reopened": (data) => `A finding is open again, since its facts changed: ${words(data.kind)}.`,
  "evidence.export-requested": (data, say) => `${say.actor} asked for an export of evidence as ${data.format}.`,
  "evidence.sample-drawn": (data, say) => `${say.actor} drew a sample of ${formatPlural(data.drawn, "record")} with a nonce, below the checkpoint over ${data.checkpointSize} events.`,
  "evidence.export-downloaded": (_data, say) => `${say.actor} downloaded an export of evidence.`,
  "evidence.export-cancelled": (_data, say) => `${say.actor} cancelled an export of evidence.`,
  "evidence.export-expired": () => "The file of an export of evidence expired and was removed.",
  "evidence.exported": (data, say) => `${say.actor} began to export evidence as ${data.format}, as of ledger position ${data.asOf}.`,
  "evidence.export-finished": (data) =>
    data.state === "complete" ? `The export is complete: ${formatPlural(data.rows, "row")}.` : `The export broke off after ${formatPlural(data.rows, "row")}.`,
  "question.kept": (data) => `${data.isShared ? "A shared question" : "A question"} to the evidence was kept${data.schedule === "never" ? "" : `, answered ${data.schedule} as ${data.format}`}.`,
  "question.removed": () => "A question to the evidence was removed.",
  "question.asked": (data) =>
    data.refusal === null ? `A scheduled question was asked for ${data.from} to ${data.to}.` : `A scheduled question could not be asked for ${data.from} to ${data.to}: ${words(data.refusal)}.`,
  "person.created": (data, say) => `${say.name("person", data.personId)} became known.`,
  "person.first-administrator-offered": (data) => `A one-time link for the first administrator was printed at the start; it works until ${formatUtc(data.expiresAt)}.`,
  "person.joined-team": (data, say) => `${say.name("person", data.personId)} joined ${say.name("team", data.teamId)}.`,
  "person.role-given": (data, say) => `${say.actor} gave ${say.name("person", data.personId)} the role ${data.role}.`,
  "person.signed-in": (data, say) => `${say.name("person", data.personId)} signed in.`,
  "person.sign-in-refused": (data, say) => `${say.name("person", data.personId)} could not sign in: ${words(data.code)}.`,
  "person.signed-out": (data, say) => `${say.name("person", data.personId)} signed out.`,
  "person.role-taken": (data, say) => `${say.actor} took the role ${data.role} from ${say.name("person", data.personId)}.`,
  "person.left-team": (data, say) => `${say.name("person", data.personId)} is no longer in ${say.name("team", data.teamId)}.`,
  "person.team-lead-set": (data, say) =>
    `${say.name("person", data.personId)} ${data.lead ? "leads" : "no longer leads"} ${say.name("team", data.teamId)}.`,
  "person.on-call-set": (data, say) =>
    `${say.name("person", data.personId)} is on call for ${say.name("team", data.teamId)} from ${formatUtc(data.from)} until ${formatUtc(data.until)}.`,
  "person.on-call-ended": (data, say) => `${say.actor} ended the time on call of ${say.name("person", data.personId)} for ${say.name("team", data.teamId)}.`,
  "person.delegation-set": (data, say) =>
    `${say.name("person", data.delegateId)} decides for ${say.name("person", data.personId)} from ${formatUtc(data.from)} until ${formatUtc(data.until)}.`,
  "person.delegation-ended": (data, say) => `${say.name("person", data.delegateId)} decides for ${say.name("person", data.personId)} no longer.`,
  "person.out-of-office-set": (data, say) =>
    `${say.name("person", data.personId)} is out of office from ${formatUtc(data.from)} until ${formatUtc(data.until)}${data.standInId === null ? "; nobody stands in" : `; ${say.name("person", data.standInId)} stands in`}.`,
  "person.out-of-office-ended": (data, say) => `${say.name("person", data.personId)} is not out of office any more.`,
  "person.returned": (data, say) =>
    `${say.name("person", data.personId)} came back${data.rolesTaken.length > 0 ? `, without the ${data.rolesTaken.length === 1 ? "role" : "roles"} ${formatList(data.rolesTaken)}` : ""}.`,
  "request.requester-left": (data, say) => `The request ended with ${say.name("person", data.personId)}, who asked and has left.`,
  "hand-over.started": (data, say) =>
    `${say.name("person", data.leaverId)}, ${data.place} of ${about(say, "identity", "an identity")}, left: a hand-over started.`,
  "hand-over.offered": (data, say) =>
    `${people(say, data.offeredTo)} ${data.offeredTo.length === 1 ? "is" : "are"} asked, as ${words(data.step)}, to be ${data.place} of ${about(say, "identity", "the identity")} until ${formatUtc(data.deadline)}.`,
  "hand-over.declined": (data, say) => `${say.name("person", data.personId)} does not want to be ${data.place} of ${about(say, "identity", "the identity")}.`,
  "hand-over.accepted": (data, say) => `${say.name("person", data.personId)} is ${data.place} of ${about(say, "identity", "the identity")} now.`,
  "hand-over.failed": (data, say) =>
    `Nobody took over as ${data.place} of ${about(say, "identity", "the identity")} from ${say.name("person", data.leaverId)}; ${data.asked.length === 0 ? "there was nobody to ask" : `${people(say, data.asked)} had been asked`}.`,
  "hand-over.ended": (data, say) => `The hand-over of ${about(say, "identity", "the identity")} ended: ${handOverEnds[data.why] ?? words(data.why)}.`,
  "person.leaving-parked": (data, say) =>
    `The directory says that ${say.name("person", data.personId)} left; that waits for an administrator: ${stopWords[data.why] ?? words(data.why)}.`,
  "directory.token-made": (_data, say) => `${say.actor} made a token with which a directory writes people and groups.`,
  "directory.token-withdrawn": (_data, say) => `${say.actor} withdrew a directory's token.`,
  "directory.stopped": (data) =>
    `The directory's leavings stopped: ${stopWords[data.why] ?? words(data.why)}. ${formatPlural(data.leftBefore, "person", "people")} of ${data.presentCount} had left by then; further leavings wait for an administrator.`,
  "directory.stop-applied": (data, say) => `${say.actor} let the leavings happen that had been stopped: ${formatPlural(data.left, "person", "people")} left.`,
  "directory.stop-refused": (data, say) => `${say.actor} refused the leavings that had been stopped: ${formatPlural(data.kept, "person stays", "people stay")}.`,
  "directory.group-linked": (data, say) => `A group of the directory fills ${say.name("team", data.teamId)} from now on.`,
  "directory.group-removed": (data, say) => `The directory removed the group that filled ${say.name("team", data.teamId)}; the team is empty now.`,
  "proposal.made": (data, say) => `${say.actor} proposed ${proposed(data.kind)}; it waits for a second administrator until ${formatUtc(data.decideBefore)}.`,
  "proposal.confirmed": (data, say) => `${say.actor} confirmed what ${say.name("person", data.proposedById)} proposed: ${proposed(data.kind)}.`,
  "proposal.rejected": (data, say) => `${say.actor} rejected ${proposed(data.kind)}. Nothing of it was done.`,
  "proposal.withdrawn": (data, say) => `${say.actor} took back the proposal of ${proposed(data.kind)}.`,
  "proposal.lapsed": (data) => `The proposal of ${proposed(data.kind)} lapsed: ${words(data.why)}.`,
  "proposal.applied-alone": (data, say) => `${say.actor} did ${proposed(data.kind)} without a second administrator: there is none.`,
  "passkey.enrolled": (data, say) =>
    `${say.name("person", data.personId)} added ${data.isFirst ? "a first passkey, with a fresh sign-in" : "another passkey, confirmed with one that was there already"}.`,
  "passkey.enrol-refused": (data, say) => `${say.name("person", data.personId)} tried to add a passkey and could not: ${words(data.code)}.`,
  "passkey.renamed": (data, say) => `${say.name("person", data.personId)} gave a passkey another name.`,
  "passkey.removed": (data, say) =>
    data.proofId === null
      ? `${say.actor} removed a passkey of ${say.name("person", data.personId)} without using one.`
      : `${say.name("person", data.personId)} removed a passkey, confirmed with a passkey.`,
  "passkey.revoked": (data, say) => `${formatPlural(data.passkeyIds.length, "passkey")} of ${say.name("person", data.personId)} ${data.passkeyIds.length === 1 ? "was" : "were"} taken back, because they left.`,
  "step-up.confirmed": (data, say) => `${say.name("person", data.personId)} confirmed with a passkey what has the hash ${data.digest.slice(0, 12)}….`,
  "step-up.refused": (data, say) =>
    data.code === "counter-went-back"
      ? `A passkey of ${say.name("person", data.personId)} was refused: it counted backwards, so there may be a copy of it.`
      : `${say.name("person", data.personId)} tried to confirm with a passkey and could not: ${words(data.code)}.`,
  "person.left": (data, say) => `${say.name("person", data.personId)} left; ${formatPlural(data.signInsEnded, "sign-in")} ended.`,
  "system.connected": (data, say) => `${say.actor} connected ${about(say, "system", "a system")} (${data.connector}).`,
  "system.connection-changed": (_data, say) => `${say.actor} said anew where ${about(say, "system", "a system")} is and how to sign in to it.`,
  "system.unreachable": (data, say) => `${about(say, "system", "The system")} does not answer: ${words(data.code)}.`,
  "system.reachable": (_data, say) => `${about(say, "system", "The system")} answers again.`,
  "system.discovered": (data, say) =>
    `Discovery on ${about(say, "system", "the system")}: ${formatPlural(data.roles, "role")}, ${data.appeared} new, ${data.changed} changed, ${data.vanished} gone.`,
  "system.discovery-ordered": (_data, say) => `${say.actor} asked to discover ${about(say, "system", "the system")} now.`,
  "identity.registered": (data, say) => `${about(say, "identity", "An identity")} became known (${words(data.kind)}, by ${data.source}).`,
  "identity.answered-for": (data, say) => {
    const roles = [["owner", data.ownerId], ["sponsor", data.sponsorId], ["backup", data.backupId]] as const;
    const said = roles.map(([role, id]) => `${role} ${id === null ? "nobody" : say.name("person", id)}`);
    return `${about(say, "identity", "The identity")} is answered for by ${formatList(said)}.`;
  },
  "identity.described": (data, say) => `${say.actor} changed what is said about ${about(say, "identity", "the identity")}: ${formatList(data.changed)}.`,
  "identity.list-exported": (data, say) => `${say.actor} exported ${formatPlural(data.rows, "identity", "identities")}${data.filtered.length > 0 ? `, filtered by ${formatList(data.filtered)}` : ""}.`,
  "identity.workload-trusted": (_data, say) => `Tokens of a workload now act as ${about(say, "identity", "an identity")}.`,
  "identity.state-changed": (data, say) => `${about(say, "identity", "The identity")} went from ${data.from} to ${data.to}.`,
  "suspension.ordered": (data, say) => {
    const what = { rehearsal: "rehearses life without", suspension: "suspends", offboarding: "offboards" }[data.kind];
    const undo = data.undoAt === null ? "" : ` It is undone at ${formatUtc(data.undoAt)} at the latest${data.undoAtFirstRefusal ? ", or at the first refused sign-in" : ""}.`;
    return `${say.actor} ${what} ${about(say, "identity", "an identity")}: ${formatPlural(data.credentialIds.length, "credential")}, open connections are ${data.openConnections === "cut" ? "cut" : "left"}.${undo}`;
  },
  "suspension.accepted": (data) => {
    const left = data.connectionsLeft > 0 ? `, ${data.connectionsLeft} left open` : "";
    const unchanged = data.unchanged > 0 ? ` ${formatPlural(data.unchanged, "credential")} could not sign in before already and stays as it was.` : "";
    const gone = data.gone > 0 ? ` ${formatPlural(data.gone, "credential")} was gone already.` : "";
    return `The target took it: ${data.kind === "offboarding" ? "the credentials are removed" : "no new sign-ins"}, ${formatPlural(data.connectionsCut, "open connection")} cut${left}.${unchanged}${gone}`;
  },
  "suspension.proven": (data) => `Seen by ${data.seenBy}, twice: ${formatList(data.facts)}.`,
  "suspension.undo-ordered": (data, say) => {
    const why = { person: "a person asked for it", time: "its time is over", "refused-login": "a sign-in was refused" }[data.why];
    return `${say.actor} undoes the suspension of ${about(say, "identity", "an identity")}: ${why}.`;
  },
  "suspension.undo-accepted": (data) =>
    `The target gave back the sign-in of ${formatPlural(data.restored, "credential")}${data.leftAsIs > 0 ? `; ${data.leftAsIs} left as found` : ""}.`,
  "suspension.undone": (data) => `The undo was seen by ${data.seenBy}, twice: ${formatList(data.facts)}.`,
  "suspension.attempt-failed": (data) => `Attempt ${data.attempt} to ${data.step} failed: ${words(data.code)}.`,
  "suspension.stuck": (data) => `${data.undoing ? "The undo" : "The suspension"} is not seen on the target after ${formatPlural(data.attempts, "attempt")}: ${words(data.code)}. It is tried again until it is.`,
  "suspension.failed": (data) => `Never begun: ${words(data.code)}. Nothing was changed on the target.`,
  "suspension.refused-login": (data) => `The target refused a sign-in at ${formatUtc(data.at)}: somebody still needs it.`,
  "entitlement.defined": (data, say) =>
    `${say.actor} set ${about(say, "entitlement", "an entitlement")} to sensitivity ${data.sensitivity}, owned by ${data.resourceOwnerId === null ? "nobody" : say.name("person", data.resourceOwnerId)}; it ${data.requestable ? "can" : "cannot"} be asked for.`,
  "exception.made": (data, say) =>
    `${say.actor} ${data.renews === null ? "made" : "renewed"} a standing exception: ${say.name("person", data.ownerId)} answers for ${about(say, "identity", "the identity")} holding ${about(say, "entitlement", "an entitlement")} all the time, until ${formatUtc(data.endsAt)}.`,
  "exception.ended": (data, say) =>
    `The standing exception of ${about(say, "identity", "the identity")} for ${about(say, "entitlement", "an entitlement")} ended: ${exceptionEnds[data.why]}.`,
  "review.started": (data, say) => {
    const what = data.kind === "micro" ? `A review of ${about(say, "identity", "an identity")} began: ${words(data.trigger ?? "")}` : `${say.actor} started a campaign of ${formatPlural(data.items, "item")}`;
    return `${what}. ${formatPlural(data.people, "person is", "people are")} asked until ${formatUtc(data.dueAt)}.`;
  },
  "review.prepared": (data) => `The facts of ${formatPlural(data.items, "item")} were frozen.`,
  "review.reminded": (data, say) => `${people(say, data.people)} ${data.people.length === 1 ? "was" : "were"} reminded of ${formatPlural(data.open, "open item")}.`,
  "review.item-decided": (data, say) => {
    const until = data.until === null ? "" : `, until ${formatUtc(data.until)}`;
    const many = data.batchSize > 1 ? ` Decided together with ${data.batchSize - 1} more.` : "";
    return `${say.actor} decided about ${about(say, "identity", "an identity")}: ${data.decision}${until}${data.late ? ", late" : ""}.${many}`;
  },
  "review.item-refused": (data, say) => `${say.actor} decided to ${data.decision} ${about(say, "identity", "an identity")} and could not: ${words(data.code)}.`,
  "review.item-missed": (data, say) => {
    const next = data.asked.length > 0 ? ` Now ${people(say, data.asked)} ${data.asked.length === 1 ? "is" : "are"} asked.` : "";
    return `Nobody decided about ${about(say, "identity", "an identity")} in time: ${missedWords[data.consequence] ?? words(data.consequence)}.${next}`;
  },
  "review.item-void": (data, say) =>
    data.why === "cancelled" ? `${about(say, "identity", "An identity")} is not reviewed: the review was cancelled.` : `${about(say, "identity", "An identity")} is not reviewed: nothing of it is left.`,
  "review.follow-up": (data, say) =>
    data.state === "done" ? `Seen: what was decided about ${about(say, "identity", "an identity")} (${data.decision}) was done.` : `What was decided about ${about(say, "identity", "an identity")} (${data.decision}) is overdue.`,
  "review.said-rotated": (data, say) =>
    `${say.actor} says that ${about(say, "identity", "an identity")} was rotated${data.wasOverdue ? ", after the promised day" : ""}. Curfew has not seen it.`,
  "review.decided": (data) => {
    const pace = data.pace ? ` Half of ${formatPlural(data.pace.timed, "timed decision")} by ${formatPlural(data.pace.people, "person", "people")} took ${formatSeconds(Math.round(data.pace.medianMs / 1_000))} or less.` : "";
    return `No item is open any more: ${data.decided} decided, ${data.missed} missed, ${data.void} left out.${pace}`;
  },
  "review.acknowledged": (data, say) => `${say.actor} acknowledged the result: ${data.decided} decided, ${data.missed} missed, ${data.void} left out.`,
  "review.acknowledge-refused": (data, say) => `${say.actor} tried to acknowledge the result and could not: ${words(data.code)}.`,
  "review.cancelled": (data, say) => `${say.actor} cancelled it; ${formatPlural(data.open, "item was", "items were")} open.`,
  "notification.told": (data, say) => `${people(say, data.people)} ${data.people.length === 1 ? "was" : "were"} told: ${words(data.kind)}.`,
  "notification.webhook-made": (data, say) =>
    `${say.actor} set up a webhook (${data.format}) that is told about ${formatList(data.groups.map(words))}${data.teamId === null ? "" : `, as far as ${say.name("team", data.teamId)} is told`}${data.mayBeInside ? "; it may stand inside the network" : ""}.`,
  "notification.webhook-removed": (_data, say) => `${say.actor} removed a webhook: nothing is sent to it any more.`,
  "notification.webhook-resumed": (_data, say) => `${say.actor} lets a webhook be tried again.`,
  "notification.webhook-stopped": (data) => `A webhook gets nothing any more: ${words(data.why)}.`,
  "notification.undelivered": (data) => `A message by ${data.channel} was not delivered after ${formatPlural(data.attempts, "attempt")}: ${words(data.code)}.`,
  "notification.resent": (_data, say) => `${say.actor} had a message sent again that had not been delivered.`,
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
