import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import type { PersonActor } from "@/lib/auth/actor";
import { db } from "@/lib/db/client";
import { superuserUrl, withClient } from "@/lib/db/test-database";
import { readEventsAbout } from "@/lib/ledger/read";
import { joinTeam } from "@/lib/people/registration";
import { takeFromTeam } from "@/lib/people/teams";
import { newId } from "@/lib/platform/ids";
import { setScene } from "@/lib/requests/test-target-of-file";
import { makePerson, type World } from "@/lib/requests/test-world";
import { changeTemplate, keepTemplate, removeTemplate } from "./mutations";
import { listTemplates, readTemplateStart, searchTemplates } from "./views/list";

const seed = { kind: "system", process: "seed" } as const;
let world: World;
let identityId: string;
/** In team Delivery like Rita, who keeps; Dora is in neither of her teams. */
let mate: PersonActor;
let stranger: PersonActor;
let delivery: string;
beforeAll(async () => {
  ({ world } = await setScene());
  identityId = await world.identity();
  mate = await makePerson("Mate", ["requester"], ["Delivery"]);
  stranger = await makePerson("Dora", ["requester"], ["Elsewhere"]);
  delivery = await joinTeam(world.people.rita.personId, "Delivery", { actor: seed });
});

type Over = Partial<Parameters<typeof keepTemplate>[0]>;

function keep(over: Over = {}) {
  return keepTemplate({
    actor: world.people.rita, name: `Template ${newId()}`, identityId, entitlementIds: [world.entitlement("medium")], purpose: "backfill",
    intent: "Backfill the currency column of last month", durationSeconds: 1800, maxUses: 3, idleSeconds: 600, teamId: null, idempotencyKey: randomUUID(), ...over,
  });
}

async function kept(over: Over = {}): Promise<string> {
  const answer = await keep(over);
  if (!answer.ok) throw new TypeError(answer.code);
  return answer.value.templateId;
}

const told = async (type: string, templateId: string) => (await readEventsAbout("person", world.people.rita.personId)).filter((event) => event.type === type && event.data["templateId"] === templateId);
const counts = async () => [await db.request.count(), await db.inboxItem.count(), await db.grant.count()];

describe("keeping a template", () => {
  it("stores what is asked without a ticket, asks nobody, and is an event", async () => {
    const before = await counts();
    const id = await kept({ entitlementIds: [world.entitlement("high"), world.entitlement("medium")] });
    expect(await counts()).toEqual(before);
    const start = await readTemplateStart(world.people.rita, id);
    expect(start).toMatchObject({ identity: { id: identityId }, purpose: "backfill", durationSeconds: 1800, maxUses: 3, idleSeconds: 600, keeper: null, gone: [] });
    expect(start?.entitlements.map((one) => one.id)).toEqual([world.entitlement("high"), world.entitlement("medium")]);
    expect(start).not.toHaveProperty("ticketKey");
    const [event] = await told("request-template.kept", id);
    expect(event).toMatchObject({ data: { identityId, teamId: null, purpose: "backfill" }, clear: { intent: "Backfill the currency column of last month" } });
    expect(JSON.stringify(event?.data)).not.toContain("currency column");
  });

  it("stores nothing where its name or its sentence holds a secret", async () => {
    const secret = "postgresql://svc:hunter2Xq9@db.internal/orders";
    for (const over of [{ intent: `Use ${secret} for it` }, { name: secret.slice(0, 60) }]) expect(await keep(over)).toMatchObject({ ok: false, code: "secret-in-text" });
    const { rows } = await withClient(superuserUrl(), (client) => client.query("select id from request_templates where intent like '%hunter2%' or name like '%hunter2%'"));
    expect(rows).toEqual([]);
  });

  it("is one template for one key, however often and fast it is sent", async () => {
    const over = { idempotencyKey: randomUUID(), name: `Once ${newId()}` };
    const answers = await Promise.all([keep(over), keep(over), keep(over)]);
    expect(new Set(answers.map((answer) => (answer.ok ? answer.value.templateId : answer.code))).size).toBe(1);
    expect(await told("request-template.kept", answers[0]?.ok ? answers[0].value.templateId : "")).toHaveLength(1);
  });

  it("has one name for one keeper, however it is written; others may call theirs the same", async () => {
    const name = `Backfill ${newId()}`;
    await kept({ name });
    expect(await keep({ name: name.toUpperCase() })).toMatchObject({ ok: false, code: "name-taken" });
    expect(await keep({ name, actor: mate })).toMatchObject({ ok: true });
  });

  it("takes no team that the keeper is not in, and nothing that is not there or cannot be asked for", async () => {
    const elsewhere = await joinTeam(stranger.personId, "Elsewhere", { actor: seed });
    expect(await keep({ teamId: elsewhere })).toMatchObject({ ok: false, code: "not-your-team" });
    expect(await keep({ teamId: newId() })).toMatchObject({ ok: false, code: "not-your-team" });
    expect(await keep({ entitlementIds: [newId()] })).toMatchObject({ ok: false, code: "unknown-entitlement" });
    expect(await keep({ identityId: newId() })).toMatchObject({ ok: false, code: "unknown-identity" });
  });

  it("stops at as many as one person keeps", async () => {
    const hoarder = await makePerson("Hoarder", ["requester"]);
    const row = { keeperId: hoarder.personId, purpose: "backfill", intent: "One of very many", durationSeconds: 60, keptAt: new Date() };
    await db.requestTemplate.createMany({ data: Array.from({ length: 100 }, (_, index) => ({ id: newId(), name: `n ${index}`, idempotencyKey: randomUUID(), ...row })) });
    expect(await keep({ actor: hoarder })).toMatchObject({ ok: false, code: "too-many" });
    const first = await listTemplates(hoarder, undefined);
    expect(first.rows).toHaveLength(25);
    const second = await listTemplates(hoarder, first.next ?? undefined);
    expect(new Set([...first.rows, ...second.rows].map(({ id }) => id)).size).toBe(50);
  });
});

