import { createHash } from "node:crypto";
import * as z from "zod";
import { canonicalBytes } from "@/lib/ledger/canonical";

/** What is approved: ids, codes, numbers and times. Names and free text only as hashes, so that they can be erased later. */
export type ApprovalPayload = Readonly<Record<string, unknown>>;

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest();

/** SHA-256 over the canonical JSON (RFC 8785) of exactly what is being approved, as lower-case hex. */
export function digestOfApproval(payload: ApprovalPayload): string {
  return sha256(canonicalBytes(payload)).toString("hex");
}

/** SHA-256 of a COSE key, as lower-case hex. */
export function digestOfKey(publicKey: Uint8Array): string {
  return sha256(publicKey).toString("hex");
}

const statementSchema = z.strictObject({
  version: z.literal(1),
  purpose: z.enum(["enrol", "step-up"]),
  nonce: z.string(),
  person: z.string(),
  askedAt: z.iso.datetime(),
  answerBefore: z.iso.datetime(),
  passkeys: z.array(z.strictObject({ credential: z.string(), key: z.string() })),
  approves: z.record(z.string(), z.unknown()),
});

/** Everything that a challenge binds together. `passkeys`: who may answer, each with the SHA-256 of its key. */
export type Statement = z.output<typeof statementSchema>;

/** The statement's canonical text, and the challenge that an authenticator signs: the SHA-256 of that text. */
export function challengeOf(statement: Statement): { readonly text: string; readonly challenge: Uint8Array<ArrayBuffer> } {
  const bytes = canonicalBytes(statement);
  return { text: Buffer.from(bytes).toString("utf8"), challenge: new Uint8Array(sha256(bytes)) };
}

/** A stored statement, parsed. */
export function readStatement(text: string): Statement {
  return statementSchema.parse(JSON.parse(text));
}

/** SHA-256 over the canonical JSON of a whole proof, as lower-case hex: what the ledger keeps of it. */
export function digestOfProof(proof: object): string {
  return sha256(canonicalBytes(proof)).toString("hex");
}
