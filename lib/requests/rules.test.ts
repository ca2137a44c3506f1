import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mayView, sideOf, stageFor, type SidePerson, type StageView, unstaffableStage, vote, withdrawal } from "./rules";
import { requestStates } from "./types";

const now = new Date("2026-03-01T10:00:00Z");
const later = (seconds: number) => new Date(now.getTime() + seconds * 1000);

type Request = Parameters<typeof vote>[0];
type Command = Parameters<typeof vote>[1];

const stage = (over: Partial<StageView> = {}): StageView => ({ id: "s0", position: 0, needed: 1, state: "open", members: ["anton", "bea"], approvals: [], ...over });

const request = (over: Partial<Request> = {}): Request => ({
  state: "pending",
  version: 3,
  decideBefore: later(3600),
  grantedDurationSeconds: 7200,
  side: [{ personId: "rita", why: "requester" }],
  stages: [stage(), stage({ id: "s1", position: 1, state: "waiting", members: ["sven"] })],
  ...over,
});

const command = (over: Partial<Command> = {}): Command => ({ personId: "anton", answer: "approve", version: 3, durationSeconds: 7200, now, ...over });

describe("the asking side", () => {
  const nobody = { requesterId: null, triggeredById: null, madeForId: null, identities: [] };
  const identity = { ownerId: null, sponsorId: null, backupId: null, creatorId: null };

  it.each<[string, Parameters<typeof sideOf>[0], SidePerson[]]>([
    ["is nobody where nobody is named", nobody, []],
    ["holds who asks", { ...nobody, requesterId: "rita" }, [{ personId: "rita", why: "requester" }]],
    ["holds who started the job that asks", { ...nobody, triggeredById: "rita" }, [{ personId: "rita", why: "triggered-by" }]],
    ["holds for whom it is made", { ...nobody, madeForId: "max" }, [{ personId: "max", why: "made-for" }]],
    ["holds the identity's owner", { ...nobody, identities: [{ ...identity, ownerId: "olga" }] }, [{ personId: "olga", why: "owner" }]],
    ["holds its sponsor", { ...nobody, identities: [{ ...identity, sponsorId: "sam" }] }, [{ personId: "sam", why: "sponsor" }]],
    ["holds its stand-in", { ...nobody, identities: [{ ...identity, backupId: "bo" }] }, [{ personId: "bo", why: "backup" }]],
    ["holds who made it", { ...nobody, identities: [{ ...identity, creatorId: "cy" }] }, [{ personId: "cy", why: "creator" }]],
    [
      "says every reason of one person, each once",
      { ...nobody, requesterId: "olga", identities: [{ ...identity, ownerId: "olga", backupId: "olga" }, { ...identity, ownerId: "olga" }] },
      [{ personId: "olga", why: "requester" }, { personId: "olga", why: "owner" }, { personId: "olga", why: "backup" }],
    ],
  ])("%s", (_name, facts, expected) => {
    expect(sideOf(facts)).toEqual(expected);
  });
});

