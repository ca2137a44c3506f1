import { createHash } from "node:crypto";
import { db } from "@/lib/db/client";
import { inTransaction } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import { ledgerSize, sequenceEvents } from "@/lib/ledger/sequence";
import { readLedger } from "@/lib/ledger/tree/check";
import { checkpointNow, consistencyProof, inclusionProof } from "@/lib/ledger/tree/proofs";
import { newId } from "@/lib/platform/ids";
import { peak } from "../memory";
import { timed } from "../report";
import type { Log } from "./log";

const rounds = { sign: 30, proofs: 200 };
const atOnce = 16_384;

/** Reads rows of the ledger in order, so many at a time, and hashes each. */
async function plainly(size: bigint, read: (from: bigint, to: bigint) => Promise<readonly { bytes: Uint8Array }[]>): Promise<{ ms: number; bytes: number }> {
  let bytes = 0;
  const { ms } = await timed(async () => {
    for (let from = 0n; from < size; from += BigInt(atOnce)) {
      for (const row of await read(from, from + BigInt(atOnce))) {
        createHash("sha256").update(row.bytes).digest();
        bytes += row.bytes.length;
      }
    }
  });
  return { ms, bytes };
}

async function build(): Promise<{ log: Log["build"]; size: bigint }> {
  const size = await ledgerSize();
  // A node is the hash of two hashes and a byte.
  const plain = await plainly(size, (from, to) => db.$queryRaw`select leaf_hash || leaf_hash || '\\x01'::bytea as bytes from ledger.entry where position >= ${from}::bigint and position < ${to}::bigint order by position`);
  const { ms } = await timed(() => checkpointNow());
  return { log: { ms, plainMs: plain.ms }, size };
}

async function sign(): Promise<number[]> {
  const times: number[] = [];
  for (let round = 0; round < rounds.sign; round += 1) {
    const personId = newId();
    await inTransaction((tx, at) => appendEvent(tx, { type: "person.created", at, actor: { kind: "system", process: "seed" }, subjects: { person: personId }, data: { personId }, clear: { name: "Bench" } }));
    await sequenceEvents();
    times.push((await timed(() => checkpointNow())).ms);
  }
  return times;
}

/** The same numbers in every run, spread over everything. */
const spreadOver = (size: bigint) => Array.from({ length: rounds.proofs }, (_, round) => (BigInt(round) * 2_654_435_761n) % size);

async function proofs(size: bigint, prove: (place: bigint) => Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  for (const place of spreadOver(size)) times.push((await timed(() => prove(place))).ms);
  return times;
}

async function nightly(size: bigint): Promise<Log["nightly"]> {
  let fault: unknown = null;
  const { ms, mib } = await peak(async () => (fault = (await readLedger()).fault));
  if (fault !== null) throw fault instanceof Error ? fault : new Error("the ledger is not as it was signed");
  const plain = await plainly(size, (from, to) => db.$queryRaw`
    select e.body as bytes from ledger.entry n join ledger.event e on e.id = n.event_id where n.position >= ${from}::bigint and n.position < ${to}::bigint order by n.position`);
  return { ms, plainMs: plain.ms, mib, events: Number(size), bytes: plain.bytes };
}

try {
  const { log, size } = await build();
  const told: Log = {
    build: log, sign: await sign(), inclusion: await proofs(size, (index) => inclusionProof(index, size)), consistency: await proofs(size, (from) => consistencyProof(from === 0n ? 1n : from, size)),
    nightly: await nightly(size),
  };
  process.send?.(told);
} finally {
  await db.$disconnect();
  process.disconnect();
}
