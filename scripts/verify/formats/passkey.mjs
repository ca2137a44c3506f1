// What WebAuthn §7.2 asks of an answer, over a stored proof, but for the last step: whether the signature fits is left to
// whoever has the means; `signatureOf` says whose it has to be, over what. RFC 8785, RFC 9052, RFC 8949.
import { base64Url, canonical, concat, equal, fromBase64Url, hex, isRecord, jsonOf, textOf, utf8 } from "./bytes.mjs";

/** @typedef {(bytes: Uint8Array) => Uint8Array} Hash */
/** @typedef {import("../core/platform").PublicJwk} PublicJwk */
/** @typedef {{ proofDigest?: string | undefined, digest?: string | undefined, origin?: string | undefined }} Expected */
/** @typedef {Record<string, string> & { version: number, userVerified: boolean, counter: number }} Proof */

const fieldTypes = {
  version: "number", id: "string", personId: "string", rpId: "string", origin: "string", statement: "string", digest: "string",
  challenge: "string", credentialId: "string", publicKey: "string", authenticatorData: "string", clientDataJson: "string",
  signature: "string", userVerified: "boolean", counter: "number", verifiedAt: "string",
};

/** What is wrong with a proof. */
export class WrongProof extends Error {}

/** @param {unknown} condition @param {string} otherwise @returns {asserts condition} */
function holds(condition, otherwise) {
  if (!condition) throw new WrongProof(otherwise);
}

/**
 * Whose signature over which bytes the proof stands or falls with. Throws the first other thing that is wrong.
 * @param {Hash} hash
 * @param {unknown} given
 * @param {Expected} [expected]
 */
export function signatureOf(hash, given, { proofDigest, digest, origin } = {}) {
  const proof = checkShape(given);
  const digestOf = (/** @type {unknown} */ value) => hex(hash(utf8(canonical(value))));
  if (proofDigest !== undefined) holds(digestOf(proof) === proofDigest, "the proof is not the one that the ledger names");
  if (origin !== undefined) holds(proof.origin === origin, `the proof is of ${proof.origin}, not of ${origin}`);
  const statement = checkStatement(hash, proof);
  if (digest !== undefined) holds(digestOf(statement.approves) === digest, "something else was approved");
  checkClientData(proof);
  checkAuthenticatorData(hash, proof);
  const message = concat([bytes(proof.authenticatorData, "authenticatorData"), hash(bytes(proof.clientDataJson, "clientDataJson"))]);
  return { key: readCoseKey(bytes(proof.publicKey, "publicKey")), message, signature: bytes(proof.signature, "signature") };
}

/** @param {unknown} proof @returns {Proof} */
function checkShape(proof) {
  holds(isRecord(proof), "the proof is no JSON object");
  for (const [name, type] of Object.entries(fieldTypes)) holds(typeof proof[name] === type, `${name} is missing or no ${type}`);
  const unknown = Object.keys(proof).find((name) => !Object.hasOwn(fieldTypes, name));
  holds(unknown === undefined, `${unknown} is no field of a proof`);
  holds(proof.version === 1, `version ${String(proof.version)} is not known`);
  return /** @type {Proof} */ (proof);
}

/** @param {Hash} hash @param {Proof} proof */
function checkStatement(hash, proof) {
  const statement = parsed(proof.statement, "the statement");
  holds(isRecord(statement) && canonical(statement) === proof.statement, "the statement is not canonical JSON");
  holds(equal(hash(utf8(proof.statement)), bytes(proof.challenge, "challenge")), "the challenge is not the SHA-256 of the statement");
  holds(statement.version === 1 && statement.purpose === "step-up", "the statement is not about a step-up");
  holds(statement.person === proof.personId, "the statement names another person");
  holds(isRecord(statement.approves), "the statement approves nothing");
  holds(hex(hash(utf8(canonical(statement.approves)))) === proof.digest, "the digest is not of what the statement approves");
  const [asked = NaN, at = NaN, before = NaN] = [statement.askedAt, proof.verifiedAt, statement.answerBefore].map((text) => Date.parse(String(text)));
  holds(asked <= at && at < before, "it was verified outside the time in which it could be answered");
  const key = hex(hash(bytes(proof.publicKey, "publicKey")));
  const asks = (Array.isArray(statement.passkeys) ? statement.passkeys : []).filter(isRecord);
  holds(asks.some((one) => one.credential === proof.credentialId), "the passkey is none of those that were asked");
  holds(asks.some((one) => one.credential === proof.credentialId && one.key === key), "the public key is not that of the passkey that was asked");
  return statement;
}

