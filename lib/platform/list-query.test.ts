import { describe, expect, it } from "vitest";
import * as z from "zod";
import { cursorText, manyIds, manyOf, searchText, sortOf } from "@/lib/platform/list-query";

const schema = z.object({
  kind: manyOf(["bot", "workload"]),
  owner: manyIds(),
  q: searchText(),
  sort: sortOf(["name", "lastActive"], { key: "name", direction: "asc" }),
  after: cursorText(),
});
const id = "0198a7a0-0000-7000-8000-000000000001";

describe("a list's URL", () => {
  it("means the usual list when it says nothing", () => {
    expect(schema.parse({})).toEqual({
      kind: [],
      owner: [],
      q: "",
      sort: { key: "name", direction: "asc" },
      after: null,
    });
  });

  it.each<[unknown, string[]]>([
    ["bot", ["bot"]],
    ["bot,workload", ["bot", "workload"]],
    [["bot", "workload,bot"], ["bot", "workload"]],
    ["robot", []],
    ["__proto__", []],
    ["%", []],
    [7, []],
    [",,,", []],
    ["x,".repeat(100_000), []],
  ])("takes from kind=%j only words that it knows", (kind, expected) => {
    expect(schema.parse({ kind }).kind).toEqual(expected);
  });

  it.each<[unknown, string[]]>([
    [id, [id]],
    ["none", ["none"]],
    [`${id},none,nobody`, [id, "none"]],
    ["' or 1=1 --", []],
  ])("takes from owner=%j only ids and none", (owner, expected) => {
    expect(schema.parse({ owner }).owner).toEqual(expected);
  });

  it.each<[unknown, string]>([
    ["  deploy ", "deploy"],
    ["a\u0000b", "a b"],
    ["x".repeat(10_000_000), "x".repeat(200)],
    [["first", "second"], "first"],
    [{}, ""],
  ])("searches for a short clean text", (q, expected) => {
    expect(schema.parse({ q }).q).toBe(expected);
  });

  it.each<[unknown, string, string]>([
    ["name", "name", "asc"],
    ["-lastActive", "lastActive", "desc"],
    ["--name", "name", "asc"],
    ["password", "name", "asc"],
    [["name"], "name", "asc"],
  ])("sorts by %j only where that is a column", (sort, key, direction) => {
    expect(schema.parse({ sort }).sort).toEqual({ key, direction });
  });

  it("does not carry a monstrous cursor further", () => {
    expect(schema.parse({ after: "abc" }).after).toBe("abc");
    expect(schema.parse({ after: "a".repeat(2_001) }).after).toBeNull();
    expect(schema.parse({ after: ["a", "b"] }).after).toBeNull();
  });
});
