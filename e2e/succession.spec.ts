import { randomUUID } from "node:crypto";
import { withDatabase } from "./fixtures/database";
import { directoryOf, ownIdentity, signInAs, withRoles } from "./fixtures/directory";
import { expect, test } from "./fixtures/test";

/** Everything here is about people of this test's own: taking a persona away would break the other stories. */
const tag = () => randomUUID().slice(0, 8);

async function leaderOf(name: string): Promise<string> {
  return withDatabase(async (client) => (await client.query<{ id: string }>("select id from people where subject = $1", [name])).rows[0]?.id ?? "");
}

const stateOf = (id: string) =>
  withDatabase(async (client) => (await client.query<{ state: string; owner_id: string | null }>("select state, owner_id from identities where id = $1", [id])).rows[0]);

test("a leaver of the directory is out at once, and the backup takes over what they owned", async ({ as, origin }) => {
  const directory = await directoryOf(await as("administrator"), origin, `Entra ${tag()}`);
  const [leaver, backup] = [await directory.create(`Lena ${tag()}`), await directory.create(`Bruno ${tag()}`)];
  await withRoles(leaver, "owner");
  await withRoles(backup, "owner");
  const name = `invoice-bot-${tag()}`;
  const identityId = await ownIdentity(name, { owner: leaver, sponsor: await leaderOf("owner"), backup });
  const [hers, his] = [await as(null), await as(null)];
  await signInAs(hers.context(), origin, leaver);
  await signInAs(his.context(), origin, backup);
  await hers.goto("/identities");
  await expect(hers.getByRole("heading", { level: 1 })).toBeVisible();

  const answer = await directory.deactivate(leaver);
  expect(answer.status).toBe(200);
  expect(JSON.parse(answer.body)).toMatchObject({ active: false });
  await hers.goto("/identities");
  await hers.waitForURL((url) => url.pathname === "/sign-in");
  expect((await stateOf(identityId))?.state).toBe("active");

  await his.goto("/identities/hand-overs");
  await expect(his.getByText(`Be owner of ${name}`)).toBeVisible();
  await his.getByRole("button", { name: `Take over ${name} as owner` }).click();
  await expect(his.getByText("Nothing is offered to you")).toBeVisible();
  expect(await stateOf(identityId)).toEqual({ state: "active", owner_id: backup });
  await withDatabase((client) => client.query("update identities set state = 'offboarded' where id = $1", [identityId]));
});

test("what nobody takes is an orphan: nothing new is given, and the form says whom to ask", async ({ as, origin }) => {
  const administrator = await as("administrator");
  const directory = await directoryOf(administrator, origin, `Entra ${tag()}`);
  const leaver = await directory.create(`Lev ${tag()}`);
  await withRoles(leaver, "owner");
  const name = `orphan-bot-${tag()}`;
  const identityId = await ownIdentity(name, { owner: leaver, sponsor: await leaderOf("owner"), backup: null });
  expect((await directory.deactivate(leaver)).status).toBe(200);
  // Three days per step are more than a test has: the deadline is moved, the worker does the rest.
  await withDatabase((client) => client.query("update hand_overs set deadline = now() - interval '1 second' where identity_id = $1", [identityId]));
  await expect.poll(async () => (await stateOf(identityId))?.state, { timeout: 15_000 }).toBe("orphaned");

  await administrator.goto("/identities/hand-overs");
  const row = administrator.getByRole("listitem").filter({ hasText: name });
  await expect(row).toContainText("orphaned");
  await expect(row).toContainText("nobody took over");

  const entitlement = await withDatabase(async (client) =>
    (await client.query<{ id: string; purpose: string }>("select id, purposes[1] as purpose from entitlements where requestable and sensitivity = 'low' order by name limit 1")).rows[0],
  );
  const requester = await as("requester");
  const ask = { identityId, entitlementIds: entitlement?.id ?? "", purpose: entitlement?.purpose ?? "", durationSeconds: "600", ticketKey: "CHG-1" };
  const preview = await requester.request.get(`${origin}/api/preview?${new URLSearchParams(ask).toString()}`);
  const told = await preview.text();
  expect(told).toContain("identity-orphaned");
  expect(told, "whom to ask").toContain("Ada Moreau");
  await withDatabase((client) => client.query("update identities set state = 'offboarded' where id = $1", [identityId]));
});

test("a sync in which too many would leave stops and asks, and refusing keeps them", async ({ as, origin }) => {
  test.setTimeout(120_000);
  const administrator = await as("administrator");
  const mark = tag();
  const directory = await directoryOf(administrator, origin, `Okta ${mark}`);
  // More than 5 % of everybody in any demo, however many people other stories have made.
  const present = await withDatabase(async (client) => Number((await client.query<{ n: string }>("select count(*) as n from people where left_at is null")).rows[0]?.n ?? 0));
  const count = Math.max(8, Math.ceil(present * 0.06) + 4);
  const ids: string[] = [];
  for (let number = 0; number < count; number++) ids.push(await directory.create(`Person ${mark} ${number}`));
  for (const id of ids) expect((await directory.deactivate(id)).status).toBe(200);
  const here = () => withDatabase(async (client) => Number((await client.query<{ n: string }>("select count(*) as n from people where id = any($1) and left_at is null", [ids])).rows[0]?.n ?? 0));
  const kept = await here();
  expect(kept).toBeGreaterThan(0);
  expect(kept).toBeLessThan(count);

  await administrator.goto("/people");
  const stop = administrator.getByRole("listitem").filter({ hasText: `Okta ${mark}` });
  await expect(stop).toContainText("would leave at once");
  await expect(stop).toContainText(`Person ${mark} ${count - 1}`);
  await stop.getByRole("button", { name: /^Keep \d+/ }).click();
  await expect.poll(async () => JSON.parse((await directory.call("GET", `/Users/${ids.at(-1)}`)).body) as unknown, { timeout: 15_000 }).toMatchObject({ active: true });
  expect(await here()).toBe(kept);
  await administrator.goto("/people");
  await expect(administrator.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(stop).toHaveCount(0);
  // Nobody of this story stays in the lists of the others.
  await withDatabase((client) => client.query("update people set left_at = now() where id = any($1)", [ids]));
});
