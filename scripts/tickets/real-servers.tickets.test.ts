import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { providerRulesSchema } from "@/lib/tickets/schema";
import type { ProviderAccess, TicketProvider } from "@/lib/tickets/providers/contract";
import { redmine } from "@/lib/tickets/providers/redmine";
import { requestTracker } from "@/lib/tickets/providers/request-tracker";
import { openServer } from "@/lib/tickets/providers/server";

/** Set by `servers.mjs`, which starts the real servers and says which it could not. */
const redmineUrl = process.env["CURFEW_TEST_REDMINE_URL"];
const redmineKey = process.env["CURFEW_TEST_REDMINE_KEY"] ?? "";
const trackerUrl = process.env["CURFEW_TEST_RT_URL"];

function access(baseUrl: string, secrets: { account?: string; token: string }, rules: object = {}): ProviderAccess {
  return { baseUrl, mayBeInside: true, secrets: { account: "", webhookSecret: "", ...secrets }, rules: providerRulesSchema.parse(rules) };
}

async function send<Answer>(provider: TicketProvider, to: ProviderAccess, { method, path, body }: { method: "POST" | "PUT"; path: string; body: unknown }): Promise<Answer> {
  return (await openServer(provider, to).send(method, path, body)) as Answer;
}

describe.skipIf(!redmineUrl)("a real Redmine", () => {
  const admin = access(redmineUrl ?? "", { token: redmineKey }, { approvedStates: ["In Progress"] });
  const read = (key: string) => redmine.read(openServer(redmine, admin), key);
  const issue = async (subject: string) => String((await send<{ issue: { id: number } }>(redmine, admin, { method: "POST", path: "/issues.json", body: { issue: { project_id: "chg", subject } } })).issue.id);

  it("answers a good key and refuses a bad one", async () => {
    await redmine.check(openServer(redmine, admin));
    await expect(redmine.check(openServer(redmine, access(redmineUrl ?? "", { token: "wrong" })))).rejects.toMatchObject({ kind: "refused" });
  });

  it("says what is open, who approved it, and that it is closed", async () => {
    const login = `carol${randomUUID().slice(0, 8)}`;
    const { user } = await send<{ user: { id: number; api_key: string } }>(redmine, admin, {
      method: "POST",
      path: "/users.json",
      body: { user: { login, firstname: "Carol", lastname: "Test", mail: `${login}@example.com`, password: randomUUID(), admin: true } },
    });
    const key = await issue("Deploy shop 1.0");
    expect(await read(key)).toMatchObject({ key, title: "Deploy shop 1.0", isOpen: true, approved: "no", approvals: [] });
    const carol = access(redmineUrl ?? "", { token: user.api_key });
    await send(redmine, carol, { method: "PUT", path: `/issues/${key}.json`, body: { issue: { status_id: 2 } } });
    expect(await read(key)).toMatchObject({ state: "In Progress", approved: "yes", approvals: [{ id: String(user.id), name: "Carol Test" }] });
    await send(redmine, carol, { method: "PUT", path: `/issues/${key}.json`, body: { issue: { status_id: 5 } } });
    expect(await read(key)).toMatchObject({ state: "Closed", isOpen: false });
  });

  it("takes a comment, which is found again by its marker", async () => {
    const key = await issue("Comment here");
    const marker = `curfew:${randomUUID()}`;
    expect(await redmine.hasComment(openServer(redmine, admin), key, marker)).toBe(false);
    await redmine.comment(openServer(redmine, admin), key, `Request 1 was approved (${marker})`);
    expect(await redmine.hasComment(openServer(redmine, admin), key, marker)).toBe(true);
  });

  it("finds by number and by title, and knows what is not there", async () => {
    const title = `Backfill ${randomUUID()}`;
    const key = await issue(title);
    expect(await redmine.search(openServer(redmine, admin), title)).toEqual([{ key, title, state: "New" }]);
    expect(await redmine.search(openServer(redmine, admin), key)).toMatchObject([{ key }]);
    await expect(read("999999999")).rejects.toMatchObject({ kind: "not-found" });
  });
});

describe.skipIf(!trackerUrl)("a real Request Tracker", () => {
  const root = access(trackerUrl ?? "", { account: "root", token: "password" }, { approvedStates: ["open"] });
  const read = (key: string) => requestTracker.read(openServer(requestTracker, root), key);
  const ticket = async (Subject: string) => String((await send<{ id: string | number }>(requestTracker, root, { method: "POST", path: "/REST/2.0/ticket", body: { Queue: "General", Subject, Content: "made by a test" } })).id);

  it("answers a good account and refuses a bad one", async () => {
    await requestTracker.check(openServer(requestTracker, root));
    await expect(requestTracker.check(openServer(requestTracker, access(trackerUrl ?? "", { account: "root", token: "wrong" })))).rejects.toMatchObject({ kind: "refused" });
  });

  it("says what is open, and that it is closed", async () => {
    const key = await ticket("Deploy shop 1.0");
    expect(await read(key)).toMatchObject({ key, title: "Deploy shop 1.0", state: "new", isOpen: true, approved: "no" });
    await send(requestTracker, root, { method: "PUT", path: `/REST/2.0/ticket/${key}`, body: { Status: "resolved" } });
    expect(await read(key)).toMatchObject({ state: "resolved", isOpen: false });
  });

  it("takes a comment, which is found again by its marker", async () => {
    const key = await ticket("Comment here");
    const marker = `curfew:${randomUUID()}`;
    expect(await requestTracker.hasComment(openServer(requestTracker, root), key, marker)).toBe(false);
    await requestTracker.comment(openServer(requestTracker, root), key, `Request 1 was approved (${marker})`);
    expect(await requestTracker.hasComment(openServer(requestTracker, root), key, marker)).toBe(true);
  });

  it("finds by number and by title, and knows what is not there", async () => {
    const title = `Backfill ${randomUUID()}`;
    const key = await ticket(title);
    expect(await requestTracker.search(openServer(requestTracker, root), title)).toMatchObject([{ key, title }]);
    expect(await requestTracker.search(openServer(requestTracker, root), key)).toMatchObject([{ key }]);
    await expect(read("99999999")).rejects.toMatchObject({ kind: "not-found" });
  });
});
