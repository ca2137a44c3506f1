import type { PrivilegeView } from "@/lib/entitlements/schema";
import { formatList, formatSeconds } from "@/lib/platform/format";
import type { ChainFacts, Gap, GapKind, GrantFacts, UseFacts } from "./types";

/** Clocks of two machines that agree within this are taken to agree (milliseconds). */
export const clockToleranceMs = 5_000;
/** An end that the target took this much later than it was due is late (milliseconds). */
export const lateEndMs = 60_000;
/** An end that is not proven this long after it was asked for is a gap (milliseconds). */
export const unprovenAfterMs = 10 * 60_000;
/** Open for at least this long beyond its use, and ten times as long, is far longer (milliseconds). */
const spareMs = 3_600_000;
const farTimes = 10;

const gap = (kind: GapKind, grantId: string | null, title: string, detail: Gap["detail"] = {}): Gap => ({ kind, grantId, title, detail });
const seconds = (ms: number) => formatSeconds(Math.round(ms / 1_000));

/**
 * All gaps in one chain at `now`, in the order of `gapKinds`. Pure: the same facts always give the same gaps, so that a gap
 * that is not found any more (late data explained it) closes its finding.
 */
export function gapsOf(chain: ChainFacts, now: Date): Gap[] {
  return [
    ...chain.grants.flatMap((grant) => [...useGaps(chain, grant), ...lengthGaps(grant, now), ...endGaps(grant, now)]),
    ...approvalGaps(chain),
    ...policyGaps(chain),
  ];
}

const startOf = (grant: GrantFacts) => grant.issueStartedAt ?? grant.activatedAt;

/** When a grant's credential must not work any more: once the target took the end. */
const overAt = (grant: GrantFacts) => grant.acceptedAt ?? grant.provenAt ?? grant.closedAt;

function useGaps(chain: ChainFacts, grant: GrantFacts): Gap[] {
  const found: Gap[] = [];
  const of = (kind: GapKind, uses: readonly UseFacts[], say: (first: UseFacts) => string, detail: Gap["detail"] = {}) => {
    const first = uses[0];
    if (first) found.push(gap(kind, grant.id, say(first), { uses: uses.length, firstUse: first.id, ...detail }));
  };
  const start = startOf(grant);
  const over = overAt(grant);
  // What was refused reached nothing; it is how an end shows in a log.
  const uses = grant.uses.filter(({ outcome }) => outcome === "allowed");
  const outside = uses.filter((use) => use.outside.length > 0);
  const objects = [...new Set(outside.flatMap((use) => use.outside))].sort();
  of("use-outside-scope", outside, () => `“${chain.identity}” used ${formatList(objects.slice(0, 3))}, which “${grant.entitlement}” does not give`, { objects });
  of("use-before-start", uses.filter((use) => start !== null && use.startedAt.getTime() < start.getTime() - clockToleranceMs),
    () => `“${grant.entitlement}” was used before its session began`);
  of("use-after-end", uses.filter((use) => over !== null && use.startedAt.getTime() > over.getTime() + clockToleranceMs),
    (use) => `“${grant.entitlement}” was used ${seconds(use.startedAt.getTime() - (over?.getTime() ?? 0))} after its end was accepted`);
  // An exact match is the credential itself, whatever the target calls its holder.
  of("use-by-other", uses.filter((use) => use.match !== "exact" && use.principal !== null && grant.handleName !== null && use.principal !== grant.handleName),
    (use) => `“${use.principal ?? ""}” used what was issued to “${chain.identity}”`);
  const closed = chain.ticketClosedAt;
  of("ticket-closed-before-use", uses.filter((use) => closed !== null && use.startedAt.getTime() > closed.getTime() + lateEndMs),
    (use) => `“${grant.entitlement}” was used ${seconds(use.startedAt.getTime() - (closed?.getTime() ?? 0))} after its ticket was seen closed`);
  return found;
}

/** Schemas of a target that everybody may read. */
const everybodys = ["pg_catalog.", "information_schema."];

/**
 * What a use reached that the entitlement does not give, as the target names it. Nothing where it is not known what the
 * entitlement gives; names without a schema are compared by their last part.
 */
export function outsideOf(objects: readonly string[], privileges: readonly PrivilegeView[] | null): string[] {
  if (privileges === null) return [];
  const given = privileges.filter(({ objectKind }) => objectKind !== "database" && objectKind !== "schema");
  const full = new Set(given.map(({ schema, object }) => `${schema ?? ""}.${object}`.toLowerCase()));
  const short = new Set(given.map(({ object }) => object.toLowerCase()));
  return objects.filter((object) => {
    const name = object.toLowerCase();
    if (everybodys.some((schema) => name.startsWith(schema))) return false;
    return name.includes(".") ? !full.has(name) : !short.has(name);
  });
}

/** Whether every log of a grant's system has reported up to its end, and there is one. */
export function logsHavePassed(grant: GrantFacts): boolean {
  const over = overAt(grant);
  const logs = grant.sources.filter(({ kind }) => kind === "log");
  return over !== null && logs.length > 0 && logs.every((log) => log.watermark !== null && log.watermark.getTime() >= over.getTime() + log.lagSeconds * 1_000);
}

