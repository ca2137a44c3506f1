import * as z from "zod";
import { auditorEvents } from "./auditors/events";
import { emergencyEvents } from "./families/emergency";
import { sourceEvents } from "./sources/events";
import { templateEvents } from "./template-events";
import { ticketEvents } from "./families/ticket";
import { logEvents } from "./tree/events";

const id = z.uuid();
const time = z.iso.datetime();
const seconds = z.number().int().nonnegative();
const text = z.string().max(500);
const none = z.strictObject({});
const seatChange = z.strictObject({ stage: z.number().int(), personId: id, seatOfId: id, why: text });

/**
 * Every kind of event with its version and the shape of its data. Data holds ids, codes, numbers and times; names and free
 * text go into the event as salted hashes only and stand beside it, erasable (`append.ts`). A changed shape gets a new version.
 */
export const eventTypes = {
  "request.submitted": {
    version: 3,
    data: z.strictObject({
      identityId: id,
      entitlementIds: z.array(id),
      purpose: text,
      ticketKey: text.nullable(),
      durationSeconds: seconds,
      maxUses: z.number().int().nullable(),
      stages: z.array(z.strictObject({ source: text, needed: z.number().int(), asked: z.array(id) })),
      /** It cannot start before. */
      notBefore: time.optional(),
      /** The request that it extends, and the time in a row that was given before. */
      extends: z.strictObject({ requestId: id, earlierSeconds: seconds }).optional(),
      /** The denied request that it asks again. */
      asksAgain: id.optional(),
      /** It ends when it was not used for so long. */
      idleSeconds: seconds.optional(),
      /** What the identity holds standing, as whoever asked was told; why it is asked all the same stands beside the event. */
      heldStanding: z.array(id).optional(),
    }),
  },
  "request.commented": { version: 1, data: z.strictObject({ commentId: id, kind: z.enum(["comment", "question", "answer"]), answersId: id.optional() }) },
  "request.refused": { version: 1, data: z.strictObject({ identityId: id.nullable(), entitlementIds: z.array(id), code: text }) },
  "request.voted": {
    version: 3,
    data: z.strictObject({
      stage: z.number().int(),
      answer: z.enum(["approve", "deny"]),
      durationSeconds: seconds,
      requestVersion: z.number().int(),
      /** On whose seat, where not on the voter's own. */
      seatOfId: id.optional(),
      /** What the vote covers at most, where it bounds it. */
      maxUses: z.number().int().optional(),
      idleSeconds: seconds.optional(),
      /** The passkey's answer over exactly this vote, and the SHA-256 of that proof. */
      proofId: id.optional(),
      proofDigest: text.optional(),
      /** Whether the voter had it on screen, and how many were decided with the same click. */
      wasOpened: z.boolean().optional(),
      batchSize: z.number().int().optional(),
      /** It was faster than it can be read; why stands beside the event. */
      isHasty: z.boolean().optional(),
    }),
  },
  "request.votes-voided": { version: 1, data: z.strictObject({ people: z.array(id), why: z.literal("passkey-needed") }) },
  "request.vote-refused": { version: 1, data: z.strictObject({ answer: z.enum(["approve", "deny"]), code: text }) },
  "request.narrowed": {
    version: 2,
    data: z.strictObject({
      fromSeconds: seconds,
      toSeconds: seconds,
      uses: z.strictObject({ from: z.number().int().nullable(), to: z.number().int() }).optional(),
      idle: z.strictObject({ from: seconds.nullable(), to: seconds }).optional(),
      /** Entitlements that are not given. */
      leftOut: z.array(id).optional(),
    }),
  },
  "request.rerouted": {
    version: 2,
    data: z.strictObject({
      excluded: z.array(id),
      why: text,
      added: z.strictObject({ rows: z.array(seatChange), more: z.number().int() }).optional(),
      removed: z.strictObject({ rows: z.array(seatChange), more: z.number().int() }).optional(),
    }),
  },
  "request.reminded": { version: 1, data: z.strictObject({ stage: z.number().int(), waitingFor: z.number().int(), dueAt: time }) },
  "request.escalated": {
    version: 1,
    data: z.strictObject({
      stage: z.number().int(),
      to: text,
      why: z.enum(["time-over", "nobody-left"]),
      added: z.strictObject({ rows: z.array(id), more: z.number().int() }),
    }),
  },
  "request.unroutable": { version: 1, data: z.strictObject({ stage: z.number().int(), lapsesAt: time }) },
  "request.routable-again": { version: 1, data: none },
  "request.approved": { version: 1, data: z.strictObject({ durationSeconds: seconds, activateBefore: time, automatically: z.boolean() }) },
  "request.denied": { version: 1, data: z.strictObject({ stage: z.number().int() }) },
  "request.withdrawn": { version: 1, data: none },
  "request.lapsed": { version: 2, data: z.strictObject({ why: z.enum(["not-decided-in-time", "not-activated-in-time", "stage-not-decided-in-time", "nobody-left-to-decide"]) }) },
  "policy.decided": {
    version: 2,
    data: z.strictObject({
      /** The access that was asked about. */
      entitlementId: id.optional(),
      moment: z.enum(["request", "vote", "activation", "recheck"]),
      outcome: z.enum(["permit", "refuse", "fault"]),
      policyHash: text,
      inputHash: text,
      determining: z.array(text),
    }),
  },
  "policy.activated": { version: 1, data: z.strictObject({ policyHash: text, policies: z.array(text) }) },
  "grant.ready": {
    version: 2,
    data: z.strictObject({ entitlementId: id, durationSeconds: seconds, activateBefore: time, replaces: id.nullable(), notBefore: time.optional(), continues: id.optional() }),
  },
  "grant.activation-refused": { version: 1, data: z.strictObject({ code: text }) },
  "grant.issuing": { version: 1, data: z.strictObject({ handle: text, notAfter: time, deadline: time }) },
  "grant.active": { version: 1, data: z.strictObject({ handle: text, targetId: text.nullable(), notAfter: time, repeated: z.boolean() }) },
  "grant.failed": { version: 1, data: z.strictObject({ code: text, inspected: z.enum(["absent"]) }) },
  "grant.lapsed": { version: 1, data: none },
  "grant.first-used": { version: 1, data: z.strictObject({ source: text, match: z.enum(["exact", "strong", "inferred"]), startedAt: time }) },
  "grant.used": {
    version: 1,
    data: z.strictObject({ source: text, uses: z.number().int(), statements: z.number().int().nullable(), firstUseAt: time, lastUseAt: time }),
  },
  "grant.ending": { version: 1, data: z.strictObject({ reason: text }) },
  "grant.end-failed": { version: 1, data: z.strictObject({ step: z.enum(["revoke", "probe"]), code: text, attempt: z.number().int() }) },
  "grant.stuck": { version: 1, data: z.strictObject({ attempts: z.number().int(), code: text }) },
  "grant.accepted": { version: 1, data: z.strictObject({ sessionsCut: z.number().int(), alreadyGone: z.boolean() }) },
  "grant.proven": {
    version: 1,
    data: z.strictObject({
      method: text,
      strength: text,
      looks: z.array(time),
      seenBy: text,
      facts: z.array(text),
      stillGiven: z.array(z.strictObject({ kind: text, credentialId: id.nullable(), grantId: id.nullable() })),
      stillGivenKnown: z.boolean(),
    }),
  },
  "grant.not-provable": { version: 1, data: z.strictObject({ why: text, worksUntil: time }) },
  "grant.expired-unproven": { version: 1, data: z.strictObject({ why: text }) },
  "grant.not-rechecked": { version: 1, data: z.strictObject({ since: time }) },
  "chain.sealed": {
    version: 1,
    data: z.strictObject({ watermarks: z.array(z.strictObject({ sourceId: id, kind: z.enum(["polled", "log"]), upTo: time.nullable() })), withoutSources: z.boolean() }),
  },
  "chain.seal-broken": { version: 1, data: z.strictObject({ sourceId: id }) },
  "finding.opened": { version: 1, data: z.strictObject({ findingId: id, kind: text, controls: z.array(text) }) },
  "finding.closed": { version: 1, data: z.strictObject({ findingId: id, kind: text }) },
  "finding.seen": { version: 1, data: z.strictObject({ findingId: id, kind: text }) },
  "finding.reopened": { version: 1, data: z.strictObject({ findingId: id, kind: text }) },
  ...ticketEvents,
  "evidence.exported": {
    version: 1,
    data: z.strictObject({ exportId: id, format: text, filter: z.record(z.string(), z.string()), asOf: z.string() }),
  },
  "evidence.export-requested": { version: 1, data: z.strictObject({ exportId: id, format: text, filter: z.record(z.string(), z.string()), definition: text }) },
  // Bytes and SHA-256 are those of the file as it is downloaded.
  "evidence.export-finished": {
    version: 2,
    data: z.strictObject({ exportId: id, state: z.enum(["complete", "failed"]), rows: z.number().int(), bytes: text, sha256: text, failure: text.nullable() }),
  },
  "evidence.sample-drawn": {
    version: 1,
    data: z.strictObject({ checkpointSize: text, root: text, nonce: text, by: text, each: z.number().int(), from: text.nullable(), to: text.nullable(), drawn: z.number().int(), sha256: text }),
  },
  "evidence.export-downloaded": { version: 1, data: z.strictObject({ exportId: id, sha256: text }) },
  "evidence.export-cancelled": { version: 1, data: z.strictObject({ exportId: id }) },
  "evidence.export-expired": { version: 1, data: z.strictObject({ exportId: id }) },
  "question.kept": {
    version: 1,
    data: z.strictObject({ questionId: id, filter: z.record(z.string(), text), isShared: z.boolean(), schedule: text, format: text }),
  },
  "question.removed": { version: 1, data: z.strictObject({ questionId: id }) },
  "question.asked": { version: 1, data: z.strictObject({ questionId: id, from: text, to: text, exportId: id.nullable(), refusal: text.nullable() }) },
  "person.created": { version: 1, data: z.strictObject({ personId: id }) },
  "person.first-administrator-offered": { version: 1, data: z.strictObject({ expiresAt: time }) },
  "person.joined-team": { version: 1, data: z.strictObject({ personId: id, teamId: id }) },
  "person.role-given": { version: 1, data: z.strictObject({ personId: id, role: text }) },
  "person.signed-in": { version: 1, data: z.strictObject({ personId: id }) },
  "person.sign-in-refused": { version: 1, data: z.strictObject({ personId: id, code: text }) },
  "person.signed-out": { version: 1, data: z.strictObject({ personId: id }) },
  "person.role-taken": { version: 1, data: z.strictObject({ personId: id, role: text }) },
  "person.left-team": { version: 1, data: z.strictObject({ personId: id, teamId: id }) },
  "person.team-lead-set": { version: 1, data: z.strictObject({ personId: id, teamId: id, lead: z.boolean() }) },
  "person.on-call-set": { version: 1, data: z.strictObject({ personId: id, teamId: id, from: time, until: time }) },
  "person.on-call-ended": { version: 1, data: z.strictObject({ personId: id, teamId: id }) },
  "person.delegation-set": { version: 1, data: z.strictObject({ personId: id, delegateId: id, from: time, until: time }) },
  "person.delegation-ended": { version: 1, data: z.strictObject({ personId: id, delegateId: id }) },
  "person.out-of-office-set": { version: 1, data: z.strictObject({ personId: id, standInId: id.nullable(), from: time, until: time }) },
  "person.out-of-office-ended": { version: 1, data: z.strictObject({ personId: id }) },
  "person.returned": { version: 1, data: z.strictObject({ personId: id, rolesTaken: z.array(text) }) },
  "request.requester-left": { version: 1, data: z.strictObject({ personId: id }) },
  "hand-over.started": { version: 1, data: z.strictObject({ handOverId: id, place: text, leaverId: id }) },
  "hand-over.offered": { version: 1, data: z.strictObject({ handOverId: id, place: text, step: text, offeredTo: z.array(id), deadline: time }) },
  "hand-over.declined": { version: 1, data: z.strictObject({ handOverId: id, place: text, personId: id }) },
  "hand-over.accepted": { version: 1, data: z.strictObject({ handOverId: id, place: text, personId: id, step: text }) },
  "hand-over.failed": { version: 1, data: z.strictObject({ handOverId: id, place: text, leaverId: id, asked: z.array(id) }) },
  "hand-over.ended": { version: 1, data: z.strictObject({ handOverId: id, place: text, why: text }) },
  "person.leaving-parked": { version: 1, data: z.strictObject({ personId: id, stopId: id, why: text }) },
  "directory.token-made": { version: 1, data: z.strictObject({ tokenId: id }) },
  "directory.token-withdrawn": { version: 1, data: z.strictObject({ tokenId: id }) },
  "directory.stopped": {
    version: 1,
    data: z.strictObject({ stopId: id, tokenId: id, why: text, leftBefore: z.number().int(), presentCount: z.number().int() }),
  },
  "directory.stop-applied": { version: 1, data: z.strictObject({ stopId: id, left: z.number().int() }) },
  "directory.stop-refused": { version: 1, data: z.strictObject({ stopId: id, kept: z.number().int() }) },
  "directory.group-linked": { version: 1, data: z.strictObject({ teamId: id }) },
  "directory.group-removed": { version: 1, data: z.strictObject({ teamId: id }) },
  "proposal.made": { version: 1, data: z.strictObject({ kind: text, decideBefore: time }) },
  "proposal.confirmed": { version: 1, data: z.strictObject({ kind: text, proposedById: id }) },
  "proposal.rejected": { version: 1, data: z.strictObject({ kind: text }) },
  "proposal.withdrawn": { version: 1, data: z.strictObject({ kind: text }) },
  "proposal.lapsed": { version: 1, data: z.strictObject({ kind: text, why: text }) },
  "proposal.applied-alone": { version: 1, data: z.strictObject({ kind: text }) },
  "person.left": { version: 1, data: z.strictObject({ personId: id, signInsEnded: z.number().int() }) },
  "passkey.enrolled": { version: 1, data: z.strictObject({ personId: id, passkeyId: id, isFirst: z.boolean(), proofId: id.nullable(), deviceType: text }) },
  "passkey.enrol-refused": { version: 1, data: z.strictObject({ personId: id, code: text }) },
  "passkey.renamed": { version: 1, data: z.strictObject({ personId: id, passkeyId: id }) },
  "passkey.removed": { version: 1, data: z.strictObject({ personId: id, passkeyId: id, proofId: id.nullable() }) },
  "passkey.revoked": { version: 1, data: z.strictObject({ personId: id, passkeyIds: z.array(id) }) },
  "step-up.confirmed": {
    version: 1,
    data: z.strictObject({ proofId: id, personId: id, passkeyId: id, digest: text, challenge: text, proofDigest: text }),
  },
  "step-up.refused": { version: 1, data: z.strictObject({ personId: id, passkeyId: id.nullable(), digest: text, code: text }) },
  "system.connected": { version: 1, data: z.strictObject({ connector: text }) },
  "system.connection-changed": { version: 1, data: none },
  "system.unreachable": { version: 1, data: z.strictObject({ code: text }) },
  "system.reachable": { version: 1, data: none },
  "system.discovered": {
    version: 1,
    data: z.strictObject({ appeared: z.number().int(), changed: z.number().int(), vanished: z.number().int(), roles: z.number().int() }),
  },
  "import.received": {
    version: 1,
    data: z.strictObject({ importId: id, tokenId: id.nullable(), format: text, sha256: text, bytes: z.number().int(), lines: z.number().int(), rejected: z.number().int() }),
  },
  "import.failed": { version: 1, data: z.strictObject({ importId: id, code: text }) },
  "import.confirmed": { version: 1, data: z.strictObject({ importId: id, digest: text }) },
  "import.discarded": { version: 1, data: z.strictObject({ importId: id }) },
  "import.applied": {
    version: 1,
    data: z.strictObject({
      importId: id,
      confirmedById: id.nullable(),
      /** Of the file as it was sent, and of all differences in their order. */
      sha256: text,
      digest: text,
      identities: z.number().int(),
      appeared: z.number().int(),
      returned: z.number().int(),
      changed: z.number().int(),
      vanished: z.number().int(),
      contradictions: z.number().int(),
    }),
  },
  "import.token-made": { version: 1, data: z.strictObject({ tokenId: id, expiresAt: time }) },
  "import.token-withdrawn": { version: 1, data: z.strictObject({ tokenId: id }) },
  "system.discovery-ordered": { version: 1, data: z.strictObject({ runId: id }) },
  "identity.registered": { version: 1, data: z.strictObject({ kind: text, source: text }) },
  "identity.answered-for": { version: 1, data: z.strictObject({ ownerId: id.nullable(), sponsorId: id.nullable(), backupId: id.nullable() }) },
  "identity.described": { version: 1, data: z.strictObject({ kind: text, environment: text, teamId: id.nullable(), changed: z.array(text) }) },
  "identity.list-exported": { version: 1, data: z.strictObject({ rows: z.number().int().nonnegative(), filtered: z.array(text) }) },
  "identity.workload-trusted": { version: 1, data: none },
  "identity.state-changed": { version: 1, data: z.strictObject({ from: text, to: text }) },
  "suspension.ordered": {
    version: 1,
    data: z.strictObject({
      suspensionId: id,
      kind: z.enum(["rehearsal", "suspension", "offboarding"]),
      undoAt: time.nullable(),
      undoAtFirstRefusal: z.boolean(),
      openConnections: z.enum(["cut", "leave"]),
      credentialIds: z.array(id),
      reviewItemId: id.nullable(),
    }),
  },
  "suspension.accepted": {
    version: 1,
    data: z.strictObject({ suspensionId: id, kind: text, connectionsCut: z.number().int(), connectionsLeft: z.number().int(), unchanged: z.number().int(), gone: z.number().int() }),
  },
  "suspension.proven": {
    version: 1,
    data: z.strictObject({ suspensionId: id, kind: text, strength: text, seenBy: text, looks: z.array(time), facts: z.array(text) }),
  },
  "suspension.undo-ordered": { version: 1, data: z.strictObject({ suspensionId: id, why: z.enum(["person", "time", "refused-login"]) }) },
  "suspension.undo-accepted": { version: 1, data: z.strictObject({ suspensionId: id, restored: z.number().int(), leftAsIs: z.number().int() }) },
  "suspension.undone": { version: 1, data: z.strictObject({ suspensionId: id, seenBy: text, looks: z.array(time), facts: z.array(text) }) },
  "suspension.attempt-failed": {
    version: 1,
    data: z.strictObject({ suspensionId: id, step: z.enum(["suspend", "remove", "resume", "confirm"]), code: text, attempt: z.number().int() }),
  },
  "suspension.stuck": { version: 1, data: z.strictObject({ suspensionId: id, undoing: z.boolean(), code: text, attempts: z.number().int() }) },
  "suspension.failed": { version: 1, data: z.strictObject({ suspensionId: id, code: text }) },
  "suspension.refused-login": { version: 1, data: z.strictObject({ suspensionId: id, at: time }) },
  "entitlement.defined": {
    version: 2,
    data: z.strictObject({
      sensitivity: text,
      resourceOwnerId: id.nullable(),
      requestable: z.boolean(),
      // Since version 2.
      resourceTeamId: id.nullable().optional(),
      purposes: z.array(text).optional(),
      maxDurationSeconds: seconds.nullable().optional(),
    }),
  },
  "exception.made": { version: 1, data: z.strictObject({ exceptionId: id, assignmentId: id, ownerId: id, endsAt: time, renews: id.nullable() }) },
  "exception.ended": {
    version: 1,
    data: z.strictObject({ exceptionId: id, assignmentId: id, why: z.enum(["lapsed", "renewed", "ended-by-person", "assignment-gone"]) }),
  },
  "review.started": {
    version: 1,
    data: z.strictObject({
      kind: text, trigger: text.nullable(), items: seconds, people: seconds, unaskable: seconds, reviewers: z.array(text), onMissed: text, dueAt: time,
    }),
  },
  "review.prepared": { version: 1, data: z.strictObject({ items: seconds }) },
  "review.reminded": { version: 1, data: z.strictObject({ people: z.array(id), open: seconds }) },
  "review.item-decided": {
    version: 2,
    // Not strict: how long one decision took stood here once, and is that person's own.
    data: z.object({
      itemId: id, decision: text, until: time.nullable(), assignmentIds: z.array(id), suspensionId: id.nullable(), late: z.boolean(),
      wasOpened: z.boolean(), batchSize: seconds,
    }),
  },
  "review.item-refused": { version: 1, data: z.strictObject({ itemId: id, decision: text, code: text }) },
  "review.item-missed": { version: 1, data: z.strictObject({ itemId: id, consequence: text, asked: z.array(id), suspensionId: id.nullable() }) },
  "review.item-void": { version: 1, data: z.strictObject({ itemId: id, why: z.enum(["nothing-left", "cancelled"]) }) },
  "review.follow-up": { version: 1, data: z.strictObject({ itemId: id, decision: text, state: z.enum(["done", "overdue"]) }) },
  "review.said-rotated": { version: 1, data: z.strictObject({ itemId: id, wasOverdue: z.boolean() }) },
  "review.decided": {
    version: 1,
    data: z.strictObject({
      decided: seconds, missed: seconds, void: seconds,
      // Time on screen of all decisions together; null where so few decided that it would be somebody's own.
      pace: z.strictObject({ timed: seconds, people: seconds, medianMs: seconds, perMinute: z.number().nonnegative().nullable() }).nullable().optional(),
    }),
  },
  "review.acknowledged": { version: 1, data: z.strictObject({ decided: seconds, missed: seconds, void: seconds }) },
  "review.acknowledge-refused": { version: 1, data: z.strictObject({ code: text }) },
  "review.cancelled": { version: 1, data: z.strictObject({ open: seconds }) },
  ...emergencyEvents,
  "notification.told": { version: 1, data: z.strictObject({ noticeId: id, kind: text, people: z.array(id) }) },
  "notification.webhook-made": {
    version: 1,
    data: z.strictObject({ webhookId: id, format: text, groups: z.array(text), teamId: id.nullable(), mayBeInside: z.boolean() }),
  },
  "notification.webhook-removed": { version: 1, data: z.strictObject({ webhookId: id }) },
  "notification.webhook-resumed": { version: 1, data: z.strictObject({ webhookId: id }) },
  "notification.webhook-stopped": { version: 1, data: z.strictObject({ webhookId: id, why: text }) },
  "notification.undelivered": { version: 1, data: z.strictObject({ deliveryId: id, channel: z.enum(["mail", "webhook"]), code: text, attempts: seconds }) },
  "notification.resent": { version: 1, data: z.strictObject({ deliveryId: id }) },
  ...logEvents,
  ...sourceEvents,
  ...auditorEvents,
  ...templateEvents,
} as const satisfies Record<string, { version: number; data: z.ZodType }>;

export type EventType = keyof typeof eventTypes;
export type EventData<Type extends EventType> = z.input<(typeof eventTypes)[Type]["data"]>;

/** What an event can be about; each kind names a table whose row has this id. */
export const subjectKinds = ["request", "grant", "identity", "entitlement", "system", "person", "finding", "export", "review", "proposal"] as const;
export type SubjectKind = (typeof subjectKinds)[number];
export type Subjects = Partial<Record<SubjectKind, string>>;
