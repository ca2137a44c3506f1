"use client";

import { IconAlertTriangle } from "@tabler/icons-react";
import { Button } from "@/components/ui/form/button";
import { CopyButton } from "@/components/ui/names/copy-button";
import styles from "./feedback.module.css";

type ErrorStateProps = {
  /** What happened: "This page could not be read". */
  title?: string;
  /** What was kept and what to do. */
  text?: string;
  /** Names the entry in the server's log. */
  correlationId?: string | undefined;
  retry?: (() => void) | undefined;
};

/** What happened, what was kept, what to do; with the id that finds it in the log. */
export function ErrorState({
  title = "This page could not be read",
  text = "Nothing was changed. Try again; if it stays, give the id below to whoever runs Curfew.",
  correlationId,
  retry,
}: ErrorStateProps) {
  return (
    <div className={styles.state} role="alert">
      <IconAlertTriangle size={20} stroke={1.75} aria-hidden className={styles.stateTrouble} />
      <h1 className={styles.stateTitle}>{title}</h1>
      <p className={styles.stateText}>{text}</p>
      {correlationId ? (
        <p className={styles.correlation}>
          <span>id</span> <code>{correlationId}</code>
          <CopyButton value={correlationId} label="Copy the id" />
        </p>
      ) : null}
      {retry ? (
        <div className={styles.stateNext}>
          <Button onClick={retry}>Try again</Button>
        </div>
      ) : null}
    </div>
  );
}
