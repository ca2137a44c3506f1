import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { db } from "@/lib/db/client";
import { fixedClock } from "@/lib/db/transaction";
import { tellStarted } from "@/lib/notifications/occasions";
import { samplePolicies } from "@/lib/policies/sample";
import { hardCaps } from "@/lib/entitlements/rules";
import { endExpiredGrants } from "@/lib/grants/ending";
import { changeOverMs, extensionStart, joinedFrom, sessionBounds } from "@/lib/grants/rules";
import { withdrawRequest } from "./mutations";
import { setScene } from "./test-target-of-file";
import { putInForce, type World } from "./test-world";
import { readRequestView } from "./views/detail";

let world: World;
beforeAll(async () => {
  ({ world } = await setScene());
});

const request = (id: string) => db.request.findUniqueOrThrow({ where: { id }, include: { grants: true, entitlements: true, stages: true } });
const minutes = (count: number) => count * 60;

describe("several entitlements in one request", () => {
  it("are one decision by the union of their stages, and a grant each", async () => {
    const entitlementIds = [world.entitlement("medium"), world.entitlement("high")];
    const requestId = await world.asked({ entitlementIds });
    const row = await request(requestId);
    expect(row.stages.map(({ source }) => source).sort()).toEqual(["resource-owner", "team:Security"]);
    await world.vote(requestId, world.people.bea);
    expect((await request(requestId)).grants).toEqual([]);
    await world.vote(requestId, world.people.sven);
    const decided = await request(requestId);
    expect(decided.state).toBe("approved");
    const { policy } = (await readRequestView(requestId, world.people.bea)) ?? { policy: [] };
    const names = await db.entitlement.findMany({ where: { id: { in: entitlementIds } }, select: { name: true } });
    expect(policy.filter(({ moment }) => moment === "request").map(({ entitlement }) => entitlement).sort()).toEqual(names.map(({ name }) => name).sort());
    expect((await world.events("request", requestId, "policy.decided")).slice(0, 2).map(({ data }) => data["entitlementId"]).sort()).toEqual([...entitlementIds].sort());
    expect(decided.grants.map(({ entitlementId, state }) => [entitlementId, state]).sort()).toEqual(entitlementIds.map((id) => [id, "ready"]).sort());
  });

  it("are refused together where one of them is held already", async () => {
    const identityId = await world.identity();
    await world.asked({ identityId, sensitivity: "low" });
    const answer = await world.ask({ identityId, entitlementIds: [world.entitlement("low"), world.entitlement("medium")] });
    expect(answer).toMatchObject({ ok: false, code: "already-granted" });
  });
});

describe("a future start", () => {
  it("refuses activation before it, and counts the time to activate from it", async () => {
    const notBefore = new Date(Date.now() + 2 * 3600_000);
    const requestId = await world.asked({ sensitivity: "low", notBefore });
    const grant = await world.grantOf(requestId);
    expect(grant).toMatchObject({ state: "ready", notBefore });
    expect(grant.activateBefore.getTime()).toBe(notBefore.getTime() + hardCaps.low.activationWindowSeconds * 1000);
    expect(await world.activate(grant.id)).toMatchObject({ ok: false, code: "before-its-start" });
    expect((await world.grant(grant.id)).state).toBe("ready");
    expect((await world.events("request", requestId, "request.submitted"))[0]?.data).toMatchObject({ notBefore: notBefore.toISOString() });
  });

  it("is told at the approval with its time, and that it is ready once it can be activated", async () => {
    const { rita } = world.people;
    const told = async (requestId: string) =>
      (await db.inboxItem.findMany({ where: { personId: rita.personId, notice: { link: `/requests/${requestId}` } }, select: { notice: { select: { kind: true, words: true } } }, orderBy: { notice: { id: "asc" } } })).map(({ notice }) => notice);
    const notBefore = new Date(Date.now() + 2 * 3600_000);
    const requestId = await world.asked({ sensitivity: "low", notBefore });
    expect(await told(requestId)).toMatchObject([{ kind: "grant-approved", words: { until: notBefore.toISOString() } }]);
    await tellStarted();
    expect(await told(requestId)).toHaveLength(1);
    const grant = await world.grantOf(requestId);
    await db.grant.update({ where: { id: grant.id }, data: { notBefore: new Date(Date.now() - 1_000) } });
    await tellStarted();
    await tellStarted();
    expect(await told(requestId)).toMatchObject([{ kind: "grant-approved" }, { kind: "grant-ready", words: { until: grant.activateBefore.toISOString() } }]);
  });

  it("is not told as ready where it goes on with a session that somebody ended", async () => {
    const live = await world.live({ sensitivity: "low", durationSeconds: minutes(60) });
    const requestId = await world.asked({ identityId: live.identityId, sensitivity: "low", extendsId: live.requestId });
    const { id } = await world.grantOf(requestId);
    await db.grant.update({ where: { id: live.grantId }, data: { state: "proven", endReason: "ended-by-person" } });
    await db.grant.update({ where: { id }, data: { notBefore: new Date(Date.now() - 1_000) } });
    await tellStarted();
    expect(await world.grant(id)).toMatchObject({ readyToldAt: null });
    await db.grant.update({ where: { id: live.grantId }, data: { endReason: "expired" } });
    await tellStarted();
    expect((await world.grant(id)).readyToldAt).not.toBeNull();
  });

  it("is no later than a request may wait", async () => {
    const answer = await world.ask({ sensitivity: "critical", notBefore: new Date(Date.now() + 25 * 3600_000) });
    expect(answer).toMatchObject({ ok: false, code: "start-too-late" });
  });
});

