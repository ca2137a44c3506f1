import { setTimeout as sleep } from "node:timers/promises";
import { db } from "@/lib/db/client";
import { inTransaction } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import { newId } from "@/lib/platform/ids";
import { inParallel, percentile, type Row } from "./report";

const writers = 16;
const actor = { kind: "system", process: "seed" } as const;

/** The change that both runs make, the one without and the one with its event. */
async function write(personId: string, withEvent: boolean): Promise<void> {
  await inTransaction(async (tx, now) => {
    await tx.person.create({ data: { id: personId, issuer: "bench", subject: personId, name: "Bench", createdAt: now } });
    if (withEvent) await appendEvent(tx, { type: "person.created", at: now, actor, subjects: { person: personId }, data: { personId }, clear: { name: "Bench" } });
  });
}

async function rate(count: number, withEvent: boolean): Promise<number> {
  const ids = Array.from({ length: count }, () => newId());
  const start = performance.now();
  await inParallel(ids, writers, (id) => write(id, withEvent));
  return (count / (performance.now() - start)) * 1000;
}

/** Ledger append against the same transactions without it, the worker's sequencer running; and how soon events are in sequence. */
export async function benchLedger(count: number): Promise<Row[]> {
  await rate(200, true);
  const plain = await rate(count, false);
  const appended = await rate(count, true);
  const waited: number[] = [];
  for (let round = 0; round < 50; round++) {
    const id = newId();
    await write(id, true);
    const start = performance.now();
    while (!(await isSequenced(id))) await sleep(10);
    waited.push(performance.now() - start);
  }
  const size = `${count} transactions, ${writers} writers, sequencer running`;
  return [
    { what: "ledger append", size, figure: `${appended.toFixed(0)}/s`, limit: `half of ${plain.toFixed(0)}/s without the append`, holds: appended >= plain / 2 },
    { what: "event in sequence", size: `${waited.length} events one by one`, figure: `p99 ${percentile(waited, 0.99).toFixed(0)} ms`, limit: "1,000 ms", holds: percentile(waited, 0.99) <= 1_000 },
  ];
}

async function isSequenced(personId: string): Promise<boolean> {
  const rows = await db.$queryRaw<{ position: bigint }[]>`
    select n.position from ledger.subject s join ledger.entry n on n.event_id = s.event_id where s.kind = 'person' and s.id = ${personId}::uuid`;
  return rows.length > 0;
}
