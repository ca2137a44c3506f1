import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { BreakGlassAnswer, BreakGlassTerms } from "@/lib/policies/types";
import { basisOfAnswer, debtDueAt, debtSizeOf, groundOf, isDrillDue, isOver, isUnexplainedUse, missingOf, secondWait, whyNotCheck, whyNotClose, whyNotSecond } from "./rules";
import { flags, incidentChecks } from "./types";

const terms: BreakGlassTerms = { maxDurationSeconds: 1_800, secondWithinSeconds: null, debtSeconds: 259_200, ticketRequired: false };
const base = { policyHash: "", inputHash: "", input: null, determining: [], reasons: [], problems: [] };
const permit = (over: Partial<BreakGlassTerms> = {}): BreakGlassAnswer => ({ ...base, outcome: "permit", terms: { ...terms, ...over } });
const refused: BreakGlassAnswer = { ...base, outcome: "refuse", terms: null };
const fault: BreakGlassAnswer = { ...base, outcome: "fault", terms: null };
const now = new Date("2026-11-22T12:00:00Z");
const at = (hours: number) => new Date(now.getTime() + hours * 3_600_000);

describe("the ground on which a glass is broken", () => {
  it.each([
    ["policy permits", permit(), "not-connected", false, "policy", []],
    ["policy permits, the ticket is unknown", permit(), "unknown", false, "policy", ["ticket-unknown"]],
    ["policy permits, the ticket system is down", permit(), "down", false, "policy", ["ticket-down"]],
    ["policy wants a ticket, and it is verified", permit({ ticketRequired: true }), "verified", false, "policy", []],
    ["policy wants a ticket, nobody can say, and the list helps", permit({ ticketRequired: true }), "down", true, "list", ["from-list", "ticket-down"]],
    ["policy fails, and the list helps", fault, "not-connected", true, "list", ["from-list", "policy-fault"]],
  ] as const)("%s", (...[, answer, check, isListed, basis, flagged]) => {
    expect(groundOf(answer, check, isListed)).toMatchObject({ ok: true, value: { basis, flags: flagged } });
  });

  it.each([
    ["policy wants a ticket that nobody knows", permit({ ticketRequired: true }), "unknown", false, "ticket-unverified"],
    ["policy fails", fault, "verified", false, "policy-fault"],
    ["policy says no", refused, "verified", false, "policy-refuses"],
    ["policy says no, whoever is on the list", refused, "verified", true, "policy-refuses"],
  ] as const)("there is none where %s", (_name, answer, check, isListed, code) => {
    expect(groundOf(answer, check, isListed)).toMatchObject({ ok: false, code });
  });

  it("never lets the list overrule a decided no, and never opens without policy or list", () => {
    fc.assert(
      fc.property(fc.constantFrom(permit(), permit({ ticketRequired: true }), refused, fault), fc.constantFrom(...incidentChecks), fc.boolean(), (answer, check, isListed) => {
        const ground = groundOf(answer, check, isListed);
        if (answer.outcome === "refuse") expect(ground.ok).toBe(false);
        if (ground.ok && ground.value.basis === "list") expect(isListed && ground.value.flags.includes("from-list")).toBe(true);
        if (ground.ok && ground.value.basis === "policy") expect(answer.outcome).toBe("permit");
      }),
    );
  });

  it("holds at activation and afterwards: a fault ends nothing that the list gave, a rule that forbids ends all", () => {
    expect(basisOfAnswer(fault, "list", true)).toBe("allowed");
    expect(basisOfAnswer(fault, "policy", false)).toBe("fault");
    expect(basisOfAnswer(refused, "policy", true)).toBe("refused");
    expect(basisOfAnswer(refused, "list", true)).toBe("allowed");
    expect(basisOfAnswer({ ...refused, determining: ["suspended-refused"] }, "list", true)).toBe("refused");
  });
});

