export type TreeHashes = { leaf(entry: Uint8Array): Uint8Array; node(left: Uint8Array, right: Uint8Array): Uint8Array };
export function treeHashes(hash: (bytes: Uint8Array) => Uint8Array): TreeHashes;
export function subtreeWidths(from: number, to: number): number[];
export class Frontier {
  constructor(hashes: TreeHashes, from?: number, left?: readonly Uint8Array[]);
  add(leaf: Uint8Array): void;
  addSubtree(root: Uint8Array, width: number): void;
  root(): Uint8Array | null;
}
type Proof = { readonly path: readonly Uint8Array[] };
export function isIncluded(hashes: TreeHashes, proof: Proof & { readonly leaf: Uint8Array; readonly index: number; readonly size: number; readonly root: Uint8Array }): boolean;
export function isConsistent(hashes: TreeHashes, proof: Proof & { readonly first: number; readonly second: number; readonly firstRoot: Uint8Array; readonly secondRoot: Uint8Array }): boolean;
