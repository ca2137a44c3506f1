/** Why an exception is over. */
export const exceptionEnds = ["lapsed", "renewed", "ended-by-person", "assignment-gone"] as const;
export type ExceptionEnd = (typeof exceptionEnds)[number];

/** A standing exception as pages show it. Dates are ISO text. */
export type ExceptionView = {
  readonly id: string;
  readonly owner: { readonly id: string; readonly name: string; readonly hasLeft: boolean };
  readonly reason: string;
  readonly controls: string;
  readonly madeBy: string | null;
  readonly madeAt: string;
  readonly endsAt: string;
};

/** Why an exception is not made or not ended. */
export type ExceptionRefusal =
  | "unknown-assignment"
  | "not-standing"
  | "not-your-identity"
  | "offboarded"
  | "unknown-person"
  | "person-left"
  | "ends-too-late"
  | "ends-too-soon"
  | "secret-in-text"
  | "already-ended";
