import { describe, expect, it } from "vitest";
import { endReasons, grantStates } from "@/lib/grants/types";
import { chainLinks, endReasonText, eventsBehind, failureText, refusalText, refusedLinks, strengthText } from "./rules";
import type { GrantFacts, RequestFacts } from "./views/chain-types";

const now = new Date("2026-11-22T12:00:00.000Z");
const at = (minutes: number) => new Date(now.getTime() + minutes * 60_000).toISOString();

const request = (over: Partial<RequestFacts> = {}): RequestFacts => ({
  state: "approved", submittedAt: at(-60), decideBefore: at(600), decidedAt: at(-57), activateBefore: at(600), asker: "Rita", isWorkload: false,
  votes: [{ name: "Anton", answer: "approve" }, { name: "Selma", answer: "approve" }], waitsFor: null, takenBy: null, ...over,
});

const grant = (over: Partial<GrantFacts> = {}): GrantFacts => ({
  state: "active", createdAt: at(-57), activateBefore: at(600), issueStartedAt: at(-50), issueDeadline: at(-49.8), handleName: "curfew_1", handleTargetId: "16999",
  activatedAt: at(-50), notAfter: at(10), firstUseAt: null, lastUseAt: null, useCount: 0, statementCount: null, endReason: null, endingAt: null, endedBy: null,
  acceptedAt: null, sessionsCut: null, provenAt: null, proof: null, closedAt: null, attempts: 0, nextAttemptAt: null, lastFailure: null, stuckSince: null, ...over,
});

const ended = { endingAt: at(-10), endReason: "completed", endedBy: "Rita" } as const;
const proof = { method: "absent", strength: "absent-from-inventory", looks: [at(-9.9), at(-9.8)], seenBy: "curfew_probe", facts: ["role gone", "0 sessions"] };

const states = (request_: RequestFacts, grant_: GrantFacts | null) => chainLinks(request_, grant_, now).map(({ state }) => state);
const link = (key: string, request_: RequestFacts, grant_: GrantFacts | null) => chainLinks(request_, grant_, now).find((one) => one.key === key);

describe("the seven links", () => {
  it("are all reached in a chain that is proven dead, each with who and whose word it is", () => {
    const whole = grant({ state: "proven", firstUseAt: at(-45), lastUseAt: at(-12), useCount: 2, statementCount: 31, ...ended, acceptedAt: at(-9.95), sessionsCut: 1, provenAt: at(-9.8), proof });
    const links = chainLinks(request(), whole, now);
    expect(links.map(({ key }) => key)).toEqual(["asked", "decided", "issued", "first-use", "last-use", "ended", "proven"]);
    expect(new Set(links.map(({ state }) => state))).toEqual(new Set(["reached"]));
    expect(links.map(({ afterMs }) => afterMs)).toEqual([null, 180_000, 420_000, 300_000, 1_980_000, 120_000, 12_000]);
    expect(links[1]).toMatchObject({ who: "Anton and Selma" });
    expect(links[2]).toMatchObject({ who: "Rita", source: "the target answered, its id there: 16999", note: "curfew_1" });
    expect(links[3]).toMatchObject({ note: "seen", source: "polling of the target" });
    expect(links[4]).toMatchObject({ note: "2 connections seen · 31 statements counted" });
    expect(links[6]).toMatchObject({ who: "curfew_probe", note: "role gone · 0 sessions" });
  });

  it("never says that policy or people decided what somebody took by breaking the glass", () => {
    expect(link("decided", request({ votes: [], takenBy: "Kim" }), grant())).toMatchObject({ label: "taken", who: "Kim", note: "by breaking the glass: nobody decided beforehand" });
    expect(link("decided", request({ takenBy: "Kim" }), grant())).toMatchObject({ label: "taken", who: "Kim" });
  });

  it.each<[string, RequestFacts, GrantFacts | null, string[]]>([
    ["pending", request({ state: "pending", decidedAt: null, activateBefore: null, votes: [] }), null, ["reached", "pending", "pending", "pending", "pending", "pending", "pending"]],
    ["denied", request({ state: "denied", activateBefore: null, votes: [{ name: "Anton", answer: "deny" }] }), null, ["reached", "reached", "skipped", "skipped", "skipped", "skipped", "skipped"]],
    ["withdrawn", request({ state: "withdrawn", activateBefore: null, votes: [] }), null, ["reached", "reached", "skipped", "skipped", "skipped", "skipped", "skipped"]],
    ["lapsed undecided", request({ state: "lapsed", activateBefore: null, votes: [] }), null, ["reached", "skipped", "skipped", "skipped", "skipped", "skipped", "skipped"]],
    ["lapsed unused", request({ state: "lapsed" }), grant({ state: "lapsed", activatedAt: null }), ["reached", "reached", "skipped", "skipped", "skipped", "skipped", "skipped"]],
    ["ready", request(), grant({ state: "ready", activatedAt: null }), ["reached", "reached", "pending", "pending", "pending", "pending", "pending"]],
    ["never issued", request(), grant({ state: "failed", activatedAt: null, closedAt: at(-49), lastFailure: "denied" }), ["reached", "reached", "failed", "skipped", "skipped", "skipped", "skipped"]],
    ["live, not used yet", request(), grant(), ["reached", "reached", "reached", "pending", "pending", "pending", "pending"]],
    ["ended without a use seen", request(), grant({ state: "proven", ...ended, acceptedAt: at(-9.9), provenAt: at(-9.8), proof }), ["reached", "reached", "reached", "skipped", "skipped", "reached", "reached"]],
    ["a lost answer that was taken back", request(), grant({ state: "proven", activatedAt: null, ...ended, endReason: "superseded", acceptedAt: at(-9.9), provenAt: at(-9.8), proof }), ["reached", "reached", "failed", "skipped", "skipped", "reached", "reached"]],
  ])("have their own shape: %s", (_name, request_, grant_, expected) => {
    expect(states(request_, grant_)).toEqual(expected);
  });

  it("say why they are hollow", () => {
    expect(link("issued", request({ state: "denied", activateBefore: null, votes: [{ name: "Anton", answer: "deny" }] }), null)).toMatchObject({ note: "denied, so nothing was issued" });
    expect(link("decided", request({ state: "denied", activateBefore: null, votes: [{ name: "Anton", answer: "deny" }] }), null)).toMatchObject({ label: "denied", who: "Anton" });
    expect(link("decided", request({ votes: [] }), null)).toMatchObject({ who: "policy", note: "approved by policy, no person asked" });
    expect(link("issued", request(), grant({ state: "failed", activatedAt: null, lastFailure: "denied" }))).toMatchObject({ note: "never issued: target refused", source: "a look at the target found nothing" });
    expect(link("issued", request(), grant({ state: "issuing", activatedAt: null }))).toMatchObject({ state: "late", since: at(-49.8) });
    expect(link("first-use", request(), grant({ ...ended, state: "accepted" }))?.note).toBe("not seen: shorter than the time between two looks, or none");
  });

  it("say that it was not used only where a log has reported all of its time, and until when that is open", () => {
    const over = grant({ ...ended, state: "accepted" });
    const noteOf = (noUse: GrantFacts["noUse"]) => chainLinks(request(), { ...over, noUse }, now)[3]?.note;
    expect(noteOf({ say: "not-used", source: "Server log" })).toBe("not used, says Server log");
    expect(noteOf({ say: "open", source: "Server log" })).toBe("not seen · open until Server log has reported all of its time");
    expect(noteOf({ say: "not-seen" })).toBe("not seen: shorter than the time between two looks, or none");
    expect(chainLinks(request(), grant({ firstUseAt: at(-10), lastUseAt: at(-9.95), useCount: 0 }), now)[3]).toMatchObject({ state: "reached", source: "the target's log" });
  });

  it("never say that something was not used", () => {
    for (const state of grantStates) {
      for (const one of [grant({ state }), grant({ state, ...ended })]) {
        for (const { note } of chainLinks(request(), one, now)) expect(note ?? "").not.toMatch(/not used|unused|never used|revoked/);
      }
    }
  });

  it("give an end that is late its age, its reason and the next try", () => {
    const stuck = grant({ state: "stuck", ...ended, attempts: 6, lastFailure: "unreachable", nextAttemptAt: new Date(now.getTime() + 20_000).toISOString(), stuckSince: at(-5) });
    expect(link("proven", request(), stuck)).toMatchObject({ state: "late", since: at(-10), note: "target unreachable · next try in 20 s" });
    expect(link("ended", request(), grant({ notAfter: at(-3) }))).toMatchObject({ state: "late", since: at(-3) });
    expect(link("proven", request(), grant({ state: "not-provable", ...ended, lastFailure: "the target offers no look" }))).toMatchObject({ state: "failed" });
    expect(link("proven", request(), grant({ state: "forced", ...ended }))?.note).toContain("does not count as proven");
  });
});

