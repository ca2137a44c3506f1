import * as z from "zod";
import { counts, isOneOf, momentOf, type ProviderAccess, type TicketProvider } from "./contract";
import { readJson } from "./shape";
import type { TicketFacts, TicketPerson } from "../types";

const user = z.object({ id: z.union([z.string(), z.number()]).transform(String) }).transform(({ id }): TicketPerson => ({ id, name: id }));
const ticketSchema = z.object({
  id: z.union([z.string(), z.number()]).transform(String),
  Type: z.string().default("ticket"),
  Status: z.string(),
  Subject: z.string().nullish(),
  Owner: user.nullish(),
  Creator: user.nullish(),
  Starts: z.string().nullish(),
  Due: z.string().nullish(),
  CustomFields: z.array(z.object({ id: z.unknown(), name: z.string().default(""), values: z.array(z.string()).default([]) })).default([]),
  _hyperlinks: z.array(z.object({ ref: z.string(), id: z.union([z.string(), z.number()]).transform(String).optional(), type: z.string().optional() })).default([]),
});
const inactive = ["resolved", "rejected", "deleted"];
const found = z.object({ items: z.array(z.object({ id: z.union([z.string(), z.number()]).transform(String), Subject: z.string().nullish(), Status: z.string().default("") })) });
const attachments = z.object({ items: z.array(z.object({ Content: z.string().nullish() })), pages: z.number().default(1) });

/** Approval tickets that a ticket depends on. */
export function approvalIds(json: unknown): string[] {
  return readJson(ticketSchema, json)._hyperlinks.flatMap(({ ref, id }) => (ref === "depends-on" && id && /^\d{1,10}$/.test(id) ? [id] : [])).slice(0, 10);
}

/** Facts of a ticket and of the approvals that it depends on. */
export function requestTrackerFacts(json: unknown, approvalsJson: readonly unknown[], { baseUrl, rules }: Pick<ProviderAccess, "baseUrl" | "rules">): TicketFacts {
  const ticket = readJson(ticketSchema, json);
  const requester = ticket.Creator ?? null;
  const asked = approvalsJson.map((approval) => readJson(ticketSchema, approval)).filter(({ Type }) => Type === "approval");
  const said = asked.filter(({ Status }) => Status === "resolved").flatMap(({ Owner }) => (Owner && Owner.id !== "Nobody" ? [Owner] : []));
  const approvals = said.filter((person) => counts(person, requester, rules));
  const byState = isOneOf(rules.approvedStates, ticket.Status);
  const fields = (name: string) => (name === "" ? [] : (ticket.CustomFields.find((field) => isOneOf([name], field.name))?.values ?? []));
  return {
    key: ticket.id,
    title: ticket.Subject ?? "",
    url: `${baseUrl.replace(/\/+$/, "")}/Ticket/Display.html?id=${ticket.id}`,
    state: ticket.Status,
    isOpen: rules.openStates.length > 0 ? isOneOf(rules.openStates, ticket.Status) : !inactive.includes(ticket.Status),
    approved: asked.length > 0 ? (asked.every(({ Status }) => Status === "resolved") && approvals.length > 0 ? "yes" : "no") : rules.approvedStates.length === 0 ? "unknown" : byState && ownerCounts(ticket.Owner, requester, rules) ? "yes" : "no",
    approvals: asked.length > 0 ? approvals : byState && ticket.Owner && ownerCounts(ticket.Owner, requester, rules) ? [ticket.Owner] : [],
    windowFrom: momentOf(fields(rules.windowFromField)[0] ?? ticket.Starts),
    windowUntil: momentOf(fields(rules.windowUntilField)[0] ?? ticket.Due),
    assets: fields(rules.assetField),
    text: ticket.Subject ?? "",
    requester,
    assignee: ticket.Owner && ticket.Owner.id !== "Nobody" ? ticket.Owner : null,
  };
}

/** Without approval tickets, a state of the configured names counts where the owner is somebody else than who asked. */
function ownerCounts(owner: TicketPerson | null | undefined, requester: TicketPerson | null, rules: ProviderAccess["rules"]): boolean {
  return owner !== null && owner !== undefined && owner.id !== "Nobody" && counts(owner, requester, rules);
}

const api2 = "/REST/2.0";

export const requestTracker: TicketProvider = {
  authorization: ({ secrets }) =>
    secrets.account === "" ? { authorization: `token ${secrets.token}` } : { authorization: `Basic ${Buffer.from(`${secrets.account}:${secrets.token}`).toString("base64")}` },
  check: async (api) => void (await api.get(`${api2}/queues/all?per_page=1`)),
  async search(api, text) {
    const words = text.replace(/[^\p{L}\p{N} _.-]/gu, " ").trim();
    const sql = /^\d{1,10}$/.test(words) ? `id = ${words}` : `Subject LIKE '${words}'`;
    const { items } = readJson(found, await api.get(`${api2}/tickets?query=${encodeURIComponent(sql)}&fields=Subject,Status&per_page=10`));
    return items.map(({ id, Subject, Status }) => ({ key: id, title: Subject ?? "", state: Status }));
  },
  async read(api, key) {
    const ticket = await api.get(`${api2}/ticket/${key}`);
    const approvals: unknown[] = [];
    for (const id of approvalIds(ticket)) approvals.push(await api.get(`${api2}/ticket/${id}`));
    return requestTrackerFacts(ticket, approvals, api.access);
  },
  async hasComment(api, key, marker) {
    const page = async (number: number) => readJson(attachments, await api.get(`${api2}/ticket/${key}/attachments?fields=Content&per_page=100&page=${number}`));
    const first = await page(1);
    const last = first.pages > 1 ? await page(first.pages) : first;
    return [...first.items, ...last.items].some(({ Content }) => Content?.includes(marker) ?? false);
  },
  comment: async (api, key, text) => void (await api.send("POST", `${api2}/ticket/${key}/comment`, { Content: text, ContentType: "text/plain" })),
};
