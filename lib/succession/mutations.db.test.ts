import { beforeAll, describe, expect, it } from "vitest";
import type { PersonActor } from "@/lib/auth/actor";
import { db } from "@/lib/db/client";
import { fixedClock } from "@/lib/db/transaction";
import { answerForIdentity } from "@/lib/identities/mutations";
import { setPersonLeft } from "@/lib/people/mutations";
import { joinTeam } from "@/lib/people/registration";
import { setScene } from "@/lib/requests/test-target-of-file";
import { makePerson, type World } from "@/lib/requests/test-world";
import { answerOffer } from "./answering";
import { countOffersFor, readHandOvers, readOffersFor } from "./data";
import { advanceHandOvers } from "./mutations";

let world: World;
const seed = { kind: "system", process: "seed" } as const;
const day = 86_400_000;
const inDays = (days: number) => fixedClock(new Date(Date.now() + days * day));

beforeAll(async () => {
  ({ world } = await setScene());
});

type Cast = { owner: PersonActor; sponsor: PersonActor; backup: PersonActor; lead: PersonActor; identityId: string };

async function cast(): Promise<Cast> {
  const owner = await makePerson("Olga who leaves", ["owner", "requester"]);
  const sponsor = await makePerson("Sam", ["owner"]);
  const backup = await makePerson("Bo", ["owner"]);
  const lead = await makePerson("Lea", ["owner"]);
  const teamId = await joinTeam(lead.personId, `Team ${lead.personId}`, { actor: seed });
  await db.teamMember.updateMany({ where: { personId: lead.personId }, data: { lead: true } });
  const identityId = await world.identity({ ownerId: owner.personId, backupId: backup.personId });
  await answerForIdentity({ identityId, sponsorId: sponsor.personId, teamId }, { actor: seed });
  return { owner, sponsor, backup, lead, identityId };
}

const leave = (who: PersonActor) => setPersonLeft({ actor: world.people.ada, personId: who.personId });
const identity = (id: string) => db.identity.findUniqueOrThrow({ where: { id } });
const handOver = (identityId: string, place = "owner") => db.handOver.findFirstOrThrow({ where: { identityId, place }, orderBy: { startedAt: "desc" } });
const askedNow = async (identityId: string) =>
  (await db.handOverOffer.findMany({ where: { answer: null, handOver: { identityId, state: "offered" } } })).map(({ personId }) => personId);

