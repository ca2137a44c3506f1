import { randomUUID } from "node:crypto";
import type { PersonActor, WorkloadActor } from "@/lib/auth/actor";
import { db } from "@/lib/db/client";
import { fixedClock, inTransaction } from "@/lib/db/transaction";
import { lockGrant } from "@/lib/grants/data";
import { endGrant, markEnding, recordAccepted, recordProven } from "@/lib/grants/ending";
import { beginIssue, confirmIssue, lapseGrant } from "@/lib/grants/mutations";
import { recordObservation } from "@/lib/grants/observation";
import type { EndReason } from "@/lib/grants/types";
import { decideRequest } from "@/lib/requests/decision";
import { lapseUndecided, submitRequest, withdrawRequest } from "@/lib/requests/mutations";
import { objectionToActivation } from "@/lib/requests/recheck";
import type { DemoCatalogue } from "./catalogue";
import type { DemoPeople } from "./people";
import { storiesOf, type Story } from "./stories";

const minute = 60_000;

type World = { readonly people: DemoPeople; readonly catalogue: DemoCatalogue; readonly installationTag: string };

/** Plays weeks of past activity through the mutations that users use, on a clock that this seed sets; all of it is marked as demo data. */
export async function seedHistory(world: World, now: Date): Promise<number> {
  const stories = storiesOf(now);
  for (const story of stories) await play(world, story);
  return stories.length;
}

async function actorOf(world: World, story: Story): Promise<PersonActor | WorkloadActor> {
  if (story.asker !== "workload") return person(world, story.asker);
  const identity = await db.identity.findUniqueOrThrow({ where: { id: world.catalogue.identity(story.identity) }, select: { id: true, name: true, workloadIssuer: true, workloadSubject: true } });
  return { kind: "workload", identityId: identity.id, name: identity.name, issuer: identity.workloadIssuer ?? "", subject: identity.workloadSubject ?? "", tokenId: randomUUID(), triggeredById: world.people.person("requester") };
}

async function person(world: World, subject: string): Promise<PersonActor> {
  const row = await db.person.findUniqueOrThrow({ where: { id: world.people.person(subject) }, select: { id: true, name: true } });
  return { kind: "person", personId: row.id, name: row.name, roles: [] };
}

async function play(world: World, story: Story): Promise<void> {
  const at = (minutes: number) => new Date(story.at.getTime() + minutes * minute);
  const asker = await actorOf(world, story);
  const submitted = await submitRequest({
    actor: asker,
    identityId: world.catalogue.identity(story.identity),
    entitlementIds: [world.catalogue.entitlement(story.entitlement)],
    purpose: story.purpose,
    intent: story.intent,
    // Stored only where whoever asks answers for an identity that holds it standing.
    standingReason: "Its standing access is to be taken away: this tries the way that stays",
    ...(story.ticket ? { ticketKey: story.ticket } : {}),
    durationSeconds: story.minutes * 60,
    idempotencyKey: randomUUID(),
    sourceAddress: null,
    clock: fixedClock(story.at),
    demo: true,
  });
  if (!submitted.ok) {
    if (story.outcome === "refused") return;
    throw new RangeError(`demo story "${story.intent}" was refused: ${submitted.code}`);
  }
  const { requestId } = submitted.value;
  if (story.outcome === "withdrawn" && asker.kind === "person") {
    await withdrawRequest({ actor: asker, requestId, clock: fixedClock(at(7)) });
    return;
  }
  if (story.outcome === "undecided") {
    const { decideBefore } = await db.request.findUniqueOrThrow({ where: { id: requestId }, select: { decideBefore: true } });
    await lapseUndecided(10, fixedClock(decideBefore));
    return;
  }
  let minutes = 0;
  for (const vote of story.votes) {
    minutes += vote.after;
    const request = await db.request.findUniqueOrThrow({ where: { id: requestId }, select: { version: true, grantedDurationSeconds: true } });
    const durationSeconds = vote.narrowTo ? vote.narrowTo * 60 : request.grantedDurationSeconds;
    const decided = await decideRequest({ actor: await person(world, vote.by), requestId, answer: vote.answer, reason: vote.reason, version: request.version, durationSeconds, clock: fixedClock(at(minutes)) });
    if (!decided.ok) throw new RangeError(`demo vote on "${story.intent}" was refused: ${decided.code}`);
  }
  const grant = await db.grant.findFirst({ where: { requestId }, select: { id: true, activateBefore: true } });
  if (!grant) return;
  if (story.outcome === "never-activated") await lapseGrant(grant.id, fixedClock(grant.activateBefore));
  else await live(world, story, { grantId: grant.id, asker, minutes: minutes + story.activatedAfter });
}

