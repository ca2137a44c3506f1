import { describe, expect, it } from "vitest";
import { entitlementVerb, sayOwnSide, sayTimes, groupPrivileges } from "@/components/requests/words";
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

  it("names what becomes possible, changes first, without the ways that lead there", () => {
    const all = [
      privilege("customers", ["SELECT"]),
      privilege("orders", ["INSERT", "UPDATE"]),
      { ...privilege("order_items", ["INSERT", "UPDATE"]), columns: ["currency"] },
      privilege("sales", ["SELECT"], "view"),
      privilege("orders", ["USAGE"], "schema"),
    ];
    expect(groupPrivileges(all)).toEqual([
      { kind: "table", actions: "INSERT, UPDATE", objects: ["orders.orders", "orders.order_items (currency only)"], more: 0 },
      { kind: "table", actions: "SELECT", objects: ["orders.customers"], more: 0 },
      { kind: "view", actions: "SELECT", objects: ["orders.sales"], more: 0 },
    ]);
  });

  it("names some objects of very many and counts the rest", () => {
    const [group] = groupPrivileges(Array.from({ length: 40 }, (_, index) => privilege(`t${index}`, ["SELECT"])));
    expect(group).toMatchObject({ more: 34 });
    expect(group?.objects).toHaveLength(6);
  });
});
