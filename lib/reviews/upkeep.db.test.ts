import { beforeEach, describe, expect, it } from "vitest";
import type { PersonActor } from "@/lib/auth/actor";
import { db } from "@/lib/db/client";
import { fixedClock, inTransaction } from "@/lib/db/transaction";
import { readEventsAbout } from "@/lib/ledger/read";
import { newId } from "@/lib/platform/ids";
import { stageDecision, submitDecisions } from "./decisions";
import { lookAtFollowUps, sayRotated } from "./follow-ups";
import { itemsOf, Organisation } from "./test-organisation";
import { startTriggered, walkTriggers } from "./triggers";
import { dropGone, missOverdue, prepareReview, remindBeforeDue } from "./upkeep";
import { readItem } from "./views/item";
import { readReviewsOf } from "./views/of-identity";
import { readFollowUps } from "./views/progress";

let org: Organisation;
beforeEach(async () => {
  org = await Organisation.found();
});

const day = 86_400_000;
const later = (days: number) => new Date(Date.now() + days * day);
const afterDue = fixedClock(later(8));

async function decide(reviewId: string, name: string, decision: "keep" | "rotate" | "narrow", details = {}): Promise<string> {
  const itemId = (await itemsOf(reviewId)).get(name)?.id ?? "";
  const staged = await stageDecision({ actor: org.owner, itemId, decision, reason: "As agreed", until: later(20), details });
  expect(staged).toMatchObject({ ok: true });
  await submitDecisions({ actor: org.owner, reviewId, seen: 1 });
  return itemId;
}

/** Runs what the worker runs until there is nothing left of it: other tests share the database. */
async function until(work: () => Promise<number>): Promise<void> {
  for (let left = 1; left > 0; ) left = await work();
}

describe("a missed due date", () => {
  it("asks the sponsor, who can still decide; the campaign then waits for a second person", async () => {
    await org.identity("one");
    const reviewId = await org.campaign();
    await until(() => missOverdue(fixedClock(new Date())));
    expect((await itemsOf(reviewId)).get("one")?.state, "not before its time").toBe("open");
    await until(() => missOverdue(afterDue));
    const item = (await itemsOf(reviewId)).get("one");
    expect(item).toMatchObject({ state: "missed", consequence: "escalated" });
    expect(await db.review.findUniqueOrThrow({ where: { id: reviewId } })).toMatchObject({ state: "decided", openCount: 0 });
    const asked = await db.reviewReviewer.findMany({ where: { itemId: item?.id ?? "", isAsked: true }, select: { personId: true } });
    expect(asked.map(({ personId }) => personId)).toContain(org.sponsor.personId);
    await stageDecision({ actor: org.sponsor, itemId: item?.id ?? "", decision: "keep", reason: "Late, but needed", until: later(30), details: {} });
    expect(await submitDecisions({ actor: org.sponsor, reviewId, seen: 1 })).toMatchObject({ ok: true, value: { decided: 1 } });
    const events = await readEventsAbout("review", reviewId);
    expect(events.find(({ type }) => type === "review.item-decided")?.data).toMatchObject({ late: true });
    await until(() => missOverdue(afterDue));
    expect((await readEventsAbout("review", reviewId)).filter(({ type }) => type === "review.item-missed")).toHaveLength(1);
  });

  it("passes by whoever is out of office at that time, unless nobody else is there", async () => {
    const away = async (who: PersonActor) => db.absence.create({ data: { id: newId(), personId: who.personId, fromAt: new Date(), untilAt: new Date((await afterDue.now(db)).getTime() + 1), setAt: new Date() } });
    const askedOf = async (reviewId: string) => {
      await until(() => missOverdue(afterDue));
      const itemId = (await itemsOf(reviewId)).get("one")?.id ?? "";
      return (await db.reviewReviewer.findMany({ where: { itemId, isAsked: true, why: { notIn: ["owner", "backup"] } }, select: { personId: true } })).map(({ personId }) => personId);
    };
    await org.identity("one");
    const { id: absenceId } = await away(org.sponsor);
    const asked = await askedOf(await org.campaign());
    expect(asked).toContain(org.administrator.personId);
    expect(asked).not.toContain(org.sponsor.personId);
    // Everybody else is away, too: the first of the order is asked all the same.
    const administrators = await db.personRole.findMany({ where: { role: "administrator" }, select: { person: { select: { id: true, name: true } } } });
    for (const { person } of administrators) await away({ kind: "person", personId: person.id, name: person.name, roles: [] });
    expect(await askedOf(await org.campaign())).toEqual([org.sponsor.personId]);
    await db.absence.deleteMany({ where: { OR: [{ id: absenceId }, { personId: { in: administrators.map(({ person }) => person.id) } }] } });
  });

  it("freezes new grants where the campaign says so, until somebody decides", async () => {
    const identityId = await org.identity("one");
    const reviewId = await org.campaign({ onMissed: "freeze" });
    await until(() => missOverdue(afterDue));
    expect(await readReviewsOf(identityId, { personId: org.owner.personId, seesAll: false })).toMatchObject({ isFrozen: true });
    await decide(reviewId, "one", "keep");
    expect(await readReviewsOf(identityId, { personId: org.auditor.personId, seesAll: false }), "not on its side").toBeNull();
    expect(await readReviewsOf(identityId, { personId: org.owner.personId, seesAll: false })).toMatchObject({ isFrozen: false, last: [{ decision: "keep" }] });
  });

  it.each(["production", "test"])("never rehearses by itself in production, nor what is known from files only (%s)", async (environment) => {
    const identityId = await org.identity("one", { environment });
    const reviewId = await org.campaign({ onMissed: "rehearse" });
    await until(() => missOverdue(afterDue));
    expect((await itemsOf(reviewId)).get("one")).toMatchObject({ state: "missed", consequence: "escalated" });
    expect(await db.suspension.count({ where: { identityId } })).toBe(0);
  });
});

