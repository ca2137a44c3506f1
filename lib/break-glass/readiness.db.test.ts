import { beforeAll, describe, expect, it } from "vitest";
import type { PersonActor } from "@/lib/auth/actor";
import { db } from "@/lib/db/client";
import { fixedClock } from "@/lib/db/transaction";
import { readEventsAbout } from "@/lib/ledger/read";
import { setOnCall } from "@/lib/people/teams";
import { newId } from "@/lib/platform/ids";
import { decideProposal } from "@/lib/proposals/mutations";
import { setScene } from "@/lib/requests/test-target-of-file";
import { makePerson, type World } from "@/lib/requests/test-world";
import { findEntry } from "./data";
import { runDueDrill } from "./drill";
import { endEntry, proposeEntry } from "./listing";
import { checkSeal, lookAtSeals, registerSeal, retireSeal } from "./seals";

let world: World;
let kim: PersonActor;
let teamId: string;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const aKey = "ghp_0123456789abcdefghijABCDEFGHIJ012345";
/** Long after anything else in this file, so that one drill is not tonight's of another. */
let night = Date.now();
const nextNight = () => fixedClock(new Date((night += dayMs)));

beforeAll(async () => {
  ({ world } = await setScene());
  kim = await makePerson("Kim", ["owner", "requester"], ["Rescue"]);
  teamId = (await db.team.findUniqueOrThrow({ where: { name: "Rescue" } })).id;
  await setOnCall({ actor: world.people.ada, personId: kim.personId, teamId, from: new Date(night - hourMs), until: new Date(night + 30 * dayMs) });
});

async function givePasskey(personId: string): Promise<void> {
  const bytes = new Uint8Array([1]);
  await db.passkey.create({
    data: { id: newId(), personId, credentialId: newId(), publicKey: bytes, counter: 0n, transports: [], aaguid: "", deviceType: "single-device", backedUp: false, name: "key", createdAt: new Date() },
  });
}

const toldOf = async (kind: string, personId: string) =>
  (await db.inboxItem.findMany({ where: { personId, notice: { kind } }, include: { notice: true }, orderBy: { createdAt: "asc" } })).map(({ notice, settledAt }) => ({ link: notice.link, words: notice.words, isSettled: settledAt !== null }));
const openFindings = (kind: string) => db.finding.findMany({ where: { kind, closedAt: null } });

describe("the nightly drill", () => {
  it("finds who is on duty and could not break a glass, tells them and administrators, and runs once a night", async () => {
    const clock = nextNight();
    expect(await Promise.all([runDueDrill(clock), runDueDrill(clock)])).toEqual(expect.arrayContaining([true, false]));
    const drill = await db.breakGlassDrill.findFirstOrThrow({ orderBy: { ranAt: "desc" }, include: { results: true } });
    expect(drill).toMatchObject({ checked: 1, failing: 1, results: [{ personId: kim.personId, why: "on-call", missing: ["passkey", "way-to-reach"] }] });
    expect(await openFindings("on-call-not-ready")).toMatchObject([{ detail: { personId: kim.personId, missing: ["passkey", "way-to-reach"] } }]);
    expect(await toldOf("drill-failed", kim.personId)).toMatchObject([{ link: `/people/${kim.personId}` }]);
    expect(await toldOf("drill-failed", world.people.ada.personId)).toMatchObject([{ link: "/break-glass#drill", words: { what: expect.stringContaining("Kim (no passkey") } }]);
    for (const other of [world.people.bea, world.people.olga]) expect(await toldOf("drill-failed", other.personId)).toEqual([]);
  });

  it("counts a webhook of the team as a way to be reached, and a passkey that was removed as none", async () => {
    await db.webhook.create({ data: { id: newId(), name: "Pager", format: "slack", host: "x", sealed: new Uint8Array(), groups: ["emergency"], teamId, madeById: world.people.ada.personId, madeAt: new Date() } });
    await givePasskey(kim.personId);
    await db.passkey.updateMany({ where: { personId: kim.personId }, data: { revokedAt: new Date(), revokedWhy: "removed" } });
    await runDueDrill(nextNight());
    expect(await openFindings("on-call-not-ready")).toHaveLength(1);
    const drill = await db.breakGlassDrill.findFirstOrThrow({ orderBy: { ranAt: "desc" }, include: { results: true } });
    expect(drill.results).toMatchObject([{ missing: ["passkey"] }]);
  });

  it("closes the finding of whoever is ready, looks at who is on the list by name, and leaves out who has left", async () => {
    await givePasskey(kim.personId);
    const { sven, selma } = world.people;
    const list = { entitlementId: world.entitlement("high"), reason: "Keeps the shop alive", since: new Date(), until: new Date(night + 60 * dayMs), confirmedById: world.people.ada.personId };
    await db.breakGlassEntry.createMany({ data: [{ id: newId(), personId: sven.personId, ...list }, { id: newId(), personId: selma.personId, ...list }] });
    await db.person.update({ where: { id: selma.personId }, data: { leftAt: new Date() } });
    await runDueDrill(nextNight());
    const drill = await db.breakGlassDrill.findFirstOrThrow({ orderBy: { ranAt: "desc" }, include: { results: { orderBy: { why: "asc" } } } });
    expect(drill.results).toMatchObject([{ personId: sven.personId, why: "listed", missing: ["passkey", "way-to-reach"] }, { personId: kim.personId, why: "on-call", missing: [] }]);
    expect((await openFindings("on-call-not-ready")).map(({ detail }) => detail)).toEqual([{ personId: sven.personId, missing: ["passkey", "way-to-reach"] }]);
    await db.breakGlassEntry.updateMany({ data: { endedAt: new Date() } });
    await runDueDrill(nextNight());
    expect(await openFindings("on-call-not-ready")).toEqual([]);
  });
});

