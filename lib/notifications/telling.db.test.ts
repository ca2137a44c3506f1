import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { PersonActor } from "@/lib/auth/actor";
import { db } from "@/lib/db/client";
import { fixedClock, inTransaction } from "@/lib/db/transaction";
import { closeFinding, openFinding } from "@/lib/findings/mutations";
import { registerIdentity } from "@/lib/identities/mutations";
import { readEventsAbout } from "@/lib/ledger/read";
import { env } from "@/lib/platform/env";
import { newId } from "@/lib/platform/ids";
import { makePerson } from "@/lib/requests/test-world";
import { countUnread } from "./data";
import { savePreferences } from "./mutations";
import { notify, settleNotices } from "./telling";
import type { NewNotice } from "./types";

let rita: PersonActor;
let anton: PersonActor;
let bea: PersonActor;
let olga: PersonActor;
let ada: PersonActor;
let identityId: string;
beforeAll(async () => {
  rita = await makePerson("Rita", ["requester"]);
  anton = await makePerson("Anton", ["approver"], ["Data"]);
  bea = await makePerson("Bea", ["approver"], ["Data"]);
  olga = await makePerson("Olga", ["owner"]);
  ada = await makePerson("Ada", ["administrator"]);
  for (const { personId, name } of [rita, anton, bea, olga, ada]) await db.person.update({ where: { id: personId }, data: { email: `${name.toLowerCase()}@example.com` } });
  identityId = await registerIdentity({ name: "deploy-bot", kind: "bot", environment: "production", description: null }, { actor: { kind: "system", process: "seed" } });
  vi.spyOn(env, "mail", "get").mockReturnValue({ url: "smtp://127.0.0.1:9", from: "curfew@example.com" });
});

let requestId: string;
beforeEach(async () => {
  const stageId = newId();
  requestId = newId();
  await db.request.create({
    data: {
      id: requestId, requesterId: rita.personId, identityId, purpose: "backfill", durationSeconds: 60, grantedDurationSeconds: 60, state: "pending", submittedAt: new Date(), decideBefore: new Date(Date.now() + 3_600_000),
      stages: { create: { id: stageId, position: 0, label: "Data", source: "team:Data", needed: 1, state: "open" } },
    },
  });
  for (const { personId } of [anton, bea]) await db.stageMember.create({ data: { stageId, personId, seatOfId: personId, why: "asked", since: new Date() } });
});

const words = { who: "Rita", identity: "deploy-bot", entitlement: "orders: write", number: "104" };
const tell = (over: Partial<NewNotice> = {}, at?: Date) =>
  inTransaction((tx, now) => notify(tx, now, { kind: "request-to-decide", people: [anton.personId, bea.personId], subjects: { request: requestId, identity: identityId }, link: `/requests/${requestId}`, words, ...over }), at ? fixedClock(at) : undefined);
const inboxOf = (who: PersonActor) => db.inboxItem.findMany({ where: { personId: who.personId, notice: { about: `request:${requestId}` } }, include: { notice: true }, orderBy: { id: "asc" } });
const mailsTo = (who: PersonActor) => db.delivery.findMany({ where: { personId: who.personId, notice: { about: `request:${requestId}` } }, orderBy: { id: "asc" } });

