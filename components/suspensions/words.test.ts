import { describe, expect, it } from "vitest";
import { railOf } from "@/components/suspensions/rail";
import { cautionsOf, obstacleWords, refusalWords, stateLook } from "@/components/suspensions/words";
import type { SuspensionView } from "@/lib/suspensions/types";

const at = "2026-11-20T10:00:00.000Z";
const proven: SuspensionView = {
  id: "s", identityId: "i", kind: "suspension", state: "proven", reason: null, reviewItemId: null, openConnections: "cut", undoAt: null, undoAtFirstRefusal: false,
  orderedAt: at, orderedBy: "Olga", acceptedAt: at, provenAt: at, undoWhy: null, undoOrderedAt: null, undoOrderedBy: null, undoAcceptedAt: null, undoneAt: null, closedAt: null,
  refusedLoginAt: null, attempts: 0, nextAttemptAt: null, lastFailure: null, lastFailureText: null, stuckSince: null, blindOn: [],
  credentials: [{
    id: "c", handle: "legacy_etl", system: "Orders", acceptedAt: at, changed: true, gone: false, connectionsCut: 0, connectionsLeft: 0, provenAt: at, proofFacts: [], backAt: null,
    undoneAt: null, undoFacts: [], leftAsIs: null,
  }],
};
const undoneOutside: SuspensionView = { ...proven, credentials: proven.credentials.map((each) => ({ ...each, backAt: "2026-11-21T09:00:00.000Z" })) };

describe("a suspension that somebody undid on the target", () => {
  it("is not shown as proven any more, and says what was seen", () => {
    expect(stateLook(proven).word).toBe("proven");
    expect(stateLook(undoneOutside)).toEqual({ word: "undone outside Curfew", tone: "stuck" });
    expect(cautionsOf(undoneOutside)[0]).toContain("legacy_etl can sign in on Orders again");
    expect(cautionsOf(proven)).toEqual([]);
  });

  it("has a link of its own behind the proof, which stays on the record", () => {
    const now = "2026-11-22T10:00:00.000Z";
    expect(railOf(proven, now).map(({ key }) => key)).toEqual(["ordered", "accepted", "proven"]);
    expect(railOf(undoneOutside, now).at(-1)).toMatchObject({ key: "back", state: "failed", label: "can sign in again", note: "not by Curfew" });
  });
});

describe("why something cannot be suspended", () => {
  it("says plainly of what is known from files what to do instead", () => {
    const { text } = obstacleWords({ code: "known-from-files", detail: { system: "Mainframe", handle: "BATCH07" } });
    expect(text).toContain("Curfew knows Mainframe from files only");
    expect(text).toContain("let whoever runs Mainframe switch BATCH07 off there");
  });

  it("claims no suspension where only the state says so", () => {
    expect(refusalWords("already-suspended")).toContain("Curfew has taken no sign-in from it");
  });
});
