import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { describe, expect, it } from "vitest";
import { databaseUrl, superuserUrl, withClient } from "@/lib/db/test-database";
import { inTransaction } from "@/lib/db/transaction";
import { newId } from "@/lib/platform/ids";
import { appendEvent } from "./append";
import { readEventsAbout } from "./read";
import { ledgerSize, sequenceEvents } from "./sequence";

type Row = { position: string; event_id: string; leaf_hash: Buffer; body: Buffer };

const everything = async (): Promise<Row[]> =>
  (await withClient(superuserUrl(), (client) => client.query<Row>("select n.position, n.event_id, n.leaf_hash, e.body from ledger.entry n join ledger.event e on e.id = n.event_id order by n.position"))).rows;

/** RFC 6962 §2.1, written down once more from the text. */
const leafHash = (body: Buffer): string => createHash("sha256").update(Buffer.concat([Buffer.of(0), body])).digest("hex");

async function expectWhole(): Promise<Row[]> {
  const rows = await everything();
  expect(rows.map(({ position }) => Number(position))).toEqual(rows.map((_row, index) => index));
  expect(new Set(rows.map(({ event_id }) => event_id)).size).toBe(rows.length);
  for (const { leaf_hash, body } of rows) expect(leaf_hash.toString("hex")).toBe(leafHash(body));
  expect(Number(await ledgerSize())).toBe(rows.length);
  const { rows: left } = await withClient(superuserUrl(), (client) => client.query("select (select count(*)::int from ledger.pending) as pending, (select count(*)::int from ledger.event) as events"));
  expect(left).toEqual([{ pending: 0, events: rows.length }]);
  return rows;
}

/** A writer with its own connection: locks its aggregate, appends, dawdles, commits or rolls back. */
async function write(index: number, rounds: number, aggregates: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl() });
  await client.connect();
  try {
    for (let round = 0; round < rounds; round++) {
      const aggregate = aggregates[(index * 7 + round) % aggregates.length] ?? "";
      await client.query("begin");
      const { rows } = await client.query<{ version: number }>("update teams set name = split_part(name, '#', 1) || '#' || (split_part(name, '#', 2)::int + 1) where id = $1 returning split_part(name, '#', 2)::int as version", [aggregate]);
      const body = Buffer.from(JSON.stringify({ aggregate, version: rows[0]?.version }));
      await client.query("select ledger.append('test.written', $1::bytea, clock_timestamp(), $2::jsonb, '{}')", [body, JSON.stringify({ request: aggregate })]);
      await sleep((index * 13 + round * 5) % 17);
      await client.query(round % 5 === index % 5 ? "rollback" : "commit");
    }
  } finally {
    await client.end();
  }
}