/** @param {Proof} proof */
function checkClientData(proof) {
  const client = parsed(textOf(bytes(proof.clientDataJson, "clientDataJson")), "clientDataJson");
  holds(isRecord(client) && client.type === "webauthn.get", "the browser did not ask for a signature");
  holds(client.challenge === proof.challenge, "the browser asked for another challenge");
  holds(client.origin === proof.origin, "the browser was at another origin");
  holds((client.crossOrigin ?? false) === false && client.topOrigin === undefined, "the page stood in a frame of another site");
  const [, protocol, hostname = ""] = /^(https?:)\/\/([a-z0-9.-]+|\[[0-9a-f:]+\])(?::\d+)?$/.exec(proof.origin) ?? [];
  holds(hostname === proof.rpId || hostname.endsWith(`.${proof.rpId}`), "the origin is not of the relying party");
  holds(protocol === "https:" || hostname === "localhost" || hostname.endsWith(".localhost"), "the origin is not secure");
}

/** @param {Hash} hash @param {Proof} proof */
function checkAuthenticatorData(hash, proof) {
  const data = bytes(proof.authenticatorData, "authenticatorData");
  holds(data.length >= 37, "authenticatorData is too short");
  holds(equal(data.subarray(0, 32), hash(utf8(proof.rpId))), "the passkey signed for another relying party");
  const flags = data[32] ?? 0;
  holds((flags & 0x01) !== 0, "nobody was present");
  holds((flags & 0x04) !== 0, "the passkey did not check who was present");
  holds(proof.userVerified === true, "the proof says that the passkey did not check who was present");
  holds((flags & 0x18) !== 0x10, "the flags say backed up and not able to be");
  holds(new DataView(data.buffer, data.byteOffset).getUint32(33) === proof.counter, "the counter is another one");
}

/** @param {string | null} text @param {string} what */
function parsed(text, what) {
  const value = jsonOf(text);
  holds(value !== undefined, `${what} is no JSON`);
  return value;
}

/** Bytes of base64url without padding; only the one spelling that gives these bytes. @param {string} text @param {string} what */
function bytes(text, what) {
  const read = fromBase64Url(text);
  holds(read && base64Url(read) === text, `${what} is not base64url`);
  return read;
}

/** COSE keys of ES256, RS256 and EdDSA (RFC 9053 §7, RFC 8230). @param {Uint8Array} encoded @returns {PublicJwk} */
function readCoseKey(encoded) {
  const { value: map, end } = readCbor(encoded, 0);
  holds(map instanceof Map && end === encoded.length, "the public key is no COSE key");
  const part = (/** @type {number} */ label) => {
    const value = /** @type {unknown} */ (map.get(label));
    holds(value instanceof Uint8Array, "the public key lacks a part");
    return base64Url(value);
  };
  const kind = `${map.get(1)} ${map.get(3)} ${map.get(1) === 3 ? "" : map.get(-1)}`;
  /** @type {Record<string, () => PublicJwk>} */
  const keys = {
    "2 -7 1": () => ({ kty: "EC", crv: "P-256", x: part(-2), y: part(-3) }),
    "1 -8 6": () => ({ kty: "OKP", crv: "Ed25519", x: part(-2) }),
    "3 -257 ": () => ({ kty: "RSA", n: part(-1), e: part(-2) }),
  };
  const read = Object.hasOwn(keys, kind) ? keys[kind] : undefined;
  holds(read, `a public key of kind, algorithm and curve ${kind} is not known`);
  return read();
}

/**
 * The part of CBOR (RFC 8949) that a COSE key is written in: integers, byte strings, texts and maps of known length.
 * @param {Uint8Array} data
 * @param {number} start
 * @returns {{ value: unknown, end: number }}
 */
function readCbor(data, start) {
  const { major, argument, end } = readHead(data, start);
  if (major === 0) return { value: argument, end };
  if (major === 1) return { value: -1 - argument, end };
  if (major === 2 || major === 3) {
    holds(end + argument <= data.length, "the public key ends too early");
    const content = data.subarray(end, end + argument);
    return { value: major === 2 ? content : textOf(content), end: end + argument };
  }
  holds(major === 5 && argument <= 16, "the public key holds what no COSE key holds");
  const map = new Map();
  let at = end;
  for (let index = 0; index < argument; index++) {
    const name = readCbor(data, at);
    const value = readCbor(data, name.end);
    holds(!map.has(name.value), "the public key says something twice");
    map.set(name.value, value.value);
    at = value.end;
  }
  return { value: map, end: at };
}

/** @param {Uint8Array} data @param {number} start */
function readHead(data, start) {
  const first = data[start];
  holds(first !== undefined, "the public key ends too early");
  const [major, short] = [first >> 5, first & 0x1f];
  if (short < 24) return { major, argument: short, end: start + 1 };
  const length = short === 24 ? 1 : short === 25 ? 2 : short === 26 ? 4 : 0;
  holds(length > 0 && start + 1 + length <= data.length, "the public key ends too early");
  return { major, argument: data.subarray(start + 1, start + 1 + length).reduce((sum, value) => sum * 256 + value, 0), end: start + 1 + length };
}
