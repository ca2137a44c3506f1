import { createHash } from "node:crypto";
import type { FindingKind } from "@/lib/findings/rules";
import type { ChainView, FindingView, GrantChain, UseView } from "./views/chain-types";

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
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, mapTexts(part, change)]));
}

const leftOut = "left out: the engagement needs no free text";

/** Kinds of findings whose words name things and nobody: every other kind may name a person, whoever it is. */
const impersonal: readonly string[] = [
  "left-behind", "unexplained-credential", "credential-after-proof", "foreign-handle", "ended-late", "end-unproven", "grant-never-used", "grant-far-longer",
  "use-outside-scope", "use-before-start", "use-after-end", "ticket-closed-before-use", "still-reachable", "issued-without-approval", "extended-often",
  "break-glass-overdue", "break-glass-found",
] satisfies readonly FindingKind[];

/** A finding's words in an engagement without names. */
export function titleWithoutNames({ kind, title }: { readonly kind: string; readonly title: string }): string {
  const words = kind.replaceAll("-", " ");
  return impersonal.includes(kind) ? title : `${words.charAt(0).toUpperCase()}${words.slice(1)} (its words, which may name somebody, are left out)`;
}

/** Who used it, by the target's own names: that of the session's credential, or another one, which may be a person's. */
const withoutPrincipal = (grant: GrantChain, use: UseView): UseView =>
  ({ ...use, clientAddress: null, principal: use.principal === null || use.principal === grant.handleName ? use.principal : "another account" });

const findingsOf = (findings: readonly FindingView[]) => findings.map((finding) => ({ ...finding, title: titleWithoutNames(finding), seen: finding.seen && { at: finding.seen.at, by: null, reason: null } }));

/** Everything that people wrote, where a session came from, and the exact bytes of events, which hold the ids of persons. */
function withoutFreeText(chain: ChainView): ChainView {
  return {
    ...chain,
    intent: chain.intent && leftOut,
    standingReason: chain.standingReason && leftOut,
    ticket: null,
    emergency: chain.emergency && { ...chain.emergency, incident: leftOut },
    stages: chain.stages.map((stage) => ({ ...stage, votes: stage.votes.map((vote) => ({ ...vote, reason: vote.reason && leftOut })) })),
    policy: chain.policy.map((one) => ({ ...one, input: JSON.stringify(leftOut) })),
    findings: findingsOf(chain.findings),
    chains: chain.chains.map(({ grant, links }) => ({
      links, grant: grant && { ...grant, findings: findingsOf(grant.findings), uses: grant.uses.map((use) => withoutPrincipal(grant, use)) },
    })),
    events: chain.events.map((event) => ({ ...event, canonical: null, clear: event.clear.map((one) => ({ ...one, value: null })) })),
  };
}

const longestName = 5;
const edges = /^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu;

/** Every text of a value. */
export function textsOf(value: unknown): string[] {
  const texts: string[] = [];
  mapTexts(value, (text) => {
    texts.push(text);
    return text;
  });
  return texts;
}

/** What in texts may be somebody's name: each run of up to five words, without the signs around it. */
export function possibleNames(texts: readonly string[]): string[] {
  const found = new Set<string>();
  for (const text of new Set(texts)) {
    const words = text.split(/\s+/).filter(Boolean);
    for (let from = 0; from < words.length; from += 1) {
      for (let count = 1; count <= longestName && from + count <= words.length; count += 1) {
        const run = words.slice(from, from + count).join(" ");
        for (const name of [run, run.replace(edges, ""), run.replace(edges, "").replace(/[’']s$/u, "")]) if (name.length > 1) found.add(name);
      }
    }
  }
  return [...found];
}

const address = /[\p{L}\p{N}._%+-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+/gu;

/** A value without the mail addresses in its texts. */
export const withoutAddresses = <Value>(value: Value): Value => mapTexts(value, (text) => text.replace(address, "(address left out)"));

/** A chain as an engagement without names shows it, before persons are called by pseudonyms. */
export const bareChain = (chain: ChainView): ChainView => withoutAddresses(withoutFreeText(chain));

/** A bare chain in which each person, by name or by id, is called by their part and a pseudonym. */
export const maskChain = (bare: ChainView, people: readonly Masked[], engagementId: string): ChainView => maskTexts(bare, people, engagementId);

/** A value in whose texts each of these persons, by name or by id, is called by their part and a pseudonym. */
export function maskTexts<Value>(bare: Value, people: readonly Masked[], engagementId: string): Value {
  const masks = new Map(people.flatMap(({ id, name, part }) => [id, name].filter(Boolean).map((text) => [text, pseudonym(part, id, engagementId)] as const)));
  if (masks.size === 0) return bare;
  const escaped = [...masks.keys()].sort((a, b) => b.length - a.length).map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}])(?:${escaped.join("|")})(?![\\p{L}\\p{N}])`, "gu");
  return mapTexts(bare, (text) => text.replace(pattern, (found) => masks.get(found) ?? found));
}
