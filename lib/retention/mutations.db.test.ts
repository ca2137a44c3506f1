import { createHash } from "node:crypto";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { PersonActor } from "@/lib/auth/actor";
import { db } from "@/lib/db/client";
import { inTransaction } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import { readEventsAbout } from "@/lib/ledger/read";
import { readLedger } from "@/lib/ledger/tree/check";
import { checkpointNow, inclusionProof } from "@/lib/ledger/tree/proofs";
import { leafHash, verifyInclusion } from "@/lib/ledger/tree/merkle";
import { newId } from "@/lib/platform/ids";
import { makePerson } from "@/lib/requests/test-world";
import { countErasable, readForgettable, readHolds } from "./data";
import { changeRetention, eraseDue, forgetPerson, liftHold, makeHold } from "./mutations";

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

describe("a person", () => {
  it("is forgotten with all they wrote and all that is about them, and every proof stays good", async () => {
    const rita = await makePerson("Rita Okafor", ["requester"]);
    await db.person.update({ where: { id: rita.personId }, data: { email: "rita@example.com" } });
    const wrote = await said({ by: rita, text: "Rita was here" });
    const about = await said({ by: ada, about: { person: rita.personId }, text: "about Rita" });
    const other = await said({ by: ada, text: "about nobody" });
    const before = await checkpointNow();
    const [event] = await readEventsAbout("request", wrote);
    const index = event?.position ?? 0n;
    expect(await forgetPerson({ actor: ada, personId: rita.personId })).toMatchObject({ ok: false, code: "still-here" });
    await db.person.update({ where: { id: rita.personId }, data: { leftAt: new Date() } });
    const counted = await readForgettable(rita.personId);
    expect(counted).toMatchObject({ name: "Rita Okafor", isHeld: false });
    expect(await forgetPerson({ actor: ada, personId: rita.personId })).toEqual({ ok: true, value: { values: counted?.values } });
    expect([await clearOf(wrote), await clearOf(about), await clearOf(other)]).toEqual([[{}], [{}], [{ text: "about nobody" }]]);
    expect(await db.person.findUniqueOrThrow({ where: { id: rita.personId } })).toMatchObject({ name: "Forgotten person", email: null, subject: `forgotten:${rita.personId}` });
    expect(await newest("retention.person-forgotten")).toMatchObject({ subjects: { person: rita.personId }, data: { values: counted?.values } });
    // Nothing in the database says the name any more; the event holds its salted hash, and the salt is gone.
    const left = await db.$queryRaw<{ found: number }[]>`select count(*)::int as found from ledger.event where position(convert_to('Rita', 'UTF8') in body) > 0`;
    expect(left).toEqual([{ found: 0 }]);
    const path = await inclusionProof(index, before.size);
    const [after] = await readEventsAbout("request", wrote);
    expect(after?.hashed["text"]).toMatch(/^[0-9a-f]{64}$/);
    expect(after?.hashed["text"]).not.toBe(createHash("sha256").update("Rita was here").digest("hex"));
    expect(verifyInclusion({ leaf: leafHash(after?.bytes ?? new Uint8Array()), index, size: before.size, root: before.root, path })).toBe(true);
    expect((await readLedger()).fault).toBeNull();
    expect(await readForgettable(rita.personId)).toBeNull();
    expect(await forgetPerson({ actor: ada, personId: rita.personId })).toMatchObject({ ok: false, code: "forgotten-already" });
  });

  it("is not forgotten while on hold", async () => {
    const bo = await makePerson("Bo", ["requester"]);
    await said({ by: bo });
    await db.person.update({ where: { id: bo.personId }, data: { leftAt: new Date() } });
    const hold = await makeHold({ actor: ada, about: `person:${bo.personId}`, reason: "lawsuit 13" });
    expect(await readForgettable(bo.personId)).toMatchObject({ isHeld: true });
    expect(await forgetPerson({ actor: ada, personId: bo.personId })).toMatchObject({ ok: false, code: "on-hold" });
    if (hold.ok) await liftHold({ actor: ada, holdId: hold.value.holdId });
    expect(await forgetPerson({ actor: ada, personId: bo.personId })).toMatchObject({ ok: true });
    expect(await forgetPerson({ actor: ada, personId: newId() })).toMatchObject({ ok: false, code: "unknown-person" });
  });
});
