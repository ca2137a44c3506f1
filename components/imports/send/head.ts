import { firstRecords, guessMapping, looksLike, type Mapping } from "@/lib/imports/rules";
import type { ImportFormat } from "@/lib/imports/types";

/** What the browser saw of the beginning of a file. Nothing of it is sent for this. */
export type Head = {
  readonly format: ImportFormat | null;
  /** Of a CSV: its headings, its first lines, what they most likely mean. */
  readonly records: readonly (readonly string[])[];
  readonly mapping: Mapping;
};

const headBytes = 65_536;

async function textOf(file: File): Promise<string> {
  const start = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  const isPacked = start[0] === 0x1f && start[1] === 0x8b;
  const stream = isPacked ? file.stream().pipeThrough(new DecompressionStream("gzip")) : file.slice(0, headBytes).stream();
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let text = "";
  try {
    while (text.length < headBytes) {
      const { done, value } = await reader.read();
      if (done) break;
      text += decoder.decode(value, { stream: true });
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
  return text;
}

/** Looks at the beginning of a file; a file that cannot be looked at is left to the server. */
export async function lookAt(file: File): Promise<Head> {
  const text = await textOf(file).catch(() => "");
  const format = looksLike(text);
  if (format !== "curfew-csv") return { format, records: [], mapping: {} };
  const records = firstRecords(text, 4);
  return { format, records, mapping: guessMapping(records[0] ?? []) };
}
