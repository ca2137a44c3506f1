"use client";

import { useState } from "react";
import { Button } from "@/components/ui/form/button";
import { Dialog } from "@/components/ui/overlay/dialog";
import { formatPlural } from "@/lib/platform/format";
import type { ApprovalRow } from "@/lib/requests/views/types";
import styles from "./news.module.css";
import { TogetherForm } from "./together-form";

/** What is selected, and the way to decide it together. */
export function SelectionBar({ selected, onDone }: { selected: readonly ApprovalRow[]; onDone: () => void }) {
  const [asked, setAsked] = useState<readonly ApprovalRow[] | null>(null);
  const close = () => {
    setAsked(null);
    onDone();
  };
  if (selected.length === 0 && !asked) return null;
  return (
    <div className={styles.bar}>
      <span role="status">{formatPlural(selected.length, "request")} selected</span>
      <Button size="small" onClick={() => setAsked(selected)}>Decide together…</Button>
      <Button size="small" kind="quiet" onClick={onDone}>Clear</Button>
      <Dialog open={asked !== null} onClose={close} title="Decide together">
        {asked ? <TogetherForm selected={asked} onClose={close} /> : null}
      </Dialog>
    </div>
  );
}
