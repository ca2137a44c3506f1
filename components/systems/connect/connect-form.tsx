"use client";

import type { Route } from "next";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useActionState, useEffect, useRef } from "react";
import { survivingLoss } from "@/components/ui/form/lost-answer";
import { Banner } from "@/components/ui/feedback/banner";
import { ChoiceField, TextAreaField, TextField } from "@/components/ui/form/fields";
import { SubmitButton } from "@/components/ui/form/submit-button";
import { idle } from "@/lib/platform/action-state";
import { connectSystemAction, reconnectSystemAction } from "@/lib/systems/actions";
import type { SystemAddress } from "@/lib/systems/types";
import styles from "@/components/ui/form/form.module.css";

const connect = survivingLoss(connectSystemAction);
const reconnect = survivingLoss(reconnectSystemAction);

type ConnectFormProps = {
  /** A system that is connected already: says anew where it is. */
  system?: { readonly id: string; readonly name: string; readonly address: SystemAddress };
};

const refusals: Readonly<Record<string, string>> = {
  "name-taken": "There is a system of this name already. Nothing was saved: choose another name.",
  "not-found": "This system is not there any more. Nothing was saved.",
  "already-proposed": "The same is proposed already and waits for another administrator.",
  "no-longer-administrator": "You are no longer an administrator. Nothing was saved.",
  "no-permission": "Only administrators connect systems. Nothing was saved.",
};

/** Where a PostgreSQL server is and the two accounts that Curfew has there. What is filled in stays, except passwords. */
export function ConnectForm({ system }: ConnectFormProps) {
  const router = useRouter();
  const form = useRef<HTMLFormElement>(null);
  const [state, send] = useActionState(system ? reconnect : connect, idle);
  const errors = state.status === "invalid" ? state.fieldErrors : {};
  const done = state.status === "done" ? state.value : null;
  const opens = done?.state === "applied" ? done.systemId : null;
  useEffect(() => {
    if (opens) router.push(`/systems/${opens}` as Route);
  }, [opens, router]);
  useEffect(() => {
    if (state.status === "invalid") form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [state]);
  const said =
    state.status === "refused" ? (refusals[state.code] ?? "This was refused. Nothing was saved.")
    : state.status === "failed" ? `Something went wrong on our side. Nothing was saved: try again. Id: ${state.correlationId}`
    : state.status === "signed-out" ? "You are signed out. Sign in again to go on; nothing was saved."
    : state.status === "lost" ? "No answer came back. Look at the list of systems before you send it again."
    : null;
  const address = system?.address;
  return (
    <form ref={form} action={send} onReset={(event) => event.preventDefault()} noValidate className={styles.form}>
      {system ? <input type="hidden" name="systemId" value={system.id} /> : <Names errors={errors} />}
      <fieldset className={styles.group}>
        <legend>Where it is</legend>
        <div className={styles.pair}>
          <TextField label="Host" name="host" defaultValue={address?.host ?? ""} placeholder="db.example.com" errors={errors["host"]} autoComplete="off" spellCheck={false} />
          <TextField label="Port" name="port" defaultValue={address?.port ?? 5432} inputMode="numeric" errors={errors["port"]} autoComplete="off" />
        </div>
        <div className={styles.pair}>
          <TextField label="Database" name="database" defaultValue={address?.database ?? "postgres"} errors={errors["database"]} autoComplete="off" spellCheck={false} />
          <ChoiceField
            label="Encryption"
            name="sslmode"
            defaultValue={address?.sslmode ?? "verify-full"}
            errors={errors["sslmode"]}
            data={[
              { value: "verify-full", label: "Check certificate and host name" },
              { value: "require", label: "Encrypt, do not check who answers" },
              { value: "disable", label: "None: only on this very machine" },
            ]}
          />
        </div>
        <TextAreaField label="Certificate authority" name="ca" hint="PEM, only where it is not a public one." rows={2} errors={errors["ca"]} spellCheck={false} />
      </fieldset>
      <Accounts errors={errors} again={system !== undefined} />
      {said ? (
        <Banner tone="trouble" live>
          {said}
        </Banner>
      ) : null}
      {done?.state === "waiting" ? (
        <Banner live>
          It waits for a second administrator, who finds it under <Link href="/people" prefetch={false}>People</Link>. Nothing changes before.
        </Banner>
      ) : null}
      <SubmitButton pendingText="Connecting…" disabled={done !== null}>
        {done ? "Saved" : system ? "Save and check again" : "Connect system"}
      </SubmitButton>
    </form>
  );
}

type Errors = Readonly<Record<string, readonly string[]>>;

function Names({ errors }: { errors: Errors }) {
  return (
    <fieldset className={styles.group}>
      <legend>What it is called</legend>
      <div className={styles.pair}>
        <TextField label="Name" name="name" placeholder="orders-db" errors={errors["name"]} autoComplete="off" />
        <TextField label="Environment" name="environment" placeholder="production" errors={errors["environment"]} autoComplete="off" />
      </div>
    </fieldset>
  );
}

function Accounts({ errors, again }: { errors: Errors; again: boolean }) {
  return (
    <fieldset className={styles.group}>
      <legend>The account that issues and ends</legend>
      <p className={styles.note}>
        It needs CREATEROLE and a few grants; once connected, the system’s page lists what is missing, each with its
        statement. Passwords are kept sealed and never shown{again ? ": give them again" : ""}.
      </p>
      <div className={styles.pair}>
        <TextField label="Account" name="user" placeholder="curfew" errors={errors["user"]} autoComplete="off" spellCheck={false} />
        <TextField label="Password" name="password" type="password" errors={errors["password"]} autoComplete="new-password" />
      </div>
      <p className={styles.note}>A second account that only looks. Without it, an end is proven by the account that made it: a weaker proof.</p>
      <div className={styles.pair}>
        <TextField label="Account that proves" name="probeUser" placeholder="curfew_probe" errors={errors["probeUser"]} autoComplete="off" spellCheck={false} />
        <TextField label="Its password" name="probePassword" type="password" errors={errors["probePassword"]} autoComplete="new-password" />
      </div>
    </fieldset>
  );
}
