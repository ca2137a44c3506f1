import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { db } from "@/lib/db/client";
import { inTransaction } from "@/lib/db/transaction";
import { eraseClearValues } from "@/lib/ledger/erase";
import { writeComment } from "./comments";
import { setScene } from "./test-target-of-file";
import type { World } from "./test-world";
import { readRequestView } from "./views/detail";

let world: World;
beforeAll(async () => {
  ({ world } = await setScene());
});

type Saying = Omit<Parameters<typeof writeComment>[0], "idempotencyKey"> & { readonly idempotencyKey?: string };
const said = (saying: Saying) => writeComment({ idempotencyKey: randomUUID(), ...saying });
const toldAbout = (personId: string) => db.inboxItem.findMany({ where: { personId }, select: { notice: { select: { kind: true } } } });

describe("a question", () => {
  it("goes from who is asked to who asked, stays open, and stops no clock until it is answered", async () => {
    const { bea, rita } = world.people;
    const requestId = await world.asked();
    const before = await db.request.findUniqueOrThrow({ where: { id: requestId } });
    const asked = await said({ actor: bea, requestId, kind: "question", text: "Which orders, and why not the replica?" });
    expect(asked).toMatchObject({ ok: true });
    expect((await toldAbout(rita.personId)).map(({ notice }) => notice.kind)).toContain("request-question");
    expect((await readRequestView(requestId, bea))?.thread).toMatchObject({ openQuestions: 1, mayAskBack: true, mayAnswer: false });
    const answersId = asked.ok ? asked.value.commentId : "";
    expect(await said({ actor: bea, requestId, kind: "answer", answersId, text: "Not mine to answer" })).toMatchObject({ ok: false, code: "not-requester" });
    expect(await said({ actor: rita, requestId, kind: "answer", answersId, text: "Those of spring; the replica lags" })).toMatchObject({ ok: true });
    expect((await toldAbout(bea.personId)).map(({ notice }) => notice.kind)).toContain("request-comment");
    const view = await readRequestView(requestId, bea);
    expect(view?.thread).toMatchObject({ openQuestions: 0, comments: [{ kind: "question", answers: [{ text: "Those of spring; the replica lags" }] }] });
    expect(await db.request.findUniqueOrThrow({ where: { id: requestId } })).toMatchObject({ decideBefore: before.decideBefore, version: before.version });
    expect((await world.told("request", requestId)).filter((type) => type === "request.commented")).toHaveLength(2);
  });

  it("is for who is asked, while the request waits", async () => {
    const { bea, rita, sven } = world.people;
    const requestId = await world.asked();
    expect(await said({ actor: rita, requestId, kind: "question", text: "Who decides?" })).toMatchObject({ ok: false, code: "not-asked" });
    expect(await said({ actor: sven, requestId, kind: "comment", text: "I cannot even see this" })).toMatchObject({ ok: false, code: "unknown-request" });
    await world.vote(requestId, bea);
    expect(await said({ actor: bea, requestId, kind: "question", text: "Too late?" })).toMatchObject({ ok: false, code: "not-pending" });
    expect(await said({ actor: bea, requestId, kind: "comment", text: "Thank you" })).toMatchObject({ ok: true });
  });
});

describe("the same key again", () => {
  it("is the same comment, also when both clicks arrive at once, and tells nobody twice", async () => {
    const { bea, rita } = world.people;
    const requestId = await world.asked();
    const saying = { actor: bea, requestId, kind: "question", text: "Which orders of spring?", idempotencyKey: randomUUID() } as const;
    const before = (await toldAbout(rita.personId)).length;
    const [first, second] = await Promise.all([said(saying), said(saying)]);
    expect(first).toMatchObject({ ok: true });
    expect(second).toEqual(first);
    expect(await said(saying)).toEqual(first);
    expect(await db.requestComment.count({ where: { requestId } })).toBe(1);
    expect((await world.told("request", requestId)).filter((type) => type === "request.commented")).toHaveLength(1);
    expect((await toldAbout(rita.personId)).length).toBe(before + 1);
  });

  it("of somebody else, or on another request, is another comment", async () => {
    const { bea, anton } = world.people;
    const [one, other] = [await world.asked(), await world.asked()];
    const idempotencyKey = randomUUID();
    expect(await said({ actor: bea, requestId: one, kind: "comment", text: "From Bea", idempotencyKey })).toMatchObject({ ok: true });
    expect(await said({ actor: anton, requestId: one, kind: "comment", text: "From Anton", idempotencyKey })).toMatchObject({ ok: true });
    expect(await said({ actor: bea, requestId: other, kind: "comment", text: "Elsewhere", idempotencyKey })).toMatchObject({ ok: false, code: "key-used-elsewhere" });
    expect(await db.requestComment.count({ where: { requestId: { in: [one, other] } } })).toBe(2);
  });
});

describe("what is written", () => {
  it("is stored nowhere where it holds a secret", async () => {
    const requestId = await world.asked();
    const text = "the password is in postgresql://svc:hunter2Xq9@db.internal/orders";
    expect(await said({ actor: world.people.bea, requestId, kind: "comment", text })).toMatchObject({ ok: false, code: "secret-in-text" });
    expect(await db.requestComment.count({ where: { requestId } })).toBe(0);
  });

  it("stands beside its event, where it can be erased, and only as a hash in it", async () => {
    const requestId = await world.asked();
    await said({ actor: world.people.bea, requestId, kind: "comment", text: "About a very particular customer 4711" });
    const [before] = await world.events("request", requestId, "request.commented");
    expect(before?.clear["text"]).toContain("4711");
    expect(Buffer.from(before?.bytes ?? []).toString()).not.toContain("4711");
    await inTransaction((tx) => eraseClearValues(tx, "request", requestId));
    const [after] = await world.events("request", requestId, "request.commented");
    expect(after?.clear).toEqual({});
    expect(after?.hashed).toEqual(before?.hashed);
  });
});
