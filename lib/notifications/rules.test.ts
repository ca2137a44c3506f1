import { describe, expect, it } from "vitest";
import type { Role } from "@/lib/auth/permissions";
import { defaultPreferences, groupOf, isFinalFailure, mailAt, mayBeTold, mostAttempts, nextMinuteOfDay, pauseMs, retryAfterMs, webhookPauseMs } from "./rules";
import { sayNotice } from "./sentences";
import { noticeKinds, type Concern, type NoticeKind, type Preferences } from "./types";

const at = (text: string) => new Date(text);
const someone = (roles: Role[], concerns: Concern[] = [], hasLeft = false) => ({ roles, concerns: new Set(concerns), hasLeft });

describe("who may be told", () => {
  it.each<[NoticeKind, ReturnType<typeof someone>, boolean]>([
    ["request-to-decide", someone(["approver"], ["asked"]), true],
    ["request-to-decide", someone(["approver"]), false],
    ["request-to-decide", someone(["requester"], ["asked"]), false],
    ["request-to-decide", someone(["administrator"], ["asked"]), false],
    ["request-decided", someone(["requester"], ["asker"]), true],
    ["request-decided", someone(["requester"]), false],
    ["request-decided", someone(["auditor"]), true],
    ["grant-approved", someone(["requester"], ["asker"]), true],
    ["grant-ready", someone(["requester"], ["asker"]), true],
    ["grant-ready", someone(["approver"], ["asked"]), false],
    ["end-stuck", someone(["approver"], ["resource"]), true],
    ["end-stuck", someone(["approver"]), false],
    ["end-stuck", someone(["administrator"]), true],
    ["break-glass-skipped", someone(["approver"]), true],
    ["break-glass-skipped", someone(["requester"]), false],
    ["review-to-decide", someone(["owner"], ["reviewer"]), true],
    ["review-to-decide", someone(["owner"]), false],
    ["hand-over-offered", someone(["approver"], ["offered"]), true],
    ["hand-over-offered", someone(["auditor"], ["offered"]), false],
    ["proposal-waiting", someone(["administrator"]), true],
    ["proposal-waiting", someone(["auditor"]), false],
    ["finding-new", someone(["owner"], ["owner-side"]), true],
    ["finding-new", someone(["owner"]), false],
    ["drill-failed", someone(["approver"], ["self"]), true],
    ["drill-failed", someone(["approver"]), false],
  ])("%s %o: %s", (kind, recipient, told) => {
    expect(mayBeTold(kind, recipient)).toBe(told);
  });

  it.each(noticeKinds)("nobody who left, and nobody without a role, hears of %s", (kind) => {
    const all: Concern[] = ["asker", "side", "asked", "owner-side", "resource", "reviewer", "offered", "self"];
    expect(mayBeTold(kind, someone(["requester", "approver", "owner", "auditor", "administrator"], all, true))).toBe(false);
    expect(mayBeTold(kind, someone([], all))).toBe(false);
  });
});

describe("what a notice says", () => {
  it.each(noticeKinds)("%s reads well with every name and with none", (kind) => {
    const words = { who: "Rita", identity: "deploy-bot", entitlement: "orders: write", system: "orders-db", number: "104", review: "Autumn", place: "owner", what: "raise a limit", outcome: "approved", count: "3", until: "2026-11-22T10:00:00.000Z" };
    for (const said of [sayNotice(kind, words), sayNotice(kind, {})]) {
      expect(said.title).toMatch(/^\S.*\S$/);
      expect(`${said.title} ${said.detail ?? ""}`).not.toMatch(/undefined|null| {2}|: $/);
    }
    expect(sayNotice(kind, {}).until).toBeNull();
  });
});

describe("a wall clock", () => {
  it.each([
    ["tomorrow's hour", "2026-11-22T10:00:00Z", 8 * 60, "UTC", "2026-11-23T08:00:00Z"],
    ["this very minute", "2026-11-22T08:00:00Z", 8 * 60, "UTC", "2026-11-22T08:00:00Z"],
    ["later today, east of Greenwich", "2026-11-22T05:00:00Z", 8 * 60, "Europe/Zurich", "2026-11-22T07:00:00Z"],
    ["over the day put forward: the same hour is an hour earlier", "2026-03-28T12:00:00Z", 8 * 60, "Europe/Zurich", "2026-03-29T06:00:00Z"],
    ["over the day put back: an hour later", "2026-10-24T12:00:00Z", 8 * 60, "Europe/Zurich", "2026-10-25T07:00:00Z"],
    ["a time that never comes is the jump over it", "2026-03-28T23:00:00Z", 2 * 60 + 30, "Europe/Zurich", "2026-03-29T01:00:00Z"],
    ["a time that comes twice is its first coming", "2026-10-24T23:00:00Z", 2 * 60 + 30, "Europe/Zurich", "2026-10-25T00:30:00Z"],
    ["its second coming is not waited for", "2026-10-25T00:45:00Z", 2 * 60 + 30, "Europe/Zurich", "2026-10-26T01:30:00Z"],
    ["west of Greenwich, over midnight UTC", "2026-07-01T03:00:00Z", 7 * 60, "America/New_York", "2026-07-01T11:00:00Z"],
    ["half an hour off", "2026-07-01T00:00:00Z", 9 * 60, "Asia/Kolkata", "2026-07-01T03:30:00Z"],
  ])("%s", (_name, now, minute, timeZone, expected) => {
    expect(nextMinuteOfDay(at(now), minute, timeZone)).toEqual(at(expected));
  });
});

