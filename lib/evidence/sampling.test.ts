import { describe, expect, it } from "vitest";
import { Sample, sampleRank, sampleSeed } from "./sampling";

const root = "XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=";
const seed = sampleSeed(root, "auditor-nonce-1", "jit");
const ids = Array.from({ length: 8 }, (_, index) => `ses_000${index + 1}`);
const ranked = ["ses_0006", "ses_0008", "ses_0007", "ses_0002", "ses_0004", "ses_0003", "ses_0001", "ses_0005"];

describe("a sample", () => {
  it("follows the published vector", () => {
    expect(seed).toBe("1ecaf0e10f33c7e09ccb6409e4db234f2a90dd819473d4938d338821d59c997a");
    expect([...ids].sort((a, b) => (sampleRank(seed, a) < sampleRank(seed, b) ? -1 : 1))).toEqual(ranked);
  });

  it.each([0, 1, 3, 8, 20])("is the same whatever the order in which items are offered: %i", (most) => {
    for (const offered of [ids, [...ids].reverse(), ranked]) {
      const sample = new Sample<string>(seed, most);
      for (const id of offered) sample.offer(id, id);
      expect(sample.items).toEqual(ranked.slice(0, most));
    }
  });

  it("is another one with another nonce, root or stratum", () => {
    expect(new Set([seed, sampleSeed(root, "auditor-nonce-2", "jit"), sampleSeed(root, "auditor-nonce-1", "break_glass"), sampleSeed("", "auditor-nonce-1", "jit")]).size).toBe(4);
  });
});
