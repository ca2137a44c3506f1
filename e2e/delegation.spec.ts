import { randomUUID } from "node:crypto";
import type { Page } from "@playwright/test";
import { withDatabase } from "./fixtures/database";
import { signInAs } from "./fixtures/directory";
import { expect, test } from "./fixtures/test";
import { outcomesOf, waitingFor } from "./fixtures/waiting";

const utc = (hoursFromNow: number) => new Date(Date.now() + hoursFromNow * 3_600_000).toISOString().slice(0, 16);

async function approve(page: Page, requestId: string, reason: string): Promise<void> {
  await page.goto(`/requests/${requestId}`);
  await page.getByLabel("Reason").fill(reason);
  await page.getByRole("button", { name: "Approve", exact: true }).click();
}

test("somebody goes out of office: what waits already moves, the delegate decides, and the chain says whose seat it was", async ({ as, origin }) => {
  const mark = randomUUID().slice(0, 6);
  const [ada, ben] = [`Ada ${mark}`, `Ben ${mark}`];
  const queue = await waitingFor([ada], [{ level: "low" }, { level: "low" }]);
  const away = await waitingFor([ben], []);
  const [adaId = "", benId = ""] = [queue.people[0], away.people[0]];
  const [first = "", second = ""] = queue.requestIds;
  try {
    const delegate = await as(null);
    await signInAs(delegate.context(), origin, benId);
    await delegate.goto("/approvals");
    await expect(delegate.getByRole("heading", { level: 1 })).toBeVisible();
    await expect(delegate.locator(`a[href*="${first}"]`)).toHaveCount(0);

    const owner = await as(null);
    await signInAs(owner.context(), origin, adaId);
    await owner.goto(`/people/${adaId}`);
    await owner.getByLabel("Who decides for you").selectOption({ label: ben });
    await owner.getByLabel("Decides from (UTC)").fill(utc(-1));
    await owner.getByLabel("Decides until (UTC)").fill(utc(48));
    await owner.getByRole("button", { name: "Let them decide" }).click();
    await expect(owner.getByText(`${ben} decides for ${ada} from`)).toBeVisible();

    await test.step("both requests come to the delegate without a reload of anybody's", async () => {
      const asked = () =>
        withDatabase(async (client) => {
          const { rows } = await client.query<{ why: string; seat: string }>(
            "select m.why, m.seat_of_id as seat from stage_members m join stages s on s.id = m.stage_id where m.person_id = $1 and m.removed_at is null and s.request_id = any($2::uuid[])",
            [benId, queue.requestIds],
          );
          return rows;
        });
      await expect.poll(asked, { timeout: 20_000 }).toEqual([{ why: "delegate", seat: adaId }, { why: "delegate", seat: adaId }]);
    });

    await test.step("the delegate decides the one, on the seat of whoever is away", async () => {
      await approve(delegate, first, "The plan of this week, and Ada is away");
      await expect(delegate.getByText(/It was approved by you/)).toBeVisible();
      await owner.goto(`/requests/${first}`);
      await expect(owner.getByRole("button", { name: "Approve", exact: true })).toHaveCount(0);
    });

    await test.step("the chain says whose seat the vote took", async () => {
      const auditor = await as("auditor");
      await auditor.goto(`/evidence/${first}`);
      await expect(auditor.getByRole("heading", { name: "Votes" })).toBeVisible();
      await expect(auditor.getByText(`${ben} for ${ada}`, { exact: true }).first()).toBeVisible();
      await expect(auditor.getByText(`${ben} for ${ada} approved in stage 1`)).toBeAttached();
    });

    await test.step("taken back, the other one is decided by whose seat it is", async () => {
      await owner.goto(`/people/${adaId}`);
      await owner.getByRole("button", { name: "Decide by yourself again" }).click();
      await expect(owner.getByText("You decide by yourself.")).toBeVisible();
      await expect
        .poll(() => withDatabase(async (client) => (await client.query("select from stage_members m join stages s on s.id = m.stage_id where m.person_id = $1 and m.removed_at is null and s.request_id = $2", [benId, second])).rowCount), { timeout: 20_000 })
        .toBe(0);
      await approve(owner, second, "Back again, and it is in the plan");
      await expect(owner.getByText(/It was approved by you/)).toBeVisible();
    });
    const outcomes = await outcomesOf(queue.requestIds);
    expect(outcomes.map(({ id, state, voter }) => ({ id, state, voter })).sort((a, b) => (a.id === first ? -1 : b.id === first ? 1 : 0))).toEqual([
      { id: first, state: "approved", voter: benId },
      { id: second, state: "approved", voter: adaId },
    ]);
  } finally {
    await withDatabase((client) => client.query("update delegations set until_at = now() where person_id = $1 and until_at > now()", [adaId]));
    await away.remove();
    await queue.remove();
  }
});

/** Asks a second group at the same time. */
async function besides(requestId: string, personId: string, name: string): Promise<void> {
  await withDatabase(async (client) => {
    const stageId = randomUUID();
    await client.query(
      "insert into stages (id, request_id, position, label, source, groups, needed, state, asks, opened_at) values ($1, $2, 0, 'security', $3, $4, 1, 'open', $5, now())",
      [stageId, requestId, `person:${name}`, JSON.stringify([{ kind: "person", id: personId }]), [`person:${personId}`]],
    );
    await client.query("insert into stage_members (stage_id, person_id, seat_of_id, why, since) values ($1, $2, $2, 'asked', now())", [stageId, personId]);
  });
}

for (const securityFirst of [false, true]) {
  test(`two stages at once are decided by two people in two browsers, ${securityFirst ? "security" : "whoever is named"} first`, async ({ as, origin }) => {
    const mark = randomUUID().slice(0, 6);
    const [olga, sam] = [`Olga ${mark}`, `Sam ${mark}`];
    const queue = await waitingFor([olga], [{ level: "low" }]);
    const security = await waitingFor([sam], []);
    const [olgaId = "", samId = "", requestId = ""] = [queue.people[0], security.people[0], queue.requestIds[0]];
    await besides(requestId, samId, sam);
    const votes = async () => new Set((await outcomesOf([requestId])).map(({ state, voter }) => `${state} ${voter}`));
    try {
      const [first, last] = [await as(null), await as(null)];
      const [firstId, lastId] = securityFirst ? [samId, olgaId] : [olgaId, samId];
      await signInAs(first.context(), origin, firstId);
      await signInAs(last.context(), origin, lastId);
      await last.goto(`/requests/${requestId}`);
      await expect(last.getByRole("button", { name: "Approve", exact: true })).toBeVisible();
      await approve(first, requestId, "It is in the plan of this week");
      await expect.poll(votes, { message: "one of two is not enough", timeout: 20_000 }).toEqual(new Set([`pending ${firstId}`]));
      // The page that was open all the time still takes the other vote.
      await last.getByLabel("Reason").fill("Nothing speaks against it");
      await last.getByRole("button", { name: "Approve", exact: true }).click();
      await expect(last.getByText(/It was approved by/)).toBeVisible({ timeout: 20_000 });
      expect(await votes()).toEqual(new Set([`approved ${olgaId}`, `approved ${samId}`]));
      const auditor = await as("auditor");
      await auditor.goto(`/evidence/${requestId}`);
      await expect(auditor.getByText("Stage 1, at once", { exact: true })).toHaveCount(2);
      await expect(auditor.getByText("Stage 2", { exact: true })).toHaveCount(0);
    } finally {
      await security.remove();
      await queue.remove();
    }
  });
}
