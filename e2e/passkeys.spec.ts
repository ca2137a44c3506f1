import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import type { CDPSession, Locator, Page } from "@playwright/test";
import { whatIsWrong } from "../scripts/verify/step-up.mjs";
import { withDatabase } from "./fixtures/database";
import { signInAs, withRoles } from "./fixtures/directory";
import { expect, test } from "./fixtures/test";

type Authenticator = { readonly id: string; readonly cdp: CDPSession };

/** A device with a screen lock, as Chromium makes one up. */
async function plugIn(page: Page, transport: "internal" | "usb" = "internal"): Promise<Authenticator> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("WebAuthn.enable");
  const options = { protocol: "ctap2", transport, hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true } as const;
  const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", { options });
  return { id: authenticatorId, cdp };
}

/** Whoever sits before it says no, or yes. */
const setWilling = ({ cdp, id }: Authenticator, isUserVerified: boolean) => cdp.send("WebAuthn.setUserVerified", { authenticatorId: id, isUserVerified });
const unplug = ({ cdp, id }: Authenticator) => cdp.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId: id });

/** A person of a test's own, with the role approver. */
async function somebody(name: string): Promise<string> {
  const id = randomUUID();
  await withDatabase((client) => client.query("insert into people (id, issuer, subject, name, created_at) values ($1, 'https://login.example.com', $2, $3, now())", [id, id, name]));
  await withRoles(id, "approver");
  return id;
}

const gone = (personId: string) =>
  withDatabase(async (client) => {
    await client.query("delete from person_roles where person_id = $1", [personId]);
    await client.query("update people set left_at = now() where id = $1", [personId]);
  });

async function make(dialog: Locator, name: string): Promise<void> {
  await dialog.getByLabel("Name").fill(name);
  await dialog.getByRole("button", { name: "Make passkey" }).click();
}

/** The proof of a person's last step-up, in the form in which it is checked elsewhere. */
async function lastProof(personId: string): Promise<{ proof: Record<string, unknown>; proofDigest: string }> {
  return withDatabase(async (client) => {
    const { rows } = await client.query<Record<string, unknown> & { proofDigest: string }>(
      `select 1 as version, p.id, person_id as "personId", rp_id as "rpId", origin, statement, digest, challenge, credential_id as "credentialId",
         public_key as "publicKey", authenticator_data as "authenticatorData", client_data_json as "clientDataJson", signature,
         user_verified as "userVerified", counter::int as counter, verified_at as "verifiedAt",
         convert_from(e.body, 'utf8')::json -> 'data' ->> 'proofDigest' as "proofDigest"
       from step_up_proofs p join ledger.event e on e.type = 'step-up.confirmed' and convert_from(e.body, 'utf8')::json -> 'data' ->> 'proofId' = p.id::text
       where person_id = $1 order by verified_at desc limit 1`,
      [personId],
    );
    const [{ proofDigest, ...row } = { proofDigest: "" }] = rows;
    const plain = (value: unknown) => (Buffer.isBuffer(value) ? value.toString("base64url") : value instanceof Date ? value.toISOString() : value);
    return { proof: Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value)])), proofDigest };
  });
}

