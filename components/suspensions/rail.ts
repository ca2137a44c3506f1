import type { TruthRailLink } from "@/components/ui/truth/truth-rail";
import { formatRelative, type Instant, toMilliseconds } from "@/lib/platform/format";
import type { SuspensionView } from "@/lib/suspensions/types";
import { connectionWords } from "./words";

const undoWords = { person: "by", time: "its time was over", "refused-login": "a sign-in was refused" } as const;

/** The three truths of a suspension, and those of its undo once that is ordered or will come by itself. */
export function railOf(suspension: SuspensionView, now: Instant): TruthRailLink[] {
  const forward = forwardLinks(suspension, now);
  if (suspension.kind === "offboarding" && suspension.undoOrderedAt === null) return forward;
  if (suspension.undoOrderedAt === null && (suspension.closedAt !== null || suspension.undoAt === null)) return forward;
  return [...forward, ...undoLinks(suspension, now)];
}

type Reached = { readonly key: string; readonly label: string; readonly at: Instant | null; readonly after?: Instant | null; readonly note?: string | null };

function link({ key, label, at, after = null, note = null }: Reached, open: { readonly state: TruthRailLink["state"]; readonly since?: Instant | null; readonly note?: string | null }): TruthRailLink {
  if (at === null) return { key, label, at, state: open.state, note: open.note ?? null, since: open.since ?? null };
  const duration = after === null ? null : Math.max(0, toMilliseconds(at) - toMilliseconds(after));
  return { key, label, at, duration, state: "reached", note };
}

function forwardLinks(suspension: SuspensionView, now: Instant): TruthRailLink[] {
  const { kind, orderedAt, orderedBy, acceptedAt, provenAt, undoOrderedAt } = suspension;
  const isRemoval = kind === "offboarding";
  const over = undoOrderedAt !== null ? ({ state: "skipped", note: "undone before" } as const) : openLink(suspension, now);
  const backAt = suspension.credentials.flatMap((each) => each.backAt ?? []).sort()[0];
  return [
    link({ key: "ordered", label: "ordered", at: orderedAt, note: orderedBy ? `by ${orderedBy}` : "by rule" }, over),
    link({ key: "accepted", label: isRemoval ? "removed" : "sign-in taken", at: acceptedAt, after: orderedAt, note: acceptedAt ? connectionWords(suspension) : null }, over),
    link({ key: "proven", label: "seen gone", at: provenAt, after: acceptedAt, note: factsIn(suspension, "proofFacts") }, acceptedAt === null && over.state === "late" ? { state: "pending" } : over),
    ...(backAt ? [link({ key: "back", label: "can sign in again", at: null }, { state: "failed", since: backAt, note: "not by Curfew" })] : []),
  ];
}

function undoLinks(suspension: SuspensionView, now: Instant): TruthRailLink[] {
  const { undoAt, undoOrderedAt, undoOrderedBy, undoWhy, undoAcceptedAt, undoneAt } = suspension;
  const why = undoWhy === null ? null : undoWhy === "person" ? `by ${undoOrderedBy ?? "a person"}` : undoWords[undoWhy];
  const isLate = undoOrderedAt === null && undoAt !== null && toMilliseconds(undoAt) < toMilliseconds(now) - 10_000;
  const waits = undoAt === null ? null : `by itself ${formatRelative(undoAt, now)}`;
  const open = undoOrderedAt === null ? ({ state: "pending" } as const) : openLink(suspension, now);
  return [
    link({ key: "undo", label: "undo", at: undoOrderedAt, note: why }, isLate ? { state: "late", since: undoAt, note: "its time is over" } : { state: "pending", note: waits }),
    link({ key: "undo-accepted", label: "sign-in given back", at: undoAcceptedAt, after: undoOrderedAt }, open),
    link({ key: "undone", label: "seen back", at: undoneAt, after: undoAcceptedAt, note: factsIn(suspension, "undoFacts") }, undoAcceptedAt === null && open.state === "late" ? { state: "pending" } : open),
  ];
}

/** What has not come yet: pending, late once it is stuck, failed where it never began. */
function openLink(suspension: SuspensionView, now: Instant): { state: TruthRailLink["state"]; since?: Instant | null; note?: string | null } {
  const { state, stuckSince, closedAt, attempts } = suspension;
  if (state === "failed") return { state: "failed", since: closedAt, note: "nothing was changed" };
  if (state === "stuck") return { state: "late", since: stuckSince, note: nextTry(suspension, now) };
  return { state: "pending", note: attempts > 0 ? nextTry(suspension, now) : null };
}

function nextTry({ lastFailure, attempts, nextAttemptAt }: SuspensionView, now: Instant): string {
  const isDue = nextAttemptAt === null || toMilliseconds(nextAttemptAt) <= toMilliseconds(now);
  const why = lastFailure ? `${lastFailure.replaceAll("-", " ")} · ` : "";
  return `${why}${attempts === 1 ? "1 try" : `${attempts} tries`} · next ${isDue ? "now" : formatRelative(nextAttemptAt ?? now, now)}`;
}

function factsIn({ credentials }: SuspensionView, key: "proofFacts" | "undoFacts"): string | null {
  return [...new Set(credentials.flatMap((each) => each[key]))].join(" · ") || null;
}
