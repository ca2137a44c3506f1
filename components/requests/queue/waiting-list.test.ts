import { describe, expect, it } from "vitest";
import { differenceOf } from "@/components/requests/queue/waiting-list";
import type { ApprovalRow } from "@/lib/requests/views/types";

function row(id: string, change: Partial<ApprovalRow> = {}): ApprovalRow {
  return {
    id, number: 1, identity: { id, name: "deploy_bot", kind: "ci-job" }, entitlement: "write orders", system: "orders-db", sensitivity: "high",
    asker: "Rita Okafor", durationSeconds: 1_800, submittedAt: "2026-11-22T10:00:00.000Z", decideBefore: "2026-11-25T10:00:00.000Z", version: 1, risk: { points: 40, parts: [] }, shape: "", alike: 1, stepUp: false, ...change,
  };
}

const page = (rows: ApprovalRow[], next: string | null = null) => ({ rows, next, previous: null, total: null });

describe("the queue on screen", () => {
  it("marks what a colleague decided and counts what came, without moving anything", () => {
    const found = differenceOf([row("a"), row("b")], page([row("b"), row("c")]));
    expect([...found.gone]).toEqual(["a"]);
    expect(found.fresh).toBe(1);
  });

  it("does not call a row decided that was pushed to the next page", () => {
    const later = row("z", { submittedAt: "2026-11-22T11:00:00.000Z" });
    expect(differenceOf([later], page([row("a")], "cursor")).gone.size).toBe(0);
    expect(differenceOf([row("z", { risk: { points: 0, parts: [] } })], page([row("a")], "cursor")).gone.size).toBe(0);
    expect(differenceOf([later], page([row("a")])).gone.size).toBe(1);
    expect(differenceOf([row("z", { risk: { points: 60, parts: [] } })], page([row("a")], "cursor")).gone.size).toBe(1);
  });
});
