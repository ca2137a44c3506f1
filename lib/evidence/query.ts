import "server-only";
import { Prisma } from "@/lib/db/generated/client";
import type { Bound } from "@/lib/auth/actor";
import { findingCondition, isMarksAlone, markedSql, marksOf, whatMarksSay } from "./marks";
import { periodOf, type EvidenceFilter } from "./schema";
import { unprovenStates } from "./types";

const { sql, join, raw } = Prisma;
type Sql = Prisma.Sql;

type Order = "asc" | "desc";

/**
 * Where rows come from and which of them are meant. Every value in it is a parameter. `inOrder`: the same for whoever wants the
 * first of them; `by`: when it was asked and the chain, of whatever leads.
 */
export type Branch = { readonly from: Sql; readonly where: Sql; readonly inOrder: (order: Order) => Sql; readonly by: { readonly at: string; readonly chain: string } };

/**
 * The one query behind list, count and export. Two branches: requests with their grants (one row per entitlement asked for,
 * and per grant where an issue had to be done again), and asks that were refused before they became requests, which only
 * the ledger knows. Null where a filter leaves nothing of a branch.
 */
export type EvidenceQuery = { readonly requests: Branch | null; readonly refused: Branch | null };

/** An array of words or ids as one text parameter: `{a,b}`. Words come from fixed lists and ids are parsed, so none needs quoting. */
function array(values: readonly string[]): string {
  return `{${values.join(",")}}`;
}

/** An array of any texts as one parameter: JSON's quotes and escapes are those of an array's elements. */
function textArray(values: readonly string[]): string {
  return `{${values.map((value) => JSON.stringify(value)).join(",")}}`;
}

function all(conditions: readonly Sql[]): Sql {
  return conditions.length === 0 ? sql`true` : join([...conditions], " and ");
}

// Equal in two comparisons: with one more `=` the database takes request and entitlement for independent, expects next to no
// grants, and reads all of them where a page needs fifty.
const entitlementsAndGrants = sql`join request_entitlements re on re.request_id = r.id
  join entitlements e on e.id = re.entitlement_id
  left join grants g on g.request_id = r.id and g.entitlement_id >= re.entitlement_id and g.entitlement_id <= re.entitlement_id`;

/** Requests with what was asked for and granted; of a filter for what is rare, by way of its marks. */
function requestsFrom(filter: EvidenceFilter): Omit<Branch, "where"> {
  const marks = marksOf(filter);
  if (marks === null) {
    const from = sql`requests r ${entitlementsAndGrants}`;
    return { from, inOrder: () => from, by: { at: "r.submitted_at", chain: "r.id" } };
  }
  const led = (order?: Order) => sql`${markedSql(marks, filter, order)} join requests r on r.id = marked.request_id ${entitlementsAndGrants}`;
  return { from: led(), inOrder: led, by: { at: "marked.asked_at", chain: "marked.request_id" } };
}

/** Conditions on the request alone, and those on what was asked for and granted. */
function requestConditions(filter: EvidenceFilter): { readonly own: Sql[]; readonly further: Sql[] } {
  const { from, to } = periodOf(filter);
  const own: Sql[] = [];
  const further: Sql[] = [];
  const known = whatMarksSay(filter);
  const states = filter.state.filter((state) => state !== "refused");
  if (filter.state.length > 0) own.push(sql`r.state = any(${array(states)}::text[])`);
  if (filter.identity.length > 0) own.push(sql`r.identity_id = any(${array(filter.identity)}::uuid[])`);
  if (filter.requester.length > 0) {
    const ids = array(filter.requester);
    own.push(sql`(r.requester_id = any(${ids}::uuid[]) or r.requester_identity_id = any(${ids}::uuid[]))`);
  }
  if (filter.approver.length > 0) {
    own.push(sql`exists (select from votes v where v.request_id = r.id and v.voided_at is null and v.person_id = any(${array(filter.approver)}::uuid[]))`);
  }
  if (filter.demo) own.push(sql`r.demo = ${filter.demo === "yes" ? "true" : "false"}::boolean`);
  if (from) own.push(sql`r.submitted_at >= ${from.toISOString()}::timestamptz`);
  if (to) own.push(sql`r.submitted_at < ${to.toISOString()}::timestamptz`);
  if (filter.q) own.push(searchCondition(filter.q));
  own.push(...askedConditions(filter));
  if (filter.entitlement.length > 0) further.push(sql`re.entitlement_id = any(${array(filter.entitlement)}::uuid[])`);
  if (filter.system.length > 0) further.push(sql`e.system_id = any(${array(filter.system)}::uuid[])`);
  if (filter.sensitivity.length > 0) further.push(sql`e.sensitivity = any(${array(filter.sensitivity)}::text[])`);
  if (filter.grant.length > 0) further.push(known("grant", sql`g.state = any(${array(filter.grant)}::text[])`));
  if (filter.reason.length > 0) further.push(sql`g.end_reason = any(${array(filter.reason)}::text[])`);
  if (filter.unproven) further.push(known("unproven", sql`g.state = any(${array(unprovenStates)}::text[])`));
  if (filter.finding.length > 0) further.push(known("finding", findingCondition(filter.finding)));
  if (filter.match.length > 0) further.push(known("match", matchCondition(filter.match)));
  return { own, further };
}

