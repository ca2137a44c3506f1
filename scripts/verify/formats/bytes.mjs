/** Something that a check found: in which file, where in it, and what, in words. */
export class Wrong extends Error {
  /**
   * @param {string} file
   * @param {string} what
   * @param {string | null} [at]
   */
  constructor(file, what, at = null) {
    super(what);
    this.file = file;
    this.at = at;
  }
}

/**
 * @param {unknown} condition
 * @param {string} file
 * @param {string} what
 * @param {string | null} [at]
 * @returns {asserts condition}
 */
export function must(condition, file, what, at = null) {
  if (!condition) throw new Wrong(file, what, at);
}

const utf8Encoder = new TextEncoder();
const utf8Decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** @param {string} text */
export const utf8 = (text) => utf8Encoder.encode(text);

/** UTF-8 as text, or null where it is none. @param {Uint8Array} bytes */
export function textOf(bytes) {
  try {
    return utf8Decoder.decode(bytes);
  } catch {
    return null;
  }
}

const hexDigits = Array.from({ length: 256 }, (_, value) => value.toString(16).padStart(2, "0"));

/** @param {Uint8Array} bytes */
export function hex(bytes) {
  let text = "";
  for (const value of bytes) text += hexDigits[value];
  return text;
}

/** Bytes of lower-case hex, or null. @param {unknown} text */
export function fromHex(text) {
  if (typeof text !== "string" || !/^(?:[0-9a-f]{2})*$/.test(text)) return null;
  return Uint8Array.from({ length: text.length / 2 }, (_, index) => Number.parseInt(text.slice(2 * index, 2 * index + 2), 16));
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const sextets = new Int16Array(128).fill(-1);
for (let value = 0; value < 64; value++) sextets[alphabet.charCodeAt(value)] = value;

/** Standard base64 with padding (RFC 4648 §4). @param {Uint8Array} bytes */
export function base64(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 3) {
    const [a = 0, b = 0, c = 0] = [bytes[at], bytes[at + 1], bytes[at + 2]];
    const all = (a << 16) | (b << 8) | c;
    const left = bytes.length - at;
    text += alphabet[all >> 18] + alphabet[(all >> 12) & 63] + (left > 1 ? alphabet[(all >> 6) & 63] : "=") + (left > 2 ? alphabet[all & 63] : "=");
  }
  return text;
}

/**
 * Bytes of base64 that stands as ASCII in bytes, from `start` to before `end`; null where it is not the one spelling that
 * gives these bytes.
 * @param {Uint8Array} ascii
 */
export function fromBase64Bytes(ascii, start = 0, end = ascii.length) {
  const length = end - start;
  if (length % 4 !== 0) return null;
  const padding = length === 0 || ascii[end - 1] !== 61 ? 0 : ascii[end - 2] === 61 ? 2 : 1;
  const bytes = new Uint8Array((length / 4) * 3 - padding);
  let at = 0;
  for (let index = start; index < end; index += 4) {
    const isLast = index + 4 === end;
    let all = 0;
    for (let digit = 0; digit < 4; digit++) {
      const isPadding = isLast && digit >= 4 - padding;
      const code = ascii[index + digit] ?? 0;
      const value = isPadding ? 0 : code < 128 ? (sextets[code] ?? -1) : -1;
      if (value < 0) return null;
      all = (all << 6) | value;
    }
    if (isLast && ((padding === 1 && (all & 0xff) !== 0) || (padding === 2 && (all & 0xffff) !== 0))) return null;
    bytes[at++] = (all >> 16) & 0xff;
    if (at < bytes.length) bytes[at++] = (all >> 8) & 0xff;
    if (at < bytes.length) bytes[at++] = all & 0xff;
  }
  return bytes;
}

/** The same of a text. @param {unknown} text */
export function fromBase64(text) {
  return typeof text === "string" && /^[\x20-\x7e]*$/.test(text) ? fromBase64Bytes(utf8(text)) : null;
}

/** Bytes of base64url without padding, or null. @param {unknown} text */
export function fromBase64Url(text) {
  if (typeof text !== "string" || !/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) return null;
  return fromBase64(text.replaceAll("-", "+").replaceAll("_", "/").padEnd(Math.ceil(text.length / 4) * 4, "="));
}

/** @param {Uint8Array} bytes */
export const base64Url = (bytes) => base64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

/** @param {Uint8Array} a @param {Uint8Array} b */
export function equal(a, b) {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false;
  return true;
}

/** @param {readonly Uint8Array[]} parts */
export function concat(parts) {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** @param {unknown} value @returns {value is Record<string, unknown>} */
export const isRecord = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/** RFC 8785: strings and numbers as ECMAScript writes them, names in the order of their UTF-16 code units. @param {unknown} value @returns {string} */
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (!isRecord(value)) return JSON.stringify(value);
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`;
}

/** JSON, or undefined where it is none. @param {string | null} text */
export function jsonOf(text) {
  if (text === null) return undefined;
  try {
    return /** @type {unknown} */ (JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** A whole number that a position or a count can be. @param {unknown} value @returns {value is number} */
export const isCount = (value) => typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
