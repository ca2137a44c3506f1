// Checks a stored proof that a person confirmed something with a passkey. Reads no code of Curfew and needs nothing but
// Node.js, so that whoever doubts Curfew can read it in one sitting. WebAuthn §7.2, RFC 8785, RFC 9052, RFC 8949.
//
//   node scripts/verify/step-up.mjs proof.json [--proof-digest <hex>] [--digest <hex>] [--origin <origin>]
//
// --proof-digest  what the ledger's event step-up.confirmed says of the whole proof
// --digest        SHA-256 of the canonical JSON of what a decision says was approved
// --origin        where Curfew is, as you know it
import { createHash, createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const fields = {
  version: "number", id: "string", personId: "string", rpId: "string", origin: "string", statement: "string", digest: "string",
  challenge: "string", credentialId: "string", publicKey: "string", authenticatorData: "string", clientDataJson: "string",
  signature: "string", userVerified: "boolean", counter: "number", verifiedAt: "string",
};

class Wrong extends Error {}

function must(condition, otherwise) {
  if (!condition) throw new Wrong(otherwise);
}

const sha256 = (data) => createHash("sha256").update(data).digest();
const hex = (data) => sha256(data).toString("hex");
const isRecord = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/** Null when the proof holds, or the first thing that is wrong with it. */
export function whatIsWrong(proof, expected = {}) {
  try {
    check(proof, expected);
    return null;
  } catch (error) {
    if (error instanceof Wrong) return error.message;
    throw error;
  }
}

function check(proof, { proofDigest, digest, origin } = {}) {
  checkShape(proof);
  if (proofDigest !== undefined) must(hex(canonical(proof)) === proofDigest, "the proof is not the one that the ledger names");
  if (origin !== undefined) must(proof.origin === origin, `the proof is of ${proof.origin}, not of ${origin}`);
  const statement = checkStatement(proof);
  if (digest !== undefined) must(hex(canonical(statement.approves)) === digest, "something else was approved");
  checkClientData(proof);
  checkAuthenticatorData(proof);
  checkSignature(proof);
}

function checkShape(proof) {
  must(isRecord(proof), "the proof is no JSON object");
  for (const [name, type] of Object.entries(fields)) must(typeof proof[name] === type, `${name} is missing or no ${type}`);
  const unknown = Object.keys(proof).find((name) => !Object.hasOwn(fields, name));
  must(unknown === undefined, `${unknown} is no field of a proof`);
  must(proof.version === 1, `version ${proof.version} is not known`);
}

function checkStatement(proof) {
  const statement = parse(proof.statement, "the statement");
  must(isRecord(statement) && canonical(statement) === proof.statement, "the statement is not canonical JSON");
  must(sha256(proof.statement).equals(bytes(proof.challenge, "challenge")), "the challenge is not the SHA-256 of the statement");
  must(statement.version === 1 && statement.purpose === "step-up", "the statement is not about a step-up");
  must(statement.person === proof.personId, "the statement names another person");
  must(isRecord(statement.approves), "the statement approves nothing");
  must(hex(canonical(statement.approves)) === proof.digest, "the digest is not of what the statement approves");
  const [asked, at, before] = [statement.askedAt, proof.verifiedAt, statement.answerBefore].map((text) => Date.parse(text));
  must(asked <= at && at < before, "it was verified outside the time in which it could be answered");
  const key = hex(bytes(proof.publicKey, "publicKey"));
  const asks = Array.isArray(statement.passkeys) ? statement.passkeys : [];
  must(asks.some((one) => one.credential === proof.credentialId), "the passkey is none of those that were asked");
  must(asks.some((one) => one.credential === proof.credentialId && one.key === key), "the public key is not that of the passkey that was asked");
  return statement;
}

function checkClientData(proof) {
  const client = parse(bytes(proof.clientDataJson, "clientDataJson").toString("utf8"), "clientDataJson");
  must(client.type === "webauthn.get", "the browser did not ask for a signature");
  must(client.challenge === proof.challenge, "the browser asked for another challenge");
  must(client.origin === proof.origin, "the browser was at another origin");
  must((client.crossOrigin ?? false) === false && client.topOrigin === undefined, "the page stood in a frame of another site");
  const { protocol, hostname } = new URL(proof.origin);
  must(hostname === proof.rpId || hostname.endsWith(`.${proof.rpId}`), "the origin is not of the relying party");
  must(protocol === "https:" || hostname === "localhost" || hostname.endsWith(".localhost"), "the origin is not secure");
}

function checkAuthenticatorData(proof) {
  const data = bytes(proof.authenticatorData, "authenticatorData");
  must(data.length >= 37, "authenticatorData is too short");
  must(data.subarray(0, 32).equals(sha256(proof.rpId)), "the passkey signed for another relying party");
  const flags = data[32];
  must((flags & 0x01) !== 0, "nobody was present");
  must((flags & 0x04) !== 0, "the passkey did not check who was present");
  must(proof.userVerified === true, "the proof says that the passkey did not check who was present");
  must((flags & 0x18) !== 0x10, "the flags say backed up and not able to be");
  must(data.readUInt32BE(33) === proof.counter, "the counter is another one");
}

function checkSignature(proof) {
  const key = readCoseKey(bytes(proof.publicKey, "publicKey"));
  const signed = Buffer.concat([bytes(proof.authenticatorData, "authenticatorData"), sha256(bytes(proof.clientDataJson, "clientDataJson"))]);
  const algorithm = key.asymmetricKeyType === "ed25519" ? null : "sha256";
  must(verify(algorithm, signed, key, bytes(proof.signature, "signature")), "the signature does not fit");
}

function parse(text, what) {
  try {
    return JSON.parse(text);
  } catch {
    throw new Wrong(`${what} is no JSON`);
  }
}

/** Bytes of base64url without padding; only the one spelling that gives these bytes. */
function bytes(text, what) {
  const read = Buffer.from(text, "base64url");
  must(read.toString("base64url") === text, `${what} is not base64url`);
  return read;
}

/** RFC 8785. Strings and numbers are written as ECMAScript does, names in the order of their UTF-16 code units. */
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (!isRecord(value)) return JSON.stringify(value);
  return `{${Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`;
}