/** Conditions on what was asked, how it was allowed, and whether its chain is complete. */
function askedConditions(filter: EvidenceFilter): Sql[] {
  const own: Sql[] = [];
  const choose = (choice: "yes" | "no" | undefined, yes: Sql) => choice && own.push(choice === "yes" ? yes : sql`not (${yes})`);
  choose(filter.ticket, sql`r.ticket_key is not null`);
  choose(filter.emergency, sql`r.break_glass_id is not null`);
  choose(filter.passkey, sql`exists (select from votes v where v.request_id = r.id and v.voided_at is null and v.proof_id is not null)`);
  if (filter.kind.length > 0 || filter.environment.length > 0) {
    const kinds = filter.kind.length > 0 ? sql`i.kind = any(${array(filter.kind)}::text[])` : sql`true`;
    const places = filter.environment.length > 0 ? sql`i.environment = any(${textArray(filter.environment)}::text[])` : sql`true`;
    own.push(sql`exists (select from identities i where i.id = r.identity_id and ${kinds} and ${places})`);
  }
  const states = filter.seal.filter((state) => state !== "broken");
  const parts: Sql[] = [];
  if (states.length > 0) parts.push(sql`(c.state = any(${array(states)}::text[]) and c.broken_at is null)`);
  if (filter.seal.includes("broken")) parts.push(sql`c.broken_at is not null`);
  if (parts.length > 0) own.push(whatMarksSay(filter)("seal", sql`exists (select from chain_checks c where c.request_id = r.id and (${join(parts, " or ")}))`));
  return own;
}

