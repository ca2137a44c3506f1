import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dueFor, lapsesAt, missingIn, timesFrom, unfillableStage, vote, type Timed } from "./rules";
import type { Deciding, Seat, StageFacts } from "./types";

/*
 * Commands in any order on a request: votes, people who come and go, people who join the asking side, time that passes. Beside it
 * runs a model that knows nothing of the engine: plain lists of who approved what on whose seat while being allowed to.
 */

const people = ["a", "b", "c", "d", "e", "f"] as const;
const escalationTeam = ["e", "f"] as const;

type Stage = StageFacts & Timed & { readonly withinSeconds: number | null; readonly remindAfterSeconds: number | null };
type State = "pending" | "approved" | "denied" | "lapsed";

/** What the database keeps, changed as the mutations change it. */
type Real = { request: Deciding<Stage> & { state: State }; at: Date; group: Seat[][]; escalated: boolean[]; unroutable: boolean; lapsedFor: string | null };

/** What is plainly true: who approved where, on whose seat; who denied; who may not. */
type Model = { approvals: { stage: number; by: string; seat: string }[]; deniedBy: string | null; side: Set<string>; state: State };

const begin = new Date("2026-03-01T10:00:00Z");
const decideBefore = new Date(begin.getTime() + 50_000);

/** Who may vote now, read from the groups and the side alone. */
const seatsOf = (real: Real, index: number, side: ReadonlySet<string>): Seat[] => {
  const more = real.escalated[index] ? escalationTeam.map((id) => ({ personId: id, seatOfId: id })) : [];
  const all = [...(real.group[index] ?? []), ...more].filter(({ personId, seatOfId }) => !side.has(personId) && !side.has(seatOfId));
  return all.filter((seat, at) => all.findIndex((one) => one.personId === seat.personId && one.seatOfId === seat.seatOfId) === at);
};

/** Routing, as the mutations do it after every change: seats anew, an early escalation where nobody is left, and the word that it is stuck. */
function settle(real: Real): void {
  if (real.request.state !== "pending") return;
  const side = new Set(real.request.side.map(({ personId }) => personId));
  const seated = () => real.request.stages.map((stage, index) => ({ ...stage, seats: seatsOf(real, index, side) }));
  real.request = { ...real.request, stages: seated() };
  for (let missing = missingIn(real.request.stages); missing !== null; missing = missingIn(real.request.stages)) {
    if (!missing.escalates || missing.escalatedAt !== null) break;
    escalateIn(real, real.request.stages.indexOf(missing));
    real.request = { ...real.request, stages: seated() };
  }
  real.unroutable = missingIn(real.request.stages) !== null;
}

function escalateIn(real: Real, index: number): void {
  real.escalated[index] = true;
  const stages = real.request.stages.map((stage, at) => {
    if (at !== index) return stage;
    const times = stage.state === "open" ? timesFrom(real.at, stage) : {};
    const marked = { ...stage, ...times, escalatedAt: real.at };
    return { ...marked, lapsesAt: lapsesAt(marked) };
  });
  real.request = { ...real.request, stages };
}

function open(stage: Stage, at: Date): Stage {
  const times = timesFrom(at, stage);
  return { ...stage, state: "open", ...times, lapsesAt: lapsesAt({ ...stage, ...times }) };
}

const cast = (real: Real, personId: string, answer: "approve" | "deny") => vote(real.request, { personId, answer, version: 1, durationSeconds: 60, now: real.at });

type Command = fc.Command<Model, Real>;