test("a person adds a passkey, a second one only with the first, and removes them; what was confirmed can be checked elsewhere", async ({ as, origin }) => {
  const administrator = await as("administrator");
  const mark = randomUUID().slice(0, 8);
  const personId = await somebody(`Keys ${mark}`);
  const page = await as(null);
  await signInAs(page.context(), origin, personId);
  const laptop = await plugIn(page);
  await page.goto(`/people/${personId}`);
  const list = page.getByRole("list", { name: "Passkeys" });
  const dialog = page.getByRole("dialog");

  await test.step("cancelled: it says what happened, and keeps what was typed", async () => {
    await setWilling(laptop, false);
    await page.getByRole("button", { name: "Add a passkey" }).click();
    await make(dialog, "Laptop");
    await expect(dialog.getByRole("alert")).toContainText("No passkey was made: it was cancelled");
    await expect(dialog.getByLabel("Name")).toHaveValue("Laptop");
    await setWilling(laptop, true);
  });

  await test.step("the first one", async () => {
    await dialog.getByRole("button", { name: "Make passkey" }).click();
    await expect(page.getByText("Laptop is added.")).toBeVisible();
    await expect(list.getByRole("listitem")).toContainText(["Laptop"]);
    await expect(list).toContainText("not used yet");
  });

  await test.step("an administrator sees how many each has, and finds who has none", async () => {
    await administrator.goto(`/people?q=Keys+${mark}`);
    const row = administrator.getByRole("row").filter({ hasText: `Keys ${mark}` });
    await expect(row.getByRole("cell").nth(4)).toHaveText("1");
    await administrator.goto(`/people?q=Keys+${mark}&passkeys=none`);
    await expect(row).toHaveCount(0);
    await administrator.goto(`/people/${personId}`);
    await expect(administrator.getByRole("list", { name: "Passkeys" })).toContainText("Laptop");
  });

  await test.step("the second one needs the first", async () => {
    await page.getByRole("button", { name: "Add a passkey" }).click();
    await expect(dialog.getByLabel("Name")).toHaveCount(0);
    await setWilling(laptop, false);
    await dialog.getByRole("button", { name: "Confirm with a passkey" }).click();
    await expect(dialog.getByRole("alert")).toContainText("No passkey answered");
    await setWilling(laptop, true);
    await dialog.getByRole("button", { name: "Confirm with a passkey" }).click();
    await expect(dialog.getByLabel("Name")).toBeVisible();
    const key = await plugIn(page, "usb");
    await make(dialog, "Blue key");
    await expect(page.getByText("Blue key is added.")).toBeVisible();
    await expect(list.getByRole("listitem")).toContainText(["Laptop", "Blue key"]);
    await unplug(key);
  });

  await test.step("the stored proof holds for code that shares nothing with Curfew", async () => {
    const { proof, proofDigest } = await lastProof(personId);
    expect(whatIsWrong(proof, { proofDigest, origin })).toBeNull();
    expect(whatIsWrong({ ...proof, signature: `${String(proof["signature"]).slice(0, -2)}AA` }, { origin })).not.toBeNull();
    if (process.env.CURFEW_E2E_KEEP_PROOF) writeFileSync(process.env.CURFEW_E2E_KEEP_PROOF, `${JSON.stringify({ proof, proofDigest }, null, 2)}\n`);
  });

  await test.step("rename, and remove with the one that is at hand", async () => {
    await page.getByRole("button", { name: "Rename Blue key" }).click();
    await dialog.getByRole("textbox", { name: "Name" }).fill("Green key");
    await dialog.getByRole("button", { name: "Rename" }).click();
    await page.getByRole("button", { name: "Remove Green key" }).click();
    await dialog.getByRole("button", { name: "Confirm with a passkey and remove Green key" }).click();
    await expect(list.getByRole("listitem")).toHaveCount(1);
    await expect(list).toContainText("Laptop");
  });

  await test.step("the device is lost: an administrator removes the last one and says why", async () => {
    await unplug(laptop);
    await administrator.getByRole("button", { name: `Remove Laptop of Keys ${mark}` }).click();
    const asked = administrator.getByRole("dialog");
    await asked.getByRole("button", { name: "Remove passkey" }).click();
    await expect(asked.getByText("Say why, for the record.")).toBeVisible();
    await asked.getByLabel("Why").fill("Stolen from a train");
    await asked.getByRole("button", { name: "Remove passkey" }).click();
    await expect(administrator.getByText("No passkey yet")).toBeVisible();
    await page.reload();
    await expect(page.getByText("No passkey yet")).toBeVisible();
  });

  await gone(personId);
});

test("from an old sign-in nobody adds a first passkey: it leads to a new sign-in", async ({ as, origin }) => {
  const personId = await somebody(`Old ${randomUUID().slice(0, 8)}`);
  const page = await as(null);
  await signInAs(page.context(), origin, personId);
  await page.goto(`/people/${personId}`);
  await expect(page.getByRole("button", { name: "Add a passkey" })).toBeVisible();
  await withDatabase((client) => client.query("update sign_ins set created_at = now() - interval '11 minutes' where person_id = $1", [personId]));
  await page.getByRole("button", { name: "Add a passkey" }).click();
  await make(page.getByRole("dialog"), "Late");
  await expect(page.getByRole("dialog").getByRole("alert")).toContainText("You signed in more than 10 min ago");
  await page.reload();
  await expect(page.getByRole("button", { name: "Sign in again" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Add a passkey" })).toHaveCount(0);
  await gone(personId);
});

test("nobody adds a passkey to somebody else, and sees none but their own unless they see people", async ({ as, origin }) => {
  const administrator = await as("administrator");
  const other = await withDatabase(async (client) => (await client.query<{ id: string }>("select id from people where subject = 'approver'")).rows[0]?.id ?? "");
  await administrator.goto(`/people/${other}`);
  await expect(administrator.getByRole("heading", { name: "Passkeys" })).toBeVisible();
  await expect(administrator.getByRole("button", { name: "Add a passkey" })).toHaveCount(0);
  const stranger = await as("requester");
  await stranger.goto(`${origin}/people/${other}`);
  await expect(stranger.getByText("There is nothing at this address")).toBeVisible();
});
