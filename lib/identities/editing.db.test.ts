import { describe, expect, it } from "vitest";
import type { PersonActor } from "@/lib/auth/actor";
import type { Role } from "@/lib/auth/permissions";
import { db } from "@/lib/db/client";
import { readEventsAbout } from "@/lib/ledger/read";
import { giveRole, registerPerson } from "@/lib/people/registration";
import { newId } from "@/lib/platform/ids";
import { answerForMany, editIdentity, registerByHand, tagMany } from "./editing";
import { answerForIdentity, registerIdentity, setIdentityState } from "./mutations";

const seed = { kind: "system", process: "seed" } as const;
const about = { kind: "bot", environment: "test", description: null } as const;

async function person(name: string, ...roles: Role[]): Promise<PersonActor> {
  const personId = await registerPerson({ issuer: "https://login.example.com", subject: newId(), name, email: null }, { actor: seed });
  for (const role of roles) await giveRole(personId, role, { actor: seed });
  return { kind: "person", personId, name, roles };
}

const stray = () => registerIdentity({ name: `bot ${newId()}`, ...about }, { actor: seed });
const details = { ...about, ownerId: null, sponsorId: null, backupId: null, teamId: null, vendor: null, tags: [] as string[] };
const told = async (id: string) => (await readEventsAbout("identity", id)).map(({ type }) => type);

describe("an identity's page", () => {
  it("leaves unowned with owner and sponsor, and not with one of them", async () => {
    const [ada, olga, sam] = [await person("Ada", "administrator"), await person("Olga", "owner"), await person("Sam", "owner")];
    const identityId = await stray();
    const half = await editIdentity({ actor: ada, identityId, ...details, ownerId: olga.personId });
    expect(half).toMatchObject({ ok: true, value: { state: "unowned", changed: ["ownerId"] } });
    const whole = await editIdentity({ actor: olga, identityId, ...details, ownerId: olga.personId, sponsorId: sam.personId, tags: [" Nightly", "nightly", "billing"] });
    expect(whole).toMatchObject({ ok: true, value: { state: "dormant" } });
    expect(await db.identity.findUniqueOrThrow({ where: { id: identityId } })).toMatchObject({ tags: ["billing", "nightly"], scoredAt: null });
    expect(await told(identityId)).toEqual(["identity.registered", "identity.answered-for", "identity.answered-for", "identity.described", "identity.state-changed"]);
  });

  it("appends nothing when nothing changes", async () => {
    const [ada, olga, sam] = [await person("Ada", "administrator"), await person("Olga", "owner"), await person("Sam", "owner")];
    const identityId = await stray();
    const said = { ...details, ownerId: olga.personId, sponsorId: sam.personId };
    await editIdentity({ actor: ada, identityId, ...said });
    const before = await told(identityId);
    expect(await editIdentity({ actor: ada, identityId, ...said })).toMatchObject({ ok: true, value: { changed: [] } });
    await answerForIdentity({ identityId, ownerId: olga.personId, sponsorId: sam.personId }, { actor: seed });
    expect(await told(identityId)).toEqual(before);
  });

  it("is changed by its owner side and administrators only", async () => {
    const [olga, other] = [await person("Olga", "owner"), await person("Otto", "owner")];
    const identityId = await stray();
    await answerForIdentity({ identityId, ownerId: olga.personId, sponsorId: olga.personId }, { actor: seed });
    expect(await editIdentity({ actor: other, identityId, ...details })).toMatchObject({ ok: false, code: "not-your-identity" });
    expect(await editIdentity({ actor: olga, identityId, ...details, ownerId: olga.personId, sponsorId: olga.personId, vendor: "Acme" })).toMatchObject({ ok: true });
  });

  it("names nobody who has left, and keeps no secret in its description", async () => {
    const [ada, gone] = [await person("Ada", "administrator"), await person("Gone", "owner")];
    await db.person.update({ where: { id: gone.personId }, data: { leftAt: new Date() } });
    const identityId = await stray();
    expect(await editIdentity({ actor: ada, identityId, ...details, ownerId: gone.personId })).toMatchObject({ ok: false, code: "person-left", detail: { name: "Gone" } });
    const secret = "postgres://svc:hunter2-correct-horse@db.example.com/orders";
    expect(await editIdentity({ actor: ada, identityId, ...details, description: secret })).toMatchObject({ ok: false, code: "secret-in-text" });
  });

  it("is registered by hand with whoever entered it as its creator", async () => {
    const ada = await person("Ada", "administrator");
    const made = await registerByHand({ actor: ada, name: `hand ${newId()}`, ...details });
    expect(made).toMatchObject({ ok: true, value: { state: "unowned" } });
    const id = made.ok ? made.value.identityId : "";
    expect(await db.identity.findUniqueOrThrow({ where: { id } })).toMatchObject({ creatorId: ada.personId, source: "person" });
  });
});

describe("many at once", () => {
  it("say which of them can change before anything does, then change exactly those", async () => {
    const [olga, sam] = [await person("Olga", "owner"), await person("Sam", "owner")];
    const [mine, foreign, off] = [await stray(), await stray(), await stray()];
    for (const identityId of [mine, off]) await answerForIdentity({ identityId, ownerId: olga.personId, sponsorId: olga.personId }, { actor: seed });
    await setIdentityState(off, "offboarded", { actor: seed });
    const ids = [mine, foreign, off];
    const preview = await answerForMany({ actor: olga, ids, ownerId: null, sponsorId: sam.personId, isPreview: true });
    expect(preview).toMatchObject({ ok: true, value: { applied: false, can: [mine] } });
    expect(preview.ok && preview.value.cannot.map(({ id, why }) => [id, why]).sort()).toEqual([[foreign, "not-your-identity"], [off, "offboarded"]].sort());
    expect((await db.identity.findUniqueOrThrow({ where: { id: mine } })).sponsorId).toBe(olga.personId);
    expect(await answerForMany({ actor: olga, ids, ownerId: null, sponsorId: sam.personId, isPreview: false })).toMatchObject({ ok: true, value: { applied: true, can: [mine] } });
    expect((await db.identity.findUniqueOrThrow({ where: { id: mine } })).sponsorId).toBe(sam.personId);
    expect((await db.identity.findUniqueOrThrow({ where: { id: foreign } })).sponsorId).toBeNull();
  });

  it("get tags beside those that they have", async () => {
    const ada = await person("Ada", "administrator");
    const id = await stray();
    await tagMany({ actor: ada, ids: [id], tags: ["b"], isPreview: false });
    await tagMany({ actor: ada, ids: [id], tags: ["A", "b"], isPreview: false });
    expect((await db.identity.findUniqueOrThrow({ where: { id } })).tags).toEqual(["a", "b"]);
  });
});
