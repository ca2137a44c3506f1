import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { requestStates } from "@/lib/requests/types";
import { dueFor, lapsesAt, placeFor, seatChanges, stagePlaceWords, timesFrom, unfillableStage, vote, voterWords, type Timed } from "./rules";
import type { Deciding, Seat, StageFacts } from "./types";

const now = new Date("2026-03-01T10:00:00Z");
const later = (seconds: number) => new Date(now.getTime() + seconds * 1000);

type Command = Parameters<typeof vote>[1];

/** Everybody on their own seat. */
const own = (...people: readonly string[]): Seat[] => people.map((personId) => ({ personId, seatOfId: personId }));
const actsFor = (personId: string, seatOfId: string): Seat => ({ personId, seatOfId });

const stage = (over: Partial<StageFacts> = {}): StageFacts => ({ id: "s0", position: 0, needed: 1, state: "open", seats: own("anton", "bea"), votes: [], lapsesAt: null, ...over });

const request = (over: Partial<Deciding> = {}): Deciding => ({
  state: "pending",
  version: 3,
  decideBefore: later(3600),
  grantedDurationSeconds: 7200,
  side: [{ personId: "rita", why: "requester" }],
  stages: [stage(), stage({ id: "s1", position: 1, state: "waiting", seats: own("sven") })],
  ...over,
});

const command = (over: Partial<Command> = {}): Command => ({ personId: "anton", answer: "approve", version: 3, durationSeconds: 7200, now, ...over });

describe("filling the stages", () => {
  const staffed = (needed: number, seats: readonly Seat[], votes: readonly Seat[] = []) => ({ needed, seats, votes });

  it.each<[string, Parameters<typeof unfillableStage>[0], number | null]>([
    ["no stage needs nobody", [], null],
    ["one person fills one stage", [staffed(1, own("a"))], null],
    ["nobody fills nothing", [staffed(1, [])], 0],
    ["one person is not two", [staffed(2, own("a"))], 0],
    ["one person does not fill two stages", [staffed(1, own("a")), staffed(1, own("a"))], 1],
    ["whoever fits both goes where nobody else fits", [staffed(1, own("a", "b")), staffed(1, own("a"))], null],
    ["a chain of such moves is found", [staffed(1, own("a", "b")), staffed(1, own("a", "c")), staffed(1, own("a"))], null],
    ["a stage that needs nobody is filled", [staffed(0, [])], null],
    ["somebody and who acts for them are one seat", [staffed(2, [...own("a"), actsFor("d", "a")])], 0],
    ["who acts for one and sits beside another is a second person", [staffed(2, [...own("a", "d"), actsFor("d", "a")])], null],
    ["a person who acts for two is still one", [staffed(2, [actsFor("d", "a"), actsFor("d", "b")])], 0],
    ["who has voted is spent everywhere", [staffed(1, own("a"), own("a")), staffed(1, own("a"))], 1],
    ["a seat that has voted is spent, whoever would take it", [staffed(2, [...own("a"), actsFor("d", "a")], [actsFor("d", "a")])], 0],
    ["what was voted needs nobody more", [staffed(1, [], own("a"))], null],
  ])("%s", (_name, stages, expected) => {
    expect(unfillableStage(stages)).toBe(expected);
  });

  /** Tries every way of giving each missing approval a seat and a person. */
  function canFill(stages: Parameters<typeof unfillableStage>[0]): boolean {
    const spent = stages.flatMap(({ votes }) => votes.map(({ personId }) => personId));
    const missing = stages.flatMap(({ needed, votes }, index) => Array.from({ length: Math.max(0, needed - votes.length) }, () => index));
    const go = (at: number, people: readonly string[], seats: readonly string[]): boolean => {
      const index = missing[at];
      if (index === undefined) return true;
      return (stages[index]?.seats ?? []).some(({ personId, seatOfId }) => {
        const seat = `${index}/${seatOfId}`;
        return !people.includes(personId) && !seats.includes(seat) && go(at + 1, [...people, personId], [...seats, seat]);
      });
    };
    return go(0, spent, stages.flatMap(({ votes }, index) => votes.map(({ seatOfId }) => `${index}/${seatOfId}`)));
  }

  it("agrees with trying every way, and names the first stage that breaks it", () => {
    const person = fc.constantFrom("a", "b", "c", "d");
    const seat = fc.record({ personId: person, seatOfId: person });
    const anyStage = fc.record({ needed: fc.integer({ min: 0, max: 2 }), seats: fc.uniqueArray(seat, { maxLength: 5, selector: ({ personId, seatOfId }) => personId + seatOfId }), votes: fc.constant([]) });
    let unfilled = 0;
    fc.assert(
      fc.property(fc.array(anyStage, { maxLength: 4 }), fc.option(person, { nil: null }), (stages, voter) => {
        const voted = stages.map((one, index) => (voter !== null && index === 0 ? { ...one, votes: own(voter) } : one));
        const found = unfillableStage(voted);
        expect(found === null).toBe(canFill(voted));
        if (found === null) return;
        unfilled += 1;
        expect(canFill(voted.slice(0, found))).toBe(true);
        expect(canFill(voted.slice(0, found + 1))).toBe(false);
      }),
      { numRuns: 2_000 },
    );
    expect(unfilled).toBeGreaterThan(200);
  });
});

