import { beforeAll, describe, expect, it } from "vitest";
import { db } from "@/lib/db/client";
import { inTransaction } from "@/lib/db/transaction";
import { endGrant, recordAccepted, recordProven } from "@/lib/grants/ending";
import { eraseClearValues } from "@/lib/ledger/erase";
import { sequenceEvents } from "@/lib/ledger/sequence";
import { newId } from "@/lib/platform/ids";
import { setScene } from "@/lib/requests/test-target-of-file";
import type { World } from "@/lib/requests/test-world";
import { listEvidence } from "../data";
import { evidencePageSchema, readFilter, refusedAskEvent } from "../schema";
import { readChain } from "./chain";
import { readRefusedAsk } from "./refused";

let world: World;
beforeAll(async () => {
  ({ world } = await setScene());
});

async function provenWith(stillGiven: Parameters<typeof recordProven>[2]): Promise<string> {
  const { requestId, grantId, user } = await world.live();
  await endGrant({ actor: world.people.rita, grantId, reason: "completed", permitted: () => Promise.resolve(true) });
  await recordAccepted(grantId, { handle: { name: user }, acceptedAt: new Date(), sessionsCut: 0, leftovers: [], alreadyGone: false, statements: null });
  const look = new Date();
  await recordProven(grantId, { dead: true, method: "absent", strength: "absent-from-inventory", lookedAt: [look, look], seenBy: "probe", facts: ["role gone"] }, stillGiven);
  return requestId;
}

describe("a chain", () => {
  it("has its links with the events behind them, in sequence and with names", async () => {
    const requestId = await provenWith([]);
    await sequenceEvents();
    const chain = await readChain(requestId);
    const [newest] = chain?.chains ?? [];
    expect(newest?.links.map(({ key, state }) => `${key} ${state}`)).toEqual(["asked reached", "decided reached", "issued reached", "first-use skipped", "last-use skipped", "ended reached", "proven reached"]);
    const types = (key: string) => newest?.links.find((link) => link.key === key)?.eventIds.map((id) => chain?.events.find((event) => event.id === id)?.type);
    expect(types("asked")).toEqual(["request.submitted"]);
    expect(types("issued")).toEqual(["grant.issuing", "grant.active"]);
    expect(types("ended")).toEqual(["grant.ending", "grant.accepted"]);
    expect(types("proven")).toEqual(["grant.proven"]);
    expect(newest?.links.find(({ key }) => key === "ended")?.who).toBe("Rita");
    expect(chain?.events.every(({ position, leafHash }) => position !== null && /^[0-9a-f]{64}$/.test(leafHash ?? ""))).toBe(true);
    expect(chain?.events[0]?.sentence).toMatch(/^Rita asked for low .* for job /);
  });

  it("tells nothing else from not known", async () => {
    const givenOf = async (id: string) => (await readChain(id))?.chains[0]?.grant?.stillGiven;
    expect(await givenOf(await provenWith([]))).toEqual([]);
    expect(await givenOf(await provenWith(null))).toBeNull();
    expect((await readChain((await world.live()).requestId))?.chains[0]?.grant?.stillGiven).toBeUndefined();
  });

  it("says erased where names and free text are gone, and the event stays as it was", async () => {
    const requestId = await world.asked();
    const before = (await readChain(requestId))?.events[0];
    expect(before?.clear.find(({ field }) => field === "intent")?.value).toContain("Backfill");
    await inTransaction((tx) => eraseClearValues(tx, "request", requestId));
    await db.request.update({ where: { id: requestId }, data: { intent: null } });
    const after = await readChain(requestId);
    expect(after?.intent).toBeNull();
    expect(after?.events[0]?.clear.every(({ value, hash }) => value === null && hash.length === 64)).toBe(true);
    expect(after?.events[0]?.canonical).toBe(before?.canonical);
  });

  it("is there for a denied request, which issued nothing", async () => {
    const requestId = await world.asked({ sensitivity: "high" });
    await world.vote(requestId, world.people.bea, { answer: "deny", reason: "Not like this" });
    const chain = await readChain(requestId);
    expect(chain).toMatchObject({ state: "denied", chains: [{ grant: null }] });
    expect(chain?.stages[0]?.votes[0]).toMatchObject({ name: "Bea", answer: "deny", reason: "Not like this" });
    expect(chain?.chains[0]?.links[2]).toMatchObject({ state: "skipped", note: "denied, so nothing was issued" });
  });

  it("says which stages were asked at the same time, and whose seat a vote took", async () => {
    const { bea, anton } = world.people;
    const requestId = await world.asked({ sensitivity: "high" });
    const { position } = await db.stage.findFirstOrThrow({ where: { requestId }, orderBy: { position: "asc" } });
    const stage = { id: newId(), requestId, position, label: "those who are named", source: "person:x", groups: [], needed: 1, state: "denied" };
    await db.stage.create({ data: stage });
    const vote = { id: newId(), requestId, stageId: stage.id, personId: bea.personId, seatOfId: anton.personId, answer: "deny", requestVersion: 1, durationSeconds: 60, votedAt: new Date() };
    await db.request.update({ where: { id: requestId }, data: { state: "denied", decidedAt: new Date() } });
    for (const seatOfId of [bea.personId, anton.personId]) await db.stageMember.create({ data: { stageId: stage.id, personId: bea.personId, seatOfId, why: "asked", since: new Date() } });
    await db.vote.create({ data: vote });
    const chain = await readChain(requestId);
    expect(chain?.stages.find(({ id }) => id === stage.id)).toMatchObject({ position, asked: 1, votes: [{ name: "Bea", seatOf: "Anton" }] });
    expect(chain?.stages.map((one) => one.position)).toEqual([position, position, position + 1]);
    expect(chain?.chains[0]?.links.find(({ key }) => key === "decided")).toMatchObject({ who: "Bea for Anton" });
  });

  it("is there for an ask that was refused, under the id that the list gives", async () => {
    await world.ask({ identityId: await world.unowned() });
    const { rows } = await listEvidence(readFilter({ state: "refused" }).filter, evidencePageSchema.parse({}));
    const event = refusedAskEvent(rows[0]?.chainId ?? "");
    const chain = event === null ? null : await readRefusedAsk(event);
    expect(chain).toMatchObject({ kind: "refused-ask", state: "refused", code: "policy-refuses", asker: "Rita" });
    expect(chain?.events).toHaveLength(1);
  });

  it("is nothing for an id that nobody has", async () => {
    expect(await readChain(newId())).toBeNull();
    expect(await readRefusedAsk(1n << 60n)).toBeNull();
  });
});

describe("the list of evidence", () => {
  it("pages through everything once, forwards and back", async () => {
    for (let count = 0; count < 60; count += 1) await world.asked();
    const filter = readFilter({ state: "pending" }).filter;
    const first = await listEvidence(filter, evidencePageSchema.parse({}));
    const second = await listEvidence(filter, evidencePageSchema.parse({ after: first.next }));
    const ids = [...first.rows, ...second.rows].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(first.total).toEqual({ count: ids.length, capped: false });
    const back = await listEvidence(filter, evidencePageSchema.parse({ before: second.previous }));
    expect(back.rows.map(({ id }) => id)).toEqual(first.rows.map(({ id }) => id));
  }, 60_000);

  it.each(["not a cursor", "eyJ2IjoxfQ", "x".repeat(3_000)])("opens its first page for a place that is none: %s", async (after) => {
    const page = await listEvidence(readFilter({}).filter, evidencePageSchema.parse({ after }));
    expect(page.previous).toBeNull();
    expect(page.rows.length).toBeGreaterThan(0);
  });
});
