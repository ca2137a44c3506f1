import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { readArchive } from "../lib/evidence/test-archive";
import { expect, test } from "./fixtures/test";

/** The seed's chains, which no other story touches. */
const dayMs = 86_400_000;
const before = () => new Date(Date.now() - dayMs).toISOString().slice(0, 10);

/** Where a file's packed bytes begin: behind its header, which ends with its name. */
function contentOf(archive: Buffer, name: string): number {
  let at = archive.indexOf(name);
  while (at >= 0 && archive.readUInt32LE(Math.max(0, at - 30)) !== 0x04034b50) at = archive.indexOf(name, at + 1);
  return at + name.length;
}

test("an auditor takes a bundle, a second machine verifies it with nothing but Node.js, and anybody in a browser", async ({ as, browser, origin, complaints }) => {
  const auditor = await as("auditor");
  await auditor.goto(`/evidence/exports?to=${before()}&grant=proven`);
  await auditor.getByRole("button", { name: /^Export .* as Bundle$/ }).click();
  await expect(auditor.getByText("Asked for. It is written in the background")).toBeVisible();
  const link = auditor.getByRole("row").filter({ hasText: "Bundle" }).first().getByRole("link", { name: "Download the Bundle file" });
  await expect(async () => {
    await auditor.reload();
    await expect(auditor.getByRole("list", { name: "Exports on their way" })).toHaveCount(0);
    await expect(link).toBeVisible();
  }).toPass({ timeout: 60_000 });
  const [download] = await Promise.all([auditor.waitForEvent("download"), link.click()]);
  const bytes = await readFile(await download.path());

  const folder = mkdtempSync(path.join(tmpdir(), "curfew-verify-"));
  try {
    const [bundle, bad] = [path.join(folder, "bundle.zip"), path.join(folder, "bad.zip")];
    writeFileSync(bundle, bytes);
    const files = readArchive(bytes);
    writeFileSync(path.join(folder, "verify.mjs"), files.get("verify/verify.mjs") ?? "");
    const alone = { cwd: folder, encoding: "utf8", env: { NODE_ENV: "production" } } as const;
    const key = (files.get("keys/log.vkey")?.toString("utf8") ?? "").trim().split("\n").at(-1) ?? "";
    const said = execFileSync(process.execPath, ["verify.mjs", "bundle.zip", "--key", key], alone);
    expect(said).toContain("The bundle holds.");
    expect(said).toContain("The checkpoint is signed by the key that you gave.");

    const at = contentOf(bytes, "log/entries.jsonl") + 40;
    const damaged = Buffer.from(bytes);
    damaged.writeUInt8(damaged.readUInt8(at) ^ 1, at);
    writeFileSync(bad, damaged);
    const refused = spawnSync(process.execPath, ["verify.mjs", "bad.zip"], alone);
    expect(refused.status).toBe(1);
    expect(refused.stdout).toContain("log/entries.jsonl");

    const anybody = await (await browser.newContext({ baseURL: origin })).newPage();
    const sent: string[] = [];
    await anybody.goto("/sign-in");
    await anybody.getByRole("link", { name: "Verify it in your browser" }).click();
    await anybody.waitForURL("/verify");
    anybody.on("request", (request) => {
      if (request.method() !== "GET" || request.postDataBuffer() !== null || request.url().length > 2_000) sent.push(`${request.method()} ${request.url()}`);
    });
    await anybody.getByLabel("Bundle", { exact: true }).setInputFiles(bundle);
    await expect(anybody.getByRole("heading", { name: "The bundle holds" })).toBeVisible({ timeout: 30_000 });
    await expect(anybody.getByText("The key that signed the manifest was announced in the log.")).toBeVisible();

    await anybody.getByText("Compare with what you hold").click();
    await anybody.getByLabel("Verifier keys").fill(key);
    await anybody.getByRole("button", { name: "Check bundle.zip again" }).click();
    await expect(anybody.getByText("The checkpoint is signed by the key that you gave.")).toBeVisible({ timeout: 30_000 });

    await anybody.getByLabel("Bundle", { exact: true }).setInputFiles(bad);
    await expect(anybody.getByRole("heading", { name: "The bundle does not hold" })).toBeVisible({ timeout: 30_000 });
    await expect(anybody.locator("p").filter({ hasText: /^log\/entries\.jsonl/ })).toBeVisible();

    copyFileSync(path.join(folder, "verify.mjs"), path.join(folder, "not-a-bundle.zip"));
    await anybody.getByLabel("Bundle", { exact: true }).setInputFiles(path.join(folder, "not-a-bundle.zip"));
    await expect(anybody.getByText(/does not end as a ZIP archive ends/)).toBeVisible({ timeout: 30_000 });
    expect(sent, "what the page sent").toEqual([]);
    await anybody.context().close();
  } finally {
    rmSync(folder, { recursive: true });
  }
  expect(complaints).toEqual([]);
});
