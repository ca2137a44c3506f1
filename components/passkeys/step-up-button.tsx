"use client";

import { useState } from "react";
import { Button } from "@/components/ui/form/button";
import styles from "./passkeys.module.css";
import { type StepUpQuestion, useStepUp } from "./use-step-up";

type StepUpButtonProps = {
  /** Asks the server what is to be confirmed. */
  begin: () => Promise<StepUpQuestion>;
  /** Takes the passkey's answer to the server; answers in words why it did not count, or null. */
  onConfirmed: (response: string) => Promise<string | null>;
  children: string;
  /** For those who hear the page: the verb with its object. */
  label?: string;
  kind?: "primary" | "default" | "danger" | "quiet";
  size?: "default" | "small";
};

/** A button that does its thing only when one of the person's passkeys confirms it, and says why it could not. */
export function StepUpButton({ begin, onConfirmed, children, label, kind = "default", size = "default" }: StepUpButtonProps) {
  const { isAsking, problem, say, confirm } = useStepUp();
  const [isSending, setSending] = useState(false);
  const isBusy = isAsking || isSending;

  async function act() {
    if (isBusy) return;
    const response = await confirm(begin);
    if (response === null) return;
    setSending(true);
    try {
      say(await onConfirmed(response));
    } finally {
      setSending(false);
    }
  }

  return (
    <span className={styles.stepUp}>
      <Button kind={kind} size={size} onClick={() => void act()} aria-disabled={isBusy || undefined} aria-label={label}>
        {isAsking ? "Waiting for your passkey…" : isSending ? "Checking…" : children}
      </Button>
      {problem ? (
        <span role="alert" className={styles.problem}>
          {problem}
        </span>
      ) : null}
    </span>
  );
}
