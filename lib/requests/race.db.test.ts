import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import type { PersonActor } from "@/lib/auth/actor";
import { generatePassword, makeScramVerifier } from "@/lib/connectors/postgres/scram";
import type { TestTarget } from "@/lib/connectors/postgres/test-target";
import { db } from "@/lib/db/client";
import { activateGrant } from "@/lib/grants/activation";
import { endGrant } from "@/lib/grants/ending";
import { newId } from "@/lib/platform/ids";
import { decideRequest } from "./decision";
import { objectionToActivation } from "./recheck";
import { setScene } from "./test-target-of-file";
import { makePerson, type World } from "./test-world";

const many = 50;
const times = <Value>(make: (index: number) => Value): Value[] => Array.from({ length: many }, (_, index) => make(index));

let world: World;
let target: TestTarget;
let crowd: PersonActor[];
beforeAll(async () => {
  ({ world, target } = await setScene());
  crowd = [];
  for (let index = 0; index < many; index++) crowd.push(await makePerson(`Approver ${index}`, ["approver"], ["Data"]));
});

/** How often each outcome came. */
function codesOf(answers: readonly ({ readonly ok: true } | { readonly ok: false; readonly code: string })[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const answer of answers) {
    const code = answer.ok ? "ok" : answer.code;
    counts[code] = (counts[code] ?? 0) + 1;
  }
  return counts;
}

const request = (id: string) => db.request.findUniqueOrThrow({ where: { id }, include: { votes: true, grants: true } });

function cast(requestId: string, actor: PersonActor, over: { answer?: "approve" | "deny"; durationSeconds?: number } = {}) {
  return decideRequest({ actor, requestId, answer: "approve", reason: "Agreed", version: 1, durationSeconds: 3600, ...over });
}

describe("50 simultaneous votes on one request", () => {
  it("by one person count once", async () => {
    const requestId = await world.asked({ sensitivity: "high" });
    const answers = await Promise.all(times(() => cast(requestId, world.people.bea)));
    expect(codesOf(answers)).toEqual({ ok: 1, "already-voted": 49 });
    expect(await request(requestId)).toMatchObject({ state: "pending", votes: [{ personId: world.people.bea.personId }], grants: [] });
    const told = await world.told("request", requestId);
    expect(told.filter((type) => type === "request.voted")).toHaveLength(1);
    expect(told.filter((type) => type === "request.vote-refused")).toHaveLength(49);
  });

  it("by one person in the only stage approve once and make one grant", async () => {
    const requestId = await world.asked();
    const answers = await Promise.all(times(() => cast(requestId, world.people.bea)));
    expect(codesOf(answers)).toEqual({ ok: 1, "not-pending": 49 });
    expect((await request(requestId)).grants).toHaveLength(1);
  });

  it("by 50 different people approve once and make one grant", async () => {
    const requestId = await world.asked();
    const answers = await Promise.all(crowd.map((person) => cast(requestId, person)));
    expect(codesOf(answers)).toEqual({ ok: 1, "not-pending": 49 });
    const row = await request(requestId);
    expect(row).toMatchObject({ state: "approved" });
    expect(row.votes).toHaveLength(1);
    expect(row.grants).toHaveLength(1);
    const told = await world.told("request", requestId);
    expect(told.filter((type) => type === "request.approved")).toHaveLength(1);
    expect(told.filter((type) => type === "grant.ready")).toHaveLength(1);
  });

  it("half approve, half deny: the first decides, and every answer names what came of it", async () => {
    const requestId = await world.asked();
    const answers = await Promise.all(crowd.map((person, index) => cast(requestId, person, { answer: index % 2 === 0 ? "approve" : "deny" })));
    const row = await request(requestId);
    expect(["approved", "denied"]).toContain(row.state);
    expect(row.grants).toHaveLength(row.state === "approved" ? 1 : 0);
    expect(row.votes).toHaveLength(1);
    for (const answer of answers) {
      if (answer.ok) expect(answer.value.state).toBe(row.state);
      else expect(answer).toMatchObject({ code: "not-pending", detail: { state: row.state } });
    }
    expect(codesOf(answers)).toEqual({ ok: 1, "not-pending": 49 });
  });

  it("each narrowing to another time: one narrows, the others have to look again", async () => {
    const requestId = await world.asked({ sensitivity: "high" });
    const answers = await Promise.all(crowd.map((person, index) => cast(requestId, person, { durationSeconds: 600 + index })));
    const row = await request(requestId);
    expect(row.votes).toHaveLength(1);
    expect(row.grantedDurationSeconds).toBe(row.votes[0]?.durationSeconds);
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    expect(row.state).toBe("pending");
  });
});

