import { superuserUrl, withClient } from "@/lib/db/test-database";

/** Puts many small events into the ledger at once, in sequence, as a writer would in time. */
export async function growLedger(count: number): Promise<void> {
  await withClient(superuserUrl(), async (client) => {
    await client.query("begin");
    await client.query("select ledger.sequence(1000000)");
    await client.query("select size from ledger.head for update");
    await client.query(
      `with made as (insert into ledger.event (type, body, occurred_at)
         select 'test.grown', convert_to(jsonb_build_object('n', n, 'text', md5(n::text))::text, 'UTF8'), now() from generate_series(1, $1::int) n returning id, body)
       insert into ledger.entry (position, event_id, leaf_hash)
         select (select size from ledger.head) + row_number() over (order by id) - 1, id, sha256('\\x00'::bytea || body) from made`,
      [count],
    );
    await client.query("update ledger.head set size = size + $1", [count]);
    await client.query("commit");
  });
}

/** What a database administrator can do: no trigger is in the way. */
export async function behindItsBack(...statements: readonly string[]): Promise<void> {
  await withClient(superuserUrl(), async (client) => {
    await client.query("begin");
    await client.query("set local session_replication_role = replica");
    for (const statement of statements) await client.query(statement);
    await client.query("commit");
  });
}

/** Leaf hashes as they stand in the ledger. */
export async function storedLeaves(): Promise<Uint8Array[]> {
  const { rows } = await withClient(superuserUrl(), (client) => client.query<{ leaf_hash: Buffer }>("select leaf_hash from ledger.entry order by position"));
  return rows.map(({ leaf_hash }) => new Uint8Array(leaf_hash));
}

/** The event of a position, in SQL. */
export const eventAt = (position: number) => `(select event_id from ledger.entry where position = ${position})`;
/** Bytes that nobody appended. */
export const forgedBody = "convert_to('{\"forged\":true}', 'UTF8')";
/** Leaf hash, in SQL. */
export const leafOf = (body: string) => `sha256('\\x00'::bytea || ${body})`;

/** What a database administrator does to the position `p`, and what it is called when it is found there. */
export const attacks: readonly (readonly [string, (p: number) => readonly string[], string])[] = [
  ["edits an event", (p) => [`update ledger.event set body = ${forgedBody} where id = ${eventAt(p)}`], "event-changed"],
  ["edits one byte of an event", (p) => [`update ledger.event set body = set_byte(body, 3, get_byte(body, 3) # 1) where id = ${eventAt(p)}`], "event-changed"],
  ["edits an event and its leaf hash", (p) => [`update ledger.event set body = ${forgedBody} where id = ${eventAt(p)}`, `update ledger.entry set leaf_hash = ${leafOf(forgedBody)} where position = ${p}`], "leaf-changed"],
  ["deletes an event", (p) => [`delete from ledger.event where id = ${eventAt(p)}`], "event-missing"],
  ["deletes an entry", (p) => [`delete from ledger.entry where position = ${p}`], "entry-missing"],
  ["deletes an entry and closes the gap", (p) => [
    `delete from ledger.entry where position = ${p}`,
    `update ledger.entry set position = -position where position > ${p}`, "update ledger.entry set position = -position - 1 where position < 0", "update ledger.head set size = size - 1",
  ], "shorter-than-signed"],
  ["inserts an event before another", (p) => [
    `update ledger.entry set position = -position - 1 where position >= ${p}`, "update ledger.entry set position = -position where position < 0",
    `with made as (insert into ledger.event (type, body, occurred_at) values ('test.forged', ${forgedBody}, now()) returning id) insert into ledger.entry (position, event_id, leaf_hash) select ${p}, id, ${leafOf(forgedBody)} from made`,
    "update ledger.head set size = size + 1",
  ], "leaf-changed"],
  ["swaps an entry with the next", (p) => [
    `update ledger.entry a set event_id = b.event_id, leaf_hash = b.leaf_hash from ledger.entry b where a.position in (${p}, ${p + 1}) and b.position in (${p}, ${p + 1}) and a.position <> b.position`,
  ], "leaf-changed"],
];

const tables = ["event", "entry", "head", "tile", "checkpoint", "edge", "self_check"];

/** Keeps a copy of the ledger beside it. */
export const keepAside = () => behindItsBack("create schema kept", ...tables.map((table) => `create table kept.${table} as select * from ledger.${table}`));

/** What somebody with a backup does: every row as it was when it was kept aside. */
export async function putBack(): Promise<void> {
  const back = (table: string) => `insert into ledger.${table} overriding system value select * from kept.${table}`;
  await behindItsBack(...tables.map((table) => `delete from ledger.${table}`), ...tables.map(back), "delete from ledger.pending");
}
