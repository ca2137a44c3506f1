import { StateBadge, StateWord } from "@/components/ui/truth/state-badge";
import type { ReviewRow } from "@/lib/reviews/views/types";
import { stateWords } from "./words";

const tones = { preparing: "neutral", running: "waiting", decided: "waiting", complete: "proven", cancelled: "neutral" } as const;

/** How a review stands; a badge only where it is late. */
export function ReviewStateMark({ state, isLate, kind }: Pick<ReviewRow, "state" | "isLate" | "kind">) {
  if (isLate) return <StateBadge tone="caution">overdue</StateBadge>;
  return <StateWord tone={tones[state]}>{kind === "micro" && state === "complete" ? "decided" : stateWords[state]}</StateWord>;
}
