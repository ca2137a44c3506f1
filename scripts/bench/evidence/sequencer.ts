import { setTimeout as sleep } from "node:timers/promises";
import { sequenceEvents } from "@/lib/ledger/sequence";

for (;;) {
  if ((await sequenceEvents()) === 0) await sleep(50);
}
