import { randomUUID } from "node:crypto";
import { withDatabase } from "./fixtures/database";
import { directoryOf, signInAs, withRoles } from "./fixtures/directory";
import { expect, test } from "./fixtures/test";

const inUtc = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString().slice(0, 16);

test("an auditor is made by two administrators, neither alone, and the second cannot be the one it is about", async ({ as, origin }) => {
  const first = await as("administrator");
  const mark = randomUUID().slice(0, 8);
  const directory = await directoryOf(first, origin, `People ${mark}`);
  const [second, chosen] = [await directory.create(`Second ${mark}`), await directory.create(`Chosen ${mark}`)];
  await withRoles(second, "administrator");
  try {
    await first.goto(`/people/${chosen}`);
    await first.getByRole("combobox", { name: "Role" }).selectOption("auditor");
    await first.getByRole("button", { name: "Give role" }).click();
    await expect(first.getByText("This waits for a second administrator")).toBeVisible();
    await first.goto("/people");
    const row = first.getByRole("listitem").filter({ hasText: `Make Chosen ${mark} an auditor` });
    await expect(row).toContainText("You proposed this");
    await expect(row.getByRole("button", { name: /^Confirm/ })).toHaveCount(0);

    const other = await as(null);
    await signInAs(other.context(), origin, second);
    await other.goto("/people");
    await other.getByRole("button", { name: `Confirm: Make Chosen ${mark} an auditor` }).click();
    await expect(other.getByText(`Make Chosen ${mark} an auditor`)).toHaveCount(0);
    await other.goto(`/people/${chosen}`);
    await expect(other.getByRole("list", { name: "Roles" })).toContainText("auditor");
  } finally {
    await withDatabase(async (client) => {
      await client.query("delete from person_roles where person_id = any($1)", [[second, chosen]]);
      await client.query("update people set left_at = now() where id = any($1)", [[second, chosen]]);
    });
  }
});

test("who is on call is set per team and seen by everybody who sees people", async ({ as, origin }) => {
  const administrator = await as("administrator");
  const mark = randomUUID().slice(0, 8);
  const directory = await directoryOf(administrator, origin, `Call ${mark}`);
  const person = await directory.create(`Oncall ${mark}`);
  const team = `Night ${mark}`;
  const group = await directory.call("POST", "/Groups", { displayName: team, externalId: mark, members: [{ value: person }] });
  expect(group.status).toBe(201);

  await administrator.goto(`/people/${person}`);
  const form = administrator.getByRole("form", { name: "Put on call" });
  await form.getByRole("combobox", { name: "On call for" }).selectOption({ label: team });
  await form.getByLabel("From (UTC)").fill(inUtc(-1));
  await form.getByLabel("Until (UTC)").fill(inUtc(8));
  await form.getByRole("button", { name: "Put on call" }).click();
  await expect(administrator.getByText(`On call for ${team}`)).toBeVisible();

  const auditor = await as("auditor");
  await auditor.goto("/people/teams");
  await expect(auditor.getByRole("listitem").filter({ hasText: team }).first()).toContainText(`Oncall ${mark} is on call`);
  await administrator.getByRole("button", { name: `End the time on call of Oncall ${mark} for ${team}` }).click();
  await expect(administrator.getByText(`On call for ${team}`)).toHaveCount(0);
  await directory.call("DELETE", `/Groups/${(JSON.parse(group.body) as { id: string }).id}`);
  await directory.deactivate(person);
});

test("people say themselves that they are out of office, and nobody else but an administrator does", async ({ as, origin }) => {
  const administrator = await as("administrator");
  const mark = randomUUID().slice(0, 8);
  const directory = await directoryOf(administrator, origin, `Away ${mark}`);
  const person = await directory.create(`Away ${mark}`);
  await withRoles(person, "requester");
  const own = await as(null);
  await signInAs(own.context(), origin, person);
  await own.goto(`/people/${person}`);
  const form = own.getByRole("form", { name: "Out of office" });
  await form.getByLabel("Away from (UTC)").fill(inUtc(-1));
  await form.getByLabel("Away until (UTC)").fill(inUtc(48));
  await form.getByRole("button", { name: "Set out of office" }).click();
  await expect(own.getByRole("button", { name: `Away ${mark} is back` })).toBeVisible();
  expect(await own.getByRole("button", { name: "Give role" }).count()).toBe(0);

  await administrator.goto(`/people?q=Away+${mark}`);
  await expect(administrator.getByRole("row").filter({ hasText: `Away ${mark}` })).toContainText("away, back");
  const stranger = await as("requester");
  await stranger.goto(`/people/${person}`);
  await expect(stranger.getByText("There is nothing at this address")).toBeVisible();
  await own.getByRole("button", { name: `Away ${mark} is back` }).click();
  await expect(form).toBeVisible();
  await directory.deactivate(person);
});
