import { beforeAll, describe, expect, it } from "vitest";
import type { PersonActor } from "@/lib/auth/actor";
import { db } from "@/lib/db/client";
import { checkpointNow } from "@/lib/ledger/tree/proofs";
import type { World } from "@/lib/requests/test-world";
import { Draws, sampleList } from "../sampling";
import { everything, readFilter } from "../schema";
import { sampleStrata, type SampleStrata } from "../types";
import { drawSample } from "./drawing";
import { exportedFiles } from "./test-export";
import { sceneOfChains } from "./test-scene";

let world: World;
let auditor: PersonActor;
let size: bigint;
let root: string;

beforeAll(async () => {
  ({ world, auditor } = await sceneOfChains());
  const checkpoint = await checkpointNow();
  size = checkpoint.size;
  root = Buffer.from(checkpoint.root).toString("base64");
}, 60_000);

async function draw(drawing: { nonce?: string; by?: SampleStrata; each?: number } = {}) {
  const drawn = await drawSample({ actor: auditor, size, nonce: "dice-246135", by: "all", each: 10, ...drawing });
  if (!drawn.ok) throw new TypeError(drawn.code);
  return drawn.value;
}

/** The rows of the data file that stand below the checkpoint. */
async function rowsBelow() {
  const { files } = await exportedFiles(auditor, everything, "jsonl");
  const lines = (files.get("chains.jsonl")?.toString("utf8") ?? "").trimEnd().split("\n").map((line) => JSON.parse(line) as Record<string, string | number | null>);
  return lines.filter((row) => Number(row["ledger_first"]) < Number(size));
}

describe("a sample of records", () => {
  it.each(sampleStrata)("is what anybody computes from root, nonce and the rows of the data file alone: %s", async (by) => {
    for (const each of [1, 10]) {
      const drawing = new Draws({ root, nonce: "dice-246135", count: each, strata: [by === "all" ? "all" : `${by}:*`] });
      for (const row of await rowsBelow()) drawing.offer(row);
      const { records, strata } = await draw({ by, each });
      const { draws } = drawing.finish();
      const byHand = draws.flatMap(({ stratum, drawn }) => drawn.map(({ record, rank }) => ({ stratum, record, rank })));
      expect(records.map(({ stratum, record, rank }) => ({ stratum, record, rank }))).toEqual(byHand);
      expect(strata.map(({ stratum, seed }) => ({ stratum, seed }))).toEqual(draws.map(({ stratum, seed }) => ({ stratum, seed })));
    }
  });

  it("is the sample that a bundle of the same nonce, checkpoint and strata brings", async () => {
    const { files } = await exportedFiles(auditor, readFilter({}).filter, "bundle", { nonce: "dice-246135", count: 2, strata: ["record:*"] });
    const { size: inBundle } = JSON.parse(files.get("log/range.json")?.toString("utf8") ?? "") as { size: number };
    const drawn = await drawSample({ actor: auditor, size: BigInt(inBundle), nonce: "dice-246135", by: "record", each: 2 });
    if (!drawn.ok) throw new TypeError(drawn.code);
    const { records, strata } = drawn.value;
    const rankIn = new Map<string, number>();
    const lines = records.map(({ stratum, record, rank }) => {
      rankIn.set(stratum, (rankIn.get(stratum) ?? 0) + 1);
      return `${stratum},${strata.find((one) => one.stratum === stratum)?.seed ?? ""},${rankIn.get(stratum) ?? 0},${record},${rank}`;
    });
    expect(files.get("sample/sample.csv")?.toString("utf8")).toBe(`${["stratum,seed,rank,record,rank_hash", ...lines].join("\n")}\n`);
    expect(sampleList([])).toBe("stratum,seed,rank,record,rank_hash\n");
  });

  it("takes so many of each stratum, names systems, and tells how many there are", async () => {
    const { strata } = await draw({ by: "end_reason" });
    expect(strata.map(({ stratum, population }) => [stratum, population])).toEqual([["end_reason:completed", 1]]);
    expect((await draw({ by: "access_kind" })).strata.map(({ label, population }) => [label, population])).toEqual([["jit", 6]]);
    const system = await db.system.findUniqueOrThrow({ where: { id: world.systemId } });
    expect((await draw({ by: "system_id" })).strata.map(({ label }) => label)).toContain(system.name);
  });

  it("knows only what stands below its checkpoint: what is asked later changes nothing", async () => {
    const before = [await draw(), await draw({ by: "sensitivity" })];
    await world.live();
    expect([await draw(), await draw({ by: "sensitivity" })]).toEqual(before);
  });

  it("is an event that says with which nonce and below which checkpoint it was drawn", async () => {
    const { sha256, records } = await draw({ nonce: "another-one" });
    const events = await db.$queryRaw<{ body: Uint8Array }[]>`select body from ledger.event where type = 'evidence.sample-drawn' order by id desc limit 1`;
    expect(JSON.parse(Buffer.from(events[0]?.body ?? []).toString("utf8"))).toMatchObject({ data: { nonce: "another-one", root, checkpointSize: size.toString(), drawn: records.length, sha256 } });
  });

  it("needs a checkpoint that was signed", async () => {
    expect(await drawSample({ actor: auditor, size: size + 1_000n, nonce: "dice-246135", by: "all", each: 1 })).toEqual({ ok: false, code: "no-checkpoint" });
  });
});
