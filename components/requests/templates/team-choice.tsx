"use client";

import { ChoiceField } from "@/components/ui/form/fields";
import { useFetched } from "@/components/ui/form/use-fetched";
import type { TeamOption } from "@/lib/request-templates/types";

type TeamChoiceProps = {
  /** The team that it is shared with now. */
  current: TeamOption | null;
  /** The viewer's own teams are offered, too. */
  offersOwn: boolean;
  errors?: readonly string[] | undefined;
};

/** With whom a template is shared: nobody, or one team. */
export function TeamChoice({ current, offersOwn, errors }: TeamChoiceProps) {
  const teams = useFetched<readonly TeamOption[]>(offersOwn ? "/api/options/own-teams" : null, { restMs: 0 });
  const offered = [...(current ? [current] : []), ...(teams.value ?? []).filter(({ id }) => id !== current?.id)];
  return (
    <ChoiceField
      label="Shared with"
      name="teamId"
      hint={teams.failed ? "Your teams could not be read. It can be shared later." : "Members of the team can start from it. Only you and administrators can change it."}
      errors={errors}
      defaultValue={current?.id ?? ""}
      // The list comes after the first look at the field.
      key={offered.length}
      data={[{ value: "", label: "Nobody: for me alone" }, ...offered.map(({ id, name }) => ({ value: id, label: name }))]}
    />
  );
}