describe("putting events in sequence", () => {
  it("is gapless, complete and never against cause and effect with 16 writers, sleeps, rollbacks and two sequencers", async () => {
    const aggregates = Array.from({ length: 5 }, () => newId());
    await withClient(superuserUrl(), async (client) => {
      for (const id of aggregates) await client.query("insert into teams (id, name) values ($1::uuid, $1::text || '#0')", [id]);
    });
    const writing = { done: false };
    const sequencer = async (): Promise<void> => {
      for (let last = false; ; last = writing.done) {
        await withClient(databaseUrl(), (client) => client.query("select ledger.sequence(7)"));
        if (last) break;
      }
    };
    const sequencers = [sequencer(), sequencer()];
    await Promise.all(Array.from({ length: 16 }, (_, index) => write(index, 20, aggregates)));
    writing.done = true;
    await Promise.all(sequencers);
    await sequenceEvents();
    const rows = await expectWhole();
    const written = rows.map(({ body }) => JSON.parse(body.toString()) as { aggregate?: string; version?: number });
    expect(written.filter(({ aggregate }) => aggregate)).toHaveLength(16 * 16);
    // What was done to one thing later stands later: every version is one more than the one before.
    for (const id of aggregates) {
      const versions = written.filter(({ aggregate }) => aggregate === id).map(({ version }) => version);
      expect(versions).toEqual(versions.map((_version, index) => index + 1));
    }
  });

  it("keeps the order of one chain", async () => {
    const request = newId();
    for (let stage = 0; stage < 30; stage++) {
      const data = { stage, answer: "approve" as const, durationSeconds: 60, requestVersion: 1 };
      await inTransaction((tx, at) => appendEvent(tx, { type: "request.voted", at, actor: { kind: "system", process: "web" }, subjects: { request }, data }));
      if (stage % 4 === 0) await sequenceEvents();
    }
    await sequenceEvents();
    const events = await readEventsAbout("request", request);
    expect(events.map(({ data }) => data["stage"])).toEqual(Array.from({ length: 30 }, (_, stage) => stage));
    const positions = events.map(({ position }) => Number(position));
    expect(positions).toEqual([...positions].sort((a, b) => a - b));
    await expectWhole();
  });

  it("leaves out what is not committed yet, and takes it later without a gap", async () => {
    const slow = new pg.Client({ connectionString: databaseUrl() });
    await slow.connect();
    try {
      await slow.query("begin");
      const append = (client: pg.Client, text: string) => client.query("select ledger.append('test.kept', $1::bytea, now(), '{}', '{}')", [Buffer.from(JSON.stringify({ text }))]);
      await append(slow, "slow");
      await withClient(databaseUrl(), (client) => append(client, "fast"));
      await sequenceEvents();
      expect((await everything()).at(-1)?.body.toString()).toContain("fast");
      await slow.query("commit");
    } finally {
      await slow.end();
    }
    await sequenceEvents();
    expect((await everything()).at(-1)?.body.toString()).toContain("slow");
    await expectWhole();
  });

  it("does nothing when there is nothing to do", async () => {
    const size = await ledgerSize();
    expect(await sequenceEvents()).toBe(0);
    expect(await ledgerSize()).toBe(size);
  });

  it("takes more than one batch at a time", async () => {
    await withClient(databaseUrl(), (client) => client.query("select count(ledger.append('test.bulk', convert_to('{\"n\":' || n || '}', 'UTF8'), now(), '{}', '{}')) from generate_series(1, 4500) n"));
    expect(await sequenceEvents()).toBe(4500);
    await expectWhole();
  });

  it.each<[string, Buffer]>([
    ["text with a NUL, which the database's own JSON refuses", Buffer.from('{"data":{"q":"\\u0000"}}')],
    ["half a character", Buffer.from('{"data":{"q":"\\ud83d"}}')],
    ["bytes that are no text", Buffer.of(0xff, 0x00, 0xfe)],
  ])("is not stopped by an event that holds %s", async (_name, body) => {
    await withClient(databaseUrl(), (client) => client.query("select ledger.append('test.odd', $1::bytea, now(), '{}', '{}')", [body]));
    expect(await sequenceEvents()).toBe(1);
    expect((await expectWhole()).at(-1)?.body).toEqual(body);
  });

  it("goes on across the border of a partition", async () => {
    const border = 10_000_000;
    await withClient(superuserUrl(), async (client) => {
      await client.query("begin");
      await client.query("set local session_replication_role = replica");
      await client.query("update ledger.head set size = $1", [border - 2]);
      await client.query("select count(ledger.append('test.border', convert_to('{\"n\":' || n || '}', 'UTF8'), now(), '{}', '{}')) from generate_series(1, 5) n");
      await client.query("select ledger.sequence(100)");
      const { rows } = await client.query("select position::int - $1 as position, tableoid::regclass::text as part from ledger.entry where position >= $1 - 2 order by position", [border]);
      expect(rows).toEqual([
        { position: -2, part: "ledger.entry_0" },
        { position: -1, part: "ledger.entry_0" },
        { position: 0, part: "ledger.entry_1" },
        { position: 1, part: "ledger.entry_1" },
        { position: 2, part: "ledger.entry_1" },
      ]);
      await client.query("rollback");
    });
    await expectWhole();
  });
});
