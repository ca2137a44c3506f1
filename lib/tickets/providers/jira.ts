import * as z from "zod";
import { counts, isOneOf, momentOf, TicketFault, type ProviderAccess, type TicketApi, type TicketProvider } from "./contract";
import { readJson } from "./shape";
import { hubSignature } from "./webhook";
import type { TicketFacts, TicketPerson } from "../types";

/** Cloud names people by account id, Data Center by key. */
const person = z
  .object({ accountId: z.string().optional(), key: z.string().optional(), name: z.string().optional(), displayName: z.string().default("") })
  .transform(({ accountId, key, name, displayName }): TicketPerson => ({ id: accountId ?? key ?? name ?? displayName, name: displayName || (name ?? "") }));

const issueSchema = z.object({
  key: z.string(),
  fields: z.looseObject({
    summary: z.string().default(""),
    description: z.unknown().optional(),
    status: z.object({ id: z.string().optional(), name: z.string(), statusCategory: z.object({ key: z.string() }).optional() }),
    assignee: person.nullish(),
    reporter: person.nullish(),
    labels: z.array(z.string()).default([]),
  }),
  changelog: z.object({ histories: z.array(z.object({ author: person.nullish(), items: z.array(z.object({ field: z.string(), toString: z.string().nullish() })) })) }).nullish(),
});
type Issue = z.output<typeof issueSchema>;

const approvalsSchema = z.object({
  values: z.array(z.object({ finalDecision: z.string(), approvers: z.array(z.object({ approver: person, approverDecision: z.string() })).default([]) })),
});
type Approvals = z.output<typeof approvalsSchema>;

/** Text of a document of Atlassian's format, or plain text. */
function textOf(value: unknown, deepest = 12): string {
  if (typeof value === "string") return value;
  if (deepest === 0 || typeof value !== "object" || value === null) return "";
  if (Array.isArray(value)) return value.map((part) => textOf(part, deepest - 1)).join(" ");
  const { text, content } = value as { text?: unknown; content?: unknown };
  return `${typeof text === "string" ? text : ""} ${textOf(content, deepest - 1)}`.trim();
}

function namesOf(value: unknown): string[] {
  const parts = Array.isArray(value) ? value : [value];
  return parts.flatMap((part) => {
    if (typeof part === "string") return part.split(",").map((name) => name.trim()).filter(Boolean);
    const named = z.object({ name: z.string().optional(), value: z.string().optional(), label: z.string().optional() }).safeParse(part);
    const name = named.data?.value ?? named.data?.name ?? named.data?.label;
    return name ? [name] : [];
  });
}

/** Who moved an issue to the state that counts as approved; without a history nobody is named, and nothing is approved. */
function approvedByState(issue: Issue, approvedStates: readonly string[]): TicketPerson[] {
  const moves = (issue.changelog?.histories ?? []).flatMap(({ author, items }) =>
    items.filter(({ field }) => field === "status").map(({ toString: to }) => ({ author, to: to ?? "" })),
  );
  const move = moves.filter(({ to }) => isOneOf(approvedStates, to)).at(-1);
  return move?.author ? [move.author] : [];
}

/** Facts of an issue and, in a service desk, of its approvals. */
export function jiraFacts(json: unknown, approvalsJson: unknown, { baseUrl, rules }: Pick<ProviderAccess, "baseUrl" | "rules">): TicketFacts {
  const issue = readJson(issueSchema, json);
  const desk: Approvals | null = approvalsJson === null ? null : readJson(approvalsSchema, approvalsJson);
  const { fields } = issue;
  const requester = fields.reporter ?? null;
  const moment = (name: string) => (typeof fields[name] === "string" ? momentOf(fields[name]) : null);
  const category = fields.status.statusCategory?.key;
  const isOpen = rules.openStates.length > 0 ? isOneOf(rules.openStates, fields.status.name, fields.status.id ?? "") : category !== undefined && category !== "done" && category !== "undefined";
  const found = desk && desk.values.length > 0 ? approvedByDesk(desk) : stateApproval(issue, rules.approvedStates);
  const approvals = found.approvals.filter((approver) => counts(approver, requester, rules));
  const approved = found.approved === "yes" && approvals.length === 0 ? "no" : found.approved;
  return {
    key: issue.key,
    title: fields.summary,
    url: `${baseUrl.replace(/\/+$/, "")}/browse/${issue.key}`,
    state: fields.status.name,
    isOpen,
    approved,
    approvals,
    windowFrom: rules.windowFromField ? moment(rules.windowFromField) : null,
    windowUntil: rules.windowUntilField ? moment(rules.windowUntilField) : null,
    assets: [...(rules.assetField ? namesOf(fields[rules.assetField]) : []), ...fields.labels],
    text: `${fields.summary}\n${textOf(fields.description)}`.slice(0, 20_000),
    requester,
    assignee: fields.assignee ?? null,
  };
}

