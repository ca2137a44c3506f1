import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { systemBinaries } from "@/scripts/cluster/binaries";
import { startCluster, type Cluster } from "@/scripts/cluster/cluster";
import { never, TestTarget } from "../test-target";

const versions = inject("targets").map(({ version }) => version);

describe.each(versions)("a prepared transaction on PostgreSQL %s", (version) => {
  let folder: string;
  let cluster: Cluster;
  let target: TestTarget;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), "curfew-prepared-"));
    const binaries = systemBinaries().find(({ major }) => major === version);
    const settings = { fsync: "off", max_prepared_transactions: "5" };
    // The usual targets have none of these, as PostgreSQL has by default.
    cluster = await startCluster({ dataDir: folder, settings, ...(binaries ? { binaries } : {}) });
    const { host, port, superuser, password } = cluster;
    target = await TestTarget.on({ version, host, port, superuser, password, database: "postgres" });
  });
  afterAll(async () => {
    await target[Symbol.asyncDispose]();
    await cluster.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it("that a session left is rolled back with it and reported, instead of keeping its locks for ever", async () => {
    const session = target.open();
    const issued = await target.issue(session);
    const holder = await target.hold(issued);
    await holder.query(`begin; insert into orders values (1); create table half_made(); prepare transaction 'left ''over'`);
    const { leftovers } = await session.revoke(issued.ending, never());
    expect(leftovers).toEqual([
      { kind: "other", name: "left 'over", where: target.names.database, note: "a prepared transaction that the session had left; rolled back" },
    ]);
    expect(await target.inApp("select from pg_prepared_xacts")).toEqual([]);
    expect(await target.inApp("select from orders")).toEqual([]);
    expect(await session.probe?.(issued.ending, never())).toMatchObject({ dead: true });
  });

  it("counts statements only where the server was told to", async () => {
    const session = target.open();
    const issued = await target.issue(session);
    const check = await session.check(never());
    expect(check.limits.map(({ code }) => code)).toContain("statements-not-counted");
    expect(check.gaps.map(({ statement }) => statement)).toEqual([expect.stringContaining("pg_stat_statements")]);
    expect(await session.observe?.(never())).toMatchObject({ sessions: [], statements: [] });
    const discovery = await session.discover?.(never());
    expect(discovery).toMatchObject({ activityVisibleSince: null });
    expect(discovery?.roles.every(({ statements }) => statements === null)).toBe(true);
    expect(await session.revoke(issued.ending, never())).toMatchObject({ statements: null });
  });
});
