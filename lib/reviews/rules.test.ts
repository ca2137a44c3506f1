import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { consequenceOf, followUpOf, idealOpen, nextItemState, nextReviewState, onItemsClosed, paceOf, whyNotAcknowledge, whyNotDecide, whyNotTerms, type ItemEvent, type ReviewEvent } from "./rules";
import { decisions, itemStates, reviewStates, type CredentialFact, type EntitlementFact, type ItemState, type ReviewFacts, type ReviewState } from "./types";

const now = new Date("2026-11-22T10:00:00.000Z");
const in30Days = new Date("2026-12-22T10:00:00.000Z");

const credential: CredentialFact = {
  id: "c1", handle: "key", kind: "key", system: "db", createdAt: null, firstSeenAt: "2026-11-01T00:00:00.000Z", rotatedAt: null, expiresAt: null, lastUsedAt: null, visibleSince: null,
  isEnabled: true, isPrivileged: false, isConnected: true,
};
const standing: EntitlementFact = {
  assignmentId: "a1", entitlementId: "e1", name: "read", system: "db", connector: "postgres@1", sensitivity: "low", kind: "standing", path: ["one", "read"], firstSeenAt: "2026-11-01T00:00:00.000Z",
  lastUsedAt: null, visibleSince: null, exceptedUntil: null,
};
const facts: ReviewFacts = {
  v: 1, at: now.toISOString(), owner: null, sponsor: null, backup: null, staleness: null, exposure: null, credentials: [credential], entitlements: [standing], grants: [], dependants: [], season: null, rehearsal: null,
  identity: { name: "one", kind: "ci-job", environment: "test", state: "active", description: null, team: null, vendor: null, system: "db", isShared: false, lastActiveAt: null, visibleSince: null, wokeAt: null, silenceDays: null },
};

const reviewEvents = ["prepared", "exhausted", "answered", "acknowledge", "cancel"] as const satisfies readonly ReviewEvent[];
const itemEvents = ["decide", "miss", "withdraw"] as const satisfies readonly ItemEvent[];

describe("the states of an item", () => {
  it.each<[ItemState, ItemEvent, ItemState | null]>([
    ["open", "decide", "decided"],
    ["open", "miss", "missed"],
    ["open", "withdraw", "void"],
    ["missed", "decide", "decided"],
    ["missed", "withdraw", "void"],
    ["missed", "miss", null],
    ["decided", "decide", null],
    ["decided", "miss", null],
    ["decided", "withdraw", null],
    ["void", "decide", null],
    ["void", "miss", null],
    ["void", "withdraw", null],
  ])("%s, %s → %s", (state, event, next) => {
    expect(nextItemState(state, event)).toBe(next);
  });

  it("never lose an item and decide it at most once, whatever happens in whatever order", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...itemEvents), { maxLength: 30 }), (events) => {
        let state: ItemState = "open";
        let decided = 0;
        for (const event of events) {
          const next = nextItemState(state, event);
          if (next === null) continue;
          if (next === "decided") decided += 1;
          state = next;
        }
        expect(itemStates).toContain(state);
        expect(decided).toBeLessThanOrEqual(1);
        expect(state === "decided").toBe(decided === 1);
      }),
    );
  });
});

describe("the states of a review", () => {
  it.each<[ReviewState, ReviewEvent, ReviewState | null]>([
    ["preparing", "prepared", "running"],
    ["preparing", "acknowledge", null],
    ["preparing", "cancel", "cancelled"],
    ["running", "exhausted", "decided"],
    ["running", "answered", "complete"],
    ["running", "acknowledge", null],
    ["running", "cancel", "cancelled"],
    ["decided", "acknowledge", "complete"],
    ["decided", "cancel", null],
    ["complete", "cancel", null],
    ["cancelled", "acknowledge", null],
  ])("%s, %s → %s", (state, event, next) => {
    expect(nextReviewState(state, event)).toBe(next);
  });

  it("end at one place and stay there; nothing is complete that was not decided", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...reviewEvents), { maxLength: 30 }), (events) => {
        const seen: ReviewState[] = ["preparing"];
        for (const event of events) {
          const next = nextReviewState(seen.at(-1) ?? "preparing", event);
          if (next !== null) seen.push(next);
        }
        expect(new Set(seen).size).toBe(seen.length);
        if (seen.includes("complete")) expect(seen.includes("running")).toBe(true);
      }),
    );
  });

  it("a campaign waits for a second person, a micro-review only for its decision", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.constantFrom(...itemStates)), (states) => {
        if (states.includes("open")) {
          expect(onItemsClosed("campaign", states)).toBeNull();
          expect(onItemsClosed("micro", states)).toBeNull();
        } else {
          expect(onItemsClosed("campaign", states)).toBe("exhausted");
          expect(onItemsClosed("micro", states)).toBe(states.includes("missed") ? null : "answered");
        }
      }),
    );
  });
});

