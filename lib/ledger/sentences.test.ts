import { describe, expect, it } from "vitest";
import { eventTypes, type EventData, type EventType } from "./events";
import { sentenceOf, sentences, type Say } from "./sentences";

const id = "0192f0c1-0000-7000-8000-000000000001";
const time = "2026-11-22T10:02:05.000Z";

const say: Say = { actor: "Rita Okafor", name: (kind) => `<${kind}>`, subjects: { identity: id, entitlement: id, system: id } };

/** One event of every kind, as the ledger would hold it. */
const examples: { readonly [Type in EventType]: EventData<Type> } = {
  "request.submitted": { identityId: id, entitlementIds: [id], purpose: "backfill", ticketKey: "CHG-1", durationSeconds: 1800, maxUses: null, stages: [{ source: "resource-owner", needed: 1, asked: [id] }] },
  "request.commented": { commentId: id, kind: "question" },
  "request.refused": { identityId: id, entitlementIds: [id], code: "policy-refuses" },
  "request.voted": { stage: 0, answer: "approve", durationSeconds: 1800, requestVersion: 1, proofId: id, proofDigest: "a", wasOpened: false, batchSize: 9, isHasty: true },
  "request.votes-voided": { people: [id], why: "passkey-needed" },
  "request.vote-refused": { answer: "deny", code: "own-side" },
  "request.narrowed": { fromSeconds: 3600, toSeconds: 900, uses: { from: null, to: 3 }, idle: { from: 600, to: 60 }, leftOut: [id] },
  "request.rerouted": {
    excluded: [id],
    why: "joined-the-asking-side",
    added: { rows: [{ stage: 0, personId: id, seatOfId: id, why: "stands-in" }], more: 0 },
    removed: { rows: [{ stage: 0, personId: id, seatOfId: id, why: "left-group" }], more: 3 },
  },
  "request.reminded": { stage: 0, waitingFor: 2, dueAt: time },
  "request.escalated": { stage: 0, to: "team:Security", why: "time-over", added: { rows: [id], more: 2 } },
  "request.unroutable": { stage: 1, lapsesAt: time },
  "request.routable-again": {},
  "request.approved": { durationSeconds: 1800, activateBefore: time, automatically: true },
  "request.denied": { stage: 1 },
  "request.withdrawn": {},
  "request.lapsed": { why: "not-decided-in-time" },
  "policy.decided": { entitlementId: id, moment: "vote", outcome: "refuse", policyHash: "a", inputHash: "b", determining: ["no-owner"] },
  "policy.activated": { policyHash: "a", policies: ["one"] },
  "grant.ready": { entitlementId: id, durationSeconds: 60, activateBefore: time, replaces: null },
  "grant.activation-refused": { code: "not-requester" },
  "grant.issuing": { handle: "curfew_1", notAfter: time, deadline: time },
  "grant.active": { handle: "curfew_1", targetId: "16999", notAfter: time, repeated: false },
  "grant.failed": { code: "denied", inspected: "absent" },
  "grant.lapsed": {},
  "grant.first-used": { source: "polling", match: "exact", startedAt: time },
  "grant.used": { source: "polling", uses: 2, statements: 31, firstUseAt: time, lastUseAt: time },
  "grant.ending": { reason: "expired" },
  "grant.end-failed": { step: "probe", code: "unreachable", attempt: 2 },
  "grant.stuck": { attempts: 5, code: "unreachable" },
  "grant.accepted": { sessionsCut: 2, alreadyGone: false },
  "grant.proven": { method: "absent", strength: "absent-from-inventory", looks: [time, time], seenBy: "curfew_probe", facts: ["role gone", "0 sessions"], stillGiven: [{ kind: "standing", credentialId: id, grantId: null }], stillGivenKnown: true },
  "grant.not-provable": { why: "no probe", worksUntil: time },
  "grant.expired-unproven": { why: "no probe" },
  "grant.not-rechecked": { since: time },
  "chain.sealed": { watermarks: [{ sourceId: id, kind: "log", upTo: "2026-07-01T00:00:00.000Z" }], withoutSources: false },
  "chain.seal-broken": { sourceId: id },
  "ledger.key-announced": { purpose: "log", keyId: "0123abcd", vkey: "curfew.example.com+0123abcd+AQ==", replaces: "89abcdef" },
  "ledger.checked": { size: 4711, fault: "leaf-changed", position: 17 },
  "checkpoint.place-made": { placeId: id, kind: "file", mayBeInside: false, verifierKey: null },
  "checkpoint.place-removed": { placeId: id },
  "checkpoint.sent": { placeId: id, kind: "witness", size: 4711, root: "a", occasion: "export" },
  "checkpoint.not-sent": { placeId: id, kind: "url", size: 4711, occasion: "daily", code: "timed-out" },
  "log.token-made": { tokenId: id },
  "log.token-withdrawn": { tokenId: id },
  "retention.changed": { fromDays: null, toDays: 365 },
  "retention.erased": { values: 12, before: time },
  "retention.hold-made": { holdId: id, everything: false },
  "retention.hold-lifted": { holdId: id },
  "retention.person-forgotten": { personId: id, values: 3 },
  "finding.opened": { findingId: id, kind: "left-behind", controls: ["CC6.3"] },
  "finding.closed": { findingId: id, kind: "left-behind" },
  "ticket.checked": { moment: "vote", providerId: id, ticketKey: "LC-7", hash: "0123456789abcdef", fetchedAt: time, reasons: ["not-open"] },
  "ticket.provider-saved": { providerId: id, kind: "redmine", mayBeInside: true, isEnabled: true, isNew: true, rules: { keyPrefix: "RM-" } },
  "ticket.provider-down": { providerId: id, kind: "down" },
  "ticket.provider-answers": { providerId: id },
  "ticket.unknown-keys-set": { takesUnknown: false },
  "ticket.commented": { kind: "proven-end", commentId: id },
  "ticket.comment-dead": { kind: "decision", commentId: id, attempts: 8 },
  "ticket.change-registered": { changeId: id, ticketKey: "LC-7", windowFrom: null, windowUntil: time, systemIds: [id], identityIds: [] },
  "ticket.change-submitted": { changeId: id, ticketKey: "LC-7" },
  "ticket.change-approved": { changeId: id, ticketKey: "LC-7" },
  "ticket.change-closed": { changeId: id, ticketKey: "LC-7" },
  "evidence.exported": { exportId: id, format: "csv", filter: {}, asOf: "5412" },
  "evidence.export-requested": { exportId: id, format: "csv", filter: {}, definition: "evidence-chains/2" },
  "evidence.export-finished": { exportId: id, rows: 1204, bytes: "8000", sha256: "a", state: "complete", failure: null },
  "evidence.export-downloaded": { exportId: id, sha256: "a" },
  "evidence.export-cancelled": { exportId: id },
  "evidence.export-expired": { exportId: id },
  "import.received": { importId: id, tokenId: null, format: "kubernetes", sha256: "a", bytes: 2_048, lines: 40, rejected: 2 },
  "import.failed": { importId: id, code: "not-text" },
  "import.confirmed": { importId: id, digest: "a" },
  "import.discarded": { importId: id },
  "import.applied": { importId: id, confirmedById: id, sha256: "a", digest: "b", identities: 2, appeared: 3, returned: 0, changed: 1, vanished: 1, contradictions: 1 },
  "import.token-made": { tokenId: id, expiresAt: time },
  "import.token-withdrawn": { tokenId: id },
  "person.created": { personId: id },
  "person.first-administrator-offered": { expiresAt: "2026-11-22T11:00:00.000Z" },
  "person.delegation-set": { personId: id, delegateId: id, from: time, until: time },
  "person.delegation-ended": { personId: id, delegateId: id },
  "person.joined-team": { personId: id, teamId: id },
  "person.role-given": { personId: id, role: "auditor" },
  "person.signed-in": { personId: id },
  "person.sign-in-refused": { personId: id, code: "left" },
  "person.signed-out": { personId: id },
  "person.role-taken": { personId: id, role: "auditor" },
  "person.left-team": { personId: id, teamId: id },
  "person.team-lead-set": { personId: id, teamId: id, lead: true },
  "person.on-call-set": { personId: id, teamId: id, from: time, until: time },
  "person.on-call-ended": { personId: id, teamId: id },
  "person.out-of-office-set": { personId: id, standInId: null, from: time, until: time },
  "person.out-of-office-ended": { personId: id },
  "person.returned": { personId: id, rolesTaken: ["auditor"] },
  "request.requester-left": { personId: id },
  "hand-over.started": { handOverId: id, place: "owner", leaverId: id },
  "hand-over.offered": { handOverId: id, place: "owner", step: "backup", offeredTo: [id], deadline: time },
  "hand-over.declined": { handOverId: id, place: "owner", personId: id },
  "hand-over.accepted": { handOverId: id, place: "owner", personId: id, step: "backup" },
  "hand-over.failed": { handOverId: id, place: "owner", leaverId: id, asked: [] },
  "hand-over.ended": { handOverId: id, place: "owner", why: "returned" },
  "person.leaving-parked": { personId: id, stopId: id, why: "mass" },
  "directory.token-made": { tokenId: id },
  "directory.token-withdrawn": { tokenId: id },
  "directory.stopped": { stopId: id, tokenId: id, why: "mass", leftBefore: 4, presentCount: 60 },
  "directory.stop-applied": { stopId: id, left: 12 },
  "directory.stop-refused": { stopId: id, kept: 12 },
  "directory.group-linked": { teamId: id },
  "directory.group-removed": { teamId: id },
  "proposal.made": { kind: "give-role", decideBefore: time },
  "proposal.confirmed": { kind: "give-role", proposedById: id },
  "proposal.rejected": { kind: "give-role" },
  "proposal.withdrawn": { kind: "give-role" },
  "proposal.lapsed": { kind: "give-role", why: "not-decided-in-time" },
  "proposal.applied-alone": { kind: "give-role" },
  "passkey.enrolled": { personId: id, passkeyId: id, isFirst: true, proofId: null, deviceType: "single-device" },
  "passkey.enrol-refused": { personId: id, code: "not-verified" },
  "passkey.renamed": { personId: id, passkeyId: id },
  "passkey.removed": { personId: id, passkeyId: id, proofId: null },
  "passkey.revoked": { personId: id, passkeyIds: [id] },
  "step-up.confirmed": { proofId: id, personId: id, passkeyId: id, digest: "ab12", challenge: "c", proofDigest: "ab12" },
  "step-up.refused": { personId: id, passkeyId: id, digest: "ab12", code: "counter-went-back" },
  "person.left": { personId: id, signInsEnded: 1 },
  "system.connected": { connector: "postgres@1" },
  "system.connection-changed": {},
  "system.unreachable": { code: "timeout" },
  "system.reachable": {},
  "system.discovered": { appeared: 1, changed: 0, vanished: 0, roles: 12 },
  "system.discovery-ordered": { runId: id },
  "identity.registered": { kind: "ci-job", source: "discovery" },
  "identity.answered-for": { ownerId: id, sponsorId: null, backupId: null },
  "identity.described": { kind: "ci-job", environment: "production", teamId: id, changed: ["tags"] },
  "identity.list-exported": { rows: 3, filtered: ["state"] },
  "identity.workload-trusted": {},
  "identity.state-changed": { from: "active", to: "suspended" },
  "suspension.ordered": { suspensionId: id, kind: "rehearsal", undoAt: time, undoAtFirstRefusal: true, openConnections: "leave", credentialIds: [id], reviewItemId: null },
  "suspension.accepted": { suspensionId: id, kind: "rehearsal", connectionsCut: 1, connectionsLeft: 2, unchanged: 1, gone: 0 },
  "suspension.proven": { suspensionId: id, kind: "rehearsal", strength: "absent-from-inventory", seenBy: "curfew_probe", looks: [time, time], facts: ["sign-in not allowed"] },
  "suspension.undo-ordered": { suspensionId: id, why: "refused-login" },
  "suspension.undo-accepted": { suspensionId: id, restored: 1, leftAsIs: 1 },
  "suspension.undone": { suspensionId: id, seenBy: "curfew_probe", looks: [time, time], facts: ["sign-in allowed"] },
  "suspension.attempt-failed": { suspensionId: id, step: "resume", code: "unreachable", attempt: 1 },
  "suspension.stuck": { suspensionId: id, undoing: true, code: "unreachable", attempts: 5 },
  "suspension.failed": { suspensionId: id, code: "denied" },
  "suspension.refused-login": { suspensionId: id, at: time },
  "entitlement.defined": { sensitivity: "high", resourceOwnerId: id, requestable: true },
  "exception.made": { exceptionId: id, assignmentId: id, ownerId: id, endsAt: time, renews: null },
  "exception.ended": { exceptionId: id, assignmentId: id, why: "lapsed" },
  "review.started": { kind: "campaign", trigger: null, items: 20, people: 3, unaskable: 1, reviewers: ["owner"], onMissed: "escalate", dueAt: time },
  "review.prepared": { items: 20 },
  "review.reminded": { people: [id], open: 4 },
  "review.item-decided": { itemId: id, decision: "keep", until: time, assignmentIds: [], suspensionId: null, late: false, wasOpened: true, batchSize: 3 },
  "review.item-refused": { itemId: id, decision: "rehearse", code: "cannot-suspend" },
  "review.item-missed": { itemId: id, consequence: "escalated", asked: [id], suspensionId: null },
  "review.item-void": { itemId: id, why: "nothing-left" },
  "review.follow-up": { itemId: id, decision: "rotate", state: "overdue" },
  "review.said-rotated": { itemId: id, wasOverdue: true },
  "review.decided": { decided: 18, missed: 1, void: 1, pace: { timed: 12, people: 3, medianMs: 42_000, perMinute: 1.4 } },
  "review.acknowledged": { decided: 18, missed: 1, void: 1 },
  "review.acknowledge-refused": { code: "own-side" },
  "review.cancelled": { open: 3 },
  "break-glass.asked": {
    breakGlassId: id, incident: "INC-7", incidentCheck: "down", basis: "list", entryId: id, durationSeconds: 900, flags: ["from-list", "ticket-down"], secondAsked: [id], secondDueAt: time, proofId: id,
  },
  "break-glass.refused": { identityId: id, entitlementId: id, code: "policy-refuses" },
  "break-glass.second-answered": { breakGlassId: id, answer: "confirm" },
  "break-glass.second-unanswered": { breakGlassId: id, asked: [id] },
  "break-glass.opened": { breakGlassId: id, grantId: id, basis: "policy", flags: [], durationSeconds: 900, skipped: [id] },
  "break-glass.superseded": { breakGlassId: id },
  "break-glass.withdrawn": { breakGlassId: id },
  "break-glass.debt-opened": { breakGlassId: id, size: 2, dueAt: time },
  "break-glass.debt-overdue": { breakGlassId: id, size: 2, dueAt: time },
  "break-glass.debt-closed": { breakGlassId: id, verdict: "not-justified", uses: 1, statements: null, isLate: true },
  "break-glass.debt-refused": { breakGlassId: id, code: "own-side" },
  "break-glass.listed": { entryId: id, personId: null, teamId: id, until: time },
  "break-glass.unlisted": { entryId: id },
  "break-glass.drilled": { drillId: id, checked: 2, failing: [id] },
  "break-glass.seal-registered": { sealedId: id, credentialId: id, holderId: id, sealedAt: time, checkEveryDays: 90 },
  "break-glass.seal-checked": { sealedId: id, outcome: "intact" },
  "break-glass.seal-overdue": { sealedId: id, dueAt: time },
  "break-glass.seal-used": { sealedId: id, usedAt: time },
  "break-glass.seal-retired": { sealedId: id },
  "notification.told": { noticeId: id, kind: "break-glass-used", people: [id] },
  "notification.webhook-made": { webhookId: id, format: "slack", groups: ["decisions"], teamId: id, mayBeInside: false },
  "notification.webhook-removed": { webhookId: id },
  "notification.webhook-resumed": { webhookId: id },
  "notification.webhook-stopped": { webhookId: id, why: "gone" },
  "notification.undelivered": { deliveryId: id, channel: "webhook", code: "unreachable", attempts: 9 },
  "notification.resent": { deliveryId: id },
};

