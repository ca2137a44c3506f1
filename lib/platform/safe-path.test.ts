import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { safePath } from "@/lib/platform/safe-path";

const here = "https://curfew.example.com";

describe("safePath", () => {
  it.each([
    ["/", "/"],
    ["/requests/new", "/requests/new"],
    ["/requests?state=pending&page=2#top", "/requests?state=pending&page=2#top"],
    ["/evidence/../requests", "/requests"],
    ["/a%20b", "/a%20b"],
    ["/search?q=a%5Cb%2F%2Fc", "/search?q=a%5Cb%2F%2Fc"],
    ["/apis", "/apis"],
  ])("keeps %s", (next, path) => {
    expect(safePath(next)).toBe(path);
  });

  it.each([
    "",
    "requests",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\\/evil.example",
    "https://evil.example",
    "https:/evil.example",
    "javascript:alert(1)",
    "/.//evil.example",
    "/..//evil.example",
    "/a/..//evil.example",
    "/%2f%2fevil.example",
    "/%2F/evil.example",
    "/%5cevil.example",
    "/%255cevil.example",
    "/%25252f%25252fevil.example",
    "/%09/evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    " /requests",
    "/%00",
    "/%",
    "/api/auth/signout",
    "/API/stream",
    "/%61pi/stream",
    `/${"a".repeat(3_000)}`,
    undefined,
    null,
    7,
    ["/a"],
  ])("refuses %j", (next) => {
    expect(safePath(next)).toBe("/");
  });

  it("answers the fallback that it was given", () => {
    expect(safePath("//evil.example", "/sign-in")).toBe("/sign-in");
  });

  const hostile = fc
    .array(
      fc.constantFrom(
        "/", "//", "\\", "..", ".", "evil.example", ":", "@", "%2f", "%5c", "%252f", "%00", "%09", "\t", "\n", "\r", "?", "#",
        "http:", "javascript:", "a", "%2e", ";", "\u2028", "／", "api",
      ),
      { minLength: 1, maxLength: 12 },
    )
    .map((parts) => parts.join(""));

  it("never leads away from this origin, whatever is thrown at it", () => {
    fc.assert(
      fc.property(fc.oneof(hostile, fc.string(), fc.webUrl()), (next) => {
        const path = safePath(next);
        expect(new URL(path, here).origin).toBe(here);
        expect(path).toMatch(/^\/(?![/\\])/);
        // Also not for a careless second reader that decodes or normalises once more.
        const { pathname } = new URL(path, here);
        expect(new URL(decodeURIComponent(pathname), here).origin).toBe(here);
      }),
      { numRuns: 5_000 },
    );
  });

  it("is stable: a safe path stays as it is", () => {
    fc.assert(
      fc.property(hostile, (next) => {
        const once = safePath(next);
        expect(safePath(once)).toBe(once);
      }),
    );
  });
});
