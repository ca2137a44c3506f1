/** A template as the rules ask about it. Teams are compared by id: another one of the same name is another one. */
type Kept = { readonly keeperId: string; readonly teamId: string | null };

/** Somebody, with the teams that they are in now. */
type Somebody = { readonly personId: string; readonly teamIds: readonly string[] };

/** May it be used to fill the form in? By its keeper, and by the members of the team that it is shared with. */
export function mayUse({ keeperId, teamId }: Kept, { personId, teamIds }: Somebody): boolean {
  return keeperId === personId || (teamId !== null && teamIds.includes(teamId));
}

/** May it be renamed, shared or removed? By its keeper, and by whoever may change any. */
export function mayChange({ keeperId }: Kept, { personId, changesAny }: { readonly personId: string; readonly changesAny: boolean }): boolean {
  return changesAny || keeperId === personId;
}

/** May it be shared with this team? Only with one that the keeper is in; a team that it is shared with already stays possible. */
export function mayShareWith(teamId: string | null, { teamId: now }: Kept, keeperTeamIds: readonly string[]): boolean {
  return teamId === null || teamId === now || keeperTeamIds.includes(teamId);
}

/** Templates that one person keeps at most. */
export const mostTemplates = 100;
