import { DatabaseError } from "pg";
import { ConnectorError, type ConnectorErrorCode } from "../errors";

type Meaning = { readonly code: ConnectorErrorCode; readonly transient: boolean };

/** SQLSTATEs (PostgreSQL, appendix A) that mean something of their own here. */
const bySqlState: Readonly<Record<string, Meaning>> = {
  "28000": { code: "denied", transient: false },
  "28P01": { code: "denied", transient: false },
  "42501": { code: "denied", transient: false },
  "3D000": { code: "wrong-target", transient: false },
  "42704": { code: "wrong-target", transient: false },
  "42710": { code: "conflict", transient: false },
  "57014": { code: "timeout", transient: true },
  "25P03": { code: "timeout", transient: true },
  "25P04": { code: "timeout", transient: true },
  "57P01": { code: "unreachable", transient: true },
  "57P02": { code: "unreachable", transient: true },
  "57P03": { code: "unreachable", transient: true },
  "55000": { code: "unexpected", transient: false },
  "55006": { code: "in-use", transient: true },
  "55P03": { code: "in-use", transient: true },
  "2BP01": { code: "in-use", transient: true },
};

/** Whole classes: connection, rollback, resources, system. */
const byClass: Readonly<Record<string, Meaning>> = {
  "08": { code: "unreachable", transient: true },
  "40": { code: "in-use", transient: true },
  "53": { code: "unreachable", transient: true },
  "58": { code: "unexpected", transient: true },
};

/** Two transactions changed the same role; the server has no SQLSTATE of its own for it. */
const concurrentUpdate = /tuple concurrently (updated|deleted)/;

/** Turns whatever a call threw into the one kind of error that leaves the connector. */
export function asConnectorError(error: unknown, signal: AbortSignal): ConnectorError {
  if (error instanceof ConnectorError) return error;
  if (signal.aborted) return new ConnectorError("aborted", "the call was given up", { transient: true });
  if (error instanceof DatabaseError) return fromServer(error);
  return fromNetwork(error);
}

/** The SQLSTATE of a server's answer; null for anything else. */
export function sqlStateOf(error: unknown): string | null {
  return error instanceof DatabaseError ? (error.code ?? null) : null;
}

/** The server's own message is kept, its details are not: statement, context and parameters may hold a verifier. */
function fromServer(error: DatabaseError): ConnectorError {
  const state = error.code ?? "";
  const meaning = concurrentUpdate.test(error.message)
    ? { code: "in-use" as const, transient: true }
    : (bySqlState[state] ?? byClass[state.slice(0, 2)] ?? { code: "unexpected" as const, transient: false });
  return new ConnectorError(meaning.code, `PostgreSQL ${state}: ${withoutVerifier(error.message)}`, {
    transient: meaning.transient,
  });
}

const certificateFaults = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS/;

function fromNetwork(error: unknown): ConnectorError {
  const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
  const message = error instanceof Error ? withoutVerifier(error.message) : "";
  if (certificateFaults.test(code) || /does not support SSL/.test(message)) {
    return new ConnectorError("denied", `no trusted encrypted connection: ${message || code}`, { transient: false });
  }
  if (/SASL/.test(message)) {
    return new ConnectorError("denied", "the target's sign-in failed (SCRAM)", { transient: false });
  }
  if (/query read timeout/i.test(message)) {
    return new ConnectorError("timeout", "the target did not answer in time", { transient: true });
  }
  if (code !== "" || /connect|timeout|ended|closed/i.test(message)) {
    return new ConnectorError("unreachable", `the target cannot be reached: ${code || message}`, { transient: true });
  }
  return new ConnectorError("unexpected", `the connector failed: ${message}`, { transient: false, cause: error });
}

function withoutVerifier(text: string): string {
  return text.replaceAll(/SCRAM-SHA-256\$\S+/g, "(verifier)");
}
