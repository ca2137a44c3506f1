// C2SP signed notes, verifier keys, tlog checkpoints and tlog proofs; DSSE envelopes.
import { base64, concat, equal, fromBase64, hex, isRecord, jsonOf, must, textOf, utf8 } from "./bytes.mjs";

/** @typedef {{ name: string, id: string, publicKey: Uint8Array, vkey: string }} VerifierKey */
/** @typedef {import("../core/platform").Platform} Platform */

const ed25519 = 0x01;

/** @param {Platform} platform @param {string} name @param {number} kind @param {Uint8Array} publicKey */
const keyIdOf = (platform, name, kind, publicKey) => platform.hash(concat([utf8(`${name}\n`), Uint8Array.of(kind), publicKey])).subarray(0, 4);

/** A verifier key `<name>+<key id>+<base64>` of Ed25519, or null. @param {Platform} platform @param {string} text @returns {VerifierKey | null} */
export function readVerifierKey(platform, text) {
  const [, name, id, encoded] = /^([^+\s\p{Cc}]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/u.exec(text) ?? [];
  const key = fromBase64(encoded);
  if (!name || !id || !key || key.length !== 33 || key[0] !== ed25519) return null;
  const publicKey = key.subarray(1);
  return hex(keyIdOf(platform, name, ed25519, publicKey)) === id ? { name, id, publicKey, vkey: text } : null;
}

/** The verifier keys of a file, one a line. @param {Platform} platform @param {string} file @param {Uint8Array} bytes */
export function readVerifierKeys(platform, file, bytes) {
  const lines = (textOf(bytes) ?? "").split("\n");
  must(lines.pop() === "" && lines.length > 0 && lines.length <= 1_000, file, "holds no verifier keys, one a line");
  return lines.map((line, index) => {
    const key = readVerifierKey(platform, line);
    must(key, file, "is no Ed25519 verifier key of the form name+id+base64 whose id fits its key", `line ${index + 1}`);
    return key;
  });
}

/** @param {string} file @param {Uint8Array} bytes */
function splitNote(file, bytes) {
  must(bytes.length <= 64 * 1024, file, "is larger than a note may be");
  const text = textOf(bytes);
  must(text !== null && !/(?!\n)\p{Cc}/u.test(text) && text.endsWith("\n"), file, "is no signed note: text in UTF-8 that ends with a line end");
  const at = text.lastIndexOf("\n\n");
  must(at >= 0, file, "is no signed note: no empty line before signatures");
  const lines = text.slice(at + 2, -1).split("\n");
  const signatures = lines.map((line, index) => {
    const [, name, encoded] = /^\u2014 ([^\s+]+) ([A-Za-z0-9+/=]+)$/u.exec(line) ?? [];
    const signature = fromBase64(encoded);
    must(name && signature && signature.length > 4, file, "is no signature line", `signature ${index + 1}`);
    return { name, id: hex(signature.subarray(0, 4)), signature: signature.subarray(4) };
  });
  return { body: text.slice(0, at + 1), signatures };
}

/**
 * Who of the keys signed a note. A known key whose signature does not fit makes the whole note worthless; unknown ones say nothing.
 * @param {Platform} platform
 * @param {string} file
 * @param {Uint8Array} bytes
 * @param {readonly VerifierKey[]} keys
 */
export async function readNote(platform, file, bytes, keys) {
  const { body, signatures } = splitNote(file, bytes);
  /** @type {VerifierKey[]} */
  const signers = [];
  for (const { name, id, signature } of signatures) {
    const key = keys.find((one) => one.name === name && one.id === id);
    if (!key) continue;
    must(await platform.ed25519(key.publicKey, utf8(body), signature), file, `the signature of ${name} (key ${id}) does not fit what is signed`);
    signers.push(key);
  }
  return { body, signers, others: signatures.filter(({ name, id }) => !signers.some((key) => key.name === name && key.id === id)) };
}

/** @typedef {{ origin: string, size: number, root: Uint8Array, body: string, signers: VerifierKey[], others: { name: string, id: string }[] }} Checkpoint */

/** A checkpoint that at least one of the keys signed. @param {Platform} platform @param {string} file @param {Uint8Array} bytes @param {readonly VerifierKey[]} keys @returns {Promise<Checkpoint>} */
export async function readCheckpoint(platform, file, bytes, keys) {
  const { body, signers, others } = await readNote(platform, file, bytes, keys);
  const [origin = "", size = "", root = ""] = body.split("\n");
  const hash = fromBase64(root);
  must(origin !== "" && /^(0|[1-9]\d{0,15})$/.test(size) && Number.isSafeInteger(Number(size)) && hash?.length === 32, file, "is no checkpoint: origin, size and root hash in lines of their own");
  const log = signers.filter(({ name }) => name === origin);
  must(log.length > 0, file, `is signed by none of the keys of ${origin} that were given`);
  return { origin, size: Number(size), root: hash, body, signers: log, others };
}

/** Hashes, one base64 line each. @param {string} file @param {readonly string[]} lines @param {number} offset of the first one in its file */
export function readHashes(file, lines, offset) {
  return lines.map((line, index) => {
    const hash = fromBase64(line);
    must(hash?.length === 32, file, "is no hash of 32 bytes in base64", `line ${index + 1 + offset}`);
    return hash;
  });
}

/** `c2sp.org/tlog-proof@v1`. @param {string} file @param {Uint8Array} bytes */
export function readProof(file, bytes) {
  const text = textOf(bytes) ?? "";
  const at = text.indexOf("\n\n");
  const [kind, index = "", ...path] = text.slice(0, Math.max(at, 0)).split("\n");
  must(kind === "c2sp.org/tlog-proof@v1" && /^index (0|[1-9]\d{0,15})$/.test(index), file, "is no tlog-proof with an index");
  return { index: Number(index.slice("index ".length)), path: readHashes(file, path, 2), checkpoint: utf8(text.slice(at + 2)) };
}

/** What DSSE signs: `DSSEv1 <length> <type> <length> <payload>`. @param {string} type @param {Uint8Array} payload */
export const preAuthEncoding = (type, payload) => concat([utf8(`DSSEv1 ${utf8(type).length} ${type} ${payload.length} `), payload]);

/**
 * The payload of an envelope that one of the keys signed. The envelope is held to the one spelling that Curfew writes, so
 * that nothing in it can be changed, not even what no signature covers.
 * @param {Platform} platform
 * @param {string} file
 * @param {Uint8Array} bytes
 * @param {readonly VerifierKey[]} keys
 */
export async function readEnvelope(platform, file, bytes, keys) {
  const envelope = jsonOf(textOf(bytes));
  must(isRecord(envelope) && typeof envelope.payloadType === "string" && Array.isArray(envelope.signatures), file, "is no DSSE envelope");
  const payload = fromBase64(envelope.payload);
  must(payload, file, "the payload is not base64");
  const [one, ...more] = envelope.signatures;
  const signature = isRecord(one) ? fromBase64(one.sig) : null;
  must(isRecord(one) && typeof one.keyid === "string" && signature && more.length === 0, file, "has not one signature with key id");
  const spelled = `${JSON.stringify({ payload: base64(payload), payloadType: envelope.payloadType, signatures: [{ keyid: one.keyid, sig: base64(signature) }] })}\n`;
  must(equal(utf8(spelled), bytes), file, "is not spelled as Curfew spells an envelope");
  const key = keys.find((candidate) => one.keyid === candidate.vkey || one.keyid === candidate.id || one.keyid === `${candidate.name}+${candidate.id}`);
  must(key, file, `is signed by the key ${String(one.keyid)}, which was not given`);
  const isSigned = signature.length === 64 && (await platform.ed25519(key.publicKey, preAuthEncoding(envelope.payloadType, payload), signature));
  must(isSigned, file, `the signature of ${key.name} (key ${key.id}) does not fit the manifest`);
  return { type: envelope.payloadType, payload, key };
}