describe("an extension", () => {
  it("is a new vote, joins where the session before it ends, and outlives it", async () => {
    const live = await world.live({ sensitivity: "medium", durationSeconds: minutes(10) });
    const former = await world.grant(live.grantId);
    const requestId = await world.asked({ identityId: live.identityId, extendsId: live.requestId, durationSeconds: minutes(10) });
    expect(await request(requestId)).toMatchObject({ state: "pending", extendsId: live.requestId, earlierSeconds: 600 });
    await world.vote(requestId, world.people.bea);
    const ready = await world.grantOf(requestId);
    expect(ready).toMatchObject({ state: "ready", continuesId: live.grantId, notBefore: null });
    const activated = await world.activate(ready.id);
    expect(activated).toMatchObject({ ok: true });
    const joined = await world.grant(ready.id);
    expect(joined.notAfter?.getTime()).toBe((former.notAfter?.getTime() ?? 0) + 600_000);
    expect(joined.handleName).not.toBe(former.handleName);
    // The former ends by its own time; the other stays.
    await endExpiredGrants(200, fixedClock(new Date((former.notAfter?.getTime() ?? 0) + 1)));
    expect((await world.grant(live.grantId)).state).toBe("ending");
    expect((await world.grant(ready.id)).state).toBe("active");
  });

  it("is for who holds the live session alone, and one at a time", async () => {
    const live = await world.live({ sensitivity: "medium", durationSeconds: minutes(10) });
    const asking = { identityId: live.identityId, extendsId: live.requestId, durationSeconds: minutes(10) };
    expect(await world.ask({ ...asking, actor: world.people.olga })).toMatchObject({ ok: false, code: "nothing-to-extend" });
    expect(await world.ask({ ...asking, entitlementIds: [world.entitlement("low")] })).toMatchObject({ ok: false, code: "nothing-to-extend" });
    expect(await world.ask({ ...asking, extendsId: undefined })).toMatchObject({ ok: false, code: "already-granted" });
    const requestId = await world.asked(asking);
    expect(await world.ask(asking)).toMatchObject({ ok: false, code: "already-asked", detail: { requestId } });
    await withdrawRequest({ actor: world.people.rita, requestId });
  });

  it("stays within the cumulative cap", async () => {
    const live = await world.live({ sensitivity: "high", durationSeconds: 4 * 3600 });
    await db.request.update({ where: { id: live.requestId }, data: { earlierSeconds: 7 * 3600 } });
    const asking = { identityId: live.identityId, extendsId: live.requestId, sensitivity: "high" } as const;
    expect(await world.ask({ ...asking, durationSeconds: 3601 })).toMatchObject({ ok: false, code: "duration-over-cap", detail: { longestSeconds: 3600 } });
    expect(await world.ask({ ...asking, durationSeconds: 3600 })).toMatchObject({ ok: true });
  });

  it("gives nothing once the session before it was ended by somebody", async () => {
    const live = await world.live({ sensitivity: "low", durationSeconds: minutes(10) });
    const requestId = await world.asked({ identityId: live.identityId, sensitivity: "low", extendsId: live.requestId });
    await db.grant.update({ where: { id: live.grantId }, data: { state: "proven", endReason: "ended-by-person" } });
    expect(await world.activate((await world.grantOf(requestId)).id)).toMatchObject({ ok: false, code: "former-ended" });
  });

  it("is a finding the third time within a day", async () => {
    const identityId = await world.identity();
    let live = await world.live({ identityId, sensitivity: "low", durationSeconds: minutes(5) });
    const findings = () => db.finding.findMany({ where: { kind: "extended-often", identityId } });
    for (const count of [1, 2, 3]) {
      expect(await findings(), `before extension ${count}`).toHaveLength(0);
      live = await world.live({ identityId, sensitivity: "low", durationSeconds: minutes(5), extendsId: live.requestId });
    }
    expect(await findings()).toMatchObject([{ closedAt: null }]);
  });
});

