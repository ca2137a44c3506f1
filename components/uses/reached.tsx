"use client";

import { useState } from "react";
import { useFetched } from "@/components/ui/form/use-fetched";
import type { UsedScope } from "@/lib/uses/types";
import { UsedScopeTable } from "./used-scope";
import styles from "./uses.module.css";

/** What one session reached, asked for when somebody wants to know. */
export function Reached({ grantId, name }: { grantId: string; name: string }) {
  const [isOpen, setOpen] = useState(false);
  const [attempt, setAttempt] = useState(0);
  const { value, failed } = useFetched<UsedScope>(isOpen ? `/api/sessions/${grantId}/scope` : null, { restMs: 0, attempt });
  return (
    <details
      className={styles.reached}
      onToggle={(event) => {
        setOpen(event.currentTarget.open);
        if (event.currentTarget.open) setAttempt((before) => before + 1);
      }}
    >
      <summary>
        What it reached <span className="visually-hidden">in {name}</span>
      </summary>
      {failed ? <p className={styles.none} role="alert">It could not be read. Close and open this to try again.</p> : null}
      {value === null && !failed ? <p className={styles.none}>Reading…</p> : null}
      {value?.total === 0 ? <p className={styles.none}>No log tells of it. Its connections were seen by looks, and those do not say what was reached.</p> : null}
      {value !== null && value.total > 0 ? <UsedScopeTable scope={value} label={`What ${name} reached`} /> : null}
    </details>
  );
}
