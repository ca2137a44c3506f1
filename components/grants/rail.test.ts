import { describe, expect, it } from "vitest";
import { railOf, type RailRequest } from "@/components/grants/rail";
import type { GrantView } from "@/lib/requests/views/types";

const at = (seconds: number) => new Date(Date.UTC(2026, 10, 22, 10, 0, seconds)).toISOString();

const approved: RailRequest = { state: "approved", submittedAt: at(0), decidedAt: at(180), decideBefore: at(9_000), by: "Anton Berg" };

function grantOf(change: Partial<GrantView>): GrantView {
  return {
    id: "0198f6b2-0000-7000-8000-000000000001", state: "ready", entitlement: "write orders", system: "orders-db", durationSeconds: 1_800, maxUses: null,
    idleSeconds: null, createdAt: at(180), activateBefore: at(9_999), issueStartedAt: null, recoversAt: null, activatedAt: null, notAfter: null,
    firstUseAt: null, lastUseAt: null, useCount: 0, observedAt: null, endReason: null, endingAt: null, endedBy: null, acceptedAt: null, sessionsCut: null,
    provenAt: null, proofFacts: [], stillGiven: undefined, closedAt: null, attempts: 0, nextAttemptAt: null, lastFailure: null, stuckSince: null,
    notRecheckedSince: null, notBefore: null, continuesAt: null, replaces: false, ...change,
  };
}

const states = (request: RailRequest, grant: GrantView | null, now = at(200)) => railOf(request, grant, now).map(({ state }) => state).join(" ");

const live = { state: "active", activatedAt: at(190), notAfter: at(1_990) } as const;
const ended = { ...live, state: "ending", endReason: "expired", endingAt: at(1_990) } as const;

describe("the truth rail of a grant", () => {
  it.each([
    ["pending", { ...approved, state: "pending", decidedAt: null } as const, null, "reached pending pending pending pending pending pending"],
    ["denied", { ...approved, state: "denied" } as const, null, "reached reached skipped skipped skipped skipped skipped"],
    ["withdrawn", { ...approved, state: "withdrawn" } as const, null, "reached reached skipped skipped skipped skipped skipped"],
    ["ready", approved, grantOf({}), "reached reached pending pending pending pending pending"],
    ["live, no use seen", approved, grantOf(live), "reached reached reached pending pending pending pending"],
    ["live and used", approved, grantOf({ ...live, firstUseAt: at(195), lastUseAt: at(199), useCount: 2 }), "reached reached reached reached reached pending pending"],
    ["ending", approved, grantOf(ended), "reached reached reached skipped skipped reached pending"],
    ["accepted", approved, grantOf({ ...ended, state: "accepted", acceptedAt: at(1_991) }), "reached reached reached skipped skipped reached pending"],
    ["proven", approved, grantOf({ ...ended, state: "proven", acceptedAt: at(1_991), provenAt: at(1_993) }), "reached reached reached skipped skipped reached reached"],
    ["stuck", approved, grantOf({ ...ended, state: "stuck", stuckSince: at(2_050), attempts: 6 }), "reached reached reached skipped skipped reached late"],
    ["never issued", approved, grantOf({ state: "failed", closedAt: at(200) }), "reached reached failed skipped skipped skipped skipped"],
    ["never activated", approved, grantOf({ state: "lapsed", closedAt: at(200) }), "reached reached skipped skipped skipped skipped skipped"],
  ])("%s", (_name, request, grant, expected) => {
    expect(states(request, grant)).toBe(expected);
  });

  it("is late where nobody decided in time", () => {
    expect(states({ ...approved, state: "pending", decidedAt: null, decideBefore: at(100) }, null)).toMatch(/^reached late /);
  });

  it("shows no proof without a probe, whatever else is known", () => {
    for (const state of ["accepted", "stuck", "not-provable", "forced", "expired-unproven"] as const) {
      const proven = railOf(approved, grantOf({ ...ended, state, acceptedAt: at(1_991), closedAt: at(2_000) }), at(2_100)).at(-1);
      expect(proven?.at).toBeNull();
      expect(proven?.state).not.toBe("reached");
    }
  });

  it("is late where a live session outlives its time", () => {
    const links = railOf(approved, grantOf(live), at(2_000));
    expect(links[5]).toMatchObject({ state: "late", since: at(1_990) });
  });

  it("says what comes next where the end is not proven", () => {
    const stuck = grantOf({ ...ended, state: "stuck", stuckSince: at(2_050), attempts: 6, lastFailure: "unreachable", nextAttemptAt: at(2_080) });
    expect(railOf(approved, stuck, at(2_060)).at(-1)?.note).toBe("unreachable · 6 tries · next in 20 s");
  });
});
