"use client";

import { startTransition, useActionState, useState } from "react";
import { Button } from "@/components/ui/form/button";
import { ConfirmDialog } from "@/components/ui/overlay/confirm-dialog";
import { idle } from "@/lib/platform/action-state";
import { withdrawRequestAction } from "@/lib/requests/actions";
import { survivingLoss } from "@/components/ui/form/lost-answer";
import { sayRefusal } from "../refusals";
import styles from "./page.module.css";

const withdraw = survivingLoss(withdrawRequestAction);

/** Takes a waiting request back, after asking once. */
export function Withdraw({ requestId }: { requestId: string }) {
  const [isOpen, setOpen] = useState(false);
  const [state, submit, isPending] = useActionState(withdraw, idle);
  const take = () => {
    const form = new FormData();
    form.set("requestId", requestId);
    startTransition(() => submit(form));
    setOpen(false);
  };
  const said =
    state.status === "refused" ? sayRefusal("withdraw", state.code, state.detail).text
    : state.status === "lost" ? "No answer came back. Try again: withdrawing twice changes nothing."
    : state.status === "failed" ? "Something went wrong on our side. The request is as it was. Try again."
    : null;
  return (
    <span className={styles.withdraw}>
      {said ? <span role="alert">{said}</span> : null}
      <Button size="small" onClick={() => setOpen(true)} aria-disabled={isPending || undefined}>
        {isPending ? "Withdrawing…" : "Withdraw request"}
      </Button>
      <ConfirmDialog open={isOpen} onClose={() => setOpen(false)} title="Withdraw this request" confirmText="Withdraw request" onConfirm={take} pending={isPending}>
        <p>Nobody is asked any more. It stays in the evidence as withdrawn; you can ask again at any time.</p>
      </ConfirmDialog>
    </span>
  );
}