const activate = async (grantId: string, idempotencyKey: string, password: string) => {
  const actor = world.people.rita;
  const verifier = await makeScramVerifier(password, new Uint8Array(Buffer.from(`salt of ${idempotencyKey}`.slice(0, 16))));
  return activateGrant({ actor, grantId, idempotencyKey, verifier, objection: (tx, grant, now) => objectionToActivation(tx, grant, actor, now) });
};

/** Roles on the target that belong to a grant. */
const credentials = (grantId: string) => target.admin<{ name: string }>(`select rolname::text as name from pg_roles where rolname like '%${grantId.replaceAll("-", "")}'`);

describe("50 simultaneous activations of one grant", () => {
  it("with 50 keys issue one credential, for one of them", async () => {
    const { id: grantId } = await world.grantOf(await world.approved({ sensitivity: "low" }));
    const passwords = times(() => generatePassword());
    const answers = await Promise.all(passwords.map((password) => activate(grantId, randomUUID(), password)));
    const codes = codesOf(answers);
    expect(codes["ok"]).toBe(1);
    expect((codes["being-activated"] ?? 0) + (codes["already-activated"] ?? 0)).toBe(49);
    expect(await credentials(grantId)).toHaveLength(1);
    const told = await world.told("grant", grantId);
    expect(told.filter((type) => type === "grant.issuing")).toHaveLength(1);
    expect(told.filter((type) => type === "grant.active")).toHaveLength(1);
    expect(told.filter((type) => type === "grant.activation-refused")).toHaveLength(49);
    const winner = answers.findIndex(({ ok }) => ok);
    const { handleName } = await world.grant(grantId);
    await expect(target.signIn(handleName ?? "", passwords[winner] ?? "")).resolves.toBeDefined();
    await expect(target.signIn(handleName ?? "", passwords[(winner + 1) % many] ?? "")).rejects.toThrow("password authentication failed");
    expect(await db.assignment.count({ where: { grantId } })).toBe(1);
  });

  it("with one key are one activation, and every call gets the same answer", async () => {
    const { id: grantId } = await world.grantOf(await world.approved({ sensitivity: "low" }));
    const [key, password] = [randomUUID(), generatePassword()];
    const answers = await Promise.all(times(() => activate(grantId, key, password)));
    expect(codesOf(answers)).toEqual({ ok: many });
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(await credentials(grantId)).toHaveLength(1);
    const told = await world.told("grant", grantId);
    expect(told).toEqual(["grant.ready", "policy.decided", "grant.issuing", "grant.active"]);
    const { handleName } = await world.grant(grantId);
    await expect(target.signIn(handleName ?? "", password)).resolves.toBeDefined();
  });

  it("by 49 strangers and the requester issue one credential, for the requester", async () => {
    const { id: grantId } = await world.grantOf(await world.approved({ sensitivity: "low" }));
    const answers = await Promise.all(
      times((index) => (index === 25 ? world.activate(grantId) : world.activate(grantId, { actor: crowd[index] ?? world.people.bea }))),
    );
    expect(codesOf(answers)).toEqual({ ok: 1, "not-requester": 49 });
    expect(answers[25]?.ok).toBe(true);
  });
});

describe("50 simultaneous ends of one session", () => {
  it("end it once, and all say that it ends", async () => {
    const { grantId } = await world.live();
    const answers = await Promise.all(
      times(() => endGrant({ actor: world.people.rita, grantId, reason: "ended-by-person", permitted: () => Promise.resolve(true) })),
    );
    for (const answer of answers) expect(answer).toEqual({ ok: true, value: { state: "ending" } });
    expect((await world.told("grant", grantId)).filter((type) => type === "grant.ending")).toHaveLength(1);
  });
});

describe("50 people asking for the same at once", () => {
  it("make one request", async () => {
    const identityId = await world.identity();
    const people: PersonActor[] = [];
    for (let index = 0; index < many; index++) people.push(await makePerson(`Requester ${newId()}`, ["requester"]));
    const answers = await Promise.all(people.map((actor) => world.ask({ identityId, actor, sensitivity: "low" })));
    expect(codesOf(answers)).toEqual({ ok: 1, "already-granted": 49 });
    expect(await db.grant.count({ where: { identityId } })).toBe(1);
  });
});
