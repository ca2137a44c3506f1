import { describe, expect, it } from "vitest";
import type { SidePerson } from "@/lib/stages/types";
import { mayView, sideOf, withdrawal } from "./rules";

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
