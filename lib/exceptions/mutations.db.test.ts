import { describe, expect, it } from "vitest";
import { db } from "@/lib/db/client";
import { scoreDueIdentities } from "@/lib/identities/scoring";
import { readEventsAbout } from "@/lib/ledger/read";
import { endException, lapseExceptions, makeException, remindOfExceptions } from "./mutations";
import { makeEntitlement, makeIdentity, makePerson, makeStanding, makeSystem } from "./test-holdings";

const day = (fromNow: number) => new Date(Date.now() + fromNow * 86_400_000).toISOString().slice(0, 10);
const words = { reason: "The vendor cannot rotate before spring", controls: "Its network is closed to everything but the vendor" };

async function world(over: Parameters<typeof makeEntitlement>[1] = { requestable: true }) {
  const olga = await makePerson("Olga", "owner");
  const systemId = await makeSystem();
  const entitlementId = await makeEntitlement(systemId, over);
  const identityId = await makeIdentity(olga.personId);
  const assignmentId = await makeStanding(identityId, entitlementId);
  return { olga, identityId, entitlementId, assignmentId, command: { actor: olga, assignmentId, ownerId: olga.personId, ...words } };
}

const openFindings = async (identityId: string) => (await db.finding.findMany({ where: { identityId, closedAt: null }, orderBy: { kind: "asc" } })).map(({ kind }) => kind);
const told = async (id: string) => (await readEventsAbout("identity", id)).map(({ type }) => type).filter((type) => /^(exception|finding)\./.test(type));

describe("a standing exception", () => {
  it("takes a side door away, and comes back by itself at its end", async () => {
    const { identityId, assignmentId, command } = await world();
    await scoreDueIdentities();
    expect(await openFindings(identityId)).toEqual(["side-door"]);
    expect(await makeException({ ...command, endsOn: day(60) })).toMatchObject({ ok: true });
    expect(await openFindings(identityId)).toEqual([]);
    await scoreDueIdentities();
    expect(await db.identity.findUniqueOrThrow({ where: { id: identityId } })).toMatchObject({ standingCount: 0, entitlementCount: 1 });
    await db.standingException.updateMany({ where: { assignmentId }, data: { madeAt: new Date(Date.now() - 200_000), endsAt: new Date(Date.now() - 1_000) } });
    expect(await lapseExceptions()).toBeGreaterThanOrEqual(1);
    expect(await openFindings(identityId)).toEqual(["side-door"]);
    expect(await db.standingException.findFirstOrThrow({ where: { assignmentId } })).toMatchObject({ endedWhy: "lapsed" });
    await scoreDueIdentities();
    expect(await db.identity.findUniqueOrThrow({ where: { id: identityId } })).toMatchObject({ standingCount: 1 });
    expect(await told(identityId)).toEqual(["finding.opened", "exception.made", "finding.closed", "exception.ended", "finding.opened"]);
  });

  it("reminds once before its end, and no more once it is renewed", async () => {
    const { identityId, assignmentId, command } = await world();
    await makeException({ ...command, endsOn: day(10) });
    await remindOfExceptions();
    await remindOfExceptions();
    expect(await openFindings(identityId)).toEqual(["exception-ends-soon"]);
    const renewed = await makeException({ ...command, endsOn: day(90) });
    expect(renewed).toMatchObject({ ok: true });
    expect(await openFindings(identityId)).toEqual([]);
    expect((await db.standingException.findMany({ where: { assignmentId }, orderBy: { madeAt: "asc" } })).map(({ endedWhy }) => endedWhy)).toEqual(["renewed", null]);
    const [, second] = (await readEventsAbout("identity", identityId)).filter(({ type }) => type === "exception.made");
    expect(second?.data["renews"]).not.toBeNull();
  });

  it("keeps its reason beside the ledger, not in it", async () => {
    const { identityId, command } = await world();
    await makeException({ ...command, endsOn: day(30) });
    const event = (await readEventsAbout("identity", identityId)).find(({ type }) => type === "exception.made");
    expect(event?.clear).toMatchObject(words);
    expect(Buffer.from(event?.bytes ?? []).toString()).not.toContain("vendor");
  });

  it("is refused beyond its cap, for what is not standing, to strangers, to who has left, and with a secret in it", async () => {
    const { assignmentId, identityId, command } = await world({ sensitivity: "critical" });
    const stranger = await makePerson("Otto", "owner");
    expect(await makeException({ ...command, endsOn: day(90) })).toMatchObject({ ok: true });
    expect(await makeException({ ...command, endsOn: day(92) })).toMatchObject({ ok: false, code: "ends-too-late", detail: { latest: day(90) } });
    expect(await makeException({ ...command, endsOn: day(-2) })).toMatchObject({ ok: false, code: "ends-too-soon" });
    expect(await makeException({ ...command, actor: stranger, endsOn: day(9) })).toMatchObject({ ok: false, code: "not-your-identity" });
    const gone = await makePerson("Gone", "owner");
    await db.person.update({ where: { id: gone.personId }, data: { leftAt: new Date() } });
    expect(await makeException({ ...command, ownerId: gone.personId, endsOn: day(9) })).toMatchObject({ ok: false, code: "person-left" });
    expect(await makeException({ ...command, reason: "postgres://svc:hunter2-correct-horse@db.example.com/orders", endsOn: day(9) })).toMatchObject({ ok: false, code: "secret-in-text" });
    await db.assignment.update({ where: { id: assignmentId }, data: { endedAt: new Date() } });
    expect(await makeException({ ...command, endsOn: day(9) })).toMatchObject({ ok: false, code: "not-standing" });
    await lapseExceptions();
    expect(await db.standingException.findFirstOrThrow({ where: { assignmentId } })).toMatchObject({ endedWhy: "assignment-gone" });
    expect(await openFindings(identityId)).toEqual([]);
  });

  it("is one, however many people answer at once, and ends by hand into a side door", async () => {
    const { olga, identityId, assignmentId, command } = await world({ requestable: false });
    await scoreDueIdentities();
    expect(await openFindings(identityId)).toEqual([]);
    const answers = await Promise.all([30, 40, 50].map((days) => makeException({ ...command, endsOn: day(days) })));
    expect(answers.every(({ ok }) => ok)).toBe(true);
    const open = await db.standingException.findMany({ where: { assignmentId, endedAt: null } });
    expect(open).toHaveLength(1);
    const exceptionId = open[0]?.id ?? "";
    const ends = await Promise.all([endException({ actor: olga, exceptionId }), endException({ actor: olga, exceptionId })]);
    expect(ends.map(({ ok }) => ok).sort()).toEqual([false, true]);
    expect(await openFindings(identityId)).toEqual(["side-door"]);
  });
});