describe("telling people", () => {
  it("puts one notice into the inbox of each, and orders one mail to each", async () => {
    expect(await tell()).toEqual({ told: expect.arrayContaining([anton.personId, bea.personId]), withheld: [] });
    expect(await inboxOf(anton)).toMatchObject([{ readAt: null, settledAt: null, notice: { kind: "request-to-decide", words, link: `/requests/${requestId}`, isUrgent: false, announcedAt: null } }]);
    expect(await mailsTo(bea)).toMatchObject([{ state: "waiting", inDigest: false, attempts: 0 }]);
  });

  it("tells the same cause to the same person once, however often and by whomever it is told", async () => {
    await Promise.all(Array.from({ length: 8 }, () => tell()));
    expect(await inboxOf(anton)).toHaveLength(1);
    expect(await mailsTo(anton)).toHaveLength(1);
    expect(await db.notice.count({ where: { about: `request:${requestId}` } })).toBe(1);
  });

  it("tells whoever joins later without telling the others again", async () => {
    expect(await tell({ people: [anton.personId] })).toMatchObject({ told: [anton.personId] });
    expect(await tell()).toMatchObject({ told: [bea.personId] });
    expect(await inboxOf(anton)).toHaveLength(1);
  });

  it("tells another cause again: the next stage, the next reminder", async () => {
    await tell({ cause: `${requestId}:0` });
    await tell({ cause: `${requestId}:1` });
    await tell({ kind: "request-reminder" });
    await tell({ kind: "request-reminder" });
    expect(await inboxOf(anton)).toHaveLength(4);
  });

  it("leaves out whoever may not know", async () => {
    expect(await tell({ people: [anton.personId, rita.personId, olga.personId, ada.personId] })).toEqual({ told: [anton.personId], withheld: [rita.personId, olga.personId, ada.personId] });
    expect(await inboxOf(olga)).toEqual([]);
    expect(await mailsTo(rita)).toEqual([]);
  });

  it("leaves out whoever has left", async () => {
    const gone = await makePerson("Gil", ["administrator"]);
    await db.person.update({ where: { id: gone.personId }, data: { leftAt: new Date() } });
    expect(await tell({ kind: "request-decided", people: [gone.personId, rita.personId] })).toEqual({ told: [rita.personId], withheld: [gone.personId] });
  });

  it("is undone with the transaction that did it", async () => {
    await expect(inTransaction(async (tx, now) => {
      await notify(tx, now, { kind: "request-decided", people: [rita.personId], subjects: { request: requestId }, link: `/requests/${requestId}`, words });
      throw new RangeError("undo");
    })).rejects.toThrow("undo");
    expect(await inboxOf(rita)).toEqual([]);
  });

  it.each(["https://evil.example/", "//evil.example/", "/\\evil.example", "requests", "/", "javascript:alert(1)", "/a\nb"])("refuses the link %j", async (link) => {
    await expect(tell({ link })).rejects.toThrow();
  });

  it("keeps names to one line that shows what it is", async () => {
    await tell({ words: { ...words, identity: "deploy\r\nBcc: x\u202Etxt.exe", who: "x".repeat(500) } });
    const [item] = await inboxOf(anton);
    expect(item?.notice.words).toMatchObject({ identity: "deploy Bcc: x txt.exe", who: `${"x".repeat(199)}…` });
  });

  it("of an emergency says on the ledger who was told", async () => {
    await tell({ kind: "break-glass-skipped", people: [anton.personId] });
    const events = await readEventsAbout("request", requestId);
    expect(events).toMatchObject([{ type: "notification.told", data: { kind: "break-glass-skipped", people: [anton.personId] } }]);
    expect(await inboxOf(anton)).toMatchObject([{ notice: { isUrgent: true } }]);
  });

  it("of the demo's past tells nobody, and of its present nobody outside", async () => {
    expect(await tell({ demo: true }, new Date(Date.now() - 10 * 86_400_000))).toEqual({ told: [], withheld: [] });
    await tell({ demo: true });
    expect(await inboxOf(anton)).toHaveLength(1);
    expect(await mailsTo(anton)).toEqual([]);
  });
});

describe("what somebody chose", () => {
  const wishes = { decisions: "at-once", own: "at-once", trouble: "at-once", dailyHour: 8, isQuiet: true, quietFrom: 22 * 60, quietUntil: 7 * 60, timeZone: "Europe/Zurich" } as const;

  it("puts a mail off to the end of the quiet hours, over the night in which the clocks are put forward", async () => {
    await savePreferences({ actor: anton, wishes });
    await tell({}, new Date("2026-03-28T23:30:00Z"));
    expect(await mailsTo(anton)).toMatchObject([{ dueAt: new Date("2026-03-29T05:00:00Z") }]);
    expect(await mailsTo(bea)).toMatchObject([{ dueAt: new Date("2026-03-28T23:30:00Z") }]);
    expect(await inboxOf(anton)).toHaveLength(1);
  });

  it("does not put off an emergency", async () => {
    await savePreferences({ actor: anton, wishes: { ...wishes, decisions: "off", own: "off", trouble: "off" } });
    await tell({ kind: "break-glass-skipped" }, new Date("2026-03-28T23:30:00Z"));
    expect(await mailsTo(anton)).toMatchObject([{ dueAt: new Date("2026-03-28T23:30:00Z"), inDigest: false }]);
  });

  it("keeps what is told daily for the person's own hour, and sends nothing of what is off", async () => {
    await savePreferences({ actor: anton, wishes: { ...wishes, decisions: "daily" } });
    await savePreferences({ actor: bea, wishes: { ...wishes, decisions: "off" } });
    await tell({}, new Date("2026-07-01T12:00:00Z"));
    expect(await mailsTo(anton)).toMatchObject([{ inDigest: true, dueAt: new Date("2026-07-02T06:00:00Z") }]);
    expect(await mailsTo(bea)).toEqual([]);
    expect(await inboxOf(bea)).toHaveLength(1);
  });
});

