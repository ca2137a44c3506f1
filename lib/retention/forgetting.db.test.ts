import { createHash, randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import type { PersonActor } from "@/lib/auth/actor";
import { db } from "@/lib/db/client";
import { superuserUrl, withClient } from "@/lib/db/test-database";
import { inTransaction } from "@/lib/db/transaction";
import { openFinding } from "@/lib/findings/mutations";
import { appendEvent } from "@/lib/ledger/append";
import { readEventsAbout } from "@/lib/ledger/read";
import { readLedger } from "@/lib/ledger/tree/check";
import { leafHash, verifyInclusion } from "@/lib/ledger/tree/merkle";
import { checkpointNow, inclusionProof } from "@/lib/ledger/tree/proofs";
import { growLedger } from "@/lib/ledger/tree/test-ledger";
import { newId } from "@/lib/platform/ids";
import { makePerson } from "@/lib/requests/test-world";
import { readForgettable, readForgettings, readLeavers } from "./data";
import { forgetDue } from "./forgetting";
import { forgetPerson, liftHold, makeHold } from "./mutations";
import { decidedColumns, erasings, namings, removals } from "./texts";

type Column = { readonly table: string; readonly column: string; readonly type: string; readonly needs: boolean };

let ada: PersonActor;
const words = "only Rita could know this";

/** Columns of our tables that hold text in whatever form. */
function readColumns(types: readonly string[]): Promise<Column[]> {
  return withClient(superuserUrl(), async (client) => {
    const { rows } = await client.query<Column>(
      `select table_name as "table", column_name as "column", udt_name as type, is_nullable = 'NO' and column_default is null and is_identity = 'NO' as needs
       from information_schema.columns where table_schema = 'public' and (cardinality($1::text[]) = 0 or udt_name = any($1)) order by table_name, ordinal_position`,
      [types],
    );
    return rows;
  });
}

const textTypes = ["text", "varchar", "bpchar", "citext", "json", "jsonb", "_text", "_varchar", "_uuid"];

/** Tables and columns, of whatever schema, that still say something. */
function whoSays(text: string): Promise<string[]> {
  return withClient(superuserUrl(), async (client) => {
    const { rows } = await client.query<{ schema: string; table: string; column: string }>(
      `select table_schema as schema, table_name as "table", column_name as "column" from information_schema.columns
       where table_schema in ('public', 'ledger', 'graphile_worker') and udt_name = any($1)`, [[...textTypes, "bytea"]]);
    const found: string[] = [];
    for (const { schema, table, column } of rows) {
      const { rowCount } = await client.query(`select from "${schema}"."${table}" where position($1 in case when pg_typeof("${column}") = 'bytea'::regtype then encode("${column}"::text::bytea, 'escape') else "${column}"::text end) > 0 limit 1`, [text]);
      if (rowCount) found.push(`${schema}.${table}.${column}`);
    }
    return found;
  });
}

/** A row in any table, with what it must have filled in somehow: what refers to what does not matter here. */
async function insertAnywhere(table: string, values: Readonly<Record<string, string>>, columns: readonly Column[]): Promise<void> {
  const fill: Readonly<Record<string, () => string>> = {
    uuid: randomUUID, text: randomUUID, bool: () => "false", timestamptz: () => new Date().toISOString(), jsonb: () => "{}", bytea: () => "\\x00", _text: () => "{}", _uuid: () => "{}",
    date: () => "2026-01-01",
  };
  const own = columns.filter((column) => column.table === table && (column.needs || column.column in values));
  const given = own.map(({ column, type }) => values[column] ?? fill[type]?.() ?? "1");
  await withClient(superuserUrl(), async (client) => {
    await client.query("begin");
    await client.query("set local session_replication_role = replica");
    await client.query(`insert into "${table}" (${own.map(({ column }) => `"${column}"`).join(", ")}) values (${own.map((_, index) => `$${index + 1}`).join(", ")})`, given);
    await client.query("commit");
  });
}

async function leaver(name: string, email: string): Promise<PersonActor> {
  const person = await makePerson(name, ["requester"]);
  await db.person.update({ where: { id: person.personId }, data: { email, leftAt: new Date() } });
  return person;
}

async function said({ by, about, text }: { by: PersonActor; about?: Record<string, string>; text: string }): Promise<string> {
  const request = newId();
  await inTransaction((tx, now) => appendEvent(tx, { type: "request.commented", at: now, actor: by, subjects: { request, ...about }, data: { commentId: newId(), kind: "comment" }, clear: { text } }));
  return request;
}

const clearOf = async (request: string) => (await readEventsAbout("request", request)).map(({ clear }) => clear);
const newest = async (type: string) => {
  const rows = await db.$queryRaw<{ body: Uint8Array }[]>`select body from ledger.event where type = ${type} order by id desc limit 1`;
  return rows[0] ? (JSON.parse(Buffer.from(rows[0].body).toString()) as { data: Record<string, unknown>; subjects: Record<string, string> }) : null;
};

beforeAll(async () => {
  ada = await makePerson("Ada", ["administrator"]);
  // Rows that are put in here are of no life: only what holds text matters.
  await withClient(superuserUrl(), (client) =>
    client.query(`do $$ declare found record; begin
      for found in select conrelid::regclass as place, conname from pg_constraint where contype = 'c' and connamespace = 'public'::regnamespace loop
        execute format('alter table %s drop constraint %I', found.place, found.conname);
      end loop; end $$`));
});

describe("every column that holds text", () => {
  it("is decided: what becomes of it when a person is forgotten", async () => {
    const there = (await readColumns(textTypes)).map(({ table, column }) => `${table}.${column}`);
    const removed = new Set(removals.map(({ table }) => table));
    expect(there.filter((name) => !decidedColumns.includes(name) && !removed.has(name.split(".")[0] ?? ""))).toEqual([]);
    expect(decidedColumns.filter((name) => !there.includes(name))).toEqual([]);
    expect(decidedColumns.filter((name, index) => decidedColumns.indexOf(name) !== index)).toEqual([]);
  });
});

describe("a person", () => {
  it("is forgotten in whatever table they wrote, or are named by a sentence that Curfew made", async () => {
    const columns = await readColumns([]);
    const rita = await leaver("Rita (née O'Kafor)", "rita+x@example.com");
    const values = (names: readonly string[], text: string) => Object.fromEntries(names.map((name) => [name, text]));
    const typeOf = (table: string, column: string) => columns.find((one) => one.table === table && one.column === column)?.type;
    for (const { table, of, set, only } of erasings) {
      for (const column of of) {
        const state = only?.startsWith("lifted_at") ? { lifted_at: new Date().toISOString() } : only?.startsWith("retired_at") ? { retired_at: new Date().toISOString() } : {};
        const texts = Object.fromEntries(Object.keys(set).map((name) => [name, typeOf(table, name) === "jsonb" ? JSON.stringify({ reason: words, kept: 1 }) : words]));
        await insertAnywhere(table, { ...texts, ...state, [column]: rita.personId }, columns);
        await insertAnywhere(table, { ...values(Object.keys(set).filter((name) => typeOf(table, name) === "text"), "of somebody else"), ...state, [column]: randomUUID() }, columns);
      }
    }
    for (const { table, of } of removals) {
      const texts = columns.filter((one) => one.table === table && one.type === "text" && one.needs).map(({ column }) => column);
      await insertAnywhere(table, { ...values(texts, words), [of]: rita.personId }, columns);
    }
    for (const { table, columns: named } of namings) {
      const texts = named.map((name) => [name, typeOf(table, name) === "jsonb" ? JSON.stringify({ who: rita.name, mail: "rita+x@example.com", other: "Rita" }) : `${rita.name} was asked`] as const);
      await insertAnywhere(table, { ...Object.fromEntries(texts), ...(table === "exports" ? { state: "expired" } : {}) }, columns);
    }
    const seats = { owner: { id: rita.personId, name: rita.name }, sponsor: { id: randomUUID(), name: "Sam" }, backup: null, silence: 3 };
    await insertAnywhere("review_items", { facts: JSON.stringify(seats) }, columns);
    await inTransaction((tx, now) => openFinding(tx, { kind: "on-call-not-ready", key: "x", title: `${rita.name} is on duty`, detail: {}, subjects: {}, actor: { kind: "system", process: "worker" }, now }));
    await said({ by: rita, text: words });
    expect((await whoSays(words)).length).toBeGreaterThan(20);
    expect(await whoSays("née O'Kafor")).toEqual(expect.arrayContaining(["ledger.clear_value.value", "public.notices.words", "public.people.name"]));

    expect(await forgetPerson({ actor: ada, personId: rita.personId })).toMatchObject({ ok: true });
    expect(await forgetDue()).toBe(1);
    expect(await whoSays(words)).toEqual([]);
    expect(await whoSays("née O'Kafor")).toEqual([]);
    expect(await whoSays("rita+x@")).toEqual([]);
    expect(await db.reviewItem.findFirstOrThrow({ where: { facts: { path: ["silence"], equals: 3 } } })).toMatchObject({ facts: { ...seats, owner: { id: rita.personId, name: "Forgotten person" } } });
    await expect(db.$executeRaw`update review_items set facts = jsonb_set(facts, '{silence}', '4') where facts is not null`).rejects.toThrow("frozen");
    // Whoever else has a word in them keeps it.
    expect((await whoSays("of somebody else")).length).toBeGreaterThan(10);
    expect(await db.notice.findFirstOrThrow({ where: { words: { path: ["other"], equals: "Rita" } } })).toMatchObject({ words: { who: "Forgotten person", mail: "Forgotten person", other: "Rita" } });
    const { data, subjects } = (await newest("retention.person-forgotten")) ?? { data: {}, subjects: {} };
    expect(subjects).toEqual({ person: rita.personId });
    expect(data).toMatchObject({ personId: rita.personId, elsewhere: { requests: 1, votes: 1, notices: 1, findings: 4, saved_views: 1, request_templates: 1 } });
    expect(JSON.stringify(data)).not.toContain("Rita");
    expect(await forgetDue()).toBe(0);
    await withClient(superuserUrl(), async (client) => {
      await client.query("set session_replication_role = replica");
      for (const table of new Set([...erasings, ...removals, ...namings].map(({ table: name }) => name))) await client.query(`delete from "${table}"`);
    });
  });

  it("leaves every proof good", async () => {
    const rita = await leaver("Rita Okafor", "rita@example.com");
    const wrote = await said({ by: rita, text: "Rita was here" });
    const about = await said({ by: ada, about: { person: rita.personId }, text: "about her" });
    const other = await said({ by: ada, text: "about nobody" });
    const before = await checkpointNow();
    const [event] = await readEventsAbout("request", wrote);
    const index = event?.position ?? 0n;
    expect(await readForgettable(rita.personId)).toMatchObject({ name: "Rita Okafor", isHeld: false, isMore: false });
    expect(await forgetPerson({ actor: ada, personId: rita.personId })).toMatchObject({ ok: true });
    expect(await newest("retention.forgetting-asked")).toMatchObject({ subjects: { person: rita.personId } });
    expect(await forgetPerson({ actor: ada, personId: rita.personId })).toMatchObject({ ok: false, code: "being-forgotten" });
    expect(await readForgettings()).toMatchObject([{ id: rita.personId, isStopped: false }]);
    expect((await readLeavers()).map(({ id }) => id)).not.toContain(rita.personId);
    await forgetDue();
    expect([await clearOf(wrote), await clearOf(about), await clearOf(other)]).toEqual([[{}], [{}], [{ text: "about nobody" }]]);
    expect(await db.person.findUniqueOrThrow({ where: { id: rita.personId } })).toMatchObject({ name: "Forgotten person", email: null, subject: `forgotten:${rita.personId}` });
    const path = await inclusionProof(index, before.size);
    const [after] = await readEventsAbout("request", wrote);
    expect(after?.hashed["text"]).toMatch(/^[0-9a-f]{64}$/);
    expect(after?.hashed["text"]).not.toBe(createHash("sha256").update("Rita was here").digest("hex"));
    expect(verifyInclusion({ leaf: leafHash(after?.bytes ?? new Uint8Array()), index, size: before.size, root: before.root, path })).toBe(true);
    expect((await readLedger()).fault).toBeNull();
    expect(await forgetPerson({ actor: ada, personId: rita.personId })).toMatchObject({ ok: false, code: "forgotten-already" });
  });

  it("is forgotten piece by piece, and by whatever worker goes on after one that was stopped", async () => {
    const rita = await leaver("Rita Long", "long@example.com");
    const first = await said({ by: rita, text: "at the beginning" });
    await growLedger(45_000);
    const last = await said({ by: rita, text: "at the end" });
    await forgetPerson({ actor: ada, personId: rita.personId });
    // A worker that was killed between two batches leaves exactly this.
    const [{ id: edge } = { id: 0n }] = await db.$queryRaw<{ id: bigint }[]>`select max(event_id) as id from ledger.subject where kind = 'request' and id = ${first}::uuid`;
    await db.forgetting.update({ where: { personId: rita.personId }, data: { step: "ledger", after: String(edge), values: 7 } });
    expect(await forgetDue()).toBe(1);
    expect([await clearOf(first), await clearOf(last)]).toEqual([[{ text: "at the beginning" }], [{}]]);
    expect((await newest("retention.person-forgotten"))?.data).toMatchObject({ values: 8 });
  });

  it("is not forgotten while they are here, or while a hold keeps anything of them, whatever it is about", async () => {
    const bo = await makePerson("Bo Held", ["requester"]);
    expect(await forgetPerson({ actor: ada, personId: bo.personId })).toMatchObject({ ok: false, code: "still-here" });
    await db.person.update({ where: { id: bo.personId }, data: { leftAt: new Date() } });
    const wrote = await said({ by: bo, text: "kept" });
    const own = await makeHold({ actor: ada, about: `person:${bo.personId}`, reason: "lawsuit 13" });
    expect(await readForgettable(bo.personId)).toMatchObject({ isHeld: true });
    expect(await forgetPerson({ actor: ada, personId: bo.personId })).toMatchObject({ ok: false, code: "on-hold" });
    if (own.ok) await liftHold({ actor: ada, holdId: own.value.holdId });

    const systemId = newId();
    await db.system.create({ data: { id: systemId, name: "orders", connector: "postgres", environment: "production", config: {}, createdAt: new Date() } });
    const held = await said({ by: bo, about: { system: systemId }, text: "kept with the system" });
    const hold = await makeHold({ actor: ada, about: `system:${systemId}`, reason: "lawsuit 14" });
    expect(await forgetPerson({ actor: ada, personId: bo.personId })).toMatchObject({ ok: true });
    await forgetDue();
    expect([await clearOf(wrote), await clearOf(held)]).toEqual([[{ text: "kept" }], [{ text: "kept with the system" }]]);
    expect(await db.person.findUniqueOrThrow({ where: { id: bo.personId } })).toMatchObject({ name: "Bo Held", forgottenAt: null });
    expect(await readForgettings()).toMatchObject([{ id: bo.personId, isStopped: true }]);
    expect((await newest("retention.forgetting-stopped"))?.data).toMatchObject({ values: 0, elsewhere: 0, why: "on-hold" });
    if (hold.ok) await liftHold({ actor: ada, holdId: hold.value.holdId });
    expect(await forgetPerson({ actor: ada, personId: bo.personId })).toMatchObject({ ok: true });
    await forgetDue();
    expect([await clearOf(wrote), await clearOf(held)]).toEqual([[{}], [{}]]);
    expect(await readForgettings()).toEqual([]);
  });

  it("stops at a hold that is put while they are being forgotten", async () => {
    const cy = await leaver("Cy Between", "cy@example.com");
    const wrote = await said({ by: cy, text: "still there" });
    await forgetPerson({ actor: ada, personId: cy.personId });
    const hold = await makeHold({ actor: ada, about: "everything", reason: "investigation" });
    await forgetDue();
    expect(await clearOf(wrote)).toEqual([{ text: "still there" }]);
    expect(await db.forgetting.findUniqueOrThrow({ where: { personId: cy.personId } })).toMatchObject({ state: "stopped" });
    if (hold.ok) await liftHold({ actor: ada, holdId: hold.value.holdId });
  });
});
