import { describe, expect, it } from "vitest";
import { Draw, Draws, eachOf, mostRecords, mostStrata, recordOf, sampleList, sampleRank, sampleSeed } from "./sampling";

const root = "XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=";
const of = { root, nonce: "auditor-nonce-1", stratum: "jit" };
const seed = sampleSeed(of);
const ids = Array.from({ length: 8 }, (_, index) => `ses_000${index + 1}`);
const ranked = ["ses_0006", "ses_0008", "ses_0007", "ses_0002", "ses_0004", "ses_0003", "ses_0001", "ses_0005"];
const rowOf = (id: string) => ({ grant_id: id });

describe("a sample", () => {
  it("follows the published vector", () => {
    expect(seed).toBe("1ecaf0e10f33c7e09ccb6409e4db234f2a90dd819473d4938d338821d59c997a");
    expect([...ids].sort((a, b) => (sampleRank(seed, a) < sampleRank(seed, b) ? -1 : 1))).toEqual(ranked);
  });

  it.each([0, 1, 3, 8, 20])("is the same whatever the order in which records are offered, each once: %i", (most) => {
    for (const offered of [ids, [...ids].reverse(), [...ranked, ...ranked]]) {
      const draw = new Draw(of, most);
      for (const id of offered) draw.offer(rowOf(id));
      expect(draw.drawn.map(({ record }) => record)).toEqual(ranked.slice(0, most));
    }
  });

  it("is another one with another nonce, root or stratum", () => {
    expect(new Set([seed, sampleSeed({ ...of, nonce: "auditor-nonce-2" }), sampleSeed({ ...of, stratum: "break_glass" }), sampleSeed({ ...of, root: "" })]).size).toBe(4);
  });

  it("calls a record by its grant, else its request, else the position of a refused ask", () => {
    const row = { grant_id: "g", request_id: "r", ledger_first: 7 };
    expect([recordOf(row), recordOf({ ...row, grant_id: null }), recordOf({ ...row, grant_id: null, request_id: null })]).toEqual(["g", "r", "position-7"]);
  });
});

describe("strata", () => {
  const draws = (strata: readonly string[], rows: readonly Record<string, string | number | null>[]) => {
    const drawing = new Draws({ root, nonce: "auditor-nonce-1", count: 2, strata });
    for (const row of rows) drawing.offer(row);
    return drawing.finish().draws;
  };
  const rows = ids.map((id, index) => ({ grant_id: id, end_reason: index < 3 ? "completed" : index < 5 ? "expired" : null }));

  it("are each value that a column has, and rows without one are in none", () => {
    const found = draws(["end_reason:*"], rows);
    expect(found.map(({ stratum, drawn }) => [stratum, drawn.length])).toEqual([["end_reason:completed", 2], ["end_reason:expired", 2]]);
    expect(found).toEqual(draws(["end_reason:completed", "end_reason:expired"], [...rows].reverse()));
    expect(sampleList(found).split("\n")[1]).toBe(`end_reason:completed,${sampleSeed({ ...of, stratum: "end_reason:completed" })},1,${found[0]?.drawn[0]?.record ?? ""},${found[0]?.drawn[0]?.rank ?? ""}`);
  });

  it("are all records together where no row has a value, and never more than so many", () => {
    expect(draws(["end_reason:*"], []).map(({ stratum }) => stratum)).toEqual(["all"]);
    const many = Array.from({ length: mostStrata + 20 }, (_, index) => ({ grant_id: String(index), system_id: `s${String(index).padStart(3, "0")}` }));
    const first = many.slice(0, mostStrata).map(({ system_id: id }) => `system_id:${id}`);
    for (const order of [many, [...many].reverse()]) expect(draws(["system_id:*"], order).map(({ stratum }) => stratum)).toEqual(first);
  });

  it("never hold more records together than so many", () => {
    expect([eachOf(100, 1), eachOf(100, 10), eachOf(100, mostStrata), eachOf(3, mostStrata)]).toEqual([100, 100, mostRecords / mostStrata, 3]);
    const drawing = new Draws({ root, nonce: "auditor-nonce-1", count: 100, strata: ["system_id:*"] });
    for (let index = 0; index < 2_000; index += 1) drawing.offer({ grant_id: String(index), system_id: String(index % 40) });
    const { draws: found, each } = drawing.finish();
    expect([each, found.length, found.reduce((sum, { drawn }) => sum + drawn.length, 0)]).toEqual([25, 40, 1_000]);
  });
});
