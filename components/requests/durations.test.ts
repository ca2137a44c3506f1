import { describe, expect, it } from "vitest";
import { presetsUpTo, rightSize, secondsOf, splitDuration } from "@/components/requests/durations";

describe("presetsUpTo", () => {
  it.each([
    [1_800, [900, 1_800]],
    [3_600, [900, 1_800, 3_600]],
    [5_400, [900, 1_800, 3_600, 5_400]],
    [604_800, [900, 1_800, 3_600, 7_200, 14_400, 28_800]],
    [0, []],
  ])("up to %j offers %j", (longest, offered) => {
    expect(presetsUpTo(longest)).toEqual(offered);
  });
});

describe("splitDuration", () => {
  it.each([
    [900, { amount: 15, unit: "min" }],
    [5_400, { amount: 90, unit: "min" }],
    [7_200, { amount: 2, unit: "h" }],
    [86_400, { amount: 1, unit: "d" }],
    [61, { amount: 1, unit: "min" }],
  ])("%j seconds are %j", (seconds, parts) => {
    expect(splitDuration(seconds)).toEqual(parts);
  });
});

describe("secondsOf", () => {
  it.each([
    ["30", "min", 1_800],
    ["1.5", "h", 5_400],
    ["1,5", "h", 5_400],
    [" 2 ", "d", 172_800],
    ["0", "min", null],
    ["0.5", "min", null],
    ["-5", "min", null],
    ["", "min", null],
    ["1e3", "min", null],
    ["999999", "min", null],
  ] as const)("%j %s is %j", (amount, unit, seconds) => {
    expect(secondsOf(amount, unit)).toBe(seconds);
  });
});

describe("rightSize", () => {
  it("suggests twice the longest use, rounded up", () => {
    expect(rightSize(1_800, [360, 300, 340, 200, 360])).toEqual({ seconds: 900, why: "the last 5 were used for at most 6 min" });
  });

  it.each([
    ["too few were seen in use", 14_400, [360, null, null, 300]],
    ["what is asked is near what is used", 1_800, [1_200, 1_100, 900]],
    ["the saving is small", 1_200, [400, 400, 400]],
    ["use was longer than any step", 14_400 * 3, [20_000, 20_000, 20_000]],
    ["nothing was granted before", 1_800, []],
  ])("suggests nothing when %s", (_why, asked, used) => {
    expect(rightSize(asked, used)).toBeNull();
  });
});
