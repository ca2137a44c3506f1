import type { SuspendFacts, SuspensionKind, SuspensionObstacle, SuspensionState } from "./types";

/** Longest time for which a rehearsal may be left to its timer (milliseconds): longer is a suspension that somebody answers for. */
const longestRehearsalMs = 31 * 86_400_000;
/** Failed attempts after which a suspension or its undo is `stuck` and its people are told. */
export const attemptsUntilStuck = 5;

/** What is to be ordered; `byItself` where no person decided it. */
type SuspendAsk = { readonly kind: SuspensionKind; readonly byItself: boolean; readonly undoAt: Date | null; readonly now: Date };

type Why = SuspensionObstacle;

/** Why an identity cannot be suspended so; null when nothing stands against it. */
export function whyNotSuspend(identity: SuspendFacts | null, ask: SuspendAsk): Why | null {
  if (!identity) return { code: "identity-unknown" };
  if (identity.state === "offboarded") return { code: "already-offboarded" };
  if (identity.hasOpen) return { code: "already-open" };
  if (identity.state === "suspended" && ask.kind !== "offboarding") return { code: "already-suspended" };
  if (identity.vanished) return { code: "identity-vanished" };
  // A rule may be mistaken about who is still needed; in production only a person takes that on.
  if (ask.byItself && identity.environment === "production") return { code: "production-by-itself" };
  return whyNotThen(ask) ?? whyNotOnTargets(identity);
}

function whyNotThen({ kind, undoAt, now }: SuspendAsk): Why | null {
  if (kind === "rehearsal" && undoAt === null) return { code: "undo-time-needed" };
  if (undoAt === null) return null;
  if (undoAt <= now) return { code: "undo-time-not-ahead" };
  return undoAt.getTime() - now.getTime() > longestRehearsalMs ? { code: "undo-time-too-far" } : null;
}

/** All of its credentials or none: half a suspension would be shown as a whole one. */
function whyNotOnTargets({ credentials }: SuspendFacts): Why | null {
  if (credentials.length === 0) return { code: "no-credential" };
  const outOfReach = credentials.find(({ fromFiles }) => fromFiles);
  if (outOfReach) return { code: "known-from-files", detail: { system: outOfReach.system, handle: outOfReach.handle } };
  const unable = credentials.find(({ connectorCan }) => !connectorCan);
  if (unable) return { code: "system-cannot", detail: { system: unable.system } };
  const denied = credentials.find(({ needs }) => needs !== null);
  return denied?.needs ? { code: "target-denies", detail: { handle: denied.handle, needs: denied.needs } } : null;
}

/** Who may order and undo it: the identity's own side and administrators. */
export function maySuspend(identity: { readonly ownerSide: readonly (string | null)[] }, person: { readonly personId: string; readonly isAdministrator: boolean }): boolean {
  return person.isAdministrator || identity.ownerSide.includes(person.personId);
}

const undoable: readonly SuspensionState[] = ["ordered", "accepted", "proven", "stuck"];

/** Whether an undo can still begin, given how far the suspension is. */
export function canUndo(suspension: { readonly kind: SuspensionKind; readonly state: SuspensionState; readonly acceptedAt: unknown; readonly undoOrderedAt: unknown }): boolean {
  if (suspension.undoOrderedAt !== null || !undoable.includes(suspension.state)) return false;
  // What was removed is gone for good.
  return suspension.kind !== "offboarding" || suspension.acceptedAt === null;
}

/** Milliseconds until the next attempt, after `attempts` failures: 1, 2, 4 … 30 s. It never gives up. */
export function retryDelayMs(attempts: number): number {
  return Math.min(30_000, 1000 * 2 ** Math.max(0, Math.min(attempts - 1, 10)));
}
