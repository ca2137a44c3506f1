"use client";

import { useId } from "react";
import { TextField } from "@/components/ui/form/fields";
import { useFetched } from "@/components/ui/form/use-fetched";

type Offered = { readonly key: string; readonly title: string; readonly state: string; readonly provider: string };

type TicketFieldProps = { value: string; errors: readonly string[] | undefined; onChange: (value: string) => void };

/** A ticket's key, found by a part of it or of its title while somebody types. Any key can be typed: the server judges it. */
export function TicketField({ value, errors, onChange }: TicketFieldProps) {
  const id = useId();
  const text = value.trim();
  const found = useFetched<readonly Offered[]>(text === "" ? null : `/api/options/tickets?q=${encodeURIComponent(text)}`, { restMs: 250 });
  return (
    <>
      <TextField
        label="Ticket"
        name="ticketKey"
        hint="Its key, or a word of its title. It is looked up now and for as long as the access lives."
        placeholder="LC-12"
        maxLength={60}
        autoComplete="off"
        list={id}
        errors={errors}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      <datalist id={id}>
        {(found.value ?? []).map(({ key, title, state, provider }) => (
          <option key={`${provider} ${key}`} value={key}>
            {`${title} (${state}, ${provider})`}
          </option>
        ))}
      </datalist>
    </>
  );
}
