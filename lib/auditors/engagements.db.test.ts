import { beforeEach, describe, expect, it } from "vitest";
import type { PersonActor } from "@/lib/auth/actor";
import { boundedAuditor, type Role } from "@/lib/auth/permissions";
import { readPersonActor } from "@/lib/auth/sign-ins";
import { db } from "@/lib/db/client";
import { fixedClock, inTransaction } from "@/lib/db/transaction";
import { readEventsAbout } from "@/lib/ledger/read";
import { giveRoleTo } from "@/lib/people/role-changes";
import { makePerson } from "@/lib/requests/test-world";
import { decideProposal } from "@/lib/proposals/mutations";
import { newId } from "@/lib/platform/ids";
import { listLooks } from "./data";
import { digestLooks, recordLook } from "./looks";
import { endEngagement, engage, removeEngagement } from "./mutations";
import { lookListSchema } from "./schema";

const dayMs = 86_400_000;
const dayAfter = (days: number) => new Date(Date.now() + days * dayMs).toISOString().slice(0, 10);
const person = (name: string, ...roles: Role[]) => makePerson(name, roles);
const actorOf = (who: PersonActor) => inTransaction((tx) => readPersonActor(tx, who.personId));
const terms = { lastDay: dayAfter(30), fromDay: "2026-07-01", toDay: "2026-09-30", systemIds: [], names: false, reason: "The audit of the third quarter" };
const engagementOf = (who: PersonActor) => db.engagement.findFirstOrThrow({ where: { personId: who.personId, liftedAt: null } });
const typesOf = async (who: PersonActor) => (await readEventsAbout("person", who.personId)).map(({ type }) => type);

beforeEach(async () => {
  await db.proposal.deleteMany();
  await db.personRole.deleteMany();
});

describe("an engagement", () => {
  it("leaves its own view of all roles, with the only administrator at once", async () => {
    const [ada, cy] = [await person("Ada", "administrator"), await person("Cy", "auditor")];
    expect(await engage({ actor: ada, personId: cy.personId, ...terms })).toMatchObject({ ok: true, value: { state: "applied" } });
    expect(await actorOf(cy)).toMatchObject({ roles: [boundedAuditor], bound: { isOver: false, fromDay: "2026-07-01", toDay: "2026-09-30", systemIds: [], names: false } });
    // Nothing that gives roles past the rules gives more than the engagement.
    await db.personRole.create({ data: { personId: cy.personId, role: "administrator", since: new Date() } });
    expect((await actorOf(cy))?.roles).toEqual([boundedAuditor]);
    expect(await typesOf(cy)).toEqual(expect.arrayContaining(["person.role-taken", "auditor.engaged", "proposal.applied-alone"]));
  });

  it("waits for the second administrator where there are two, who is not whoever proposed it", async () => {
    const [ada, bo, cy] = [await person("Ada", "administrator"), await person("Bo", "administrator"), await person("Cy")];
    const proposed = await engage({ actor: ada, personId: cy.personId, ...terms });
    if (!proposed.ok || proposed.value.state !== "waiting") throw new TypeError(JSON.stringify(proposed));
    const { proposalId } = proposed.value;
    expect(await actorOf(cy)).toMatchObject({ roles: [] });
    expect(await decideProposal({ proposalId, actor: ada, answer: "confirm" })).toMatchObject({ ok: false, code: "own-proposal" });
    expect(await decideProposal({ proposalId, actor: bo, answer: "confirm" })).toMatchObject({ ok: true });
    expect((await actorOf(cy))?.roles).toEqual([boundedAuditor]);
  });

  it("is replaced by the next one, which waits as well", async () => {
    const [ada, cy] = [await person("Ada", "administrator"), await person("Cy")];
    await engage({ actor: ada, personId: cy.personId, ...terms });
    await engage({ actor: ada, personId: cy.personId, ...terms, names: true });
    expect((await actorOf(cy))?.bound?.names).toBe(true);
    expect(await db.engagement.count({ where: { personId: cy.personId } })).toBe(2);
  });

  it("shows nothing once it was ended or its time is over, and a role comes back only after it was removed", async () => {
    const [ada, cy] = [await person("Ada", "administrator"), await person("Cy")];
    await engage({ actor: ada, personId: cy.personId, ...terms });
    const { id: engagementId, until } = await engagementOf(cy);
    expect(await giveRoleTo({ actor: ada, personId: cy.personId, role: "requester" })).toMatchObject({ ok: false, code: "has-engagement" });
    expect(await giveRoleTo({ actor: ada, personId: cy.personId, role: "auditor" })).toMatchObject({ ok: false, code: "has-engagement" });
    expect(await removeEngagement({ actor: ada, engagementId, clock: fixedClock(new Date(until.getTime() - 1)) })).toMatchObject({ ok: false, code: "still-in-force" });
    expect(await endEngagement({ actor: ada, engagementId })).toMatchObject({ ok: true });
    expect(await actorOf(cy)).toMatchObject({ roles: [], bound: { isOver: true } });
    expect(await endEngagement({ actor: ada, engagementId })).toMatchObject({ ok: false, code: "engagement-unknown" });
    expect(await removeEngagement({ actor: ada, engagementId })).toMatchObject({ ok: true });
    expect(await actorOf(cy)).toEqual({ kind: "person", personId: cy.personId, name: "Cy", roles: [] });
    expect(await giveRoleTo({ actor: ada, personId: cy.personId, role: "requester" })).toMatchObject({ ok: true });
  });

  it("is over by the database's clock at its very end", async () => {
    const [ada, cy] = [await person("Ada", "administrator"), await person("Cy")];
    await engage({ actor: ada, personId: cy.personId, ...terms });
    const { id } = await engagementOf(cy);
    await db.engagement.update({ where: { id }, data: { since: new Date(Date.now() - 2 * dayMs), until: new Date() } });
    expect(await actorOf(cy)).toMatchObject({ roles: [], bound: { isOver: true } });
  });

  it("is refused to whoever decides or changes things, to whoever gives it, beyond a year and for unknown systems", async () => {
    const [ada, cy, di] = [await person("Ada", "administrator"), await person("Cy", "auditor", "approver"), await person("Di")];
    const code = async (over: Partial<Parameters<typeof engage>[0]>) => {
      const answer = await engage({ actor: ada, personId: di.personId, ...terms, ...over });
      return answer.ok ? answer.value.state : answer.code;
    };
    expect(await code({ personId: cy.personId })).toBe("holds-roles");
    expect(await code({ personId: ada.personId })).toBe("yourself");
    expect(await code({ lastDay: dayAfter(400) })).toBe("too-long");
    expect(await code({ lastDay: dayAfter(-2) })).toBe("ends-in-the-past");
    expect(await code({ systemIds: [newId()] })).toBe("system-unknown");
    await expect(db.engagement.create({ data: { id: newId(), personId: di.personId, since: new Date(), until: new Date(Date.now() + 400 * dayMs), fromDay: "2026-01-01", toDay: "2026-02-01", names: false, reason: "past the rules", givenById: ada.personId } })).rejects.toThrow();
  });
});

