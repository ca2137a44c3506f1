import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { seal, unseal } from "./seal";

const key = randomBytes(32);

describe("sealed secrets", () => {
  it("open with the key and purpose that sealed them", () => {
    expect(unseal(seal({ user: "u", password: "pä" }, key, "system/1"), key, "system/1")).toEqual({ user: "u", password: "pä" });
  });

  it("do not hold the clear value", () => {
    expect(Buffer.from(seal({ password: "hunter22" }, key, "system/1")).includes("hunter22")).toBe(false);
  });

  it.each([
    ["another key", () => unseal(seal("x", key, "a"), randomBytes(32), "a")],
    ["another purpose", () => unseal(seal("x", key, "a"), key, "b")],
    ["a changed byte", () => { const bytes = seal("x", key, "a"); bytes[30] = (bytes[30] ?? 0) ^ 1; return unseal(bytes, key, "a"); }],
    ["too few bytes", () => unseal(new Uint8Array([1, 2, 3]), key, "a")],
  ])("do not open with %s", (_name, open) => {
    expect(open).toThrowError(expect.objectContaining({ code: "integrity" }));
  });
});
