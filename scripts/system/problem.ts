/** Something that the person who started us can mend. Printed as its message alone, without a stack. */
export class SetupProblem extends Error {
  override readonly name = "SetupProblem";
}

/** What to print for any thrown value. */
export function describeFailure(error: unknown): string {
  // AppError is the app's own fault: its words are meant for whoever runs it, the stack is not.
  if (error instanceof SetupProblem || (error instanceof Error && error.name === "AppError")) return error.message;
  if (error instanceof AggregateError && error.errors.length > 0) return error.errors.map(describeFailure).join("\n");
  if (error instanceof Error) return error.stack ?? error.message;
  return String(error);
}
