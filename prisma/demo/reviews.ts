import { randomUUID } from "node:crypto";
import type { PersonActor } from "@/lib/auth/actor";
import type { Role } from "@/lib/auth/permissions";
import { db } from "@/lib/db/client";
import { fixedClock } from "@/lib/db/transaction";
import { stageDecision, submitDecisions } from "@/lib/reviews/decisions";
import { acknowledgeReview, startCampaign } from "@/lib/reviews/mutations";
import { startTriggered } from "@/lib/reviews/triggers";
import { prepareReview } from "@/lib/reviews/upkeep";
import type { DemoCatalogue } from "./catalogue";
import type { DemoPeople } from "./people";

const day = 86_400_000;
const everybody = ["owner", "backup", "sponsor"] as const;

type World = { readonly people: DemoPeople; readonly catalogue: DemoCatalogue };

/**
 * A campaign of last month that is complete, one that runs and is half done, and an identity that woke after long silence:
 * so that the owner's first visit finds something to decide, with what was decided before.
 */
export async function seedReviews(world: World, now: Date): Promise<void> {
  const at = (days: number) => new Date(now.getTime() + days * day);
  const scope = `team=${world.people.team("Platform")}`;
  const earlier = await campaign(world, { name: "Platform, October", scope, from: at(-35), until: at(-21) });
  for (const subject of ["owner", "ines"]) await keepAll(world, subject, { reviewId: earlier, now: at(-30), until: at(60), reason: "Still in use, as the team's list of jobs says" });
  await acknowledgeReview({ actor: await person(world, "auditor", "auditor"), reviewId: earlier, note: "Compared with the team's list of jobs", clock: fixedClock(at(-29)) });
  const running = await campaign(world, { name: "Platform, November", scope, from: at(-5), until: at(9) });
  await keepAll(world, "ines", { reviewId: running, now: at(-3), until: at(170), reason: "Runs in production every day" });
  const woken = world.catalogue.identity("legacy_etl");
  await db.identity.update({ where: { id: woken }, data: { wokeAt: at(-1), silenceDays: 74, scoredAt: null } });
  await startTriggered([woken]);
}

type Span = { readonly name: string; readonly scope: string; readonly from: Date; readonly until: Date };

async function campaign(world: World, { name, scope, from, until }: Span): Promise<string> {
  const started = await startCampaign(
    { name, scope, reviewers: everybody, dueAt: until, onMissed: "escalate", idempotencyKey: randomUUID() },
    { actor: await person(world, "administrator", "administrator"), clock: fixedClock(from), demo: true },
  );
  if (!started.ok) throw new RangeError(`demo campaign "${name}" was refused: ${started.code}`);
  await prepareReview(started.value.reviewId, fixedClock(from));
  return started.value.reviewId;
}

type Keeping = { readonly reviewId: string; readonly now: Date; readonly until: Date; readonly reason: string };

/** One person keeps everything that they are asked about. */
async function keepAll(world: World, subject: string, { reviewId, now, until, reason }: Keeping): Promise<void> {
  const actor = await person(world, subject, "owner");
  const items = await db.reviewItem.findMany({ where: { reviewId, state: "open", reviewers: { some: { personId: actor.personId, isAsked: true } } }, select: { id: true }, orderBy: { position: "asc" } });
  for (const { id } of items) {
    const staged = await stageDecision({ actor, itemId: id, decision: "keep", reason, until, details: {}, clock: fixedClock(now) });
    if (!staged.ok) throw new RangeError(`demo decision was refused: ${staged.code}`);
  }
  await submitDecisions({ actor, reviewId, seen: items.length, clock: fixedClock(now) });
}

async function person(world: World, subject: string, role: Role): Promise<PersonActor> {
  const row = await db.person.findUniqueOrThrow({ where: { id: world.people.person(subject) }, select: { id: true, name: true } });
  return { kind: "person", personId: row.id, name: row.name, roles: [role] };
}
