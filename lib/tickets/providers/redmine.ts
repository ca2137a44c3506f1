import * as z from "zod";
import { counts, isOneOf, momentOf, type ProviderAccess, type TicketProvider } from "./contract";
import { readJson } from "./shape";
import type { TicketFacts, TicketPerson } from "../types";

const named = z.object({ id: z.number(), name: z.string().default("") }).transform(({ id, name }): TicketPerson => ({ id: String(id), name }));
const issueSchema = z.object({
  issue: z.object({
    id: z.number(),
    subject: z.string(),
    description: z.string().nullish(),
    status: z.object({ id: z.number(), name: z.string(), is_closed: z.boolean().optional() }),
    author: named.nullish(),
    assigned_to: named.nullish(),
    start_date: z.string().nullish(),
    due_date: z.string().nullish(),
    closed_on: z.string().nullish(),
    custom_fields: z.array(z.object({ id: z.number(), name: z.string(), value: z.union([z.string(), z.array(z.string())]).nullish() })).default([]),
    journals: z.array(z.object({ user: named, notes: z.string().nullish(), details: z.array(z.object({ property: z.string(), name: z.string(), new_value: z.string().nullish() })).default([]) })).default([]),
  }),
});
type Issue = z.output<typeof issueSchema>["issue"];

const found = z.object({ issues: z.array(z.object({ id: z.number(), subject: z.string(), status: z.object({ name: z.string() }) })) });

/** Who moved it to the state that it is in. */
function moverOf(issue: Issue): TicketPerson | null {
  const moves = issue.journals.flatMap(({ user, details }) => details.filter(({ property, name }) => property === "attr" && name === "status_id").map((detail) => ({ user, to: detail.new_value })));
  const last = moves.at(-1);
  return last?.to === String(issue.status.id) ? last.user : null;
}

function valuesOf(issue: Issue, field: string): string[] {
  if (field === "") return [];
  const value = issue.custom_fields.find(({ id, name }) => isOneOf([field], String(id), name))?.value ?? null;
  return (Array.isArray(value) ? value : [value ?? ""]).flatMap((text) => text.split(",")).map((text) => text.trim()).filter(Boolean);
}

/** A moment of a custom field, else the day: from its beginning, or to its end. Redmine itself has days only. */
function windowOf(issue: Issue, field: string, day: string | null | undefined, end: boolean): string | null {
  const [given] = valuesOf(issue, field);
  if (given) return momentOf(/^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}$/.test(given) ? `${given.replace(" ", "T")}:00Z` : given);
  const start = day ? momentOf(`${day}T00:00:00Z`) : null;
  return start && end ? new Date(Date.parse(start) + 86_400_000).toISOString() : start;
}

/** Facts of an issue. Approved by a state of the configured names, if the journal names who set it. */
export function redmineFacts(json: unknown, { baseUrl, rules }: Pick<ProviderAccess, "baseUrl" | "rules">): TicketFacts {
  const { issue } = readJson(issueSchema, json);
  const requester = issue.author ?? null;
  const { status } = issue;
  const mover = moverOf(issue);
  const inState = isOneOf(rules.approvedStates, status.name, String(status.id));
  const approvals = inState && mover && counts(mover, requester, rules) ? [mover] : [];
  const isClosed = status.is_closed ?? Boolean(issue.closed_on);
  return {
    key: String(issue.id),
    title: issue.subject,
    url: `${baseUrl.replace(/\/+$/, "")}/issues/${issue.id}`,
    state: status.name,
    isOpen: !isClosed && (rules.openStates.length === 0 || isOneOf(rules.openStates, status.name, String(status.id))),
    approved: rules.approvedStates.length === 0 ? "unknown" : approvals.length > 0 ? "yes" : "no",
    approvals,
    windowFrom: windowOf(issue, rules.windowFromField, issue.start_date, false),
    windowUntil: windowOf(issue, rules.windowUntilField, issue.due_date, true),
    assets: valuesOf(issue, rules.assetField),
    text: `${issue.subject}\n${issue.description ?? ""}`.slice(0, 20_000),
    requester,
    assignee: issue.assigned_to ?? null,
  };
}

export const redmine: TicketProvider = {
  authorization: ({ secrets }) => ({ "x-redmine-api-key": secrets.token }),
  check: async (api) => void (await api.get("/users/current.json")),
  async search(api, text) {
    const path = /^\d{1,10}$/.test(text) ? `/issues.json?issue_id=${text}&status_id=*&limit=10` : `/issues.json?subject=${encodeURIComponent(`~${text}`)}&status_id=*&sort=updated_on:desc&limit=10`;
    return readJson(found, await api.get(path)).issues.map(({ id, subject, status }) => ({ key: String(id), title: subject, state: status.name }));
  },
  read: async (api, key) => redmineFacts(await api.get(`/issues/${key}.json?include=journals`), api.access),
  async hasComment(api, key, marker) {
    const { issue } = readJson(issueSchema, await api.get(`/issues/${key}.json?include=journals`));
    return issue.journals.some(({ notes }) => notes?.includes(marker) ?? false);
  },
  comment: async (api, key, text) => void (await api.send("PUT", `/issues/${key}.json`, { issue: { notes: text } })),
};
