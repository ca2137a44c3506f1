import { beforeAll, describe, expect, it } from "vitest";
import { db } from "@/lib/db/client";
import { inTransaction } from "@/lib/db/transaction";
import { listFindings } from "@/lib/findings/data";
import { findingListSchema } from "@/lib/findings/schema";
import { readEventsAbout } from "@/lib/ledger/read";
import { newId } from "@/lib/platform/ids";
import { setScene } from "@/lib/requests/test-target-of-file";
import type { World } from "@/lib/requests/test-world";
import { receiveLog } from "@/lib/uses/intake";
import { keepMarkers } from "@/lib/uses/matching";
import { makeSource, matchWaiting } from "@/lib/uses/mutations";
import { judgeUsesOutside } from "./outside";

let world: World;
beforeAll(async () => {
  ({ world } = await setScene());
});

const hour = 3_600_000;
let made = 0;

/** An identity with a standing credential, a log, and a way to write a line of it. */
async function standing() {
  made += 1;
  const identityId = await world.identity({ ownerId: world.people.olga.personId });
  const credential = { id: newId(), identityId, systemId: world.systemId, handle: `legacy_${made}_login`, targetId: newId(), kind: "password", firstSeenAt: new Date(), lastSeenAt: new Date(), facts: {} };
  await db.credential.create({ data: credential });
  const source = await makeSource({ actor: world.people.ada, input: { systemId: world.systemId, name: `outside ${made}`, format: "postgres-jsonlog" } });
  if (!source.ok) throw new Error(source.code);
  let number = 0;
  const use = (at: Date, more: Record<string, string> = {}) => {
    const line = { timestamp: at.toISOString().replace("T", " ").replace("Z", " UTC"), user: credential.handle, dbname: "orders", remote_host: "10.0.0.8", session_id: `f.${made}`, line_num: (number += 1), error_severity: "LOG", message: "statement: select card from billing.payments", ...more };
    async function* body() {
      yield await Promise.resolve(Buffer.from(`${JSON.stringify(line)}\n`));
    }
    return receiveLog({ actor: world.people.ada, sourceId: source.value.sourceId, name: "a.log", body: body() });
  };
  const finding = () => db.finding.findMany({ where: { identityId, kind: "use-outside-session" }, orderBy: { openedAt: "asc" } });
  return { ...credential, credentialId: credential.id, sourceId: source.value.sourceId, use, finding };
}

const toldOf = async (findingId: string) => (await readEventsAbout("finding", findingId, 20)).map(({ type }) => type);

