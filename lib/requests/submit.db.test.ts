import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import type { WorkloadActor } from "@/lib/auth/actor";
import { db } from "@/lib/db/client";
import { superuserUrl, withClient } from "@/lib/db/test-database";
import { setIdentityState } from "@/lib/identities/mutations";
import { eraseClearValues } from "@/lib/ledger/erase";
import { inTransaction } from "@/lib/db/transaction";
import { setPersonLeft } from "@/lib/people/mutations";
import { newId } from "@/lib/platform/ids";
import { samplePolicies } from "@/lib/policies/sample";
import { submitRequest, withdrawRequest } from "./mutations";
import { setScene } from "./test-target-of-file";
import { makePerson, putInForce, type World } from "./test-world";

let world: World;
beforeAll(async () => {
  ({ world } = await setScene());
});

const request = (id: string) =>
  db.request.findUniqueOrThrow({ where: { id }, include: { stages: { include: { members: true }, orderBy: { position: "asc" } }, sides: true, grants: true, decisions: true } });

/** Everything that a refused ask may not leave behind, counted. */
async function counts() {
  const [requests, grants, decisions] = [await db.request.count(), await db.grant.count(), await db.decision.count()];
  return { requests, grants, decisions };
}

describe("asking for low access", () => {
  it("is approved by policy alone, with a grant ready to activate and everything on the ledger", async () => {
    const identityId = await world.identity();
    const answer = await world.ask({ sensitivity: "low", identityId });
    expect(answer).toMatchObject({ ok: true, value: { state: "approved" } });
    const row = await request(answer.ok ? answer.value.requestId : "");
    expect(row).toMatchObject({ state: "approved", requesterId: world.people.rita.personId, stages: [], durationSeconds: 3600, grantedDurationSeconds: 3600 });
    expect(row.grants).toMatchObject([{ state: "ready", durationSeconds: 3600, identityId, activatedAt: null, handleName: null }]);
    expect(row.decisions).toMatchObject([{ moment: "request", outcome: "permit", determining: ["low-read-auto"] }]);
    expect(await world.told("request", row.id)).toEqual(["request.submitted", "policy.decided", "request.approved", "grant.ready"]);
    expect((await world.events("request", row.id, "request.approved"))[0]?.data).toMatchObject({ automatically: true, durationSeconds: 3600 });
  });
});

describe("asking for medium access", () => {
  it("asks those who own the resource, without anybody of the asking side", async () => {
    const row = await request(await world.asked());
    const { anton, bea, bo, rita, olga, sam } = world.people;
    expect(row).toMatchObject({ state: "pending", grants: [] });
    expect(row.stages).toMatchObject([{ position: 0, source: "resource-owner", needed: 1, state: "open" }]);
    expect(row.stages[0]?.members.map(({ personId }) => personId).sort()).toEqual([anton.personId, bea.personId].sort());
    expect(row.sides.map(({ personId, why }) => `${why} ${personId}`).sort()).toEqual(
      [`requester ${rita.personId}`, `owner ${olga.personId}`, `sponsor ${sam.personId}`, `backup ${bo.personId}`].sort(),
    );
    expect(await world.told("request", row.id)).toEqual(["request.submitted", "policy.decided"]);
    const [submitted] = await world.events("request", row.id, "request.submitted");
    expect(submitted?.data).toMatchObject({ ticketKey: "CHG-482", stages: [{ source: "resource-owner", needed: 1 }] });
  });

  it("does not ask somebody who has left, or whose role is gone", async () => {
    const [gone, demoted] = [await makePerson("Gone", ["approver"], ["Data"]), await makePerson("Demoted", ["approver"], ["Data"])];
    await setPersonLeft({ actor: world.people.ada, personId: gone.personId });
    await db.personRole.deleteMany({ where: { personId: demoted.personId } });
    const row = await request(await world.asked());
    const asked = row.stages[0]?.members.map(({ personId }) => personId);
    expect(asked).not.toContain(gone.personId);
    expect(asked).not.toContain(demoted.personId);
  });

  it("puts the intent beside the event, where it can be erased, and only its hash into it", async () => {
    const intent = "Look why invoice 4711 of a very particular customer is wrong";
    const requestId = await world.asked({ intent });
    const [before] = await world.events("request", requestId, "request.submitted");
    expect(before?.clear["intent"]).toBe(intent);
    expect(Buffer.from(before?.bytes ?? []).toString()).not.toContain("4711");
    await inTransaction((tx) => eraseClearValues(tx, "request", requestId));
    const [after] = await world.events("request", requestId, "request.submitted");
    expect(after?.clear).toEqual({});
    expect(after?.hashed).toEqual(before?.hashed);
  });
});

