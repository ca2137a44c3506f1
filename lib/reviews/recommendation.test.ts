import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { changesBetween, narrowStatement, recommendationFor, riskOfFacts, whyNotInBatch } from "./recommendation";
import type { CredentialFact, EntitlementFact, ReviewFacts } from "./types";

const now = new Date("2026-11-22T10:00:00.000Z");
const judging = { now, credentialDays: 365 };
const ago = (days: number) => new Date(now.getTime() - days * 86_400_000).toISOString();

const credential: CredentialFact = {
  id: "c1", handle: "key", kind: "key", system: "db", createdAt: ago(30), firstSeenAt: ago(30), rotatedAt: null, expiresAt: null, lastUsedAt: null, visibleSince: null, isEnabled: true, isPrivileged: false,
  isConnected: true,
};
const standing: EntitlementFact = {
  assignmentId: "a1", entitlementId: "e1", name: "read", system: "db", connector: "postgres@1", sensitivity: "low", kind: "standing", path: ["one", "readers"], firstSeenAt: ago(100), lastUsedAt: ago(1),
  visibleSince: ago(100), exceptedUntil: null,
};
const plain: ReviewFacts = {
  v: 1, at: now.toISOString(), owner: { id: "p1", name: "Olga" }, sponsor: null, backup: null, staleness: { value: 10, parts: [] }, exposure: { value: 10, parts: [] }, credentials: [credential],
  entitlements: [standing], grants: [], dependants: [], season: null, rehearsal: null,
  identity: { name: "one", kind: "ci-job", environment: "test", state: "active", description: null, team: null, vendor: null, system: "db", isShared: false, lastActiveAt: ago(1), visibleSince: ago(100), wokeAt: null, silenceDays: null },
};
const with_ = (change: Partial<ReviewFacts>, identity: Partial<ReviewFacts["identity"]> = {}): ReviewFacts => ({ ...plain, ...change, identity: { ...plain.identity, ...identity } });

describe("the recommendation", () => {
  it.each([
    ["in use, all of it", plain, "keep", "Used 1 day ago."],
    ["silent for longer than it could hide", with_({}, { lastActiveAt: ago(120), visibleSince: ago(200) }), "rehearse", "Last used 120 days ago."],
    ["never seen inside a long window", with_({}, { lastActiveAt: null, visibleSince: ago(110) }), "rehearse", "No use inside the 110 days we can see."],
    ["never seen inside a short window", with_({ entitlements: [] }, { lastActiveAt: null, visibleSince: ago(20) }), "keep", "too little time"],
    ["nobody can see it", with_({ entitlements: [] }, { lastActiveAt: null, visibleSince: null }), "keep", "Nobody can see"],
    ["silent between its quarters", with_({ season: "used on the first of each quarter" }, { lastActiveAt: ago(91) }), "keep", "it has a rhythm"],
    ["an old credential", with_({ credentials: [{ ...credential, rotatedAt: ago(500) }] }), "rotate", "500 days without rotation, the limit is 365"],
    ["of unknown age, known for long", with_({ credentials: [{ ...credential, createdAt: null, firstSeenAt: ago(400) }] }), "rotate", "400 days"],
    ["standing and unused", with_({ entitlements: [{ ...standing, lastUsedAt: null, visibleSince: ago(60) }] }), "narrow", "no use inside the 60 days we can see"],
    ["standing, unused, excepted", with_({ entitlements: [{ ...standing, lastUsedAt: null, exceptedUntil: ago(-30) }] }), "keep", ""],
    ["a rehearsal nothing missed", with_({ rehearsal: { endedAt: ago(3), why: "time" } }, { lastActiveAt: ago(90) }), "offboard", "nothing missed it"],
    ["used again after its rehearsal", with_({ rehearsal: { endedAt: ago(3), why: "time" } }), "keep", ""],
    ["a rehearsal that something missed", with_({ rehearsal: { endedAt: ago(3), why: "refused-login" } }, { lastActiveAt: ago(120) }), "keep", ""],
    ["suspended", with_({}, { state: "suspended", lastActiveAt: ago(40) }), "offboard", "suspended"],
    ["silent and known from files", with_({ credentials: [{ ...credential, isConnected: false }] }, { lastActiveAt: ago(120) }), "narrow", "files only"],
  ])("%s", (_name, facts, decision, reason) => {
    const recommendation = recommendationFor(facts, judging);
    expect(recommendation.decision).toBe(decision);
    expect(recommendation.reasons.join(" ")).toContain(reason);
  });

  it("always has a reason, and never calls unseen unused", () => {
    const day = fc.option(fc.integer({ min: 0, max: 800 }).map(ago), { nil: null });
    fc.assert(
      fc.property(day, day, day, fc.boolean(), (lastActiveAt, visibleSince, rotatedAt, isEnabled) => {
        const facts = with_({ credentials: [{ ...credential, rotatedAt, isEnabled }], entitlements: [{ ...standing, lastUsedAt: null, visibleSince }] }, { lastActiveAt, visibleSince });
        const { decision, reasons } = recommendationFor(facts, judging);
        expect(reasons.length).toBeGreaterThan(0);
        if (lastActiveAt === null && visibleSince === null) expect(["keep", "rotate"]).toContain(decision);
      }),
    );
  });
});

