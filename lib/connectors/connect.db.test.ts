import { afterAll, expect, it } from "vitest";
import { newId } from "@/lib/platform/ids";
import { connectNewSystem } from "@/lib/systems/mutations";
import { connectSystem, disconnectSystems } from "./connect";

const actor = { kind: "system", process: "seed" } as const;

function connected(id: string, password: string): Promise<void> {
  const config = { host: "127.0.0.1", port: 1, database: "postgres", sslmode: "disable" };
  const secrets = { connector: { user: "curfew", password }, probe: null };
  return connectNewSystem({ id, name: id, connector: "postgres@1", environment: "test", config, secrets, actor, demo: false });
}

afterAll(() => disconnectSystems());

it("a system has one session, also when many ask for it at once for the first time", async () => {
  const id = newId();
  await connected(id, "one");
  const sessions = await Promise.all(Array.from({ length: 20 }, () => connectSystem(id)));
  expect(new Set(sessions).size).toBe(1);
});

it("a system whose account changed gets a new session", async () => {
  const id = newId();
  await connected(id, "one");
  const before = await connectSystem(id);
  await connected(id, "two");
  const after = await connectSystem(id);
  expect(after).not.toBe(before);
  expect(await connectSystem(id)).toBe(after);
});

it("a system that nobody connected is not found", async () => {
  await expect(connectSystem(newId())).rejects.toMatchObject({ code: "not-found" });
});