type Live = { readonly grantId: string; readonly asker: PersonActor | WorkloadActor; readonly minutes: number };

async function live(world: World, story: Story, { grantId, asker, minutes }: Live): Promise<void> {
  const at = (after: number, seconds = 0) => new Date(story.at.getTime() + (minutes + after) * minute + seconds * 1000);
  const handleName = `curfew_${world.installationTag}_${grantId.replaceAll("-", "")}`;
  const begun = await beginIssue({ actor: asker, grantId, key: grantId, handleName, objection: (tx, grant, now) => objectionToActivation(tx, grant, asker, now), clock: fixedClock(at(0)) });
  if (!begun.ok) throw new RangeError(`demo activation of "${story.intent}" was refused: ${begun.code}`);
  const handle = { name: handleName, targetId: String(900_000 + story.number) };
  const receipt = { handle, connection: { host: "localhost", database: "orders", user: handleName }, issuedAt: at(0, 1), repeated: false, markers: [`login:${handleName}`] };
  await confirmIssue({ actor: asker, grantId, key: grantId, receipt, clock: fixedClock(at(0, 1)) });
  if (story.usedMinutes > 0) {
    const session = { grantId, key: `demo/${grantId}`, startedAt: at(1), lastActiveAt: at(1 + story.usedMinutes), clientAddress: "10.20.4.17", applicationName: null, state: null };
    await recordObservation(grantId, { at: at(1 + story.usedMinutes), sessions: [session], statements: story.usedMinutes * 9, source: "polling" }, fixedClock(at(1 + story.usedMinutes)));
  }
  await end(story, grantId, asker, at);
}

async function end(story: Story, grantId: string, asker: PersonActor | WorkloadActor, at: (after: number, seconds?: number) => Date): Promise<void> {
  const reason: EndReason = story.ends;
  const granted = await db.grant.findUniqueOrThrow({ where: { id: grantId }, select: { notAfter: true, endingAt: true } });
  const over = reason === "expired" && granted.notAfter ? granted.notAfter : at(story.usedMinutes + 3);
  const later = (seconds: number) => fixedClock(new Date(over.getTime() + seconds * 1000));
  const actor = reason === "completed" || reason === "ended-by-person" ? asker : ({ kind: "system", process: "worker" } as const);
  if (granted.endingAt === null) {
    if (actor.kind === "system") {
      await inTransaction(async (tx, now) => {
        const grant = await lockGrant(tx, grantId);
        return grant && markEnding(tx, grant, { via: "end", reason, actor, now });
      }, later(0));
    } else await endGrant({ actor, grantId, reason, permitted: () => Promise.resolve(true), clock: later(0) });
  }
  const handle = { name: `demo/${grantId}` };
  await recordAccepted(grantId, { handle, acceptedAt: over, sessionsCut: reason === "expired" ? 1 : 0, leftovers: [], alreadyGone: false, statements: story.usedMinutes * 9 }, later(1));
  const looks = [new Date(over.getTime() + 1_200), new Date(over.getTime() + 2_300)] as const;
  const proof = { dead: true, method: "simulated by the demo", strength: "absent-from-inventory", lookedAt: looks, seenBy: "curfew_probe", facts: ["demo history: nothing was issued on a target"] } as const;
  await recordProven(grantId, proof, [], later(3));
}
