import { describe, expect, it } from "vitest";
import { organisationSchema, withSecrets } from "./organisation";

describe("an organisation's file", () => {
  it("takes passwords from the environment, at any depth", () => {
    const secrets = { connector: { user: "curfew", password: "env:DB_PASSWORD" }, probe: null };
    expect(withSecrets(secrets, { DB_PASSWORD: "s3" })).toEqual({ connector: { user: "curfew", password: "s3" }, probe: null });
  });

  it("names the variable that is missing", () => {
    expect(() => withSecrets(["env:DB_PASSWORD"], {})).toThrowError(/DB_PASSWORD is not set/);
  });

  it.each([
    ["an unknown field", { peple: [] }],
    ["a role that does not exist", { people: [{ subject: "a", name: "A", roles: ["root"] }] }],
    ["an entitlement without purposes", { entitlements: [{ system: "s", role: "r", name: "n", description: "", sensitivity: "low", purposes: [] }] }],
    ["an identity that nobody sponsors", { identities: [{ system: "s", handle: "h", kind: "bot", environment: "production", owner: "a" }] }],
  ])("is refused with %s", (_name, file) => {
    expect(organisationSchema.safeParse(file).success).toBe(false);
  });
});
