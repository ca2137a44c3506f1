import { createHash, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { cosignedAt, formatCheckpoint, formatVerifierKey, isSignedBy, parseCheckpoint, parseNote, parseVerifierKey, preAuthEncoding, privateKeyOf, rawPublicKey, signatureTypes, signNote } from "./note";

type Vectors = {
  note: { log_vkey: string; witness_vkey: string; checkpoint_body: string; signed_checkpoint: string; tlog_proof: string };
  dsse: { payload_utf8: string; pae_sha256: string; envelope: { payloadType: string; signatures: { keyid: string; sig: string }[] } };
};

const { note: vectors, dsse } = JSON.parse(readFileSync(new URL("vectors.json", import.meta.url), "utf8")) as Vectors;
const seed = (from: number) => Uint8Array.from({ length: 32 }, (_, n) => from + n);
const logKey = privateKeyOf(seed(0));
const key = (text: string) => {
  const parsed = parseVerifierKey(text);
  if (!parsed) throw new Error(`not a key: ${text}`);
  return parsed;
};

describe("signed notes", () => {
  it("are the published example's", () => {
    const example = "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";
    expect(isSignedBy(example, key("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"))).toBe(true);
  });

  it("give the vector's key and checkpoint, byte for byte", () => {
    const origin = "audit.example.org/tenant-1";
    expect(formatVerifierKey(origin, rawPublicKey(logKey))).toBe(vectors.log_vkey);
    const said = parseCheckpoint(vectors.checkpoint_body);
    expect(said).toMatchObject({ origin, size: 8n });
    expect(formatCheckpoint(said ?? { origin: "", size: 0n, root: new Uint8Array() })).toBe(vectors.checkpoint_body);
    const note = signNote(vectors.checkpoint_body, { name: origin, key: logKey });
    expect(vectors.signed_checkpoint.startsWith(note)).toBe(true);
    expect(isSignedBy(vectors.signed_checkpoint, key(vectors.log_vkey))).toBe(true);
  });

  it("carry a witness's cosignature with its time", () => {
    const parsed = parseNote(vectors.signed_checkpoint);
    const line = parsed?.signatures[1];
    if (!parsed || !line) throw new Error("the vector has two signatures");
    expect(cosignedAt(parsed.text, line, key(vectors.witness_vkey))).toBe(1_700_000_000);
    expect(cosignedAt(`${parsed.text}more\n`, line, key(vectors.witness_vkey))).toBeNull();
    expect(cosignedAt(parsed.text, line, key(vectors.log_vkey))).toBeNull();
    expect(cosignedAt(parsed.text, line, key(formatVerifierKey("witness.example.org/w1", rawPublicKey(logKey), signatureTypes.cosignature)))).toBeNull();
  });

  it("are refused with any byte changed, without signature, and by another key", () => {
    const [log, witness] = [key(vectors.log_vkey), key(vectors.witness_vkey)];
    const note = signNote(vectors.checkpoint_body, { name: log.name, key: logKey });
    for (let at = 0; at < Buffer.byteLength(vectors.checkpoint_body); at++) {
      const bytes = Buffer.from(note, "utf8");
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      expect(isSignedBy(bytes.toString("utf8"), log), `byte ${at}`).toBe(false);
    }
    expect(isSignedBy(note, witness)).toBe(false);
    expect(isSignedBy(vectors.checkpoint_body, log)).toBe(false);
    expect(isSignedBy("", log)).toBe(false);
    // Another bad line of the same key beside a good one: a forger's.
    expect(isSignedBy(note + signNote("other\n", { name: log.name, key: logKey }).split("\n\n")[1], log)).toBe(false);
  });

  it("are not read out of what has not their form", () => {
    for (const text of ["a+b", "x+00000000+AQ==", vectors.log_vkey.replace("9455419c", "9455419d"), `${vectors.log_vkey} more`, "a b+9455419c+AQ"]) expect(parseVerifierKey(text)).toBeNull();
    for (const text of ["o\n08\nx\n", vectors.checkpoint_body.trimEnd(), `${vectors.checkpoint_body}\n`, "o\n-1\n", ""]) expect(parseCheckpoint(text)).toBeNull();
    for (const text of ["text\n\n— name !!!!\n", "text\n\n- name AAAAAAA=\n", "text\n\n— name AAAAAAAA"]) expect(parseNote(text)).toBeNull();
  });
});

describe("signed evidence", () => {
  it("covers the vector's bytes", () => {
    const payload = Buffer.from(dsse.payload_utf8, "utf8");
    const bytes = preAuthEncoding(dsse.envelope.payloadType, payload);
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(dsse.pae_sha256);
    expect(sign(null, bytes, logKey).toString("base64")).toBe(dsse.envelope.signatures[0]?.sig);
  });
});
