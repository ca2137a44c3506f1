"use client";

import { startTransition, useActionState, useState } from "react";
import { survivingLoss } from "@/components/ui/form/lost-answer";
import { sayRefusal } from "@/components/requests/refusals";
import { Button } from "@/components/ui/form/button";
import { ConfirmDialog } from "@/components/ui/overlay/confirm-dialog";
import { idle } from "@/lib/platform/action-state";
import { endGrantAction } from "@/lib/requests/actions";
import styles from "./grants.module.css";

const endSession = survivingLoss(endGrantAction);

/** Ends a live session now, after asking once. */
export function EndSession({ grantId, identity }: { grantId: string; identity: string }) {
  const [isOpen, setOpen] = useState(false);
  const [state, submit, isPending] = useActionState(endSession, idle);
  const end = () => {
    const form = new FormData();
    form.set("grantId", grantId);
    startTransition(() => submit(form));
    setOpen(false);
  };
  const said =
    state.status === "refused" ? sayRefusal("end", state.code, state.detail).text
    : state.status === "lost" ? "No answer came back. Try again: ending twice changes nothing."
    : state.status === "failed" ? "Something went wrong on our side. The session is as it was. Try again."
    : null;
  return (
    <>
      <Button kind="danger" onClick={() => setOpen(true)} aria-disabled={isPending || undefined}>
        {isPending ? "Ending…" : "End session"}
      </Button>
      {said ? (
        <p role="alert" className={styles.problem}>
          {said}
        </p>
      ) : null}
      <ConfirmDialog open={isOpen} onClose={() => setOpen(false)} title={`End the session of ${identity}`} confirmText="End session" onConfirm={end} pending={isPending}>
        <p>
          Its login stops working and its open connections are cut, in the middle of a transaction if there is one. This cannot be taken back; a new
          session needs a new request.
        </p>
      </ConfirmDialog>
    </>
  );
}
