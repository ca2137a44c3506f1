import "server-only";
import { v5 } from "uuid";
import { Prisma } from "@/lib/db/generated/client";
import { unprovenStates } from "../../types";
import { checks, countBroken } from "../checks";
import { sha256Of } from "../definition";
import type { ChainRow, ExportRun, ExportWriter } from "../run";
import { withReportCard } from "./lines";

const { sql } = Prisma;
const version = "1.2.1";
/** Ids of this installation's records in OSCAL: version 5, since the format takes no version 7. Its own name space is derived of its tag. */
const root = "0f9d8f3c-6a0b-5d2c-9c0e-3a4f5b6c7d8e";
const nameSpace = "https://curfew.dev/ns/oscal";

type Ids = (name: string) => string;
type Named = { id: string; name: string; kind: string };
type Json = Readonly<Record<string, unknown>>;

const property = (name: string, value: unknown): Json[] => {
  const text = value === null || value === undefined ? "" : String(value).replace(/\s+/g, " ").trim();
  return text === "" ? [] : [{ name, ns: nameSpace, value: text }];
};
/** Strings of the format neither begin nor end with a blank and are never empty. */
const said = (text: string, otherwise: string) => text.trim() || otherwise;

type List = readonly [name: string, items: AsyncIterable<Json> | Iterable<Json>];

/**
 * Members of an object whose values are lists, written as they come. One without items is left out, since the format knows no
 * empty lists. `isFirst`: nothing stands before them in their object.
 */
