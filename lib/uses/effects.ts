import "server-only";
import * as z from "zod";
import type { Actor } from "@/lib/auth/actor";
import { breakSeal } from "@/lib/chains/mutations";
import type { Transaction } from "@/lib/db/transaction";
import { lockGrant, type LockedGrant } from "@/lib/grants/data";
import { subjectsOf } from "@/lib/grants/mutations";
import { appendEvent } from "@/lib/ledger/append";
import { recordUses, type SeenUse } from "@/lib/systems/use";
import type { Rematched } from "./matching";
import { clockToleranceMs, timingOf, type Match, type SessionFacts } from "./rules";
import { matchQualities, type LoggedUse, type MatchQuality } from "./types";

const worker: Actor = { kind: "system", process: "worker" };

type Added = { readonly use: LoggedUse; readonly match: Match | null; readonly isLate: boolean };
type Noting = {
  readonly source: { readonly id: string; readonly systemId: string; readonly format: string; readonly clockOffsetMs: number; readonly watermark: Date | null };
  /** Uses that are new. */
  readonly uses: readonly Added[];
  readonly sessions: readonly SessionFacts[];
  readonly now: Date;
};

/** What new uses mean for whoever they belong to: a session's first and last use, what came too late for a source's word, an identity at work. */
export async function noteEffects(tx: Transaction, noting: Noting): Promise<void> {
  const matched = new Map<string, (Added & { readonly match: Match })[]>();
  for (const { match, ...added } of noting.uses) {
    if (match === null) continue;
    const list = matched.get(match.grantId) ?? [];
    list.push({ ...added, match });
    matched.set(match.grantId, list);
  }
  // In one order, so that two writers never wait for each other.
  for (const grantId of [...matched.keys()].sort()) await noteSession(tx, noting, grantId, matched.get(grantId) ?? []);
  await noteIdentities(tx, noting);
}

async function noteSession(tx: Transaction, noting: Noting, grantId: string, added: readonly (Added & { readonly match: Match })[]): Promise<void> {
  const grant = await lockGrant(tx, grantId);
  const session = noting.sessions.find((each) => each.grantId === grantId);
  if (!grant || !session) return;
  const { source, now } = noting;
  // A guess moves nothing; nor does what was refused, or what stands outside of the session's time.
  const counted = added.filter(({ use, match }) => match.match !== "inferred" && use.outcome === "allowed" && timingOf(use.at, session, source.clockOffsetMs) === "within");
  const first = counted.reduce<(typeof counted)[number] | null>((earliest, each) => (earliest === null || each.use.at < earliest.use.at ? each : earliest), null);
  if (first) {
    const newest = counted.reduce((latest, { use }) => Math.max(latest, (use.endedAt ?? use.at).getTime()), 0);
    await noteUsed(tx, grant, { first: first.use.at, newest: new Date(newest), source: source.format, match: first.match.match, now });
  }
  await noteLate(tx, noting, grant, added.filter(({ isLate }) => isLate));
  await lookAgain(tx, grant, now);
}

type Used = { readonly first: Date; readonly newest: Date; readonly source: string; readonly match: MatchQuality; readonly now: Date };

async function noteUsed(tx: Transaction, grant: LockedGrant, { first, newest, source, match, now }: Used): Promise<void> {
  const firstUseAt = grant.firstUseAt === null || first < grant.firstUseAt ? first : grant.firstUseAt;
  const lastUseAt = new Date(Math.max(newest.getTime(), grant.lastUseAt?.getTime() ?? 0));
  await tx.grant.update({ where: { id: grant.id }, data: { firstUseAt, lastUseAt } });
  if (grant.firstUseAt !== null) return;
  await appendEvent(tx, { type: "grant.first-used", at: now, actor: worker, subjects: subjectsOf(grant), data: { source, match, startedAt: first.toISOString() }, demo: grant.demo });
}

/** A use may be a gap of a chain that was complete: what came long after its end is late by no source's word. */
async function lookAgain(tx: Transaction, grant: LockedGrant, now: Date): Promise<void> {
  await tx.chainCheck.updateMany({ where: { requestId: grant.requestId }, data: { lookAgainAt: now } });
  const notice = JSON.stringify({ type: "grant.observed", subjects: subjectsOf(grant) });
  await tx.$queryRaw`select pg_notify('curfew', ${notice}::text)::text as sent`;
}

const rematchedRow = z.object({ grantId: z.string(), source: z.string(), match: z.enum(matchQualities), first: z.date(), newest: z.date(), isCounted: z.boolean() });

