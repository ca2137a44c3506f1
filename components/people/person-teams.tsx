"use client";

import { useActionState } from "react";
import { Act, saidOf } from "@/components/ui/form/act";
import { ChoiceField, TextField } from "@/components/ui/form/fields";
import { KeptForm, SaveButton } from "@/components/ui/form/kept-form";
import { Nobody } from "@/components/ui/names/person-name";
import { ListRow, ListRows } from "@/components/ui/page/list-row";
import { Section } from "@/components/ui/page/section";
import { ClockTime } from "@/components/ui/time/relative-time";
import { addToTeamAction, endOnCallAction, setOnCallAction, setTeamLeadAction, takeFromTeamAction } from "@/lib/people/actions";
import type { Named, PersonView } from "@/lib/people/types";
import { idle } from "@/lib/platform/action-state";
import styles from "./people.module.css";
import { personRefusals } from "./words";

type PersonTeamsProps = { person: PersonView; mayManage: boolean; teams: readonly Named[] };

/** The teams of a person, whether they lead them, and when they are on call. */
export function PersonTeams({ person, mayManage, teams }: PersonTeamsProps) {
  const { id, name, onCall } = person;
  return (
    <Section title="Teams">
      {person.teams.length === 0 ? <Nobody>in no team</Nobody> : null}
      <ListRows label="Teams">
        {person.teams.map((team) => (
          <ListRow
            key={team.id}
            head={<span>{team.name}</span>}
            facts={
              <>
                {team.lead ? <span>leads it</span> : null}
                {team.isFilledByDirectory ? <span>filled by the directory</span> : null}
              </>
            }
            end={mayManage ? <TeamActs person={person} team={team} /> : null}
          />
        ))}
      </ListRows>
      {mayManage ? <JoinTeam person={person} teams={teams} /> : null}
      {onCall.length > 0 ? (
        <ListRows label="On call">
          {onCall.map((duty) => (
            <ListRow
              key={duty.id}
              head={<span>On call for {duty.team}</span>}
              facts={
                <span>
                  from <ClockTime at={duty.from} what="from" /> until <ClockTime at={duty.until} what="until" />
                </span>
              }
              end={
                mayManage ? (
                  <Act action={endOnCallAction} fields={{ onCallId: duty.id }} pendingText="Ending…" label={`End the time on call of ${name} for ${duty.team}`} refusals={personRefusals}>
                    End
                  </Act>
                ) : null
              }
            />
          ))}
        </ListRows>
      ) : null}
      {mayManage && person.teams.length > 0 ? <PutOnCall personId={id} teams={person.teams} /> : null}
    </Section>
  );
}

function TeamActs({ person, team }: { person: PersonView; team: PersonView["teams"][number] }) {
  const fields = { personId: person.id, teamId: team.id };
  return (
    <>
      <Act
        action={setTeamLeadAction}
        fields={{ ...fields, lead: team.lead ? "no" : "yes" }}
        pendingText="Saving…"
        label={team.lead ? `${person.name} no longer leads ${team.name}` : `Make ${person.name} lead ${team.name}`}
        refusals={personRefusals}
      >
        {team.lead ? "No lead" : "Make lead"}
      </Act>{" "}
      {team.isFilledByDirectory ? null : (
        <Act action={takeFromTeamAction} fields={fields} pendingText="Taking out…" label={`Take ${person.name} out of ${team.name}`} refusals={personRefusals}>
          Take out
        </Act>
      )}
    </>
  );
}

function JoinTeam({ person, teams }: { person: PersonView; teams: readonly Named[] }) {
  const [state, submit, isPending] = useActionState(addToTeamAction, idle);
  const said = saidOf(state, personRefusals);
  const open = teams.filter(({ id }) => !person.teams.some((team) => team.id === id));
  if (open.length === 0) return null;
  return (
    <>
      <KeptForm submit={submit} className={styles.inline} label="Put into a team">
        <input type="hidden" name="personId" value={person.id} />
        <ChoiceField label="Team" name="teamId" data={[{ value: "", label: "Choose…" }, ...open.map(({ id, name }) => ({ value: id, label: name }))]} />
        <SaveButton pending={isPending} pendingText="Saving…" kind="default">
          Put into team
        </SaveButton>
      </KeptForm>
      {said ? <p role="alert" className={styles.problem}>{said}</p> : null}
    </>
  );
}

function PutOnCall({ personId, teams }: { personId: string; teams: readonly Named[] }) {
  const [state, submit, isPending] = useActionState(setOnCallAction, idle);
  const said = saidOf(state, personRefusals);
  return (
    <>
      <KeptForm submit={submit} className={styles.inline} label="Put on call">
        <input type="hidden" name="personId" value={personId} />
        <ChoiceField label="On call for" name="teamId" data={[{ value: "", label: "Choose…" }, ...teams.map(({ id, name }) => ({ value: id, label: name }))]} />
        <TextField label="From (UTC)" name="from" type="datetime-local" required />
        <TextField label="Until (UTC)" name="until" type="datetime-local" required />
        <SaveButton pending={isPending} pendingText="Saving…" kind="default">
          Put on call
        </SaveButton>
      </KeptForm>
      {said ? <p role="alert" className={styles.problem}>{said}</p> : null}
    </>
  );
}
