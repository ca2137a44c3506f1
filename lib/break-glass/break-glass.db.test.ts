import { randomUUID } from "node:crypto";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { PersonActor } from "@/lib/auth/actor";
import { generatePassword, makeScramVerifier } from "@/lib/connectors/postgres/scram";
import { db } from "@/lib/db/client";
import { fixedClock } from "@/lib/db/transaction";
import { listEvidence } from "@/lib/evidence/data";
import { evidencePageSchema, readFilter } from "@/lib/evidence/schema";
import { readChain } from "@/lib/evidence/views/chain";
import { activateGrant } from "@/lib/grants/activation";
import { setOnCall } from "@/lib/people/teams";
import { newId } from "@/lib/platform/ids";
import { samplePolicies } from "@/lib/policies/sample";
import { setScene } from "@/lib/requests/test-target-of-file";
import { makePerson, putInForce, type World } from "@/lib/requests/test-world";
import { askForReviews, closeDebt, escalateOverdue } from "./debts";
import { applyListing } from "./list";
import { breakGlass, withdrawBreakGlass, type BreakGlassCommand } from "./mutations";
import { objectionToEmergency, recheckEmergency } from "./recheck";
import { answerSecond, runUnanswered } from "./second";
import { proofOf } from "./test-proof";
import { inTransaction } from "@/lib/db/transaction";
import { endGrant } from "@/lib/grants/ending";

let world: World;
let teamId: string;
let kim: PersonActor;
const hourMs = 3_600_000;

beforeAll(async () => {
  ({ world } = await setScene());
  kim = await makePerson("Kim", ["owner", "requester"], ["Rescue"]);
  teamId = (await db.team.findUniqueOrThrow({ where: { name: "Rescue" } })).id;
  const span = { from: new Date(Date.now() - hourMs), until: new Date(Date.now() + 100 * hourMs) };
  await setOnCall({ actor: world.people.ada, personId: kim.personId, teamId, ...span });
});

/** An open debt asks for a second person: each story begins without one. */
beforeEach(async () => {
  await db.breakGlassDebt.updateMany({ where: { closedAt: null }, data: { closedAt: new Date(), closedById: world.people.bea.personId, verdict: "justified" } });
});

/** An identity of the team that Kim is on call for. */
async function identityOfTeam(): Promise<string> {
  const identityId = await world.identity();
  await db.identity.update({ where: { id: identityId }, data: { teamId } });
  return identityId;
}

async function breakOne(over: Partial<BreakGlassCommand> = {}) {
  return breakGlass({
    actor: kim, identityId: over.identityId ?? (await identityOfTeam()), entitlementId: world.entitlement("high"), incident: "INC-7", incidentCheck: "not-connected",
    reason: "Orders are stuck and customers wait", durationSeconds: 900, idempotencyKey: randomUUID(), sourceAddress: null, confirm: proofOf(over.actor?.personId ?? kim.personId), ...over,
  });
}

async function broken(over: Partial<BreakGlassCommand> = {}) {
  const answer = await breakOne(over);
  if (!answer.ok) throw new TypeError(`refused: ${answer.code} ${JSON.stringify(answer.detail ?? {})}`);
  return answer.value;
}

const glassOf = (id: string) => db.breakGlass.findUniqueOrThrow({ where: { id }, include: { debt: true, people: true, request: { include: { grants: true, sides: true } } } });

/** Activates as Kim does. */
async function activate(requestId: string) {
  const grant = await world.grantOf(requestId);
  const answer = await activateGrant({
    actor: kim, grantId: grant.id, idempotencyKey: randomUUID(), verifier: await makeScramVerifier(generatePassword()),
    objection: (tx, locked, now) => objectionToEmergency(tx, locked, kim, now),
  });
  return { grantId: grant.id, answer };
}

async function end(grantId: string): Promise<void> {
  await endGrant({ actor: kim, grantId, reason: "ended-by-person", permitted: () => Promise.resolve(true) });
}

const inForceAgain = () => putInForce(samplePolicies);
/** A set that fails whenever it is asked about breaking glass. */
const failing = { ...samplePolicies, "fails": `@reason("Fails")\nforbid (principal, action == Action::"break-glass", resource) when { context.durationSeconds * 9223372036854775807 > 0 };` };