describe("a vote", () => {
  it.each<[string, Deciding, Command, ReturnType<typeof vote>]>([
    ["completes its stage", request(), command(), { ok: true, stage: stage(), seatOfId: "anton", completes: "stage", narrowed: false, opens: ["s1"] }],
    ["completes the request in the last stage", request({ stages: [stage()] }), command(), { ok: true, stage: stage(), seatOfId: "anton", completes: "request", narrowed: false, opens: [] }],
    ["completes nothing where more are needed", request({ stages: [stage({ needed: 2 })] }), command(), { ok: true, stage: stage({ needed: 2 }), seatOfId: "anton", completes: "nothing", narrowed: false, opens: [] }],
    ["may narrow the duration", request({ stages: [stage()] }), command({ durationSeconds: 60 }), { ok: true, stage: stage(), seatOfId: "anton", completes: "request", narrowed: true, opens: [] }],
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
      request({ stages: [stage({ state: "approved", votes: own("anton") }), stage({ id: "s1", position: 1, seats: own("anton", "sven") })] }),
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
const group = fc.uniqueArray(person, { maxLength: 5 }).map((voters) => own(...voters));
const anyRequest: fc.Arbitrary<Deciding> = fc.record({
  // Mostly such that a vote can count, or the properties below would say little.
  state: fc.oneof({ weight: 9, arbitrary: fc.constant("pending" as const) }, { weight: 1, arbitrary: fc.constantFrom(...requestStates) }),
  version: fc.integer({ min: 1, max: 2 }),
  decideBefore: fc.constantFrom(later(-1), now, later(1), later(60), later(3600)),
  grantedDurationSeconds: fc.integer({ min: 60, max: 7200 }),
  side: fc.array(fc.record({ personId: person, why: fc.constantFrom("requester", "owner", "creator") }), { maxLength: 2 }),
  stages: fc.array(fc.record({ needed: fc.integer({ min: 1, max: 2 }), state: fc.constantFrom("waiting", "open", "open", "approved"), seats: fc.constantFrom(own(...people), own("anton"), [...own("bea", "sven"), actsFor("anton", "sven")]), votes: fc.oneof(fc.constant([]), group), lapsesAt: fc.constantFrom(null, null, null, now, later(60)) }), { minLength: 1, maxLength: 3 }).map((stages) =>
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
  const always = (check: (row: Deciding, cast: Command, outcome: ReturnType<typeof vote>) => void) => {
    let counted = 0;
    const property = fc.property(anyRequest, anyCommand, (row, cast) => {
      const outcome = vote(row, cast);
      if (outcome.ok) counted += 1;
      check(row, cast, outcome);
    });
    fc.assert(property, { numRuns: 6_000 });
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
      expect(outcome.stage.seats).toContainEqual({ personId: cast.personId, seatOfId: outcome.seatOfId });
      expect(outcome.stage.votes.map(({ seatOfId }) => seatOfId)).not.toContain(outcome.seatOfId);
      expect(row.stages.flatMap(({ votes }) => votes.map(({ personId }) => personId))).not.toContain(cast.personId);
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
      expect(outcome.stage.votes.length + 1).toBeGreaterThanOrEqual(outcome.stage.needed);
    });
  });

  it("the screen and the mutation give the same answer to who may decide", () => {
    always((row, cast, outcome) => {
      const shown = placeFor(row, cast);
      if (!shown.ok) expect(outcome).toEqual(shown);
      else if (outcome.ok) expect(outcome.stage).toEqual(shown.stage);
      else expect(["changed-since-seen", "not-narrower"]).toContain(outcome.code);
    });
  });
});


describe("stages at one position", () => {
  const both = [stage({ seats: own("anton") }), stage({ id: "s1", seats: own("sven") }), stage({ id: "s2", position: 1, state: "waiting", seats: own("zoe") })];

  it("are asked at the same time, and the next opens after the last of them", () => {
    expect(vote(request({ stages: both }), command({ personId: "sven" }))).toMatchObject({ ok: true, stage: { id: "s1" }, completes: "stage", opens: [] });
    const [first, second, third] = both;
    if (!first || !second || !third) throw new TypeError("three stages");
    const one = [{ ...first, state: "approved" as const, votes: own("anton") }, second, third];
    expect(vote(request({ stages: one }), command({ personId: "sven" }))).toMatchObject({ ok: true, completes: "stage", opens: ["s2"] });
  });

  it("open all at once", () => {
    const stages = [stage(), stage({ id: "s1", position: 1, state: "waiting" }), stage({ id: "s2", position: 1, state: "waiting" }), stage({ id: "s3", position: 2, state: "waiting" })];
    expect(vote(request({ stages }), command())).toMatchObject({ opens: ["s1", "s2"] });
  });

  it("take the vote of whoever is in both where nobody else could give it", () => {
    const stages = [stage({ seats: own("anton", "bea") }), stage({ id: "s1", seats: own("anton") })];
    expect(vote(request({ stages }), command())).toMatchObject({ stage: { id: "s1" } });
    expect(vote(request({ stages: [...stages].reverse() }), command())).toMatchObject({ stage: { id: "s1" } });
  });
});

describe("acting for somebody", () => {
  const seats = [...own("anton", "bea"), actsFor("dora", "anton")];

  it("takes their seat", () => {
    expect(vote(request({ stages: [stage({ seats })] }), command({ personId: "dora" }))).toMatchObject({ ok: true, seatOfId: "anton", completes: "request" });
  });

  it.each([
    ["once they voted themselves", own("anton"), "dora"],
    ["and leaves them none after it", [actsFor("dora", "anton")], "anton"],
  ] as const)("gives no second vote %s", (_name, votes, personId) => {
    expect(vote(request({ stages: [stage({ needed: 2, seats, votes })] }), command({ personId }))).toEqual({ ok: false, code: "seat-taken" });
  });

  it("does not take one's own seat away", () => {
    const twice = [...own("anton", "dora"), actsFor("dora", "anton")];
    expect(vote(request({ stages: [stage({ needed: 2, seats: twice, votes: own("anton") })] }), command({ personId: "dora" }))).toMatchObject({ ok: true, seatOfId: "dora" });
  });
});

describe("the time of a stage", () => {
  const timed = (over: Partial<Timed> = {}): Timed => ({ state: "open", remindAt: null, remindedAt: null, dueAt: null, escalatedAt: null, escalates: false, ...over });

  it.each<[string, Timed, ReturnType<typeof dueFor>]>([
    ["has none unless policy says so", timed(), null],
    ["reminds when it is time", timed({ remindAt: now, dueAt: later(60) }), "remind"],
    ["not before", timed({ remindAt: later(1), dueAt: later(60) }), null],
    ["reminds once", timed({ remindAt: later(-60), remindedAt: later(-59), dueAt: later(60) }), null],
    ["escalates when it is over", timed({ dueAt: now, escalates: true }), "escalate"],
    ["lapses where nobody else is asked", timed({ dueAt: now }), "lapse"],
    ["lapses after the escalation's time", timed({ dueAt: now, escalates: true, escalatedAt: later(-60) }), "lapse"],
    ["reminds nobody of what is over", timed({ remindAt: later(-60), dueAt: later(-1), escalates: true }), "escalate"],
    ["does not run before the stage opens", timed({ state: "waiting", remindAt: later(-60), dueAt: later(-1) }), null],
  ])("%s", (_name, row, expected) => {
    expect(dueFor(row, now)).toBe(expected);
  });

  it("counts from when it opens", () => {
    expect(timesFrom(now, { withinSeconds: 3600, remindAfterSeconds: 1800 })).toEqual({ remindAt: later(1800), dueAt: later(3600) });
    expect(timesFrom(now, { withinSeconds: null, remindAfterSeconds: null })).toEqual({ remindAt: null, dueAt: null });
  });

  it("refuses a vote once it is over for good, and takes one while an escalation is still to come", () => {
    const over = stage({ lapsesAt: lapsesAt({ dueAt: now, escalates: false, escalatedAt: null }) });
    expect(vote(request({ stages: [over] }), command())).toEqual({ ok: false, code: "decision-time-over" });
    const goesOn = stage({ lapsesAt: lapsesAt({ dueAt: now, escalates: true, escalatedAt: null }) });
    expect(vote(request({ stages: [goesOn] }), command())).toMatchObject({ ok: true });
  });
});

describe("who is asked", () => {
  it("changes by what differs, and the same again changes nothing", () => {
    const wanted = [{ personId: "bea", seatOfId: "bea", why: "asked" }, { personId: "dora", seatOfId: "bea", why: "delegate" }] as const;
    expect(seatChanges(own("anton", "bea"), wanted)).toEqual({ added: [wanted[1]], removed: own("anton") });
    expect(seatChanges(wanted, wanted)).toEqual({ added: [], removed: [] });
  });
});

describe("words", () => {
  it("number stages by when they are asked: those at once share a number", () => {
    const [first, second, third] = [{ position: 0 }, { position: 1 }, { position: 1 }];
    const words = (...stages: { position: number }[]) => stages.map((one) => stagePlaceWords(one, stages));
    expect(words(first)).toEqual(["Stage 1"]);
    expect(words(first, second, third)).toEqual(["Stage 1 of 2", "Stage 2 of 2, at once", "Stage 2 of 2, at once"]);
    expect(words(second, third)).toEqual(["Stage 1, at once", "Stage 1, at once"]);
  });

  it("say for whom somebody voted", () => {
    expect(voterWords({ name: "Ben Approver", seatOf: "Ada Owner" })).toBe("Ben Approver for Ada Owner");
    expect(voterWords({ name: "Ben Approver", seatOf: null })).toBe("Ben Approver");
  });
});