describe("a policy that waives the vote of an extension", () => {
  const waiving = {
    ...samplePolicies,
    "medium-owner-ticket": `
@reason("Whoever owns the resource decides, with a ticket that says why")
@stages("resource-owner:1")
@ticket("required")
@max_duration("8h")
permit (principal, action == Action::"use", resource)
when { resource.sensitivity == Sensitivity::"medium" && !(context has extension) };`,
    "medium-extension-once": `
@reason("What was approved may go on for another while without a vote")
@stages("none")
@max_duration("1h")
permit (principal, action == Action::"use", resource)
when { resource.sensitivity == Sensitivity::"medium" && context has extension && context.extension.earlierSeconds <= 3600 };`,
  };

  it("gives the first one at once, and refuses what it does not speak of", async () => {
    await putInForce(waiving);
    try {
      const live = await world.live({ sensitivity: "medium", durationSeconds: 3600 });
      const asking = { identityId: live.identityId, sensitivity: "medium", durationSeconds: minutes(10) } as const;
      const extended = await world.ask({ ...asking, extendsId: live.requestId });
      expect(extended).toMatchObject({ ok: true, value: { state: "approved" } });
      const requestId = extended.ok ? extended.value.requestId : "";
      expect(await request(requestId)).toMatchObject({ stages: [], earlierSeconds: 3600, extendsId: live.requestId });
      expect((await world.events("request", requestId, "request.approved"))[0]?.data).toMatchObject({ automatically: true });
      expect((await world.events("request", requestId, "policy.decided"))[0]?.data).toMatchObject({ determining: ["medium-extension-once"], entitlementId: world.entitlement("medium") });
      // The one after it would go beyond the hour in a row that policy speaks of.
      const grant = await world.grantOf(requestId);
      await db.grant.update({ where: { id: grant.id }, data: { notBefore: null } });
      expect(await world.activate(grant.id)).toMatchObject({ ok: true });
      expect(await world.ask({ ...asking, extendsId: requestId })).toMatchObject({ ok: false, code: "policy-refuses" });
    } finally {
      await putInForce(samplePolicies);
    }
  });
});

describe("asking again after a denial", () => {
  it("is linked to it, and for who asked alone", async () => {
    const identityId = await world.identity();
    const denied = await world.asked({ identityId });
    await world.vote(denied, world.people.bea, { answer: "deny" });
    expect(await world.ask({ identityId, afterId: denied, actor: world.people.olga })).toMatchObject({ ok: false, code: "nothing-to-ask-again" });
    const requestId = await world.asked({ identityId, afterId: denied, durationSeconds: 1800, idempotencyKey: randomUUID() });
    expect(await request(requestId)).toMatchObject({ afterId: denied, state: "pending" });
    expect((await world.events("request", requestId, "request.submitted"))[0]?.data).toMatchObject({ asksAgain: denied });
    const seen = await readRequestView(requestId, world.people.bea);
    expect(seen?.thread.after).toMatchObject({ requestId: denied, state: "denied", changes: [{ what: "duration", from: "1 h", to: "30 min" }] });
    expect((await readRequestView(denied, world.people.bea))?.thread.askedAgainBy).toMatchObject([{ requestId, state: "pending" }]);
  });
});

describe("the time of sessions that go on with each other", () => {
  const seconds = fc.integer({ min: 60, max: 8 * 3600 });

  it("joins without a gap, gives no time twice, and no credential lives longer than its time and the change-over", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(seconds, fc.double({ min: 0, max: 1, noNaN: true })), { minLength: 1, maxLength: 8 }), (chain) => {
        const begin = new Date("2026-01-01T00:00:00Z");
        let end = begin;
        let total = 0;
        for (const [index, [duration, when]] of chain.entries()) {
          const former = { state: "active" as const, notAfter: end, endReason: null };
          const earliest = index === 0 ? begin : (extensionStart(former, new Date(0)) ?? begin);
          const now = index === 0 ? begin : new Date(earliest.getTime() + Math.floor(when * (changeOverMs - 1)));
          const from = index === 0 ? now : joinedFrom(former, now);
          if (from === "former-ended") throw new TypeError("a live session goes on");
          const { notAfter } = sessionBounds(duration, now, from);
          expect(now.getTime()).toBeLessThanOrEqual(end.getTime());
          expect(notAfter.getTime() - now.getTime()).toBeLessThanOrEqual(duration * 1000 + changeOverMs);
          total += duration * 1000;
          end = notAfter;
        }
        expect(end.getTime() - begin.getTime()).toBe(total);
      }),
    );
  });
});