describe("breaking the glass", () => {
  it("gives access at once, tells everybody who was passed over, and leaves a debt", async () => {
    const { breakGlassId, requestId, state } = await broken();
    expect(state).toBe("open");
    const glass = await glassOf(breakGlassId);
    expect(glass).toMatchObject({ basis: "policy", flags: [], debtSize: 1, debt: { closedAt: null, size: 1 }, request: { state: "approved", ticketKey: null, grants: [{ state: "ready", durationSeconds: 900 }] } });
    const { anton, bea, sven, selma } = world.people;
    const skipped = glass.people.filter(({ part }) => part === "skipped").map(({ personId }) => personId).sort();
    expect(skipped).toEqual([anton, bea, sven, selma].map(({ personId }) => personId).sort());
    const told = await db.inboxItem.findMany({ where: { notice: { kind: "break-glass-skipped", link: `/break-glass/${breakGlassId}` } } });
    expect(told.map(({ personId }) => personId).sort()).toEqual(skipped);
    expect(await world.told("request", requestId)).toEqual(
      expect.arrayContaining(["break-glass.asked", "policy.decided", "grant.ready", "break-glass.opened", "break-glass.debt-opened", "notification.told"]),
    );
    const { grantId, answer } = await activate(requestId);
    expect(answer).toMatchObject({ ok: true, value: { state: "active" } });
    expect(await recheckEmergency(grantId)).toBe("kept");
    await end(grantId);
  });

  it("is one emergency, however often the same call is made, at once or again", async () => {
    const command = { identityId: await identityOfTeam(), idempotencyKey: randomUUID() };
    const answers = await Promise.all([breakOne(command), breakOne(command), breakOne(command)]);
    const [first] = answers;
    for (const answer of answers) expect(answer).toEqual(first);
    expect(await db.breakGlass.count({ where: { identityId: command.identityId } })).toBe(1);
    expect(await breakOne(command)).toEqual(first);
  });

  it("is refused, on the record, to whoever is not on call, without a role, for too long, with a secret in it, or without a passkey", async () => {
    const identityId = await identityOfTeam();
    expect(await breakOne({ identityId, actor: world.people.rita })).toMatchObject({ ok: false, code: "policy-refuses" });
    expect(await breakOne({ identityId, actor: world.people.ada })).toMatchObject({ ok: false, code: "no-role" });
    expect(await breakOne({ identityId, durationSeconds: 3_600 })).toMatchObject({ ok: false, code: "duration-too-long" });
    expect(await breakOne({ identityId, reason: "the key is ghp_0123456789abcdefghijABCDEFGHIJ012345" })).toMatchObject({ ok: false, code: "secret-in-text" });
    expect(await breakOne({ identityId, confirm: () => Promise.resolve({ ok: false, code: "not-verified" }) })).toMatchObject({ ok: false, code: "not-verified" });
    expect((await world.told("identity", identityId)).filter((type) => type === "break-glass.refused")).toHaveLength(4);
    expect(await db.breakGlass.count({ where: { identityId } })).toBe(0);
  });

  it("gives nothing to an identity that is suspended, whoever is on call", async () => {
    const identityId = await identityOfTeam();
    await db.identity.update({ where: { id: identityId }, data: { state: "suspended" } });
    expect(await breakOne({ identityId })).toMatchObject({ ok: false, code: "policy-refuses" });
  });

  it("is not repeated while it lies unused, and once used again is another one with its own debt", async () => {
    const identityId = await identityOfTeam();
    const first = await broken({ identityId });
    expect(await breakOne({ identityId })).toMatchObject({ ok: false, code: "already-open" });
    const { grantId } = await activate(first.requestId);
    const second = await broken({ identityId });
    expect(second.state).toBe("waiting");
    expect((await glassOf(second.breakGlassId)).flags).toContain("open-debt");
    await end(grantId);
  });
});

