import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Actor } from "@/lib/auth/actor";
import { db } from "@/lib/db/client";
import { databaseUrl, ownerUrl, superuserUrl, withClient } from "@/lib/db/test-database";
import { inTransaction } from "@/lib/db/transaction";
import { newId } from "@/lib/platform/ids";
import { appendEvent, saltedHash, type NewEvent } from "./append";
import { canonicalBytes } from "./canonical";
import { eraseClearValues } from "./erase";
import { eventTypes, type EventType } from "./events";
import { readEventsAbout } from "./read";
import { ledgerSize, sequenceEvents } from "./sequence";

const at = new Date("2026-03-01T10:00:00.123Z");
const person: Actor = { kind: "person", personId: newId(), name: "Rita Okafor", roles: ["requester"] };

const append = <Type extends EventType>(event: NewEvent<Type>) => inTransaction((tx) => appendEvent(tx, event));
const voted = (request: string, over: Partial<NewEvent<"request.voted">> = {}): NewEvent<"request.voted"> => ({
  type: "request.voted",
  at,
  actor: person,
  subjects: { request },
  data: { stage: 0, answer: "approve", durationSeconds: 60, requestVersion: 1 },
  ...over,
});

const counted = async () => {
  const [row] = await db.$queryRaw<{ events: bigint; pending: bigint; subjects: bigint; clear: bigint }[]>`
    select (select count(*) from ledger.event) as events, (select count(*) from ledger.pending) as pending,
      (select count(*) from ledger.subject) as subjects, (select count(*) from ledger.clear_value) as clear`;
  return row;
};

describe("an event", () => {
  it("is canonical JSON of exactly what happened, byte for byte", async () => {
    const request = newId();
    await append(voted(request));
    const [event] = await readEventsAbout("request", request);
    const expected = `{"actor":{"id":"${person.personId}","kind":"person"},"at":"2026-03-01T10:00:00.123Z","data":{"answer":"approve","durationSeconds":60,"requestVersion":1,"stage":0},"hashed":{},"subjects":{"request":"${request}"},"type":"request.voted","v":3}`;
    expect(Buffer.from(event?.bytes ?? []).toString()).toBe(expected);
  });

  it.each<[string, Actor, Record<string, unknown>]>([
    ["a person", person, { kind: "person", id: person.personId }],
    ["Curfew itself", { kind: "system", process: "worker" }, { kind: "system", process: "worker" }],
    [
      "a workload",
      { kind: "workload", identityId: "9f1c2a58-0d5b-4a87-8f0d-3a2c2f0a1b11", name: "job", issuer: "https://ci", subject: "s", tokenId: "t-1", triggeredById: null },
      { kind: "workload", id: "9f1c2a58-0d5b-4a87-8f0d-3a2c2f0a1b11", tokenId: "t-1" },
    ],
  ])("names %s by id, never by name", async (_name, actor, expected) => {
    const request = newId();
    await append(voted(request, { actor }));
    expect((await readEventsAbout("request", request))[0]?.actor).toEqual(expected);
  });

  it("is found by each thing that it is about, and says so when it is demo data", async () => {
    const [request, grant] = [newId(), newId()];
    await append({ ...voted(request), subjects: { request, grant }, demo: true });
    expect(await readEventsAbout("request", request)).toEqual(await readEventsAbout("grant", grant));
    expect((await readEventsAbout("grant", grant))[0]?.demo).toBe(true);
    expect(await readEventsAbout("grant", request)).toEqual([]);
  });

  it("is gone with the transaction that it was appended in", async () => {
    const [before, request] = [await counted(), newId()];
    const failing = inTransaction(async (tx) => {
      await appendEvent(tx, voted(request, { clear: { reason: "x" } }));
      throw new TypeError("after the append");
    });
    await expect(failing).rejects.toThrow("after the append");
    expect(await counted()).toEqual(before);
  });

  it("takes the state change down with it when its data has the wrong shape", async () => {
    const before = await counted();
    const name = newId();
    const wrong = { ...voted(newId()), data: { stage: 0, answer: "perhaps", durationSeconds: 60, requestVersion: 1 } };
    const failing = inTransaction(async (tx) => {
      await tx.team.create({ data: { id: newId(), name } });
      await appendEvent(tx, wrong as NewEvent<"request.voted">);
    });
    await expect(failing).rejects.toThrow();
    expect(await db.team.count({ where: { name } })).toBe(0);
    expect(await counted()).toEqual(before);
  });

  it("with a field that its type does not have is refused", async () => {
    const extra = { ...voted(newId()), data: { stage: 0, answer: "approve", durationSeconds: 60, requestVersion: 1, voterName: "Rita" } };
    await expect(append(extra as NewEvent<"request.voted">)).rejects.toThrow();
  });

  it("may have 65,535 bytes and not one more (C2SP tlog entries)", async () => {
    const put = (size: number) => withClient(databaseUrl(), (client) => client.query("select ledger.append('test.sized', $1::bytea, now(), '{}', '{}')", [Buffer.alloc(size, 97)]));
    await expect(put(65_535)).resolves.toBeDefined();
    await expect(put(65_536)).rejects.toThrow(/event_body_check/);
    const before = await counted();
    const many = Array.from({ length: 2_000 }, () => newId());
    await expect(append({ type: "request.rerouted", at, actor: person, subjects: {}, data: { excluded: many, why: "x" } })).rejects.toThrow();
    expect(await counted()).toEqual(before);
  });

  it("is one for every type, with a version of its own", () => {
    for (const [type, { version }] of Object.entries(eventTypes)) {
      expect(type).toMatch(/^[a-z][a-z-]*\.[a-z-]+$/);
      expect(version).toBeGreaterThanOrEqual(1);
    }
  });
});

