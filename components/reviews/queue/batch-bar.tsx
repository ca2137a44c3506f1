"use client";

import { useActionState, useState } from "react";
import { survivingLoss } from "@/components/ui/form/lost-answer";
import { Button } from "@/components/ui/form/button";
import { TextField } from "@/components/ui/form/fields";
import { SubmitButton } from "@/components/ui/form/submit-button";
import { KeyHint } from "@/components/ui/keys/key-hint";
import { useKeys } from "@/components/ui/keys/use-keys";
import { idle } from "@/lib/platform/action-state";
import { formatPlural } from "@/lib/platform/format";
import { stageBatchAction } from "@/lib/reviews/actions";
import type { BatchView } from "@/lib/reviews/views/types";
import { dayIn, usualKeepDays } from "../days";
import { problemOf } from "../form-problem";
import { obstacleWords } from "../words";
import styles from "./bars.module.css";

const stage = survivingLoss(stageBatchAction);

/** Low items that did not change since they were kept: one decision for all of them, and why the others are not among them. */
export function BatchBar({ batch }: { batch: BatchView }) {
  const [isOpen, setOpen] = useState(false);
  const [state, submit] = useActionState(stage, idle);
  const { said } = problemOf(state);
  const count = batch.ids.length;
  useKeys({ b: () => { if (count > 0) setOpen(true); } });
  if (count === 0) return null;
  const others = batch.obstacles.reduce((sum, obstacle) => sum + obstacle.count, 0);
  return (
    <div className={styles.batch}>
      <p>
        {formatPlural(count, "low item")} {count === 1 ? "has" : "have"} not changed since {count === 1 ? "it was" : "they were"} kept.{" "}
        {others > 0 ? (
          <span className={styles.batchNot}>
            {others} cannot be decided together: {batch.obstacles.map((obstacle) => `${obstacle.count} ${obstacleWords[obstacle.why]}`).join(", ")}.
          </span>
        ) : null}
      </p>
      {isOpen ? (
        <form action={submit} className={styles.batchForm} noValidate>
          {batch.ids.map((id) => <input key={id} type="hidden" name="itemIds" value={id} />)}
          {said ? <p role="alert" className={styles.problem}>{said}</p> : null}
          <TextField label="Reason" name="reason" maxLength={1_000} defaultValue={"values" in state ? (state.values["reason"] ?? "") : ""} autoComplete="off" autoFocus />
          <TextField label="Keep until" name="until" type="date" defaultValue={"values" in state ? (state.values["until"] ?? dayIn(usualKeepDays)) : dayIn(usualKeepDays)} />
          <div className={styles.buttons}>
            <SubmitButton kind="default" size="small" pendingText="Staging…">{`Stage keep for ${count}`}</SubmitButton>
            <Button kind="quiet" size="small" onClick={() => setOpen(false)}>Not now</Button>
          </div>
        </form>
      ) : (
        <div className={styles.buttons}>
          <Button size="small" onClick={() => setOpen(true)}>
            {`Keep ${count} together`} <KeyHint>b</KeyHint>
          </Button>
        </div>
      )}
    </div>
  );
}
