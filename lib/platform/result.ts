/** A refusal is a recorded outcome, not an exception. `detail` holds values for the sentence shown, never secrets. */
export type Refusal<Code extends string> = {
  readonly ok: false;
  readonly code: Code;
  readonly detail?: Readonly<Record<string, string | number>>;
};

/** What a rule or mutation answers: the resulting value, or a refusal with a code. */
export type Result<Value, Code extends string> = { readonly ok: true; readonly value: Value } | Refusal<Code>;

/** Builds the positive answer. */
export function ok<Value>(value: Value): { readonly ok: true; readonly value: Value } {
  return { ok: true, value };
}

/** Builds a refusal. */
export function refuse<Code extends string>(
  code: Code,
  detail?: Readonly<Record<string, string | number>>,
): Refusal<Code> {
  return detail === undefined ? { ok: false, code } : { ok: false, code, detail };
}
