import "server-only";
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import { AppError } from "./errors";

const version = 1;

function keyFor(secretKey: Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync("sha256", secretKey, Buffer.alloc(0), `curfew/seal/${purpose}`, 32));
}

/**
 * Seals `value` (JSON) with AES-256-GCM under a key derived (HKDF-SHA-256, RFC 5869) from CURFEW_SECRET_KEY.
 * `purpose` is bound in: a value sealed for one system does not open as another's.
 * Layout: version (1 byte), nonce (12), tag (16), ciphertext.
 */
export function seal(value: unknown, secretKey: Buffer, purpose: string): Uint8Array<ArrayBuffer> {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", keyFor(secretKey, purpose), nonce);
  const sealed = Buffer.concat([cipher.update(JSON.stringify(value), "utf8"), cipher.final()]);
  return new Uint8Array(Buffer.concat([Buffer.of(version), nonce, cipher.getAuthTag(), sealed]));
}

/** Opens what `seal` made; throws `integrity` when key, purpose or bytes are not those that sealed it. */
export function unseal(sealed: Uint8Array, secretKey: Buffer, purpose: string): unknown {
  try {
    const bytes = Buffer.from(sealed);
    if (bytes[0] !== version) throw new RangeError("unknown version");
    const decipher = createDecipheriv("aes-256-gcm", keyFor(secretKey, purpose), bytes.subarray(1, 13));
    decipher.setAuthTag(bytes.subarray(13, 29));
    const clear = Buffer.concat([decipher.update(bytes.subarray(29)), decipher.final()]).toString("utf8");
    return JSON.parse(clear);
  } catch (cause) {
    throw new AppError("integrity", `sealed value for ${purpose} does not open with CURFEW_SECRET_KEY`, { cause });
  }
}
