/** What the checks need of where they run: Node.js or a browser. */
export type Platform = {
  /** SHA-256 of bytes that are whole. The bytes may be reused afterwards. */
  readonly hash: (bytes: Uint8Array) => Uint8Array;
  /** SHA-256 of bytes that come one after the other. */
  readonly hasher: () => Hasher;
  readonly ed25519: (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => Promise<boolean>;
  /** A signature by the key of a passkey, as JSON Web Key. */
  readonly passkey: (key: PublicJwk, message: Uint8Array, signature: Uint8Array) => Promise<boolean>;
  /** Raw DEFLATE (RFC 1951). Throws where it is none. */
  readonly inflate: (packed: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;
  /** The same of bytes that are whole and small, where it is faster; at most so many come out. */
  readonly inflateWhole?: (packed: Uint8Array, most: number) => Uint8Array;
};

export type Hasher = { update(bytes: Uint8Array): unknown; digest(): Uint8Array };

export type PublicJwk = { readonly kty: "EC" | "OKP" | "RSA"; readonly crv?: string; readonly x?: string; readonly y?: string; readonly n?: string; readonly e?: string };

/** Bytes that can be read from any place: a file on disk, or a file that a browser was handed. */
export type Source = {
  readonly size: number;
  readonly read: (offset: number, length: number) => Promise<Uint8Array>;
};
