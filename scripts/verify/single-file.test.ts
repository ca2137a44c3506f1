import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { singleFile, target } from "./single-file.mjs";

const folders = ["scripts/verify", "scripts/verify/core", "scripts/verify/formats"];
const modules = folders.flatMap((folder) => readdirSync(folder).filter((name) => name.endsWith(".mjs")).map((name) => path.join(folder, name)));

describe("the verifier", () => {
  it("imports nothing but itself and Node.js", () => {
    for (const file of modules) {
      const imported = [...readFileSync(file, "utf8").matchAll(/^import .* from "([^"]+)";$|\bimport\("(node:[^"]+)"\)/gm)].map(([, from, dynamic]) => from ?? dynamic ?? "");
      for (const from of imported) expect(from, file).toMatch(/^(node:|\.{1,2}\/)/);
      for (const from of imported.filter((one) => one.startsWith("."))) expect(path.join(path.dirname(file), from), file).toMatch(/^scripts\/verify\//);
    }
  });

  it("is one file in each bundle and for browsers, made anew from these modules (node scripts/verify/single-file.mjs)", () => {
    expect(readFileSync(target, "utf8") === singleFile()).toBe(true);
    expect(singleFile()).not.toMatch(/^\s*(import|export) .* from /m);
  });
});
