import type pg from "pg";

const systems = 25;
const teams = 40;
const entitlementsPerSystem = 20;
const credentialsEach = 3;
const assignmentsEach = 10;

/** Ids made from numbers: what belongs together is found without a look-up. */
export const id = (kind: string, number: string) => `('${kind}0000000-0000-7000-8000-' || lpad(to_hex(${number}), 12, '0'))::uuid`;
/** Spreads numbers that lie side by side, the same in every run. */
export const mixed = (number: string, salt: number) => `(abs(hashint8((${number})::bigint * 7919 + ${salt})))`;

/** What the identities stand on: people, teams, systems and what these offer. */
export async function fillGround(client: pg.Client, people: number): Promise<void> {
  await client.query(`
    insert into people (id, issuer, subject, name, created_at)
      select ${id("1", "n")}, 'bench', n::text, (array['Ada', 'Bo', 'Cem', 'Dara', 'Eli', 'Finn', 'Gil', 'Hana'])[1 + n % 8] || ' ' || (array['Ahn', 'Berg', 'Costa', 'Diaz', 'Eriksen', 'Fofana', 'Gupta'])[1 + n % 7] || ' ' || n, now()
      from generate_series(1, ${people}) n;
    insert into teams (id, name) select ${id("2", "n")}, 'Team ' || n from generate_series(1, ${teams}) n;
    insert into systems (id, name, connector, environment, config, created_at)
      select ${id("3", "n")}, 'system-' || n, 'files@1', (array['production', 'production', 'staging', 'development'])[1 + n % 4], '{}', now() from generate_series(1, ${systems}) n;
    insert into entitlements (id, system_id, name, description, target, actions, sensitivity, purposes, created_at)
      select ${id("4", `s * ${entitlementsPerSystem} + n`)}, ${id("3", "s")}, 'entitlement ' || n, '', '{}', '{SELECT}', (array['low', 'medium', 'high', 'critical'])[1 + n % 4], '{}', now()
      from generate_series(1, ${systems}) s, generate_series(1, ${entitlementsPerSystem}) n`);
}

const name = `
  (array['svc', 'deploy', 'etl', 'batch', 'sync', 'ci', 'report', 'backup'])[1 + ${mixed("n", 1)} % 8] || '-' ||
  (array['orders', 'billing', 'payments', 'search', 'mail', 'stock', 'pricing', 'ledger', 'photos', 'maps', 'routing', 'identity', 'export'])[1 + ${mixed("n", 2)} % 13] || '-' ||
  case when n <= 6000 and n % 100 = 0 then 'quokka-' when ${mixed("n", 3)} % 500 = 0 then 'narwhal-' else '' end || to_hex(${mixed("n", 4)} % 65536) || '-' || n`;

