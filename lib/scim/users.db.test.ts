import { beforeEach, describe, expect, it } from "vitest";
import type { PersonActor } from "@/lib/auth/actor";
import type { Role } from "@/lib/auth/permissions";
import { db } from "@/lib/db/client";
import { readEventsAbout } from "@/lib/ledger/read";
import { admitPerson, openSignIn } from "@/lib/people/mutations";
import { giveRole } from "@/lib/people/registration";
import { env } from "@/lib/platform/env";
import { newId } from "@/lib/platform/ids";
import { findGroup, findUser, listGroups, listUsers, readLeavingStops, readScimTokens } from "./data";
import { changeGroupBy, createGroup, removeGroup, replaceGroup } from "./groups";
import { scimListSchema, scimPatchSchema, scimUserSchema } from "./schema";
import { decideStop } from "./stops";
import { authenticateScim, makeScimToken, withdrawScimToken } from "./tokens";
import type { DirectoryActor, ScimResult, StoredUser } from "./types";
import { changeUserBy, createUser, removeUser, replaceUser } from "./users";

const seed = { kind: "system", process: "seed" } as const;
let ada: PersonActor;
let caller: DirectoryActor;
let token: string;

async function administrator(name: string): Promise<PersonActor> {
  const admitted = await admitPerson({ issuer: env.oidc.issuer, subject: newId(), name, email: null });
  if (!admitted.ok) throw new TypeError("not admitted");
  await giveRole(admitted.value.personId, "administrator", { actor: seed });
  return { kind: "person", personId: admitted.value.personId, name, roles: ["administrator"] };
}

beforeEach(async () => {
  await db.parkedLeaving.deleteMany();
  await db.leavingStop.deleteMany();
  await db.scimUser.deleteMany();
  await db.personRole.deleteMany();
  await db.person.updateMany({ where: { leftAt: null }, data: { leftAt: new Date() } });
  ada = await administrator("Ada");
  const made = await makeScimToken({ actor: ada, name: "Entra ID" });
  if (!made.ok) throw new TypeError("no token");
  token = made.value.token;
  caller = { id: made.value.tokenId, name: "Entra ID" };
});

const value = <Value>(result: ScimResult<Value>): Value => {
  if (!result.ok) throw new TypeError(JSON.stringify(result.refusal));
  return result.value;
};
const sent = (over: Record<string, unknown> = {}) => scimUserSchema.parse({ userName: `${newId()}@example.com`, externalId: newId(), displayName: "Lena Vogt", ...over });
const create = async (over: Record<string, unknown> = {}): Promise<StoredUser> => value(await createUser(caller, sent(over)));
const operations = (...list: unknown[]) => scimPatchSchema.parse({ Operations: list }).Operations;
const deactivate = (id: string) => changeUserBy(caller, id, operations({ op: "Replace", path: "active", value: "False" }));
const personOf = (id: string) => db.person.findUniqueOrThrow({ where: { id } });
const eventsOf = async (id: string) => (await readEventsAbout("person", id)).map(({ type }) => type);
const list = (filter?: string) => scimListSchema.parse({ ...(filter ? { filter } : {}) });

describe("a token", () => {
  it("is shown once and kept as a hash, names its directory, and is worth nothing once withdrawn", async () => {
    expect(await authenticateScim(`Bearer ${token}`)).toEqual({ ok: true, value: caller });
    const rows = await db.$queryRaw<{ text: string }[]>`select s::text as text from scim_tokens s union all select convert_from(body, 'UTF8') from ledger.event`;
    expect(JSON.stringify(rows)).not.toContain(token);
    expect((await readScimTokens())[0]).toMatchObject({ name: "Entra ID", createdBy: "Ada" });
    expect(await withdrawScimToken({ actor: ada, tokenId: caller.id })).toMatchObject({ ok: true });
    expect(await authenticateScim(`Bearer ${token}`)).toMatchObject({ ok: false, status: 401, code: "token-unknown" });
    expect(await withdrawScimToken({ actor: ada, tokenId: caller.id })).toMatchObject({ ok: false, code: "withdrawn-already" });
  });

  it.each([[null, "token-missing"], ["Basic abc", "token-malformed"], ["Bearer curfew_scim_short", "token-malformed"], [`Bearer curfew_scim_${"A".repeat(43)}`, "token-unknown"]])(
    "is refused as %s",
    async (authorization, code) => expect(await authenticateScim(authorization)).toMatchObject({ ok: false, status: 401, code }),
  );
});

