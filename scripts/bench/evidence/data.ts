import type pg from "pg";
import { fillGround, id, mixed } from "../identities-data";

const people = 500;
const systems = 25;
const entitlements = 500;
const eventsPerChain = 10;
/** What the newest chains are: still open. */
const live = 200;
const days = 400;
/** The one that a page of an identity is asked for; each identity asked about twenty times. */
export const chainsPerIdentity = 20;

/** Chains of access in every state, and ten events of each in sequence: 10,000,000 at 1,000,000 chains. */
export async function fillEvidence(client: pg.Client, chains: number): Promise<void> {
  await fillGround(client, people);
  await client.query("set session_replication_role = replica; set synchronous_commit = off; set maintenance_work_mem = '512MB'; set timezone = 'UTC'");
  await fillChains(client, chains);
  await withoutIndexes(client, ["requests", "request_entitlements", "grants", "votes", "decisions", "uses", "findings", "chain_checks"], () => fillRows(client));
  await fillMarks(client);
  await withoutIndexes(client, ["ledger.event", "ledger.subject", "ledger.entry"], () => fillLedger(client, chains));
  await client.query("set session_replication_role = origin; drop table bench_chains");
}

/** One line per chain: what it became and when. */
async function fillChains(client: pg.Client, chains: number): Promise<void> {
  const identities = Math.ceil(chains / chainsPerIdentity);
  await client.query(`
    insert into identities (id, name, kind, environment, state, owner_id, sponsor_id, source, system_id, external_key, first_seen_at, last_seen_at, visible_since, scored_at, sort_name, search_text)
      select ${id("5", "n")}, 'svc-' || n, (array['service-account', 'database-role', 'workload', 'ci-job', 'ai-agent'])[1 + n % 5], (array['production', 'staging'])[1 + n % 2], 'active', ${id("1", `1 + n % ${people}`)}, ${id("1", `1 + (n + 3) % ${people}`)}, 'import',
        ${id("3", `1 + n % ${systems}`)}, 'arn:' || n, now(), now(), now(), now(), 'svc-' || n, 'svc-' || n from generate_series(1, ${identities}) n;
    insert into sources (id, system_id, name, kind, format, lag_seconds, created_at) select ${id("b", "n")}, ${id("3", "n")}, 'log', 'log', 'postgres-jsonlog', 60, now() from generate_series(1, ${systems}) n;
    create unlogged table bench_chains as
      select c.*, ${id("3", `1 + (c.entitlement - 1) / ${entitlements / systems}`)} as system_id, ${id("4", `${entitlements / systems} + c.entitlement`)} as entitlement_id,
        c.at + (5 + ${mixed("n", 5)} % 5400) * interval '1 second' as decided_at, c.at + (5500 + ${mixed("n", 6)} % 1200) * interval '1 second' as issued_at,
        case when ${mixed("n", 7)} % 5 > 0 then c.at + 7000 * interval '1 second' end as used_at, c.at + (8000 + ${mixed("n", 8)} % 7200) * interval '1 second' as ended_at
      from (select n, ${id("8", "n")} as id, ${id("9", "n")} as grant_id, ${id("5", `1 + ${mixed("n", 1)} % ${identities}`)} as identity_id, ${id("1", `1 + ${mixed("n", 2)} % ${people}`)} as requester_id,
          1 + ${mixed("n", 9)} % ${entitlements} as entitlement, date_trunc('milliseconds', now() - interval '1 day' - (${chains} - n) * (interval '${days} days' / ${chains})) as at,
          case when n > ${chains - live} then 'active' when n % 100 < 92 then case when ${mixed("n", 3)} % 1000 < 5 then 'lapsed' when ${mixed("n", 3)} % 1000 < 8 then 'stuck' when ${mixed("n", 3)} % 1000 < 10 then 'expired-unproven' else 'proven' end end as grant_state,
          case when n > ${chains - live} or n % 100 < 92 then 'approved' when n % 100 < 96 then 'denied' when n % 100 < 98 then 'lapsed' else 'withdrawn' end as state
        from generate_series(1, ${chains}) n) c`);
}

const isIssued = "grant_state not in ('lapsed')";
const isOver = "grant_state not in ('lapsed', 'active')";

