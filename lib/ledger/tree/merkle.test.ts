import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  consistencyPath, consistencySpans, emptyRoot, foldSubtrees, inclusionPath, inclusionSpans, leafHash, nodeHash, rootOf, subtreesAfter, subtreesOf, verifyConsistency, verifyInclusion,
} from "./merkle";

type Vectors = { merkle: { leaf_inputs_hex: string[]; leaf_hashes: string[]; roots: Record<string, string>; inclusion: Record<string, string[]>; consistency: Record<string, string[]> } };

const { merkle: vectors } = JSON.parse(readFileSync(new URL("vectors.json", import.meta.url), "utf8")) as Vectors;
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "hex"));

/** RFC 6962 §2.1 once more, word for word and with its own hashing: what the product computes must be this. */
const naive = {
  hash: (...parts: Uint8Array[]) => new Uint8Array(createHash("sha256").update(Buffer.concat(parts)).digest()),
  split: (n: number) => 2 ** Math.floor(Math.log2(n - 1)),
  mth(entries: readonly Uint8Array[]): Uint8Array {
    if (entries.length === 0) return naive.hash();
    if (entries.length === 1) return naive.hash(Uint8Array.of(0), entries[0] as Uint8Array);
    const k = naive.split(entries.length);
    return naive.hash(Uint8Array.of(1), naive.mth(entries.slice(0, k)), naive.mth(entries.slice(k)));
  },
  path(m: number, entries: readonly Uint8Array[]): Uint8Array[] {
    if (entries.length === 1) return [];
    const k = naive.split(entries.length);
    return m < k ? [...naive.path(m, entries.slice(0, k)), naive.mth(entries.slice(k))] : [...naive.path(m - k, entries.slice(k)), naive.mth(entries.slice(0, k))];
  },
  subproof(m: number, entries: readonly Uint8Array[], flag: boolean): Uint8Array[] {
    if (m === entries.length) return flag ? [] : [naive.mth(entries)];
    const k = naive.split(entries.length);
    return m <= k ? [...naive.subproof(m, entries.slice(0, k), flag), naive.mth(entries.slice(k))] : [...naive.subproof(m - k, entries.slice(k), false), naive.mth(entries.slice(0, k))];
  },
};

const entriesOf = (count: number): Uint8Array[] => Array.from({ length: count }, (_, n) => new TextEncoder().encode(`entry ${n}`));

describe("the published vectors", () => {
  const entries = vectors.leaf_inputs_hex.map(bytes);
  const leaves = entries.map(leafHash);

  it("give these leaf hashes and roots", () => {
    expect(leaves.map(hex)).toEqual(vectors.leaf_hashes);
    for (const [size, root] of Object.entries(vectors.roots)) expect(hex(rootOf(leaves.slice(0, Number(size))))).toBe(root);
    expect(hex(emptyRoot)).toBe(vectors.roots["0"]);
  });

  it.each(Object.entries(vectors.inclusion))("give the inclusion proof %s", (name, expected) => {
    const [index, size] = name.split("@").map(Number) as [number, number];
    const path = inclusionPath(leaves.slice(0, size), index);
    expect(path.map(hex)).toEqual(expected);
    expect(verifyInclusion({ leaf: leaves[index] as Uint8Array, index, size, root: rootOf(leaves.slice(0, size)), path })).toBe(true);
  });

  it.each(Object.entries(vectors.consistency))("give the consistency proof %s", (name, expected) => {
    const [first, size] = name.split("->").map(Number) as [number, number];
    const proof = consistencyPath(leaves.slice(0, size), first);
    expect(proof.map(hex)).toEqual(expected);
    const tree = (n: number) => ({ size: n, root: rootOf(leaves.slice(0, n)) });
    expect(verifyConsistency({ first: tree(first), second: tree(size), proof })).toBe(true);
  });
});

describe("every tree of up to 70 leaves", () => {
  const entries = entriesOf(70);
  const leaves = entries.map(leafHash);
  const roots = entries.map((_entry, n) => rootOf(leaves.slice(0, n)));

  it("is the naive one, with every inclusion proof", () => {
    for (let size = 1; size < 70; size++) {
      const root = roots[size] as Uint8Array;
      expect(hex(root)).toBe(hex(naive.mth(entries.slice(0, size))));
      for (let index = 0; index < size; index++) {
        const path = inclusionPath(leaves.slice(0, size), index);
        if (size < 34) expect(path.map(hex)).toEqual(naive.path(index, entries.slice(0, size)).map(hex));
        expect(verifyInclusion({ leaf: leaves[index] as Uint8Array, index, size, root, path })).toBe(true);
        expect(verifyInclusion({ leaf: leaves[index] as Uint8Array, index: (index + 1) % size, size, root, path })).toBe(size === 1);
      }
    }
  });

  it("grows consistently out of every smaller one", () => {
    for (let size = 1; size < 70; size++) {
      for (let first = 1; first <= size; first++) {
        const proof = consistencyPath(leaves.slice(0, size), first);
        if (size < 34) expect(proof.map(hex)).toEqual(naive.subproof(first, entries.slice(0, size), true).map(hex));
        const pair = { first: { size: first, root: roots[first] as Uint8Array }, second: { size, root: roots[size] as Uint8Array } };
        expect(verifyConsistency({ ...pair, proof })).toBe(true);
        expect(verifyConsistency({ ...pair, second: { size, root: leafHash(pair.second.root) }, proof })).toBe(false);
      }
    }
  });
});