describe("when an owner leaves", () => {
  it("the hand-over starts in the same transaction and asks the backup first", async () => {
    const { owner, backup, identityId } = await cast();
    await leave(owner);
    expect(await handOver(identityId)).toMatchObject({ state: "offered", step: "backup", leaverId: owner.personId, stepSeconds: 259_200 });
    expect(await askedNow(identityId)).toEqual([backup.personId]);
    expect((await world.told("identity", identityId)).slice(-2)).toEqual(["hand-over.started", "hand-over.offered"]);
    expect(await readOffersFor(backup.personId, new Date())).toMatchObject([{ place: "owner", leaver: "Olga who leaves", identity: { id: identityId } }]);
    expect(await countOffersFor(backup.personId, new Date())).toBe(1);
    expect((await identity(identityId)).ownerId).toBe(owner.personId);
  });

  it("new access can still be asked for and the identity's sessions live on while it runs", async () => {
    const { owner, identityId } = await cast();
    const live = await world.live({ identityId });
    await leave(owner);
    expect((await world.grant(live.grantId)).state).toBe("active");
    expect(await world.ask({ identityId, sensitivity: "medium" })).toMatchObject({ ok: true });
  });

  it("what the leaver asked for ends: waiting requests, what was not activated, and their own sessions", async () => {
    const { owner } = await cast();
    const waiting = await world.asked({ actor: owner });
    const ready = await world.approved({ actor: owner, sensitivity: "low" });
    const requestId = await world.approved({ actor: owner, sensitivity: "low" });
    const grant = await world.grantOf(requestId);
    expect(await world.activate(grant.id, { actor: owner })).toMatchObject({ ok: true });
    await leave(owner);
    expect(await db.request.findUnique({ where: { id: waiting } })).toMatchObject({ state: "withdrawn" });
    expect(await db.request.findUnique({ where: { id: ready } })).toMatchObject({ state: "lapsed" });
    expect((await world.grantOf(ready)).state).toBe("lapsed");
    expect(await world.grant(grant.id)).toMatchObject({ state: "ending", endReason: "owner-left" });
    for (const id of [waiting, ready]) expect(await world.told("request", id)).toContain("request.requester-left");
  });

  it("the backup takes the place with one answer, and is on the asking side from then on", async () => {
    const { owner, backup, identityId } = await cast();
    const requestId = await world.asked({ identityId });
    await leave(owner);
    const { id } = await handOver(identityId);
    expect(await answerOffer({ actor: backup, handOverId: id, answer: "accept" })).toMatchObject({ ok: true, value: { state: "accepted" } });
    expect(await identity(identityId)).toMatchObject({ ownerId: backup.personId, backupId: null, state: "dormant" });
    expect(await handOver(identityId)).toMatchObject({ state: "accepted", takenById: backup.personId });
    expect(await db.sideMember.count({ where: { requestId, personId: backup.personId, why: "owner" } })).toBe(1);
    expect(await answerOffer({ actor: backup, handOverId: id, answer: "accept" })).toMatchObject({ ok: false, code: "not-offered-any-more" });
    await advanceHandOvers(100, inDays(30));
    expect((await identity(identityId)).ownerId).toBe(backup.personId);
  });

  it("goes to the sponsor and then to the team's lead when nobody answers in time, however often the worker looks", async () => {
    const { owner, sponsor, lead, backup, identityId } = await cast();
    await leave(owner);
    await advanceHandOvers(100);
    expect(await askedNow(identityId)).toEqual([backup.personId]);
    await Promise.all([advanceHandOvers(100, inDays(3.1)), advanceHandOvers(100, inDays(3.1))]);
    expect(await askedNow(identityId)).toEqual([sponsor.personId]);
    const { id } = await handOver(identityId);
    expect(await answerOffer({ actor: backup, handOverId: id, answer: "accept" })).toMatchObject({ ok: false, code: "already-answered" });
    await advanceHandOvers(100, inDays(6.3));
    expect(await askedNow(identityId)).toEqual([lead.personId]);
    expect(await answerOffer({ actor: lead, handOverId: id, answer: "accept", clock: inDays(7) })).toMatchObject({ ok: true });
    expect((await identity(identityId)).ownerId).toBe(lead.personId);
    expect((await world.told("identity", identityId)).filter((type) => type === "hand-over.offered")).toHaveLength(3);
  });

  it("goes on at once when whoever is asked declines or leaves as well", async () => {
    const { owner, sponsor, lead, backup, identityId } = await cast();
    await leave(owner);
    const { id } = await handOver(identityId);
    expect(await answerOffer({ actor: backup, handOverId: id, answer: "decline" })).toMatchObject({ ok: true, value: { state: "declined" } });
    expect(await askedNow(identityId)).toEqual([sponsor.personId]);
    await leave(sponsor);
    await advanceHandOvers(100);
    expect(await askedNow(identityId)).toContain(lead.personId);
  });

  it("passes over whoever is out of office for the whole step", async () => {
    const { owner, sponsor, backup, identityId } = await cast();
    const [fromAt, untilAt] = [new Date(Date.now() - day), new Date(Date.now() + 30 * day)];
    await db.absence.create({ data: { id: backup.personId, personId: backup.personId, fromAt, untilAt, setAt: fromAt } });
    await leave(owner);
    expect(await askedNow(identityId)).toEqual([sponsor.personId]);
  });

  it("is taken by one of two who accept at the same moment", async () => {
    const { owner, lead, identityId } = await cast();
    const other = await makePerson("Lou", ["owner"]);
    const { teamId } = await identity(identityId);
    await db.teamMember.create({ data: { teamId: teamId ?? "", personId: other.personId, lead: true } });
    await leave(owner);
    await advanceHandOvers(100, inDays(3.1));
    await advanceHandOvers(100, inDays(6.3));
    const { id } = await handOver(identityId);
    const answers = await Promise.all([lead, other].map((actor) => answerOffer({ actor, handOverId: id, answer: "accept", clock: inDays(7) })));
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
  });
});

