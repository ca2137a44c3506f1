import "server-only";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, open, readdir } from "node:fs/promises";
import path from "node:path";
import * as z from "zod";
import { db } from "@/lib/db/client";
import { openSource } from "./data";
import { FileProblem, readLines, readLog } from "./formats/read";
import { emptyTally, noteSourceError, settle, takeLines, type OpenSource, type Tally } from "./ingest";
import type { LogLine } from "./types";

const mostFiles = 500;
const partBytes = 4_194_304;
/** Parts read of one source in one turn: a long backlog never keeps the others waiting. */
const partsPerTurn = 16;
const headBytes = 256;
/** A file that is taken whole must lie still for so long, in milliseconds. */
const restMs = 5_000;

const markSchema = z.object({ head: z.string(), offset: z.number().int().nonnegative(), line: z.number().int().nonnegative() });
type Mark = z.infer<typeof markSchema>;
const marksSchema = z.record(z.string(), markSchema);

type Watched = { readonly name: string; readonly file: string; readonly inode: string; readonly size: number; readonly modified: number };

/** Regular files of a folder, the oldest first. Links are not followed. */
async function filesIn(folder: string): Promise<Watched[]> {
  const names = (await readdir(folder)).filter((name) => !name.startsWith(".")).sort().slice(0, mostFiles);
  const found: Watched[] = [];
  for (const name of names) {
    const file = path.join(folder, name);
    const stat = await lstat(file).catch(() => null);
    if (stat?.isFile()) found.push({ name, file, inode: String(stat.ino), size: stat.size, modified: stat.mtimeMs });
  }
  return found.sort((one, other) => one.modified - other.modified || one.name.localeCompare(other.name));
}

/** Reads on in the files of a source's folder. Where it stands is kept by file, so that a rotated one is not read again. */
export async function readFolder(sourceId: string, root: string): Promise<void> {
  const source = await openSource(sourceId);
  if (source?.folder == null) return;
  let files: Watched[];
  try {
    files = await filesIn(path.join(root, path.basename(source.folder)));
  } catch (error) {
    await noteSourceError(sourceId, `the folder cannot be read (${error instanceof Error && "code" in error ? String(error.code) : "unknown"})`);
    return;
  }
  const marks = marksSchema.safeParse(source.position).data ?? {};
  const tally = emptyTally();
  // Of files that are gone nothing need be remembered.
  const next: Record<string, Mark> = Object.fromEntries(files.flatMap(({ inode }) => (marks[inode] ? [[inode, marks[inode]]] : [])));
  const problems: string[] = [];
  let parts = 0;
  for (const watched of files) {
    while (parts < partsPerTurn) {
      const moved = await readPart({ source, tally, mark: next[watched.inode] ?? null, watched, problems });
      if (moved === null) break;
      parts += 1;
      next[watched.inode] = moved;
      await db.source.update({ where: { id: sourceId }, data: { position: next } });
    }
  }
  const [problem] = problems;
  // Where a file could not be read to its end, nothing is said to be complete.
  if (problem !== undefined) await noteSourceError(sourceId, problem);
  else if (tally.linesRead > 0) await settle(sourceId, tally);
}

type Part = { readonly source: OpenSource; readonly tally: Tally; readonly mark: Mark | null; readonly watched: Watched; readonly problems: string[] };

/** Reads the next part of one file; null where there is nothing new of it. */
async function readPart({ source, tally, mark, watched, problems }: Part): Promise<Mark | null> {
  const head = await headOf(watched.file);
  if (head.bytes.length === 0) return null;
  // Another file under the same number, or one that was cut and begun anew.
  const isSame = mark !== null && watched.size >= mark.offset && (mark.head === head.hash(mark) || mark.offset === 0);
  const from = isSame ? mark : { head: "", offset: 0, line: 0 };
  if (from.offset >= watched.size) return null;
  if (isWhole(watched.name, head.bytes)) return readWhole({ source, tally, watched, problems });
  const part = await bytesOf(watched.file, from.offset, partBytes);
  const end = completeEnd(part, source.format === "postgres-csvlog");
  // A record that is longer than a part is none; the end of a file that is being written waits.
  if (end === 0 && part.length < partBytes) return null;
  const taken = part.subarray(0, end === 0 ? part.length : end);
  await takeLines({ source, lines: numbered(taken, source.format, from.line), place: watched.name, tally });
  const offset = from.offset + taken.length;
  return { head: head.hash({ offset }), offset, line: from.line + countLines(taken) };
}

async function* numbered(bytes: Buffer, format: OpenSource["format"], before: number): AsyncGenerator<LogLine> {
  async function* text(): AsyncGenerator<string> {
    yield await Promise.resolve(bytes.toString("utf8"));
  }
  for await (const line of readLines(text(), format)) yield { ...line, line: line.line + before };
}

async function readWhole({ source, tally, watched, problems }: Omit<Part, "mark">): Promise<Mark | null> {
  if (Date.now() - watched.modified < restMs) return null;
  try {
    await takeLines({ source, lines: readLog(createReadStream(watched.file), source.format, { received: 0, read: 0 }), place: watched.name, tally });
  } catch (error) {
    if (!(error instanceof FileProblem)) throw error;
    problems.push(`${watched.name}: ${error.failure.replaceAll("-", " ")}`);
  }
  const { hash } = await headOf(watched.file);
  return { head: hash({ offset: watched.size }), offset: watched.size, line: 0 };
}

async function bytesOf(file: string, from: number, length: number): Promise<Buffer> {
  const handle = await open(file, "r");
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, from);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** What a file begins with, as far as it had been read: what grows keeps its beginning. */
async function headOf(file: string): Promise<{ readonly bytes: Buffer; readonly hash: (mark: Pick<Mark, "offset">) => string }> {
  const bytes = await bytesOf(file, 0, headBytes).catch(() => Buffer.alloc(0));
  return { bytes, hash: ({ offset }) => createHash("sha256").update(bytes.subarray(0, Math.min(offset, headBytes))).digest("hex").slice(0, 32) };
}

/** Packed files and whole JSON documents do not grow: they are taken at once. */
function isWhole(name: string, head: Buffer): boolean {
  const start = head.toString("utf8").trimStart();
  return name.endsWith(".gz") || (head[0] === 0x1f && head[1] === 0x8b) || start.startsWith("[") || /^\{\s*"(?:Records|Events|events|items|kind"\s*:\s*"EventList)"/.test(start);
}

/** Where the last whole record ends; in a CSV a line end inside quotes ends nothing. */
function completeEnd(bytes: Buffer, isCsv: boolean): number {
  if (!isCsv) return bytes.lastIndexOf(10) + 1;
  let end = 0;
  let isQuoted = false;
  for (let at = 0; at < bytes.length; at += 1) {
    if (bytes[at] === 0x22) isQuoted = !isQuoted;
    else if (bytes[at] === 10 && !isQuoted) end = at + 1;
  }
  return end;
}

function countLines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) count += 1;
  return count;
}