describe("looks of auditors", () => {
  it("are written down once a minute, by auditors only, and cannot be changed or removed", async () => {
    const [cy, ada] = [await person("Cy", "auditor"), await person("Ada", "administrator")];
    const subjectId = newId();
    for (const who of [cy, cy, ada]) await recordLook(who, { kind: "chain", subjectId });
    await recordLook(cy, { kind: "list", filter: { state: "denied" } });
    const rows = await db.auditorView.findMany({ where: { personId: cy.personId } });
    // A minute may begin between two looks.
    expect(rows.filter(({ kind }) => kind === "chain").length).toBeLessThanOrEqual(2);
    expect(new Set(rows.map(({ kind }) => kind))).toEqual(new Set(["chain", "list"]));
    expect(await db.auditorView.count({ where: { personId: ada.personId } })).toBe(0);
    await expect(db.auditorView.deleteMany({ where: { personId: cy.personId } })).rejects.toThrow();
    await expect(db.auditorView.updateMany({ where: { personId: cy.personId }, data: { kind: "file" } })).rejects.toThrow();
    const listed = (await listLooks(lookListSchema.parse({}))).rows;
    expect(listed.map(({ href }) => href)).toEqual(expect.arrayContaining([`/evidence/${subjectId}`, "/evidence?state=denied"]));
  });

  it("go into the ledger by day, each day once", async () => {
    const cy = await person("Cy", "auditor");
    await recordLook(cy, { kind: "list" });
    const tomorrow = () => dayAfter(1);
    expect(await digestLooks()).toBe(false);
    expect(await digestLooks(tomorrow)).toBe(true);
    expect(await digestLooks(tomorrow)).toBe(false);
    const [digest] = await db.auditorViewDigest.findMany({ orderBy: { day: "desc" }, take: 1 });
    expect(digest?.count).toBe(await db.auditorView.count());
    expect(digest?.sha256).toMatch(/^[0-9a-f]{64}$/);
  });
});
