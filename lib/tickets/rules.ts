import type { ProviderRules } from "./schema";
import type { ChangeRefusal, ChangeState, ProviderKind, TicketFacts, TicketReason } from "./types";

/** A fact older than this decides nothing: it is fetched again first. */
export const freshSeconds = 120;
/** How often the ticket of a live session is asked for where nothing tells us of a change. */
export const pollSeconds = 15;
const longestPauseSeconds = 600;
/** Attempts after which a comment is given up and shown. */
export const commentAttempts = 8;

/** The keys of each kind, before anything is asked of anybody: a key becomes a part of a path. */
export const nativeKeys: Readonly<Record<ProviderKind, RegExp>> = {
  local: /^[1-9][0-9]{0,8}$/,
  "jira-cloud": /^[A-Z][A-Z0-9_]{1,9}-[1-9][0-9]{0,9}$/,
  "jira-data-center": /^[A-Z][A-Z0-9_]{1,9}-[1-9][0-9]{0,9}$/,
  servicenow: /^(CHG|INC|RITM|REQ|TASK|CTASK)[0-9]{7,12}$/,
  github: /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}\/[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}#[1-9][0-9]{0,9}$/,
  redmine: /^[1-9][0-9]{0,9}$/,
  "request-tracker": /^[1-9][0-9]{0,9}$/,
};

/** Prefix of the register inside. */
export const localPrefix = "LC-";
const numbered: ReadonlySet<ProviderKind> = new Set(["local", "redmine", "request-tracker"]);

/** The provider's own key for what somebody wrote, or null where it is not one of its keys. */
export function nativeKey(provider: { readonly kind: ProviderKind; readonly rules: Pick<ProviderRules, "keyPrefix"> }, written: string): string | null {
  const { kind, rules: { keyPrefix } } = provider;
  const text = written.trim();
  if (!text.startsWith(keyPrefix)) return null;
  const key = numbered.has(kind) ? text.slice(keyPrefix.length) : text;
  return nativeKeys[kind].test(key) ? key : null;
}

/** How people write a provider's key. */
export function writtenKey(provider: { readonly kind: ProviderKind; readonly rules: Pick<ProviderRules, "keyPrefix"> }, key: string): string {
  return numbered.has(provider.kind) ? `${provider.rules.keyPrefix}${key}` : key;
}

/** Whose key it is: of several whose keys look alike, the one with the longest prefix. */
export function providerOf<Provider extends { readonly kind: ProviderKind; readonly rules: Pick<ProviderRules, "keyPrefix"> }>(
  providers: readonly Provider[],
  written: string,
): { readonly provider: Provider; readonly key: string } | null {
  const matches = providers.flatMap((provider) => {
    const key = nativeKey(provider, written);
    return key === null ? [] : [{ provider, key }];
  });
  return matches.sort((a, b) => b.provider.rules.keyPrefix.length - a.provider.rules.keyPrefix.length)[0] ?? null;
}

/** What a request asks for, in the names that a ticket may use. */
export type TicketAsk = {
  readonly assets: readonly string[];
  /** Names and addresses of whoever asks. */
  readonly requesters: readonly string[];
  /** Ids, names and addresses of everybody on the asking side. */
  readonly side: readonly string[];
};

export type SeenTicket = { readonly facts: TicketFacts | null; readonly fetchedAt: Date | null };

/**
 * Why a ticket does not stand for an ask now; empty when it does. Fails closed: what nobody knows counts as no, facts too old
 * decide nothing.
 */
export function whyTicketNotGood(seen: SeenTicket, { ask, now, rules }: { ask: TicketAsk; now: Date; rules: ProviderRules }): TicketReason[] {
  const { facts, fetchedAt } = seen;
  if (fetchedAt === null || now.getTime() - fetchedAt.getTime() > freshSeconds * 1_000) return ["too-old"];
  if (facts === null) return ["unknown-ticket"];
  return [...whyOver(facts, { now, rules }), ...whyNotYet(facts, { now, rules }), ...whyNotThis(facts, ask, rules)];
}

