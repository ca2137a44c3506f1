import { describe, expect, it } from "vitest";
import { hardCaps } from "@/lib/entitlements/rules";
import { refuse } from "@/lib/platform/result";
import { evaluate } from "./cedar";
import { explain, explainObligations, explainRefusal, sayStage } from "./explain";
import type { PolicyRefusalCode } from "./rules";
import { samplePolicies } from "./sample";
import { questionOf } from "./test-question";
import type { Obligations, StageNeed } from "./types";

const names = { resource: "orders-db" };
const open: Obligations = { stages: [], maxDurationSeconds: null, maxUses: null, idleSeconds: null, ticketRequired: false, purposes: null, stepUp: false, dualControl: false };

describe("explain", () => {
  it("says what a permit demands, and why", () => {
    expect(explain(evaluate(samplePolicies, questionOf()), names)).toEqual([
      "Two stages: the owner of orders-db, then Security",
      "At most 4 h",
      "Ends after 30 min without use",
      "A ticket is needed",
      "Whoever owns the resource decides, then Security",
    ]);
  });

  it("says why not", () => {
    expect(explain(evaluate(samplePolicies, questionOf({ identity: { hasOwner: false } })), names)).toEqual(["Nobody owns this identity. Name an owner, then ask again"]);
    expect(explain(evaluate({}, questionOf()), names)).toEqual(["Policy could not be asked, so nothing new is given. What is live goes on."]);
  });

  it("says all that can be demanded", () => {
    const all: Obligations = {
      stages: [{ source: "team:Security", needed: 2 }],
      maxDurationSeconds: 5_400,
      maxUses: 1,
      idleSeconds: 900,
      ticketRequired: true,
      purposes: ["backfill", "incident", "support"],
      stepUp: true,
      dualControl: true,
    };
    expect(explainObligations(all, names)).toEqual([
      "One stage: 2 of Security",
      "Two different people approve",
      "At most 1 h 30 min",
      "At most 1 use",
      "Ends after 15 min without use",
      "A ticket is needed",
      "Only for backfill, incident or support",
      "Approvers confirm again who they are",
    ]);
    expect(explainObligations(open, names)).toEqual(["Nobody has to approve it"]);
    expect(explainObligations({ ...open, purposes: [] }, names)).toContain("No purpose fits all the policies");
  });
});

describe("sayStage", () => {
  it.each<[StageNeed, string]>([
    [{ source: "resource-owner", needed: 1 }, "the owner of orders-db"],
    [{ source: "resource-owner", needed: 2 }, "2 of those who own orders-db"],
    [{ source: "team:Security", needed: 1 }, "Security"],
    [{ source: "team:Security", needed: 2 }, "2 of Security"],
    [{ source: "role:approver", needed: 1 }, "one approver"],
    [{ source: "role:approver", needed: 3 }, "3 approvers"],
  ])("says %j", (stage, words) => expect(sayStage(stage, names)).toBe(words));
});

describe("explainRefusal", () => {
  it.each<[PolicyRefusalCode, Record<string, string | number>, string]>([
    ["policy-refuses", { reason: "This identity is suspended" }, "This identity is suspended"],
    ["policy-refuses", {}, "Policy refuses this"],
    ["policy-fault", {}, "Policy could not be asked, so nothing new is given. What is live goes on."],
    ["step-up-unavailable", {}, "Policy wants approvers to confirm with a passkey and asks nobody to approve, so that nobody could"],
    ["purpose-not-allowed", { purpose: "support", allowed: "incident" }, "The purpose support is not allowed here. Allowed: incident"],
    ["ticket-missing", {}, "A ticket is needed. Name the ticket that says why"],
    ["bound-not-positive", { bound: "duration" }, "The duration has to be a whole number above zero"],
    ["bound-not-positive", { bound: "uses" }, "The number of uses has to be a whole number above zero"],
    ["duration-over-policy", { askedSeconds: 28_800, longestSeconds: 14_400, earlierSeconds: 0 }, "Policy allows at most 4 h; you asked for 8 h"],
    [
      "duration-over-cap",
      { askedSeconds: 36_000, longestSeconds: hardCaps.high.longestSeconds, earlierSeconds: 0 },
      "No more than 8 h can be given here, whoever approves; you asked for 10 h",
    ],
    [
      "duration-over-cap",
      { askedSeconds: 36_000, longestSeconds: 7_200, earlierSeconds: 36_000 },
      "No more than 2 h can be given here, whoever approves, after 10 h already given in a row; you asked for 10 h",
    ],
    ["uses-over-policy", { asked: 60, most: 50 }, "Policy allows at most 50 uses; you asked for 60"],
  ])("says %s with %j", (code, detail, words) => expect(explainRefusal(refuse(code, detail))).toBe(words));
});
