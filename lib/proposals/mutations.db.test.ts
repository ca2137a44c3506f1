import { beforeEach, describe, expect, it } from "vitest";
import type { PersonActor } from "@/lib/auth/actor";
import type { Role } from "@/lib/auth/permissions";
import { db } from "@/lib/db/client";
import { fixedClock, inTransaction } from "@/lib/db/transaction";
import { readEventsAbout } from "@/lib/ledger/read";
import { giveRoleTo, takeRoleFrom } from "@/lib/people/role-changes";
import { giveRole, registerPerson } from "@/lib/people/registration";
import { newId } from "@/lib/platform/ids";
import { countProposalsFor } from "./data";
import { confirmProposal, decideProposal, lapseProposals, propose } from "./mutations";

const seed = { kind: "system", process: "seed" } as const;

async function person(name: string, ...roles: Role[]): Promise<PersonActor> {
  const personId = await registerPerson({ issuer: "https://login.example.com", subject: newId(), name, email: null }, { actor: seed });
  for (const role of roles) await giveRole(personId, role, { actor: seed });
  return { kind: "person", personId, name, roles };
}

const rolesOf = async (who: PersonActor) => (await db.personRole.findMany({ where: { personId: who.personId } })).map(({ role }) => role);
const eventsOf = async (who: PersonActor) => (await readEventsAbout("person", who.personId)).map(({ type }) => type);

async function waiting(ada: PersonActor, whom: PersonActor, role: Role): Promise<string> {
  const proposed = await giveRoleTo({ actor: ada, personId: whom.personId, role });
  if (!proposed.ok || proposed.value.state !== "waiting") throw new TypeError(`not waiting: ${JSON.stringify(proposed)}`);
  return proposed.value.proposalId;
}

beforeEach(async () => {
  await db.proposal.deleteMany();
  await db.personRole.deleteMany();
});

