import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { db } from "@/lib/db/client";
import { fixedClock, inTransaction } from "@/lib/db/transaction";
import { listFindings } from "@/lib/findings/data";
import { findingListSchema } from "@/lib/findings/schema";
import { readEventsAbout } from "@/lib/ledger/read";
import { markLeft } from "@/lib/people/leaving";
import { newId } from "@/lib/platform/ids";
import { makePerson } from "@/lib/requests/test-world";
import { answerShipped, readQuestions } from "./data";
import { askDueQuestions, changeQuestion, keepQuestion, removeQuestion } from "./mutations";

const dayMs = 86_400_000;
type Person = Awaited<ReturnType<typeof makePerson>>;
let aurel: Person;
let ada: Person;
beforeAll(async () => {
  ada = await makePerson("Ada", ["administrator"]);
});
beforeEach(async () => {
  await db.question.deleteMany();
  await db.exportPart.deleteMany();
  aurel = await makePerson("Aurel", ["auditor"]);
});

const terms = { name: "Unproven ends", shared: false, schedule: "monthly", format: "csv" } as const;
const keep = (actor: Person, over: Partial<Parameters<typeof keepQuestion>[0]> = {}) => keepQuestion({ actor, query: { unproven: "yes" }, ...terms, ...over });
const types = async (personId: string) => (await readEventsAbout("person", personId)).map(({ type }) => type).filter((type) => /question|export/.test(type));
const at = (text: string) => fixedClock(new Date(`${text}Z`));

describe("a kept question", () => {
  it("is one's own, has a name once, and is on record", async () => {
    const kept = await keep(aurel);
    expect(kept.ok).toBe(true);
    expect(await keep(aurel)).toMatchObject({ ok: false, code: "name-taken" });
    expect(await readQuestions(aurel.personId)).toMatchObject([{ name: "Unproven ends", isOwn: true, schedule: "monthly", filter: { unproven: "yes" } }]);
    expect(await readQuestions(ada.personId)).toEqual([]);
    const questionId = kept.ok ? kept.value.questionId : "";
    expect(await changeQuestion({ actor: ada, questionId, ...terms })).toMatchObject({ ok: false, code: "question-unknown" });
    expect(await removeQuestion({ actor: ada, questionId })).toMatchObject({ ok: false, code: "question-unknown" });
    expect((await changeQuestion({ actor: aurel, questionId, ...terms, shared: true, schedule: "never" })).ok).toBe(true);
    expect(await readQuestions(ada.personId)).toMatchObject([{ isOwn: false, by: "Aurel", schedule: "never", nextRunAt: null }]);
    expect((await removeQuestion({ actor: aurel, questionId })).ok).toBe(true);
    expect(await types(aurel.personId)).toEqual(["question.kept", "question.kept", "question.removed"]);
  });

  it("is answered by itself only for whoever may export, about a period that is worked out", async () => {
    expect(await keep(ada)).toMatchObject({ ok: false, code: "may-not-export" });
    expect((await keep(ada, { schedule: "never" })).ok).toBe(true);
    expect(await keep(aurel, { query: { from: "2026-01-01" } })).toMatchObject({ ok: false, code: "has-period" });
  });
});

