"use client";

import { type ReactNode, useState } from "react";
import { Button } from "@/components/ui/form/button";
import { TextField } from "@/components/ui/form/fields";
import { Dialog } from "./dialog";
import styles from "./overlay.module.css";

type ConfirmDialogProps = {
  open: boolean;
  onClose: () => void;
  /** Repeats the object: "End 14 sessions of billing-sync". */
  title: string;
  /** What will happen, to whom, and whether it can be taken back. */
  children: ReactNode;
  /** The verb with its object: "End 14 sessions". */
  confirmText: string;
  onConfirm: () => void;
  /** The server is working on it. */
  pending?: boolean;
  /** Only where many people are hit: the word that must be typed. */
  typeToConfirm?: string | undefined;
};

/** Asks before something dangerous. Nothing is pre-selected: the focus starts on the way back. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const { open, onClose, title, children, confirmText, onConfirm, pending = false, typeToConfirm } = props;
  const [typed, setTyped] = useState("");
  const blocked = pending || (typeToConfirm !== undefined && typed.trim() !== typeToConfirm);
  return (
    <Dialog open={open} onClose={onClose} title={title}>
      <div className={styles.body}>{children}</div>
      {typeToConfirm === undefined ? null : (
        <div className={styles.body}>
          <TextField
            label={`Type ${typeToConfirm} to go on`}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            autoComplete="off"
          />
        </div>
      )}
      <footer className={styles.foot}>
        <Button onClick={onClose}>Keep as it is</Button>
        <Button kind="danger" onClick={onConfirm} disabled={blocked}>
          {confirmText}
        </Button>
      </footer>
    </Dialog>
  );
}
