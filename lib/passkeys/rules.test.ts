import { describe, expect, it } from "vitest";
import { counterWentBack, isFresh, mostPasskeys, relyingPartyOf, whyNotAnswer, whyNotEnrol, whyNotRemoveLost } from "./rules";

const now = new Date("2026-11-22T12:00:00Z");
const ago = (seconds: number) => new Date(now.getTime() - seconds * 1_000);

describe("the address that passkeys are bound to", () => {
  it("is a name over https, or localhost", () => {
    expect(relyingPartyOf("https://curfew.example:8443")).toEqual({ ok: true, value: { rpId: "curfew.example", origin: "https://curfew.example:8443" } });
    expect(relyingPartyOf("http://localhost:3000")).toEqual({ ok: true, value: { rpId: "localhost", origin: "http://localhost:3000" } });
  });

  it("is no IP number, in whatever spelling", () => {
    for (const host of ["127.0.0.1", "10.0.0.1", "[::1]", "2130706433", "0x7f.1", "127.1"]) {
      expect(relyingPartyOf(`https://${host}:3000`), host).toMatchObject({ ok: false, code: "address-is-number" });
    }
  });

  it("is nothing that is sent in clear, nor a name that only looks like localhost", () => {
    for (const host of ["curfew.example", "localhost.example", "notlocalhost"]) expect(relyingPartyOf(`http://${host}`)).toMatchObject({ ok: false, code: "address-not-secure" });
  });
});

describe("adding a passkey", () => {
  const facts = { passkeys: 0, confirmed: false, signedInAt: ago(60), now };

  it("needs a fresh sign-in for the first one, and a confirmation for each other", () => {
    expect(whyNotEnrol(facts)).toBeNull();
    expect(whyNotEnrol({ ...facts, signedInAt: ago(601) })).toBe("sign-in-too-old");
    expect(whyNotEnrol({ ...facts, passkeys: 1 })).toBe("confirm-first");
    expect(whyNotEnrol({ ...facts, passkeys: 1, confirmed: true, signedInAt: ago(6_000) })).toBeNull();
    expect(whyNotEnrol({ ...facts, passkeys: mostPasskeys, confirmed: true })).toBe("too-many");
  });

  it("knows a fresh sign-in by ten minutes", () => {
    expect([isFresh(ago(600), now), isFresh(ago(601), now)]).toEqual([true, false]);
  });
});

describe("an answer", () => {
  const asked = { personId: "rita", signInId: "one", digest: "ab", expiresAt: ago(-10), consumedAt: null };
  const answer = { personId: "rita", signInId: "one", digest: "ab", now };

  it("counts for the same person, browser and thing, in time and once", () => {
    expect(whyNotAnswer(asked, answer)).toBeNull();
    expect(whyNotAnswer(null, answer)).toBe("challenge-unknown");
    expect(whyNotAnswer(asked, { ...answer, personId: "ben" })).toBe("asked-elsewhere");
    expect(whyNotAnswer(asked, { ...answer, signInId: "two" })).toBe("asked-elsewhere");
    expect(whyNotAnswer({ ...asked, consumedAt: ago(1) }, answer)).toBe("challenge-used");
    expect(whyNotAnswer({ ...asked, expiresAt: now }, answer)).toBe("challenge-expired");
    expect(whyNotAnswer(asked, { ...answer, digest: "cd" })).toBe("other-approval");
  });

  it("has a counter that goes up, or none", () => {
    expect([counterWentBack(0, 0), counterWentBack(0, 1), counterWentBack(4, 5)]).toEqual([false, false, false]);
    expect([counterWentBack(4, 4), counterWentBack(4, 3), counterWentBack(4, 0)]).toEqual([true, true, true]);
  });
});

describe("removing a passkey whose device is lost", () => {
  const facts = { actorId: "ada", personId: "rita", administrators: ["ada"], signedInAt: ago(60), now };

  it("is an administrator's, of somebody else", () => {
    expect(whyNotRemoveLost(facts)).toBeNull();
    expect(whyNotRemoveLost({ ...facts, administrators: ["alan"] })).toBe("no-longer-administrator");
  });

  it("is of one's own only where nobody else could, and from a fresh sign-in", () => {
    const own = { ...facts, personId: "ada" };
    expect(whyNotRemoveLost(own)).toBeNull();
    expect(whyNotRemoveLost({ ...own, signedInAt: ago(601) })).toBe("sign-in-too-old");
    expect(whyNotRemoveLost({ ...own, administrators: ["ada", "alan"] })).toBe("another-administrator");
  });
});
