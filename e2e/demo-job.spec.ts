import { spawn } from "node:child_process";
import { withDatabase } from "./fixtures/database";
import { expect, test } from "./fixtures/test";

test("a CI job asks, a person approves in the browser, the job works, and the very credential is refused afterwards", async ({ as }) => {
  const job = spawn(process.execPath, ["scripts/start.mjs", "demo:job"], { env: { ...process.env, CURFEW_DATA_DIR: process.env.CURFEW_E2E_DATA_DIR } });
  let said = "";
  job.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()));
  job.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => job.on("exit", resolve));
  try {
    await expect.poll(() => said, { timeout: 30_000 }).toMatch(/request \d+\. Approve it/);
    const number = /request (\d+)\. Approve it/.exec(said)?.[1] ?? "";
    const page = await as("approver");
    await page.goto("/approvals");
    await page.getByRole("link", { name: new RegExp(`request ${number}\\b|nightly_backfill`, "i") }).first().click();
    await expect(page.getByRole("article", { name: `Request ${number}` })).toBeVisible();
    await page.getByLabel(/reason/i).fill("The same job as every morning");
    await page.getByRole("button", { name: /^approve/i }).click();
    await expect.poll(() => said, { timeout: 60_000 }).toContain("the very same credential is refused");
    expect(await ended).toBe(0);
    expect(said).toMatch(/proven dead: .*role gone/);
    await test.step("its chain tells what it really reached, by the target's own log", async () => {
      const auditor = await as("auditor");
      const requestId = await withDatabase(async (client) => (await client.query<{ id: string }>("select id::text as id from requests where number = $1", [Number(number)])).rows[0]?.id ?? "");
      await expect(async () => {
        await auditor.goto(`/evidence/${requestId}`);
        await auditor.getByText(/\d+ uses? in logs: what was reached/).first().click({ timeout: 3_000 });
      }).toPass({ timeout: 40_000 });
      await expect(auditor.getByRole("region", { name: "What was reached: table" }).getByRole("row", { name: /sales\.orders.*SELECT.*exact/ })).toBeVisible();
    });
    expect(said, "the password is the job's alone").not.toMatch(/password [A-Za-z0-9_-]{20,}/);
  } finally {
    job.kill();
  }
});
