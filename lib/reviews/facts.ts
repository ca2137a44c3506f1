import "server-only";
import type { Transaction } from "@/lib/db/transaction";
import { parseSensitivity } from "@/lib/entitlements/data";
import { parseIdentityKind, parseIdentityState } from "@/lib/identities/data";
import { credentialFactsSchema } from "@/lib/identities/schema";
import { explainScores, type Score as ScoreSum } from "@/lib/identities/scores";
import { readScoreFacts } from "@/lib/identities/scoring";
import type { CredentialFact, Dependant, EntitlementFact, GrantFact, RehearsalFact, ReviewFacts, Score } from "./types";

/** Credentials, entitlements and dependants of one identity that a review shows. */
const most = 100;
const lastGrants = 5;

/** The connector of systems that Curfew only reads files about. */
const knownFromFiles = "files@1";

const iso = (at: Date | null) => at?.toISOString() ?? null;

type IdentityRow = Awaited<ReturnType<typeof readIdentities>>[number];

function readIdentities(tx: Transaction, ids: readonly string[]) {
  const person = { select: { id: true, name: true } };
  return tx.identity.findMany({
    where: { id: { in: [...ids] } },
    select: {
      id: true, name: true, kind: true, environment: true, state: true, description: true, vendor: true, isShared: true, lastActiveAt: true,
      visibleSince: true, wokeAt: true, silenceDays: true, owner: person, sponsor: person, backup: person,
      team: { select: { name: true } }, system: { select: { name: true } },
    },
  });
}

/** Reads the facts of identities for a review, all in a handful of questions. Ids that are not known are left out. */
export async function readReviewFacts(tx: Transaction, ids: readonly string[], now: Date): Promise<Map<string, ReviewFacts>> {
  if (ids.length === 0) return new Map();
  const identities = await readIdentities(tx, ids);
  const credentials = await readCredentials(tx, ids);
  const entitlements = await readEntitlements(tx, ids);
  const grants = await readGrants(tx, ids);
  const dependants = await readDependants(tx, ids);
  const rehearsals = await readRehearsals(tx, ids);
  const scores = await readScoreFacts(tx, ids);
  return new Map(
    identities.map((row) => {
      const of = <Row extends { readonly identity_id: string }>(rows: readonly Row[]) => rows.filter(({ identity_id }) => identity_id === row.id);
      const scored = scores.get(row.id);
      const explained = scored ? explainScores(scored, now) : null;
      const facts: ReviewFacts = {
        v: 1,
        at: now.toISOString(),
        identity: identityOf(row),
        owner: row.owner,
        sponsor: row.sponsor,
        backup: row.backup,
        staleness: explained ? scoreOf(explained.staleness) : null,
        exposure: explained ? scoreOf(explained.exposure) : null,
        credentials: of(credentials).map(credentialOf),
        entitlements: of(entitlements).map(entitlementOf),
        grants: of(grants).map(grantOf),
        dependants: of(dependants).map(dependantOf),
        season: explained?.season?.words ?? null,
        rehearsal: of(rehearsals).map(rehearsalOf)[0] ?? null,
      };
      return [row.id, facts] as const;
    }),
  );
}

function scoreOf({ total, parts }: ScoreSum): Score {
  return { value: total, parts: parts.map(({ points, why }) => ({ points, what: why })) };
}

function identityOf(row: IdentityRow): ReviewFacts["identity"] {
  const { name, environment, description, vendor, isShared, silenceDays } = row;
  return {
    name, environment, description, vendor, isShared, silenceDays,
    kind: parseIdentityKind(row.kind),
    state: parseIdentityState(row.state),
    team: row.team?.name ?? null,
    system: row.system?.name ?? null,
    lastActiveAt: iso(row.lastActiveAt),
    visibleSince: iso(row.visibleSince),
    wokeAt: iso(row.wokeAt),
  };
}

type CredentialRow = {
  identity_id: string; id: string; handle: string; kind: string; system: string; connector: string; created_at: Date | null; first_seen_at: Date; rotated_at: Date | null; expires_at: Date | null;
  last_used_at: Date | null; visible_since: Date | null; is_enabled: boolean; facts: unknown;
};

function readCredentials(tx: Transaction, ids: readonly string[]): Promise<CredentialRow[]> {
  return tx.$queryRaw<CredentialRow[]>`
    select c.*, s.name as system, s.connector from unnest(${[...ids]}::uuid[]) i(id)
    cross join lateral (
      select identity_id, id, handle, kind, system_id, created_at, first_seen_at, rotated_at, expires_at, last_used_at, visible_since, is_enabled, facts
      from credentials where identity_id = i.id and vanished_at is null order by last_used_at desc nulls last, id limit ${most}::int
    ) c join systems s on s.id = c.system_id`;
}

function credentialOf(row: CredentialRow): CredentialFact {
  const known = credentialFactsSchema.safeParse(row.facts);
  return {
    id: row.id,
    handle: row.handle,
    kind: row.kind,
    system: row.system,
    createdAt: iso(row.created_at),
    firstSeenAt: row.first_seen_at.toISOString(),
    rotatedAt: iso(row.rotated_at),
    expiresAt: iso(row.expires_at),
    lastUsedAt: iso(row.last_used_at),
    visibleSince: iso(row.visible_since),
    isEnabled: row.is_enabled,
    isPrivileged: known.success && (known.data.superuser || known.data.canCreateRoles),
    isConnected: row.connector !== knownFromFiles,
  };
}