describe("a scheduled question", () => {
  it("is asked once for each period, as an export of its keeper, who is told", async () => {
    await keep(aurel);
    await db.question.updateMany({ data: { nextRunAt: new Date("2026-11-01T02:00:00Z") } });
    expect(await askDueQuestions(50, at("2026-11-01T02:00:01"))).toBe(1);
    expect(await askDueQuestions(50, at("2026-11-01T02:00:02"))).toBe(0);
    const [question] = await readQuestions(aurel.personId);
    expect(question).toMatchObject({ lastPeriod: { from: "2026-10-01", to: "2026-10-31" }, lastRefusal: null, nextRunAt: "2026-12-01T02:00:00.000Z" });
    const made = await db.export.findUniqueOrThrow({ where: { id: question?.lastExportId ?? "" } });
    expect(made).toMatchObject({ personId: aurel.personId, format: "csv", state: "queued", parameters: { filter: { unproven: "yes", from: "2026-10-01", to: "2026-10-31" } } });
    expect(await types(aurel.personId)).toEqual(["question.kept", "evidence.export-requested", "question.asked"]);
    expect(await db.inboxItem.count({ where: { personId: aurel.personId, notice: { kind: "question-asked" } } })).toBe(1);
  });

  it("asks nothing for whoever left or lost the role, and says so", async () => {
    await keep(aurel);
    await db.question.updateMany({ data: { nextRunAt: new Date("2026-11-01T02:00:00Z") } });
    await inTransaction((tx, now) => markLeft(tx, now, { personId: aurel.personId, actor: ada }));
    expect(await askDueQuestions(50, at("2026-11-01T02:00:01"))).toBe(1);
    const row = await db.question.findFirstOrThrow({ where: { personId: aurel.personId } });
    expect(row).toMatchObject({ lastRefusal: "may-not-export", lastExportId: null });
    expect(await db.export.count({ where: { personId: aurel.personId } })).toBe(0);
  });

  it("asks nothing for an auditor who was given an engagement since, nor once that is over", async () => {
    const bound = await makePerson("Bound", ["auditor"]);
    await keep(bound);
    await db.engagement.create({
      data: { id: newId(), personId: bound.personId, since: new Date(Date.now() - 10 * dayMs), until: new Date(Date.now() + 10 * dayMs), fromDay: "2026-01-01", toDay: "2026-01-31", systemIds: [], names: false, reason: "a quarter", givenById: ada.personId },
    });
    for (const endedAt of [null, new Date(Date.now() - dayMs)]) {
      await db.engagement.updateMany({ data: { endedAt } });
      await db.question.updateMany({ where: { personId: bound.personId }, data: { nextRunAt: new Date("2026-11-01T02:00:00Z") } });
      await askDueQuestions(50, at("2026-11-01T02:00:01"));
      expect(await db.question.findFirstOrThrow({ where: { personId: bound.personId } })).toMatchObject({ lastRefusal: "may-not-export", lastExportId: null });
    }
    expect(await db.export.count({ where: { personId: bound.personId } })).toBe(0);
    await db.question.deleteMany({ where: { personId: bound.personId } });
  });

  it("is asked once by workers that race", async () => {
    await keep(aurel);
    await db.question.updateMany({ data: { nextRunAt: new Date("2026-11-01T02:00:00Z") } });
    const asked = await Promise.all(Array.from({ length: 8 }, () => askDueQuestions(50, at("2026-11-01T02:00:01"))));
    expect(asked.reduce((sum, count) => sum + count, 0)).toBe(1);
    expect(await db.export.count({ where: { personId: aurel.personId } })).toBe(1);
  });
});

describe("shipped questions", () => {
  it("are all answered, each where its rows are", async () => {
    const answered = await answerShipped();
    expect(answered.every(({ rows, href }) => rows.count >= 0 && /^\/(evidence|findings)(\?[\w=,&%-]+)?$/.test(href))).toBe(true);
    expect(answered).toHaveLength(30);
    expect(answered.find(({ key }) => key === "cut-short")?.href).toBe("/evidence?reason=abnormal,context-changed,ended-by-person,identity-suspended,owner-left,ticket-closed");
  });

  it("count findings as their list does, those too that somebody looked at", async () => {
    const at = new Date();
    const finding = (more: object) => db.finding.create({ data: { id: newId(), kind: "use-outside-session", dedupeKey: newId(), title: "used", detail: {}, controls: [], openedAt: at, ...more } });
    await finding({});
    await finding({ seenAt: at, seenById: ada.personId, seenReason: "A restore that was announced" });
    await finding({ closedAt: at });
    for (const { href, rows, asks } of (await answerShipped()).filter(({ on }) => on === "findings")) {
      const query = findingListSchema.parse(Object.fromEntries(new URL(href, "http://curfew.example").searchParams));
      expect((await listFindings({ of: "all" }, query)).rows, asks).toHaveLength(rows.count);
    }
    expect((await answerShipped()).find(({ key }) => key === "outside")?.rows.count).toBe(2);
  });
});
