import { escapeIdentifier } from "pg";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import type { ConnectorSession } from "../contract";
import { setVerifier } from "./grant";
import type { PostgresTarget } from "./schema";
import { makeScramVerifier } from "./scram";
import { never, TestTarget } from "./test-target";

async function limitsOf(session: ConnectorSession<PostgresTarget>): Promise<string[]> {
  return (await session.check(never())).limits.map(({ code }) => code);
}

describe.each(inject("targets"))("issuing on PostgreSQL $version", (cluster) => {
  let target: TestTarget;
  const since16 = cluster.version >= 16;
  beforeAll(async () => {
    target = await TestTarget.on(cluster);
  });
  afterAll(() => target[Symbol.asyncDispose]());

  it("makes a login that is a member of the entitlement's group role and of nothing else", async () => {
    const notAfter = new Date("2031-02-03T04:05:06Z");
    const { receipt } = await target.issue(target.open(), { notAfter, maxConnections: 3 });
    const role = escapeIdentifier(receipt.handle.name);
    const [made] = await target.admin(`select r.oid::text as oid, rolcanlogin, rolsuper, rolcreaterole, rolcreatedb, rolreplication,
      rolbypassrls, rolconnlimit, rolvaliduntil, shobj_description(r.oid, 'pg_authid') as comment,
      (select string_agg(roleid::regrole::text, ',') from pg_auth_members where member = r.oid) as groups
      from pg_roles r where oid = '${role}'::regrole`);
    expect(made).toMatchObject({
      oid: receipt.handle.targetId,
      rolcanlogin: true,
      rolsuper: false,
      rolcreaterole: false,
      rolcreatedb: false,
      rolreplication: false,
      rolbypassrls: false,
      rolconnlimit: 3,
      rolvaliduntil: notAfter,
      groups: target.names.group,
      comment: expect.stringContaining("Curfew grant"),
    });
    expect(receipt.connection).toEqual({
      host: cluster.host,
      port: String(cluster.port),
      database: target.names.database,
      user: receipt.handle.name,
      sslmode: "disable",
    });
  });

  it("lets in at most as many connections at once as were granted", async () => {
    const issued = await target.issue(target.open(), { maxConnections: 2 });
    await Promise.all([target.hold(issued), target.hold(issued)]);
    await expect(target.hold(issued)).rejects.toMatchObject({ code: "53300" });
  });

  it("refuses a new login after VALID UNTIL, but an open session goes on: the backstop stops new logins only", async () => {
    const session = target.open();
    const issued = await target.issue(session);
    const open = await target.hold(issued);
    const expired = await target.issue(session, { grantId: issued.order.grantId, notAfter: new Date(Date.now() - 1_000) });
    await expect(target.hold(expired)).rejects.toMatchObject({ code: "28P01" });
    expect((await open.query("select count(*)::int as n from orders")).rows).toEqual([{ n: 0 }]);
    expect(await limitsOf(session)).toContain("expiry-new-logins-only");
    expect(await session.cut?.(issued.ending, never())).toBe(1);
    await expect(open.query("select 1")).rejects.toThrow();
  });

  if (since16) it("keeps a session from acting as the group, so that it leaves nothing in the group's name", async () => {
    const session = target.open();
    const holder = await target.hold(await target.issue(session));
    await expect(holder.query(`set role ${target.names.group}`)).rejects.toMatchObject({ code: "42501" });
    expect(await limitsOf(session)).not.toContain("set-role-to-group");
  });

  if (!since16) it("says that a session can act as the group and leave objects in its name", async () => {
    const session = target.open();
    const issued = await target.issue(session);
    const holder = await target.hold(issued);
    await holder.query(`set role ${target.names.group}`);
    await holder.query("create table left_by_the_group()");
    await session.revoke(issued.ending, never());
    const owner = await target.inApp("select relowner::regrole::text as owner from pg_class where relname = 'left_by_the_group'");
    expect(owner).toEqual([{ owner: target.names.group }]);
    expect(await limitsOf(session)).toContain("set-role-to-group");
  });

  it("needs no more than the documented grants, and says which one is missing", async () => {
    const other = `other_${target.names.group}`;
    await target.admin(`create role ${other}; grant connect on database ${target.names.database} to ${other}`);
    const session = target.open();
    const { grantable } = await session.check(never());
    const { order } = await target.order({ target: { groupRole: other, database: target.names.database } });
    const call = session.grant(order, never());
    if (since16) {
      expect(grantable).toEqual([target.names.group]);
      await expect(call).rejects.toMatchObject({
        code: "denied",
        transient: false,
        message: expect.stringContaining(`GRANT "${other}" TO "${target.names.connector}" WITH ADMIN OPTION, INHERIT FALSE, SET FALSE`),
      });
      expect(await session.inspect({ grantId: order.grantId }, never())).toEqual({ state: "absent" });
    } else {
      await call;
      expect(grantable).toContain(other);
    }
  });

  describe("what CREATEROLE allows beyond", () => {
    const takeServerRole = async (): Promise<unknown> => {
      const connector = await target.signIn(target.names.connector, target.passwords.connector, "postgres");
      return connector.query(`begin; grant pg_execute_server_program to ${target.names.connector}; rollback`);
    };

    if (since16) it("is nothing: the account cannot give itself the server's own roles", async () => {
      await expect(takeServerRole()).rejects.toMatchObject({ code: "42501" });
      expect(await limitsOf(target.open())).not.toContain("create-role-is-wide");
    });

    if (!since16) it("is stated: the account could give itself pg_execute_server_program", async () => {
      await takeServerRole();
      expect(await limitsOf(target.open())).toContain("create-role-is-wide");
    });
  });

  it("takes the very verifier that a holder computed, and knows a wrong password from it only by the login", async () => {
    const session = target.open();
    const issued = await target.issue(session);
    await (await target.hold(issued)).query("select 1");
    const wrong = target.signIn(issued.receipt.handle.name, "not-the-password");
    await expect(wrong).rejects.toMatchObject({ code: "28P01" });
    await session.revoke(issued.ending, never());
    // The same answer from a dropped role: a refused login proves something only with the very credential.
    await expect(target.signIn(issued.receipt.handle.name, "not-the-password")).rejects.toMatchObject({ code: "28P01" });
  });

  it.each(["SCRAM-SHA-256$1:AAAA$BBBB:CCCC", "a plain password", "", "md5d41d8cd98f00b204e9800998ecf8427e", "x'; alter role postgres password 'y"])(
    "refuses %j as a verifier before it asks the target",
    async (verifier) => {
      const { order } = await target.order({ verifier });
      await expect(target.openUnreachable().grant(order, never())).rejects.toMatchObject({ code: "wrong-target", transient: false });
    },
  );

  it("takes a new verifier when the same grant is asked again, so that a lost password can be replaced", async () => {
    const session = target.open();
    const first = await target.issue(session);
    const again = await target.issue(session, { grantId: first.order.grantId });
    expect(again.receipt).toMatchObject({ repeated: true, handle: first.receipt.handle });
    await expect(target.hold(first)).rejects.toMatchObject({ code: "28P01" });
    await (await target.hold(again)).query("select 1");
  });

  describe("a role with the grant's name that is not just what this installation makes", () => {
    const conflict = { code: "conflict", transient: false };

    it("is not taken over when somebody else made it", async () => {
      const session = target.open();
      const { order } = await target.order();
      const name = `curfew_${target.installationId}_${order.grantId.replaceAll("-", "")}`;
      await target.admin(`create role ${name} login; comment on role ${name} is 'somebody else''s'`);
      await expect(session.grant(order, never())).rejects.toMatchObject(conflict);
    });

    it("is not revived when it is being ended", async () => {
      const session = target.open();
      const { order, receipt } = await target.issue(session);
      await target.admin(`alter role ${receipt.handle.name} nologin`);
      await expect(session.grant(order, never())).rejects.toMatchObject(conflict);
    });

    it("is not completed when it was given more", async () => {
      const session = target.open();
      const { order, receipt } = await target.issue(session);
      await target.admin(`grant pg_monitor to ${receipt.handle.name}`);
      await expect(session.grant(order, never())).rejects.toMatchObject(conflict);
    });
  });

  describe("a group role that must not be handed out", () => {
    it.each([
      ["can log in", "alter role ROLE login"],
      ["leads to a superuser", "alter role ROLE superuser"],
      ["leads to a role that makes roles", "create role ROLE_up createrole; grant ROLE_up to ROLE"],
      ["leads to programs on the server", "grant pg_execute_server_program to ROLE"],
      ["may hand on another role", "create role ROLE_up; grant ROLE_up to ROLE with admin option"],
      ["leads to Curfew's own account", "grant CONNECTOR to ROLE"],
    ])("is refused when it %s", async (_, statement) => {
      const role = `bad_${Math.random().toString(36).slice(2)}`;
      const { connector, database } = target.names;
      await target.admin(`create role ${role}; grant connect on database ${database} to ${role}`);
      if (since16) await target.admin(`grant ${role} to ${connector} with admin option, inherit false, set false`);
      const session = target.open();
      const good = await target.order({ target: { groupRole: role, database } });
      if (!statement.includes("CONNECTOR")) await session.grant(good.order, never());
      await session.revoke({ grantId: good.order.grantId }, never());
      if (statement.includes("CONNECTOR") && since16) await target.admin(`revoke ${role} from ${connector}`);
      await target.admin(statement.replaceAll("ROLE", role).replaceAll("CONNECTOR", connector));
      await expect(session.grant(good.order, never())).rejects.toMatchObject({ code: "wrong-target", transient: false });
      expect((await session.check(never())).grantable).not.toContain(role);
    });
  });

  it("issues nothing for a database that is not there or that the group may not enter", async () => {
    const session = target.open();
    const { group, database } = target.names;
    const missing = await target.order({ target: { groupRole: group, database: "no_such_database" } });
    await expect(session.grant(missing.order, never())).rejects.toMatchObject({ code: "wrong-target" });
    await target.admin(`create database closed_${database}`);
    await target.admin(`revoke connect on database closed_${database} from public`);
    const closed = await target.order({ target: { groupRole: group, database: `closed_${database}` } });
    await expect(session.grant(closed.order, never())).rejects.toMatchObject({ code: "wrong-target" });
  });

  it("treats a hostile name as a name", async () => {
    const hostile = `x"; drop table orders; --'$1 ${target.names.group}`;
    const quoted = escapeIdentifier(hostile);
    await target.admin(`create role ${quoted}; grant connect on database ${target.names.database} to ${quoted}`);
    if (since16) await target.admin(`grant ${quoted} to ${target.names.connector} with admin option, inherit false, set false`);
    const session = target.open();
    const issued = await target.issue(session, { target: { groupRole: hostile, database: target.names.database } });
    expect(await session.holders?.({ groupRole: hostile }, never())).toContainEqual({
      name: issued.receipt.handle.name,
      path: [issued.receipt.handle.name, hostile],
    });
    await session.revoke(issued.ending, never());
    await target.inApp("select from orders");
  });

  /** Holds up one CREATE ROLE: the same name stands in somebody else's transaction that is not over. */
  const holdUp = async (name: string, seconds: number): Promise<{ over: Promise<unknown> }> => {
    const over = target.admin(`begin; create role ${name}; select pg_sleep(${seconds}); rollback`);
    await new Promise((resolve) => setTimeout(resolve, 200));
    return { over };
  };
  const nameOf = (grantId: string): string => `curfew_${target.installationId}_${grantId.replaceAll("-", "")}`;

  it("does not commit a CREATE ROLE that stalled past its deadline by the target's clock", async () => {
    const frozen = new Date();
    const session = target.open({ deps: { now: () => frozen } });
    const { order } = await target.order({ deadline: new Date(frozen.getTime() + 700) });
    const { over } = await holdUp(nameOf(order.grantId), 1.5);
    await expect(session.grant(order, never())).rejects.toMatchObject({ code: "deadline-passed" });
    await over;
    expect(await session.inspect({ grantId: order.grantId }, never())).toEqual({ state: "absent" });
  });

  it("does not commit when we ourselves were held up past the deadline", async () => {
    let heldUp = false;
    const session = target.open({ deps: { now: () => new Date(Date.now() + (heldUp ? 60_000 : 0)) } });
    const { order } = await target.order();
    const { over } = await holdUp(nameOf(order.grantId), 0.8);
    const call = session.grant(order, never());
    setTimeout(() => (heldUp = true), 200);
    await expect(call).rejects.toMatchObject({ code: "deadline-passed" });
    await over;
    expect(await session.inspect({ grantId: order.grantId }, never())).toEqual({ state: "absent" });
  });

  it("goes by the time that is left, whatever the target's clock says", async () => {
    const behind = Date.now() - 3_600_000;
    const started = performance.now();
    const now = (): Date => new Date(behind + (performance.now() - started));
    const session = target.open({ deps: { now } });
    const { receipt } = await target.issue(session, { deadline: new Date(behind + 10_000) });
    expect(receipt.handle.targetId).toMatch(/^\d+$/);
    const { clockOffsetMs, gaps } = await session.check(never());
    expect(Math.round(clockOffsetMs / 1_000)).toBe(3_600);
    expect(gaps.map(({ what }) => what)).toContainEqual(expect.stringContaining("ahead of Curfew's"));
  });

  it("lets go at once when a call is aborted while the target hangs, and leaves nothing", async () => {
    const session = target.open();
    const { order } = await target.order();
    const { over } = await holdUp(nameOf(order.grantId), 2);
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 200);
    const started = performance.now();
    await expect(session.grant(order, abort.signal)).rejects.toMatchObject({ code: "aborted", transient: true });
    expect(performance.now() - started).toBeLessThan(1_000);
    await over;
    // The target may go on until it notices; it never commits what nobody asked it to.
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await session.inspect({ grantId: order.grantId }, never())).toEqual({ state: "absent" });
  });

  it("makes the target itself give up on an issue that hangs", async () => {
    const session = target.open();
    const { order } = await target.order();
    const { over } = await holdUp(nameOf(order.grantId), 6);
    const started = performance.now();
    await expect(session.grant(order, never())).rejects.toMatchObject({ code: "in-use", transient: true });
    expect(performance.now() - started).toBeLessThan(5_500);
    await over;
    expect(await session.inspect({ grantId: order.grantId }, never())).toEqual({ state: "absent" });
  });
});

