// Checks that one event stands in the ledger, to the byte, with nothing but Node.js and these files.
//
//   node scripts/verify/event.mjs event-12.json event-12.tlog-proof --key VKEY [--key VKEY]...
//   node scripts/verify/event.mjs LEAFHASH event-12.tlog-proof --key VKEY [--key VKEY]...
//
// --key     a verifier key of the log that you have from elsewhere than these two files
// LEAFHASH  64 digits in hex in place of the event, where its bytes are not yours to see
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { nodePlatform } from "./core/node.mjs";
import { hex, Wrong } from "./formats/bytes.mjs";
import { isIncluded, treeHashes } from "./formats/merkle.mjs";
import { readCheckpoint, readProof, readVerifierKey } from "./formats/signed.mjs";

/** What the proof shows, or the first thing that is wrong with it. */
export async function checkEvent({ bytes, leafHash, proof, keys }) {
  const platform = await nodePlatform();
  const known = keys.map((key) => readVerifierKey(platform, key));
  if (known.length === 0 || known.includes(null)) return { ok: false, wrong: "no verifier key of the form name+id+base64 was given" };
  try {
    const { index, path, checkpoint } = readProof("the proof", proof);
    const { origin, size, root } = await readCheckpoint(platform, "the checkpoint", checkpoint, known);
    const hashes = treeHashes(platform.hash);
    const leaf = leafHash === undefined ? hashes.leaf(bytes) : new Uint8Array(Buffer.from(leafHash, "hex"));
    const isThere = isIncluded(hashes, { leaf, index, size, root, path });
    return isThere ? { ok: true, origin, position: index, size, leaf: hex(leaf) } : { ok: false, wrong: `${leafHash === undefined ? "these bytes are" : "this leaf hash is"} not what stands at that position of the log` };
  } catch (error) {
    if (error instanceof Wrong) return { ok: false, wrong: `${error.file} ${error.message}` };
    throw error;
  }
}

async function main([event, proof, ...options]) {
  const keys = options.flatMap((option, index) => (options[index - 1] === "--key" ? [option] : []));
  if (event === undefined || proof === undefined || keys.length === 0) {
    console.error("node event.mjs EVENT.json|LEAFHASH PROOF.tlog-proof --key VKEY");
    return 2;
  }
  const shown = /^[0-9a-f]{64}$/i.test(event) ? { leafHash: event } : { bytes: new Uint8Array(readFileSync(event)) };
  const found = await checkEvent({ ...shown, proof: new Uint8Array(readFileSync(proof)), keys });
  console.log(found.ok ? `The event stands at position ${found.position} of the log ${found.origin}, under a checkpoint of ${found.size} events. Leaf hash ${found.leaf}.` : `It does not hold: ${found.wrong}.`);
  return found.ok ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exit(await main(process.argv.slice(2)));
