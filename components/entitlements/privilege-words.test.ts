import { describe, expect, it } from "vitest";
import { objectName, summaryOf } from "@/components/entitlements/privilege-words";
import type { PrivilegeView } from "@/lib/entitlements/schema";

function privilege(change: Partial<PrivilegeView>): PrivilegeView {
  return { database: "shop", schema: "public", object: "orders", objectKind: "table", actions: ["SELECT"], ...change };
}

describe("what an entitlement allows", () => {
  it("is summed up with tables first", () => {
    const privileges = [
      privilege({ objectKind: "database", schema: null, object: "shop", actions: ["CONNECT"] }),
      privilege({ actions: ["INSERT", "UPDATE"] }),
      privilege({ object: "order_items", actions: ["INSERT", "UPDATE"] }),
      privilege({ objectKind: "view", object: "totals" }),
      privilege({ object: "customers" }),
    ];
    expect(summaryOf(privileges)).toBe("INSERT, UPDATE on 2 tables; SELECT on 1 table and 1 view; CONNECT on 1 database");
  });

  it("is nothing when nothing is allowed", () => {
    expect(summaryOf([])).toBe("");
  });

  it("is named as the target names it", () => {
    expect(objectName(privilege({}), false)).toBe("public.orders");
    expect(objectName(privilege({}), true)).toBe("shop.public.orders");
    expect(objectName(privilege({ objectKind: "schema", object: "sales" }), false)).toBe("sales");
    expect(objectName(privilege({ objectKind: "database", schema: null, object: "shop" }), true)).toBe("shop");
  });
});
