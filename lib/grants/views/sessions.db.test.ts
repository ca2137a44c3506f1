import { beforeAll, describe, expect, it } from "vitest";
import type { PersonActor } from "@/lib/auth/actor";
import { setScene } from "@/lib/requests/test-target-of-file";
import { makePerson, type Live, type World } from "@/lib/requests/test-world";
import { endGrant } from "../ending";
import { readSessions } from "./sessions";

const firstPage = { after: null, before: null };
let world: World;
let live: Live;
let stranger: PersonActor;

beforeAll(async () => {
  ({ world } = await setScene());
  live = await world.live({ sensitivity: "medium" });
  stranger = await makePerson("Stan", ["requester"]);
});

const seenBy = async (actor: PersonActor) => (await readSessions(actor, firstPage)).live.rows.find(({ id }) => id === live.grantId);

describe("sessions", () => {
  it("are seen by who asked, who was asked, the identity's side and who sees all; by nobody else", async () => {
    const { rita, bea, olga, sam, ada } = world.people;
    for (const actor of [rita, bea, olga, sam, ada]) expect(await seenBy(actor), actor.name).toBeDefined();
    expect(await seenBy(await makePerson("Aurel", ["auditor"]))).toBeDefined();
    expect(await seenBy(stranger)).toBeUndefined();
  });

  it("offer to be ended only to who may end them", async () => {
    const { rita, bea, olga, ada } = world.people;
    for (const actor of [rita, bea, olga, ada]) expect((await seenBy(actor))?.mayEnd, actor.name).toBe(true);
    expect((await seenBy(await makePerson("Axel", ["auditor"])))?.mayEnd).toBe(false);
  });

  it("move from live to ending and are not called ended before that is proven", async () => {
    await endGrant({ actor: world.people.rita, grantId: live.grantId, reason: "ended-by-person", permitted: () => Promise.resolve(true) });
    const view = await readSessions(world.people.rita, firstPage);
    expect(view.live.rows.map(({ id }) => id)).not.toContain(live.grantId);
    expect(view.ending.find(({ id }) => id === live.grantId)).toMatchObject({ state: "ending", mayEnd: false, provenAt: null, endedBy: "Rita" });
    expect(view.endingTotal.count).toBeGreaterThan(0);
  });

  it("open their first page for a place that is none", async () => {
    expect((await readSessions(world.people.ada, { after: "nonsense", before: null })).live.previous).toBeNull();
  });
});
