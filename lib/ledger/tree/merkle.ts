import { createHash } from "node:crypto";

/** A run of leaves, from the first position to before the last. */
export type Span = { readonly from: number; readonly to: number };

const sha256 = (...parts: readonly Uint8Array[]): Uint8Array => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
};

const leafPrefix = Uint8Array.of(0);
const nodePrefix = Uint8Array.of(1);

/** Hash of one entry (RFC 6962 §2.1). */
export function leafHash(entry: Uint8Array): Uint8Array {
  return sha256(leafPrefix, entry);
}

/** Hash of two subtrees beside each other (RFC 6962 §2.1). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(nodePrefix, left, right);
}

/** Hash of the tree with no leaf. */
export const emptyRoot: Uint8Array = sha256();

/** The largest power of two that is smaller than `n`: where a tree of `n` leaves is split. */
function splitOf(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

/** The perfect subtrees that a tree over these leaves is made of, left to right; `from` must begin one (0, or where another tree was split). */
export function subtreesOf({ from, to }: Span): Span[] {
  const found: Span[] = [];
  for (let at = from; at < to; ) {
    let size = 1;
    while (size * 2 <= to - at && at % (size * 2) === 0) size *= 2;
    found.push({ from: at, to: at + size });
    at += size;
  }
  return found;
}

/** Root of a tree, from the hashes of its perfect subtrees left to right. */
export function foldSubtrees(hashes: readonly Uint8Array[]): Uint8Array {
  const [last, ...before] = [...hashes].reverse();
  return before.reduce((right, left) => nodeHash(left, right), last ?? emptyRoot);
}

/** The subtrees whose roots are an inclusion proof (RFC 6962 §2.1.1): the leaf's sibling first, the root's child last. */
export function inclusionSpans(index: number, size: number): Span[] {
  const spans: Span[] = [];
  let [from, to] = [0, size];
  while (to - from > 1) {
    const middle = from + splitOf(to - from);
    if (index < middle) {
      spans.push({ from: middle, to });
      to = middle;
    } else {
      spans.push({ from, to: middle });
      from = middle;
    }
  }
  return spans.reverse();
}

/** The subtrees whose roots prove that the first `first` leaves of a tree of `size` were a tree of their own (RFC 6962 §2.1.2). */
export function consistencySpans(first: number, size: number): Span[] {
  if (first === 0 || first === size) return [];
  const spans: Span[] = [];
  let [from, to] = [0, size];
  let isWhole = true;
  while (to !== first) {
    const middle = from + splitOf(to - from);
    if (first <= middle) {
      spans.push({ from: middle, to });
      to = middle;
    } else {
      spans.push({ from, to: middle });
      from = middle;
      isWhole = false;
    }
  }
  if (!isWhole) spans.push({ from, to });
  return spans.reverse();
}

/** The perfect subtrees right of a position that the tree of `size` leaves is made of there, left to right. */
export function subtreesAfter(to: number, size: number): Span[] {
  return subtreesOf({ from: to, to: size });
}

/** Root of a tree over leaf hashes in memory. */
export function rootOf(leaves: readonly Uint8Array[]): Uint8Array {
  return rootOfSpan(leaves, { from: 0, to: leaves.length });
}

function rootOfSpan(leaves: readonly Uint8Array[], { from, to }: Span): Uint8Array {
  if (to === from) return emptyRoot;
  let row = leaves.slice(from, to);
  // Pairing row by row, with an odd last one carried up, is the same tree as splitting at powers of two.
  while (row.length > 1) {
    const above: Uint8Array[] = [];
    for (let at = 0; at < row.length; at += 2) {
      const [left, right] = [row[at], row[at + 1]];
      if (left) above.push(right ? nodeHash(left, right) : left);
    }
    row = above;
  }
  return row[0] ?? emptyRoot;
}

/** Inclusion proof of the leaf at `index` among leaf hashes in memory. */
export function inclusionPath(leaves: readonly Uint8Array[], index: number): Uint8Array[] {
  return inclusionSpans(index, leaves.length).map((span) => rootOfSpan(leaves, span));
}

/** Consistency proof from the first `first` leaves to all of these leaf hashes in memory. */
export function consistencyPath(leaves: readonly Uint8Array[], first: number): Uint8Array[] {
  return consistencySpans(first, leaves.length).map((span) => rootOfSpan(leaves, span));
}

const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;
const isOdd = (n: bigint): boolean => (n & 1n) === 1n;

type Inclusion = {
  /** Hash of the leaf. */
  readonly leaf: Uint8Array;
  readonly index: bigint | number;
  readonly size: bigint | number;
  readonly root: Uint8Array;
  readonly path: readonly Uint8Array[];
};

/** Whether the path proves that the leaf stands at `index` in the tree of `size` leaves with this root (RFC 9162 §2.1.3.2). */
export function verifyInclusion({ leaf, index, size, root, path }: Inclusion): boolean {
  let [node, last] = [BigInt(index), BigInt(size) - 1n];
  if (node < 0n || node > last) return false;
  let hash = leaf;
  for (const sibling of path) {
    if (last === 0n) return false;
    if (isOdd(node) || node === last) {
      hash = nodeHash(sibling, hash);
      while (!isOdd(node) && node !== 0n) [node, last] = [node >> 1n, last >> 1n];
    } else {
      hash = nodeHash(hash, sibling);
    }
    [node, last] = [node >> 1n, last >> 1n];
  }
  return last === 0n && same(hash, root);
}

type Consistency = {
  readonly first: { readonly size: bigint | number; readonly root: Uint8Array };
  readonly second: { readonly size: bigint | number; readonly root: Uint8Array };
  readonly proof: readonly Uint8Array[];
};

/** Whether the proof shows that the second tree begins with every leaf of the first, unchanged (RFC 9162 §2.1.4.2). */
export function verifyConsistency({ first, second, proof }: Consistency): boolean {
  const [m, n] = [BigInt(first.size), BigInt(second.size)];
  if (m < 0n || m > n) return false;
  if (m === n) return proof.length === 0 && same(first.root, second.root);
  if (m === 0n) return proof.length === 0 && same(first.root, emptyRoot);
  const [start, ...rest] = (m & (m - 1n)) === 0n ? [first.root, ...proof] : proof;
  if (!start) return false;
  let [node, last] = [m - 1n, n - 1n];
  while (isOdd(node)) [node, last] = [node >> 1n, last >> 1n];
  let [older, newer] = [start, start];
  for (const sibling of rest) {
    if (last === 0n) return false;
    if (isOdd(node) || node === last) {
      [older, newer] = [nodeHash(sibling, older), nodeHash(sibling, newer)];
      while (!isOdd(node) && node !== 0n) [node, last] = [node >> 1n, last >> 1n];
    } else {
      newer = nodeHash(newer, sibling);
    }
    [node, last] = [node >> 1n, last >> 1n];
  }
  return last === 0n && same(older, first.root) && same(newer, second.root);
}
