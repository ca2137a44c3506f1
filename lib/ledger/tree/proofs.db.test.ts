import { createHash, verify } from "node:crypto";
import { describe, expect, it } from "vitest";
import { databaseUrl, withClient } from "@/lib/db/test-database";
import { inTransaction } from "@/lib/db/transaction";
import { exportVerifierKeys, logVerifierKeys, makeKey, signEvidence } from "./keys";
import { consistencyPath, foldSubtrees, inclusionPath, nodeHash, rootOf, verifyConsistency, verifyInclusion } from "./merkle";
import { isSignedBy, parseCheckpoint, parseNote, parseVerifierKey, preAuthEncoding, publicKeyOf } from "./note";
import { checkpointNow, checkpointOf, consistencyProof, inclusionProof, latestCheckpoint, rangeProof, type Checkpoint } from "./proofs";
import { growLedger, storedLeaves } from "./test-ledger";
import { takeTreeTurn } from "./tiles";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const rowsOf = async <Row extends object>(sql: string): Promise<Row[]> => (await withClient(databaseUrl(), (client) => client.query<Row>(sql))).rows;

function keyOf(vkey: string | undefined) {
  const key = parseVerifierKey(vkey ?? "");
  if (!key) throw new Error(`not a key: ${vkey}`);
  return key;
}

/** Everything that a checkpoint says, from the leaves and the published key alone. */
async function expectHonest(checkpoint: Checkpoint): Promise<void> {
  const leaves = (await storedLeaves()).slice(0, Number(checkpoint.size));
  expect(leaves).toHaveLength(Number(checkpoint.size));
  expect(hex(checkpoint.root)).toBe(hex(rootOf(leaves)));
  const said = parseCheckpoint(parseNote(checkpoint.note)?.text ?? "");
  expect(said).toMatchObject({ size: checkpoint.size });
  expect(hex(said?.root ?? new Uint8Array())).toBe(hex(checkpoint.root));
  const signer = (await logVerifierKeys()).filter(({ from, until }) => from < checkpoint.size && (until === null || checkpoint.size <= until));
  expect(signer).toHaveLength(1);
  expect(isSignedBy(checkpoint.note, keyOf(signer[0]?.vkey))).toBe(true);
}

