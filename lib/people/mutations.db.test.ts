import { beforeEach, describe, expect, it } from "vitest";
import type { PersonActor } from "@/lib/auth/actor";
import type { Role } from "@/lib/auth/permissions";
import { findSignIn, recheckSignIn, signInIdleSeconds, signInLastsSeconds } from "@/lib/auth/sign-ins";
import { hashSignInToken } from "@/lib/auth/token";
import { db } from "@/lib/db/client";
import { readEventsAbout } from "@/lib/ledger/read";
import { listPeople } from "@/lib/people/data";
import { admitPerson, closeSignIn, openSignIn, setPersonLeft } from "@/lib/people/mutations";
import { peopleListSchema } from "@/lib/people/schema";
import { giveRole } from "@/lib/people/registration";
import { newId } from "@/lib/platform/ids";

const issuer = "https://login.example.com";
const active = { isActivity: true };
const system = { kind: "system", process: "seed" } as const;

async function person(name: string, ...roles: Role[]): Promise<PersonActor> {
  const admitted = await admitPerson({ issuer, subject: newId(), name, email: `${newId()}@example.com` });
  if (!admitted.ok) throw new TypeError("not admitted");
  for (const role of roles) await giveRole(admitted.value.personId, role, { actor: system });
  return { kind: "person", personId: admitted.value.personId, name, roles };
}

async function signIn(who: PersonActor): Promise<string> {
  const opened = await openSignIn(who.personId);
  if (!opened.ok) throw new TypeError("not signed in");
  return opened.value.token;
}

const eventsOf = async (personId: string) => (await readEventsAbout("person", personId)).map(({ type }) => type);
const setExpiry = (token: string, secondsFromNow: number) =>
  db.$executeRaw`update sign_ins set expires_at = clock_timestamp() + make_interval(secs => ${secondsFromNow}) where token_hash = ${hashSignInToken(token)}`;

beforeEach(async () => {
  await db.personRole.deleteMany();
  await db.signIn.deleteMany();
});

describe("the first sign-in", () => {
  it("makes a person without any role and says so on the ledger, without the name in the event", async () => {
    const rita = await person("Rita Okafor");
    expect(await db.personRole.count({ where: { personId: rita.personId } })).toBe(0);
    const [event] = await readEventsAbout("person", rita.personId);
    expect(event).toMatchObject({ type: "person.created", clear: { name: "Rita Okafor" } });
    expect(Buffer.from(event?.bytes ?? []).toString()).not.toContain("Rita");
  });

  it("makes one person, however many browsers arrive at once", async () => {
    const profile = { issuer, subject: newId(), name: "Rita", email: null };
    const answers = await Promise.all(Array.from({ length: 8 }, () => admitPerson(profile)));
    expect(new Set(answers.map((answer) => answer.ok && answer.value.personId)).size).toBe(1);
    expect(await db.person.count({ where: { subject: profile.subject } })).toBe(1);
    const id = answers[0]?.ok ? answers[0].value.personId : "";
    expect(await eventsOf(id)).toEqual(["person.created"]);
  });

  it("is told apart by issuer: the same subject elsewhere is somebody else", async () => {
    const subject = newId();
    const here = await admitPerson({ issuer, subject, name: "Rita", email: null });
    const there = await admitPerson({ issuer: "https://other.example.com", subject, name: "Rita", email: null });
    expect(here.ok && there.ok && here.value.personId !== there.value.personId).toBe(true);
  });

  it("brings name and address up to date later", async () => {
    const profile = { issuer, subject: newId(), name: "Rita", email: "old@example.com" };
    await admitPerson(profile);
    await admitPerson({ ...profile, name: "Rita Okafor", email: "new@example.com" });
    expect(await db.person.findFirst({ where: { subject: profile.subject } })).toMatchObject({ name: "Rita Okafor", email: "new@example.com" });
  });
});

