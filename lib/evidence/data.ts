import "server-only";
import type { Bound } from "@/lib/auth/actor";
import { db } from "@/lib/db/client";
import { literally } from "@/lib/db/like";
import { Prisma } from "@/lib/db/generated/client";
import { readKeysetPage } from "@/lib/db/keyset";
import type { Transaction } from "@/lib/db/transaction";
import { parseSensitivity } from "@/lib/entitlements/data";
import { parseGrantState } from "@/lib/grants/data";
import { endReasons } from "@/lib/grants/types";
import { findIdentities, parseIdentityKind } from "@/lib/identities/data";
import { AppError } from "@/lib/platform/errors";
import type { CappedCount } from "@/lib/platform/format";
import type { Page } from "@/lib/platform/page";
import { pseudonym } from "./masking";
import { countSql, leastCountSql, queryOf, stretchSql, type EvidenceQuery, type Place } from "./query";
import { sealStateOf } from "./rules";
import type { EvidenceFilter, EvidencePageQuery } from "./schema";
import { chainStates, type Choice, type ChoiceKind, type EvidenceChoices, type EvidenceRow } from "./types";

const pageSize = 50;
/** Rows are counted up to so many; beyond, it is "more than". */
const countLimit = 1_000;

type Row = {
  id: string;
  chain_id: string;
  asked_at: Date;
  number: number | null;
  state: string;
  code: string | null;
  requester: string | null;
  requester_id: string | null;
  identity_id: string | null;
  identity_name: string | null;
  identity_kind: string | null;
  entitlement: string | null;
  sensitivity: string | null;
  system: string | null;
  grant_id: string | null;
  grant_state: string | null;
  end_reason: string | null;
  replaces_id: string | null;
  decided_at: Date | null;
  activated_at: Date | null;
  first_use_at: Date | null;
  last_use_at: Date | null;
  ending_at: Date | null;
  proven_at: Date | null;
  debt_overdue: boolean | null;
  seal: string | null;
  seal_broken_at: Date | null;
  demo: boolean | null;
};

/** What a line of the list shows, around the narrow rows of a stretch. */
function rowsSql(stretch: Prisma.Sql, order: "asc" | "desc"): Prisma.Sql {
  const to = Prisma.raw(order);
  return Prisma.sql`
    select k.id, k.chain_id, k.asked_at, r.number, coalesce(r.state, 'refused') as state, b.body -> 'data' ->> 'code' as code,
      coalesce(p.name, w.name) as requester, p.id as requester_id, i.id as identity_id, i.name as identity_name, i.kind as identity_kind,
      e.name as entitlement, e.sensitivity, s.name as system, g.id as grant_id, g.state as grant_state, g.end_reason, g.replaces_id,
      r.decided_at, g.activated_at, g.first_use_at, g.last_use_at, g.ending_at, g.proven_at,
      owed.due_at <= clock_timestamp() as debt_overdue, sealed.state as seal, sealed.broken_at as seal_broken_at,
      coalesce(r.demo, (b.body ->> 'demo')::boolean, false) as demo
    from (${stretch}) k
    left join requests r on r.id = k.request_id
    left join grants g on g.id = k.grant_id
    left join break_glass_debts owed on owed.break_glass_id = r.break_glass_id and owed.closed_at is null
    left join chain_checks sealed on sealed.request_id = k.request_id
    left join lateral (select convert_from(v.body, 'UTF8')::jsonb as body from ledger.event v where v.id = k.event_id) b on true
    left join entitlements e on e.id = coalesce(k.entitlement_id, (b.body -> 'data' -> 'entitlementIds' ->> 0)::uuid)
    left join systems s on s.id = e.system_id
    left join identities i on i.id = coalesce(r.identity_id, (b.body -> 'data' ->> 'identityId')::uuid)
    left join people p on p.id = coalesce(r.requester_id, case when b.body -> 'actor' ->> 'kind' = 'person' then (b.body -> 'actor' ->> 'id')::uuid end)
    left join identities w on w.id = coalesce(r.requester_identity_id, case when b.body -> 'actor' ->> 'kind' = 'workload' then (b.body -> 'actor' ->> 'id')::uuid end)
    order by k.asked_at ${to}, k.chain_id ${to}, k.id ${to}`;
}

const isoOf = (at: Date | null) => at?.toISOString() ?? null;

