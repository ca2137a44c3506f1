import { describe, expect, it } from "vitest";
import { commentPause, nativeKey, nextCheck, providerOf, whyNotApproveChange, whyNotCloseChange, whyOver, whyTicketNotGood } from "./rules";
import { providerRulesSchema, saveProviderSchema } from "./schema";
import type { TicketFacts } from "./types";

const now = new Date("2026-01-15T11:00:00Z");
const rulesOf = (over: object = {}) => providerRulesSchema.parse({ mustName: "asset-and-requester", needsWindow: true, ...over });
const good: TicketFacts = {
  key: "OPS-42", title: "Deploy shop", url: null, state: "Implementing", isOpen: true, approved: "yes", approvals: [{ id: "c", name: "Carol" }],
  windowFrom: "2026-01-15T10:00:00.000Z", windowUntil: "2026-01-15T12:00:00.000Z", assets: ["orders-db"], text: "Deploy shop", requester: { id: "b", name: "Rita" }, assignee: null,
};
const ask = { assets: ["deploy-bot", "orders-db"], requesters: ["p1", "Rita", "rita@example.com"], side: ["p1", "Rita", "p2", "Olga"] };
const why = (over: Partial<TicketFacts>, rules: object = {}, fetchedAt: Date | null = now) => whyTicketNotGood({ facts: { ...good, ...over }, fetchedAt }, { ask, now, rules: rulesOf(rules) });

describe("a ticket", () => {
  it.each<[string, Partial<TicketFacts>, object, string[]]>([
    ["that is open, approved, in its window and names both stands", {}, {}, []],
    ["that is closed does not", { isOpen: false }, {}, ["not-open"]],
    ["that is not approved does not", { approved: "no", approvals: [] }, {}, ["not-approved"]],
    ["of which nobody knows whether it is approved does not", { approved: "unknown", approvals: [] }, {}, ["approval-unknown"]],
    ["needs no approval where the provider's rules say so", { approved: "unknown", approvals: [] }, { needsApproval: false }, []],
    ["that only the asking side approved does not", { approvals: [{ id: "p2", name: "Olga" }] }, {}, ["approved-by-asking-side"]],
    ["that the asking side and somebody else approved does", { approvals: [{ id: "p2", name: "Olga" }, { id: "c", name: "Carol" }] }, {}, []],
    ["without a window does not where one is needed", { windowFrom: null, windowUntil: null }, {}, ["no-window"]],
    ["without a window does where none is needed", { windowFrom: null, windowUntil: null }, { needsWindow: false }, []],
    ["whose window has not begun does not", { windowFrom: "2026-01-15T11:00:00.001Z" }, {}, ["before-window"]],
    ["whose window is over does not, from its last moment on", { windowUntil: "2026-01-15T11:00:00.000Z" }, {}, ["after-window"]],
    ["that names another asset does not", { assets: ["billing"] }, {}, ["names-other-asset"]],
    ["names an asset in its text", { assets: [], text: "Work on deploy-bot, tonight" }, {}, []],
    ["names no asset by a part of its name", { assets: [], text: "Work on orders-db-archive" }, {}, ["names-other-asset"]],
    ["that names another requester does not", { requester: { id: "x", name: "Xaver" } }, {}, ["names-other-requester"]],
    ["names the requester as assignee", { requester: null, assignee: { id: "rita@example.com", name: "R." } }, {}, []],
    ["may name anything where nothing must be named", { assets: [], requester: null }, { mustName: "nothing" }, []],
    ["says everything that stands against it", { isOpen: false, approved: "no", windowUntil: "2026-01-15T10:30:00.000Z" }, {}, ["not-open", "not-approved", "after-window"]],
  ])("%s", (_name, over, rules, reasons) => expect(why(over, rules)).toEqual(reasons));

  it("decides nothing by facts that are too old, or were never fetched", () => {
    expect(why({}, {}, new Date(now.getTime() - 121_000))).toEqual(["too-old"]);
    expect(why({}, {}, new Date(now.getTime() - 119_000))).toEqual([]);
    expect(why({}, {}, null)).toEqual(["too-old"]);
  });

  it("that is not there stands for nothing, and ends what lives on it", () => {
    expect(whyTicketNotGood({ facts: null, fetchedAt: now }, { ask, now, rules: rulesOf() })).toEqual(["unknown-ticket"]);
    expect(whyOver(null, { now, rules: rulesOf() })).toEqual(["unknown-ticket"]);
  });

  it("ends a session when it closes, loses its approval or its window is over, and by nothing else", () => {
    const over = (part: Partial<TicketFacts>) => whyOver({ ...good, ...part }, { now, rules: rulesOf() });
    expect(over({})).toEqual([]);
    expect(over({ isOpen: false })).toEqual(["not-open"]);
    expect(over({ approved: "no" })).toEqual(["not-approved"]);
    expect(over({ approved: "unknown" })).toEqual([]);
    expect(over({ windowUntil: "2026-01-15T10:59:59.000Z" })).toEqual(["after-window"]);
    expect(over({ assets: [] })).toEqual([]);
  });
});

