import { describe, expect, it } from "vitest";
import { neighbourOf } from "@/components/queue/neighbour";

describe("the way through a queue", () => {
  it.each([
    ["forwards from the open row", { openId: "a", place: 0, step: 1 }, "b"],
    ["over a row that is gone", { openId: "b", place: 1, step: 1 }, "d"],
    ["backwards", { openId: "d", place: 3, step: -1 }, "b"],
    ["from nowhere to the first", { openId: null, place: 0, step: 1 }, "a"],
    ["from nowhere to the last", { openId: null, place: 0, step: -1 }, "d"],
    ["to what took the place of a row that left", { openId: "left", place: 1, step: 1 }, "b"],
    ["to what stood before a row that left", { openId: "left", place: 1, step: -1 }, "a"],
    ["nowhere at the end", { openId: "d", place: 3, step: 1 }, undefined],
  ] as const)("moves %s", (_name, from, expected) => {
    expect(neighbourOf([{ id: "a" }, { id: "b" }, { id: "c" }, { id: "d" }], new Set(["c"]), from)?.id).toBe(expected);
  });
});