function stateOf(text: string): EvidenceRow["state"] {
  const known = chainStates.find((state) => state === text);
  if (!known) throw new AppError("integrity", `unknown state of a request ${text}`);
  return known;
}

/** Who asked; in an engagement without names a person has a pseudonym. */
function requesterOf({ requester, requester_id: personId }: Row, bound: Bound | undefined): string | null {
  return bound && !bound.names && personId !== null ? pseudonym("requester", personId, bound.engagementId) : requester;
}

function rowOf(row: Row, bound: Bound | undefined): EvidenceRow {
  const identity = row.identity_id !== null && row.identity_name !== null && row.identity_kind !== null;
  return {
    id: `${row.chain_id}.${row.id}`,
    chainId: row.chain_id,
    kind: row.number === null ? "refused-ask" : row.grant_id === null ? "request" : "grant",
    number: row.number,
    askedAt: row.asked_at.toISOString(),
    state: stateOf(row.state),
    code: row.code,
    requester: requesterOf(row, bound),
    identity: identity ? { id: row.identity_id ?? "", name: row.identity_name ?? "", kind: parseIdentityKind(row.identity_kind ?? "") } : null,
    entitlement: row.entitlement,
    sensitivity: row.sensitivity === null ? null : parseSensitivity(row.sensitivity),
    system: row.system,
    grantState: row.grant_state === null ? null : parseGrantState(row.grant_state),
    endReason: endReasons.find((reason) => reason === row.end_reason) ?? null,
    replaces: row.replaces_id !== null,
    decidedAt: isoOf(row.decided_at),
    issuedAt: isoOf(row.activated_at),
    firstUseAt: isoOf(row.first_use_at),
    lastUseAt: isoOf(row.last_use_at),
    endedAt: isoOf(row.ending_at),
    provenAt: isoOf(row.proven_at),
    debt: row.debt_overdue === null ? null : { isOverdue: row.debt_overdue },
    seal: row.seal === null ? null : sealStateOf({ state: row.seal, brokenAt: row.seal_broken_at }),
    demo: row.demo ?? false,
  };
}

/** A cursor's value holds two parts of a place. Attacker-controlled: what does not parse is no place. */
function placeOf(value: string | number | null, id: string): Place | null {
  const [askedAt = "", chainId = ""] = String(value).split("~");
  const at = new Date(askedAt);
  const isPlace = !Number.isNaN(at.getTime()) && /^[0-9a-f-]{36}$/i.test(chainId);
  return isPlace ? { askedAt: at.toISOString(), chainId, id } : null;
}

/** A page of the evidence with its count and the ledger's position, all of one moment. */
export type EvidencePage = Page<EvidenceRow> & { readonly total: CappedCount; readonly asOf: string };

/** One page of the evidence that a filter, and an engagement, leaves. */
export function listEvidence(filter: EvidenceFilter, place: EvidencePageQuery, bound?: Bound): Promise<EvidencePage> {
  const query = queryOf(filter, bound);
  return db.$transaction(
    async (tx) => {
      const page = await readKeysetPage<Row>({
        sort: place.sort,
        after: place.after,
        before: place.before,
        size: pageSize,
        placeOf: (row) => ({ value: `${row.asked_at.toISOString()}~${row.chain_id}`, id: row.id }),
        read: ({ from, order, take }) => {
          const stretch = stretchSql(query, { place: from ? placeOf(from.value, from.id) : null, order, take });
          return tx.$queryRaw<Row[]>(rowsSql(stretch, order));
        },
      });
      const total = await countEvidence(tx, bound ? null : filter, query);
      const heads = await tx.$queryRaw<{ size: bigint }[]>`select size from ledger.head`;
      return { rows: page.rows.map((row) => rowOf(row, bound)), next: page.next, previous: page.previous, total, asOf: String(heads[0]?.size ?? 0n) };
    },
    { isolationLevel: Prisma.TransactionIsolationLevel.RepeatableRead },
  );
}

async function countEvidence(tx: Transaction, filter: EvidenceFilter | null, query: EvidenceQuery): Promise<CappedCount> {
  const most = countLimit + 1;
  const least = query.requests && filter ? leastCountSql(filter, most) : null;
  const atLeast = least ? await tx.$queryRaw<{ count: number }[]>(least) : [];
  if ((atLeast[0]?.count ?? 0) > countLimit) return { count: countLimit, capped: true };
  const rows = await tx.$queryRaw<{ count: number }[]>(countSql(query, most));
  const count = rows[0]?.count ?? 0;
  return { count: Math.min(count, countLimit), capped: count > countLimit };
}

