import { readFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { PersonActor } from "@/lib/auth/actor";
import { readStamp, stampRequest } from "@/lib/checkpoints/stamps/answer";
import { makeAuthority } from "@/lib/checkpoints/stamps/test-authority";
import { inTransaction } from "@/lib/db/transaction";
import { lastSentCheckpoint, logVerifierKeys } from "@/lib/ledger/tree/keys";
import { parseNote } from "@/lib/ledger/tree/note";
import { addStamp, checkpointOf } from "@/lib/ledger/tree/proofs";
import { nodePlatform } from "@/scripts/verify/core/node.mjs";
import { verifyBundle } from "@/scripts/verify/core/bundle.mjs";
import { everything, readFilter } from "../schema";
import { exportedFiles, writtenOver } from "../exports/test-export";
import { readArchive } from "../test-archive";
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

  it("has the same bytes in a second run over the same position, but for the report card and the manifest", async () => {
    const [one, other] = [readArchive(await writtenOver(auditor, everything, "bundle")), readArchive(await writtenOver(auditor, everything, "bundle"))];
    expect([...one.keys()]).toEqual([...other.keys()]);
    const differing = [...one].filter(([name, content]) => Buffer.compare(content, other.get(name) ?? Buffer.alloc(0)) !== 0).map(([name]) => name);
    expect(differing).toEqual(["report-card.json", "manifest.dsse.json"]);
  });

  it("brings the sample that an auditor's nonce draws, each event with a proof of its own", async () => {
    const sample = { nonce: "auditor-nonce-1", count: 2, strata: ["all", "grant_state:proven"] };
    const { bytes, files } = await exportedFiles(auditor, everything, "bundle", sample);
    const result = await verified(bytes);
    expect(result.problems).toEqual([]);
    expect(result.proven.join()).toContain('the nonce "auditor-nonce-1" and the checkpoint before');
    expect([...files.keys()].filter((name) => name.endsWith(".tlog-proof") && name.startsWith("sample/")).length).toBeGreaterThan(8);
  });

  it("is compared with a checkpoint that the reader kept: the one before, its own, or one within the range", async () => {
    const { bytes, files } = await exportedFiles(auditor, everything, "bundle");
    const own = files.get("log/checkpoint.txt") ?? Buffer.alloc(0);
    const before = Buffer.from((files.get("log/consistency-from-previous.txt")?.toString("utf8") ?? "").split("\n\n").slice(1).join("\n\n"));
    for (const checkpoint of [own, before]) {
      const result = await verifyBundle({ source: sourceOf(bytes), platform: await nodePlatform(), checkpoint: new Uint8Array(checkpoint) });
      expect(result.problems).toEqual([]);
      expect(result.proven.join()).toContain("The log is the one of the checkpoint that you gave");
    }
    const stranger = Buffer.from(own.toString("utf8").replace(/[A-Za-z0-9+/]{43}=/, (root) => `${root[0] === "A" ? "B" : "A"}${root.slice(1)}`));
    const refused = await verifyBundle({ source: sourceOf(bytes), platform: await nodePlatform(), checkpoint: new Uint8Array(stranger) });
    expect(refused.first).toMatchObject({ file: "the checkpoint that you gave" });
  });

  it("brings the verifier as it is in the source", async () => {
    const { files } = await exportedFiles(auditor, everything, "bundle");
    expect(files.get("verify/verify.mjs")).toEqual(readFileSync(path.resolve("public/verify.mjs")));
  });

  describe("with time stamps over the checkpoint before", () => {
    const authority = makeAuthority();
    const stamp = async (text: string) => {
      if (!authority) throw new TypeError("no OpenSSL");
      const request = stampRequest(Buffer.from(text, "utf8"));
      const read = readStamp(authority.answer(request.body), request);
      if (!read.ok) throw new TypeError(read.code);
      const before = await lastSentCheckpoint();
      await inTransaction((tx) => addStamp(tx, before?.size ?? 0n, { authority: `https://stamps.example/${text.length}`, token: read.token, stampedAt: read.stampedAt }));
    };

    it.skipIf(!authority)("brings them with the text that they are over, as OpenSSL takes them, and says what it does not prove of them", async () => {
      const before = await checkpointOf((await lastSentCheckpoint())?.size ?? 0n);
      await stamp(parseNote(before?.note ?? "")?.text ?? "");
      const { bytes, files } = await exportedFiles(auditor, everything, "bundle");
      const place = `log/time-stamps/${before?.size}`;
      expect(authority?.isTaken(files.get(`${place}.txt`) ?? Buffer.alloc(0), files.get(`${place}-1.tst`) ?? Buffer.alloc(0))).toBe(true);
      const result = await verified(bytes);
      expect(result.problems).toEqual([]);
      expect(result.proven.join()).toContain("Time stamps (1) in log/time-stamps are over the very text");
      expect(result.notProven.join()).toContain(`-data ${place}.txt`);
    });

    it.skipIf(!authority)("names one that is over something else", async () => {
      await stamp("another text\n");
      const { bytes } = await exportedFiles(auditor, everything, "bundle");
      expect((await verified(bytes)).problems).toEqual([expect.objectContaining({ file: expect.stringMatching(/^log\/time-stamps\/\d+-[12]\.tst$/) as unknown, what: expect.stringContaining("no time stamp over the text") as unknown })]);
    });
  });
});
