"use client";

import { type ReactNode, startTransition, useActionState, useState } from "react";
import { ConfirmDialog } from "@/components/ui/overlay/confirm-dialog";
import { type ActionState, idle } from "@/lib/platform/action-state";
import styles from "./act.module.css";
import { Button } from "./button";

type FormAction<Value, Code extends string> = (previous: ActionState<Value, Code>, form: FormData) => Promise<ActionState<Value, Code>>;
export type Refusals = Readonly<Record<string, string>>;

/** What the server said to an action, in words; null while there is nothing to say. */
export function saidOf(state: ActionState, refusals: Refusals): string | null {
  switch (state.status) {
    case "idle":
    case "done":
      return null;
    case "refused":
      if (state.code === "no-permission") return "Your role does not allow this.";
      return refusals[state.code] ?? "This was refused. Nothing changed.";
    case "invalid":
      return Object.values(state.fieldErrors).flat()[0] ?? "Something is missing.";
    case "failed":
      return `Something went wrong on our side. Nothing changed: try again. Id: ${state.correlationId}`;
    case "signed-out":
      return "You are signed out. Sign in again to go on.";
  }
}

type ActProps<Value, Code extends string> = {
  action: FormAction<Value, Code>;
  /** What the form sends. */
  fields: Readonly<Record<string, string>>;
  children: string;
  pendingText: string;
  /** For those who hear the page: the verb with its object. */
  label?: string;
  kind?: "primary" | "default" | "danger" | "quiet";
  refusals: Refusals;
  /** Asks before it is done. */
  confirm?: { readonly title: string; readonly text: ReactNode; readonly typeToConfirm?: string | undefined };
};

/** A button that does one thing at once, or after asking, and says why it could not. */
export function Act<Value, Code extends string>(props: ActProps<Value, Code>) {
  const { action, fields, children, pendingText, label, kind = "default", refusals, confirm } = props;
  const [isOpen, setOpen] = useState(false);
  const [state, submit, isPending] = useActionState(action, idle);
  const said = saidOf(state, refusals);
  const act = () => {
    if (isPending) return;
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.set(name, value);
    startTransition(() => submit(form));
    setOpen(false);
  };
  return (
    <span className={styles.act}>
      <Button size="small" kind={kind} onClick={confirm ? () => setOpen(true) : act} aria-disabled={isPending || undefined} aria-label={label}>
        {isPending ? pendingText : children}
      </Button>
      {said ? (
        <span role="alert" className={styles.problem}>
          {said}
        </span>
      ) : null}
      {confirm ? (
        <ConfirmDialog
          open={isOpen}
          onClose={() => setOpen(false)}
          title={confirm.title}
          confirmText={label ?? children}
          pending={isPending}
          onConfirm={act}
          typeToConfirm={confirm.typeToConfirm}
        >
          {confirm.text}
        </ConfirmDialog>
      ) : null}
    </span>
  );
}