describe("a user", () => {
  it("becomes a person without a role, who signs in by the directory's id", async () => {
    const user = await create({ externalId: "00u-lena", emails: [{ value: "Lena@Example.com", primary: true }] });
    expect(await personOf(user.id)).toMatchObject({ issuer: env.oidc.issuer, subject: "00u-lena", name: "Lena Vogt", email: "lena@example.com", leftAt: null });
    expect(await eventsOf(user.id)).toEqual(["person.created"]);
    const admitted = await admitPerson({ issuer: env.oidc.issuer, subject: "00u-lena", name: "Lena Vogt", email: "lena@example.com" });
    expect(admitted).toMatchObject({ ok: true, value: { personId: user.id } });
  });

  it("joins a person who signed in before, by issuer and subject, and never by an address", async () => {
    const email = `${newId()}@example.com`;
    const admitted = await admitPerson({ issuer: env.oidc.issuer, subject: "sub-1", name: "Lena", email });
    const known = admitted.ok ? admitted.value.personId : "";
    expect((await create({ externalId: "another", emails: [{ value: email }] })).id).not.toBe(known);
    expect((await create({ externalId: "sub-1" })).id).toBe(known);
  });

  it("does not take an administrator over by a user name alone", async () => {
    const { subject } = await personOf(ada.personId);
    expect(await createUser(caller, sent({ userName: subject, externalId: undefined }))).toMatchObject({ ok: false, refusal: { status: 409 } });
    expect(await db.scimUser.count({ where: { personId: ada.personId } })).toBe(0);
    expect(value(await createUser(caller, sent({ externalId: subject }))).id).toBe(ada.personId);
  });

  it("is one for one name and one id, however many calls make it at once", async () => {
    const user = sent();
    const answers = await Promise.all(Array.from({ length: 6 }, () => createUser(caller, user)));
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    expect(answers.find(({ ok }) => !ok)).toMatchObject({ refusal: { status: 409, scimType: "uniqueness" } });
    expect(await createUser(caller, { ...user, userName: user.userName.toUpperCase(), externalId: "else" })).toMatchObject({ ok: false, refusal: { status: 409 } });
  });

  it("is found by user name in any case, by id and by externalId, and by no pattern", async () => {
    const user = await create({ userName: "percent_%@example.com" });
    for (const [attribute, text] of [["username", "PERCENT_%@example.com"], ["externalid", user.externalId ?? ""], ["id", user.id]] as const) {
      expect((await listUsers([{ attribute, value: text }], list())).users.map(({ id }) => id)).toEqual([user.id]);
    }
    for (const text of ["%", "percent__@example.com", "no-uuid"]) expect((await listUsers([{ attribute: text === "no-uuid" ? "id" : "username", value: text }], list())).total).toBe(0);
  });

  it("comes in pages of at most 200", async () => {
    for (let number = 0; number < 3; number++) await create();
    const page = await listUsers([], { ...list(), startIndex: 2, count: 1 });
    expect(page).toMatchObject({ total: 3 });
    expect(page.users).toHaveLength(1);
    expect(scimListSchema.parse({ count: "100000", startIndex: "-5" })).toMatchObject({ count: 200, startIndex: 1 });
  });

  it("is replaced whole by a PUT, as Okta sends it, and keeps its externalId", async () => {
    const user = await create();
    const put = value(await replaceUser(caller, user.id, sent({ userName: user.userName, externalId: undefined, displayName: "Lena Berg" })));
    expect(put).toMatchObject({ displayName: "Lena Berg", externalId: user.externalId });
    expect(await personOf(user.id)).toMatchObject({ name: "Lena Berg" });
    expect(await replaceUser(caller, user.id, sent({ userName: user.userName, externalId: "stolen" }))).toMatchObject({ ok: false, refusal: { scimType: "mutability" } });
    expect(await replaceUser(caller, newId(), sent())).toMatchObject({ ok: false, refusal: { status: 404 } });
  });
});

