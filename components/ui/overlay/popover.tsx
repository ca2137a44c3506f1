"use client";

import { type ReactNode, useId, useRef, useState } from "react";
import { Button } from "@/components/ui/form/button";
import styles from "./overlay.module.css";

/** Makes a button close the panel that it is in. */
export type ClosingProps = { readonly popoverTarget: string; readonly popoverTargetAction: "hide" };

type PopoverProps = {
  /** On the button. */
  label: ReactNode;
  /** The button's name where the label is a sign only. */
  name?: string;
  /** Called with what a button inside needs to close the panel: `<button {...closing}>`. */
  children: ReactNode | ((closing: ClosingProps) => ReactNode);
  align?: "start" | "end";
  /** Class of the button, in place of the small one of the house. */
  buttonClassName?: string | undefined;
};

/** A button with a small panel, on the browser's own popover: Escape and a click beside it close it. */
export function Popover({ label, name, children, align = "start", buttonClassName }: PopoverProps) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);

  function place() {
    const from = button.current?.getBoundingClientRect();
    const to = panel.current;
    if (!from || !to) return;
    const width = to.offsetWidth;
    const wished = align === "start" ? from.left : from.right - width;
    to.style.left = `${Math.max(8, Math.min(wished, window.innerWidth - width - 8))}px`;
    const below = window.innerHeight - from.bottom - 12;
    const up = below < Math.min(to.offsetHeight, 200) && from.top > below;
    to.style.top = up ? "auto" : `${from.bottom + 4}px`;
    to.style.bottom = up ? `${window.innerHeight - from.top + 4}px` : "auto";
    to.style.maxHeight = `${up ? from.top - 12 : below}px`;
  }

  const shared = { ref: button, "aria-expanded": open, "aria-label": name, title: name, popoverTarget: id };
  return (
    <>
      {buttonClassName === undefined ? (
        <Button {...shared} size="small">
          {label}
        </Button>
      ) : (
        <button {...shared} type="button" className={buttonClassName}>
          {label}
        </button>
      )}
      <div
        ref={panel}
        id={id}
        popover="auto"
        className={styles.popover}
        onToggle={(event) => {
          const isOpen = event.newState === "open";
          setOpen(isOpen);
          if (isOpen) place();
        }}
      >
        {open ? (typeof children === "function" ? children({ popoverTarget: id, popoverTargetAction: "hide" }) : children) : null}
      </div>
    </>
  );
}
