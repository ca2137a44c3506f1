import type { TruthRailLink } from "@/components/ui/truth/truth-rail";
import { formatDuration, formatRelative, formatSeconds, type Instant, toMilliseconds } from "@/lib/platform/format";
import type { EndReason } from "@/lib/grants/types";
import type { RequestState } from "@/lib/requests/types";
import type { GrantView } from "@/lib/requests/views/types";

/** What the first two links of a chain are drawn from. */
export type RailRequest = {
  readonly state: RequestState;
  readonly submittedAt: Instant;
  readonly decidedAt: Instant | null;
  readonly decideBefore: Instant;
  /** Whom it waits for, or by whom it was decided. */
  readonly by: string | null;
};

type Link = TruthRailLink;
type Reached = { readonly at: Instant; readonly after?: Instant | null | undefined; readonly note?: string | null; readonly source?: string | null };

const endWords = {
  completed: "its job was done",
  "task-failed": "its job failed",
  expired: "its time was over",
  idle: "it was idle",
  "use-limit": "its uses were up",
  "context-changed": "policy said no",
  abnormal: "something was not as it should be",
  "ticket-closed": "its ticket was closed",
  "ended-by-person": "ended by hand",
  "identity-suspended": "the identity was suspended",
  "owner-left": "its owner left",
  superseded: "its issue was lost",
} as const satisfies Record<EndReason, string>;

/**
 * The seven links of one grant's chain, or of a request that has none: what happened, what has not, what should have and
 * did not. Says "seen" of uses, since they are polled, and never more about an end than a probe has shown.
 */
export function railOf(request: RailRequest, grant: GrantView | null, now: Instant): TruthRailLink[] {
  const asked = reached("asked", "asked", { at: request.submittedAt });
  const decided = decidedLink(request, now);
  if (!grant) return [asked, decided, ...rest.map(({ key, label }) => never(key, label, request.state === "pending" || request.state === "approved"))];
  return [asked, decided, issuedLink(request, grant), firstUse(grant), lastUse(grant), endedLink(grant, now), provenLink(grant, now)];
}

const rest = [
  { key: "issued", label: "issued" },
  { key: "first-use", label: "first use" },
  { key: "last-use", label: "last use" },
  { key: "ended", label: "ended" },
  { key: "proven", label: "proven dead" },
];

function reached(key: string, label: string, { at, after, note = null, source = null }: Reached): Link {
  const duration = after === undefined || after === null ? null : Math.max(0, toMilliseconds(at) - toMilliseconds(after));
  return { key, label, at, duration, state: "reached", note, source };
}

function never(key: string, label: string, mayCome: boolean, note: string | null = null): Link {
  return { key, label, at: null, state: mayCome ? "pending" : "skipped", note };
}

function decidedLink({ state, submittedAt, decidedAt, decideBefore, by }: RailRequest, now: Instant): Link {
  if (state === "pending") {
    const isLate = toMilliseconds(decideBefore) <= toMilliseconds(now);
    const note = by ? `waits for ${by}` : null;
    return { key: "decided", label: "decided", at: null, state: isLate ? "late" : "pending", note, since: isLate ? decideBefore : null };
  }
  if (decidedAt === null) return never("decided", state, false);
  // A request that lapsed unused was decided; its own state says the rest.
  const label = state === "lapsed" || state === "withdrawn" ? state : "decided";
  return reached("decided", label, { at: decidedAt, after: submittedAt, note: state === "approved" || state === "denied" ? [state, by].filter(Boolean).join(" by ") : null });
}

function issuedLink({ decidedAt }: RailRequest, grant: GrantView): Link {
  if (grant.activatedAt) return reached("issued", "issued", { at: grant.activatedAt, after: decidedAt, note: `for ${formatSeconds(grant.durationSeconds)}` });
  switch (grant.state) {
    case "failed":
      return { key: "issued", label: "issued", at: null, state: "failed", note: "the target did not make it", since: grant.closedAt };
    case "lapsed":
      return never("issued", "issued", false, "nobody activated it in time");
    case "issuing":
      return never("issued", "issued", true, "the target is asked");
    default:
      return never("issued", "issued", grant.state === "ready", grant.endReason === "superseded" ? "its answer was lost" : null);
  }
}

