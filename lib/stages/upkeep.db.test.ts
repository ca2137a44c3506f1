import { beforeAll, describe, expect, it } from "vitest";
import type { PersonActor } from "@/lib/auth/actor";
import { db } from "@/lib/db/client";
import { delegateApprovals, endDelegation } from "@/lib/people/delegation";
import { addToTeam, endOutOfOffice, setOnCall, setOutOfOffice, takeFromTeam } from "@/lib/people/teams";
import { samplePolicies } from "@/lib/policies/sample";
import { setScene } from "@/lib/requests/test-target-of-file";
import { makePerson, putInForce, type World } from "@/lib/requests/test-world";
import { advanceStages, rerouteDue, rerouteWaiting } from "./upkeep";

/** Policies of these tests: what a stage does with its time, several at once, on-call and named people. */
const policies = (stages: string) => ({ ...samplePolicies, "medium-owner-ticket": `@reason("Test")\n@stages("${stages}")\npermit (principal, action == Action::"use", resource) when { resource.sensitivity == Sensitivity::"medium" };` });

let world: World;
let ada: PersonActor;
let platformId: string;
beforeAll(async () => {
  ({ world } = await setScene());
  ada = world.people.ada;
  platformId = (await db.team.findUniqueOrThrow({ where: { name: "Platform" } })).id;
});

const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000);
const stagesOf = (requestId: string) => db.stage.findMany({ where: { requestId }, orderBy: [{ position: "asc" }, { id: "asc" }], include: { members: { where: { removedAt: null } } } });
const asked = async (requestId: string) => (await stagesOf(requestId)).map(({ members }) => [...new Set(members.map(({ personId }) => personId))]);
const stateOf = async (requestId: string) => (await db.request.findUniqueOrThrow({ where: { id: requestId }, select: { state: true } })).state;
const told = async (requestId: string, type: string) => (await world.events("request", requestId, type)).map(({ data }) => data);

/** As if the stage had opened that many seconds earlier: the database's clock stays what it is. */
async function age(requestId: string, seconds: number): Promise<void> {
  const back = (at: Date | null) => (at === null ? null : new Date(at.getTime() - seconds * 1000));
  for (const { id, remindAt, dueAt } of await stagesOf(requestId)) await db.stage.update({ where: { id }, data: { remindAt: back(remindAt), dueAt: back(dueAt) } });
}

describe("the time of a stage", () => {
  it("reminds once, asks somebody else, then lapses, each with an event", async () => {
    await putInForce(policies("resource-owner:1 within 2h remind after 1h escalate to team:Security"));
    const requestId = await world.asked();
    await advanceStages();
    expect(await told(requestId, "request.reminded")).toEqual([]);
    await age(requestId, 3_700);
    await advanceStages();
    await advanceStages();
    expect(await told(requestId, "request.reminded")).toMatchObject([{ stage: 0 }]);
    expect(await db.notice.count({ where: { kind: "request-reminder", link: `/requests/${requestId}` } })).toBeGreaterThan(0);
    await age(requestId, 3_600);
    await advanceStages();
    const { sven, selma } = world.people;
    expect(await told(requestId, "request.escalated")).toMatchObject([{ stage: 0, why: "time-over", to: "team:Security" }]);
    expect((await asked(requestId))[0]).toEqual(expect.arrayContaining([sven.personId, selma.personId]));
    expect(await stateOf(requestId)).toBe("pending");
    await age(requestId, 7_300);
    await advanceStages();
    await advanceStages();
    expect(await stateOf(requestId)).toBe("lapsed");
    expect(await told(requestId, "request.lapsed")).toEqual([{ why: "stage-not-decided-in-time" }]);
  });

  it("lets whoever was asked later decide", async () => {
    await putInForce(policies("resource-owner:1 within 1h escalate to team:Security"));
    const requestId = await world.asked();
    expect(await world.vote(requestId, world.people.sven)).toMatchObject({ ok: false, code: "not-asked" });
    await age(requestId, 3_700);
    await advanceStages();
    expect(await world.vote(requestId, world.people.sven)).toMatchObject({ ok: true, value: { state: "approved" } });
  });

  it("is caught up with by a worker that was away: nobody is reminded of what is over, and whoever is asked then has the whole time", async () => {
    await putInForce(policies("resource-owner:1 within 2h remind after 1h escalate to team:Security"));
    const requestId = await world.asked();
    await age(requestId, 24 * 3_600);
    await advanceStages();
    expect(await told(requestId, "request.reminded")).toEqual([]);
    expect(await stateOf(requestId)).toBe("pending");
    const [stage] = await stagesOf(requestId);
    expect(stage?.dueAt?.getTime()).toBeGreaterThan(inHours(1.9).getTime());
  });

  it("refuses a vote after its end even before the worker has come", async () => {
    await putInForce(policies("resource-owner:1 within 1h"));
    const requestId = await world.asked();
    await age(requestId, 3_700);
    expect(await world.vote(requestId, world.people.bea)).toMatchObject({ ok: false, code: "decision-time-over" });
  });
});

