"use client";

import type { Route } from "next";
import { useRouter } from "next/navigation";
import { useActionState, useEffect, useRef } from "react";
import { Banner } from "@/components/ui/feedback/banner";
import { ChoiceField, TextAreaField, TextField } from "@/components/ui/form/fields";
import { survivingLoss } from "@/components/ui/form/lost-answer";
import { SubmitButton } from "@/components/ui/form/submit-button";
import { idle } from "@/lib/platform/action-state";
import { saveProviderAction } from "@/lib/tickets/actions";
import type { ProviderRules } from "@/lib/tickets/schema";
import { providerKinds, type ProviderKind } from "@/lib/tickets/types";
import styles from "../tickets.module.css";
import { providerKindWords } from "../words";
import { Approvers } from "./approvers";

const save = survivingLoss(saveProviderAction);

type ProviderFormProps = {
  provider?: {
    readonly id: string; readonly kind: ProviderKind; readonly name: string; readonly baseUrl: string; readonly mayBeInside: boolean; readonly isEnabled: boolean;
    readonly rules: ProviderRules; readonly account: string; readonly hasWebhookSecret: boolean;
  };
};

type Detail = Readonly<Record<string, string | number>>;
const refusals: Readonly<Record<string, (detail: Detail) => string>> = {
  "name-taken": () => "There is a ticket system of this name already. Nothing was saved: choose another name.",
  "prefix-taken": () => "Another ticket system has this prefix already. Nothing was saved: choose another one.",
  "unknown-provider": () => "This ticket system is not there any more. Nothing was saved.",
  "token-needed": () => "Give the token: a sealed one never goes to another server. Nothing was saved.",
  "server-refused": ({ said }) => `The server does not take this (${said ?? "refused"}). Nothing was saved: look at the address, the account and the token.`,
  "server-down": ({ said }) => `The server did not answer (${said ?? "no answer"}). Nothing was saved: look at the address, or try again.`,
  "no-permission": () => "Only administrators connect ticket systems. Nothing was saved.",
};