const sizes = fc.integer({ min: 1, max: 700 });

describe("proofs of any tree", () => {
  const leaves = entriesOf(700).map(leafHash);
  const root = (size: number) => rootOf(leaves.slice(0, size));

  it("fail with any byte changed, any hash left out, doubled or swapped", () => {
    fc.assert(
      fc.property(sizes, fc.nat(), fc.nat(), fc.integer({ min: 1, max: 255 }), (size, a, b, flip) => {
        const index = a % size;
        const path = inclusionPath(leaves.slice(0, size), index);
        const claim = { leaf: leaves[index] as Uint8Array, index, size, root: root(size) };
        expect(verifyInclusion({ ...claim, path })).toBe(true);
        const at = b % Math.max(1, path.length);
        const changed = path.map((hash, n) => (n === at ? hash.map((byte, m) => (m === b % 32 ? byte ^ flip : byte)) : hash));
        if (path.length > 0) {
          expect(verifyInclusion({ ...claim, path: changed })).toBe(false);
          expect(verifyInclusion({ ...claim, path: path.toSpliced(at, 1) })).toBe(false);
          expect(verifyInclusion({ ...claim, path: path.toSpliced(at, 0, path[at] as Uint8Array) })).toBe(false);
        }
        if (path.length > 1) expect(verifyInclusion({ ...claim, path: [...path.slice(1), path[0] as Uint8Array] })).toBe(false);
        expect(verifyInclusion({ ...claim, leaf: leafHash(claim.leaf), path })).toBe(false);
        expect(verifyInclusion({ ...claim, index: size, path })).toBe(false);
      }),
    );
  });

  it("never let one changed early leaf pass as a longer tree", () => {
    fc.assert(
      fc.property(sizes, fc.nat(), fc.nat(), (size, a, b) => {
        const first = 1 + (a % size);
        const altered = leaves.slice(0, size).with(b % first, leafHash(Uint8Array.of(9)));
        const proof = consistencyPath(altered, first);
        expect(verifyConsistency({ first: { size: first, root: root(first) }, second: { size, root: rootOf(altered) }, proof })).toBe(false);
        expect(verifyConsistency({ first: { size, root: root(size) }, second: { size: first, root: root(first) }, proof: [] })).toBe(size === first);
      }),
    );
  });

  it("are made of perfect subtrees that cover each leaf once", () => {
    fc.assert(
      fc.property(sizes, fc.nat(), fc.nat(), (size, a, b) => {
        const [from, to] = [a % (size + 1), b % (size + 1)].sort((x, y) => x - y) as [number, number];
        const spans = [...subtreesOf({ from: 0, to: from }), ...Array.from({ length: to - from }, (_, n) => ({ from: from + n, to: from + n + 1 })), ...subtreesAfter(to, size)];
        expect(spans[0]?.from).toBe(0);
        expect(spans.at(-1)?.to).toBe(size);
        for (const [n, span] of spans.entries()) {
          const width = span.to - span.from;
          expect(Number.isInteger(Math.log2(width)) && span.from % width === 0).toBe(true);
          if (n > 0) expect(span.from).toBe(spans[n - 1]?.to);
        }
        const tree = subtreesOf({ from: 0, to: size }).map((span) => rootOf(leaves.slice(span.from, span.to)));
        expect(hex(foldSubtrees(tree))).toBe(hex(root(size)));
      }),
    );
  });

  it("stay short: log2 of the size", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 51 }), fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), (size, part) => {
        expect(inclusionSpans(Math.floor(size * part), size).length).toBeLessThanOrEqual(Math.ceil(Math.log2(size)) + 1);
        expect(consistencySpans(1 + Math.floor((size - 1) * part), size).length).toBeLessThanOrEqual(Math.ceil(Math.log2(size)) + 2);
      }),
    );
  });

  it("keep leaves and nodes apart: no two children pass as an entry", () => {
    const [left, right] = [leaves[0] as Uint8Array, leaves[1] as Uint8Array];
    expect(hex(nodeHash(left, right))).not.toBe(hex(leafHash(new Uint8Array([...left, ...right]))));
  });
});
