import type { Group, GroupFacts } from "./types";

/** What a policy's group needs to be looked up by. */
export type NamedGroup = { readonly kind: "team" | "person"; readonly name: string };

/** The groups that a source names, one by one: `resource-owner|team:Security`. */
export function groupsIn(source: string): readonly string[] {
  return source.split("|");
}

/** The names in sources that stand for somebody or something with an id. */
export function namesIn(sources: readonly string[]): readonly NamedGroup[] {
  const found = new Map<string, NamedGroup>();
  for (const group of sources.flatMap(groupsIn)) {
    const [kind, name] = group.split(/:(.*)/s, 2);
    if (name === undefined || kind === "role") continue;
    const named: NamedGroup = { kind: kind === "person" ? "person" : "team", name };
    found.set(`${named.kind}:${name}`, named);
  }
  return [...found.values()];
}

/** A source with ids for its names. What no id is known for stays as `unknown`: it asks nobody, and says so. */
export function groupsOf(source: string, idOf: (named: NamedGroup) => string | null, entitlementIds: readonly string[]): Group[] {
  return groupsIn(source).map((group): Group => {
    const [kind = "", name = ""] = group.split(/:(.*)/s, 2);
    switch (kind) {
      case "resource-owner":
        return { kind, entitlementIds: [...entitlementIds] };
      case "identity-owner":
      case "identity-sponsor":
        return { kind };
      case "role":
        return { kind, role: name };
      case "team":
      case "on-call":
      case "person": {
        const id = idOf({ kind: kind === "person" ? "person" : "team", name });
        return id === null ? { kind: "unknown", name: group } : { kind, id };
      }
      default:
        return { kind: "unknown", name: group };
    }
  });
}

/** Whom groups come to: persons, teams, whoever is on call for a team, holders of a role. */
export type Audience = { readonly people: readonly string[]; readonly teams: readonly string[]; readonly onCall: readonly string[]; readonly roles: readonly string[] };

/** Whom groups come to at this moment. */
export function audienceOf(groups: readonly Group[], { entitlements, identity }: GroupFacts): Audience {
  const [people, teams, onCall, roles]: [string[], string[], string[], string[]] = [[], [], [], []];
  const add = (list: string[], id: string | null) => void (id !== null && !list.includes(id) && list.push(id));
  for (const group of groups) {
    switch (group.kind) {
      case "resource-owner":
        for (const { id, resourceOwnerId, resourceTeamId } of entitlements) {
          if (!group.entitlementIds.includes(id)) continue;
          add(people, resourceOwnerId);
          add(teams, resourceTeamId);
        }
        break;
      case "identity-owner":
        add(people, identity.ownerId);
        break;
      case "identity-sponsor":
        add(people, identity.sponsorId);
        break;
      case "team":
        add(teams, group.id);
        break;
      case "on-call":
        add(onCall, group.id);
        break;
      case "person":
        add(people, group.id);
        break;
      case "role":
        add(roles, group.role);
        break;
      case "unknown":
        break;
    }
  }
  return { people, teams, onCall, roles };
}

/** The same as words to search by (`stages.asks`): a change of one of these concerns the stage. */
export function asksOf({ people, teams, onCall, roles }: Audience, groups: readonly Group[]): string[] {
  const entitlements = groups.flatMap((group) => (group.kind === "resource-owner" ? group.entitlementIds : []));
  return [
    ...people.map((id) => `person:${id}`),
    ...teams.map((id) => `team:${id}`),
    ...onCall.map((id) => `on-call:${id}`),
    ...roles.map((role) => `role:${role}`),
    ...entitlements.map((id) => `entitlement:${id}`),
  ];
}
