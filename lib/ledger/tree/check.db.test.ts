import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { superuserUrl, withClient } from "@/lib/db/test-database";
import { inTransaction } from "@/lib/db/transaction";
import { lastReading, readLedger, recordReading } from "./check";
import { checkpointNow, latestCheckpoint } from "./proofs";
import { attacks, behindItsBack, eventAt as event, forgedBody, growLedger, keepAside, leafOf, putBack } from "./test-ledger";

/** Two full tiles with checkpoints within, and a part of a third. */
const [inTile, inTail, size] = [300, 580, 600];

beforeAll(async () => {
  await checkpointNow();
  for (const step of [250, 100, 200]) {
    await growLedger(step);
    await checkpointNow();
  }
  await growLedger(size - Number((await checkpointNow()).size));
  await checkpointNow();
  await keepAside();
});

beforeEach(putBack);

describe("a reading of the whole ledger", () => {
  it("finds nothing where nothing was changed, and what was signed", async () => {
    expect(await readLedger()).toEqual({ size, fault: null });
    expect((await latestCheckpoint())?.size).toBe(BigInt(size));
  });

  describe.each(attacks)("by somebody who %s", (_name, attack, fault) => {
    it.each([["in a full tile", inTile], ["behind the last full tile", inTail], ["at the very beginning", 0]])("names it %s", async (_where, position) => {
      await behindItsBack(...attack(position));
      const found = (await readLedger()).fault;
      const expected = fault === "shorter-than-signed" ? { fault, position: BigInt(size - 1) } : { fault, position: BigInt(position) };
      expect({ fault: found?.fault, position: found?.position }).toEqual(expected);
    });
  });

  it("names an entry that was put behind the end", async () => {
    await behindItsBack(`insert into ledger.entry (position, event_id, leaf_hash) select ${size}, event_id, leaf_hash from ledger.entry where position = 1`);
    expect((await readLedger()).fault).toMatchObject({ fault: "entry-beyond-end", position: BigInt(size) });
    await expect(checkpointNow()).rejects.toMatchObject({ name: "LedgerFault", fault: "entry-beyond-end" });
  });

  it("names what was cut off at the end", async () => {
    await behindItsBack(`delete from ledger.entry where position >= ${size - 5}`);
    expect((await readLedger()).fault).toMatchObject({ fault: "entry-missing", position: BigInt(size - 5) });
    await behindItsBack(`update ledger.head set size = ${size - 5}`);
    expect((await readLedger()).fault).toMatchObject({ fault: "shorter-than-signed", position: BigInt(size - 5) });
  });

  it("finds a rewrite that takes the tree along, since nobody can sign it", async () => {
    const forge = [
      `update ledger.event set body = ${forgedBody} where id = ${event(inTile)}`,
      `update ledger.entry set leaf_hash = ${leafOf(forgedBody)} where position = ${inTile}`,
      "update ledger.tile t set hashes = (select string_agg(leaf_hash, ''::bytea order by position) from ledger.entry where position / 256 = t.index) where level = 0",
    ];
    await behindItsBack(...forge);
    expect((await readLedger()).fault).toMatchObject({ fault: "tile-changed", position: 256n });
    const { rootOf } = await import("./merkle");
    const { rows } = await withClient(superuserUrl(), (client) => client.query<{ leaf_hash: Buffer }>("select leaf_hash from ledger.entry where position between 256 and 511 order by position"));
    await behindItsBack(`update ledger.tile set root = '\\x${Buffer.from(rootOf(rows.map(({ leaf_hash }) => leaf_hash))).toString("hex")}' where level = 0 and index = 1`);
    const found = (await readLedger()).fault;
    expect(found?.fault).toBe("root-differs");
    expect(Number(found?.position)).toBeLessThanOrEqual(inTile);
    expect(Number(found?.position)).toBeGreaterThan(200);
    await behindItsBack("update ledger.checkpoint set root = sha256(root), note = replace(note, '\n600\n', '\n601\n')");
    expect((await readLedger()).fault).toMatchObject({ fault: "checkpoint-forged" });
  });
});

describe("signing over it", () => {
  it.each(attacks)("is refused behind the last full tile when somebody %s", async (_name, attack, fault) => {
    await behindItsBack(...attack(inTail));
    await growLedger(2);
    await expect(checkpointNow()).rejects.toMatchObject({ name: "LedgerFault", code: "integrity", ...(fault === "shorter-than-signed" ? {} : { fault, position: BigInt(inTail) }) });
    expect((await latestCheckpoint())?.size).toBe(BigInt(size));
  });

  it("is refused for what a reading found deep in a full tile, until it is as it was", async () => {
    await behindItsBack(`update ledger.event set body = ${forgedBody} where id = ${event(inTile)}`);
    const reading = await readLedger();
    await inTransaction((tx, now) => recordReading(tx, reading, now, now));
    expect(await lastReading()).toMatchObject({ fault: "event-changed", position: BigInt(inTile) });
    await expect(checkpointNow()).rejects.toMatchObject({ fault: "event-changed", position: BigInt(inTile) });
    await behindItsBack(`update ledger.event e set body = k.body from kept.event k where k.id = e.id`);
    const again = await readLedger();
    expect(again.fault).toBeNull();
    await inTransaction((tx, now) => recordReading(tx, again, now, now));
    expect((await checkpointNow()).size).toBe(BigInt(size + 2));
  });
});