describe("an entry of the list", () => {
  const propose = (actor: PersonActor, over: Partial<Parameters<typeof proposeEntry>[0]> = {}) =>
    proposeEntry({ actor, personId: kim.personId, teamId: null, entitlementId: world.entitlement("critical"), days: 30, reason: "Keeps the shop alive at night", ...over });
  const entryOf = (personId: string, at = new Date()) => findEntry(db, { personId, entitlementId: world.entitlement("critical"), now: at });

  it("is proposed by one administrator, stands once another has confirmed it, and never by the same one", async () => {
    const abe = await makePerson("Abe", ["administrator"]);
    expect(await propose(world.people.ada, { reason: `the key is ${aKey}` })).toMatchObject({ ok: false, code: "secret-in-text" });
    const proposed = await propose(world.people.ada);
    expect(proposed).toMatchObject({ ok: true, value: { state: "waiting" } });
    const proposalId = proposed.ok && proposed.value.state === "waiting" ? proposed.value.proposalId : "";
    expect(await propose(abe)).toMatchObject({ ok: false, code: "already-proposed" });
    expect(await entryOf(kim.personId)).toBeNull();
    expect((await decideProposal({ proposalId, actor: world.people.ada, answer: "confirm" })).ok).toBe(false);
    expect(await entryOf(kim.personId)).toBeNull();
    const answers = await Promise.all([1, 2].map(() => decideProposal({ proposalId, actor: abe, answer: "confirm" })));
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    const entryId = await entryOf(kim.personId);
    expect(entryId).not.toBeNull();
    expect(await db.breakGlassEntry.count({ where: { personId: kim.personId, entitlementId: world.entitlement("critical") } })).toBe(1);
    expect(await propose(abe)).toMatchObject({ ok: false, code: "already-listed" });
    expect((await readEventsAbout("entitlement", world.entitlement("critical"))).map(({ type }) => type)).toContain("break-glass.listed");
    // Its day is over at the end of the day, and taking it off needs nobody else.
    expect(await entryOf(kim.personId, new Date(Date.now() + 33 * dayMs))).toBeNull();
    expect(await endEntry({ actor: world.people.ada, entryId: entryId ?? "" })).toMatchObject({ ok: true });
    expect(await endEntry({ actor: world.people.ada, entryId: entryId ?? "" })).toMatchObject({ ok: false, code: "unknown-entry" });
    expect(await entryOf(kim.personId)).toBeNull();
  });

  it("is refused at its confirmation where the person has left meanwhile", async () => {
    const leaver = await makePerson("Lea", ["requester"]);
    const abe = await makePerson("Abel", ["administrator"]);
    const proposed = await propose(world.people.ada, { personId: leaver.personId });
    const proposalId = proposed.ok && proposed.value.state === "waiting" ? proposed.value.proposalId : "";
    await db.person.update({ where: { id: leaver.personId }, data: { leftAt: new Date() } });
    expect(await decideProposal({ proposalId, actor: abe, answer: "confirm" })).toMatchObject({ ok: false });
    expect(await entryOf(leaver.personId)).toBeNull();
  });
});

