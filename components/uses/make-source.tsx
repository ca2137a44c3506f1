"use client";

import type { Route } from "next";
import { useRouter } from "next/navigation";
import { useActionState, useEffect, useState } from "react";
import { Banner } from "@/components/ui/feedback/banner";
import { ChoiceField, TextField } from "@/components/ui/form/fields";
import formStyles from "@/components/ui/form/form.module.css";
import { SubmitButton } from "@/components/ui/form/submit-button";
import { idle } from "@/lib/platform/action-state";
import { makeSourceAction } from "@/lib/uses/actions";
import { usualLagSeconds } from "@/lib/uses/rules";
import { type SourceFormat, sourceFormats } from "@/lib/uses/types";
import { formatWords, lagText } from "./words";

type MakeSourceProps = { systems: readonly { readonly id: string; readonly name: string }[]; isWatched: boolean };

const refusals: Readonly<Record<string, string>> = {
  "unknown-system": "This system is not there any more. Nothing was saved.",
  "name-taken": "This system has a source of that name already. Choose another name. Nothing was saved.",
  "name-is-secret": "The name looks like a secret. Nothing was saved: choose another one.",
  "folder-taken": "Another source reads that folder already. Nothing was saved.",
};

/** A new source: which system's log it is, how its lines are written, how long they may take to come. */
export function MakeSourceForm({ systems, isWatched }: MakeSourceProps) {
  const router = useRouter();
  const [state, make] = useActionState(makeSourceAction, idle);
  const [format, setFormat] = useState<SourceFormat | "">("");
  const [systemId, setSystemId] = useState("");
  const made = state.status === "done" ? state.value.sourceId : null;
  useEffect(() => {
    if (made !== null) router.push(`/evidence/sources/${made}` as Route);
  }, [made, router]);
  const errors = state.status === "invalid" ? state.fieldErrors : {};
  const values = state.status === "invalid" || state.status === "refused" ? state.values : {};
  const valueOf = (name: string) => (typeof values[name] === "string" ? values[name] : "");
  return (
    <form action={make} className={formStyles.form} noValidate>
      <ChoiceField
        label="System"
        name="systemId"
        value={systemId}
        onChange={(event) => setSystemId(event.currentTarget.value)}
        errors={errors["systemId"]}
        data={[{ value: "", label: "choose" }, ...systems.map(({ id, name }) => ({ value: id, label: name }))]}
      />
      <TextField label="Name" name="name" placeholder="production trail" defaultValue={valueOf("name")} errors={errors["name"]} autoComplete="off" />
      <ChoiceField
        label="Format"
        name="format"
        value={format}
        onChange={(event) => setFormat(sourceFormats.find((known) => known === event.currentTarget.value) ?? "")}
        errors={errors["format"]}
        hint={format === "" ? undefined : formatWords[format].from}
        data={[{ value: "", label: "choose" }, ...sourceFormats.map((value) => ({ value, label: formatWords[value].name }))]}
      />
      <TextField
        label="Lag in seconds"
        name="lagSeconds"
        inputMode="numeric"
        defaultValue={valueOf("lagSeconds")}
        hint={`How long a line may take to come after what it tells of. A chain waits that long.${format === "" ? "" : ` Empty: ${lagText(usualLagSeconds[format])}.`}`}
        errors={errors["lagSeconds"]}
      />
      {isWatched ? (
        <TextField label="Folder" name="folder" defaultValue={valueOf("folder")} hint="Below the watched folder (CURFEW_USES_DIR): its files are read as they grow. Empty: lines are sent." errors={errors["folder"]} autoComplete="off" />
      ) : null}
      {state.status === "refused" ? <Banner tone="trouble" live>{refusals[state.code] ?? "This was refused. Nothing was saved."}</Banner> : null}
      {state.status === "failed" ? <Banner tone="trouble" live>Something went wrong on our side. Nothing was saved: try again. Id: {state.correlationId}</Banner> : null}
      <SubmitButton kind="primary" pendingText="Adding…">Add source</SubmitButton>
    </form>
  );
}