describe.each(inject("targets"))("secrets in the log of PostgreSQL $version", (cluster) => {
  let target: TestTarget;
  beforeAll(async () => {
    target = await TestTarget.on(cluster);
  });
  afterAll(() => target[Symbol.asyncDispose]());

  it("keeps the verifier out of the log of a server that logs changes of structure, also when the issue fails", async () => {
    const quiet = await TestTarget.on(cluster);
    await quiet.admin(`alter role ${quiet.names.connector} set log_statement = 'ddl'`);
    const session = quiet.open();
    const issued = await quiet.issue(session);
    const failing = await quiet.order();
    await quiet.admin(`alter role ${quiet.names.connector} nocreaterole`);
    await expect(session.grant(failing.order, never())).rejects.toMatchObject({ code: "denied" });
    const log = await quiet.serverLog();
    expect(log).toContain(`create role "${issued.receipt.handle.name}"`);
    expect(log).toContain("permission denied to create role");
    for (const hidden of [issued.password, issued.order.verifier, failing.password, failing.order.verifier]) expect(log).not.toContain(hidden);
    await quiet[Symbol.asyncDispose]();
  });

  it("drops the context of an error, where PostgreSQL would quote the statement with the verifier", async () => {
    const [naive, ours] = await Promise.all([makeScramVerifier("naive"), makeScramVerifier("ours")]);
    await target.admin(`alter role ${target.names.connector} set log_parameter_max_length = 0`);
    const connector = await target.signIn(target.names.connector, target.passwords.connector, "postgres");
    const fail = async (verifier: string, statement: string): Promise<void> => {
      await connector.query("begin; set local curfew.role = 'no_such_role'");
      await connector.query("select set_config('curfew.verifier', $1, true)", [verifier]);
      await expect(connector.query(statement)).rejects.toMatchObject({ code: "42704" });
      await connector.query("rollback");
    };
    await fail(naive, setVerifier.replace(/exception[\s\S]*end/, "end"));
    await fail(ours, setVerifier);
    const log = await target.serverLog();
    expect(log).toContain(naive);
    expect(log).not.toContain(ours);
  });

  it("keeps the verifier out of a log of everything when it was given the two settings", async () => {
    const before = await TestTarget.on(cluster);
    const loud = await before.issue(before.open());
    expect(await limitsOf(before.open())).toContain("verifier-recorded");
    expect(await before.serverLog()).toContain(loud.order.verifier);

    await before.admin(`grant set on parameter log_parameter_max_length, pg_stat_statements.track to ${before.names.connector}`);
    const hushed = await before.issue(before.open());
    expect(await limitsOf(before.open())).not.toContain("verifier-recorded");
    expect(await before.serverLog()).not.toContain(hushed.order.verifier);
    await before[Symbol.asyncDispose]();
  });
});