type EntitlementRow = {
  identity_id: string; id: string; kind: string; path: string[]; first_seen_at: Date; last_used_at: Date | null; visible_since: Date | null;
  entitlement_id: string; name: string; sensitivity: string; system: string; connector: string; excepted_until: Date | null;
};

function readEntitlements(tx: Transaction, ids: readonly string[]): Promise<EntitlementRow[]> {
  return tx.$queryRaw<EntitlementRow[]>`
    select a.identity_id, a.id, a.kind, a.path, a.first_seen_at, a.last_used_at, a.visible_since, e.id as entitlement_id, e.name, e.sensitivity,
      s.name as system, s.connector,
      (select max(x.ends_at) from standing_exceptions x where x.assignment_id = a.id and x.ended_at is null) as excepted_until
    from unnest(${[...ids]}::uuid[]) i(id)
    cross join lateral (
      select * from assignments where identity_id = i.id and ended_at is null order by kind desc, id limit ${most}::int
    ) a join entitlements e on e.id = a.entitlement_id join systems s on s.id = e.system_id`;
}

function entitlementOf(row: EntitlementRow): EntitlementFact {
  return {
    assignmentId: row.id,
    entitlementId: row.entitlement_id,
    name: row.name,
    system: row.system,
    connector: row.connector,
    sensitivity: parseSensitivity(row.sensitivity),
    kind: row.kind === "granted" ? "granted" : "standing",
    path: row.path,
    firstSeenAt: row.first_seen_at.toISOString(),
    lastUsedAt: iso(row.last_used_at),
    visibleSince: iso(row.visible_since),
    exceptedUntil: iso(row.excepted_until),
  };
}

type GrantRow = { identity_id: string; request_id: string; number: number; entitlement: string; activated_at: Date | null; state: string; duration_seconds: number; use_count: number };

function readGrants(tx: Transaction, ids: readonly string[]): Promise<GrantRow[]> {
  return tx.$queryRaw<GrantRow[]>`
    select g.identity_id, g.request_id, r.number, e.name as entitlement, g.activated_at, g.state, g.duration_seconds, g.use_count
    from unnest(${[...ids]}::uuid[]) i(id)
    cross join lateral (select * from grants where identity_id = i.id order by created_at desc, id desc limit ${lastGrants}::int) g
    join requests r on r.id = g.request_id join entitlements e on e.id = g.entitlement_id
    order by g.created_at desc`;
}

function grantOf(row: GrantRow): GrantFact {
  return {
    requestId: row.request_id, number: row.number, entitlement: row.entitlement, activatedAt: iso(row.activated_at), state: row.state,
    askedSeconds: row.duration_seconds, uses: row.use_count,
  };
}

type DependantRow = { identity_id: string; kind: Dependant["kind"]; what: string; at: Date | null };

/** What relies on it now: live sessions, grants and requests that are on their way, workloads and networks seen behind it. */
function readDependants(tx: Transaction, ids: readonly string[]): Promise<DependantRow[]> {
  return tx.$queryRaw<DependantRow[]>`
    select d.* from unnest(${[...ids]}::uuid[]) i(id)
    cross join lateral (
      (select g.identity_id, case when g.state in ('ready', 'issuing') then 'grant' else 'session' end as kind, e.name as what, coalesce(g.not_after, g.activate_before) as at
       from grants g join entitlements e on e.id = g.entitlement_id
       where g.identity_id = i.id and g.state in ('ready', 'issuing', 'active', 'ending', 'accepted', 'stuck') order by g.created_at desc limit 20)
      union all
      (select r.identity_id, 'request', r.purpose, r.decide_before from requests r where r.identity_id = i.id and r.state = 'pending' limit 20)
      union all
      (select u.identity_id, u.kind, u.value, u.last_seen_at from use_sources u where u.identity_id = i.id order by u.last_seen_at desc limit 20)
    ) d`;
}

function dependantOf({ kind, what, at }: DependantRow): Dependant {
  return { kind, what, at: iso(at) };
}

type RehearsalRow = { identity_id: string; undone_at: Date; undo_why: string | null };

/** The last rehearsal of each that ran to its end. */
function readRehearsals(tx: Transaction, ids: readonly string[]): Promise<RehearsalRow[]> {
  return tx.$queryRaw<RehearsalRow[]>`
    select distinct on (identity_id) identity_id, undone_at, undo_why from suspensions
    where identity_id = any(${[...ids]}::uuid[]) and kind = 'rehearsal' and state = 'undone' and undone_at is not null
    order by identity_id, undone_at desc`;
}

function rehearsalOf({ undone_at, undo_why }: RehearsalRow): RehearsalFact {
  return { endedAt: undone_at.toISOString(), why: undo_why === "time" || undo_why === "refused-login" ? undo_why : "person" };
}