const types = Object.keys(eventTypes) as EventType[];

describe("sentences", () => {
  it.each(types)("%s has a sentence that ends as one and holds no raw id", (type) => {
    const sentence = sentenceOf({ type, data: examples[type] }, say);
    expect(sentence).toMatch(/^[A-Z0-9<].*\.$/);
    expect(sentence).not.toContain(id);
    expect(sentence).not.toMatch(/undefined|NaN|\[object/);
    expect(sentence).not.toContain("no words for");
  });

  it("has words for every type of event and for nothing else", () => {
    expect(Object.keys(sentences).sort()).toEqual([...types].sort());
  });

  it("says how long, by whom and for whom", () => {
    const asked = sentenceOf({ type: "request.submitted", data: examples["request.submitted"] }, say);
    expect(asked).toBe("Rita Okafor asked for <entitlement> for <identity>, for 30 min. 1 stage, 1 person asked.");
  });

  it("never calls an unknown rest nothing", () => {
    const data = { ...examples["grant.proven"], stillGiven: [], stillGivenKnown: false };
    expect(sentenceOf({ type: "grant.proven", data }, say)).toContain("could not be asked");
    expect(sentenceOf({ type: "grant.proven", data: { ...data, stillGivenKnown: true } }, say)).toContain("Nothing else gives it");
  });

  it("says so where a kind or a shape of event is not known", () => {
    expect(sentenceOf({ type: "grant.teleported", data: {} }, say)).toContain("no words for: grant.teleported");
    expect(sentenceOf({ type: "grant.ending", data: { other: 1 } }, say)).toContain("no words for: grant.ending");
    expect(sentenceOf({ type: "toString", data: {} }, say)).toContain("no words for");
  });
});
