import { beforeAll, describe, expect, it } from "vitest";
import type { PersonActor } from "@/lib/auth/actor";
import { db } from "@/lib/db/client";
import { checkpointNow } from "@/lib/ledger/tree/proofs";
import type { World } from "@/lib/requests/test-world";
import { sampleRank, sampleSeed } from "../sampling";
import type { SampleStrata } from "../types";
import { drawSample } from "./drawing";
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

const issued = async () => (await db.grant.findMany({ where: { activatedAt: { not: null } }, select: { id: true } })).map(({ id }) => id);

describe("a sample of sessions", () => {
  it("is what anybody computes from root, nonce and ids alone", async () => {
    const seed = sampleSeed(root, "dice-246135", "all");
    const expected = (await issued()).map((id) => ({ id, rank: sampleRank(seed, id) })).sort((a, b) => (a.rank < b.rank ? -1 : 1));
    const { sessions, strata } = await draw();
    expect(sessions.map(({ grantId, rank }) => ({ id: grantId, rank }))).toEqual(expected);
    expect(strata).toEqual([{ stratum: "all", seed, population: expected.length }]);
    expect((await draw({ each: 1 })).sessions.map(({ grantId }) => grantId)).toEqual(expected.slice(0, 1).map(({ id }) => id));
  });

  it("takes so many of each stratum, and tells what is in none", async () => {
    const { strata } = await draw({ by: "reason" });
    expect(strata.map(({ stratum, population }) => [stratum, population])).toEqual([["completed", 1], ["not ended", 1]]);
    expect((await draw({ by: "kind" })).strata.map(({ stratum }) => stratum)).toEqual(["jit"]);
  });

  it("knows only what was issued below its checkpoint: what comes later, or ends later, changes nothing", async () => {
    const before = [await draw(), await draw({ by: "reason" })];
    await world.live();
    expect([await draw(), await draw({ by: "reason" })]).toEqual(before);
  });

  it("is an event that says with which nonce and below which checkpoint it was drawn", async () => {
    const { sha256, sessions } = await draw({ nonce: "another-one" });
    const events = await db.$queryRaw<{ body: Uint8Array }[]>`select body from ledger.event where type = 'evidence.sample-drawn' order by id desc limit 1`;
    expect(JSON.parse(Buffer.from(events[0]?.body ?? []).toString("utf8"))).toMatchObject({ data: { nonce: "another-one", root, checkpointSize: size.toString(), drawn: sessions.length, sha256 } });
  });

  it("needs a checkpoint that was signed", async () => {
    expect(await drawSample({ actor: auditor, size: size + 1_000n, nonce: "dice-246135", by: "all", each: 1 })).toEqual({ ok: false, code: "no-checkpoint" });
  });
});
