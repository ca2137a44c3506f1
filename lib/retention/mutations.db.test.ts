import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { PersonActor } from "@/lib/auth/actor";
import { db } from "@/lib/db/client";
import { inTransaction } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import { readEventsAbout } from "@/lib/ledger/read";
import { newId } from "@/lib/platform/ids";
import { makePerson } from "@/lib/requests/test-world";
import { countErasable, readHolds } from "./data";
import { changeRetention, eraseDue, liftHold, makeHold } from "./mutations";

let ada: PersonActor;
const dayMs = 86_400_000;

beforeAll(async () => {
  ada = await makePerson("Ada", ["administrator"]);
});

beforeEach(async () => {
  await changeRetention({ actor: ada, days: null });
  for (const { id } of await readHolds()) await liftHold({ actor: ada, holdId: id });
});

/** Something said about a request so many days ago. */
async function said({ by, about, days = 0, text = "because of Rita" }: { by: PersonActor; about?: Record<string, string>; days?: number; text?: string }): Promise<string> {
  const request = newId();
  await inTransaction((tx, now) =>
    appendEvent(tx, { type: "request.commented", at: new Date(now.getTime() - days * dayMs), actor: by, subjects: { request, ...about }, data: { commentId: newId(), kind: "comment" }, clear: { text } }),
  );
  return request;
}

const clearOf = async (request: string) => (await readEventsAbout("request", request)).map(({ clear }) => clear);
const newest = async (type: string) => {
  const rows = await db.$queryRaw<{ body: Uint8Array }[]>`select body from ledger.event where type = ${type} order by id desc limit 1`;
  return rows[0] ? (JSON.parse(Buffer.from(rows[0].body).toString()) as { data: Record<string, unknown>; subjects: Record<string, string> }) : null;
};

describe("names and free text", () => {
  it("are kept for ever until somebody says how long, are counted first, and then erased when their time is over", async () => {
    const [old, young] = [await said({ by: ada, days: 400 }), await said({ by: ada, days: 20 })];
    expect(await eraseDue()).toBe(0);
    const counted = await countErasable(365, new Date());
    expect(counted).toMatchObject({ isMore: false, held: 0 });
    expect(counted.values).toBeGreaterThanOrEqual(1);
    expect(await clearOf(old)).toEqual([{ text: "because of Rita" }]);
    await changeRetention({ actor: ada, days: 365 });
    expect(await newest("retention.changed")).toMatchObject({ data: { fromDays: null, toDays: 365 } });
    expect(await eraseDue()).toBe(counted.values);
    expect(await newest("retention.erased")).toMatchObject({ data: { values: counted.values } });
    expect(await clearOf(old)).toEqual([{}]);
    expect(await clearOf(young)).toEqual([{ text: "because of Rita" }]);
    expect((await countErasable(365, new Date())).values).toBe(0);
  });

  it("stay while they are on hold, and go when it is lifted", async () => {
    const person = await makePerson("Held", ["requester"]);
    const [held, free] = [await said({ by: ada, days: 400, about: { person: person.personId } }), await said({ by: ada, days: 400 })];
    const hold = await makeHold({ actor: ada, about: `person:${person.personId}`, reason: "lawsuit 12" });
    expect(hold.ok).toBe(true);
    expect(await readHolds()).toMatchObject([{ about: "Held", reason: "lawsuit 12", madeBy: "Ada" }]);
    expect(await countErasable(365, new Date())).toMatchObject({ held: 1 });
    await changeRetention({ actor: ada, days: 365 });
    await eraseDue();
    expect([await clearOf(held), await clearOf(free)]).toEqual([[{ text: "because of Rita" }], [{}]]);
    if (hold.ok) await liftHold({ actor: ada, holdId: hold.value.holdId });
    await eraseDue();
    expect(await clearOf(held)).toEqual([{}]);
    expect(await newest("retention.hold-lifted")).not.toBeNull();
  });

  it("all stay while everything is on hold", async () => {
    const request = await said({ by: ada, days: 400 });
    await makeHold({ actor: ada, about: "everything", reason: "investigation" });
    await changeRetention({ actor: ada, days: 30 });
    expect(await eraseDue()).toBe(0);
    expect(await clearOf(request)).toEqual([{ text: "because of Rita" }]);
    expect(await makeHold({ actor: ada, about: `system:${newId()}`, reason: "x" })).toMatchObject({ ok: false, code: "unknown-subject" });
  });
});