describe("who may decide", () => {
  const base = { review: { state: "running" as const }, item: { state: "open" as const, isFrozen: true }, why: "owner" as const };
  it.each([
    ["asked and ready", base, null],
    ["not asked", { ...base, why: null }, "not-asked"],
    ["nothing there", { ...base, item: null }, "unknown-item"],
    ["decided already", { ...base, item: { state: "decided" as const, isFrozen: true } }, "already-decided"],
    ["gone", { ...base, item: { state: "void" as const, isFrozen: true } }, "nothing-left"],
    ["not frozen yet", { ...base, item: { state: "open" as const, isFrozen: false } }, "not-ready"],
    ["being prepared", { ...base, review: { state: "preparing" as const } }, "not-ready"],
    ["missed, and the result not acknowledged", { ...base, review: { state: "decided" as const }, item: { state: "missed" as const, isFrozen: true } }, null],
    ["over", { ...base, review: { state: "complete" as const }, item: { state: "missed" as const, isFrozen: true } }, "review-closed"],
  ])("%s", (_name, deciding, code) => {
    expect(whyNotDecide(deciding)).toBe(code);
  });

  it("nobody decides in a review that is over", () => {
    fc.assert(
      fc.property(fc.constantFrom(...reviewStates), fc.constantFrom(...itemStates), fc.boolean(), (state, itemState, isFrozen) => {
        const code = whyNotDecide({ review: { state }, item: { state: itemState, isFrozen }, why: "owner" });
        if (code === null) expect(["running", "decided"]).toContain(state);
      }),
    );
  });
});

describe("what a decision needs", () => {
  const terms = (change: Partial<Parameters<typeof whyNotTerms>[0]>) => whyNotTerms({ decision: "keep", reason: "Because", until: in30Days, details: {}, ...change }, facts, now);
  const unconnected: ReviewFacts = { ...facts, credentials: [{ ...credential, isConnected: false }] };
  it.each([
    ["keep with a day", {}, null],
    ["keep without one", { until: null }, "until-missing"],
    ["keep until yesterday", { until: new Date("2026-11-21T00:00:00Z") }, "until-past"],
    ["keep for two years", { until: new Date("2028-11-21T00:00:00Z") }, "until-too-late"],
    ["rotate in half a year", { decision: "rotate" as const, until: new Date("2027-05-21T00:00:00Z") }, "until-too-late"],
    ["narrow nothing", { decision: "narrow" as const }, "nothing-chosen"],
    ["narrow what it does not hold", { decision: "narrow" as const, details: { assignmentIds: ["a2"] } }, "not-held"],
    ["narrow what it holds", { decision: "narrow" as const, details: { assignmentIds: ["a1"] } }, null],
    ["rehearse for a minute", { decision: "rehearse" as const, details: { undoAfterSeconds: 60 } }, "undo-out-of-range"],
    ["rehearse for a day", { decision: "rehearse" as const, details: { undoAfterSeconds: 86_400 } }, null],
    ["offboard by accident", { decision: "offboard" as const }, "not-confirmed"],
    ["offboard with a word", { decision: "offboard" as const, details: { confirmed: true } }, "offboard-needs-reason"],
    ["offboard with a sentence", { decision: "offboard" as const, reason: "The job was replaced by the new pipeline", details: { confirmed: true } }, null],
  ])("%s", (_name, change, code) => {
    expect(terms(change)).toBe(code);
  });

  it("a rehearsal that nothing missed is reason enough to offboard", () => {
    const rehearsed: ReviewFacts = { ...facts, rehearsal: { endedAt: now.toISOString(), why: "time" } };
    expect(whyNotTerms({ decision: "offboard", reason: "Gone", until: null, details: { confirmed: true } }, rehearsed, now)).toBeNull();
    const refused: ReviewFacts = { ...facts, rehearsal: { endedAt: now.toISOString(), why: "refused-login" } };
    expect(whyNotTerms({ decision: "offboard", reason: "Gone", until: null, details: { confirmed: true } }, refused, now)).toBe("offboard-needs-reason");
  });

  it.each(["rehearse", "offboard"] as const)("%s needs a system that Curfew is connected to", (decision) => {
    expect(whyNotTerms({ decision, reason: "Because nobody needs it any more", until: null, details: { undoAfterSeconds: 86_400, confirmed: true } }, unconnected, now)).toBe("system-cannot");
  });

  it("is never satisfied by nothing at all", () => {
    for (const decision of decisions) expect(whyNotTerms({ decision, reason: "", until: null, details: {} }, facts, now)).not.toBeNull();
  });
});

