"use client";

import { startTransition, useActionState, useState } from "react";
import { problemWords } from "@/components/identities/refusals";
import { Button } from "@/components/ui/form/button";
import { ConfirmDialog } from "@/components/ui/overlay/confirm-dialog";
import { endExceptionAction } from "@/lib/exceptions/actions";
import { idle } from "@/lib/platform/action-state";
import styles from "./exceptions.module.css";

/** Ends an exception before its time, after asking once. */
export function EndException({ exceptionId, entitlement }: { exceptionId: string; entitlement: string }) {
  const [isOpen, setOpen] = useState(false);
  const [state, submit, pending] = useActionState(endExceptionAction, idle);
  const problem = problemWords(state);
  const title = `End the exception for ${entitlement}`;
  const end = () => {
    const form = new FormData();
    form.set("exceptionId", exceptionId);
    startTransition(() => submit(form));
    setOpen(false);
  };
  return (
    <>
      <Button size="small" kind="quiet" onClick={() => setOpen(true)} aria-disabled={pending || undefined} aria-label={title}>
        {pending ? "Ending…" : "End"}
      </Button>
      {problem ? (
        <p role="alert" className={styles.problem}>
          {problem}
        </p>
      ) : null}
      <ConfirmDialog open={isOpen} onClose={() => setOpen(false)} title={title} confirmText="End exception" pending={pending} onConfirm={end}>
        <p>The access itself stays. From then on nobody answers for it, and it is a side door with a finding.</p>
      </ConfirmDialog>
    </>
  );
}
