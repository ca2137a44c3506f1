import type pg from "pg";
import { id, mixed } from "../identities-data";

/** Somebody who is asked about most of what waits, about a hundred, about three; and about most but for what they answer for themselves. */
export const approvers = { most: 1, ownSide: 2, hundred: 101, three: 201 } as const;
/** Team 1 is asked about six of ten, team 2 about a hundred, team 3 about three, the others about the rest. */
export const teams = 23;
const seatsPerTeam = 5;
const [askers, owners, auditors] = [40, 200, 20];
/** Requests of one shape: twelve, wherever they stand in the queue; and one shape of 150, of which ten are on everybody's first page. */
const alike = 12;
const [fleet, fleetEvery] = [150, 5];
const topEvery = 75;

/** Whom an id made from a number stands for. */
export const personId = (number: number) => `10000000-0000-7000-8000-${number.toString(16).padStart(12, "0")}`;
const [firstAsker, firstOwner, firstAuditor] = [3_001, 4_001, 5_001];

/** People, teams, a system with one entitlement per team, and identities of which each waits for about two things. */
export async function fillOrganisation(client: pg.Client, identities: number): Promise<void> {
  const add = (from: number, count: number, role: string) => client.query(`
    insert into people (id, issuer, subject, name, created_at) select ${id("1", "n")}, 'bench', n::text, initcap('${role}') || ' ' || n, now() from generate_series(${from}, ${from + count - 1}) n;
    insert into person_roles (person_id, role, since) select ${id("1", "n")}, '${role}', now() from generate_series(${from}, ${from + count - 1}) n`);
  for (let team = 1; team <= teams; team += 1) await add(seat(team, 0), seatsPerTeam, "approver");
  await add(firstAsker, askers, "requester");
  await add(firstOwner, owners, "owner");
  await add(firstAuditor, auditors, "auditor");
  await client.query(`
    insert into teams (id, name) select ${id("2", "n")}, 'Team ' || n from generate_series(1, ${teams}) n;
    insert into team_members (team_id, person_id) select ${id("2", "t")}, ${id("1", `(t - 1) * 100 + s`)} from generate_series(1, ${teams}) t, generate_series(1, ${seatsPerTeam}) s;
    insert into systems (id, name, connector, environment, config, created_at) values (${id("3", "1")}, 'orders-db', 'files@1', 'production', '{}', now());
    insert into entitlements (id, system_id, name, description, target, actions, sensitivity, resource_team_id, purposes, created_at, requestable)
      select ${id("4", "n")}, ${id("3", "1")}, 'read orders ' || n, 'Read the orders of one region', '{}', '{SELECT}', 'medium', ${id("2", "n")}, '{backfill}', now(), true from generate_series(1, ${teams}) n`);
  await client.query("set session_replication_role = replica");
  await client.query(`
    insert into identities (id, name, kind, environment, state, owner_id, sponsor_id, source, system_id, external_key, first_seen_at, last_seen_at, last_active_at, visible_since, scored_at, sort_name, search_text)
      select ${id("5", "n")}, 'svc-orders-' || n, (array['service-account', 'database-role', 'workload', 'ci-job'])[1 + ${mixed("n", 5)} % 4], 'production', 'active',
        case when n % 2 = 0 then ${id("1", `${approvers.ownSide}`)} else ${id("1", `${firstOwner} + n % ${owners}`)} end, ${id("1", `${firstOwner} + (n + 7) % ${owners}`)},
        'import', ${id("3", "1")}, 'arn:' || n, now(), now(), now(), now(), now(), 'svc-orders-' || n, 'svc-orders-' || n
      from generate_series(1, ${identities}) n;
    set session_replication_role = origin`);
}

const seat = (team: number, number: number) => (team - 1) * 100 + 1 + number;

/** Who asks for the templates, and for which identity: none that an approver answers for. */
export const template = { askerId: personId(firstAsker), identityId: (team: number) => `50000000-0000-7000-8000-${(team * 2 - 1).toString(16).padStart(12, "0")}` } as const;