describe("a sealed credential", () => {
  const sealedAt = new Date(Date.now() - 10 * dayMs);
  let identityId: string;
  let credentialId: string;
  let sealedId: string;
  const register = (over: Partial<Parameters<typeof registerSeal>[0]> = {}) =>
    registerSeal({ actor: world.people.ada, name: "The envelope", credentialId, keptWhere: "The safe of the second floor", holderId: world.people.olga.personId, sealedAt, checkEveryDays: 30, ...over });
  const look = (actor: PersonActor, outcome: "intact" | "broken" | "resealed" = "intact", note = "Both seals whole") => checkSeal({ actor, sealedId, outcome, note });
  const use = (at: Date) => db.credential.update({ where: { id: credentialId }, data: { lastUsedAt: at } });

  beforeAll(async () => {
    const credential = await db.credential.findFirstOrThrow({ where: { vanishedAt: null, systemId: world.systemId }, select: { id: true, identityId: true } });
    ({ id: credentialId, identityId } = credential);
    await use(new Date(sealedAt.getTime() - hourMs));
  });

  it("is registered once, without its secret, and not for a day to come", async () => {
    expect(await register({ keptWhere: `the password is ${aKey}` })).toMatchObject({ ok: false, code: "secret-in-text" });
    expect(await register({ sealedAt: new Date(Date.now() + dayMs) })).toMatchObject({ ok: false, code: "sealed-in-future" });
    expect(await register({ credentialId: newId() })).toMatchObject({ ok: false, code: "unknown-credential" });
    const registered = await register();
    sealedId = registered.ok ? registered.value.sealedId : "";
    expect(registered.ok).toBe(true);
    expect(await register()).toMatchObject({ ok: false, code: "already-sealed" });
    await lookAtSeals();
    expect(await openFindings("sealed-credential-used")).toEqual([]);
  });

  it("that somebody signs in with is a finding, told to administrators, until a check explains it; not by whoever holds the numbers", async () => {
    await use(new Date(Date.now() - hourMs));
    await Promise.all([lookAtSeals(), lookAtSeals()]);
    await lookAtSeals();
    expect(await openFindings("sealed-credential-used")).toMatchObject([{ identityId, title: "The sealed credential The envelope was used" }]);
    expect((await world.told("identity", identityId)).filter((type) => type === "break-glass.seal-used")).toHaveLength(1);
    const toldToAda = async () => (await toldOf("finding-new", world.people.ada.personId)).filter(({ link }) => link === "/break-glass#sealed");
    expect(await toldToAda()).toMatchObject([{ words: { what: "The sealed credential The envelope was used" }, isSettled: false }]);
    for (const other of [world.people.rita, world.people.bea]) expect(await toldOf("finding-new", other.personId)).toEqual([]);
    expect(await look(world.people.olga)).toMatchObject({ ok: false, code: "own-seal" });
    expect(await look(world.people.rita)).toMatchObject({ ok: false, code: "no-role" });
    expect(await look(world.people.sam, "broken", "One of them is torn")).toMatchObject({ ok: true });
    expect(await openFindings("sealed-credential-used")).toHaveLength(1);
    expect(await look(world.people.sam, "resealed", "New password, sealed again")).toMatchObject({ ok: true });
    expect(await openFindings("sealed-credential-used")).toEqual([]);
    expect(await toldToAda()).toMatchObject([{ isSettled: true }]);
    await lookAtSeals();
    expect(await openFindings("sealed-credential-used")).toEqual([]);
  });

  it("that nobody looked at in time is a finding, once, until somebody does", async () => {
    const late = fixedClock(new Date(Date.now() + 40 * dayMs));
    await lookAtSeals(late);
    await lookAtSeals(late);
    expect(await openFindings("sealed-check-overdue")).toHaveLength(1);
    expect((await world.told("identity", identityId)).filter((type) => type === "break-glass.seal-overdue")).toHaveLength(1);
    expect(await look(world.people.sam)).toMatchObject({ ok: true });
    expect(await openFindings("sealed-check-overdue")).toEqual([]);
  });

  it("that is not kept any more is not looked at any more", async () => {
    expect(await retireSeal({ actor: world.people.ada, sealedId })).toMatchObject({ ok: true });
    expect(await retireSeal({ actor: world.people.ada, sealedId })).toMatchObject({ ok: false, code: "retired" });
    await use(new Date());
    await lookAtSeals(fixedClock(new Date(Date.now() + 400 * dayMs)));
    expect([...(await openFindings("sealed-credential-used")), ...(await openFindings("sealed-check-overdue"))]).toEqual([]);
    expect(await look(world.people.sam)).toMatchObject({ ok: false, code: "retired" });
  });
});