describe("staffing the stages", () => {
  it.each<[string, Parameters<typeof unstaffableStage>[0], number | null]>([
    ["no stage needs nobody", [], null],
    ["one person fills one seat", [{ needed: 1, eligible: ["a"] }], null],
    ["nobody fills nothing", [{ needed: 1, eligible: [] }], 0],
    ["one person does not fill two seats", [{ needed: 2, eligible: ["a"] }], 0],
    ["one person does not fill two stages", [{ needed: 1, eligible: ["a"] }, { needed: 1, eligible: ["a"] }], 1],
    ["whoever fits both goes where nobody else fits", [{ needed: 1, eligible: ["a", "b"] }, { needed: 1, eligible: ["a"] }], null],
    [
      "a chain of such moves is found",
      [{ needed: 1, eligible: ["a", "b"] }, { needed: 1, eligible: ["a", "c"] }, { needed: 1, eligible: ["a"] }],
      null,
    ],
    ["a stage that needs nobody is staffed", [{ needed: 0, eligible: [] }], null],
  ])("%s", (_name, stages, expected) => {
    expect(unstaffableStage(stages)).toBe(expected);
  });

  /** Tries every way of seating people. */
  function canSeat(stages: readonly { needed: number; eligible: readonly string[] }[]): boolean {
    const seats = stages.flatMap(({ needed, eligible }) => Array.from({ length: needed }, () => eligible));
    const place = (index: number, taken: readonly string[]): boolean =>
      index === seats.length || (seats[index] ?? []).some((person) => !taken.includes(person) && place(index + 1, [...taken, person]));
    return place(0, []);
  }

  it("agrees with trying every way, and names the first stage that breaks it", () => {
    const person = fc.constantFrom("a", "b", "c", "d");
    const anyStage = fc.record({ needed: fc.integer({ min: 0, max: 2 }), eligible: fc.uniqueArray(person, { maxLength: 4 }) });
    fc.assert(
      fc.property(fc.array(anyStage, { maxLength: 4 }), (stages) => {
        const found = unstaffableStage(stages);
        expect(found === null).toBe(canSeat(stages));
        if (found === null) return;
        expect(canSeat(stages.slice(0, found))).toBe(true);
        expect(canSeat(stages.slice(0, found + 1))).toBe(false);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("a vote", () => {
  it.each<[string, Request, Command, ReturnType<typeof vote>]>([
    ["completes its stage", request(), command(), { ok: true, stage: stage(), completes: "stage", narrowed: false }],
    ["completes the request in the last stage", request({ stages: [stage()] }), command(), { ok: true, stage: stage(), completes: "request", narrowed: false }],
    ["completes nothing where more are needed", request({ stages: [stage({ needed: 2 })] }), command(), { ok: true, stage: stage({ needed: 2 }), completes: "nothing", narrowed: false }],
    ["may narrow the duration", request({ stages: [stage()] }), command({ durationSeconds: 60 }), { ok: true, stage: stage(), completes: "request", narrowed: true }],
    ["never widens it", request(), command({ durationSeconds: 7201 }), { ok: false, code: "not-narrower" }],
    ["leaves some time at least", request(), command({ durationSeconds: 0 }), { ok: false, code: "not-narrower" }],
    ["counts only while the request waits", request({ state: "approved" }), command(), { ok: false, code: "not-pending" }],
    ["comes too late at the very end of its time", request({ decideBefore: now }), command(), { ok: false, code: "decision-time-over" }],
    ["of the asking side is refused, with the reason", request(), command({ personId: "rita" }), { ok: false, code: "own-side", why: "requester" }],
    ["of somebody not asked is refused", request(), command({ personId: "zoe" }), { ok: false, code: "not-asked" }],
    ["of a later stage has to wait", request(), command({ personId: "sven" }), { ok: false, code: "not-your-turn" }],
    ["on terms that changed since is refused", request(), command({ version: 2 }), { ok: false, code: "changed-since-seen" }],
    [
      "is one vote per person, whatever the stage",
      request({ stages: [stage({ state: "approved", approvals: ["anton"] }), stage({ id: "s1", position: 1, members: ["anton", "sven"] })] }),
      command(),
      { ok: false, code: "already-voted" },
    ],
  ])("%s", (_name, row, cast, expected) => {
    expect(vote(row, cast)).toEqual(expected);
  });

  it("that denies ends the request from whatever stage, and needs no duration", () => {
    expect(vote(request(), command({ answer: "deny", durationSeconds: 999_999 }))).toMatchObject({ ok: true, completes: "request", narrowed: false });
  });
});

const people = ["anton", "bea", "rita", "sven", "zoe"] as const;
const person = fc.constantFrom(...people);
const group = fc.uniqueArray(person, { maxLength: 5 });
const anyRequest: fc.Arbitrary<Request> = fc.record({
  // Mostly such that a vote can count, or the properties below would say little.
  state: fc.oneof({ weight: 9, arbitrary: fc.constant("pending" as const) }, { weight: 1, arbitrary: fc.constantFrom(...requestStates) }),
  version: fc.integer({ min: 1, max: 2 }),
  decideBefore: fc.constantFrom(later(-1), now, later(1), later(60), later(3600)),
  grantedDurationSeconds: fc.integer({ min: 60, max: 7200 }),
  side: fc.array(fc.record({ personId: person, why: fc.constantFrom("requester", "owner", "creator") }), { maxLength: 2 }),
  stages: fc.array(fc.record({ needed: fc.integer({ min: 1, max: 2 }), state: fc.constantFrom("waiting", "open", "open", "approved"), members: fc.constantFrom(people.slice(), ["anton"], ["bea", "sven"]), approvals: fc.oneof(fc.constant([]), group) }), { minLength: 1, maxLength: 3 }).map((stages) =>
    stages.map((row, position) => ({ ...row, id: `s${position}`, position })),
  ),
});
const anyCommand: fc.Arbitrary<Command> = fc.record({
  personId: person,
  answer: fc.constantFrom("approve", "deny"),
  version: fc.integer({ min: 1, max: 2 }),
  durationSeconds: fc.oneof(fc.integer({ min: -1, max: 60 }), fc.integer({ min: 60, max: 8000 })),
  now: fc.constant(now),
});

describe("whatever the request", () => {
  const always = (check: (row: Request, cast: Command, outcome: ReturnType<typeof vote>) => void) => {
    let counted = 0;
    const property = fc.property(anyRequest, anyCommand, (row, cast) => {
      const outcome = vote(row, cast);
      if (outcome.ok) counted += 1;
      check(row, cast, outcome);
    });
    fc.assert(property, { numRuns: 3_000 });
    expect(counted).toBeGreaterThan(100);
  };

  it("the asking side never votes", () => {
    always((row, cast, outcome) => {
      if (row.side.some(({ personId }) => personId === cast.personId)) expect(outcome.ok).toBe(false);
    });
  });

  it("nobody votes twice, out of turn, unasked or too late", () => {
    always((row, cast, outcome) => {
      if (!outcome.ok) return;
      expect(row.state).toBe("pending");
      expect(row.decideBefore.getTime()).toBeGreaterThan(now.getTime());
      expect(outcome.stage.state).toBe("open");
      expect(outcome.stage.members).toContain(cast.personId);
      expect(row.stages.flatMap(({ approvals }) => approvals)).not.toContain(cast.personId);
    });
  });

  it("no vote counts on terms that its voter did not see", () => {
    always((row, cast, outcome) => {
      if (outcome.ok) expect(cast.version).toBe(row.version);
    });
  });

  it("an approval never widens the duration", () => {
    always((row, cast, outcome) => {
      if (!outcome.ok || cast.answer === "deny") return;
      expect(cast.durationSeconds).toBeLessThanOrEqual(row.grantedDurationSeconds);
      expect(cast.durationSeconds).toBeGreaterThan(0);
      expect(outcome.narrowed).toBe(cast.durationSeconds < row.grantedDurationSeconds);
    });
  });

  it("a deny that counts always ends the request", () => {
    always((_row, cast, outcome) => {
      if (outcome.ok && cast.answer === "deny") expect(outcome.completes).toBe("request");
    });
  });

  it("a request is complete only when every stage has its approvals", () => {
    always((row, cast, outcome) => {
      if (!outcome.ok || cast.answer === "deny" || outcome.completes !== "request") return;
      expect(row.stages.filter(({ state }) => state === "waiting")).toEqual([]);
      expect(outcome.stage.approvals.length + 1).toBeGreaterThanOrEqual(outcome.stage.needed);
    });
  });

  it("the screen and the mutation give the same answer to who may decide", () => {
    always((row, cast, outcome) => {
      const shown = stageFor(row, cast);
      if (!shown.ok) expect(outcome).toEqual(shown);
      else if (outcome.ok) expect(outcome.stage).toEqual(shown.stage);
      else expect(["changed-since-seen", "not-narrower"]).toContain(outcome.code);
    });
  });
});

describe("taking a request back", () => {
  it.each([
    ["who asked may, while it waits", "pending", "rita", "rita", "ok"],
    ["nobody else may", "pending", "rita", "anton", "not-requester"],
    ["not once it is decided", "approved", "rita", "rita", "not-pending"],
    ["a job's request is nobody's to take back", "pending", null, "rita", "not-requester"],
  ] as const)("%s", (_name, state, requesterId, personId, expected) => {
    expect(withdrawal({ state, requesterId }, personId)).toBe(expected);
  });
});

describe("seeing a request", () => {
  const row = { requesterId: "rita", side: ["olga"], asked: ["anton"] };
  it.each([
    ["who asked", "rita", false, true],
    ["the identity's side", "olga", false, true],
    ["who is asked", "anton", false, true],
    ["a stranger does not", "zoe", false, false],
    ["an auditor sees all", "zoe", true, true],
  ] as const)("%s", (_name, personId, seesAll, expected) => {
    expect(mayView(row, { personId, seesAll })).toBe(expected);
  });
});