class Vote implements Command {
  readonly who: string;
  readonly answer: "approve" | "deny";
  constructor(who: string, answer: "approve" | "deny") {
    this.who = who;
    this.answer = answer;
  }
  check = () => true;
  run(model: Model, real: Real): void {
    settle(real);
    const before = real.request;
    const outcome = cast(real, this.who, this.answer);
    if (!outcome.ok) {
      expect(real.request).toBe(before);
      return;
    }
    const index = before.stages.indexOf(outcome.stage);
    // Eligible in plain words: pending, in time, off the side, in the group, not counted yet, and the seat is free.
    expect(model.state).toBe("pending");
    expect(model.side.has(this.who)).toBe(false);
    expect(seatsOf(real, index, model.side)).toContainEqual({ personId: this.who, seatOfId: outcome.seatOfId });
    expect(model.approvals.map(({ by }) => by)).not.toContain(this.who);
    expect(model.approvals.filter(({ stage }) => stage === index).map(({ seat }) => seat)).not.toContain(outcome.seatOfId);
    if (this.answer === "deny") {
      model.deniedBy = this.who;
      model.state = "denied";
      real.request = { ...real.request, state: "denied" };
      return;
    }
    model.approvals.push({ stage: index, by: this.who, seat: outcome.seatOfId });
    const stages = before.stages.map((stage) => {
      if (stage.id === outcome.stage.id) {
        const votes = [...stage.votes, { personId: this.who, seatOfId: outcome.seatOfId }];
        return { ...stage, votes, state: outcome.completes === "nothing" ? stage.state : ("approved" as const) };
      }
      return outcome.opens.includes(stage.id) ? open(stage, real.at) : stage;
    });
    real.request = { ...real.request, stages, state: outcome.completes === "request" ? "approved" : "pending" };
    model.state = real.request.state;
    settle(real);
    // A replay of the same vote changes nothing.
    const counted = real.request;
    expect(cast(real, this.who, this.answer).ok).toBe(false);
    expect(real.request).toBe(counted);
  }
  toString = () => `${this.who} ${this.answer}s`;
}

class Regroup implements Command {
  readonly stage: number;
  readonly seats: readonly Seat[];
  constructor(stage: number, seats: readonly Seat[]) {
    this.stage = stage;
    this.seats = seats;
  }
  check = () => true;
  run(_model: Model, real: Real): void {
    if (this.stage < real.group.length) real.group[this.stage] = [...this.seats];
    settle(real);
  }
  toString = () => `stage ${this.stage} now asks ${this.seats.map(({ personId, seatOfId }) => `${personId} on ${seatOfId}`).join()}`;
}

class JoinSide implements Command {
  readonly who: string;
  constructor(who: string) {
    this.who = who;
  }
  check = () => true;
  run(model: Model, real: Real): void {
    model.side.add(this.who);
    real.request = { ...real.request, side: [...real.request.side, { personId: this.who, why: "owner" }] };
    settle(real);
  }
  toString = () => `${this.who} joins the side`;
}

class Wait implements Command {
  readonly seconds: number;
  constructor(seconds: number) {
    this.seconds = seconds;
  }
  check = () => true;
  run(model: Model, real: Real): void {
    real.at = new Date(real.at.getTime() + this.seconds * 1000);
    settle(real);
    if (real.request.state !== "pending") return;
    const lapse = (why: string) => {
      real.request = { ...real.request, state: "lapsed" };
      real.lapsedFor = real.unroutable ? "nobody-left" : why;
      model.state = "lapsed";
    };
    if (decideBefore <= real.at) lapse("time");
    for (const [index, stage] of real.request.stages.entries()) {
      const due = real.request.state === "pending" ? dueFor(stage, real.at) : null;
      if (due === "escalate") escalateIn(real, index);
      if (due === "lapse") lapse("stage");
    }
    settle(real);
  }
  toString = () => `${this.seconds} s pass`;
}

const person = fc.constantFrom(...people);
const seat = fc.oneof({ weight: 3, arbitrary: person.map((id): Seat => ({ personId: id, seatOfId: id })) }, { weight: 1, arbitrary: fc.record({ personId: person, seatOfId: person }) });
const group = fc.uniqueArray(seat, { minLength: 1, maxLength: 6, selector: ({ personId, seatOfId }) => personId + seatOfId });
const shape = fc.array(fc.record({ needed: fc.integer({ min: 1, max: 2 }), group, beside: fc.boolean(), within: fc.constantFrom(null, null, 5, 20), escalates: fc.boolean() }), { minLength: 1, maxLength: 3 });

function setUp(stages: (typeof shape) extends fc.Arbitrary<infer Value> ? Value : never): { model: Model; real: Real } {
  let position = 0;
  const rows = stages.map(({ needed, beside, within, escalates }, index): Stage => {
    if (index > 0 && !beside) position += 1;
    const row: Stage = {
      id: `s${index}`, position, needed, state: "waiting", seats: [], votes: [], lapsesAt: null, remindAt: null, remindedAt: null, dueAt: null,
      escalatedAt: null, escalates: within !== null && escalates, withinSeconds: within, remindAfterSeconds: null,
    };
    return position === 0 ? open(row, begin) : row;
  });
  const request = { state: "pending" as const, version: 1, decideBefore, grantedDurationSeconds: 60, side: [], stages: rows };
  const real: Real = { request, at: begin, group: stages.map((stage) => [...stage.group]), escalated: stages.map(() => false), unroutable: false, lapsedFor: null };
  settle(real);
  return { model: { approvals: [], deniedBy: null, side: new Set(), state: "pending" }, real };
}

