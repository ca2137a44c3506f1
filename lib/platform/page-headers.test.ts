import { describe, expect, it } from "vitest";
import { pageHeaders } from "@/lib/platform/page-headers";

const policyOf = (development: boolean) => {
  const headers = pageHeaders({ nonce: "bm9uY2U=", issuer: "https://login.example.com/realms/a", development, https: true });
  return new Map((headers["content-security-policy"] ?? "").split("; ").map((line) => [line.split(" ")[0], line.split(" ").slice(1)]));
};

describe("the Content-Security-Policy of a page", () => {
  it("runs scripts by nonce only", () => {
    expect(policyOf(false).get("script-src")).toEqual(["'self'", "'nonce-bm9uY2U='", "'strict-dynamic'"]);
  });

  it("takes styles by nonce and style attributes, which Mantine needs", () => {
    expect(policyOf(false).get("style-src")).toEqual(["'self'", "'nonce-bm9uY2U='"]);
    expect(policyOf(false).get("style-src-attr")).toEqual(["'unsafe-inline'"]);
  });

  it("lets forms go to ourselves and to the identity provider's origin, without its path", () => {
    expect(policyOf(false).get("form-action")).toEqual(["'self'", "https://login.example.com"]);
  });

  it.each(["default-src", "frame-ancestors", "base-uri", "object-src"])("allows nothing as %s", (directive) => {
    expect(policyOf(false).get(directive)).toEqual(["'none'"]);
  });

  it("comes with the promise of https only where there is https", () => {
    const shared = { nonce: "bm9uY2U=", issuer: "https://login.example.com", development: false };
    expect(pageHeaders({ ...shared, https: true })["strict-transport-security"]).toBe("max-age=31536000");
    expect(pageHeaders({ ...shared, https: false })).not.toHaveProperty("strict-transport-security");
  });

  it("allows eval in development only", () => {
    expect(policyOf(true).get("script-src")).toContain("'unsafe-eval'");
    expect(JSON.stringify([...policyOf(false)])).not.toContain("eval");
  });
});
