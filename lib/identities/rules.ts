import type { IdentityState } from "./types";

/** Silent for this long, an identity is dormant: a job that runs once a month has shown itself within it. */
export const dormantAfterDays = 30;
/** Silent for this long, it is stale and its owner is asked: a job of every quarter has shown itself within it. */
export const staleAfterDays = 92;

/** States that only a person or a succession ends: nothing computed leaves them. */
const heldStates: readonly IdentityState[] = ["suspended", "offboarded", "orphaned"];

type Answered = { readonly ownerId: string | null; readonly sponsorId: string | null };

/** Both answer for it: what it takes to leave `unowned`. */
export function isAnsweredFor({ ownerId, sponsorId }: Answered): boolean {
  return ownerId !== null && sponsorId !== null;
}

/**
 * The state of an identity once somebody has said who answers for it. Owner and sponsor together end `unowned` and
 * `orphaned`; one of them alone does not. Taking one away leads back to `unowned`.
 */
export function stateOnceAnswered(before: { readonly state: IdentityState; readonly lastActiveAt: Date | null }, answered: Answered): IdentityState {
  const { state, lastActiveAt } = before;
  if (state === "suspended" || state === "offboarded") return state;
  if (!isAnsweredFor(answered)) return state === "orphaned" ? state : "unowned";
  if (state !== "unowned" && state !== "orphaned") return state;
  return lastActiveAt === null ? "dormant" : "active";
}

/**
 * The state that an identity's own facts give it. `silentDays` is null where nobody could have seen a use: then it is not
 * judged, and stays what it is.
 */
export function judgedState(facts: Answered & { readonly state: IdentityState; readonly silentDays: number | null; readonly wasSeen: boolean }): IdentityState {
  const { state, silentDays, wasSeen } = facts;
  if (heldStates.includes(state)) return state;
  if (!isAnsweredFor(facts)) return "unowned";
  if (silentDays === null) return state === "unowned" ? "dormant" : state;
  if (silentDays >= staleAfterDays) return "stale";
  return silentDays >= dormantAfterDays || !wasSeen ? "dormant" : "active";
}

export type FrozenWhy = "review-missed" | "identity-orphaned";

/** Why an identity gets nothing new, whatever policy says: nobody answered for it in time, or nobody answers for it at all. */
export function whyFrozen(identity: { readonly state: string; readonly frozenByReviewId: string | null }): FrozenWhy | null {
  if (identity.frozenByReviewId !== null) return "review-missed";
  return identity.state === "orphaned" ? "identity-orphaned" : null;
}

/** Why somebody's change to an identity is refused. */
export type EditRefusal = "unknown-identity" | "not-your-identity" | "offboarded" | "unknown-person" | "person-left" | "unknown-team" | "secret-in-text";

type Editable = Answered & { readonly state: IdentityState; readonly backupId: string | null };

/** Owner, sponsor and backup change what is said about their identity; administrators change any. Null: nothing stands against it. */
export function whyNotEdit(identity: Editable, actor: { readonly personId: string; readonly mayEditAny: boolean }): "not-your-identity" | "offboarded" | null {
  const isOwnSide = [identity.ownerId, identity.sponsorId, identity.backupId].includes(actor.personId);
  if (!isOwnSide && !actor.mayEditAny) return "not-your-identity";
  return identity.state === "offboarded" ? "offboarded" : null;
}

/** Tags as they are kept: trimmed, lower case, each once, in order. */
export function cleanTags(tags: readonly string[]): string[] {
  return [...new Set(tags.map((tag) => tag.trim().toLowerCase()).filter((tag) => tag !== ""))].sort();
}
