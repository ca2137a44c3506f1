import { createHash, createPrivateKey, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { base64, fromBase64, utf8 } from "./formats/bytes.mjs";
import { Frontier, isConsistent, isIncluded, subtreeWidths, treeHashes } from "./formats/merkle.mjs";
import { rankOf, seedOf } from "./formats/sample.mjs";
import { sha256 } from "./formats/sha256.mjs";
import { preAuthEncoding, readCheckpoint, readEnvelope, readProof, readVerifierKey } from "./formats/signed.mjs";
import { csvRecords } from "./formats/text.mjs";
import { nodePlatform } from "./core/node.mjs";

type Vectors = {
  merkle: { leaf_inputs_hex: string[]; leaf_hashes: string[]; roots: Record<string, string>; inclusion: Record<string, string[]>; consistency: Record<string, string[]> };
  note: { log_vkey: string; log_seed_hex: string; signed_checkpoint: string; checkpoint_body: string; tlog_proof: string };
  dsse: { payload_utf8: string; pae_sha256: string; envelope: { payload: string; payloadType: string; signatures: { keyid?: string; sig: string }[] } };
};
type Sampling = { checkpoint_root_b64: string; auditor_nonce: string; stratum: string; seed_hex: string; ids: string[]; ranked: string[] };
const sampling = JSON.parse(readFileSync(path.join(import.meta.dirname, "files/sampling.json"), "utf8")) as Sampling;
const vectors = JSON.parse(readFileSync(path.resolve("lib/ledger/tree/vectors.json"), "utf8")) as Vectors;
const hash = (bytes: Uint8Array) => new Uint8Array(createHash("sha256").update(bytes).digest());
const hex = (bytes: Uint8Array | null) => Buffer.from(bytes ?? []).toString("hex");
const bytes = (text: string) => new Uint8Array(Buffer.from(text, "hex"));
const hashes = treeHashes(hash);
const leaves = vectors.merkle.leaf_inputs_hex.map((input) => hashes.leaf(bytes(input)));

/** RFC 6962 §2.1 as it stands there: naive, and nothing of the verifier's. */
function rootOf(list: readonly Uint8Array[]): Uint8Array {
  const [only] = list;
  if (only && list.length === 1) return only;
  if (!only) return hash(new Uint8Array());
  let split = 1;
  while (split * 2 < list.length) split *= 2;
  return hash(Buffer.concat([Uint8Array.of(1), rootOf(list.slice(0, split)), rootOf(list.slice(split))]));
}

describe("the verifier's Merkle tree", () => {
  it("gives the published leaves and roots", () => {
    expect(leaves.map(hex)).toEqual(vectors.merkle.leaf_hashes);
    const frontier = new Frontier(hashes);
    leaves.forEach((leaf, index) => {
      frontier.add(leaf);
      expect(hex(frontier.root())).toBe(vectors.merkle.roots[String(index + 1)]);
    });
  });

  it("takes the published proofs of inclusion and consistency, and no other", () => {
    for (const [name, path_] of Object.entries(vectors.merkle.inclusion)) {
      const [index = 0, size = 0] = name.split("@").map(Number);
      const proof = { leaf: leaves[index] ?? new Uint8Array(), index, size, root: bytes(vectors.merkle.roots[String(size)] ?? ""), path: path_.map(bytes) };
      expect(isIncluded(hashes, proof), name).toBe(true);
      expect(isIncluded(hashes, { ...proof, path: [...proof.path, proof.root] }), name).toBe(false);
      if (path_.length > 0) expect(isIncluded(hashes, { ...proof, path: proof.path.slice(1) }), name).toBe(false);
      expect(isIncluded(hashes, { ...proof, leaf: hash(proof.leaf) }), name).toBe(false);
    }
    for (const [name, path_] of Object.entries(vectors.merkle.consistency)) {
      const [first = 0, second = 0] = name.split("->").map(Number);
      const [firstRoot, secondRoot] = [first, second].map((size) => bytes(vectors.merkle.roots[String(size)] ?? "")) as [Uint8Array, Uint8Array];
      const proof = { first, second, firstRoot, secondRoot, path: path_.map(bytes) };
      expect(isConsistent(hashes, proof), name).toBe(true);
      expect(isConsistent(hashes, { ...proof, firstRoot: hash(firstRoot) }), name).toBe(false);
      if (first !== second) expect(isConsistent(hashes, { ...proof, path: [...proof.path, firstRoot] }), name).toBe(false);
    }
  });

  it("gives the root of any range with the subtrees around it, as the naive definition does", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 70 }), fc.nat(), fc.nat(), (size, one, other) => {
        const all = Array.from({ length: size }, (_, index) => hash(utf8(`leaf ${index}`)));
        const [from = 0, to = 0] = [one % (size + 1), other % (size + 1)].sort((a, b) => a - b);
        const rootsOf = (start: number, end: number) => {
          let at = start;
          return subtreeWidths(start, end).map((width) => rootOf(all.slice(at, (at += width))));
        };
        const frontier = new Frontier(hashes, from, rootsOf(0, from));
        for (const leaf of all.slice(from, to)) frontier.add(leaf);
        const widths = subtreeWidths(to, size);
        rootsOf(to, size).forEach((root, index) => frontier.addSubtree(root, widths[index] ?? 0));
        expect(hex(frontier.root())).toBe(hex(rootOf(all)));
      }),
    );
  });
});