describe("when a mail is sent", () => {
  const wishes = (over: Partial<Preferences> = {}): Preferences => ({ ...defaultPreferences, timeZone: "Europe/Zurich", quiet: { from: 22 * 60, until: 7 * 60 }, ...over });
  const plain = { kind: "request-to-decide", isUrgent: false } as const;

  it.each([
    ["before quiet hours at once", "2026-11-22T20:59:00Z", "2026-11-22T20:59:00Z"],
    ["from their first minute on after them", "2026-11-22T21:00:00Z", "2026-11-23T06:00:00Z"],
    ["after midnight the same morning", "2026-11-23T02:00:00Z", "2026-11-23T06:00:00Z"],
    ["at their end at once", "2026-11-23T06:00:00Z", "2026-11-23T06:00:00Z"],
    ["in the night that is put forward an hour sooner", "2026-03-28T22:00:00Z", "2026-03-29T05:00:00Z"],
    ["in the night that is put back an hour later", "2026-10-24T22:00:00Z", "2026-10-25T06:00:00Z"],
  ])("%s", (_name, now, expected) => {
    expect(mailAt(plain, wishes(), at(now))).toEqual({ at: at(expected), inDigest: false });
  });

  it("urgent and emergency ones wait for nothing, whatever somebody chose", () => {
    const off = wishes({ mail: { decisions: "off", own: "off", trouble: "off", emergency: "off" } });
    const night = at("2026-11-23T02:00:00Z");
    expect(mailAt({ ...plain, isUrgent: true }, off, night)).toEqual({ at: night, inDigest: false });
    for (const kind of noticeKinds.filter((known) => groupOf(known) === "emergency")) expect(mailAt({ kind, isUrgent: false }, off, night)).toEqual({ at: night, inDigest: false });
    expect(mailAt(plain, off, night)).toBeNull();
  });

  it("daily ones come at the person's own hour", () => {
    const daily = wishes({ mail: { ...defaultPreferences.mail, decisions: "daily" }, dailyHour: 9 });
    expect(mailAt(plain, daily, at("2026-11-22T10:00:00Z"))).toEqual({ at: at("2026-11-23T08:00:00Z"), inDigest: true });
  });
});

describe("trying again", () => {
  it("waits four times as long each time, with a fifth of chance, and never longer than a day", () => {
    expect([1, 2, 3, 4].map((attempts) => pauseMs(attempts, 0.5))).toEqual([5_000, 20_000, 80_000, 320_000]);
    expect(pauseMs(1, 0)).toBe(4_000);
    expect(pauseMs(1, 1)).toBe(6_000);
    expect(pauseMs(40, 0.5)).toBe(86_400_000);
  });

  it("gives a receiver the time that it asks for, up to an hour", () => {
    expect(pauseMs(1, 0.5, 60_000)).toBe(60_000);
    expect(pauseMs(1, 0.5, 999_999_999)).toBe(3_600_000);
    expect(retryAfterMs("120", at("2026-11-22T10:00:00Z"))).toBe(120_000);
    expect(retryAfterMs("Sun, 22 Nov 2026 10:01:00 GMT", at("2026-11-22T10:00:00Z"))).toBe(60_000);
    expect(retryAfterMs("soon", at("2026-11-22T10:00:00Z"))).toBeNull();
  });

  it("ends after the last attempt, and at once where trying again changes nothing", () => {
    expect(isFinalFailure("unreachable", mostAttempts - 1)).toBe(false);
    expect(isFinalFailure("unreachable", mostAttempts)).toBe(true);
    for (const code of ["internal-address", "gone", "insecure", "mail-refused"]) expect(isFinalFailure(code, 1)).toBe(true);
  });

  it("leaves a webhook alone after five failures in a row, twice as long each time, up to an hour", () => {
    expect([4, 5, 6, 7, 30].map(webhookPauseMs)).toEqual([null, 60_000, 120_000, 240_000, 3_600_000]);
  });
});