/** Uses that waited have found their session: what that means for it, and for whoever had them as a gap. */
export async function noteRematched(tx: Transaction, found: readonly Rematched[], now: Date): Promise<void> {
  if (found.length === 0) return;
  const ids = found.map(({ useId }) => useId);
  const tolerance = clockToleranceMs / 1_000;
  const rows = await tx.$queryRaw<unknown[]>`
    with told as (
      select u.grant_id, u.source, u.match, u.started_at, u.last_seen_at, u.started_at - make_interval(secs => s.clock_offset_ms / 1000.0) as at, u.outcome, g.issue_started_at, g.activated_at,
        coalesce(g.accepted_at, g.proven_at, g.closed_at, 'infinity') as until
      from uses u join sources s on s.id = u.source_id join grants g on g.id = u.grant_id where u.id = any(${ids}::uuid[])),
    judged as (
      select *, match <> 'inferred' and outcome = 'allowed' and at >= coalesce(issue_started_at, activated_at) - make_interval(secs => ${tolerance}::float8)
        and at <= until + make_interval(secs => ${tolerance}::float8) as counted from told)
    select distinct on (grant_id) grant_id::text as "grantId", source, match, counted as "isCounted", started_at as first,
      coalesce(max(last_seen_at) filter (where counted) over (partition by grant_id), started_at) as newest
    from judged order by grant_id, counted desc, started_at`;
  for (const row of rows.map((each) => rematchedRow.parse(each))) {
    const grant = await lockGrant(tx, row.grantId);
    if (!grant) continue;
    if (row.isCounted) await noteUsed(tx, grant, { ...row, now });
    await lookAgain(tx, grant, now);
  }
  await tx.$executeRaw`
    with due as (
      select c.id from credentials c where exists (
        select from uses u where u.id = any(${ids}::uuid[]) and u.system_id = c.system_id and u.markers && array['login:' || c.handle, 'account:' || c.handle]) order by c.id for update)
    update credentials c set uses_to_judge = true from due where c.id = due.id`;
}

/** A source had said that everything of that time was reported, and that was wrong: whoever relied on it sees it here. */
async function noteLate(tx: Transaction, { source, now }: Noting, grant: LockedGrant, late: readonly Added[]): Promise<void> {
  if (late.length === 0 || source.watermark === null) return;
  const oldest = late.reduce((earliest, { use }) => (use.at < earliest ? use.at : earliest), now);
  const data = { sourceId: source.id, uses: late.length, oldestAt: oldest.toISOString(), watermark: source.watermark.toISOString() };
  await appendEvent(tx, { type: "use.arrived-late", at: now, actor: worker, subjects: subjectsOf(grant), data, demo: grant.demo });
  await breakSeal(tx, { requestId: grant.requestId, identityId: grant.identityId, sourceId: source.id, now });
}

/** Standing credentials at work are what an identity's last activity is known from. One of each day and address says it all. */
async function noteIdentities(tx: Transaction, { source, uses, now }: Noting): Promise<void> {
  const accountOf = ({ use }: Added) => use.markers.flatMap((marker) => /^(?:account|login):(.*)$/s.exec(marker)?.[1] ?? [])[0];
  const seen = uses.filter((each) => each.use.outcome === "allowed" && each.match?.match !== "exact");
  const accounts = [...new Set(seen.flatMap((each) => accountOf(each) ?? []))];
  if (accounts.length === 0) return;
  const unexplained = [...new Set(seen.flatMap((each) => (each.match === null ? (accountOf(each) ?? []) : [])))];
  // In one order, so that two writers never wait for each other.
  if (unexplained.length > 0) await tx.$executeRaw`
    with due as (select id from credentials where system_id = ${source.systemId}::uuid and handle = any(${unexplained}::text[]) order by id for update)
    update credentials c set uses_to_judge = true from due where c.id = due.id`;
  const credentials = await tx.credential.findMany({ where: { systemId: source.systemId, vanishedAt: null, handle: { in: accounts } }, select: { handle: true, identityId: true } });
  const identityOf = new Map(credentials.map(({ handle, identityId }) => [handle, identityId]));
  const days = new Map<string, SeenUse>();
  const latest = new Map<string, Date>();
  for (const each of seen) {
    const account = accountOf(each) ?? "";
    const identityId = identityOf.get(account);
    if (identityId === undefined) continue;
    const { at, clientAddress } = each.use;
    const key = [identityId, at.toISOString().slice(0, 10), clientAddress].join("\n");
    const known = days.get(key);
    if (known === undefined || known.at < at) days.set(key, { identityId, at, clientAddress, applicationName: null });
    if ((latest.get(account)?.getTime() ?? 0) < at.getTime()) latest.set(account, at);
  }
  if (days.size === 0) return;
  const rows = JSON.stringify([...latest].map(([handle, at]) => ({ handle, at })));
  await tx.$executeRaw`
    update credentials c set last_used_at = greatest(c.last_used_at, v.at) from jsonb_to_recordset(${rows}::jsonb) as v(handle text, at timestamptz)
    where c.system_id = ${source.systemId}::uuid and c.handle = v.handle and c.vanished_at is null`;
  await recordUses(tx, [...days.values()], now);
}