describe("a second person", () => {
  const critical = async () => broken({ entitlementId: world.entitlement("critical"), durationSeconds: 600, identityId: await identityOfTeam() });

  it("confirms, and only who is off the asking side and asked", async () => {
    const { breakGlassId } = await critical();
    const { olga, bo, bea, sven } = world.people;
    const say = (actor: PersonActor) => answerSecond({ actor, breakGlassId, answer: "confirm", reason: "Seen in the channel" });
    expect(await say(kim)).toMatchObject({ ok: false, code: "own-side" });
    expect(await say(olga)).toMatchObject({ ok: false, code: "own-side" });
    expect(await say(bo)).toMatchObject({ ok: false, code: "own-side" });
    expect(await say(await makePerson("Nobody", ["approver"]))).toMatchObject({ ok: false, code: "not-asked" });
    const both = await Promise.all([say(bea), say(sven)]);
    expect(both.filter(({ ok }) => ok)).toHaveLength(1);
    expect(await glassOf(breakGlassId)).toMatchObject({ state: "open", secondAnswer: "confirm", debtSize: 1, request: { grants: [{ state: "ready" }] } });
  });

  it("declines, and nothing is given", async () => {
    const { breakGlassId } = await critical();
    expect(await answerSecond({ actor: world.people.bea, breakGlassId, answer: "decline", reason: "That is a test" })).toMatchObject({ ok: true, value: { state: "declined" } });
    expect(await glassOf(breakGlassId)).toMatchObject({ state: "declined", request: null, debt: null });
  });

  it("who does not answer is not waited for: it runs loud with a larger debt, also when the worker was down at the time", async () => {
    const { breakGlassId } = await critical();
    expect((await glassOf(breakGlassId)).state).toBe("waiting");
    await runUnanswered();
    expect((await glassOf(breakGlassId)).state).toBe("waiting");
    const later = fixedClock(new Date(Date.now() + 5 * hourMs));
    await Promise.all([runUnanswered(50, later), runUnanswered(50, later)]);
    const glass = await glassOf(breakGlassId);
    expect(glass).toMatchObject({ state: "open", secondAnswer: "unanswered", request: { grants: [{ state: "ready" }] } });
    expect(glass.flags).toContain("second-unanswered");
    expect(glass.debt?.size).toBeGreaterThanOrEqual(2);
    expect((await world.told("request", glass.requestId)).filter((type) => type === "break-glass.opened")).toHaveLength(1);
    expect(await answerSecond({ actor: world.people.bea, breakGlassId, answer: "decline", reason: "Too late" })).toMatchObject({ ok: false, code: "not-waiting" });
  });

  it("is not needed any more when it is taken back", async () => {
    const { breakGlassId } = await critical();
    expect(await withdrawBreakGlass({ actor: world.people.rita, breakGlassId })).toMatchObject({ ok: false, code: "not-yours" });
    expect(await withdrawBreakGlass({ actor: kim, breakGlassId })).toMatchObject({ ok: true });
    await runUnanswered(50, fixedClock(new Date(Date.now() + 5 * hourMs)));
    expect((await glassOf(breakGlassId)).state).toBe("withdrawn");
  });
});

describe("an open debt of the same side", () => {
  /** Somebody else on call for a team of their own, with an identity whose people are these. */
  async function another(people: Parameters<World["identity"]>[0]) {
    const team = `Watch ${newId()}`;
    const actor = await makePerson("Lena", ["owner", "requester"], [team]);
    const { id } = await db.team.findUniqueOrThrow({ where: { name: team } });
    await setOnCall({ actor: world.people.ada, personId: actor.personId, teamId: id, from: new Date(Date.now() - hourMs), until: new Date(Date.now() + hourMs) });
    const identityId = await world.identity(people);
    await db.identity.update({ where: { id: identityId }, data: { teamId: id } });
    return { actor, identityId };
  }

  it("asks for a second person wherever anybody of the asking side is the same", async () => {
    await broken();
    const lena = await another({});
    const second = await broken(lena);
    expect(second.state).toBe("waiting");
    expect((await glassOf(second.breakGlassId)).flags).toContain("open-debt");
  });

  it("does not bother a side with nobody in common", async () => {
    await broken();
    const otto = await makePerson("Otto", ["owner"]);
    const lena = await another({ ownerId: otto.personId, backupId: null });
    await db.identity.update({ where: { id: lena.identityId }, data: { sponsorId: otto.personId } });
    expect(await broken(lena)).toMatchObject({ state: "open" });
  });
});

describe("the chain", () => {
  it("says that nobody decided, what made it louder, and what is owed until it is paid back", async () => {
    const { breakGlassId, requestId } = await broken({ incidentCheck: "unknown" });
    await end((await activate(requestId)).grantId);
    const chain = await readChain(requestId);
    expect(chain).toMatchObject({ emergency: { id: breakGlassId, by: "Kim", isListed: false, flags: ["The ticket system does not know it as an open incident"], debt: { closedAt: null, isOverdue: false, size: 1 } } });
    expect(chain?.chains[0]?.links.find(({ key }) => key === "decided")).toMatchObject({ who: "Kim", label: "taken" });
    const listed = async () => (await listEvidence(readFilter({ q: requestId }).filter, evidencePageSchema.parse({}))).rows.map(({ debt }) => debt);
    expect(await listed()).toEqual([{ isOverdue: false }]);
    await db.breakGlassDebt.update({ where: { breakGlassId }, data: { dueAt: new Date(Date.now() - hourMs) } });
    expect(await listed()).toEqual([{ isOverdue: true }]);
    expect((await readChain(requestId))?.emergency?.debt).toMatchObject({ isOverdue: true });
    await closeDebt({ actor: world.people.bea, breakGlassId, verdict: "justified", findings: "Looked at the statements" });
    expect(await listed()).toEqual([null]);
    expect((await readChain(requestId))?.emergency?.debt).toMatchObject({ isOverdue: false, closedBy: "Bea", verdict: "Justified" });
  });
});

