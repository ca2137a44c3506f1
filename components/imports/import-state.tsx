import { StateBadge, StateWord } from "@/components/ui/truth/state-badge";
import type { ImportState as State } from "@/lib/imports/types";
import { stateWords } from "./words";

/** Where an import stands: a badge only for trouble and for what waits for a person. */
export function ImportState({ state }: { state: State }) {
  const { word, tone } = stateWords[state];
  return state === "failed" || state === "interrupted" || state === "ready" ? <StateBadge tone={tone}>{word}</StateBadge> : <StateWord tone={tone}>{word}</StateWord>;
}
