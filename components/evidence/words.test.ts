import { describe, expect, it } from "vitest";
import { grantStates } from "@/lib/grants/types";
import { chipText, filterText, outcomeOf } from "./words";

const none = { identity: [], entitlement: [], system: [], requester: [], approver: [], environment: [] };

describe("a filter in words", () => {
  it("names what is chosen", () => {
    expect(chipText("grant", "proven", none)).toBe("Grant: proven dead");
    expect(chipText("identity", "1", { ...none, identity: [{ value: "1", label: "deploy-bot" }] })).toBe("Identity: deploy-bot");
    expect(chipText("approver", "1", none)).toBe("Voted by: somebody or something that is gone");
    expect(chipText("to", "2026-11-30", none)).toBe("asked until 2026-11-30, that day included");
  });

  it("tells a whole filter in one line", () => {
    expect(filterText({})).toBe("everything");
    expect(filterText({ state: "denied,refused", unproven: "yes", from: "2026-11-01" })).toBe("Request: denied, refused before it was asked · Unproven only · From: 2026-11-01");
  });
});

describe("what a row has come to", () => {
  it("is the grant's state where there is one, the request's else", () => {
    expect(outcomeOf({ state: "denied", grantState: null, provenAt: null })).toEqual({ tone: "neutral", text: "denied", isTrouble: false });
    expect(outcomeOf({ state: "approved", grantState: "stuck", provenAt: null })).toEqual({ tone: "stuck", text: "stuck, not proven", isTrouble: true });
  });

  it("says revoked of nothing", () => {
    for (const grantState of grantStates) expect(outcomeOf({ state: "approved", grantState, provenAt: null }).text).not.toMatch(/revoked/);
  });
});
