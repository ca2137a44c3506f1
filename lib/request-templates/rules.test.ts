import { describe, expect, it } from "vitest";
import { mayChange, mayShareWith, mayUse } from "./rules";

const own = { keeperId: "rita", teamId: null };
const shared = { keeperId: "rita", teamId: "t1" };

describe("using a template", () => {
  it.each([
    ["its keeper", own, { personId: "rita", teamIds: [] }, true],
    ["somebody else while it is shared with nobody", own, { personId: "mate", teamIds: ["t1"] }, false],
    ["a member of its team", shared, { personId: "mate", teamIds: ["t0", "t1"] }, true],
    ["a member of another team", shared, { personId: "mate", teamIds: ["t2"] }, false],
    ["its keeper who left the team", shared, { personId: "rita", teamIds: [] }, true],
  ])("is for %s: %#", (_who, template, somebody, may) => {
    expect(mayUse(template, somebody)).toBe(may);
  });
});

describe("changing a template", () => {
  it("is for its keeper and for whoever may change any, not for its team", () => {
    expect(mayChange(shared, { personId: "rita", changesAny: false })).toBe(true);
    expect(mayChange(shared, { personId: "mate", changesAny: false })).toBe(false);
    expect(mayChange(shared, { personId: "ada", changesAny: true })).toBe(true);
  });

  it("shares it with the keeper's teams, or leaves it where it is", () => {
    expect(mayShareWith("t1", own, ["t1"])).toBe(true);
    expect(mayShareWith("t2", own, ["t1"])).toBe(false);
    expect(mayShareWith("t1", shared, [])).toBe(true);
    expect(mayShareWith(null, shared, [])).toBe(true);
  });
});
