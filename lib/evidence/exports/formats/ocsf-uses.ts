import "server-only";
import { Prisma } from "@/lib/db/generated/client";
import { controlsCalled } from "@/lib/controls/rules";
import type { FindingKind } from "@/lib/findings/rules";
import { findingWords } from "@/lib/findings/words";
import { env } from "@/lib/platform/env";
import { usesSettled } from "../../columns";
import type { ExportRun } from "../run";
import { jsonLinesOf } from "./archive";
import { findingsOf, weightOf, type FindingFact } from "./findings";
import { baseOf, classes, without, type Event } from "./ocsf-events";

const { sql, raw } = Prisma;

/** A use of a session of the scope. */
type UseFact = {
  readonly id: string; readonly requestId: string; readonly grantId: string; readonly credential: string | null;
  readonly identity: { readonly id: string; readonly name: string }; readonly system: { readonly id: string; readonly name: string };
  readonly kind: string; readonly action: string | null; readonly principal: string | null; readonly objects: readonly string[]; readonly objectsBy: string | null;
  readonly outcome: string; readonly match: string | null; readonly rule: string | null; readonly address: string | null; readonly hash: string | null; readonly isLate: boolean;
  readonly startedAt: string; readonly endedAt: string | null; readonly source: string; readonly sourceKind: string; readonly clockOffsetMs: number;
};

const time = (column: string) => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
const fact = raw(`jsonb_build_object('id', w.id, 'requestId', r.id, 'grantId', g.id, 'credential', g.handle_name, 'identity', jsonb_build_object('id', i.id, 'name', i.name),
  'system', jsonb_build_object('id', s.id, 'name', s.name), 'kind', w.kind, 'action', w.action, 'principal', w.principal, 'objects', w.objects, 'objectsBy', w.objects_by, 'outcome', w.outcome,
  'match', w.match, 'rule', w.rule, 'address', w.client_address, 'hash', w.statement_hash, 'isLate', w.is_late, 'startedAt', ${time("w.started_at")}, 'endedAt', ${time("w.ended_at")},
  'source', o.name, 'sourceKind', o.kind, 'clockOffsetMs', o.clock_offset_ms)::text`);

/** The uses of sessions whose uses are what they will stay, session by session. */
async function* usesOf(run: ExportRun): AsyncGenerator<UseFact> {
  const { requests } = run.evidence;
  if (!requests) return;
  const lines = run.lines(sql`select ${fact} from ${requests.from} join systems s on s.id = e.system_id join identities i on i.id = r.identity_id
      left join chain_checks c on c.request_id = r.id join uses w on w.grant_id = g.id join sources o on o.id = w.source_id
    where ${requests.where} and ${usesSettled} order by r.submitted_at, r.id, g.id, w.started_at, w.id`);
  for await (const line of jsonLinesOf(lines)) yield line as UseFact;
}

/** What verbs of SQL, of HTTP and of APIs come to: create, read, update, delete. */
const verbs: readonly (readonly [activity: number, pattern: RegExp])[] = [
  [1, /^(?:insert|create|put|post|copy from|run)/i],
  [2, /^(?:select|read|get|list|watch|describe|head|show|fetch|copy)/i],
  [3, /^(?:update|patch|alter|modify|merge|set|grant|revoke)/i],
  [4, /^(?:delete|drop|truncate|remove|terminate)/i],
];
const other = 99;

/** The class's activity for what a source calls it. */
export function activityOf(action: string | null): number {
  const name = (action ?? "").replace(/^[a-z0-9.-]+[:/]/i, "");
  return verbs.find(([, pattern]) => pattern.test(name))?.[0] ?? other;
}

