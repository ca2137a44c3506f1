import { formatPlural, formatSeconds } from "@/lib/platform/format";
import type { RequestView } from "@/lib/requests/views/types";

/** What changed about a request since somebody looked at it, and when. */
export type Change = { readonly what: string; readonly at: string };

/** Says what changed between what was looked at and what is true now. */
export function sayChange(seen: RequestView, now: RequestView): Change {
  const votes = now.stages.flatMap((stage) => stage.votes);
  const known = new Set(seen.stages.flatMap((stage) => stage.votes.map(({ at }) => at)));
  const newest = votes.filter(({ at }) => !known.has(at)).sort((a, b) => a.at.localeCompare(b.at)).at(-1);
  const by = newest?.person.name ?? "a colleague";
  const at = newest?.at ?? now.decidedAt ?? now.submittedAt;
  if (now.state === "withdrawn") return { what: "It was withdrawn: nothing is left to decide", at: now.decidedAt ?? at };
  if (now.state === "lapsed") return { what: "It lapsed: nobody decided in time", at: now.decidedAt ?? at };
  if (now.state !== "pending") return { what: `It was ${now.state} by ${by}: nothing is left to decide`, at };
  if (now.grantedDurationSeconds !== seen.grantedDurationSeconds) {
    return { what: `Shortened from ${formatSeconds(seen.grantedDurationSeconds)} to ${formatSeconds(now.grantedDurationSeconds)} by ${by}`, at };
  }
  if (now.maxUses !== null && now.maxUses !== seen.maxUses) return { what: `Uses lowered from ${seen.maxUses ?? "no limit"} to ${now.maxUses} by ${by}`, at };
  if (now.idleSeconds !== null && now.idleSeconds !== seen.idleSeconds) {
    return { what: `Time without use lowered from ${seen.idleSeconds === null ? "no limit" : formatSeconds(seen.idleSeconds)} to ${formatSeconds(now.idleSeconds)} by ${by}`, at };
  }
  if (now.leftOut.length > seen.leftOut.length) return { what: `${formatPlural(now.leftOut.length - seen.leftOut.length, "access", "accesses")} left out by ${by}`, at };
  return { what: `Changed by ${by}`, at };
}
