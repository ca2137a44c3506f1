import "server-only";
import { constants, createHash, verify, X509Certificate } from "node:crypto";
import { childrenOf, partsOf, readDer, tags, type DerNode } from "./der";

/** What is wrong with a time stamp's signature, or with the certificate behind it. */
export type StampFault = "stamp-unsigned" | "stamp-certificate" | "stamp-not-anchored";
/** Certificates that an administrator gave: one of them must be the signer's own or stand at the end of its chain. Null: none were given. */
export type Anchors = readonly X509Certificate[] | null;
type Checked = { readonly ok: true; readonly isAnchored: boolean } | { readonly ok: false; readonly code: StampFault };

const oids = {
  contentType: "2a864886f70d010903", messageDigest: "2a864886f70d010904", tstInfo: "2a864886f70d0109100104",
  signingCertificate: "2a864886f70d010910020c", signingCertificateV2: "2a864886f70d010910022f", extendedKeyUsage: "551d25", subjectKeyId: "551d0e",
} as const;
const timeStamping = "1.3.6.1.5.5.7.3.8";
const digests: Readonly<Record<string, string>> = { "608648016503040201": "sha256", "608648016503040202": "sha384", "608648016503040203": "sha512" };
/** Algorithms of signatures, with the hash where they name it. */
const algorithms: Readonly<Record<string, { readonly hash: "as-digest" | "sha256" | "sha384" | "sha512" | null; readonly isPss?: true }>> = {
  "2a864886f70d010101": { hash: "as-digest" }, "2a864886f70d01010b": { hash: "sha256" }, "2a864886f70d01010c": { hash: "sha384" }, "2a864886f70d01010d": { hash: "sha512" },
  "2a864886f70d01010a": { hash: "as-digest", isPss: true },
  "2a8648ce3d040302": { hash: "sha256" }, "2a8648ce3d040303": { hash: "sha384" }, "2a8648ce3d040304": { hash: "sha512" },
  "2b6570": { hash: null },
};
const longestChain = 8;

const oidOf = (node: DerNode | undefined) => (node?.tag === tags.object ? node.content.toString("hex") : "");
const isVersion = (node: DerNode | undefined, version: number) => node?.tag === tags.integer && node.content.equals(Buffer.of(version));
/** The hash that an identifier names, with no parameters but the empty ones. */
function digestOf(algorithm: DerNode | undefined): string | undefined {
  const [oid, parameters] = partsOf(algorithm, tags.sequence);
  return parameters === undefined || parameters.whole.equals(Buffer.of(5, 0)) ? digests[oidOf(oid)] : undefined;
}
const hashOf = (algorithm: string, bytes: Uint8Array) => createHash(algorithm).update(bytes).digest();

/** Parts of a certificate that node:crypto does not tell. */
type Parsed = { readonly x509: X509Certificate; readonly bytes: Buffer; readonly issuer: Buffer; readonly serial: Buffer; readonly extensions: readonly DerNode[] };

function parseCertificate(node: DerNode): Parsed | null {
  try {
    const x509 = new X509Certificate(node.whole);
    const [body] = childrenOf(node);
    const parts = childrenOf(body);
    const [serial, , issuer] = parts[0]?.tag === tags.first ? parts.slice(1) : parts;
    const extensions = childrenOf(childrenOf(parts.find(({ tag }) => tag === tags.fourth))[0]);
    return serial && issuer ? { x509, bytes: node.whole, issuer: issuer.whole, serial: serial.whole, extensions } : null;
  } catch {
    return null;
  }
}

/** The only extended use is time stamping, and nobody may overlook it (RFC 3161 §2.3). */
function isForStamps({ x509, extensions }: Parsed): boolean {
  const found = extensions.map(childrenOf).filter(([oid]) => oidOf(oid) === oids.extendedKeyUsage);
  const [, critical] = found[0] ?? [];
  return found.length === 1 && critical?.tag === tags.boolean && critical.content[0] !== 0 && x509.keyUsage?.length === 1 && x509.keyUsage[0] === timeStamping;
}

const isValidAt = (x509: X509Certificate, at: Date) => Date.parse(x509.validFrom) <= at.getTime() && at.getTime() <= Date.parse(x509.validTo);

/** The one certificate that a signer's identifier names: by issuer and number, or by its key's id. */
function certificateOf(id: DerNode | undefined, certificates: readonly Parsed[]): Parsed | undefined {
  if (id?.tag === tags.sequence) {
    const [issuer, serial] = childrenOf(id);
    return certificates.find((one) => issuer?.whole.equals(one.issuer) && serial?.whole.equals(one.serial));
  }
  const keyId = id?.tag === tags.firstPlain ? id.content : null;
  return certificates.find(({ extensions }) =>
    extensions.map(childrenOf).some((parts) => oidOf(parts[0]) === oids.subjectKeyId && keyId !== null && readDer(parts.at(-1)?.content ?? Buffer.alloc(0))?.[0]?.content.equals(keyId)),
  );
}

/** The values of a signed attribute that stands there once. */
function attributeOf(attributes: readonly (readonly DerNode[])[], oid: string): DerNode[] | null {
  const found = attributes.filter(([type]) => oidOf(type) === oid);
  return found.length === 1 ? childrenOf(found[0]?.[1]) : null;
}

