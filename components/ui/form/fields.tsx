"use client";

import {
  NativeSelect,
  type NativeSelectProps,
  Textarea,
  type TextareaProps,
  TextInput,
  type TextInputProps,
} from "@mantine/core";
import type { ReactNode } from "react";

type FieldProps = {
  /** Errors that the server or a check found for this field; the first is shown at the field and tied to it. */
  errors?: readonly string[] | undefined;
  /** A line under the label that helps before anything is wrong. */
  hint?: ReactNode;
};

type Wrapped<Props> = Omit<Props, "error" | "description"> & FieldProps;

/** What every field shares: error at the field, hint under the label, `aria-describedby` and `aria-invalid` set. */
function shown({ errors, hint }: FieldProps) {
  return { error: errors?.[0] ?? null, description: hint, withAsterisk: false, errorProps: { role: "alert" } };
}

/** One line of text. */
export function TextField({ errors, hint, ...rest }: Wrapped<TextInputProps>) {
  return <TextInput {...rest} {...shown({ errors, hint })} />;
}

/** Several lines of text. */
export function TextAreaField({ errors, hint, ...rest }: Wrapped<TextareaProps>) {
  return <Textarea rows={3} {...rest} {...shown({ errors, hint })} />;
}

/** A short list, native: works without JavaScript. */
export function ChoiceField({ errors, hint, ...rest }: Wrapped<NativeSelectProps>) {
  return <NativeSelect {...rest} {...shown({ errors, hint })} />;
}
