"use client";

import { useActionState } from "react";
import { survivingLoss } from "@/components/ui/form/lost-answer";
import { Banner } from "@/components/ui/feedback/banner";
import { TextField } from "@/components/ui/form/fields";
import { SubmitButton } from "@/components/ui/form/submit-button";
import { idle } from "@/lib/platform/action-state";
import { acknowledgeReviewAction } from "@/lib/reviews/actions";
import type { ReviewView } from "@/lib/reviews/views/types";
import { problemOf } from "../form-problem";
import { sayRefusal } from "../words";
import styles from "./page.module.css";

const acknowledge = survivingLoss(acknowledgeReviewAction);

/** The second person's word on a campaign's result; or why it is not yours to say. */
export function Acknowledge({ review }: { review: ReviewView }) {
  const [state, submit] = useActionState(acknowledge, idle);
  if (review.kind === "micro" || review.state !== "decided") return null;
  if (review.may.acknowledge !== null) {
    return (
      <div className={styles.notice}>
        <Banner>{review.may.acknowledge === "no-permission" ? "It waits for an administrator who was not asked in it." : sayRefusal(review.may.acknowledge)}</Banner>
      </div>
    );
  }
  const { said } = problemOf(state);
  return (
    <form action={submit} className={styles.acknowledge} noValidate aria-label="Acknowledge the result">
      <input type="hidden" name="reviewId" value={review.id} />
      {said ? <p role="alert" className={styles.problem}>{said}</p> : null}
      <TextField
        label="What you looked at"
        hint="You were not asked in it and answer for nothing in it. Your word completes the campaign."
        name="note"
        maxLength={1_000}
        defaultValue={"values" in state ? (state.values["note"] ?? "") : ""}
        autoComplete="off"
      />
      <div>
        <SubmitButton kind="primary" pendingText="Acknowledging…">Acknowledge the result</SubmitButton>
      </div>
    </form>
  );
}
