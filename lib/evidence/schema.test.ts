import { describe, expect, it } from "vitest";
import * as z from "zod";
import { everything, exportSchema, filterParameters, periodOf, readFilter, refusedAskEvent, refusedAskId, seriesSchema } from "./schema";

const id = "0192f0c1-0000-7000-8000-000000000001";

describe("a filter in a URL", () => {
  it("is everything where the URL says nothing", () => {
    expect(readFilter({})).toEqual({ filter: everything, problems: [] });
    expect(readFilter({ state: "", from: " ", other: "1" })).toEqual({ filter: everything, problems: [] });
  });

  it("reads words, ids, days and choices", () => {
    const { filter, problems } = readFilter({ state: "denied,refused", grant: ["proven", "stuck"], identity: id, from: "2026-11-01", to: "2026-11-30", demo: "no", unproven: "yes", q: " CHG-482 " });
    expect(problems).toEqual([]);
    expect(filter).toMatchObject({ state: ["denied", "refused"], grant: ["proven", "stuck"], identity: [id], from: "2026-11-01", to: "2026-11-30", demo: "no", unproven: "yes", q: "CHG-482" });
  });

  it.each<[string, Record<string, string | string[]>, string]>([
    ["an unknown state", { state: "vanished" }, "There is no such state."],
    ["a text where an id belongs", { identity: "deploy-bot" }, "Not an id."],
    ["SQL where an id belongs", { approver: "' or 1=1 --" }, "Not an id."],
    ["a day that does not exist", { from: "2026-02-30" }, "Give a day as year-month-day, for example 2026-11-01."],
    ["a day far in the past", { from: "0001-01-01" }, "Give a day between 2000 and 2999."],
    ["a day far in the future", { to: "9999-12-31" }, "Give a day between 2000 and 2999."],
    ["another word than yes or no", { demo: "maybe" }, "Say yes or no."],
    ["a NUL", { q: "a\0b" }, "It holds a character that cannot be stored."],
    ["a text of 10,000 characters", { q: "x".repeat(10_000) }, "At most 100 characters."],
    ["very many ids", { identity: Array.from({ length: 51 }, (_, index) => `${id.slice(0, -2)}${String(index + 10)}`) }, "At most 50 values in one filter."],
  ])("leaves %s out and says so", (_name, parameters, message) => {
    const { filter, problems } = readFilter({ ...parameters, sensitivity: "high" });
    expect(problems).toEqual([{ field: Object.keys(parameters)[0], message }]);
    expect(filter).toEqual({ ...everything, sensitivity: ["high"] });
  });

  it("leaves a period out that ends before it begins", () => {
    const { filter, problems } = readFilter({ from: "2026-11-30", to: "2026-11-01" });
    expect(problems).toEqual([{ field: "to", message: "The period ends before it begins." }]);
    expect(filter).toEqual(everything);
  });

  it("is written in one way, whatever the order it came in", () => {
    const one = filterParameters(readFilter({ state: "refused,denied", q: "12" }).filter);
    expect(one).toEqual({ q: "12", state: "denied,refused" });
    expect(filterParameters(readFilter(one).filter)).toEqual(one);
  });

  it("means whole days in UTC, the last one included", () => {
    expect(periodOf({ from: "2026-11-01", to: "2026-11-30" })).toEqual({ from: new Date("2026-11-01T00:00:00Z"), to: new Date("2026-12-01T00:00:00Z") });
    expect(periodOf({ from: undefined, to: undefined })).toEqual({ from: null, to: null });
  });
});

describe("what an export is asked for", () => {
  it("takes the list's own parameters and a format", () => {
    const parsed = exportSchema.parse({ format: "csv", state: "denied", q: "", from: "2026-11-01" });
    expect(parsed).toEqual({ format: "csv", filter: { ...everything, state: ["denied"], from: "2026-11-01" }, sample: null });
  });

  it("takes a nonce for the sample of a bundle, and for nothing else", () => {
    const asked = { nonce: " auditor-nonce ", each: "5" };
    expect(exportSchema.parse({ format: "bundle", ...asked }).sample).toEqual({ nonce: "auditor-nonce", count: 5, strata: ["all"] });
    expect(exportSchema.parse({ format: "bundle", by: "system_id", ...asked }).sample?.strata).toEqual(["system_id:*"]);
    expect(exportSchema.safeParse({ format: "bundle", by: "identity_name", ...asked }).success).toBe(false);
    expect(exportSchema.parse({ format: "bundle", nonce: "", each: "25" }).sample).toBeNull();
    expect(exportSchema.parse({ format: "csv", ...asked }).sample).toBeNull();
    expect(exportSchema.safeParse({ format: "bundle", nonce: "no" }).success).toBe(false);
  });

  it.each<[string, Record<string, string>]>([
    ["a format that is none", { format: "docx" }],
    ["no format", {}],
    ["a filter that does not fit", { format: "csv", state: "vanished" }],
    ["a misspelt filter", { format: "csv", states: "denied" }],
    ["a period that ends before it begins", { format: "csv", from: "2026-11-30", to: "2026-11-01" }],
  ])("refuses %s, since it would answer another question", (_name, input) => {
    const parsed = exportSchema.safeParse(input);
    expect(parsed.success).toBe(false);
    expect(parsed.error && z.prettifyError(parsed.error)).not.toBe("");
  });
});

describe("the id of a refused ask", () => {
  it("holds its event's number and reads back", () => {
    expect(refusedAskId(1234n)).toBe("00000000-0000-0000-0000-0000000004d2");
    for (const event of [1n, 65_535n, 2n ** 40n, 2n ** 62n]) expect(refusedAskEvent(refusedAskId(event))).toBe(event);
    expect(refusedAskEvent(id)).toBeNull();
  });
});

describe("of which rows the series are asked", () => {
  it("takes the list's own parameters, and refuses what the list would leave out", () => {
    expect(seriesSchema.parse({ state: "denied,refused", to: "2026-11-01" })).toEqual({ ...everything, state: ["denied", "refused"], to: "2026-11-01" });
    for (const input of [{ state: "vanished" }, { states: "denied" }, { from: "2026-11-30", to: "2026-11-01" }]) expect(seriesSchema.safeParse(input).success).toBe(false);
  });
});
