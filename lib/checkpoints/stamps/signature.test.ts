import { describe, expect, it } from "vitest";
import { readStamp, stampRequest, type StampRequest } from "./answer";
import { der, readDer, childrenOf, tags } from "./der";
import { checkSignature, readCertificates } from "./signature";
import { makeAuthority } from "./test-authority";

const text = Buffer.from("curfew.example.com/ledger/0a1b2c3d\n4711\nq1==\n");
const hasOpenssl = makeAuthority() !== null;
type Authority = NonNullable<ReturnType<typeof makeAuthority>>;

const made = (...given: Parameters<typeof makeAuthority>): Authority => {
  const authority = makeAuthority(...given);
  if (!authority) throw new Error("no OpenSSL");
  return authority;
};
const wrapped = (token: Buffer) => der(tags.sequence, der(tags.sequence, der(tags.integer, Buffer.of(0))), token);
const tokenOf = (answer: Buffer) => childrenOf(readDer(answer)?.[0])[1]?.whole ?? Buffer.alloc(0);

/** What an authority says of a request, now, for signing with whatever there is. */
function infoFor({ digest, nonce }: StampRequest, at = new Date()): Buffer {
  const sha256 = der(tags.sequence, Buffer.from("0609608648016503040201", "hex"), Buffer.of(5, 0));
  const time = der(tags.time, Buffer.from(`${at.toISOString().slice(0, 19).replace(/[-:T]/g, "")}Z`));
  return der(tags.sequence, der(tags.integer, Buffer.of(1)), Buffer.from("06042a030401", "hex"), der(tags.sequence, sha256, der(tags.octets, digest)), der(tags.integer, Buffer.of(9)), time, der(tags.integer, nonce));
}

describe.skipIf(!hasOpenssl)("a time stamp's signature", () => {
  it.each([
    ["RSA", ["rsa:2048"], []], ["elliptic curves", ["ec", "-pkeyopt", "ec_paramgen_curve:secp384r1"], []], ["RSA with SHA-512", ["rsa:2048"], ["-md", "sha512"]],
    ["RSA-PSS", ["rsa:2048"], ["-keyopt", "rsa_padding_mode:pss"]], ["a signer named by its key", ["rsa:2048"], ["-keyid"]],
  ])("by %s is checked, and led to the certificate that was given", (_name, key, options) => {
    const authority = made({ key });
    const request = stampRequest(text);
    const answer = options.length === 0 ? authority.answer(request.body) : wrapped(authority.sign(infoFor(request), ...options));
    expect(readStamp(answer, request)).toMatchObject({ ok: true, isAnchored: false });
    expect(readStamp(answer, request, readCertificates(authority.pem("cert")))).toMatchObject({ ok: true, isAnchored: true });
    expect(readStamp(answer, request, readCertificates(made({ key }).pem("cert")))).toEqual({ ok: false, code: "stamp-not-anchored" });
  });

  it("is led over an intermediate certificate to its root, and to nothing else", () => {
    const authority = made({ isChained: true });
    const request = stampRequest(text);
    const answer = authority.answer(request.body);
    for (const name of ["root", "middle", "cert"] as const) expect(readStamp(answer, request, readCertificates(authority.pem(name))), name).toMatchObject({ ok: true, isAnchored: true });
    const other = made({ isChained: true });
    // The same names, other keys.
    for (const name of ["root", "middle", "cert"] as const) expect(readStamp(answer, request, readCertificates(other.pem(name))), name).toEqual({ ok: false, code: "stamp-not-anchored" });
    // Once the intermediate is over, nothing leads to the root; the authority's own certificate is looked at, too.
    const token = readDer(tokenOf(answer))?.[0];
    const later = new Date(Date.now() + 3 * 86_400_000);
    expect(token && checkSignature(token, { at: later, anchors: readCertificates(authority.pem("root")) })).toEqual({ ok: false, code: "stamp-certificate" });
  });

  it.each([["clientAuth"], ["timeStamping"], ["critical,timeStamping,clientAuth"], [""]])("by a certificate for %j is not believed", (uses) => {
    const authority = made({ uses });
    const request = stampRequest(text);
    expect(readStamp(wrapped(authority.sign(infoFor(request))), request, readCertificates(authority.pem("cert")))).toEqual({ ok: false, code: "stamp-certificate" });
  });

  it("of a time when its certificate was not valid yet is not believed", () => {
    const authority = made();
    const request = stampRequest(text);
    expect(readStamp(wrapped(authority.sign(infoFor(request, new Date("2020-01-01")))), request)).toEqual({ ok: false, code: "stamp-certificate" });
  });

  it("is of these very words: with what another token signed, or with another certificate of the same name, it is none", () => {
    const [authority, other] = [made(), made()];
    const request = stampRequest(text);
    const [good, foreign] = [authority.sign(infoFor(request)), other.sign(infoFor(stampRequest(Buffer.from("something else"))))];
    const info = infoFor(request);
    // Another authority's signature under our TSTInfo.
    const [type, body] = childrenOf(readDer(foreign)?.[0]);
    const parts = childrenOf(childrenOf(body)[0]);
    const swapped = der(tags.sequence, type?.whole ?? Buffer.alloc(0), der(tags.first, der(tags.sequence, ...parts.map((part, index) => (index === 2 ? der(tags.sequence, childrenOf(part)[0]?.whole ?? Buffer.alloc(0), der(tags.first, der(tags.octets, info))) : part.whole)))));
    expect(readStamp(wrapped(swapped), request)).toEqual({ ok: false, code: "stamp-unsigned" });
    // Without its certificate, nobody can say who signed.
    expect(readStamp(wrapped(authority.sign(info, "-nocerts")), request)).toEqual({ ok: false, code: "stamp-unsigned" });
    expect(readStamp(wrapped(good), request)).toMatchObject({ ok: true });
  });

  it("is taken after any change of a byte only where OpenSSL takes it, too", () => {
    const authority = made();
    const request = stampRequest(text);
    const answer = authority.answer(request.body);
    const anchors = readCertificates(authority.pem("cert"));
    const start = answer.length - tokenOf(answer).length;
    const taken: number[] = [];
    for (let at = start; at < answer.length; at += 1) {
      const changed = Buffer.from(answer);
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
      // Also where nothing holds its certificate: the signature binds it.
      if (readStamp(changed, request, anchors).ok || readStamp(changed, request).ok) taken.push(at);
    }
    const alone = taken.filter((at) => {
      const changed = Buffer.from(answer);
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
      return !authority.isTaken(text, changed.subarray(start));
    });
    expect(alone.map((at) => at - start)).toEqual([]);
    expect(taken.length).toBeLessThan(40);
    expect(authority.isTaken(text, tokenOf(answer))).toBe(true);
  });
});

describe("certificates that somebody gives", () => {
  it.each([["nothing", ""], ["words", "hello"], ["a block of nonsense", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"]])("are none: %s", (_name, pem) => {
    expect(readCertificates(pem)).toBeNull();
  });

  it.skipIf(!hasOpenssl)("are read one behind the other, and with nothing else between them", () => {
    const authority = made({ isChained: true });
    expect(readCertificates(`${authority.pem("root")}\n${authority.pem("middle")}`)).toHaveLength(2);
    expect(readCertificates(`${authority.pem("root")}\n-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----`)).toBeNull();
  });
});
