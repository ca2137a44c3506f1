import { concat, utf8 } from "../formats/bytes.mjs";
import { verifyBundle } from "./bundle.mjs";
import { Sha256, sha256 } from "../formats/sha256.mjs";

/** @typedef {import("./platform").Platform} Platform */
/** @typedef {import("./platform").Source} Source */

/** An ECDSA signature of DER (RFC 3279 §2.2.3) as Web Crypto wants it: both numbers in 32 bytes each. @param {Uint8Array} der */
function rawSignature(der) {
  /** @type {Uint8Array[]} */
  const numbers = [];
  let at = 2;
  for (let index = 0; index < 2; index++) {
    const length = der[at + 1] ?? 0;
    const digits = der.subarray(at + 2, at + 2 + length);
    const start = digits.findIndex((value) => value !== 0);
    const value = start < 0 ? new Uint8Array(0) : digits.subarray(start);
    if (der[at] !== 2 || value.length > 32) return null;
    numbers.push(concat([new Uint8Array(32 - value.length), value]));
    at += 2 + length;
  }
  return der[0] === 0x30 && der[1] === der.length - 2 && at === der.length ? concat(numbers) : null;
}

const algorithms = {
  EC: { key: { name: "ECDSA", namedCurve: "P-256" }, verify: { name: "ECDSA", hash: "SHA-256" } },
  RSA: { key: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }, verify: { name: "RSASSA-PKCS1-v1_5" } },
  OKP: { key: { name: "Ed25519" }, verify: { name: "Ed25519" } },
};

/** @param {"raw" | "jwk"} form @param {any} key @param {keyof typeof algorithms} kind @param {Uint8Array} message @param {Uint8Array | null} signature */
async function fits(form, key, kind, message, signature) {
  if (!signature) return false;
  const { subtle } = globalThis.crypto;
  const algorithm = algorithms[kind];
  try {
    const imported = await subtle.importKey(form, key, algorithm.key, false, ["verify"]);
    return await subtle.verify(algorithm.verify, imported, signature, message);
  } catch (error) {
    if (error instanceof Error && error.name === "NotSupportedError") throw new Error("This browser cannot check Ed25519 signatures: use one of 2025 or later, or Node.js.");
    return false;
  }
}

/** @param {AsyncIterable<Uint8Array>} packed @returns {AsyncGenerator<Uint8Array>} */
async function* inflate(packed) {
  const parts = packed[Symbol.asyncIterator]();
  const stream = new ReadableStream({
    pull: async (controller) => {
      const { done, value } = await parts.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  });
  const reader = stream.pipeThrough(new DecompressionStream("deflate-raw")).getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** What the checks need, of a browser. @returns {Platform} */
export function webPlatform() {
  return {
    hash: sha256,
    hasher: () => new Sha256(),
    ed25519: (publicKey, message, signature) => fits("raw", publicKey, "OKP", message, signature),
    passkey: (key, message, signature) => fits("jwk", key, key.kty, message, key.kty === "EC" ? rawSignature(signature) : signature),
    inflate,
  };
}

/** A file that somebody chose: it is read where it is, and leaves the machine by no way. @param {Blob} file @returns {Source} */
const sourceOf = (file) => ({ size: file.size, read: async (offset, length) => new Uint8Array(await file.slice(offset, offset + length).arrayBuffer()) });

/** Serves a page: takes a file, tells progress, answers the result. @param {{ onmessage: unknown, postMessage: (message: unknown) => void }} scope of a worker */
export function serve(scope) {
  scope.onmessage = async (/** @type {{ data: { file: Blob, keys: string[], checkpoint: string | null } }} */ { data }) => {
    let told = 0;
    const onProgress = (/** @type {number} */ share) => {
      if (share - told < 0.01) return;
      told = share;
      scope.postMessage({ progress: share });
    };
    try {
      const { file, keys, checkpoint } = data;
      scope.postMessage({ result: await verifyBundle({ source: sourceOf(file), platform: webPlatform(), keys, checkpoint: checkpoint === null ? null : utf8(checkpoint), onProgress }) });
    } catch (error) {
      scope.postMessage({ fault: error instanceof Error ? error.message : String(error) });
    }
  };
}
