import { GrantStateMark } from "@/components/grants/grant-state";
import { StateWord } from "@/components/ui/truth/state-badge";
import type { GrantState } from "@/lib/grants/types";
import type { RequestState } from "@/lib/requests/types";
import { requestStateWords } from "./words";

/** What a request has come to: once approved, what its newest grant says. */
export function RequestStateMark({ state, grantState }: { state: RequestState; grantState: GrantState | null }) {
  if (state === "approved" && grantState !== null) return <GrantStateMark state={grantState} />;
  const { tone, text } = requestStateWords(state);
  return <StateWord tone={tone}>{text}</StateWord>;
}
