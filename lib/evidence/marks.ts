import "server-only";
import { Prisma } from "@/lib/db/generated/client";
import { periodOf, type EvidenceFilter } from "./schema";
import { unprovenStates } from "./types";

const { sql, join } = Prisma;
type Sql = Prisma.Sql;

/** States that nearly every grant is in have no marks. */
const unmarkedStates: readonly string[] = ["active", "proven"];

/**
 * The marks among whose requests all rows of a filter are; null where it asks for nothing rare. Where several things are asked
 * for, the marks of one: the other conditions hold anyway.
 */
export function marksOf({ finding, unproven, match, seal, grant }: EvidenceFilter): readonly string[] | null {
  if (finding.length > 0) return finding.map((kind) => `finding:${kind}`);
  if (unproven) return unprovenStates.map((state) => `grant:${state}`);
  if (match.length > 0 && match.every((one) => one === "inferred")) return ["match:inferred"];
  if (seal.length > 0 && !seal.includes("complete")) return seal.map((state) => `seal:${state}`);
  if (grant.length > 0 && !grant.some((state) => unmarkedStates.includes(state))) return grant.map((state) => `grant:${state}`);
  return null;
}

/**
 * Requests with one of these marks, each once, under the name `marked`. Reads the marks' own order of asking: a page of them
 * costs what a page costs, however many there are.
 */
export function markedSql(marks: readonly string[], filter: EvidenceFilter): Sql {
  const { from, to } = periodOf(filter);
  const period = [
    ...(from ? [sql`m.asked_at >= ${from.toISOString()}::timestamptz`] : []),
    ...(to ? [sql`m.asked_at < ${to.toISOString()}::timestamptz`] : []),
  ];
  const of = (mark: string) => sql`select m.asked_at, m.request_id from evidence_marks m where ${join([sql`m.mark = ${mark}::text`, ...period], " and ")}`;
  return sql`(select distinct asked_at, request_id from (${join(marks.map(of), " union all ")}) one) marked`;
}

/** Grants with an open finding of one of these kinds, and whole requests where it is about the request and not about one of its grants. */
export function findingCondition(kinds: EvidenceFilter["finding"]): Sql {
  const of = (kind: string) => sql`m.mark = ${`finding:${kind}`}::text`;
  return sql`exists (select from evidence_marks m join findings f on f.id = m.subject_id
    where (${join(kinds.map(of), " or ")}) and m.asked_at = r.submitted_at and m.request_id = r.id and f.closed_at is null and (f.grant_id is null or f.grant_id = g.id))`;
}
