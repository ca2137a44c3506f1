import type { DiscoveredRole, Discovery } from "@/lib/connectors/contract";
import { isDeepStrictEqual } from "node:util";

/** Handles that Curfew itself made are grants, not identities of their own. */
const ownHandle = /^curfew_[0-9a-f]{8}_[0-9a-f]{32}$/;

/** What a credential's `facts` hold: what the target says about it besides its dates. */
export type CredentialFacts = {
  readonly memberOf: DiscoveredRole["memberOf"];
  readonly superuser: boolean;
  readonly canCreateRoles: boolean;
  readonly canBypassRowSecurity: boolean;
  readonly connectionLimit: number | null;
  readonly privileges: DiscoveredRole["privileges"];
  readonly suspendable?: DiscoveredRole["suspendable"];
  /** Counted when it was last looked at; grows with every use and is no change of the credential. */
  readonly statements: number | null;
};

/** What is known of a credential before a discovery. */
export type KnownCredential = {
  readonly id: string;
  readonly identityId: string;
  readonly targetId: string;
  readonly handle: string;
  readonly facts: unknown;
  readonly expiresAt: Date | null;
  readonly isEnabled: boolean;
  readonly vanishedAt: Date | null;
};

/** The diff of one run, by name. */
export type DiffRow = { readonly change: "appeared" | "changed" | "vanished"; readonly name: string; readonly what: readonly string[] };

/** Most rows of a diff that are kept; the counts are of all. */
export const mostDiffRows = 300;

/**
 * The credentials among the roles: whoever can sign in, and whoever could when it was last seen (a login that was taken away
 * does not make it another thing), but for those of Curfew's own grants.
 */
export function loginsOf(discovery: Discovery, known: ReadonlyMap<string, KnownCredential>): DiscoveredRole[] {
  return discovery.roles.filter(({ kind, name, targetId }) => (kind === "login" || known.has(targetId)) && !ownHandle.test(name));
}

/** What is kept about a role, in the order in which it is compared. */
export function factsOf(role: DiscoveredRole): CredentialFacts {
  const { memberOf, superuser, canCreateRoles, canBypassRowSecurity, connectionLimit, privileges, suspendable, statements } = role;
  return { memberOf, superuser, canCreateRoles, canBypassRowSecurity, connectionLimit, privileges, ...(suspendable ? { suspendable } : {}), statements };
}

function part(facts: unknown, key: keyof CredentialFacts): unknown {
  const value: unknown = typeof facts === "object" && facts !== null ? Reflect.get(facts, key) : undefined;
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

const told: readonly (readonly [keyof CredentialFacts, string])[] = [
  ["memberOf", "memberships"],
  ["privileges", "privileges"],
  ["superuser", "superuser"],
  ["canCreateRoles", "may create roles"],
  ["canBypassRowSecurity", "bypasses row security"],
  ["connectionLimit", "connection limit"],
  ["suspendable", "whether Curfew may suspend it"],
];

/** What of a credential changed since it was last seen; nothing when it is as it was. */
export function changesOf(known: KnownCredential, role: DiscoveredRole): string[] {
  const facts = factsOf(role);
  const changed = told.filter(([key]) => {
    const before = part(known.facts, key);
    // Kept since this version only: its first sight is no change on the target.
    if (before === undefined && known.facts !== null) return key === "memberOf" || key === "privileges";
    return !isDeepStrictEqual(before, part(facts, key));
  });
  return [
    ...changed.map(([, words]) => words),
    ...(known.expiresAt?.getTime() === role.passwordExpiresAt?.getTime() ? [] : ["password expiry"]),
    ...(known.handle === role.name ? [] : [`renamed from ${known.handle}`]),
    ...(known.isEnabled === (role.kind === "login") ? [] : [role.kind === "login" ? "may sign in again" : "may no longer sign in"]),
    ...(known.vanishedAt === null ? [] : ["back again"]),
  ];
}

/** Group roles that a login role reaches, each with the shortest path of role names. */
export function reachable(name: string, roles: ReadonlyMap<string, Pick<DiscoveredRole, "memberOf">>): Map<string, string[]> {
  const paths = new Map<string, string[]>();
  const queue: string[][] = [[name]];
  for (let path = queue.shift(); path; path = queue.shift()) {
    for (const { name: group } of roles.get(path.at(-1) ?? "")?.memberOf ?? []) {
      if (paths.has(group) || group === name) continue;
      paths.set(group, [...path, group]);
      queue.push([...path, group]);
    }
  }
  return paths;
}

/**
 * Whether statements of a role can only have come by the one entitlement it reaches: it has no right of its own besides
 * connecting, and is no superuser. What everybody may do is left out of account, so the use is inferred, not seen.
 */
export function usesOnlyEntitlement(role: DiscoveredRole, entitlements: number): boolean {
  return entitlements === 1 && !role.superuser && role.privileges.every(({ objectKind }) => objectKind === "database");
}

/** How many statements were counted since the last look; 0 where that is not known or the counters began anew. */
export function statementsSince(known: KnownCredential | undefined, role: DiscoveredRole): number {
  const before = known ? part(known.facts, "statements") : undefined;
  if (typeof before !== "number" || role.statements === null) return 0;
  return Math.max(0, role.statements - before);
}

/** A group role whose privileges stand in one database only is used there; else the system's own database is where holders connect. */
export function targetOf(role: DiscoveredRole): { groupRole: string; database?: string } {
  const databases = new Set(role.privileges.filter(({ objectKind }) => objectKind !== "database").map(({ database }) => database));
  const [only] = databases;
  return databases.size === 1 && only !== undefined ? { groupRole: role.name, database: only } : { groupRole: role.name };
}
