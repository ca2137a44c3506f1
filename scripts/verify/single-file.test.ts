import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { singleFile, writeSingleFile } from "./single-file.mjs";

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

  it("is one file in each bundle and for browsers, made of these modules by whatever starts the product, and it runs alone", () => {
    expect(singleFile()).not.toMatch(/^\s*(import|export) .* from /m);
    const folder = mkdtempSync(path.join(os.tmpdir(), "curfew-single-"));
    const file = path.join(folder, "verify.mjs");
    writeFileSync(file, "// an older one");
    writeSingleFile(file);
    const { mtimeMs } = statSync(file);
    writeSingleFile(file);
    expect(statSync(file).mtimeMs).toBe(mtimeMs);
    expect(readFileSync(file, "utf8") === singleFile()).toBe(true);
    expect(readdirSync(folder)).toEqual(["verify.mjs"]);
    writeFileSync(path.join(folder, "empty.zip"), "");
    const said = spawnSync(process.execPath, ["verify.mjs", "empty.zip"], { cwd: folder, encoding: "utf8" });
    expect(said.stdout).toContain("The bundle does not hold.");
    expect(said.status).toBe(1);
    rmSync(folder, { recursive: true });
  });

  it("is in no commit: a copy of it would be believed while its modules moved on", () => {
    expect(readFileSync(".gitignore", "utf8").split("\n")).toContain("public/verify.mjs");
  });
});
