import { beforeEach, describe, expect, it } from "vitest";
import type { PersonActor } from "@/lib/auth/actor";
import { db } from "@/lib/db/client";
import { makeEntitlement, makeIdentity, makePerson, makeStanding, makeSystem } from "@/lib/exceptions/test-holdings";
import { readEventsAbout } from "@/lib/ledger/read";
import { decideProposal } from "@/lib/proposals/mutations";
import { listCatalogue } from "./data";
import { editEntitlement, editManyEntitlements } from "./editing";
import { defineEntitlement, type Definition } from "./mutations";

const told = async (id: string) => (await readEventsAbout("entitlement", id)).map(({ type }) => type);
const sensitivityOf = async (id: string) => (await db.entitlement.findUniqueOrThrow({ where: { id } })).sensitivity;
const seed = { kind: "system", process: "seed" } as const;

async function world() {
  const ada = await makePerson("Ada", "administrator");
  const systemId = await makeSystem();
  const entitlementId = await makeEntitlement(systemId, { sensitivity: "high" });
  const row = await db.entitlement.findUniqueOrThrow({ where: { id: entitlementId } });
  const said: Definition = { name: row.name, description: row.description, sensitivity: "high", resourceOwnerId: ada.personId, resourceTeamId: null, purposes: ["backfill"], maxDurationSeconds: null, requestable: true };
  return { ada, systemId, entitlementId, said, edit: (over: Partial<Definition> = {}, actor: PersonActor = ada) => editEntitlement({ actor, entitlementId, ...said, ...over }) };
}

beforeEach(async () => {
  await db.proposal.deleteMany();
  await db.personRole.deleteMany();
});

describe("an entitlement", () => {
  it("is raised at once, and lowered at once by the only administrator, who is told so", async () => {
    const { entitlementId, edit } = await world();
    expect(await edit({ sensitivity: "critical" })).toMatchObject({ ok: true, value: { lowering: "none" } });
    expect(await edit({ sensitivity: "low" })).toMatchObject({ ok: true, value: { lowering: "applied" } });
    expect(await sensitivityOf(entitlementId)).toBe("low");
    expect(await told(entitlementId)).toEqual(["entitlement.defined", "entitlement.defined", "proposal.applied-alone"]);
  });

  it("is lowered by a second administrator once there are two; everything else applies at once", async () => {
    const { systemId, entitlementId, edit } = await world();
    const bo = await makePerson("Bo", "administrator");
    expect(await edit({ sensitivity: "low", description: "Says more" })).toMatchObject({ ok: true, value: { lowering: "waiting" } });
    expect(await db.entitlement.findUniqueOrThrow({ where: { id: entitlementId } })).toMatchObject({ sensitivity: "high", description: "Says more" });
    const page = await listCatalogue(systemId, { q: "", after: null, before: null });
    expect(page.rows[0]).toMatchObject({ waitsFor: "low", sensitivity: "high" });
    expect(await edit({ sensitivity: "low", description: "Again" })).toMatchObject({ ok: false, code: "already-proposed" });
    expect(await db.entitlement.findUniqueOrThrow({ where: { id: entitlementId } })).toMatchObject({ description: "Says more" });
    const { id: proposalId } = await db.proposal.findFirstOrThrow({ where: { kind: "lower-sensitivity" } });
    expect(await decideProposal({ proposalId, actor: bo, answer: "confirm" })).toMatchObject({ ok: true });
    expect(await sensitivityOf(entitlementId)).toBe("low");
  });

  it("cannot be asked for without purpose or owner, nor for longer than its sensitivity allows", async () => {
    const { edit } = await world();
    expect(await edit({ purposes: [] })).toMatchObject({ ok: false, code: "needs-purpose" });
    expect(await edit({ resourceOwnerId: null })).toMatchObject({ ok: false, code: "needs-owner" });
    expect(await edit({ maxDurationSeconds: 9 * 3_600 })).toMatchObject({ ok: false, code: "cap-too-long" });
    expect(await edit({ maxDurationSeconds: 8 * 3_600 })).toMatchObject({ ok: true });
  });

  it("cannot be asked for where only files tell of it", async () => {
    const { ada, said } = await world();
    const entitlementId = await makeEntitlement(await makeSystem("files@1"));
    expect(await editEntitlement({ actor: ada, entitlementId, ...said })).toMatchObject({ ok: false, code: "not-grantable" });
    expect(await editEntitlement({ actor: ada, entitlementId, ...said, requestable: false })).toMatchObject({ ok: true });
  });

  it("is no event when nothing is different", async () => {
    const { entitlementId, said, edit } = await world();
    await edit();
    expect(await edit()).toMatchObject({ ok: true, value: { isChanged: false } });
    await defineEntitlement({ actor: seed, entitlementId, ...said });
    expect(await told(entitlementId)).toEqual(["entitlement.defined"]);
  });

  it("has whoever holds it scored anew when its sensitivity changes, and names them", async () => {
    const { ada, systemId, entitlementId, edit } = await world();
    const identityId = await makeIdentity(ada.personId);
    await makeStanding(identityId, entitlementId);
    await db.identity.update({ where: { id: identityId }, data: { scoredAt: new Date() } });
    await edit({ sensitivity: "critical" });
    expect((await db.identity.findUniqueOrThrow({ where: { id: identityId } })).scoredAt).toBeNull();
    const { rows } = await listCatalogue(systemId, { q: "", after: null, before: null });
    expect(rows[0]?.standing).toMatchObject({ count: 1, names: [{ id: identityId, hasException: false }] });
    expect(rows[0]?.granted).toMatchObject({ count: 0, names: [] });
  });
});

describe("many entitlements", () => {
  it("say how many can change before any does; those that cannot stay as they are", async () => {
    const { ada, systemId, entitlementId, edit } = await world();
    await edit({ maxDurationSeconds: 6 * 3_600 });
    const others = [await makeEntitlement(systemId, { sensitivity: "low" }), await makeEntitlement(systemId, { sensitivity: "critical" })];
    const ids = [entitlementId, ...others];
    const wanted = { actor: ada, ids, change: { sensitivity: "critical" } as const };
    const preview = await editManyEntitlements({ ...wanted, isPreview: true });
    expect(preview).toMatchObject({ ok: true, value: { applied: false, can: 1, waiting: 0 } });
    expect(preview.ok && preview.value.cannot.map(({ why }) => why).sort()).toEqual(["cap-too-long", "nothing-changes"]);
    expect(await sensitivityOf(others[0] ?? "")).toBe("low");
    expect(await editManyEntitlements({ ...wanted, isPreview: false })).toMatchObject({ ok: true, value: { applied: true, can: 1 } });
    expect(await Promise.all(ids.map(sensitivityOf))).toEqual(["high", "critical", "critical"]);
  });

  it("are paged by name in both directions, and found by a part of it", async () => {
    const { systemId } = await world();
    for (let index = 0; index < 30; index++) await makeEntitlement(systemId);
    const first = await listCatalogue(systemId, { q: "", after: null, before: null });
    expect(first.rows).toHaveLength(25);
    const second = await listCatalogue(systemId, { q: "", after: first.next, before: null });
    expect(second.rows).toHaveLength(6);
    expect((await listCatalogue(systemId, { q: "", after: null, before: second.previous })).rows.map(({ id }) => id)).toEqual(first.rows.map(({ id }) => id));
    const [row] = second.rows;
    expect((await listCatalogue(systemId, { q: row?.name.slice(-12) ?? "", after: null, before: null })).rows.map(({ id }) => id)).toEqual([row?.id]);
  });
});
