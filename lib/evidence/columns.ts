import "server-only";
import { Prisma } from "@/lib/db/generated/client";
import { requestRecord, refusedRecord, type Branch, type EvidenceQuery } from "./query";

type Kind = "word" | "text" | "time" | "number" | "yes-no" | "id";

/** A column of the exported file: its expression over a request's row, and over a refused ask's (`null`: nothing to say). */
type Column = {
  readonly name: string;
  readonly kind: Kind;
  readonly meaning: string;
  readonly request: string;
  readonly refused: string | null;
};

const column = (name: string, kind: Kind, meaning: string, request: string, refused: string | null = null): Column => ({ name, kind, meaning, request, refused });

/** Free text that is gone says so: empty would read as "never was". */
const kept = (expression: string) => `coalesce(${expression}, '[erased]')`;
const hasLog = "exists (select from sources x where x.system_id = g.system_id and x.kind = 'log')";
/**
 * Whether a session's uses are what they will stay: it is over, and no log of its system has still to report up to its end. A
 * log that never says how far it has come leaves that unknown. Needs the requests' joins.
 */
const settled = `(g.accepted_at is not null and (not ${hasLog} or c.state in ('complete', 'unknowable')))`;
/** What was seen or logged counts only then: until then it grows without an event. */
const over = (expression: string) => `case when ${settled} then ${expression} end`;
/** A log that reported all of the session's time. */
const wholeLog = `exists (select from sources x where x.system_id = g.system_id and x.kind = 'log' and x.covers_from <= coalesce(g.issue_started_at, g.activated_at)
    and x.watermark >= g.accepted_at + make_interval(secs => x.lag_seconds))`;

/** Who asked for what, for which identity. */
const asking: readonly Column[] = [
  column("record", "word", "grant, request (never had a grant) or refused-ask (never became a request)", "case when g.id is null then 'request' else 'grant' end", "'refused-ask'"),
  column("request_number", "number", "What people call the request", "r.number"),
  column("request_id", "id", "Id of the request", "r.id"),
  column("grant_id", "id", "Id of the grant and of its session", "g.id"),
  column("access_kind", "word", "jit, or break-glass where it was taken in an emergency", "case when r.break_glass_id is null then 'jit' else 'break-glass' end"),
  column("demo", "yes-no", "Written by the demo's seed; nothing was issued on a target", "r.demo", "coalesce((b.body ->> 'demo')::boolean, false)"),
  column("identity_id", "id", "The identity that gets access", "i.id", "i.id"),
  column("identity_name", "text", "Its name at the time of the export", "i.name", "i.name"),
  column("identity_kind", "word", "Its kind", "i.kind", "i.kind"),
  column("identity_environment", "text", "Its environment", "i.environment", "i.environment"),
  column("identity_owner_id", "id", "Its owner at the time of the export", "i.owner_id", "i.owner_id"),
  column("identity_owner_name", "text", "Name of the owner", "io.name", "io.name"),
  column("entitlement_id", "id", "What was asked for", "e.id", "e.id"),
  column("entitlement_name", "text", "Its name", "e.name", "e.name"),
  column("sensitivity", "word", "low, medium, high or critical", "e.sensitivity", "e.sensitivity"),
  column("system_id", "id", "The system it is on", "s.id", "s.id"),
  column("system_name", "text", "Name of the system", "s.name", "s.name"),
  column("system_environment", "text", "Environment of the system", "s.environment", "s.environment"),
  column("requester_kind", "word", "person or workload", "case when r.requester_id is null then 'workload' else 'person' end", "b.body -> 'actor' ->> 'kind'"),
  column("requester_id", "id", "Who asked", "coalesce(r.requester_id, r.requester_identity_id)", "(b.body -> 'actor' ->> 'id')::uuid"),
  column("requester_name", "text", "Name of who asked", "coalesce(rp.name, rw.name)", "coalesce(rp.name, rw.name)"),
  column("triggered_by_id", "id", "Who started the job that asked, as its token attests", "r.triggered_by_id"),
  column("triggered_by_name", "text", "Name of who started it", "tp.name"),
  column("purpose", "text", "Purpose that was picked", "r.purpose"),
  column("intent", "text", "The free sentence beside it", kept("r.intent"), kept("(select c.value from ledger.clear_value c where c.event_id = v.id and c.field = 'intent')")),
  column("ticket_key", "text", "Ticket that was named", "r.ticket_key"),
  column("ticket_check", "word", "What is known about the ticket", "case when r.ticket_key is null then null when exists (select from ticket_links l where l.request_id = r.id) then 'checked with its provider' else 'named, not checked' end"),
  column("asked_at", "time", "When it was asked", "r.submitted_at", "v.occurred_at"),
];

