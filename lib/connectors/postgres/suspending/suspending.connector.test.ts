import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import type { ConnectorSession, SuspendOrder } from "../../contract";
import { makeScramVerifier } from "../scram";
import type { PostgresTarget } from "../schema";
import { never, TestTarget } from "../test-target";

const password = "the-old-password";

for (const cluster of inject("targets")) {
  describe(`suspending on PostgreSQL ${cluster.version}`, () => {
    const since16 = cluster.version >= 16;
    let target: TestTarget;
    let session: ConnectorSession<PostgresTarget>;
    let count = 0;
    beforeAll(async () => {
      target = await TestTarget.on(cluster);
      session = target.open();
    });
    afterAll(() => target[Symbol.asyncDispose]());

    /** A service account that somebody made years ago and Curfew may suspend. */
    async function service(over: { allowed?: boolean; attributes?: string } = {}) {
      count += 1;
      const name = `svc_${target.installationId}_${count}`;
      await target.admin(`create role ${name} login ${over.attributes ?? ""} password '${await makeScramVerifier(password)}'; grant ${target.names.group} to ${name}`);
      if (since16 && over.allowed !== false) await target.admin(`grant ${name} to ${target.names.connector} with admin option, inherit false, set false`);
      const [row] = await target.admin<{ oid: string }>(`select oid::text as oid from pg_roles where rolname = '${name}'`);
      const order: SuspendOrder = { orderId: randomUUID(), targetId: row?.oid ?? "", openConnections: "cut" };
      return { name, order };
    }
    const facts = async (name: string) =>
      (await target.admin(`select rolcanlogin, rolconnlimit, rolvaliduntil, shobj_description(oid, 'pg_authid') as comment from pg_roles where rolname = '${name}'`))[0];
    const suspend = (order: SuspendOrder) => session.suspend?.(order, never());
    const resume = (order: SuspendOrder) => session.resume?.(order, never());
    const remove = (order: SuspendOrder) => session.remove?.(order, never());
    const confirm = (order: SuspendOrder, expected: "suspended" | "resumed" | "removed") => session.confirm?.(order, expected, never());
    const open = (name: string) => target.signIn(name, password);

    it("takes the login, cuts what is open, is seen by the second account, and gives back exactly that", async () => {
      const { name, order } = await service({ attributes: "connection limit 7 valid until '2031-01-01'" });
      await target.admin(`comment on role ${name} is 'nightly, ask Mia'`);
      const before = await facts(name);
      await open(name);
      expect(await suspend(order)).toMatchObject({ name, changed: true, sessionsCut: 1, sessionsLeft: 0, alreadyGone: false });
      await expect(open(name)).rejects.toThrow("is not permitted to log in");
      expect(await facts(name)).toMatchObject({ rolcanlogin: false, comment: expect.stringMatching(/^nightly, ask Mia\n\[Curfew took this login away/) });
      expect(await confirm(order, "suspended")).toMatchObject({ as: "expected", seenBy: target.names.probe, facts: ["sign-in not allowed", "0 sessions", expect.any(String)] });
      expect(await confirm(order, "resumed")).toMatchObject({ as: "different" });
      expect(await resume(order)).toMatchObject({ restored: true, leftAsIs: null });
      expect(await facts(name)).toEqual(before);
      expect(await confirm(order, "resumed")).toMatchObject({ as: "expected", facts: ["sign-in allowed", expect.any(String)] });
      expect(await confirm(order, "suspended")).toMatchObject({ as: "different", seen: [`role ${name} may sign in`] });
      await open(name);
    });

    it("changes nothing when asked again, and says the same of what the first call did", async () => {
      const { name, order } = await service();
      await suspend(order);
      const once = await facts(name);
      expect(await suspend(order)).toMatchObject({ changed: true, sessionsCut: 0 });
      expect(await facts(name)).toEqual(once);
      await resume(order);
      expect(await resume(order)).toMatchObject({ restored: true, leftAsIs: null });
      expect(await facts(name)).toMatchObject({ rolcanlogin: true, comment: null });
    });

    it("leaves open connections where it is told to, and says how many", async () => {
      const { name, order } = await service();
      const held = await open(name);
      const leaving = { ...order, openConnections: "leave" } as const;
      expect(await suspend(leaving)).toMatchObject({ sessionsCut: 0, sessionsLeft: 1 });
      expect((await held.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
      expect(await confirm(leaving, "suspended")).toMatchObject({ as: "expected", facts: ["sign-in not allowed", "1 open connections left, as ordered", expect.any(String)] });
      expect(await confirm(order, "suspended")).toMatchObject({ as: "different" });
    });

    it("never gives a login back that it did not take, nor one that somebody decided to keep away", async () => {
      const { name, order } = await service();
      await target.admin(`alter role ${name} nologin`);
      expect(await suspend(order)).toMatchObject({ changed: false });
      expect(await resume(order)).toMatchObject({ restored: false, leftAsIs: expect.stringContaining("not taken by this order") });
      expect(await facts(name)).toMatchObject({ rolcanlogin: false });
      const other = await service();
      await suspend(other.order);
      await target.admin(`comment on role ${other.name} is 'stays away'`);
      expect(await resume(other.order)).toMatchObject({ restored: false });
      expect(await facts(other.name)).toMatchObject({ rolcanlogin: false, comment: "stays away" });
      expect(await confirm(other.order, "resumed")).toMatchObject({ as: "expected", facts: ["sign-in not allowed, as found", expect.any(String)] });
    });

    it("leaves another order's and another installation's suspension alone", async () => {
      const { name, order } = await service();
      await suspend(order);
      expect(await target.open({ installationId: "00000009" }).resume?.(order, never())).toMatchObject({ restored: false });
      const second = { ...order, orderId: randomUUID() };
      expect(await suspend(second)).toMatchObject({ changed: false });
      expect(await resume(second)).toMatchObject({ restored: false });
      expect(await facts(name)).toMatchObject({ rolcanlogin: false });
    });

    it("goes by the target's own id: a role that only has the name is somebody else, and a renamed one is the same", async () => {
      const { name, order } = await service();
      await target.admin(`drop role ${name}; create role ${name} login`);
      expect(await suspend(order)).toMatchObject({ alreadyGone: true, name: null });
      expect(await facts(name)).toMatchObject({ rolcanlogin: true });
      expect(await resume(order)).toMatchObject({ restored: false, leftAsIs: "it is gone from the target" });
      expect(await confirm(order, "suspended")).toMatchObject({ as: "expected", facts: ["role gone", "0 sessions", expect.any(String)] });
      const renamed = await service();
      await target.admin(`alter role ${renamed.name} rename to ${renamed.name}_b`);
      expect(await suspend(renamed.order)).toMatchObject({ name: `${renamed.name}_b`, changed: true });
    });

    it("refuses its own accounts, and says which statement is missing for what it may not touch", async () => {
      for (const own of [target.names.connector, target.names.probe]) {
        const [row] = await target.admin<{ oid: string }>(`select oid::text as oid from pg_roles where rolname = '${own}'`);
        await expect(suspend({ orderId: randomUUID(), targetId: row?.oid ?? "", openConnections: "cut" })).rejects.toMatchObject({ code: "denied", transient: false });
        expect(await facts(own)).toMatchObject({ rolcanlogin: true });
      }
      const mighty = await service({ attributes: "superuser" });
      await expect(suspend(mighty.order)).rejects.toMatchObject({ code: "denied", message: expect.stringContaining("superuser") });
      if (!since16) return;
      const { name, order } = await service({ allowed: false });
      const held = await open(name);
      const failure = await suspend(order)?.catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: "denied", transient: false, message: expect.stringContaining(`GRANT "${name}" TO`) });
      expect((await held.query("select 1 as one")).rows).toHaveLength(1);
      const discovery = await session.discover?.(never());
      const told = discovery?.roles.find((role) => role.name === name)?.suspendable;
      expect(told?.possible).toBe(false);
      await target.admin(told?.needs ?? "");
      expect(await suspend(order)).toMatchObject({ changed: true });
      const after = await session.discover?.(never());
      expect(after?.roles.find((role) => role.name === name)).toMatchObject({ kind: "group", suspendable: { possible: true, needs: null }, comment: null });
    });

    it("suspends one whose session holds up its own end", async () => {
      const { name, order } = await service();
      const held = await open(name);
      await held.query(`begin; alter role ${name} set work_mem = '5MB'`);
      expect(await suspend(order)).toMatchObject({ changed: true, sessionsCut: expect.any(Number) });
      await expect(open(name)).rejects.toThrow("is not permitted to log in");
    });

    it("removes a role in every database, hands its tables to the attic with all that is in them, and proves it", async () => {
      const { name, order } = await service();
      await target.inApp(`set role ${name}; create table public.kept_${name} (id int); insert into kept_${name} values (1), (2); grant select on kept_${name} to ${name}`);
      const other = `more_${name}`;
      await target.admin(`create database ${other}`);
      await target.admin(`grant connect on database ${other} to ${target.names.connector}`);
      await target.admin(`create schema s authorization ${target.names.connector}; set role ${target.names.connector}; create table s.notes (id int); grant usage on schema s to ${name}; grant all on s.notes to ${name}`, other);
      await open(name);
      expect(await remove(order)).toMatchObject({ alreadyGone: false, sessionsCut: 1, leftovers: [{ kind: "table", name: `public.kept_${name}`, where: target.names.database }] });
      expect(await facts(name)).toBeUndefined();
      expect(await target.inApp(`select count(*)::int as rows, (select pg_get_userbyid(relowner)::text from pg_class where relname = 'kept_${name}') as owner from kept_${name}`)).toEqual([{ rows: 2, owner: target.names.attic }]);
      expect(await confirm(order, "removed")).toMatchObject({ as: "expected", facts: ["role gone", "0 sessions", "owns nothing", expect.any(String)] });
      expect(await remove(order)).toMatchObject({ alreadyGone: true, leftovers: [] });
      await target.admin(`drop database ${other} with (force)`);
    });

    it.each([
      ["others have rights on its table", (name: string) => `set role ${name}; create table public.t_${name} (id int); grant select on t_${name} to GROUP`, "others have rights on it"],
      ["a view needs its table", (name: string) => `create table public.v_${name} (id int); alter table v_${name} owner to ${name}; create view public.w_${name} as select * from v_${name}`, "depends on it"],
      ["it owns a function", (name: string) => `set role ${name}; create function public.f_${name}() returns int language sql as 'select 1'`, "function public.f_"],
      ["it owns a schema", (name: string) => `create schema s_${name} authorization ${name}`, "schema s_"],
    ])("refuses to remove one when %s: nothing is dropped, and it can be resumed", async (_, prepare, says) => {
      const { name, order } = await service();
      await target.inApp(prepare(name).replace("GROUP", target.names.group));
      await expect(remove(order)).rejects.toMatchObject({ code: "in-use", transient: false, message: expect.stringContaining(says) });
      expect(await facts(name)).toMatchObject({ rolcanlogin: false });
      expect(await resume(order)).toMatchObject({ restored: true });
      await open(name);
    });

    it("hands nothing over where it cannot finish: rights that others gave need the statement that it names, then it goes on", async () => {
      const { name, order } = await service();
      await target.inApp(`set role ${name}; create table public.own_${name} (id int)`);
      await target.inApp(`grant select on orders to ${name}`);
      const owner = async () => (await target.inApp<{ owner: string }>(`select pg_get_userbyid(relowner)::text as owner from pg_class where relname = 'own_${name}'`))[0]?.owner;
      const failure = await remove(order)?.catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: "denied", message: expect.stringContaining(`FROM "${name}"`) });
      expect(await owner()).toBe(name);
      await target.inApp(`revoke select on orders from ${name}`);
      expect(await remove(order)).toMatchObject({ alreadyGone: false });
      expect(await owner()).toBe(target.names.attic);
    });

    it("refuses to remove one that others act as", async () => {
      const { name, order } = await service();
      await target.admin(`create role friend_${name} login in role ${name}`);
      await expect(remove(order)).rejects.toMatchObject({ message: expect.stringContaining(`role friend_${name} acts as it`) });
    });
  });
}
