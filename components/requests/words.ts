import type { Tone } from "@/components/ui/truth/tone";
import type { PrivilegeView } from "@/lib/entitlements/schema";
import { formatList } from "@/lib/platform/format";
import type { RequestState, SideReason } from "@/lib/requests/types";
import type { AskerView, EntitlementView } from "@/lib/requests/views/types";

/** A state in a word or two, with its colour. */
export type StateWords = { readonly tone: Tone; readonly text: string };

const requestWords = {
  pending: { tone: "waiting", text: "waits for a decision" },
  approved: { tone: "neutral", text: "approved" },
  denied: { tone: "neutral", text: "denied" },
  withdrawn: { tone: "neutral", text: "withdrawn" },
  lapsed: { tone: "neutral", text: "lapsed" },
} as const satisfies Record<RequestState, StateWords>;

/** A request's own state in words; an approved one is better told by its grant. */
export function requestStateWords(state: RequestState): StateWords {
  return requestWords[state];
}

/** "write orders" reads as a verb; a bare role name is used. */
export function entitlementVerb(names: readonly string[]): string {
  return formatList(names.map((name) => (/^[a-z]+ \S/.test(name) ? name : `use ${name}`)));
}

/** The name of whoever asked. */
export function askerName(asker: AskerView): string {
  return asker.kind === "person" ? asker.person.name : asker.identity.name;
}

const sideWords = {
  requester: "asked for it",
  owner: "owns the identity",
  sponsor: "sponsors the identity",
  backup: "stands in for the identity's owner",
  creator: "created the identity",
  "triggered-by": "started the job that asks",
  "made-for": "is who it is made for",
  delegate: "acts for one of them",
} as const satisfies Record<SideReason, string>;

/** Why a person is on the asking side: "owns the identity and asked for it". */
export function sayWhy(reasons: readonly SideReason[]): string {
  return formatList(reasons.map((reason) => sideWords[reason]));
}

const ownSide = {
  requester: () => "You asked for this",
  owner: (identity) => `You own ${identity}: its owner is on the asking side`,
  sponsor: (identity) => `You sponsor ${identity}: its sponsor is on the asking side`,
  backup: (identity) => `You stand in for the owner of ${identity}: that is on the asking side`,
  creator: (identity) => `You created ${identity}: its creator is on the asking side`,
  "triggered-by": () => "You started the job that asks: whoever starts it is on the asking side",
  "made-for": () => "This is made for you: that is on the asking side",
  delegate: () => "You act for somebody on the asking side: that is on it, too",
} as const satisfies Record<SideReason, (identity: string) => string>;

/** Why *you* cannot decide your own side's request. */
export function sayOwnSide(reasons: readonly SideReason[], identity: string): string {
  const first = reasons[0];
  return `${first ? ownSide[first](identity) : "You are on the asking side"}. Somebody else has to decide.`;
}

/** The same actions on objects of one kind: "INSERT, UPDATE" on the tables `orders` and `order_items`. */
export type PrivilegeGroup = { readonly actions: string; readonly kind: string; readonly objects: readonly string[]; readonly more: number };

const mostObjects = 6;
const dataKinds: readonly string[] = ["table", "view", "function", "sequence"];

/** What becomes possible on what holds data, by name, without the schemas and databases that lead there; changing before reading. */
export function groupPrivileges(privileges: readonly PrivilegeView[]): PrivilegeGroup[] {
  const groups = new Map<string, string[]>();
  for (const { objectKind, actions, schema, object, columns } of privileges) {
    if (!dataKinds.includes(objectKind)) continue;
    const key = `${objectKind}|${actions.join(", ")}`;
    const name = schema === null || schema === "public" ? object : `${schema}.${object}`;
    groups.set(key, [...(groups.get(key) ?? []), columns ? `${name} (${columns.join(", ")} only)` : name]);
  }
  const isReading = ({ actions }: PrivilegeGroup) => actions === "SELECT";
  return [...groups]
    .map(([key, objects]) => {
      const [kind = "", actions = ""] = key.split("|");
      return { kind, actions, objects: objects.slice(0, mostObjects), more: Math.max(0, objects.length - mostObjects) };
    })
    .sort((a, b) => Number(isReading(a)) - Number(isReading(b)) || dataKinds.indexOf(a.kind) - dataKinds.indexOf(b.kind));
}

/** How an access on this system ends early, in one line. */
export function sayEnding({ ending, system }: EntitlementView): string {
  switch (ending.kind) {
    case "proven":
      return "Can be ended early; the end is proven over a second account";
    case "accepted-only":
      return `Can be ended early; ${system.name} has no second account, so the end cannot be proven`;
    case "not-checked":
      return `Not known whether the end can be proven: ${system.name} has not been checked yet`;
  }
}

/** `6th time`, `first time ever`, `more than 500 times before`. */
export function sayTimes({ times, capped }: { times: number; capped: boolean }): string {
  if (capped) return `More than ${times} times before`;
  if (times === 0) return "First time ever";
  return `${ordinal(times + 1)} time`;
}

function ordinal(count: number): string {
  const teens = count % 100 >= 11 && count % 100 <= 13;
  const suffix = teens ? "th" : ({ 1: "st", 2: "nd", 3: "rd" }[count % 10] ?? "th");
  return `${count}${suffix}`;
}
