import { describe, expect, it } from "vitest";
import type { RequestView } from "@/lib/requests/views/types";
import { sayChange } from "./changes";

const vote = { person: { id: "1", name: "Bea", hasLeft: false }, answer: "approve", at: "2026-11-22T10:00:00.000Z" };
const asked = { state: "pending", grantedDurationSeconds: 3_600, maxUses: null, idleSeconds: 1_800, leftOut: [], stages: [{ votes: [] }], decidedAt: null, submittedAt: "2026-11-22T09:00:00.000Z" };
/** Only what is compared: a whole view would say nothing more. */
const view = (changes: object) => ({ ...asked, ...changes }) as unknown as RequestView;
const now = (changes: object) => view({ stages: [{ votes: [vote] }], ...changes });

describe("what changed since somebody looked", () => {
  it.each([
    [{ grantedDurationSeconds: 900 }, "Shortened from 1 h to 15 min by Bea"],
    [{ maxUses: 3 }, "Uses lowered from no limit to 3 by Bea"],
    [{ idleSeconds: 300 }, "Time without use lowered from 30 min to 5 min by Bea"],
    [{ leftOut: ["2"] }, "1 access left out by Bea"],
    [{ state: "denied" }, "It was denied by Bea: nothing is left to decide"],
  ])("%o: %s", (changes, what) => {
    expect(sayChange(view({}), now(changes))).toEqual({ what, at: vote.at });
  });
});
