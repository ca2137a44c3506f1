import { createHash, createHmac } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { generatePassword, isScramVerifier, makeScramVerifier } from "./scram";

const base64 = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(text, "base64"));
const hmac = (key: Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();

describe("a SCRAM verifier", () => {
  it("authenticates the exchange of RFC 7677 §3", async () => {
    const verifier = await makeScramVerifier("pencil", base64("W22ZaJ0SNY7soEsUEjb6gQ=="));
    const [, salt, stored = "", server = ""] = /:(.*)\$(.*):(.*)$/.exec(verifier) ?? [];
    expect(salt).toBe("W22ZaJ0SNY7soEsUEjb6gQ==");
    const authMessage = [
      "n=user,r=rOprNGfwEbeRWgbNEkqO",
      "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
      "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
    ].join(",");
    const serverSignature = hmac(Buffer.from(server, "base64"), authMessage).toString("base64");
    expect(serverSignature).toBe("6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
    const proof = Buffer.from("dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=", "base64");
    const clientSignature = hmac(Buffer.from(stored, "base64"), authMessage);
    const clientKey = proof.map((byte, index) => byte ^ (clientSignature[index] ?? 0));
    expect(createHash("sha256").update(clientKey).digest("base64")).toBe(stored);
  });

  it("has a salt of its own each time and says nothing of the password", async () => {
    const [one, two] = await Promise.all([makeScramVerifier("same-password"), makeScramVerifier("same-password")]);
    expect(one).not.toBe(two);
    expect(one).not.toContain("same-password");
  });

  it("is made of visible ASCII only, for which SASLprep changes nothing", async () => {
    for (const password of ["", "with space", "pässword", "tab\t", "emoji😀", "\u0000"]) {
      await expect(makeScramVerifier(password)).rejects.toThrow(TypeError);
    }
    await expect(makeScramVerifier("short-salt", new Uint8Array(15))).rejects.toThrow(TypeError);
  });

  it("is recognised when made here, whatever the password and salt", async () => {
    const passwords = fc.string({ minLength: 1, maxLength: 64, unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)) });
    const salts = fc.uint8Array({ minLength: 16, maxLength: 64 }).map((salt) => new Uint8Array(salt));
    await fc.assert(
      fc.asyncProperty(passwords, salts, async (password, salt) => {
        expect(isScramVerifier(await makeScramVerifier(password, salt))).toBe(true);
      }),
      { numRuns: 25 },
    );
  });

  it("is not recognised after any change of its form", async () => {
    const good = await makeScramVerifier("pencil", base64("W22ZaJ0SNY7soEsUEjb6gQ=="));
    const [scheme = "", rest = ""] = good.split("4096:");
    const bad = [
      "",
      "pencil",
      ` ${good}`,
      `${good} `,
      `${good}\n`,
      good.toLowerCase(),
      good.replace("SHA-256", "SHA-1"),
      good.replace("4096", "1"),
      good.replace("4096", "04096"),
      good.replace("4096", "1000000"),
      `${scheme}4096:AAAA$${rest.split("$")[1] ?? ""}`,
      good.replace("W22ZaJ0SNY7soEsUEjb6gQ==", "W22ZaJ0SNY7soEsUEjb6gR=="),
      good.replace("W22ZaJ0SNY7soEsUEjb6gQ==", `${"A".repeat(88)}`),
      good.slice(0, -1),
      `${good.slice(0, -2)}'=`,
      `${good}'; drop role x; --`,
      "md5a6343a68d964ca596d9752250d54bb8a",
    ];
    for (const text of bad) expect(isScramVerifier(text), text).toBe(false);
    expect(isScramVerifier(good)).toBe(true);
  });

  it("is refused at once when it is megabytes of text", () => {
    expect(isScramVerifier(`SCRAM-SHA-256$4096:${"A".repeat(10_000_000)}`)).toBe(false);
  });
});

describe("a generated password", () => {
  it("is long, different each time and safe in a URL and a shell", () => {
    const passwords = Array.from({ length: 500 }, generatePassword);
    expect(new Set(passwords).size).toBe(500);
    for (const password of passwords) {
      expect(password).toMatch(/^[A-Za-z0-9][A-Za-z0-9_-]{42}$/);
      expect(encodeURIComponent(password)).toBe(password);
    }
  });

  it("prefers no letter", () => {
    const counts = new Map<string, number>();
    for (let index = 0; index < 4_000; index += 1) {
      for (const letter of generatePassword().slice(1)) counts.set(letter, (counts.get(letter) ?? 0) + 1);
    }
    expect(counts.size).toBe(64);
    // 168,000 letters, 2,625 each: eight standard deviations either way.
    for (const count of counts.values()) expect(Math.abs(count - 2_625)).toBeLessThan(410);
  });
});
