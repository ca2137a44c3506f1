import { beforeAll, expect, it } from "vitest";
import type { PersonActor } from "@/lib/auth/actor";
import { db } from "@/lib/db/client";
import { fixedClock } from "@/lib/db/transaction";
import { newId } from "@/lib/platform/ids";
import { setScene } from "@/lib/requests/test-target-of-file";
import type { World } from "@/lib/requests/test-world";
import { stageDecision, submitDecisions } from "./decisions";
import { startCampaign } from "./mutations";
import { missOverdue, prepareReview } from "./upkeep";

let world: World;
beforeAll(async () => {
  ({ world } = await setScene());
});

const day = 86_400_000;
const later = (days: number) => new Date(Date.now() + days * day);

/** A campaign over one identity that has a login on the connected target; answers its item. */
async function review(environment: string, onMissed: "freeze" | "rehearse"): Promise<{ identityId: string; itemId: string; owner: PersonActor }> {
  const tag = `t${newId().slice(-8)}`;
  const identityId = await world.identity();
  await db.identity.update({ where: { id: identityId }, data: { tags: [tag], environment } });
  const at = new Date();
  await db.credential.create({ data: { id: newId(), identityId, systemId: world.systemId, handle: tag, targetId: tag, kind: "password", firstSeenAt: at, lastSeenAt: at, facts: {} } });
  const campaign = { name: `Of ${tag}`, scope: `tag=${tag}`, reviewers: ["owner" as const], dueAt: later(7), onMissed, idempotencyKey: newId() };
  const started = await startCampaign(campaign, { actor: world.people.ada });
  if (!started.ok) throw new RangeError(started.code);
  await prepareReview(started.value.reviewId);
  const { id: itemId } = await db.reviewItem.findFirstOrThrow({ where: { reviewId: started.value.reviewId } });
  return { identityId, itemId, owner: world.people.olga };
}

it("a rehearsal is ordered with its undo time in the transaction of the decision, and said on the outcome", async () => {
  const { identityId, itemId, owner } = await review("production", "freeze");
  const details = { undoAfterSeconds: 86_400, openConnections: "cut" as const, undoAtFirstRefusal: true };
  expect(await stageDecision({ actor: owner, itemId, decision: "rehearse", reason: "Who misses it?", until: null, details })).toMatchObject({ ok: true });
  expect(await db.suspension.count({ where: { identityId } }), "staged is not ordered").toBe(0);
  expect(await submitDecisions({ actor: owner, reviewId: null, seen: 1 })).toMatchObject({ ok: true, value: { decided: 1, refused: [] } });
  const suspension = await db.suspension.findFirstOrThrow({ where: { identityId } });
  expect(suspension).toMatchObject({ kind: "rehearsal", state: "ordered", reviewItemId: itemId, openConnections: "cut", undoAtFirstRefusal: true, orderedById: owner.personId });
  expect((suspension.undoAt?.getTime() ?? 0) - suspension.orderedAt.getTime()).toBe(day);
  expect(await db.reviewOutcome.findUniqueOrThrow({ where: { itemId } })).toMatchObject({ decision: "rehearse", suspensionId: suspension.id });
});

it("a missed review that froze grants refuses new requests with words, until somebody decides", async () => {
  const { identityId, itemId, owner } = await review("production", "freeze");
  expect(await world.ask({ sensitivity: "low", identityId })).toMatchObject({ ok: true });
  await missOverdue(fixedClock(later(8)));
  expect(await world.ask({ sensitivity: "medium", identityId })).toMatchObject({ ok: false, code: "review-missed" });
  await stageDecision({ actor: owner, itemId, decision: "keep", reason: "Still needed", until: later(90), details: {} });
  await submitDecisions({ actor: owner, reviewId: null, seen: 1 });
  expect(await world.ask({ sensitivity: "medium", identityId })).toMatchObject({ ok: true });
});

it.each([
  ["test", "escalated"],
  ["production", "escalated"],
])("a missed review rehearses by itself only where neither identity nor system is in production (%s on a production system)", async (environment, consequence) => {
  const { identityId, itemId } = await review(environment, "rehearse");
  await missOverdue(fixedClock(later(8)));
  expect(await db.reviewItem.findUniqueOrThrow({ where: { id: itemId } })).toMatchObject({ state: "missed", consequence });
  expect(await db.suspension.count({ where: { identityId } })).toBe(0);
});

it("a missed review rehearses by itself where an administrator chose it, with an undo time and the first refused login", async () => {
  const { identityId, itemId } = await review("test", "rehearse");
  await db.system.update({ where: { id: world.systemId }, data: { environment: "test" } });
  await missOverdue(fixedClock(later(8)));
  expect(await db.reviewItem.findUniqueOrThrow({ where: { id: itemId } })).toMatchObject({ state: "missed", consequence: "rehearsed" });
  expect(await db.suspension.findFirstOrThrow({ where: { identityId } })).toMatchObject({ kind: "rehearsal", reviewItemId: itemId, orderedById: null, undoAtFirstRefusal: true });
});
