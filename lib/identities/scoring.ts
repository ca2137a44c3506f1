import "server-only";
import { databaseClock, inTransaction, type Transaction } from "@/lib/db/transaction";
import { parseSensitivity } from "@/lib/entitlements/data";
import { reconcileSideDoors } from "@/lib/exceptions/mutations";
import { appendEvent } from "@/lib/ledger/append";
import { parseIdentityState } from "./data";
import { judgedState } from "./rules";
import { explainScores, type CredentialFacts, type HoldingFacts, type ScoreFacts } from "./scores";
import type { IdentityState } from "./types";

const worker = { kind: "system", process: "worker" } as const;
const batchSize = 250;
/** A turn of the loop ends here, so that a million new identities never keep the worker from its other work. */
const batchesPerTurn = 40;
/** Of one identity: what is beyond them changes no score, since each part has its limit. */
const mostCredentials = 200;
const mostHoldings = 500;
/** Enough for three years of monthly use; whoever works more often than that has no season. */
const mostUseDays = 60;

/** Computes anew the scores, counts and states that are due: what changed first, then what is older than a day. */
export async function scoreDueIdentities(): Promise<number> {
  let scored = 0;
  for (let batch = 0; batch < batchesPerTurn; batch++) {
    const count = await scoreBatch();
    scored += count;
    if (count < batchSize) break;
  }
  return scored;
}

/** One batch in one transaction. Its rows are locked before anything is read: a change that comes later asks for another turn. */
function scoreBatch(): Promise<number> {
  return inTransaction(async (tx) => {
    const ids = await takeDue(tx);
    if (ids.length === 0) return 0;
    const now = await databaseClock.now(tx);
    const facts = await readScoreFacts(tx, ids);
    const scored = [...facts].map(([id, about]) => ({ id, about, scores: explainScores(about, now) }));
    const judged = scored.map(({ id, about, scores }) => ({ id, about, state: judgedState({ ...about, silentDays: scores.silence.days, wasSeen: about.lastActiveAt !== null }) }));
    const stateOf = new Map(judged.map(({ id, state }) => [id, state]));
    await tx.$executeRaw`
      update identities i set staleness = v.staleness, exposure = v.exposure, scored_at = ${now}, state = v.state,
        credential_count = (select count(*) from credentials c where c.identity_id = i.id and c.vanished_at is null),
        entitlement_count = (select count(distinct a.entitlement_id) from assignments a where a.identity_id = i.id and a.ended_at is null),
        standing_count = (select count(*) from assignments a where a.identity_id = i.id and a.ended_at is null and a.kind = 'standing'
          and not exists (select 1 from standing_exceptions x where x.assignment_id = a.id and x.ended_at is null))
      from unnest(${scored.map(({ id }) => id)}::uuid[], ${scored.map(({ scores }) => scores.staleness.total)}::int[],
        ${scored.map(({ scores }) => scores.exposure.total)}::int[], ${scored.map(({ id }) => stateOf.get(id) ?? "")}::text[]) as v(id, staleness, exposure, state)
      where i.id = v.id`;
    for (const { id, about, state } of judged) {
      if (state === about.state) continue;
      await appendEvent(tx, { type: "identity.state-changed", at: now, actor: worker, subjects: { identity: id }, data: { from: about.state, to: state } });
    }
    const isDone = await reconcileSideDoors(tx, ids, now);
    // What is left is opened in the turns that follow: one transaction must not grow with what somebody holds.
    if (!isDone) await tx.identity.updateMany({ where: { id: { in: ids } }, data: { scoredAt: null } });
    return ids.length;
  });
}

/** Whoever holds a row right now changes it, and it will be due again. */
async function takeDue(tx: Transaction): Promise<string[]> {
  const changed = await tx.$queryRaw<{ id: string }[]>`
    select id from identities where scored_at is null limit ${batchSize}::int for no key update skip locked`;
  const left = batchSize - changed.length;
  const old = left === 0 ? [] : await tx.$queryRaw<{ id: string }[]>`
    select id from identities where scored_at < clock_timestamp() - interval '1 day' order by scored_at limit ${left}::int for no key update skip locked`;
  return [...changed, ...old].map(({ id }) => id).sort();
}

/** What the scores of an identity are computed from, and who answers for it. */
export type IdentityScoreFacts = ScoreFacts & { readonly ownerId: string | null; readonly sponsorId: string | null; readonly state: IdentityState };

