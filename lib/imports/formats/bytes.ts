import { createGunzip } from "node:zlib";
import { Readable } from "node:stream";
import { limits } from "../rules";
import { FileProblem } from "./problem";

/** What went through, for progress and for the guards. */
export type Meter = { received: number; read: number };

/** True for the first bytes of a gzip file (RFC 1952 §2.3.1). */
function isPacked(first: Uint8Array): boolean {
  return first[0] === 0x1f && first[1] === 0x8b;
}

/** The bytes of a file, unpacked where it is packed, within the limits on size and on growth. Attacker-controlled. */
export async function* unpacked(source: AsyncIterable<Uint8Array>, meter: Meter): AsyncGenerator<Buffer> {
  const iterator = source[Symbol.asyncIterator]();
  const head = await firstBytes(iterator);
  const all = chain(head, iterator, meter);
  yield* guarded(isPacked(head) ? gunzip(all) : all, meter);
}

async function firstBytes(iterator: AsyncIterator<Uint8Array>): Promise<Buffer> {
  let head = Buffer.alloc(0);
  while (head.length < 4) {
    const next = await iterator.next();
    if (next.done) break;
    head = Buffer.concat([head, next.value]);
  }
  if (head.length === 0) throw new FileProblem("empty");
  return head;
}

async function* chain(head: Buffer, iterator: AsyncIterator<Uint8Array>, meter: Meter): AsyncGenerator<Buffer> {
  meter.received += head.length;
  yield head;
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
    meter.received += next.value.length;
    if (meter.received > limits.bytes) throw new FileProblem("too-large", { limit: limits.bytes });
    yield Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength);
  }
}

/** Unpacks; a broken or short archive is a problem of the file, a broken source stays its own error. */
async function* gunzip(packed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let broken: unknown = null;
  async function* watched(): AsyncGenerator<Buffer> {
    try {
      yield* packed;
    } catch (error) {
      broken = error;
      throw error;
    }
  }
  const source = Readable.from(watched());
  const gunzipped = createGunzip();
  source.once("error", (error) => gunzipped.destroy(error));
  try {
    for await (const chunk of source.pipe(gunzipped)) yield chunk as Buffer;
  } catch (error) {
    if (broken !== null) throw broken;
    if (error instanceof Error && "code" in error && typeof error.code === "string" && error.code.startsWith("Z_")) {
      throw new FileProblem(error.code === "Z_BUF_ERROR" ? "truncated" : "not-readable", { packed: 1 });
    }
    throw error;
  } finally {
    source.destroy();
    gunzipped.destroy();
  }
}

async function* guarded(source: AsyncIterable<Buffer>, meter: Meter): AsyncGenerator<Buffer> {
  let isFirst = true;
  for await (const chunk of source) {
    meter.read += chunk.length;
    if (meter.read > limits.bytes) throw new FileProblem("too-large", { limit: limits.bytes });
    if (meter.read > limits.bombFreeBytes && meter.read > meter.received * limits.bombRatio) throw new FileProblem("bomb", { ratio: limits.bombRatio });
    if (isFirst && chunk.length >= 2 && ((chunk[0] === 0xff && chunk[1] === 0xfe) || (chunk[0] === 0xfe && chunk[1] === 0xff))) {
      throw new FileProblem("not-text", { encoding: "UTF-16" });
    }
    isFirst = false;
    yield chunk;
  }
}

/** The text of a file in pieces, without byte order mark. Bytes that are no UTF-8, and NUL, end it. */
export async function* textOf(source: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const decode = (chunk?: Buffer) => {
    try {
      const text = chunk ? decoder.decode(chunk, { stream: true }) : decoder.decode();
      if (text.includes("\0")) throw new FileProblem("not-text", { encoding: "binary" });
      return text;
    } catch (error) {
      if (error instanceof TypeError) throw new FileProblem("not-text", { encoding: "other" });
      throw error;
    }
  };
  for await (const chunk of source) yield decode(chunk);
  yield decode();
}

/** The first part of a text, for a look at what it is, and the whole text again from its beginning. */
export async function withHead(source: AsyncIterable<string>, length = 65_536): Promise<{ head: string; text: AsyncGenerator<string> }> {
  const iterator = source[Symbol.asyncIterator]();
  let head = "";
  while (head.length < length) {
    const next = await iterator.next();
    if (next.done) break;
    head += next.value;
  }
  async function* again(): AsyncGenerator<string> {
    yield head;
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
  }
  return { head: head.slice(0, length), text: again() };
}

/** One line with its number, or null for its text where it is longer than a line may be. */
export type Line = { readonly line: number; readonly text: string | null };

/** Lines of a text, whatever ends them. Of a line that is too long nothing is kept. */
export async function* linesOf(source: AsyncIterable<string>, longest: number = limits.recordBytes): AsyncGenerator<Line> {
  let line = 1;
  let rest = "";
  let isTooLong = false;
  for await (const piece of source) {
    let from = 0;
    for (let end = piece.indexOf("\n"); end !== -1; end = piece.indexOf("\n", from)) {
      const text = rest + piece.slice(from, end);
      yield { line, text: isTooLong || text.length > longest ? null : text.endsWith("\r") ? text.slice(0, -1) : text };
      rest = "";
      isTooLong = false;
      line += 1;
      from = end + 1;
    }
    rest += piece.slice(from);
    if (rest.length > longest) {
      rest = "";
      isTooLong = true;
    }
  }
  if (rest !== "" || isTooLong) yield { line, text: isTooLong ? null : rest };
}
