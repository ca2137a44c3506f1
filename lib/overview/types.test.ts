import { describe, expect, it } from "vitest";
import { parseWaiting } from "@/lib/overview/types";

describe("parseWaiting", () => {
  it("reads the counts and nothing else", () => {
    expect(parseWaiting({ approvals: 3, requests: 0, sessions: 1, reviews: 20, people: 2, identities: 4, inbox: 7, more: true })).toEqual({ approvals: 3, requests: 0, sessions: 1, reviews: 20, people: 2, identities: 4, inbox: 7 });
  });

  it.each([null, undefined, 3, "x", [], {}, { approvals: 1, requests: 2 }, { approvals: -1, requests: 0, sessions: 0, reviews: 0, people: 0, identities: 0, inbox: 0 }, { approvals: "1", requests: 0, sessions: 0, reviews: 0, people: 0, identities: 0, inbox: 0 }, { approvals: 0.5, requests: 0, sessions: 0, reviews: 0, people: 0, identities: 0, inbox: 0 }])(
    "does not take %j for an answer",
    (answer) => {
      expect(parseWaiting(answer)).toBeNull();
    },
  );
});
