import "server-only";
import { Prisma } from "@/lib/db/generated/client";
import type { EvidenceQuery } from "../query";
import type { ExportRun } from "./run";

const { sql, raw } = Prisma;

/** Something that must not be, asked of every grant and request of an export. */
export type Check = {
  readonly id: string;
  /** What it is called where it was found. */
  readonly title: string;
  /** What was looked for, as a sentence. */
  readonly question: string;
  /** Objective of NIST SP 800-53A rev 5 that the answer is evidence for. */
  readonly objective: string;
  readonly control: string;
  /** True for a row that breaks it; `at` stands for the as-of time. */
  readonly broken: (at: Prisma.Sql) => Prisma.Sql;
};

const fixed = (text: string) => () => raw(text);

/** In the order of weight: exceptions are listed in it. */
export const checks: readonly Check[] = [
  {
    id: "unproven-end", title: "End not proven", question: "Was every end proven on the target?", objective: "ac-2.3_obj.a", control: "ac-2.3",
    // An end that is under way for minutes only is no exception yet.
    broken: (at) => sql`(g.state in ('stuck', 'not-provable', 'forced', 'expired-unproven') or (g.state in ('ending', 'accepted') and g.ending_at < ${at} - interval '5 minutes'))`,
  },
  {
    id: "own-side-vote", title: "Decided by the asking side", question: "Was every vote given by somebody off the side that asks?", objective: "ac-5_obj.a", control: "ac-5",
    broken: fixed("exists (select from votes v join side_members m on m.request_id = v.request_id and m.person_id = v.person_id where v.request_id = r.id and v.voided_at is null)"),
  },
  {
    id: "issued-unapproved", title: "Issued without an approval", question: "Was nothing issued that was not approved?", objective: "ac-2_obj.e", control: "ac-2",
    broken: fixed("(g.activated_at is not null and r.state <> 'approved')"),
  },
  {
    id: "longer-than-asked", title: "Granted longer than asked", question: "Was nothing granted for longer than it was asked for?", objective: "ac-6_obj", control: "ac-6",
    broken: fixed("g.duration_seconds > r.duration_seconds"),
  },
  {
    id: "ended-late", title: "Ended late", question: "Did every session end by its time?", objective: "ac-2.2_obj", control: "ac-2.2",
    broken: (at) => sql`(g.not_after is not null and (g.ending_at > g.not_after + interval '60 seconds' or (g.ending_at is null and g.not_after + interval '60 seconds' < ${at})))`,
  },
  {
    id: "still-given", title: "Still given another way", question: "Did the access end with the session?", objective: "ac-2_obj.f-5", control: "ac-2",
    broken: fixed("(g.proven_at is not null and g.still_given is not null and g.still_given <> '[]'::jsonb)"),
  },
  {
    id: "emergency-unreviewed", title: "Emergency not reviewed", question: "Was every emergency reviewed by its day?", objective: "ac-2_obj.j", control: "ac-2",
    broken: (at) => sql`exists (select from break_glass_debts d where d.break_glass_id = r.break_glass_id and d.closed_at is null and d.due_at < ${at})`,
  },
  {
    id: "open-finding", title: "Open finding", question: "Is every finding about a grant closed?", objective: "ac-2_obj.g", control: "ac-2",
    broken: fixed("exists (select from findings f where f.grant_id = g.id and f.closed_at is null)"),
  },
];

const atOf = (run: ExportRun) => sql`${run.standing.at.toISOString()}::timestamptz`;

/** How many rows of the export break each check, by its id. */
export async function countBroken(run: ExportRun, { requests }: EvidenceQuery): Promise<ReadonlyMap<string, number>> {
  if (!requests) return new Map(checks.map(({ id }) => [id, 0]));
  const counts = checks.map(({ broken }, index) => sql`count(*) filter (where ${broken(atOf(run))})::int as ${raw(`c${index}`)}`);
  const rows = await run.query<Record<string, number>>(sql`select ${Prisma.join(counts, ", ")} from ${requests.from} where ${requests.where}`);
  return new Map(checks.map(({ id }, index) => [id, rows[0]?.[`c${index}`] ?? 0]));
}

/** One row that breaks a check. */
export type Exception = {
  readonly check: string;
  readonly requestId: string;
  readonly grantId: string | null;
  readonly number: number;
  readonly identity: string;
  readonly entitlement: string;
  readonly system: string;
  readonly state: string;
  readonly askedAt: Date;
  readonly note: string | null;
};

/** Rows that break a check, the heaviest checks first, at most `most`. */
export function readExceptions(run: ExportRun, { requests }: EvidenceQuery, most: number): Promise<Exception[]> {
  if (!requests) return Promise.resolve([]);
  const parts = checks.map(({ id, broken }, index) => sql`(
    select ${index}::int as weight, ${id}::text as check, r.id as "requestId", g.id as "grantId", r.number, i.name as identity, e.name as entitlement,
      s.name as system, coalesce(g.state, r.state) as state, r.submitted_at as "askedAt", coalesce(g.last_failure, g.end_reason) as note
    from ${requests.from} join systems s on s.id = e.system_id join identities i on i.id = r.identity_id
    where ${requests.where} and ${broken(atOf(run))} order by r.submitted_at, r.id, g.id limit ${most}::int)`);
  return run.query<Exception>(sql`select * from (${Prisma.join(parts, " union all ")}) x order by weight, "askedAt", "requestId", "grantId" limit ${most}::int`);
}