/** Where a ticket system is, how Curfew signs in, and what counts there. What is filled in stays, except secrets. */
export function ProviderForm({ provider }: ProviderFormProps) {
  const router = useRouter();
  const form = useRef<HTMLFormElement>(null);
  const [state, send] = useActionState(save, idle);
  const errors = state.status === "invalid" ? state.fieldErrors : {};
  const isDone = state.status === "done";
  useEffect(() => {
    if (isDone) router.push("/tickets/providers" as Route);
  }, [isDone, router]);
  useEffect(() => {
    if (state.status === "invalid") form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [state]);
  const said =
    state.status === "refused" ? (refusals[state.code]?.(state.detail ?? {}) ?? "This was refused. Nothing was saved.")
    : state.status === "failed" ? `Something went wrong on our side. Nothing was saved: try again. Id: ${state.correlationId}`
    : state.status === "signed-out" ? "You are signed out. Sign in again to go on; nothing was saved."
    : state.status === "lost" ? "No answer came back. Look at the list of ticket systems before you send it again."
    : null;
  return (
    <form ref={form} action={send} onReset={(event) => event.preventDefault()} noValidate className={styles.form}>
      <input type="hidden" name="providerId" value={provider?.id ?? ""} />
      <Server provider={provider} errors={errors} />
      <Rules rules={provider?.rules} errors={errors} />
      {said ? (
        <Banner tone="trouble" live>
          {said}
        </Banner>
      ) : null}
      <SubmitButton pendingText="Asking the server…" disabled={isDone}>
        {provider ? "Save and check again" : "Connect ticket system"}
      </SubmitButton>
    </form>
  );
}

type Errors = Readonly<Record<string, readonly string[]>>;
const kinds = providerKinds.filter((kind) => kind !== "local");

function Server({ provider, errors }: { provider: ProviderFormProps["provider"]; errors: Errors }) {
  return (
    <fieldset className={styles.group}>
      <legend>The server</legend>
      <div className={styles.pair}>
        {provider ? (
          <input type="hidden" name="kind" value={provider.kind} />
        ) : (
          <ChoiceField label="Kind" name="kind" errors={errors["kind"]} defaultValue="" data={[{ value: "", label: "Pick one" }, ...kinds.map((kind) => ({ value: kind, label: providerKindWords[kind] }))]} />
        )}
        <TextField label="Name" name="name" defaultValue={provider?.name} placeholder="Changes" errors={errors["name"]} autoComplete="off" />
      </div>
      <TextField label="Address" name="baseUrl" defaultValue={provider?.baseUrl} placeholder="https://tickets.example.com" errors={errors["baseUrl"]} autoComplete="off" spellCheck={false} />
      <Tick name="mayBeInside" on={provider?.mayBeInside ?? false}>This server stands inside our network. Without this, addresses inside are never asked.</Tick>
      <div className={styles.pair}>
        <TextField label="Account" name="account" hint="Only where it signs in by account and token." defaultValue={provider?.account} errors={errors["account"]} autoComplete="off" spellCheck={false} />
        <TextField label="Token" name="token" type="password" hint={provider ? "Kept sealed; empty keeps it." : "Kept sealed and never shown."} errors={errors["token"]} autoComplete="new-password" />
      </div>
      <TextField
        label="Webhook secret"
        name="webhookSecret"
        type="password"
        hint={`Jira and GitHub only, optional. ${provider?.hasWebhookSecret ? "Kept sealed; empty keeps it." : "Without it, tickets are asked for every 15 s."}`}
        errors={errors["webhookSecret"]}
        autoComplete="new-password"
      />
      <Tick name="isEnabled" on={provider?.isEnabled ?? true}>Look tickets up here</Tick>
    </fieldset>
  );
}

function Rules({ rules, errors }: { rules: ProviderRules | undefined; errors: Errors }) {
  return (
    <fieldset className={styles.group}>
      <legend>What counts</legend>
      <TextField label="Prefix of its keys" name="keyPrefix" hint="Needed where tickets are plain numbers: RM-42." defaultValue={rules?.keyPrefix} placeholder="RM-" errors={errors["keyPrefix"]} autoComplete="off" />
      <div className={styles.pair}>
        <TextAreaField label="Open states" name="openStates" hint="One a line; empty leaves it to the server." rows={3} defaultValue={rules?.openStates.join("\n")} errors={errors["openStates"]} />
        <TextAreaField label="Approved states or labels" name="approvedStates" hint="One a line; empty: native approvals only." rows={3} defaultValue={rules?.approvedStates.join("\n")} errors={errors["approvedStates"]} />
      </div>
      <Approvers approvers={rules?.approvers ?? []} errors={errors["approvers"]} />
      <Tick name="needsApproval" on={rules?.needsApproval ?? true}>A ticket must be approved</Tick>
      <Tick name="needsWindow" on={rules?.needsWindow ?? false}>A ticket must have a change window</Tick>
      <div className={styles.pair}>
        <TextField label="Field of the window’s begin" name="windowFromField" defaultValue={rules?.windowFromField} errors={errors["windowFromField"]} autoComplete="off" />
        <TextField label="Field of the window’s end" name="windowUntilField" defaultValue={rules?.windowUntilField} errors={errors["windowUntilField"]} autoComplete="off" />
      </div>
      <div className={styles.pair}>
        <TextField label="Field of the assets" name="assetField" defaultValue={rules?.assetField} errors={errors["assetField"]} autoComplete="off" />
        <ChoiceField
          label="A ticket must name"
          name="mustName"
          defaultValue={rules?.mustName ?? "asset"}
          errors={errors["mustName"]}
          data={[
            { value: "asset", label: "the identity, access or system" },
            { value: "requester", label: "whoever asks" },
            { value: "asset-and-requester", label: "both" },
            { value: "nothing", label: "nothing" },
          ]}
        />
      </div>
    </fieldset>
  );
}

function Tick({ name, on, children }: { name: string; on: boolean; children: string }) {
  return (
    <label className={styles.tick}>
      <input type="checkbox" name={name} defaultChecked={on} /> <span>{children}</span>
    </label>
  );
}
