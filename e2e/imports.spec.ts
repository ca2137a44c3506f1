import { readFileSync } from "node:fs";
import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { withDatabase } from "./fixtures/database";
import { expect, test } from "./fixtures/test";

const report = "scripts/test/files/aws-credential-report.csv";
/** Systems of this run have a name of their own. */
const system = `aws-${Date.now().toString(36)}`;
const arn = `arn:aws:iam::111122223333:user/ci/legacy-ci`;

test.describe.configure({ mode: "serial" });

/** The report with one line that no account could have. */
function reportWithABadLine(): Buffer {
  const text = readFileSync(report, "utf8").trimEnd();
  const lines = text.split("\n");
  const bad = (lines.at(-1) ?? "").replaceAll("legacy-ci", "broken-ci").replace(/,2021-05-01T08:00:00\+00:00,/, ",the first of May,");
  return Buffer.from(`${text}\n${bad}\n`);
}

async function send(page: Page, file: { name: string; mimeType: string; buffer: Buffer }, isNew: boolean): Promise<void> {
  await page.goto("/systems/imports/new");
  const choice = page.getByRole("combobox", { name: "System", exact: true });
  await expect(page.getByRole("combobox", { name: "Format" })).toBeVisible();
  const name = page.getByRole("textbox", { name: "Name" });
  // A choice that is made before the page has come to life is lost.
  await expect(async () => {
    if (isNew && !(await name.isVisible())) await choice.selectOption({ label: "A system that is not here yet" }, { timeout: 1_000 });
    if (isNew) await expect(name).toBeVisible({ timeout: 1_000 });
    else await choice.selectOption({ label: `${system} (production)` }, { timeout: 1_000 });
    await page.getByLabel("File", { exact: true }).setInputFiles(file);
    await expect(page.getByRole("combobox", { name: "Format" })).toHaveValue("aws-credential-report", { timeout: 2_000 });
  }).toPass({ timeout: 30_000 });
  if (isNew) {
    await name.fill(system);
    await page.getByRole("textbox", { name: "Environment" }).fill("production");
  }
  await page.getByRole("button", { name: "Send file" }).click();
  await page.waitForURL(/\/systems\/imports\/[0-9a-f-]{36}/);
}

const file = (buffer: Buffer) => ({ name: "credential-report.csv", mimeType: "text/csv", buffer });

test("an administrator sends a report, sees what was not taken and what it would change, and applies it", async ({ as }) => {
  const page = await as("administrator");
  await page.goto("/systems");
  await expect(page.getByRole("link", { name: "Import a file" })).toHaveAttribute("href", "/systems/imports/new");
  await send(page, file(reportWithABadLine()), true);
  await expect(page.getByText("Nothing has changed yet")).toBeVisible({ timeout: 30_000 });
  await expect(page.getByRole("heading", { name: "1 line not taken" })).toBeVisible();
  await expect(page.getByText(/has a value that is not expected in user_creation_time/)).toBeVisible();
  await expect(page.getByRole("list", { name: "Differences" }).getByText("root of 111122223333", { exact: true })).toBeVisible();
  const before = await withDatabase((client) => client.query("select 1 from identities i join systems s on s.id = i.system_id where s.name = $1", [system]));
  expect(before.rowCount, "nothing changes before it is confirmed").toBe(0);
  const found = await new AxeBuilder({ page }).analyze();
  expect(found.violations.map(({ id }) => id)).toEqual([]);
  await page.getByRole("button", { name: /^Apply \d+ differences$/ }).click();
  await expect(page.getByText(/Applied, as .+ confirmed/)).toBeVisible({ timeout: 30_000 });
  await page.goto("/identities?q=legacy-ci");
  await page.getByRole("link", { name: "legacy-ci" }).first().click();
  await expect(page.getByRole("heading", { level: 1, name: "legacy-ci" })).toBeVisible();
  await page.goto("/systems");
  await page.getByRole("link", { name: system }).click();
  await expect(page.getByText("Nothing can be granted or ended through it")).toBeVisible();
});

