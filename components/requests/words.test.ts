import { describe, expect, it } from "vitest";
import { entitlementVerb, sayOwnSide, sayTimes, sumOfPrivileges } from "@/components/requests/words";
import type { PrivilegeView } from "@/lib/entitlements/schema";

const privilege = (object: string, actions: string[], objectKind: PrivilegeView["objectKind"] = "table"): PrivilegeView => ({
  database: "shop", schema: "orders", object, objectKind, actions,
});

describe("words of requests", () => {
  it.each([
    [["write orders"], "write orders"],
    [["orders_write"], "use orders_write"],
    [["read orders", "read payments"], "read orders and read payments"],
  ])("%j reads as %j", (names, verb) => {
    expect(entitlementVerb(names)).toBe(verb);
  });

  it.each([
    [0, false, "First time ever"],
    [1, false, "2nd time"],
    [5, false, "6th time"],
    [10, false, "11th time"],
    [22, false, "23rd time"],
    [500, true, "More than 500 times before"],
  ])("%j times before is %j", (times, capped, text) => {
    expect(sayTimes({ times, capped })).toBe(text);
  });

  it("says why you cannot decide with your own relation", () => {
    expect(sayOwnSide(["owner"], "deploy_bot")).toBe("You own deploy_bot: its owner is on the asking side. Somebody else has to decide.");
  });

  it("adds up what becomes possible, without the ways that lead there", () => {
    const all = [privilege("orders", ["INSERT", "UPDATE"]), privilege("order_items", ["INSERT", "UPDATE"]), privilege("sales", ["SELECT"], "view"), privilege("orders", ["USAGE"], "schema")];
    expect(sumOfPrivileges(all)).toBe("INSERT, UPDATE on 2 tables; SELECT on 1 view");
  });
});
