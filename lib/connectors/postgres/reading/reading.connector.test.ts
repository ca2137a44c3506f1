import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import type { ConnectorSession, DiscoveredRole, SystemCheck } from "../../contract";
import type { PostgresTarget } from "../schema";
import { never, TestTarget } from "../test-target";

/** Without what concerns the databases of other test files on the same cluster. */
async function gapsOf(session: ConnectorSession<PostgresTarget>, { names }: TestTarget): Promise<SystemCheck["gaps"]> {
  const { gaps } = await session.check(never());
  return gaps.filter(({ statement }) => !statement.startsWith("GRANT CONNECT ON DATABASE") || statement.includes(`"${names.database}"`));
}

describe.each(inject("targets"))("looking at PostgreSQL $version", (cluster) => {
  const since16 = cluster.version >= 16;
  let target: TestTarget;
  let session: ConnectorSession<PostgresTarget>;
  beforeAll(async () => {
    target = await TestTarget.on(cluster);
    session = target.open();
  });
  afterAll(() => target[Symbol.asyncDispose]());

  describe("check", () => {
    it("finds nothing missing when the documented setup was run", async () => {
      const check = await session.check(never());
      expect(check).toMatchObject({ reachable: true, probeAccount: target.names.probe });
      expect(await gapsOf(session, target)).toEqual([]);
      expect(check.grantable).toContain(target.names.group);
      expect(check.serverVersion).toContain(String(cluster.version));
      expect(Math.abs(check.clockOffsetMs)).toBeLessThan(1_000);
    });

    it("names every limit once, in words", async () => {
      const { limits } = await session.check(never());
      const codes = limits.map(({ code }) => code);
      expect(new Set(codes).size).toBe(codes.length);
      expect(codes).toEqual(expect.arrayContaining(["bearer-secret", "expiry-new-logins-only", "uses-not-limited", "use-seen-by-polling", "superusers-not-watched"]));
      for (const { text } of limits) expect(text).toMatch(/\w{3}.*\.$/);
    });

    it("names each missing right with the statement that gives it, and running those closes the gaps", async () => {
      const poor = await TestTarget.on(cluster);
      const { connector, probe, attic, group } = poor.names;
      await poor.admin(`alter role ${connector} nocreaterole; revoke pg_signal_backend, pg_read_all_stats from ${connector};
        revoke ${attic} from ${connector}; revoke pg_read_all_stats from ${probe}; alter role ${probe} createdb;
        grant ${connector} to ${probe}; revoke connect on database ${poor.names.database} from ${connector}`);
      await poor.admin(`revoke connect on database ${poor.names.database} from public; grant connect on database ${poor.names.database} to ${group}`);
      if (since16) await poor.admin(`revoke ${group} from ${connector}`);
      const gaps = await gapsOf(poor.open(), poor);
      expect(gaps).toHaveLength(since16 ? 9 : 8);
      for (const { statement } of gaps) await poor.admin(statement.replace("the_group_role", group));
      expect(await gapsOf(poor.open(), poor)).toEqual([]);
      await poor[Symbol.asyncDispose]();
    });

    it("says when the probe is missing, cannot sign in, or is a superuser", async () => {
      const without = await gapsOf(target.open({ secrets: { probe: null } }), target);
      expect(without).toEqual([expect.objectContaining({ what: expect.stringContaining("no end can be proven") })]);
      const wrong = target.open({ secrets: { probe: { user: target.names.probe, password: "wrong" } } });
      expect(await gapsOf(wrong, target)).toEqual([expect.objectContaining({ what: expect.stringContaining("cannot sign in") })]);
      expect((await wrong.check(never())).probeAccount).toBeNull();
      const mighty = await gapsOf(target.open({ secrets: { probe: { user: "postgres", password: cluster.password } } }), target);
      expect(mighty.map(({ statement }) => statement)).toContainEqual(expect.stringContaining("NOSUPERUSER"));
    });

    it("says when the account is more than it need be", async () => {
      const secrets = { connector: { user: cluster.superuser, password: cluster.password } };
      const { gaps } = await target.open({ secrets }).check(never());
      expect(gaps.map(({ statement }) => statement)).toContainEqual(expect.stringContaining("NOSUPERUSER"));
    });

    it("says that a wrong password does not pass by itself", async () => {
      const secrets = { connector: { user: target.names.connector, password: "wrong" } };
      await expect(target.open({ secrets }).check(never())).rejects.toMatchObject({ code: "denied", transient: false });
    });

    it("says that an encrypted connection which the target does not offer does not come by itself", async () => {
      for (const sslmode of ["require", "verify-full"] as const) {
        await expect(target.open({ config: { sslmode } }).check(never())).rejects.toMatchObject({ code: "denied", transient: false });
      }
    });
  });

  describe("sessions and use", () => {
    it("shows each live connection with what the target knows of it, under a key of its own", async () => {
      const issued = await target.issue(session);
      const clients = await Promise.all([target.hold(issued), target.hold(issued)]);
      await clients[0]?.query("set application_name = 'nightly job'; select 1");
      const own = ((await session.sessions?.(never())) ?? []).filter(({ grantId }) => grantId === issued.order.grantId);
      expect(own).toHaveLength(2);
      expect(new Set(own.map(({ key }) => key)).size).toBe(2);
      for (const live of own) {
        expect(live).toMatchObject({ clientAddress: "127.0.0.1", state: "idle", lastActiveAt: expect.any(Date) });
        expect(Math.abs(live.startedAt.getTime() - Date.now())).toBeLessThan(5_000);
        expect(live.key).toMatch(/^\d+\/\d{16}$/);
      }
      expect(own.map(({ applicationName }) => applicationName)).toContain("nightly job");
      expect(await session.cut?.(issued.ending, never())).toBe(2);
      expect(await session.cut?.(issued.ending, never())).toBe(0);
      await expect(target.hold(issued)).resolves.toBeDefined(); // the credential stays
    });

    it("counts the statements of a session that polling never saw, also after its role is gone", async () => {
      const issued = await target.issue(session);
      const holder = await target.hold(issued);
      for (let index = 0; index < 3; index += 1) await holder.query("select count(*) from orders");
      await holder.end();
      const observation = await session.observe?.(never());
      expect(observation?.sessions.filter(({ grantId }) => grantId === issued.order.grantId)).toEqual([]);
      expect(observation?.statements).toContainEqual({ grantId: issued.order.grantId, calls: 3 });
      expect(await session.revoke(issued.ending, never())).toMatchObject({ statements: 3 });
      // The probe account could read them too, by OID, though the role has no name any more.
      const probe = await target.signIn(target.names.probe, target.passwords.probe, "postgres");
      const counted = await probe.query(`select sum(calls)::int as calls from pg_stat_statements where userid = ${issued.ending.targetId} and toplevel`);
      expect(counted.rows).toEqual([{ calls: 3 }]);
    });

    it("refuses to show half a view where the target hides activity", async () => {
      const blind = await TestTarget.on(cluster);
      await blind.admin(`revoke pg_read_all_stats from ${blind.names.connector}`);
      const issued = await blind.issue(blind.open());
      await blind.hold(issued);
      await expect(blind.open().sessions?.(never())).rejects.toMatchObject({ code: "denied", message: expect.stringContaining("pg_read_all_stats") });
      await blind[Symbol.asyncDispose]();
    });
  });

  describe("discovery", () => {
    it("finds logins and groups with what they may do, and not what this installation made", async () => {
      const { group, database, connector } = target.names;
      const tag = group.replace("rw_", "");
      await target.admin(`create role legacy_${tag} login password 'x' valid until '2030-01-01 00:00:00+00' connection limit 7;
        comment on role legacy_${tag} is 'nightly export, ask Mia'; create role auditors_${tag}; grant ${group} to legacy_${tag} with admin option;
        create role boss_${tag} login superuser; create role eternal_${tag} login valid until 'infinity'`);
      await target.inApp(`create schema hr; create table hr.people(id int, name text, salary int); create sequence hr.numbers;
        create view hr.names as select name from hr.people; grant usage on schema hr to legacy_${tag};
        grant select (id, name), update (name) on hr.people to legacy_${tag}; grant usage on sequence hr.numbers to legacy_${tag};
        grant select on hr.names to legacy_${tag}; create function hr.pay(int) returns int language sql as 'select 1';
        grant execute on function hr.pay(int) to legacy_${tag}`);
      const issued = await target.issue(session);
      const discovery = await session.discover?.(never());
      const find = (name: string): DiscoveredRole | undefined => discovery?.roles.find((role) => role.name === name);
      expect(discovery?.notSeen.filter((each) => each.database === database)).toEqual([]);
      expect(find(issued.receipt.handle.name)).toBeUndefined();
      expect(discovery?.roles.filter(({ name }) => name.startsWith("pg_"))).toEqual([]);
      expect(find(`legacy_${tag}`)).toMatchObject({
        kind: "login",
        superuser: false,
        passwordExpiresAt: new Date("2030-01-01T00:00:00Z"),
        connectionLimit: 7,
        comment: "nightly export, ask Mia",
        memberOf: [{ name: group, inherited: true, withAdmin: true }],
        lastActiveAt: null,
        statements: 0,
      });
      const inHr = { database, schema: "hr" };
      expect(find(`legacy_${tag}`)?.privileges).toEqual([
        { ...inHr, object: "pay(integer)", objectKind: "function", actions: ["EXECUTE"] },
        { database, schema: null, object: "hr", objectKind: "schema", actions: ["USAGE"] },
        { ...inHr, object: "numbers", objectKind: "sequence", actions: ["USAGE"] },
        { ...inHr, object: "people", objectKind: "table", actions: ["SELECT"], columns: ["id", "name"] },
        { ...inHr, object: "people", objectKind: "table", actions: ["UPDATE"], columns: ["name"] },
        { ...inHr, object: "names", objectKind: "view", actions: ["SELECT"] },
      ]);
      expect(find(`boss_${tag}`)).toMatchObject({ superuser: true, privileges: [] });
      expect(find(`eternal_${tag}`)?.passwordExpiresAt).toBeNull();
      expect(find(`auditors_${tag}`)).toMatchObject({ kind: "group", memberOf: [] });
      expect(find(connector)).toMatchObject({ canCreateRoles: true, lastActiveAt: expect.any(Date) });
      expect(find(connector)?.statements).toBeGreaterThan(0);
      expect(discovery?.activityVisibleSince).toBeInstanceOf(Date);
    });

    it("says which databases it could not look into", async () => {
      const closed = `dark_${target.names.database}`;
      await target.admin(`create database ${closed}`);
      await target.admin(`revoke connect on database ${closed} from public`);
      const discovery = await session.discover?.(never());
      expect(discovery?.notSeen).toContainEqual({ database: closed, why: expect.stringContaining("may not connect") });
      await target.admin(`drop database ${closed} with (force)`);
    });
  });

  describe("what an entitlement allows", () => {
    it("lists tables and rights in every database, with where each comes from", async () => {
      const { group, database } = target.names;
      const base = `base_${group}`;
      await target.admin(`create role ${base}; grant ${base} to ${group}`);
      await target.inApp(`create schema desk; grant usage on schema desk to ${base}; create table desk.notes(id int); grant select on desk.notes to ${base};
        create table desk.open_to_all(id int); grant select on desk.open_to_all to public;
        create schema vault; create table vault.out_of_reach(id int); grant select on vault.out_of_reach to ${group}`);
      const described = ((await session.describe?.({ groupRole: group, database }, never())) ?? []).filter((each) => each.database === database);
      const tables = described.filter((each) => each.objectKind === "table").map(({ schema, object, actions, via }) => [`${schema}.${object}`, actions, via]);
      expect(tables).toEqual([
        ["desk.notes", ["SELECT"], base],
        ["desk.open_to_all", ["SELECT"], "PUBLIC"],
        ["public.orders", ["DELETE", "INSERT", "SELECT", "TRIGGER", "UPDATE"], undefined],
      ]);
      expect(described.filter((each) => each.objectKind === "schema").map(({ object }) => object)).toEqual(["desk", "public"]);
    });

    it("agrees with what the server lets a holder do", async () => {
      const issued = await target.issue(session);
      const holder = await target.hold(issued);
      const described = (await session.describe?.(issued.order.target, never())) ?? [];
      const may = new Set(described.filter(({ objectKind }) => objectKind === "table").map(({ schema, object }) => `${schema}.${object}`));
      const { rows } = await holder.query<{ name: string; may: boolean }>(
        `select n.nspname || '.' || c.relname as name, has_schema_privilege(n.oid, 'USAGE') and has_table_privilege(c.oid, 'SELECT') as may
         from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema')
         and not starts_with(n.nspname, 'pg_')`,
      );
      expect(rows.length).toBeGreaterThan(3);
      for (const row of rows) expect(may.has(row.name), row.name).toBe(row.may);
    });

    it("says so when it cannot look into a database that holders can reach", async () => {
      const { group } = target.names;
      const closed = `dim_${target.names.database}`;
      await target.admin(`create database ${closed}`);
      await target.admin(`revoke connect on database ${closed} from public; grant connect on database ${closed} to ${group}`);
      const described = (await session.describe?.({ groupRole: group }, never())) ?? [];
      expect(described.filter(({ database }) => database === closed)).toEqual([
        expect.objectContaining({ objectKind: "database", actions: ["CONNECT"], note: expect.stringContaining(`GRANT CONNECT ON DATABASE "${closed}"`) }),
      ]);
      await target.admin(`drop database ${closed} with (force)`);
    });

    it("is unknown for a role that is not there", async () => {
      const missing = { groupRole: "no_such_role" };
      await expect(session.describe?.(missing, never())).rejects.toMatchObject({ code: "wrong-target" });
      await expect(session.holders?.(missing, never())).rejects.toMatchObject({ code: "wrong-target" });
    });
  });

  describe("holders", () => {
    it("shows every login that has the entitlement, on its path, and superusers as such", async () => {
      const fresh = await TestTarget.on(cluster);
      const { group } = fresh.names;
      const tag = group.replace("rw_", "");
      await fresh.admin(`create role direct_${tag} login in role ${group}; create role middle_${tag} in role ${group};
        create role far_${tag} login in role middle_${tag}; create role outside_${tag} login; create role dba_${tag} login superuser;
        create role idle_group_${tag} in role ${group}; create role lazy_${tag} login noinherit in role ${group}`);
      const issued = await fresh.issue(fresh.open());
      const holders = (await fresh.open().holders?.({ groupRole: group }, never())) ?? [];
      const own = holders.filter(({ name }) => name.includes(tag) || name === issued.receipt.handle.name);
      expect(own).toHaveLength(5);
      expect(own).toEqual(
        expect.arrayContaining([
          { name: `direct_${tag}`, path: [`direct_${tag}`, group] },
          { name: `far_${tag}`, path: [`far_${tag}`, `middle_${tag}`, group] },
          { name: `lazy_${tag}`, path: [`lazy_${tag}`, group] },
          { name: `dba_${tag}`, path: [`dba_${tag}`, "superuser"] },
          { name: issued.receipt.handle.name, path: [issued.receipt.handle.name, group] },
        ]),
      );
      // Our own account may hand the role out but does not have it.
      expect(holders.map(({ name }) => name)).not.toContain(fresh.names.connector);
      await fresh[Symbol.asyncDispose]();
    });
  });
});
