import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { generatePassword, makeScramVerifier } from "@/lib/connectors/postgres/scram";
import type { TestTarget } from "@/lib/connectors/postgres/test-target";
import { db } from "@/lib/db/client";
import { superuserUrl, withClient } from "@/lib/db/test-database";
import { fixedClock } from "@/lib/db/transaction";
import { setIdentityState } from "@/lib/identities/mutations";
import { newId } from "@/lib/platform/ids";
import { samplePolicies } from "@/lib/policies/sample";
import { objectionToActivation } from "@/lib/requests/recheck";
import { setScene } from "@/lib/requests/test-target-of-file";
import { makePerson, putInForce, type World } from "@/lib/requests/test-world";
import { connectNewSystem } from "@/lib/systems/mutations";
import { activateGrant } from "./activation";
import { beginIssue, confirmIssue, failIssue, lapseGrant } from "./mutations";

const seed = { kind: "system", process: "seed" } as const;

let world: World;
let target: TestTarget;
beforeAll(async () => {
  ({ world, target } = await setScene());
});

async function ready(asking: Parameters<World["approved"]>[0] = { sensitivity: "low" }) {
  const requestId = await world.approved(asking);
  const { id: grantId } = await world.grantOf(requestId);
  return { requestId, grantId };
}

const roleOf = async (grantId: string) =>
  (await target.admin<{ name: string; until: Date; limit: number; groups: string[] }>(
    `select rolname::text as name, rolvaliduntil as until, rolconnlimit as limit,
       array(select g.rolname::text from pg_auth_members m join pg_roles g on g.oid = m.roleid where m.member = r.oid) as groups
     from pg_roles r where rolname like '%${grantId.replaceAll("-", "")}'`,
  ))[0];

const jobs = async (grantId: string) => db.$queryRaw<{ key: string; run_at: Date }[]>`
  select key, run_at from graphile_worker.jobs where key = ${`recover-issue:${grantId}`}`;

/** Leads the system to where nothing listens, and back. */
async function movedAway(work: () => Promise<void>): Promise<void> {
  const config = { ...target.config(), database: target.names.database };
  const system = { id: world.systemId, name: "target", connector: "postgres@1", environment: "production", secrets: target.secrets(), actor: seed, demo: false };
  await connectNewSystem({ ...system, config: { ...config, port: 1 } });
  try {
    await work();
  } finally {
    await connectNewSystem({ ...system, config });
  }
}

describe("activating a grant", () => {
  it("issues a credential that works, bounded by the grant, and tells intent before and outcome after", async () => {
    const { requestId, grantId } = await ready({ sensitivity: "low", durationSeconds: 1800 });
    const password = generatePassword();
    const answer = await world.activate(grantId, { password });
    expect(answer).toMatchObject({ ok: true, value: { state: "active", connection: { database: target.names.database } } });
    const row = await world.grant(grantId);
    expect(row).toMatchObject({ state: "active", endReason: null, connection: answer.ok ? answer.value.connection : null });
    expect((row.notAfter?.getTime() ?? 0) - (row.issueStartedAt?.getTime() ?? 0)).toBe(1_800_000);
    const role = await roleOf(grantId);
    expect(role).toMatchObject({ name: row.handleName, limit: 5, groups: [`${target.names.group}_low`] });
    expect(role?.until.getTime()).toBe(row.notAfter?.getTime());
    const session = await target.signIn(role?.name ?? "", password);
    await expect(session.query("select count(*) from orders")).resolves.toBeDefined();
    await expect(session.query("delete from orders")).rejects.toThrow("permission denied");
    expect(await world.told("grant", grantId)).toEqual(["grant.ready", "policy.decided", "grant.issuing", "grant.active"]);
    expect(await db.assignment.findFirst({ where: { grantId } })).toMatchObject({ kind: "granted", path: [row.handleName], endedAt: null });
    expect((await db.decision.findMany({ where: { requestId } })).map(({ moment }) => moment)).toContain("activation");
  });

  it("keeps neither password nor verifier, and puts a recovery into the queue before the target is asked", async () => {
    const { grantId } = await ready();
    const password = generatePassword();
    await world.activate(grantId, { password });
    const row = await world.grant(grantId);
    expect(JSON.stringify(row, (_key, value: unknown) => (typeof value === "bigint" ? String(value) : value))).not.toMatch(new RegExp(`${password}|SCRAM`));
    const [job] = await jobs(grantId);
    expect(job?.run_at.getTime()).toBe((row.issueDeadline?.getTime() ?? 0) + 15_000);
  });

  it("repeated with the same key and verifier answers the same again, and issues nothing", async () => {
    const { grantId } = await ready();
    const [idempotencyKey, password] = [randomUUID(), generatePassword()];
    const verifier = await makeScramVerifier(password);
    const actor = world.people.rita;
    const call = () => activateGrant({ actor, grantId, idempotencyKey, verifier, objection: (tx, grant, now) => objectionToActivation(tx, grant, actor, now) });
    const first = await call();
    expect(await call()).toEqual(first);
    expect((await world.told("grant", grantId)).filter((type) => type === "grant.active")).toHaveLength(1);
    expect(await activateGrant({ actor, grantId, idempotencyKey, verifier: await makeScramVerifier(password), objection: () => Promise.resolve(null) })).toMatchObject({ ok: false, code: "already-activated" });
  });
});

