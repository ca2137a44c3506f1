import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Canary } from "./needles";

const secret = fc.string({ unit: "grapheme-ascii", minLength: 12, maxLength: 60 });
const around = fc.string({ maxLength: 20 });

function found(value: string, text: string): boolean {
  const canary = new Canary([{ what: "it", value }]);
  canary.search(text, "here");
  return canary.leaks.some(({ what }) => what === "it");
}

describe("a planted secret is found", () => {
  it.each<[string, (value: string) => string]>([
    ["as it is", (value) => value],
    ["as the database shows bytes", (value) => `\\x${Buffer.from(`..${value}..`).toString("hex")}`],
    ["in an address", (value) => `https://x.example/?q=${encodeURIComponent(value)}&r=1`],
    ["in JSON", (value) => JSON.stringify({ nested: [{ value }] })],
    ["in a statement", (value) => `alter role x password '${value.replaceAll("'", "''")}'`],
  ])("%s", (_name, hide) => {
    fc.assert(fc.property(secret, around, around, (value, before, after) => found(value, `${before}${hide(value)}${after}`)));
  });

  it("inside base64, wherever it begins", () => {
    fc.assert(
      fc.property(secret, around, around, fc.constantFrom("base64" as const, "base64url" as const), (value, before, after, encoding) =>
        found(value, Buffer.from(`${before}${value}${after}`).toString(encoding)),
      ),
    );
  });

  it("in bytes that are no text", () => {
    const canary = new Canary([{ what: "it", value: "correct horse battery" }]);
    canary.searchBytes(Buffer.concat([Buffer.of(0xff, 0, 0x80), Buffer.from("correct horse battery"), Buffer.of(0xfe)]), "a file");
    expect(canary.leaks).toEqual([{ what: "it", form: "as it is", where: "a file" }]);
  });

  it("when it is a signed token of which nobody told", () => {
    const canary = new Canary([]);
    canary.search("token=eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJyZXBvIn0.c2lnbmF0dXJlc2lnbmF0dXJl&x", "a log");
    expect(canary.leaks).toHaveLength(1);
  });
});

describe("the search", () => {
  it("finds nothing where nothing is", () => {
    fc.assert(fc.property(secret, fc.string({ maxLength: 10 }), (value, text) => !found(value, text)));
  });

  it("says where and in which form, and never repeats the secret", () => {
    const canary = new Canary([{ what: "password", value: "hunter2-hunter2" }]);
    canary.search("x hunter2-hunter2 y", "table people");
    expect(canary.leaks).toEqual([{ what: "password", form: "as it is", where: "table people" }]);
  });

  it("refuses what is too short to mean anything", () => {
    expect(() => new Canary([{ what: "pin", value: "1234" }])).toThrow("too short");
  });
});
