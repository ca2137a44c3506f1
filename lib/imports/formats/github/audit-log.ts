import { isIPv4, isIPv6 } from "node:net";
import * as z from "zod";
import type { ReadLine, StagedRow } from "../../types";
import { FileProblem } from "../problem";
import { fit, readRecords } from "../records";
import { credentialRow, identityRow, rejected, time } from "../values";

const name = z.string().min(1).max(200);
const eventSchema = z.looseObject({
  "@timestamp": z.union([z.number(), z.string()]).optional(),
  created_at: z.union([z.number(), z.string()]).optional(),
  action: name,
  actor: name.nullish(),
  actor_is_bot: z.boolean().nullish(),
  actor_ip: z.string().max(60).nullish(),
  user_agent: z.string().max(1_000).nullish(),
  programmatic_access_type: z.string().max(100).nullish(),
  token_id: z.union([z.number(), z.string().regex(/^\w{1,40}$/)]).nullish(),
  hashed_token: z.string().regex(/^[A-Za-z0-9+/=_-]{20,90}$/).nullish(),
});
type Event = z.output<typeof eventSchema>;

type Actor = {
  readonly row: StagedRow;
  readonly credential: { readonly key: string; readonly handle: string; readonly kind: string } | null;
  first: string;
  last: string;
  readonly days: Set<string>;
  readonly sources: Map<string, { first: string; last: string }>;
};

/** Held at once; an organisation has far fewer actors that are no people. */
const mostActors = 100_000;
const mostSources = 50;

/**
 * A GitHub audit log: who of those that are no people was seen at work, on which days and from where. People are passed over;
 * of a token only its number and GitHub's own hash of it are looked at.
 */
export async function* readGithubAuditLog(source: AsyncIterable<string>, { head }: { head: string }): AsyncGenerator<ReadLine> {
  const actors = new Map<string, Actor>();
  let last = { line: 0, at: "" };
  let first = "";
  for await (const { line, value, why } of readRecords(source, head, ["entries", "events"])) {
    const event = fit(eventSchema, value);
    if (why || !event.ok) {
      yield rejected(line, { code: why ?? "value", field: why || event.ok ? null : event.field });
      continue;
    }
    const at = time(event.value["@timestamp"] ?? event.value.created_at, "@timestamp");
    if (typeof at !== "string") yield rejected(line, { code: at === null ? "missing" : "value", field: "@timestamp" });
    else {
      last = { line, at: at > last.at ? at : last.at };
      first = first === "" || at < first ? at : first;
      const key = keyOf(event.value);
      if (key !== null) note(actors, key, event.value, at);
      yield key === null ? { line, passed: true } : { line, rows: [] };
    }
  }
  for (const [key, actor] of actors) yield { line: last.line, rows: rowsOf(key, actor, first) };
  if (last.at !== "") yield { line: last.line, file: { asOf: last.at } };
}

/** Whose work it is: a token of its own, a bot; null for a person at a browser. */
function keyOf({ actor, actor_is_bot, programmatic_access_type, token_id, hashed_token }: Event): string | null {
  const type = programmatic_access_type ?? "";
  if (/personal access token|oauth access token|ssh key/i.test(type) && (token_id || hashed_token)) return `token/${token_id ?? hashed_token ?? ""}`;
  if (/deploy key/i.test(type) && token_id) return `token/${token_id}`;
  const isOurs = actor_is_bot === true || /server-to-server|installation|GITHUB_TOKEN/i.test(type) || (actor?.endsWith("[bot]") ?? false);
  return isOurs && actor ? `actor/${actor}` : null;
}

function note(actors: Map<string, Actor>, key: string, event: Event, at: string): void {
  let actor = actors.get(key);
  if (!actor) {
    if (actors.size >= mostActors) throw new FileProblem("too-many", { limit: mostActors });
    actor = begun(key, event, at);
    actors.set(key, actor);
  }
  actor.first = at < actor.first ? at : actor.first;
  actor.last = at > actor.last ? at : actor.last;
  actor.days.add(at.slice(0, 10));
  for (const source of sourcesOf(event)) {
    const seen = actor.sources.get(source);
    if (seen) {
      seen.first = at < seen.first ? at : seen.first;
      seen.last = at > seen.last ? at : seen.last;
    } else if (actor.sources.size < mostSources) actor.sources.set(source, { first: at, last: at });
  }
}

function begun(key: string, { actor, programmatic_access_type, token_id }: Event, at: string): Actor {
  const isToken = key.startsWith("token/");
  const type = (programmatic_access_type ?? "token").replace(/^GitHub /, "");
  const called = isToken ? `${type} ${token_id ?? ""} of ${actor ?? "somebody"}`.replace(/\s+/g, " ") : (actor ?? "");
  const row = identityRow(key, { name: called, kind: isToken ? "api-key" : "bot", ...(isToken && actor ? { tags: [`owner:${actor}`] } : {}) });
  const credential = isToken ? { key, handle: key.length > 80 ? "token" : key, kind: type.toLowerCase().replace(/[^a-z]+/g, "-").replace(/^-|-$/g, "") || "token" } : null;
  return { row, credential, first: at, last: at, days: new Set(), sources: new Map() };
}

/** The network that it came from, as a block, and the program that it says it is. */
function sourcesOf({ actor_ip, user_agent }: Event): string[] {
  const program = /^[\w.+-]{1,60}/.exec(user_agent ?? "")?.[0];
  const network = actor_ip ? blockOf(actor_ip) : null;
  return [...(network ? [`network:${network}`] : []), ...(program ? [`workload:${program}`] : [])];
}

function blockOf(address: string): string | null {
  if (isIPv4(address)) return `${address.split(".").slice(0, 3).join(".")}.0/24`;
  if (!isIPv6(address)) return null;
  const [head = ""] = address.toLowerCase().split("::");
  const parts = head.split(":").filter((part) => part !== "");
  return `${[...parts, "0", "0", "0"].slice(0, 3).join(":")}::/48`;
}

function rowsOf(key: string, actor: Actor, since: string): StagedRow[] {
  const seen = { lastUsedAt: actor.last, visibleSince: since };
  const identity = { ...actor.row, facts: { ...actor.row.facts, ...seen } } as StagedRow;
  const days = [...actor.days].map((day): StagedRow => ({ kind: "use-day", key: `${key}\u001f${day}`, ref: key, ref2: day, rank: 0, facts: {} }));
  const sources = [...actor.sources].map(([source, facts]): StagedRow => ({ kind: "use-source", key: `${key}\u001f${source}`, ref: key, ref2: source, rank: 0, facts }));
  const credential = actor.credential ? [credentialRow(actor.credential.key, key, { handle: actor.credential.handle, kind: actor.credential.kind, ...seen })] : [];
  return [identity, ...credential, ...days, ...sources];
}
