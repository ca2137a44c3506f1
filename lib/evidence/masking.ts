import { createHash } from "node:crypto";
import type { ChainView } from "./views/chain-types";

/** A person whom a chain names. */
export type Masked = { readonly id: string; readonly name: string; readonly part: string };

/** A person's name in an engagement without names: always the same within it, and another one in the next. */
export function pseudonym(part: string, personId: string, engagementId: string): string {
  return `${part} ${createHash("sha256").update(`${engagementId}:${personId}`, "utf8").digest("hex").slice(0, 6)}`;
}

/** Every text of a value with another one in its place. */
function mapTexts<Value>(value: Value, change: (text: string) => string): Value;
function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((part: unknown) => mapTexts(part, change));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, mapTexts(part, change)]));
}

const leftOut = "left out: the engagement needs no free text";

/** What people wrote, and where a session came from. */
function withoutFreeText(chain: ChainView): ChainView {
  return {
    ...chain,
    intent: chain.intent && leftOut,
    standingReason: chain.standingReason && leftOut,
    ticket: null,
    emergency: chain.emergency && { ...chain.emergency, incident: leftOut },
    stages: chain.stages.map((stage) => ({ ...stage, votes: stage.votes.map((vote) => ({ ...vote, reason: vote.reason && leftOut })) })),
    policy: chain.policy.map((one) => ({ ...one, input: JSON.stringify(leftOut) })),
    chains: chain.chains.map(({ grant, links }) => ({ links, grant: grant && { ...grant, uses: grant.uses.map((use) => ({ ...use, clientAddress: null })) } })),
    events: chain.events.map((event) => ({ ...event, clear: event.clear.map((one) => ({ ...one, value: null })) })),
  };
}

/** A chain in which each person is called by their part and a pseudonym, without what people wrote. */
export function maskChain(chain: ChainView, people: readonly Masked[], engagementId: string): ChainView {
  const named = people.filter(({ name }) => name !== "").sort((a, b) => b.name.length - a.name.length);
  const bare = withoutFreeText(chain);
  if (named.length === 0) return bare;
  const escaped = named.map(({ name }) => name.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}])(?:${escaped.join("|")})(?![\\p{L}\\p{N}])`, "gu");
  const masks = new Map(named.map(({ id, name, part }) => [name, pseudonym(part, id, engagementId)]));
  return mapTexts(bare, (text) => text.replace(pattern, (name) => masks.get(name) ?? name));
}