test("the same file again changes nothing", async ({ as }) => {
  const page = await as("administrator");
  await send(page, file(reportWithABadLine()), false);
  await expect(page.getByText("Nothing to change: everything")).toBeVisible({ timeout: 30_000 });
  const credentials = await withDatabase((client) => client.query("select target_id from credentials k join systems s on s.id = k.system_id where s.name = $1 and target_id like $2 || '%'", [system, arn]));
  expect(credentials.rowCount).toBe(2);
});

test("a file of another format is told what it looks like, and changes nothing", async ({ as }) => {
  const page = await as("administrator");
  await page.goto("/systems/imports/new");
  await expect(async () => {
    await page.getByRole("combobox", { name: "System", exact: true }).selectOption({ label: `${system} (production)` });
    await page.getByLabel("File", { exact: true }).setInputFiles(file(readFileSync(report)));
    await expect(page.getByRole("combobox", { name: "Format" })).toHaveValue("aws-credential-report", { timeout: 2_000 });
    // What is chosen before the page is alive is chosen for nothing.
    await expect(page.getByRole("combobox", { name: "System", exact: true })).not.toHaveValue("", { timeout: 2_000 });
  }).toPass({ timeout: 30_000 });
  await page.getByRole("combobox", { name: "Format" }).selectOption("kubernetes");
  await expect(page.getByText("This looks like: AWS IAM credential report.")).toBeVisible();
  await page.getByRole("button", { name: "Send file" }).click();
  await expect(page.getByText(/This looks like: AWS IAM credential report\. It was sent as: Kubernetes manifests\./)).toBeVisible({ timeout: 30_000 });
});

test("an auditor looks at imports and cannot send one", async ({ as, origin }) => {
  const page = await as("auditor");
  await page.goto("/systems/imports");
  await page.getByRole("link", { name: "credential-report.csv" }).first().click();
  await expect(page.getByRole("heading", { level: 1, name: "credential-report.csv" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Make token" })).toHaveCount(0);
  await page.goto("/systems/imports/new");
  await expect(page.getByRole("button", { name: "Send file" })).toHaveCount(0);
  const answer = await page.request.put(`${origin}/api/imports/01900000-0000-7000-8000-000000000000/file`, { headers: { origin }, data: "id,name\n" });
  expect(answer.status()).toBe(403);
});

test("a machine sends with a token of one system, and not once the token is withdrawn", async ({ as, origin, request }) => {
  const page = await as("administrator");
  await page.goto("/systems/imports");
  await page.getByRole("link", { name: "credential-report.csv" }).first().click();
  await page.getByRole("textbox", { name: "Which machine" }).fill("nightly export");
  await page.getByRole("button", { name: "Make token" }).click();
  const token = (await page.getByText(/^curfew_import_/).textContent()) ?? "";
  const headers = { authorization: `Bearer ${token.trim()}`, "content-type": "text/csv" };
  const sent = await request.post(`${origin}/api/v1/imports?format=aws-credential-report&name=nightly.csv`, { headers, data: readFileSync(report) });
  expect(sent.status()).toBe(202);
  const { importId } = (await sent.json()) as { importId: string };
  await expect.poll(async () => ((await (await request.get(`${origin}/api/v1/imports/${importId}`, { headers })).json()) as { state: string }).state).toBe("unchanged");
  await page.reload();
  await page.getByRole("button", { name: "Withdraw nightly export" }).click();
  await expect(page.getByText("No machine may send files yet.")).toBeVisible();
  expect((await request.post(`${origin}/api/v1/imports?format=aws-credential-report`, { headers, data: "x" })).status()).toBe(401);
});

test.afterAll(async () => {
  // What this story made is gone from the list of what is known, so that other stories find their own.
  await withDatabase((client) => client.query("update identities set vanished_at = now() where system_id = (select id from systems where name = $1)", [system]));
});
