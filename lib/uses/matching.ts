import "server-only";
import * as z from "zod";
import { Prisma } from "@/lib/db/generated/client";
import type { Transaction } from "@/lib/db/transaction";
import { type Asked, pairAudits } from "./formats/audit-pairs";
import { matchUse, type SessionFacts } from "./rules";
import type { LoggedUse } from "./types";

const mostSessions = 2_000;
const mostRematched = 5_000;
const isUuid = (text: string) => /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(text);
const valueOf = (marker: string) => marker.slice(marker.indexOf(":") + 1);

const sessionRow = z.object({
  grantId: z.string(), requestId: z.string(), handle: z.string().nullable(), markers: z.array(z.string()), accounts: z.array(z.string()), from: z.date(), until: z.date().nullable(),
});

type Looking = { readonly systemId: string; readonly markers: readonly string[]; readonly oldest: Date; readonly newest: Date };

/**
 * Sessions that lines with these markers could belong to: those whose names or markers stand there, and those of identities whose
 * standing credentials stand there, as far as they lived at that time.
 */
export async function readSessionsNamed(tx: Transaction, { systemId, markers, oldest, newest }: Looking): Promise<SessionFacts[]> {
  const values = [...new Set(markers.map(valueOf))];
  const ids = values.filter(isUuid);
  const accounts = [...new Set(markers.filter((marker) => /^(?:account|login):/.test(marker)).map(valueOf))];
  const day = 86_400_000;
  const rows = await tx.$queryRaw<unknown[]>`
    with named as (
      select id from grants where system_id = ${systemId}::uuid and handle_name = any(${values}::text[])
      union select id from grants where id = any(${ids}::uuid[]) and system_id = ${systemId}::uuid
      union select id from grants where request_id = any(${ids}::uuid[]) and system_id = ${systemId}::uuid
      union select grant_id from session_markers where system_id = ${systemId}::uuid and marker = any(${[...markers]}::text[])
      union select g.id from credentials c join grants g on g.identity_id = c.identity_id and g.system_id = c.system_id
        where c.system_id = ${systemId}::uuid and c.handle = any(${accounts}::text[]) and g.activated_at < ${new Date(newest.getTime() + day)}::timestamptz
          and coalesce(g.accepted_at, g.closed_at, 'infinity') > ${new Date(oldest.getTime() - day)}::timestamptz
      limit ${mostSessions}::int)
    select g.id::text as "grantId", g.request_id::text as "requestId", g.handle_name as handle, coalesce(g.issue_started_at, g.activated_at) as "from",
      coalesce(g.accepted_at, g.proven_at, g.closed_at) as until,
      array(select m.marker from session_markers m where m.grant_id = g.id) as markers,
      array(select c.handle from credentials c where c.identity_id = g.identity_id and c.system_id = g.system_id and c.handle = any(${accounts}::text[])) as accounts
    from grants g join named on named.id = g.id where coalesce(g.issue_started_at, g.activated_at) is not null`;
  return rows.map((row) => {
    const { handle, requestId, ...facts } = sessionRow.parse(row);
    return { ...facts, handles: [facts.grantId, requestId, ...(handle === null ? [] : [handle])] };
  });
}

type Naming = { readonly grantId: string; readonly systemId: string; readonly markers: readonly string[]; readonly now: Date };

/** Keeps what names a session's credential in logs; answers whether any of it is new. Uses that wait for it are matched by the worker. */
export async function keepMarkers(tx: Transaction, { grantId, systemId, markers, now }: Naming): Promise<boolean> {
  if (markers.length === 0) return false;
  const { count } = await tx.sessionMarker.createMany({ data: markers.map((marker) => ({ grantId, systemId, marker: marker.slice(0, 500), learnedAt: now })), skipDuplicates: true });
  return count > 0;
}

/** The same, and gives it the uses that were waiting for that. */
export async function rememberMarkers(tx: Transaction, naming: Naming): Promise<Rematched[]> {
  return (await keepMarkers(tx, naming)) ? rematchUses(tx, naming.systemId, naming.markers) : [];
}

/** A use that was waiting, and the session that it found. */
export type Rematched = { readonly useId: string; readonly grantId: string };

const waitingRow = z.object({ id: z.string(), at: z.date(), markers: z.array(z.string()), offset: z.number() });