describe("names and free text", () => {
  it("stand beside the event; in it there is their salted hash, which anybody with salt and text can make again", async () => {
    const request = newId();
    await append(voted(request, { clear: { reason: "Fine with me, Grüße", voter: "Rita", nothing: null, empty: "" } }));
    const [event] = await readEventsAbout("request", request);
    expect(event?.clear).toEqual({ reason: "Fine with me, Grüße", voter: "Rita" });
    expect(Object.keys(event?.hashed ?? {}).sort()).toEqual(["reason", "voter"]);
    const rows = await db.$queryRaw<{ field: string; salt: Uint8Array; value: string }[]>`
      select field, salt, value from ledger.clear_value where event_id = ${event?.eventId ?? 0n} order by field`;
    for (const { field, salt, value } of rows) {
      const naive = createHash("sha256").update(Buffer.concat([salt, Buffer.from(value, "utf8")])).digest("hex");
      expect(event?.hashed[field]).toBe(naive);
      expect(saltedHash(salt, value)).toBe(naive);
      expect(salt).toHaveLength(16);
    }
  });

  it("have another hash each time, so that nobody can tell equal texts apart or find them by guessing", async () => {
    const request = newId();
    await append(voted(request, { clear: { reason: "yes" } }));
    await append(voted(request, { clear: { reason: "yes" } }));
    const events = await readEventsAbout("request", request);
    expect(new Set(events.map(({ hashed }) => hashed["reason"])).size).toBe(2);
    expect(events[0]?.hashed["reason"]).not.toBe(createHash("sha256").update("yes").digest("hex"));
  });

  it("can be erased without touching bytes, hashes, leaf hashes and positions", async () => {
    const [request, other] = [newId(), newId()];
    await append(voted(request, { clear: { reason: "erase me" } }));
    await append(voted(other, { clear: { reason: "keep me" } }));
    await sequenceEvents();
    const before = await readEventsAbout("request", request);
    expect(await inTransaction((tx) => eraseClearValues(tx, "request", request))).toBe(1);
    const after = await readEventsAbout("request", request);
    expect(after).toEqual(before.map((event) => ({ ...event, clear: {} })));
    expect((await readEventsAbout("request", other))[0]?.clear).toEqual({ reason: "keep me" });
    const { rows } = await withClient(superuserUrl(), (client) => client.query("select 1 from ledger.clear_value where value = 'erase me'"));
    expect(rows).toEqual([]);
  });

  it("come back as they were, whatever they are", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "grapheme", minLength: 1, maxLength: 60 }).filter((text) => !text.includes("\0")), async (reason) => {
        const request = newId();
        await append(voted(request, { clear: { reason } }));
        expect((await readEventsAbout("request", request))[0]?.clear).toEqual({ reason });
      }),
      { numRuns: 40 },
    );
  });
});

