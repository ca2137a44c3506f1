import * as z from "zod";

const id = z.uuid();
const time = z.iso.datetime();
const seconds = z.number().int().nonnegative();
const text = z.string().max(500);
const none = z.strictObject({});

/**
 * Every kind of event with its version and the shape of its data. Data holds ids, codes, numbers and times; names and free
 * text go into the event as salted hashes only and stand beside it, erasable (`append.ts`). A changed shape gets a new version.
 */
export const eventTypes = {
  "request.submitted": {
    version: 1,
    data: z.strictObject({
      identityId: id,
      entitlementIds: z.array(id),
      purpose: text,
      ticketKey: text.nullable(),
      durationSeconds: seconds,
      maxUses: z.number().int().nullable(),
      stages: z.array(z.strictObject({ source: text, needed: z.number().int(), asked: z.array(id) })),
    }),
  },
  "request.refused": { version: 1, data: z.strictObject({ identityId: id.nullable(), entitlementIds: z.array(id), code: text }) },
  "request.voted": {
    version: 1,
    data: z.strictObject({ stage: z.number().int(), answer: z.enum(["approve", "deny"]), durationSeconds: seconds, requestVersion: z.number().int() }),
  },
  "request.vote-refused": { version: 1, data: z.strictObject({ answer: z.enum(["approve", "deny"]), code: text }) },
  "request.narrowed": { version: 1, data: z.strictObject({ fromSeconds: seconds, toSeconds: seconds }) },
  "request.rerouted": { version: 1, data: z.strictObject({ excluded: z.array(id), why: text }) },
  "request.approved": { version: 1, data: z.strictObject({ durationSeconds: seconds, activateBefore: time, automatically: z.boolean() }) },
  "request.denied": { version: 1, data: z.strictObject({ stage: z.number().int() }) },
  "request.withdrawn": { version: 1, data: none },
  "request.lapsed": { version: 1, data: z.strictObject({ why: z.enum(["not-decided-in-time", "not-activated-in-time"]) }) },
  "policy.decided": {
    version: 1,
    data: z.strictObject({
      moment: z.enum(["request", "vote", "activation", "recheck"]),
      outcome: z.enum(["permit", "refuse", "fault"]),
      policyHash: text,
      inputHash: text,
      determining: z.array(text),
    }),
  },
  "policy.activated": { version: 1, data: z.strictObject({ policyHash: text, policies: z.array(text) }) },
  "grant.ready": { version: 1, data: z.strictObject({ entitlementId: id, durationSeconds: seconds, activateBefore: time, replaces: id.nullable() }) },
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
  "finding.opened": { version: 1, data: z.strictObject({ findingId: id, kind: text, controls: z.array(text) }) },
  "finding.closed": { version: 1, data: z.strictObject({ findingId: id, kind: text }) },
  "evidence.exported": {
    version: 1,
    data: z.strictObject({ exportId: id, format: text, filter: z.record(z.string(), z.string()), asOf: z.string() }),
  },
  "evidence.export-finished": { version: 1, data: z.strictObject({ exportId: id, rows: z.number().int(), sha256: text, state: z.enum(["complete", "failed"]) }) },
  "person.created": { version: 1, data: z.strictObject({ personId: id }) },
  "person.joined-team": { version: 1, data: z.strictObject({ personId: id, teamId: id }) },
  "person.role-given": { version: 1, data: z.strictObject({ personId: id, role: text }) },
  "person.signed-in": { version: 1, data: z.strictObject({ personId: id }) },
  "person.sign-in-refused": { version: 1, data: z.strictObject({ personId: id, code: text }) },
  "person.signed-out": { version: 1, data: z.strictObject({ personId: id }) },
  "person.left": { version: 1, data: z.strictObject({ personId: id, signInsEnded: z.number().int() }) },
  "system.connected": { version: 1, data: z.strictObject({ connector: text }) },
  "system.connection-changed": { version: 1, data: none },
  "system.unreachable": { version: 1, data: z.strictObject({ code: text }) },
  "system.reachable": { version: 1, data: none },
  "system.discovered": {
    version: 1,
    data: z.strictObject({ appeared: z.number().int(), changed: z.number().int(), vanished: z.number().int(), roles: z.number().int() }),
  },
  "identity.registered": { version: 1, data: z.strictObject({ kind: text, source: text }) },
  "identity.answered-for": { version: 1, data: z.strictObject({ ownerId: id.nullable(), sponsorId: id.nullable(), backupId: id.nullable() }) },
  "identity.described": { version: 1, data: z.strictObject({ kind: text, environment: text, teamId: id.nullable(), changed: z.array(text) }) },
  "identity.workload-trusted": { version: 1, data: none },
  "identity.state-changed": { version: 1, data: z.strictObject({ from: text, to: text }) },
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
} as const satisfies Record<string, { version: number; data: z.ZodType }>;

export type EventType = keyof typeof eventTypes;
export type EventData<Type extends EventType> = z.input<(typeof eventTypes)[Type]["data"]>;

/** What an event can be about; each kind names a table whose row has this id. */
export const subjectKinds = ["request", "grant", "identity", "entitlement", "system", "person", "finding", "export"] as const;
export type SubjectKind = (typeof subjectKinds)[number];
export type Subjects = Partial<Record<SubjectKind, string>>;
