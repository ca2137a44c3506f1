import "server-only";
import { createHash } from "node:crypto";
import type { Actor } from "@/lib/auth/actor";
import { db } from "@/lib/db/client";
import { inTransaction, type Transaction } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import { logger } from "@/lib/platform/logger";
import { ok, refuse, type Result } from "@/lib/platform/result";
import { enqueue } from "@/lib/worker/enqueue";
import { parseFormat, parseMapping } from "./data";
import { readFile } from "./formats/read";
import type { Meter } from "./formats/bytes";
import { FileProblem } from "./formats/problem";
import { limits, mayBecome } from "./rules";
import { stageLines, type Tally } from "./staging";
import type { ImportFormat, ImportState } from "./types";

/** Files that one process takes at a time: each holds a connection. */
const mostAtOnce = 3;
/** An upload that has not moved for so long is over, whatever its state says. */
export const silentAfterMs = 60_000;
const progressEveryMs = 500;

let running = 0;

/** `declared`: how many bytes the sender says will come (`content-length`); null where it does not say. */
type Intake = { readonly actor: Actor; readonly importId: string; readonly body: AsyncIterable<Uint8Array>; readonly declared?: number | null };
type Claimed = { readonly id: string; readonly systemId: string; readonly format: ImportFormat; readonly mapping: ReturnType<typeof parseMapping>; readonly isComplete: boolean; readonly tokenId: string | null };
type Refusals = "not-found" | "not-waiting" | "too-many-uploads";

/** What became of an upload. */
export type Received = { readonly importId: string; readonly state: ImportState; readonly failure: string | null; readonly linesRead: number; readonly linesRejected: number };

/**
 * Takes a file for an import that was announced, as it comes over the wire. Everything of it is staged, or nothing: what breaks
 * off is interrupted and can be sent again, what cannot be read has failed and says why.
 */
export async function receiveFile({ actor, importId, body, declared = null }: Intake): Promise<Result<Received, Refusals>> {
  if (running >= mostAtOnce) return refuse("too-many-uploads");
  running += 1;
  try {
    const claimed = await claim(importId);
    if (!claimed.ok) return claimed;
    return ok(await take(claimed.value, { body, declared }, actor));
  } finally {
    running -= 1;
  }
}

function claim(importId: string): Promise<Result<Claimed, "not-found" | "not-waiting">> {
  return inTransaction(async (tx, now) => {
    const rows = await tx.$queryRaw<{ id: string }[]>`select id from imports where id = ${importId}::uuid for update`;
    if (rows.length === 0) return refuse("not-found");
    const row = await tx.import.findUniqueOrThrow({ where: { id: importId } });
    const isSilent = row.state === "receiving" && now.getTime() - row.progressAt.getTime() > silentAfterMs;
    if (row.state !== "announced" && row.state !== "interrupted" && !isSilent) return refuse("not-waiting");
    const fresh = { linesRead: 0, linesRejected: 0, linesPassed: 0, textsWithheld: 0, rowsStaged: 0, bytesReceived: 0, bytesRead: 0, failure: null };
    await tx.import.update({ where: { id: importId }, data: { ...fresh, state: "receiving", progressAt: now } });
    return ok({ id: row.id, systemId: row.systemId, format: parseFormat(row.format), mapping: parseMapping(row.mapping), isComplete: row.isComplete, tokenId: row.tokenId });
  });
}

async function take(claimed: Claimed, { body, declared }: Required<Pick<Intake, "body" | "declared">>, actor: Actor): Promise<Received> {
  const tally: Tally = { linesRead: 0, linesRejected: 0, linesPassed: 0, textsWithheld: 0, rowsStaged: 0, asOf: null, isPart: false };
  const meter: Meter = { received: 0, read: 0 };
  const hash = createHash("sha256");
  const source = new Source(body, hash);
  try {
    // What is known to be too much is refused before any of it is read.
    if (declared !== null && declared > limits.bytes) throw new FileProblem("too-large", { limit: limits.bytes });
    const lines = readFile(source.chunks(), { ...claimed, now: new Date() }, meter);
    await stageLines({ importId: claimed.id, lines, tally, onProgress: progressOf(claimed.id, meter) });
    if (tally.rowsStaged === 0) throw new FileProblem("nothing-usable", { lines: tally.linesRead, passed: tally.linesPassed });
    await settle(claimed, { tally, meter, actor, sha256: hash.digest("hex") });
    return { importId: claimed.id, state: "comparing", failure: null, linesRead: tally.linesRead, linesRejected: tally.linesRejected };
  } catch (error) {
    const state = await giveUp(claimed, { error, isBroken: source.isBroken, tally, meter, actor });
    const failure = state === "failed" ? failureOf(error) : null;
    return { importId: claimed.id, state, failure, linesRead: tally.linesRead, linesRejected: tally.linesRejected };
  }
}

const failureOf = (error: unknown) => (error instanceof FileProblem ? error.failure : "went-wrong");

/** The body of the request: hashed as it passes; whether it broke off is asked afterwards. */
class Source {
  isBroken = false;
  private readonly body: AsyncIterable<Uint8Array>;
  private readonly hash: ReturnType<typeof createHash>;

