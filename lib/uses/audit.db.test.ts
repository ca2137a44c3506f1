import { beforeAll, describe, expect, it } from "vitest";
import { db } from "@/lib/db/client";
import { setScene } from "@/lib/requests/test-target-of-file";
import type { World } from "@/lib/requests/test-world";
import { receiveLog } from "./intake";
import { makeSource } from "./mutations";

let world: World;
beforeAll(async () => {
  ({ world } = await setScene());
});

let made = 0;
async function source(): Promise<string> {
  const result = await makeSource({ actor: world.people.ada, input: { systemId: world.systemId, name: `audited ${(made += 1)}`, format: "postgres-jsonlog" } });
  if (!result.ok) throw new Error(result.code);
  return result.value.sourceId;
}

async function send(sourceId: string, lines: readonly string[]) {
  async function* body() {
    yield await Promise.resolve(Buffer.from(`${lines.join("\n")}\n`));
  }
  const result = await receiveLog({ actor: world.people.ada, sourceId, name: "a.log", body: body() });
  if (!result.ok) throw new Error(result.code);
  return result.value;
}

const line = (number: number, message: string, more: Record<string, string> = {}) =>
  JSON.stringify({ timestamp: "2026-11-22 14:04:05.000 UTC", user: "app", dbname: "orders", session_id: "6.648f", line_num: number, error_severity: "LOG", message, ...more });
const lines = [
  line(1, "connection authorized: user=app database=orders"),
  line(2, "statement: select * from t1 join t2 using (a) where a = 5"),
  line(3, "AUDIT: SESSION,1,1,READ,SELECT,TABLE,public.t1,select * from t1 join t2 using (a) where a = 5,<not logged>"),
  line(4, "AUDIT: SESSION,1,1,READ,SELECT,TABLE,public.t2,select * from t1 join t2 using (a) where a = 5,<not logged>"),
  line(5, "statement: delete from t3"),
  line(6, "AUDIT: SESSION,2,1,WRITE,DELETE,TABLE,public.t3,delete from t3,<not logged>"),
  line(7, "could not obtain lock", { error_severity: "ERROR", state_code: "55P03", statement: "delete from t3" }),
  line(8, "statement: select 1/0"),
  line(9, "division by zero", { error_severity: "ERROR", state_code: "22012", statement: "select 1/0" }),
];

const told = async (sourceId: string) =>
  (await db.use.findMany({ where: { sourceId }, orderBy: { key: "asc" } })).map(({ key, action, objects, outcome }) => [key.replace("6.648f", ""), action, objects.join("+"), outcome]);
const once = [
  ["", "CONNECT", "orders", "allowed"],
  ["/3:audit", "SELECT", "public.t1", "allowed"],
  ["/4:audit", "SELECT", "public.t2", "allowed"],
  ["/6:audit", "DELETE", "public.t3", "failed"],
  ["/8", "SELECT", "", "failed"],
];

describe("statements that PostgreSQL and pgAudit both write of", () => {
  it("are there once, and nothing is added when they come again", async () => {
    const sourceId = await source();
    expect(await send(sourceId, lines)).toMatchObject({ usesKept: 5 });
    expect(await told(sourceId)).toEqual(once);
    expect(await send(sourceId, lines)).toMatchObject({ usesKept: 0 });
    expect(await told(sourceId)).toEqual(once);
  });

  it("are there once where their lines come one by one, forward and again", async () => {
    const sourceId = await source();
    for (const each of lines) await send(sourceId, [each]);
    expect(await told(sourceId)).toEqual(once);
    for (const each of lines) await send(sourceId, [each]);
    expect(await told(sourceId)).toEqual(once);
  });

  it("are there once where pgAudit's line comes first", async () => {
    const sourceId = await source();
    for (const each of [lines[2], lines[1], lines[3], lines[5], lines[4]]) await send(sourceId, [each ?? ""]);
    expect((await told(sourceId)).map(([key]) => key)).toEqual(["/3:audit", "/4:audit", "/6:audit"]);
  });
});
