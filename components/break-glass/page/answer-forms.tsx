"use client";

import { useActionState } from "react";
import { saidOf } from "@/components/ui/form/act";
import { ChoiceField, TextAreaField, TextField } from "@/components/ui/form/fields";
import { KeptForm, SaveButton } from "@/components/ui/form/kept-form";
import { survivingLoss } from "@/components/ui/form/lost-answer";
import { answerSecondAction, closeDebtAction } from "@/lib/break-glass/actions";
import { verdicts } from "@/lib/break-glass/types";
import { verdictWords } from "@/lib/break-glass/words";
import { idle } from "@/lib/platform/action-state";
import styles from "../break-glass.module.css";
import { breakRefusals } from "../words";

const answer = survivingLoss(answerSecondAction);
const close = survivingLoss(closeDebtAction);
const lost = "No answer came back. Look at the page before you try again: what you wrote is kept.";

type Said = Parameters<typeof saidOf>[0] | { readonly status: "lost" };
const problemIn = (state: Said) => (state.status === "lost" ? lost : saidOf(state, breakRefusals));
const errorsIn = (state: Said) => (state.status === "invalid" ? state.fieldErrors : {});

/** The second person's word: confirm or decline, with a reason. */
export function SecondForm({ breakGlassId, number }: { breakGlassId: string; number: number }) {
  const [state, submit, isPending] = useActionState(answer, idle);
  const problem = problemIn(state);
  const errors = errorsIn(state);
  return (
    <KeptForm submit={submit} className={styles.form} label={`Answer break-glass ${number}`}>
      <input type="hidden" name="breakGlassId" value={breakGlassId} />
      <ChoiceField
        label="Your word"
        name="answer"
        required
        defaultValue=""
        errors={errors["answer"]}
        data={[{ value: "", label: "Choose…" }, { value: "confirm", label: "Confirm: there is an emergency" }, { value: "decline", label: "Decline: give nothing" }]}
      />
      <TextField label="Why" name="reason" required minLength={3} maxLength={1_000} errors={errors["reason"]} autoComplete="off" />
      {problem ? <p role="alert" className={styles.problem}>{problem}</p> : null}
      <div className={styles.foot}>
        <SaveButton pending={isPending} pendingText="Saying it…">Say it</SaveButton>
      </div>
    </KeptForm>
  );
}

/** The review of an emergency's use; closing it is the approval that was skipped. */
export function CloseForm({ breakGlassId, number }: { breakGlassId: string; number: number }) {
  const [state, submit, isPending] = useActionState(close, idle);
  const problem = problemIn(state);
  const errors = errorsIn(state);
  return (
    <KeptForm submit={submit} className={styles.form} label={`Review break-glass ${number}`}>
      <input type="hidden" name="breakGlassId" value={breakGlassId} />
      <ChoiceField
        label="What the review found"
        name="verdict"
        required
        defaultValue=""
        errors={errors["verdict"]}
        data={[{ value: "", label: "Choose…" }, ...verdicts.map((value) => ({ value, label: verdictWords[value] }))]}
      />
      <TextAreaField label="Findings" name="findings" required minLength={10} maxLength={4_000} errors={errors["findings"]} hint="What you looked at, what was done, and what has to change so that it is not needed again." />
      {problem ? <p role="alert" className={styles.problem}>{problem}</p> : null}
      <div className={styles.foot}>
        <SaveButton pending={isPending} pendingText="Closing…">Close the debt</SaveButton>
      </div>
    </KeptForm>
  );
}
