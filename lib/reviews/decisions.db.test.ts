import { beforeEach, describe, expect, it } from "vitest";
import type { PersonActor } from "@/lib/auth/actor";
import { db } from "@/lib/db/client";
import { fixedClock } from "@/lib/db/transaction";
import { readEventsAbout } from "@/lib/ledger/read";
import { newId } from "@/lib/platform/ids";
import { openItem, stageBatch, stageDecision, submitDecisions, unstageDecision } from "./decisions";
import { acknowledgeReview, cancelReview, startCampaign } from "./mutations";
import { itemsOf, Organisation } from "./test-organisation";
import { prepareReview } from "./upkeep";
import { readItem } from "./views/item";
import { reviewItemsSchema } from "./views/list-schema";
import { listQueue, readBatch, readStaged } from "./views/queue";
import { readReview } from "./views/review";

let org: Organisation;
beforeEach(async () => {
  org = await Organisation.found();
});

const later = (days: number) => new Date(Date.now() + days * 86_400_000);
const anyQuery = { review: undefined, open: undefined, after: null, before: null };
const itemsQuery = reviewItemsSchema.parse({});

async function keep(actor: PersonActor, itemId: string) {
  return stageDecision({ actor, itemId, decision: "keep", reason: "Still needed", until: later(90), details: {} });
}

async function idOf(reviewId: string, name: string): Promise<string> {
  return (await itemsOf(reviewId)).get(name)?.id ?? "";
}

