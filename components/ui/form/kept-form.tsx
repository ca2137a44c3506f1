"use client";

import { type ReactNode, startTransition } from "react";
import { Button } from "./button";

type KeptFormProps = { submit: (form: FormData) => void; className?: string | undefined; children: ReactNode; label?: string };

/** A form whose fields keep what was typed whatever the server answers: React empties forms that it submits itself. */
export function KeptForm({ submit, className, children, label }: KeptFormProps) {
  return (
    <form
      className={className}
      aria-label={label}
      // Pressed before the page's script runs, it sends nothing into the page's address: what is typed may be a secret.
      method="post"
      onSubmit={(event) => {
        event.preventDefault();
        const form = new FormData(event.currentTarget, event.nativeEvent instanceof SubmitEvent ? event.nativeEvent.submitter : null);
        startTransition(() => submit(form));
      }}
    >
      {children}
    </form>
  );
}

type SaveButtonProps = { pending: boolean; pendingText: string; children: ReactNode; kind?: "primary" | "default" | "danger" };

/** Submits a kept form once: a second press while the first is on its way does nothing. */
export function SaveButton({ pending, pendingText, children, kind = "primary" }: SaveButtonProps) {
  return (
    <Button type="submit" kind={kind} aria-disabled={pending || undefined} onClick={(event) => pending && event.preventDefault()}>
      {pending ? pendingText : children}
    </Button>
  );
}
