"use client";

import { useActionState, useState } from "react";
import { survivingLoss } from "@/components/ui/form/lost-answer";
import { Button } from "@/components/ui/form/button";
import { TextField } from "@/components/ui/form/fields";
import { SubmitButton } from "@/components/ui/form/submit-button";
import { Dialog } from "@/components/ui/overlay/dialog";
import { idle } from "@/lib/platform/action-state";
import { formatPlural } from "@/lib/platform/format";
import { cancelReviewAction } from "@/lib/reviews/actions";
import { problemOf } from "../form-problem";
import styles from "./page.module.css";

const cancel = survivingLoss(cancelReviewAction);

/** Stops a review, with a reason; what was decided stands. */
export function CancelReview({ reviewId, name, open }: { reviewId: string; name: string; open: number }) {
  const [isOpen, setOpen] = useState(false);
  const [state, submit] = useActionState(cancel, idle);
  const { said } = problemOf(state);
  return (
    <>
      <Button onClick={() => setOpen(true)}>Cancel this review</Button>
      <Dialog open={isOpen && state.status !== "done"} onClose={() => setOpen(false)} title={`Cancel ${name}`}>
        <form action={submit} className={styles.dialogForm} noValidate>
          <input type="hidden" name="reviewId" value={reviewId} />
          <p>Nobody is asked any more about {formatPlural(open, "open item")}, and staged decisions are dropped. What was decided stands.</p>
          {said ? <p role="alert" className={styles.problem}>{said}</p> : null}
          <TextField label="Reason" name="reason" maxLength={1_000} autoComplete="off" defaultValue={"values" in state ? (state.values["reason"] ?? "") : ""} />
          <div className={styles.buttons}>
            <Button onClick={() => setOpen(false)}>Keep it running</Button>
            <SubmitButton kind="danger" pendingText="Cancelling…">Cancel the review</SubmitButton>
          </div>
        </form>
      </Dialog>
    </>
  );
}
