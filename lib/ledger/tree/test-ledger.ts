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
