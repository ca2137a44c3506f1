import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { findBreaches } from "./check-structure.mjs";

const made: string[] = [];

async function breachesOf(files: Readonly<Record<string, string>>): Promise<string[]> {
  const root = await mkdtemp(path.join(os.tmpdir(), "curfew-structure-"));
  made.push(root);
  for (const [file, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(root, file)), { recursive: true });
    await writeFile(path.join(root, file), text);
  }
  return findBreaches(root);
}

afterEach(async () => {
  for (const folder of made.splice(0)) await rm(folder, { recursive: true, force: true });
});

const filesIn = (folder: string, count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`${folder}/file-${index}.ts`, ""]));

describe("the structure check", () => {
  it("is content with the house's shape", async () => {
    const files = {
      "lib/grants/rules.ts": "",
      "lib/grants/rules.test.ts": "",
      "lib/grants/activation.ts": "",
      "lib/grants/mutations.db.test.ts": "",
      "lib/policies/cedar.ts": "",
      "lib/requests/views/list.ts": "",
      "lib/imports/formats/github/audit-log.ts": "",
      "lib/connectors/demo/index.ts": "",
      "lib/platform/clock.ts": "",
      "components/ui/button.tsx": "",
      "app/(dashboard)/requests/[requestId]/page.tsx": "",
    };
    expect(await breachesOf(files)).toEqual([]);
  });

  it.each<[string, Record<string, string>, RegExp]>([
    ["another file in a feature", { "lib/grants/service.ts": "" }, /lib\/grants\/service\.ts is not one of/],
    ["another feature's part", { "lib/people/activation.ts": "" }, /lib\/people\/activation\.ts is not one of/],
    ["a folder in a feature", { "lib/grants/rules/one.ts": "" }, /a feature has no folder/],
    ["an unknown folder in lib", { "lib/billing/rules.ts": "" }, /neither a feature nor infrastructure/],
    ["a loose file in lib", { "lib/clock.ts": "" }, /files belong into a feature/],
    ["a name that says nothing", { "lib/platform/utils.ts": "" }, /says nothing/],
    ["helpers with a prefix", { "components/ui/date-helpers.ts": "" }, /says nothing/],
    ["a folder that says nothing", { "components/common/x.tsx": "" }, /says nothing/],
    ["a manager", { "lib/worker/queue-manager.ts": "" }, /says nothing/],
    ["a barrel", { "components/ui/index.ts": "" }, /no index files/],
    ["an index of all connectors", { "lib/connectors/index.ts": "" }, /no index files/],
    ["a name in another case", { "components/ui/Button.tsx": "" }, /kebab-case/],
    ["a file of 401 lines", { "lib/platform/long.ts": "\n".repeat(401) }, /401 lines/],
    ["a folder of 16 files", filesIn("components/ui", 16), /holds 16 files/],
  ])("refuses %s", async (_, files, words) => {
    expect((await breachesOf(files)).join("\n")).toMatch(words);
  });

  it("does not count tests", async () => {
    const tests = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`lib/platform/x${index}.test.ts`, "\n".repeat(500)]));
    expect(await breachesOf(tests)).toEqual([]);
  });
});
