"use client";

import { useActionState, useEffect, useState } from "react";
import { Button } from "@/components/ui/form/button";
import { saidOf } from "@/components/ui/form/act";
import { TextAreaField } from "@/components/ui/form/fields";
import { KeptForm, SaveButton } from "@/components/ui/form/kept-form";
import { survivingLoss } from "@/components/ui/form/lost-answer";
import { Dialog } from "@/components/ui/overlay/dialog";
import { seeFindingAction } from "@/lib/findings/actions";
import { idle } from "@/lib/platform/action-state";
import styles from "./findings.module.css";
import { seenRefusals } from "./words";

type SeeFindingProps = { findingId: string; title: string };

const see = survivingLoss(seeFindingAction);

/** Says that one looked at a finding about the past, and why it may rest. */
export function SeeFinding(props: SeeFindingProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button size="small" onClick={() => setOpen(true)} aria-label={`I looked at it: ${props.title}`}>
        I looked at it
      </Button>
      <Dialog open={isOpen} onClose={() => setOpen(false)} title="Say what you found">
        <SeeForm {...props} onClose={() => setOpen(false)} />
      </Dialog>
    </>
  );
}

function SeeForm({ findingId, title, onClose }: SeeFindingProps & { onClose: () => void }) {
  const [state, submit, pending] = useActionState(see, idle);
  const errors = state.status === "invalid" ? state.fieldErrors : {};
  const problem = state.status === "lost" ? "No answer came back. Try again: saying it twice changes nothing." : state.status === "invalid" ? null : saidOf(state, seenRefusals);
  useEffect(() => {
    if (state.status === "done") onClose();
  }, [state, onClose]);
  return (
    <KeptForm submit={submit} className={styles.form}>
      <p className={styles.about}>
        <strong>{title}</strong>
      </p>
      <p className={styles.about}>
        What happened stays a gap, in its chain and in every export, with your name and what you write. It leaves the open list, and comes back by itself if what is known of it changes.
      </p>
      <input type="hidden" name="findingId" value={findingId} />
      <TextAreaField label="What you found, and why it may rest" name="reason" errors={errors["reason"]} maxLength={2_000} rows={3} />
      {problem ? (
        <p role="alert" className={styles.problem}>
          {problem}
        </p>
      ) : null}
      <footer className={styles.foot}>
        <Button onClick={onClose}>Keep it open</Button>
        <SaveButton pending={pending} pendingText="Saving…">
          Say that I looked
        </SaveButton>
      </footer>
    </KeptForm>
  );
}