describe("a sign-in", () => {
  it("is found by its token, with the person's roles; the token itself is nowhere in the database", async () => {
    const rita = await person("Rita", "requester", "owner");
    const token = await signIn(rita);
    expect(await findSignIn(token, active)).toMatchObject({ actor: { personId: rita.personId, name: "Rita", roles: ["owner", "requester"] } });
    const rows = await db.$queryRaw<{ text: string }[]>`
      select s::text as text from sign_ins s union all select encode(body, 'escape') from ledger.event`;
    expect(JSON.stringify(rows)).not.toContain(token);
    expect(await eventsOf(rita.personId)).toContain("person.signed-in");
  });

  it("is not found by another token, a prefix or the hash itself", async () => {
    const token = await signIn(await person("Rita"));
    for (const wrong of ["", token.slice(0, -1), `${token}A`, hashSignInToken(token).toString("hex"), hashSignInToken(token).toString("latin1")]) {
      expect(await findSignIn(wrong, active)).toBeNull();
    }
  });

  it("ends when nobody used it for long, and is kept alive by use", async () => {
    const token = await signIn(await person("Rita"));
    await setExpiry(token, 60);
    const touched = await findSignIn(token, active);
    expect((touched?.expiresAt.getTime() ?? 0) - Date.now()).toBeGreaterThan((signInIdleSeconds - 60) * 1_000);
    await setExpiry(token, -1);
    expect(await findSignIn(token, active)).toBeNull();
  });

  it("is not kept alive by a page that refreshes itself", async () => {
    const token = await signIn(await person("Rita"));
    await setExpiry(token, 60);
    const seen = await findSignIn(token, { isActivity: false });
    expect((seen?.expiresAt.getTime() ?? Infinity) - Date.now()).toBeLessThanOrEqual(60_000);
  });

  it("ends after eight hours, however much it is used", async () => {
    const token = await signIn(await person("Rita"));
    await db.$executeRaw`update sign_ins set created_at = clock_timestamp() - make_interval(secs => ${signInLastsSeconds - 600}), expires_at = clock_timestamp() + interval '1 minute' where token_hash = ${hashSignInToken(token)}`;
    const touched = await findSignIn(token, active);
    expect((touched?.expiresAt.getTime() ?? Infinity) - Date.now()).toBeLessThanOrEqual(600_000);
    await db.$executeRaw`update sign_ins set created_at = clock_timestamp() - make_interval(secs => ${signInLastsSeconds + 1}), expires_at = clock_timestamp() + interval '1 hour' where token_hash = ${hashSignInToken(token)}`;
    expect(await findSignIn(token, active)).toBeNull();
  });

  it("is not kept alive by a stream that only looks whether it still is", async () => {
    const token = await signIn(await person("Rita"));
    await setExpiry(token, 60);
    const row = await db.signIn.findFirstOrThrow({ where: { tokenHash: new Uint8Array(hashSignInToken(token)) } });
    expect(await recheckSignIn(row.id)).toMatchObject({ name: "Rita" });
    expect((await db.signIn.findUniqueOrThrow({ where: { id: row.id } })).expiresAt).toEqual(row.expiresAt);
  });

  it("ends by signing out, once, and only that one", async () => {
    const rita = await person("Rita");
    const [first, second] = [await signIn(rita), await signIn(rita)];
    expect(await closeSignIn(first)).toEqual({ signedOut: true });
    expect(await closeSignIn(first)).toEqual({ signedOut: false });
    expect(await findSignIn(first, active)).toBeNull();
    expect(await findSignIn(second, active)).not.toBeNull();
    expect((await eventsOf(rita.personId)).filter((type) => type === "person.signed-out")).toHaveLength(1);
  });

  it("clears expired ones of the same person away", async () => {
    const rita = await person("Rita");
    await setExpiry(await signIn(rita), -1);
    await signIn(rita);
    expect(await db.signIn.count({ where: { personId: rita.personId } })).toBe(1);
  });
});

describe("a person who has left", () => {
  it("loses every sign-in in the same transaction and cannot come back, which is recorded", async () => {
    const ada = await person("Ada", "administrator");
    const rita = await person("Rita", "requester");
    const tokens = [await signIn(rita), await signIn(rita), await signIn(rita)];
    const answer = await setPersonLeft({ actor: ada, personId: rita.personId });
    expect(answer).toMatchObject({ ok: true, value: { personId: rita.personId, signInsEnded: 3 } });
    for (const token of tokens) expect(await findSignIn(token, active)).toBeNull();
    expect(await openSignIn(rita.personId)).toMatchObject({ ok: false, code: "left" });
    const { issuer: from, subject } = await db.person.findUniqueOrThrow({ where: { id: rita.personId } });
    expect(await admitPerson({ issuer: from, subject, name: "Rita", email: null })).toMatchObject({ ok: false, code: "left" });
    const events = await eventsOf(rita.personId);
    expect(events.slice(-3)).toEqual(["person.left", "person.sign-in-refused", "person.sign-in-refused"]);
  });

  it("is not found even if a sign-in of theirs were left over", async () => {
    const rita = await person("Rita");
    const token = await signIn(rita);
    await db.person.update({ where: { id: rita.personId }, data: { leftAt: new Date() } });
    expect(await findSignIn(token, active)).toBeNull();
  });

  it("cannot slip in while being set to left: either refused, or signed in and ended", async () => {
    const ada = await person("Ada", "administrator");
    for (let round = 0; round < 5; round++) {
      const rita = await person(`Rita ${round}`);
      await Promise.all([...Array.from({ length: 6 }, () => openSignIn(rita.personId)), setPersonLeft({ actor: ada, personId: rita.personId })]);
      expect(await db.signIn.count({ where: { personId: rita.personId } })).toBe(0);
    }
  });
});

describe("who may be set to left", () => {
  it("is not oneself, not somebody unknown, not twice", async () => {
    const ada = await person("Ada", "administrator");
    const rita = await person("Rita");
    expect(await setPersonLeft({ actor: ada, personId: ada.personId })).toMatchObject({ ok: false, code: "yourself" });
    expect(await setPersonLeft({ actor: ada, personId: newId() })).toMatchObject({ ok: false, code: "person-unknown" });
    expect((await setPersonLeft({ actor: ada, personId: rita.personId })).ok).toBe(true);
    expect(await setPersonLeft({ actor: ada, personId: rita.personId })).toMatchObject({ ok: false, code: "already-left" });
  });

  it("leaves one administrator when two set each other to left at the same moment", async () => {
    for (let round = 0; round < 5; round++) {
      await db.personRole.deleteMany();
      const ada = await person("Ada", "administrator");
      const bo = await person("Bo", "administrator");
      const answers = await Promise.all([
        setPersonLeft({ actor: ada, personId: bo.personId }),
        setPersonLeft({ actor: bo, personId: ada.personId }),
      ]);
      expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
      expect(answers.find(({ ok }) => !ok)).toMatchObject({ code: "no-longer-administrator" });
      expect(await db.person.count({ where: { leftAt: null, id: { in: [ada.personId, bo.personId] } } })).toBe(1);
    }
  });
});

describe("the list of people", () => {
  it("comes in pages that miss nobody and repeat nobody", async () => {
    for (let number = 0; number < 55; number++) await person(`Same Name ${number % 3}`);
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof listPeople>> = await listPeople(peopleListSchema.parse(after ? { after } : {}));
      seen.push(...page.rows.map(({ id }) => id));
      after = page.next;
    } while (after !== null);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toHaveLength(await db.person.count());
  });
});