describe("a campaign", () => {
  it("freezes its population: what appears or changes hands later is not in it", async () => {
    await org.identity("one");
    const reviewId = await org.campaign();
    const two = await org.identity("two");
    await db.identity.updateMany({ where: { tags: { has: org.tag } }, data: { ownerId: org.sponsor.personId } });
    const items = await itemsOf(reviewId);
    expect([...items.keys()]).toEqual(["one"]);
    expect(await db.reviewItem.count({ where: { identityId: two } })).toBe(0);
    expect((await listQueue(org.owner.personId, anyQuery)).rows.map(({ identity }) => identity.name)).toEqual(["one"]);
    await expect(db.reviewItem.updateMany({ where: { reviewId }, data: { facts: {} } })).rejects.toThrow("frozen");
  });

  it("asks the next of the side who is here, says who was away, and leaves it there when they are back", async () => {
    await org.identity("one");
    const away = (person: PersonActor, from: number, to: number) =>
      db.absence.create({ data: { id: newId(), personId: person.personId, fromAt: later(from), untilAt: later(to), setAt: new Date() } });
    await away(org.owner, -1, 3);
    await away(org.sponsor, 1, 3);
    const asked = async (reviewId: string) =>
      (await readItem(await idOf(reviewId, "one"), { personId: org.auditor.personId, seesAll: true }))?.reviewers.map(({ id, why, isAsked, awayUntil }) => [id, why, isAsked, awayUntil !== null]);
    const first = await org.campaign();
    const toBackup = [[org.backup.personId, "backup", true, false], [org.owner.personId, "owner", false, true], [org.sponsor.personId, "sponsor", false, false]];
    expect(await asked(first)).toEqual(expect.arrayContaining(toBackup));
    await away(org.backup, -1, 2);
    expect(await asked(await org.campaign())).toEqual(expect.arrayContaining([[org.sponsor.personId, "sponsor", true, false], [org.backup.personId, "backup", false, true]]));
    await away(org.sponsor, -2, 2);
    expect(await asked(await org.campaign()), "nobody of the side is here").toEqual(expect.arrayContaining([[org.owner.personId, "owner", true, true]]));
    await db.absence.deleteMany({ where: { personId: org.owner.personId } });
    expect(await asked(first), "back, and the item stays").toEqual(expect.arrayContaining(toBackup));
    expect(await asked(await org.campaign())).toEqual(expect.arrayContaining([[org.owner.personId, "owner", true, false]]));
  });

  it("asks about nothing empty, and says who cannot be asked before it starts", async () => {
    await org.identity("with a key");
    const empty = await org.identity("empty");
    await db.credential.deleteMany({ where: { identityId: empty } });
    const gone = await org.identity("gone");
    await db.identity.update({ where: { id: gone }, data: { vanishedAt: new Date() } });
    expect([...(await itemsOf(await org.campaign())).keys()]).toEqual(["with a key"]);
    const started = await startCampaign(
      { name: "Nothing", scope: "tag=nowhere", reviewers: ["owner"], dueAt: later(1), onMissed: "escalate", idempotencyKey: crypto.randomUUID() },
      { actor: org.administrator },
    );
    expect(started).toMatchObject({ ok: false, code: "nothing-to-review" });
    expect(await db.review.count({ where: { name: "Nothing" } })).toBe(0);
  });

  it("is one campaign however often the same form is sent", async () => {
    await org.identity("one");
    const command = { name: "Twice", scope: `tag=${org.tag}`, reviewers: ["owner" as const], dueAt: later(1), onMissed: "escalate" as const, idempotencyKey: crypto.randomUUID() };
    const [first, second] = await Promise.all([startCampaign(command, { actor: org.administrator }), startCampaign(command, { actor: org.administrator })]);
    expect(first).toEqual(second);
    expect(await db.review.count({ where: { name: "Twice" } })).toBe(1);
  });

  it("asks the backup where the owner has left, and administrators where nobody is there", async () => {
    const leaver = { ...org.owner };
    await org.identity("left");
    await db.person.update({ where: { id: leaver.personId }, data: { leftAt: new Date() } });
    const nobody = await org.identity("nobody");
    await db.identity.update({ where: { id: nobody }, data: { ownerId: null, backupId: null, sponsorId: null, state: "orphaned" } });
    const reviewId = await org.campaign();
    const asked = await db.reviewReviewer.findMany({ where: { isAsked: true, item: { reviewId } }, select: { why: true, personId: true, item: { select: { identity: { select: { name: true } } } } } });
    expect(asked.filter(({ item }) => item.identity.name === "left")).toMatchObject([{ why: "backup", personId: org.backup.personId }]);
    expect(asked.filter(({ item }) => item.identity.name === "nobody").map(({ why }) => why)).toContain("administrator");
  });

  it("is complete once a second person has acknowledged it, and by nobody of the side", async () => {
    await org.identity("one");
    const reviewId = await org.campaign();
    expect(await acknowledgeReview({ actor: org.auditor, reviewId, note: "Too early" })).toMatchObject({ code: "not-finished" });
    await keep(org.owner, await idOf(reviewId, "one"));
    expect(await submitDecisions({ actor: org.owner, reviewId: null, seen: 1 })).toMatchObject({ ok: true, value: { decided: 1, refused: [], left: 0 } });
    expect(await acknowledgeReview({ actor: org.owner, reviewId, note: "Mine" })).toMatchObject({ code: "reviewer" });
    expect(await acknowledgeReview({ actor: org.sponsor, reviewId, note: "Ours" })).toMatchObject({ code: "own-side" });
    expect(await acknowledgeReview({ actor: org.auditor, reviewId, note: "Looked at all of it" })).toEqual({ ok: true, value: { state: "complete" } });
    const kinds = (await readEventsAbout("review", reviewId)).map(({ type }) => type);
    expect(kinds).toEqual(["review.started", "review.prepared", "review.acknowledge-refused", "review.item-decided", "review.decided", "review.acknowledge-refused", "review.acknowledge-refused", "review.acknowledged"]);
  });

  it("asks nobody any more once it is cancelled", async () => {
    await org.identity("one");
    const reviewId = await org.campaign();
    const itemId = await idOf(reviewId, "one");
    await keep(org.owner, itemId);
    expect(await cancelReview({ actor: org.administrator, reviewId, reason: "The wrong scope" })).toMatchObject({ ok: true, value: { state: "cancelled" } });
    expect((await listQueue(org.owner.personId, anyQuery)).rows).toEqual([]);
    expect(await submitDecisions({ actor: org.owner, reviewId: null, seen: 1 })).toMatchObject({ code: "nothing-staged" });
    expect(await keep(org.owner, itemId)).toMatchObject({ code: "nothing-left" });
    expect(await cancelReview({ actor: org.administrator, reviewId, reason: "Again" })).toMatchObject({ code: "already-closed" });
  });
});

