// Checks a stored proof that a person confirmed something with a passkey. Reads no code of Curfew and needs nothing but
// Node.js, so that whoever doubts Curfew can read it in one sitting, with the checks themselves in formats/passkey.mjs.
//
//   node scripts/verify/step-up.mjs proof.json [--proof-digest <hex>] [--digest <hex>] [--origin <origin>]
//
// --proof-digest  what the ledger's event step-up.confirmed says of the whole proof
// --digest        SHA-256 of the canonical JSON of what a decision says was approved
// --origin        where Curfew is, as you know it
import { createHash, createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { signatureOf, WrongProof } from "./formats/passkey.mjs";

const sha256 = (bytes) => createHash("sha256").update(bytes).digest();

/** Null when the proof holds, or the first thing that is wrong with it. */
export function whatIsWrong(proof, expected = {}) {
  try {
    const { key, message, signature } = signatureOf(sha256, proof, expected);
    return fits(key, message, signature) ? null : "the signature does not fit";
  } catch (error) {
    if (error instanceof WrongProof) return error.message;
    throw error;
  }
}

function fits(key, message, signature) {
  let publicKey;
  try {
    publicKey = createPublicKey({ key, format: "jwk" });
  } catch {
    throw new WrongProof("the public key is no point of its curve");
  }
  return verify(key.kty === "OKP" ? null : "sha256", message, publicKey, signature);
}

function main([file, ...options]) {
  const valueOf = (name) => (options.includes(name) ? options[options.indexOf(name) + 1] : undefined);
  const expected = { proofDigest: valueOf("--proof-digest"), digest: valueOf("--digest"), origin: valueOf("--origin") };
  const wrong = whatIsWrong(JSON.parse(readFileSync(file, "utf8")), expected);
  console.log(wrong === null ? "The proof holds." : `The proof does not hold: ${wrong}.`);
  return wrong === null ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exit(main(process.argv.slice(2)));