  constructor(body: AsyncIterable<Uint8Array>, hash: ReturnType<typeof createHash>) {
    this.body = body;
    this.hash = hash;
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    // Only an error of the body itself comes by here: what readers throw ends this generator quietly.
    let isDone = false;
    const iterator = this.body[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await iterator.next().catch((error: unknown) => {
          this.isBroken = true;
          throw error;
        });
        if (next.done) break;
        this.hash.update(next.value);
        yield next.value;
      }
      isDone = true;
    } finally {
      if (!isDone && !this.isBroken) await iterator.return?.().catch(() => undefined);
    }
  }
}

/** Tells how far it is, at most twice a second. The last word is said by the state that follows. */
function progressOf(importId: string, meter: Meter): (tally: Tally) => void {
  let toldAt = 0;
  return (tally) => {
    const at = performance.now();
    if (at - toldAt < progressEveryMs) return;
    toldAt = at;
    const { linesRead, linesRejected, linesPassed } = tally;
    const told = { linesRead, linesRejected, linesPassed, bytesReceived: meter.received, bytesRead: meter.read };
    void db.import
      .updateMany({ where: { id: importId, state: "receiving" }, data: { ...told, progressAt: new Date() } })
      .catch((error: unknown) => logger.warn({ event: "import.progress-lost", importId, err: error }));
  };
}

type Outcome = { readonly tally: Tally; readonly meter: Meter; readonly actor: Actor };

const countsOf = ({ tally, meter }: Pick<Outcome, "tally" | "meter">) => ({
  linesRead: tally.linesRead,
  linesRejected: tally.linesRejected,
  linesPassed: tally.linesPassed,
  textsWithheld: tally.textsWithheld,
  bytesReceived: meter.received,
  bytesRead: meter.read,
});

function settle(claimed: Claimed, { tally, meter, actor, sha256 }: Outcome & { readonly sha256: string }): Promise<void> {
  return inTransaction(async (tx, now) => {
    const isComplete = claimed.isComplete && !tally.isPart;
    const said = tally.asOf && tally.asOf < now ? { asOf: tally.asOf } : {};
    const data = { ...countsOf({ tally, meter }), ...said, state: "comparing", sha256, isComplete, rowsStaged: tally.rowsStaged, receivedAt: now, progressAt: now };
    const { count } = await tx.import.updateMany({ where: { id: claimed.id, state: "receiving" }, data });
    if (count === 0) throw new FileProblem("went-wrong");
    await appendEvent(tx, {
      type: "import.received",
      at: now,
      actor,
      subjects: { system: claimed.systemId },
      data: { importId: claimed.id, tokenId: claimed.tokenId, format: claimed.format, sha256, bytes: meter.received, lines: tally.linesRead, rejected: tally.linesRejected },
    });
    await enqueue(tx, "compare-import", { importId: claimed.id }, { key: `import:${claimed.id}` });
  });
}

async function giveUp(claimed: Claimed, outcome: Outcome & { readonly error: unknown; readonly isBroken: boolean }): Promise<ImportState> {
  const { error, isBroken, actor } = outcome;
  if (isBroken) {
    await db.import.updateMany({ where: { id: claimed.id, state: "receiving" }, data: { ...countsOf(outcome), state: "interrupted" } });
    return "interrupted";
  }
  const problem = error instanceof FileProblem ? error : null;
  if (!problem) logger.error({ event: "import.fault", importId: claimed.id, err: error });
  const failure = failureOf(error);
  await inTransaction(async (tx, now) => {
    await tx.import.updateMany({ where: { id: claimed.id, state: "receiving" }, data: countsOf(outcome) });
    await failImport(tx, { id: claimed.id, systemId: claimed.systemId, from: "receiving", failure, detail: problem?.detail ?? {}, actor, now });
  });
  return "failed";
}

type Failing = {
  readonly id: string;
  readonly systemId: string;
  readonly from: ImportState;
  readonly failure: string;
  readonly detail: Readonly<Record<string, string | number>>;
  readonly actor: Actor;
  readonly now: Date;
};

/** An import that came to nothing: what it would have changed is thrown away, why stays. */
export async function failImport(tx: Transaction, { id, systemId, from, failure, detail, actor, now }: Failing): Promise<void> {
  if (!mayBecome(from, "failed")) return;
  const { count } = await tx.import.updateMany({ where: { id, state: from }, data: { state: "failed", failure, failureDetail: { ...detail }, closedAt: now } });
  if (count === 0) return;
  await tx.$executeRaw`delete from import_rows where import_id = ${id}::uuid`;
  await appendEvent(tx, { type: "import.failed", at: now, actor, subjects: { system: systemId }, data: { importId: id, code: failure } });
}

/** Uploads whose sender went away with its process. What they had staged was never committed, or is of no use. */
export async function noteInterrupted(): Promise<void> {
  const silent = await db.import.findMany({ where: { state: "receiving", progressAt: { lt: new Date(Date.now() - silentAfterMs) } }, select: { id: true }, take: 100 });
  for (const { id } of silent) {
    await inTransaction(async (tx) => {
      const { count } = await tx.import.updateMany({ where: { id, state: "receiving", progressAt: { lt: new Date(Date.now() - silentAfterMs) } }, data: { state: "interrupted" } });
      if (count > 0) await tx.$executeRaw`delete from import_rows where import_id = ${id}::uuid`;
    });
  }
}
