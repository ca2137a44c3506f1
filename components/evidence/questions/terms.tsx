"use client";

import type { ReactNode } from "react";
import { useId } from "react";
import { saidOf } from "@/components/ui/form/act";
import { ChoiceField, TextField } from "@/components/ui/form/fields";
import { exportFormats } from "@/lib/evidence/types";
import type { ActionState } from "@/lib/platform/action-state";
import { schedules, type QuestionRow } from "@/lib/questions/types";
import { formatWords } from "../exports/formats";
import styles from "./questions.module.css";
import { scheduleWords } from "./words";

const refusals: Readonly<Record<string, string>> = {
  "name-taken": "You keep a question of this name already. Choose another name.",
  "too-many-questions": "You keep 100 questions, which is the most. Remove one first.",
  "question-unknown": "This question is not there any more. Nothing changed.",
  "may-not-export": "Only auditors take exports, and what is answered by itself is one. Keep it without a schedule.",
  "has-period": "It has a period of its own. Take the period off, then schedule it: each run asks about the period before.",
};

/** Why something was not done, and what to do. */
export function Problem({ state }: { state: ActionState }) {
  const said = state.status === "invalid" ? null : saidOf(state, refusals);
  return said ? <p role="alert" className={styles.problem}>{said}</p> : null;
}

type TermsProps = {
  state: ActionState;
  submit: (form: FormData) => void;
  question: Pick<QuestionRow, "name" | "isShared" | "schedule" | "format"> | null;
  /** Whether a schedule can be offered: an export is an auditor's. */
  mayExport: boolean;
  children: ReactNode;
};

/** A question's name, who sees it, and when it is answered by itself. */
export function TermsForm({ state, submit, question, mayExport, children }: TermsProps) {
  const hintId = useId();
  const values = "values" in state ? state.values : null;
  const errors = state.status === "invalid" ? state.fieldErrors : {};
  const shared = values ? values["shared"] === "yes" : (question?.isShared ?? false);
  return (
    <form action={submit} className={styles.form}>
      <TextField label="Name of the question" name="name" maxLength={80} required defaultValue={values?.["name"] ?? question?.name ?? ""} errors={errors["name"]} />
      <label className={styles.check}>
        <input type="checkbox" name="shared" value="yes" defaultChecked={shared} />
        Share it with everybody who sees the evidence
      </label>
      {mayExport ? (
        <>
          <ChoiceField
            label="Answered by itself"
            name="schedule"
            defaultValue={values?.["schedule"] ?? question?.schedule ?? "never"}
            data={schedules.map((value) => ({ value, label: scheduleWords[value] }))}
            aria-describedby={hintId}
            errors={errors["schedule"]}
          />
          <ChoiceField
            label="As"
            name="format"
            defaultValue={values?.["format"] ?? question?.format ?? "csv"}
            data={exportFormats.map((value) => ({ value, label: formatWords[value].name }))}
            errors={errors["format"]}
          />
          <p id={hintId} className={styles.hint}>Two hours after a period is over, in UTC, its answer is among the exports, and your inbox says so.</p>
        </>
      ) : (
        <>
          <input type="hidden" name="schedule" value="never" />
          <input type="hidden" name="format" value="csv" />
        </>
      )}
      {errors["query"] ? <p role="alert" className={styles.problem}>{errors["query"].join(" ")}</p> : null}
      <Problem state={state} />
      {children}
    </form>
  );
}