describe("who may use a template", () => {
  const uses = async (actor: PersonActor, id: string) => [
    (await readTemplateStart(actor, id)) !== null,
    (await searchTemplates(actor, "")).some((one) => one.id === id),
    (await listTemplates(actor, undefined)).rows.some((one) => one.id === id),
  ];

  it("is its keeper alone, until it is shared with a team", async () => {
    const id = await kept();
    expect(await uses(world.people.rita, id)).toEqual([true, true, true]);
    expect(await uses(mate, id)).toEqual([false, false, false]);
    await changeTemplate({ actor: world.people.rita, templateId: id, name: `Shared ${id}`, teamId: delivery });
    expect(await uses(mate, id)).toEqual([true, true, true]);
    expect(await uses(stranger, id)).toEqual([false, false, false]);
    expect((await told("request-template.changed", id))[0]?.data).toMatchObject({ renamed: true, team: { from: null, to: delivery } });
  });

  it("is judged by the team's id: whoever left it, or is in another one that took its name, may not", async () => {
    const leaver = await makePerson("Leaver", ["requester"], ["Delivery"]);
    const id = await kept({ teamId: delivery });
    expect(await uses(leaver, id)).toEqual([true, true, true]);
    await takeFromTeam({ actor: world.people.ada, personId: leaver.personId, teamId: delivery });
    expect(await uses(leaver, id)).toEqual([false, false, false]);
    await db.team.update({ where: { id: delivery }, data: { name: "Delivery before" } });
    const namesake = await makePerson("Namesake", ["requester"], ["Delivery"]);
    expect(await uses(namesake, id)).toEqual([false, false, false]);
    expect(await uses(mate, id)).toEqual([true, true, true]);
  });
});

describe("who may change and remove a template", () => {
  it("is its keeper; a member of its team is told so, and nobody else learns that it is there", async () => {
    const id = await kept({ teamId: delivery });
    const change = (actor: PersonActor) => changeTemplate({ actor, templateId: id, name: `Renamed ${newId()}`, teamId: delivery });
    expect(await change(mate)).toMatchObject({ ok: false, code: "not-yours" });
    expect(await change(stranger)).toMatchObject({ ok: false, code: "unknown-template" });
    expect(await removeTemplate({ actor: mate, templateId: id })).toMatchObject({ ok: false, code: "not-yours" });
    expect(await removeTemplate({ actor: stranger, templateId: id })).toMatchObject({ ok: false, code: "unknown-template" });
    expect((await listTemplates(mate, undefined)).rows.find((row) => row.id === id)).toMatchObject({ isOwn: false, mayUse: true, mayChange: false });
    expect(await change(world.people.rita)).toMatchObject({ ok: true });
    expect(await removeTemplate({ actor: world.people.rita, templateId: id })).toMatchObject({ ok: true });
    expect(await told("request-template.removed", id)).toHaveLength(1);
    expect(await removeTemplate({ actor: world.people.rita, templateId: id })).toMatchObject({ ok: false, code: "unknown-template" });
  });

  it("is an administrator, too, who cannot share it with a team that its keeper is not in", async () => {
    const { ada } = world.people;
    const id = await kept();
    const foreign = await joinTeam(ada.personId, "Administration", { actor: seed });
    expect((await listTemplates(ada, undefined)).rows.find((row) => row.id === id)).toMatchObject({ isOwn: false, mayUse: false, mayChange: true });
    expect(await changeTemplate({ actor: ada, templateId: id, name: "For all", teamId: foreign })).toMatchObject({ ok: false, code: "not-your-team" });
    expect(await removeTemplate({ actor: ada, templateId: id })).toMatchObject({ ok: true });
    expect((await told("request-template.removed", id))[0]?.actor).toMatchObject({ kind: "person", id: ada.personId });
    // It filled no form of hers while it was there: she asks for nothing.
    expect(await readTemplateStart(ada, id)).toBeNull();
  });
});

describe("what a template names and is gone", () => {
  it("is said, and left out of the form", async () => {
    const id = newId();
    const found = { name: `closing ${id}`, description: "Soon closed", target: { groupRole: id }, sensitivity: "low", createdAt: new Date(), requestable: true };
    await db.entitlement.create({ data: { id, systemId: world.systemId, actions: [], purposes: ["backfill"], ...found } });
    const whose = await world.identity();
    const templateId = await kept({ identityId: whose, entitlementIds: [id, world.entitlement("low")] });
    await db.entitlement.update({ where: { id }, data: { requestable: false } });
    await db.identity.update({ where: { id: whose }, data: { vanishedAt: new Date() } });
    const start = await readTemplateStart(world.people.rita, templateId);
    expect(start?.gone).toEqual([expect.stringContaining("is not on its system any more"), expect.stringContaining(`closing ${id}`)]);
    expect(start).toMatchObject({ identity: null, purpose: "backfill" });
    expect(start?.entitlements.map((one) => one.id)).toEqual([world.entitlement("low")]);
  });

  it("is said of a purpose that is not listed any more", async () => {
    const templateId = await kept({ entitlementIds: [world.entitlement("critical")], purpose: "debugging" });
    await db.entitlement.update({ where: { id: world.entitlement("critical") }, data: { purposes: ["backfill", "incident"] } });
    expect(await readTemplateStart(world.people.rita, templateId)).toMatchObject({ purpose: "", gone: ["The purpose debugging is not listed any more: pick another one."] });
  });
});
