import { randomUUID } from "node:crypto";
import type { Locator, Page } from "@playwright/test";
import { whatIsWrong } from "../scripts/verify/step-up.mjs";
import { withDatabase } from "./fixtures/database";
import { signInAs } from "./fixtures/directory";
import { expect, test } from "./fixtures/test";
import { outcomesOf, waitingFor } from "./fixtures/waiting";

const card = (page: Page) => page.getByRole("article");
const list = (page: Page) => page.getByRole("region", { name: "Requests that wait for you" });

/** Decides what is open by the keyboard alone: to the reason, a line of why, to the button, press. */
async function decideByKeys(page: Page, answer: "a" | "d"): Promise<void> {
  const number = (await card(page).getAttribute("aria-label")) ?? "";
  await page.keyboard.press("r");
  await expect(page.getByLabel("Reason", { exact: true })).toBeFocused();
  await page.keyboard.type("Agreed in the meeting of today");
  await page.keyboard.press("Escape");
  await page.keyboard.press(answer);
  await page.keyboard.press("Enter");
  await expect(card(page)).toContainText(answer === "a" ? /You approved this|It was approved by you/ : /You denied this|It was denied by you/);
  await page.keyboard.press("j");
  await expect(card(page)).not.toHaveAttribute("aria-label", number);
}

/** How many are decided, of how many. */
async function decidedIn(dialog: Locator): Promise<[done: number, all: number]> {
  await expect(dialog).toContainText(/\d+ of \d+ decided/);
  const [, done, all] = /(\d+) of (\d+) decided/.exec((await dialog.textContent()) ?? "") ?? [];
  return [Number(done), Number(all)];
}

test("a hundred mixed requests are decided by the keyboard alone, and none that is more than low in bulk", async ({ as, origin }) => {
  test.slow();
  const mark = randomUUID().slice(0, 6);
  const levels = [...Array<"high">(10).fill("high"), ...Array<"medium">(20).fill("medium"), ...Array<"low">(70).fill("low")];
  const queue = await waitingFor([`Keys ${mark}`], levels.map((level) => ({ level })));
  try {
    const page = await as(null);
    await signInAs(page.context(), origin, queue.people[0] ?? "");
    await page.goto("/approvals");
    await expect(card(page)).toBeVisible();
    for (let done = 0; done < 30; done++) await decideByKeys(page, done % 5 === 4 ? "d" : "a");

    for (const _page of [1, 2, 3]) {
      await page.goto("/approvals");
      // Everything of the one shape, at once: the rest of this page.
      await list(page).getByRole("button", { name: /^Select the / }).first().focus();
      await page.keyboard.press("Enter");
      const decide = page.getByRole("button", { name: "Decide together…" });
      await decide.focus();
      await page.keyboard.press("Enter");
      const dialog = page.getByRole("dialog", { name: "Decide together" });
      await expect(dialog).toContainText(/(\d+) of \1 can be decided together/);
      await dialog.getByLabel("Reason, for each of them").focus();
      await page.keyboard.type("All of last week's plan");
      await dialog.getByRole("button", { name: /^Approve \d+$/ }).focus();
      await page.keyboard.press("Enter");
      // One after another: what is waited for is the next of them.
      const [, all] = await decidedIn(dialog);
      for (let least = 1; least <= all; least++) await expect.poll(async () => (await decidedIn(dialog))[0]).toBeGreaterThanOrEqual(least);
    }
    const outcomes = await outcomesOf(queue.requestIds);
    expect(outcomes.filter(({ state }) => state === "pending")).toEqual([]);
    expect(outcomes).toHaveLength(100);
    for (const { sensitivity, batch } of outcomes.filter((row) => row.sensitivity !== "low")) expect(`${sensitivity} ${batch}`).toBe(`${sensitivity} 1`);
    expect(outcomes.filter(({ batch }) => (batch ?? 0) > 1)).toHaveLength(70);
  } finally {
    await queue.remove();
  }
});