describe("the debt", () => {
  it("is put up for review once the session is over, closed by somebody off the asking side only, and once", async () => {
    const { breakGlassId, requestId } = await broken();
    const { grantId } = await activate(requestId);
    const close = (actor: PersonActor) => closeDebt({ actor, breakGlassId, verdict: "justified-with-findings", findings: "The queue had no alarm" });
    expect(await close(world.people.bea)).toMatchObject({ ok: false, code: "still-live" });
    await end(grantId);
    await askForReviews();
    expect(await db.inboxItem.count({ where: { notice: { kind: "debt-due", link: `/break-glass/${breakGlassId}` } } })).toBeGreaterThan(0);
    for (const own of [kim, world.people.olga, world.people.sam, world.people.bo]) expect(await close(own)).toMatchObject({ ok: false, code: "own-side" });
    const answers = await Promise.all([close(world.people.bea), close(world.people.sven)]);
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    expect(await glassOf(breakGlassId)).toMatchObject({ debt: { verdict: "justified-with-findings", findings: "The queue had no alarm" } });
    expect(await db.finding.count({ where: { kind: "break-glass-found", dedupeKey: `break-glass-found:${breakGlassId}` } })).toBe(1);
  });

  it("escalates when nobody closes it, once, and its finding closes with it", async () => {
    const { breakGlassId, requestId } = await broken();
    await end((await activate(requestId)).grantId);
    const later = fixedClock(new Date(Date.now() + 96 * hourMs));
    await escalateOverdue(50, later);
    await escalateOverdue(50, later);
    expect((await world.told("request", requestId)).filter((type) => type === "break-glass.debt-overdue")).toHaveLength(1);
    const finding = { kind: "break-glass-overdue", detail: { path: ["breakGlassId"], equals: breakGlassId } };
    expect(await db.finding.count({ where: { ...finding, closedAt: null } })).toBe(1);
    expect(await db.inboxItem.count({ where: { personId: world.people.ada.personId, notice: { kind: "debt-overdue", link: `/break-glass/${breakGlassId}` } } })).toBe(1);
    await closeDebt({ actor: world.people.bea, breakGlassId, verdict: "justified", findings: "Looked at the statements" });
    expect(await db.finding.count({ where: { ...finding, closedAt: null } })).toBe(0);
  });
});

describe("the worst day", () => {
  it("needs an entry of the list where policy cannot be asked, and says so in debt and event", async () => {
    await putInForce(failing);
    const identityId = await identityOfTeam();
    expect(await breakOne({ identityId })).toMatchObject({ ok: false, code: "policy-fault" });
    const until = new Date(Date.now() + hourMs).toISOString();
    const entitlementId = world.entitlement("high");
    const listed = await inTransaction((tx, now) => applyListing(tx, { personId: null, teamId, entitlementId, until, reason: "Rescue keeps the shop alive" }, { actor: world.people.ada, now }));
    const { breakGlassId, requestId, state } = await broken({ identityId, incidentCheck: "down" });
    // Kim has debts: somebody is asked, and nobody answers.
    if (state === "waiting") await runUnanswered(50, fixedClock(new Date(Date.now() + hourMs)));
    const glass = await glassOf(breakGlassId);
    expect(glass).toMatchObject({ state: "open", basis: "list", entryId: listed.ok ? listed.value.entryId : "" });
    expect(glass.flags).toEqual(expect.arrayContaining(["from-list", "policy-fault", "ticket-down"]));
    expect(glass.debtSize).toBeGreaterThan(1);
    const { grantId, answer } = await activate(requestId);
    expect(answer).toMatchObject({ ok: true });
    expect(await recheckEmergency(grantId)).toBe("not-rechecked");
    await inForceAgain();
    expect(await recheckEmergency(grantId)).toBe("kept");
    await end(grantId);
  });

  it("never lets the list overrule a decided no", async () => {
    const identityId = await identityOfTeam();
    await db.identity.update({ where: { id: identityId }, data: { state: "suspended" } });
    expect(await breakOne({ identityId })).toMatchObject({ ok: false, code: "policy-refuses" });
  });
});

describe("a request that waits", () => {
  it("is escalated with its history, and what was decided meanwhile needs no emergency", async () => {
    const identityId = await identityOfTeam();
    const requestId = await world.asked({ actor: kim, sensitivity: "high", identityId });
    await world.vote(requestId, world.people.bea);
    const { breakGlassId, state } = await broken({ identityId, escalates: requestId });
    if (state === "waiting") await runUnanswered(50, fixedClock(new Date(Date.now() + hourMs)));
    expect((await glassOf(breakGlassId)).requestId).toBe(requestId);
    expect(await db.request.findUniqueOrThrow({ where: { id: requestId }, include: { votes: true } })).toMatchObject({ state: "approved", breakGlassId, votes: [{ answer: "approve", voidedAt: null }] });
    const told = await world.told("request", requestId);
    expect(told).toEqual(expect.arrayContaining(["request.submitted", "request.voted", "break-glass.opened", "grant.ready"]));
    expect(await breakOne({ identityId, escalates: requestId })).toMatchObject({ ok: false });
  });
});
