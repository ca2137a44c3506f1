import type { TruthRailLink } from "@/components/ui/truth/truth-rail";
import { chainLinks } from "@/lib/evidence/rules";
import { formatDuration, formatPlural, type Instant, toMilliseconds } from "@/lib/platform/format";
import type { SessionView } from "@/lib/grants/views/sessions-types";

/** How often the worker looks at a target with live sessions. */
const lookEverySeconds = 2;
/** Beyond this age a look is old news. */
const freshMs = 15_000;

/** "2 connections seen"; with a limit `14 / 50`. "Not used" only where a log says so. */
export function usesText({ useCount, maxUses, noUse, firstUseAt }: Pick<SessionView, "useCount" | "maxUses" | "noUse" | "firstUseAt">): string {
  if (maxUses !== null) return `${useCount} / ${maxUses}`;
  if (useCount === 0 && firstUseAt !== null) return "use logged, too short to be seen";
  if (useCount === 0 && noUse?.say === "not-used") return `not used, says ${noUse.source}`;
  return useCount === 0 ? "no connection seen" : `${formatPlural(useCount, "connection")} seen`;
}

/** What stands under it: "2 open · 31 statements counted". */
export function usesNote({ statementCount, liveConnections }: Pick<SessionView, "statementCount" | "liveConnections">): string | null {
  const open = liveConnections > 0 ? `${liveConnections} open` : null;
  const counted = statementCount === null ? null : `${formatPlural(statementCount, "statement")} counted`;
  return [open, counted].filter(Boolean).join(" · ") || null;
}

/** How uses are seen here, and how old the last look is when it is not fresh. */
export function sourceText({ observedAt, activatedAt, system }: Pick<SessionView, "observedAt" | "activatedAt" | "system">, now: Instant): { readonly text: string; readonly isOld: boolean } {
  if (!system.observable) return { text: "use cannot be seen here", isOld: false };
  const last = observedAt ?? activatedAt;
  const age = last === null ? 0 : toMilliseconds(now) - toMilliseconds(last);
  if (age > freshMs) return { text: `last look ${formatDuration(age)} ago${system.unreachableSince ? " · target unreachable" : ""}`, isOld: true };
  return { text: `polled every ${lookEverySeconds} s`, isOld: false };
}

/** What happens at zero, as the second half of a sentence. */
export const atZero = "its login stops working and its open connections are cut";

/** Open connections that the target's own expiry leaves alone, once the time is over and nothing has cut them. */
export function survivorText({ notAfter, acceptedAt, liveConnections, observedAt, system }: SessionView, now: Instant): string | null {
  if (notAfter === null || acceptedAt !== null || toMilliseconds(notAfter) > toMilliseconds(now)) return null;
  const open = liveConnections > 0 ? `${formatPlural(liveConnections, "connection")} that ${liveConnections === 1 ? "was" : "were"} open at the last look may still work` : "Connections that are open may still work";
  const looked = observedAt === null ? "" : ` (${formatDuration(toMilliseconds(now) - toMilliseconds(observedAt))} ago)`;
  return `${open}${looked}. ${system.backstop ?? `New sign-ins have stopped by ${system.name}'s own expiry.`}`;
}

/** The object of a session, for buttons and confirmations: "deploy-bot's session on write orders". */
export function sessionName({ identity, entitlement }: Pick<SessionView, "identity" | "entitlement">): string {
  return `${identity.name}'s session on ${entitlement}`;
}

/** What ending it now breaks, in one sentence. */
export function endingConsequence({ liveConnections, identity }: Pick<SessionView, "liveConnections" | "identity">): string {
  const open = liveConnections === 0 ? "Connections that it has open are cut" : `${formatPlural(liveConnections, "open connection")} ${liveConnections === 1 ? "is" : "are"} cut`;
  return `Its login stops working at once. ${open}, in the middle of a transaction if there is one, and what ${identity.name} does in ${liveConnections === 1 ? "it" : "them"} breaks off.`;
}

function endedNote({ endingAt, acceptedAt, sessionsCut }: SessionView): string {
  if (endingAt === null || acceptedAt === null) return "asked for; the target has not taken it yet";
  const cut = sessionsCut ? `, ${formatPlural(sessionsCut, "connection")} cut` : "";
  return `accepted by the target +${formatDuration(toMilliseconds(acceptedAt) - toMilliseconds(endingAt))}${cut}`;
}

/** The links of a session from its issue to its proven end, with words only where something is still open or was proven. */
export function sessionRail(session: SessionView, now: Instant): TruthRailLink[] {
  const { asker, createdAt, activateBefore } = session;
  const request = { state: "approved", submittedAt: createdAt, decideBefore: createdAt, decidedAt: createdAt, activateBefore, asker, isWorkload: false, votes: [], waitsFor: null, takenBy: null } as const;
  const links = chainLinks(request, session, new Date(toMilliseconds(now))).slice(2);
  return links.map((link) => {
    const duration = link.key === "issued" ? null : link.afterMs;
    if (link.key === "ended" && link.state === "reached") return { ...link, duration, note: endedNote(session), source: null };
    return link.state === "reached" && link.key !== "proven" ? { ...link, duration, note: null, source: null } : { ...link, duration, source: null };
  });
}
