import { describe, expect, it } from "vitest";
import { signInWords, unseenShort, unseenWords, visibleTitle } from "@/components/identities/words";

const now = new Date("2026-11-22T10:00:00Z");
const daysAgo = (days: number) => new Date(now.getTime() - days * 86_400_000);

describe("use that was not seen", () => {
  it("is never called never used", () => {
    expect(unseenWords(daysAgo(43), now)).toBe("none inside the 43 days we can see");
    expect(unseenWords(daysAgo(1), now)).toBe("none inside the 1 day we can see");
    expect(unseenWords(daysAgo(0.5), now)).toBe("none since 12 h ago, when we began to see");
    expect(unseenWords(null, now)).toBe("cannot be seen here");
  });

  it("is said briefly in tables", () => {
    expect(unseenShort(daysAgo(43), now)).toBe("none in 43 d");
    expect(unseenShort(daysAgo(0.2), now)).toBe("none today");
    expect(unseenShort(null, now)).toBe("not observable");
  });

  it("says since when anything could have been seen", () => {
    expect(visibleTitle(daysAgo(43))).toContain("2026-10-10");
    expect(visibleTitle(null)).toContain("does not show");
  });
});

describe("the sign-in of a suspended identity", () => {
  const facts = { live: 0, known: 2, takenByCurfew: false, isFromFiles: false };

  it("is said to be taken by Curfew only where Curfew took it", () => {
    for (const live of [0, 1]) {
      expect(signInWords({ ...facts, live })).toContain("Curfew has not taken its sign-in away");
      expect(signInWords({ ...facts, live })).not.toMatch(/switched off|Curfew took/);
    }
    expect(signInWords({ ...facts, takenByCurfew: true })).toContain("Curfew took its sign-in away");
  });

  it("is never said to be gone where a credential can sign in, or where none is known", () => {
    expect(signInWords({ ...facts, live: 1, takenByCurfew: true })).toContain("1 credential can sign in all the same");
    expect(signInWords({ ...facts, known: 0 })).toBe("Curfew knows no credential of it, and has taken none away.");
    expect(signInWords({ ...facts, live: 1, isFromFiles: true })).toContain("as far as files tell");
  });
});