describe("making an administrator or auditor", () => {
  it("is done at once by the only administrator, and the ledger says that nobody else was asked", async () => {
    const ada = await person("Ada", "administrator");
    const bo = await person("Bo");
    expect(await giveRoleTo({ actor: ada, personId: bo.personId, role: "administrator" })).toMatchObject({ ok: true, value: { state: "given" } });
    expect(await rolesOf(bo)).toEqual(["administrator"]);
    expect((await eventsOf(bo)).slice(-2)).toEqual(["person.role-given", "proposal.applied-alone"]);
  });

  it("waits for the second administrator, who confirms it", async () => {
    const [ada, bo, cy] = [await person("Ada", "administrator"), await person("Bo", "administrator"), await person("Cy", "requester")];
    const proposalId = await waiting(ada, cy, "auditor");
    expect(await rolesOf(cy)).toEqual(["requester"]);
    expect(await countProposalsFor(bo.personId)).toBe(1);
    expect(await countProposalsFor(ada.personId)).toBe(0);
    expect(await decideProposal({ proposalId, actor: bo, answer: "confirm" })).toMatchObject({ ok: true, value: { state: "confirmed" } });
    expect((await rolesOf(cy)).sort()).toEqual(["auditor", "requester"]);
    expect((await eventsOf(cy)).slice(-3)).toEqual(["proposal.made", "person.role-given", "proposal.confirmed"]);
  });

  it("cannot be confirmed by whoever proposed it, nor by whom it is about", async () => {
    const [ada, bo] = [await person("Ada", "administrator"), await person("Bo", "administrator")];
    const own = await waiting(ada, await person("Cy"), "auditor");
    expect(await decideProposal({ proposalId: own, actor: ada, answer: "confirm" })).toMatchObject({ ok: false, code: "own-proposal" });
    const about = await waiting(ada, bo, "auditor");
    expect(await decideProposal({ proposalId: about, actor: bo, answer: "confirm" })).toMatchObject({ ok: false, code: "own-side" });
    expect(await rolesOf(bo)).toEqual(["administrator"]);
  });

  it("is refused by the database even where the code would let the proposer confirm", async () => {
    const [ada] = [await person("Ada", "administrator"), await person("Bo", "administrator")];
    const proposalId = await waiting(ada, await person("Cy"), "auditor");
    await expect(db.proposal.update({ where: { id: proposalId }, data: { state: "confirmed", decidedById: ada.personId } })).rejects.toThrow();
  });

  it("is done once, however many administrators confirm at the same moment", async () => {
    const [ada, bo, di] = [await person("Ada", "administrator"), await person("Bo", "administrator"), await person("Di", "administrator")];
    const cy = await person("Cy");
    const proposalId = await waiting(ada, cy, "administrator");
    const answers = await Promise.all([bo, di, bo, di].map((actor) => decideProposal({ proposalId, actor, answer: "confirm" })));
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    expect((await eventsOf(cy)).filter((type) => type === "person.role-given")).toHaveLength(1);
  });

  it("is proposed once: the same again says that it waits already", async () => {
    const [ada, bo] = [await person("Ada", "administrator"), await person("Bo", "administrator")];
    const cy = await person("Cy");
    await waiting(ada, cy, "auditor");
    expect(await giveRoleTo({ actor: bo, personId: cy.personId, role: "auditor" })).toMatchObject({ ok: false, code: "already-proposed" });
    expect(await db.proposal.count()).toBe(1);
  });

  it("lapses when whoever proposed it is no administrator any more", async () => {
    const [ada, bo] = [await person("Ada", "administrator"), await person("Bo", "administrator")];
    const cy = await person("Cy");
    const proposalId = await waiting(ada, cy, "administrator");
    await takeRoleFrom({ actor: bo, personId: ada.personId, role: "administrator" });
    expect(await decideProposal({ proposalId, actor: bo, answer: "confirm" })).toMatchObject({ ok: false, code: "proposer-no-longer-administrator" });
    expect(await db.proposal.findUnique({ where: { id: proposalId } })).toMatchObject({ state: "lapsed" });
    expect(await rolesOf(cy)).toEqual([]);
  });

  it("lapses when the change is not possible any more, and leaves nothing behind", async () => {
    const [ada, bo] = [await person("Ada", "administrator"), await person("Bo", "administrator")];
    const cy = await person("Cy");
    const proposalId = await waiting(ada, cy, "auditor");
    await db.person.update({ where: { id: cy.personId }, data: { leftAt: new Date() } });
    expect(await decideProposal({ proposalId, actor: bo, answer: "confirm" })).toMatchObject({ ok: false, code: "already-left" });
    expect(await db.proposal.findUnique({ where: { id: proposalId } })).toMatchObject({ state: "lapsed" });
    expect(await rolesOf(cy)).toEqual([]);
  });

  it("is rejected by another one, taken back by the proposer, and lapses after a week", async () => {
    const [ada, bo] = [await person("Ada", "administrator"), await person("Bo", "administrator")];
    const cy = await person("Cy");
    const rejected = await waiting(ada, cy, "auditor");
    expect(await decideProposal({ proposalId: rejected, actor: bo, answer: "reject" })).toMatchObject({ ok: true, value: { state: "rejected" } });
    expect(await decideProposal({ proposalId: rejected, actor: bo, answer: "confirm" })).toMatchObject({ ok: false, code: "not-waiting" });
    const back = await waiting(ada, cy, "auditor");
    expect(await decideProposal({ proposalId: back, actor: ada, answer: "reject" })).toMatchObject({ ok: true, value: { state: "withdrawn" } });
    const late = await waiting(ada, cy, "auditor");
    const inEightDays = fixedClock(new Date(Date.now() + 8 * 86_400_000));
    const tooLate = await inTransaction((tx, now) => confirmProposal(tx, now, { proposalId: late, actor: bo }), inEightDays);
    expect(tooLate).toMatchObject({ ok: false, code: "too-late" });
    expect(await lapseProposals(10, inEightDays)).toBe(1);
    expect(await lapseProposals(10, inEightDays)).toBe(0);
    expect(await rolesOf(cy)).toEqual([]);
    expect((await eventsOf(cy)).filter((type) => type.startsWith("proposal."))).toEqual([
      "proposal.made", "proposal.rejected", "proposal.made", "proposal.withdrawn", "proposal.made", "proposal.lapsed",
    ]);
  });

  it("is not for whoever lost the role in the meantime", async () => {
    const [ada, bo] = [await person("Ada", "administrator"), await person("Bo")];
    const stale: PersonActor = { ...bo, roles: ["administrator"] };
    expect(await giveRoleTo({ actor: stale, personId: bo.personId, role: "administrator" })).toMatchObject({ ok: false, code: "no-longer-administrator" });
    const answer = await inTransaction((tx, now) => propose(tx, now, { kind: "give-role", payload: { personId: bo.personId, role: "administrator" }, subjects: {}, actor: stale }));
    expect(answer).toMatchObject({ ok: false, code: "no-longer-administrator" });
    expect(await rolesOf(ada)).toEqual(["administrator"]);
  });
});

describe("other roles", () => {
  it("are given and taken at once", async () => {
    const [ada, cy] = [await person("Ada", "administrator"), await person("Cy")];
    await person("Bo", "administrator");
    expect(await giveRoleTo({ actor: ada, personId: cy.personId, role: "approver" })).toMatchObject({ ok: true, value: { state: "given" } });
    expect(await giveRoleTo({ actor: ada, personId: cy.personId, role: "approver" })).toMatchObject({ ok: false, code: "holds-it-already" });
    expect((await takeRoleFrom({ actor: ada, personId: cy.personId, role: "approver" })).ok).toBe(true);
    expect(await takeRoleFrom({ actor: ada, personId: cy.personId, role: "approver" })).toMatchObject({ ok: false, code: "does-not-hold-it" });
    expect((await eventsOf(cy)).slice(-2)).toEqual(["person.role-given", "person.role-taken"]);
  });

  it("never leave the installation without an administrator, even when two take from each other", async () => {
    for (let round = 0; round < 3; round++) {
      await db.personRole.deleteMany();
      const [ada, bo] = [await person("Ada", "administrator"), await person("Bo", "administrator")];
      const answers = await Promise.all([
        takeRoleFrom({ actor: ada, personId: bo.personId, role: "administrator" }),
        takeRoleFrom({ actor: bo, personId: ada.personId, role: "administrator" }),
      ]);
      expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
      expect(await db.personRole.count({ where: { role: "administrator" } })).toBe(1);
    }
    const last = (await db.personRole.findFirstOrThrow({ where: { role: "administrator" } })).personId;
    const actor: PersonActor = { kind: "person", personId: last, name: "", roles: ["administrator"] };
    expect(await takeRoleFrom({ actor, personId: last, role: "administrator" })).toMatchObject({ ok: false, code: "last-administrator" });
  });
});
