/** A person as a form offers them. */
export type PersonOption = { readonly id: string; readonly name: string; readonly teams: readonly string[] };
