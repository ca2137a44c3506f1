import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { challengeOf, digestOfApproval, digestOfKey, digestOfProof } from "@/lib/passkeys/statement";
import { type TestAlgorithm, testAuthenticator, type Wrong } from "@/lib/passkeys/test-authenticator";
import type { StepUpProof } from "@/lib/passkeys/types";
import { whatIsWrong } from "./step-up.mjs";

const file = path.join(import.meta.dirname, "files/step-up-of-chromium.json");
/** Of Chromium's virtual authenticator, out of Curfew's database. */
const real = JSON.parse(readFileSync(file, "utf8")) as { readonly proof: StepUpProof; readonly proofDigest: string };

const origin = "https://curfew.example";
const base64url = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64url");

/** A proof as Curfew would store one, of any algorithm; `wrong` answers are stored as if nobody had looked. */
function proofOf(algorithm: TestAlgorithm, wrong: Wrong = {}, at = "2026-11-22T10:01:00.000Z"): StepUpProof {
  const key = testAuthenticator({ origin, algorithm });
  const approves = { action: "request.approve", requestId: "0192f0c1-0000-7000-8000-000000000001", minutes: 15, "é": [1.5, null, true] };
  const passkeys = [{ credential: key.id, key: digestOfKey(key.publicKey) }];
  const window = { askedAt: "2026-11-22T10:00:00.000Z", answerBefore: "2026-11-22T10:05:00.000Z" };
  const { text, challenge } = challengeOf({ version: 1, purpose: "step-up", nonce: "n", person: "rita", ...window, passkeys, approves });
  const { response } = key.confirm({ challenge: base64url(challenge) }, wrong);
  return {
    version: 1, id: "p", personId: "rita", rpId: "curfew.example", origin, statement: text, digest: digestOfApproval(approves), challenge: base64url(challenge),
    credentialId: key.id, publicKey: base64url(key.publicKey), authenticatorData: response.authenticatorData, clientDataJson: response.clientDataJSON,
    signature: response.signature, userVerified: true, counter: wrong.counter ?? 1, verifiedAt: at,
  };
}

/** Another value of the same kind; of texts, one with a character changed in the middle. */
function changed(value: unknown): unknown {
  if (typeof value === "number") return value + 1;
  if (typeof value === "boolean") return !value;
  const text = String(value);
  const middle = Math.floor(text.length / 2);
  return `${text.slice(0, middle)}${text[middle] === "b" ? "c" : "b"}${text.slice(middle + 1)}`;
}

describe("a proof of a step-up", () => {
  it("of a real browser holds, alone and against the ledger", () => {
    expect(whatIsWrong(real.proof)).toBeNull();
    expect(whatIsWrong(real.proof, { proofDigest: real.proofDigest, origin: "http://localhost:3900" })).toBeNull();
    expect(digestOfProof(real.proof)).toBe(real.proofDigest);
  });

  it("holds with keys of each algorithm that Curfew offers", () => {
    for (const algorithm of ["ES256", "EdDSA", "RS256"] as const) expect(whatIsWrong(proofOf(algorithm), { origin }), algorithm).toBeNull();
  });

  it("fails with any field changed: by itself, but for what no passkey signs, which the ledger's hash holds", () => {
    // The id is Curfew's, and the time is signed as a window only.
    const unsigned = ["id", "verifiedAt"];
    for (const [name, value] of Object.entries(real.proof)) {
      const forged = { ...real.proof, [name]: changed(value) };
      expect(whatIsWrong(forged, { proofDigest: real.proofDigest }), name).not.toBeNull();
      if (!unsigned.includes(name)) expect(whatIsWrong(forged), name).not.toBeNull();
      const { [name]: _, ...without } = real.proof as Record<string, unknown>;
      expect(whatIsWrong(without), `without ${name}`).toContain(name);
    }
    expect(whatIsWrong({ ...real.proof, verifiedAt: "2026-11-22T07:40:00.000Z" })).toContain("outside the time");
  });

  it("fails with any byte of what was signed changed", () => {
    for (const name of ["authenticatorData", "clientDataJson", "signature", "publicKey"] as const) {
      const bytes = Buffer.from(real.proof[name], "base64url");
      for (let at = 0; at < bytes.length; at++) {
        const other = Buffer.from(bytes);
        other.writeUInt8(bytes.readUInt8(at) ^ 0x01, at);
        expect(whatIsWrong({ ...real.proof, [name]: base64url(other) }), `${name}, byte ${at}`).not.toBeNull();
      }
    }
  });

  it("says the first thing that is wrong", () => {
    const wrongs: [Wrong, string][] = [
      [{ origin: "https://evil.example" }, "the browser was at another origin"],
      [{ rpId: "evil.example" }, "the passkey signed for another relying party"],
      [{ flags: 0x04 }, "nobody was present"],
      [{ flags: 0x01 }, "the passkey did not check who was present"],
      [{ type: "webauthn.create" }, "the browser did not ask for a signature"],
      [{ crossOrigin: true }, "the page stood in a frame of another site"],
    ];
    for (const [wrong, said] of wrongs) expect(whatIsWrong(proofOf("ES256", wrong))).toBe(said);
    expect(whatIsWrong(proofOf("ES256", {}, "2026-11-22T10:05:00.000Z"))).toContain("outside the time");
    const right = proofOf("ES256");
    expect(whatIsWrong({ ...right, counter: 7 })).toBe("the counter is another one");
    expect(whatIsWrong({ ...right, statement: ` ${right.statement}` })).toBe("the statement is not canonical JSON");
    expect(whatIsWrong({ ...right, publicKey: proofOf("ES256").publicKey })).toBe("the public key is not that of the passkey that was asked");
    expect(whatIsWrong({ ...right, signature: proofOf("ES256").signature })).toBe("the signature does not fit");
    expect(whatIsWrong(right, { digest: digestOfApproval({ action: "request.approve", minutes: 240 }) })).toBe("something else was approved");
    expect(whatIsWrong({ ...right, extra: 1 })).toBe("extra is no field of a proof");
    for (const nothing of [null, [], "proof", 1]) expect(whatIsWrong(nothing)).toBe("the proof is no JSON object");
  });

  it("fails with a key that is none, and never by a fault", () => {
    for (const key of ["", "00", "a1", "a10102", "a5010203262001215820", "bf01020326ff", "a2010201", "9f", "1bffffffffffffffff"]) {
      expect(whatIsWrong({ ...real.proof, publicKey: base64url(Buffer.from(key, "hex")) }), key).not.toBeNull();
    }
  });

  it("is checked from the command line, with nothing but Node.js", () => {
    const program = path.join(import.meta.dirname, "step-up.mjs");
    const imports = [...readFileSync(program, "utf8").matchAll(/from "([^"]+)"/g)].map(([, from]) => from);
    expect(imports).toEqual(["node:crypto", "node:fs", "node:url", "./formats/passkey.mjs"]);
    const given = path.join(tmpdir(), `step-up-${process.pid}.json`);
    onTestFinished(() => rmSync(given));
    writeFileSync(given, JSON.stringify(real.proof));
    expect(execFileSync(process.execPath, [program, given, "--proof-digest", real.proofDigest], { encoding: "utf8" })).toBe("The proof holds.\n");
    const refused = spawnSync(process.execPath, [program, given, "--origin", origin], { encoding: "utf8" });
    expect([refused.status, refused.stdout]).toEqual([1, `The proof does not hold: the proof is of http://localhost:3900, not of ${origin}.\n`]);
  });
});