describe("asking for high access", () => {
  it("opens the first of two stages and lets the second wait", async () => {
    const row = await request(await world.asked({ sensitivity: "high" }));
    expect(row.stages).toMatchObject([
      { source: "resource-owner", state: "open" },
      { source: "team:Security", state: "waiting" },
    ]);
    expect(row.stages[1]?.members.map(({ personId }) => personId).sort()).toEqual([world.people.sven.personId, world.people.selma.personId].sort());
    expect(row.idleSeconds).toBe(1800);
  });

  it("asks two people for critical access, who are never one and the same", async () => {
    const row = await request(await world.asked({ sensitivity: "critical" }));
    expect(row.stages.reduce((sum, { needed }) => sum + needed, 0)).toBe(2);
  });
});

describe("a refusal", () => {
  /** Refused with this code, nothing stored, and one event that says so. */
  async function refused(answer: Awaited<ReturnType<World["ask"]>>, code: string, identityId: string): Promise<void> {
    expect(answer).toMatchObject({ ok: false, code });
    expect((await world.told("identity", identityId)).filter((type) => type === "request.refused")).toHaveLength(1);
    const [event] = await world.events("identity", identityId, "request.refused");
    expect(event?.data).toMatchObject({ code, identityId });
  }

  it.each<[string, string, (world: World) => Promise<Parameters<World["ask"]>[0] & { identityId: string }>]>([
    ["nobody owns the identity", "policy-refuses", async (here) => ({ identityId: await here.unowned() })],
    [
      "the identity is suspended",
      "policy-refuses",
      async (here) => {
        const identityId = await here.identity();
        await setIdentityState(identityId, "suspended", { actor: here.people.ada });
        return { identityId };
      },
    ],
    ["no ticket is named where policy asks for one", "ticket-missing", async (here) => ({ identityId: await here.identity(), ticketKey: undefined })],
    ["it would last longer than policy allows", "duration-over-policy", async (here) => ({ identityId: await here.identity(), durationSeconds: 9 * 3600 })],
    ["the purpose is not one of the entitlement's", "purpose-not-listed", async (here) => ({ identityId: await here.identity(), purpose: "curiosity" })],
    ["the entitlement is not there", "unknown-entitlement", async (here) => ({ identityId: await here.identity(), entitlementIds: [newId()] })],
  ])("because %s is stored as one, and nothing else", async (_name, code, asking) => {
    const over = await asking(world);
    const before = await counts();
    await refused(await world.ask(over), code, over.identityId);
    expect(await counts()).toEqual(before);
  });

  it("because the entitlement cannot be asked for", async () => {
    const identityId = await world.identity();
    const id = newId();
    const found = { name: `found ${id}`, description: "Found by discovery", target: { groupRole: id }, sensitivity: "critical", createdAt: new Date() };
    await db.entitlement.create({ data: { id, systemId: world.systemId, actions: [], purposes: [], ...found } });
    await refused(await world.ask({ identityId, entitlementIds: [id] }), "not-requestable", identityId);
  });

  it("names the request that waits for the same already", async () => {
    const identityId = await world.identity();
    const requestId = await world.asked({ identityId });
    const answer = await world.ask({ identityId });
    await refused(answer, "already-asked", identityId);
    expect(answer).toMatchObject({ detail: { requestId } });
  });

  it("names the grant that gives the same already", async () => {
    const identityId = await world.identity();
    const requestId = await world.asked({ identityId, sensitivity: "low" });
    const answer = await world.ask({ identityId, sensitivity: "low" });
    await refused(answer, "already-granted", identityId);
    expect(answer).toMatchObject({ detail: { requestId } });
  });

  it("because nobody could approve, naming the stage", async () => {
    const { bea, anton, olga } = world.people;
    const identityId = await world.identity({ ownerId: anton.personId, backupId: bea.personId, creatorId: world.people.bo.personId });
    const answer = await world.ask({ identityId, actor: olga });
    await refused(answer, "nobody-can-approve", identityId);
    expect(answer).toMatchObject({ detail: { stage: expect.stringContaining("the owner of medium") } });
  });

  it("of an unknown identity says so without naming it on the ledger", async () => {
    const unknown = newId();
    expect(await world.ask({ identityId: unknown })).toMatchObject({ ok: false, code: "unknown-identity" });
    expect(await world.told("identity", unknown)).toEqual([]);
  });

  it.each([
    ["the intent", { intent: "Use postgresql://svc:hunter2Xq9@db.internal/orders for the backfill" }],
    ["the ticket key", { ticketKey: "ghp_0123456789abcdefghijklmnopqrstuvwxyzAB" }],
    ["the purpose", { purpose: "AKIAQ3EGUB5OAKDX7PLM" }],
  ])("because %s holds a secret stores nothing at all, no event either", async (_name, over) => {
    const identityId = await world.identity();
    const before = { ...(await counts()), told: await world.told("identity", identityId) };
    expect(await world.ask({ identityId, ...over })).toMatchObject({ ok: false, code: "secret-in-text" });
    expect({ ...(await counts()), told: await world.told("identity", identityId) }).toEqual(before);
    const text = Object.values(over)[0] ?? "";
    const { rows } = await withClient(superuserUrl(), (client) => client.query("select value from ledger.clear_value where value like '%' || $1 || '%'", [text]));
    expect(rows).toEqual([]);
  });
});