/** Auditors hear of every request, so do the five of team 1 about theirs: whose browsers are open. */
export const listeners = [...Array.from({ length: seatsPerTeam }, (_, number) => personId(seat(1, number))), ...Array.from({ length: auditors }, (_, number) => personId(firstAuditor + number))];

/** As many requests as were asked for, each a copy of one that was submitted to the same team: nothing of them is made up but who asks, for what, when and how risky. */
export async function fillWaiting(client: pg.Client, { count, identities }: { readonly count: number; readonly identities: number }): Promise<void> {
  const copies = count - teams;
  await client.query(`
    create table bench_copies as
      select n, t.id as template_id, ${id("8", "n")} as id, ${id("9", "n")} as stage_id, ${id("5", `1 + n % ${identities}`)} as identity_id,
        ${id("1", `${firstAsker} + (n % ${Math.ceil(copies / alike)}) % ${askers}`)} as asker_id,
        case when n % ${fleetEvery} = 0 and n <= ${fleet * fleetEvery} then 'fleet' else 'shape-' || n % ${Math.ceil(copies / alike)} end as shape,
        ${mixed("n", 1)} % 2 * 15 as first, ${mixed("n", 2)} % 2 * 10 as standing, case when n % ${topEvery} = 0 and n <= ${fleet * fleetEvery} then 50 else ${mixed("n", 3)} % 2 * 10 end as long, ${mixed("n", 4)} % 2 * 5 as hours,
        now() - ${mixed("n", 5)} % 86400 * interval '1 second' as at
      from generate_series(1, ${copies}) n
      join requests t on t.id = (select id from requests where state = 'pending' and identity_id = ${id("5", "(case when n <= 2 then 3 when n <= 101 then 2 when n % 10 < 6 then 1 else 4 + n % 20 end) * 2 - 1")} limit 1);
    alter table bench_copies add primary key (id);
    create index on bench_copies (template_id)`);
  await client.query("set session_replication_role = replica");
  const copied = (table: string, join: string, changes: string, where = "true") => client.query(`
    insert into ${table} select made.* from bench_copies c join ${table} original on ${join}, lateral jsonb_populate_record(original, ${changes}) made where ${where}`);
  await copied("requests", "original.id = c.template_id", `jsonb_build_object('id', c.id, 'number', 1000 + c.n, 'identity_id', c.identity_id, 'requester_id', c.asker_id, 'shape', c.shape, 'submitted_at', c.at,
    'idempotency_key', c.id::text, 'risk', 30 + c.first + c.standing + c.long + c.hours, 'risk_parts', jsonb_build_array(jsonb_build_object('code', 'sensitivity', 'points', 20), jsonb_build_object('code', 'production', 'points', 10),
    jsonb_build_object('code', 'first-time', 'points', c.first)))`);
  await copied("request_entitlements", "original.request_id = c.template_id", "jsonb_build_object('request_id', c.id)");
  await copied("stages", "original.request_id = c.template_id", "jsonb_build_object('id', c.stage_id, 'request_id', c.id)");
  await client.query(`
    insert into side_members (request_id, person_id, why, since)
      select c.id, p.person_id, p.why, c.at from bench_copies c join identities i on i.id = c.identity_id, lateral (values (c.asker_id, 'requester'), (i.owner_id, 'owner'), (i.sponsor_id, 'sponsor')) p (person_id, why);
    insert into stage_members (stage_id, person_id, seat_of_id, why, since)
      select c.stage_id, m.person_id, m.seat_of_id, m.why, c.at from bench_copies c join stages s on s.request_id = c.template_id join stage_members m on m.stage_id = s.id
      where not exists (select from side_members d where d.request_id = c.id and d.person_id = m.person_id)`);
  await client.query("set session_replication_role = origin");
  await client.query("drop table bench_copies");
  // What few are asked about is of a sensitivity of its own.
  await client.query(`update entitlements set sensitivity = 'high' where id = ${id("4", "3")}`);
}
