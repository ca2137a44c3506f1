import type { ChainView, GrantChain } from "@/lib/evidence/views/chain-types";
import { formatDuration, formatList, formatPlural, formatSeconds, formatUtc, toMilliseconds } from "@/lib/platform/format";

/** One line of the comparison. What differs from the column before stands in words. */
export type ScopeLine = { readonly what: string; readonly asked: ScopeCell; readonly granted: ScopeCell; readonly used: ScopeCell };
export type ScopeCell = { readonly text: string; readonly differs?: string | undefined };

const cell = (text: string, differs?: string | false | null): ScopeCell => (differs ? { text, differs } : { text });
const mostNamed = 6;

function some(names: readonly string[], word = "more"): string {
  return names.length <= mostNamed ? formatList(names) : `${names.slice(0, mostNamed).join(", ")} and ${names.length - mostNamed} ${word}`;
}

function span(from: string | null, to: string | null): number | null {
  return from === null || to === null ? null : toMilliseconds(to) - toMilliseconds(from);
}

const usesText = (most: number | null) => (most === null ? "no limit" : `at most ${formatPlural(most, "use")}`);
const idleText = (seconds: number | null) => (seconds === null ? "may be idle" : `ends when idle for ${formatSeconds(seconds)}`);
const isLess = (asked: number | null, granted: number | null) => granted !== null && (asked === null || granted < asked);

/** What the target's logs say was reached: objects with what was done to them. */
function reached(grant: GrantChain): ScopeCell {
  if (grant.activatedAt === null) return cell("never issued");
  const { scope, noUse, outside } = grant;
  const objects = new Map<string, Set<string>>();
  for (const { object, action, kind, count, refused } of scope?.rows ?? []) {
    if (object === null || kind === "connection" || count === refused) continue;
    objects.set(object, (objects.get(object) ?? new Set()).add(action));
  }
  const beyond = outside.length > 0 && `beyond what it gives: ${some(outside)}`;
  if (objects.size > 0) return cell(some([...objects].map(([object, actions]) => `${[...actions].join(", ")} on ${object}`)) + (scope?.hasMore ? " and more" : ""), beyond);
  if (scope && scope.total > 0) return cell("no log says which objects it touched", beyond);
  if (noUse?.say === "not-used") return cell(`nothing: not used, says “${noUse.source}”`, "less than was granted");
  if (noUse?.say === "open") return cell(`nothing so far; “${noUse.source}” has not reported all of its time`);
  return cell("not seen: nothing tells which objects are reached");
}

function given({ gives, entitlement, system, outside }: GrantChain): string {
  const what = `${entitlement} on ${system}`;
  if (gives === null) return `${what}; what that gives was never read from the target`;
  const objects = gives.filter(({ objectKind }) => objectKind !== "database" && objectKind !== "schema");
  if (objects.length === 0 && outside.length === 0) return what;
  return `${what}: ${some(objects.map(({ schema, object, actions }) => `${actions.join(", ")} on ${schema ? `${schema}.` : ""}${object}`)) || "no objects"}`;
}

function usedTime({ activatedAt, endingAt, firstUseAt, lastUseAt }: GrantChain): ScopeCell {
  if (activatedAt === null) return cell("never issued");
  const lived = span(activatedAt, endingAt);
  const used = span(firstUseAt, lastUseAt);
  const text = `${used === null ? "no use seen" : `${formatDuration(used)} from first to last use`} · ${lived === null ? "still live" : `lived ${formatDuration(lived)}`}`;
  const idle = used === null || lived === null ? null : lived - used;
  return cell(text, idle !== null && idle >= 60_000 && idle > (lived ?? 0) / 2 && `${formatDuration(idle)} of it unused`);
}

function usedCount({ activatedAt, useCount, statementCount, observedAt, scope, maxUses }: GrantChain): ScopeCell {
  if (activatedAt === null) return cell("never issued");
  const looked = observedAt === null && useCount === 0 ? "not looked at" : useCount === 0 ? "no connection seen" : `${formatPlural(useCount, "connection")} seen`;
  const counted = statementCount === null ? [] : [`${formatPlural(statementCount, "statement")} counted`];
  const logged = scope && scope.total > 0 ? [`${formatPlural(scope.total, "use")} in logs`] : [];
  return cell([looked, ...counted, ...logged].join(" · "), maxUses !== null && useCount > maxUses && "more than was granted");
}

function firstAndLast({ activatedAt, firstUseAt, lastUseAt }: GrantChain): ScopeCell {
  if (activatedAt === null) return cell("never issued");
  if (firstUseAt === null) return cell("no use seen");
  return cell(lastUseAt === null || lastUseAt === firstUseAt ? `once, ${formatUtc(firstUseAt)}` : `${formatUtc(firstUseAt)} to ${formatUtc(lastUseAt)}`);
}

/** What was asked for, what of it was granted, and what of that was used. */
export function scopeLines(chain: Pick<ChainView, "askedSeconds" | "entitlements" | "maxUses" | "idleSeconds">, grant: GrantChain): ScopeLine[] {
  const { askedSeconds, entitlements } = chain;
  const narrowed = askedSeconds !== null && grant.durationSeconds < askedSeconds;
  const others = entitlements.filter(({ name }) => name !== grant.entitlement).map(({ name }) => name);
  return [
    {
      what: "Access",
      asked: cell(entitlements.map(({ name, system }) => `${name} on ${system}`).join(", ") || "not known"),
      granted: cell(given(grant), others.length > 0 && `${some(others)} ${others.length === 1 ? "has a grant" : "have grants"} of their own, or none`),
      used: reached(grant),
    },
    {
      what: "Duration",
      asked: cell(askedSeconds === null ? "not said" : formatSeconds(askedSeconds)),
      granted: cell(formatSeconds(grant.durationSeconds), narrowed && `narrowed from ${formatSeconds(askedSeconds)}`),
      used: usedTime(grant),
    },
    {
      what: "Uses",
      asked: cell(usesText(chain.maxUses)),
      granted: cell(usesText(grant.maxUses), isLess(chain.maxUses, grant.maxUses) && `narrowed from ${usesText(chain.maxUses)}`),
      used: usedCount(grant),
    },
    {
      what: "Idle",
      asked: cell(idleText(chain.idleSeconds)),
      granted: cell(idleText(grant.idleSeconds), isLess(chain.idleSeconds, grant.idleSeconds) && "narrowed"),
      used: cell(grant.endReason === "idle" ? "ended because it was idle" : grant.endingAt === null ? "not ended yet" : "did not end for that"),
    },
    {
      what: "First and last use",
      asked: cell("from its activation"),
      granted: cell(grant.notAfter ? `until ${formatUtc(grant.notAfter)} at the latest` : "not issued"),
      used: firstAndLast(grant),
    },
    {
      what: "End",
      asked: cell("by itself, or earlier"),
      granted: cell(grant.notAfter ? formatUtc(grant.notAfter) : "not issued"),
      used: grant.endingAt ? cell(formatUtc(grant.endingAt), grant.notAfter !== null && toMilliseconds(grant.notAfter) - toMilliseconds(grant.endingAt) >= 60_000 && `${formatDuration(toMilliseconds(grant.notAfter) - toMilliseconds(grant.endingAt))} earlier than it could have`) : cell(grant.activatedAt ? "not ended yet" : "never issued"),
    },
  ];
}