/** COSE keys of ES256, RS256 and EdDSA (RFC 9053 §7, RFC 8230). */
function readCoseKey(encoded) {
  const { value: map, end } = readCbor(encoded, 0);
  must(map instanceof Map && end === encoded.length, "the public key is no COSE key");
  const part = (label) => {
    must(Buffer.isBuffer(map.get(label)), "the public key lacks a part");
    return map.get(label).toString("base64url");
  };
  const kind = `${map.get(1)} ${map.get(3)} ${map.get(1) === 3 ? "" : map.get(-1)}`;
  const jwks = {
    "2 -7 1": () => ({ kty: "EC", crv: "P-256", x: part(-2), y: part(-3) }),
    "1 -8 6": () => ({ kty: "OKP", crv: "Ed25519", x: part(-2) }),
    "3 -257 ": () => ({ kty: "RSA", n: part(-1), e: part(-2) }),
  };
  must(Object.hasOwn(jwks, kind), `a public key of kind, algorithm and curve ${kind} is not known`);
  try {
    return createPublicKey({ key: jwks[kind](), format: "jwk" });
  } catch (error) {
    if (error instanceof Wrong) throw error;
    throw new Wrong("the public key is no point of its curve");
  }
}

/** The part of CBOR (RFC 8949) that a COSE key is written in: integers, byte strings, texts and maps of known length. */
function readCbor(data, start) {
  const { major, argument, end } = readHead(data, start);
  if (major === 0) return { value: argument, end };
  if (major === 1) return { value: -1 - argument, end };
  if (major === 2 || major === 3) {
    must(end + argument <= data.length, "the public key ends too early");
    const content = data.subarray(end, end + argument);
    return { value: major === 2 ? content : content.toString("utf8"), end: end + argument };
  }
  must(major === 5 && argument <= 16, "the public key holds what no COSE key holds");
  const map = new Map();
  let at = end;
  for (let index = 0; index < argument; index++) {
    const name = readCbor(data, at);
    const value = readCbor(data, name.end);
    must(!map.has(name.value), "the public key says something twice");
    map.set(name.value, value.value);
    at = value.end;
  }
  return { value: map, end: at };
}

function readHead(data, start) {
  must(start < data.length, "the public key ends too early");
  const [major, short] = [data[start] >> 5, data[start] & 0x1f];
  if (short < 24) return { major, argument: short, end: start + 1 };
  const length = { 24: 1, 25: 2, 26: 4 }[short];
  must(length !== undefined && start + 1 + length <= data.length, "the public key ends too early");
  return { major, argument: data.readUIntBE(start + 1, length), end: start + 1 + length };
}

function main([file, ...options]) {
  const valueOf = (name) => (options.includes(name) ? options[options.indexOf(name) + 1] : undefined);
  const expected = { proofDigest: valueOf("--proof-digest"), digest: valueOf("--digest"), origin: valueOf("--origin") };
  const wrong = whatIsWrong(parse(readFileSync(file, "utf8"), "the file"), expected);
  console.log(wrong === null ? "The proof holds." : `The proof does not hold: ${wrong}.`);
  return wrong === null ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exit(main(process.argv.slice(2)));
