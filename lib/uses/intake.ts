import "server-only";
import { createHash } from "node:crypto";
import type { PersonActor } from "@/lib/auth/actor";
import { db } from "@/lib/db/client";
import { inTransaction } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import { newId } from "@/lib/platform/ids";
import { logger } from "@/lib/platform/logger";
import { ok, refuse, type Result } from "@/lib/platform/result";
import { findSecrets } from "@/lib/platform/secret-scan";
import { openSource } from "./data";
import { FileProblem, readLog, type Meter } from "./formats/read";
import { emptyTally, settle, takeLines, type OpenSource, type Tally } from "./ingest";
import type { LineProblem, LogLine, Received } from "./types";

/** Logs that one process takes at a time, and of one source: whoever sends slowly holds up nobody else. */
const most = { atOnce: 6, ofOneSource: 2 };
const rejectionsTold = 20;
/** How many of a source are on their way. */
const running = new Map<string, number>();

type Body = AsyncIterable<Uint8Array>;
type Refusals = "unknown-source" | "too-many-uploads";

async function oneOfFew<Value>(sourceId: string, work: () => Promise<Result<Value, Refusals>>): Promise<Result<Value, Refusals>> {
  const ofThis = running.get(sourceId) ?? 0;
  const all = [...running.values()].reduce((sum, count) => sum + count, 0);
  if (ofThis >= most.ofOneSource || all >= most.atOnce) return refuse("too-many-uploads");
  running.set(sourceId, ofThis + 1);
  try {
    return await work();
  } finally {
    const left = (running.get(sourceId) ?? 1) - 1;
    if (left === 0) running.delete(sourceId);
    else running.set(sourceId, left);
  }
}

type Read = { readonly state: Received["state"]; readonly failure: string | null; readonly tally: Tally; readonly meter: Meter; readonly sha256: string };

/** Reads a body into a source. What was read before it broke off is kept: sent again, it adds nothing. */
async function readBody(source: OpenSource, body: Body, place: string, see: (line: LogLine) => void = () => undefined): Promise<Read> {
  const tally = emptyTally();
  const meter: Meter = { received: 0, read: 0 };
  const hash = createHash("sha256");
  let isBroken = false;
  async function* hashed(): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of body) {
        hash.update(chunk);
        yield chunk;
      }
    } catch (error) {
      isBroken = true;
      throw error;
    }
  }
  async function* lines(): AsyncGenerator<LogLine> {
    for await (const line of readLog(hashed(), source.format, meter)) {
      see(line);
      yield line;
    }
  }
  const done = { tally, meter };
  try {
    await takeLines({ source, lines: lines(), place, tally });
    return { ...done, state: "complete", failure: null, sha256: hash.digest("hex") };
  } catch (error) {
    if (isBroken) return { ...done, state: "interrupted", failure: null, sha256: hash.digest("hex") };
    // An error of the database may quote what it was given: its code says enough.
    if (!(error instanceof FileProblem)) logger.error({ event: "uses.fault", sourceId: source.id, code: error instanceof Error && "code" in error ? String(error.code) : "none" });
    return { ...done, state: "failed", failure: error instanceof FileProblem ? error.failure : "went-wrong", sha256: hash.digest("hex") };
  }
}

function receivedOf({ state, failure, tally }: Pick<Read, "state" | "failure" | "tally">, watermark: Date | null): Received {
  const { linesRead, linesRejected, linesRepeated, usesKept, usesLate } = tally;
  return { state, failure, linesRead, linesRejected, linesRepeated, usesKept, usesLate, watermark: watermark?.toISOString() ?? null };
}

type Upload = { readonly actor: PersonActor; readonly sourceId: string; readonly name: string; readonly body: Body };

/** Takes the log that a person sends, as it comes over the wire, and says what became of it. The file itself is not kept. */
export async function receiveLog({ actor, sourceId, name, body }: Upload): Promise<Result<Received, Refusals>> {
  return oneOfFew(sourceId, async () => {
    const source = await openSource(sourceId);
    if (source === null) return refuse("unknown-source");
    const place = (await findSecrets(name)).found ? "a file" : name;
    const fileId = newId();
    await inTransaction((tx, now) => tx.sourceFile.create({ data: { id: fileId, sourceId, personId: actor.personId, name: place, state: "receiving", startedAt: now } }));
    const read = await readBody(source, body, place);
    const reported = read.state === "complete" ? await settle(sourceId, read.tally) : source;
    const { linesRead, linesRejected, linesRepeated, usesKept, usesLate } = read.tally;
    await inTransaction(async (tx, now) => {
      const data = { state: read.state, failure: read.failure, sha256: read.sha256, bytes: read.meter.received, linesRead, linesRejected, linesRepeated, usesKept, finishedAt: now };
      await tx.sourceFile.update({ where: { id: fileId }, data });
      if (read.state !== "complete") return;
      await appendEvent(tx, {
        type: "source.file-read",
        at: now,
        actor,
        subjects: { system: source.systemId },
        data: { sourceId, fileId, sha256: read.sha256, bytes: read.meter.received, lines: linesRead, rejected: linesRejected, uses: usesKept, repeated: linesRepeated, late: usesLate },
        clear: { name: place },
      });
    });
    return ok(receivedOf(read, reported.watermark));
  });
}

type Sending = { readonly sourceId: string; readonly sender: string; readonly body: Body; readonly completeUntil: Date | null };
type SentAnswer = Received & { readonly rejections: readonly { readonly line: number; readonly code: LineProblem }[] };

/** Takes lines that a machine sends, few or many. */
export async function receiveUses({ sourceId, sender, body, completeUntil }: Sending): Promise<Result<SentAnswer, Refusals>> {
  return oneOfFew(sourceId, async () => {
    const source = await openSource(sourceId);
    if (source === null) return refuse("unknown-source");
    const rejections: { line: number; code: LineProblem }[] = [];
    const read = await readBody(source, body, `sent by ${sender}`, (line) => {
      if ("rejected" in line && rejections.length < rejectionsTold) rejections.push({ line: line.line, code: line.rejected });
    });
    // A machine may have nothing to send but that there is nothing.
    const isHeartbeat = read.failure === "empty" && completeUntil !== null;
    const state = isHeartbeat ? "complete" : read.state;
    const reported = state === "complete" ? await settle(sourceId, read.tally, { completeUntil }) : source;
    return ok({ ...receivedOf({ ...read, state, failure: isHeartbeat ? null : read.failure }, reported.watermark), rejections });
  });
}

/** Files whose sender went away with its process. */
export async function noteInterruptedLogs(): Promise<void> {
  await db.$executeRaw`update source_files set state = 'interrupted', finished_at = clock_timestamp() where state = 'receiving' and started_at < clock_timestamp() - interval '6 hours'`;
}
