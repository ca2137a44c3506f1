import "server-only";
import { Prisma } from "@/lib/db/generated/client";
import type { EvidenceQuery } from "../query";

const { sql, raw } = Prisma;

/** JSON of an event's body. */
const bodyOf = (event: string) => raw(`convert_from(${event}.body, 'UTF8')::jsonb`);
const base64Url = (column: string) => `translate(rtrim(replace(encode(${column}, 'base64'), E'\\n', ''), '='), '+/', '-_')`;
const time = (column: string) => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** Requests that rows of the export are of. */
const requestsOf = ({ requests }: EvidenceQuery) => (requests ? sql`select distinct r.id from ${requests.from} where ${requests.where}` : sql`select null::uuid as id where false`);

/** The events that the bundle holds in full: all about those requests, the refused asks, and what confirms an emergency. */
export function eventsOf(query: EvidenceQuery): Prisma.Sql {
  const { refused } = query;
  const refusals = refused ? sql`select v.id as event_id from ${refused.from} where ${refused.where}` : sql`select null::bigint where false`;
  return sql`
    select su.event_id from (${requestsOf(query)}) q join ledger.subject su on su.kind = 'request' and su.id = q.id
    union ${refusals}
    union select v.id from (${requestsOf(query)}) q join break_glass b on b.request_id = q.id join step_up_proofs p on p.id = b.proof_id
      join ledger.subject su on su.kind = 'person' and su.id = p.person_id join ledger.event v on v.id = su.event_id
      where v.type = 'step-up.confirmed' and ${bodyOf("v")} -> 'data' ->> 'proofId' = p.id::text`;
}

/** Where those events stand, as far as they have a position. */
export const spanSql = (query: EvidenceQuery) => sql`
  select coalesce(min(n.position), 0)::text as "from", coalesce(max(n.position) + 1, 0)::text as "to", count(*)::int as events
  from (${eventsOf(query)}) x join ledger.entry n on n.event_id = x.event_id`;

/** Those that were committed and have no position yet, with what stands beside them. */
export const waitingSql = (query: EvidenceQuery) => sql`
  select x.event_id::text as id, convert_from(v.body, 'UTF8') as body,
    coalesce((select jsonb_agg(jsonb_build_object('field', c.field, 'salt', encode(c.salt, 'hex'), 'value', c.value) order by c.field collate "C")
      from ledger.clear_value c where c.event_id = x.event_id), '[]'::jsonb) as clear
  from (${eventsOf(query)}) x join ledger.pending p on p.event_id = x.event_id join ledger.event v on v.id = x.event_id`;

type Positions = { readonly from: bigint; readonly to: bigint };

const within = ({ from, to }: Positions) => sql`n.position >= ${from.toString()}::bigint and n.position < ${to.toString()}::bigint`;

/**
 * The first of them whose bytes are not those that its leaf hash was made of. The smallest and not the first in order: there is
 * none as a rule, and whoever expects one soon walks the log position by position beside all events.
 */
export const changedSql = (query: EvidenceQuery) => sql`
  select min(n.position)::text as position from (${eventsOf(query)}) x join ledger.entry n on n.event_id = x.event_id left join ledger.event v on v.id = x.event_id
  where v.id is null or n.leaf_hash <> sha256('\\x00'::bytea || v.body) having min(n.position) is not null`;

/** One line a position: the event's exact bytes where it belongs to the bundle, else its leaf hash. */
export const entriesSql = (query: EvidenceQuery, positions: Positions) => sql`
  select case when v.id is null then '"' || encode(n.leaf_hash, 'base64') || '"' else convert_from(v.body, 'UTF8') end
  from ledger.entry n left join (${eventsOf(query)}) x on x.event_id = n.event_id left join ledger.event v on v.id = x.event_id
  where ${within(positions)} order by n.position`;

/** Each leaf hash, in hex. */
export const leavesSql = (positions: Positions) => sql`select encode(n.leaf_hash, 'hex') from ledger.entry n where ${within(positions)} order by n.position`;

/** What stands in clear beside those events. */
export const clearSql = (query: EvidenceQuery) => sql`
  select json_build_object('position', n.position, 'field', c.field, 'salt', encode(c.salt, 'hex'), 'value', c.value)::text
  from (${eventsOf(query)}) x join ledger.entry n on n.event_id = x.event_id join ledger.clear_value c on c.event_id = x.event_id
  order by n.position, c.field collate "C"`;

/** A value that events of the bundle name in their data. */
const named = (query: EvidenceQuery, name: string, types: readonly string[]) => sql`
  select distinct ${bodyOf("v")} -> 'data' ->> ${name}::text as value from (${eventsOf(query)}) x join ledger.event v on v.id = x.event_id
  where v.type = any(${`{${types.join(",")}}`}::text[])`;

const proofTypes = ["request.voted", "break-glass.asked", "step-up.confirmed"];
const proofFields = [
  "'version', 1", "'id', p.id", "'personId', p.person_id", "'rpId', p.rp_id", "'origin', p.origin", "'statement', p.statement", "'digest', p.digest", "'challenge', p.challenge",
  "'credentialId', p.credential_id", `'publicKey', ${base64Url("p.public_key")}`, `'authenticatorData', ${base64Url("p.authenticator_data")}`, `'clientDataJson', ${base64Url("p.client_data_json")}`,
  `'signature', ${base64Url("p.signature")}`, "'userVerified', p.user_verified", "'counter', p.counter", `'verifiedAt', ${time("p.verified_at")}`,
].join(", ");

/** The passkeys' answers that events name. */
export const proofsSql = (query: EvidenceQuery) => sql`
  select json_build_object(${raw(proofFields)})::text from step_up_proofs p where p.id::text in (select k.value from (${named(query, "proofId", proofTypes)}) k) order by p.id`;

/** The policies as they were: each set that a decision names. */
export const policiesSql = (query: EvidenceQuery) => sql`
  select json_build_object('sha256', p.hash, 'version', p.version, 'created_at', ${raw(time("p.created_at"))}, 'policies', p.policies)::text
  from policy_sets p where p.hash in (select k.value from (${named(query, "policyHash", ["policy.decided"])}) k) order by p.hash`;

/** What ticket systems answered, byte for byte: each snapshot that a check names. */
export const ticketsSql = (query: EvidenceQuery) => sql`
  select distinct on (s.hash) json_build_object('sha256', s.hash, 'provider', o.name, 'kind', o.kind, 'ticket', t.key, 'fetched_at', ${raw(time("s.fetched_at"))},
    'answer', replace(encode(s.bytes, 'base64'), E'\\n', ''))::text
  from ticket_snapshots s join tickets t on t.id = s.ticket_id join ticket_providers o on o.id = t.provider_id
  where s.hash in (select k.value from (${named(query, "hash", ["ticket.checked"])}) k) order by s.hash, s.fetched_at, t.id`;

/** The events of one chain, with their positions. */
export const chainEventsSql = ({ requestId, position }: { readonly requestId: string | null; readonly position: number | null }) =>
  requestId === null
    ? sql`select n.position::text as position, convert_from(v.body, 'UTF8') as body from ledger.entry n join ledger.event v on v.id = n.event_id where n.position = ${String(position)}::bigint`
    : sql`select n.position::text as position, convert_from(v.body, 'UTF8') as body from ledger.subject su join ledger.entry n on n.event_id = su.event_id
        join ledger.event v on v.id = su.event_id where su.kind = 'request' and su.id = ${requestId}::uuid order by n.position`;