const commands = fc.commands(
  [
    person.map((who) => new Vote(who, "approve")),
    person.map((who) => new Vote(who, "approve")),
    fc.tuple(person, fc.constantFrom("approve", "approve", "approve", "deny")).map(([who, answer]) => new Vote(who, answer as "approve" | "deny")),
    fc.tuple(fc.integer({ min: 0, max: 2 }), group).map(([stage, seats]) => new Regroup(stage, seats)),
    person.map((who) => new JoinSide(who)),
    fc.integer({ min: 1, max: 15 }).map((seconds) => new Wait(seconds)),
  ],
  { maxCommands: 25 },
);

describe("whatever happens to a request", () => {
  it("it is approved only by k distinct eligible people on k distinct seats in each stage, ends by one deny, and is never stuck in silence", () => {
    const ends = new Map<string, number>();
    fc.assert(
      fc.property(shape, commands, (stages, run) => {
        const { model, real } = setUp(stages);
        fc.modelRun(() => ({ model, real }), run);
        const { state } = real.request;
        ends.set(state, (ends.get(state) ?? 0) + 1);
        expect(state).toBe(model.state);
        for (const [index, { needed }] of stages.entries()) {
          const given = model.approvals.filter(({ stage }) => stage === index);
          expect(new Set(given.map(({ by }) => by)).size).toBe(given.length);
          expect(new Set(given.map(({ seat: on }) => on)).size).toBe(given.length);
          if (state === "approved") expect(given.length).toBeGreaterThanOrEqual(needed);
        }
        expect(new Set(model.approvals.map(({ by }) => by)).size).toBe(model.approvals.length);
        expect(state === "denied").toBe(model.deniedBy !== null);
        // Waiting and nobody could decide it: it says so, and it has an end.
        if (state === "pending") {
          const asking = real.request.stages.map((stage) => (stage.state === "approved" ? { ...stage, needed: 0 } : stage));
          expect(real.unroutable).toBe(unfillableStage(asking) !== null);
          expect(real.request.decideBefore).toBeInstanceOf(Date);
          // And somebody is asked now.
          expect(real.request.stages.some((stage) => stage.state === "open")).toBe(true);
        }
      }),
      { numRuns: 1_500 },
    );
    for (const end of ["approved", "denied", "lapsed", "pending"]) expect(ends.get(end) ?? 0, end).toBeGreaterThan(20);
  });

  it("a request that nobody can decide lapses with that reason at the latest", () => {
    fc.assert(
      fc.property(shape, fc.uniqueArray(person, { minLength: 6, maxLength: 6 }), (stages, all) => {
        const { model, real } = setUp(stages);
        for (const who of all) new JoinSide(who).run(model, real);
        expect(real.unroutable).toBe(true);
        for (let step = 0; step < 5; step++) new Wait(15).run(model, real);
        expect(real.request.state).toBe("lapsed");
        expect(real.lapsedFor).toBe("nobody-left");
      }),
      { numRuns: 200 },
    );
  });

  it("independent votes come to the same in any order", () => {
    // Independent: each has a seat in one open stage only, and nobody joins or leaves between them.
    const plan = fc.array(fc.record({ needed: fc.integer({ min: 1, max: 2 }), members: fc.integer({ min: 1, max: 3 }) }), { minLength: 1, maxLength: 2 });
    fc.assert(
      fc.property(plan, fc.infiniteStream(fc.integer()), (rows, random) => {
        let next = 0;
        const stages = rows.map(({ needed, members }) => ({ needed, beside: true, within: null, escalates: false, group: people.slice(next, (next += members)).map((id): Seat => ({ personId: id, seatOfId: id })) }));
        const voters = stages.flatMap(({ group: seats, needed }) => seats.slice(0, needed).map(({ personId }) => personId));
        const shuffled = voters.map((who) => ({ who, rank: random.next().value ?? 0 })).sort((a, b) => a.rank - b.rank).map(({ who }) => who);
        const [one, other] = [setUp(stages), setUp(stages)];
        for (const who of voters) new Vote(who, "approve").run(one.model, one.real);
        for (const who of shuffled) new Vote(who, "approve").run(other.model, other.real);
        const told = ({ real }: typeof one) => ({ state: real.request.state, stages: real.request.stages.map(({ state, votes }) => ({ state, votes: votes.map(({ personId }) => personId).sort() })) });
        expect(told(other)).toEqual(told(one));
      }),
      { numRuns: 500 },
    );
  });
});