describe("a decision", () => {
  it("counts for nothing until it is submitted, and can be corrected until then", async () => {
    await org.identity("one");
    const reviewId = await org.campaign();
    const itemId = await idOf(reviewId, "one");
    await keep(org.owner, itemId);
    expect(await db.reviewOutcome.count({ where: { itemId } })).toBe(0);
    expect(await stageDecision({ actor: org.owner, itemId, decision: "rotate", reason: "Old key", until: later(30), details: {} })).toMatchObject({ ok: true });
    expect(await readStaged(org.owner.personId, reviewId)).toMatchObject({ total: 1, byDecision: [{ decision: "rotate", count: 1 }] });
    await unstageDecision({ actor: org.owner, itemId });
    expect(await submitDecisions({ actor: org.owner, reviewId: null, seen: 1 })).toMatchObject({ code: "nothing-staged" });
  });

  it("is one, whoever of two is faster; the other is told who decided", async () => {
    await org.identity("one");
    const reviewId = await org.campaign();
    const itemId = await idOf(reviewId, "one");
    await keep(org.owner, itemId);
    await stageDecision({ actor: org.backup, itemId, decision: "rotate", reason: "Old key", until: later(30), details: {} });
    const submitted = await Promise.all([submitDecisions({ actor: org.owner, reviewId: null, seen: 1 }), submitDecisions({ actor: org.backup, reviewId: null, seen: 1 })]);
    expect(submitted.map((answer) => answer.ok && answer.value.decided).sort()).toEqual([0, 1]);
    const outcome = await db.reviewOutcome.findUniqueOrThrow({ where: { itemId }, select: { person: { select: { name: true } } } });
    const refused = submitted.flatMap((answer) => (answer.ok ? answer.value.refused : []));
    expect(refused).toMatchObject([{ code: "already-decided", detail: { by: outcome.person.name } }]);
    expect(await db.reviewDraft.count({ where: { itemId } })).toBe(0);
    await expect(db.reviewOutcome.update({ where: { itemId }, data: { decision: "offboard" } })).rejects.toThrow("never changed");
  });

  it("is refused to whoever is not asked, and where it lacks something", async () => {
    const one = await org.identity("one");
    const { assignmentId } = await org.standing(one, "medium");
    const itemId = await idOf(await org.campaign(), "one");
    expect(await keep(org.auditor, itemId)).toMatchObject({ code: "not-asked" });
    const stage = (decision: "keep" | "narrow" | "rehearse", more: { until?: Date; details?: object; reason?: string } = {}) =>
      stageDecision({ actor: org.owner, itemId, decision, reason: more.reason ?? "Because", until: more.until ?? null, details: more.details ?? {} });
    expect(await stage("keep")).toMatchObject({ code: "until-missing" });
    expect(await stage("keep", { until: later(-1) })).toMatchObject({ code: "until-past" });
    expect(await stage("keep", { until: later(800) })).toMatchObject({ code: "until-too-late" });
    expect(await stage("narrow", { until: later(9) })).toMatchObject({ code: "nothing-chosen" });
    expect(await stage("narrow", { until: later(9), details: { assignmentIds: [crypto.randomUUID()] } })).toMatchObject({ code: "not-held" });
    expect(await stage("narrow", { until: later(9), details: { assignmentIds: [assignmentId] } })).toMatchObject({ ok: true });
    expect(await stage("rehearse", { details: { undoAfterSeconds: 86_400 } })).toMatchObject({ code: "system-cannot" });
    expect(await stage("keep", { until: later(9), reason: `It signs in with ghp_${"x9Kq2LmZ".repeat(4)}Ab3d` })).toMatchObject({ code: "secret-in-text" });
  });

  it("that the target cannot take is refused for its item alone; the rest counts and the event says why", async () => {
    await org.identity("kept");
    await org.identity("rehearsed");
    const reviewId = await org.campaign();
    await keep(org.owner, await idOf(reviewId, "kept"));
    const itemId = await idOf(reviewId, "rehearsed");
    const rehearse = { decision: "rehearse", reason: "Who misses it?", details: { undoAfterSeconds: 86_400, openConnections: "leave" } } as const;
    expect(await stageDecision({ actor: org.owner, itemId, until: null, ...rehearse })).toMatchObject({ code: "system-cannot" });
    // As if its system had still been connected when it was staged.
    await db.reviewDraft.create({ data: { itemId, personId: org.owner.personId, ...rehearse, wasOpened: false, stagedAt: new Date() } });
    expect(await submitDecisions({ actor: org.owner, reviewId, seen: 1 })).toMatchObject({ code: "changed-since-seen" });
    const submitted = await submitDecisions({ actor: org.owner, reviewId, seen: 2 });
    expect(submitted).toMatchObject({ ok: true, value: { decided: 1, left: 1, refused: [{ itemId, name: "rehearsed", code: "system-cannot" }] } });
    expect((await readEventsAbout("review", reviewId)).map(({ type }) => type)).toContain("review.item-refused");
    expect(await readStaged(org.owner.personId, reviewId)).toMatchObject({ total: 1 });
  });

  it("carries how long it took, whether the item was opened, and how many were decided together", async () => {
    await org.identity("one");
    const reviewId = await org.campaign();
    const itemId = await idOf(reviewId, "one");
    expect(await openItem({ actor: org.auditor, itemId })).toBe(false);
    expect(await openItem({ actor: org.owner, itemId })).toBe(true);
    await keep(org.owner, itemId);
    await submitDecisions({ actor: org.owner, reviewId, seen: 1 });
    const event = (await readEventsAbout("review", reviewId)).find(({ type }) => type === "review.item-decided");
    expect(event?.data).toMatchObject({ itemId, decision: "keep", wasOpened: true, batchSize: 1, late: false });
    // How long it took is that person's own: no event carries it, neither by that name nor by another.
    expect(Object.keys(event?.data ?? {}).sort()).toEqual(["assignmentIds", "batchSize", "decision", "itemId", "late", "suspensionId", "until", "wasOpened"]);
    expect(await db.reviewOutcome.findUnique({ where: { itemId }, select: { tookMs: true } })).toMatchObject({ tookMs: expect.any(Number) as number });
    const own = await readReview(reviewId, org.owner, itemsQuery, new Date());
    expect(own?.ownPace).toMatchObject({ decided: 1, keepShare: 1, unopened: 0 });
    const audited = await readReview(reviewId, org.auditor, itemsQuery, new Date());
    expect(audited?.ownPace).toBeNull();
    expect(audited?.pace, "one person's figures are nobody else's").toBeNull();
  });
});

