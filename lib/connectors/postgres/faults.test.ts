import { DatabaseError } from "pg";
import { describe, expect, it } from "vitest";
import { ConnectorError } from "../errors";
import { asConnectorError } from "./faults";

const calm = new AbortController().signal;

function serverError(code: string, message = "no"): DatabaseError {
  const error = new DatabaseError(message, 0, "error");
  error.code = code;
  return error;
}

describe("an error of a target", () => {
  it.each([
    ["28P01", "denied", false],
    ["28000", "denied", false],
    ["42501", "denied", false],
    ["3D000", "wrong-target", false],
    ["42704", "wrong-target", false],
    ["57014", "timeout", true],
    ["25P03", "timeout", true],
    ["57P01", "unreachable", true],
    ["57P03", "unreachable", true],
    ["08006", "unreachable", true],
    ["53300", "unreachable", true],
    ["40P01", "in-use", true],
    ["55P03", "in-use", true],
    ["2BP01", "in-use", true],
    ["42601", "unexpected", false],
    ["XX000", "unexpected", false],
  ])("%s means %s", (state, code, transient) => {
    expect(asConnectorError(serverError(state), calm)).toMatchObject({ code, transient });
  });

  it("may pass when two transactions only met on the same role", () => {
    const error = asConnectorError(serverError("XX000", "tuple concurrently updated"), calm);
    expect(error).toMatchObject({ code: "in-use", transient: true });
  });

  it("keeps neither statement nor details, which may hold a verifier", () => {
    const error = serverError("42601", "syntax error near SCRAM-SHA-256$4096:abc$def:ghi in it");
    error.detail = "detail with a secret";
    error.where = "context with a secret";
    error.internalQuery = "alter role x password 'a secret'";
    const turned = asConnectorError(error, calm);
    expect(turned.cause).toBeUndefined();
    expect(turned.message).toContain("(verifier)");
    expect(JSON.stringify({ ...turned, message: turned.message })).not.toMatch(/secret|abc\$def/);
  });
});

describe("an error of the network", () => {
  const networkError = (code: string, message = "no"): Error => Object.assign(new Error(message), { code });

  it.each(["ECONNREFUSED", "ECONNRESET", "ENOTFOUND", "EHOSTUNREACH", "ETIMEDOUT", "EPIPE"])("%s may pass", (code) => {
    expect(asConnectorError(networkError(code), calm)).toMatchObject({ code: "unreachable", transient: true });
  });

  it.each(["Connection terminated unexpectedly", "timeout exceeded when trying to connect", "Connection terminated due to connection timeout"])(
    "%j may pass",
    (message) => expect(asConnectorError(new Error(message), calm)).toMatchObject({ code: "unreachable", transient: true }),
  );

  it.each(["DEPTH_ZERO_SELF_SIGNED_CERT", "CERT_HAS_EXPIRED", "ERR_TLS_CERT_ALTNAME_INVALID", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"])(
    "%s does not pass by itself",
    (code) => expect(asConnectorError(networkError(code), calm)).toMatchObject({ code: "denied", transient: false }),
  );

  it("is an abort when the call was given up, whatever it looked like", () => {
    const error = asConnectorError(networkError("ECONNRESET"), AbortSignal.abort());
    expect(error).toMatchObject({ code: "aborted", transient: true });
  });

  it("passes through when it is a connector's own already", () => {
    const own = new ConnectorError("conflict", "x", { transient: false });
    expect(asConnectorError(own, calm)).toBe(own);
  });
});
