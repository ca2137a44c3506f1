import type { ActionState } from "@/lib/platform/action-state";

const refusals: Readonly<Record<string, string>> = {
  "unknown-identity": "This identity is not known any more.",
  "not-your-identity": "Only its owner, sponsor and backup, and administrators, can change this.",
  offboarded: "It is offboarded: nothing about it changes any more.",
  "unknown-person": "One of the named people is not known any more. Choose again.",
  "unknown-team": "This team is not there any more. Choose again.",
  "unknown-assignment": "This is not held any more. The page shows what is.",
  "not-standing": "This is not held all the time any more, so that there is nothing to answer for.",
  "ends-too-soon": "The end has to come after today.",
  "already-ended": "Somebody was faster: the exception has ended already.",
  "no-permission": "Your role does not allow this.",
};

/** What an action said, as one sentence; null while there is nothing to say. */
export function problemWords(state: ActionState): string | null {
  switch (state.status) {
    case "refused": {
      if (state.code === "person-left") return `${state.detail?.["name"] ?? "Somebody named"} has left. Name somebody else.`;
      if (state.code === "ends-too-late") return `At this sensitivity it can end on ${state.detail?.["latest"] ?? "an earlier day"} at the latest.`;
      if (state.code === "secret-in-text") return `This looks like a secret (${state.detail?.["kinds"] ?? "unknown kind"}). Nothing was saved: take it out.`;
      return refusals[state.code] ?? "This was refused. Nothing changed.";
    }
    case "failed":
      return `Something went wrong on our side. Nothing changed: try again. Id: ${state.correlationId}`;
    case "signed-out":
      return "You are signed out. Sign in again to go on; what you typed is kept here.";
    case "invalid":
      return state.fieldErrors[""]?.[0] ?? null;
    case "idle":
    case "done":
      return null;
  }
}