describe("what changed", () => {
  it("is nothing where only time went by", () => {
    const later = with_({ at: ago(-30), staleness: { value: 19, parts: [] } }, { lastActiveAt: ago(-29), state: "dormant" });
    expect(changesBetween(plain, later)).toEqual([]);
  });

  it.each([
    ["more standing access", with_({ entitlements: [standing, { ...standing, assignmentId: "a2", entitlementId: "e2", name: "write", sensitivity: "high" }] }), "Holds write now (high)."],
    ["less of it", with_({ entitlements: [] }), "Does not hold read any more."],
    ["more sensitive", with_({ entitlements: [{ ...standing, sensitivity: "critical" }] }), "read counts as critical now."],
    ["another credential", with_({ credentials: [credential, { ...credential, id: "c2", handle: "key two" }] }), "New credential key two."],
    ["more power", with_({ credentials: [{ ...credential, isPrivileged: true }] }), "key can do anything on its system now."],
    ["another owner", with_({ owner: { id: "p2", name: "Ines" } }), "The owner is Ines instead of Olga."],
    ["another state", with_({}, { state: "orphaned" }), "It is orphaned instead of active."],
    ["shared", with_({}, { isShared: true }), "Several workloads or networks were seen behind it."],
    ["a much higher score", with_({ exposure: { value: 40, parts: [] } }), "Its exposure went from 10 to 40."],
  ])("%s", (_name, after, text) => {
    expect(changesBetween(plain, after).map((change) => change.text)).toContain(text);
  });
});

describe("together with others", () => {
  const keep = { decision: "keep", reasons: [], assignmentIds: [] } as const;
  it.each([
    [plain, [], keep, null],
    [plain, null, keep, "never-reviewed"],
    [plain, [{ code: "owner", text: "" }], keep, "changed"],
    [plain, [], { ...keep, decision: "rotate" as const }, "recommends-else"],
    [with_({}, { state: "orphaned" }), [], keep, "in-trouble"],
    [with_({ entitlements: [{ ...standing, sensitivity: "medium" }] }), [], keep, "not-low"],
    [with_({ entitlements: [{ ...standing, sensitivity: "critical" }] }), [], keep, "privileged"],
    [with_({ credentials: [{ ...credential, isPrivileged: true }] }), [], keep, "privileged"],
  ])("only what is low and unchanged (%#)", (facts, changes, recommendation, obstacle) => {
    expect(whyNotInBatch(facts, { changes, recommendation })).toBe(obstacle);
  });

  it("nothing high is ever decided together, whatever else is true", () => {
    expect(riskOfFacts(with_({ credentials: [{ ...credential, isPrivileged: true }], entitlements: [] }))).toBe(4);
    fc.assert(
      fc.property(fc.constantFrom("medium", "high", "critical"), (sensitivity) => {
        expect(whyNotInBatch(with_({ entitlements: [standing, { ...standing, assignmentId: "a2", sensitivity }] }), { changes: [], recommendation: keep })).not.toBeNull();
      }),
    );
  });
});

describe("the statement for the target", () => {
  it("revokes the membership that the login itself has, quoted as PostgreSQL reads it", () => {
    expect(narrowStatement(standing, "one")).toBe('REVOKE "readers" FROM "one";');
    expect(narrowStatement({ ...standing, path: ['o"ne', "mid; drop", "rea\nders"] }, "one")).toBe('REVOKE "mid; drop" FROM "o""ne"; -- gives rea ders, with whatever else mid; drop gives');
    expect(narrowStatement({ ...standing, connector: "files@1", path: [] }, "one")).toBe("Take read on db away from one.");
  });
});
