import { beforeAll, describe, expect, it } from "vitest";
import { db } from "@/lib/db/client";
import { readLatestEventsAbout } from "@/lib/ledger/read";
import { latestCheckpoint } from "@/lib/ledger/tree/proofs";
import { behindItsBack, growLedger } from "@/lib/ledger/tree/test-ledger";
import { readLedgerWhenDue, readWholeLedger, signCheckpoint } from "./tasks/ledger";

const position = 120;
const eventThere = `(select event_id from ledger.entry where position = ${position})`;
const findings = () => db.finding.findMany({ where: { kind: "ledger-broken" }, orderBy: { openedAt: "asc" } });

beforeAll(async () => {
  await growLedger(400);
  await signCheckpoint();
  await behindItsBack("create schema kept", "create table kept.event as select * from ledger.event");
});

describe("the worker", () => {
  it("signs when the ledger grew, and reads all of it once in a while", async () => {
    const first = await latestCheckpoint();
    expect(first?.size).toBeGreaterThanOrEqual(400n);
    await readLedgerWhenDue();
    await readLedgerWhenDue();
    expect(await db.$queryRaw`select count(*)::int as readings, count(fault)::int as faults from ledger.self_check`).toEqual([{ readings: 1, faults: 0 }]);
    await signCheckpoint();
    expect((await latestCheckpoint())?.size).toBe((first?.size ?? 0n) + 1n);
  });

  it("opens a finding with the position when somebody changed an event, signs nothing, and closes it when the row is back", async () => {
    await behindItsBack(`update ledger.event set body = convert_to('{"forged":true}', 'UTF8') where id = ${eventThere}`);
    await readWholeLedger();
    const [found] = await findings();
    expect(found).toMatchObject({ title: `The ledger is not as it was signed: an event was changed, position ${position}`, closedAt: null });
    const before = await latestCheckpoint();
    await growLedger(5);
    await signCheckpoint();
    await signCheckpoint();
    expect(await latestCheckpoint()).toEqual(before);
    expect(await findings()).toHaveLength(1);
    expect(await readLatestEventsAbout("finding", found?.id ?? "", { without: [], most: 5, before: null })).toMatchObject([{ type: "finding.opened" }]);
    await behindItsBack("update ledger.event e set body = k.body from kept.event k where k.id = e.id");
    await readLedgerWhenDue();
    expect((await findings()).map(({ closedAt }) => closedAt)).toEqual([expect.any(Date)]);
    await signCheckpoint();
    expect((await latestCheckpoint())?.size).toBeGreaterThan(before?.size ?? 0n);
  });
});
