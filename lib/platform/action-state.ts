/** What somebody typed into a form, to be shown again: React empties a form after each action. Never holds secret fields. */
export type FormValues = Readonly<Record<string, string>>;

/** Fields of which a form sends any number under one name (check boxes, multi-selects). */
export type FormLists = Readonly<Record<string, readonly string[]>>;

type Echo = { readonly values: FormValues; readonly lists: FormLists };

/** What a form gets back from a server action. Serializable; holds nothing the user did not send or may not see. */
export type ActionState<Value = unknown, Code extends string = string> =
  | { readonly status: "idle" }
  | { readonly status: "done"; readonly value: Value }
  /** `fieldErrors[""]` holds what concerns no single field. */
  | ({ readonly status: "invalid"; readonly fieldErrors: Readonly<Record<string, readonly string[]>> } & Echo)
  | ({
      readonly status: "refused";
      readonly code: Code | "no-permission";
      readonly detail?: Readonly<Record<string, string | number>>;
    } & Echo)
  | ({ readonly status: "failed"; readonly correlationId: string } & Echo)
  | ({ readonly status: "signed-out" } & Echo);

/** What `useActionState` starts with. */
export const idle: { readonly status: "idle" } = { status: "idle" };