describe("a policy engine that cannot answer", () => {
  it.each([
    ["because no policy is in force", "update policy_sets set activated_at = null"],
    ["because the stored set was changed behind its back", "update policy_sets set policies = policies - 'suspended-refused'"],
  ])("%s refuses, says that it is a fault, and grants nothing", async (_name, sql) => {
    const identityId = await world.identity();
    await withClient(superuserUrl(), (client) => client.query(sql));
    try {
      const before = await counts();
      expect(await world.ask({ sensitivity: "low", identityId })).toMatchObject({ ok: false, code: "policy-fault" });
      expect(await counts()).toEqual(before);
      expect(await world.told("identity", identityId)).toContain("request.refused");
    } finally {
      await putInForce(samplePolicies);
    }
    expect(await world.ask({ sensitivity: "low", identityId })).toMatchObject({ ok: true });
  });
});

describe("the same ask again", () => {
  it("with the same key is one request, however often and however fast it is sent", async () => {
    const [identityId, idempotencyKey] = [await world.identity(), randomUUID()];
    const answers = await Promise.all(Array.from({ length: 10 }, () => world.ask({ identityId, idempotencyKey })));
    const ids = new Set(answers.map((answer) => (answer.ok ? answer.value.requestId : answer.code)));
    expect(ids.size).toBe(1);
    expect(await db.request.count({ where: { identityId } })).toBe(1);
    expect(await world.told("request", [...ids][0] ?? "")).toEqual(["request.submitted", "policy.decided"]);
  });

  it("tells what became of it meanwhile", async () => {
    const [identityId, idempotencyKey] = [await world.identity(), randomUUID()];
    const requestId = await world.asked({ identityId, idempotencyKey });
    await world.vote(requestId, world.people.bea, { answer: "deny" });
    expect(await world.ask({ identityId, idempotencyKey })).toMatchObject({ ok: true, value: { requestId, state: "denied" } });
  });

  it("with the key of another identity's request answers with that request", async () => {
    const idempotencyKey = randomUUID();
    const requestId = await world.asked({ idempotencyKey });
    expect(await world.ask({ idempotencyKey })).toMatchObject({ ok: true, value: { requestId } });
  });

  it("with the key of another identity's request, at the same moment, is one request", async () => {
    const identities = await Promise.all(Array.from({ length: 6 }, () => world.identity()));
    const idempotencyKey = randomUUID();
    const answers = await Promise.all(identities.map((identityId) => world.ask({ identityId, idempotencyKey })));
    expect(new Set(answers.map((answer) => (answer.ok ? answer.value.requestId : answer.code))).size).toBe(1);
  });

  it("with another key, at the same moment, is one request and refusals that name it", async () => {
    const identityId = await world.identity();
    const answers = await Promise.all(Array.from({ length: 10 }, () => world.ask({ identityId })));
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    expect(answers.filter((answer) => !answer.ok && answer.code === "already-asked")).toHaveLength(9);
    expect(await db.request.count({ where: { identityId } })).toBe(1);
  });
});

