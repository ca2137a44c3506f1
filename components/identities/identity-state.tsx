import { StateBadge } from "@/components/ui/truth/state-badge";
import type { IdentityState } from "@/lib/identities/types";
import { stateLook } from "./words";

/** The state of an identity: a badge for trouble, a plain word otherwise. */
export function IdentityStateMark({ state }: { state: IdentityState }) {
  const look = stateLook(state);
  if (!look.isTrouble) return <span title={look.title}>{look.word}</span>;
  return (
    <StateBadge tone={look.tone} title={look.title}>
      {look.word}
    </StateBadge>
  );
}
