import { describe, expect, it } from "vitest";
import { memoryIn, memoryText, readMemories, remembering, type TableMemories } from "@/components/data-table/columns/table-memory";

const stored = (memories: TableMemories) => memoryIn(`theme=dark; ${memoryText(memories).split(";")[0]}; other=1`);
const nothing: TableMemories = new Map();

describe("what a browser remembers of its tables", () => {
  it("comes back as it was written, table by table", () => {
    const people = { widths: { name: 240, role: 120 }, hidden: null };
    const both = remembering(remembering(nothing, "people", people), "requests", { widths: {}, hidden: [] });
    expect([...readMemories(stored(both))]).toEqual([["people", people], ["requests", { widths: {}, hidden: [] }]]);
    const again = remembering(both, "people", { widths: {}, hidden: ["role"] });
    expect([...readMemories(stored(again))]).toEqual([["requests", { widths: {}, hidden: [] }], ["people", { widths: {}, hidden: ["role"] }]]);
  });

  it("forgets the tables that were changed longest ago where a cookie holds no more", () => {
    const wide = { widths: Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`column${at}`, 1_000 + at])), hidden: null };
    const names = Array.from({ length: 12 }, (_, at) => `table${at}`);
    const all = names.reduce((memories, name) => remembering(memories, name, wide), nothing);
    expect(memoryText(all).length).toBeLessThan(3_100);
    const left = [...readMemories(stored(all)).keys()];
    expect(left.length).toBeGreaterThan(2);
    expect(left).toEqual(names.slice(-left.length));
    expect(readMemories(stored(all)).get("table11")).toEqual(wide);
  });

  it.each([undefined, "", "|", "%7B%22widths%22", "a b:name.100", "../x:y", ":name.100:"])("is forgotten where it is %j", (cookie) => {
    expect(readMemories(cookie).size).toBe(0);
  });

  it("keeps what means something of what was tampered with", () => {
    expect([...readMemories("people:name.x/role.-5/team.99999/__proto__.90/at.80.1:<b>/team")]).toEqual([["people", { widths: { ["__proto__"]: 90, at: 80 }, hidden: ["team"] }]]);
  });
});