/** Sessions with a use matched in one of these ways, or without any use. */
function matchCondition(matches: EvidenceFilter["match"]): Sql {
  const seen = matches.filter((match) => match !== "none");
  const parts: Sql[] = [];
  if (seen.length > 0) parts.push(sql`exists (select from uses u where u.grant_id = g.id and u.match = any(${array(seen)}::text[]))`);
  if (matches.includes("none")) parts.push(sql`(g.activated_at is not null and not exists (select from uses u where u.grant_id = g.id))`);
  return sql`(${join(parts, " or ")})`;
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** By the number that people call a request, its ticket, or an id out of a log. */
function searchCondition(text: string): Sql {
  if (uuid.test(text)) return sql`(r.id = ${text}::uuid or r.id = (select x.request_id from grants x where x.id = ${text}::uuid))`;
  const number = /^#?(\d{1,9})$/.exec(text)?.[1];
  return number === undefined ? sql`r.ticket_key = ${text}::text` : sql`(r.number = ${number}::int or r.ticket_key = ${text}::text)`;
}

const refusedFrom = sql`ledger.event v
  cross join lateral (select convert_from(v.body, 'UTF8')::jsonb as body) b
  left join entitlements e on e.id = (b.body -> 'data' -> 'entitlementIds' ->> 0)::uuid`;

function refusedBranch(filter: EvidenceFilter): Branch | null {
  const isAboutRequests = filter.seal.length > 0 || filter.finding.length > 0 || filter.match.length > 0 || filter.passkey !== undefined || filter.ticket !== undefined || filter.emergency !== undefined;
  const isElsewhere = isAboutRequests || filter.grant.length > 0 || filter.reason.length > 0 || filter.unproven || filter.approver.length > 0 || filter.q !== "";
  if (isElsewhere || (filter.state.length > 0 && !filter.state.includes("refused"))) return null;
  const { from, to } = periodOf(filter);
  const conditions: Sql[] = [sql`v.type = 'request.refused'`];
  if (filter.identity.length > 0) {
    conditions.push(sql`v.id in (select su.event_id from ledger.subject su where su.kind = 'identity' and su.id = any(${array(filter.identity)}::uuid[]))`);
  }
  if (filter.requester.length > 0) conditions.push(sql`b.body -> 'actor' ->> 'id' = any(${array(filter.requester)}::text[])`);
  if (filter.kind.length > 0 || filter.environment.length > 0) conditions.push(aboutIdentities(filter));
  if (filter.entitlement.length > 0) conditions.push(sql`jsonb_exists_any(b.body -> 'data' -> 'entitlementIds', ${array(filter.entitlement)}::text[])`);
  if (filter.system.length > 0) conditions.push(sql`e.system_id = any(${array(filter.system)}::uuid[])`);
  if (filter.sensitivity.length > 0) conditions.push(sql`e.sensitivity = any(${array(filter.sensitivity)}::text[])`);
  if (filter.demo) conditions.push(sql`coalesce((b.body ->> 'demo')::boolean, false) = ${filter.demo === "yes" ? "true" : "false"}::boolean`);
  if (from) conditions.push(sql`v.occurred_at >= ${from.toISOString()}::timestamptz`);
  if (to) conditions.push(sql`v.occurred_at < ${to.toISOString()}::timestamptz`);
  return { from: refusedFrom, where: all(conditions), inOrder: () => refusedFrom, by: { at: "v.occurred_at", chain: refusedRecord.sql } };
}

/** Refused asks for identities of these kinds and environments. */
function aboutIdentities(filter: EvidenceFilter): Sql {
  const kinds = filter.kind.length > 0 ? sql`i.kind = any(${array(filter.kind)}::text[])` : sql`true`;
  const places = filter.environment.length > 0 ? sql`i.environment = any(${textArray(filter.environment)}::text[])` : sql`true`;
  return sql`exists (select from ledger.subject su join identities i on i.id = su.id where su.event_id = v.id and su.kind = 'identity' and ${kinds} and ${places})`;
}

/** The query of a filter, for somebody with an engagement cut to it. */
export function queryOf(filter: EvidenceFilter, bound?: Bound): EvidenceQuery {
  if (bound?.isOver) return { requests: null, refused: null };
  const { own, further } = requestConditions(filter);
  const isNone = filter.state.length > 0 && filter.state.every((state) => state === "refused");
  const refused = refusedBranch(filter);
  return {
    requests: isNone ? null : { ...requestsFrom(filter), where: all([...own, ...further, ...boundOnRequests(bound)]) },
    refused: refused && bound ? { ...refused, where: all([refused.where, ...boundOnRefused(bound)]) } : refused,
  };
}

/** Asked within the engagement's period, and for nothing on other systems: a chain is seen whole or not at all. */
export function boundOnRequests(bound: Bound | undefined): Sql[] {
  if (!bound) return [];
  if (bound.isOver) return [sql`false`];
  const period = boundPeriod(bound, "r.submitted_at");
  if (bound.systemIds.length === 0) return period;
  return [...period, sql`not exists (select from request_entitlements x join entitlements y on y.id = x.entitlement_id
    where x.request_id = r.id and y.system_id <> all(${array(bound.systemIds)}::uuid[]))`];
}

function boundOnRefused(bound: Bound): Sql[] {
  const period = boundPeriod(bound, "v.occurred_at");
  if (bound.systemIds.length === 0) return period;
  return [...period, sql`e.system_id is not null and not exists (select from jsonb_array_elements_text(b.body -> 'data' -> 'entitlementIds') x(id)
    left join entitlements y on y.id = x.id::uuid where y.system_id is null or y.system_id <> all(${array(bound.systemIds)}::uuid[]))`];
}

function boundPeriod({ fromDay: first, toDay: last }: Bound, at: string): Sql[] {
  const { from, to } = periodOf({ from: first, to: last });
  return [sql`${raw(at)} >= ${from?.toISOString()}::timestamptz`, sql`${raw(at)} < ${to?.toISOString()}::timestamptz`];
}

/** One chain of an engagement: a row where it belongs to it. */
export function chainSql(chain: { readonly requestId: string } | { readonly eventId: bigint }, everything: EvidenceFilter, bound: Bound): Sql {
  const { requests, refused } = queryOf(everything, bound);
  if ("requestId" in chain) return requests ? sql`select 1 as found from ${requests.from} where ${requests.where} and r.id = ${chain.requestId}::uuid limit 1` : sql`select 1 as found where false`;
  return refused ? sql`select 1 as found from ${refused.from} where ${refused.where} and v.id = ${chain.eventId.toString()}::bigint limit 1` : sql`select 1 as found where false`;
}

/** A request's row: the grant where there is one, else what was asked for. */
export const requestRecord = raw("coalesce(g.id, re.entitlement_id)");
/** A refused ask's row and chain: its event's number in the form of an id (`schema.ts`, `refusedAskId`). */
export const refusedRecord = raw("lpad(to_hex(v.id), 32, '0')::uuid");

/** A place in the list: when it was asked, the chain, the row. */
export type Place = { readonly askedAt: string; readonly chainId: string; readonly id: string };

/** One stretch of rows in order of asking, narrow: what a page needs to read the rest. */
export function stretchSql(query: EvidenceQuery, { place, order, take }: { place: Place | null; order: Order; take: number }): Sql {
  const to = raw(order);
  const parts: Sql[] = [];
  if (query.requests) {
    const { where, inOrder, by } = query.requests;
    parts.push(sql`(select ${raw(by.at)} as asked_at, ${raw(by.chain)} as chain_id, ${requestRecord} as id, r.id as request_id, g.id as grant_id,
        re.entitlement_id, null::bigint as event_id
      from ${inOrder(order)} where ${where} and ${behind(by, requestRecord, { place, order })}
      order by ${raw(by.at)} ${to}, ${raw(by.chain)} ${to}, ${requestRecord} ${to} limit ${take}::int)`);
  }
  if (query.refused) {
    const { where, inOrder, by } = query.refused;
    parts.push(sql`(select v.occurred_at as asked_at, ${refusedRecord} as chain_id, ${refusedRecord} as id, null::uuid as request_id,
        null::uuid as grant_id, null::uuid as entitlement_id, v.id as event_id
      from ${inOrder(order)} where ${where} and ${behind(by, refusedRecord, { place, order })}
      order by v.occurred_at ${to}, v.id ${to} limit ${take}::int)`);
  }
  if (parts.length === 0) return sql`select now() as asked_at, null::uuid as chain_id, null::uuid as id, null::uuid as request_id,
    null::uuid as grant_id, null::uuid as entitlement_id, null::bigint as event_id where false`;
  return sql`select * from (${join(parts, " union all ")}) k order by asked_at ${to}, chain_id ${to}, id ${to} limit ${take}::int`;
}

function behind({ at, chain }: Branch["by"], record: Sql, { place, order }: { place: Place | null; order: Order }): Sql {
  if (!place) return sql`true`;
  const compare = raw(order === "asc" ? ">" : "<");
  // The first comparison says nothing new; it is what the index can use.
  return sql`${raw(at)} ${compare}= ${place.askedAt}::timestamptz
    and (${raw(at)}, ${raw(chain)}, ${record}) ${compare} (${place.askedAt}::timestamptz, ${place.chainId}::uuid, ${place.id}::uuid)`;
}

/** Counts up to a limit, so that counting is never slower than reading. */
export function countSql(query: EvidenceQuery, most: number): Sql {
  const branches = [query.requests, query.refused].filter((branch) => branch !== null);
  const parts = branches.map(({ from, where }) => sql`(select 1 from ${from} where ${where} limit ${most}::int)`);
  return parts.length === 0 ? sql`select 0 as count` : sql`select count(*)::int as count from (select 1 from (${join(parts, " union all ")}) k limit ${most}::int) m`;
}

/**
 * How many requests match what is said of requests alone, or what marks say alone, up to a limit. Each gives at least one row, so
 * that a list beyond the limit is known to be so by one look into one index. Null where that does not hold.
 */
export function leastCountSql(filter: EvidenceFilter, most: number): Sql | null {
  const marks = marksOf(filter);
  if (marks !== null) return isMarksAlone(filter) ? sql`select count(*)::int as count from (select 1 from ${markedSql(marks, filter)} limit ${most}::int) k` : null;
  const { own, further } = requestConditions(filter);
  if (further.length > 0) return null;
  return sql`select count(*)::int as count from (select 1 from requests r where ${all(own)} limit ${most}::int) k`;
}
