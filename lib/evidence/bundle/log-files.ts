import "server-only";
import { Prisma } from "@/lib/db/generated/client";
import { db } from "@/lib/db/client";
import { leafHash } from "@/lib/ledger/tree/merkle";
import { LedgerFault } from "@/lib/ledger/tree/fault";
import { lastSentCheckpoint } from "@/lib/ledger/tree/keys";
import { checkpointNow, checkpointOf, consistencyProof, latestCheckpoint, rangeProof, type Checkpoint } from "@/lib/ledger/tree/proofs";
import { AppError } from "@/lib/platform/errors";
import type { ExportRun } from "../exports/run";
import { changedSql, clearSql, entriesSql, leavesSql, spanSql, waitingSql } from "./scope";

/** An event that the snapshot holds and that got its position only afterwards. */
type Late = { readonly id: bigint; readonly body: string; readonly clear: readonly { readonly field: string; readonly salt: string; readonly value: string }[] };

/** The part of the log that a bundle holds: positions from `from` to before `to`, under one checkpoint. */
export type LogPart = {
  readonly from: bigint;
  readonly to: bigint;
  /** Up to here positions are read in the snapshot; behind it stands what was sequenced while it was open. */
  readonly split: bigint;
  readonly checkpoint: Checkpoint;
  /** The last one that was sent out of the house before; null where none is known, or it is this one. */
  readonly previous: Checkpoint | null;
  readonly late: ReadonlyMap<bigint, Late & { readonly position: bigint }>;
};

const least = (a: bigint, b: bigint) => (a < b ? a : b);
const most = (a: bigint, b: bigint) => (a > b ? a : b);

/**
 * Finds where the events of an export stand, and a signed checkpoint over all of them: the newest one where it reaches so far,
 * so that two runs over the same are the same. Throws `LedgerFault` where an event is not what was sequenced.
 */
export async function logPartOf(run: ExportRun): Promise<LogPart> {
  const [changed] = await run.query<{ position: string }>(changedSql(run.evidence));
  if (changed) throw new LedgerFault("event-changed", BigInt(changed.position));
  const [span] = await run.query<{ from: string; to: string; events: number }>(spanSql(run.evidence));
  const waiting = await run.query<{ id: string; body: string; clear: Late["clear"] }>(waitingSql(run.evidence));
  const standing = { from: BigInt(span?.from ?? 0), to: BigInt(span?.to ?? 0) };
  const newest = await latestCheckpoint();
  const checkpoint = newest && newest.size >= standing.to && waiting.length === 0 ? newest : await checkpointNow();
  const late = await positionsOf(waiting);
  const positions = [...late.values()].map(({ position }) => position);
  const from = positions.reduce(least, span && span.events > 0 ? standing.from : (positions[0] ?? 0n));
  const to = positions.reduce((end, position) => most(end, position + 1n), standing.to);
  if (to > checkpoint.size) throw new AppError("integrity", `the checkpoint of ${checkpoint.size} does not reach to ${to}`);
  return { from, to, split: least(to, run.standing.size), checkpoint, previous: await sentBefore(checkpoint), late };
}

async function positionsOf(waiting: readonly { id: string; body: string; clear: Late["clear"] }[]): Promise<LogPart["late"]> {
  if (waiting.length === 0) return new Map();
  const ids = waiting.map(({ id }) => BigInt(id));
  const rows = await db.$queryRaw<{ event_id: bigint; position: bigint }[]>(Prisma.sql`select event_id, position from ledger.entry where event_id = any(${ids}::bigint[])`);
  const known = new Map(rows.map(({ event_id: id, position }) => [id, position]));
  return new Map(
    waiting.map(({ id, body, clear }) => {
      const position = known.get(BigInt(id));
      if (position === undefined) throw new AppError("integrity", `event ${id} got no position`);
      return [position, { id: BigInt(id), body, clear, position }] as const;
    }),
  );
}

async function sentBefore({ size }: Checkpoint): Promise<Checkpoint | null> {
  const sent = await lastSentCheckpoint();
  return sent && sent.size < size && sent.size > 0n ? checkpointOf(sent.size) : null;
}

/** Rows behind the snapshot's end: few, since they came while it was open. */
function readLate({ split, to }: LogPart) {
  return db.$queryRaw<{ position: bigint; leaf_hash: Uint8Array }[]>`
    select position, leaf_hash from ledger.entry where position >= ${split}::bigint and position < ${to}::bigint order by position`;
}

/** `log/entries.jsonl`. */
export async function* entryLines(run: ExportRun, part: LogPart): AsyncGenerator<Uint8Array> {
  yield* run.lines(entriesSql(run.evidence, { from: least(part.from, part.split), to: part.split }));
  for (const { position, leaf_hash: leaf } of await readLate(part)) {
    if (position < part.from) continue;
    const late = part.late.get(position);
    if (late && Buffer.compare(leafHash(Buffer.from(late.body)), leaf) !== 0) throw new LedgerFault("event-changed", position);
    yield Buffer.from(`${late ? late.body : JSON.stringify(Buffer.from(leaf).toString("base64"))}\n`);
  }
}

/** The eight words of a hash in one: any part of it that changes, changes this. */
function folded(hash: Buffer): Buffer {
  let word = 0;
  for (let at = 0; at < hash.length; at += 4) word ^= hash.readInt32BE(at);
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(word);
  return bytes;
}

/** `log/locator.bin`: each leaf hash in four bytes. Proves nothing; says where to look. */
export async function* locator(run: ExportRun, part: LogPart): AsyncGenerator<Uint8Array> {
  let rest = "";
  for await (const chunk of run.lines(leavesSql({ from: least(part.from, part.split), to: part.split }))) {
    const lines = (rest + Buffer.from(chunk).toString("latin1")).split("\n");
    rest = lines.pop() ?? "";
    yield Buffer.concat(lines.map((line) => folded(Buffer.from(line, "hex"))));
  }
  for (const { position, leaf_hash: leaf } of await readLate(part)) if (position >= part.from) yield folded(Buffer.from(leaf));
}

/** `clear.jsonl`: what the events in full hold the salted hashes of, as far as it was not erased. */
export async function* clearLines(run: ExportRun, part: LogPart): AsyncGenerator<Uint8Array> {
  yield* run.lines(clearSql(run.evidence));
  for (const { position, clear } of [...part.late.values()].sort((a, b) => Number(a.position - b.position))) {
    for (const { field, salt, value } of clear) yield Buffer.from(`${JSON.stringify({ position: Number(position), field, salt, value })}\n`);
  }
}

const encoded = (hashes: readonly Uint8Array[]) => hashes.map((hash) => Buffer.from(hash).toString("base64"));

/** `log/range.json`. */
export async function rangeText({ from, to, checkpoint }: LogPart): Promise<string> {
  const { left, right } = await rangeProof(from, to, checkpoint.size);
  return `${JSON.stringify({ from: Number(from), to: Number(to), size: Number(checkpoint.size), left: encoded(left), right: encoded(right) })}\n`;
}

/** `log/consistency-from-previous.txt`: size and proof, an empty line, the checkpoint before. */
export async function consistencyText({ checkpoint, previous }: LogPart): Promise<string | null> {
  if (!previous) return null;
  const path = await consistencyProof(previous.size, checkpoint.size);
  return `${[`old ${previous.size}`, ...encoded(path)].join("\n")}\n\n${previous.note}`;
}
