import { makeWorkerUtils, runOnce } from "graphile-worker";
import { describe, expect, it } from "vitest";
import { migrate } from "@/lib/db/migrate";
import { databaseUrl, ownerUrl, superuserUrl, withClient } from "@/lib/db/test-database";

const asApp = (sql: string) => withClient(databaseUrl(), (client) => client.query(sql));

describe("the app's database role", () => {
  it.each([
    ["UPDATE ledger.event SET type = 'x'"],
    ["DELETE FROM ledger.event"],
    ["TRUNCATE ledger.event CASCADE"],
    ["UPDATE ledger.subject SET kind = 'x'"],
    ["DELETE FROM ledger.entry"],
    ["DELETE FROM ledger.entry_0"],
    ["UPDATE ledger.entry_rest SET position = 1"],
    ["UPDATE ledger.clear_value SET value = 'x'"],
    ["DELETE FROM ledger.head"],
    ["ALTER TABLE ledger.event DISABLE TRIGGER ALL"],
    ["CREATE TABLE mine ()"],
    ["CREATE SCHEMA mine"],
    ["DROP TABLE ledger.pending"],
    ["SELECT * FROM _prisma_migrations"],
    ["DELETE FROM graphile_worker.migrations"],
    ["SET ROLE curfew_owner"],
  ])("may not %s", async (sql) => {
    await expect(asApp(sql)).rejects.toThrow(/permission denied|must be owner/);
  });

  it("appends to the ledger and puts events in sequence", async () => {
    await asApp(`SELECT ledger.append('test.happened', '\\x7b7d', now(), '{}', '{"name": {"salt": "00", "value": "x"}}')`);
    const { rows } = await asApp("SELECT ledger.sequence(10) AS added");
    expect(rows).toEqual([{ added: "1" }]);
    await asApp("DELETE FROM ledger.clear_value");
  });

  it("queues jobs and sees them in its worker, in spite of the queue's row-level security", async () => {
    const connectionString = databaseUrl();
    const seen: unknown[] = [];
    const utils = await makeWorkerUtils({ connectionString });
    await utils.addJob("note", { number: 7 });
    await utils.release();
    await runOnce({ connectionString, noHandleSignals: true, taskList: { note: (payload) => void seen.push(payload) } });
    expect(seen).toEqual([{ number: 7 }]);
  });
});

describe("the owner of the schemas", () => {
  it("cannot change an event either while the triggers stand", async () => {
    await asApp("SELECT ledger.append('test.kept', '\\x7b7d', now(), '{}', '{}')");
    const asOwner = (sql: string) => withClient(ownerUrl(), (client) => client.query(sql));
    await expect(asOwner("UPDATE ledger.event SET type = 'x'")).rejects.toThrow("append-only");
    await expect(asOwner("DELETE FROM ledger.entry_0")).rejects.toThrow("append-only");
    await expect(asOwner("TRUNCATE ledger.event CASCADE")).rejects.toThrow("append-only");
  });
});

describe("migrate", () => {
  it("changes nothing when it runs again", async () => {
    expect(await migrate({ ownerUrl: ownerUrl(), appUrl: databaseUrl() })).toEqual([]);
  });

  it("takes turns when two installations start at once", async () => {
    const both = [migrate({ ownerUrl: ownerUrl(), appUrl: databaseUrl() }), migrate({ ownerUrl: ownerUrl(), appUrl: databaseUrl() })];
    expect(await Promise.all(both)).toEqual([[], []]);
  });

  it("refuses one role for both", async () => {
    await expect(migrate({ ownerUrl: ownerUrl(), appUrl: ownerUrl() })).rejects.toThrow(/same role "curfew_owner"/);
  });

  it("refuses an app role that could change the ledger, and gives it nothing", async () => {
    await expect(migrate({ ownerUrl: ownerUrl(), appUrl: superuserUrl() })).rejects.toThrow(/could change the ledger/);
    await withClient(superuserUrl(), (client) => client.query("CREATE ROLE sly LOGIN PASSWORD 'x' IN ROLE curfew_owner"));
    const sly = new URL(databaseUrl());
    sly.username = "sly";
    await expect(migrate({ ownerUrl: ownerUrl(), appUrl: sly.href })).rejects.toThrow(/as member of curfew_owner/);
    await withClient(superuserUrl(), (client) => client.query("DROP ROLE sly"));
  });

  it("names an app role that does not exist", async () => {
    const missing = new URL(databaseUrl());
    missing.username = "nobody_here";
    await expect(migrate({ ownerUrl: ownerUrl(), appUrl: missing.href })).rejects.toThrow(/"nobody_here", which does not exist/);
  });
});
