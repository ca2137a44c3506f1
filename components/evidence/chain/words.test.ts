import { describe, expect, it } from "vitest";
import { clockText, sealStateOf, sourcePlace } from "@/lib/evidence/rules";
import type { GrantChain, SealSource, SealView } from "@/lib/evidence/views/chain-types";
import { scopeLines } from "./scope/scopes";
import { sealMarks, sealText, sourceText } from "./seal-words";

const at = (minute: number) => `2026-11-22T10:${String(minute).padStart(2, "0")}:00.000Z`;
const source: SealSource = { id: "s", name: "Server log", kind: "log", system: "orders-db", watermark: at(9), neededAt: at(10), lagSeconds: 10, state: "late" };
const seal = (said: Partial<SealView>): SealView => ({ state: "complete", sealedAt: at(20), brokenAt: null, brokenBy: null, openUntil: null, waitsFor: [], sources: [source], hasNoSources: false, ...said });

describe("the seal", () => {
  it.each<[string, Partial<SealView>, string]>([
    ["complete", {}, "Complete since 2026-11-22 10:20:00 UTC: every source of uses has reported past its end."],
    ["never issued", { sources: [] }, "Complete since 2026-11-22 10:20:00 UTC: it never came to life, so that there was nothing to use."],
    ["without sources", { sources: [], hasNoSources: true }, "Complete since 2026-11-22 10:20:00 UTC, as far as anything is reported: no source of uses is known where it was issued."],
    ["open", { state: "open", sealedAt: null, openUntil: at(10), waitsFor: ["Server log", "Bastion"] }, "Open until “Server log” and “Bastion” have reported everything up to 2026-11-22 10:10:00 UTC."],
    ["not known", { state: "unknowable", sealedAt: null, waitsFor: ["Server log"] }, "Cannot be known because “Server log” never says how far it has reported."],
    ["broken", { state: "broken", brokenAt: at(30), brokenBy: "Server log" }, "Seal broken at 2026-11-22 10:30:00 UTC by “Server log”: data came later than it had said it could. It had been complete since 2026-11-22 10:20:00 UTC."],
    ["broken by what is gone", { state: "broken", sealedAt: null, brokenAt: at(30) }, "Seal broken at 2026-11-22 10:30:00 UTC by a source that is gone: data came later than it had said it could."],
  ])("says %s", (_, said, text) => {
    const shown = seal(said);
    expect(`${sealMarks[shown.state].word} ${sealText(shown)}`).toBe(text);
  });

  it("says how much each source lacks", () => {
    expect(sourceText(source)).toBe("late: 1 min short of it, its lag of 10 s included");
    expect(sourceText({ ...source, state: "passed", lagSeconds: 0 })).toBe("has passed the end of the chain");
    expect(sourceText({ ...source, state: "silent", watermark: null })).toBe("has never said how far it has reported");
  });

  it("counts a watermark at the very time as passed, and late data as breaking whatever was", () => {
    const needed = new Date(at(10));
    expect([sourcePlace(needed, needed), sourcePlace(new Date(needed.getTime() - 1), needed), sourcePlace(null, needed), sourcePlace(needed, null)]).toEqual(["passed", "late", "silent", "live"]);
    expect([sealStateOf({ state: "complete", brokenAt: null }), sealStateOf({ state: "complete", brokenAt: needed })]).toEqual(["complete", "broken"]);
  });
});

describe("the clock of a time", () => {
  it.each([
    [{ of: "database" as const }, "database clock"],
    [{ of: "source" as const, name: "Server log", offsetMs: 120 }, "clock of “Server log”, 120 ms ahead"],
    [{ of: "source" as const, name: "Server log", offsetMs: -2500 }, "clock of “Server log”, 2,500 ms behind"],
    [{ of: "source" as const, name: "Server log", offsetMs: 0 }, "clock of “Server log”, no offset measured"],
  ])("%j is said as %s", (clock, text) => {
    expect(clockText(clock)).toBe(text);
  });
});

const grant: GrantChain = {
  id: "g", entitlement: "read orders", system: "orders-db", environment: "production", state: "proven", durationSeconds: 900, maxUses: 3, idleSeconds: null, replaces: false, isReplaced: false,
  createdAt: at(0), activateBefore: at(59), issueStartedAt: at(1), issueDeadline: at(2), handleName: "curfew_1", handleTargetId: "1", activatedAt: at(1), notAfter: at(16), firstUseAt: at(2), lastUseAt: at(3),
  useCount: 1, statementCount: 2, endReason: "completed", endingAt: at(11), endedBy: null, acceptedAt: at(11), sessionsCut: 0, provenAt: at(12), proof: null, closedAt: null, attempts: 0, nextAttemptAt: null,
  lastFailure: null, stuckSince: null, notRecheckedSince: null, observedAt: at(11), stillGiven: [], uses: [], usesTotal: 3, findings: [], givesReadAt: at(0),
  gives: [{ database: "orders", schema: "sales", object: "orders", objectKind: "table", actions: ["SELECT"] }], outside: [],
  scope: {
    total: 3, hasMore: false, byMatch: { exact: 3, strong: 0, inferred: 0 },
    rows: [{ object: "sales.orders", action: "SELECT", kind: "statement", count: 2, refused: 0, first: at(2), last: at(3), match: "exact", objectsBy: "text", sources: ["Server log"] }],
  },
};
const chain = { askedSeconds: 3600, maxUses: null, idleSeconds: null, entitlements: [{ id: "e", name: "read orders", sensitivity: "low" as const, system: "orders-db" }] };
const lineOf = (what: string, said: Partial<GrantChain> = {}) => scopeLines(chain, { ...grant, ...said }).find((line) => line.what === what);

describe("asked, granted and used", () => {
  it("tells what was narrowed in words", () => {
    expect(lineOf("Duration")?.granted).toEqual({ text: "15 min", differs: "narrowed from 1 h" });
    expect(lineOf("Uses")?.granted).toEqual({ text: "at most 3 uses", differs: "narrowed from no limit" });
    expect(lineOf("Idle")?.granted).toEqual({ text: "may be idle" });
  });

  it("tells what was reached, and what of it the entitlement does not give", () => {
    expect(lineOf("Access")?.used).toEqual({ text: "SELECT on sales.orders" });
    expect(lineOf("Access")?.granted.text).toBe("read orders on orders-db: SELECT on sales.orders");
    expect(lineOf("Access", { outside: ["billing.payments"] })?.used.differs).toBe("beyond what it gives: billing.payments");
  });

  it("says not used only where a log says so", () => {
    const unused = { scope: undefined, firstUseAt: null, lastUseAt: null, useCount: 0 };
    expect(lineOf("Access", { ...unused, noUse: { say: "not-used", source: "Server log" } })?.used.text).toBe("nothing: not used, says “Server log”");
    expect(lineOf("Access", { ...unused, noUse: { say: "not-seen" } })?.used.text).toBe("not seen: nothing tells which objects are reached");
    expect(lineOf("Access", { ...unused, noUse: { say: "open", source: "Server log" } })?.used.text).toContain("has not reported all of its time");
  });

  it("tells how much of its time was spare", () => {
    expect(lineOf("Duration")?.used).toEqual({ text: "1 min from first to last use · lived 10 min", differs: "9 min of it unused" });
    expect(lineOf("End")?.used.differs).toBe("5 min earlier than it could have");
  });
});
