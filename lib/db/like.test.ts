import { describe, expect, it } from "vitest";
import { literally } from "@/lib/db/like";

describe("literally", () => {
  it.each([
    ["deploy_bot", "deploy\\_bot"],
    ["100%", "100\\%"],
    ["a\\b", "a\\\\b"],
    ["plain-name", "plain-name"],
  ])("%s", (text, pattern) => {
    expect(literally(text)).toBe(pattern);
  });
});