async function fillRows(client: pg.Client): Promise<void> {
  await client.query(`
    insert into requests (id, number, requester_id, identity_id, purpose, intent, ticket_key, duration_seconds, granted_duration_seconds, state, submitted_at, decide_before, decided_at, activate_before, shape)
      select id, n, requester_id, identity_id, 'backfill', 'Backfill the currency column of part ' || n, case when n % 3 = 0 then 'CHG-' || n end, 14400, 14400, state, at, at + interval '1 day', decided_at,
        case when state = 'approved' then decided_at + interval '1 day' end, '' from bench_chains;
    insert into request_entitlements (request_id, entitlement_id) select id, entitlement_id from bench_chains;
    insert into grants (id, request_id, entitlement_id, identity_id, system_id, state, duration_seconds, created_at, activate_before, handle_name, handle_target_id, activated_at, not_after, first_use_at, last_use_at, use_count, end_reason, ending_at, accepted_at, proven_at, proof, closed_at)
      select grant_id, id, entitlement_id, identity_id, system_id, grant_state, 14400, decided_at, decided_at + interval '1 day', case when ${isIssued} then 'cf_' || n end, case when ${isIssued} then n::text end,
        case when ${isIssued} then issued_at end, case when ${isIssued} then issued_at + interval '4 hours' end, case when ${isIssued} then used_at end, case when ${isOver} then used_at + interval '10 minutes' end,
        case when used_at is null then 0 else 1 end, case when ${isOver} then (array['completed', 'expired', 'expired', 'idle'])[1 + n % 4] end, case when ${isOver} then ended_at end,
        case when grant_state = 'proven' then ended_at + interval '1 second' end, case when grant_state = 'proven' then ended_at + (1 + n % 40) * interval '1 second' end,
        case when grant_state = 'proven' then '{"method": "absent from pg_roles", "strength": "absent-from-inventory", "seenBy": "probe", "lookedAt": ["2026-01-01T00:00:00.000Z", "2026-01-01T00:00:01.000Z"]}'::jsonb end,
        case when grant_state in ('proven', 'lapsed', 'expired-unproven') then ended_at + interval '1 minute' end
      from bench_chains where grant_state is not null;
    insert into votes (id, request_id, stage_id, person_id, answer, reason, request_version, duration_seconds, voted_at)
      select ${id("a", "n")}, id, ${id("c", "n")}, ${id("1", `1 + (n + 7) % ${people}`)}, case when state = 'denied' then 'deny' else 'approve' end, 'Agreed with the team', 1, 14400, decided_at from bench_chains where state in ('approved', 'denied');
    insert into decisions (id, request_id, moment, policy_hash, input_hash, input, outcome, determining, reasons, obligations, decided_at)
      select ${id("d", "n")}, id, 'request', repeat('a', 64), repeat('b', 64), '{}', 'permit', '{sample}', '[]', '[]', at from bench_chains;
    insert into uses (id, system_id, source_id, grant_id, kind, key, started_at, last_seen_at, source, match)
      select ${id("e", "n")}, system_id, ${id("b", `1 + (entitlement - 1) / ${entitlements / systems}`)}, grant_id, 'connection', n::text, used_at, used_at + interval '10 minutes', 'postgres-jsonlog',
        case when n % 1000 = 1 then 'inferred' when n % 10 = 0 then 'strong' else 'exact' end from bench_chains where used_at is not null and grant_state is not null and ${isIssued};
    insert into findings (id, kind, dedupe_key, title, detail, controls, grant_id, opened_at, closed_at)
      select ${id("f", "n")}, case when n % 2000 < 1000 then 'ended-late' else 'grant-never-used' end, n::text, 'finding', '{}', '{}', grant_id, ended_at, case when n % 4 < 3 then ended_at end
      from bench_chains where ${mixed("n", 10)} % 200 = 0 and grant_state is not null;
    insert into chain_checks (request_id, state, waits_for, looked_at, sealed_at, broken_at)
      select id, case when grant_state = 'active' then 'live' when ${mixed("n", 4)} % 1000 between 1 and 4 then 'open' when ${mixed("n", 4)} % 1000 between 5 and 19 then 'unknowable' else 'complete' end, '{}', now(),
        ended_at, case when ${mixed("n", 4)} % 1000 = 0 and grant_state <> 'active' then now() end from bench_chains`);
}

