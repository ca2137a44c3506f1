import { crc32 } from "node:zlib";
import { describe, expect, it } from "vitest";
import { nodePlatform } from "@/scripts/verify/core/node.mjs";
import { contentOf, readArchive } from "@/scripts/verify/formats/archive.mjs";
import { archiveOf, aroundOf, directoryOf, type BundleFile, type Placed, type Written } from "./archive";

const gigabyte = 2 ** 30;
const wordOf = (bytes: Buffer, at: number) => bytes.readUInt32LE(at);

async function written(files: readonly BundleFile[]): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  async function* all(): AsyncGenerator<BundleFile, void, Written> {
    for (const file of files) yield await Promise.resolve(file);
  }
  for await (const chunk of archiveOf(all())) chunks.push(chunk);
  return Buffer.concat(chunks);
}
const sourceOf = (bytes: Buffer) => ({ size: bytes.length, read: (offset: number, length: number) => Promise.resolve(new Uint8Array(bytes.subarray(offset, offset + length))) });
async function* once(text: string) {
  yield await Promise.resolve(Buffer.from(text));
}

/** An archive whose contents are so many zeros that nobody wrote: only what stands around them is there. */
function sparse(sizes: readonly { readonly name: string; readonly bytes: number; readonly packed: number; readonly method: "stored" | "deflated" }[], change: (at: number, bytes: Buffer) => Buffer = (_, bytes) => bytes) {
  const pieces: { readonly at: number; readonly bytes: Buffer }[] = [];
  const entries: Placed[] = [];
  let offset = 0;
  const put = (bytes: Buffer) => {
    pieces.push({ at: offset, bytes: change(offset, bytes) });
    offset += bytes.length;
  };
  for (const { name, bytes, packed, method } of sizes) {
    const entry: Placed = { name, bytes, sha256: "", packed: { method, bytes: packed, sha256: "", crc32: 7 }, offset, isLarge: offset >= 0xffffffff || method === "deflated" };
    const { before, behind } = aroundOf(entry);
    put(before);
    offset += packed;
    put(behind);
    entries.push(entry);
  }
  for (const bytes of directoryOf(entries, offset)) put(bytes);
  const read = (from: number, length: number) => {
    const bytes = new Uint8Array(length);
    for (const piece of pieces) {
      const start = Math.max(from, piece.at);
      const end = Math.min(from + length, piece.at + piece.bytes.length);
      if (start < end) bytes.set(piece.bytes.subarray(start - piece.at, end - piece.at), start - from);
    }
    return Promise.resolve(bytes);
  };
  return { size: offset, read, entries };
}

const large = [
  { name: "a.txt", bytes: 10, packed: 10, method: "stored" },
  { name: "b.jsonl", bytes: 40 * gigabyte, packed: 5 * gigabyte, method: "deflated" },
  { name: "c.txt", bytes: 12, packed: 12, method: "stored" },
] as const;

describe("an archive beyond the limits of 32 bits", () => {
  it("is written and read where entries, and places of entries, pass 4 GB", async () => {
    const source = sparse(large);
    const found = await readArchive(source);
    expect([...found.values()].map(({ name, bytes, packedBytes, offset }) => ({ name, bytes, packedBytes, offset }))).toEqual(
      source.entries.map(({ name, bytes, packed, offset }) => ({ name, bytes, packedBytes: packed.bytes, offset })));
    expect(found.get("c.txt")?.offset).toBeGreaterThan(5 * gigabyte);
  });

  it("is found to be changed where one of its large sizes is", async () => {
    const { entries } = sparse(large);
    for (const one of entries.filter(({ isLarge }) => isLarge)) {
      const changed = sparse(large, (at, bytes) => {
        if (at !== one.offset) return bytes;
        const other = Buffer.from(bytes);
        other[other.length - 1] = 1;
        return other;
      });
      await expect(readArchive(changed), one.name).rejects.toThrow();
    }
  });

  it("holds more entries than 16 bits count, and says so in the larger form", async () => {
    const count = 66_000;
    const names = Array.from({ length: count }, (_, index) => `sample/${String(index).padStart(6, "0")}.json`);
    const bytes = await written(names.map((name) => ({ name, whole: Buffer.from(name) })));
    expect([wordOf(bytes, bytes.length - 22), bytes.readUInt16LE(bytes.length - 12), wordOf(bytes, bytes.length - 98)]).toEqual([0x06054b50, 0xffff, 0x06064b50]);
    expect(Number(bytes.readBigUInt64LE(bytes.length - 98 + 24))).toBe(count);
    const found = await readArchive(sourceOf(bytes));
    expect(found.size).toBe(count);
    expect(found.get(names.at(-1) ?? "")?.bytes).toBe("sample/000000.json".length);
  });

  it("unpacks to what was packed in the larger form, with its sum", async () => {
    const text = "line\n".repeat(50_000);
    const bytes = await written([{ name: "chains.jsonl", stream: once(text), mayBeLarge: true }, { name: "tickets.txt", whole: Buffer.from("t") }]);
    expect(wordOf(bytes, 18)).toBe(0xffffffff);
    const source = sourceOf(bytes);
    const entry = (await readArchive(source)).get("chains.jsonl");
    if (!entry) throw new RangeError("no entry");
    const parts: Uint8Array[] = [];
    for await (const part of contentOf(await nodePlatform(), source, entry)) parts.push(part);
    expect(Buffer.concat(parts).toString("utf8") === text).toBe(true);
    expect(bytes.readUInt32LE(bytes.indexOf(Buffer.from("504b0708", "hex")) + 4)).toBe(crc32(text));
  });
});
