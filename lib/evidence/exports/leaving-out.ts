import "server-only";
import { Prisma } from "@/lib/db/generated/client";
import { db } from "@/lib/db/client";
import { usesSettled } from "../columns";
import { parametersSchema } from "../mutations";
import type { CardSource, PreviousRun, Redaction } from "../report-card";
import { forgottenName } from "@/lib/retention/texts";
import { filterParameters } from "../schema";
import { maskedFields } from "./masked";
import type { ExportRun } from "./run";

const { sql, raw } = Prisma;
const mostSources = 200;

type Counted = { intent: number; reasons: number; names: number; open: number };
const forgotten = raw(`'${forgottenName}'`);
const isForgotten = (columns: readonly string[]) => Prisma.join(columns.map((column) => sql`${raw(column)} = ${forgotten}`), " or ");

async function countRequests({ evidence: { requests }, query }: Pick<ExportRun, "evidence" | "query">): Promise<Counted | undefined> {
  if (!requests) return undefined;
  const rows = await query<Counted>(sql`
    select count(*) filter (where coalesce(r.intent, '[erased]') = '[erased]')::int as intent,
      count(*) filter (where exists (select from votes y where y.request_id = r.id and y.voided_at is null and position('[erased]' in coalesce(y.reason, '[erased]')) > 0))::int as reasons,
      count(*) filter (where ${isForgotten(["io.name", "rp.name", "tp.name", "ep.name"])}
        or exists (select from votes y join people p on p.id = y.person_id where y.request_id = r.id and y.voided_at is null and p.name = ${forgotten}))::int as names,
      count(*) filter (where g.activated_at is not null and not ${usesSettled})::int as open
    from ${requests.from} join identities i on i.id = r.identity_id left join people io on io.id = i.owner_id left join people rp on rp.id = r.requester_id
      left join people tp on tp.id = r.triggered_by_id left join people ep on ep.id = g.ended_by_id left join chain_checks c on c.request_id = r.id
    where ${requests.where}`);
  return rows[0];
}

async function countRefused({ evidence: { refused }, query }: Pick<ExportRun, "evidence" | "query">): Promise<Counted | undefined> {
  if (!refused) return undefined;
  const rows = await query<Counted>(sql`
    select count(*) filter (where coalesce((select k.value from ledger.clear_value k where k.event_id = v.id and k.field = 'intent'), '[erased]') = '[erased]')::int as intent,
      0 as reasons, count(*) filter (where ${isForgotten(["io.name", "rp.name"])})::int as names, 0 as open
    from ${refused.from} left join identities i on i.id = (b.body -> 'data' ->> 'identityId')::uuid left join people io on io.id = i.owner_id
      left join people rp on b.body -> 'actor' ->> 'kind' = 'person' and rp.id = (b.body -> 'actor' ->> 'id')::uuid
    where ${refused.where}`);
  return rows[0];
}

const gone = "Nobody: it is gone. Its salted hash stays in the event.";
const kept = "It was kept for as long as the retention says, or its writer was forgotten.";

const nameless = (rows: number): Redaction[] => [
  { id: "names-left-out", fields: [...maskedFields.names], method: "pseudonyms of the engagement, without ids", rows, why: "The engagement leaves names out.", whoMaySee: "Whoever audits without an engagement, or with one that has names." },
  { id: "texts-left-out", fields: [...maskedFields.texts], method: "[left out]", rows, why: "What people wrote may name somebody.", whoMaySee: "The same." },
];

/** What the rows of an export leave out or show as something else, counted by rows. */
export async function redactionsOf(run: ExportRun): Promise<readonly Redaction[]> {
  const asking = { evidence: run.evidence, query: <Row extends object>(statement: Prisma.Sql) => run.query<Row>(statement) };
  const [requests, refused] = [await countRequests(asking), await countRefused(asking)];
  const rows = (name: keyof Counted) => (requests?.[name] ?? 0) + (refused?.[name] ?? 0);
  const { bound } = run.actor;
  return [
    ...(bound && !bound.names ? nameless(run.counts.rows) : []),
    { id: "e-mail-addresses", fields: ["e-mail addresses of people"], method: "in no column", rows: run.counts.rows, why: "Ids and names say who acted.", whoMaySee: "Administrators, on the page of a person." },
    { id: "secrets", fields: ["secrets of credentials"], method: "never recorded", rows: run.counts.rows, why: "They pass to whoever asked and are kept nowhere.", whoMaySee: "Nobody." },
    { id: "erased-intent", fields: ["intent"], method: "[erased]", rows: rows("intent"), why: kept, whoMaySee: gone },
    { id: "erased-vote-reasons", fields: ["vote_reasons"], method: "[erased]", rows: rows("reasons"), why: kept, whoMaySee: gone },
    { id: "forgotten-names", fields: ["requester_name", "identity_owner_name", "triggered_by_name", "voter_names", "ended_by_name"], method: "Forgotten person", rows: rows("names"), why: "The person left and was forgotten.", whoMaySee: gone },
    {
      id: "uses-not-settled", fields: ["used", "first_use_at", "last_use_at", "connections_seen", "statements_counted", "uses_logged", "uses_refused", "use_match"], method: "empty, with uses_complete = open", rows: rows("open"),
      why: "The session is not over, or a log has not reported up to its end: they still grow, without an event.", whoMaySee: "Whoever may open the chain sees what is known so far.",
    },
  ];
}

/** The newest finished export before this one with the same filters: of anybody, or within one's engagement. */
export async function previousRunOf({ exportId, filter, actor, startedAt }: ExportRun): Promise<PreviousRun | null> {
  const own = actor.bound ? { personId: actor.personId, requestedAt: { gte: new Date(actor.bound.since) } } : {};
  const row = await db.export.findFirst({
    where: { ...own, id: { not: exportId }, state: { in: ["complete", "expired"] }, finishedAt: { lt: startedAt }, parameters: { path: ["filter"], equals: filterParameters(filter) } },
    select: { id: true, format: true, definitionVersion: true, asOf: true, finishedAt: true, sha256: true, parameters: true },
    orderBy: [{ finishedAt: "desc" }, { id: "desc" }],
  });
  const counts = parametersSchema.safeParse(row?.parameters).data?.counts;
  if (!row || !counts || row.asOf === null || row.finishedAt === null || row.sha256 === null) return null;
  return { exportId: row.id, format: row.format, definitionVersion: row.definitionVersion, asOf: row.asOf, finishedAt: row.finishedAt, sha256: row.sha256, counts };
}

/** The sources of the systems that the rows are on, as they stand in the snapshot. */
export function sourcesOf(run: ExportRun): Promise<CardSource[]> {
  const { requests } = run.evidence;
  if (!requests) return Promise.resolve([]);
  return run.query<CardSource>(sql`
    select y.name as system, x.name, x.kind, x.format, x.lag_seconds as "lagSeconds", x.covers_from as "coversFrom", x.watermark, x.closed_at as "closedAt"
    from sources x join systems y on y.id = x.system_id where x.system_id in (select e.system_id from ${requests.from} where ${requests.where} and g.activated_at is not null)
    order by y.name, x.name limit ${mostSources}::int`);
}
