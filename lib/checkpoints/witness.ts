import "server-only";
import { cosignedAt, parseNote, parseSignatureLines, parseVerifierKey } from "@/lib/ledger/tree/note";
import type { Checkpoint } from "@/lib/ledger/tree/proofs";
import { callOutside } from "@/lib/platform/outbound";
import type { SendFailure } from "./types";

type Witness = { readonly address: string; readonly mayBeInside: boolean; readonly verifierKey: string | null; /** The size it cosigned last. */ readonly knownSize: bigint };
type Proof = (from: bigint, to: bigint) => Promise<Uint8Array[]>;

/** What a witness answered: its line over the checkpoint, or why there is none. */
export type Witnessed = { readonly ok: true; readonly keyName: string; readonly line: string } | { readonly ok: false; readonly code: SendFailure };

async function bodyOf(old: bigint, checkpoint: Checkpoint, proof: Proof): Promise<string> {
  const hashes = old === 0n ? [] : await proof(old, checkpoint.size);
  return `old ${old}\n${hashes.map((hash) => `${Buffer.from(hash).toString("base64")}\n`).join("")}\n${checkpoint.note}`;
}

/** The line of the witness's own key, where it is good over this checkpoint. A time far from ours is its own business. */
function lineFrom(body: string, { note }: Checkpoint, verifierKey: string | null): Witnessed {
  const [key, text] = [parseVerifierKey(verifierKey ?? ""), parseNote(note)?.text];
  const own = parseSignatureLines(body)?.find(({ name, keyId }) => name === key?.name && keyId === key.keyId);
  if (!key || text === undefined || !own || cosignedAt(text, own, key) === null) return { ok: false, code: "cosignature-wrong" };
  return { ok: true, keyName: key.name, line: own.line };
}

/**
 * Asks a witness to cosign (C2SP tlog-witness `add-checkpoint`). It proves from the size that the witness is known to have; a
 * witness that has another one says so (409), and is asked once more from there.
 */
export async function askWitness(witness: Witness, checkpoint: Checkpoint, proof: Proof): Promise<Witnessed> {
  let old = witness.knownSize;
  for (let isAgain = false; ; isAgain = true) {
    const answer = await callOutside({
      method: "POST", url: `${witness.address.replace(/\/+$/, "")}/add-checkpoint`, headers: { "content-type": "text/plain; charset=utf-8" },
      body: await bodyOf(old, checkpoint, proof), mayBeInside: witness.mayBeInside, timeoutMs: 15_000, mostBytes: 16_384,
    });
    if (!answer.ok) return answer;
    if (answer.status === 200) return lineFrom(answer.body, checkpoint, witness.verifierKey);
    const known = /^(0|[1-9][0-9]{0,15})\n$/.exec(answer.body)?.[1];
    if (answer.status !== 409 || isAgain || known === undefined) return { ok: false, code: answer.status === 422 ? "witness-disagrees" : "witness-refused" };
    old = BigInt(known);
    // It has seen more of this log than there is: somebody shortened ours.
    if (old > checkpoint.size) return { ok: false, code: "witness-disagrees" };
  }
}
