"use client";

import { useActionState, useState } from "react";
import { saidOf } from "@/components/ui/form/act";
import { KeptForm, SaveButton } from "@/components/ui/form/kept-form";
import { setTeamLeadAction } from "@/lib/people/actions";
import type { Named } from "@/lib/people/types";
import type { PersonOption } from "@/lib/people/views/options-types";
import { idle } from "@/lib/platform/action-state";
import styles from "../people.module.css";
import { PersonPicker } from "../person-picker";
import { personRefusals } from "../words";
import teams from "./teams.module.css";

/** Makes one of a team its lead. */
export function LeadForm({ team, first }: { team: Named; first: readonly Named[] }) {
  const [state, submit, isPending] = useActionState(setTeamLeadAction, idle);
  const [picked, setPicked] = useState<PersonOption | null>(null);
  const errors = state.status === "invalid" ? state.fieldErrors : {};
  const said = state.status === "invalid" ? null : saidOf(state, personRefusals);
  return (
    <details className={teams.lead}>
      <summary>Name a lead</summary>
      <KeptForm submit={submit} className={styles.inline} label={`Name a lead of ${team.name}`}>
        <input type="hidden" name="teamId" value={team.id} />
        <input type="hidden" name="lead" value="yes" />
        <PersonPicker
          label="Lead"
          name="personId"
          picked={picked}
          onPick={setPicked}
          within={team.id}
          first={first.map((person) => ({ ...person, teams: [] }))}
          errors={errors["personId"] ? ["Pick one of the team."] : undefined}
        />
        <SaveButton pending={isPending} pendingText="Saving…" kind="default">
          Make lead
        </SaveButton>
      </KeptForm>
      {said ? <p role="alert" className={styles.problem}>{said}</p> : null}
    </details>
  );
}
