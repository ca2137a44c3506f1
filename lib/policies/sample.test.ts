import { describe, expect, it } from "vitest";
import { hardCaps } from "@/lib/entitlements/rules";
import { evaluate } from "./cedar";
import { applyObligations } from "./rules";
import { samplePolicies } from "./sample";
import { questionOf, type QuestionChanges } from "./test-question";

const owner = { source: "resource-owner", needed: 1 };
const security = { source: "team:Security", needed: 1 };
const answerTo = (changes: QuestionChanges) => evaluate(samplePolicies, questionOf(changes));

describe("the sample policies", () => {
  it.each<[string, QuestionChanges, string[], object]>([
    ["give low access at once", { entitlement: { sensitivity: "low" } }, ["low-read-auto"], { stages: [], ticketRequired: false, maxDurationSeconds: 28_800 }],
    ["ask the resource owner about medium access, with a ticket", { entitlement: { sensitivity: "medium" } }, ["medium-owner-ticket"], { stages: [owner], ticketRequired: true }],
    ["ask the resource owner, then Security, about high access", {}, ["high-two-stages"], { stages: [owner, security], ticketRequired: true, maxDurationSeconds: 14_400, idleSeconds: 1_800 }],
    [
      "give critical access for incidents only, decided by two people",
      { entitlement: { sensitivity: "critical" } },
      ["critical-incident-only"],
      { stages: [owner, security], purposes: ["incident"], dualControl: true, maxDurationSeconds: 3_600 },
    ],
    [
      "ask a person about an agent, for an hour at most, even where others need nobody",
      { identity: { kind: "ai-agent" }, entitlement: { sensitivity: "low" } },
      ["agent-one-hour", "low-read-auto"],
      { stages: [owner], maxDurationSeconds: 3_600 },
    ],
    [
      "keep what high access demands of an agent",
      { identity: { kind: "ai-agent" } },
      ["agent-one-hour", "high-two-stages"],
      { stages: [owner, security], ticketRequired: true, maxDurationSeconds: 3_600, idleSeconds: 1_800 },
    ],
  ])("%s", (_name, changes, determining, obligations) => {
    expect(answerTo(changes)).toMatchObject({ outcome: "permit", determining, obligations });
  });

  it.each<[string, QuestionChanges, string]>([
    ["nobody owns", { identity: { hasOwner: false } }, "unowned-refused"],
    ["is known to be unowned", { identity: { state: "unowned" } }, "unowned-refused"],
    ["is orphaned", { identity: { state: "orphaned" } }, "orphaned-refused"],
    ["is suspended", { identity: { state: "suspended" } }, "suspended-refused"],
    ["is offboarded", { identity: { state: "offboarded" } }, "offboarded-refused"],
    ["is shared", { identity: { shared: true } }, "shared-refused"],
    ["has vanished", { identity: { vanished: true } }, "vanished-refused"],
  ])("refuse an identity that %s, at every sensitivity", (_name, changes, policy) => {
    for (const sensitivity of ["low", "medium", "high", "critical"]) {
      const answer = answerTo({ ...changes, entitlement: { sensitivity } });
      expect(answer).toMatchObject({ outcome: "refuse", determining: [policy] });
      expect(answer.reasons[0]?.text).toMatch(/^[A-Z]/);
    }
  });

  it("refuse an agent critical access", () => {
    expect(answerTo({ identity: { kind: "ai-agent" }, entitlement: { sensitivity: "critical" } })).toMatchObject({ outcome: "refuse", determining: ["agent-never-critical"] });
  });

  it("cannot be changed by what reads them", () => expect(Object.isFrozen(samplePolicies)).toBe(true));

  it("keep identities that are only seldom used", () => {
    for (const state of ["dormant", "stale"]) expect(answerTo({ identity: { state } }).outcome).toBe("permit");
  });

  it("allow no longer than the hard caps", () => {
    for (const sensitivity of ["low", "medium", "high", "critical"] as const) {
      const answer = answerTo({ entitlement: { sensitivity } });
      const longest = answer.outcome === "permit" ? (answer.obligations.maxDurationSeconds ?? Infinity) : Infinity;
      expect(longest).toBeLessThanOrEqual(hardCaps[sensitivity].longestSeconds);
    }
  });

  it("refuse an hour and a second to an agent, and give it the hour", () => {
    const answer = answerTo({ identity: { kind: "ai-agent" }, entitlement: { sensitivity: "medium" } });
    const ask = { purpose: "backfill", maxUses: null, idleSeconds: null, ticketKey: "CHG-482", now: new Date("2026-11-22T10:00:00Z") };
    expect(applyObligations(answer, { ...ask, durationSeconds: 3_600 }, hardCaps.medium)).toMatchObject({ ok: true });
    expect(applyObligations(answer, { ...ask, durationSeconds: 3_601 }, hardCaps.medium)).toMatchObject({ ok: false, code: "duration-over-policy" });
  });
});
