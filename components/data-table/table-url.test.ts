import { describe, expect, it } from "vitest";
import { listHref, sortAfterClick } from "@/components/data-table/table-url";

describe("listHref", () => {
  it.each([
    ["", { sort: "name" }, "/identities?sort=name"],
    ["kind=bot&after=abc", { sort: "-name" }, "/identities?kind=bot&sort=-name"],
    ["kind=bot&before=abc", { kind: null }, "/identities"],
    ["kind=bot", { after: "xyz", before: null }, "/identities?kind=bot&after=xyz"],
    ["before=abc", { after: "xyz", before: null }, "/identities?after=xyz"],
    ["q=a%20b", { q: "" }, "/identities"],
    ["", { q: "50% & more" }, "/identities?q=50%25+%26+more"],
  ])("from %j with %j", (current, changes, href) => {
    expect(listHref("/identities", current, changes)).toBe(href);
  });
});

describe("sortAfterClick", () => {
  it("starts with the column's own first direction and then turns round", () => {
    const sort = { key: "name", direction: "asc" } as const;
    expect(sortAfterClick(sort, "lastActive", "desc")).toBe("-lastActive");
    expect(sortAfterClick(sort, "name", "asc")).toBe("-name");
    expect(sortAfterClick({ key: "name", direction: "desc" }, "name", "asc")).toBe("name");
  });
});
