import { describe, expect, it } from "vitest";
import { decodeCursor, encodeCursor } from "@/lib/db/cursor";

const byName = { key: "name", direction: "asc" } as const;
const id = "0198a7a0-0000-7000-8000-000000000001";

function coded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

describe("a cursor", () => {
  it.each([["billing-sync"], ["ünïcode ✓ 名前"], [42], [null], [""]])("brings %j there and back", (value) => {
    const text = encodeCursor(byName, { value, id });
    expect(text).toMatch(/^[A-Za-z0-9_-]+$/);
    expect(decodeCursor(text, byName)).toEqual({ value, id });
  });

  it("means nothing in another sort order", () => {
    const text = encodeCursor(byName, { value: "a", id });
    expect(decodeCursor(text, { key: "name", direction: "desc" })).toBeNull();
    expect(decodeCursor(text, { key: "lastActive", direction: "asc" })).toBeNull();
  });

  it.each([
    ["nothing", undefined],
    ["null", null],
    ["empty text", ""],
    ["no base64", "%%%"],
    ["no JSON", Buffer.from("{").toString("base64url")],
    ["another version", coded({ v: 2, s: "name:asc", k: "a", i: id })],
    ["a field too many", coded({ v: 1, s: "name:asc", k: "a", i: id, x: 1 })],
    ["no id", coded({ v: 1, s: "name:asc", k: "a", i: "1 or 1=1" })],
    ["an object for a value", coded({ v: 1, s: "name:asc", k: { gt: "" }, i: id })],
    ["NUL in the value", coded({ v: 1, s: "name:asc", k: "a\u0000", i: id })],
    ["a list", coded([])],
    ["far too long", coded({ v: 1, s: "name:asc", k: "a".repeat(5_000), i: id })],
  ])("is the first page when it is %s", (_, text) => {
    expect(decodeCursor(text, byName)).toBeNull();
  });
});
