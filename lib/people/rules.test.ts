import { describe, expect, it } from "vitest";
import { type Leaving, whyNotLeave } from "@/lib/people/rules";

function leaving(changes: Partial<Leaving> = {}): Leaving {
  return { actorId: "ada", person: { id: "rita", left: false }, administrators: ["ada"], ...changes };
}

describe("setting a person to left", () => {
  it.each<[string, Partial<Leaving>, string | null]>([
    ["somebody else", {}, null],
    ["another administrator", { person: { id: "bo", left: false }, administrators: ["ada", "bo"] }, null],
    ["nobody that is known", { person: null }, "person-unknown"],
    ["yourself", { person: { id: "ada", left: false }, administrators: ["ada", "bo"] }, "yourself"],
    ["yourself as the last administrator", { person: { id: "ada", left: false } }, "yourself"],
    ["somebody who has left", { person: { id: "rita", left: true } }, "already-left"],
    ["somebody, after losing the role meanwhile", { administrators: ["bo"] }, "no-longer-administrator"],
    ["the last administrator, after losing the role", { person: { id: "bo", left: false }, administrators: ["bo"] }, "no-longer-administrator"],
  ])("%s", (_, changes, answer) => {
    expect(whyNotLeave(leaving(changes))).toBe(answer);
  });
});
