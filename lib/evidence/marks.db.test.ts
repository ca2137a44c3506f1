import { beforeAll, describe, expect, it } from "vitest";
import { db } from "@/lib/db/client";
import { newId } from "@/lib/platform/ids";
import { setScene } from "@/lib/requests/test-target-of-file";
import type { World } from "@/lib/requests/test-world";
import { listEvidence } from "./data";
import { writtenOver } from "./exports/test-export";
import { marksOf } from "./marks";
import { evidencePageSchema, readFilter } from "./schema";
import { readArchive } from "./test-archive";

let world: World;
beforeAll(async () => {
  ({ world } = await setScene());
});

/** The marks of one request, without whose they are. */
async function marks(requestId: string): Promise<string[]> {
  const rows = await db.evidenceMark.findMany({ where: { requestId } });
  const request = await db.request.findUniqueOrThrow({ where: { id: requestId } });
  expect(rows.every(({ askedAt }) => askedAt.getTime() === request.submittedAt.getTime())).toBe(true);
  return rows.map(({ mark }) => mark).sort();
}

async function found(parameters: Record<string, string>): Promise<string[]> {
  const { filter, problems } = readFilter(parameters);
  expect(problems).toEqual([]);
  expect(marksOf(filter)).not.toBeNull();
  return (await listEvidence(filter, evidencePageSchema.parse({}))).rows.map(({ chainId }) => chainId);
}

describe("what is rare of a chain", () => {
  it("is the state of its grant, for as long as it is in it", async () => {
    const { requestId, grantId } = await world.live();
    expect(await marks(requestId)).toEqual([]);
    for (const state of ["ending", "stuck", "expired-unproven"]) {
      await db.grant.update({ where: { id: grantId }, data: { state } });
      expect(await marks(requestId)).toEqual([`grant:${state}`]);
      expect(await found({ unproven: "yes" })).toContain(requestId);
      expect(await found({ grant: state })).toEqual([requestId]);
    }
    await db.grant.update({ where: { id: grantId }, data: { state: "proven" } });
    expect(await marks(requestId)).toEqual([]);
    expect(await found({ unproven: "yes" })).not.toContain(requestId);
  });

  it("is each open finding about a grant or about the whole request, until it is closed", async () => {
    const { requestId, grantId } = await world.live();
    const at = new Date();
    const finding = (kind: string, more: object) => ({ id: newId(), kind, dedupeKey: newId(), title: kind, controls: [], openedAt: at, detail: {}, ...more });
    const [late, again, side] = [finding("ended-late", { grantId }), finding("ended-late", { grantId }), finding("approver-on-side", { detail: { requestId } })];
    await db.finding.createMany({ data: [late, again, side, finding("extended-often", { detail: { requestId: "nobody's" } })] });
    expect(await marks(requestId)).toEqual(["finding:approver-on-side", "finding:ended-late", "finding:ended-late"]);
    expect(await found({ finding: "ended-late,approver-on-side" })).toEqual([requestId]);
    await db.finding.update({ where: { id: late.id }, data: { closedAt: at } });
    expect(await found({ finding: "ended-late" })).toEqual([requestId]);
    await db.finding.update({ where: { id: again.id }, data: { closedAt: at } });
    await db.finding.update({ where: { id: side.id }, data: { detail: { requestId, more: 1 } } });
    expect(await marks(requestId)).toEqual(["finding:approver-on-side"]);
    expect(await found({ finding: "ended-late" })).toEqual([]);
  });

  it("is a seal that is not whole; one that is broken is nothing else", async () => {
    const { requestId } = await world.live();
    const at = new Date();
    await db.chainCheck.create({ data: { requestId, state: "open", waitsFor: [], lookedAt: at } });
    expect(await marks(requestId)).toEqual(["seal:open"]);
    expect(await found({ seal: "open" })).toEqual([requestId]);
    await db.chainCheck.update({ where: { requestId }, data: { state: "complete", sealedAt: at } });
    expect(await marks(requestId)).toEqual([]);
    await db.chainCheck.update({ where: { requestId }, data: { brokenAt: at } });
    expect(await marks(requestId)).toEqual(["seal:broken"]);
    await db.chainCheck.update({ where: { requestId }, data: { state: "open" } });
    expect([await marks(requestId), await found({ seal: "open" }), await found({ seal: "broken" })]).toEqual([["seal:broken"], [], [requestId]]);
  });

  it("is a guess among its uses, also one that finds its session later; what is no guess any more is not found by it", async () => {
    const { requestId, grantId } = await world.live();
    const source = await db.source.create({ data: { id: newId(), systemId: world.systemId, name: `log ${newId()}`, kind: "log", format: "postgres-jsonlog", lagSeconds: 60, createdAt: new Date() } });
    const at = new Date();
    const id = newId();
    await db.use.create({ data: { id, systemId: world.systemId, sourceId: source.id, kind: "connection", key: newId(), startedAt: at, lastSeenAt: at, source: "postgres-jsonlog" } });
    expect(await marks(requestId)).toEqual([]);
    await db.use.update({ where: { id }, data: { grantId, match: "inferred" } });
    expect([await marks(requestId), await found({ match: "inferred" })]).toEqual([["match:inferred"], [requestId]]);
    await db.use.update({ where: { id }, data: { match: "exact" } });
    expect(await found({ match: "inferred" })).toEqual([]);
  });

  it("leads from page to page in the order of asking, each row once, both ways", async () => {
    const requests = [];
    for (let count = 0; count < 4; count += 1) requests.push(await world.live());
    await db.chainCheck.createMany({ data: requests.map(({ requestId }) => ({ requestId, state: "unknowable", waitsFor: [], lookedAt: new Date() })) });
    await db.grant.updateMany({ where: { id: { in: requests.map(({ grantId }) => grantId) } }, data: { state: "forced" } });
    const expected = requests.map(({ requestId }) => requestId).reverse();
    expect(await found({ seal: "unknowable" })).toEqual(expected);
    expect(await found({ grant: "forced,stuck" })).toEqual(expected);
    const { filter } = readFilter({ grant: "forced" });
    const asc = await listEvidence(filter, evidencePageSchema.parse({ sort: "asked" }));
    expect(asc.rows.map(({ chainId }) => chainId)).toEqual(expected.toReversed());
  });

  it("is what a file of it holds, too", async () => {
    const { requestId, grantId } = await world.live();
    const other = await world.live();
    await db.grant.update({ where: { id: grantId }, data: { state: "not-provable" } });
    await db.finding.create({ data: { id: newId(), kind: "use-after-end", dedupeKey: newId(), title: "after", controls: [], openedAt: new Date(), detail: {}, grantId } });
    for (const parameters of [{ grant: "not-provable" }, { unproven: "yes", identity: (await world.grant(grantId)).identityId }, { finding: "use-after-end", from: "2020-01-01" }]) {
      const actor = { ...world.people.ada, roles: ["auditor"] as const };
      const text = readArchive(await writtenOver(actor, readFilter(parameters).filter, "jsonl")).get("chains.jsonl")?.toString("utf8") ?? "";
      expect(text.trim().split("\n").map((line) => (JSON.parse(line) as { request_id: string }).request_id), JSON.stringify(parameters)).toEqual([requestId]);
      expect(text).not.toContain(other.requestId);
    }
  });
});