describe("settling", () => {
  it("takes what is done out of the unread, for one person or for all, and sends no late mail about it", async () => {
    await savePreferences({ actor: anton, wishes: { decisions: "at-once", own: "at-once", trouble: "at-once", dailyHour: 8, isQuiet: false, quietFrom: 0, quietUntil: 0, timeZone: "UTC" } });
    await tell();
    const unread = await countUnread(bea.personId);
    await inTransaction((tx, now) => settleNotices(tx, now, { about: { request: requestId }, personId: bea.personId }));
    expect(await countUnread(bea.personId)).toBe(unread - 1);
    expect(await inboxOf(bea)).toMatchObject([{ settledAt: expect.any(Date), readAt: expect.any(Date) }]);
    expect(await mailsTo(bea)).toMatchObject(await mailsTo(bea).then((mails) => mails.map(() => ({ state: "void" }))));
    expect(await inboxOf(anton)).toMatchObject([{ settledAt: null }]);
    await inTransaction((tx, now) => settleNotices(tx, now, { about: { request: requestId } }));
    expect(await inboxOf(anton)).toMatchObject([{ settledAt: expect.any(Date) }]);
    expect(await mailsTo(anton)).toMatchObject([{ state: "void" }]);
  });

  it("leaves what is only news", async () => {
    await tell({ kind: "request-decided", people: [rita.personId] });
    await inTransaction((tx, now) => settleNotices(tx, now, { about: { request: requestId } }));
    expect(await inboxOf(rita)).toMatchObject([{ settledAt: null, readAt: null }]);
  });
});

describe("a new finding", () => {
  const found = (kind: "credential-after-proof" | "unexplained-credential" | "extended-often", key: string, subjects: { readonly identityId?: string; readonly systemId?: string }) =>
    inTransaction((tx, now) => openFinding(tx, { kind, key, title: `Found ${key}`, detail: {}, subjects, actor: { kind: "system", process: "worker" }, now }));
  const toldOf = async (who: PersonActor) =>
    (await db.inboxItem.findMany({ where: { personId: who.personId, notice: { kind: "finding-new" } }, include: { notice: true }, orderBy: { id: "asc" } })).map(({ notice, settledAt }) => ({ ...notice, isSettled: settledAt !== null }));

  it("is told to the identity's owner side and to administrators, and settled when it is closed", async () => {
    await db.identity.update({ where: { id: identityId }, data: { ownerId: olga.personId, sponsorId: olga.personId } });
    await found("credential-after-proof", "a", { identityId });
    await found("credential-after-proof", "a", { identityId });
    for (const who of [olga, ada]) expect(await toldOf(who)).toMatchObject([{ link: "/findings?kind=credential-after-proof", isUrgent: true, words: { what: "Found a", identity: "deploy-bot" }, isSettled: false }]);
    for (const who of [rita, anton, bea]) expect(await toldOf(who)).toEqual([]);
    await inTransaction((tx, now) => closeFinding(tx, { key: "a", actor: ada, now }));
    for (const who of [olga, ada]) expect(await toldOf(who)).toMatchObject([{ isSettled: true }]);
  });

  it("that no identity explains is told once a day and system, and one that can wait is not told at all", async () => {
    const before = (await toldOf(ada)).length;
    const systemId = newId();
    await db.system.create({ data: { id: systemId, name: systemId, connector: "postgres@1", environment: "production", config: {}, createdAt: new Date() } });
    for (const key of ["b", "c", "d"]) await found("unexplained-credential", key, { systemId });
    await found("extended-often", "e", { identityId });
    expect((await toldOf(ada)).slice(before)).toMatchObject([{ words: { what: "Found b" } }]);
    expect(await toldOf(olga)).toHaveLength(1);
  });
});