/** A use as API Activity. */
function eventOfUse(use: UseFact): Event {
  const activity = use.kind === "connection" ? other : activityOf(use.action);
  const operation = use.action ?? use.kind;
  return without({
    ...baseOf({ class: classes.apiActivity, activity, at: use.startedAt, key: `use:${use.id}`, correlation: use.requestId, status: use.outcome === "allowed" ? 1 : 2 }),
    activity_name: activity === other ? operation : null,
    actor: { user: { uid: use.identity.id, name: use.identity.name, type: "Service", type_id: 4 }, session: without({ uid: use.grantId, credential_uid: use.credential, issuer: "Curfew" }) },
    api: { operation, service: { uid: use.system.id, name: use.system.name } },
    src_endpoint: use.address === null ? { name: "not told by the source" } : { ip: use.address },
    resources: use.objects.length > 0 ? use.objects.map((name) => ({ name })) : null,
    end_time: use.endedAt === null ? null : Date.parse(use.endedAt),
    status_detail: use.outcome,
    unmapped: without({ principal: use.principal, match: use.match, rule: use.rule, source: use.source, source_kind: use.sourceKind, source_clock_offset_ms: use.clockOffsetMs, resources_by: use.objectsBy, statement_sha256: use.hash, arrived_late: use.isLate }),
  });
}

const severities = { heavy: 4, middle: 3, light: 2 } as const;
/** What was seen in use or in the log is a detection; what stands as it should not is a matter of compliance. */
const detections: ReadonlySet<FindingKind> = new Set<FindingKind>([
  "use-outside-scope", "use-before-start", "use-after-end", "use-by-other", "sealed-credential-used", "credential-after-proof", "suspension-undone-outside", "ticket-closed-before-use", "ledger-broken",
]);

const states = { new: 1, suppressed: 3, resolved: 4 } as const;

function resourcesOf({ identity, system, grantId }: FindingFact): Event[] {
  return [
    ...(identity ? [{ uid: identity.id, name: identity.name, type: "Identity" }] : []),
    ...(system ? [{ uid: system.id, name: system.name, type: "System" }] : []),
    ...(grantId === null ? [] : [{ uid: grantId, type: "Grant" }]),
  ];
}

function complianceOf({ controls }: FindingFact, isClosed: boolean) {
  const standards = [...new Set(controls.flatMap(controlsCalled).map(({ catalogue }) => `${catalogue.name} ${catalogue.edition}`))];
  return { control: controls[0] ?? "none", requirements: [...controls], standards: standards.length > 0 ? standards : ["none"], status_id: isClosed ? 1 : 3 };
}

/** A finding as it was opened, looked at and closed, as far as it was: each an event. */
function eventsOfFinding(finding: FindingFact): Event[] {
  const { id, kind, title, openedAt, closedAt, chain, demo, seen } = finding;
  const isDetection = detections.has(kind);
  const resources = resourcesOf(finding);
  const about = (isClosed: boolean) => without({
    finding_info: without({
      uid: id, title, types: [findingWords[kind].name], created_time: Date.parse(openedAt), modified_time: closedAt === null || !isClosed ? null : Date.parse(closedAt),
      src_url: chain ? `${env.url.replace(/\/$/, "")}/evidence/${chain.id}` : null,
    }),
    compliance: isDetection ? null : complianceOf(finding, isClosed),
    is_alert: isDetection ? !isClosed : null,
    resources: resources.length > 0 ? resources : null,
    unmapped: { kind, controls: [...finding.controls], demo },
  });
  const event = (activity: number, at: string, status: number) => ({
    ...baseOf({ class: isDetection ? classes.detectionFinding : classes.complianceFinding, activity, at, key: `finding:${id}:${activity}`, correlation: chain?.id ?? null, status, severity: severities[weightOf(kind)] }),
    ...about(status === states.resolved),
  });
  return [
    event(1, openedAt, states.new),
    ...(seen ? [without({ ...event(2, seen.at, states.suppressed), comment: seen.reason })] : []),
    ...(closedAt === null ? [] : [event(3, closedAt, states.resolved)]),
  ];
}

const line = (event: Event) => `${JSON.stringify(event)}\n`;

/** Uses, then findings, a line each. */
export async function* usesAndFindings(run: ExportRun): AsyncGenerator<string> {
  for await (const use of usesOf(run)) yield line(eventOfUse(use));
  for await (const finding of findingsOf(run)) yield eventsOfFinding(finding).map(line).join("");
}
