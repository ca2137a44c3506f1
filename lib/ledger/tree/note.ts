import { createHash, createPrivateKey, createPublicKey, sign, verify, type KeyObject } from "node:crypto";

/** Kinds of signature (C2SP signed-note). */
export const signatureTypes = { ed25519: 1, cosignature: 4 } as const;
type SignatureType = (typeof signatureTypes)[keyof typeof signatureTypes];

const privatePrefix = Buffer.from("302e020100300506032b657004220420", "hex");
const publicPrefix = Buffer.from("302a300506032b6570032100", "hex");

/** An Ed25519 private key from its 32 raw bytes. */
export function privateKeyOf(seed: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([privatePrefix, seed]), format: "der", type: "pkcs8" });
}

/** An Ed25519 public key from its 32 raw bytes. */
export function publicKeyOf(raw: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.concat([publicPrefix, raw]), format: "der", type: "spki" });
}

/** The 32 raw bytes of an Ed25519 key's public half. */
export function rawPublicKey(key: KeyObject): Uint8Array<ArrayBuffer> {
  const publicKey = key.type === "private" ? createPublicKey(key) : key;
  return new Uint8Array(publicKey.export({ format: "der", type: "spki" }).subarray(publicPrefix.length));
}

/** A key that notes are verified with. */
export type VerifierKey = { readonly name: string; readonly type: SignatureType; readonly publicKey: Uint8Array; readonly keyId: string };

/** The first four bytes of SHA-256 over name, newline, type and public key, as hex. */
export function keyIdOf(name: string, type: SignatureType, publicKey: Uint8Array): string {
  return createHash("sha256").update(`${name}\n`, "utf8").update(Uint8Array.of(type)).update(publicKey).digest("hex").slice(0, 8);
}

/** The text form of a verifier key: `<name>+<key id>+<base64>`. */
export function formatVerifierKey(name: string, publicKey: Uint8Array, type: SignatureType = signatureTypes.ed25519): string {
  return `${name}+${keyIdOf(name, type, publicKey)}+${Buffer.concat([Uint8Array.of(type), publicKey]).toString("base64")}`;
}

/** Reads a verifier key; null when it is none, or its id is not that of its bytes. */
export function parseVerifierKey(text: string): VerifierKey | null {
  // Base64 may hold a plus: only the first two split.
  const match = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)$/u.exec(text.trim());
  const [, name = "", keyId = "", encoded = ""] = match ?? [];
  const bytes = Buffer.from(encoded, "base64");
  const type = Object.values(signatureTypes).find((known) => known === bytes[0]);
  if (!match || bytes.length !== 33 || type === undefined) return null;
  const publicKey = new Uint8Array(bytes.subarray(1));
  return keyIdOf(name, type, publicKey) === keyId ? { name, type, publicKey, keyId } : null;
}

/** One signature line of a note. */
export type NoteSignature = { readonly name: string; readonly keyId: string; readonly signature: Uint8Array; readonly line: string };

/** A signature line, with its newline. */
export function signatureLine(name: string, keyId: string, signature: Uint8Array): string {
  return `— ${name} ${Buffer.concat([Buffer.from(keyId, "hex"), signature]).toString("base64")}\n`;
}

/** Signs a text that ends with a newline. */
export function signNote(text: string, { name, key }: { readonly name: string; readonly key: KeyObject }): string {
  const signature = sign(null, Buffer.from(text, "utf8"), key);
  return `${text}\n${signatureLine(name, keyIdOf(name, signatureTypes.ed25519, rawPublicKey(key)), signature)}`;
}

const mostSignatures = 100;

/** Reads the signature lines of a note; null where one is none. */
export function parseSignatureLines(text: string): NoteSignature[] | null {
  if (!text.endsWith("\n")) return null;
  const lines = text.slice(0, -1).split("\n");
  if (lines.length > mostSignatures) return null;
  const found: NoteSignature[] = [];
  for (const line of lines) {
    const match = /^— ([^\s+]+) ([A-Za-z0-9+/]+=*)$/u.exec(line);
    const bytes = Buffer.from(match?.[2] ?? "", "base64");
    if (!match?.[1] || bytes.length < 5 || bytes.toString("base64") !== match[2]) return null;
    found.push({ name: match[1], keyId: bytes.subarray(0, 4).toString("hex"), signature: new Uint8Array(bytes.subarray(4)), line: `${line}\n` });
  }
  return found;
}

/** Takes a note apart; null when it is not of the form. */
export function parseNote(note: string): { readonly text: string; readonly signatures: readonly NoteSignature[] } | null {
  const end = note.lastIndexOf("\n\n");
  if (end < 0) return null;
  const signatures = parseSignatureLines(note.slice(end + 2));
  return signatures && { text: note.slice(0, end + 1), signatures };
}

/** Whether a note carries a good signature of this key. One of the same name and id that is not good is none. */
export function isSignedBy(note: string, key: VerifierKey): boolean {
  const parsed = parseNote(note);
  const own = parsed?.signatures.filter(({ name, keyId }) => name === key.name && keyId === key.keyId) ?? [];
  return own.length > 0 && own.every(({ signature }) => verify(null, Buffer.from(parsed?.text ?? "", "utf8"), publicKeyOf(key.publicKey), signature));
}

/** A cosignature's time in seconds, where it is good over this text (C2SP tlog-cosignature); null otherwise. */
export function cosignedAt(text: string, { signature }: NoteSignature, key: VerifierKey): number | null {
  if (signature.length !== 72 || key.type !== signatureTypes.cosignature) return null;
  const time = Buffer.from(signature).readBigUInt64BE();
  const message = `cosignature/v1\ntime ${time}\n${text}`;
  return verify(null, Buffer.from(message, "utf8"), publicKeyOf(key.publicKey), signature.subarray(8)) ? Number(time) : null;
}

/** What a checkpoint says (C2SP tlog-checkpoint). */
export type CheckpointText = { readonly origin: string; readonly size: bigint; readonly root: Uint8Array };

/** The text of a checkpoint, to be signed. */
export function formatCheckpoint({ origin, size, root }: CheckpointText): string {
  return `${origin}\n${size}\n${Buffer.from(root).toString("base64")}\n`;
}

/** Reads a checkpoint's text; null when it is none. */
export function parseCheckpoint(text: string): CheckpointText | null {
  const match = /^([^\n]+)\n(0|[1-9][0-9]{0,18})\n([A-Za-z0-9+/]{43}=)\n(?:[^\n]+\n)*$/u.exec(text);
  const [, origin, size, root] = match ?? [];
  if (origin === undefined || size === undefined || root === undefined) return null;
  return { origin, size: BigInt(size), root: new Uint8Array(Buffer.from(root, "base64")) };
}

/** The bytes that a DSSE signature covers (DSSE v1.0.2). */
export function preAuthEncoding(payloadType: string, payload: Uint8Array): Buffer {
  const head = `DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${payload.length} `;
  return Buffer.concat([Buffer.from(head, "utf8"), payload]);
}