type IdentityRow = {
  id: string; state: string; owner_id: string | null; sponsor_id: string | null; owner_left: boolean | null; vendor: string | null; is_shared: boolean;
  last_active_at: Date | null; visible_since: Date | null; vanished_at: Date | null;
};
type CredentialRow = {
  identity_id: string; system_id: string; created_at: Date | null; rotated_at: Date | null; first_seen_at: Date; expires_at: Date | null;
  last_used_at: Date | null; visible_since: Date | null; is_enabled: boolean; superuser: boolean; can_create_roles: boolean;
};
type HoldingRow = { identity_id: string; kind: string; sensitivity: string; excepted: boolean; production: boolean; last_used_at: Date | null; visible_since: Date | null };

/** Reads the facts of many identities, one question per table. */
export async function readScoreFacts(tx: Transaction, ids: readonly string[]): Promise<Map<string, IdentityScoreFacts>> {
  const identities = await tx.$queryRaw<IdentityRow[]>`
    select i.id, i.state, i.owner_id, i.sponsor_id, p.left_at is not null as owner_left, i.vendor, i.is_shared, i.last_active_at, i.visible_since, i.vanished_at
    from identities i left join people p on p.id = i.owner_id where i.id = any(${[...ids]}::uuid[]) order by i.id`;
  const credentials = groupByIdentity(await readCredentialRows(tx, ids));
  const holdings = groupByIdentity(await readHoldingRows(tx, ids));
  const days = groupByIdentity(await tx.$queryRaw<{ identity_id: string; day: Date }[]>`
    select w.id as identity_id, d.day from unnest(${[...ids]}::uuid[]) w(id)
    cross join lateral (select u.day from use_days u where u.identity_id = w.id order by u.day desc limit ${mostUseDays}::int) d`);
  return new Map(identities.map((row) => [row.id, {
    state: parseIdentityState(row.state),
    ownerId: row.owner_id,
    sponsorId: row.sponsor_id,
    owner: row.owner_id === null ? "nobody" : row.owner_left ? "left" : "there",
    hasVendor: row.vendor !== null,
    isShared: row.is_shared,
    lastActiveAt: row.last_active_at,
    visibleSince: row.visible_since,
    isVanished: row.vanished_at !== null,
    useDays: (days.get(row.id) ?? []).map(({ day }) => day),
    credentials: (credentials.get(row.id) ?? []).map(credentialFacts),
    holdings: (holdings.get(row.id) ?? []).map(holdingFacts),
  }]));
}

function readCredentialRows(tx: Transaction, ids: readonly string[]): Promise<CredentialRow[]> {
  return tx.$queryRaw<CredentialRow[]>`
    select c.* from unnest(${[...ids]}::uuid[]) w(id) cross join lateral (
      select identity_id, system_id, created_at, rotated_at, first_seen_at, expires_at, last_used_at, visible_since, is_enabled,
        coalesce((facts->>'superuser')::boolean, false) as superuser, coalesce((facts->>'canCreateRoles')::boolean, false) as can_create_roles
      from credentials where identity_id = w.id and vanished_at is null order by id limit ${mostCredentials}::int) c`;
}

function readHoldingRows(tx: Transaction, ids: readonly string[]): Promise<HoldingRow[]> {
  return tx.$queryRaw<HoldingRow[]>`
    select h.* from unnest(${[...ids]}::uuid[]) w(id) cross join lateral (
      select a.identity_id, a.kind, e.sensitivity, a.last_used_at, a.visible_since, s.environment = 'production' as production,
        exists (select 1 from standing_exceptions x where x.assignment_id = a.id and x.ended_at is null) as excepted
      from assignments a join entitlements e on e.id = a.entitlement_id join systems s on s.id = e.system_id
      where a.identity_id = w.id and a.ended_at is null order by a.id limit ${mostHoldings}::int) h`;
}

function groupByIdentity<Row extends { identity_id: string }>(rows: readonly Row[]): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(row.identity_id);
    if (group) group.push(row);
    else groups.set(row.identity_id, [row]);
  }
  return groups;
}

function credentialFacts(row: CredentialRow): CredentialFacts {
  return {
    systemId: row.system_id, createdAt: row.created_at, rotatedAt: row.rotated_at, firstSeenAt: row.first_seen_at, expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at, visibleSince: row.visible_since, isEnabled: row.is_enabled, isSuperuser: row.superuser, canCreateRoles: row.can_create_roles,
  };
}

function holdingFacts(row: HoldingRow): HoldingFacts {
  return {
    kind: row.kind === "granted" ? "granted" : "standing",
    sensitivity: parseSensitivity(row.sensitivity),
    hasException: row.excepted,
    isInProduction: row.production,
    lastUsedAt: row.last_used_at,
    visibleSince: row.visible_since,
  };
}
