import { beforeEach, describe, expect, it } from "vitest";
import { db } from "@/lib/db/client";
import { readEventsAbout } from "@/lib/ledger/read";
import { makePerson } from "@/lib/requests/test-world";
import { becomeFirstAdministrator, offerFirstAdministrator } from "./first-administrator";

const administrators = () => db.personRole.count({ where: { role: "administrator" } });

async function offer(): Promise<string> {
  const offered = await offerFirstAdministrator();
  if (!offered) throw new TypeError("nothing offered");
  return offered.token;
}

beforeEach(async () => {
  await db.firstAdministratorLink.deleteMany();
  await db.personRole.deleteMany();
});

describe("the link for the first administrator", () => {
  it("makes whoever is signed in and holds it the administrator, once, and tells it", async () => {
    const [ada, eve] = [await makePerson("Ada", []), await makePerson("Eve", [])];
    const token = await offer();
    expect(await becomeFirstAdministrator({ actor: ada, token })).toEqual({ ok: true, value: { personId: ada.personId } });
    expect((await readEventsAbout("person", ada.personId)).map(({ type }) => type)).toContain("person.role-given");
    expect(await becomeFirstAdministrator({ actor: eve, token })).toEqual({ ok: false, code: "not-the-first" });
    expect(await administrators()).toBe(1);
  });

  it("makes one of two who hold it at the same time", async () => {
    const people = await Promise.all(["Ada", "Ben", "Cleo"].map((name) => makePerson(name, [])));
    const token = await offer();
    const answers = await Promise.all(people.map((actor) => becomeFirstAdministrator({ actor, token })));
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    expect(await administrators()).toBe(1);
  });

  it("is not made where there is an administrator", async () => {
    await makePerson("Ada", ["administrator"]);
    expect(await offerFirstAdministrator()).toBeNull();
  });

  it("stands nowhere in the database, and a made-up one does nothing", async () => {
    const ada = await makePerson("Ada", []);
    const token = await offer();
    const rows = await db.$queryRaw<{ held: boolean }[]>`select position(${token} in l::text) > 0 as held from first_administrator_links l`;
    expect(rows).toEqual([{ held: false }]);
    expect(await becomeFirstAdministrator({ actor: ada, token: `${token}x` })).toEqual({ ok: false, code: "link-unknown" });
    expect(await administrators()).toBe(0);
  });

  it("works for an hour, and only the newest one", async () => {
    const ada = await makePerson("Ada", []);
    const [older, newer] = [await offer(), await offer()];
    expect(await becomeFirstAdministrator({ actor: ada, token: older })).toEqual({ ok: false, code: "link-unknown" });
    await db.firstAdministratorLink.updateMany({ data: { expiresAt: new Date(Date.now() - 1_000) } });
    expect(await becomeFirstAdministrator({ actor: ada, token: newer })).toEqual({ ok: false, code: "link-expired" });
    expect(await administrators()).toBe(0);
  });
});