/** What policy said and who decided. */
const deciding: readonly Column[] = [
  column("policy_outcome", "word", "Policy's first answer: permit, refuse or fault", "d.outcome"),
  column("policy_hash", "word", "SHA-256 of the policy set that answered", "d.policy_hash"),
  column("policy_input_hash", "word", "SHA-256 of what it was asked", "d.input_hash"),
  column("policy_ids", "text", "Policies that made the answer", "array_to_string(d.determining, '; ')"),
  column("state", "word", "pending, approved, denied, withdrawn, lapsed or refused", "r.state", "'refused'"),
  column("refusal_code", "word", "Why an ask was refused", "null::text", "b.body -> 'data' ->> 'code'"),
  column("decide_before", "time", "It lapses when nobody decided by then", "r.decide_before"),
  column("decided_at", "time", "When it was decided, taken back or lapsed undecided", "r.decided_at", "v.occurred_at"),
  column("decided_by", "word", "people, policy, requester, nobody, or break-glass where it was taken without a decision", `case when r.break_glass_id is not null then 'break-glass' when r.state = 'pending' then null when r.state = 'withdrawn' then 'requester' when r.state = 'lapsed' and r.activate_before is null then 'nobody' when vo.ids is null then 'policy' else 'people' end`, "'policy'"),
  column("voter_ids", "word", "Who voted, in order", "vo.ids"),
  column("voter_names", "text", "Names of who voted", "vo.names"),
  column("votes", "word", "Their votes", "vo.answers"),
  column("vote_reasons", "text", "Their reasons", "vo.reasons"),
  column("voted_at", "word", "When they voted", "vo.times"),
  column("votes_of_asking_side", "number", "Votes by persons on the asking side; has to be 0", "vo.own_side"),
  column("activate_before", "time", "It lapses when nobody activated it by then", "coalesce(g.activate_before, r.activate_before)"),
  column("asked_seconds", "number", "Duration that was asked for", "r.duration_seconds"),
  column("granted_seconds", "number", "Duration that was granted", "coalesce(g.duration_seconds, case when r.state = 'approved' then r.granted_duration_seconds end)"),
  column("max_uses", "number", "Most uses; empty where unlimited", "coalesce(g.max_uses, r.max_uses)"),
  column("idle_seconds", "number", "Ends when idle for so long; empty where it does not", "coalesce(g.idle_seconds, r.idle_seconds)"),
];

/** What was issued, what was seen of it, and its three truths of an end. */
const living: readonly Column[] = [
  column("grant_state", "word", "State of the grant", "g.state"),
  column("replaces_grant_id", "id", "The grant that this one takes the place of, after a failed or lost issue", "g.replaces_id"),
  column("credential", "text", "Name of the credential on the target; never a secret", "g.handle_name"),
  column("credential_target_id", "text", "The target's own id of it", "g.handle_target_id"),
  column("issue_failure", "word", "Why it was never issued", "case when g.state = 'failed' then g.last_failure end"),
  column("issued_at", "time", "When the target had it", "g.activated_at"),
  column("not_after", "time", "Its end at the latest", "g.not_after"),
  column("use_source", "text", "How its uses are known: each source of the system, by looks now and then or by a log", `case when g.activated_at is not null then coalesce(us.sources, 'none') end`),
  column("uses_complete", "word", "yes: the session is over and every log of its system has reported past its end; unknown: over, but a log never says how far it has reported, so that more may come; open: not so far, and the uses are left out", `case when g.activated_at is null then null when not ${settled} then 'open' when ${hasLog} and c.state = 'unknowable' then 'unknown' else 'yes' end`),
  column("used", "word", "used; not used: a log that reported all of the session's time tells of no use; none seen: looks now and then saw none, which is no proof that there was none", over(`case when g.first_use_at is not null or u.allowed > 0 then 'used' when ${wholeLog} then 'not used' else 'none seen' end`)),
  column("first_use_at", "time", "First use that was seen or logged", over("g.first_use_at")),
  column("last_use_at", "time", "Last activity that was seen or logged", over("g.last_use_at")),
  column("connections_seen", "number", "Connections that looks now and then saw; 0 means that none was seen", over("case when g.activated_at is not null then g.use_count end")),
  column("statements_counted", "number", "Statements that the target counted; empty where it does not count", over("g.statement_count")),
  column("uses_logged", "number", "Uses that logs tell of; empty where the system has none", over(`case when ${hasLog} then u.logged end`)),
  column("uses_refused", "number", "Of all uses: those that the target refused or that failed", over("u.refused")),
  column("use_match", "word", "How sure it is that the uses are this grant's, of the least sure one: exact, strong or inferred; none where there are no uses", over("case u.surety when 1 then 'inferred' when 2 then 'strong' when 3 then 'exact' else 'none' end")),
  column("ended_at", "time", "When its end was asked for", "g.ending_at"),
  column("end_reason", "word", "Why it ended", "g.end_reason"),
  column("ended_by_id", "id", "The person who ended it; empty where Curfew did", "g.ended_by_id"),
  column("ended_by_name", "text", "Name of that person", "ep.name"),
  column("accepted_at", "time", "When the target took the end", "g.accepted_at"),
  column("sessions_cut", "number", "Open connections that were cut", "g.sessions_cut"),
  column("proven_at", "time", "When it was proven dead", "g.proven_at"),
  column("seconds_to_proof", "number", "From ended_at to proven_at", "round(extract(epoch from g.proven_at - g.ending_at), 3)"),
  column("proof_method", "text", "How it was proven", "g.proof ->> 'method'"),
  column("proof_strength", "word", "Strength of the proof", "g.proof ->> 'strength'"),
  column("proof_seen_by", "text", "The account that looked", "g.proof ->> 'seenBy'"),
  column("proof_first_look_at", "word", "First look", "g.proof -> 'lookedAt' ->> 0"),
  column("proof_second_look_at", "word", "Second look", "g.proof -> 'lookedAt' ->> 1"),
  column("still_given", "text", "What else gives the identity this entitlement, at the time of the proof; not known: the target could not be asked", stillGiven()),
  column("closed_at", "time", "When nothing more could happen to it", "g.closed_at"),
  column("findings", "number", "Findings about this grant", "case when g.id is not null then (select count(*) from findings f where f.grant_id = g.id) end"),
  column("has_finding", "yes-no", "Whether there is any", "g.id is not null and exists (select from findings f where f.grant_id = g.id)"),
  column("ledger_first", "number", "Ledger position of the chain's first event", "led.first", "(select n.position from ledger.entry n where n.event_id = v.id)"),
  column("ledger_last", "number", "Ledger position of the chain's last event in this snapshot", "led.last", "(select n.position from ledger.entry n where n.event_id = v.id)"),
];