describe("stages at once", () => {
  it("are both open from the start, and each needs its own people", async () => {
    await putInForce(policies("resource-owner:1 || team:Security:1, person:Ada Two:1"));
    const two = await makePerson("Ada Two", ["approver"]);
    const requestId = await world.asked();
    expect((await stagesOf(requestId)).map(({ position, state }) => `${position} ${state}`)).toEqual(["0 open", "0 open", "1 waiting"]);
    expect(await world.vote(requestId, world.people.sven)).toMatchObject({ ok: true, value: { state: "pending", stagesLeft: 2 } });
    expect(await world.vote(requestId, two)).toMatchObject({ ok: false, code: "not-your-turn" });
    expect(await world.vote(requestId, world.people.bea)).toMatchObject({ ok: true, value: { state: "pending", stagesLeft: 1 } });
    expect(await world.vote(requestId, two)).toMatchObject({ ok: true, value: { state: "approved" } });
  });
});

describe("who is asked follows who is who", () => {
  it("when somebody joins and leaves the team", async () => {
    await putInForce(policies("team:Platform:1"));
    const [first, second] = [await makePerson("First", ["approver"], ["Platform"]), await makePerson("Second", ["approver"])];
    const requestId = await world.asked();
    expect(await asked(requestId)).toEqual([[first.personId]]);
    await addToTeam({ actor: ada, personId: second.personId, teamId: platformId });
    await rerouteWaiting({ personIds: [second.personId] });
    await rerouteWaiting({ personIds: [second.personId] });
    expect((await asked(requestId))[0]).toHaveLength(2);
    expect(await told(requestId, "request.rerouted")).toMatchObject([{ added: { rows: [{ personId: second.personId, why: "joined" }] } }]);
    expect(await db.notice.count({ where: { kind: "request-to-decide", items: { some: { personId: second.personId } } } })).toBe(1);
    await takeFromTeam({ actor: ada, personId: first.personId, teamId: platformId });
    await rerouteWaiting({ personIds: [first.personId] });
    expect(await asked(requestId)).toEqual([[second.personId]]);
    expect(await world.vote(requestId, first)).toMatchObject({ ok: false, code: "no-longer-asked" });
    const rows = await db.stageMember.findMany({ where: { stage: { requestId }, personId: first.personId } });
    expect(rows).toMatchObject([{ why: "asked", removedWhy: "left-group" }]);
    await takeFromTeam({ actor: ada, personId: second.personId, teamId: platformId });
    await rerouteWaiting({ personIds: [second.personId] });
    expect(await told(requestId, "request.unroutable")).toHaveLength(1);
    await addToTeam({ actor: ada, personId: first.personId, teamId: platformId });
    await rerouteWaiting({ personIds: [first.personId] });
    expect(await told(requestId, "request.routable-again")).toHaveLength(1);
    await takeFromTeam({ actor: ada, personId: first.personId, teamId: platformId });
  });

  it("puts a job into the queue with the change", async () => {
    const person = await makePerson("Queued", ["approver"]);
    await addToTeam({ actor: ada, personId: person.personId, teamId: platformId });
    const jobs = await db.$queryRaw<{ n: number }[]>`select count(*)::int as n from graphile_worker.jobs where task_identifier = 'reroute-requests' and key like ${`%${person.personId}%`}`;
    expect(jobs[0]?.n).toBe(1);
    await takeFromTeam({ actor: ada, personId: person.personId, teamId: platformId });
  });

  it("when a shift begins and ends, by the clock alone", async () => {
    await putInForce(policies("on-call:Delivery|person:Keeper:1"));
    const keeper = await makePerson("Keeper", ["approver"]);
    const oncall = await makePerson("Oncall", ["approver"], ["Delivery"]);
    const { id: teamId } = await db.team.findUniqueOrThrow({ where: { name: "Delivery" } });
    const requestId = await world.asked();
    expect(await asked(requestId)).toEqual([[keeper.personId]]);
    await setOnCall({ actor: ada, personId: oncall.personId, teamId, from: inHours(1), until: inHours(2) });
    await rerouteWaiting({ teamIds: [teamId] });
    expect(await asked(requestId)).toEqual([[keeper.personId]]);
    const { rerouteAt } = await db.request.findUniqueOrThrow({ where: { id: requestId } });
    expect(rerouteAt?.getTime()).toBeGreaterThan(Date.now());
    await rerouteDue(100, { now: () => Promise.resolve(inHours(1.5)) });
    expect((await asked(requestId))[0]).toHaveLength(2);
    await rerouteDue(100, { now: () => Promise.resolve(inHours(3)) });
    expect(await asked(requestId)).toEqual([[keeper.personId]]);
  });

  it("keeps the team that was asked, whoever takes its name", async () => {
    await putInForce(policies("team:Guards:1"));
    const guard = await makePerson("Guard", ["approver"], ["Guards"]);
    await putInForce(policies("team:Guards:1, resource-owner:1"));
    const { id } = await db.team.findUniqueOrThrow({ where: { name: "Guards" } });
    await db.team.update({ where: { id }, data: { name: "Guards of old" } });
    const thief = await makePerson("Thief", ["approver"], ["Guards"]);
    const requestId = await world.asked();
    expect((await asked(requestId))[0]).toEqual([guard.personId]);
    expect(await world.vote(requestId, thief)).toMatchObject({ ok: false, code: "not-asked" });
  });
});

