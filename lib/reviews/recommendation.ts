import { formatList, formatPlural, formatUtcDay } from "@/lib/platform/format";
import type { BatchObstacle, Change, Decision, EntitlementFact, Recommendation, ReviewFacts } from "./types";

const dayMs = 86_400_000;

/** Nothing seen for this long inside the window that could be seen: worth a rehearsal. */
export const silentDays = 90;
/** An entitlement unused for this long inside its window: worth narrowing. */
export const unusedDays = 30;
/** Change of a score that counts as a change. */
const scoreStep = 10;
const riskOf = { low: 1, medium: 2, high: 3, critical: 4 } as const;

/** Highest sensitivity that it holds, as a number: 0 none, 1 low … 4 critical. What can do anything counts as critical. */
export function riskOfFacts(facts: ReviewFacts): number {
  if (facts.credentials.some(({ isPrivileged }) => isPrivileged)) return riskOf.critical;
  return Math.max(0, ...facts.entitlements.map(({ sensitivity }) => riskOf[sensitivity]));
}

/** Whole days between two moments, as ISO text; null where the first is unknown. */
function daysSince(at: string | null, now: Date): number | null {
  return at === null ? null : Math.floor((now.getTime() - new Date(at).getTime()) / dayMs);
}

/** Days without use that could have been seen; null where too little can be seen to say. */
function unseenDays({ lastUsedAt, visibleSince }: { readonly lastUsedAt: string | null; readonly visibleSince: string | null }, now: Date): number | null {
  return daysSince(lastUsedAt ?? visibleSince, now);
}

function isUnused(entitlement: EntitlementFact, now: Date): boolean {
  if (entitlement.kind !== "standing" || entitlement.exceptedUntil !== null || entitlement.visibleSince === null) return false;
  return (unseenDays(entitlement, now) ?? 0) >= unusedDays;
}

/** Credentials in use that are older than the policy allows, the oldest first. */
export function oldCredentials(facts: ReviewFacts, { now, credentialDays }: Judging) {
  return facts.credentials
    .flatMap((credential) => {
      const days = daysSince(credential.rotatedAt ?? credential.createdAt ?? credential.firstSeenAt, now);
      return credential.isEnabled && days !== null && days > credentialDays ? [{ credential, days }] : [];
    })
    .sort((one, other) => other.days - one.days);
}

type Judging = { readonly now: Date; readonly credentialDays: number };

const recommend = (decision: Decision, reasons: readonly string[], assignmentIds: readonly string[] = []): Recommendation => ({ decision, reasons, assignmentIds });

/**
 * What Curfew would do with an identity, and why: the first that applies of remove, switch off for a while, rotate, narrow,
 * keep. What cannot be seen is never taken for unused.
 */
export function recommendationFor(facts: ReviewFacts, judging: Judging): Recommendation {
  return removal(facts, judging) ?? rehearsal(facts, judging) ?? rotation(facts, judging) ?? narrowing(facts, judging) ?? keeping(facts, judging);
}

function removal(facts: ReviewFacts, { now }: Judging): Recommendation | null {
  const { rehearsal: last, identity } = facts;
  const usedSince = last !== null && identity.lastActiveAt !== null && identity.lastActiveAt > last.endedAt;
  if (last?.why === "time" && !usedSince) {
    return recommend("offboard", [`A rehearsal ended ${formatUtcDay(last.endedAt)} without a refused login: nothing missed it.`]);
  }
  if (identity.state !== "suspended") return null;
  const days = daysSince(identity.lastActiveAt, now);
  return recommend("offboard", [days === null ? "It is suspended, and no use of it was ever seen." : `It is suspended, and was last used ${formatPlural(days, "day")} ago.`]);
}