/** How many chains a filter, and an engagement, leaves, up to a limit, and up to which position of the ledger. */
export function countMatching(filter: EvidenceFilter, bound?: Bound): Promise<{ readonly total: CappedCount; readonly asOf: string }> {
  return db.$transaction(async (tx) => {
    const total = await countEvidence(tx, bound ? null : filter, queryOf(filter, bound));
    const heads = await tx.$queryRaw<{ size: bigint }[]>`select size from ledger.head`;
    return { total, asOf: String(heads[0]?.size ?? 0n) };
  });
}

type Named = { readonly id: string; readonly name: string };

const choice = ({ id, name }: Named): Choice => ({ value: id, label: name });

/** The names of whatever a filter has chosen, for its chips. */
export async function readChosen(filter: EvidenceFilter): Promise<EvidenceChoices> {
  const among = (ids: readonly string[]) => ({ select: { id: true, name: true }, where: { id: { in: [...ids] } }, take: 2 * choiceLimit });
  const [identities, entitlements, systems, people] = await Promise.all([
    db.identity.findMany(among([...filter.identity, ...filter.requester])),
    db.entitlement.findMany(among(filter.entitlement)),
    db.system.findMany(among(filter.system)),
    db.person.findMany(among([...filter.requester, ...filter.approver])),
  ]);
  const only = (rows: readonly Named[], ids: readonly string[]) => rows.filter(({ id }) => ids.includes(id)).map(choice);
  return {
    identity: only(identities, filter.identity),
    entitlement: entitlements.map(choice),
    system: systems.map(choice),
    requester: [...only(people, filter.requester), ...only(identities, filter.requester)],
    approver: only(people, filter.approver),
    environment: filter.environment.map((name) => choice({ id: name, name })),
  };
}

const choiceLimit = 50;
const mostOffered = 12;

/** What a filter offers for a text: names that hold it, those that start with it first. */
export async function searchChoices(kind: ChoiceKind, text: string): Promise<Choice[]> {
  switch (kind) {
    case "identity":
      return (await findIdentities(text, mostOffered)).map(choice);
    case "entitlement":
      return (await findNamed((args) => db.entitlement.findMany(args), text)).map(choice);
    case "system":
      return (await findNamed((args) => db.system.findMany(args), text)).map(choice);
    case "requester":
      // Workloads ask, too.
      return [...(await findPeople(text)), ...(await findWorkloads(text))].slice(0, mostOffered).map(choice);
    case "approver":
      return (await findPeople(text)).map(choice);
    case "environment":
      return (await findEnvironments(text)).map((name) => choice({ id: name, name }));
  }
}

/** Environments that identities are in, by name: few, and found by steps over the index of them. */
async function findEnvironments(text: string): Promise<string[]> {
  const rows = await db.$queryRaw<{ environment: string }[]>`
    with recursive step as (
      (select environment from identities order by environment limit 1)
      union all select (select i.environment from identities i where i.environment > step.environment order by i.environment limit 1) from step where step.environment is not null
    ) select environment from step where environment is not null and environment ilike ${`%${literally(text)}%`} order by environment limit ${mostOffered}::int`;
  return rows.map(({ environment }) => environment);
}

const findPeople = (text: string) => findNamed((query) => db.person.findMany(query), text);

const findWorkloads = (text: string) =>
  findNamed((query) => db.identity.findMany({ ...query, where: { ...query.where, workloadSubject: { not: null } } }), text);

type NameQuery = {
  readonly select: { readonly id: true; readonly name: true };
  readonly where: { readonly name: { readonly contains: string; readonly mode: "insensitive" } };
  readonly orderBy: { name: "asc" };
  readonly take: number;
};

async function findNamed(read: (query: NameQuery) => Promise<Named[]>, text: string): Promise<Named[]> {
  const rows = await read({ select: { id: true, name: true }, where: { name: { contains: literally(text), mode: "insensitive" } }, orderBy: { name: "asc" }, take: mostOffered });
  const starts = ({ name }: Named) => (name.toLowerCase().startsWith(text.toLowerCase()) ? 0 : 1);
  return rows.sort((a, b) => starts(a) - starts(b));
}
