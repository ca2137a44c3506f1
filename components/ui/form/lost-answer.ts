import { unstable_rethrow } from "next/navigation";
import type { ActionState } from "@/lib/platform/action-state";

/** No answer came back: the server may have acted or not. What was typed is kept. */
export type Lost = { readonly status: "lost"; readonly values: Readonly<Record<string, string>>; readonly lists: Readonly<Record<string, readonly string[]>> };

/** What a form knows about its action. */
export type FormState<Value, Code extends string> = ActionState<Value, Code> | Lost;

type Action<Value, Code extends string> = (previous: ActionState<Value, Code>, form: FormData) => Promise<ActionState<Value, Code>>;

/**
 * The same action for a form that outlives a broken connection. Without it React hands the failure to the next error
 * boundary, and what was typed is gone.
 */
export function survivingLoss<Value, Code extends string>(action: Action<Value, Code>) {
  return async (_previous: FormState<Value, Code>, form: FormData): Promise<FormState<Value, Code>> => {
    try {
      return await action({ status: "idle" }, form);
    } catch (error) {
      unstable_rethrow(error);
      const typed = [...form].filter((entry): entry is [string, string] => typeof entry[1] === "string");
      return { status: "lost", values: Object.fromEntries(typed), lists: {} };
    }
  };
}
