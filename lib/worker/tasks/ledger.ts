import "server-only";
import { judgeLeaving } from "@/lib/checkpoints/leaving";
import { sendDueCheckpoints } from "@/lib/checkpoints/sending";
import { db } from "@/lib/db/client";
import { databaseClock, inTransaction } from "@/lib/db/transaction";
import { closeFinding, openFinding } from "@/lib/findings/mutations";
import { lastReading, readLedger, recordReading } from "@/lib/ledger/tree/check";
import { LedgerFault } from "@/lib/ledger/tree/fault";
import { checkpointNow } from "@/lib/ledger/tree/proofs";
import { logger } from "@/lib/platform/logger";
import { inTurn } from "../turn";

const worker = { kind: "system", process: "worker" } as const;
const findingKey = "ledger-broken";
/** The whole ledger is read once in this time; after a fault at every turn, until it is as it was. */
const readEveryHours = 20;

const words: Readonly<Record<LedgerFault["fault"], string>> = {
  "entry-missing": "an entry is missing",
  "entry-beyond-end": "an entry stands behind the end",
  "event-missing": "an event is missing",
  "event-changed": "an event was changed",
  "leaf-changed": "another event stands there",
  "tile-changed": "the tree was changed",
  "root-differs": "events from there on are not those that were signed",
  "shorter-than-signed": "it is shorter than what was signed",
  "checkpoint-forged": "a checkpoint does not carry its signature",
};

async function openFault(fault: LedgerFault): Promise<void> {
  const at = fault.position.toString();
  logger.error({ err: fault, fault: fault.fault, position: at }, "the ledger is not as it was signed");
  await inTransaction((tx, now) =>
    openFinding(tx, {
      kind: "ledger-broken", key: `${findingKey}:${fault.fault}:${at}`, title: `The ledger is not as it was signed: ${words[fault.fault]}, position ${at}`,
      detail: { fault: fault.fault, position: at }, subjects: {}, actor: worker, now,
    }),
  );
}

/** Signs a checkpoint when the ledger grew. What does not fit the last one is a finding, never a signature. */
export async function signCheckpoint(): Promise<void> {
  try {
    await checkpointNow();
  } catch (error) {
    if (!(error instanceof LedgerFault)) throw error;
    const known = await lastReading();
    if (known?.fault !== error.fault || known.position !== error.position) await readWholeLedger();
    await openFault(error);
  }
}

/** Takes checkpoints outside where they are due. Over a ledger that is not as it was signed, nothing is sent: `signCheckpoint` says so. */
export async function takeCheckpointsOutside(): Promise<void> {
  await inTurn("send-checkpoints", async () => {
    try {
      await sendDueCheckpoints();
    } catch (error) {
      if (!(error instanceof LedgerFault)) throw error;
    }
  });
}

/** Says where checkpoints do not leave the house, and stops saying so once they do. */
export async function lookAfterPlaces(): Promise<void> {
  await inTurn("look-after-places", judgeLeaving);
}

/** Reads the whole ledger, writes down what was found, and opens or closes the finding about it. */
export async function readWholeLedger(): Promise<void> {
  await inTurn("read-ledger", async () => {
    const startedAt = await databaseClock.now(db);
    const reading = await readLedger();
    await inTransaction(async (tx, now) => {
      await recordReading(tx, reading, startedAt, now);
      const open = await tx.finding.findMany({ where: { kind: "ledger-broken", closedAt: null }, select: { dedupeKey: true } });
      if (reading.fault === null) for (const { dedupeKey } of open) await closeFinding(tx, { key: dedupeKey, actor: worker, now });
    });
    if (reading.fault) await openFault(reading.fault);
  });
}

/** By night, and again and again while something is wrong. */
export async function readLedgerWhenDue(): Promise<void> {
  const [last, now] = [await lastReading(), await databaseClock.now(db)];
  const isFresh = last !== null && last.fault === null && now.getTime() - last.finishedAt.getTime() < readEveryHours * 3_600_000;
  if (!isFresh) await readWholeLedger();
}
