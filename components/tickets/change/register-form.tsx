"use client";

import { IconX } from "@tabler/icons-react";
import type { Route } from "next";
import { useRouter } from "next/navigation";
import { useActionState, useEffect, useRef, useState } from "react";
import { Banner } from "@/components/ui/feedback/banner";
import { Button } from "@/components/ui/form/button";
import { TextAreaField, TextField } from "@/components/ui/form/fields";
import { survivingLoss } from "@/components/ui/form/lost-answer";
import { OptionPicker } from "@/components/ui/form/option-picker";
import { SubmitButton } from "@/components/ui/form/submit-button";
import { idle } from "@/lib/platform/action-state";
import { registerChangeAction } from "@/lib/tickets/actions";
import type { Named } from "@/lib/tickets/types";
import styles from "../tickets.module.css";
import { changeRefusals } from "../words";

const register = survivingLoss(registerChangeAction);

/** A new change. What is filled in stays when the server does not take it. */
export function RegisterForm() {
  const router = useRouter();
  const form = useRef<HTMLFormElement>(null);
  const [state, send] = useActionState(register, idle);
  const errors = state.status === "invalid" ? state.fieldErrors : {};
  const done = state.status === "done" ? state.value.changeId : null;
  useEffect(() => {
    if (done) router.push(`/tickets/${done}` as Route);
  }, [done, router]);
  useEffect(() => {
    if (state.status === "invalid") form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [state]);
  const said =
    state.status === "refused" ? (changeRefusals[state.code as keyof typeof changeRefusals] ?? "This was refused. Nothing was saved.")
    : state.status === "failed" ? `Something went wrong on our side. Nothing was saved: try again. Id: ${state.correlationId}`
    : state.status === "signed-out" ? "You are signed out. Sign in again to go on; nothing was saved."
    : state.status === "lost" ? "No answer came back. Look at the list of changes before you send it again."
    : null;
  return (
    <form ref={form} action={send} onReset={(event) => event.preventDefault()} noValidate className={styles.form}>
      <TextField label="Title" name="title" maxLength={200} errors={errors["title"]} autoComplete="off" />
      <TextAreaField label="What will be done, and why" name="description" rows={4} maxLength={4_000} errors={errors["description"]} />
      <Naming label="Systems" name="systemIds" address="/api/options/change-systems" placeholder="Which systems are touched?" errors={errors["systemIds"]} />
      <Naming label="Identities" name="identityIds" address="/api/options/change-identities" placeholder="Which identities do it?" errors={errors["identityIds"]} />
      <fieldset className={styles.group}>
        <legend>Window (UTC), optional</legend>
        <p className={styles.note}>Outside it, nothing that names this change is activated, and what lives ends.</p>
        <div className={styles.pair}>
          <TextField label="Begins" name="windowFrom" type="datetime-local" errors={errors["windowFrom"]} />
          <TextField label="Ends" name="windowUntil" type="datetime-local" errors={errors["windowUntil"]} />
        </div>
      </fieldset>
      {said ? (
        <Banner tone="trouble" live>
          {said}
        </Banner>
      ) : null}
      <SubmitButton pendingText="Registering…" disabled={done !== null}>
        Register change
      </SubmitButton>
    </form>
  );
}

type NamingProps = { label: string; name: string; address: string; placeholder: string; errors: readonly string[] | undefined };

/** Several of many, each found by its name. */
function Naming({ label, name, address, placeholder, errors }: NamingProps) {
  const [named, setNamed] = useState<readonly Named[]>([]);
  return (
    <div className={styles.form}>
      <OptionPicker
        label={label}
        name={`${name}-search`}
        address={address}
        placeholder={placeholder}
        errors={errors}
        picked={null}
        first={[]}
        onPick={(option: Named) => setNamed((before) => (before.some(({ id }) => id === option.id) ? before : [...before, option]))}
      >
        {(option) => option.name}
      </OptionPicker>
      {named.length > 0 ? (
        <ul className={styles.chips} aria-label={`${label} named`}>
          {named.map((option) => (
            <li key={option.id} className={styles.chip}>
              <input type="hidden" name={name} value={option.id} />
              <Button size="small" aria-label={`Take ${option.name} out`} onClick={() => setNamed((before) => before.filter(({ id }) => id !== option.id))}>
                {option.name} <IconX size={14} aria-hidden />
              </Button>
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}
