import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { withDatabase } from "./fixtures/database";
import { directoryOf } from "./fixtures/directory";
import { expect, test } from "./fixtures/test";

type Round = { readonly code: number; readonly said: string };

/** The real command in a process of its own, as somebody else's machine runs it. */
function monitor(url: string, state: string, token: string): Promise<Round> {
  return new Promise((done) => {
    const options = { env: { ...process.env, CURFEW_LOG_TOKEN: token } };
    execFile(process.execPath, ["scripts/curfew.mjs", "monitor", url, "--state", state, "--once", "--all"], options, (error, stdout) => done({ code: Number(error?.code ?? 0), said: stdout }));
  });
}

test("an administrator has checkpoints taken outside, and lets a monitor follow the ledger until its token is withdrawn", async ({ as, baseURL }) => {
  const mark = randomUUID().slice(0, 8);
  const [vault, follower] = [`Vault ${mark}`, `Monitor ${mark}`];
  const folder = await mkdtemp(path.join(os.tmpdir(), "curfew-outside-"));
  const state = path.join(folder, "state.json");
  const outside = path.join(folder, "keep");
  await mkdir(outside);
  const page = await as("administrator");
  await page.goto("/settings/checkpoints");
  await expect(page.getByRole("heading", { name: "Ledger" })).toBeVisible();

  await page.getByText("Name a place", { exact: true }).click();
  const form = page.getByRole("form", { name: "Name a place" });
  await form.getByLabel("Name", { exact: true }).fill(vault);
  await form.getByLabel("Folder").fill(outside);
  await form.getByRole("button", { name: "Take checkpoints there" }).click();
  await expect(page.getByText("on its way there")).toBeVisible();
  await expect.poll(async () => (await readdir(outside)).filter((name) => name.endsWith(".txt")).length).toBeGreaterThan(0);
  const [file = ""] = await readdir(outside);
  expect(await readFile(path.join(outside, file), "utf8")).toMatch(/\/ledger\/[0-9a-f]{8}\n\d+\n[A-Za-z0-9+/=]{44}\n\n— /);
  await page.reload();
  const row = page.getByRole("listitem").filter({ hasText: vault });
  await expect(row.getByText("events there since")).toBeVisible();

  await page.getByText("Make a token", { exact: true }).click();
  const making = page.getByRole("form", { name: "Make a token" });
  await making.getByLabel("Who follows").fill(follower);
  await making.getByRole("button", { name: "Make token" }).click();
  const token = (await page.getByText(/^curfew_log_[\w-]{43}$/).textContent()) ?? "";
  const url = `${baseURL}/api/log`;
  const first = await monitor(url, state, token);
  expect(first.said).toContain('"ok":true');
  expect(first.code).toBe(0);

  await page.reload();
  await expect(page.getByText(token)).toHaveCount(0);
  await page.getByRole("button", { name: `Withdraw ${follower}` }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Withdraw" }).click();
  await expect(page.getByRole("button", { name: `Withdraw ${follower}` })).toHaveCount(0);
  expect((await monitor(url, state, token)).code).toBe(2);

  await page.getByRole("button", { name: `Remove ${vault}` }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await expect(page.getByText(vault)).toHaveCount(0);
  await rm(folder, { recursive: true });
});

test("auditors read the log with their sign-in, other roles do not, and what they cannot change has no button", async ({ as }) => {
  const auditor = await as("auditor");
  await auditor.goto("/settings/checkpoints");
  await expect(auditor.getByRole("heading", { name: "Followers" })).toBeVisible();
  await expect(auditor.getByText("Name a place", { exact: true })).toHaveCount(0);
  await expect(auditor.getByText("Make a token", { exact: true })).toHaveCount(0);
  const checkpoint = await auditor.request.get("/api/log/checkpoint");
  expect(checkpoint.status()).toBe(200);
  expect(await checkpoint.text()).toContain("/ledger/");
  expect((await auditor.request.get("/api/log/tile/entries/000")).status()).toBe(200);
  expect((await auditor.request.get("/api/log/tile/9/000")).status()).toBe(404);
  const requester = await as("requester");
  for (const path of ["checkpoint", "keys", "tile/0/000", "tile/entries/000"]) expect((await requester.request.get(`/api/log/${path}`)).status(), path).toBe(401);
});

test("what a retention would erase is counted before anybody can choose it; a hold is put and lifted", async ({ as }) => {
  const page = await as("administrator");
  await page.goto("/settings/retention");
  await expect(page.getByText("kept for ever")).toBeVisible();
  await page.getByLabel("Erase after, in days").fill("30");
  await page.getByRole("form", { name: "Count what would be erased" }).getByRole("button", { name: "Count" }).click();
  await expect(page.getByText("would be erased now, for good")).toBeVisible();
  await expect(page.getByRole("button", { name: "Erase after 30 days" })).toBeVisible();

  await page.getByText("Put something on hold", { exact: true }).click();
  const form = page.getByRole("form", { name: "Put something on hold" });
  await form.getByLabel("What").selectOption("everything");
  await form.getByLabel("Why").fill("Story of a lawsuit");
  await form.getByRole("button", { name: "Put on hold" }).click();
  await expect(page.getByText("Story of a lawsuit")).toBeVisible();
  await page.getByRole("button", { name: "Lift the hold on everything" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Lift" }).click();
  await expect(page.getByRole("button", { name: "Lift the hold on everything" })).toHaveCount(0);
});

/** Everywhere that a word stands: rows of all tables, and what events have beside them. */
async function placesOf(word: string): Promise<string[]> {
  return withDatabase(async (client) => {
    const { rows: tables } = await client.query<{ name: string }>(
      "select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind = 'r' and n.nspname in ('public', 'ledger') order by 1",
    );
    const found: string[] = [];
    for (const { name } of tables) {
      const { rows } = await client.query<{ count: number }>(`select count(*)::int as count from ${name} t where strpos(t::text, $1) > 0`, [word]);
      if ((rows[0]?.count ?? 0) > 0) found.push(name);
    }
    return found;
  });
}

// In one file with the hold on everything: beside it nobody could be forgotten.
test("somebody who left is forgotten: counted first, typed, and then found nowhere, while the ledger holds", async ({ as, origin }) => {
  const administrator = await as("administrator");
  const tag = randomUUID().slice(0, 8);
  const name = `Frieda ${tag}`;
  const directory = await directoryOf(administrator, origin, `Entra of ${tag.slice(0, 4)}`);
  const personId = await directory.create(name);
  expect((await directory.deactivate(personId)).status).toBe(200);
  expect(await placesOf(name)).toContain("public.people");

  await administrator.goto("/settings/retention");
  await administrator.getByLabel("Who left").selectOption({ label: name });
  await administrator.getByRole("form", { name: "Look what would be erased" }).getByRole("button", { name: "Count" }).click();
  await expect(administrator.getByText(`about ${name} (left`)).toBeVisible();
  await administrator.getByRole("button", { name: "Put on hold instead" }).click();
  await expect(administrator.getByText("A hold keeps them: lift it first.")).toBeVisible();
  await expect(administrator.getByRole("button", { name: `Forget ${name}` })).toHaveCount(0);
  await administrator.getByRole("button", { name: `Lift the hold on ${name}` }).click();
  await administrator.getByRole("dialog").getByRole("button", { name: "Lift" }).click();

  await administrator.getByRole("button", { name: `Forget ${name}` }).click();
  const sure = administrator.getByRole("dialog", { name: `Forget ${name}?` });
  await expect(sure.getByRole("button", { name: `Forget ${name}` })).toBeDisabled();
  await sure.getByLabel(`Type ${name} to go on`).fill(name);
  await sure.getByRole("button", { name: `Forget ${name}` }).click();
  await expect.poll(() => placesOf(name), { timeout: 30_000 }).toEqual([]);
  await administrator.goto("/settings/retention");
  await expect(administrator.getByRole("heading", { name: "Forget a person" })).toBeVisible();
  await expect(administrator.getByText(name)).toHaveCount(0);
  await administrator.goto(`/people/${personId}`);
  await expect(administrator.getByRole("heading", { level: 1 })).toContainText("Forgotten person");
});
