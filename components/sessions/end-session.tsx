"use client";

import { startTransition, useActionState, useState } from "react";
import { sayRefusal } from "@/components/requests/refusals";
import { Button } from "@/components/ui/form/button";
import { ConfirmDialog } from "@/components/ui/overlay/confirm-dialog";
import type { SessionView } from "@/lib/grants/views/sessions-types";
import { idle } from "@/lib/platform/action-state";
import { endGrantAction } from "@/lib/requests/actions";
import styles from "./sessions.module.css";
import { endingConsequence, sessionName } from "./words";

const resulting: Readonly<Record<string, string>> = {
  ending: "ending: asked for, the target has not taken it yet",
  accepted: "accepted by the target, not proven yet",
  proven: "proven dead",
  stuck: "not proven yet",
};

type Ending = ReturnType<typeof useEnding>;

/** Ends one session; says what it has come to, never just "done". */
export function useEnding(grantId: string) {
  const [state, submit, isPending] = useActionState(endGrantAction, idle);
  const end = () => {
    const form = new FormData();
    form.set("grantId", grantId);
    startTransition(() => submit(form));
  };
  return { state, end, isPending };
}

/** What came of asking to end it: the resulting state, or why not. */
export function EndingOutcome({ ending: { state }, session }: { ending: Ending; session: SessionView }) {
  if (state.status === "done") {
    return (
      <p role="status" className="visually-hidden">
        {sessionName(session)} is {resulting[state.value.state] ?? state.value.state}.
      </p>
    );
  }
  const said =
    state.status === "refused" ? sayRefusal("end", state.code, state.detail).text
    : state.status === "failed" ? `Something went wrong on our side. The session is as it was: try again. Id: ${state.correlationId}`
    : state.status === "signed-out" ? "You are signed out. Sign in again to end it."
    : null;
  return said ? (
    <p role="alert" className={styles.problem}>
      {said}
    </p>
  ) : null;
}

/** Ends a session now, after asking once with the object repeated. */
export function EndSession({ session, ending }: { session: SessionView; ending: Ending }) {
  const [isOpen, setOpen] = useState(false);
  const { end, isPending } = ending;
  const name = sessionName(session);
  return (
    <>
      <Button size="small" onClick={() => setOpen(true)} aria-disabled={isPending || undefined} aria-label={`End ${name} now`}>
        {isPending ? "Ending…" : "End now"}
      </Button>
      <ConfirmDialog
        open={isOpen}
        onClose={() => setOpen(false)}
        title={`End ${name}`}
        confirmText="End session"
        pending={isPending}
        onConfirm={() => {
          end();
          setOpen(false);
        }}
      >
        <p>{endingConsequence(session)}</p>
        <p className={styles.dialogNote}>This cannot be taken back; a new session needs a new request. Curfew then proves over a second account that nothing of it works any more.</p>
      </ConfirmDialog>
    </>
  );
}