/** What triggers would have kept. */
async function fillMarks(client: pg.Client): Promise<void> {
  await client.query(`
    insert into evidence_marks (mark, asked_at, request_id, subject_id)
      select 'grant:' || g.state, r.submitted_at, r.id, g.id from grants g join requests r on r.id = g.request_id where g.state not in ('active', 'proven')
      union all select seal_mark(c.state, c.broken_at), r.submitted_at, r.id, r.id from chain_checks c join requests r on r.id = c.request_id where seal_mark(c.state, c.broken_at) is not null
      union all select 'finding:' || f.kind, r.submitted_at, r.id, f.id from findings f join grants g on g.id = f.grant_id join requests r on r.id = g.request_id where f.closed_at is null
      union all select distinct 'match:inferred', r.submitted_at, r.id, g.id from uses u join grants g on g.id = u.grant_id join requests r on r.id = g.request_id where u.match = 'inferred'`);
}

/** So many chains go on at the same time: the events of each stand apart by as many others, times ten. */
const atOnce = 50;
const asked = ["request.submitted", "policy.decided"];
const issued = [...asked, "request.voted", "request.approved", "grant.ready", "grant.issuing", "grant.active"];
/** What is told of a chain of each kind, in order; the rest of ten are comments. */
const told = {
  active: issued,
  proven: [...issued, "grant.ending", "grant.accepted", "grant.proven"],
  stuck: [...issued, "grant.ending", "grant.stuck"],
  "expired-unproven": [...issued, "grant.ending", "grant.expired-unproven"],
  unused: [...asked, "request.voted", "request.approved", "grant.ready", "grant.lapsed"],
  denied: [...asked, "request.voted", "request.denied"],
  lapsed: [...asked, "request.lapsed"],
  withdrawn: [...asked, "request.withdrawn"],
} as const;