function stillGiven(): string {
  return `case when g.proven_at is null then null when g.still_given is null then 'not known' when g.still_given = '[]'::jsonb then 'nothing'
    else (select string_agg((way ->> 'name') || ' (' || (way ->> 'kind') || ')', '; ' order by way ->> 'name') from jsonb_array_elements(g.still_given) way) end`;
}

/** All columns, in the order of the file. A changed list is a new version of the definition (`report-card.ts`). */
export const columns: readonly Column[] = [...asking, ...deciding, ...living];

/** Tables whose columns rows name. */
const nameJoins = `
  join systems s on s.id = e.system_id
  join identities i on i.id = r.identity_id
  left join people io on io.id = i.owner_id
  left join people rp on rp.id = r.requester_id
  left join identities rw on rw.id = r.requester_identity_id
  left join people tp on tp.id = r.triggered_by_id
  left join people ep on ep.id = g.ended_by_id`;
const useJoins = `
  left join chain_checks c on c.request_id = r.id
  left join (select x.system_id, string_agg(x.name || case x.kind when 'log' then ' (log, ' || x.format || ')' else ' (looks now and then)' end, '; ' order by x.name) as sources
    from sources x group by 1) us on us.system_id = g.system_id
  left join lateral (select count(*) filter (where w.outcome = 'allowed')::int as allowed, count(*) filter (where w.outcome <> 'allowed')::int as refused,
      count(*) filter (where x.kind = 'log')::int as logged, min(case w.match when 'inferred' then 1 when 'strong' then 2 else 3 end) as surety
    from uses w join sources x on x.id = w.source_id where w.grant_id = g.id) u on true`;
const decisionJoins = `
  left join lateral (select x.outcome, x.policy_hash, x.input_hash, x.determining from decisions x
    where x.request_id = r.id and x.moment = 'request' order by x.decided_at, x.id limit 1) d on true
  left join lateral (select string_agg(o.person_id::text, '; ') as ids,
      string_agg((select p.name from people p where p.id = o.person_id), '; ') as names, string_agg(o.answer, '; ') as answers,
      string_agg(coalesce(o.reason, '[erased]'), ' | ') as reasons,
      string_agg(to_char(o.voted_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), '; ') as times,
      sum((exists (select from side_members m where m.request_id = r.id and m.person_id = o.person_id))::int) as own_side
    from (select * from votes y where y.request_id = r.id and y.voided_at is null order by y.voted_at, y.id) o) vo on true`;
const ledgerJoins = `
  left join lateral (select (select n.position from ledger.entry n where n.event_id = min(su.event_id)) as first,
      (select n.position from ledger.entry n where n.event_id = max(su.event_id)) as last
    from ledger.subject su where su.kind = 'request' and su.id = r.id) led on true`;
const requestJoins = Prisma.raw(nameJoins + useJoins + decisionJoins + ledgerJoins);

