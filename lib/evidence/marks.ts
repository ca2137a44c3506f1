import "server-only";
import { Prisma } from "@/lib/db/generated/client";
import { filterParameters, periodOf, type EvidenceFilter } from "./schema";
import { unprovenStates } from "./types";

const { sql, join, raw } = Prisma;
type Sql = Prisma.Sql;

/** States that nearly every grant is in have no marks. */
const unmarkedStates: readonly string[] = ["active", "proven"];

type Dimension = "finding" | "unproven" | "match" | "seal" | "grant";
type Marked = { readonly by: Dimension; readonly marks: readonly string[] };

/** What a filter asks for that is rare, and the marks among whose requests all its rows are. Of several, one: the other conditions hold anyway. */
function markedBy({ finding, unproven, match, seal, grant }: EvidenceFilter): Marked | null {
  if (finding.length > 0) return { by: "finding", marks: finding.map((kind) => `finding:${kind}`) };
  if (unproven) return { by: "unproven", marks: unprovenStates.map((state) => `grant:${state}`) };
  if (match.length > 0 && match.every((one) => one === "inferred")) return { by: "match", marks: ["match:inferred"] };
  if (seal.length > 0 && !seal.includes("complete")) return { by: "seal", marks: seal.map((state) => `seal:${state}`) };
  if (grant.length > 0 && !grant.some((state) => unmarkedStates.includes(state))) return { by: "grant", marks: grant.map((state) => `grant:${state}`) };
  return null;
}

/** The marks that lead to the rows of a filter; null where it asks for nothing rare. */
export const marksOf = (filter: EvidenceFilter): readonly string[] | null => markedBy(filter)?.marks ?? null;

/**
 * Puts a condition so that the database asks it of each row and expects nothing of it, where the marks say the same already. Taken
 * for one more of its kind, it would expect next to no rows, and read all that there are before it sorts them.
 */
export function whatMarksSay(filter: EvidenceFilter): (of: Dimension, condition: Sql) => Sql {
  const by = markedBy(filter)?.by;
  return (of, condition) => (of === by ? sql`coalesce(${condition}, false)` : condition);
}

/** Whether a filter asks for nothing else, and marks say exactly that: a guess may have become none, and its mark stays. */
export function isMarksAlone(filter: EvidenceFilter): boolean {
  const by = markedBy(filter)?.by;
  return by !== undefined && by !== "match" && Object.keys(filterParameters(filter)).length === 1;
}

/**
 * Requests with one of these marks, each once, under the name `marked`; in an order for whoever wants the first of them. Reads the
 * marks' own order of asking: a page of them costs what a page costs, however many there are.
 */
export function markedSql(marks: readonly string[], filter: EvidenceFilter, order?: "asc" | "desc"): Sql {
  const { from, to } = periodOf(filter);
  const period = [
    ...(from ? [sql`m.asked_at >= ${from.toISOString()}::timestamptz`] : []),
    ...(to ? [sql`m.asked_at < ${to.toISOString()}::timestamptz`] : []),
  ];
  const of = (mark: string) => sql`select m.asked_at, m.request_id from evidence_marks m where ${join([sql`m.mark = ${mark}::text`, ...period], " and ")}`;
  const ordered = order ? sql`order by asked_at ${raw(order)}, request_id ${raw(order)}` : sql``;
  return sql`(select distinct asked_at, request_id from (${join(marks.map(of), " union all ")}) one ${ordered}) marked`;
}

/** Grants with an open finding of one of these kinds, and whole requests where it is about the request and not about one of its grants. */
export function findingCondition(kinds: EvidenceFilter["finding"]): Sql {
  const of = (kind: string) => sql`m.mark = ${`finding:${kind}`}::text`;
  return sql`exists (select from evidence_marks m join findings f on f.id = m.subject_id
    where (${join(kinds.map(of), " or ")}) and m.asked_at = r.submitted_at and m.request_id = r.id and f.closed_at is null and (f.grant_id is null or f.grant_id = g.id))`;
}
