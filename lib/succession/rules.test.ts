import { describe, expect, it } from "vitest";
import { dueForHandOver, nextOffer, whyNotAnswer } from "./rules";
import type { Candidate } from "./types";

const backup: Candidate = { step: "backup", personId: "bo" };
const sponsor: Candidate = { step: "sponsor", personId: "sam" };
const lead: Candidate = { step: "team-lead", personId: "lea" };
const now = new Date("2026-11-22T10:00:00Z");
const later = new Date("2026-11-22T11:00:00Z");

describe("who is asked next", () => {
  it("is the backup, then the sponsor, then the team's lead, then nobody", () => {
    const asking = { place: "owner" as const, candidates: [lead, sponsor, backup], excluded: [] };
    expect(nextOffer({ ...asking, after: null })).toEqual({ step: "backup", personIds: ["bo"] });
    expect(nextOffer({ ...asking, after: "backup" })).toEqual({ step: "sponsor", personIds: ["sam"] });
    expect(nextOffer({ ...asking, after: "sponsor" })).toEqual({ step: "team-lead", personIds: ["lea"] });
    expect(nextOffer({ ...asking, after: "team-lead" })).toBeNull();
  });

  it("passes over empty steps and whoever was asked before", () => {
    expect(nextOffer({ place: "owner", after: null, candidates: [lead], excluded: [] })?.step).toBe("team-lead");
    const same = [{ ...backup, personId: "sam" }, sponsor, lead];
    expect(nextOffer({ place: "owner", after: "backup", candidates: same, excluded: ["sam"] })?.personIds).toEqual(["lea"]);
    expect(nextOffer({ place: "owner", after: null, candidates: [], excluded: [] })).toBeNull();
  });

  it("asks every lead of a team, each once", () => {
    const leads = [lead, { step: "team-lead" as const, personId: "lou" }, lead];
    expect(nextOffer({ place: "backup", after: null, candidates: leads, excluded: [] })?.personIds).toEqual(["lea", "lou"]);
  });

  it("does not ask the sponsor to be the sponsor, nor anybody but a lead to stand in", () => {
    expect(nextOffer({ place: "sponsor", after: "backup", candidates: [sponsor], excluded: [] })).toBeNull();
    expect(nextOffer({ place: "backup", after: null, candidates: [backup, sponsor], excluded: [] })).toBeNull();
  });
});

describe("an offer", () => {
  const offer = { state: "offered", deadline: later, answer: null, hasLeft: false };
  it.each([
    ["can be answered in time", offer, null],
    ["was never made to this person", null, "not-asked"],
    ["is answered already", { ...offer, answer: "declined" }, "already-answered"],
    ["is not open any more", { ...offer, state: "accepted" }, "not-offered-any-more"],
    ["is over at its very deadline", { ...offer, deadline: now }, "too-late"],
    ["is nothing for whoever has left", { ...offer, hasLeft: true }, "you-left"],
  ])("%s", (_name, given, code) => expect(whyNotAnswer(given, now)).toBe(code));
});

describe("a running hand-over", () => {
  const running = { place: "owner" as const, leaverId: "olga", holderId: "olga", deadline: later, leaverIsBack: false, isIdentityGone: false, open: 1 };
  it.each([
    ["waits for its deadline", running, "wait"],
    ["goes on when the deadline is over", { ...running, deadline: now }, "next"],
    ["goes on when nobody is left who could answer", { ...running, open: 0 }, "next"],
    ["is over when somebody else was named", { ...running, holderId: "ines" }, "named-by-person"],
    ["is over when the place was emptied by hand", { ...running, holderId: null }, "named-by-person"],
    ["is over when the leaver came back, however late", { ...running, leaverIsBack: true, deadline: now }, "returned"],
    ["is over when the identity is gone", { ...running, isIdentityGone: true }, "identity-gone"],
  ])("%s", (_name, given, due) => expect(dueForHandOver(given, now)).toBe(due));
});
