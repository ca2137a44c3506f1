type Hash = (bytes: Uint8Array) => Uint8Array;
export function seedOf(hash: Hash, of: { readonly root: Uint8Array; readonly nonce: string; readonly stratum: string }): string;
export function rankOf(hash: Hash, seed: string, id: string): string;