const provider = (kind: Parameters<typeof nativeKey>[0]["kind"], keyPrefix = "") => ({ kind, rules: { keyPrefix } });

describe("a key", () => {
  it.each<[Parameters<typeof nativeKey>[0]["kind"], string, string, string | null]>([
    ["local", "LC-", "LC-12", "12"],
    ["local", "LC-", "CHG-12", null],
    ["local", "LC-", "LC-0", null],
    ["redmine", "RM-", "RM-42", "42"],
    ["redmine", "RM-", "RM-42/../../users", null],
    ["redmine", "RM-", "42", null],
    ["request-tracker", "RT-", "RT-7", "7"],
    ["jira-cloud", "", "OPS-42", "OPS-42"],
    ["jira-cloud", "", "ops-42", null],
    ["jira-cloud", "CHG-", "OPS-42", null],
    ["servicenow", "", "CHG0030001", "CHG0030001"],
    ["servicenow", "", "CHG0030001^ORnumber=CHG0030002", null],
    ["github", "", "acme/ops#42", "acme/ops#42"],
    ["github", "", "../ops#42", null],
    ["github", "", "acme/ops/x#42", null],
  ])("of %s with the prefix %o: %s is %s", (kind, prefix, written, key) => expect(nativeKey(provider(kind, prefix), written)).toBe(key));

  it("belongs to the provider with the longest prefix", () => {
    const [jira, local] = [provider("jira-cloud"), provider("local", "LC-")];
    expect(providerOf([jira, local], "LC-12")?.provider).toBe(local);
    expect(providerOf([jira, local], "OPS-12")?.provider).toBe(jira);
    expect(providerOf([jira, local], "nonsense")).toBeNull();
  });
});

describe("asking again", () => {
  it("is rarer the longer nobody answers, and never before the server said", () => {
    const after = (failures: number, retryAfterSeconds: number | null = null) => (nextCheck(now, { failures, retryAfterSeconds }).getTime() - now.getTime()) / 1_000;
    expect([0, 1, 2, 3, 6, 50].map((failures) => after(failures))).toEqual([15, 30, 60, 120, 600, 600]);
    expect(after(0, 90)).toBe(90);
    expect([1, 2, 3, 8].map(commentPause)).toEqual([20, 80, 320, 3_600]);
  });
});

describe("a change", () => {
  const change = { state: "waiting", authorId: "rita", askingSide: ["rita", "olga"], approvedById: null } as const;
  it("is approved by a second person off the side that asks", () => {
    expect(whyNotApproveChange(change, { id: "anton", mayApprove: true })).toBeNull();
    expect(whyNotApproveChange(change, { id: "rita", mayApprove: true })).toBe("own-change");
    expect(whyNotApproveChange(change, { id: "olga", mayApprove: true })).toBe("asking-side");
    expect(whyNotApproveChange(change, { id: "anton", mayApprove: false })).toBe("no-role");
    expect(whyNotApproveChange({ ...change, state: "draft" }, { id: "anton", mayApprove: true })).toBe("not-waiting");
    expect(whyNotApproveChange({ ...change, state: "closed" }, { id: "anton", mayApprove: true })).toBe("already-closed");
  });

  it("is closed at any time by its author, its approver or whoever may approve", () => {
    expect(whyNotCloseChange(change, { id: "rita", mayApprove: false })).toBeNull();
    expect(whyNotCloseChange(change, { id: "sven", mayApprove: true })).toBeNull();
    expect(whyNotCloseChange(change, { id: "kofi", mayApprove: false })).toBe("not-yours");
    expect(whyNotCloseChange({ ...change, state: "closed" }, { id: "rita", mayApprove: true })).toBe("already-closed");
  });
});

describe("the form of a ticket system", () => {
  const form = { kind: "redmine", name: "Changes", baseUrl: "https://redmine.example.com", keyPrefix: "RM-", mustName: "nothing" };
  const problems = (over: object) => saveProviderSchema.safeParse({ ...form, ...over }).error?.issues.map(({ path }) => path.join(".")) ?? [];
  it("takes a server's address, and plain http only inside", () => {
    expect(problems({})).toEqual([]);
    expect(problems({ baseUrl: "http://127.0.0.1:3999" })).toEqual(["baseUrl"]);
    expect(problems({ baseUrl: "http://127.0.0.1:3999", mayBeInside: "on" })).toEqual([]);
    expect(problems({ baseUrl: "https://someone@redmine.example.com" })).toEqual(["baseUrl"]);
    expect(problems({ baseUrl: "file:///etc/passwd" })).toEqual(["baseUrl"]);
  });
  it("needs a prefix where tickets are plain numbers", () => expect(problems({ keyPrefix: "" })).toEqual(["keyPrefix"]));
});