function lengthGaps(grant: GrantFacts, now: Date): Gap[] {
  const over = overAt(grant);
  if (!grant.activatedAt || over === null || over > now) return [];
  const openMs = over.getTime() - grant.activatedAt.getTime();
  // Looks count connections; logs tell of uses that no look fell on, and a guess is enough not to deny one.
  const isGuessed = grant.uses.some(({ outcome }) => outcome === "allowed");
  if (grant.useCount === 0 && grant.firstUseAt === null) {
    const logged = logsHavePassed(grant) && !isGuessed;
    // Nobody looked: silence says nothing at all.
    if (grant.sources.length === 0) return [];
    const title = logged ? `“${grant.entitlement}” was open for ${seconds(openMs)} and not used` : `“${grant.entitlement}” was open for ${seconds(openMs)} and not seen in use`;
    return [gap("grant-never-used", grant.id, title, { openSeconds: Math.round(openMs / 1_000), saidBy: logged ? "log" : "polled" })];
  }
  if (!grant.firstUseAt || !grant.lastUseAt) return [];
  const usedMs = Math.max(0, grant.lastUseAt.getTime() - grant.activatedAt.getTime());
  if (openMs - usedMs < spareMs || openMs < usedMs * farTimes) return [];
  const title = `“${grant.entitlement}” was open for ${seconds(openMs)}; its last use was ${seconds(usedMs)} after the start`;
  return [gap("grant-far-longer", grant.id, title, { openSeconds: Math.round(openMs / 1_000), usedSeconds: Math.round(usedMs / 1_000) })];
}

/** When a session had to end: by its time, or by what ended it earlier. */
function dueAt(grant: GrantFacts): Date | null {
  const { notAfter, endingAt } = grant;
  if (!notAfter || !endingAt) return notAfter ?? endingAt;
  return endingAt < notAfter ? endingAt : notAfter;
}

function endGaps(grant: GrantFacts, now: Date): Gap[] {
  if (!grant.activatedAt) return [];
  const found: Gap[] = [];
  const due = dueAt(grant);
  const taken = grant.acceptedAt ?? grant.provenAt;
  if (due && taken && taken.getTime() - due.getTime() > lateEndMs) {
    const lateMs = taken.getTime() - due.getTime();
    found.push(gap("ended-late", grant.id, `“${grant.entitlement}” ended ${seconds(lateMs)} late`, { lateSeconds: Math.round(lateMs / 1_000) }));
  }
  const never = grant.state === "forced" || grant.state === "expired-unproven" || grant.state === "not-provable" || grant.state === "stuck";
  const overdue = (grant.state === "ending" || grant.state === "accepted") && grant.endingAt !== null && now.getTime() - grant.endingAt.getTime() > unprovenAfterMs;
  if (never || overdue) found.push(gap("end-unproven", grant.id, `The end of “${grant.entitlement}” is not proven`, { state: grant.state }));
  if (grant.provenAt && grant.stillGiven && grant.stillGiven.length > 0) {
    const ways = [...grant.stillGiven];
    found.push(gap("still-reachable", grant.id, `“${grant.entitlement}” was still given by ${formatList(ways.slice(0, 3))} when its end was proven`, { ways }));
  }
  return found;
}

/** Stages that had fewer votes of different people than they need when the request was approved. */
function unmetStages({ stages, approvals, approved }: ChainFacts): number {
  return stages.filter(({ id, needed }) => new Set(approvals.filter((vote) => vote.stageId === id && approved !== null && vote.votedAt <= approved.at).map(({ personId }) => personId)).size < needed).length;
}

function approvalGaps(chain: ChainFacts): Gap[] {
  const found: Gap[] = [];
  for (const grant of chain.grants) {
    const issued = startOf(grant);
    if (!issued) continue;
    const { approved } = chain;
    if (approved === null || approved.at > issued) found.push(gap("issued-without-approval", grant.id, `“${grant.entitlement}” was issued without an approval before it`));
    else if (approved.by === "votes" && unmetStages(chain) > 0) found.push(gap("issued-without-approval", grant.id, `“${grant.entitlement}” was issued with fewer votes than its stages need`));
  }
  for (const vote of chain.approvals) {
    const why = chain.sides.filter(({ personId }) => personId === vote.personId);
    const first = why[0];
    if (first) found.push(gap("approver-on-side", null, `${vote.name} approved and stands on the asking side (${first.why})`, { personId: vote.personId, why: why.map((side) => side.why) }));
  }
  return found;
}

function policyGaps({ policyBy, sides, submittedAt, approvals }: ChainFacts): Gap[] {
  // Once for all is a rule for everybody; shortly before one's own request it is not.
  if (!policyBy || submittedAt.getTime() - policyBy.at.getTime() > 24 * 3_600_000) return [];
  const profits = sides.some(({ personId }) => personId === policyBy.personId);
  const decides = approvals.some(({ personId }) => personId === policyBy.personId);
  if (!profits && !decides) return [];
  const who = profits ? "who stands on the asking side" : "who approved it";
  return [gap("policy-by-beneficiary", null, `The policy that decided was put in force less than a day before by ${policyBy.name}, ${who}`, { personId: policyBy.personId })];
}
