"use client";

import { TextField } from "@/components/ui/form/fields";
import { formatUtc } from "@/lib/platform/format";
import { type AskValues, startOf } from "./ask-values";

type StartFieldProps = { values: AskValues; onChange: (part: Partial<AskValues>) => void; errors: readonly string[] | undefined };

/** When the access may start at the earliest, in the browser's own time; the exact time stands beside it. */
export function StartField({ values, onChange, errors }: StartFieldProps) {
  const start = startOf(values);
  return (
    <>
      <TextField
        label="Not before"
        type="datetime-local"
        hint={start ? `That is ${formatUtc(start)}. It can be activated from then on.` : "Optional, in your local time. Without it the access can be activated once it is approved."}
        errors={errors}
        value={values.notBefore}
        onChange={(event) => onChange({ notBefore: event.currentTarget.value })}
      />
      <input type="hidden" name="notBefore" value={start} />
    </>
  );
}
