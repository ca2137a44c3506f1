"use client";

import { useActionState } from "react";
import { Act, saidOf } from "@/components/ui/form/act";
import { ChoiceField, TextField } from "@/components/ui/form/fields";
import { KeptForm, SaveButton } from "@/components/ui/form/kept-form";
import { Section } from "@/components/ui/page/section";
import { ClockTime } from "@/components/ui/time/relative-time";
import { endOutOfOfficeAction, setOutOfOfficeAction } from "@/lib/people/actions";
import type { Named, PersonView } from "@/lib/people/types";
import { idle } from "@/lib/platform/action-state";
import { formatList } from "@/lib/platform/format";
import styles from "./people.module.css";
import { personRefusals } from "./words";

type AwayProps = { person: PersonView; maySet: boolean; colleagues: readonly Named[] };

/** When a person is out of office, and who stands in. */
export function Away({ person, maySet, colleagues }: AwayProps) {
  const { absence, standsInFor } = person;
  return (
    <Section title="Out of office" note="Whoever is away for the whole time is not asked to take over from a leaver.">
      {absence ? (
        <p>
          From <ClockTime at={absence.from} what="from" /> until <ClockTime at={absence.until} what="until" />
          {absence.standIn ? `; ${absence.standIn} stands in. ` : "; nobody stands in. "}
          {maySet ? (
            <Act action={endOutOfOfficeAction} fields={{ personId: person.id }} pendingText="Saving…" label={`${person.name} is back`} refusals={personRefusals}>
              Back again
            </Act>
          ) : null}
        </p>
      ) : (
        <p>Here.</p>
      )}
      {standsInFor.length > 0 ? <p>Stands in for {formatList([...standsInFor])}.</p> : null}
      {maySet && !absence ? <GoAway personId={person.id} colleagues={colleagues} /> : null}
    </Section>
  );
}

function GoAway({ personId, colleagues }: { personId: string; colleagues: readonly Named[] }) {
  const [state, submit, isPending] = useActionState(setOutOfOfficeAction, idle);
  const said = saidOf(state, personRefusals);
  return (
    <>
      <KeptForm submit={submit} className={styles.inline} label="Out of office">
        <input type="hidden" name="personId" value={personId} />
        <TextField label="Away from (UTC)" name="from" type="datetime-local" required />
        <TextField label="Away until (UTC)" name="until" type="datetime-local" required />
        <ChoiceField label="Who stands in" name="standInId" data={[{ value: "", label: "nobody" }, ...colleagues.map(({ id, name }) => ({ value: id, label: name }))]} />
        <SaveButton pending={isPending} pendingText="Saving…" kind="default">
          Set out of office
        </SaveButton>
      </KeptForm>
      {said ? <p role="alert" className={styles.problem}>{said}</p> : null}
    </>
  );
}
