/** Why a connector call failed. Codes, not messages, decide what the engine does next. */
export type ConnectorErrorCode =
  | "unreachable"
  | "timeout"
  | "aborted"
  | "denied"
  | "wrong-target"
  | "deadline-passed"
  | "conflict"
  | "in-use"
  | "unexpected";

/** Transient: the same call may work later. Permanent: it will not, until a person changes something on the target. */
export class ConnectorError extends Error {
  override readonly name = "ConnectorError";
  readonly code: ConnectorErrorCode;
  readonly transient: boolean;

  constructor(code: ConnectorErrorCode, message: string, options: { transient: boolean; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.code = code;
    this.transient = options.transient;
  }
}
