"use client";

import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import styles from "./copy-button.module.css";

type CopyButtonProps = {
  /** What goes to the clipboard. */
  value: string;
  /** What it is, as the button says it: "Copy statement". */
  label: string;
  /** Shows the label beside the icon. */
  wide?: boolean;
};

/** Copies a text, says so where the finger is, and once to those who listen. */
export function CopyButton({ value, label, wide = false }: CopyButtonProps) {
  const [state, setState] = useState<"idle" | "copied" | "refused">("idle");
  useEffect(() => {
    if (state === "idle") return;
    const timer = setTimeout(() => setState("idle"), 2_000);
    return () => clearTimeout(timer);
  }, [state]);

  function copy() {
    navigator.clipboard.writeText(value).then(
      () => setState("copied"),
      () => setState("refused"),
    );
  }

  const said = state === "copied" ? "Copied" : state === "refused" ? "The browser did not allow copying" : "";
  return (
    <>
      <button
        type="button"
        onClick={copy}
        className={styles.button}
        data-wide={wide || undefined}
        aria-label={wide ? undefined : label}
        title={wide ? undefined : label}
      >
        {state === "copied" ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
        {wide ? <span>{state === "idle" ? label : said}</span> : null}
      </button>
      <span role="status" className="visually-hidden">
        {said}
      </span>
    </>
  );
}
