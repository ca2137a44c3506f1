import "server-only";
import { readLedger } from "@/lib/ledger/tree/check";
import { lastSentCheckpoint } from "@/lib/ledger/tree/keys";
import { checkpointNow, latestCheckpoint } from "@/lib/ledger/tree/proofs";
import { ledgerSize } from "@/lib/ledger/sequence";
import type { Standing } from "../report-card";

/** Up to here an export reads the whole ledger against its tree before it begins; a larger one is left to the worker's own reading. */
const readWhole = 200_000n;

/**
 * Signs what the export is about to speak of. Throws `LedgerFault`, with the position, where the ledger is not as it was
 * signed: nothing is exported from such a one.
 */
export async function signBefore(): Promise<void> {
  await checkpointNow();
  if ((await ledgerSize()) > readWhole) return;
  const { fault } = await readLedger();
  if (fault) throw fault;
}

/** The newest checkpoint whose log a snapshot holds whole, and the last one that was sent out of the house. */
export async function checkpointsWithin(size: bigint): Promise<Pick<Standing, "checkpoint" | "lastSent">> {
  const [newest, lastSent] = await Promise.all([latestCheckpoint(), lastSentCheckpoint()]);
  const checkpoint = newest && newest.size <= size ? { size: newest.size, root: Buffer.from(newest.root).toString("base64"), note: newest.note } : null;
  return { checkpoint, lastSent };
}
