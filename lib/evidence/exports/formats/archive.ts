import "server-only";
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { ZipFile } from "yazl";
import { AppError } from "@/lib/platform/errors";

/** Entries of an archive carry no time of their own, so that the same data is the same bytes. */
const entryTime = new Date(Date.UTC(2000, 0, 1));
const entry = { mtime: entryTime, forceDosTimestamp: true, mode: 0o100644, compressionLevel: 1 };

/** What an entry held. */
export type Entry = { readonly path: string; readonly sha256: string; readonly bytes: number };
type File = { readonly path: string; readonly content: AsyncIterable<Uint8Array | string>; readonly mayBeLarge?: boolean };

/**
 * A ZIP archive of files that are written one after the other, as they are pulled. `files` gets what was written of the entry
 * before it, so that the last one can speak of the others.
 */
export async function* archiveOf(files: AsyncGenerator<File, void, Entry>): AsyncGenerator<Uint8Array> {
  const zip = new ZipFile();
  const out = zip.outputStream;
  if (!(out instanceof Readable)) throw new AppError("integrity", "the archive gives no stream");
  zip.once("error", (error) => out.destroy(error instanceof Error ? error : new AppError("unavailable", "the archive broke")));
  const written = addAll(zip, files);
  written.catch((error: Error) => out.destroy(error));
  try {
    for await (const chunk of out) yield chunk as Uint8Array;
    await written;
  } finally {
    out.destroy();
  }
}

async function addAll(zip: ZipFile, files: AsyncGenerator<File, void, Entry>): Promise<void> {
  for (let next = await files.next(); !next.done; ) {
    next = await files.next(await add(zip, next.value));
  }
  zip.end();
}

function add(zip: ZipFile, { path, content, mayBeLarge = false }: File): Promise<Entry> {
  const hash = createHash("sha256");
  let bytes = 0;
  async function* counted() {
    for await (const chunk of content) {
      const piece = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
      hash.update(piece);
      bytes += piece.length;
      yield piece;
    }
  }
  return new Promise((resolve, reject) => {
    const stream = Readable.from(counted(), { objectMode: false, highWaterMark: 1 << 20 });
    stream.once("error", reject);
    stream.once("end", () => resolve({ path, sha256: hash.digest("hex"), bytes }));
    // Beyond 4 GB an entry needs the larger form, which has to be known beforehand.
    zip.addReadStream(stream, path, { ...entry, forceZip64Format: mayBeLarge });
  });
}

/** Text as the content of one file. */
export async function* once(text: string): AsyncGenerator<string> {
  yield await Promise.resolve(text);
}

/** JSON values that stand one a line, as they come. */
export async function* jsonLinesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<unknown> {
  let rest = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const bytes = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk]);
    let from = 0;
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, from)) {
      yield JSON.parse(bytes.toString("utf8", from, end));
      from = end + 1;
    }
    rest = bytes.subarray(from);
  }
}