function rehearsal(facts: ReviewFacts, { now }: Judging): Recommendation | null {
  const { lastActiveAt, visibleSince } = facts.identity;
  const days = unseenDays({ lastUsedAt: lastActiveAt, visibleSince }, now);
  if (days === null || days < silentDays || facts.rehearsal?.why === "refused-login") return null;
  const said = lastActiveAt === null ? `No use inside the ${formatPlural(days, "day")} we can see.` : `Last used ${formatPlural(days, "day")} ago.`;
  if (facts.season !== null) return recommend("keep", [said, `But it has a rhythm: ${facts.season}. Silence in between is expected.`]);
  if (!facts.credentials.every(({ isConnected }) => isConnected)) return withoutConnection(facts, said);
  return recommend("rehearse", [said, "A rehearsal shows what misses it, and undoes itself."]);
}

/** Curfew cannot switch off what it only knows from files: what is left is to take away what it holds. */
function withoutConnection(facts: ReviewFacts, said: string): Recommendation | null {
  const standing = facts.entitlements.filter(({ kind, exceptedUntil }) => kind === "standing" && exceptedUntil === null);
  if (standing.length === 0) return null;
  return recommend("narrow", [said, "Its system is known from files only, so nothing can be rehearsed there."], standing.map(({ assignmentId }) => assignmentId));
}

function rotation(facts: ReviewFacts, judging: Judging): Recommendation | null {
  const [oldest, ...others] = oldCredentials(facts, judging);
  if (!oldest) return null;
  const more = others.length > 0 ? ` and ${others.length} more` : "";
  return recommend("rotate", [`${oldest.credential.handle}${more}: ${formatPlural(oldest.days, "day")} without rotation, the limit is ${judging.credentialDays}.`]);
}

function narrowing(facts: ReviewFacts, { now }: Judging): Recommendation | null {
  const unused = facts.entitlements.filter((entitlement) => isUnused(entitlement, now));
  if (unused.length === 0) return null;
  const names = formatList(unused.slice(0, 3).map(({ name }) => name)) + (unused.length > 3 ? ` and ${unused.length - 3} more` : "");
  const days = Math.min(...unused.map((entitlement) => unseenDays(entitlement, now) ?? 0));
  return recommend("narrow", [`${names}: standing, and no use inside the ${formatPlural(days, "day")} we can see.`], unused.map(({ assignmentId }) => assignmentId));
}

function keeping(facts: ReviewFacts, { now }: Judging): Recommendation {
  const days = daysSince(facts.identity.lastActiveAt, now);
  const blind = facts.identity.visibleSince === null;
  const use = days === null ? (blind ? "Nobody can see whether it is used." : "No use was seen yet, but too little time can be seen to judge.") : days < 1 ? "Used within a day." : `Used ${formatPlural(days, "day")} ago.`;
  return recommend("keep", [use, blind && days === null ? "Ask whoever runs it before you decide otherwise." : "Nothing that it holds stands out."]);
}

/** What is different from when it was last decided about, in the order in which it matters. */
export function changesBetween(before: ReviewFacts, after: ReviewFacts): Change[] {
  return [...holdingChanges(before, after), ...credentialChanges(before, after), ...personChanges(before, after), ...stateChanges(before, after)];
}

function holdingChanges(before: ReviewFacts, after: ReviewFacts): Change[] {
  const standing = (facts: ReviewFacts) => new Map(facts.entitlements.filter(({ kind }) => kind === "standing").map((one) => [one.entitlementId, one]));
  const [was, is] = [standing(before), standing(after)];
  const gained = [...is.values()].filter(({ entitlementId }) => !was.has(entitlementId));
  const lost = [...was.values()].filter(({ entitlementId }) => !is.has(entitlementId));
  const raised = [...is.values()].filter((one) => riskOf[one.sensitivity] > riskOf[was.get(one.entitlementId)?.sensitivity ?? "critical"]);
  return [
    ...gained.map(({ name, sensitivity }) => ({ code: "gained", text: `Holds ${name} now (${sensitivity}).` })),
    ...raised.map(({ name, sensitivity }) => ({ code: "raised", text: `${name} counts as ${sensitivity} now.` })),
    ...lost.map(({ name }) => ({ code: "lost", text: `Does not hold ${name} any more.` })),
  ];
}

