import { beforeAll, describe, expect, it } from "vitest";
import type { PersonActor } from "@/lib/auth/actor";
import { db } from "@/lib/db/client";
import { behindItsBack } from "@/lib/ledger/tree/test-ledger";
import type { World } from "@/lib/requests/test-world";
import { verifyBundle } from "@/scripts/verify/core/bundle.mjs";
import { nodePlatform } from "@/scripts/verify/core/node.mjs";
import { everything, readFilter } from "../schema";
import { exportNow } from "./test-export";
import { EvidenceSnapshot } from "./snapshot";
import { sceneOfChains } from "./test-scene";

let world: World;
let auditor: PersonActor;
let made: Awaited<ReturnType<typeof sceneOfChains>>["made"];

beforeAll(async () => {
  ({ world, auditor, made } = await sceneOfChains());
}, 60_000);

type Card = {
  report_id: string;
  counts: { rows: number; by_state: Record<string, number> };
  redactions: { id: string; fields: string[]; method: string; rows: number; why: string; who_may_see: string }[];
  previous_run: { report_id: string; sha256: string; as_of_ledger_position: string; counts: { rows: number }; differences: { rows: number; by_state: Record<string, number> } } | null;
  sources_of_uses: { kind: string; says: string }[];
};
const cardOf = ({ row }: Awaited<ReturnType<typeof exportNow>>) => JSON.parse(row.card ?? "") as Card;

describe("a report card", () => {
  it("names the run before over the same question and what changed since, and no run over another question", async () => {
    const first = await exportNow(auditor, everything, "csv");
    const other = await exportNow(auditor, readFilter({ state: "denied" }).filter, "csv");
    expect(cardOf(first).previous_run).toBeNull();
    expect(cardOf(other).previous_run).toBeNull();
    await world.asked();
    const second = cardOf(await exportNow(auditor, everything, "jsonl"));
    expect(second.previous_run).toMatchObject({ report_id: first.exportId, sha256: first.row.sha256, as_of_ledger_position: first.row.asOf?.toString(), counts: { rows: 7 } });
    expect(second.previous_run?.differences).toMatchObject({ rows: 1, by_state: { pending: 1 } });
    expect(cardOf(await exportNow(auditor, everything, "csv")).previous_run).toMatchObject({ report_id: second.report_id, differences: { rows: 0, by_state: {} } });
  });

  it("counts the rows in which something is erased, forgotten or not settled, and a bundle's verifier counts the same", async () => {
    const rowsOf = (card: Card) => Object.fromEntries(card.redactions.map(({ id, rows }) => [id, rows]));
    const before = cardOf(await exportNow(auditor, everything, "csv"));
    expect(rowsOf(before)).toMatchObject({ "erased-intent": 0, "erased-vote-reasons": 0, "forgotten-names": 0, "uses-not-settled": 1, secrets: before.counts.rows });
    for (const { why, who_may_see: who, method, fields } of before.redactions) expect([why, who, method, ...fields].every((said) => said.length > 3)).toBe(true);
    await db.request.update({ where: { id: made.pending }, data: { intent: null } });
    await db.$executeRaw`delete from ledger.clear_value where field = 'intent' and event_id in (select event_id from ledger.subject where kind = 'request' and id = ${made.pending}::uuid)`;
    await db.vote.updateMany({ where: { requestId: made.denied }, data: { reason: null } });
    await db.$executeRaw`delete from ledger.clear_value where field = 'reason' and event_id in (select event_id from ledger.subject where kind = 'request' and id = ${made.denied}::uuid)`;
    await db.person.update({ where: { id: world.people.bea.personId }, data: { name: "Forgotten person" } });
    const bundle = await exportNow(auditor, everything, "bundle");
    const after = rowsOf(cardOf(bundle));
    expect(after).toMatchObject({ "erased-intent": 1, "erased-vote-reasons": 1 });
    expect(after["forgotten-names"]).toBeGreaterThan(0);
    const { bytes } = bundle;
    const source = { size: bytes.length, read: (offset: number, length: number) => Promise.resolve(bytes.subarray(offset, offset + length)) };
    expect((await verifyBundle({ source, platform: await nodePlatform() })).problems).toEqual([]);
  });

  it("says of each source of uses what it can say", async () => {
    expect(cardOf(await exportNow(auditor, everything, "csv")).sources_of_uses).toEqual([expect.objectContaining({ kind: "looks", says: expect.stringContaining("never that nothing was") })]);
  });

  it("lists the stretches of positions that are missing", async () => {
    const missing = async () => {
      const snapshot = new EvidenceSnapshot("a test");
      try {
        return (await snapshot.open()).missing;
      } finally {
        await snapshot.close();
      }
    };
    expect(await missing()).toEqual([]);
    await behindItsBack("delete from ledger.entry where position in (0, 4, 5, 6)", "delete from ledger.entry where position = (select size - 1 from ledger.head)");
    const [{ size } = { size: 0n }] = await db.$queryRaw<{ size: bigint }[]>`select size from ledger.head`;
    expect(await missing()).toEqual([{ from: 0, to: 0 }, { from: 4, to: 6 }, { from: Number(size) - 1, to: Number(size) - 1 }]);
  });
});