describe("the debt", () => {
  it("asks for a second person where policy does, or where a debt is open", () => {
    expect(secondWait(terms, 0)).toBeNull();
    expect(secondWait(terms, 2)).toBe(600);
    expect(secondWait({ ...terms, secondWithinSeconds: 60 }, 2)).toBe(60);
  });

  it("weighs more, and is due no later, the louder it was and the more is owed already; it never vanishes", () => {
    const some = fc.subarray([...flags]);
    fc.assert(
      fc.property(some, fc.constantFrom(...flags), fc.nat(20), (raised, more, openDebts) => {
        const [size, larger] = [debtSizeOf({ flags: raised, openDebts }), debtSizeOf({ flags: [...raised, more], openDebts: openDebts + 1 })];
        expect(size).toBeGreaterThanOrEqual(1);
        expect(larger).toBeGreaterThanOrEqual(size);
        expect(debtDueAt(now, 86_400, larger).getTime()).toBeLessThanOrEqual(debtDueAt(now, 86_400, size).getTime());
        expect(debtDueAt(now, 86_400, larger).getTime()).toBeGreaterThan(now.getTime());
      }),
    );
    expect(debtSizeOf({ flags: [], openDebts: 3 })).toBe(1);
    expect(debtSizeOf({ flags: ["second-unanswered"], openDebts: 1 })).toBe(3);
  });

  it.each([
    ["somebody off the asking side", {}, "r", null],
    ["the asking side", {}, "o", "own-side"],
    ["somebody while it lives", { grants: ["active" as const] }, "r", "still-live"],
    ["somebody once it is closed", { closedAt: now }, "r", "already-closed"],
  ])("is closed by %s", (_name, over, personId, code) => {
    expect(whyNotClose({ closedAt: null, side: ["o"], grants: ["proven"], ...over }, personId)).toBe(code);
  });

  it("can be reviewed once no credential works or can be made", () => {
    for (const state of ["ready", "issuing", "active"] as const) expect(isOver(["proven", state])).toBe(false);
    for (const state of ["ending", "accepted", "proven", "failed", "lapsed", "stuck", "not-provable"] as const) expect(isOver([state])).toBe(true);
    expect(isOver([])).toBe(true);
  });
});

describe("the second person", () => {
  const waiting = { state: "waiting" as const, side: ["o"], asked: ["a", "o"], secondDueAt: at(1) };
  it.each([
    ["is one who was asked", waiting, "a", null],
    ["is not of the asking side, though asked", waiting, "o", "own-side"],
    ["is nobody else", waiting, "x", "not-asked"],
    ["comes in time", { ...waiting, secondDueAt: now }, "a", "time-over"],
    ["comes while it waits", { ...waiting, state: "open" as const }, "a", "not-waiting"],
  ])("%s", (_name, glass, personId, code) => expect(whyNotSecond(glass, { personId, now })).toBe(code));
});

describe("what stands ready", () => {
  it("needs a passkey and a way to be reached besides the inbox", () => {
    expect(missingOf({ passkeys: 1, email: "a@example.com", webhooks: 0 })).toEqual([]);
    expect(missingOf({ passkeys: 1, email: null, webhooks: 1 })).toEqual([]);
    expect(missingOf({ passkeys: 0, email: " ", webhooks: 0 })).toEqual(["passkey", "way-to-reach"]);
  });

  it("is looked at once a night", () => {
    expect(isDrillDue(null, now)).toBe(true);
    expect(isDrillDue(new Date("2026-11-22T02:00:30Z"), now)).toBe(false);
    expect(isDrillDue(new Date("2026-11-22T01:59:00Z"), now)).toBe(true);
    expect(isDrillDue(new Date("2026-11-21T03:00:00Z"), new Date("2026-11-22T01:00:00Z"))).toBe(false);
  });

  it("says a sign-in with a sealed credential that no check has explained", () => {
    const seal = { sealedAt: at(-48), lastCheckedAt: at(-24), holderId: "h", retiredAt: null };
    expect(isUnexplainedUse(seal, at(-36))).toBe(false);
    expect(isUnexplainedUse(seal, at(-1))).toBe(true);
    expect(isUnexplainedUse({ ...seal, retiredAt: now }, at(-1))).toBe(false);
    expect(isUnexplainedUse(seal, null)).toBe(false);
  });

  it("is not checked by whoever holds the seals", () => {
    const seal = { sealedAt: now, lastCheckedAt: null, holderId: "h", retiredAt: null };
    expect(whyNotCheck(seal, "h")).toBe("own-seal");
    expect(whyNotCheck(seal, "x")).toBeNull();
    expect(whyNotCheck({ ...seal, retiredAt: now }, "x")).toBe("retired");
  });
});
