import type { ActionState } from "@/lib/platform/action-state";

const refusals: Readonly<Record<string, string>> = {
  "unknown-entitlement": "it is not there any more",
  "needs-owner": "it can be asked for, so that somebody must own the resource",
  "needs-purpose": "it can be asked for, so that it needs a purpose",
  "cap-too-long": "its longest duration is beyond what its sensitivity allows",
  "unknown-person": "the named owner is not known any more",
  "person-left": "the named owner has left",
  "unknown-team": "the team is not there any more",
  "not-grantable": "this system is known from files only, so that nothing can be granted on it",
  "name-taken": "another entitlement of this system has that name",
  "nothing-changes": "it is so already",
  "nothing-chosen": "nothing was chosen to change",
  "already-proposed": "this lower sensitivity waits for a second administrator already",
  "no-longer-administrator": "you are no longer an administrator",
  "no-permission": "your role does not allow this",
};

/** Why an entitlement is not changed, as the second half of a sentence. */
export function whyWords(code: string): string {
  return refusals[code] ?? "it was refused";
}

/** What an action of the catalogue said; null while there is nothing to say. */
export function catalogueProblem(state: ActionState): string | null {
  switch (state.status) {
    case "refused":
      if (state.code === "secret-in-text") return `Nothing was saved: this looks like a secret (${state.detail?.["kinds"] ?? "unknown kind"}). Take it out.`;
      return `Nothing was saved: ${whyWords(state.code)}.`;
    case "failed":
      return `Something went wrong on our side. Nothing was saved: try again. Id: ${state.correlationId}`;
    case "signed-out":
      return "You are signed out. Sign in again to go on; what you typed is kept here.";
    case "invalid":
      return state.fieldErrors[""]?.[0] ?? null;
    case "idle":
    case "done":
      return null;
  }
}
