import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gapsOf, logsHavePassed, outsideOf } from "./rules";
import type { ChainFacts, GrantFacts, SourceFacts, UseFacts } from "./types";

const minute = 60_000;
const hour = 60 * minute;
const start = new Date("2026-07-01T10:00:00.000Z");
const at = (ms: number) => new Date(start.getTime() + ms);
const now = at(24 * hour);

const use = (said: Partial<UseFacts> = {}): UseFacts => ({
  id: "use-1", kind: "connection", startedAt: at(minute), lastSeenAt: at(2 * minute), source: "postgres-jsonlog", match: "exact", outcome: "allowed", principal: "curfew_1", outside: [], ...said,
});
const log: SourceFacts = { sourceId: "s", name: "server log", kind: "log", watermark: now, lagSeconds: 60 };
const polled: SourceFacts = { ...log, kind: "polled" };

/** Asked, approved, used for most of its ten minutes, ended in time and proven. */
const grant = (said: Partial<GrantFacts> = {}): GrantFacts => ({
  id: "grant-1", entitlement: "orders_read", systemId: "system-1", state: "proven", durationSeconds: 600, handleName: "curfew_1",
  issueStartedAt: at(0), activatedAt: at(1_000), notAfter: at(10 * minute), endReason: "completed", endingAt: at(9 * minute), acceptedAt: at(9 * minute + 1_000),
  provenAt: at(9 * minute + 3_000), closedAt: null, stuckSince: null, stillGiven: [], firstUseAt: at(minute), lastUseAt: at(8 * minute), useCount: 1, uses: [use()], sources: [log], ...said,
});
const chain = (said: Partial<ChainFacts> = {}): ChainFacts => ({
  requestId: "request-1", number: 1, submittedAt: at(-hour), demo: false, identityId: "identity-1", identity: "nightly-etl",
  approved: { at: at(-minute), by: "votes" }, stages: [{ id: "stage-1", needed: 1 }],
  approvals: [{ personId: "ben", name: "Ben", stageId: "stage-1", votedAt: at(-2 * minute) }],
  sides: [{ personId: "rita", why: "requester", since: at(-hour) }], policyBy: null, ticketClosedAt: null, grants: [grant()], ...said,
});
const kinds = (facts: ChainFacts) => gapsOf(facts, now).map(({ kind }) => kind);
const withGrant = (said: Partial<GrantFacts>) => kinds(chain({ grants: [grant(said)] }));
const withUse = (said: Partial<UseFacts>) => withGrant({ uses: [use(said)] });