/** Identities `from`–`to` with their credentials and assignments. Triggers and foreign keys rest; indexes come after. */
export async function fillIdentities(client: pg.Client, range: { readonly from: number; readonly to: number; readonly people: number }): Promise<void> {
  const { from, to, people } = range;
  const series = `generate_series(${from}, ${to}) n`;
  await client.query(`
    insert into identities (id, name, kind, description, environment, state, owner_id, sponsor_id, team_id, tags, source, system_id, external_key, first_seen_at, last_seen_at,
      last_active_at, visible_since, vanished_at, is_shared, staleness, exposure, scored_at, credential_count, entitlement_count, standing_count, sort_name, sort_owner, sort_team, sort_system, search_text)
    select i.*, lower(i.name), lower(p.name), lower(t.name), lower(s.name), lower(concat_ws(' ', i.name, i.external_key, i.description, array_to_string(i.tags, ' ')))
    from (
      select ${id("5", "n")} as id, ${name} as name, (array['service-account', 'database-role', 'database-role', 'api-key', 'oauth-client', 'workload', 'workload', 'ci-job', 'ai-agent', 'bot', 'certificate', 'ssh-key', 'third-party'])[1 + ${mixed("n", 5)} % 13] as kind,
        case when n % 4 = 0 then 'moves data of region ' || n % 50 end as description,
        (array['production', 'production', 'staging', 'development'])[1 + (1 + ${mixed("n", 6)} % ${systems}) % 4] as environment,
        case when ${mixed("n", 7)} % 5 = 0 then 'unowned' else (array['active', 'active', 'active', 'dormant', 'dormant', 'stale', 'stale', 'suspended'])[1 + ${mixed("n", 8)} % 8] end as state,
        case when ${mixed("n", 7)} % 5 > 0 then ${id("1", `1 + ${mixed("n", 9)} % ${people}`)} end as owner_id, case when ${mixed("n", 7)} % 5 > 0 then ${id("1", `1 + ${mixed("n", 10)} % ${people}`)} end as sponsor_id,
        case when n % 3 > 0 then ${id("2", `1 + ${mixed("n", 11)} % ${teams}`)} end as team_id, case n % 6 when 0 then array['pci'] when 1 then array['eu', 'gdpr'] else '{}'::text[] end as tags,
        'import' as source, ${id("3", `1 + ${mixed("n", 6)} % ${systems}`)} as system_id, 'arn:' || n as external_key,
        timestamptz '2025-01-01' + n % 400 * interval '1 day' as first_seen_at, now() as last_seen_at,
        case when n % 5 > 0 then now() - ${mixed("n", 12)} % 300 * interval '1 day' - n % 86400 * interval '1 second' end as last_active_at, now() - interval '300 days' as visible_since,
        case when n % 50 = 0 then now() end as vanished_at, n % 70 = 0 as is_shared, ${mixed("n", 13)} % 101 as staleness, ${mixed("n", 14)} % 101 as exposure, now() as scored_at,
        ${credentialsEach} as credential_count, ${assignmentsEach} as entitlement_count, ${mixed("n", 15)} % 4 as standing_count
      from ${series}) i
    left join people p on p.id = i.owner_id left join teams t on t.id = i.team_id left join systems s on s.id = i.system_id`);
  await client.query(`
    insert into credentials (id, identity_id, system_id, handle, target_id, kind, expires_at, last_used_at, first_seen_at, last_seen_at, facts)
    select ${id("6", `n * ${credentialsEach} + c`)}, ${id("5", "n")}, ${id("3", `1 + ${mixed("n", 6)} % ${systems}`)}, 'key-' || c, n || '/' || c, 'api-key', now() + interval '90 days', now(), now(), now(), '{}'
    from ${series}, generate_series(1, ${credentialsEach}) c`);
  await client.query(`
    insert into assignments (id, identity_id, entitlement_id, kind, path, first_seen_at, last_seen_at)
    select ${id("7", `n::bigint * ${assignmentsEach} + a`)}, ${id("5", "n")}, ${id("4", `(1 + ${mixed("n", 6)} % ${systems}) * ${entitlementsPerSystem} + 1 + (n + a) % ${entitlementsPerSystem}`)}, 'standing', '{}', now(), now()
    from ${series}, generate_series(1, ${assignmentsEach}) a`);
}

/** The counts that the triggers would have written, folded. */
export async function fillCounts(client: pg.Client): Promise<void> {
  await client.query(`
    truncate identity_counts, identity_tallies;
    insert into identity_counts (kind, environment, state, source, system_id, is_owned, is_vanished, difference)
      select kind, environment, state, source, system_id, owner_id is not null, vanished_at is not null, count(*) from identities group by 1, 2, 3, 4, 5, 6, 7;
    insert into identity_tallies (dimension, value, difference) select 'owner', owner_id, count(*) from identities where owner_id is not null group by 2;
    insert into identity_tallies (dimension, value, difference) select 'team', team_id, count(*) from identities where team_id is not null group by 2;
    insert into identity_tallies (dimension, value, difference) select 'tag', t, count(*) from identities, unnest(tags) t group by 2`);
}

const filled = ["identities", "credentials", "assignments"] as const;

/** Takes the indexes off, fills, and makes them anew: what one by one would take an hour takes minutes. */
export async function withoutIndexes(client: pg.Client, fill: () => Promise<void>): Promise<void> {
  const { rows } = await client.query<{ name: string; definition: string }>(
    `select x.indexrelid::regclass::text as name, pg_get_indexdef(x.indexrelid) as definition from pg_index x
     where x.indrelid = any ($1::regclass[]) and not exists (select from pg_constraint c where c.conindid = x.indexrelid)`,
    [[...filled]],
  );
  for (const { name: index } of rows) await client.query(`drop index ${index}`);
  await client.query("set session_replication_role = replica");
  await fill();
  await client.query("set session_replication_role = origin; set maintenance_work_mem = '512MB'; set max_parallel_maintenance_workers = 2");
  for (const { definition } of rows) await client.query(definition);
}
