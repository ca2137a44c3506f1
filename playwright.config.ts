import { defineConfig } from "@playwright/test";
import { freePort } from "./scripts/system/ports";
import { chromiumFlags, findChromium } from "./scripts/test/chromium";

// A demo that already runs can be named by its port and its data folder; else one is started.
const isRunning = process.env.CURFEW_E2E_PORT !== undefined && process.env.CURFEW_E2E_DATA_DIR !== undefined;

// Chosen once; Playwright's own worker processes inherit it and load this file again.
process.env.CURFEW_E2E_PORT ??= String(await freePort());

export default defineConfig({
  testDir: "e2e",
  ...(isRunning ? {} : { globalSetup: "./scripts/test/browser-demo.ts" }),
  // A test that passes at the second try has failed.
  retries: 0,
  workers: 2,
  timeout: 90_000,
  expect: { timeout: 10_000 },
  forbidOnly: Boolean(process.env.CI),
  reporter: process.env.CURFEW_TEST_REPORT
    ? [["list"], ["json", { outputFile: process.env.CURFEW_TEST_REPORT }]]
    : [["list"]],
  outputDir: "test-results",
  use: {
    // `localhost`, as people type it: passkeys and cookies belong to this name.
    baseURL: `http://localhost:${process.env.CURFEW_E2E_PORT}`,
    browserName: "chromium",
    headless: true,
    locale: "en-GB",
    timezoneId: "UTC",
    viewport: { width: 1440, height: 900 },
    trace: "retain-on-failure",
    screenshot: "only-on-failure",
    launchOptions: { executablePath: await findChromium(), args: chromiumFlags },
  },
});