describe("a hand-over that nobody takes", () => {
  async function failed(): Promise<Cast> {
    const made = await cast();
    await leave(made.owner);
    for (const days of [3.1, 6.3, 9.5]) await advanceHandOvers(100, inDays(days));
    return made;
  }

  it("makes the identity an orphan, with an event and a finding, and freezes what is new in words", async () => {
    const { identityId } = await failed();
    expect(await identity(identityId)).toMatchObject({ state: "orphaned", ownerId: null });
    expect(await handOver(identityId)).toMatchObject({ state: "failed" });
    const told = await world.told("identity", identityId);
    expect(told).toEqual(expect.arrayContaining(["hand-over.failed", "finding.opened", "identity.state-changed"]));
    expect(await db.finding.count({ where: { identityId, kind: "orphaned-identity" } })).toBe(1);
    expect(await world.ask({ identityId, sensitivity: "low" })).toMatchObject({ ok: false, code: "identity-orphaned", detail: { ask: expect.stringContaining("Ada") as string } });
    expect((await readHandOvers()).find(({ identity: { id } }) => id === identityId)).toMatchObject({ state: "failed", leaver: "Olga who leaves" });
  });

  it("refuses the activation of what was approved before, and leaves what is live alone", async () => {
    const made = await cast();
    const live = await world.live({ identityId: made.identityId });
    const requestId = await world.approved({ identityId: made.identityId, sensitivity: "medium" });
    await leave(made.owner);
    for (const days of [3.1, 6.3, 9.5]) await advanceHandOvers(100, inDays(days));
    expect(await world.activate((await world.grantOf(requestId)).id)).toMatchObject({ ok: false, code: "identity-orphaned" });
    expect((await world.grant(live.grantId)).state).toBe("active");
  });

  it("is over once an administrator names an owner, and new access is given again", async () => {
    const { identityId, lead } = await failed();
    await answerForIdentity({ identityId, ownerId: lead.personId }, { actor: seed });
    await advanceHandOvers(100, inDays(10));
    expect((await identity(identityId)).state).toBe("dormant");
    expect(await world.ask({ identityId, sensitivity: "low" })).toMatchObject({ ok: true });
  });

  it("fails at once, and is recorded, where there is nobody to ask", async () => {
    const owner = await makePerson("Alone", ["owner"]);
    const identityId = await world.identity({ ownerId: owner.personId, backupId: null });
    await db.identity.update({ where: { id: identityId }, data: { sponsorId: owner.personId } });
    await leave(owner);
    expect((await identity(identityId)).state).toBe("orphaned");
    expect((await world.events("identity", identityId, "hand-over.failed")).map(({ data }) => data["asked"])).toEqual([[], []]);
  });

  it("of a suspended identity makes it an orphan when it is resumed, not before", async () => {
    const { owner, identityId } = await cast();
    await db.identity.update({ where: { id: identityId }, data: { state: "suspended" } });
    await leave(owner);
    for (const days of [3.1, 6.3, 9.5]) await advanceHandOvers(100, inDays(days));
    expect((await identity(identityId)).state).toBe("suspended");
    await db.identity.update({ where: { id: identityId }, data: { state: "active" } });
    await advanceHandOvers(100, inDays(10));
    expect((await identity(identityId)).state).toBe("orphaned");
  });
});

describe("a running hand-over", () => {
  it("is over when an administrator names somebody", async () => {
    const { owner, lead, backup, identityId } = await cast();
    await leave(owner);
    const { id } = await handOver(identityId);
    await answerForIdentity({ identityId, ownerId: lead.personId }, { actor: seed });
    await advanceHandOvers(100);
    expect(await handOver(identityId)).toMatchObject({ state: "ended", endedWhy: "named-by-person" });
    expect(await answerOffer({ actor: backup, handOverId: id, answer: "accept" })).toMatchObject({ ok: false, code: "not-offered-any-more" });
    expect((await identity(identityId)).ownerId).toBe(lead.personId);
  });

  it("is over when the leaver comes back", async () => {
    const { owner, identityId } = await cast();
    await leave(owner);
    await db.person.update({ where: { id: owner.personId }, data: { leftAt: null } });
    await advanceHandOvers(100);
    expect(await handOver(identityId)).toMatchObject({ state: "ended", endedWhy: "returned" });
    expect((await identity(identityId)).state).not.toBe("orphaned");
  });

  it("is started by the worker for somebody who left before anybody looked", async () => {
    const { owner, identityId } = await cast();
    await db.person.update({ where: { id: owner.personId }, data: { leftAt: new Date() } });
    await advanceHandOvers(100);
    await advanceHandOvers(100);
    expect(await db.handOver.count({ where: { identityId } })).toBe(1);
  });
});

describe("when a sponsor or a backup leaves", () => {
  it("the place is offered, and an empty one is a finding but freezes nothing", async () => {
    const { sponsor, backup, lead, identityId } = await cast();
    await leave(sponsor);
    expect(await askedNow(identityId)).toEqual([backup.personId]);
    const { id } = await handOver(identityId, "sponsor");
    expect(await answerOffer({ actor: backup, handOverId: id, answer: "accept" })).toMatchObject({ ok: true });
    expect(await identity(identityId)).toMatchObject({ sponsorId: backup.personId, backupId: null });
    const other = await cast();
    await leave(other.lead);
    await leave(other.backup);
    expect(await handOver(other.identityId, "backup")).toMatchObject({ state: "failed" });
    expect((await identity(other.identityId)).state).not.toBe("orphaned");
    expect(await db.finding.count({ where: { identityId: other.identityId, kind: "place-left-empty" } })).toBe(1);
    expect(lead.personId).not.toBe(other.lead.personId);
  });
});
