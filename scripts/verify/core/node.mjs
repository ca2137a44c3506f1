/** @typedef {import("./platform").Platform} Platform */
/** @typedef {import("./platform").Source} Source */

const publicPrefix = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/** What the checks need, of Node.js 18 and later. @returns {Promise<Platform>} */
export async function nodePlatform() {
  const [crypto, zlib, { Readable }] = await Promise.all([import("node:crypto"), import("node:zlib"), import("node:stream")]);
  const { createHash, createPublicKey, verify } = crypto;
  // One call for a whole hash is there since Node.js 20.12, and twice as fast; a short text is made sooner than a buffer.
  const whole = /** @type {undefined | ((name: string, bytes: Uint8Array, form: "latin1") => string)} */ (Reflect.get(crypto, "hash"));
  const fits = (/** @type {string | null} */ algorithm, /** @type {Uint8Array} */ message, /** @type {() => import("node:crypto").KeyObject} */ key, /** @type {Uint8Array} */ signature) => {
    try {
      return verify(algorithm, message, key(), signature);
    } catch {
      return false;
    }
  };
  /** @type {Map<string, import("node:crypto").KeyObject>} */
  const known = new Map();
  const rawKey = (/** @type {Uint8Array} */ publicKey) => {
    const name = Buffer.from(publicKey).toString("hex");
    const key = known.get(name) ?? createPublicKey({ key: Buffer.concat([Uint8Array.from(publicPrefix), publicKey]), format: "der", type: "spki" });
    known.set(name, key);
    return key;
  };
  return {
    hash: whole ? (bytes) => Buffer.from(whole("sha256", bytes, "latin1"), "latin1") : (bytes) => createHash("sha256").update(bytes).digest(),
    hasher: () => createHash("sha256"),
    ed25519: (publicKey, message, signature) => Promise.resolve(fits(null, message, () => rawKey(publicKey), signature)),
    passkey: (key, message, signature) => Promise.resolve(fits(key.kty === "OKP" ? null : "sha256", message, () => createPublicKey({ key: { ...key }, format: "jwk" }), signature)),
    inflateWhole: (packed, most) => zlib.inflateRawSync(packed, { maxOutputLength: most + 1 }),
    inflate: (packed) => {
      const source = Readable.from(packed, { objectMode: false });
      const inflater = zlib.createInflateRaw({ chunkSize: 2 ** 18 });
      source.on("error", (error) => inflater.destroy(error));
      return source.pipe(inflater);
    },
  };
}

/** A file on disk, to read from any place. @param {string} path @returns {Promise<Source & { close: () => Promise<void> }>} */
export async function openFile(path) {
  const { open } = await import("node:fs/promises");
  const file = await open(path, "r");
  const { size } = await file.stat();
  return {
    size,
    read: async (offset, length) => {
      const bytes = new Uint8Array(length);
      let at = 0;
      while (at < length) {
        const { bytesRead } = await file.read(bytes, at, length - at, offset + at);
        if (bytesRead === 0) throw new RangeError(`the file became shorter while it was read: ${path}`);
        at += bytesRead;
      }
      return bytes;
    },
    close: () => file.close(),
  };
}
