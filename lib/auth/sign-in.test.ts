import { describe, expect, it } from "vitest";
import { cookieName, cookieOptions } from "@/lib/auth/cookies";
import { allows, holdersOf, permissions, roles, type Permission } from "@/lib/auth/permissions";
import { readProfile } from "@/lib/auth/profile";
import { readCookies } from "@/lib/auth/sign-in-flow";
import { cookieSecret, hashSignInToken, newSignInToken } from "@/lib/auth/token";
import { stubEnvironment } from "@/lib/platform/test-environment";

stubEnvironment();

const issuer = "https://login.example.com";

describe("cookies", () => {
  it("are bound to the host and to https where there is https", () => {
    expect(cookieName("https://curfew.example.com", "sign-in")).toBe("__Host-curfew-sign-in");
    expect(cookieOptions("https://curfew.example.com")).toEqual({ httpOnly: true, sameSite: "lax", path: "/", secure: true });
  });

  it("carry the port on loopback, so that two installations do not sign each other out", () => {
    expect(cookieName("http://localhost:3000", "sign-in")).toBe("curfew-3000-sign-in");
    expect(cookieName("http://localhost:3001", "sign-in")).toBe("curfew-3001-sign-in");
  });

  it.each<[string | null, [string, string][]]>([
    [null, []],
    ["", []],
    ["a=1; b=2", [["a", "1"], ["b", "2"]]],
    ["a=1=2; =x; c", [["a", "1=2"], ["c", ""]]],
    ["a=first; a=second", [["a", "first"]]],
    ['a="quoted"; b=%2Fpath; c=%zz', [["a", "quoted"], ["b", "/path"], ["c", "%zz"]]],
  ])("are read from %j", (header, cookies) => {
    expect([...readCookies(header)]).toEqual(cookies);
  });
});

describe("sign-in tokens", () => {
  it("are 256 random bits, and only their hash is kept", () => {
    const tokens = new Set(Array.from({ length: 100 }, newSignInToken));
    expect(tokens.size).toBe(100);
    for (const token of tokens) {
      expect(Buffer.from(token, "base64url")).toHaveLength(32);
      expect(hashSignInToken(token)).toHaveLength(32);
      expect(hashSignInToken(token).toString("utf8")).not.toContain(token);
    }
  });

  it("are sealed by a key that says nothing about the installation's secret", () => {
    const key = Buffer.alloc(32, 7);
    expect(cookieSecret(key)).toBe(cookieSecret(key));
    expect(cookieSecret(key)).not.toBe(cookieSecret(Buffer.alloc(32, 8)));
    expect(Buffer.from(cookieSecret(key), "base64url").equals(key)).toBe(false);
  });
});

describe("what an ID token says about a person", () => {
  const claims = { iss: issuer, sub: "rita", name: "Rita Okafor", email: "Rita@Example.com", email_verified: true };

  it("is read, with a lower-case address", () => {
    expect(readProfile(claims, issuer)).toEqual({ issuer, subject: "rita", name: "Rita Okafor", email: "rita@example.com" });
  });

  it.each<[string, object, object]>([
    ["an address that is not verified", { email_verified: false }, { email: null }],
    ["no address", { email: undefined }, { email: null }],
    ["no name", { name: undefined, preferred_username: "rita.o" }, { name: "rita.o" }],
    ["a blank name", { name: "  " }, { name: "rita@example.com" }],
    ["nothing but a subject", { name: undefined, email: undefined }, { name: "rita" }],
    ["a name of the wrong type", { name: { first: "Rita" } }, { name: "rita@example.com" }],
    ["a name with NUL and 300 characters", { name: `\0${"R".repeat(300)}` }, { name: "R".repeat(200) }],
  ])("with %s", (_, changes, expected) => {
    expect(readProfile({ ...claims, ...changes }, issuer)).toMatchObject(expected);
  });

  it("says who it is by another claim where the installation says so", () => {
    expect(readProfile({ ...claims, oid: "object-1" }, issuer, "oid")).toMatchObject({ subject: "object-1" });
    expect(readProfile(claims, issuer, "oid")).toBeNull();
  });

  it.each<[string, object]>([
    ["another issuer", { iss: "https://evil.example" }],
    ["no subject", { sub: undefined }],
    ["an empty subject", { sub: "" }],
    ["a subject of 300 characters", { sub: "x".repeat(300) }],
  ])("is not taken with %s", (_, changes) => {
    expect(readProfile({ ...claims, ...changes }, issuer)).toBeNull();
  });
});

describe("permissions", () => {
  const all = Object.keys(permissions) as Permission[];

  it.each(all)("%s is refused to whoever has no role or an unknown one", (permission) => {
    expect(allows([], permission)).toBe(false);
    expect(allows(["superuser", "Administrator", "__proto__", ""], permission)).toBe(false);
  });

  it.each(all)("%s is held by known roles, and by at least one", (permission) => {
    expect(holdersOf(permission).length).toBeGreaterThan(0);
    for (const role of holdersOf(permission)) expect(roles).toContain(role);
  });

  it("keep deciding and auditing apart: an auditor changes nothing but what they keep for themselves", () => {
    const own: readonly Permission[] = ["evidence:sample", "evidence:keep-question"];
    const changing = all.filter((permission) => allows(["auditor"], permission) && !own.includes(permission) && !/:(view|view-all|view-own|view-reach|view-bounded|export)$/.test(permission));
    expect(changing).toEqual([]);
  });
});
