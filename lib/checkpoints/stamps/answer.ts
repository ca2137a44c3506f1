import "server-only";
import { createHash, randomBytes } from "node:crypto";
import { childrenOf, der, partsOf, readDer, tags, type DerNode } from "./der";
import { checkSignature, type Anchors, type StampFault } from "./signature";

const sha256Oid = Buffer.from("0609608648016503040201", "hex");
const tstInfoOid = Buffer.from("060b2a864886f70d0109100104", "hex");
const signedDataOid = Buffer.from("06092a864886f70d010702", "hex");

function imprintOf(digest: Uint8Array): Buffer {
  return der(tags.sequence, der(tags.sequence, sha256Oid, Buffer.of(0x05, 0x00)), der(tags.octets, digest));
}

/** What is asked of a timestamp authority: its signature over a hash and a number that nobody could know before. */
export type StampRequest = { readonly body: Buffer; readonly digest: Buffer; readonly nonce: Buffer };

/** A TimeStampReq over the SHA-256 of some bytes, with a nonce, asking for the authority's certificate (RFC 3161 §2.4.1). */
export function stampRequest(bytes: Uint8Array): StampRequest {
  const digest = createHash("sha256").update(bytes).digest();
  // Positive, and without a leading zero: the one DER form of it.
  const nonce = Buffer.concat([Buffer.of(1), randomBytes(15)]);
  const body = der(tags.sequence, der(tags.integer, Buffer.of(1)), imprintOf(digest), der(tags.integer, nonce), Buffer.of(0x01, 0x01, 0xff));
  return { body, digest, nonce };
}

/** The TSTInfo within a token: what the authority says (RFC 3161 §2.4.2); null when it is no such token. */
function infoOf(token: DerNode | undefined): DerNode[] | null {
  const [type, wrapped] = partsOf(token, tags.sequence);
  const [signed] = partsOf(wrapped, tags.first);
  const [kind, explicit] = partsOf(partsOf(signed, tags.sequence)[2], tags.sequence);
  const [octets] = partsOf(explicit, tags.first);
  if (!type?.whole.equals(signedDataOid) || !kind?.whole.equals(tstInfoOid) || octets?.tag !== tags.octets) return null;
  const [info] = readDer(octets.content) ?? [];
  return info?.tag === tags.sequence ? childrenOf(info) : null;
}

function timeOf(node: DerNode): Date | null {
  const match = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(\.\d+)?Z$/.exec(node.content.toString("latin1"));
  if (!match) return null;
  const [, year, month, day, hour, minute, second, part = ""] = match;
  const time = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}${part.slice(0, 4)}Z`);
  return Number.isNaN(time.getTime()) ? null : time;
}

/** What an authority's answer came to. */
export type Stamp =
  | { readonly ok: true; readonly token: Uint8Array<ArrayBuffer>; readonly stampedAt: Date; /** Its certificate leads to one that an administrator gave. */ readonly isAnchored: boolean }
  | { readonly ok: false; readonly code: "stamp-refused" | "stamp-wrong" | StampFault };

/**
 * Reads a TimeStampResp: granted, over this very hash, with this very nonce, signed by a certificate for time stamping that was
 * valid then and, where certificates were given, leads to one of them. Not checked: whether one was revoked.
 */
export function readStamp(answer: Buffer, { digest, nonce }: Pick<StampRequest, "digest" | "nonce">, anchors: Anchors = null): Stamp {
  const [response, ...rest] = readDer(answer) ?? [];
  const [status, token] = childrenOf(response);
  const [granted] = childrenOf(status);
  if (!response || rest.length > 0 || granted?.tag !== tags.integer) return { ok: false, code: "stamp-wrong" };
  if (granted.content.length !== 1 || (granted.content[0] ?? 9) > 1) return { ok: false, code: "stamp-refused" };
  const info = infoOf(token);
  const [, , imprint, , time, ...others] = info ?? [];
  const isOurs = imprint && (imprint.whole.equals(imprintOf(digest)) || imprint.whole.equals(der(tags.sequence, der(tags.sequence, sha256Oid), der(tags.octets, digest))));
  const answered = others.find(({ tag }) => tag === tags.integer);
  const stampedAt = time?.tag === tags.time ? timeOf(time) : null;
  if (!token || !isOurs || !answered?.content.equals(nonce) || stampedAt === null) return { ok: false, code: "stamp-wrong" };
  const checked = checkSignature(token, { at: stampedAt, anchors });
  return checked.ok ? { ok: true, token: new Uint8Array(token.whole), stampedAt, isAnchored: checked.isAnchored } : checked;
}
