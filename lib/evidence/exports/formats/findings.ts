import "server-only";
import { Prisma } from "@/lib/db/generated/client";
import { findingKinds, type FindingKind } from "@/lib/findings/rules";
import { AppError } from "@/lib/platform/errors";
import { filterParameters, periodOf } from "../../schema";
import type { ExportRun } from "../run";
import { jsonLinesOf } from "./archive";

const { sql, join, raw } = Prisma;

type Named = { readonly id: string; readonly name: string };

/** A finding of an export's scope, with what it is about. Times are ISO-8601 in UTC. */
export type FindingFact = {
  readonly id: string;
  readonly kind: FindingKind;
  readonly title: string;
  readonly controls: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
  readonly openedAt: string;
  readonly closedAt: string | null;
  /** Somebody without a part in it looked at what lies in the past and said so. */
  readonly seen: { readonly at: string; readonly by: string | null; readonly reason: string | null } | null;
  readonly demo: boolean;
  readonly identity: Named | null;
  readonly system: Named | null;
  readonly grantId: string | null;
  readonly chain: { readonly id: string; readonly number: number } | null;
};

/** Filters that findings without a grant can be asked by, too. Any other leaves those out: it asks about chains. */
const shared = new Set(["identity", "system", "kind", "environment", "finding", "demo", "from", "to"]);

const time = (column: string) => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** A list of texts as one parameter. */
const texts = (values: readonly string[]) => sql`array(select jsonb_array_elements_text(${JSON.stringify(values)}::jsonb))`;

/** Findings about no grant: of identities and systems that the filter leaves, open at some moment of the period. */
function apartFromChains({ filter, actor }: ExportRun): Prisma.Sql | null {
  // With an engagement nothing is shown but what its chains are about.
  if (actor.bound || Object.keys(filterParameters(filter)).some((key) => !shared.has(key))) return null;
  const { from, to } = periodOf(filter);
  const conditions = [sql`f.grant_id is null`];
  if (filter.identity.length > 0) conditions.push(sql`f.identity_id::text = any(${texts(filter.identity)})`);
  if (filter.system.length > 0) conditions.push(sql`f.system_id::text = any(${texts(filter.system)})`);
  if (filter.kind.length > 0) conditions.push(sql`i.kind = any(${texts(filter.kind)})`);
  if (filter.environment.length > 0) conditions.push(sql`i.environment = any(${texts(filter.environment)})`);
  if (filter.demo) conditions.push(filter.demo === "yes" ? sql`f.demo` : sql`not f.demo`);
  if (from) conditions.push(sql`(f.closed_at is null or f.closed_at >= ${from.toISOString()}::timestamptz)`);
  if (to) conditions.push(sql`f.opened_at < ${to.toISOString()}::timestamptz`);
  return join(conditions, " and ");
}

/** Which findings belong to the export: those about grants among its rows, and those about no grant. */
function scopeOf(run: ExportRun): Prisma.Sql {
  const { requests } = run.evidence;
  const parts = [
    ...(requests ? [sql`f.grant_id in (select g.id from ${requests.from} where ${requests.where})`] : []),
    ...[apartFromChains(run)].filter((part) => part !== null),
  ];
  const kinds = run.filter.finding.length > 0 ? sql`f.kind = any(${texts(run.filter.finding)})` : sql`true`;
  return parts.length === 0 ? sql`false` : sql`(${join(parts, " or ")}) and ${kinds}`;
}

const fromSql = sql`findings f left join identities i on i.id = f.identity_id left join systems s on s.id = f.system_id
  left join grants x on x.id = f.grant_id left join requests q on q.id = x.request_id left join people p on p.id = f.seen_by_id`;

const object = (fields: Readonly<Record<string, string>>) => `jsonb_build_object(${Object.entries(fields).map(([name, value]) => `'${name}', ${value}`).join(", ")})`;
const fact = object({
  id: "f.id", kind: "f.kind", title: "f.title", controls: "f.controls", detail: "f.detail", openedAt: time("f.opened_at"), closedAt: time("f.closed_at"), demo: "f.demo",
  seen: `case when f.seen_at is not null then ${object({ at: time("f.seen_at"), by: "p.name", reason: "f.seen_reason" })} end`,
  identity: `case when i.id is not null then ${object({ id: "i.id", name: "i.name" })} end`,
  system: `case when s.id is not null then ${object({ id: "s.id", name: "s.name" })} end`,
  grantId: "f.grant_id",
  chain: `case when q.id is not null then ${object({ id: "q.id", number: "q.number" })} end`,
});

/** How many findings belong to the export. */
export async function countFindings(run: ExportRun): Promise<number> {
  const rows = await run.query<{ count: number }>(sql`select count(*)::int as count from ${fromSql} where ${scopeOf(run)}`);
  return rows[0]?.count ?? 0;
}

/** The findings of the export's scope, the oldest first, one in memory at a time. */
export async function* findingsOf(run: ExportRun): AsyncGenerator<FindingFact> {
  const lines = run.lines(sql`select ${raw(fact)}::text from ${fromSql} where ${scopeOf(run)} order by f.opened_at, f.id`);
  for await (const line of jsonLinesOf(lines)) {
    const found = line as FindingFact;
    if (!findingKinds.includes(found.kind)) throw new AppError("integrity", `unknown kind of finding ${String(found.kind)}`);
    yield found;
  }
}

/** How much a kind of finding weighs: access that nobody allowed or that did not end, what should not stay so, and what is good to know. */
const heavy: ReadonlySet<FindingKind> = new Set<FindingKind>([
  "credential-after-proof", "suspension-stuck", "suspension-undone-outside", "break-glass-overdue", "sealed-credential-used", "use-outside-scope", "use-before-start", "use-after-end", "use-by-other",
  "issued-without-approval", "end-unproven", "approver-on-side", "policy-by-beneficiary", "ledger-broken",
]);
const light: ReadonlySet<FindingKind> = new Set<FindingKind>(["own-account", "foreign-handle", "on-call-not-ready", "exception-ends-soon", "grant-never-used", "grant-far-longer"]);

/** The weight of a kind of finding. */
export function weightOf(kind: FindingKind): "heavy" | "middle" | "light" {
  return heavy.has(kind) ? "heavy" : light.has(kind) ? "light" : "middle";
}
