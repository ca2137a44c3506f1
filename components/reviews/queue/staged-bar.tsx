"use client";

import { useActionState, useEffect, useRef, useState, useTransition } from "react";
import { survivingLoss } from "@/components/ui/form/lost-answer";
import { Banner } from "@/components/ui/feedback/banner";
import { Button } from "@/components/ui/form/button";
import { KeyHint } from "@/components/ui/keys/key-hint";
import { useKeys } from "@/components/ui/keys/use-keys";
import { ConfirmDialog } from "@/components/ui/overlay/confirm-dialog";
import { idle } from "@/lib/platform/action-state";
import { formatList, formatPlural } from "@/lib/platform/format";
import { submitDecisionsAction } from "@/lib/reviews/actions";
import type { StagedView } from "@/lib/reviews/views/types";
import { problemOf } from "../form-problem";
import { decisionWords, itemsLeft, sayRefusal } from "../words";
import styles from "./bars.module.css";

const submitAll = survivingLoss(submitDecisionsAction);

type StagedBarProps = { staged: StagedView; reviewId: string | null; takesFocus: boolean };

/** What is staged, and the one button that makes it count. What acts on a target is named before it does. */
export function StagedBar({ staged, reviewId, takesFocus }: StagedBarProps) {
  const [isAsking, setAsking] = useState(false);
  const [state, submit] = useActionState(submitAll, idle);
  const [isPending, startTransition] = useTransition();
  const bar = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (takesFocus) bar.current?.querySelector("button")?.focus();
  }, [takesFocus]);
  useKeys({ s: () => { if (staged.total > 0) setAsking(true); } });
  const confirm = () => {
    const form = new FormData();
    form.set("staged", String(staged.total));
    if (reviewId) form.set("reviewId", reviewId);
    startTransition(() => {
      submit(form);
      setAsking(false);
    });
  };
  const words = formatPlural(staged.total, "decision");
  const { said } = problemOf(state);
  return (
    <>
      <Result state={state} />
      {said ? <p role="alert" className={styles.problem}>{said}</p> : null}
      {staged.total > 0 ? (
        <div ref={bar} className={styles.bar}>
          <p className={styles.barText}>
            <strong>{staged.total} staged</strong>
            <span className={styles.barQuiet}> · {staged.byDecision.map(({ decision, count }) => `${count} ${decisionWords[decision].done}`).join(", ")} · counts once submitted</span>
          </p>
          <Button kind="primary" onClick={() => setAsking(true)} aria-disabled={isPending || undefined}>
            {isPending ? "Submitting…" : `Submit ${words}`} <KeyHint>s</KeyHint>
          </Button>
        </div>
      ) : null}
      <ConfirmDialog open={isAsking} onClose={() => setAsking(false)} title={`Submit ${words}`} confirmText={`Submit ${words}`} onConfirm={confirm} pending={isPending}>
        <p>{formatList(staged.byDecision.map(({ decision, count }) => `${count} ${decisionWords[decision].done}`))}. Once submitted, they stand.</p>
        <Acting staged={staged} />
      </ConfirmDialog>
    </>
  );
}

function Acting({ staged }: { staged: StagedView }) {
  const named = (decision: "rehearse" | "offboard") => staged.acting.filter((item) => item.decision === decision).map(({ name }) => name);
  const [rehearsed, offboarded] = [named("rehearse"), named("offboard")];
  return (
    <>
      {rehearsed.length > 0 ? <p>Switched off for a while, at once: {formatList(rehearsed)}.</p> : null}
      {offboarded.length > 0 ? <p>Removed from their systems for good: {formatList(offboarded)}.</p> : null}
    </>
  );
}

type SubmitState = Awaited<ReturnType<typeof submitAll>>;

/** What became of what was submitted; refusals one by one. */
function Result({ state }: { state: SubmitState }) {
  const heading = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    if (state.status === "done") heading.current?.focus();
  }, [state]);
  if (state.status !== "done") return null;
  const { decided, refused, left } = state.value;
  return (
    <div className={styles.result} role="status">
      <Banner tone={refused.length > 0 ? "warning" : "note"}>
        <p ref={heading} tabIndex={-1}>
          {formatPlural(decided, "decision counts", "decisions count")} now; {itemsLeft(left)}.
        </p>
        {refused.length > 0 ? (
          <ul>
            {refused.map((item) => (
              <li key={item.itemId}>
                {item.name}: {sayRefusal(item.code, item.detail)}
              </li>
            ))}
          </ul>
        ) : null}
      </Banner>
    </div>
  );
}
