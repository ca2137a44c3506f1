"use client";

import { useActionState } from "react";
import { Act, saidOf } from "@/components/ui/form/act";
import { ChoiceField, TextField } from "@/components/ui/form/fields";
import { KeptForm, SaveButton } from "@/components/ui/form/kept-form";
import { Section } from "@/components/ui/page/section";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { delegateApprovalsAction, endDelegationAction } from "@/lib/people/actions";
import type { Named, PersonView } from "@/lib/people/types";
import { idle } from "@/lib/platform/action-state";
import { formatList } from "@/lib/platform/format";
import styles from "./people.module.css";
import { personRefusals } from "./words";

/** Who decides requests on a person's seat, and on whose seats they decide. `delegates` is null where the viewer cannot say so. */
export function Delegation({ person, delegates }: { person: PersonView; delegates: readonly Named[] | null }) {
  const { delegation, decidesFor } = person;
  if (!delegates && !delegation && decidesFor.length === 0) return null;
  return (
    <Section
      title="Approvals by somebody else"
      note="What already waits moves, too. One seat is one vote: whoever of the two votes first. Nobody decides for their own side, so that whoever acts for it may not either."
    >
      {delegation ? (
        <p>
          {delegation.delegate} decides for {person.name} from <RelativeTime at={delegation.from} what="from" /> until <RelativeTime at={delegation.until} what="until" />.{" "}
          {delegates ? (
            <Act action={endDelegationAction} fields={{ delegateId: delegation.delegateId }} pendingText="Saving…" label="Decide by yourself again" refusals={personRefusals}>
              Take back
            </Act>
          ) : null}
        </p>
      ) : (
        <p>{delegates ? "You decide by yourself." : "Decides by themselves."}</p>
      )}
      {decidesFor.length > 0 ? <p>Decides for {formatList([...decidesFor])}, too.</p> : null}
      {delegates && !delegation ? <Delegate delegates={delegates} /> : null}
    </Section>
  );
}

function Delegate({ delegates }: { delegates: readonly Named[] }) {
  const [state, submit, isPending] = useActionState(delegateApprovalsAction, idle);
  const said = saidOf(state, personRefusals);
  return (
    <>
      <KeptForm submit={submit} className={styles.inline} label="Let somebody decide for you">
        <ChoiceField label="Who decides for you" name="delegateId" data={[{ value: "", label: "choose" }, ...delegates.map(({ id, name }) => ({ value: id, label: name }))]} />
        <TextField label="Decides from (UTC)" name="from" type="datetime-local" required />
        <TextField label="Decides until (UTC)" name="until" type="datetime-local" required />
        <SaveButton pending={isPending} pendingText="Saving…" kind="default">
          Let them decide
        </SaveButton>
      </KeptForm>
      {said ? <p role="alert" className={styles.problem}>{said}</p> : null}
    </>
  );
}
