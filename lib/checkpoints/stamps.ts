import "server-only";
import { createHash, randomBytes } from "node:crypto";

/** DER, as far as RFC 3161 needs it: tag, length, content. */
function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.of(tag, ...size), content]);
}

const [sequenceTag, integerTag, octetsTag, timeTag] = [0x30, 0x02, 0x04, 0x18];
const sha256Oid = Buffer.from("0609608648016503040201", "hex");
const tstInfoOid = Buffer.from("060b2a864886f70d0109100104", "hex");
const signedDataOid = Buffer.from("06092a864886f70d010702", "hex");

function imprintOf(digest: Uint8Array): Buffer {
  return der(sequenceTag, der(sequenceTag, sha256Oid, Buffer.of(0x05, 0x00)), der(octetsTag, digest));
}

/** What is asked of a timestamp authority: its signature over a hash and a number that nobody could know before. */
export type StampRequest = { readonly body: Buffer; readonly digest: Buffer; readonly nonce: Buffer };

/** A TimeStampReq over the SHA-256 of some bytes, with a nonce, asking for the authority's certificate (RFC 3161 §2.4.1). */
export function stampRequest(bytes: Uint8Array): StampRequest {
  const digest = createHash("sha256").update(bytes).digest();
  // Positive, and without a leading zero: the one DER form of it.
  const nonce = Buffer.concat([Buffer.of(1), randomBytes(15)]);
  const body = der(sequenceTag, der(integerTag, Buffer.of(1)), imprintOf(digest), der(integerTag, nonce), Buffer.of(0x01, 0x01, 0xff));
  return { body, digest, nonce };
}

type Node = { readonly tag: number; readonly content: Buffer; readonly whole: Buffer };

/** The elements of some DER; null when it is none. Attacker-controlled. */
function read(bytes: Buffer): Node[] | null {
  const nodes: Node[] = [];
  for (let at = 0; at < bytes.length; ) {
    const tag = bytes[at] ?? 0;
    const first = bytes[at + 1];
    if (first === undefined || (tag & 0x1f) === 0x1f) return null;
    const more = first < 128 ? 0 : first - 128;
    if (more > 3 || first === 128 || at + 2 + more > bytes.length) return null;
    const length = more === 0 ? first : bytes.readUIntBE(at + 2, more);
    const start = at + 2 + more;
    if (start + length > bytes.length) return null;
    nodes.push({ tag, content: bytes.subarray(start, start + length), whole: bytes.subarray(at, start + length) });
    at = start + length;
  }
  return nodes;
}

const childrenOf = (node: Node | undefined): Node[] => (node ? (read(node.content) ?? []) : []);

/** The TSTInfo within a token: what the authority says (RFC 3161 §2.4.2); null when it is no such token. */
function infoOf(token: Node | undefined): Node[] | null {
  const [type, wrapped] = childrenOf(token);
  const [signed] = childrenOf(wrapped);
  const encapsulated = childrenOf(signed)[2];
  const [kind, explicit] = childrenOf(encapsulated);
  const [octets] = childrenOf(explicit);
  if (!type?.whole.equals(signedDataOid) || !kind?.whole.equals(tstInfoOid) || octets?.tag !== octetsTag) return null;
  const [info] = read(octets.content) ?? [];
  return info?.tag === sequenceTag ? childrenOf(info) : null;
}

function timeOf(node: Node): Date | null {
  const match = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(\.\d+)?Z$/.exec(node.content.toString("latin1"));
  if (!match) return null;
  const [, year, month, day, hour, minute, second, part = ""] = match;
  const time = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}${part.slice(0, 4)}Z`);
  return Number.isNaN(time.getTime()) ? null : time;
}

/** What an authority's answer came to. */
export type Stamp = { readonly ok: true; readonly token: Uint8Array<ArrayBuffer>; readonly stampedAt: Date } | { readonly ok: false; readonly code: "stamp-refused" | "stamp-wrong" };

/**
 * Reads a TimeStampResp: granted, over this very hash, with this very nonce. The authority's signature and certificate are in
 * the token and are checked by whoever relies on it (`openssl ts -verify`).
 */
export function readStamp(answer: Buffer, { digest, nonce }: Pick<StampRequest, "digest" | "nonce">): Stamp {
  const [response, ...rest] = read(answer) ?? [];
  const [status, token] = childrenOf(response);
  const [granted] = childrenOf(status);
  if (!response || rest.length > 0 || granted?.tag !== integerTag) return { ok: false, code: "stamp-wrong" };
  if (granted.content.length !== 1 || (granted.content[0] ?? 9) > 1) return { ok: false, code: "stamp-refused" };
  const info = infoOf(token);
  const [, , imprint, , time, ...others] = info ?? [];
  const isOurs = imprint && (imprint.whole.equals(imprintOf(digest)) || imprint.whole.equals(der(sequenceTag, der(sequenceTag, sha256Oid), der(octetsTag, digest))));
  const answered = others.find(({ tag }) => tag === integerTag);
  const stampedAt = time?.tag === timeTag ? timeOf(time) : null;
  if (!token || !isOurs || !answered?.content.equals(nonce) || stampedAt === null) return { ok: false, code: "stamp-wrong" };
  return { ok: true, token: new Uint8Array(token.whole), stampedAt };
}
