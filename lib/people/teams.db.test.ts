import { beforeAll, describe, expect, it } from "vitest";
import type { PersonActor } from "@/lib/auth/actor";
import { db } from "@/lib/db/client";
import { readEventsAbout } from "@/lib/ledger/read";
import { readTeams } from "@/lib/people/data";
import { readPerson } from "@/lib/people/detail";
import { registerPerson } from "@/lib/people/registration";
import { addToTeam, endOnCall, endOutOfOffice, setOnCall, setOutOfOffice, setTeamLead, takeFromTeam } from "@/lib/people/teams";
import { findPeople } from "@/lib/people/views/options";
import { newId } from "@/lib/platform/ids";

let ada: PersonActor;
let bo: PersonActor;
let teamId: string;

async function person(name: string): Promise<PersonActor> {
  const profile = { issuer: "https://login.example.com", subject: newId(), name, email: null };
  return { kind: "person", personId: await registerPerson(profile, { actor: { kind: "system", process: "seed" } }), name, roles: [] };
}

beforeAll(async () => {
  [ada, bo] = [await person("Ada"), await person("Bo")];
  teamId = newId();
  await db.team.create({ data: { id: teamId, name: "Data" } });
});

const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000);
const eventsOf = async (who: PersonActor) => (await readEventsAbout("person", who.personId)).map(({ type }) => type);

describe("a team", () => {
  it("takes members and leads, each with an event, and each once", async () => {
    const change = { actor: ada, personId: bo.personId, teamId };
    expect(await setTeamLead({ ...change, lead: true })).toMatchObject({ ok: false, code: "not-in-it" });
    expect((await addToTeam(change)).ok).toBe(true);
    expect(await addToTeam(change)).toMatchObject({ ok: false, code: "in-it-already" });
    expect((await setTeamLead({ ...change, lead: true })).ok).toBe(true);
    expect((await readTeams(new Date())).find(({ id }) => id === teamId)).toMatchObject({ members: 1, leads: [{ name: "Bo" }], others: [] });
    expect(await findPeople("", teamId)).toMatchObject([{ name: "Bo" }]);
    expect((await findPeople("")).length).toBeGreaterThan(1);
    expect(await eventsOf(bo)).toEqual(["person.created", "person.joined-team", "person.team-lead-set"]);
  });

  it("that a directory fills is changed there alone, but for its leads", async () => {
    const filled = newId();
    await db.team.create({ data: { id: filled, name: "Filled", scimGroup: { create: { displayName: "Filled", createdAt: new Date(), changedAt: new Date() } } } });
    await db.teamMember.create({ data: { teamId: filled, personId: bo.personId } });
    const change = { actor: ada, personId: bo.personId, teamId: filled };
    expect(await addToTeam(change)).toMatchObject({ ok: false, code: "filled-by-directory" });
    expect(await takeFromTeam(change)).toMatchObject({ ok: false, code: "filled-by-directory" });
    expect((await setTeamLead({ ...change, lead: true })).ok).toBe(true);
  });
});

describe("on call", () => {
  it("is one of the team, for a time that has an end, and is over when somebody says so", async () => {
    const duty = { actor: ada, personId: bo.personId, teamId, from: inHours(-1), until: inHours(8) };
    expect(await setOnCall({ ...duty, personId: ada.personId })).toMatchObject({ ok: false, code: "not-in-it" });
    expect(await setOnCall({ ...duty, until: inHours(-2) })).toMatchObject({ ok: false, code: "ends-before-it-begins" });
    expect(await setOnCall({ ...duty, from: inHours(-3), until: inHours(-2) })).toMatchObject({ ok: false, code: "ends-in-the-past" });
    expect(await setOnCall({ ...duty, until: inHours(24 * 400) })).toMatchObject({ ok: false, code: "too-long" });
    const set = await setOnCall(duty);
    expect(set.ok).toBe(true);
    expect((await readTeams(new Date())).find(({ id }) => id === teamId)?.onCall).toMatchObject([{ person: { name: "Bo" }, isNow: true }]);
    const onCallId = set.ok ? set.value.onCallId : "";
    expect((await endOnCall({ actor: ada, onCallId })).ok).toBe(true);
    expect(await endOnCall({ actor: ada, onCallId })).toMatchObject({ ok: false, code: "over-already" });
  });
});

describe("out of office", () => {
  it("is said of oneself, or by whoever manages people; one absence takes the place of another", async () => {
    const away = { actor: bo, personId: bo.personId, standInId: ada.personId, from: inHours(-1), until: inHours(48), mayManage: false };
    expect(await setOutOfOffice({ ...away, actor: ada })).toMatchObject({ ok: false, code: "not-yourself" });
    expect(await setOutOfOffice({ ...away, standInId: bo.personId })).toMatchObject({ ok: false, code: "stand-in-not-here" });
    expect((await setOutOfOffice(away)).ok).toBe(true);
    expect((await setOutOfOffice({ ...away, actor: ada, mayManage: true, until: inHours(24) })).ok).toBe(true);
    expect(await db.absence.count({ where: { personId: bo.personId, untilAt: { gt: new Date() } } })).toBe(1);
    expect(await db.absence.count({ where: { personId: bo.personId } })).toBe(2); // Who stood in for whom is asked later.
    expect((await readPerson(bo.personId, new Date()))?.absence).toMatchObject({ standIn: "Ada" });
    expect((await readPerson(ada.personId, new Date()))?.standsInFor).toEqual(["Bo"]);
    expect((await endOutOfOffice(away)).ok).toBe(true);
    expect(await endOutOfOffice(away)).toMatchObject({ ok: false, code: "over-already" });
  });
});
