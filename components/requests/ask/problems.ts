import type { FormState } from "@/components/ui/form/lost-answer";
import { sayRefusal } from "../refusals";

/** Messages by field. */
export type FieldProblems = Readonly<Record<string, readonly string[]>>;

const shownFields = ["identityId", "entitlementIds", "notBefore", "purpose", "intent", "standingReason", "ticketKey", "durationSeconds", "maxUses", "idleSeconds"];

/** What is wrong, at the field where there is one: as the server said it last, and as the preview says it while one types. */
export function problemsOf(state: FormState<unknown, string>, typed: FieldProblems): { fields: FieldProblems; whole: string | null } {
  switch (state.status) {
    case "invalid": {
      const loose = Object.entries(state.fieldErrors).flatMap(([field, messages]) => (shownFields.includes(field) ? [] : messages));
      return { fields: { ...state.fieldErrors, ...typed }, whole: loose[0] ?? null };
    }
    case "refused": {
      const { text, field } = sayRefusal("submit", state.code, state.detail);
      return field ? { fields: { [field]: [text], ...typed }, whole: null } : { fields: typed, whole: text };
    }
    case "lost":
      return { fields: typed, whole: "No answer came back, so it is not known whether your request was stored. Ask again: it becomes one request, not two." };
    case "failed":
      return { fields: typed, whole: `Something went wrong on our side, and it is not known whether your request was stored. Ask again: it becomes one request, not two. (id ${state.correlationId})` };
    case "signed-out":
      return { fields: typed, whole: "You are signed out. What you filled in stays here: sign in in another tab, then ask again." };
    case "idle":
    case "done":
      return { fields: typed, whole: null };
  }
}