test("what is selected together says what is not fit for it before anything is decided", async ({ as, origin }) => {
  const mark = randomUUID().slice(0, 6);
  const queue = await waitingFor([`Mixed ${mark}`], [{ level: "low" }, { level: "low" }, { level: "low", first: true }, { level: "high" }, { level: "low", stepUp: true }]);
  try {
    const page = await as(null);
    await signInAs(page.context(), origin, queue.people[0] ?? "");
    await page.goto("/approvals");
    await expect(list(page).getByRole("checkbox")).toHaveCount(5);
    for (const box of await list(page).getByRole("checkbox").all()) await box.check();
    await page.getByRole("button", { name: "Decide together…" }).click();
    const dialog = page.getByRole("dialog", { name: "Decide together" });
    await expect(dialog).toContainText("2 of 5 can be decided together");
    await expect(dialog).toContainText("it is not low");
    await expect(dialog).toContainText("the identity has not had this before");
    await expect(dialog).toContainText("it needs a passkey of its own");
    expect((await outcomesOf(queue.requestIds)).every(({ state }) => state === "pending")).toBe(true);
    await dialog.getByLabel("Reason, for each of them").fill("Not in this week");
    await dialog.getByRole("button", { name: "Deny 2" }).click();
    await expect(dialog).toContainText("2 of 2 decided.");
    await expect(dialog).toContainText("Not decided together, and as they were:");
    const outcomes = await outcomesOf(queue.requestIds);
    expect(outcomes.filter(({ state }) => state === "denied").map(({ batch }) => batch)).toEqual([2, 2]);
    expect(outcomes.filter(({ state }) => state === "pending")).toHaveLength(3);
  } finally {
    await queue.remove();
  }
});

/** Holds a request as a colleague's vote does while it is being counted, until `work` is done. */
async function whileHeld(requestId: string, work: () => Promise<void>): Promise<void> {
  await withDatabase(async (client) => {
    await client.query("begin");
    await client.query("select from requests where id = $1 for update", [requestId]);
    try {
      await work();
    } finally {
      await client.query("rollback");
    }
  });
}

async function decideTogether(page: Page, answer: "Approve" | "Deny"): Promise<Locator> {
  await page.getByRole("button", { name: "Decide together…" }).click();
  const dialog = page.getByRole("dialog", { name: "Decide together" });
  await dialog.getByLabel("Reason, for each of them").fill("All of last week's plan");
  await dialog.getByRole("button", { name: new RegExp(`^${answer} \\d+$`) }).click();
  return dialog;
}

test("while many are decided together it says how many are, never one more, and closing it stops nothing", async ({ as, origin }) => {
  const mark = randomUUID().slice(0, 6);
  const queue = await waitingFor([`Wait ${mark}`], Array.from({ length: 4 }, () => ({ level: "low" as const })));
  const decided = async () => (await outcomesOf(queue.requestIds)).filter(({ state }) => state !== "pending").length;
  try {
    const page = await as(null);
    await signInAs(page.context(), origin, queue.people[0] ?? "");
    await page.goto("/approvals");
    await list(page).getByRole("button", { name: /^Select the 4 requests like / }).first().click();
    await whileHeld(queue.requestIds[2] ?? "", async () => {
      const dialog = await decideTogether(page, "Approve");
      await expect(dialog).toContainText("2 of 4 decided…");
      await expect(dialog.getByRole("progressbar")).toHaveAttribute("value", "2");
      await expect(dialog.getByRole("listitem")).toHaveCount(2);
      expect(await decided()).toBe(2);
      await dialog.getByRole("button", { name: "Close" }).click();
      await expect(dialog).toBeHidden();
      expect(await decided()).toBe(2);
    });
    await expect.poll(decided).toBe(4);
    await expect(list(page)).toContainText("decided by you");
  } finally {
    await queue.remove();
  }
});

test("looking at many does not wait for a vote that is being counted, and a lost connection claims nothing", async ({ as, origin }) => {
  const mark = randomUUID().slice(0, 6);
  const queue = await waitingFor([`Lost ${mark}`], [{ level: "medium" }, { level: "low" }, { level: "low" }]);
  try {
    const page = await as(null);
    await signInAs(page.context(), origin, queue.people[0] ?? "");
    await page.goto(`/approvals?open=${queue.requestIds[0] ?? ""}`);
    await whileHeld(queue.requestIds[0] ?? "", async () => {
      await card(page).getByLabel("Reason", { exact: true }).fill("Agreed in the meeting of today");
      await card(page).getByRole("button", { name: "Deny" }).click();
      await expect(card(page).getByRole("button", { name: "Denying…" })).toBeVisible();
      await list(page).getByRole("button", { name: /^Select the 2 requests like / }).first().click();
      await page.route("**/api/approvals/together", (route) => route.fulfill({ contentType: "application/x-ndjson", body: '{"of":2,"left":[]}\n' }));
      const dialog = await decideTogether(page, "Deny");
      await expect(dialog).toContainText("0 of 2 known to be decided.");
      await expect(dialog).toContainText("it is not known what came of them");
      await expect(dialog.getByRole("button", { name: "Back to the queue" })).toBeFocused();
      await page.unroute("**/api/approvals/together");
    });
    await expect(card(page)).toContainText(/You denied this|It was denied by you/);
  } finally {
    await queue.remove();
  }
});