describe("the ledger's tree", () => {
  it("is signed at its first start with a key of its own, announced in the ledger and sealed", async () => {
    const first = await checkpointNow();
    expect(first.size).toBeGreaterThanOrEqual(2n);
    await expectHonest(first);
    const [key] = await logVerifierKeys();
    expect(keyOf(key?.vkey).name).toMatch(/^[^/]+\/ledger\/[0-9a-f]{8}$/);
    const announced = await rowsOf<{ body: Buffer }>("select body from ledger.event where type = 'ledger.key-announced' order by id");
    expect(announced).toHaveLength(2);
    expect(announced[0]?.body.toString()).toContain(key?.vkey ?? "none");
    const [row] = await rowsOf<{ sealed: Buffer; public_key: Buffer }>("select sealed, public_key from ledger.log_key order by id");
    expect(row?.sealed[0]).toBe(1);
    expect(await latestCheckpoint()).toEqual(first);
  });

  it("signs nothing while nothing grows, and one checkpoint when many ask at once", async () => {
    const first = await checkpointNow();
    await growLedger(3);
    const all = await Promise.all(Array.from({ length: 8 }, () => checkpointNow()));
    expect(new Set(all.map(({ note }) => note)).size).toBe(1);
    expect(all[0]?.size).toBe(first.size + 3n);
    expect(await checkpointNow()).toEqual(all[0]);
    expect(await checkpointOf(first.size)).toEqual(first);
    expect(await checkpointOf(first.size + 1n)).toBeNull();
  });

  it("proves inclusion, consistency and ranges at every border of a tile, from tiles", async () => {
    const before = [await checkpointNow()];
    for (const target of [255, 256, 257, 511, 512, 513, 700, 1300]) {
      const size = Number((await latestCheckpoint())?.size ?? 0n);
      if (size >= target) continue;
      await growLedger(target - size);
      before.push(await checkpointNow());
    }
    const leaves = await storedLeaves();
    for (const checkpoint of before) await expectHonest(checkpoint);
    for (const { size, root } of before) {
      const some = [0, 1, 254, 255, 256, 257, 511, 512, Number(size) - 2, Number(size) - 1].filter((index) => index >= 0 && index < Number(size));
      for (const index of some) {
        const path = await inclusionProof(BigInt(index), size);
        expect(path.map(hex)).toEqual(inclusionPath(leaves.slice(0, Number(size)), index).map(hex));
        expect(verifyInclusion({ leaf: leaves[index] ?? new Uint8Array(), index, size, root, path })).toBe(true);
      }
      for (const older of before.filter((candidate) => candidate.size <= size)) {
        const proof = await consistencyProof(older.size, size);
        expect(proof.map(hex)).toEqual(consistencyPath(leaves.slice(0, Number(size)), Number(older.size)).map(hex));
        expect(verifyConsistency({ first: older, second: { size, root }, proof })).toBe(true);
      }
    }
  });

  it("proves a range as a verifier that has its leaves only checks it", async () => {
    const { size, root } = await checkpointNow();
    const leaves = await storedLeaves();
    /** Stack of perfect subtrees, as whoever reads a bundle builds it. */
    const rebuild = (from: number, to: number, proof: { left: Uint8Array[]; right: Uint8Array[] }): string => {
      const stack: { width: number; hash: Uint8Array }[] = [];
      const push = (width: number, hash: Uint8Array) => {
        stack.push({ width, hash });
        for (let [b, a] = [stack.at(-1), stack.at(-2)]; a && b && a.width === b.width; [b, a] = [stack.at(-1), stack.at(-2)]) {
          stack.splice(-2, 2, { width: a.width * 2, hash: nodeHash(a.hash, b.hash) });
        }
      };
      let at = 0;
      const widths = (start: number, end: number) => {
        const found: number[] = [];
        for (let position = start; position < end; ) {
          let width = 1;
          while (position % (width * 2) === 0 && position + width * 2 <= end) width *= 2;
          found.push(width);
          position += width;
        }
        return found;
      };
      for (const [n, width] of widths(0, from).entries()) push(width, proof.left[n] ?? new Uint8Array());
      for (at = from; at < to; at++) push(1, leaves[at] ?? new Uint8Array());
      for (const [n, width] of widths(to, Number(size)).entries()) push(width, proof.right[n] ?? new Uint8Array());
      return hex(foldSubtrees(stack.map(({ hash }) => hash)));
    };
    for (const [from, to] of [[0, Number(size)], [0, 1], [1, 2], [5, 700], [256, 512], [255, 513], [1000, Number(size)], [600, 600], [0, 0]] as const) {
      const proof = await rangeProof(BigInt(from), BigInt(to), size);
      expect(proof.left.length + proof.right.length).toBeLessThan(40);
      expect(rebuild(from, to, proof), `${from}…${to}`).toBe(hex(root));
    }
  });

  it("keeps tiles of two levels, and reads no leaf of what is tiled", async () => {
    await growLedger(66_000);
    const { size, root } = await checkpointNow();
    const leaves = await storedLeaves();
    expect(hex(root)).toBe(hex(rootOf(leaves)));
    const tiles = await rowsOf<{ level: number; index: string; hashes: Buffer; root: Buffer }>("select level, index, hashes, root from ledger.tile order by level, index");
    expect(tiles.filter(({ level }) => level === 0)).toHaveLength(Math.floor(Number(size) / 256));
    expect(tiles.filter(({ level }) => level === 1)).toHaveLength(1);
    for (const tile of tiles.filter(({ level }) => level === 0).slice(0, 30)) {
      const own = leaves.slice(Number(tile.index) * 256, Number(tile.index) * 256 + 256);
      expect(tile.hashes.equals(Buffer.concat(own))).toBe(true);
      expect(hex(tile.root)).toBe(hex(rootOf(own)));
    }
    expect(tiles.at(-1)?.hashes.equals(Buffer.concat(tiles.slice(0, 256).map((tile) => tile.root)))).toBe(true);
    for (const index of [0, 65_535, 65_536, 12_345, Number(size) - 1]) {
      const path = await inclusionProof(BigInt(index), size);
      expect(verifyInclusion({ leaf: leaves[index] ?? new Uint8Array(), index, size, root, path })).toBe(true);
    }
    const older = await checkpointOf(1300n);
    const proof = await consistencyProof(1300n, size);
    expect(verifyConsistency({ first: older ?? { size: 0n, root }, second: { size, root }, proof })).toBe(true);
  });

  it("refuses proofs of what is not there", async () => {
    const { size } = await checkpointNow();
    await expect(inclusionProof(size, size)).rejects.toMatchObject({ code: "not-found" });
    await expect(inclusionProof(0n, size + 1n)).rejects.toMatchObject({ code: "not-found" });
    await expect(consistencyProof(size + 1n, size)).rejects.toMatchObject({ code: "not-found" });
    await expect(rangeProof(3n, 2n, size)).rejects.toMatchObject({ code: "not-found" });
  });

  it.each(["tile", "checkpoint", "log_key", "cosignature", "self_check"])("does not let the app change or delete a %s", async (table) => {
    const column = { tile: "root", checkpoint: "note", log_key: "name", cosignature: "line", self_check: "size" }[table];
    for (const sql of [`update ledger.${table} set ${column} = ${column}`, `delete from ledger.${table}`, `truncate ledger.${table}`]) {
      await expect(withClient(databaseUrl(), (client) => client.query(sql))).rejects.toThrow(/permission denied/);
    }
  });
});

describe("a new key", () => {
  it("signs only after the one before has signed its announcement", async () => {
    const [old] = await logVerifierKeys();
    const made = await inTransaction(async (tx, now) => {
      await takeTreeTurn(tx);
      return makeKey(tx, { purpose: "log", actor: { kind: "system", process: "worker" }, now });
    });
    const handOver = await checkpointNow();
    expect(isSignedBy(handOver.note, keyOf(old?.vkey))).toBe(true);
    await growLedger(2);
    const next = await checkpointNow();
    expect(isSignedBy(next.note, keyOf(made.vkey))).toBe(true);
    expect(isSignedBy(next.note, keyOf(old?.vkey))).toBe(false);
    expect(await logVerifierKeys()).toEqual([
      { vkey: old?.vkey, from: 0n, until: handOver.size },
      { vkey: made.vkey, from: handOver.size, until: null },
    ]);
    expect(keyOf(made.vkey).name).toBe(keyOf(old?.vkey).name);
    await expectHonest(handOver);
    await expectHonest(next);
  });
});

describe("signed evidence", () => {
  it("is verified with the published key for exports", async () => {
    const payload = Buffer.from('{"a":1}');
    const { keyid, sig } = await signEvidence("application/vnd.in-toto+json", payload);
    const key = (await exportVerifierKeys()).find((candidate) => candidate.keyid === keyid);
    const bytes = preAuthEncoding("application/vnd.in-toto+json", payload);
    expect(verify(null, bytes, publicKeyOf(keyOf(key?.vkey).publicKey), Buffer.from(sig, "base64"))).toBe(true);
    expect(verify(null, createHash("sha256").update(bytes).digest(), publicKeyOf(keyOf(key?.vkey).publicKey), Buffer.from(sig, "base64"))).toBe(false);
  });
});