describe("what was promised", () => {
  it("is overdue after its day, and done when a rotation is seen", async () => {
    const identityId = await org.identity("one");
    const itemId = await decide(await org.campaign(), "one", "rotate");
    await until(() => lookAtFollowUps());
    const follow = async () => (await db.reviewOutcome.findUniqueOrThrow({ where: { itemId }, select: { follow: true } })).follow;
    expect(await follow()).toBe("open");
    await until(() => lookAtFollowUps(fixedClock(later(30))));
    expect(await follow()).toBe("overdue");
    await db.credential.updateMany({ where: { identityId }, data: { rotatedAt: later(1) } });
    await until(() => lookAtFollowUps());
    expect(await follow()).toBe("done");
  });

  it("is a finding once it is overdue, until it is seen", async () => {
    const identityId = await org.identity("one");
    const itemId = await decide(await org.campaign(), "one", "rotate");
    const finding = () => db.finding.findFirst({ where: { identityId, kind: "promise-overdue" }, select: { title: true, closedAt: true } });
    await until(() => lookAtFollowUps());
    expect(await finding(), "its day has not come").toBeNull();
    await until(() => lookAtFollowUps(fixedClock(later(30))));
    expect(await finding()).toMatchObject({ title: expect.stringContaining("the rotation promised in a review") as string, closedAt: null });
    await db.credential.updateMany({ where: { identityId }, data: { rotatedAt: later(1) } });
    await until(() => lookAtFollowUps());
    expect((await finding())?.closedAt).toBeInstanceOf(Date);
    expect(await say(org.owner, itemId)).toMatchObject({ ok: false, code: "seen-already" });
  });

  const say = (actor: PersonActor, itemId: string, reason = "Renewed by hand in the vendor's console") => sayRotated({ actor, itemId, reason, where: "CHG-2204" });

  it("can be said to be done by whoever answers for it: kept as said, neither seen nor overdue, until it is seen", async () => {
    const identityId = await org.identity("one");
    const reviewId = await org.campaign();
    const itemId = await decide(reviewId, "one", "rotate");
    await until(() => lookAtFollowUps(fixedClock(later(30))));
    expect(await say(org.administrator, itemId)).toMatchObject({ ok: false, code: "not-your-identity" });
    expect(await say(org.owner, itemId, `The new one is ghp_${"x9Kq2LmZ".repeat(4)}Ab3d`)).toMatchObject({ ok: false, code: "secret-in-text" });
    expect(await say(org.owner, itemId)).toMatchObject({ ok: true, value: { follow: "said" } });
    expect(await say(org.backup, itemId)).toMatchObject({ ok: false, code: "said-already" });
    const told = (await readEventsAbout("review", reviewId)).find(({ type }) => type === "review.said-rotated");
    expect(told?.data).toEqual({ itemId, wasOverdue: true });
    expect(await db.finding.count({ where: { identityId, kind: "promise-overdue", closedAt: null } })).toBe(0);
    await until(() => lookAtFollowUps(fixedClock(later(60))));
    const view = await readItem(itemId, { personId: org.owner.personId, seesAll: false });
    expect(view).toMatchObject({ viewer: { maySayRotated: false }, outcome: { follow: "said", followDoneAt: null, said: { by: expect.stringContaining("Olga") as string, where: "CHG-2204" } } });
    expect(await readFollowUps(reviewId)).toEqual({ open: 0, overdue: 0, said: 1, done: 0 });
    await db.credential.updateMany({ where: { identityId }, data: { rotatedAt: later(1) } });
    await until(() => lookAtFollowUps());
    expect((await readItem(itemId, { personId: org.owner.personId, seesAll: false }))?.outcome).toMatchObject({ follow: "done", said: { where: "CHG-2204" } });
  });

  it("can be said of a rotation only: what was narrowed shows itself", async () => {
    const { assignmentId } = await org.standing(await org.identity("one"), "medium");
    const itemId = await decide(await org.campaign(), "one", "narrow", { assignmentIds: [assignmentId] });
    expect(await say(org.owner, itemId)).toMatchObject({ ok: false, code: "nothing-promised" });
  });

  it("is done when discovery sees that what was narrowed is gone", async () => {
    const identityId = await org.identity("one");
    const { assignmentId } = await org.standing(identityId, "medium");
    const itemId = await decide(await org.campaign(), "one", "narrow", { assignmentIds: [assignmentId] });
    await until(() => lookAtFollowUps());
    expect((await db.reviewOutcome.findUniqueOrThrow({ where: { itemId } })).follow).toBe("open");
    await db.assignment.update({ where: { id: assignmentId }, data: { endedAt: new Date() } });
    await until(() => lookAtFollowUps());
    expect((await db.reviewOutcome.findUniqueOrThrow({ where: { itemId } })).follow).toBe("done");
  });
});

