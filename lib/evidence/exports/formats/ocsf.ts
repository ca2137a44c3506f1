import "server-only";
import type { ChainRow, ExportRun, ExportWriter } from "../run";
import { withReportCard } from "./lines";
import { baseOf, classes, without, type Event } from "./ocsf-events";
import { usesAndFindings } from "./ocsf-uses";

type Base = { readonly class: number; readonly activity: number; readonly at: string; readonly step: string; readonly status?: number };

const text = (row: ChainRow, name: string) => {
  const value = row[name];
  return value === null || value === undefined ? null : String(value);
};

/** What a row speaks of, by an id of its own. */
function recordOf(row: ChainRow): string {
  return text(row, "grant_id") ?? `${text(row, "request_id") ?? `refused/${text(row, "ledger_first") ?? ""}`}/${text(row, "entitlement_id") ?? ""}`;
}

const base = (row: ChainRow, { step, ...rest }: Base) => baseOf({ ...rest, key: `${recordOf(row)}:${step}`, correlation: text(row, "request_id") });

const identity = (row: ChainRow) => without({ uid: text(row, "identity_id"), name: text(row, "identity_name"), type: "Service", type_id: 4 });
const service = (row: ChainRow) => without({ uid: text(row, "system_id"), name: text(row, "system_name") });
const actor = (id: string | null, name: string | null, isWorkload = false) =>
  id === null ? { app_name: "Curfew" } : { user: without({ uid: id, name, type: isWorkload ? "Service" : "User", type_id: isWorkload ? 4 : 1 }) };

function session(row: ChainRow) {
  const at = (name: string) => (text(row, name) === null ? null : Date.parse(String(row[name])));
  return without({ uid: text(row, "grant_id"), created_time: at("issued_at"), expiration_time: at("not_after"), expiration_reason: text(row, "end_reason"), credential_uid: text(row, "credential"), issuer: "Curfew" });
}

function asked(row: ChainRow): Event[] {
  const at = text(row, "asked_at");
  if (at === null) return [];
  const refused = row["record"] === "refused-ask";
  const number = text(row, "request_number");
  return [without({
    ...base(row, { class: classes.entity, activity: 1, at, step: "asked", status: refused ? 2 : 1 }),
    entity: { uid: text(row, "request_id") ?? recordOf(row), type: "Access Request", name: number === null ? "Refused ask" : `Request ${number}` },
    actor: actor(text(row, "requester_id"), text(row, "requester_name"), row["requester_kind"] === "workload"),
    comment: text(row, "intent"),
    status_code: text(row, "refusal_code"),
    unmapped: without({ identity: identity(row), entitlement: text(row, "entitlement_name"), system: text(row, "system_name"), purpose: text(row, "purpose"), ticket: text(row, "ticket_key"), asked_seconds: row["asked_seconds"] }),
  })];
}

const decisions: Readonly<Record<string, number>> = { approved: 1, denied: 2 };

function decided(row: ChainRow): Event[] {
  const at = text(row, "decided_at");
  if (at === null || row["record"] === "refused-ask") return [];
  const state = text(row, "state") ?? "";
  const number = text(row, "request_number") ?? "";
  return [without({
    ...base(row, { class: classes.entity, activity: 3, at, step: "decided", status: decisions[state] ?? 99 }),
    status: state,
    entity: { uid: text(row, "request_id"), type: "Access Request", name: `Request ${number}` },
    actor: { app_name: "Curfew" },
    comment: text(row, "vote_reasons"),
    unmapped: without({ decided_by: text(row, "decided_by"), voters: text(row, "voter_names"), votes: text(row, "votes"), policy_hash: text(row, "policy_hash") }),
  })];
}

function issued(row: ChainRow): Event[] {
  const at = text(row, "issued_at");
  if (at === null) return [];
  const shared = { user: identity(row), privileges: [text(row, "entitlement_name") ?? ""], session: session(row) };
  const by = actor(text(row, "requester_id"), text(row, "requester_name"), row["requester_kind"] === "workload");
  return [
    { ...base(row, { class: classes.userAccess, activity: 1, at, step: "issued" }), ...shared, actor: by, unmapped: { system: service(row) } },
    { ...base(row, { class: classes.authorizeSession, activity: 1, at, step: "opened" }), ...shared, actor: by },
  ];
}

function used(row: ChainRow): Event[] {
  const at = text(row, "first_use_at");
  if (at === null) return [];
  return [{ ...base(row, { class: classes.authentication, activity: 1, at, step: "first-use" }), user: identity(row), service: service(row), session: session(row),
    unmapped: without({ source: text(row, "use_source"), match: text(row, "use_match") }) }];
}

function ended(row: ChainRow): Event[] {
  const at = text(row, "ended_at");
  if (at === null) return [];
  const events: Event[] = [{
    ...base(row, { class: classes.userAccess, activity: 2, at, step: "ended" }), user: identity(row), privileges: [text(row, "entitlement_name") ?? ""], session: session(row),
    actor: actor(text(row, "ended_by_id"), text(row, "ended_by_name")), status_detail: "The end was asked for; whether the target took it and whether it is proven are events of their own.",
  }];
  const taken = text(row, "accepted_at");
  if (taken === null) return events;
  return [...events, { ...base(row, { class: classes.authentication, activity: 2, at: taken, step: "accepted" }), user: identity(row), service: service(row), session: session(row),
    unmapped: without({ sessions_cut: row["sessions_cut"], connections_seen: row["connections_seen"], last_use_at: row["last_use_at"] }) }];
}

function proven(row: ChainRow): Event[] {
  const at = text(row, "proven_at") ?? text(row, "closed_at");
  if (at === null || text(row, "ended_at") === null) return [];
  const isProven = text(row, "proven_at") !== null;
  return [without({
    ...base(row, { class: classes.entity, activity: 3, at, step: "proven", status: isProven ? 1 : 2 }),
    entity: { uid: text(row, "grant_id"), type: "Access Session", name: `${text(row, "identity_name") ?? ""} on ${text(row, "system_name") ?? ""}` },
    actor: { app_name: "Curfew" },
    status: text(row, "grant_state"),
    status_detail: isProven ? `Proven dead: ${text(row, "proof_method") ?? ""}` : "Not proven",
    unmapped: without({ strength: text(row, "proof_strength"), seen_by: text(row, "proof_seen_by"), still_given: text(row, "still_given") }),
  })];
}

/** The events of one row, in the order in which they happened. */
export function eventsOf(row: ChainRow): Event[] {
  return [asked, decided, issued, used, ended, proven].flatMap((step) => step(row));
}

async function* lines(run: ExportRun): AsyncGenerator<string> {
  // An entitlement more is a row more of the same request: what is about the request itself is said once.
  let request: string | null = null;
  for await (const row of run.rows()) {
    const id = text(row, "request_id");
    const events = id !== null && id === request ? eventsOf(row).filter((event) => !isOfRequest(event)) : eventsOf(row);
    request = id;
    if (events.length > 0) yield `${events.map((event) => JSON.stringify(event)).join("\n")}\n`;
  }
  yield* usesAndFindings(run);
}

function isOfRequest({ entity }: Event): boolean {
  return typeof entity === "object" && entity !== null && "type" in entity && entity.type === "Access Request";
}

/** OCSF 1.8.0 events for a SIEM. */
export const ocsf: ExportWriter = {
  extension: "zip",
  mediaType: "application/zip",
  write: (run) =>
    withReportCard(run, async function* files() {
      yield await Promise.resolve({ path: "ocsf-events.jsonl", content: lines(run), rows: null });
    }),
};
