import type { FormState } from "@/components/ui/form/lost-answer";
import { sayRefusal } from "./words";

/** What went wrong with a form of a review, in words, and at which field. */
export function problemOf(state: FormState<unknown, string>): { said: string | null; field: string | null } {
  switch (state.status) {
    case "invalid": {
      const [field, messages] = Object.entries(state.fieldErrors)[0] ?? [null, []];
      return { said: messages[0] ?? null, field };
    }
    case "refused":
      return { said: sayRefusal(state.code, state.detail), field: null };
    case "lost":
      return { said: "No answer came back, so it is not known whether this was stored. Try again: nothing is counted twice.", field: null };
    case "failed":
      return { said: `Something went wrong on our side. What you filled in is kept: try again. (id ${state.correlationId})`, field: null };
    case "signed-out":
      return { said: "You are signed out. What you filled in stays here: sign in in another tab, then try again.", field: null };
    case "idle":
    case "done":
      return { said: null, field: null };
  }
}