describe("gaps in a chain", () => {
  it("has none where everything went as it should", () => {
    expect(kinds(chain())).toEqual([]);
  });

  it.each([
    ["a use beyond what the entitlement gives", withUse({ outside: ["public.salaries"] }), ["use-outside-scope"]],
    ["a use before the session began", withUse({ startedAt: at(-minute) }), ["use-before-start"]],
    ["a use within the clocks' tolerance before the start", withUse({ startedAt: at(-4_000) }), []],
    ["a use after the end was accepted", withUse({ startedAt: at(20 * minute) }), ["use-after-end"]],
    ["a refused attempt after the end", withUse({ startedAt: at(20 * minute), outcome: "refused" }), []],
    ["a use by somebody else", withUse({ match: "inferred", principal: "mallory" }), ["use-by-other"]],
    ["an exact match under another name", withUse({ principal: "AssumedRole/x" }), []],
  ])("%s", (_, found, expected) => {
    expect(found).toEqual(expected);
  });

  const unused = { useCount: 0, uses: [], firstUseAt: null, lastUseAt: null };
  it("says that a grant was not used only where a log has reported past its end", () => {
    const titleOf = (sources: readonly SourceFacts[]) => gapsOf(chain({ grants: [grant({ ...unused, sources })] }), now).map(({ title }) => title);
    expect(titleOf([log])).toEqual(["“orders_read” was open for 9 min and not used"]);
    expect(titleOf([polled])).toEqual(["“orders_read” was open for 9 min and not seen in use"]);
    expect(titleOf([{ ...log, watermark: at(minute) }])).toEqual(["“orders_read” was open for 9 min and not seen in use"]);
    expect(titleOf([])).toEqual([]);
  });

  it("knows that a log has passed only beyond its own lag", () => {
    const ended = at(9 * minute + 1_000).getTime();
    const passed = (watermark: Date | null) => logsHavePassed(grant({ sources: [{ ...log, watermark }, polled] }));
    expect([passed(new Date(ended + 59_999)), passed(new Date(ended + 60_000)), passed(null)]).toEqual([false, true, false]);
  });

  it.each([
    ["open for a day and used for a minute", { notAfter: at(20 * hour), endingAt: at(20 * hour), acceptedAt: at(20 * hour), provenAt: at(20 * hour), lastUseAt: at(minute) }, ["grant-far-longer"]],
    ["open for an hour and used for ten minutes", { notAfter: at(hour), endingAt: at(hour), acceptedAt: at(hour), provenAt: at(hour), lastUseAt: at(10 * minute) }, []],
    ["taken by the target two minutes after its time", { endReason: "expired", endingAt: at(10 * minute), acceptedAt: at(12 * minute), provenAt: at(12 * minute) }, ["ended-late"]],
    ["taken by the target two minutes after somebody ended it", { endingAt: at(5 * minute), acceptedAt: at(7 * minute + 1_000) }, ["ended-late"]],
    ["closed by hand", { state: "forced", provenAt: null, closedAt: at(11 * minute) }, ["end-unproven"]],
    ["ended and never taken", { state: "ending", acceptedAt: null, provenAt: null }, ["end-unproven"]],
    ["still given by a standing role", { stillGiven: ["legacy_etl (standing)"] }, ["still-reachable"]],
    ["never issued", { state: "lapsed", issueStartedAt: null, activatedAt: null, endingAt: null, acceptedAt: null, provenAt: null, ...unused }, []],
  ] satisfies [string, Partial<GrantFacts>, string[]][])("a grant that was %s", (_, said, expected) => {
    expect(withGrant(said)).toEqual(expected);
  });

  it("gives an end ten minutes to be proven", () => {
    const ending = chain({ grants: [grant({ state: "ending", acceptedAt: null, provenAt: null })] });
    const found = (ms: number) => gapsOf(ending, at(9 * minute + ms)).map(({ kind }) => kind);
    expect([found(10 * minute), found(10 * minute + 1)]).toEqual([[], ["end-unproven"]]);
  });

  it.each([
    ["none in the ledger", { approved: null }, ["issued-without-approval"]],
    ["one that came after the issue", { approved: { at: at(5_000), by: "votes" as const } }, ["issued-without-approval"]],
    ["fewer votes than a stage needs", { stages: [{ id: "stage-1", needed: 2 }] }, ["issued-without-approval"]],
    ["a vote that came after the approval", { approvals: [{ personId: "ben", name: "Ben", stageId: "stage-1", votedAt: at(0) }] }, ["issued-without-approval"]],
    ["a broken glass", { approved: { at: at(-minute), by: "broken-glass" as const }, stages: [], approvals: [] }, []],
    ["somebody who came to own the identity", { sides: [{ personId: "ben", why: "owner", since: at(hour) }] }, ["approver-on-side"]],
    ["a policy that its requester changed just before", { policyBy: { personId: "rita", name: "Rita", at: at(-2 * hour) } }, ["policy-by-beneficiary"]],
    ["a policy that its approver changed just before", { policyBy: { personId: "ben", name: "Ben", at: at(-2 * hour) } }, ["policy-by-beneficiary"]],
    ["a policy that its requester changed long before", { policyBy: { personId: "rita", name: "Rita", at: at(-48 * hour) } }, []],
    ["a ticket that was closed before the use", { ticketClosedAt: at(-10 * minute) }, ["ticket-closed-before-use"]],
    ["a ticket that was closed after the use", { ticketClosedAt: at(5 * minute) }, []],
  ] satisfies [string, Partial<ChainFacts>, string[]][])("an approval with %s", (_, said, expected) => {
    expect(kinds(chain(said))).toEqual(expected);
  });

  it("finds the same in any order of uses and grants", () => {
    const uses = fc.array(fc.record({ startedAt: fc.integer({ min: -2, max: 30 }).map((n) => at(n * minute)), outcome: fc.constantFrom("allowed", "refused"), match: fc.constantFrom("exact", "inferred"), principal: fc.constantFrom(null, "curfew_1", "mallory") }), { maxLength: 6 });
    const sorted = (facts: ChainFacts) => gapsOf(facts, now).map(({ kind, grantId }) => `${grantId} ${kind}`).sort();
    fc.assert(fc.property(uses, (some) => {
      const made = some.map((said, n) => use({ ...said, id: `use-${n}` }));
      const [a, b] = [grant({ uses: made }), grant({ id: "grant-2", uses: [...made].reverse() })];
      expect(sorted(chain({ grants: [a, b] }))).toEqual(sorted(chain({ grants: [b, a] })));
    }));
  });
});

describe("a session in which no look found a connection", () => {
  const unseen = { useCount: 0, firstUseAt: null, lastUseAt: null, uses: [] };
  const titles = (said: Partial<GrantFacts>) => gapsOf(chain({ grants: [grant({ ...unseen, ...said })] }), now).map(({ title }) => title);

  it("was not used only where a log says so, and was where one tells of it", () => {
    expect(titles({})).toEqual([expect.stringContaining("and not used")]);
    expect(titles({ sources: [polled] })).toEqual([expect.stringContaining("and not seen in use")]);
    expect(titles({ firstUseAt: at(minute), lastUseAt: at(8 * minute), uses: [use()] })).toEqual([]);
    expect(titles({ uses: [use({ match: "inferred", principal: null })] })).toEqual([expect.stringContaining("and not seen in use")]);
  });
});

describe("what an entitlement does not give", () => {
  const privileges = [
    { database: "shop", schema: null, object: "shop", objectKind: "database" as const, actions: ["CONNECT"] },
    { database: "shop", schema: "public", object: "orders", objectKind: "table" as const, actions: ["SELECT"] },
  ];
  it.each([
    [["public.orders"], []],
    [["public.Orders"], []],
    [["orders"], []],
    [["public.salaries", "public.orders"], ["public.salaries"]],
    [["salaries"], ["salaries"]],
    [["other.orders"], ["other.orders"]],
    [["pg_catalog.pg_class"], []],
  ])("of %j is %j", (objects, expected) => {
    expect(outsideOf(objects, privileges)).toEqual(expected);
  });

  it("is nothing where nobody knows what it gives", () => {
    expect(outsideOf(["public.salaries"], null)).toEqual([]);
  });
});
