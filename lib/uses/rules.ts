import type { LoggedUse, MatchQuality, SourceFormat, SourceKind } from "./types";

/** How long the lines of a format may take to come, in seconds, where nobody says otherwise. */
export const usualLagSeconds: Readonly<Record<SourceFormat, number>> = {
  "postgres-jsonlog": 10,
  "postgres-csvlog": 10,
  // Delivery takes minutes, and in no order.
  cloudtrail: 900,
  "kubernetes-audit": 60,
  "openbao-audit": 10,
  "github-audit": 300,
  sshd: 10,
};

/** Clocks are never quite the same: a use this much outside of a session's time, in milliseconds, is inside. */
export const clockToleranceMs = 2_000;

type Rule = { readonly rule: string; readonly match: MatchQuality; readonly by: "marker" | "handle" };

/**
 * What a marker in a log proves. By `marker`: the session is known to have been issued exactly this. By `handle`: the name that
 * Curfew gave the session stands there.
 */
const rules: Readonly<Record<string, Rule>> = {
  "aws-access-key": { rule: "aws-access-key", match: "exact", by: "marker" },
  "k8s-credential": { rule: "kubernetes-credential-id", match: "exact", by: "marker" },
  login: { rule: "issued-login", match: "exact", by: "handle" },
  "github-token": { rule: "github-token-hash", match: "exact", by: "marker" },
  "openbao-accessor": { rule: "openbao-accessor", match: "exact", by: "marker" },
  "openbao-lease": { rule: "openbao-lease", match: "exact", by: "marker" },
  "ssh-serial": { rule: "ssh-certificate-serial", match: "exact", by: "marker" },
  "ssh-certificate": { rule: "ssh-certificate-id", match: "exact", by: "handle" },
  "ssh-key": { rule: "ssh-key-fingerprint", match: "exact", by: "marker" },
  "aws-principal": { rule: "aws-principal-id", match: "strong", by: "marker" },
  "aws-session-name": { rule: "aws-role-session-name", match: "strong", by: "handle" },
  "aws-source-identity": { rule: "aws-source-identity", match: "strong", by: "handle" },
  "k8s-binding": { rule: "kubernetes-role-binding", match: "strong", by: "handle" },
  "openbao-session": { rule: "openbao-metadata", match: "strong", by: "handle" },
  "openbao-request": { rule: "openbao-metadata", match: "strong", by: "handle" },
  // Set by the client itself: a hint, not a proof.
  application: { rule: "application-name", match: "inferred", by: "handle" },
};

/** The rule of what names an identity but no session: a static key. Only its time says which session it could belong to. */
const accountRule = "account-and-time";

/** A session as matching sees it. */
export type SessionFacts = {
  readonly grantId: string;
  /** Names that Curfew gave it: the credential's handle, its id, its request's id. */
  readonly handles: readonly string[];
  /** What it is known to have been issued, as `kind:value`. */
  readonly markers: readonly string[];
  /** Names of the standing credentials of its identity on this system. */
  readonly accounts: readonly string[];
  readonly from: Date;
  /** Null while it lives. */
  readonly until: Date | null;
};

/** A use belongs to a session: how sure that is, and by which rule. */
export type Match = { readonly grantId: string; readonly match: MatchQuality; readonly rule: string };

/** Where a use stands against the time of its session. */
export type Timing = "before-start" | "within" | "after-end";

/** Where a moment of the source's clock stands against a session's time. */
export function timingOf(at: Date, session: Pick<SessionFacts, "from" | "until">, clockOffsetMs: number): Timing {
  const ours = at.getTime() - clockOffsetMs;
  if (ours < session.from.getTime() - clockToleranceMs) return "before-start";
  return session.until !== null && ours > session.until.getTime() + clockToleranceMs ? "after-end" : "within";
}

const parted = (marker: string): readonly [string, string] => {
  const colon = marker.indexOf(":");
  return [marker.slice(0, colon), marker.slice(colon + 1)];
};

function bearers(marker: string, sessions: readonly SessionFacts[]): { readonly rule: Rule; readonly found: readonly SessionFacts[] } | null {
  const [kind, value] = parted(marker);
  const rule = Object.hasOwn(rules, kind) ? rules[kind] : undefined;
  if (rule === undefined) return null;
  const found = sessions.filter(({ handles, markers }) => markers.includes(marker) || (rule.by === "handle" && handles.includes(value)));
  return { rule, found };
}

/** One name for several sessions proves none of them. Where only one of them lived at that time, that is still much. */
function asReused(found: readonly SessionFacts[], rule: Rule, use: Pick<LoggedUse, "at">, clockOffsetMs: number): Match | null {
  const living = found.filter((session) => timingOf(use.at, session, clockOffsetMs) === "within");
  const [only] = living;
  if (only === undefined || living.length > 1) return null;
  return { grantId: only.grantId, match: rule.match === "exact" ? "strong" : "inferred", rule: `${rule.rule}-reused` };
}

/**
 * Which session a use belongs to, and how sure that is. The surest rule that names exactly one session decides; what several
 * sessions have in common is never exact; what names an identity only is inferred from the time. Null: no session explains it.
 */
export function matchUse(use: Pick<LoggedUse, "at" | "markers">, sessions: readonly SessionFacts[], clockOffsetMs = 0): Match | null {
  const named = use.markers.flatMap((marker) => bearers(marker, sessions) ?? []);
  const order: readonly MatchQuality[] = ["exact", "strong", "inferred"];
  for (const quality of order) {
    for (const { rule, found } of named.filter((each) => each.rule.match === quality)) {
      const [only] = found;
      if (only !== undefined && found.length === 1) return { grantId: only.grantId, match: quality, rule: rule.rule };
      const reused = asReused(found, rule, use, clockOffsetMs);
      if (reused) return reused;
    }
  }
  return byAccount(use, sessions, clockOffsetMs);
}

