import { describe, expect, it } from "vitest";
import { checkCard, LeftOut } from "./core/card.mjs";

const counts = { rows: 7, requests: 6, grants: 3, refused_asks: 1, by_state: { denied: 1, approved: 4 }, by_grant_state: {}, by_end_reason: {} };
const then = { ...counts, rows: 5, requests: 5, grants: 3, refused_asks: 0, by_state: { denied: 1, pending: 2 } };
const differences = { rows: 2, requests: 1, grants: 0, refused_asks: 1, by_state: { approved: 4, pending: -2 }, by_grant_state: {}, by_end_reason: {} };
const ledger = { last_position: 99, entries_counted: 95, missing_positions: 5, missing_seq: [{ from: 3, to: 5 }, { from: 9, to: 10 }] };
const card = {
  report_id: "b", report_definition: { version: 3 }, source: { as_of_ledger_position: "100" }, counts, control_totals: { ledger },
  previous_run: { report_id: "a", as_of_ledger_position: "80", counts: then, differences },
};
const withLedger = (changes: object) => ({ ...card, control_totals: { ledger: { ...ledger, ...changes } } });
const withPrevious = (changes: object) => ({ ...card, previous_run: { ...card.previous_run, ...changes } });

describe("a report card", () => {
  it("holds where its counts fit each other, with a run before and without", () => {
    expect(() => checkCard(card)).not.toThrow();
    expect(() => checkCard({ ...card, previous_run: null })).not.toThrow();
    expect(() => checkCard({ ...withLedger({ last_position: null, entries_counted: 0, missing_positions: 0, missing_seq: [] }), source: { as_of_ledger_position: "0" }, previous_run: null })).not.toThrow();
  });

  it.each([
    ["positions that do not add up", withLedger({ entries_counted: 96 })],
    ["another position than it counts", { ...card, source: { as_of_ledger_position: "101" } }],
    ["no list of what is missing", withLedger({ missing_seq: 5 })],
    ["stretches that touch", withLedger({ missing_seq: [{ from: 3, to: 5 }, { from: 6, to: 7 }] })],
    ["a stretch beyond its positions", withLedger({ missing_seq: [{ from: 98, to: 102 }] })],
    ["more listed than counted", withLedger({ missing_seq: [{ from: 3, to: 9 }] })],
    ["something missing and nothing listed", withLedger({ missing_seq: [] })],
    ["itself as the run before", withPrevious({ report_id: "b" })],
    ["a later run as the one before", withPrevious({ as_of_ledger_position: "101" })],
    ["another difference of rows", withPrevious({ differences: { ...differences, rows: 3 } })],
    ["another difference of a state", withPrevious({ differences: { ...differences, by_state: { approved: 4 } } })],
  ])("is found to say %s", (_, changed) => {
    expect(() => checkCard(changed)).toThrow();
  });

  it("counts the rows in which something is left out as they are", () => {
    const leftOut = new LeftOut();
    for (const row of [{ intent: "[erased]" }, { intent: "fine", vote_reasons: "no | [erased]" }, { voter_names: "Bea; Forgotten person", uses_complete: "open" }]) leftOut.count(row);
    const said = ["erased-intent", "erased-vote-reasons", "forgotten-names", "uses-not-settled"].map((id) => ({ id, rows: 1 }));
    expect(() => leftOut.finish({ ...card, redactions: said })).not.toThrow();
    for (const { id } of said) expect(() => leftOut.finish({ ...card, redactions: said.map((one) => (one.id === id ? { id, rows: 0 } : one)) })).toThrow(id);
    expect(() => leftOut.finish({ ...card, redactions: said.slice(1) })).toThrow();
  });
});
