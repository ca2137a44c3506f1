import { randomUUID } from "node:crypto";
import { withDatabase } from "./fixtures/database";
import { send } from "./fixtures/http";
import { expect, test } from "./fixtures/test";
import { workloadToken } from "./fixtures/workload";

const good = () => ({
  entitlement: "orders-db/read orders",
  purpose: "reporting",
  intent: "Count the orders of the last day",
  ticketKey: "RPT-1",
  durationSeconds: 900,
  idempotencyKey: randomUUID(),
});

const metacharacters = `'; drop table requests; --<script>alert(1)</script>\\"%00`;

const bodies: readonly (readonly [string, (body: ReturnType<typeof good>) => unknown, number, string])[] = [
  ["no body at all", () => undefined, 400, ""],
  ["a list", () => [], 400, ""],
  ["a number for the entitlement", (body) => ({ ...body, entitlement: 7 }), 400, "entitlement"],
  ["an entitlement that does not exist", (body) => ({ ...body, entitlement: "orders-db/everything" }), 422, ""],
  ["a foreign id as entitlement", (body) => ({ ...body, entitlement: randomUUID() }), 422, ""],
  ["SQL and HTML as entitlement", (body) => ({ ...body, entitlement: `x/${metacharacters}` }), 422, ""],
  ["a purpose that is not listed", (body) => ({ ...body, purpose: "fun" }), 409, ""],
  ["an empty purpose", (body) => ({ ...body, purpose: " " }), 400, "purpose"],
  ["an intent of one word", (body) => ({ ...body, intent: "work" }), 400, "intent"],
  ["an intent of 2,000 characters", (body) => ({ ...body, intent: "x".repeat(2_000) }), 400, "intent"],
  ["NUL in the intent", (body) => ({ ...body, intent: "Count the orders\u0000 of today" }), 400, "intent"],
  ["a secret in the intent", (body) => ({ ...body, intent: "Use postgres://app:hunter2hunter2@db.internal/orders for it" }), 409, ""],
  ["a negative duration", (body) => ({ ...body, durationSeconds: -60 }), 400, "durationSeconds"],
  ["a duration of nothing", (body) => ({ ...body, durationSeconds: 0 }), 400, "durationSeconds"],
  ["half a second", (body) => ({ ...body, durationSeconds: 60.5 }), 400, "durationSeconds"],
  ["a duration in words", (body) => ({ ...body, durationSeconds: "900" }), 400, "durationSeconds"],
  ["a thousand years", (body) => ({ ...body, durationSeconds: 31_557_600_000 }), 400, "durationSeconds"],
  ["more than policy allows", (body) => ({ ...body, durationSeconds: 86_400 }), 409, ""],
  ["infinite uses", (body) => ({ ...body, maxUses: 1e308 }), 400, "maxUses"],
  ["no uses", (body) => ({ ...body, maxUses: 0 }), 400, "maxUses"],
  ["HTML as ticket", (body) => ({ ...body, ticketKey: "<b>1</b>" }), 400, "ticketKey"],
  ["no ticket where one is needed", (body) => ({ ...body, ticketKey: undefined }), 409, ""],
  ["an idempotency key that is none", (body) => ({ ...body, idempotencyKey: "1" }), 400, "idempotencyKey"],
  ["a field that nobody knows", (body) => ({ ...body, identityId: randomUUID() }), 400, ""],
];

async function requests(): Promise<number> {
  return withDatabase(async (client) => Number((await client.query("select count(*) from requests")).rows[0]?.count));
}

test.describe("the API says what is wrong, stores nothing and leaks nothing", () => {
  for (const [name, change, status, field] of bodies) {
    test(`asking with ${name}`, async ({ origin }) => {
      const before = await requests();
      const body = change(good());
      const answer = await send(origin, {
        method: "POST",
        path: "/api/v1/requests",
        headers: { authorization: `Bearer ${await workloadToken()}`, "content-type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      expect(answer.status, answer.body).toBe(status);
      expect(answer.headers["content-type"]).toContain("application/problem+json");
      const problem = JSON.parse(answer.body) as { code: string; correlationId: string; errors?: { field: string }[] };
      if (field) expect(problem.errors?.map((error) => error.field)).toContain(field);
      expect(answer.body).not.toMatch(/prisma|postgres(ql)?:|node_modules|hunter2|at .*\.ts:/i);
      expect(await requests()).toBe(before);
    });
  }

  test("a body of 10 MB is refused before it is read", async ({ origin }) => {
    const answer = await send(origin, {
      method: "POST",
      path: "/api/v1/requests",
      headers: { authorization: `Bearer ${await workloadToken()}`, "content-type": "application/json" },
      body: JSON.stringify({ ...good(), intent: "x".repeat(10 * 1024 * 1024) }),
    });
    expect(answer.status).toBe(413);
  });

  test("what is not JSON is not taken", async ({ origin }) => {
    const headers = { authorization: `Bearer ${await workloadToken()}` };
    const xml = await send(origin, { method: "POST", path: "/api/v1/requests", headers: { ...headers, "content-type": "text/xml" }, body: "<a/>" });
    expect(xml.status).toBe(415);
    const broken = await send(origin, { method: "POST", path: "/api/v1/requests", headers: { ...headers, "content-type": "application/json" }, body: "{" });
    expect(broken.status).toBe(400);
  });

  for (const id of ["1", "%00", "..%2f..%2fetc", "' or 1=1 --", "01900000-0000-7000-8000-000000000000"]) {
    test(`somebody else's or nobody's request (${id}) is not there`, async ({ origin }) => {
      const headers = { authorization: `Bearer ${await workloadToken()}` };
      for (const kind of ["requests", "grants"]) {
        const answer = await send(origin, { path: `/api/v1/${kind}/${encodeURIComponent(id)}`, headers });
        expect(answer.status, `${kind}: ${answer.body}`).toBe(404);
      }
    });
  }

  test("a grant of another requester cannot be activated, completed or failed", async ({ origin }) => {
    const foreign = await withDatabase(async (client) => {
      const { rows } = await client.query<{ id: string }>("select g.id from grants g join requests r on r.id = g.request_id where r.requester_id is not null limit 1");
      return rows[0]?.id ?? "";
    });
    const headers = { authorization: `Bearer ${await workloadToken()}`, "content-type": "application/json" };
    const verifier = `SCRAM-SHA-256$4096:${"A".repeat(22)}==$${"B".repeat(43)}=:${"C".repeat(43)}=`;
    for (const [action, body] of [["activate", { idempotencyKey: randomUUID(), verifier }], ["complete", {}], ["fail", {}]] as const) {
      const answer = await send(origin, { method: "POST", path: `/api/v1/grants/${foreign}/${action}`, headers, body: JSON.stringify(body) });
      expect(answer.status, `${action}: ${answer.body}`).toBe(404);
    }
  });

  test("a job that no identity stands for gets nothing", async ({ origin }) => {
    const answer = await send(origin, { path: "/api/v1/entitlements", headers: { authorization: `Bearer ${await workloadToken("somebody-elses-job")}` } });
    expect(answer.status).toBe(403);
  });
});
