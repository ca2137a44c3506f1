"use client";

import type { ReactNode } from "react";
import { useFormStatus } from "react-dom";
import { Button } from "./button";

type SubmitButtonProps = {
  children: ReactNode;
  kind?: "primary" | "default" | "danger";
  size?: "default" | "small";
  wide?: boolean;
  /** Which answer this button gives, where a form has several. */
  name?: string;
  value?: string;
  /** Said while the server works: "Ending…". */
  pendingText?: string;
  disabled?: boolean;
};

/** Submits its form once: a second press while the first is on its way does nothing. */
export function SubmitButton({ children, kind = "primary", pendingText, disabled, name, value, ...look }: SubmitButtonProps) {
  const { pending, data } = useFormStatus();
  const isMine = pending && (name === undefined || data?.get(name) === value);
  return (
    <Button
      {...look}
      {...(name === undefined ? {} : { name, value })}
      type="submit"
      kind={kind}
      disabled={disabled}
      aria-disabled={pending || undefined}
      onClick={(event) => {
        if (pending) event.preventDefault();
      }}
    >
      {isMine && pendingText ? pendingText : children}
    </Button>
  );
}
