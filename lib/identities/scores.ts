import type { Sensitivity } from "@/lib/entitlements/types";
import { formatPlural } from "@/lib/platform/format";
import { readSeason, type Season } from "./seasonality";
import type { IdentityState } from "./types";

const dayMilliseconds = 86_400_000;

/**
 * How much each fact weighs. A score is the plain sum of its parts, so that everybody can check it on paper; the reason for
 * each weight stands in docs/inventory.md.
 */
export const weights = {
  staleness: {
    silence: { most: 70, fromDays: 14, fullDays: 180 },
    unobservable: 25,
    unusedCredential: { each: 5, most: 10 },
    nobody: 10,
    vanished: 10,
  },
  exposure: {
    sideDoor: { critical: 14, high: 9, medium: 4, low: 1, most: 40 },
    excepted: { critical: 5, high: 3, medium: 1, low: 0, most: 12 },
    superuser: 20,
    canCreateRoles: 10,
    production: 8,
    noExpiry: 8,
    old: { overDays: 90, points: 4, veryOverDays: 365, veryPoints: 8 },
    duplicate: 4,
    unusedEntitlement: { each: 2, most: 8 },
    shared: 6,
    vendor: 4,
    nobody: 8,
    ownerLeft: 5,
  },
} as const;

/** Nothing seen for this long while it could have been seen counts as unused: the longest quarter. */
export const unusedAfterDays = 92;
/** A shorter window says nothing about an entitlement or a credential. */
export const shortestWindowDays = 30;

export type CredentialFacts = {
  readonly systemId: string;
  readonly createdAt: Date | null;
  readonly rotatedAt: Date | null;
  readonly firstSeenAt: Date;
  readonly expiresAt: Date | null;
  readonly lastUsedAt: Date | null;
  readonly visibleSince: Date | null;
  readonly isEnabled: boolean;
  readonly isSuperuser: boolean;
  readonly canCreateRoles: boolean;
};

export type HoldingFacts = {
  readonly kind: "standing" | "granted";
  readonly sensitivity: Sensitivity;
  readonly hasException: boolean;
  readonly isInProduction: boolean;
  readonly lastUsedAt: Date | null;
  readonly visibleSince: Date | null;
};

/** Everything that the scores of one identity are computed from; credentials and holdings that are gone are left out. */
export type ScoreFacts = {
  readonly state: IdentityState;
  readonly owner: "there" | "left" | "nobody";
  readonly hasVendor: boolean;
  readonly isShared: boolean;
  readonly lastActiveAt: Date | null;
  readonly visibleSince: Date | null;
  readonly isVanished: boolean;
  /** Days (UTC) on which it was seen at work. */
  readonly useDays: readonly Date[];
  readonly credentials: readonly CredentialFacts[];
  readonly holdings: readonly HoldingFacts[];
};

export type ScorePart = { readonly what: string; readonly points: number; readonly why: string };
export type Score = { readonly total: number; readonly parts: readonly ScorePart[] };

/** How long it has been silent, as far as anybody could see. */
export type Silence =
  | { readonly days: null }
  | { readonly days: number; readonly since: "last-use" | "window" | "season" };

export type Scores = { readonly staleness: Score; readonly exposure: Score; readonly silence: Silence; readonly season: Season | null };

function daysSince(at: Date, now: Date): number {
  return Math.max(0, Math.floor((now.getTime() - at.getTime()) / dayMilliseconds));
}

/** Days without use that somebody could have seen. A seasonal identity is silent only from the day on which it is missed. */
export function silenceOf(facts: Pick<ScoreFacts, "lastActiveAt" | "visibleSince">, season: Season | null, now: Date): Silence {
  if (facts.lastActiveAt !== null) {
    const days = daysSince(facts.lastActiveAt, now);
    if (season === null) return { days, since: "last-use" };
    // A due day before the last use would count more silence than there is.
    return { days: Math.min(days, daysSince(season.dueAt, now)), since: "season" };
  }
  return facts.visibleSince === null ? { days: null } : { days: daysSince(facts.visibleSince, now), since: "window" };
}

/** Both scores of an identity with their arithmetic: each the sum of its parts, 0 to 100. */
export function explainScores(facts: ScoreFacts, now: Date): Scores {
  const season = readSeason(facts.useDays);
  const silence = silenceOf(facts, season, now);
  return { staleness: sumOf(stalenessParts(facts, silence, season, now)), exposure: sumOf(exposureParts(facts, now)), silence, season };
}

/** Parts that weigh nothing are left out; what is over 100 is taken off again, on paper too. */
function sumOf(parts: readonly (ScorePart | null)[]): Score {
  const counted = parts.filter((part): part is ScorePart => part !== null);
  const sum = counted.reduce((total, { points }) => total + points, 0);
  if (sum <= 100) return { total: sum, parts: counted };
  return { total: 100, parts: [...counted, { what: "limit", points: 100 - sum, why: "a score ends at 100" }] };
}

const part = (what: string, points: number, why: string): ScorePart | null => (points > 0 ? { what, points, why } : null);

function stalenessParts(facts: ScoreFacts, silence: Silence, season: Season | null, now: Date): (ScorePart | null)[] {
  const weight = weights.staleness;
  const unused = facts.credentials.filter((credential) => isLive(credential, now) && isUnused(credential, now)).length;
  return [
    silencePart(silence, season),
    part("unused-credential", Math.min(unused * weight.unusedCredential.each, weight.unusedCredential.most), `${formatPlural(unused, "credential")} without use in ${unusedAfterDays} days`),
    facts.owner === "there" ? null : part("nobody", weight.nobody, facts.owner === "left" ? "its owner has left" : "nobody owns it"),
    facts.isVanished ? part("vanished", weight.vanished, "its source does not know it any more") : null,
  ];
}