const isOver = (grant: GrantView) => grant.endingAt !== null || grant.state === "failed" || grant.state === "lapsed";

function firstUse(grant: GrantView): Link {
  if (grant.firstUseAt) return reached("first-use", "first use", { at: grant.firstUseAt, after: grant.activatedAt });
  return never("first-use", "first use", !isOver(grant), grant.activatedAt ? (isOver(grant) ? "no use was seen" : "none seen yet") : null);
}

function lastUse(grant: GrantView): Link {
  const uses = grant.useCount === 1 ? "1 connection seen" : `${grant.useCount} connections seen`;
  if (grant.lastUseAt && grant.firstUseAt) return reached("last-use", "last use", { at: grant.lastUseAt, after: grant.firstUseAt, note: uses });
  return never("last-use", "last use", !isOver(grant));
}

function endedLink(grant: GrantView, now: Instant): Link {
  if (grant.endingAt) {
    const why = grant.endReason ? endWords[grant.endReason] : null;
    const note = [why, grant.endReason === "ended-by-person" && grant.endedBy ? `by ${grant.endedBy}` : null].filter(Boolean).join(" ");
    return reached("ended", "ended", { at: grant.endingAt, after: grant.activatedAt, note, source: acceptedWords(grant) });
  }
  const isLate = grant.state === "active" && grant.notAfter !== null && toMilliseconds(grant.notAfter) < toMilliseconds(now) - 5_000;
  if (isLate) return { key: "ended", label: "ended", at: null, state: "late", since: grant.notAfter, note: "its time is over and it has not ended" };
  return never("ended", "ended", !isOver(grant), grant.state === "active" ? "ends by itself" : null);
}

function acceptedWords({ acceptedAt, endingAt, sessionsCut }: GrantView): string | null {
  if (!acceptedAt || !endingAt) return "the target has not taken it yet";
  const cut = sessionsCut ? `, ${sessionsCut === 1 ? "1 connection" : `${sessionsCut} connections`} cut` : "";
  const took = toMilliseconds(acceptedAt) - toMilliseconds(endingAt);
  return `the target took it ${took < 1_000 ? "at once" : `after ${formatDuration(took)}`}${cut}`;
}

function provenLink(grant: GrantView, now: Instant): Link {
  const link = { key: "proven", label: "proven dead", at: null } as const;
  if (grant.provenAt) {
    return reached("proven", "proven dead", { at: grant.provenAt, after: grant.endingAt, note: grant.proofFacts.join(" · ") || null });
  }
  switch (grant.state) {
    case "stuck":
      return { ...link, state: "late", since: grant.stuckSince ?? grant.endingAt, note: nextTry(grant, now) };
    case "not-provable":
    case "expired-unproven":
      return { ...link, state: "failed", since: grant.acceptedAt ?? grant.endingAt, note: "the target offers no way to look" };
    case "forced":
      return { ...link, state: "failed", since: grant.closedAt, note: "closed by hand without a proof" };
    case "ending":
    case "accepted":
      return { ...link, state: "pending", note: grant.attempts > 0 ? nextTry(grant, now) : "being looked at" };
    default:
      return never(link.key, link.label, !isOver(grant));
  }
}

function nextTry({ lastFailure, nextAttemptAt, attempts }: GrantView, now: Instant): string {
  const why = lastFailure ? `${lastFailure.replaceAll("-", " ")} · ` : "";
  const isDue = nextAttemptAt === null || toMilliseconds(nextAttemptAt) <= toMilliseconds(now);
  return `${why}${attempts === 1 ? "1 try" : `${attempts} tries`} · next ${isDue ? "now" : formatRelative(nextAttemptAt ?? now, now)}`;
}