describe("a leaver of the directory", () => {
  it.each<[string, (id: string) => Promise<ScimResult<unknown>>]>([
    ["Entra ID's PATCH", deactivate],
    ["Okta's PATCH", (id) => changeUserBy(caller, id, operations({ op: "replace", value: { active: false } }))],
    ["Okta's PUT", async (id) => replaceUser(caller, id, { ...(value({ ok: true, value: await findUser(id) }) ?? sent()), active: false })],
    ["a DELETE", (id) => removeUser(caller, id)],
  ])("leaves by %s: every sign-in ends, every passkey is taken back, the person is kept", async (_name, leave) => {
    const user = await create();
    await openSignIn(user.id);
    const key = { publicKey: new Uint8Array([1]), counter: 0, transports: [], aaguid: newId(), deviceType: "single-device", backedUp: false, name: "Key", createdAt: new Date() };
    for (const id of [newId(), newId()]) await db.passkey.create({ data: { ...key, id, personId: user.id, credentialId: id } });
    expect((await leave(user.id)).ok).toBe(true);
    expect(await db.passkey.count({ where: { personId: user.id, revokedAt: { not: null }, revokedWhy: "left" } })).toBe(2);
    expect((await personOf(user.id)).leftAt).not.toBeNull();
    expect(await db.signIn.count({ where: { personId: user.id } })).toBe(0);
    expect(await eventsOf(user.id)).toEqual(["person.created", "person.signed-in", "person.left", "passkey.revoked"]);
    expect((await leave(user.id)).ok).toBe(_name !== "a DELETE");
    expect((await eventsOf(user.id)).filter((type) => type === "person.left")).toHaveLength(1);
  });

  it("comes back when the directory says so, without the roles that need a second administrator", async () => {
    const user = await create();
    for (const role of ["owner", "administrator"] as Role[]) await giveRole(user.id, role, { actor: seed });
    await deactivate(user.id);
    value(await changeUserBy(caller, user.id, operations({ op: "Replace", path: "active", value: "True" })));
    expect((await personOf(user.id)).leftAt).toBeNull();
    expect((await db.personRole.findMany({ where: { personId: user.id } })).map(({ role }) => role)).toEqual(["owner"]);
    expect((await eventsOf(user.id)).at(-1)).toBe("person.returned");
  });

  it("can be made again after a DELETE, as the same person", async () => {
    const user = await create();
    await removeUser(caller, user.id);
    expect(await findUser(user.id)).toBeNull();
    const again = await create({ externalId: user.externalId, userName: user.userName });
    expect(again).toMatchObject({ id: user.id, active: true });
    expect((await personOf(user.id)).leftAt).toBeNull();
  });

  it("who is the last administrator stays until somebody says so", async () => {
    const { subject } = await personOf(ada.personId);
    await create({ externalId: subject });
    expect(value(await deactivate(ada.personId)).active).toBe(false);
    expect((await personOf(ada.personId)).leftAt).toBeNull();
    const [stop] = await readLeavingStops();
    expect(stop).toMatchObject({ why: "last-administrator", parkedNames: ["Lena Vogt"] });
    expect(await decideStop({ actor: ada, stopId: stop?.id ?? "", answer: "apply" })).toMatchObject({ ok: false, code: "last-administrator" });
    const bo = await administrator("Bo");
    expect(await decideStop({ actor: bo, stopId: stop?.id ?? "", answer: "apply" })).toMatchObject({ ok: true, value: { people: 1 } });
    expect((await personOf(ada.personId)).leftAt).not.toBeNull();
  });
});

describe("too many leavers at once", () => {
  async function many(count: number): Promise<string[]> {
    const ids: string[] = [];
    for (let number = 0; number < count; number++) ids.push((await create({ displayName: `Person ${number}` })).id);
    return ids;
  }
  const here = async (ids: readonly string[]) => db.person.count({ where: { id: { in: [...ids] }, leftAt: null } });

  it("stop at the fifth of thirteen: the directory is answered, nobody else leaves, an administrator is asked", async () => {
    const ids = await many(12);
    for (const id of ids) expect(value(await deactivate(id)).active).toBe(false);
    expect(await here(ids)).toBe(8);
    const stops = await readLeavingStops();
    expect(stops).toHaveLength(1);
    expect(stops[0]).toMatchObject({ why: "mass", token: "Entra ID", presentCount: 13, leftBefore: 4, parkedCount: 8 });
    expect(stops[0]?.leftNames).toEqual(["Person 0", "Person 1", "Person 2", "Person 3"]);
    expect(await eventsOf(ids[11] ?? "")).toEqual(["person.created", "person.leaving-parked"]);
    expect(value({ ok: true, value: await findUser(ids[11] ?? "") })?.active).toBe(false);
  });

  it("stop at the same number when they all come at the same moment", async () => {
    const ids = await many(12);
    await Promise.all(ids.map((id) => deactivate(id)));
    expect(await here(ids)).toBe(8);
    expect(await db.leavingStop.count({ where: { state: "waiting" } })).toBe(1);
  });

  it("leave once an administrator lets them, and the next ones are counted anew", async () => {
    const ids = await many(12);
    for (const id of ids) await deactivate(id);
    const stopId = (await readLeavingStops())[0]?.id ?? "";
    expect(await decideStop({ actor: ada, stopId, answer: "apply" })).toMatchObject({ ok: true, value: { state: "applied", people: 8 } });
    expect(await here(ids)).toBe(0);
    expect(await decideStop({ actor: ada, stopId, answer: "refuse" })).toMatchObject({ ok: false, code: "not-waiting" });
    const next = (await many(1))[0] ?? "";
    await deactivate(next);
    expect(await here([next])).toBe(0);
  });

  it("stay when an administrator refuses; the directory reads that they are active, and asking again is asked again", async () => {
    const ids = await many(12);
    for (const id of ids) await deactivate(id);
    const stopId = (await readLeavingStops())[0]?.id ?? "";
    expect(await decideStop({ actor: ada, stopId, answer: "refuse" })).toMatchObject({ ok: true, value: { state: "refused", people: 8 } });
    expect((await findUser(ids[11] ?? ""))?.active).toBe(true);
    await deactivate(ids[11] ?? "");
    expect(await here(ids)).toBe(8);
    expect(await readLeavingStops()).toHaveLength(1);
  });

  it("are taken back by the directory itself: then nothing is asked any more", async () => {
    const ids = await many(12);
    for (const id of ids) await deactivate(id);
    for (const id of ids) await changeUserBy(caller, id, operations({ op: "replace", path: "active", value: true }));
    expect(await readLeavingStops()).toEqual([]);
    expect(await here(ids)).toBe(12);
  });

  it("of two directories are counted apart", async () => {
    const ids = await many(8);
    for (const id of ids.slice(0, 4)) await deactivate(id);
    const made = await makeScimToken({ actor: ada, name: "Okta" });
    const other = { id: made.ok ? made.value.tokenId : "", name: "Okta" };
    await changeUserBy(other, ids[4] ?? "", operations({ op: "replace", value: { active: false } }));
    expect(await here(ids)).toBe(3);
  });
});

