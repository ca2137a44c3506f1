import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { isoCBOR } from "@simplewebauthn/server/helpers";
import type { Assertion, Attestation } from "./schema";

/** An authenticator and the browser before it, in software: what real ones answer, and what they never should. */
export type TestAuthenticator = {
  readonly id: string;
  /** COSE key. */
  readonly publicKey: Uint8Array;
  readonly make: (options: { readonly challenge: string }, wrong?: Wrong) => Attestation;
  readonly confirm: (options: { readonly challenge: string }, wrong?: Wrong) => Assertion;
};

/** What differs from a right answer. */
export type Wrong = { readonly origin?: string; readonly rpId?: string; readonly flags?: number; readonly counter?: number; readonly type?: string; readonly crossOrigin?: boolean };

export type TestAlgorithm = "ES256" | "EdDSA" | "RS256";

const base64url = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64url");
const sha256 = (data: string | Uint8Array) => createHash("sha256").update(data).digest();
const part = (text: string | undefined) => new Uint8Array(Buffer.from(text ?? "", "base64url"));

const present = 0x01;
const verified = 0x04;
const attested = 0x40;

function newKey(algorithm: TestAlgorithm): { readonly privateKey: KeyObject; readonly cose: Map<number, number | Uint8Array> } {
  if (algorithm === "ES256") {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const { x, y } = publicKey.export({ format: "jwk" });
    return { privateKey, cose: new Map<number, number | Uint8Array>([[1, 2], [3, -7], [-1, 1], [-2, part(x)], [-3, part(y)]]) };
  }
  if (algorithm === "EdDSA") {
    const { privateKey, publicKey } = generateKeyPairSync("ed25519");
    return { privateKey, cose: new Map<number, number | Uint8Array>([[1, 1], [3, -8], [-1, 6], [-2, part(publicKey.export({ format: "jwk" }).x)]]) };
  }
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const { n, e } = publicKey.export({ format: "jwk" });
  return { privateKey, cose: new Map<number, number | Uint8Array>([[1, 3], [3, -257], [-1, part(n)], [-2, part(e)]]) };
}

/** A new authenticator with one passkey. `counts`: its counter grows with each signature, as those of security keys do. */
export function testAuthenticator({ origin, algorithm = "ES256", counts = true }: { origin: string; algorithm?: TestAlgorithm; counts?: boolean }): TestAuthenticator {
  const { privateKey, cose } = newKey(algorithm);
  const credential = randomBytes(32);
  const id = base64url(credential);
  let count = 0;
  const clientData = (challenge: string, type: string, wrong: Wrong) =>
    Buffer.from(JSON.stringify({ type: wrong.type ?? type, challenge, origin: wrong.origin ?? origin, crossOrigin: wrong.crossOrigin ?? false }));
  const dataOf = (wrong: Wrong, flags: number, more: Uint8Array = new Uint8Array()) => {
    const head = Buffer.alloc(5);
    head.writeUInt8(wrong.flags ?? flags);
    head.writeUInt32BE(wrong.counter ?? (counts ? ++count : 0), 1);
    return Buffer.concat([sha256(wrong.rpId ?? new URL(origin).hostname), head, more]);
  };
  return {
    id,
    publicKey: isoCBOR.encode(cose),
    make({ challenge }, wrong = {}) {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(credential.length);
      const more = Buffer.concat([Buffer.alloc(16), length, credential, isoCBOR.encode(cose)]);
      const authData = new Uint8Array(dataOf(wrong, present | verified | attested, more));
      const attestation = isoCBOR.encode(new Map<string, string | Uint8Array | Map<string, string>>([["fmt", "none"], ["attStmt", new Map()], ["authData", authData]]));
      const response = { attestationObject: base64url(attestation), clientDataJSON: base64url(clientData(challenge, "webauthn.create", wrong)), transports: ["usb"] };
      return { id, rawId: id, type: "public-key", response, clientExtensionResults: {} };
    },
    confirm({ challenge }, wrong = {}) {
      const client = clientData(challenge, "webauthn.get", wrong);
      const data = dataOf(wrong, present | verified);
      const signature = sign(algorithm === "EdDSA" ? null : "sha256", Buffer.concat([data, sha256(client)]), privateKey);
      const response = { authenticatorData: base64url(data), clientDataJSON: base64url(client), signature: base64url(signature) };
      return { id, rawId: id, type: "public-key", response, clientExtensionResults: {} };
    },
  };
}
