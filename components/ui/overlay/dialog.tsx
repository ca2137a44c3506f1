"use client";

import { IconX } from "@tabler/icons-react";
import { type ReactNode, useEffect, useId, useRef } from "react";
import styles from "./overlay.module.css";

type DialogProps = {
  open: boolean;
  onClose: () => void;
  title: string;
  /** Keeps the title for those who hear the page only. */
  titleHidden?: boolean;
  /** `centre` for a question, `right` for a drawer, `top` for finding. */
  place?: "centre" | "right" | "left" | "top";
  children: ReactNode;
};

/**
 * The browser's own modal dialog: keeps the focus inside, closes with Escape or a click beside it, and gives the focus
 * back to where it was.
 */
export function Dialog({ open, onClose, title, titleHidden = false, place = "centre", children }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const dialog = ref.current;
    if (!dialog || !open) return;
    const before = document.activeElement;
    if (!dialog.open) dialog.showModal();
    return () => {
      dialog.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, [open]);

  return (
    // The click on the backdrop is a shortcut beside Escape and the close button.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions, jsx-a11y/click-events-have-key-events
    <dialog
      ref={ref}
      className={styles.dialog}
      data-place={place}
      aria-labelledby={titleId}
      onClose={(event) => {
        // The news of a closing that was taken back at once comes after the new opening.
        if (!event.currentTarget.open) onClose();
      }}
      onClick={(event) => {
        if (event.target === event.currentTarget) onClose();
      }}
    >
      {open ? (
        <div className={styles.panel}>
          <header className={titleHidden ? "visually-hidden" : styles.dialogHead}>
            <h2 id={titleId} className={styles.dialogTitle}>
              {title}
            </h2>
            {titleHidden ? null : (
              <button type="button" className={styles.close} onClick={onClose} aria-label="Close">
                <IconX size={16} aria-hidden />
              </button>
            )}
          </header>
          {children}
        </div>
      ) : null}
    </dialog>
  );
}
