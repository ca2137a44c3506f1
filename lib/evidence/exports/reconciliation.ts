import "server-only";
import { Prisma } from "@/lib/db/generated/client";
import { guarded } from "../columns";
import type { EvidenceQuery } from "../query";
import { firstUnmatched } from "../report-card";
import type { ExportRun, Reconciliation } from "./run";

const { sql, raw } = Prisma;

/** Names and handles are somebody's text: a spreadsheet must not run them. */
const text = (expression: string) => raw(guarded("text", expression));
const time = (expression: string) => raw(`to_char(${expression} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`);

type Counted = { left: number; right: number; matched: number };
type Sides = { onlyLeft: number; onlyRight: number; unexplained: number };

/** Rows that are on one side only, with what they are about. `shown`: how names and handles look; without names the ids say it. */
const unmatchedColumns = ({ actor: { bound } }: ExportRun, rows: Prisma.Sql, shown: (expression: string) => Prisma.Sql) => sql`
  select u.side, u.grant_id, r.number as request_number, ${bound?.names === false ? raw("null::text") : shown("i.name")} as identity_name,
    ${bound?.names === false ? raw("null::text") : shown("s.name")} as system_name, ${shown("u.credential")} as credential, ${time("u.at")} as at, u.explanation
  from (${rows}) u
  left join grants g on g.id = u.grant_id left join requests r on r.id = g.request_id left join identities i on i.id = g.identity_id
  left join systems s on s.id = coalesce(u.system_id, g.system_id)
  order by u.side, u.at, u.grant_id, u.credential`;

type Unmatched = { side: "left" | "right"; grant_id: string | null; request_number: number | null; identity_name: string | null; system_name: string | null; credential: string | null; at: string | null; explanation: string };

/** The list as a file, whole, and its first rows with exact values. */
async function onOneSide(run: ExportRun, rows: Prisma.Sql): Promise<Pick<Reconciliation, "unmatched" | "first">> {
  const found = await run.query<Unmatched>(sql`${unmatchedColumns(run, rows, raw)} limit ${firstUnmatched}::int`);
  const first = found.map((row) => ({
    side: row.side, grantId: row.grant_id, requestNumber: row.request_number, identity: row.identity_name, system: row.system_name, credential: row.credential, at: row.at, explanation: row.explanation,
  }));
  return { unmatched: unmatchedColumns(run, rows, text), first };
}

async function counted(run: ExportRun, both: Prisma.Sql, rows: Prisma.Sql): Promise<Counted & Sides> {
  const [sides] = await run.query<Counted>(both);
  const [only] = await run.query<Sides>(sql`
    select count(*) filter (where u.side = 'left')::int as "onlyLeft", count(*) filter (where u.side = 'right')::int as "onlyRight",
      count(*) filter (where u.explanation = 'not explained')::int as unexplained from (${rows}) u`);
  return { ...(sides ?? { left: 0, right: 0, matched: 0 }), ...(only ?? { onlyLeft: 0, onlyRight: 0, unexplained: 0 }) };
}

/** What was issued, as the ledger's events say it, against the grants of the export. */
async function issuance(run: ExportRun, { requests }: EvidenceQuery): Promise<Reconciliation> {
  const issued = requests ? sql`select g.id, g.activated_at as at from ${requests.from} where ${requests.where} and g.activated_at is not null` : sql`select null::uuid as id, null::timestamptz as at where false`;
  const told = sql`exists (select from ledger.subject su join ledger.event v on v.id = su.event_id where su.kind = 'grant' and su.id = k.id and v.type = 'grant.active')`;
  // Nobody knows which system such a grant is on, so it is part of no engagement.
  const orphaned = run.actor.bound ? sql`select null::uuid as id where false` : sql`select distinct su.id as id from ledger.subject su join ledger.event v on v.id = su.event_id
    where su.kind = 'grant' and v.type = 'grant.active' and not exists (select from grants x where x.id = su.id and x.activated_at is not null)`;
  const rows = sql`
    select 'left' as side, k.id as grant_id, null::uuid as system_id, x.handle_name as credential, k.at,
      case when x.state in ('ending', 'accepted', 'proven') and x.end_reason = 'superseded' then 'the answer of the target was lost: what it issued was taken back' else 'not explained' end as explanation
    from (${issued}) k join grants x on x.id = k.id where not ${told}
    union all
    select 'right', o.id, null::uuid, null::text, null::timestamptz, 'not explained' from (${orphaned}) o`;
  const both = sql`select count(*)::int as left, count(*) filter (where ${told})::int as matched,
    (count(*) filter (where ${told}) + (select count(*) from (${orphaned}) o))::int as right from (${issued}) k`;
  return {
    id: "issued-against-ledger",
    name: "What was issued against what the ledger says was issued",
    ...named(await counted(run, both, rows), "grants of this export with a time of issue", "grants that an event grant.active of the ledger names"),
    ...(await onOneSide(run, rows)),
  };
}

const live = raw("('active', 'ending', 'accepted', 'stuck')");

/** Grants that should stand on their targets, against what the targets named when they were last asked. */
async function inventory(run: ExportRun): Promise<Reconciliation> {
  const standing = sql`select x.id, x.system_id, x.handle_name as credential, x.activated_at as at, x.state from grants x
    where x.state in ${live} and not x.demo and x.handle_name is not null and x.activated_at is not null`;
  const onTarget = sql`exists (select from listed_credentials l where l.system_id = k.system_id and l.grant_id = k.id)`;
  const unknown = sql`select l.grant_id, l.system_id, l.handle as credential, l.first_seen_at as at, x.state, x.closed_at, x.issue_started_at
    from listed_credentials l left join grants x on x.id = l.grant_id where x.id is null or x.state not in ${live} or x.activated_at is null`;
  const rows = sql`
    select 'left' as side, k.id as grant_id, k.system_id, k.credential, k.at,
      case when y.listed_at is null then 'the target was never asked what it knows'
        when k.at > y.listed_at then 'issued after the target was last asked'
        when k.state in ('ending', 'accepted') then 'its end is under way'
        else 'not explained' end as explanation
    from (${standing}) k join systems y on y.id = k.system_id where not ${onTarget}
    union all
    select 'right', k.grant_id, k.system_id, k.credential, k.at,
      case when k.closed_at >= y.listed_at then 'ended after the target was last asked'
        when k.state = 'issuing' then 'being issued'
        else 'not explained' end
    from (${unknown}) k join systems y on y.id = k.system_id`;
  const both = sql`select count(*)::int as left, count(*) filter (where ${onTarget})::int as matched,
    (select count(*) from listed_credentials)::int as right from (${standing}) k`;
  return {
    id: "grants-against-targets",
    name: "Grants that should stand on a target against the credentials that targets name",
    ...named(await counted(run, both, rows), "grants that are live or not yet proven dead, of the whole installation", "credentials that targets named when they were last asked"),
    ...(await onOneSide(run, rows)),
  };
}

function named({ left, right, ...rest }: Counted & Sides, leftIs: string, rightIs: string) {
  return { left: { what: leftIs, count: left }, right: { what: rightIs, count: right }, ...rest };
}

/** Compares both ways what should hold the same. */
export async function reconcile(run: ExportRun, query: EvidenceQuery): Promise<readonly Reconciliation[]> {
  // What stands on targets is asked of all of them: more than an engagement over some shows.
  return run.actor.bound ? [await issuance(run, query)] : [await issuance(run, query), await inventory(run)];
}
