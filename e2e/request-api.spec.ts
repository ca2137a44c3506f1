import { randomUUID } from "node:crypto";
import { withDatabase } from "./fixtures/database";
import { send } from "./fixtures/http";
import { expect, test } from "./fixtures/test";
import { workloadToken } from "./fixtures/workload";

type Answer = { readonly requestId: string; readonly state: string; readonly code?: string; readonly errors?: readonly { readonly field: string }[]; readonly values?: Readonly<Record<string, string>> };

async function call(origin: string, method: "GET" | "POST", path: string, body?: unknown): Promise<{ status: number; answer: Answer }> {
  const headers = { authorization: `Bearer ${await workloadToken()}`, "content-type": "application/json" };
  const { status, body: text } = await send(origin, { method, path, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  return { status, answer: JSON.parse(text) as Answer };
}

const base = { purpose: "reporting", intent: "Count the rows of the last day for the morning report", durationSeconds: 900 };
const asking = (over: object) => ({ ...base, idempotencyKey: randomUUID(), ...over });

test("a workload asks for several accesses, for later, and the same key answers with the same request", async ({ origin }) => {
  const notBefore = new Date(Date.now() + 2 * 3_600_000).toISOString();
  const ask = asking({ entitlements: ["orders-db/read the warehouse marts", "orders-db/read orders"], notBefore, ticketKey: "RPT-4812", idleSeconds: 300 });
  const asked = await call(origin, "POST", "/api/v1/requests", ask);
  expect(asked).toMatchObject({ status: 202, answer: { state: "pending" } });
  try {
    expect((await call(origin, "POST", "/api/v1/requests", ask)).answer.requestId).toBe(asked.answer.requestId);
    const rows = await withDatabase(async (client) => (await client.query<{ not_before: Date; idle_seconds: number; count: string }>(
      "select r.not_before, r.idle_seconds, (select count(*) from request_entitlements e where e.request_id = r.id) as count from requests r where r.id = $1", [asked.answer.requestId],
    )).rows);
    expect(rows).toEqual([{ not_before: new Date(notBefore), idle_seconds: 300, count: "2" }]);
    expect(await call(origin, "GET", `/api/v1/requests/${asked.answer.requestId}`)).toMatchObject({ status: 200, answer: { state: "pending" } });
  } finally {
    // A workload cannot withdraw: the story's request would stand in the way of the demo's job.
    await withDatabase((client) => client.query("update requests set state = 'withdrawn', decided_at = now() where id = $1", [asked.answer.requestId]));
    await withDatabase((client) => client.query("update stages set state = 'void' where request_id = $1", [asked.answer.requestId]));
  }
});

test("what a workload asks wrongly is refused by its name", async ({ origin }) => {
  const one = { entitlement: "orders-db/read orders" };
  for (const [over, field] of [
    [{ ...one, entitlements: ["orders-db/read orders"] }, "entitlement"],
    [{}, "entitlement"],
    [{ entitlements: [] }, "entitlements"],
    [{ entitlements: Array.from({ length: 6 }, (_, index) => `orders-db/${index}`) }, "entitlements"],
    [{ ...one, notBefore: "tomorrow" }, "notBefore"],
    [{ ...one, extends: "the last one" }, "extends"],
  ] as const) {
    const { status, answer } = await call(origin, "POST", "/api/v1/requests", asking(over));
    expect([status, answer.code, answer.errors?.[0]?.field.split(".")[0]], JSON.stringify(over)).toEqual([400, "input-wrong", field]);
  }
  for (const [over, code, status] of [
    [{ entitlements: ["orders-db/read orders", "orders-db/nothing"] }, "unknown-entitlement", 422],
    [{ ...one, ticketKey: "RPT-4813", extends: randomUUID() }, "nothing-to-extend", 409],
    [{ ...one, ticketKey: "RPT-4813", notBefore: new Date(Date.now() + 30 * 86_400_000).toISOString() }, "start-too-late", 409],
  ] as const) {
    expect(await call(origin, "POST", "/api/v1/requests", asking(over)), code).toMatchObject({ status, answer: { code } });
  }
});
