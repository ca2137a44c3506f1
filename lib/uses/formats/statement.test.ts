import { describe, expect, it } from "vitest";
import { readStatements } from "./statement";

const first = (sql: string) => readStatements(sql)[0];

describe("what a statement says that it does", () => {
  it.each<[string, string, string[]]>([
    ["select id from sales.orders", "SELECT", ["sales.orders"]],
    ["SELECT * FROM a, b AS x, c.d y WHERE a.id = 1", "SELECT", ["a", "b", "c.d"]],
    ["select o.id from Sales.Orders o join sales.items i on i.o = o.id left join lateral (select 1 from deep) d on true", "SELECT", ["sales.orders", "sales.items", "deep"]],
    ["with recent as (select * from t1), x(a) as (select 1) select * from recent, x, t2", "SELECT", ["t1", "t2"]],
    ["with gone as (delete from t1 returning *) insert into t2 select * from gone", "INSERT", ["t1", "t2"]],
    ["insert into only \"Weird Name\".t (a, b) values (1, 'from secret')", "INSERT", ["Weird Name.t"]],
    ["insert into t values (1) on conflict (id) do update set a = 2", "INSERT", ["t"]],
    ["update only sales.orders set currency = 'EUR' where currency is distinct from 'EUR'", "UPDATE", ["sales.orders"]],
    ["delete from a using b where a.id = b.id", "DELETE", ["a", "b"]],
    ["select extract(year from placed_at), trim(both ' ' from name) from t for update", "SELECT", ["t"]],
    ["select * from generate_series(1, 10), pg_sleep(1)", "SELECT", ["generate_series()"]],
    ["merge into a using b on a.id = b.id when matched then update set x = 1", "MERGE", ["a", "b"]],
    ["truncate table a, b", "TRUNCATE", ["a", "b"]],
    ["copy billing.payments to stdout", "COPY", ["billing.payments"]],
    ["create table if not exists stolen as select * from billing.cards", "CREATE", ["stolen", "billing.cards"]],
    ["alter table only s.t add column x int", "ALTER", ["s.t"]],
    ["grant select on table s.t to somebody", "GRANT", ["s.t"]],
    ["/* from hidden /* nested */ */ -- from line\n select 1", "SELECT", []],
    ["select $$ from dollars $$, $t$ from tagged $t$, E'\\' from escaped' from real", "SELECT", ["real"]],
    ["explain analyze update t set a = 1", "EXPLAIN", ["t"]],
    ["begin", "BEGIN", []],
    ["frobnicate the database", "OTHER", []],
  ])("%s", (sql, action, objects) => {
    expect(first(sql)).toMatchObject({ action, objects });
  });

  it("has one hash for one statement whatever its values, letters and blanks", () => {
    const hash = first("select * from t where a = 'one' and b = 17")?.hash;
    expect(first("SELECT  *\nFROM t WHERE a = $tag$ two $tag$ AND b = $1")?.hash).toBe(hash);
    expect(first("select * from u where a = 'one' and b = 17")?.hash).not.toBe(hash);
  });

  it("parts several statements and keeps no value of any", () => {
    const read = readStatements("begin; update t set password = 'hunter2-hunter2' where id = 77123; commit;");
    expect(read.map(({ action }) => action)).toEqual(["BEGIN", "UPDATE", "COMMIT"]);
    expect(JSON.stringify(read)).not.toMatch(/hunter2|77123/);
  });

  it("ends, and throws nothing, whatever it is given", () => {
    for (const sql of ["'", '"', "$$", "$a$ $b$", "/*".repeat(3_000), "(".repeat(9_000), "with".repeat(2_000), "from ".repeat(9_000), "a.".repeat(9_000), "\0\ud800", "x, ".repeat(9_000), `select * from ${"a, ".repeat(9_000)}b`]) {
      expect(Array.isArray(readStatements(sql))).toBe(true);
    }
  });
});
