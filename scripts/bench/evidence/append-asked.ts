import { fork } from "node:child_process";
import { once } from "node:events";
import { benchLedger } from "../ledger";

const transactions = 4_000;

// As the worker does: another process puts events in sequence meanwhile.
const sequencer = fork("scripts/bench/evidence/sequencer.ts", { execArgv: process.execArgv });
try {
  process.send?.(await benchLedger(transactions));
} finally {
  sequencer.kill("SIGTERM");
  await once(sequencer, "exit");
  const { db } = await import("@/lib/db/client");
  await db.$disconnect();
  process.disconnect();
}