/** The tables of the ledger, with the partitions of positions. */
async function tables(): Promise<string[]> {
  const { rows } = await withClient(superuserUrl(), (client) =>
    client.query<{ name: string }>(
      "select relname as name from pg_class where relnamespace = 'ledger'::regnamespace and relkind in ('r', 'p') and (relname in ('event', 'subject', 'entry') or relname like 'entry\\_%') order by 1",
    ),
  );
  return rows.map(({ name }) => name);
}

describe("what is on the ledger", () => {
  it("cannot be changed by the app's role, by the owner of its tables or by a superuser while the triggers stand", async () => {
    const request = newId();
    await append(voted(request));
    await sequenceEvents();
    const all = await tables();
    expect(all).toEqual(["entry", "entry_0", "entry_1", "entry_2", "entry_3", "entry_rest", "event", "subject"]);
    const columns: Record<string, string> = { event: "type = 'x'", subject: "kind = 'x'" };
    for (const [url, complaint] of [[databaseUrl(), /permission denied/], [ownerUrl(), /append-only/], [superuserUrl(), /append-only/]] as const) {
      for (const table of all) {
        const ways = [`update ledger.${table} set ${columns[table] ?? "leaf_hash = sha256('x')"}`, `delete from ledger.${table}`, `truncate ledger.${table} cascade`];
        for (const sql of ways) {
          await expect(withClient(url, (client) => client.query(sql)), `${sql} by ${new URL(url).username}`).rejects.toThrow(complaint);
        }
      }
    }
  });

  it("cannot be joined by events with a position of one's own choosing twice", async () => {
    await append(voted(newId()));
    await sequenceEvents();
    const size = await ledgerSize();
    const again = withClient(databaseUrl(), (client) => client.query("insert into ledger.entry (position, event_id, leaf_hash) select position, event_id, leaf_hash from ledger.entry where position = $1", [String(size - 1n)]));
    await expect(again).rejects.toThrow(/duplicate key/);
  });

  it("is told to listeners when it gets its position, with kinds and ids only", async () => {
    const request = newId();
    const heard = await withClient(databaseUrl(), async (client) => {
      const payloads: string[] = [];
      client.on("notification", ({ payload }) => payloads.push(payload ?? ""));
      await client.query("listen curfew");
      await append(voted(request, { clear: { reason: "not for everybody" } }));
      await client.query("select 1");
      const before = payloads.filter((payload) => payload.includes(request));
      await sequenceEvents();
      await client.query("select 1");
      return { before, after: payloads.filter((payload) => payload.includes(request)) };
    });
    expect(heard.before).toEqual([]);
    expect(heard.after.map((payload): unknown => JSON.parse(payload))).toEqual([{ type: "request.voted", subjects: { request } }]);
  });
});

describe("reading", () => {
  it("gives what was written, in the order in which it was appended, and is not fooled by another form", async () => {
    const request = newId();
    for (let stage = 0; stage < 5; stage++) await append(voted(request, { data: { stage, answer: "approve", durationSeconds: 60, requestVersion: 1 } }));
    expect((await readEventsAbout("request", request)).map(({ data }) => data["stage"])).toEqual([0, 1, 2, 3, 4]);
    expect(await readEventsAbout("request", request, 2)).toHaveLength(2);
    const body = Buffer.from(canonicalBytes({ hello: "world" }));
    await withClient(databaseUrl(), (client) => client.query("select ledger.append('x', $1::bytea, now(), $2::jsonb, '{}')", [body, JSON.stringify({ request })]));
    await expect(readEventsAbout("request", request)).rejects.toMatchObject({ code: "integrity" });
  });
});
