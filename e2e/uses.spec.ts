import AxeBuilder from "@axe-core/playwright";
import { withDatabase } from "./fixtures/database";
import { expect, test } from "./fixtures/test";

type Session = { readonly requestId: string; readonly handle: string; readonly at: Date };

/** A session of the past that the demo tells of: nobody else's story goes on with it. */
async function pastSession(): Promise<Session> {
  const { rows } = await withDatabase((client) =>
    client.query<Session>(
      `select g.request_id::text as "requestId", g.handle_name as handle, g.activated_at + interval '30 seconds' as at from grants g join systems s on s.id = g.system_id
       where g.demo and g.state = 'proven' and s.name = 'orders-db' order by g.activated_at limit 1`,
    ),
  );
  const [session] = rows;
  if (!session) throw new Error("the demo has no session of the past");
  return session;
}

/** What PostgreSQL would have written of it; one line is none. */
function logOf({ handle, at }: Session, run: string): Buffer {
  const entry = (number: number, message: string) => {
    const time = new Date(at.getTime() + number * 1_000).toISOString().replace("T", " ").replace("Z", " UTC");
    return JSON.stringify({ timestamp: time, user: handle, dbname: "orders", remote_host: "10.0.0.8", session_id: run, line_num: number, error_severity: "LOG", message });
  };
  const lines = [
    entry(1, `connection authorized: user=${handle} database=orders`),
    entry(2, "statement: select id, email from sales.customers where email = 'hidden-by-curfew@example.com'"),
    entry(3, "statement: update sales.orders set status = 'paid' where id = 4711"),
    "Nov 22 10:00:00 this is a line of another log",
  ];
  return Buffer.from(`${lines.join("\n")}\n`);
}

test.describe.configure({ mode: "serial" });

const run = Date.now().toString(16);
const name = `sent log ${run}`;
let session: Session;
let address = "";

test.beforeAll(async () => {
  session = await pastSession();
});

// No chain of the demo waits for it any more.
test.afterAll(() => withDatabase((client) => client.query("update sources set closed_at = clock_timestamp() where name = $1", [name])));

test("an administrator adds a source, sends its log twice, and sees what was not taken", async ({ as }) => {
  const page = await as("administrator");
  await page.goto("/evidence/sources");
  await page.getByRole("link", { name: "Add a source" }).click();
  await page.waitForURL("**/evidence/sources/new");
  // A choice that is made before the page has come to life is lost.
  await expect(async () => {
    await page.getByRole("combobox", { name: "System" }).selectOption({ label: "orders-db" });
    await page.getByRole("combobox", { name: "Format" }).selectOption("postgres-jsonlog");
    await expect(page.getByText("log_timezone = UTC")).toBeVisible({ timeout: 1_000 });
  }).toPass({ timeout: 30_000 });
  await page.getByRole("textbox", { name: "Name" }).fill(name);
  await page.getByRole("button", { name: "Add source" }).click();
  await page.waitForURL(/\/evidence\/sources\/[0-9a-f-]{36}$/);
  address = page.url();
  const file = { name: "postgresql.json", mimeType: "application/json", buffer: logOf(session, run) };
  await expect(async () => {
    await page.getByLabel("File", { exact: true }).setInputFiles(file);
    await page.getByRole("button", { name: "Send log" }).click();
    await expect(page.getByText(/The log was read: \d new uses?, \d known before, 1 line not taken, of 4 lines\./)).toBeVisible({ timeout: 20_000 });
  }).toPass({ timeout: 60_000 });
  await expect(page.getByRole("list", { name: "Files that were sent" }).getByText("3 new uses of 4 lines")).toBeVisible();
  await expect(page.getByRole("list", { name: "Lines that were not taken" }).getByText("is not JSON").first()).toBeVisible();
  const found = await new AxeBuilder({ page }).analyze();
  expect(found.violations.map(({ id }) => id)).toEqual([]);
  await page.getByRole("button", { name: "Send log" }).click();
  await expect(page.getByText("The log was read: 0 new uses, 3 known before")).toBeVisible({ timeout: 20_000 });
});

test("an auditor sees what the session reached, and cannot change the source", async ({ as }) => {
  const page = await as("auditor");
  await page.goto(`/evidence/${session.requestId}`);
  await page.getByText(/\d+ uses? in logs: what was reached/).first().click();
  const reached = page.getByRole("region", { name: "What was reached: table" }).first();
  await expect(reached.getByRole("row", { name: /sales\.orders.*UPDATE/ })).toBeVisible();
  await expect(reached.getByRole("row", { name: /sales\.customers.*SELECT.*exact/ })).toBeVisible();
  await page.goto(address);
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
  await expect(page.getByRole("button", { name: "Send log" }), "an auditor changes nothing").toHaveCount(0);
  const kept = await withDatabase((client) => client.query("select 1 from uses u where u::text like '%hidden-by-curfew%'"));
  expect(kept.rowCount, "no value of a statement is kept").toBe(0);
});
