import { guessMapping, type Mapping, plainFieldNames, whyNotMapping } from "../rules";
import type { ReadLine } from "../types";
import { readCsv } from "./csv";
import { type PlainRecord, readPlain } from "./plain";
import { FileProblem } from "./problem";
import { rejected } from "./values";

/** The plain CSV: any columns, of which a mapping says what they mean. */
export async function* readCurfewCsv(text: AsyncIterable<string>, { head, mapping }: { head: string; mapping: Mapping | null }): AsyncGenerator<ReadLine> {
  let columns: (readonly [field: (typeof plainFieldNames)[number], index: number])[] | null = null;
  let width = 0;
  for await (const { line, cells, why } of readCsv(text, head)) {
    if (!cells) {
      yield rejected(line, { code: why ?? "quotes", field: null });
    } else if (columns === null) {
      columns = columnsOf(cells, mapping);
      width = cells.length;
    } else if (cells.length !== width) {
      yield rejected(line, { code: "columns", field: null });
    } else {
      const record: Partial<Record<string, string>> = {};
      for (const [field, index] of columns) record[field] = cells[index] ?? "";
      yield readPlain(line, record as PlainRecord);
    }
  }
}

function columnsOf(headings: readonly string[], mapping: Mapping | null) {
  const used = mapping ?? guessMapping(headings);
  if (whyNotMapping(used) === "name-missing") throw new FileProblem("no-such-columns", { columns: "name" });
  const missing = Object.values(used).filter((heading) => !headings.includes(heading));
  if (missing.length > 0) throw new FileProblem("no-such-columns", { columns: missing.length });
  return plainFieldNames.flatMap((field) => {
    const heading = used[field];
    return heading === undefined ? [] : [[field, headings.indexOf(heading)] as const];
  });
}
