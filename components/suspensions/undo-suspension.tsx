"use client";

import { startTransition, useActionState, useState } from "react";
import { survivingLoss } from "@/components/ui/form/lost-answer";
import { Button } from "@/components/ui/form/button";
import { ConfirmDialog } from "@/components/ui/overlay/confirm-dialog";
import { idle } from "@/lib/platform/action-state";
import { undoSuspensionAction } from "@/lib/suspensions/actions";
import styles from "./suspensions.module.css";
import { refusalWords } from "./words";

const undo = survivingLoss(undoSuspensionAction);

/** Gives the sign-in back now, after asking once. */
export function UndoSuspension({ suspensionId, name }: { suspensionId: string; name: string }) {
  const [isOpen, setOpen] = useState(false);
  const [state, submit, isPending] = useActionState(undo, idle);
  const confirm = () => {
    const form = new FormData();
    form.set("suspensionId", suspensionId);
    startTransition(() => submit(form));
    setOpen(false);
  };
  const said =
    state.status === "refused" ? refusalWords(state.code)
    : state.status === "lost" ? "No answer came back. Try again: undoing twice changes nothing."
    : state.status === "failed" ? "Something went wrong on our side. It is as it was. Try again."
    : null;
  return (
    <div className={styles.action}>
      <Button onClick={() => setOpen(true)} aria-disabled={isPending || undefined}>
        {isPending ? "Undoing…" : "Undo now"}
      </Button>
      {said ? (
        <p role="alert" className={styles.problem}>
          {said}
        </p>
      ) : null}
      <ConfirmDialog open={isOpen} onClose={() => setOpen(false)} title={`Undo the suspension of ${name}`} confirmText="Undo the suspension" onConfirm={confirm} pending={isPending}>
        <p>Its credentials can sign in again as before, within seconds. What was not taken by this suspension stays as it is.</p>
      </ConfirmDialog>
    </div>
  );
}