describe("deciding for somebody", () => {
  it("moves what waits already, takes their seat once, and goes back", async () => {
    await putInForce(policies("team:Security:2"));
    const { sven, selma } = world.people;
    const dora = await makePerson("Dora", ["approver"]);
    const requestId = await world.asked();
    expect(await delegateApprovals({ actor: sven, delegateId: world.people.rita.personId, from: inHours(-1), until: inHours(1) })).toMatchObject({ code: "delegate-cannot-decide" });
    expect((await delegateApprovals({ actor: sven, delegateId: dora.personId, from: new Date(), until: inHours(5) })).ok).toBe(true);
    await rerouteWaiting({ personIds: [sven.personId] });
    expect(await told(requestId, "request.rerouted")).toMatchObject([{ added: { rows: [{ personId: dora.personId, seatOfId: sven.personId, why: "delegate" }] } }]);
    expect(await world.vote(requestId, dora)).toMatchObject({ ok: true, value: { state: "pending" } });
    expect(await world.vote(requestId, sven)).toMatchObject({ ok: false, code: "seat-taken" });
    expect(await endDelegation({ actor: sven, delegateId: selma.personId })).toMatchObject({ ok: false, code: "over-already" });
    expect((await endDelegation({ actor: sven, delegateId: dora.personId })).ok).toBe(true);
    expect(await world.vote(requestId, selma)).toMatchObject({ ok: true, value: { state: "approved" } });
    expect(await db.vote.findMany({ where: { requestId }, orderBy: { votedAt: "asc" }, select: { personId: true, seatOfId: true } })).toEqual([
      { personId: dora.personId, seatOfId: sven.personId },
      { personId: selma.personId, seatOfId: selma.personId },
    ]);
  });

  it("is refused to whoever acts for the asking side, even if only for a while", async () => {
    await putInForce(policies("team:Security:1"));
    const { olga, sven, selma } = world.people;
    const requestId = await world.asked();
    await setOutOfOffice({ actor: olga, personId: olga.personId, standInId: sven.personId, from: inHours(-1), until: inHours(5), mayManage: false });
    await endOutOfOffice({ actor: olga, personId: olga.personId, mayManage: false });
    expect(await world.vote(requestId, sven)).toMatchObject({ ok: false, code: "own-side", detail: { why: "delegate" } });
    expect(await world.vote(requestId, selma)).toMatchObject({ ok: true });
  });

  it("is what a stand-in does while somebody is away", async () => {
    await putInForce(policies("person:Lonely:1"));
    const [lonely, standIn] = [await makePerson("Lonely", ["approver"]), await makePerson("Standing", ["approver"])];
    const requestId = await world.asked();
    await setOutOfOffice({ actor: lonely, personId: lonely.personId, standInId: standIn.personId, from: inHours(-1), until: inHours(5), mayManage: false });
    await rerouteWaiting({ personIds: [lonely.personId] });
    expect(await told(requestId, "request.rerouted")).toMatchObject([{ added: { rows: [{ personId: standIn.personId, seatOfId: lonely.personId, why: "stands-in" }] } }]);
    expect(await world.vote(requestId, standIn)).toMatchObject({ ok: true, value: { state: "approved" } });
  });
});