const refusedJoins = Prisma.raw(`
  left join systems s on s.id = e.system_id
  left join identities i on i.id = (b.body -> 'data' ->> 'identityId')::uuid
  left join people io on io.id = i.owner_id
  left join people rp on b.body -> 'actor' ->> 'kind' = 'person' and rp.id = (b.body -> 'actor' ->> 'id')::uuid
  left join identities rw on b.body -> 'actor' ->> 'kind' = 'workload' and rw.id = (b.body -> 'actor' ->> 'id')::uuid`);

/** How a value looks in either format: times in UTC to the millisecond, yes and no as words. */
function shown(kind: Kind, expression: string): string {
  if (kind === "time") return `to_char(${expression} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
  return kind === "yes-no" ? `case when ${expression} then 'yes' else 'no' end` : expression;
}

/**
 * Spreadsheets run cells that begin with `= + - @`, TAB or CR as formulas: an apostrophe before them stops that. Only free
 * text can begin so.
 */
export function guarded(kind: Kind, expression: string): string {
  return kind === "text" ? `case when ascii(${expression}) in (61, 43, 45, 64, 9, 13) then '''' || (${expression}) else ${expression} end` : expression;
}

const nothing = { word: "null::text", text: "null::text", time: "null::text", number: "null::bigint", "yes-no": "null::text", id: "null::uuid" } as const satisfies Record<Kind, string>;

function selected(branch: "request" | "refused", format: "csv" | "jsonl"): Prisma.Sql {
  const expressions = columns.map(({ name, kind, ...expression }) => {
    const own = expression[branch];
    const value = own === null ? nothing[kind] : shown(kind, own);
    return `${format === "csv" ? guarded(kind, value) : value} as ${name}`;
  });
  return Prisma.raw(expressions.join(",\n  "));
}

/** The rows of a query for a file, as one statement per branch: requests in order of asking, then refused asks. */
export function rowStatements(query: EvidenceQuery, format: "csv" | "jsonl"): Prisma.Sql[] {
  const statement = (kind: "request" | "refused", branch: Branch, joins: Prisma.Sql, order: Prisma.Sql) =>
    Prisma.sql`select ${selected(kind, format)} from ${branch.from} ${joins} where ${branch.where} order by ${order}`;
  return [
    ...(query.requests ? [statement("request", query.requests, requestJoins, Prisma.sql`r.submitted_at, r.id, ${requestRecord}`)] : []),
    ...(query.refused ? [statement("refused", query.refused, refusedJoins, Prisma.sql`v.occurred_at, ${refusedRecord}`)] : []),
  ];
}

/** The same rows, counted by what they are: for the report card, and to know that the file is whole. */
export function tallyStatements(query: EvidenceQuery): Prisma.Sql[] {
  return [
    ...(query.requests
      ? [Prisma.sql`select case when g.id is null then 'request' else 'grant' end as record, r.state, g.state as grant_state, g.end_reason,
            count(*)::int as rows, coalesce(sum(g.duration_seconds), 0)::text as seconds
          from ${query.requests.from} where ${query.requests.where} group by 1, 2, 3, 4 order by 1, 2, 3, 4`]
      : []),
    ...(query.refused
      ? [Prisma.sql`select 'refused-ask' as record, 'refused' as state, null::text as grant_state, null::text as end_reason,
            count(*)::int as rows, '0' as seconds
          from ${query.refused.from} where ${query.refused.where}`]
      : []),
  ];
}

/** How many requests the rows belong to; null where none is meant. */
export function requestCount({ requests }: EvidenceQuery): Prisma.Sql | null {
  return requests && Prisma.sql`select count(distinct r.id)::int as requests from ${requests.from} where ${requests.where}`;
}

/** The columns by name, in order. */
export const columnNames: readonly string[] = columns.map(({ name }) => name);

/** The columns as a report card tells them. */
export const cardColumns = columns.map(({ name, kind, meaning }) => ({ name, kind, meaning }));

/** The expression of a column over a request's row and over a refused ask's, as JSON Lines show it; null where there is no such column. */
export function expressionOf(name: string): { readonly request: string; readonly refused: string } | null {
  const found = columns.find((column) => column.name === name);
  if (!found) return null;
  const { kind, request, refused } = found;
  return { request: shown(kind, request), refused: refused === null ? nothing[kind] : shown(kind, refused) };
}

/** What the expressions of columns are over, besides the branch's own tables; `of` leaves out what they do not need. */
export function joinsOf(branch: "request" | "refused", of: { readonly uses: boolean }): Prisma.Sql {
  return branch === "refused" ? refusedJoins : Prisma.raw(nameJoins + (of.uses ? useJoins : "") + ledgerJoins);
}

/** Of a request's row: whether its uses are what they will stay. */
export const usesSettled: Prisma.Sql = Prisma.raw(settled);