function byAccount(use: Pick<LoggedUse, "at" | "markers">, sessions: readonly SessionFacts[], clockOffsetMs: number): Match | null {
  const accounts = use.markers.map(parted).flatMap(([kind, value]) => (kind === "account" || kind === "login" ? [value] : []));
  const living = sessions.filter((session) => session.accounts.some((account) => accounts.includes(account)) && timingOf(use.at, session, clockOffsetMs) === "within");
  const [only] = living;
  return only !== undefined && living.length === 1 ? { grantId: only.grantId, match: "inferred", rule: accountRule } : null;
}

/** What a line that issues a credential teaches: its session, where a name of Curfew's own says which. Never from a guess. */
export function learnedFrom(use: Pick<LoggedUse, "at" | "markers" | "issues">, sessions: readonly SessionFacts[]): { readonly grantId: string; readonly markers: readonly string[] } | null {
  if (use.issues.length === 0) return null;
  const found = use.markers.flatMap((marker) => {
    const named = bearers(marker, sessions);
    return named?.rule.by === "handle" && named.rule.match !== "inferred" && named.found.length === 1 ? named.found : [];
  });
  const grantIds = new Set(found.map(({ grantId }) => grantId));
  const [grantId] = grantIds;
  return grantId !== undefined && grantIds.size === 1 ? { grantId, markers: use.issues } : null;
}

/** What a source has said of how far it reports. */
export type Reported = { readonly coversFrom: Date | null; readonly watermark: Date | null };

type Heard = {
  /** The oldest and the newest time of what came. */
  readonly oldest: Date | null;
  readonly newest: Date | null;
  /** Up to then the sender says that it has reported everything; a log says so by its newest line. */
  readonly completeUntil?: Date | null;
  /** There may be something missing before this: what was covered so far no longer hangs together with it. */
  readonly gapBefore?: Date | null;
};

/**
 * How far a source has reported after something came. The watermark never goes back and never into the future. What is older than
 * all that was covered extends it only where the two touch: in between, something may be missing.
 */
export function advanced(before: Reported, heard: Heard, now: Date): Reported {
  const told = heard.completeUntil ?? heard.newest;
  const until = told === null || told > now ? (told === null ? null : now) : told;
  const watermark = later(before.watermark, until);
  if (heard.gapBefore) return { coversFrom: heard.gapBefore, watermark };
  if (before.coversFrom === null) return { coversFrom: heard.oldest ?? until, watermark };
  const touches = heard.oldest !== null && heard.newest !== null && heard.oldest < before.coversFrom && heard.newest >= before.coversFrom;
  return { coversFrom: touches ? heard.oldest : before.coversFrom, watermark };
}

function later(one: Date | null, other: Date | null): Date | null {
  if (one === null || other === null) return one ?? other;
  return one > other ? one : other;
}

/** Whether a use came after its source had said that everything of that time was reported. It is welcome, but what was said was wrong. */
export function isLate(at: Date, before: Reported, lagSeconds: number): boolean {
  if (before.watermark === null || before.coversFrom === null) return false;
  return at >= before.coversFrom && at.getTime() <= before.watermark.getTime() - lagSeconds * 1_000;
}

/** How far behind a source is, in seconds; null while it has said nothing. */
export function secondsBehind(watermark: Date | null, now: Date): number | null {
  return watermark === null ? null : Math.max(0, Math.round((now.getTime() - watermark.getTime()) / 1_000));
}

export type CoveringSource = Reported & { readonly kind: SourceKind; readonly name: string; readonly lagSeconds: number };

/**
 * What may be said of a session in which no use is known. `not-used` only where a log has reported all of its time; `open` while a
 * log has not come so far; otherwise `not-seen`: a look now and then misses what is between.
 */
export type NoUseSaid = { readonly say: "not-used"; readonly source: string } | { readonly say: "open"; readonly source: string } | { readonly say: "not-seen" };

type Lived = { readonly issueStartedAt: Date | null; readonly activatedAt: Date | null; readonly acceptedAt: Date | null; readonly provenAt: Date | null; readonly closedAt: Date | null };

/** The same for a grant; undefined where it was never issued. */
export function noUseOf(sources: readonly CoveringSource[], { issueStartedAt, activatedAt, acceptedAt, provenAt, closedAt }: Lived): NoUseSaid | undefined {
  return activatedAt === null ? undefined : noUseSaid(sources, { from: issueStartedAt ?? activatedAt, until: acceptedAt ?? provenAt ?? closedAt });
}

/** The one place that decides whether "not used" may be said. */
export function noUseSaid(sources: readonly CoveringSource[], session: { readonly from: Date; readonly until: Date | null }): NoUseSaid {
  const logs = sources.filter(({ kind, coversFrom }) => kind === "log" && coversFrom !== null && coversFrom <= session.from);
  const { until } = session;
  const done = until === null ? undefined : logs.find(({ watermark, lagSeconds }) => watermark !== null && watermark.getTime() >= until.getTime() + lagSeconds * 1_000);
  if (done) return { say: "not-used", source: done.name };
  const [open] = logs;
  return open ? { say: "open", source: open.name } : { say: "not-seen" };
}
