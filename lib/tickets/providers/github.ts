import * as z from "zod";
import { counts, isOneOf, type ProviderAccess, type TicketProvider } from "./contract";
import { readJson } from "./shape";
import { hubSignature } from "./webhook";
import type { TicketFacts, TicketPerson } from "../types";

const user = z.object({ login: z.string(), id: z.number() }).transform(({ login }): TicketPerson => ({ id: login, name: login }));
const issueSchema = z.object({
  number: z.number(),
  html_url: z.string().nullish(),
  title: z.string().default(""),
  body: z.string().nullish(),
  state: z.string(),
  user: user.nullish(),
  assignees: z.array(user).default([]),
  labels: z.array(z.union([z.string(), z.object({ name: z.string() }).transform(({ name }) => name)])).default([]),
});
const eventsSchema = z.array(z.object({ event: z.string(), actor: user.nullish(), label: z.object({ name: z.string() }).nullish() }));
const found = z.object({ items: z.array(z.object({ number: z.number(), title: z.string(), state: z.string(), repository_url: z.string() })) });
const comments = z.array(z.object({ body: z.string().nullish() }));
const webhookSchema = z.object({ issue: z.object({ number: z.number() }).optional(), repository: z.object({ full_name: z.string() }).optional() });

/** Facts of an issue. Approved by a label of the configured names that stands now, set last by somebody who may. */
export function githubFacts(key: string, issueJson: unknown, eventsJson: unknown, { rules }: Pick<ProviderAccess, "rules">): TicketFacts {
  const issue = readJson(issueSchema, issueJson);
  const events = readJson(eventsSchema, eventsJson);
  const requester = issue.user ?? null;
  const standing = issue.labels.filter((label) => isOneOf(rules.approvedStates, label));
  const setters = standing.flatMap((label) => {
    const last = events.filter(({ event, label: about }) => (event === "labeled" || event === "unlabeled") && about?.name === label).at(-1);
    return last?.event === "labeled" && last.actor ? [last.actor] : [];
  });
  const approvals = setters.filter((setter) => counts(setter, requester, rules));
  return {
    key,
    title: issue.title,
    url: issue.html_url ?? null,
    state: issue.state,
    isOpen: issue.state === "open",
    approved: rules.approvedStates.length === 0 ? "unknown" : approvals.length > 0 ? "yes" : "no",
    approvals,
    windowFrom: null,
    windowUntil: null,
    assets: issue.labels,
    text: `${issue.title}\n${issue.body ?? ""}`.slice(0, 20_000),
    requester,
    assignee: issue.assignees[0] ?? null,
  };
}

function pathOf(key: string): string {
  const [repository = "", number = ""] = key.split("#");
  return `/repos/${repository}/issues/${number}`;
}

export const github: TicketProvider = {
  authorization: ({ secrets }) => ({ accept: "application/vnd.github+json", "x-github-api-version": "2022-11-28", authorization: `Bearer ${secrets.token}` }),
  check: async (api) => void (await api.get("/user")),
  async search(api, text) {
    const words = text.replace(/[^\p{L}\p{N} _.-]/gu, " ").trim();
    const { items } = readJson(found, await api.get(`/search/issues?q=${encodeURIComponent(`${words} is:issue`)}&per_page=10`));
    return items.map(({ number, title, state, repository_url }) => ({ key: `${repository_url.split("/").slice(-2).join("/")}#${number}`, title, state }));
  },
  async read(api, key) {
    const issue = await api.get(pathOf(key));
    return githubFacts(key, issue, await api.get(`${pathOf(key)}/events?per_page=100`), api.access);
  },
  async hasComment(api, key, marker) {
    // The newest hundred, by the page that they stand on.
    const { comments: count } = readJson(z.object({ comments: z.number().default(0) }), await api.get(pathOf(key)));
    const page = Math.max(1, Math.ceil(count / 100));
    return readJson(comments, await api.get(`${pathOf(key)}/comments?per_page=100&page=${page}`)).some(({ body }) => body?.includes(marker) ?? false);
  },
  comment: async (api, key, text) => void (await api.send("POST", `${pathOf(key)}/comments`, { body: text })),
  webhook: (call) =>
    hubSignature(call, {
      header: "x-hub-signature-256",
      schema: webhookSchema,
      keyOf: ({ issue, repository }) => (issue && repository ? `${repository.full_name}#${issue.number}` : null),
      atOf: () => null,
    }),
};
