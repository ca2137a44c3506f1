import { describe, expect, it } from "vitest";
import { memoryText, readTableMemory } from "@/components/data-table/columns/table-memory";

const valueOf = (text: string) => text.split(";")[0]?.split("=").slice(1).join("=");

describe("what a browser remembers of a table", () => {
  it("comes back as it was written", () => {
    const memory = { name: "identities", widths: { name: 240, owner: 120 }, hidden: ["team"] };
    expect(readTableMemory("identities", valueOf(memoryText(memory)))).toEqual(memory);
  });

  it.each([undefined, "", "%", "[]", "null", "7", '{"widths":{"name":"x","kind":-5,"a":99999},"hidden":"all"}', "{\"widths\":[1]}"])("is forgotten where it is %j", (cookie) => {
    expect(readTableMemory("identities", cookie)).toEqual({ name: "identities", widths: {}, hidden: null });
  });
});