describe("an activation is refused, on the record and without a credential,", () => {
  async function refused(grantId: string, answer: { ok: boolean }, code: string): Promise<void> {
    expect(answer).toMatchObject({ ok: false, code });
    expect(await roleOf(grantId)).toBeUndefined();
    expect((await world.events("grant", grantId, "grant.activation-refused")).map(({ data }) => data["code"])).toContain(code);
  }

  it("to anybody but the requester", async () => {
    const { grantId } = await ready();
    for (const actor of [world.people.anton, world.people.olga, world.people.ada]) await refused(grantId, await world.activate(grantId, { actor }), "not-requester");
    expect((await world.grant(grantId)).state).toBe("ready");
  });

  it("after its time, even before it has lapsed", async () => {
    const { grantId } = await ready();
    await db.grant.update({ where: { id: grantId }, data: { activateBefore: new Date(Date.now() - 1000) } });
    await refused(grantId, await world.activate(grantId), "not-activated-in-time");
  });

  it("when policy says no by now", async () => {
    const identityId = await world.identity();
    const { grantId } = await ready({ sensitivity: "low", identityId });
    await setIdentityState(identityId, "suspended", { actor: seed });
    await refused(grantId, await world.activate(grantId), "policy-refuses");
    expect((await world.grant(grantId)).state).toBe("ready");
  });

  it.each([
    ["review-missed", "nobody reviewed its identity in time", (reviewId: string) => ({ frozenByReviewId: reviewId }), { frozenByReviewId: null }],
    ["identity-orphaned", "nobody answers for its identity any more", () => ({ state: "orphaned" }), { state: "active" }],
  ] as const)("where %s: %s since it was approved; the approval is kept until somebody does", async (code, _why, freeze, thaw) => {
    const identityId = await world.identity();
    const { grantId } = await ready({ sensitivity: "low", identityId });
    await db.identity.update({ where: { id: identityId }, data: freeze(newId()) });
    await refused(grantId, await world.activate(grantId), code);
    expect((await world.grant(grantId)).state).toBe("ready");
    await db.identity.update({ where: { id: identityId }, data: thaw });
    expect(await world.activate(grantId)).toMatchObject({ ok: true });
  });

  it("when policy cannot be asked, and can be activated once it can", async () => {
    const { grantId } = await ready();
    await withClient(superuserUrl(), (client) => client.query("update policy_sets set activated_at = null"));
    await refused(grantId, await world.activate(grantId), "policy-fault");
    await putInForce(samplePolicies);
    expect(await world.activate(grantId)).toMatchObject({ ok: true });
  });

  it.each([
    ["asks for more approvals", "medium", { "medium-owner-ticket": '@reason("Two now") @stages("resource-owner:1, team:Security:1") permit (principal, action, resource);' }],
    ["asks for an approval where there was none", "low", { "low-read-auto": '@reason("Not by itself any more") @stages("resource-owner:1") permit (principal, action, resource);' }],
    ["allows less time", "low", { "low-read-auto": '@reason("Ten minutes") @stages("none") @max_duration("10m") permit (principal, action, resource);' }],
  ] as const)("when policy %s than when it was approved", async (_name, sensitivity, stricter) => {
    const { grantId } = await ready({ sensitivity });
    await putInForce(stricter);
    try {
      await refused(grantId, await world.activate(grantId), "policy-stricter");
    } finally {
      await putInForce(samplePolicies);
    }
  });

  it("of an unknown grant", async () => {
    expect(await world.activate(newId())).toEqual({ ok: false, code: "unknown-grant" });
  });
});

