// RFC 6962 §2.1: leaf = SHA-256(0x00 || entry), node = SHA-256(0x01 || left || right).
import { equal } from "./bytes.mjs";

/** @typedef {(bytes: Uint8Array) => Uint8Array} Hash */

/** Leaf and node hashes over one hash function, without a new buffer for each. @param {Hash} hash */
export function treeHashes(hash) {
  const node = new Uint8Array(65);
  node[0] = 1;
  let leaf = new Uint8Array(65_536);
  return {
    /** @param {Uint8Array} entry */
    leaf(entry) {
      if (entry.length >= leaf.length) leaf = new Uint8Array(2 * entry.length);
      leaf[0] = 0;
      leaf.set(entry, 1);
      return hash(leaf.subarray(0, entry.length + 1));
    },
    /** @param {Uint8Array} left @param {Uint8Array} right */
    node(left, right) {
      node.set(left, 1);
      node.set(right, 33);
      return hash(node);
    },
  };
}

/** @typedef {ReturnType<typeof treeHashes>} TreeHashes */

/** Widths of the perfect subtrees that cover positions from `from` to before `to`, left to right, each as wide as it can stand there. @param {number} from @param {number} to */
export function subtreeWidths(from, to) {
  const widths = [];
  for (let at = from; at < to; ) {
    let width = 1;
    while (at % (2 * width) === 0 && at + 2 * width <= to) width *= 2;
    widths.push(width);
    at += width;
  }
  return widths;
}

/** The right edge of a growing tree: roots of its perfect subtrees, left to right. */
export class Frontier {
  /** @param {TreeHashes} hashes @param {number} from @param {readonly Uint8Array[]} left roots of the subtrees that cover what is before */
  constructor(hashes, from = 0, left = []) {
    this.hashes = hashes;
    this.size = from;
    this.roots = [...left];
  }

  /** @param {Uint8Array} leaf */
  add(leaf) {
    this.addSubtree(leaf, 1);
  }

  /** @param {Uint8Array} root @param {number} width a power of two that divides the size so far */
  addSubtree(root, width) {
    let joined = root;
    for (let left = Math.floor(this.size / width); left % 2 === 1; left = (left - 1) / 2) {
      joined = this.hashes.node(/** @type {Uint8Array} */ (this.roots.pop()), joined);
    }
    this.roots.push(joined);
    this.size += width;
  }

  /** Root of the tree of all that was added, or null where that is nothing. */
  root() {
    let root = this.roots.at(-1) ?? null;
    for (let index = this.roots.length - 2; root !== null && index >= 0; index--) root = this.hashes.node(this.roots[index], root);
    return root;
  }
}

/** RFC 9162 §2.1.3.2. @param {TreeHashes} hashes @param {{ leaf: Uint8Array, index: number, size: number, root: Uint8Array, path: readonly Uint8Array[] }} proof */
export function isIncluded(hashes, { leaf, index, size, root, path }) {
  if (index >= size) return false;
  let [place, last, hash] = [index, size - 1, leaf];
  for (const other of path) {
    if (last === 0) return false;
    if (place % 2 === 1 || place === last) {
      hash = hashes.node(other, hash);
      while (place % 2 === 0 && place > 0) [place, last] = [place / 2, Math.floor(last / 2)];
    } else {
      hash = hashes.node(hash, other);
    }
    [place, last] = [Math.floor(place / 2), Math.floor(last / 2)];
  }
  return last === 0 && equal(hash, root);
}

/** RFC 9162 §2.1.4.2. @param {TreeHashes} hashes @param {{ first: number, second: number, firstRoot: Uint8Array, secondRoot: Uint8Array, path: readonly Uint8Array[] }} proof */
export function isConsistent(hashes, { first, second, firstRoot, secondRoot, path }) {
  if (first > second) return false;
  if (first === second) return path.length === 0 && equal(firstRoot, secondRoot);
  if (first === 0) return path.length === 0;
  const all = 2 ** Math.round(Math.log2(first)) === first ? [firstRoot, ...path] : [...path];
  const [start, ...rest] = all;
  if (!start) return false;
  let [place, last] = [first - 1, second - 1];
  while (place % 2 === 1) [place, last] = [(place - 1) / 2, Math.floor(last / 2)];
  let [one, other] = [start, start];
  for (const hash of rest) {
    if (last === 0) return false;
    if (place % 2 === 1 || place === last) {
      one = hashes.node(hash, one);
      other = hashes.node(hash, other);
      while (place % 2 === 0 && place > 0) [place, last] = [place / 2, Math.floor(last / 2)];
    } else {
      other = hashes.node(other, hash);
    }
    [place, last] = [Math.floor(place / 2), Math.floor(last / 2)];
  }
  return last === 0 && equal(one, firstRoot) && equal(other, secondRoot);
}
