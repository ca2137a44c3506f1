import type { Tone } from "@/components/ui/truth/tone";
import type { IdentityState } from "@/lib/identities/types";
import type { SignInFacts } from "@/lib/identities/views/detail-types";
import { formatPlural, formatRelative, formatUtcDay, type Instant, toMilliseconds } from "@/lib/platform/format";

type StateLook = { readonly tone: Tone; readonly word: string; readonly title: string; readonly isTrouble: boolean };

/** How the state of an identity is said; only trouble gets a badge. */
export const stateLooks = {
  unowned: { tone: "stuck", word: "unowned", title: "Nobody answers for it", isTrouble: true },
  active: { tone: "neutral", word: "active", title: "Owned and seen at work", isTrouble: false },
  dormant: { tone: "neutral", word: "dormant", title: "Owned, and not seen at work for a while", isTrouble: false },
  stale: { tone: "caution", word: "stale", title: "Not seen at work for so long that its owner is asked", isTrouble: true },
  orphaned: { tone: "stuck", word: "orphaned", title: "Everybody who answered for it has left", isTrouble: true },
  suspended: { tone: "caution", word: "suspended", title: "It gets no new access", isTrouble: true },
  offboarded: { tone: "neutral", word: "offboarded", title: "Taken out of use", isTrouble: false },
} satisfies Record<IdentityState, StateLook>;

/** The look of a state, with all its fields. */
export function stateLook(state: IdentityState): StateLook {
  return stateLooks[state];
}

/** Of a suspended identity: who took its sign-in away, if anybody did. A state alone switches nothing off. */
export function signInWords({ live, known, takenByCurfew, isFromFiles }: SignInFacts): string {
  const as = isFromFiles ? ", as far as files tell" : "";
  if (known === 0) return "Curfew knows no credential of it, and has taken none away.";
  if (takenByCurfew) return live === 0 ? "Curfew took its sign-in away; its suspension below says how far that is proven." : `Curfew took its sign-in away, and ${formatPlural(live, "credential")} can sign in all the same${as}.`;
  if (live > 0) return `Curfew has not taken its sign-in away: ${formatPlural(live, "credential")} can still sign in${as}.`;
  return `Curfew has not taken its sign-in away; none of its credentials could sign in when last seen${as}.`;
}

const dayMilliseconds = 86_400_000;

/** What can honestly be said where no use was seen: "none inside the 43 days we can see". */
export function unseenWords(visibleSince: Instant | null, now: Instant): string {
  if (visibleSince === null) return "cannot be seen here";
  const days = Math.floor((toMilliseconds(now) - toMilliseconds(visibleSince)) / dayMilliseconds);
  if (days < 1) return `none since ${formatRelative(visibleSince, now)}, when we began to see`;
  return `none inside the ${days === 1 ? "1 day" : `${days} days`} we can see`;
}

/** The same, short enough for a table. */
export function unseenShort(visibleSince: Instant | null, now: Instant): string {
  if (visibleSince === null) return "not observable";
  const days = Math.floor((toMilliseconds(now) - toMilliseconds(visibleSince)) / dayMilliseconds);
  return days < 1 ? "none today" : `none in ${days} d`;
}

/** Since when use could have been seen, for the title. */
export function visibleTitle(visibleSince: Instant | null): string {
  return visibleSince === null
    ? "This system does not show when credentials are used"
    : `Use can be seen since ${formatUtcDay(visibleSince)}; what was before is not known`;
}
