import { describe, expect, it } from "vitest";
import { endingConsequence, sessionRail, sourceText, survivorText, usesNote, usesText } from "./words";
import type { SessionView } from "@/lib/grants/views/sessions-types";

const now = "2026-11-22T10:30:00.000Z";
const before = (seconds: number) => new Date(Date.parse(now) - seconds * 1000).toISOString();
const system = { name: "orders-db", unreachableSince: null, observable: true, backstop: null };

const session = (over: Partial<SessionView> = {}): SessionView => ({
  id: "g", requestId: "r", number: 104, breakGlassId: null, demo: false, identity: { id: "i", name: "deploy-bot", kind: "ci-job" }, entitlement: "write orders",
  sensitivity: "high", asker: "Rita", system, state: "active", createdAt: before(900), activateBefore: before(-900), issueStartedAt: before(800),
  issueDeadline: before(790), handleName: "curfew_1", handleTargetId: "16", activatedAt: before(799), notAfter: before(-600), durationSeconds: 1400,
  maxUses: null, idleSeconds: null, useCount: 0, statementCount: null, liveConnections: 0, firstUseAt: null, lastUseAt: null, observedAt: before(2),
  notRecheckedSince: null, endReason: null, endingAt: null, endedBy: null, acceptedAt: null, sessionsCut: null, provenAt: null, proof: null,
  closedAt: null, attempts: 0, nextAttemptAt: null, lastFailure: null, stuckSince: null, mayEnd: true, ...over,
});

describe("uses of a session", () => {
  it.each<[string, Partial<SessionView>, string, string | null]>([
    ["nothing seen", {}, "no connection seen", null],
    ["connections", { useCount: 2, liveConnections: 1 }, "2 connections seen", "1 open"],
    ["connections and statements", { useCount: 1, statementCount: 31 }, "1 connection seen", "31 statements counted"],
    ["statements of connections that were too short to see", { statementCount: 4 }, "no connection seen", "4 statements counted"],
    ["a log that tells of none", { noUse: { say: "not-used", source: "Server log" } }, "not used, says Server log", null],
    ["a log that tells of one", { firstUseAt: before(9), noUse: { say: "not-used", source: "Server log" } }, "use logged, too short to be seen", null],
    ["a limit", { useCount: 14, maxUses: 50, statementCount: 31, liveConnections: 2 }, "14 / 50", "2 open · 31 statements counted"],
  ])("are told as seen: %s", (_name, over, text, note) => {
    expect(usesText(session(over))).toBe(text);
    expect(usesNote(session(over))).toBe(note);
  });

  it("say how they are seen, and when the last look is old", () => {
    expect(sourceText(session(), now)).toEqual({ text: "polled every 2 s", isOld: false });
    expect(sourceText(session({ observedAt: before(200) }), now)).toEqual({ text: "last look 3 min 20 s ago", isOld: true });
    const away = { ...system, unreachableSince: before(190) };
    expect(sourceText(session({ observedAt: before(200), system: away }), now)).toEqual({ text: "last look 3 min 20 s ago · target unreachable", isOld: true });
    expect(sourceText(session({ system: { ...system, observable: false } }), now).text).toBe("use cannot be seen here");
  });
});

describe("survivors", () => {
  it("are told once the time is over and nothing has cut them", () => {
    expect(survivorText(session(), now)).toBeNull();
    expect(survivorText(session({ notAfter: before(60), acceptedAt: before(50) }), now)).toBeNull();
    const over = session({ notAfter: before(60), liveConnections: 2, observedAt: before(70), system: { ...system, backstop: "The target's expiry stops new sign-ins only." } });
    expect(survivorText(over, now)).toBe("2 connections that were open at the last look may still work (1 min 10 s ago). The target's expiry stops new sign-ins only.");
  });
});

describe("ending", () => {
  it("says what breaks off", () => {
    expect(endingConsequence(session({ liveConnections: 1 }))).toBe("Its login stops working at once. 1 open connection is cut, in the middle of a transaction if there is one, and what deploy-bot does in it breaks off.");
    expect(endingConsequence(session())).toContain("Connections that it has open are cut");
  });
});

describe("the rail of a session that ends", () => {
  const ending = session({ state: "ending", firstUseAt: before(700), lastUseAt: before(100), useCount: 2, endingAt: before(60), endReason: "ended-by-person" });
  const last = (over: Partial<SessionView>) => sessionRail({ ...ending, ...over }, now).slice(-2);

  it("tells asked for, accepted and proven apart", () => {
    expect(sessionRail(ending, now).map(({ key }) => key)).toEqual(["issued", "first-use", "last-use", "ended", "proven"]);
    expect(last({})).toMatchObject([{ state: "reached", note: "asked for; the target has not taken it yet" }, { state: "pending" }]);
    expect(last({ state: "accepted", acceptedAt: before(59), sessionsCut: 2 })).toMatchObject([{ note: "accepted by the target +1 s, 2 connections cut" }, { state: "pending", note: "the second account is looking" }]);
    const proof = { method: "absent", strength: "absent-from-inventory", looks: [before(57), before(56)], seenBy: "probe", facts: ["role gone", "0 sessions"] };
    expect(last({ state: "proven", acceptedAt: before(59), provenAt: before(55), proof })[1]).toMatchObject({ state: "reached", duration: 5_000, note: "role gone · 0 sessions" });
  });

  it("gives what is stuck its age, its reason and the next try", () => {
    expect(last({ state: "stuck", attempts: 6, lastFailure: "unreachable", nextAttemptAt: before(-20), stuckSince: before(20) })[1]).toMatchObject({
      state: "late", since: ending.endingAt, note: "target unreachable · next try in 20 s",
    });
  });
});
