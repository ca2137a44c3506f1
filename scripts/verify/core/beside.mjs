// What stands beside the log: proofs of passkeys, policies as they were, and what ticket systems answered.
import { canonical, fromBase64, hex, isRecord, must, utf8 } from "../formats/bytes.mjs";
import { signatureOf, WrongProof } from "../formats/passkey.mjs";
import { jsonLines } from "../formats/text.mjs";

/** @typedef {import("./reading.mjs").Files} Files */
/** @typedef {import("./facts.mjs").Facts} Facts */

export const names = { proofs: "passkey-proofs.jsonl", policies: "policies.jsonl", tickets: "tickets.jsonl" };

/** Each proof holds by itself, is named by an event, and is the very one where the event has its hash. @param {Files} files @param {Facts} facts */
export async function checkProofs(files, facts) {
  let count = 0;
  let bound = 0;
  for await (const { number, value } of jsonLines(names.proofs, files.read(names.proofs))) {
    const at = `line ${number}`;
    const id = isRecord(value) ? String(value.id) : "";
    const named = facts.proofs.get(id);
    must(named, names.proofs, `no event names the proof ${id}`, at);
    const where = `${at} (position ${named.position})`;
    try {
      const { key, message, signature } = signatureOf(files.platform.hash, value, { proofDigest: named.digest ?? undefined });
      must(await files.platform.passkey(key, message, signature), names.proofs, "the signature of the passkey does not fit", where);
    } catch (error) {
      if (error instanceof WrongProof) must(false, names.proofs, error.message, where);
      throw error;
    }
    count += 1;
    if (named.digest !== null) bound += 1;
  }
  return { count, bound, missing: facts.proofs.size - count };
}

/** Each set of policies is the one whose hash decisions name. @param {Files} files @param {Facts} facts */
export async function checkPolicies(files, facts) {
  const seen = new Set();
  for await (const { number, value } of jsonLines(names.policies, files.read(names.policies))) {
    const at = `line ${number}`;
    must(isRecord(value) && typeof value.sha256 === "string" && isRecord(value.policies), names.policies, "is no set of policies", at);
    must(hex(files.platform.hash(utf8(canonical(value.policies)))) === value.sha256, names.policies, "the policies are not those that the hash is of", at);
    must(facts.policies.has(value.sha256) && !seen.has(value.sha256), names.policies, "no decision of the bundle names this set, or it is here twice", at);
    seen.add(value.sha256);
  }
  return { count: seen.size, missing: [...facts.policies.keys()].filter((hash) => !seen.has(hash)).length };
}

/** Each snapshot of a ticket is the one whose hash a check names. @param {Files} files @param {Facts} facts */
export async function checkTickets(files, facts) {
  const seen = new Set();
  for await (const { number, value } of jsonLines(names.tickets, files.read(names.tickets))) {
    const at = `line ${number}`;
    const bytes = isRecord(value) ? fromBase64(value.answer) : null;
    must(isRecord(value) && bytes && typeof value.sha256 === "string", names.tickets, "is no snapshot of a ticket", at);
    must(hex(files.platform.hash(bytes)) === value.sha256, names.tickets, "the answer is not what the hash is of", at);
    must(facts.tickets.has(value.sha256), names.tickets, "no event of the bundle names this snapshot", at);
    seen.add(value.sha256);
  }
  return { count: seen.size, missing: [...facts.tickets.keys()].filter((hash) => !seen.has(hash)).length };
}