describe("time on screen in the event that ends a campaign", () => {
  const paceOfEnd = async (reviewId: string) => (await readEventsAbout("review", reviewId)).find(({ type }) => type === "review.decided")?.data["pace"];
  const decideAll = async (people: readonly PersonActor[], count: number): Promise<string> => {
    const named = Array.from({ length: count }, (_, index) => ({ name: `item ${index}`, owner: people[index % people.length] ?? org.owner }));
    for (const { name, owner } of named) await org.identity(name, { owner });
    const reviewId = await org.campaign();
    for (const { name, owner } of named) {
      const itemId = await idOf(reviewId, name);
      await openItem({ actor: owner, itemId });
      await keep(owner, itemId);
    }
    for (const actor of people) await submitDecisions({ actor, reviewId, seen: named.filter(({ owner }) => owner === actor).length });
    return reviewId;
  };

  it("is that of five timed decisions by three people at least, and of all of them together", async () => {
    const pace = await paceOfEnd(await decideAll([org.owner, org.backup, org.sponsor], 5));
    expect(pace).toMatchObject({ timed: 5, people: 3, medianMs: expect.any(Number) as number });
  });

  it("is left out where four were timed, and where one person took all of them", async () => {
    expect(await paceOfEnd(await decideAll([org.owner, org.backup, org.sponsor], 4))).toBeNull();
    org = await Organisation.found();
    expect(await paceOfEnd(await decideAll([org.owner], 6))).toBeNull();
  });
});

describe("many at once", () => {
  it("only what is low and unchanged since a keep; the others say why not", async () => {
    for (const name of ["low", "changed", "new"]) await org.identity(name);
    await org.identity("strong", { isPrivileged: true });
    const first = await org.campaign();
    for (const [name, { id, notInBatch }] of await itemsOf(first)) {
      expect(notInBatch).toBe(name === "strong" ? "privileged" : "never-reviewed");
      if (name !== "new") await keep(org.owner, id);
    }
    await submitDecisions({ actor: org.owner, reviewId: first, seen: 3 });
    const changed = await db.identity.findFirstOrThrow({ where: { name: "changed", tags: { has: org.tag } }, select: { id: true } });
    await org.standing(changed.id, "low");
    const second = await org.campaign();
    const items = await itemsOf(second);
    expect(Object.fromEntries([...items].map(([name, { notInBatch }]) => [name, notInBatch]))).toEqual({ low: null, changed: "changed", new: "never-reviewed", strong: "privileged" });
    const batch = await readBatch(org.owner.personId, second);
    expect(batch.ids).toEqual([items.get("low")?.id]);
    expect(batch.obstacles.map(({ why }) => why).sort()).toEqual(["changed", "never-reviewed", "privileged"]);
    const all = [...items.values()].map(({ id }) => id);
    expect(await stageBatch({ actor: org.owner, itemIds: all, reason: "As before", until: later(90) })).toMatchObject({ ok: true, value: { staged: 1, left: 3 } });
    expect(await stageBatch({ actor: org.auditor, itemIds: all, reason: "As before", until: later(90) })).toMatchObject({ code: "nothing-eligible" });
  });
});

it("prepares a review once, however often it is called", async () => {
  await org.identity("one");
  const reviewId = await org.campaign();
  await prepareReview(reviewId, fixedClock(new Date()));
  expect((await readEventsAbout("review", reviewId)).filter(({ type }) => type === "review.prepared")).toHaveLength(1);
});