it("takes out what is gone meanwhile: nobody is asked about nothing", async () => {
  const identityId = await org.identity("one");
  const reviewId = await org.campaign();
  await db.identity.update({ where: { id: identityId }, data: { vanishedAt: new Date() } });
  await until(() => dropGone());
  expect((await itemsOf(reviewId)).get("one")?.state).toBe("void");
  expect((await db.review.findUniqueOrThrow({ where: { id: reviewId } })).state).toBe("decided");
});

it("reminds once, of what is open, before the due date", async () => {
  await org.identity("one");
  const reviewId = await org.campaign();
  await until(() => remindBeforeDue(fixedClock(later(5))));
  await until(() => remindBeforeDue(fixedClock(later(6))));
  const reminders = (await readEventsAbout("review", reviewId)).filter(({ type }) => type === "review.reminded");
  expect(reminders.map(({ data }) => data)).toEqual([{ people: [org.owner.personId], open: 1 }]);
});

describe("a micro-review", () => {
  const microsOf = (identityId: string) => db.review.findMany({ where: { identityId, kind: "micro" }, select: { id: true, trigger: true, state: true } });

  it("comes once for one identity and trigger, however often and from however many workers one looks", async () => {
    const identityId = await org.identity("one");
    expect(await startTriggered([identityId])).toBe(0);
    await db.identity.update({ where: { id: identityId }, data: { wokeAt: new Date(), silenceDays: 120 } });
    const started = await Promise.all([startTriggered([identityId]), startTriggered([identityId]), startTriggered([identityId])]);
    expect(started.reduce((sum, count) => sum + count, 0)).toBe(1);
    expect(await microsOf(identityId)).toMatchObject([{ trigger: "woke" }]);
  });

  it("is over once it is decided, needs no second person, and is not asked again for the same reason", async () => {
    const identityId = await org.identity("one");
    await db.identity.update({ where: { id: identityId }, data: { wokeAt: new Date(), silenceDays: 120 } });
    await startTriggered([identityId]);
    const [micro] = await microsOf(identityId);
    await prepareReview(micro?.id ?? "");
    await decide(micro?.id ?? "", "one", "keep");
    expect(await microsOf(identityId)).toMatchObject([{ state: "complete" }]);
    expect(await startTriggered([identityId])).toBe(0);
  });

  it("asks about a credential older than policy allows, and not again while what was decided holds", async () => {
    const identityId = await org.identity("one");
    await org.credential(identityId, { ageDays: 800 });
    await startTriggered([identityId]);
    const [micro] = await microsOf(identityId);
    expect(micro?.trigger).toBe("credential-old");
    await prepareReview(micro?.id ?? "");
    await decide(micro?.id ?? "", "one", "keep");
    expect(await startTriggered([identityId])).toBe(0);
    expect(await startTriggered([identityId], fixedClock(later(25))), "the keep is over").toBe(1);
  });

  it("asks when it can do more than when it was decided about, and not about what was there already", async () => {
    const identityId = await org.identity("one");
    await org.standing(identityId, "low");
    expect(await startTriggered([identityId]), "never decided about").toBe(0);
    await decide(await org.campaign(), "one", "keep");
    expect(await startTriggered([identityId])).toBe(0);
    await org.standing(identityId, "low");
    expect(await startTriggered([identityId])).toBe(1);
    const [micro] = await microsOf(identityId);
    expect(micro?.trigger).toBe("scope-grew");
  });

  it("asks the new owner once a hand-over is accepted", async () => {
    const identityId = await org.identity("one");
    const handOver = { id: newId(), identityId, place: "owner", leaverId: org.owner.personId, state: "accepted", startedAt: later(-2), endedAt: new Date(), stepSeconds: 60, takenById: org.backup.personId };
    await inTransaction(async (tx) => {
      await tx.handOver.create({ data: handOver });
      await tx.identity.update({ where: { id: identityId }, data: { ownerId: org.backup.personId } });
    });
    await startTriggered([identityId]);
    const [micro] = await microsOf(identityId);
    expect(micro?.trigger).toBe("owner-left");
    const asked = await db.reviewReviewer.findMany({ where: { isAsked: true, item: { reviewId: micro?.id ?? "" } }, select: { personId: true } });
    expect(asked).toEqual([{ personId: org.backup.personId }]);
  });

  it("is found by walking over what changed, place by place", async () => {
    const identityId = await org.identity("one");
    await db.identity.update({ where: { id: identityId }, data: { wokeAt: new Date(), silenceDays: 120, scoredAt: new Date() } });
    const first = await walkTriggers(null);
    expect(first.looked).toBeGreaterThan(0);
    expect(await microsOf(identityId)).toHaveLength(1);
    expect(await walkTriggers(first.place)).toMatchObject({ looked: 0, started: 0 });
  });
});
