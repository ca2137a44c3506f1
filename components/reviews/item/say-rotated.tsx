"use client";

import { useActionState, useState } from "react";
import { Button } from "@/components/ui/form/button";
import { TextAreaField, TextField } from "@/components/ui/form/fields";
import { KeptForm, SaveButton } from "@/components/ui/form/kept-form";
import { survivingLoss } from "@/components/ui/form/lost-answer";
import { idle } from "@/lib/platform/action-state";
import { sayRotatedAction } from "@/lib/reviews/actions";
import { problemOf } from "../form-problem";
import styles from "./card.module.css";

const sayIt = survivingLoss(sayRotatedAction);

/** For what the target never shows: whoever answers for the identity says that it was rotated, and where that can be checked. */
export function SayRotated({ itemId, name }: { itemId: string; name: string }) {
  const [isOpen, setOpen] = useState(false);
  const [state, submit, pending] = useActionState(sayIt, idle);
  if (!isOpen) return <div><Button onClick={() => setOpen(true)}>I rotated it…</Button></div>;
  const said = state.status === "invalid" ? null : problemOf(state).said;
  const errors = state.status === "invalid" ? state.fieldErrors : {};
  return (
    <KeptForm submit={submit} className={styles.say} label={`Say that ${name} was rotated`}>
      <input type="hidden" name="itemId" value={itemId} />
      {said ? <p role="alert" className={styles.problem}>{said}</p> : null}
      <TextAreaField label="What you did" name="reason" rows={2} maxLength={1_000} errors={errors["reason"]} required />
      <TextField
        label="Where it can be checked"
        hint="A ticket, a change, a page: no secret. It stands as said by you, not as seen by Curfew."
        name="where"
        maxLength={500}
        errors={errors["where"]}
        autoComplete="off"
        required
      />
      <div>
        <SaveButton pending={pending} pendingText="Saying…">Say that it was rotated</SaveButton>
      </div>
    </KeptForm>
  );
}