describe("the verifier's signatures", () => {
  it("take the published checkpoint and proof by the published key, and nothing of it changed", async () => {
    const platform = await nodePlatform();
    const key = readVerifierKey(platform, vectors.note.log_vkey);
    if (!key) throw new TypeError("no key");
    const read = await readCheckpoint(platform, "note", utf8(vectors.note.signed_checkpoint), [key]);
    expect([read.origin, read.size, hex(read.root)]).toEqual(["audit.example.org/tenant-1", 8, vectors.merkle.roots["8"]]);
    const proof = readProof("proof", utf8(vectors.note.tlog_proof));
    const inTree = { leaf: leaves[3] ?? new Uint8Array(), index: proof.index, size: 8, root: read.root, path: proof.path };
    expect(isIncluded(hashes, inTree)).toBe(true);
    expect((await readCheckpoint(platform, "proof", proof.checkpoint, [key])).size).toBe(8);
    const note = vectors.note.signed_checkpoint;
    // What follows is a witness's line, whose key was not given.
    const end = note.indexOf("\n\u2014 witness");
    for (let at = 0; at < (end < 0 ? note.length : end); at++) {
      const other = note.slice(0, at) + (note[at] === "A" ? "B" : "A") + note.slice(at + 1);
      await expect(readCheckpoint(platform, "note", utf8(other), [key]), `character ${at}`).rejects.toThrow();
    }
    expect(readVerifierKey(platform, vectors.note.log_vkey.replace("9455419c", "9455419d"))).toBeNull();
  });

  it("take an envelope in its one spelling, with the published encoding", async () => {
    const { payload_utf8: payload, pae_sha256: expected, envelope } = vectors.dsse;
    expect(hex(hash(preAuthEncoding(envelope.payloadType, utf8(payload))))).toBe(expected);
    const platform = await nodePlatform();
    const key = readVerifierKey(platform, vectors.note.log_vkey);
    if (!key) throw new TypeError("no key");
    const privateKey = createPrivateKey({ key: Buffer.from(`302e020100300506032b657004220420${Buffer.from(Array.from({ length: 32 }, (_, n) => n)).toString("hex")}`, "hex"), format: "der", type: "pkcs8" });
    const sig = sign(null, preAuthEncoding(envelope.payloadType, utf8(payload)), privateKey).toString("base64");
    expect(sig).toBe(envelope.signatures[0]?.sig);
    const spelled = (value: object) => utf8(`${JSON.stringify(value)}\n`);
    const whole = { payload: base64(utf8(payload)), payloadType: envelope.payloadType, signatures: [{ keyid: key.id, sig }] };
    expect((await readEnvelope(platform, "manifest", spelled(whole), [key])).key.id).toBe(key.id);
    for (const wrong of [{ ...whole, extra: 1 }, { ...whole, payloadType: "text/plain" }, { ...whole, payload: base64(utf8(`${payload} `)) }, { ...whole, signatures: [{ keyid: "00000000", sig }] }, { ...whole, signatures: [{ sig, keyid: key.id }] }]) {
      await expect(readEnvelope(platform, "manifest", spelled(wrong), [key])).rejects.toThrow();
    }
  });
});

describe("the verifier's pieces", () => {
  it("hash as SHA-256 does, whole and in parts", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (data) => {
      expect(hex(sha256(data))).toBe(hex(hash(data)));
    }));
  });

  it("read base64 in the one spelling that gives the bytes", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 50 }), (data) => {
      expect(hex(fromBase64(base64(data)))).toBe(hex(data));
    }));
    for (const text of ["AB==", "AAB=", "A", "AA=A", "AA=", "====", "AAA\n", " AAA"]) expect(fromBase64(text), text).toBeNull();
  });

  it("draw the published sample", () => {
    const { checkpoint_root_b64: root, auditor_nonce: nonce, stratum, seed_hex: seed, ids, ranked } = sampling;
    expect(seedOf(hash, { root: new Uint8Array(Buffer.from(root, "base64")), nonce, stratum })).toBe(seed);
    expect([...ids].sort((a, b) => (rankOf(hash, seed, a) < rankOf(hash, seed, b) ? -1 : 1))).toEqual(ranked);
  });

  it("read CSV as PostgreSQL writes it, across chunks", async () => {
    const text = 'a,b,c\n1,"two ""words"", and\na line",\n,"",x\n';
    for (let cut = 1; cut < text.length; cut++) {
      async function* chunks() {
        yield await Promise.resolve(utf8(text.slice(0, cut)));
        yield utf8(text.slice(cut));
      }
      const records = [];
      for await (const { values } of csvRecords("x.csv", chunks())) records.push(values);
      expect(records).toEqual([["a", "b", "c"], ["1", 'two "words", and\na line', null], [null, "", "x"]]);
    }
  });
});
