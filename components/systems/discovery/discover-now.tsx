"use client";

import { useActionState } from "react";
import { survivingLoss } from "@/components/ui/form/lost-answer";
import { KeptForm, SaveButton } from "@/components/ui/form/kept-form";
import { idle } from "@/lib/platform/action-state";
import { discoverNowAction } from "@/lib/systems/actions";
import styles from "./discovery.module.css";

const discover = survivingLoss(discoverNowAction);

/** Asks for a discovery now; while one runs there is nothing to ask for. */
export function DiscoverNow({ systemId, isRunning }: { systemId: string; isRunning: boolean }) {
  const [state, submit, pending] = useActionState(discover, idle);
  const said =
    state.status === "refused" ? "That was refused. Nothing was changed."
    : state.status === "lost" ? "No answer came back. Try again: one run at a time is begun."
    : state.status === "failed" ? "Something went wrong on our side. Try again."
    : null;
  return (
    <KeptForm submit={submit} className={styles.now}>
      <input type="hidden" name="systemId" value={systemId} />
      {isRunning ? <p className={styles.quiet}>A run is under way.</p> : <SaveButton pending={pending} pendingText="Asking…" kind="default">Discover now</SaveButton>}
      {said ? (
        <p role="alert" className={styles.problem}>
          {said}
        </p>
      ) : null}
    </KeptForm>
  );
}
