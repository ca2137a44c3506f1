import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { sourceFormats, type SourceFormat } from "../types";
import { readLog, type Meter } from "./read";

const MiB = 1024 ** 2;

/** Reads to the end or to the failure; answers what failed, the lines, and how much memory was held at most. */
async function readAll(format: SourceFormat, chunks: () => Iterable<Uint8Array>): Promise<{ failure: string | null; lines: number; grown: number; meter: Meter }> {
  const meter: Meter = { received: 0, read: 0 };
  const before = process.memoryUsage().rss;
  let [lines, most] = [0, before];
  async function* body() {
    for (const chunk of chunks()) {
      yield await Promise.resolve(chunk);
      most = Math.max(most, process.memoryUsage().rss);
    }
  }
  let failure: string | null = null;
  try {
    for await (const line of readLog(body(), format, meter)) lines += line.line > 0 ? 1 : 0;
  } catch (error) {
    failure = error instanceof Error && "failure" in error ? String(error.failure) : String(error);
  }
  return { failure, lines, grown: most - before, meter };
}

function* repeated(chunk: Uint8Array, times: number): Generator<Uint8Array> {
  for (let n = 0; n < times; n += 1) yield chunk;
}

describe("a machine that means harm", () => {
  it.each(sourceFormats.map((format) => [format] as const))("is not followed into a line that never ends (%s)", async (format) => {
    const { grown } = await readAll(format, () => repeated(Buffer.alloc(MiB, format === "postgres-csvlog" ? '"a,' : "[{a"), 200));
    expect(grown).toBeLessThan(300 * MiB);
  });

  const bomb = gzipSync(Buffer.alloc(200 * MiB, "\n"), { level: 9 });

  it.each([["postgres-jsonlog"], ["postgres-csvlog"], ["cloudtrail"]] as const)("is given up where what it packed grows far beyond a log (%s)", async (format) => {
    const { failure, grown, meter } = await readAll(format, () => repeated(bomb, 1));
    expect(failure).toBe("bomb");
    expect(meter.read).toBeLessThan(100 * MiB);
    expect(grown).toBeLessThan(300 * MiB);
  });
});