describe("a group", () => {
  it("fills a team of its own; same-named groups stay apart, and none takes over a team by name", async () => {
    const name = `Security ${newId()}`;
    await db.team.create({ data: { id: newId(), name } });
    const one = value(await createGroup({ displayName: name, externalId: "g1", members: [] }));
    const two = value(await createGroup({ displayName: name, externalId: "g2", members: [] }));
    const names = (await db.team.findMany({ where: { id: { in: [one.id, two.id] } } })).map((team) => team.name);
    expect(new Set([...names, name]).size).toBe(3);
    expect((await listGroups([{ attribute: "displayname", value: name }], list(), true)).total).toBe(2);
    expect(await createGroup({ displayName: "Other", externalId: "g1", members: [] })).toMatchObject({ ok: false, refusal: { status: 409 } });
    for (const { id } of [one, two]) await removeGroup(id);
  });

  it("is changed as Entra ID and Okta do it, with an event for each who joins and leaves", async () => {
    const [a, b, c] = [await create(), await create(), await create()];
    const group = value(await createGroup({ displayName: `Team ${newId()}`, externalId: null, members: [a.id] }));
    const ids = async () => ((await findGroup(group.id, true))?.members ?? []).map(({ id }) => id).sort();
    value(await changeGroupBy(group.id, operations({ op: "Add", path: "members", value: [{ value: b.id }, { value: a.id }] })));
    expect(await ids()).toEqual([a.id, b.id].sort());
    value(await changeGroupBy(group.id, operations({ op: "Remove", path: `members[value eq "${a.id}"]` })));
    expect(await ids()).toEqual([b.id]);
    value(await changeGroupBy(group.id, operations({ op: "replace", path: "members", value: [{ value: c.id }] }, { op: "replace", value: { displayName: "Renamed" } })));
    expect(await ids()).toEqual([c.id]);
    expect(await eventsOf(a.id)).toEqual(["person.created", "person.joined-team", "person.left-team"]);
    expect((await listGroups([{ attribute: "members.value", value: c.id }], list(), false)).groups).toMatchObject([{ id: group.id, members: null }]);
    value(await replaceGroup(group.id, { displayName: "Renamed", externalId: "g9", members: [] }));
    expect(await ids()).toEqual([]);
    await removeGroup(group.id);
  });

  it("changes as a whole or not at all", async () => {
    const a = await create();
    const group = value(await createGroup({ displayName: `Team ${newId()}`, externalId: null, members: [a.id] }));
    const answer = await changeGroupBy(group.id, operations({ op: "remove", path: "members" }, { op: "add", path: "members", value: [{ value: newId() }] }));
    expect(answer).toMatchObject({ ok: false, refusal: { status: 400, scimType: "invalidValue" } });
    expect((await findGroup(group.id, true))?.members).toHaveLength(1);
    expect(await removeGroup(group.id)).toMatchObject({ ok: true });
    expect(await removeGroup(group.id)).toMatchObject({ ok: false, refusal: { status: 404 } });
    expect(await db.team.count({ where: { id: group.id } })).toBe(1);
  });
});
