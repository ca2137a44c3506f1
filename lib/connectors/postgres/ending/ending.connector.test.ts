import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import type { ConnectorSession } from "../../contract";
import { handleName } from "../handle";
import type { PostgresTarget } from "../schema";
import { never, TestTarget } from "../test-target";

describe.each(inject("targets"))("ending on PostgreSQL $version", (cluster) => {
  let target: TestTarget;
  let session: ConnectorSession<PostgresTarget>;
  beforeAll(async () => {
    target = await TestTarget.on(cluster);
    session = target.open();
  });
  afterAll(() => target[Symbol.asyncDispose]());

  const ownerOf = (name: string): Promise<{ owner: string }[]> =>
    target.inApp(`select relowner::regrole::text as owner from pg_class where relname = '${name}'`);

  it("cuts every session of the credential and answers how many", async () => {
    const issued = await target.issue(session);
    const clients = await Promise.all([target.hold(issued), target.hold(issued), target.hold(issued)]);
    const receipt = await session.revoke(issued.ending, never());
    expect(receipt).toMatchObject({ sessionsCut: 3, alreadyGone: false, handle: issued.receipt.handle });
    for (const client of clients) await expect(client.query("select 1")).rejects.toThrow();
    expect(await target.admin(`select from pg_roles where oid = ${issued.ending.targetId}`)).toEqual([]);
  });

  it("ends only the one that is asked for", async () => {
    const [one, other] = [await target.issue(session), await target.issue(session)];
    const working = await target.hold(other);
    await session.revoke(one.ending, never());
    expect((await working.query("select 1 as n")).rows).toEqual([{ n: 1 }]);
    await expect(target.hold(other)).resolves.toBeDefined();
  });

  it("gives what the session owned in every database to the attic, and leaves nothing with our account or the group", async () => {
    const second = `second_${target.names.database}`;
    await target.admin(`create database ${second}`);
    await target.admin(`grant create on schema public to ${target.names.group}`, second);
    await target.admin(`grant create on database ${second} to ${target.names.group}`, second);
    const issued = await target.issue(session);
    const here = await target.hold(issued);
    await here.query("create table kept(id serial primary key, note text); create view seen as select 1 as x; create type mood as enum ('ok')");
    const there = await target.hold(issued, second);
    await there.query("create table kept_there(); create schema own; create function own.f() returns int language sql as 'select 1'");

    const { leftovers } = await session.revoke(issued.ending, never());
    expect(leftovers.map(({ kind, name, where }) => `${where}: ${kind} ${name}`).sort()).toEqual(
      [
        `${target.names.database}: table public.kept`,
        `${target.names.database}: table view public.seen`,
        `${target.names.database}: other type public.mood`,
        `${second}: table public.kept_there`,
        `${second}: other schema own`,
        `${second}: function own.f()`,
      ].sort(),
    );
    const { attic } = target.names;
    expect(await ownerOf("kept")).toEqual([{ owner: attic }]);
    expect(await ownerOf("kept_id_seq")).toEqual([{ owner: attic }]);
    const owners = `select distinct refobjid::regrole::text as owner from pg_shdepend where deptype = 'o' and refclassid = 'pg_authid'::regclass
      and refobjid::regrole::text in ('${target.names.connector}', '${target.names.group}', '${attic}')`;
    expect(await target.admin(owners)).toEqual([{ owner: attic }]);
  });

  it("leaves no back door: what a SECURITY DEFINER function of the session could do, nobody can do after the end", async () => {
    const issued = await target.issue(session);
    const holder = await target.hold(issued);
    await holder.query(`create function back_door() returns text language sql security definer as 'select current_user::text';
      create procedure side_door() language sql security definer as 'insert into orders values (666)';
      grant execute on function back_door() to public; grant execute on procedure side_door() to ${target.names.group} with grant option`);
    await target.admin(`create role bystander_${target.installationId} login password 'x' in role ${target.names.group}`);
    const bystander = await target.signIn(`bystander_${target.installationId}`, "x");
    expect((await bystander.query("select back_door() as runs_as")).rows).toEqual([{ runs_as: issued.receipt.handle.name }]);

    const { leftovers } = await session.revoke(issued.ending, never());
    await expect(bystander.query("select back_door()")).rejects.toMatchObject({ code: "42501" });
    await expect(bystander.query("call side_door()")).rejects.toMatchObject({ code: "42501" });
    const connector = await target.signIn(target.names.connector, target.passwords.connector);
    await expect(connector.query("select public.back_door()")).rejects.toMatchObject({ code: "42501" });
    expect(leftovers.filter(({ kind }) => kind === "function").map(({ name }) => name)).toEqual(["public.back_door()", "public.side_door()"]);
    expect(await target.inApp("select proowner::regrole::text as owner from pg_proc where proname = 'back_door'")).toEqual([{ owner: target.names.attic }]);
  });

  it("leaves the attic without any privilege, membership or login", async () => {
    const { attic } = target.names;
    const [row] = await target.admin(`select rolcanlogin, rolsuper, rolcreaterole, rolcreatedb, rolbypassrls,
      (select count(*)::int from pg_auth_members where member = r.oid) as memberships,
      has_schema_privilege(oid, 'public', 'CREATE') as may_create from pg_roles r where rolname = '${attic}'`);
    expect(row).toEqual({
      rolcanlogin: false,
      rolsuper: false,
      rolcreaterole: false,
      rolcreatedb: false,
      rolbypassrls: false,
      memberships: 0,
      may_create: cluster.version < 15,
    });
    const grants = await target.admin("select from information_schema.role_table_grants where grantee = '" + attic + "' and grantor <> grantee", target.names.database);
    expect(grants).toEqual([]);
  });

  it("reports a trigger that still runs the session's code as whoever touches the table", async () => {
    const issued = await target.issue(session);
    const holder = await target.hold(issued);
    await holder.query(`create function spy() returns trigger language plpgsql as 'begin return new; end';
      create trigger spying before insert on orders for each row execute function spy()`);
    const { leftovers } = await session.revoke(issued.ending, never());
    expect(leftovers).toContainEqual({
      kind: "trigger",
      name: "spying on public.orders",
      where: target.names.database,
      note: "still calls public.spy(), which the session made",
    });
    await target.inApp("drop trigger spying on orders");
  });

  it("reports rights that the session handed on, and default privileges that it set", async () => {
    const issued = await target.issue(session);
    const holder = await target.hold(issued);
    await holder.query(`create table shared(id int); grant select, insert on shared to public; grant update on shared to ${target.names.probe};
      alter default privileges grant select on tables to public`);
    const { leftovers } = await session.revoke(issued.ending, never());
    expect(leftovers.filter(({ kind }) => kind === "privilege").map(({ name }) => name)).toEqual([
      "default privileges",
      "insert, select on table public.shared to public",
      `update on table public.shared to ${target.names.probe}`,
    ]);
    expect(await target.inApp("select from pg_default_acl")).toEqual([]);
  });

  it("ends what others could do as the credential, and reports who they were", async () => {
    const issued = await target.issue(session);
    const friend = `friend_${target.installationId}`;
    await target.admin(`create role ${friend} login password 'x'; grant ${issued.receipt.handle.name} to ${friend}`);
    const acting = await target.signIn(friend, "x");
    await acting.query(`set role ${issued.receipt.handle.name}`);
    await acting.query("insert into orders values (1, 'by a friend')");
    const { leftovers } = await session.revoke(issued.ending, never());
    expect(leftovers).toEqual([
      { kind: "privilege", name: `membership of ${friend}`, where: "cluster", note: "could act as this credential; removed with it" },
    ]);
    await expect(acting.query("insert into orders values (2, 'after the end')")).rejects.toMatchObject({ code: "42501" });
    await expect(acting.query("create table after_the_end()")).rejects.toThrow();
  });

  it("says again what was left when the answer to an earlier call was lost", async () => {
    const issued = await target.issue(session);
    const holder = await target.hold(issued);
    await holder.query(`create table forgotten(); create function f2() returns trigger language plpgsql as 'begin return new; end';
      create trigger late before insert on orders for each row execute function f2()`);
    const first = await session.revoke(issued.ending, never());
    const again = await session.revoke(issued.ending, never());
    expect(again.alreadyGone).toBe(true);
    expect(first.leftovers).toHaveLength(3);
    expect(again.leftovers).toHaveLength(3);
    expect(again.leftovers).toEqual(expect.arrayContaining([...first.leftovers]));
    await target.inApp("drop trigger late on orders");
    const comment = await target.inApp("select obj_description('forgotten'::regclass) as comment");
    expect(comment).toEqual([{ comment: expect.stringContaining(issued.order.grantId) }]);
  });

  it("needs CONNECT on every database that knows something of the role, and says which; the login is gone all the same", async () => {
    const closed = `shut_${target.names.database}`;
    await target.admin(`create database ${closed}`);
    await target.admin(`revoke connect on database ${closed} from public; grant connect on database ${closed} to ${target.names.group};
      grant create on schema public to ${target.names.group}`, closed);
    const issued = await target.issue(session);
    const holder = await target.hold(issued, closed);
    await holder.query("create table hidden()");
    const statement = `GRANT CONNECT ON DATABASE "${closed}" TO "${target.names.connector}"`;
    expect((await session.check(never())).gaps).toContainEqual(expect.objectContaining({ statement }));
    await expect(session.revoke(issued.ending, never())).rejects.toMatchObject({ code: "denied", message: expect.stringContaining(statement) });
    await expect(target.hold(issued)).rejects.toMatchObject({ code: "28P01" });
    expect(await session.inspect(issued.ending, never())).toMatchObject({ state: "present", canLogIn: false });
    expect(await session.probe?.(issued.ending, never())).toMatchObject({ dead: false });

    await target.admin(statement);
    expect((await session.revoke(issued.ending, never())).leftovers.map(({ name }) => name)).toEqual(["public.hidden"]);
    await target.admin(`drop database ${closed} with (force)`);
  });

  it("says who must help when somebody else gave the role rights of its own; the login is gone all the same", async () => {
    const issued = await target.issue(session);
    const { name } = issued.receipt.handle;
    await target.inApp(`create table others(); grant select on others to ${name}`);
    const open = await target.hold(issued);
    await open.query("create table owned_besides()");
    await expect(session.revoke(issued.ending, never())).rejects.toMatchObject({
      code: "denied",
      transient: false,
      message: expect.stringMatching(/table (public\.)?others.*DROP OWNED BY "curfew_/),
    });
    await expect(open.query("select 1")).rejects.toThrow();
    await expect(target.hold(issued)).rejects.toMatchObject({ code: "28P01" });
    // What was borrowed for the clean-up was given back, though the role is still there.
    const { attic, connector } = target.names;
    expect(await target.admin(`select from pg_auth_members where roleid = '${name}'::regrole and not admin_option
      and member in ('${attic}'::regrole, '${connector}'::regrole)`)).toEqual([]);
    await target.inApp(`drop owned by ${name}`);
    const { leftovers } = await session.revoke(issued.ending, never());
    expect(leftovers.map((left) => left.name)).toEqual(["public.owned_besides"]);
  });

  it("ends nothing that somebody else put under the same name, and says so", async () => {
    const issued = await target.issue(session);
    const { name } = issued.receipt.handle;
    await target.admin(`drop role ${name}`);
    await target.admin(`create role ${name} login`);
    await expect(session.revoke(issued.ending, never())).rejects.toMatchObject({ code: "conflict", transient: false });
    expect(await session.inspect(issued.ending, never())).toMatchObject({ state: "unknown" });
    expect(await target.admin(`select rolcanlogin from pg_roles where rolname = '${name}'`)).toEqual([{ rolcanlogin: true }]);
    await target.admin(`drop role ${name}`);
  });

  it("ends its own credential also after the target was restored under another OID, and reports it", async () => {
    const issued = await target.issue(session);
    const elsewhere = { ...issued.ending, targetId: "4294967000" };
    const { leftovers, alreadyGone } = await session.revoke(elsewhere, never());
    expect(alreadyGone).toBe(false);
    expect(leftovers).toContainEqual(expect.objectContaining({ kind: "other", note: expect.stringContaining("restored from a dump") }));
    expect(await session.inspect(issued.ending, never())).toEqual({ state: "absent" });
  });

  it("finds its credential by OID when somebody renamed it", async () => {
    const issued = await target.issue(session);
    const renamed = `renamed_${target.installationId}`;
    await target.admin(`alter role ${issued.receipt.handle.name} rename to ${renamed}`);
    expect(await session.inspect(issued.ending, never())).toMatchObject({ state: "present" });
    expect(await session.probe?.(issued.ending, never())).toMatchObject({ dead: false });
    expect(await session.revoke(issued.ending, never())).toMatchObject({ alreadyGone: false });
    expect(await target.admin(`select from pg_roles where rolname = '${renamed}'`)).toEqual([]);
  });

  it("ends what a crash left without its OID being known", async () => {
    const issued = await target.issue(session);
    const { grantId } = issued.ending;
    expect(await session.revoke({ grantId }, never())).toMatchObject({ handle: issued.receipt.handle, alreadyGone: false });
    expect(await session.probe?.({ grantId }, never())).toMatchObject({ dead: true });
  });

  it("lists what it made and nothing of another installation", async () => {
    const mine = target.open({ installationId: "aaaa0001" });
    const theirs = target.open({ installationId: "aaaa0002" });
    const [one, two] = [await target.issue(mine), await target.issue(theirs)];
    expect(await mine.list?.(never())).toEqual([{ grantId: one.order.grantId, handle: one.receipt.handle }]);
    expect(await theirs.list?.(never())).toEqual([{ grantId: two.order.grantId, handle: two.receipt.handle }]);
    expect(handleName("aaaa0001", two.order.grantId)).not.toBe(two.receipt.handle.name);
  });
});