describe("a target that takes nothing", () => {
  it("leaves the request approved: the grant has failed, a new one is ready in its place and can be activated", async () => {
    const { requestId, grantId } = await ready();
    const { connector } = target.names;
    await target.admin(`alter role ${connector} nocreaterole`);
    try {
      expect(await world.activate(grantId)).toEqual({ ok: false, code: "target-denied" });
    } finally {
      await target.admin(`alter role ${connector} createrole`);
    }
    expect(await roleOf(grantId)).toBeUndefined();
    expect(await world.grant(grantId)).toMatchObject({ state: "failed", lastFailure: expect.any(String) });
    expect(await world.told("grant", grantId)).toEqual(["grant.ready", "policy.decided", "grant.issuing", "grant.failed"]);
    const next = await world.grantOf(requestId);
    expect(next).toMatchObject({ state: "ready", replacesId: grantId });
    expect(await world.activate(next.id)).toMatchObject({ ok: true });
    expect(await world.activate(grantId)).toMatchObject({ ok: false, code: "not-activatable" });
  });

  it("because it cannot be reached leaves the grant to recovery, which alone may judge it", async () => {
    const { grantId } = await ready();
    await movedAway(async () => {
      expect(await world.activate(grantId)).toEqual({ ok: false, code: "target-did-not-answer" });
    });
    expect((await world.grant(grantId)).state).toBe("issuing");
    expect(await jobs(grantId)).toHaveLength(1);
    expect(await world.activate(grantId)).toMatchObject({ ok: false, code: "being-activated" });
  });
});

describe("a lost answer", () => {
  it("is repaired by repeating the call after its deadline: the same credential, once", async () => {
    const { grantId } = await ready();
    const [idempotencyKey, password] = [randomUUID(), generatePassword()];
    const verifier = await makeScramVerifier(password);
    const actor = world.people.rita;
    const call = () => activateGrant({ actor, grantId, idempotencyKey, verifier, objection: () => Promise.resolve(null) });
    await movedAway(async () => {
      expect(await call()).toMatchObject({ ok: false });
    });
    await db.grant.update({ where: { id: grantId }, data: { issueDeadline: new Date(Date.now() - 1000) } });
    expect(await call()).toMatchObject({ ok: true });
    const { handleName } = await world.grant(grantId);
    await expect(target.signIn(handleName ?? "", password)).resolves.toBeDefined();
  });

  it("is recovery's once its deadline is 15 s old", async () => {
    const { grantId } = await ready();
    const actor = world.people.rita;
    const issue = { actor, grantId, key: "k", handleName: `curfew_x_${grantId}`, objection: () => Promise.resolve(null) };
    await beginIssue(issue);
    await db.grant.update({ where: { id: grantId }, data: { issueDeadline: new Date(Date.now() - 15_001) } });
    expect(await beginIssue(issue)).toMatchObject({ ok: false, code: "being-recovered" });
  });

  it("comes too late when recovery has settled the grant: it is refused and makes nothing live", async () => {
    const { grantId } = await ready();
    const actor = world.people.rita;
    await beginIssue({ actor, grantId, key: "k", handleName: "curfew_x", objection: () => Promise.resolve(null) });
    expect(await failIssue({ grantId, key: "another", code: "answer-lost" })).toBe(false);
    expect(await failIssue({ grantId, key: null, code: "answer-lost" })).toBe(true);
    const receipt = { handle: { name: "curfew_x", targetId: "1" }, connection: {}, issuedAt: new Date(), repeated: false, markers: ["login:curfew_x"] };
    expect(await confirmIssue({ actor, grantId, key: "k", receipt })).toEqual({ ok: false, code: "superseded" });
    expect((await world.grant(grantId)).state).toBe("failed");
    expect(await failIssue({ grantId, key: null, code: "answer-lost" })).toBe(false);
  });
});