function credentialChanges(before: ReviewFacts, after: ReviewFacts): Change[] {
  const was = new Map(before.credentials.map((one) => [one.id, one]));
  const is = new Map(after.credentials.map((one) => [one.id, one]));
  return [
    ...after.credentials.filter(({ id }) => !was.has(id)).map(({ handle }) => ({ code: "credential-new", text: `New credential ${handle}.` })),
    ...before.credentials.filter(({ id }) => !is.has(id)).map(({ handle }) => ({ code: "credential-gone", text: `The credential ${handle} is gone.` })),
    ...after.credentials
      .filter(({ id, isPrivileged }) => isPrivileged && was.get(id)?.isPrivileged === false)
      .map(({ handle }) => ({ code: "privileged", text: `${handle} can do anything on its system now.` })),
  ];
}

function personChanges(before: ReviewFacts, after: ReviewFacts): Change[] {
  return (["owner", "sponsor", "backup"] as const).flatMap((role) => {
    const [was, is] = [before[role], after[role]];
    if (was?.id === is?.id) return [];
    return [{ code: role, text: `The ${role} is ${is?.name ?? "nobody"} instead of ${was?.name ?? "nobody"}.` }];
  });
}

function stateChanges(before: ReviewFacts, after: ReviewFacts): Change[] {
  const changes: Change[] = [];
  const [was, is] = [before.identity, after.identity];
  // Being used or not moves an identity between these by itself; that is not a change of what it is.
  const quiet = ["active", "dormant"];
  if (was.state !== is.state && !(quiet.includes(was.state) && quiet.includes(is.state))) changes.push({ code: "state", text: `It is ${is.state} instead of ${was.state}.` });
  if (was.environment !== is.environment) changes.push({ code: "environment", text: `It is in ${is.environment} instead of ${was.environment}.` });
  if (!was.isShared && is.isShared) changes.push({ code: "shared", text: "Several workloads or networks were seen behind it." });
  if (is.wokeAt !== null && is.wokeAt !== was.wokeAt) changes.push({ code: "woke", text: `Used again after ${formatPlural(is.silenceDays ?? 0, "day")} of silence.` });
  for (const score of ["staleness", "exposure"] as const) {
    const [from, to] = [before[score]?.value, after[score]?.value];
    if (from !== undefined && to !== undefined && to - from >= scoreStep) changes.push({ code: score, text: `Its ${score} went from ${from} to ${to}.` });
  }
  return changes;
}

/** Why an item cannot be decided together with others; null when it can: low, unchanged since a "keep", nothing to do. */
export function whyNotInBatch(
  facts: ReviewFacts,
  { changes, recommendation }: { readonly changes: readonly Change[] | null; readonly recommendation: Recommendation },
): BatchObstacle | null {
  if (facts.credentials.some(({ isPrivileged }) => isPrivileged)) return "privileged";
  if (riskOfFacts(facts) >= riskOf.high) return "privileged";
  if (riskOfFacts(facts) > riskOf.low) return "not-low";
  if (changes === null) return "never-reviewed";
  if (changes.length > 0) return "changed";
  if (!["active", "dormant"].includes(facts.identity.state)) return "in-trouble";
  return recommendation.decision === "keep" ? null : "recommends-else";
}

/** Words that an administrator of the target can run or follow to take away what was narrowed. */
export function narrowStatement(entitlement: Pick<EntitlementFact, "name" | "connector" | "path" | "system">, identityName: string): string {
  const [login, group] = entitlement.path;
  if (!entitlement.connector.startsWith("postgres@") || login === undefined || group === undefined) {
    return `Take ${entitlement.name} on ${entitlement.system} away from ${identityName}.`;
  }
  const rest = entitlement.path.slice(2);
  const through = rest.length > 0 ? ` -- gives ${rest.map(oneLine).join(" → ")}, with whatever else ${oneLine(group)} gives` : "";
  return `REVOKE ${quoted(group)} FROM ${quoted(login)};${through}`;
}

/** A name from the target in a comment or sentence: it may hold anything. */
const oneLine = (name: string) => name.replace(/\s+/g, " ");
/** An identifier as PostgreSQL reads it (4.1.1): a quote inside is doubled. */
const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;
