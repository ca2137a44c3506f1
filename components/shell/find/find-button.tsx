"use client";

import { IconSearch } from "@tabler/icons-react";
import dynamic from "next/dynamic";
import { useEffect, useState } from "react";
import type { Role } from "@/lib/auth/permissions";
import { onShellEvents } from "@/components/shell/shell-events";
import styles from "./find-button.module.css";

const FindDialog = dynamic(() => import("./find-dialog").then((module) => module.FindDialog), { ssr: false });

/** "Find anything", and Ctrl/Cmd-K for it. The dialog's code comes with its first use. */
export function FindButton({ roles }: { roles: readonly Role[] }) {
  const [isOpen, setOpen] = useState(false);
  const [wasOpen, setWasOpen] = useState(false);

  useEffect(() => {
    function open() {
      setWasOpen(true);
      setOpen(true);
    }
    function onKeyDown(event: KeyboardEvent) {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
      event.preventDefault();
      open();
    }
    document.addEventListener("keydown", onKeyDown);
    const stop = onShellEvents({ find: open });
    return () => {
      document.removeEventListener("keydown", onKeyDown);
      stop();
    };
  }, []);

  return (
    <>
      <button
        type="button"
        className={styles.find}
        aria-keyshortcuts="Control+K Meta+K"
        onClick={() => {
          setWasOpen(true);
          setOpen(true);
        }}
      >
        <IconSearch size={14} aria-hidden />
        <span className={styles.text}>Find anything</span>
        <kbd>Ctrl K</kbd>
      </button>
      {wasOpen ? <FindDialog isOpen={isOpen} onClose={() => setOpen(false)} roles={roles} /> : null}
    </>
  );
}
