"use client";

import { useActionState, useEffect, useState } from "react";
import { PersonPicker } from "@/components/people/person-picker";
import { problemWords } from "@/components/identities/refusals";
import { Button } from "@/components/ui/form/button";
import { TextAreaField, TextField } from "@/components/ui/form/fields";
import { KeptForm, SaveButton } from "@/components/ui/form/kept-form";
import { Dialog } from "@/components/ui/overlay/dialog";
import { makeExceptionAction } from "@/lib/exceptions/actions";
import type { ExceptionView } from "@/lib/exceptions/types";
import type { PersonOption } from "@/lib/people/views/options-types";
import { idle } from "@/lib/platform/action-state";
import styles from "./exceptions.module.css";

type ExceptionDialogProps = {
  assignmentId: string;
  /** What is held, by name. */
  entitlement: string;
  identity: string;
  /** The one that is renewed. */
  current: ExceptionView | null;
  /** The last day that it may have. */
  latestEnd: string;
};

/** Answers for a standing assignment until a day, or renews the answer. */
export function ExceptionDialog(props: ExceptionDialogProps) {
  const { entitlement, current } = props;
  const [isOpen, setOpen] = useState(false);
  const verb = current ? "Renew" : "Answer for it";
  return (
    <>
      <Button size="small" onClick={() => setOpen(true)} aria-label={current ? `Renew the exception for ${entitlement}` : `Answer for ${entitlement}`}>
        {verb}
      </Button>
      <Dialog open={isOpen} onClose={() => setOpen(false)} title={current ? `Renew the exception for ${entitlement}` : `Standing exception for ${entitlement}`}>
        <ExceptionForm {...props} onClose={() => setOpen(false)} />
      </Dialog>
    </>
  );
}

function ExceptionForm({ assignmentId, entitlement, identity, current, latestEnd, onClose }: ExceptionDialogProps & { onClose: () => void }) {
  const [state, submit, pending] = useActionState(makeExceptionAction, idle);
  const [owner, setOwner] = useState<PersonOption | null>(current && !current.owner.hasLeft ? { id: current.owner.id, name: current.owner.name, teams: [] } : null);
  const errors = state.status === "invalid" ? state.fieldErrors : {};
  const problem = problemWords(state);
  useEffect(() => {
    if (state.status === "done") onClose();
  }, [state, onClose]);
  return (
    <KeptForm submit={submit} className={styles.form}>
      <p className={styles.about}>
        {identity} keeps {entitlement} all the time until that day. Then the exception lapses by itself and the access is a side door again. You are reminded 14 days before.
      </p>
      <input type="hidden" name="assignmentId" value={assignmentId} />
      <PersonPicker label="Who answers for it" name="ownerId" errors={errors["ownerId"]} picked={owner} onPick={setOwner} />
      <TextAreaField label="Why it must stay" name="reason" errors={errors["reason"]} maxLength={2_000} rows={2} defaultValue={current?.reason ?? ""} />
      <TextAreaField label="What keeps it in check" name="controls" hint="A closed network, an alarm on its use, a review of its log." errors={errors["controls"]} maxLength={2_000} rows={2} defaultValue={current?.controls ?? ""} />
      <TextField label="Until the end of" name="endsOn" type="date" hint={`At the latest ${latestEnd} (UTC).`} max={latestEnd} errors={errors["endsOn"]} />
      {problem ? (
        <p role="alert" className={styles.problem}>
          {problem}
        </p>
      ) : null}
      <footer className={styles.foot}>
        <Button onClick={onClose}>Keep as it is</Button>
        <SaveButton pending={pending} pendingText="Saving…">
          {current ? "Renew exception" : "Make exception"}
        </SaveButton>
      </footer>
    </KeptForm>
  );
}
