/** Codes of faults: things that should not happen while the product is used as offered. */
export type FaultCode =
  | "configuration"
  | "not-found"
  | "forbidden"
  | "signed-out"
  | "database"
  | "policy-engine"
  | "connector"
  | "integrity"
  | "unavailable";

/** A fault. Thrown, logged once at the edge, shown to the user as a correlation id and never as its message. */
export class AppError extends Error {
  override readonly name: string = "AppError";
  readonly code: FaultCode;

  constructor(code: FaultCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