function silencePart(silence: Silence, season: Season | null): ScorePart | null {
  const { silence: weight, unobservable } = weights.staleness;
  if (silence.days === null) return part("unobservable", unobservable, "nobody can see whether it is used");
  const reached = Math.min(silence.days, weight.fullDays) - weight.fromDays;
  const points = Math.max(0, Math.floor((reached * weight.most) / (weight.fullDays - weight.fromDays)));
  // A season that explains the silence is said although it weighs nothing.
  if (silence.since === "season" && points === 0) return { what: "season", points: 0, why: `silent as expected: ${season?.words ?? "used seldom"}` };
  const days = formatPlural(silence.days, "day");
  if (silence.since === "window") return part("silence", points, `no use inside the ${days} we can see`);
  return part("silence", points, silence.since === "season" ? `missed for ${days}` : `unused ${days}`);
}

/** It can be signed in with now. */
function isLive(credential: CredentialFacts, now: Date): boolean {
  return credential.isEnabled && (credential.expiresAt === null || credential.expiresAt > now);
}

/** A use could have been seen for long enough, and none was. */
export function isUnused({ lastUsedAt, visibleSince }: { lastUsedAt: Date | null; visibleSince: Date | null }, now: Date): boolean {
  if (lastUsedAt !== null) return daysSince(lastUsedAt, now) >= unusedAfterDays;
  return visibleSince !== null && daysSince(visibleSince, now) >= shortestWindowDays;
}

function exposureParts(facts: ScoreFacts, now: Date): (ScorePart | null)[] {
  const weight = weights.exposure;
  const standing = facts.holdings.filter(({ kind }) => kind === "standing");
  const live = facts.credentials.filter((credential) => isLive(credential, now));
  const unused = standing.filter((holding) => isUnused(holding, now)).length;
  const doors = standingPart("side-door", weight.sideDoor, standing.filter(({ hasException }) => !hasException));
  const parts = [
    doors,
    // Within the same limit: answering for one of many must never expose more.
    standingPart("excepted", { ...weight.excepted, most: Math.min(weight.excepted.most, weight.sideDoor.most - (doors?.points ?? 0)) }, standing.filter(({ hasException }) => hasException)),
    standing.some(({ isInProduction }) => isInProduction) ? part("production", weight.production, "standing access in production") : null,
    powerPart(live),
    live.some(({ expiresAt }) => expiresAt === null) ? part("no-expiry", weight.noExpiry, "no expiry") : null,
    agePart(live, now),
    hasDuplicate(live) ? part("duplicate", weight.duplicate, "several credentials work on one system") : null,
    part("unused-entitlement", Math.min(unused * weight.unusedEntitlement.each, weight.unusedEntitlement.most), `${formatPlural(unused, "entitlement")} held and not used`),
    facts.isShared ? part("shared", weight.shared, "several workloads or networks behind it") : null,
    facts.hasVendor ? part("vendor", weight.vendor, "a third party runs it") : null,
    facts.owner === "there" ? null : part("nobody", facts.owner === "left" ? weight.ownerLeft : weight.nobody, facts.owner === "left" ? "its owner has left" : "nobody owns it"),
  ];
  return [...parts, inertPart(facts, parts, live.length)];
}

type PerSensitivity = Readonly<Record<Sensitivity | "most", number>>;

function standingPart(what: "side-door" | "excepted", weight: PerSensitivity, holdings: readonly HoldingFacts[]): ScorePart | null {
  const points = Math.min(holdings.reduce((sum, { sensitivity }) => sum + weight[sensitivity], 0), weight.most);
  const levels = (["critical", "high", "medium", "low"] as const).flatMap((level) => {
    const count = holdings.filter(({ sensitivity }) => sensitivity === level).length;
    return count > 0 ? [`${count} ${level}`] : [];
  });
  return part(what, points, `standing ${what === "side-door" ? "without exception" : "with an exception"}: ${levels.join(", ")}`);
}

function powerPart(live: readonly CredentialFacts[]): ScorePart | null {
  if (live.some(({ isSuperuser }) => isSuperuser)) return part("superuser", weights.exposure.superuser, "superuser");
  return live.some(({ canCreateRoles }) => canCreateRoles) ? part("can-create-roles", weights.exposure.canCreateRoles, "can create roles") : null;
}

function agePart(live: readonly CredentialFacts[], now: Date): ScorePart | null {
  const weight = weights.exposure.old;
  // Where the target does not say when it was made, it is at least as old as our knowledge of it.
  const days = Math.max(0, ...live.map(({ rotatedAt, createdAt, firstSeenAt }) => daysSince(rotatedAt ?? createdAt ?? firstSeenAt, now)));
  if (days <= weight.overDays) return null;
  return part("old", days > weight.veryOverDays ? weight.veryPoints : weight.points, `a credential of ${formatPlural(days, "day")}`);
}

function hasDuplicate(live: readonly CredentialFacts[]): boolean {
  return new Set(live.map(({ systemId }) => systemId)).size < live.length;
}

/** What cannot sign in exposes less, and not nothing: somebody can switch it on again. */
function inertPart(facts: ScoreFacts, parts: readonly (ScorePart | null)[], live: number): ScorePart | null {
  const isOff = facts.state === "suspended" || facts.state === "offboarded";
  if (!isOff && (live > 0 || facts.credentials.length === 0)) return null;
  const half = Math.floor(parts.reduce((sum, counted) => sum + (counted?.points ?? 0), 0) / 2);
  if (half === 0) return null;
  return { what: "inert", points: -half, why: isOff ? `half, since it is ${facts.state}` : "half, since no credential of it works now" };
}
