import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import type { ConnectorSession } from "../../contract";
import type { PostgresTarget } from "../schema";
import { never, TestTarget, type Issued } from "../test-target";

describe.each(inject("targets"))("a session of PostgreSQL $version that does not want to end", (cluster) => {
  let target: TestTarget;
  let session: ConnectorSession<PostgresTarget>;
  beforeAll(async () => {
    target = await TestTarget.on(cluster);
    session = target.open();
  });
  afterAll(() => target[Symbol.asyncDispose]());

  it("cannot hold up its end by locking its own role", async () => {
    const issued = await target.issue(session);
    const holder = await target.hold(issued);
    await holder.query("begin; alter role current_user set work_mem = '1MB'; alter role current_user password 'mine'");
    const started = performance.now();
    expect(await session.revoke(issued.ending, never())).toMatchObject({ sessionsCut: expect.any(Number), alreadyGone: false });
    expect(performance.now() - started).toBeLessThan(4_500);
    expect(await session.probe?.(issued.ending, never())).toMatchObject({ dead: true });
  });

  it("cannot stay by signing in again and again", async () => {
    const issued = await target.issue(session, { maxConnections: 20 });
    let trying = true;
    let signedIn = 0;
    const rush = Array.from({ length: 4 }, async () => {
      while (trying) {
        const client = await target.hold(issued).catch(() => null);
        if (client !== null) signedIn += 1;
        await client?.query("select pg_sleep(10)").catch(() => undefined);
      }
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    await session.revoke(issued.ending, never());
    expect(await session.probe?.(issued.ending, never())).toMatchObject({ dead: true });
    trying = false;
    await Promise.all(rush);
    expect(signedIn).toBeGreaterThan(0);
  });

  it("cannot keep a changed password: the end takes the login, not the password", async () => {
    const issued = await target.issue(session);
    const holder = await target.hold(issued);
    await holder.query("alter role current_user password 'my-own-password'");
    const changed: Issued = { ...issued, password: "my-own-password" };
    await (await target.hold(changed)).query("select 1");
    // What it may change of itself does not reach its own end.
    await expect(holder.query("alter role current_user valid until 'infinity'")).rejects.toMatchObject({ code: "42501" });
    await expect(holder.query("alter role current_user connection limit 100")).rejects.toMatchObject({ code: "42501" });
    await session.revoke(issued.ending, never());
    await expect(target.hold(changed)).rejects.toMatchObject({ code: "28P01" });
  });

  it("is seen and cut after somebody dropped its role, though it has no name any more", async () => {
    const issued = await target.issue(session);
    const holder = await target.hold(issued);
    await target.admin(`drop role ${issued.receipt.handle.name}`);
    expect((await holder.query("select 1 as alive")).rows).toEqual([{ alive: 1 }]);
    const byName = await target.admin(`select from pg_stat_activity where usename = '${issued.receipt.handle.name}'`);
    expect(byName).toEqual([]);

    expect(await session.inspect(issued.ending, never())).toMatchObject({ state: "unknown" });
    expect(await session.probe?.(issued.ending, never())).toMatchObject({ dead: false, survivors: ["1 sessions live"] });
    // Also where a crash lost the OID: a session without a role counts against it.
    expect(await session.probe?.({ grantId: issued.order.grantId }, never())).toMatchObject({ dead: false });
    expect(await session.revoke(issued.ending, never())).toMatchObject({ sessionsCut: 1, alreadyGone: false });
    await expect(holder.query("select 1")).rejects.toThrow();
    expect(await session.probe?.(issued.ending, never())).toMatchObject({ dead: true });
  });

  it("cannot make Curfew run its code by functions that look like the server's own", async () => {
    const issued = await target.issue(session);
    const holder = await target.hold(issued);
    await holder.query(`create table trap(caller text); grant insert on trap to public;
      create table mine(); create function left_over() returns int language sql as 'select 1'`);
    const planted = ["format(text, text, text)", "format(text, regprocedure, text)", "starts_with(name, text)", "format(text, name)"];
    for (const signature of planted) {
      const returns = signature.startsWith("starts") ? "boolean" : "text";
      const value = returns === "boolean" ? "true" : "'select 1'::text";
      await holder.query(`create function ${signature} returns ${returns} language sql volatile
        as $f$ insert into public.trap values (current_user); select ${value} $f$`);
    }
    const [unguarded] = (await target.inApp("select format('%s %s', 'a'::text, 'b'::text) as said")).map(({ said }) => String(said));
    expect(unguarded).toBe("select 1"); // the bait works on whoever is not careful
    await target.inApp("truncate trap");

    await session.discover?.(never());
    await session.describe?.(issued.order.target, never());
    const { leftovers } = await session.revoke(issued.ending, never());
    expect(leftovers.filter(({ kind }) => kind === "function")).toHaveLength(planted.length + 1);
    expect(await target.inApp("select caller from trap")).toEqual([]);
    for (const signature of planted) await target.inApp(`drop function ${signature}`);
    await target.inApp("drop table trap, mine");
  });

  it("cannot smuggle statements by the names of what it leaves", async () => {
    const issued = await target.issue(session);
    const holder = await target.hold(issued);
    const evil = `"x""; drop table orders; --'$1"`;
    await holder.query(`create table ${evil}(); create function ${evil.replace("x", "f")}() returns int language sql as 'select 1'`);
    const { leftovers } = await session.revoke(issued.ending, never());
    expect(leftovers.map(({ kind }) => kind)).toEqual(["function", "table"]);
    await target.inApp("select from orders");
  });
});

describe.each(inject("targets"))("ending many on PostgreSQL $version", (cluster) => {
  let target: TestTarget;
  let session: ConnectorSession<PostgresTarget>;
  beforeAll(async () => {
    target = await TestTarget.on(cluster);
    session = target.open();
  });
  afterAll(() => target[Symbol.asyncDispose]());

  it("ends all but the one that cannot be ended, and answers for each", async () => {
    const issued: Issued[] = [];
    for (let index = 0; index < 120; index += 1) issued.push(await target.issue(session));
    const clients = await Promise.all(issued.slice(0, 10).map((each) => target.hold(each)));
    await clients[3]?.query("create table left_in_a_batch()");
    const culprit = issued[77];
    if (culprit === undefined) expect.unreachable();
    await target.admin(`drop role ${culprit.receipt.handle.name}`);
    await target.admin(`create role ${culprit.receipt.handle.name}`);

    const outcomes = await session.revokeMany?.(issued.map(({ ending }) => ending), never());
    expect(outcomes?.map(({ grantId }) => grantId)).toEqual(issued.map(({ order }) => order.grantId));
    const failed = outcomes?.filter(({ ok }) => !ok);
    expect(failed).toEqual([{ grantId: culprit.order.grantId, ok: false, error: expect.objectContaining({ code: "conflict" }) }]);
    const left = outcomes?.flatMap((outcome) => (outcome.ok ? outcome.receipt.leftovers : []));
    expect(left?.map(({ name }) => name)).toEqual(["public.left_in_a_batch"]);
    for (const client of clients) await expect(client.query("select 1")).rejects.toThrow();

    const proofs = await session.probeMany?.(issued.map(({ ending }) => ending), never());
    const alive = issued.filter(({ order }) => proofs?.get(order.grantId)?.dead !== true);
    expect(alive).toEqual([culprit]);
    await target.admin(`drop role ${culprit.receipt.handle.name}`);
  });

  it("takes everybody's login and sessions before it drops the first role", async () => {
    const issued: Issued[] = [];
    for (let index = 0; index < 51; index += 1) issued.push(await target.issue(session));
    const last = await target.hold(issued[50] ?? expect.unreachable());
    // The first batch cannot be dropped while somebody reads what one of its roles owns.
    const first = await target.hold(issued[0] ?? expect.unreachable());
    await first.query("create table in_use()");
    const reader = await target.signIn(cluster.superuser, cluster.password);
    await reader.query("begin; lock table in_use in access share mode");
    const ending = session.revokeMany?.(issued.map((each) => each.ending), never());
    const roles = (): Promise<{ open: number; all: number }[]> =>
      target.admin(`select count(*) filter (where rolcanlogin)::int as open, count(*)::int as all from pg_roles
        where starts_with(rolname::text, 'curfew_${target.installationId}')`);
    await expect.poll(async () => (await roles())[0], { timeout: 5_000, interval: 10 }).toEqual({ open: 0, all: 51 });
    await expect.poll(() => last.query("select 1").catch(() => "cut"), { timeout: 5_000 }).toBe("cut");
    await reader.query("commit");
    await ending;
    const again = await session.revokeMany?.(issued.map((each) => each.ending), never());
    expect(again?.every(({ ok }) => ok)).toBe(true);
  });

  it("asks an unreachable target once and not for each", async () => {
    const started = performance.now();
    const many = Array.from({ length: 500 }, () => ({ grantId: crypto.randomUUID() }));
    await expect(target.openUnreachable().revokeMany?.(many, never())).rejects.toMatchObject({ code: "unreachable", transient: true });
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  it("ends once when two workers end the same at once", async () => {
    const issued: Issued[] = [];
    for (let index = 0; index < 20; index += 1) issued.push(await target.issue(session));
    await target.hold(issued[5] ?? expect.unreachable());
    const orders = issued.map(({ ending }) => ending);
    const other = target.open();
    const outcomes = (await Promise.all([session.revokeMany?.(orders, never()), other.revokeMany?.(orders, never())])).flat();
    for (const outcome of outcomes) {
      // Whoever came second may be told to look again; nobody is told for good.
      if (outcome?.ok === false) expect(outcome.error).toMatchObject({ transient: true });
    }
    const again = await session.revokeMany?.(orders, never());
    expect(again?.every((outcome) => outcome.ok && outcome.receipt.alreadyGone)).toBe(true);
    const proofs = await session.probeMany?.(orders, never());
    expect([...(proofs?.values() ?? [])].every(({ dead }) => dead)).toBe(true);
  });
});
