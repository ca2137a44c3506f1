import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CursorPlace } from "@/lib/db/cursor";
import { type KeysetRange, readKeysetPage } from "@/lib/db/keyset";

type Row = { id: string; at: number | null };

const idOf = (index: number) => `00000000-0000-7000-8000-${String(index).padStart(12, "0")}`;
const placeOf = (row: Row): CursorPlace => ({ value: row.at, id: row.id });

function compare(left: CursorPlace, right: CursorPlace): number {
  const values = (Number(left.value) || 0) - (Number(right.value) || 0);
  return values === 0 ? left.id.localeCompare(right.id) : values;
}

/** What a database would answer, without an index. */
function reader(rows: readonly Row[]) {
  return async ({ values, from, order, take }: KeysetRange) => {
    const sign = order === "asc" ? 1 : -1;
    return rows
      .filter((row) => (row.at === null) === (values === "absent"))
      .filter((row) => from === null || sign * compare(placeOf(row), from) > 0)
      .sort((left, right) => sign * compare(placeOf(left), placeOf(right)))
      .slice(0, take);
  };
}

function expectedOrder(rows: readonly Row[], direction: "asc" | "desc"): Row[] {
  const sign = direction === "asc" ? 1 : -1;
  const sort = (some: Row[]) => some.sort((left, right) => sign * compare(placeOf(left), placeOf(right)));
  return [...sort(rows.filter((row) => row.at !== null)), ...sort(rows.filter((row) => row.at === null))];
}

const lists = fc.array(fc.option(fc.integer({ min: 1, max: 5 }), { nil: null }), { maxLength: 30 });

describe("keyset pages", () => {
  it("show every row once, in order, forwards and backwards, empty values last", async () => {
    await fc.assert(
      fc.asyncProperty(lists, fc.integer({ min: 1, max: 7 }), fc.constantFrom("asc", "desc"), async (values, size, direction) => {
        const rows = values.map((at, index): Row => ({ id: idOf(index), at }));
        const sort = { key: "at", direction } as const;
        const page = (after: string | null, before: string | null) =>
          readKeysetPage({ sort, after, before, size, nullable: true, placeOf, read: reader(rows) });

        const forwards: Row[][] = [];
        let current = await page(null, null);
        expect(current.previous).toBeNull();
        forwards.push(current.rows);
        while (current.next) {
          current = await page(current.next, null);
          forwards.push(current.rows);
        }
        expect(forwards.flat()).toEqual(expectedOrder(rows, direction));

        const backwards: Row[][] = [current.rows];
        while (current.previous) {
          current = await page(null, current.previous);
          backwards.unshift(current.rows);
        }
        expect(backwards).toEqual(forwards);
      }),
    );
  });

  it("start at the beginning when the cursor means nothing", async () => {
    const rows = [1, 2, 3].map((at, index): Row => ({ id: idOf(index), at }));
    const sort = { key: "at", direction: "asc" } as const;
    const page = await readKeysetPage({ sort, after: "nonsense", before: null, size: 2, placeOf, read: reader(rows) });
    expect(page.rows.map((row) => row.at)).toEqual([1, 2]);
    expect(page.previous).toBeNull();
  });

  it("show the real first page when rows before it have gone", async () => {
    const rows = [1, 2, 3, 4, 5].map((at, index): Row => ({ id: idOf(index), at }));
    const sort = { key: "at", direction: "asc" } as const;
    const second = await readKeysetPage({ sort, after: null, before: null, size: 3, placeOf, read: reader(rows) });
    const third = await readKeysetPage({ sort, after: second.next, before: null, size: 3, placeOf, read: reader(rows) });
    const back = await readKeysetPage({
      sort, after: null, before: third.previous, size: 3, placeOf, read: reader(rows.slice(2)),
    });
    expect(back.rows.map((row) => row.at)).toEqual([3, 4, 5]);
    expect(back.previous).toBeNull();
  });
});
