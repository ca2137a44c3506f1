import { beforeAll, describe, expect, it } from "vitest";
import { db } from "@/lib/db/client";
import { newId } from "@/lib/platform/ids";
import { setScene } from "@/lib/requests/test-target-of-file";
import type { World } from "@/lib/requests/test-world";
import { listEvidence, searchChoices } from "./data";
import { evidencePageSchema, readFilter } from "./schema";

let world: World;
let unused: string;
let used: string;
let asked: string;
beforeAll(async () => {
  ({ world } = await setScene());
  unused = (await world.live()).requestId;
  const live = await world.live();
  used = live.requestId;
  asked = await world.asked();
  const source = await db.source.create({ data: { id: newId(), systemId: world.systemId, name: `log ${newId()}`, kind: "log", format: "postgres-jsonlog", lagSeconds: 60, createdAt: new Date() } });
  const at = new Date();
  await db.use.create({ data: { id: newId(), systemId: world.systemId, sourceId: source.id, grantId: live.grantId, kind: "connection", key: newId(), startedAt: at, lastSeenAt: at, source: "postgres-jsonlog", match: "strong" } });
  await db.finding.create({ data: { id: newId(), kind: "ended-late", dedupeKey: newId(), title: "late", detail: {}, controls: [], grantId: live.grantId, openedAt: at } });
  await db.finding.create({ data: { id: newId(), kind: "grant-never-used", dedupeKey: newId(), title: "explained since", detail: {}, controls: [], grantId: live.grantId, openedAt: at, closedAt: at } });
  const { identityId } = await db.request.findUniqueOrThrow({ where: { id: asked } });
  await db.finding.create({ data: { id: newId(), kind: "approver-on-side", dedupeKey: newId(), title: "own side", detail: { requestId: asked }, controls: [], identityId, openedAt: at } });
  await db.finding.create({ data: { id: newId(), kind: "extended-often", dedupeKey: newId(), title: "again and again", detail: {}, controls: [], identityId, openedAt: at } });
  await db.request.update({ where: { id: used }, data: { ticketKey: null } });
  await db.chainCheck.create({ data: { requestId: used, state: "complete", waitsFor: [], lookedAt: at, sealedAt: at } });
  await db.chainCheck.create({ data: { requestId: unused, state: "complete", waitsFor: [], lookedAt: at, sealedAt: at, brokenAt: at } });
  await db.identity.update({ where: { id: live.identityId }, data: { environment: 'odd "name", with {commas\\}', kind: "ai-agent" } });
});

/** Which of the three requests a filter leaves. */
async function left(parameters: Record<string, string | string[]>): Promise<string[]> {
  const { filter, problems } = readFilter(parameters);
  expect(problems).toEqual([]);
  const { rows } = await listEvidence(filter, evidencePageSchema.parse({}));
  const names = new Map([[unused, "unused"], [used, "used"], [asked, "asked"]]);
  return [...new Set(rows.flatMap(({ chainId }) => names.get(chainId) ?? []))].sort();
}

describe("filters of the evidence", () => {
  it.each<[Record<string, string>, string[]]>([
    [{}, ["asked", "unused", "used"]],
    [{ finding: "ended-late" }, ["used"]],
    [{ finding: "grant-never-used" }, []],
    [{ finding: "approver-on-side" }, ["asked"]],
    [{ finding: "approver-on-side,ended-late,extended-often" }, ["asked", "used"]],
    [{ match: "strong,exact" }, ["used"]],
    [{ match: "none" }, ["unused"]],
    [{ match: "none,strong" }, ["unused", "used"]],
    [{ ticket: "no" }, ["used"]],
    [{ ticket: "yes" }, ["asked", "unused"]],
    [{ seal: "complete" }, ["used"]],
    [{ seal: "broken" }, ["unused"]],
    [{ seal: "complete,broken" }, ["unused", "used"]],
    [{ kind: "ai-agent" }, ["used"]],
    [{ emergency: "yes" }, []],
    [{ passkey: "yes" }, []],
    [{ emergency: "no", passkey: "no" }, ["asked", "unused", "used"]],
    [{ seal: "open" }, []],
    [{ seal: "open,broken", from: "2020-01-01" }, ["unused"]],
    [{ seal: "broken", to: "2020-01-01" }, []],
    [{ match: "inferred" }, []],
    [{ unproven: "yes" }, []],
    [{ finding: "ended-late", seal: "broken" }, []],
  ])("%j leave %j", async (parameters, expected) => {
    expect(await left(parameters)).toEqual(expected);
  });

  it("takes environments as they are written, and offers those that there are", async () => {
    expect(await left({ environment: "production" })).toEqual(["asked", "unused"]);
    expect((await searchChoices("environment", "odd")).map(({ label }) => label)).toEqual(['odd "name", with {commas\\}']);
    const { filter } = readFilter({ environment: 'odd "name"' });
    expect(filter.environment).toEqual(['odd "name"']);
  });
});