const textArray = (words: readonly string[]) => `array[${words.map((word) => `'${word}'`).join(", ")}]`;
const time = (expression: string) => `to_char(${expression}, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** When something is told, by its type. */
const toldAt = `case type when 'request.submitted' then at when 'policy.decided' then at when 'request.refused' then at when 'grant.issuing' then issued_at when 'grant.active' then issued_at
  when 'grant.ending' then ended_at when 'grant.accepted' then ended_at + interval '1 second' when 'grant.proven' then ended_at + (1 + n % 40) * interval '1 second'
  when 'grant.stuck' then ended_at + interval '1 minute' when 'grant.expired-unproven' then ended_at + interval '1 minute' when 'grant.lapsed' then decided_at + interval '1 day' else decided_at end`;

/** Data of each type, of the words and the length that the product writes. */
const dataOf: Readonly<Record<string, string>> = {
  "request.submitted": `'{"durationSeconds":14400,"entitlementIds":["' || entitlement_id || '"],"identityId":"' || identity_id || '","maxUses":null,"purpose":"backfill","stages":[{"asked":["' || voter_id || '"],"needed":1,"source":"resource-owner"}],"ticketKey":' || case when n % 3 = 0 then '"CHG-' || n || '"' else 'null' end || '}'`,
  "policy.decided": `'{"determining":["sample"],"inputHash":"' || repeat('b', 64) || '","moment":"request","outcome":"permit","policyHash":"' || repeat('a', 64) || '"}'`,
  "request.voted": `'{"answer":"' || case when state = 'denied' then 'deny' else 'approve' end || '","batchSize":1,"durationSeconds":14400,"requestVersion":1,"stage":0,"wasOpened":true}'`,
  "request.approved": `'{"activateBefore":"' || ${time("decided_at + interval '1 day'")} || '","automatically":false,"durationSeconds":14400}'`,
  "request.refused": `'{"code":"not-permitted","entitlementIds":["' || entitlement_id || '"],"identityId":"' || identity_id || '"}'`,
  "grant.ready": `'{"activateBefore":"' || ${time("decided_at + interval '1 day'")} || '","durationSeconds":14400,"entitlementId":"' || entitlement_id || '","replaces":null}'`,
  "grant.issuing": `'{"deadline":"' || ${time("issued_at + interval '10 seconds'")} || '","handle":"cf_' || n || '","notAfter":"' || ${time("issued_at + interval '4 hours'")} || '"}'`,
  "grant.active": `'{"handle":"cf_' || n || '","notAfter":"' || ${time("issued_at + interval '4 hours'")} || '","repeated":false,"targetId":"' || n || '"}'`,
  "grant.ending": `'{"reason":"' || (array['completed', 'expired', 'expired', 'idle'])[1 + n % 4] || '"}'`,
  "grant.accepted": `'{"alreadyGone":false,"sessionsCut":0}'`,
  "grant.proven": `'{"facts":["role gone","0 sessions"],"looks":["2026-01-01T00:00:00.000Z","2026-01-01T00:00:01.000Z"],"method":"absent from pg_roles","seenBy":"probe","stillGiven":[],"stillGivenKnown":true,"strength":"absent-from-inventory"}'`,
};

/** Bodies of the words and the length of real ones, so that a bundle of them holds: whoever verifies it tells every row again from them. */
async function fillLedger(client: pg.Client, chains: number): Promise<void> {
  const kinds = Object.entries(told).map(([kind, types]) => `when kind = '${kind}' then ${textArray([...types, ...Array.from({ length: eventsPerChain - types.length }, () => "request.commented")])}`);
  const kind = "coalesce(case when grant_state = 'lapsed' then 'unused' else grant_state end, state)";
  // Where an event stands when the chains before it and behind it are told of at the same time.
  const before = Array.from({ length: eventsPerChain }, (_, other) => `least(greatest(n - 1 + ${atOnce} * (k - 1 - ${other}), 0), ${chains})`).join(" + ");
  const person = `case when type = 'request.voted' then voter_id when type in ('request.submitted', 'request.withdrawn', 'request.refused', 'request.commented') then requester_id end`;
  const actor = `coalesce('{"id":"' || ${person} || '","kind":"person"}', '{"kind":"system","process":"worker"}')`;
  const hashed = `case when type in ('request.voted', 'request.commented') then '{"reason":"' || repeat('c', 64) || '"}' when type in ('request.submitted', 'request.refused') then '{"intent":"' || repeat('d', 64) || '"}' else '{}' end`;
  const subjects = `'{' || case when type like 'grant.%' then '"grant":"' || grant_id || '",' else '' end || '"identity":"' || identity_id || '"' || case when type = 'request.refused' then '' else ',"request":"' || id || '"' end || '}'`;
  const data = `case type ${Object.entries(dataOf).map(([type, text]) => `when '${type}' then ${text}`).join(" ")} else '{}' end`;
  await client.query(`
    insert into ledger.event (id, type, body, occurred_at) overriding system value
      select ${before} + least(k - 1, (${chains} - n) / ${atOnce}) + 1, type, convert_to('{"actor":' || ${actor} || ',"at":"' || ${time("told_at")} || '","data":' || ${data} || ',"hashed":' || ${hashed} || ',"subjects":' || ${subjects} || ',"type":"' || type || '","v":1}', 'UTF8'), told_at
      from (select *, ${toldAt} as told_at from (select *, case when n % 100 = 99 and k = ${eventsPerChain} then 'request.refused' else types[k] end as type
        from (select *, ${id("1", `1 + (n + 7) % ${people}`)} as voter_id, case ${kinds.join(" ")} end as types from (select *, ${kind} as kind from bench_chains) c) c, generate_series(1, ${eventsPerChain}) k) c) c;
    select setval(pg_get_serial_sequence('ledger.event', 'id'), ${chains * eventsPerChain});
    insert into ledger.subject (event_id, kind, id)
      select v.id, s.key, s.value::uuid from ledger.event v, lateral jsonb_each_text(convert_from(v.body, 'UTF8')::jsonb -> 'subjects') s;
    insert into ledger.entry (position, event_id, leaf_hash, sequenced_at) select id - 1, id, sha256('\\x00'::bytea || body), occurred_at from ledger.event;
    update ledger.head set size = ${chains * eventsPerChain}`);
}

/** Takes the indexes off that are no keys, fills, and makes them anew: what one by one would take an hour takes minutes. */
async function withoutIndexes(client: pg.Client, tables: readonly string[], fill: () => Promise<void>): Promise<void> {
  const { rows } = await client.query<{ name: string; definition: string }>(
    `select x.indexrelid::regclass::text as name, pg_get_indexdef(x.indexrelid) as definition from pg_index x join pg_class c on c.oid = x.indrelid
     where x.indrelid = any ($1::regclass[]) and c.relkind = 'r' and not exists (select from pg_constraint k where k.conindid = x.indexrelid)`,
    [[...tables]],
  );
  for (const { name } of rows) await client.query(`drop index ${name}`);
  await fill();
  for (const { definition } of rows) await client.query(definition);
}