describe("a grant that nobody activates", () => {
  it("lapses at its time, and its request with it", async () => {
    const { requestId, grantId } = await ready();
    expect(await lapseGrant(grantId)).toBe(false);
    const { activateBefore } = await world.grant(grantId);
    expect(await lapseGrant(grantId, fixedClock(activateBefore))).toBe(true);
    expect(await lapseGrant(grantId, fixedClock(activateBefore))).toBe(false);
    expect((await world.grant(grantId)).state).toBe("lapsed");
    expect((await db.request.findUniqueOrThrow({ where: { id: requestId } })).state).toBe("lapsed");
    expect((await world.told("request", requestId)).slice(-2)).toEqual(["grant.lapsed", "request.lapsed"]);
    expect((await world.events("request", requestId, "request.lapsed"))[0]?.data).toEqual({ why: "not-activated-in-time" });
  });

  it("can be asked for again afterwards", async () => {
    const identityId = await world.identity();
    const { grantId } = await ready({ sensitivity: "low", identityId });
    expect(await world.ask({ sensitivity: "low", identityId })).toMatchObject({ ok: false, code: "already-granted" });
    const { activateBefore } = await world.grant(grantId);
    await lapseGrant(grantId, fixedClock(activateBefore));
    expect(await world.ask({ sensitivity: "low", identityId })).toMatchObject({ ok: true });
  });

  it("whose issue failed after its time leaves no request that is approved for ever", async () => {
    const { requestId, grantId } = await ready();
    const actor = world.people.rita;
    await beginIssue({ actor, grantId, key: "k", handleName: "curfew_x", objection: () => Promise.resolve(null) });
    await db.grant.update({ where: { id: grantId }, data: { activateBefore: new Date(Date.now() - 1) } });
    await failIssue({ grantId, key: "k", code: "denied" });
    expect(await db.grant.count({ where: { requestId } })).toBe(1);
    expect((await db.request.findUniqueOrThrow({ where: { id: requestId } })).state).toBe("lapsed");
    expect((await world.told("request", requestId)).at(-1)).toBe("request.lapsed");
  });
});

describe("a job's grant", () => {
  it("is activated by the job alone, not by the person who started it", async () => {
    const identityId = await world.identity();
    const starter = await makePerson("Starter", ["requester"]);
    const job = { kind: "workload", identityId, name: "job", issuer: "https://ci.example.com", subject: "s", tokenId: "t", triggeredById: starter.personId } as const;
    const { grantId } = await ready({ sensitivity: "low", identityId, actor: job });
    expect(await world.activate(grantId, { actor: starter })).toMatchObject({ ok: false, code: "not-requester" });
    expect(await world.activate(grantId, { actor: { ...job, identityId: newId() } })).toMatchObject({ ok: false, code: "not-requester" });
    expect(await world.activate(grantId, { actor: job })).toMatchObject({ ok: true });
  });
});