describe("an ask that was refused", () => {
  it("has a chain of two links and says why", () => {
    const links = refusedLinks(at(0), "Rita", refusalText("policy-refuses"));
    expect(links.map(({ label }) => label)).toEqual(["asked", "refused", "issued", "first use", "last use", "ended", "proven dead"]);
    expect(links[1]).toMatchObject({ state: "reached", note: "policy refused it" });
    expect(links.slice(2).every(({ state }) => state === "skipped")).toBe(true);
  });
});

describe("the events behind a link", () => {
  const events = [
    { id: "1", type: "request.submitted", grantId: null },
    { id: "2", type: "request.approved", grantId: null },
    { id: "3", type: "grant.active", grantId: "a" },
    { id: "4", type: "grant.active", grantId: "b" },
    { id: "5", type: "request.lapsed", grantId: null },
  ];

  it("are those of the request and of this grant, not of another one", () => {
    expect(eventsBehind("asked", events, "a")).toEqual(["1"]);
    expect(eventsBehind("issued", events, "a")).toEqual(["3"]);
    expect(eventsBehind("proven", events, "a")).toEqual([]);
  });

  it("do not take a lapse after the approval for the decision", () => {
    expect(eventsBehind("decided", events, "a")).toEqual(["2"]);
    expect(eventsBehind("decided", events.filter(({ id }) => id !== "2"), null)).toEqual(["5"]);
  });
});

describe("codes in words", () => {
  it("have words of their own, and are readable where they have none", () => {
    for (const reason of endReasons) expect(endReasonText(reason)).not.toBe("");
    expect(failureText("unreachable")).toBe("target unreachable");
    expect(failureText("some-new-code")).toBe("some new code");
    expect(refusalText("some-new-code")).toBe("some new code");
    expect(strengthText("absent-from-inventory")).toContain("Its password was not tried");
    expect(strengthText("other")).toBe("Strength other.");
  });
});

describe("the events behind a broken glass", () => {
  const events = [
    { id: "1", type: "break-glass.asked", grantId: null },
    { id: "2", type: "break-glass.opened", grantId: "grant-1" },
    { id: "3", type: "break-glass.opened", grantId: "grant-2" },
    { id: "4", type: "break-glass.debt-opened", grantId: null },
  ];
  it("are its own, where nobody submitted and nobody approved", () => {
    expect(eventsBehind("asked", events, "grant-1")).toEqual(["1"]);
    expect(eventsBehind("decided", events, "grant-1")).toEqual(["2"]);
  });
});