/** What ends a live session: the ticket is gone, closed, no longer approved, or its window is over. Age alone ends nothing. */
export function whyOver(facts: TicketFacts | null, { now, rules }: { now: Date; rules: ProviderRules }): TicketReason[] {
  if (facts === null) return ["unknown-ticket"];
  const reasons: TicketReason[] = [];
  if (!facts.isOpen) reasons.push("not-open");
  if (rules.needsApproval && facts.approved === "no") reasons.push("not-approved");
  if (facts.windowUntil !== null && now >= new Date(facts.windowUntil)) reasons.push("after-window");
  return reasons;
}

function whyNotYet(facts: TicketFacts, { now, rules }: { now: Date; rules: ProviderRules }): TicketReason[] {
  const reasons: TicketReason[] = [];
  if (rules.needsApproval && facts.approved === "unknown") reasons.push("approval-unknown");
  if (rules.needsWindow && (facts.windowFrom === null || facts.windowUntil === null)) reasons.push("no-window");
  if (facts.windowFrom !== null && now < new Date(facts.windowFrom)) reasons.push("before-window");
  return reasons;
}

const plain = (text: string) => text.trim().toLowerCase();
/** A whole name inside a text: "orders" does not stand in "orders-archive". */
function standsIn(text: string, name: string): boolean {
  const found = plain(text).indexOf(plain(name));
  if (found < 0 || name.trim() === "") return false;
  const edge = /[\p{L}\p{N}_-]/u;
  const before = plain(text)[found - 1];
  const after = plain(text)[found + plain(name).length];
  return !(before && edge.test(before)) && !(after && edge.test(after));
}

function whyNotThis(facts: TicketFacts, ask: TicketAsk, rules: ProviderRules): TicketReason[] {
  const reasons: TicketReason[] = [];
  const side = new Set(ask.side.map(plain));
  const isSide = ({ id, name }: { id: string; name: string }) => side.has(plain(id)) || side.has(plain(name));
  if (rules.needsApproval && facts.approved === "yes" && facts.approvals.length > 0 && facts.approvals.every(isSide)) reasons.push("approved-by-asking-side");
  if (rules.mustName.includes("asset") && !ask.assets.some((asset) => facts.assets.some((named) => plain(named) === plain(asset)) || standsIn(facts.text, asset))) {
    reasons.push("names-other-asset");
  }
  const people = [facts.requester, facts.assignee].flatMap((person) => (person ? [plain(person.id), plain(person.name)] : []));
  if (rules.mustName.includes("requester") && !ask.requesters.some((name) => people.includes(plain(name)))) reasons.push("names-other-requester");
  return reasons;
}

/** When a ticket is asked for again: regularly while it answers, later and later while it does not. */
export function nextCheck(now: Date, { failures, retryAfterSeconds }: { failures: number; retryAfterSeconds: number | null }): Date {
  const pause = failures === 0 ? pollSeconds : Math.min(longestPauseSeconds, pollSeconds * 2 ** Math.min(failures, 10));
  return new Date(now.getTime() + Math.max(pause, retryAfterSeconds ?? 0) * 1_000);
}

/** When a comment is tried again, in seconds. */
export function commentPause(attempts: number): number {
  return Math.min(3_600, 5 * 4 ** Math.min(attempts, 6));
}

type Change = { readonly state: ChangeState; readonly authorId: string; readonly askingSide: readonly string[] };

/** Why somebody may not approve a change: it takes a second person, off the side that asks. */
export function whyNotApproveChange(change: Change, person: { readonly id: string; readonly mayApprove: boolean }): ChangeRefusal | null {
  if (change.state === "closed") return "already-closed";
  if (change.state !== "waiting") return "not-waiting";
  if (change.authorId === person.id) return "own-change";
  if (change.askingSide.includes(person.id)) return "asking-side";
  return person.mayApprove ? null : "no-role";
}

/** Closing is always possible, for whoever wrote it, whoever approved it and whoever may approve. */
export function whyNotCloseChange(change: Pick<Change, "state" | "authorId"> & { readonly approvedById: string | null }, person: { readonly id: string; readonly mayApprove: boolean }): ChangeRefusal | null {
  if (change.state === "closed") return "already-closed";
  return change.authorId === person.id || change.approvedById === person.id || person.mayApprove ? null : "not-yours";
}
