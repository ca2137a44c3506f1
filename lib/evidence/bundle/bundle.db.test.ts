import { readFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { PersonActor } from "@/lib/auth/actor";
import { logVerifierKeys } from "@/lib/ledger/tree/keys";
import { nodePlatform } from "@/scripts/verify/core/node.mjs";
import { verifyBundle } from "@/scripts/verify/core/bundle.mjs";
import { everything, readFilter } from "../schema";
import { exportedFiles } from "../exports/test-export";
import { setBundleScene } from "./test-scene";

let auditor: PersonActor;

beforeAll(async () => {
  ({ auditor } = await setBundleScene());
}, 60_000);

const sourceOf = (bytes: Uint8Array) => ({ size: bytes.length, read: (offset: number, length: number) => Promise.resolve(bytes.slice(offset, offset + length)) });

async function verified(bytes: Uint8Array, keys: readonly string[] = []) {
  return verifyBundle({ source: sourceOf(bytes), platform: await nodePlatform(), keys });
}

describe("a bundle of evidence", () => {
  it("is found to hold by the verifier, which shares no code with its writer", async () => {
    const { bytes } = await exportedFiles(auditor, everything, "bundle");
    const result = await verified(bytes, (await logVerifierKeys()).map(({ vkey }) => vkey));
    expect(result.problems).toEqual([]);
    expect(result.proven).toContain("The checkpoint is signed by the key that you gave.");
    expect(result.proven).toContain("The key that signed the manifest was announced in the log.");
    expect(result.about).toMatchObject({ rows: 7, requests: 6, grants: 2, refusedAsks: 1 });
    expect(result.about["clearValues"]).toBeGreaterThan(5);
  });

  it.each<[string, Record<string, string>]>([
    ["one state", { state: "denied" }],
    ["only refused asks", { state: "refused" }],
    ["a state of the grant", { grant: "active" }],
    ["nothing at all", { from: "2001-01-01", to: "2001-12-31" }],
  ])("holds for %s, with the other events by their hash only", async (_, parameters) => {
    const { bytes } = await exportedFiles(auditor, readFilter(parameters).filter, "bundle");
    const result = await verified(bytes);
    expect(result.problems).toEqual([]);
  });

  it("has the same bytes in a second run over the same, but for the report card and the manifest", async () => {
    const [one, other] = [await exportedFiles(auditor, everything, "bundle"), await exportedFiles(auditor, everything, "bundle")];
    expect([...one.files.keys()]).toEqual([...other.files.keys()]);
    // Asking for an export is an event: the second run stands under a newer checkpoint, over the same entries.
    const moves = /^(report-card\.json|manifest\.dsse\.json|log\/(checkpoint\.txt|range\.json|consistency.*)|keys\/.*\.tlog-proof)$/;
    for (const [name, content] of one.files) {
      if (!moves.test(name)) expect(Buffer.compare(content, other.files.get(name) ?? Buffer.alloc(0)), name).toBe(0);
    }
  });

  it("brings the verifier as it is in the source", async () => {
    const { files } = await exportedFiles(auditor, everything, "bundle");
    expect(files.get("verify/verify.mjs")).toEqual(readFileSync(path.resolve("public/verify.mjs")));
  });
});
