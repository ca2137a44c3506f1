import { describe, expect, it } from "vitest";
import { nextStep } from "@/components/ui/keys/keymap";

const known = ["j", "k", "a", "?", "g o", "g a"];

describe("keys", () => {
  it.each([
    [null, "j", { kind: "run", keys: "j" }],
    [null, "?", { kind: "run", keys: "?" }],
    [null, "z", { kind: "none" }],
    [null, "o", { kind: "none" }],
    [null, "g", { kind: "wait", prefix: "g" }],
    ["g", "o", { kind: "run", keys: "g o" }],
    ["g", "z", { kind: "none" }],
  ])("after %j, %j", (waiting, key, step) => {
    expect(nextStep(known, waiting, key)).toEqual(step);
  });

  it("approve nothing on the way to approvals", () => {
    expect(nextStep(known, "g", "a")).toEqual({ kind: "run", keys: "g a" });
    expect(nextStep(["a", "g o"], "g", "a")).toEqual({ kind: "none" });
  });
});