type Found = { readonly approved: TicketFacts["approved"]; readonly approvals: readonly TicketPerson[] };

function approvedByDesk({ values }: Approvals): Found {
  const approvals = values.flatMap(({ approvers }) => approvers.filter(({ approverDecision }) => approverDecision === "approved").map(({ approver }) => approver));
  return { approved: values.every(({ finalDecision }) => finalDecision === "approved") ? "yes" : "no", approvals };
}

function stateApproval(issue: Issue, approvedStates: readonly string[]): Found {
  if (approvedStates.length === 0) return { approved: "unknown", approvals: [] };
  if (!isOneOf(approvedStates, issue.fields.status.name, issue.fields.status.id ?? "")) return { approved: "no", approvals: [] };
  const approvals = approvedByState(issue, [...approvedStates, issue.fields.status.name]);
  // Nobody can be named: a state alone proves nothing.
  return approvals.length > 0 ? { approved: "yes", approvals } : { approved: "unknown", approvals: [] };
}

async function approvalsOf(api: TicketApi, key: string): Promise<unknown> {
  try {
    return await api.get(`/rest/servicedeskapi/request/${key}/approval`);
  } catch (error) {
    // A plain issue is no request of a service desk.
    if (error instanceof TicketFault && error.kind === "not-found") return null;
    throw error;
  }
}

const commentsSchema = z.object({ comments: z.array(z.object({ body: z.unknown() })) });
const searchSchema = z.object({ issues: z.array(z.object({ key: z.string(), fields: z.object({ summary: z.string().default(""), status: z.object({ name: z.string() }) }) })) });
const webhookSchema = z.object({ timestamp: z.number(), issue: z.object({ key: z.string() }).optional() });

function jql(text: string): string {
  const quoted = text.replace(/[^\p{L}\p{N} _-]/gu, " ").trim().slice(0, 100);
  return `${/^[A-Z][A-Z0-9_]+-\d+$/.test(quoted) ? `key = "${quoted}" or ` : ""}summary ~ "${quoted}" order by updated desc`;
}

function jira(version: 2 | 3): TicketProvider {
  const api = `/rest/api/${version}`;
  return {
    authorization: ({ secrets }) =>
      version === 3 ? { authorization: `Basic ${Buffer.from(`${secrets.account}:${secrets.token}`).toString("base64")}` } : { authorization: `Bearer ${secrets.token}` },
    check: async (server) => void (await server.get(`${api}/myself`)),
    async search(server, text) {
      const fields = ["summary", "status"];
      const path = version === 3 ? `${api}/search/jql` : `${api}/search`;
      const found = readJson(searchSchema, await server.send("POST", path, { jql: jql(text), fields, maxResults: 10 }));
      return found.issues.map((issue) => ({ key: issue.key, title: issue.fields.summary, state: issue.fields.status.name }));
    },
    async read(server, key) {
      const issue = await server.get(`${api}/issue/${key}?expand=changelog`);
      return jiraFacts(issue, await approvalsOf(server, key), server.access);
    },
    async hasComment(server, key, marker) {
      const { comments } = readJson(commentsSchema, await server.get(`${api}/issue/${key}/comment?orderBy=-created&maxResults=100`));
      return comments.some(({ body }) => textOf(body).includes(marker));
    },
    async comment(server, key, text) {
      const body = version === 3 ? { type: "doc", version: 1, content: [{ type: "paragraph", content: [{ type: "text", text }] }] } : text;
      await server.send("POST", `${api}/issue/${key}/comment`, { body });
    },
    webhook: (call) => hubSignature(call, { header: "x-hub-signature", schema: webhookSchema, keyOf: ({ issue }) => issue?.key ?? null, atOf: ({ timestamp }) => timestamp }),
  };
}

export const jiraCloud = jira(3);
export const jiraDataCenter = jira(2);
