import type { Page } from "@playwright/test";
import { withDatabase } from "./fixtures/database";
import { expect, test } from "./fixtures/test";

const count = 20;

/** Identities of this story alone, on a system that is known from files: no other story meets them. */
async function registerStory(tag: string): Promise<void> {
  await withDatabase(async (client) => {
    const system = await client.query<{ id: string }>(
      "insert into systems (id, name, connector, environment, config, created_at) values (gen_random_uuid(), $1, 'files@1', 'test', '{}', now()) returning id",
      [`files of ${tag}`],
    );
    await client.query(
      `with people_of as (select (select id from people where subject = 'owner') as owner, (select id from people where subject = 'ines') as sponsor),
       made as (
         insert into identities (id, name, kind, environment, state, owner_id, sponsor_id, tags, source, system_id, first_seen_at, last_seen_at, last_active_at, visible_since)
         select gen_random_uuid(), $1 || '_' || lpad(n::text, 2, '0'), 'service-account', 'test', 'active', p.owner, p.sponsor, array[$1], 'import', $2::uuid,
           now() - interval '100 days', now(), now() - interval '1 hour', now() - interval '100 days'
         from generate_series(1, $3::int) n, people_of p returning id, name
       )
       insert into credentials (id, identity_id, system_id, handle, target_id, kind, created_at, first_seen_at, last_seen_at, facts)
       select gen_random_uuid(), m.id, $2::uuid, 'key of ' || m.name, m.id::text, 'key', now() - interval '50 days', now() - interval '50 days', now(), '{}' from made m`,
      [tag, system.rows[0]?.id, count],
    );
  });
}

/** Afterwards they are gone from their system, as discovery would say it. */
async function forgetStory(tag: string): Promise<void> {
  await withDatabase((client) => client.query("update identities set vanished_at = now(), scored_at = null where $1 = any(tags)", [tag]));
}

async function startCampaign(page: Page, { tag, name }: { tag: string; name: string }): Promise<string> {
  await page.goto(`/reviews/new?view=${encodeURIComponent(`tag=${tag}`)}`);
  await expect(page.getByText(`Will ask 1 person for ${count} items.`)).toBeVisible();
  await page.getByLabel("Name").fill(name);
  await page.getByRole("button", { name: `Start with ${count} items` }).click();
  await expect(page.getByText("Choose what a missed review does.")).toBeVisible();
  await page.getByLabel(/freezes new grants/).check();
  await page.getByRole("button", { name: `Start with ${count} items` }).click();
  await page.waitForURL(/\/reviews\/[0-9a-f-]{36}$/);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(name);
  await expect(page.getByText(`${count} of ${count} items open.`)).toBeVisible();
  return new URL(page.url()).pathname.split("/").at(-1) ?? "";
}

test("an owner clears a campaign of 20 by keyboard, and a second person acknowledges the result", async ({ as, complaints }) => {
  test.setTimeout(300_000);
  const tag = `story_${Date.now().toString(36)}`;
  const name = `Campaign of ${tag}`;
  await registerStory(tag);
  try {
    const administrator = await as("administrator");
    const reviewId = await startCampaign(administrator, { tag, name });

    const owner = await as("owner");
    await owner.goto(`/reviews/decide?review=${reviewId}`);
    await expect(owner.getByRole("heading", { level: 2, name: new RegExp(`${tag}_`) })).toBeVisible();
    // Nothing is chosen for anybody.
    await expect(owner.locator("input[name=decision]:checked")).toHaveCount(0);
    // The page is alive once the address names what is open.
    await owner.waitForURL(/[?&]open=/);
    await owner.keyboard.press("j");
    await expect(owner.getByRole("heading", { level: 2, name: `${tag}_02` })).toBeVisible();
    await owner.keyboard.press("k");
    await expect(owner.getByRole("heading", { level: 2, name: `${tag}_01` })).toBeVisible();

    for (let index = 1; index <= count; index++) {
      const identity = `${tag}_${String(index).padStart(2, "0")}`;
      await expect(owner.getByRole("heading", { level: 2, name: identity })).toBeVisible();
      await owner.keyboard.press(index === 2 ? "2" : "1");
      await expect(owner.getByLabel("Reason")).toBeFocused();
      await owner.keyboard.type(`Still runs every night (${index})`);
      await owner.keyboard.press("Enter");
      await expect(owner.getByText(`${index} staged`)).toBeVisible();
    }
    // Staged is not decided.
    await administrator.reload();
    await expect(administrator.getByText(`${count} of ${count} items open.`)).toBeVisible();

    await expect(owner.getByRole("button", { name: `Submit ${count} decisions` })).toBeFocused();
    await owner.keyboard.press("Enter");
    const dialog = owner.getByRole("dialog", { name: `Submit ${count} decisions` });
    await expect(dialog).toContainText("19 keep and 1 rotate");
    for (let step = 0; step < 4 && !(await dialog.getByRole("button", { name: /^Submit/ }).evaluate((button) => button === document.activeElement)); step++) await owner.keyboard.press("Tab");
    await owner.keyboard.press("Enter");
    await expect(owner.getByText(`${count} decisions count now`)).toBeVisible();

    await administrator.reload();
    await expect(administrator.getByText("A second person acknowledges the result.")).toBeVisible();
    await administrator.getByRole("button", { name: "Show as table" }).click();
    await expect(administrator.getByRole("region", { name: "Open items by day" })).toContainText("0");
    await administrator.getByLabel("What you looked at").fill("Read all 20 decisions; the rotation is promised");
    await administrator.getByRole("button", { name: "Acknowledge the result" }).click();
    await expect(administrator.getByText(`${count} decided, 0 missed, 0 left out.`)).toBeVisible();
    // One person's speed is nobody else's business.
    await expect(administrator.getByText("Shown once 3 people have made 5 timed decisions", { exact: false })).toBeVisible();
    await owner.goto(`/reviews/${reviewId}`);
    await expect(owner.getByText("Only you see this.")).toBeVisible();
    expect(complaints).toEqual([]);
  } finally {
    await forgetStory(tag);
  }
});