async function* members(lists: readonly List[], isFirst: boolean): AsyncGenerator<string> {
  let isNext = !isFirst;
  for (const [name, items] of lists) {
    let isBegun = false;
    for await (const item of items) {
      yield `${isBegun ? "," : `${isNext ? "," : ""}\n"${name}":[`}\n${JSON.stringify(item)}`;
      isBegun = true;
    }
    if (isBegun) yield "\n]";
    isNext ||= isBegun;
  }
}

const pageSize = 5_000;

/** Identities and systems that the rows speak of, a page at a time. */
async function* mentioned(run: ExportRun, of: "identity" | "system"): AsyncGenerator<Named> {
  const { requests, refused } = run.evidence;
  const own = of === "identity" ? sql`r.identity_id` : sql`e.system_id`;
  const other = of === "identity" ? sql`(b.body -> 'data' ->> 'identityId')::uuid` : sql`e.system_id`;
  const parts = [...(requests ? [sql`select ${own} as id from ${requests.from} where ${requests.where}`] : []), ...(refused ? [sql`select ${other} as id from ${refused.from} where ${refused.where}`] : [])];
  if (parts.length === 0) return;
  const table = of === "identity" ? sql`identities` : sql`systems`;
  const kind = of === "identity" ? sql`t.kind` : sql`t.connector`;
  let after = "00000000-0000-0000-0000-000000000000";
  for (;;) {
    const rows = await run.query<Named>(sql`select t.id, t.name, ${kind} as kind from ${table} t
      where t.id > ${after}::uuid and t.id in (${Prisma.join(parts, " union all ")}) order by t.id limit ${pageSize}::int`);
    yield* rows;
    const last = rows.at(-1);
    if (!last || rows.length < pageSize) return;
    after = last.id;
  }
}

async function* items(run: ExportRun, ids: Ids): AsyncGenerator<Json> {
  for await (const { id, name, kind } of mentioned(run, "identity")) {
    yield { uuid: ids(`identity:${id}`), description: said(name, "an identity"), props: [...property("kind", kind), ...property("curfew-id", id)] };
  }
}

async function* components(run: ExportRun, ids: Ids): AsyncGenerator<Json> {
  for await (const { id, name, kind } of mentioned(run, "system")) {
    yield {
      uuid: ids(`system:${id}`), type: "software", title: said(name, "a system"), description: `A system that Curfew grants access on, through ${said(kind, "a connector")}.`,
      props: property("curfew-id", id), status: { state: "operational" },
    };
  }
}

const word = (row: ChainRow, name: string) => (row[name] === null || row[name] === undefined ? "" : String(row[name]));

function describe(row: ChainRow): string {
  const who = said(word(row, "requester_name"), "somebody");
  const what = `${said(word(row, "identity_name"), "an identity")} → ${said(word(row, "entitlement_name"), "an entitlement")}`;
  if (row["record"] === "refused-ask") return `${who} asked for ${what}; it was refused (${said(word(row, "refusal_code"), "no reason recorded")}).`;
  if (row["record"] === "request") return `${who} asked for ${what}; the request is ${word(row, "state")}.`;
  const end = word(row, "ended_at") === "" ? "has not ended" : `ended ${word(row, "ended_at")} (${said(word(row, "end_reason"), "no reason recorded")})`;
  const proof = word(row, "proven_at") === "" ? "is not proven" : `was proven ${word(row, "proven_at")}`;
  return `${who} asked for ${what}; issued ${said(word(row, "issued_at"), "never")}, ${end}, and its end ${proof}.`;
}

const observed = ["state", "grant_state", "asked_at", "decided_at", "decided_by", "issued_at", "not_after", "first_use_at", "last_use_at", "ended_at", "end_reason", "accepted_at", "proven_at", "proof_method", "proof_strength", "still_given"] as const;

async function* observations(run: ExportRun, ids: Ids, resource: string): AsyncGenerator<Json> {
  const asOf = run.standing.at.toISOString();
  for await (const row of run.rows()) {
    const key = word(row, "grant_id") || `${word(row, "request_id") || `refused/${word(row, "ledger_first")}`}/${word(row, "entitlement_id")}`;
    const identityId = word(row, "identity_id");
    yield {
      uuid: ids(`observation:${key}`),
      title: said(`${word(row, "request_number") ? `Request ${word(row, "request_number")}` : "Refused ask"}: ${word(row, "identity_name")} → ${word(row, "entitlement_name")}`, "A chain"),
      description: describe(row),
      props: observed.flatMap((name) => property(name.replaceAll("_", "-"), row[name])),
      methods: ["EXAMINE"],
      types: ["control-objective"],
      ...(identityId ? { subjects: [{ "subject-uuid": ids(`identity:${identityId}`), type: "inventory-item", title: said(word(row, "identity_name"), "an identity") }] } : {}),
      "relevant-evidence": [{ description: "The row of the data file with the same ids.", href: `#${resource}`, props: property("row", key) }],
      collected: word(row, "proven_at") || asOf,
    };
  }
}

function findings(run: ExportRun, ids: Ids, broken: ReadonlyMap<string, number>): Json[] {
  return checks.map((check) => {
    const count = broken.get(check.id) ?? 0;
    return {
      uuid: ids(`finding:${check.id}`),
      title: check.question,
      description: count === 0 ? `None of ${run.counts.rows} rows breaks it.` : `${count} of ${run.counts.rows} rows break it: ${check.title.toLowerCase()}.`,
      props: [...property("rows-looked-at", run.counts.rows), ...property("rows-broken", count)],
      // What the rows show. Whether a control is met is for the assessor to say.
      target: { type: "objective-id", "target-id": check.objective, status: { state: count === 0 ? "satisfied" : "not-satisfied", reason: count === 0 ? "pass" : "fail", remarks: "Of the rows of this export only." } },
    };
  });
}

function head(run: ExportRun, ids: Ids): Json {
  const { standing } = run;
  return {
    uuid: ids(`document:${sha256Of(JSON.stringify(run.filter))}:${standing.size}`),
    metadata: {
      title: "Access of non-human identities: asked, decided, issued, used, ended, proven",
      "last-modified": standing.at.toISOString(),
      version: `ledger position ${standing.size}`,
      "oscal-version": version,
      remarks: "Written by Curfew out of its own records. It shows what was recorded; it judges no control.",
    },
    "import-ap": { href: `#${ids("plan")}` },
  };
}

async function* document(run: ExportRun, ids: Ids, data: { sha256: string }): AsyncGenerator<string> {
  const { standing, counts } = run;
  const resource = ids("data");
  const broken = await countBroken(run, run.evidence);
  const opening = JSON.stringify(head(run, ids)).slice(0, -1);
  const result = {
    uuid: ids("result"),
    title: "Chains of access",
    description: `${counts.rows} rows: ${counts.grants} grants, ${counts.requests} requests, ${counts.refusedAsks} refused asks.`,
    start: run.filter.from ? `${run.filter.from}T00:00:00Z` : "2000-01-01T00:00:00Z",
    end: standing.at.toISOString(),
    props: [
      ...property("rows", counts.rows), ...property("ledger-position", standing.size), ...property("checkpoint-size", standing.checkpoint?.size), ...property("checkpoint-root", standing.checkpoint?.root),
      ...property("not-proven", unprovenStates.reduce((sum, state) => sum + (counts.byGrantState[state] ?? 0), 0)),
    ],
    "reviewed-controls": { "control-selections": [{ "include-controls": [...new Set(checks.map(({ control }) => control))].sort().map((control) => ({ "control-id": control })) }] },
  };
  yield `{"assessment-results":${opening},\n"results":[${JSON.stringify(result).slice(0, -1)}`;
  yield ',\n"local-definitions":{';
  yield* members([["components", components(run, ids)], ["inventory-items", items(run, ids)]], true);
  yield "}";
  yield* members([["observations", observations(run, ids, resource)], ["findings", findings(run, ids, broken)]], false);
  const resources = [
    { uuid: ids("plan"), title: "Assessment plan", description: "None was given: everything that the filter leaves was looked at.", remarks: said(JSON.stringify(run.filter), "no filter") },
    { uuid: resource, title: "Data file", description: "Every row with exact values.", rlinks: [{ href: "chains.jsonl", "media-type": "application/jsonl", hashes: [{ algorithm: "SHA-256", value: data.sha256 }] }] },
  ];
  yield `}],\n"back-matter":{"resources":${JSON.stringify(resources)}}}}\n`;
}

/** OSCAL assessment-results 1.2.1, with the data file that its observations point at. */
export const oscal: ExportWriter = {
  extension: "zip",
  mediaType: "application/zip",
  write: (run) =>
    withReportCard(run, async function* files() {
      const [installation] = await run.query<{ tag: string }>(sql`select tag from installation`);
      const own = v5(installation?.tag ?? "curfew", root);
      const data = yield { path: "chains.jsonl", content: run.data("jsonl"), rows: run.counts.rows };
      yield { path: "assessment-results.json", content: document(run, (name) => v5(name, own), data), rows: null };
    }),
};