describe("a job that asks", () => {
  const job = (identityId: string, triggeredById: string | null): WorkloadActor => ({
    kind: "workload", identityId, name: "job", issuer: "https://ci.example.com", subject: "repo:acme", tokenId: "t1", triggeredById,
  });

  it("asks for itself, and whoever started it is on its side", async () => {
    const { bea } = world.people;
    const identityId = await world.identity();
    const row = await request(await world.asked({ identityId, actor: job(identityId, bea.personId) }));
    expect(row).toMatchObject({ requesterId: null, requesterIdentityId: identityId, triggeredById: bea.personId });
    expect(row.sides.map(({ personId, why }) => `${why} ${personId}`)).toContain(`triggered-by ${bea.personId}`);
    expect(row.stages[0]?.members.map(({ personId }) => personId)).toEqual([world.people.anton.personId]);
    const [submitted] = await world.events("request", row.id, "request.submitted");
    expect(submitted?.actor).toEqual({ kind: "workload", id: identityId, tokenId: "t1" });
  });

  it("cannot ask for another identity", async () => {
    const [mine, other] = [await world.identity(), await world.identity()];
    expect(await world.ask({ identityId: other, actor: job(mine, null) })).toMatchObject({ ok: false, code: "not-your-identity" });
  });
});

describe("taking a request back", () => {
  it("closes it and its stages, and is told", async () => {
    const requestId = await world.asked({ sensitivity: "high" });
    expect(await withdrawRequest({ actor: world.people.rita, requestId })).toEqual({ ok: true, value: { state: "withdrawn" } });
    expect(await request(requestId)).toMatchObject({ state: "withdrawn", stages: [{ state: "void" }, { state: "void" }], grants: [] });
    expect((await world.told("request", requestId)).at(-1)).toBe("request.withdrawn");
    expect(await world.vote(requestId, world.people.bea)).toMatchObject({ ok: false, code: "not-pending" });
  });

  it("is for who asked alone, and only while it waits", async () => {
    const requestId = await world.asked();
    expect(await withdrawRequest({ actor: world.people.anton, requestId })).toMatchObject({ ok: false, code: "not-requester" });
    await world.vote(requestId, world.people.bea);
    expect(await withdrawRequest({ actor: world.people.rita, requestId })).toMatchObject({ ok: false, code: "not-pending", detail: { state: "approved" } });
    expect(await withdrawRequest({ actor: world.people.rita, requestId: newId() })).toEqual({ ok: false, code: "unknown-request" });
  });

  it("and a vote at the same moment have one outcome", async () => {
    const requestId = await world.asked();
    const [taken, voted] = await Promise.all([withdrawRequest({ actor: world.people.rita, requestId }), world.vote(requestId, world.people.bea)]);
    expect([taken.ok, voted.ok].filter(Boolean)).toHaveLength(1);
    const row = await request(requestId);
    expect(row.state).toBe(taken.ok ? "withdrawn" : "approved");
    expect(row.grants).toHaveLength(taken.ok ? 0 : 1);
  });
});

describe("the mutation itself", () => {
  it("leaves nothing behind when its event cannot be written", async () => {
    const identityId = await world.identity();
    const before = await counts();
    const actor = { ...world.people.rita, personId: world.people.rita.personId };
    const ask = { actor, identityId, entitlementIds: [world.entitlement("low")], intent: "Backfill the orders of spring", durationSeconds: 3600, idempotencyKey: randomUUID(), sourceAddress: null };
    // Longer than an event's text may be: the shape is wrong, so the whole change is.
    await db.entitlement.update({ where: { id: ask.entitlementIds[0] ?? "" }, data: { purposes: { push: "x".repeat(501) } } });
    await expect(submitRequest({ ...ask, purpose: "x".repeat(501) })).rejects.toThrow();
    expect(await counts()).toEqual(before);
    expect(await world.told("identity", identityId)).toEqual(["identity.registered", "identity.answered-for", "identity.state-changed"]);
  });
});