describe("the second person", () => {
  const base = { review: { kind: "campaign" as const, state: "decided" as const }, isReviewer: false, isOnSide: false };
  it.each([
    [base, null],
    [{ ...base, isReviewer: true }, "reviewer"],
    [{ ...base, isOnSide: true }, "own-side"],
    [{ ...base, review: { kind: "campaign" as const, state: "running" as const } }, "not-finished"],
    [{ ...base, review: { kind: "campaign" as const, state: "complete" as const } }, "already-closed"],
    [{ ...base, review: { kind: "micro" as const, state: "complete" as const } }, "not-campaign"],
    [{ ...base, review: null }, "unknown-review"],
  ])("%j → %s", (acknowledging, code) => {
    expect(whyNotAcknowledge(acknowledging)).toBe(code);
  });
});

describe("a missed item", () => {
  const where = { environments: ["test", "staging"], canSuspend: true, hasNext: true };
  it.each([
    ["escalate", where, "escalated"],
    ["escalate", { ...where, hasNext: false }, "nobody-left"],
    ["freeze", where, "froze"],
    ["rehearse", where, "rehearsed"],
    ["rehearse", { ...where, environments: ["production"] }, "escalated"],
    ["rehearse", { ...where, environments: ["test", "production"] }, "escalated"],
    ["rehearse", { ...where, canSuspend: false }, "escalated"],
  ] as const)("%s with %j is %s", (onMissed, about, consequence) => {
    expect(consequenceOf(onMissed, about)).toBe(consequence);
  });

  it("is never rehearsed in production, whatever was opted into", () => {
    fc.assert(
      fc.property(fc.constantFrom("escalate", "freeze", "rehearse"), fc.boolean(), fc.boolean(), fc.array(fc.constantFrom("test", "production", "staging")), (onMissed, canSuspend, hasNext, environments) => {
        const consequence = consequenceOf(onMissed, { environments, canSuspend, hasNext });
        if (environments.includes("production") || onMissed !== "rehearse") expect(consequence).not.toBe("rehearsed");
      }),
    );
  });
});

describe("what was promised", () => {
  const decidedAt = new Date("2026-11-01T00:00:00Z");
  const old = { rotatedAt: new Date("2026-01-01T00:00:00Z"), createdAt: null, vanishedAt: null, isEnabled: true };
  const promised = { decision: "rotate" as const, decidedAt, until: in30Days, credentials: [old], assignments: [] };
  it.each([
    ["not seen", promised, "open"],
    ["not seen, too late", { ...promised, until: new Date("2026-11-10T00:00:00Z") }, "overdue"],
    ["rotated since", { ...promised, credentials: [{ ...old, rotatedAt: new Date("2026-11-02T00:00:00Z") }] }, "done"],
    ["one of two rotated", { ...promised, credentials: [old, { ...old, rotatedAt: new Date("2026-11-02T00:00:00Z") }] }, "open"],
    ["the old one is gone", { ...promised, credentials: [{ ...old, vanishedAt: now }] }, "done"],
    ["narrowed away", { ...promised, decision: "narrow" as const, assignments: [{ endedAt: now }] }, "done"],
    ["half narrowed", { ...promised, decision: "narrow" as const, assignments: [{ endedAt: now }, { endedAt: null }] }, "open"],
    ["nothing promised", { ...promised, decision: "keep" as const }, null],
  ])("%s", (_name, about, state) => {
    expect(followUpOf(about, now)).toBe(state);
  });
});

describe("figures", () => {
  it("the ideal line falls from all to none and stays within", () => {
    const span = { startedAt: now, dueAt: in30Days };
    expect(idealOpen(20, span, now)).toBe(20);
    expect(idealOpen(20, span, in30Days)).toBe(0);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000 }), fc.integer({ min: -60, max: 60 }), (total, days) => {
        const value = idealOpen(total, span, new Date(now.getTime() + days * 86_400_000));
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(total);
      }),
    );
  });

  it("pace counts the time on screen, and nothing where none is known", () => {
    expect(paceOf({ decided: 4, timed: 3, totalMs: 90_000, medianMs: 20_000.4, keeps: 3, largestBatch: 2, unopened: 1 })).toEqual({ decided: 4, medianMs: 20_000, perMinute: 2, keepShare: 0.75, largestBatch: 2, unopened: 1 });
    expect(paceOf({ decided: 0, timed: 0, totalMs: 0, medianMs: null, keeps: 0, largestBatch: 0, unopened: 0 })).toMatchObject({ perMinute: null, keepShare: 0 });
  });
});