describe("use of a managed credential outside of any session", () => {
  it("is one finding that names identity, system, time, use and source, however often it is looked at", async () => {
    const { use, finding, handle, identityId, sourceId } = await standing();
    await judgeUsesOutside("new");
    expect(await finding()).toEqual([]);
    const at = new Date(Date.now() - 2 * hour);
    await use(at);
    await use(new Date(at.getTime() - hour));
    await use(at, { error_severity: "FATAL", state_code: "28P01", message: "password authentication failed" });
    await judgeUsesOutside("new");
    await judgeUsesOutside("new");
    await judgeUsesOutside("all");
    const [found, ...more] = await finding();
    expect(more).toEqual([]);
    const { name } = await db.identity.findUniqueOrThrow({ where: { id: identityId } });
    const system = await db.system.findUniqueOrThrow({ where: { id: world.systemId } });
    const time = `${at.toISOString().slice(0, 19).replace("T", " ")} UTC`;
    expect(found).toMatchObject({ title: `“${name}” was used on ${system.name} outside of any session: 2 uses of ${handle}, the last at ${time}`, systemId: world.systemId, closedAt: null });
    const { rows } = await listFindings({ of: "owner-side", personId: world.people.olga.personId }, findingListSchema.parse({ kind: "use-outside-session" }));
    expect(rows.find(({ id }) => id === found?.id)?.lastUse).toMatchObject({ at: at.toISOString(), action: "SELECT", objects: ["billing.payments"], from: "10.0.0.8", source: { id: sourceId } });
    expect(await toldOf(found?.id ?? "")).toEqual(["finding.opened"]);
  });

  it("says so again when there is more of it, and a word about less does not cover it", async () => {
    const { use, finding } = await standing();
    await use(new Date(Date.now() - hour));
    await judgeUsesOutside("new");
    const [before] = await finding();
    await db.finding.update({ where: { id: before?.id ?? "" }, data: { seenAt: new Date(), seenReason: "a drill", seenById: world.people.ada.personId } });
    await judgeUsesOutside("all");
    expect((await finding())[0]?.seenAt).not.toBeNull();
    await use(new Date());
    await judgeUsesOutside("all");
    const [after] = await finding();
    expect(after).toMatchObject({ id: before?.id, seenAt: null, title: expect.stringContaining("2 uses") });
    expect(await toldOf(after?.id ?? "")).toEqual(["finding.opened", "finding.reopened"]);
  });

  it("closes once late data says which session it was", async () => {
    const { use, finding, handle } = await standing();
    const live = await world.live();
    await use(new Date());
    await judgeUsesOutside("new");
    expect(await finding()).toMatchObject([{ closedAt: null }]);
    await inTransaction((tx, now) => keepMarkers(tx, { grantId: live.grantId, systemId: world.systemId, markers: [`login:${handle}`], now }));
    await matchWaiting();
    await judgeUsesOutside("all");
    const [found] = await finding();
    expect(found?.closedAt).not.toBeNull();
    expect(await toldOf(found?.id ?? "")).toEqual(["finding.opened", "finding.closed"]);
    expect((await db.grant.findUniqueOrThrow({ where: { id: live.grantId } })).firstUseAt).not.toBeNull();
  });

  it("is none while somebody answers for all that the identity holds there", async () => {
    const { use, finding, identityId } = await standing();
    const entitlements = await db.entitlement.findMany({ where: { systemId: world.systemId }, take: 2, orderBy: { id: "asc" } });
    const [from, until] = [new Date(Date.now() - 10 * hour), new Date(Date.now() + hour)];
    const assignments = entitlements.map(({ id }) => ({ id: newId(), identityId, entitlementId: id, kind: "standing", path: [], firstSeenAt: from, lastSeenAt: until }));
    await db.assignment.createMany({ data: assignments });
    const except = (assignmentId: string) =>
      db.standingException.create({ data: { id: newId(), assignmentId, ownerId: world.people.olga.personId, reason: "a reason", controls: "controls", madeAt: from, endsAt: until } });
    await use(new Date(Date.now() - hour));
    await except(assignments[0]?.id ?? "");
    await judgeUsesOutside("new");
    expect(await finding()).toMatchObject([{ closedAt: null }]);
    await except(assignments[1]?.id ?? "");
    await judgeUsesOutside("all");
    expect((await finding())[0]?.closedAt).not.toBeNull();
    await use(new Date(Date.now() - 11 * hour));
    await judgeUsesOutside("new");
    expect(await finding()).toMatchObject([{ closedAt: expect.any(Date) }, { closedAt: null, title: expect.stringContaining("1 use of") }]);
  });

  it("is not said of Curfew’s own accounts, nor of who had the name before", async () => {
    const own = await standing();
    await db.credential.update({ where: { id: own.credentialId }, data: { ours: "connector" } });
    await own.use(new Date());
    const old = await standing();
    await db.credential.create({ data: { id: newId(), identityId: own.identityId, systemId: world.systemId, handle: old.handle, targetId: newId(), kind: "password", firstSeenAt: new Date(Date.now() + hour), lastSeenAt: new Date(), facts: {} } });
    await old.use(new Date());
    await judgeUsesOutside("new");
    expect(await old.finding()).toEqual([]);
    expect(await own.finding()).toMatchObject([{ title: expect.stringContaining(old.handle) }]);
  });
});