test("an approval asks for the passkey in place; its proof is handed out and holds elsewhere", async ({ as, origin }) => {
  const mark = randomUUID().slice(0, 6);
  const queue = await waitingFor([`Finger ${mark}`], [{ level: "low", stepUp: true }]);
  const [personId = "", requestId = ""] = [queue.people[0], queue.requestIds[0]];
  try {
    const page = await as(null);
    await signInAs(page.context(), origin, personId);
    await page.goto(`/approvals?open=${requestId}`);
    await expect(card(page)).toContainText("Approving needs a passkey, and you have none");

    const cdp = await page.context().newCDPSession(page);
    await cdp.send("WebAuthn.enable");
    const options = { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true } as const;
    const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", { options });
    await card(page).getByRole("link", { name: "Add one on your own page" }).click();
    await page.getByRole("button", { name: "Add a passkey" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Name").fill("Laptop");
    await dialog.getByRole("button", { name: "Make passkey" }).click();
    await expect(page.getByText("Laptop is added.")).toBeVisible();

    await page.goto(`/approvals?open=${requestId}`);
    await card(page).getByLabel("Reason", { exact: true }).fill("Agreed in the meeting of today");
    const approve = card(page).getByRole("button", { name: "Approve" });
    await cdp.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: false });
    await approve.click();
    await expect(card(page).getByRole("alert")).toContainText("No passkey answered");
    await expect(card(page).getByLabel("Reason", { exact: true })).toHaveValue("Agreed in the meeting of today");
    expect((await outcomesOf([requestId]))[0]?.state).toBe("pending");
    await cdp.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: true });
    await approve.click();
    await expect(card(page)).toContainText("It was approved by you");

    const [{ proof } = { proof: null }] = await outcomesOf([requestId]);
    const auditor = await as("auditor");
    const answer = await auditor.request.get(`/api/evidence/proofs/${proof ?? ""}`);
    expect(answer.status()).toBe(200);
    const handed = (await answer.json()) as { statement: string };
    expect(whatIsWrong(handed, { origin })).toBeNull();
    expect((JSON.parse(handed.statement) as { approves: object }).approves).toMatchObject({ kind: "request-vote", answer: "approve", request: requestId, voter: personId, durationSeconds: 1_800 });
    expect((await page.request.get(`/api/evidence/proofs/${proof ?? ""}`)).status()).toBe(403);
  } finally {
    await queue.remove();
  }
});

test("two approvers in two browsers: one outcome, and the other sees by whom while they look", async ({ as, origin }) => {
  const mark = randomUUID().slice(0, 6);
  const queue = await waitingFor([`Priya ${mark}`, `Quinn ${mark}`], [{ level: "low" }, { level: "low" }]);
  const [first = ""] = queue.requestIds;
  try {
    const [priya, quinn] = [await as(null), await as(null)];
    for (const [index, page] of [priya, quinn].entries()) {
      await signInAs(page.context(), origin, queue.people[index] ?? "");
      await page.goto(`/approvals?open=${first}`);
      await expect(card(page).getByRole("button", { name: "Approve" })).toBeVisible();
    }
    await quinn.goto(`/approvals?open=${queue.requestIds[1] ?? ""}`);
    await expect(list(quinn).getByRole("listitem")).toHaveCount(2);
    await card(priya).getByLabel("Reason", { exact: true }).fill("Agreed in the meeting of today");
    await card(priya).getByRole("button", { name: "Approve" }).click();
    await expect(card(priya)).toContainText("It was approved by you");
    await expect(list(quinn)).toContainText(`approved by Priya ${mark}`);
    const outcomes = await outcomesOf([first]);
    expect(outcomes.map(({ state, voter }) => [state, voter])).toEqual([["approved", queue.people[0]]]);
  } finally {
    await queue.remove();
  }
});