/** Looks again for the sessions of uses that none explained, where these markers stand; answers those that found theirs. */
export async function rematchUses(tx: Transaction, systemId: string, markers: readonly string[]): Promise<Rematched[]> {
  const found = await tx.$queryRaw<unknown[]>`
    select u.id::text as id, u.started_at as at, u.markers, s.clock_offset_ms as "offset" from uses u join sources s on s.id = u.source_id
    where u.system_id = ${systemId}::uuid and u.grant_id is null and u.markers && ${[...markers]}::text[] order by u.started_at limit ${mostRematched}::int for update of u skip locked`;
  const waiting = found.map((row) => waitingRow.parse(row));
  const [first] = waiting;
  const last = waiting.at(-1);
  if (first === undefined || last === undefined) return [];
  const sessions = await readSessionsNamed(tx, { systemId, markers: waiting.flatMap((use) => use.markers), oldest: first.at, newest: last.at });
  const matched = waiting.flatMap(({ id, offset, ...use }) => {
    const match = matchUse(use, sessions, offset);
    return match ? [{ id, ...match }] : [];
  });
  if (matched.length === 0) return [];
  await tx.$executeRaw`
    update uses u set grant_id = v."grantId", match = v.match, rule = v.rule
    from jsonb_to_recordset(${JSON.stringify(matched)}::jsonb) as v(id uuid, "grantId" uuid, match text, rule text) where u.id = v.id and u.grant_id is null`;
  return matched.map(({ id, grantId }) => ({ useId: id, grantId }));
}

/** The markers under which a session's uses can wait, besides what was learned. */
export function markersOfSession(handle: string | null, accounts: readonly string[]): string[] {
  const kinds = ["login", "ssh-certificate", "aws-session-name", "k8s-binding", "openbao-session"];
  return [...(handle === null ? [] : kinds.map((kind) => `${kind}:${handle}`)), ...accounts.flatMap((account) => [`login:${account}`, `account:${account}`])];
}

/** The time that a batch speaks of. */
export function spanOf(uses: readonly Pick<LoggedUse, "at">[]): { readonly oldest: Date; readonly newest: Date } | null {
  const times = uses.map(({ at }) => at.getTime());
  if (times.length === 0) return null;
  // No spread: a batch may be longer than a call's arguments.
  return { oldest: new Date(times.reduce((one, other) => Math.min(one, other))), newest: new Date(times.reduce((one, other) => Math.max(one, other))) };
}

const askedRow = z.object({ key: z.string() });

/**
 * Of statements that are in the log twice, what is to be kept: pgAudit's line, whichever of the two came first. One that is kept
 * already under PostgreSQL's line becomes pgAudit's. `replaced`: keys that are kept now in place of another.
 */
export async function withoutTwice(tx: Transaction, sourceId: string, given: readonly LoggedUse[]): Promise<{ readonly uses: readonly LoggedUse[]; readonly replaced: ReadonlySet<string> }> {
  const { uses, statements, audits } = pairAudits(given);
  // Looked up one by one, by key: joined, a planner that does not know the source yet reads all of it for each.
  const known = statements.length === 0 ? [] : await tx.$queryRaw<unknown[]>`
    select v.key from ${asRows(statements)} cross join lateral (
      select u.is_audit from jsonb_array_elements_text(v.places) with ordinality p(place, step) cross join lateral (
        select u.key like '%:audit' as is_audit from uses u where u.source_id = ${sourceId}::uuid
          and u.key = any(array[v.session || '/' || p.place, v.session || '/' || p.place || ':audit']) and u.statement_hash = v.hash limit 1) u
      order by p.step limit 1) near where near.is_audit`;
  const twice = new Set(known.map((row) => askedRow.parse(row).key));
  return { uses: twice.size === 0 ? uses : uses.filter(({ key }) => !twice.has(key)), replaced: await replaceKept(tx, sourceId, { audits, uses }) };
}

const asRows = (asked: readonly Asked[]) =>
  Prisma.sql`jsonb_to_recordset(${JSON.stringify(asked)}::jsonb) as v(key text, session text, places jsonb, hash text)`;

type Replacing = { readonly audits: readonly Asked[]; readonly uses: readonly LoggedUse[] };

async function replaceKept(tx: Transaction, sourceId: string, { audits, uses }: Replacing): Promise<ReadonlySet<string>> {
  if (audits.length === 0) return new Set();
  const byKey = new Map(uses.map((use) => [use.key, use]));
  const rows = await tx.$queryRaw<unknown[]>`
    select distinct on (near.id) near.id::text as id, v.key from ${asRows(audits)} cross join lateral (
      select u.id, u.is_audit, u.outcome from jsonb_array_elements_text(v.places) with ordinality p(place, step) cross join lateral (
        select u.id, u.key like '%:audit' as is_audit, u.outcome from uses u where u.source_id = ${sourceId}::uuid
          and u.key = any(array[v.session || '/' || p.place, v.session || '/' || p.place || ':audit']) and u.statement_hash = v.hash limit 1) u
      order by p.step limit 1) near
    where not near.is_audit and near.outcome = 'allowed' and not exists (select from uses k where k.source_id = ${sourceId}::uuid and k.key = v.key) order by near.id, v.key`;
  const replaced = new Set<string>();
  for (const { id, key } of rows.map((row) => askedRow.extend({ id: z.string() }).parse(row))) {
    const use = byKey.get(key);
    if (!use || replaced.has(key)) continue;
    replaced.add(key);
    await tx.use.update({ where: { id }, data: { key, startedAt: use.at, action: use.action, objects: [...use.objects], objectsBy: use.objectsBy } });
  }
  return replaced;
}
