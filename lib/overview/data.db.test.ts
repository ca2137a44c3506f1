import { beforeAll, describe, expect, it } from "vitest";
import type { PersonActor } from "@/lib/auth/actor";
import { setScene } from "@/lib/requests/test-target-of-file";
import type { World } from "@/lib/requests/test-world";
import { db } from "@/lib/db/client";
import { countWaitingFor, readLive, readReadyFor, readUnowned, readUnproven, readVotesFor, scopeOf } from "./data";
import { findForPerson } from "./views/find";

let world: World;
beforeAll(async () => {
  ({ world } = await setScene());
});

const now = () => new Date();
const votesOf = async ({ personId }: PersonActor) => (await readVotesFor(personId)).rows.map(({ requestId }) => requestId);

describe("what waits for a person", () => {
  it("is a request while its stage asks this person, and no more once voted", async () => {
    const { bea, anton, rita } = world.people;
    const requestId = await world.asked();
    expect(await votesOf(bea)).toContain(requestId);
    expect(await votesOf(anton)).toContain(requestId);
    expect(await votesOf(rita)).toEqual([]);
    const before = await countWaitingFor(bea, now());

    await world.vote(requestId, bea);
    expect(await votesOf(bea)).not.toContain(requestId);
    expect(await votesOf(anton)).not.toContain(requestId);
    expect((await countWaitingFor(bea, now())).approvals).toBe(before.approvals - 1);
  });

  it("is never a request of one's own side", async () => {
    const { bo } = world.people;
    const requestId = await world.asked();
    expect(await votesOf(bo)).not.toContain(requestId);
  });

  it("does not wait for the second stage's people before the first has agreed", async () => {
    const { bea, sven } = world.people;
    const requestId = await world.asked({ sensitivity: "high" });
    expect(await votesOf(sven)).not.toContain(requestId);
    await world.vote(requestId, bea);
    expect(await votesOf(sven)).toContain(requestId);
  });

  it("is an approved grant of one's own until it is activated or lapses", async () => {
    const { rita, bea } = world.people;
    const requestId = await world.approved();
    const { id, activateBefore } = await world.grantOf(requestId);
    const readyAt = async (at: Date) => (await readReadyFor(rita.personId, at)).rows.map((grant) => grant.id);
    expect(await readyAt(now())).toContain(id);
    expect(await readyAt(new Date(activateBefore.getTime() + 1))).not.toContain(id);
    expect((await readReadyFor(bea.personId, now())).rows).toEqual([]);
  });

  it("is nothing for whom the role gives nothing to do, but for what their inbox says", async () => {
    await world.asked();
    expect(await countWaitingFor({ ...world.people.bea, roles: ["auditor"] }, now())).toEqual({ approvals: 0, requests: 0, sessions: 0, reviews: 0, people: 0, identities: 0, inbox: 2 });
    expect(await countWaitingFor({ ...world.people.bea, roles: [] }, now())).toEqual({ approvals: 0, requests: 0, sessions: 0, reviews: 0, people: 0, identities: 0, inbox: 0 });
  });

  it("is no request that this person is asked about no longer", async () => {
    const { bea } = world.people;
    const requestId = await world.asked();
    const before = await countWaitingFor(bea, now());
    await db.stageMember.updateMany({ where: { personId: bea.personId, stage: { requestId } }, data: { removedAt: now(), removedWhy: "left-group" } });
    expect(await votesOf(bea)).not.toContain(requestId);
    expect((await countWaitingFor(bea, now())).approvals).toBe(before.approvals - 1);
  });
});

describe("sessions on the overview", () => {
  it("are one's own, those of one's identities, or all, by role", async () => {
    const { rita, olga, bea, ada } = world.people;
    const { grantId } = await world.live();
    const liveFor = async (actor: PersonActor) => (await readLive(scopeOf(actor))).rows.map(({ id }) => id);
    expect(await liveFor(rita)).toContain(grantId);
    expect(await liveFor(olga)).toContain(grantId);
    expect(await liveFor(ada)).toContain(grantId);
    expect(await liveFor(bea)).toEqual([]);
    expect((await readUnproven("all")).rows.map(({ id }) => id)).not.toContain(grantId);
  });

  it("tell identities that nobody answers for", async () => {
    const id = await world.unowned();
    const { rows, total } = await readUnowned();
    expect(total.count).toBeGreaterThan(0);
    expect(rows.length).toBeLessThanOrEqual(6);
    expect([...rows.map((row) => row.id), id]).toContain(id);
  });
});

describe("find anything", () => {
  it("finds a request by number or ticket only for those whom it concerns", async () => {
    const { rita, bea, sven, ada } = world.people;
    const requestId = await world.asked({ ticketKey: "CHG-7777" });
    const found = async (actor: PersonActor, text: string) => (await findForPerson(actor, text)).map(({ id }) => id);
    expect(await found(rita, "chg-7777")).toEqual([requestId]);
    expect(await found(bea, "CHG-7777")).toEqual([requestId]);
    expect(await found(ada, "CHG-7777")).toEqual([requestId]);
    expect(await found(sven, "CHG-7777")).toEqual([]);
    const number = (await findForPerson(rita, "CHG-7777"))[0]?.label.match(/\d+/)?.[0] ?? "";
    expect(await found(rita, `request ${number}`)).toContain(requestId);
    expect(await found(sven, number)).not.toContain(requestId);
  });

  it("finds systems only for those who may see them, and nothing for somebody without a role", async () => {
    const { rita, ada } = world.people;
    const kinds = async (actor: PersonActor) => (await findForPerson(actor, "target")).map(({ kind }) => kind);
    expect(await kinds(ada)).toContain("system");
    expect(await kinds(rita)).not.toContain("system");
    expect(await findForPerson({ ...rita, roles: [] }, "target")).toEqual([]);
  });

  it.each(["99999999999", "%", "o_b", "' or 1=1 --", "\\"])("takes %j for text", async (text) => {
    expect(await findForPerson(world.people.rita, text)).toEqual([]);
  });
});
