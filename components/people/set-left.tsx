"use client";

import { startTransition, useActionState, useState } from "react";
import { Button } from "@/components/ui/form/button";
import { ConfirmDialog } from "@/components/ui/overlay/confirm-dialog";
import { setPersonLeftAction } from "@/lib/people/actions";
import { idle } from "@/lib/platform/action-state";
import styles from "./people.module.css";

const refusals: Readonly<Record<string, string>> = {
  "person-unknown": "Nobody is known by this id any more.",
  "already-left": "This person has already left.",
  yourself: "You cannot set yourself to left. Another administrator can.",
  "last-administrator": "This is the last administrator. Make another one first.",
  "no-longer-administrator": "You are no longer an administrator.",
  "no-permission": "Your role does not allow this.",
};

/** Sets a person to left, after asking once with the name repeated. */
export function SetLeft({ personId, name }: { personId: string; name: string }) {
  const [isOpen, setOpen] = useState(false);
  const [state, submit, isPending] = useActionState(setPersonLeftAction, idle);
  const said =
    state.status === "refused" ? (refusals[state.code] ?? "This was refused. Nothing changed.")
    : state.status === "failed" ? `Something went wrong on our side. Nothing changed: try again. Id: ${state.correlationId}`
    : state.status === "signed-out" ? "You are signed out. Sign in again to go on."
    : null;
  const setLeft = () => {
    const form = new FormData();
    form.set("personId", personId);
    startTransition(() => submit(form));
    setOpen(false);
  };
  return (
    <>
      <Button size="small" onClick={() => setOpen(true)} aria-disabled={isPending || undefined} aria-label={`Set ${name} to left`}>
        {isPending ? "Signing out…" : "Set to left"}
      </Button>
      {said ? (
        <p role="alert" className={styles.problem}>
          {said}
        </p>
      ) : null}
      <ConfirmDialog open={isOpen} onClose={() => setOpen(false)} title={`Set ${name} to left`} confirmText={`Set ${name} to left`} pending={isPending} onConfirm={setLeft}>
        <p>{name} is signed out on every browser at once and cannot sign in again. Sessions of identities that {name} answers for run to their end.</p>
      </ConfirmDialog>
    </>
  );
}
