import { createHash, createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { providerRulesSchema } from "../schema";
import { TicketFault } from "./contract";
import { github, githubFacts } from "./github";
import { jiraCloud, jiraFacts, jiraDataCenter } from "./jira";
import { redmineFacts } from "./redmine";
import { approvalIds, requestTrackerFacts } from "./request-tracker";
import { servicenowFacts } from "./servicenow";

const rulesOf = (over: object = {}) => providerRulesSchema.parse(over);
const baseUrl = "https://tickets.example.org";
/** A copy with some of it changed. */
const but = (json: object, change: (copy: never) => void): unknown => {
  const copy = structuredClone(json);
  change(copy as never);
  return copy;
};

const jiraIssue = {
  id: "10042", key: "OPS-42",
  fields: {
    summary: "Deploy shop 1.0", description: { type: "doc", content: [{ type: "paragraph", content: [{ type: "text", text: "through deploy_bot" }] }] },
    status: { id: "3", name: "Implementing", statusCategory: { id: 4, key: "indeterminate", name: "In Progress" } },
    assignee: { accountId: "acc-alice", displayName: "Alice" }, reporter: { accountId: "acc-bob", displayName: "Bob" }, labels: ["prod-change"],
    customfield_10050: "2026-01-15T10:00:00.000+0000", customfield_10051: "2026-01-15T12:00:00.000+0000",
  },
  changelog: { histories: [{ author: { accountId: "acc-carol", displayName: "Carol" }, items: [{ field: "status", fromString: "Review", toString: "Implementing" }] }] },
};
const desk = { values: [{ id: "1", finalDecision: "approved", approvers: [{ approver: { accountId: "acc-carol", displayName: "Carol" }, approverDecision: "approved" }] }] };

describe("an issue of Jira", () => {
  const rules = rulesOf({ windowFromField: "customfield_10050", windowUntilField: "customfield_10051", approvedStates: ["Implementing"] });
  const read = (json: unknown, approvals: unknown = null, over = rules) => jiraFacts(json, approvals, { baseUrl, rules: over });
  it("is approved by its desk, with who did", () => {
    expect(read(jiraIssue, desk, rulesOf({ windowUntilField: "customfield_10051" }))).toMatchObject({
      key: "OPS-42", title: "Deploy shop 1.0", url: `${baseUrl}/browse/OPS-42`, state: "Implementing", isOpen: true, approved: "yes",
      approvals: [{ id: "acc-carol", name: "Carol" }], windowFrom: null, windowUntil: "2026-01-15T12:00:00.000Z", requester: { id: "acc-bob" }, assets: ["prod-change"],
    });
    expect(read(jiraIssue, desk).text).toContain("through deploy_bot");
  });
  it.each<[string, unknown, unknown, object]>([
    ["is closed in the category of what is done", but(jiraIssue, (copy: typeof jiraIssue) => { copy.fields.status.statusCategory.key = "done"; }), desk, { isOpen: false }],
    ["waits where one of its approvals does", jiraIssue, { values: [...desk.values, { finalDecision: "pending", approvers: [] }] }, { approved: "no" }],
    ["was declined", jiraIssue, { values: [{ ...desk.values[0], finalDecision: "declined" }] }, { approved: "no" }],
    ["is not approved by whoever reported it", but(jiraIssue, (copy: typeof jiraIssue) => { copy.fields.reporter.accountId = "acc-carol"; }), desk, { approved: "no", approvals: [] }],
    ["is approved by a state that its history says somebody else set", jiraIssue, null, { approved: "yes", approvals: [{ id: "acc-carol", name: "Carol" }] }],
    ["is of unknown approval where its history names nobody", but(jiraIssue, (copy: { changelog?: unknown }) => { delete copy.changelog; }), null, { approved: "unknown" }],
    ["is not approved in another state", but(jiraIssue, (copy: typeof jiraIssue) => { copy.fields.status.name = "Review"; }), null, { approved: "no" }],
  ])("%s", (_name, json, approvals, expected) => expect(read(json, approvals)).toMatchObject(expected));
  it("of another shape decides nothing", () => expect(() => read({ key: "OPS-42" })).toThrow(TicketFault));
});

const change = {
  result: [{
    sys_id: "0123456789abcdef0123456789abcdef", number: "CHG0030001", short_description: "Deploy shop 1.0", type: "normal", state: "-1", approval: "approved", active: "true",
    on_hold: "false", start_date: "2026-01-15 10:00:00", end_date: "2026-01-15 12:00:00", requested_by: "1".repeat(32), assigned_to: "2".repeat(32), cmdb_ci: "orders-db",
  }],
};
const said = { result: [{ approver: "5".repeat(32), state: "approved" }] };

describe("a change of ServiceNow", () => {
  const read = (json: unknown, approvers: unknown = said, over: object = {}) => servicenowFacts(json, approvers, { baseUrl, rules: rulesOf(over) });
  const with_ = (over: object) => ({ result: [{ ...change.result[0], ...over }] });
  it("is open in Implement, approved, with its window in UTC", () => {
    expect(read(change)).toMatchObject({ key: "CHG0030001", state: "Implement", isOpen: true, approved: "yes", approvals: [{ id: "5".repeat(32) }], windowFrom: "2026-01-15T10:00:00.000Z", windowUntil: "2026-01-15T12:00:00.000Z", assets: ["orders-db"] });
  });
  it.each<[string, unknown, unknown, object]>([
    ["is not open yet in Authorize", with_({ state: "-3" }), said, { state: "Authorize", isOpen: false }],
    ["is not open once closed", with_({ state: "3" }), said, { state: "Closed", isOpen: false }],
    ["is not open on hold", with_({ on_hold: "true" }), said, { isOpen: false }],
    ["is not open when inactive", with_({ active: "false" }), said, { isOpen: false }],
    ["is not approved while requested", with_({ approval: "requested" }), said, { approved: "no" }],
    ["is not approved by whoever asked for it", with_({ requested_by: "5".repeat(32) }), said, { approved: "no" }],
    ["is not approved by nobody", change, { result: [] }, { approved: "no" }],
    ["of the standard type is approved beforehand", with_({ type: "standard", approval: "not requested" }), { result: [] }, { approved: "yes" }],
  ])("%s", (_name, json, approvers, expected) => expect(read(json, approvers)).toMatchObject(expected));
  it("that is not there is not found", () => expect(() => read({ result: [] })).toThrow(expect.objectContaining({ kind: "not-found" })));
});

const issue = { number: 42, html_url: "https://github.example.org/acme/ops/issues/42", title: "Deploy", state: "open", user: { login: "bob", id: 2 }, assignees: [{ login: "alice", id: 1 }], labels: [{ id: 9, name: "approved" }] };
const events = [{ event: "labeled", actor: { login: "carol", id: 3 }, label: { name: "approved" } }];

describe("an issue of GitHub", () => {
  const read = (json: unknown, history: unknown, over: object = { approvedStates: ["approved"] }) => githubFacts("acme/ops#42", json, history, { rules: rulesOf(over) });
  it.each<[string, unknown, unknown, object | undefined, object]>([
    ["is approved by a label that somebody else set", issue, events, undefined, { isOpen: true, approved: "yes", approvals: [{ id: "carol", name: "carol" }] }],
    ["is not approved by a label that its author set", issue, [{ ...events[0], actor: { login: "bob", id: 2 } }], undefined, { approved: "no" }],
    ["is not approved by a label of somebody who is no approver", issue, events, { approvedStates: ["approved"], approvers: ["dora"] }, { approved: "no" }],
    ["is not approved by a label that stands without a history", issue, [], undefined, { approved: "no" }],
    ["is not approved by a label that was taken away and is shown still", issue, [...events, { event: "unlabeled", actor: { login: "bob", id: 2 }, label: { name: "approved" } }], undefined, { approved: "no" }],
    ["is closed", { ...issue, state: "closed" }, events, undefined, { isOpen: false }],
    ["is of unknown approval where no label is configured", issue, events, {}, { approved: "unknown" }],
  ])("%s", (_name, json, history, over, expected) => expect(read(json, history, over)).toMatchObject(expected));
});

const redmine = {
  issue: {
    id: 42, status: { id: 2, name: "Approved", is_closed: false }, author: { id: 6, name: "Bob" }, assigned_to: { id: 5, name: "Alice" }, subject: "Deploy shop 1.0", description: "",
    start_date: "2026-01-15", due_date: "2026-01-15", custom_fields: [{ id: 1, name: "Systems", value: "orders-db, billing" }, { id: 2, name: "Ends at", value: "2026-01-15 12:00" }],
    journals: [{ id: 100, user: { id: 7, name: "Carol" }, notes: "", details: [{ property: "attr", name: "status_id", old_value: "1", new_value: "2" }] }],
  },
};

describe("an issue of Redmine", () => {
  const read = (json: unknown, over: object = { approvedStates: ["Approved"] }) => redmineFacts(json, { baseUrl, rules: rulesOf(over) });
  it("is approved by a state that its journal says somebody else set; its days are its window", () => {
    expect(read(redmine)).toMatchObject({ isOpen: true, approved: "yes", approvals: [{ id: "7", name: "Carol" }], windowFrom: "2026-01-15T00:00:00.000Z", windowUntil: "2026-01-16T00:00:00.000Z" });
  });
  it("has its window and assets in the fields that are named", () => {
    expect(read(redmine, { windowUntilField: "Ends at", assetField: "1" })).toMatchObject({ windowUntil: "2026-01-15T12:00:00.000Z", assets: ["orders-db", "billing"], approved: "unknown" });
  });
  it("is not approved by its author, nor where the journal names nobody", () => {
    expect(read(but(redmine, (copy: typeof redmine) => { copy.issue.author.id = 7; }))).toMatchObject({ approved: "no", approvals: [] });
    expect(read(but(redmine, (copy: typeof redmine) => { copy.issue.journals = []; }))).toMatchObject({ approved: "no" });
  });
  it("is closed in a closed state", () => expect(read(but(redmine, (copy: typeof redmine) => { copy.issue.status.is_closed = true; }))).toMatchObject({ isOpen: false }));
});

const ticket = {
  id: 42, Type: "ticket", Status: "open", Subject: "Deploy shop 1.0", Owner: { id: "alice" }, Creator: { id: "bob" }, Starts: "2026-01-15T10:00:00Z", Due: "1970-01-01T00:00:00Z", CustomFields: [],
  _hyperlinks: [{ ref: "self", type: "ticket", id: 42 }, { ref: "depends-on", type: "ticket", id: 43 }],
};
const approval = { id: 43, Type: "approval", Status: "resolved", Subject: "Approve 42", Owner: { id: "carol" } };

describe("a ticket of Request Tracker", () => {
  const read = (json: unknown, approvals: unknown[], over: object = {}) => requestTrackerFacts(json, approvals, { baseUrl, rules: rulesOf(over) });
  it("depends on its approvals", () => expect(approvalIds(ticket)).toEqual(["43"]));
  it.each<[string, unknown, unknown[], object, object]>([
    ["is approved where every approval is resolved by somebody else", ticket, [approval], {}, { isOpen: true, approved: "yes", approvals: [{ id: "carol", name: "carol" }], windowFrom: "2026-01-15T10:00:00.000Z", windowUntil: null }],
    ["is not approved while one is open", ticket, [approval, { ...approval, id: 44, Status: "open" }], {}, { approved: "no" }],
    ["is not approved where one was rejected", ticket, [{ ...approval, Status: "rejected" }], {}, { approved: "no" }],
    ["is not approved by whoever asked", ticket, [{ ...approval, Owner: { id: "bob" } }], {}, { approved: "no" }],
    ["is of unknown approval without any", ticket, [], {}, { approved: "unknown" }],
    ["may be approved by its state, with an owner who is not who asked", ticket, [], { approvedStates: ["open"] }, { approved: "yes", approvals: [{ id: "alice", name: "alice" }] }],
    ["is closed once resolved", { ...ticket, Status: "resolved" }, [approval], {}, { isOpen: false }],
  ])("%s", (_name, json, approvals, over, expected) => expect(read(json, approvals, over)).toMatchObject(expected));
});

describe("a webhook", () => {
  const secret = "a secret of the webhook";
  const now = new Date("2026-01-15T11:00:00Z");
  const sign = (body: string, by = secret) => `sha256=${createHmac("sha256", by).update(body).digest("hex")}`;
  const jiraBody = (timestamp: number) => JSON.stringify({ timestamp, webhookEvent: "jira:issue_updated", issue: { key: "OPS-42" } });
  const send = (body: string, headers: Record<string, string>) => jiraCloud.webhook?.({ headers: new Headers(headers), body: Buffer.from(body), secret, now });
  const good = jiraBody(now.getTime());
  const id = { "x-atlassian-webhook-identifier": "d-1" };

  const known = (body: string) => createHash("sha256").update(body).digest("hex");

  it.each([["Cloud", jiraCloud], ["Data Center", jiraDataCenter]])("of Jira %s names a ticket, and is known by its body alone", (_name, jira) => {
    const take = (headers: Record<string, string>) => jira.webhook?.({ headers: new Headers({ ...headers, "x-hub-signature": sign(good) }), body: Buffer.from(good), secret, now });
    expect(take(id)).toEqual({ ok: true, deliveryId: known(good), key: "OPS-42" });
    expect(take({ "x-atlassian-webhook-identifier": "replayed under another name" })).toEqual(take(id));
    expect(take({})).toEqual(take(id));
  });
  it.each<[string, Record<string, string>]>([
    ["with no signature", {}],
    ["with the header of another system", { "x-hub-signature-256": sign(good) }],
    ["by SHA-1", { "x-hub-signature": `sha1=${createHmac("sha1", secret).update(good).digest("hex")}` }],
    ["by a method that we do not know", { "x-hub-signature": `sha512=${createHmac("sha512", secret).update(good).digest("hex")}` }],
    ["by no named method", { "x-hub-signature": sign(good).slice("sha256=".length) }],
    ["with two signatures", { "x-hub-signature": `${sign(good, "another")}, ${sign(good)}` }],
    ["with the secret itself, as a basic sign-in", { authorization: `Basic ${btoa(`curfew:${secret}`)}` }],
  ])("of Jira Data Center %s is forged", (_name, headers) =>
    expect(jiraDataCenter.webhook?.({ headers: new Headers(headers), body: Buffer.from(good), secret, now })).toEqual({ ok: false, code: "forged" }));
  it("of GitHub names a ticket", () => {
    const body = JSON.stringify({ issue: { number: 42 }, repository: { full_name: "acme/ops" } });
    expect(github.webhook?.({ headers: new Headers({ "x-github-delivery": "g-1", "x-hub-signature-256": sign(body) }), body: Buffer.from(body), secret, now })).toEqual({ ok: true, deliveryId: known(body), key: "acme/ops#42" });
  });
  it.each<[string, string, Record<string, string>, string]>([
    ["without a signature", good, id, "forged"],
    ["signed by another secret", good, { ...id, "x-hub-signature": sign(good, "another") }, "forged"],
    ["whose body was changed", `${good} `, { ...id, "x-hub-signature": sign(good) }, "forged"],
    ["with half a signature", good, { ...id, "x-hub-signature": sign(good).slice(0, 40) }, "forged"],
    ["that is too late", jiraBody(now.getTime() - 301_000), { ...id, "x-hub-signature": sign(jiraBody(now.getTime() - 301_000)) }, "late"],
    ["from the future", jiraBody(now.getTime() + 301_000), { ...id, "x-hub-signature": sign(jiraBody(now.getTime() + 301_000)) }, "late"],
    ["that signs no time", '{"issue":{"key":"OPS-42"}}', { "x-hub-signature": sign('{"issue":{"key":"OPS-42"}}') }, "unreadable"],
    ["that is no JSON", "{", { ...id, "x-hub-signature": sign("{") }, "unreadable"],
  ])("%s is refused", (_name, body, headers, code) => expect(send(body, headers)).toEqual({ ok: false, code }));
  it("is refused where no secret is configured", () => {
    const body = good;
    expect(jiraCloud.webhook?.({ headers: new Headers({ ...id, "x-hub-signature": sign(body, "") }), body: Buffer.from(body), secret: "", now })).toEqual({ ok: false, code: "forged" });
  });
});
