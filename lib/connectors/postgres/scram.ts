/**
 * SCRAM-SHA-256 verifiers (RFC 5802, RFC 7677) in the form that PostgreSQL stores. Runs in browsers and in Node.js and
 * imports nothing: whoever will hold the credential makes the password and hands on the verifier only.
 */

/** PostgreSQL's own default; fixed, so that a verifier of another strength is refused. */
export const scramIterations = 4096;

const saltBytes = 16;
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/** 43 letters of 6 bits: 258 bits. */
const passwordLength = 43;
const verifierPattern = /^SCRAM-SHA-256\$4096:([A-Za-z0-9+/]+={0,2})\$([A-Za-z0-9+/]{43}=):([A-Za-z0-9+/]{43}=)$/;

/** A new random password: ASCII, safe in a URL and in a shell without quotes. */
export function generatePassword(): string {
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(passwordLength));
  // 256 is a multiple of 64, so the remainder favours no letter. A leading "-" would look like an option to a shell.
  const letters = Array.from(bytes, (byte) => alphabet.charAt(byte % alphabet.length));
  return letters.join("").replace(/^[-_]/, "A");
}

/** Computes the verifier of a password. ASCII only, for which SASLprep (RFC 4013) changes nothing. */
export async function makeScramVerifier(
  password: string,
  salt: Uint8Array<ArrayBuffer> = globalThis.crypto.getRandomValues(new Uint8Array(saltBytes)),
): Promise<string> {
  if (!/^[\x21-\x7e]+$/.test(password)) throw new TypeError("a password for SCRAM is visible ASCII here");
  if (salt.length < saltBytes) throw new TypeError("a salt for SCRAM has at least 16 bytes here");
  const { subtle } = globalThis.crypto;
  const encoder = new TextEncoder();
  const input = await subtle.importKey("raw", encoder.encode(password), "PBKDF2", false, ["deriveBits"]);
  const salted = await subtle.deriveBits(
    { name: "PBKDF2", hash: "SHA-256", salt, iterations: scramIterations },
    input,
    256,
  );
  const key = await subtle.importKey("raw", salted, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const clientKey = await subtle.sign("HMAC", key, encoder.encode("Client Key"));
  const storedKey = await subtle.digest("SHA-256", clientKey);
  const serverKey = await subtle.sign("HMAC", key, encoder.encode("Server Key"));
  return `SCRAM-SHA-256$${scramIterations}:${toBase64(salt)}$${toBase64(storedKey)}:${toBase64(serverKey)}`;
}

/** True for exactly the verifiers that `makeScramVerifier` can make. The text comes from outside. */
export function isScramVerifier(text: string): boolean {
  if (text.length > 300) return false;
  const parts = verifierPattern.exec(text)?.slice(1);
  if (parts === undefined) return false;
  const [salt, ...keys] = parts.map(fromBase64);
  const lengthOf = (bytes: Uint8Array | null | undefined): number => bytes?.length ?? 0;
  return lengthOf(salt) >= saltBytes && lengthOf(salt) <= 64 && keys.every((key) => lengthOf(key) === 32);
}

function toBase64(bytes: ArrayBuffer | Uint8Array): string {
  return btoa(String.fromCharCode(...new Uint8Array(bytes)));
}

/** Null unless the text is exactly what encoding the bytes gives (RFC 4648 §3.5). */
function fromBase64(text: string): Uint8Array | null {
  let binary: string;
  try {
    binary = atob(text);
  } catch {
    return null;
  }
  return btoa(binary) === text ? Uint8Array.from(binary, (letter) => letter.charCodeAt(0)) : null;
}