/** The signed attribute that binds the certificate, so that no other one of the same key can stand in for it (RFC 5816). */
function isBound(attributes: readonly (readonly DerNode[])[], { bytes }: Parsed): boolean {
  const [v2] = attributeOf(attributes, oids.signingCertificateV2) ?? [];
  const [v1] = attributeOf(attributes, oids.signingCertificate) ?? [];
  const [id] = childrenOf(childrenOf(v2 ?? v1)[0]);
  const parts = childrenOf(id);
  const named = parts[0]?.tag === tags.sequence ? digests[oidOf(childrenOf(parts[0])[0])] : v2 ? "sha256" : "sha1";
  const said = parts.find(({ tag }) => tag === tags.octets)?.content;
  return named !== undefined && said !== undefined && hashOf(named, bytes).equals(said);
}

function isSigned(signed: Buffer, signature: Buffer, { x509 }: Parsed, { algorithm, digest }: { readonly algorithm: string; readonly digest: string }): boolean {
  const known = algorithms[algorithm];
  if (!known) return false;
  try {
    const padding = known.isPss ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_AUTO } : {};
    return verify(known.hash === "as-digest" ? digest : known.hash, signed, { key: x509.publicKey, ...padding }, signature);
  } catch {
    return false;
  }
}

/** Whether a certificate is one of those given, or was issued, in steps that were valid then, by one of them. */
function leadsTo(anchors: readonly X509Certificate[], signer: X509Certificate, others: readonly X509Certificate[], at: Date): boolean {
  const isGiven = (one: X509Certificate) => anchors.some((anchor) => anchor.raw.equals(one.raw));
  const seen = new Set<string>();
  let reached = [signer];
  for (let depth = 0; depth < longestChain && reached.length > 0; depth += 1) {
    if (reached.some(isGiven)) return true;
    reached = [...anchors, ...others].filter((issuer) => {
      if (seen.has(issuer.fingerprint256) || !issuer.ca || !isValidAt(issuer, at)) return false;
      return reached.some((one) => one.checkIssued(issuer) && one.verify(issuer.publicKey)) && seen.add(issuer.fingerprint256);
    });
  }
  return false;
}

/** Certificates in PEM, one behind the other; null where one of them is none, or there is none. */
export function readCertificates(pem: string): X509Certificate[] | null {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0 || pem.replace(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g, "").trim() !== "") return null;
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch {
    return null;
  }
}

/**
 * Checks who signed a time stamp (RFC 5652 §5.4, RFC 3161 §2.3): one signer, over the hash of this very TSTInfo; by a
 * certificate in the token that the signature binds, for time stamping only, valid at that time; leading to an anchor where
 * there is one. All of it is attacker-controlled.
 */
export function checkSignature(token: DerNode, { at, anchors }: { readonly at: Date; readonly anchors: Anchors }): Checked {
  const [, wrapped] = partsOf(token, tags.sequence);
  const parts = partsOf(partsOf(wrapped, tags.first)[0], tags.sequence);
  const [content] = partsOf(partsOf(parts[2], tags.sequence)[1], tags.first);
  const certificates = partsOf(parts[3], tags.first).flatMap((node) => parseCertificate(node) ?? []);
  const [signer, ...others] = partsOf(parts.at(-1), tags.set);
  const [version, id, digestAlgorithm, attributes, signatureAlgorithm, signature] = partsOf(signer, tags.sequence);
  const digest = digestOf(digestAlgorithm);
  const isWellFormed = isVersion(parts[0], 3) && partsOf(parts[1], tags.set).some((one) => digestOf(one) === digest) && isVersion(version, id?.tag === tags.sequence ? 1 : 3);
  const certificate = certificateOf(id, certificates);
  if (!content || !isWellFormed || others.length > 0 || attributes?.tag !== tags.first || signature?.tag !== tags.octets || digest === undefined || !certificate) return { ok: false, code: "stamp-unsigned" };
  const said = childrenOf(attributes).map(childrenOf);
  const isOfThis = oidOf(attributeOf(said, oids.contentType)?.[0]) === oids.tstInfo && attributeOf(said, oids.messageDigest)?.[0]?.content.equals(hashOf(digest, content.content)) === true;
  // What is signed is the set of attributes, not the tag that it stands under here.
  const signed = Buffer.concat([Buffer.of(tags.set), attributes.whole.subarray(1)]);
  const algorithm = oidOf(partsOf(signatureAlgorithm, tags.sequence)[0]);
  if (!isOfThis || !isBound(said, certificate) || !isSigned(signed, signature.content, certificate, { algorithm, digest })) return { ok: false, code: "stamp-unsigned" };
  if (!isForStamps(certificate) || !isValidAt(certificate.x509, at)) return { ok: false, code: "stamp-certificate" };
  if (anchors === null) return { ok: true, isAnchored: false };
  const isAnchored = leadsTo(anchors, certificate.x509, certificates.map(({ x509 }) => x509), at);
  return isAnchored ? { ok: true, isAnchored } : { ok: false, code: "stamp-not-anchored" };
}
